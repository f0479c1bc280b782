//! `[otel]`.

use crate::support::{Folder, run};

#[cfg(not(feature = "otel"))]
#[test]
fn a_build_without_it_does_not_pretend() {
    let folder = Folder::new("otel-without");
    let config = folder.config(
        "environment = 'development'
listen = '127.0.0.1:0'
[log]
level = 'error'
[otel]
endpoint = 'http://127.0.0.1:4317'
[origin]
files = 'IMAGES'",
    );
    let (status, out, error) = run(&["serve", "--config", &config]);
    assert_eq!((status, &*out), (Some(2), ""));
    assert_eq!(error, "otel: this build sends nothing to a collector\n");
}

#[test]
fn a_collector_has_a_url() {
    let folder = Folder::new("otel-mistakes");
    for (keys, mistake) in [
        ("", ":2: otel.endpoint: where is the collector?\n"),
        (
            "endpoint = 'https://collector.example'",
            ":3: otel.endpoint: ",
        ),
        ("endpoint = 'localhost:4317'", ":3: otel.endpoint: "),
    ] {
        let config = folder.config(&format!(
            "environment = 'development'\n[otel]\n{keys}\n[origin]\nfiles = 'IMAGES'"
        ));
        let (status, _, error) = run(&["config", "--config", &config]);
        assert_eq!(status, Some(2), "{keys}");
        assert!(error.contains(mistake), "{error}");
    }
}

#[cfg(feature = "otel")]
mod with {
    use std::convert::Infallible;
    use std::net::SocketAddr;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Request, Response};
    use http_body_util::{BodyExt as _, Full};
    use hyper::body::Incoming;
    use hyper::server::conn::http2;
    use hyper::service::service_fn;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::net::TcpListener;

    use crate::clients::runtime;
    use crate::support::{Folder, Server};

    /// A collector, as far as a client of gRPC sees: what it is sent, where to, and that it is taken.
    fn collector() -> (SocketAddr, Receiver<(String, Bytes)>) {
        let (sent, received) = channel();
        let (bound, address) = channel();
        std::thread::spawn(move || {
            runtime().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                bound.send(listener.local_addr().unwrap()).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let sent = sent.clone();
                    let service = service_fn(move |request| take(request, sent.clone()));
                    let connection = http2::Builder::new(TokioExecutor::new());
                    tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
                }
            });
        });
        (address.recv().unwrap(), received)
    }

    async fn take(
        request: Request<Incoming>,
        sent: Sender<(String, Bytes)>,
    ) -> Result<Response<impl hyper::body::Body<Data = Bytes, Error = Infallible>>, Infallible>
    {
        let path = request.uri().path().to_owned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        // The test may be over.
        let _ = sent.send((path, body));
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        // An empty message, behind its length.
        let answer = Full::new(Bytes::from_static(&[0; 5]));
        let answer = answer.with_trailers(async { Some(Ok(trailers)) });
        let response = Response::builder().header("content-type", "application/grpc");
        Ok(response.body(answer).unwrap())
    }

    #[test]
    fn each_request_is_a_span_that_gives_nothing_away() {
        let (collector, received) = collector();
        let folder = Folder::new("otel");
        let config = folder.config(&format!(
            "environment = 'development'
[client_ip]
trusted_proxies = ['127.0.0.1']
[otel]
endpoint = 'http://{collector}'
[origin]
files = 'IMAGES'
[[mount]]
path = '/img'"
        ));
        let mut server = Server::start(&config);
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let headers = [
            &*format!("traceparent: {parent}"),
            "X-Forwarded-For: 203.0.113.9",
        ];
        let target = "/img/unsafe/8x8/coffee.jpg?token=abc123";
        assert_eq!(server.get(target, &headers).status, 200);
        assert_eq!(server.get("/img/unsafe/8x8/none.jpg", &headers).status, 404);
        // What is left is sent at the end.
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0));
        let mut bytes = Vec::new();
        while let Ok((path, body)) = received.recv_timeout(Duration::from_secs(1)) {
            assert_eq!(
                path,
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            );
            bytes.extend_from_slice(&body);
        }
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
        for text in [
            "service.name",
            "imgward",
            "GET /img",
            "http.response.status_code",
            "203.0.113.9",
            "imgward.decode_ms",
            "not_found",
        ] {
            assert!(has(text.as_bytes()), "{text}");
        }
        // The trace that the proxy began.
        let trace = [
            0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80,
            0x31, 0x9c,
        ];
        assert!(has(&trace));
        for secret in ["abc123", "coffee", "unsafe"] {
            assert!(!has(secret.as_bytes()), "{secret}");
        }
    }
}
