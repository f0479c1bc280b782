//! `[tls]`.
#![cfg(feature = "tls")]

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::clients::{Http2, runtime};
use crate::support::{Folder, Server};

const IMAGE: &str = "https://localhost/unsafe/8x8/coffee.jpg";

/// Writes a certificate for `localhost` that it signed itself, and its key.
fn certificate(folder: &Folder) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([String::from("localhost")]).unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("cert.pem", cert.pem());
    write("key.pem", signing_key.serialize_pem());
    cert.der().clone()
}

fn config(folder: &Folder) -> String {
    folder.config(
        "environment = 'development'
[tls]
cert = 'cert.pem'
key = 'key.pem'
[origin]
files = 'IMAGES'",
    )
}

/// A connection to who has this certificate, and nobody else.
async fn connect(
    server: &Server,
    trusted: &CertificateDer<'static>,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    let stream = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[test]
fn images_come_over_tls_in_either_version_of_http() {
    let folder = Folder::new("tls");
    let trusted = certificate(&folder);
    let server = Server::start(&config(&folder));
    runtime().block_on(async {
        let request = || Request::get(IMAGE).body(Empty::<Bytes>::new()).unwrap();
        let stream = connect(&server, &trusted, b"h2").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut requests = Http2::handshake(stream).await;
        let answer = requests.send_request(request()).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.version()),
            (200, Version::HTTP_2)
        );
        assert!(answer.into_body().collect().await.unwrap().to_bytes().len() > 100);

        let stream = connect(&server, &trusted, b"http/1.1").await.unwrap();
        let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = request();
        *request.uri_mut() = "/unsafe/8x8/coffee.jpg".parse().unwrap();
        request
            .headers_mut()
            .insert("host", "localhost".parse().unwrap());
        let answer = requests.send_request(request).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.version()),
            (200, Version::HTTP_11)
        );

        // And who does not speak TLS gets nothing.
        let mut plain = TcpStream::connect(server.address()).await.unwrap();
        plain
            .write_all(b"GET /unsafe/8x8/coffee.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut bytes = Vec::new();
        let _ = plain.read_to_end(&mut bytes).await;
        assert!(!bytes.starts_with(b"HTTP/"), "{bytes:?}");
    });
}

#[test]
fn a_new_certificate_is_in_force_without_a_restart() {
    let folder = Folder::new("tls-renewed");
    let old = certificate(&folder);
    let server = Server::start(&config(&folder));
    runtime().block_on(async {
        assert!(connect(&server, &old, b"h2").await.is_ok());
        // A key that does not belong to the certificate changes nothing.
        let kept = std::fs::read(folder.path().join("cert.pem")).unwrap();
        let new = certificate(&folder);
        let written = std::fs::read(folder.path().join("cert.pem")).unwrap();
        std::fs::write(folder.path().join("cert.pem"), kept).unwrap();
        server.logged("is not in force");
        assert!(connect(&server, &old, b"h2").await.is_ok());
        std::fs::write(folder.path().join("cert.pem"), written).unwrap();
        server.logged("reloaded");
        assert!(connect(&server, &new, b"h2").await.is_ok());
        assert!(connect(&server, &old, b"h2").await.is_err());
    });
}

#[test]
fn who_does_not_finish_the_handshake_is_closed() {
    use std::io::{Read as _, Write as _};

    let folder = Folder::new("tls-slow");
    certificate(&folder);
    let config = config(&folder);
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("client_timeout = '1s'\n{text}")).unwrap();
    let server = Server::start(&config);
    let mut stream = server.connect();
    // The beginning of a record.
    stream.write_all(&[0x16, 3, 1, 2, 0]).unwrap();
    assert!(matches!(stream.read(&mut [0; 64]), Ok(0) | Err(_)));
}

#[test]
fn files_without_a_certificate_are_an_error() {
    let folder = Folder::new("tls-mistakes");
    certificate(&folder);
    let config = config(&folder);
    for (name, text, expected) in [
        ("cert.pem", "nonsense", "tls.cert: "),
        ("key.pem", "nonsense", "tls.key: "),
    ] {
        let path = folder.path().join(name);
        let right = std::fs::read(&path).unwrap();
        std::fs::write(&path, text).unwrap();
        let (status, out, error) = crate::support::run(&["serve", "--config", &config]);
        assert_eq!((status, &*out), (Some(2), ""));
        assert!(error.starts_with(expected), "{error}");
        std::fs::write(&path, right).unwrap();
    }
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    let (status, _, error) = crate::support::run(&["serve", "--config", &config]);
    assert_eq!(status, Some(2));
    assert!(error.contains(":4: tls.key: "), "{error}");
}
