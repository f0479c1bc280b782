//! Servers with certificates, over HTTP/1.1 and HTTP/2.

use std::collections::VecDeque;
use std::convert::Infallible;

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::*;

/// All names are this host's.
struct ThisHost;

impl Resolve for ThisHost {
    fn resolve<'a>(
        &'a self,
        _host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(ready(Ok(vec![IpAddr::from([127, 0, 0, 1])])))
    }
}

/// An authority that signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            issuer: Issuer::new(params, key),
            der,
        }
    }

    /// A certificate for `good.example` that is valid in these years.
    fn sign(&self, from: i32, until: i32) -> Identity {
        let mut params = CertificateParams::new(["good.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.der().to_vec(),
            key: key.serialize_der(),
        }
    }
}

/// What a server proves who it is with.
struct Identity {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Identity {
    fn self_signed() -> Self {
        let names = vec!["good.example".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        Self {
            certificate: made.cert.der().to_vec(),
            key: made.signing_key.serialize_der(),
        }
    }

    /// What servers of it shake hands by, for these versions of HTTP.
    fn acceptor(self, versions: &[&[u8]]) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![self.certificate.into()],
                PrivateKeyDer::Pkcs8(self.key.into()),
            )
            .unwrap();
        config.alpn_protocols = versions.iter().map(|version| version.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

type Answer = Response<Pieces>;

/// A server with this identity, for these versions of HTTP.
async fn serve(
    identity: Identity,
    versions: &[&[u8]],
    answer: impl Fn(&Request<Incoming>) -> Answer + Clone + Send + Sync + 'static,
) -> u16 {
    let acceptor = identity.acceptor(versions);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = hyper::service::service_fn(move |request| {
                    ready(Ok::<_, Infallible>(answer(&request)))
                });
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    port
}

/// A body, one piece after the other.
struct Pieces(VecDeque<io::Result<&'static str>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.pop_front();
        Poll::Ready(piece.map(|piece| piece.map(|piece| Frame::data(piece.into()))))
    }
}

fn body(pieces: Vec<io::Result<&'static str>>) -> Pieces {
    Pieces(pieces.into())
}

fn image(request: &Request<Incoming>) -> Answer {
    let version = match request.version() {
        Version::HTTP_2 => "of 2",
        _ => "of 1.1",
    };
    Response::new(body(vec![Ok("image "), Ok(version)]))
}

fn origin() -> HttpOrigin {
    HttpOrigin::new(local()).resolver(ThisHost)
}

#[tokio::test]
async fn a_certificate_is_for_its_name_and_its_time() {
    let authority = Authority::new();
    let trusting = || origin().root_certificate(&authority.der).unwrap();
    let good = || authority.sign(2020, 2090);
    let failed = Err("origin_failed");
    let h1: &[&[u8]] = &[b"http/1.1"];
    let both: &[&[u8]] = &[b"h2", b"http/1.1"];
    let cases = [
        (good(), h1, trusting(), "good.example", Ok("image of 1.1")),
        (good(), both, trusting(), "good.example", Ok("image of 2")),
        (good(), &[], trusting(), "good.example", Ok("image of 1.1")),
        (good(), both, trusting(), "other.example", failed),
        (good(), both, trusting(), "127.0.0.1", failed),
        (good(), both, origin(), "good.example", failed),
        (
            Authority::new().sign(2020, 2090),
            both,
            trusting(),
            "good.example",
            failed,
        ),
        (
            authority.sign(2020, 2021),
            both,
            trusting(),
            "good.example",
            failed,
        ),
        (
            authority.sign(2089, 2090),
            both,
            trusting(),
            "good.example",
            failed,
        ),
        (
            Identity::self_signed(),
            both,
            trusting(),
            "good.example",
            failed,
        ),
    ];
    for (case, (identity, versions, origin, host, expected)) in cases.into_iter().enumerate() {
        let port = serve(identity, versions, image).await;
        let answered = get(&origin, &format!("https://{host}:{port}/a.png")).await;
        let expected = expected.map(|body| (200, body.as_bytes().to_vec()));
        assert_eq!(answered, expected, "{case}: {host}");
    }
}

#[test]
fn a_root_certificate_is_one() {
    let why = origin().root_certificate(b"-----BEGIN").unwrap_err();
    assert!(why.to_string().starts_with("not a certificate in DER: "));
}

#[tokio::test]
async fn over_http_2_a_body_is_whole_or_none() {
    let authority = Authority::new();
    let port = serve(authority.sign(2020, 2090), &[b"h2"], |request| {
        let broken = || Err(io::Error::other("broken"));
        let mut response = match request.uri().path() {
            "/whole" => Response::new(body(vec![Ok("abc"), Ok("def")])),
            "/broken" => Response::new(body(vec![Ok("abc"), broken()])),
            "/at-once" => Response::new(body(vec![broken()])),
            "/short" | "/long" => Response::new(body(vec![Ok("abc")])),
            other => panic!("{other}"),
        };
        let length = match request.uri().path() {
            "/short" => 9,
            "/long" => 2,
            _ => return response,
        };
        // hyper lets a server lie here.
        let length = HeaderValue::from(length);
        response.headers_mut().insert("content-length", length);
        response
    })
    .await;
    let origin = origin().root_certificate(&authority.der).unwrap();
    for (path, expected) in [
        ("whole", Ok((200, b"abcdef".to_vec()))),
        ("broken", Err("origin_failed")),
        ("at-once", Err("origin_failed")),
        ("short", Err("origin_failed")),
        ("long", Err("origin_failed")),
        ("whole", Ok((200, b"abcdef".to_vec()))),
    ] {
        let answered = get(&origin, &format!("https://good.example:{port}/{path}")).await;
        assert_eq!(answered, expected, "{path}");
    }
}

#[tokio::test]
async fn where_only_https_is_allowed_a_redirect_does_not_leave_it() {
    let plain = Server::start(|_| ok("", b"plain")).await;
    let location = plain.url("/");
    let authority = Authority::new();
    let port = serve(authority.sign(2020, 2090), &[b"http/1.1"], move |_| {
        let mut response = Response::new(body(Vec::new()));
        *response.status_mut() = StatusCode::FOUND;
        let location = HeaderValue::try_from(&location).unwrap();
        response.headers_mut().insert("location", location);
        response
    })
    .await;
    for https_only in [true, false] {
        let origin = HttpOrigin::new(local().https_only(https_only))
            .resolver(ThisHost)
            .root_certificate(&authority.der)
            .unwrap();
        let answered = get(&origin, &format!("https://good.example:{port}/")).await;
        let expected = if https_only {
            Err("source_denied")
        } else {
            Ok((200, b"plain".to_vec()))
        };
        assert_eq!(answered, expected, "{https_only}");
    }
}

/// Longer than anything here takes that does not wait for ever.
const FOR_EVER: Duration = Duration::from_secs(20);

/// Hands its connections on to the server at a port. Nothing comes back over the first one any more when `frozen` says so,
/// and what its client sends is swallowed until that closes it, which is told.
async fn relay(to: u16, frozen: watch::Receiver<bool>, closed: mpsc::Sender<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut first = Some((frozen, closed));
        while let Ok((mut client, _)) = listener.accept().await {
            let first = first.take();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let relayed = tokio::io::copy_bidirectional(&mut client, &mut server);
                let Some((mut frozen, closed)) = first else {
                    let _ = relayed.await;
                    return;
                };
                tokio::select! {
                    _ = relayed => return,
                    _ = frozen.wait_for(|frozen| *frozen) => {}
                }
                let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
                let _ = closed.send(()).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_dead_connection_of_http_2_is_left() {
    let authority = Authority::new();
    let server = serve(authority.sign(2020, 2090), &[b"h2"], image).await;
    let (freeze, frozen) = watch::channel(false);
    let (tell, mut closed) = mpsc::channel(1);
    let port = relay(server, frozen, tell).await;
    let origin = origin()
        .root_certificate(&authority.der)
        .unwrap()
        .first_byte_timeout(Duration::from_millis(100))
        .with_client(|settings| settings.ping = Duration::from_millis(500));
    let url = format!("https://good.example:{port}/");
    let image = Ok((200, b"image of 2".to_vec()));
    let patient = origin.clone().first_byte_timeout(FOR_EVER);
    assert_eq!(get(&patient, &url).await, image);
    freeze.send(true).unwrap();
    assert!(get(&origin, &url).await.is_err());
    // Nobody asks any more, and it is closed all the same.
    timeout(FOR_EVER, closed.recv()).await.unwrap().unwrap();
    assert_eq!(get(&patient, &url).await, image);
}

#[tokio::test]
async fn who_waits_on_a_dead_connection_of_http_2_is_told_that_it_is_late() {
    let authority = Authority::new();
    let server = serve(authority.sign(2020, 2090), &[b"h2"], image).await;
    let (freeze, frozen) = watch::channel(false);
    let (tell, _closed) = mpsc::channel(1);
    let port = relay(server, frozen, tell).await;
    let origin = origin()
        .root_certificate(&authority.der)
        .unwrap()
        .first_byte_timeout(FOR_EVER)
        .with_client(|settings| settings.ping = Duration::from_millis(500));
    let url = format!("https://good.example:{port}/");
    let first = get(&origin, &url).await;
    assert_eq!(first, Ok((200, b"image of 2".to_vec())));
    freeze.send(true).unwrap();
    let response = ask(&origin, request(&url)).await;
    let why: &Rejection = response.extensions().get().unwrap();
    assert_eq!(why.kind(), RejectionKind::Timeout, "{}", why.reason());
    assert!(
        !why.reason().ends_with("takes too long"),
        "{}",
        why.reason()
    );
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_left_by_those_who_need_it_no_more() {
    let authority = Authority::new();
    let acceptor = authority.sign(2020, 2090).acceptor(&[b"http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://good.example:{}/",
        listener.local_addr().unwrap().port()
    );
    let (tell, mut told) = mpsc::channel(1);
    let (answer, mut answers) = mpsc::channel::<()>(2);
    let server = tokio::spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        let mut first = acceptor.accept(first).await.unwrap();
        let answering = tokio::spawn(async move {
            while answers.recv().await.is_some() {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(first.read_u8().await.unwrap());
                }
                let sent = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nimage";
                first.write_all(sent).await.unwrap();
                first.flush().await.unwrap();
            }
        });
        tell.send("connected").await.unwrap();
        let (mut second, _) = listener.accept().await.unwrap();
        second.read_u8().await.unwrap();
        tell.send("shaking hands").await.unwrap();
        while second.read_u8().await.is_ok() {}
        tell.send("left").await.unwrap();
        answering.await.unwrap();
    });
    let origin = origin()
        .root_certificate(&authority.der)
        .unwrap()
        .connect_timeout(Duration::from_secs(2));
    let ask = || {
        let (origin, url) = (origin.clone(), url.clone());
        tokio::spawn(async move { get(&origin, &url).await })
    };
    let image = Ok((200, b"image".to_vec()));
    let one = ask();
    assert_eq!(told.recv().await, Some("connected"));
    let other = ask();
    assert_eq!(told.recv().await, Some("shaking hands"));
    // The first connection is free before the second one is there, and takes its request.
    answer.send(()).await.unwrap();
    answer.send(()).await.unwrap();
    assert_eq!(one.await.unwrap(), image);
    assert_eq!(other.await.unwrap(), image);
    let left = timeout(FOR_EVER, told.recv()).await.unwrap();
    assert_eq!(left, Some("left"));
    drop(answer);
    server.await.unwrap();
}

#[tokio::test]
async fn connecting_that_takes_too_long_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let origin = origin().connect_timeout(Duration::from_millis(100));
    let response = ask(&origin, request(&url)).await;
    let why: &Rejection = response.extensions().get().unwrap();
    assert_eq!(why.kind(), RejectionKind::Timeout);
    let reason = format!("{url}: connecting took too long");
    assert_eq!(why.reason(), reason);
}
