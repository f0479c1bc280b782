//! Connections: clients that are slow, silent or many.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;

use crate::clients::{Http2, runtime};
use crate::support::{Answer, Folder, Server, ask};

const IMAGE: &str = "/unsafe/8x8/coffee.jpg";

fn server(name: &str, keys: &str) -> (Folder, Server) {
    let folder = Folder::new(name);
    let config = folder.config(&format!(
        "environment = 'development'\n{keys}\n[origin]\nfiles = 'IMAGES'"
    ));
    let server = Server::start(&config);
    (folder, server)
}

/// What comes until the server closes the connection.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    bytes
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

#[test]
fn row_93_who_sends_no_request_in_time_is_closed() {
    let (_folder, server) = server("slow-head", "client_timeout = '1s'");
    // Nothing at all; a part of a head; a part of HTTP/2's first words; all of them, and the beginning of a request.
    let opening = [PREFACE, EMPTY_SETTINGS, &[0, 0, 8, 1, 0, 0, 0, 0, 1, 0x82]].concat();
    let cases: [&[u8]; 6] = [
        b"",
        b"GET / HT",
        b"GET /unsafe/8x8/coffee.jpg HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"PRI * HTTP/2.0\r\n",
        &[PREFACE, EMPTY_SETTINGS].concat(),
        &opening,
    ];
    let mut streams = cases.map(|bytes| {
        let mut stream = server.connect();
        stream.write_all(bytes).unwrap();
        stream
    });
    // And one that goes on and on, a byte at a time.
    let mut dripping = server.connect();
    dripping
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .unwrap();
    let began = Instant::now();
    while dripping.write_all(b"a").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    for (case, stream) in cases.iter().zip(&mut streams) {
        let answer = rest(stream);
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{case:?}: {answer:?}");
    }
    assert_eq!(server.get(IMAGE, &[]).status, 200);
}

#[test]
fn row_93_a_body_that_nobody_reads_holds_nothing_up() {
    let (_folder, server) = server("slow-body", "client_timeout = '1s'");
    let mut stream = server.connect();
    let head = format!("POST {IMAGE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbyte");
    stream.write_all(head.as_bytes()).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with(b"HTTP/1.1 405"), "{answer:?}");
}

#[test]
fn row_93_who_takes_no_answer_is_closed() {
    let (_folder, server) = server(
        "slow-reader",
        "client_timeout = '1s'\n[cache]\nmemory = '16MiB'",
    );
    // Together, more than the system takes for a client that does not read.
    let target = "/unsafe/full-fit-in/1000x1000/filters:format(png)/galaxies.jpg";
    let whole = server.get(target, &[]).body.len();
    let count = 32 * 1024 * 1024 / whole;
    let mut stream = server.connect();
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(count);
    stream.write_all(request.as_bytes()).unwrap();
    // While its answers wait for it, others are served.
    assert_eq!(server.get(IMAGE, &[]).status, 200);
    let began = Instant::now();
    // The peer's end is seen in what can be written to it: nothing, once it is gone.
    while stream.write_all(b"G").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(rest(&mut stream).len() < count * whole);
}

/// A client of HTTP/2 that lets the server send so much ahead, and when the connection is over.
async fn with_window(
    server: &Server,
    bytes: u32,
) -> (SendRequest<Empty<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let stream = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let (requests, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(bytes)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    (requests, tokio::spawn(connection))
}

#[test]
fn row_93_who_takes_no_answer_over_http2_is_closed() {
    let (_folder, server) = server("slow-http2", "client_timeout = '1s'");
    let target = "/unsafe/full-fit-in/300x300/filters:format(png)/galaxies.jpg";
    assert_eq!(server.get(target, &[]).status, 200);
    runtime().block_on(async {
        let (mut requests, connection) = with_window(&server, 1000).await;
        let request = Request::get(format!("http://localhost{target}"));
        let answer = requests.send_request(request.body(Empty::new()).unwrap());
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 200);
        // The server's questions whether somebody is there are answered meanwhile.
        let _ = connection.await.unwrap();
        assert!(answer.into_body().collect().await.is_err());
    });
}

#[test]
fn who_is_slow_and_gets_on_has_the_whole_answer() {
    let (_folder, server) = server("slow", "client_timeout = '1s'");
    let target = "/unsafe/full-fit-in/300x300/filters:format(png)/galaxies.jpg";
    let whole = server.get(target, &[]).body;
    runtime().block_on(async {
        let (mut requests, _connection) = with_window(&server, 16 * 1024).await;
        let request = Request::get(format!("http://localhost{target}"));
        let answer = requests.send_request(request.body(Empty::new()).unwrap());
        let mut body = answer.await.unwrap().into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            bytes.extend_from_slice(&frame.unwrap().into_data().unwrap());
            // Longer than the server waits for who does not get on.
            let share = u32::try_from(whole.len() / (16 * 1024)).unwrap();
            tokio::time::sleep(Duration::from_secs(4) / share).await;
        }
        assert!(bytes == whole);
    });
}

#[test]
fn a_connection_without_a_request_is_closed_after_a_while() {
    let (_folder, server) = server("idle", "client_timeout = '1s'");
    let mut stream = server.connect();
    let request = format!("GET {IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n");
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).unwrap();
    }
    let answers = rest(&mut stream);
    let heads = answers.windows(12).filter(|head| head == b"HTTP/1.1 200");
    assert_eq!(heads.count(), 2);
}

#[test]
fn no_more_connections_are_open_than_may_be() {
    let (_folder, server) = server("many", "max_connections = 2");
    let mut first = server.connect();
    let second = server.connect();
    let request = format!("GET {IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n");
    // Both are accepted.
    for mut stream in [&first, &second] {
        stream.write_all(request.as_bytes()).unwrap();
        assert!(stream.read(&mut [0; 64]).unwrap() > 0);
    }
    let mut third = server.connect();
    ask(&mut third, "GET", IMAGE, &[]);
    third
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let waits = third.read(&mut [0]).unwrap_err();
    assert!(matches!(
        waits.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    // The first is still served, and the third where the second is gone.
    first.write_all(request.as_bytes()).unwrap();
    assert!(first.read(&mut [0; 64]).unwrap() > 0);
    drop(second);
    third
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    assert_eq!(Answer::read(&mut third).status, 200);
}

#[cfg(unix)]
#[test]
fn who_waits_is_let_in_where_a_reload_lets_more_be_open() {
    let keys = "client_timeout = '1h'\nmax_connections = 1";
    let (folder, server) = server("more", keys);
    let mut first = server.connect();
    let request = format!("GET {IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n");
    first.write_all(request.as_bytes()).unwrap();
    assert!(first.read(&mut [0; 64]).unwrap() > 0);
    let mut second = server.connect();
    ask(&mut second, "GET", IMAGE, &[]);
    second
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    second.read(&mut [0]).unwrap_err();
    let more = keys.replace("connections = 1", "connections = 2");
    folder.config(&format!(
        "environment = 'development'\n{more}\n[origin]\nfiles = 'IMAGES'"
    ));
    server.signal("HUP");
    second
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    assert_eq!(Answer::read(&mut second).status, 200);
}

#[cfg(unix)]
#[test]
fn thousands_of_connections_are_served_whatever_the_shell_allows() {
    // The test holds as many files itself.
    let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    if allowed < 6000 {
        println!("skipped: the system allows {allowed} open files");
        return;
    }
    let (_folder, server) = server("thousands", "[cache]\nmemory = '1MiB'");
    assert_eq!(server.get(IMAGE, &[]).status, 200);
    let request = format!("HEAD {IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut streams: Vec<TcpStream> = (0..4096).map(|_| server.connect()).collect();
    for stream in &mut streams {
        stream.write_all(request.as_bytes()).unwrap();
    }
    for stream in &mut streams {
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
    }
}

#[test]
fn http2_has_a_limit_on_requests_in_flight() {
    let (_folder, server) = server("http2", "");
    let mut stream = server.connect();
    stream.write_all(PREFACE).unwrap();
    stream.write_all(EMPTY_SETTINGS).unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    // SETTINGS, of so many bytes (RFC 9113, section 6.5).
    assert_eq!(head[3], 4);
    let mut settings = vec![0; usize::from(head[2])];
    stream.read_exact(&mut settings).unwrap();
    let value = |id: u8| {
        let setting = settings.chunks(6).find(|setting| setting[..2] == [0, id])?;
        Some(u32::from_be_bytes(setting[2..].try_into().unwrap()))
    };
    // SETTINGS_MAX_CONCURRENT_STREAMS, SETTINGS_MAX_HEADER_LIST_SIZE
    assert_eq!((value(3), value(6)), (Some(100), Some(65535)));
}

#[test]
fn row_96_a_request_is_for_one_host() {
    let (_folder, server) = server("hosts", "");
    let image = "/unsafe/8x8/coffee.jpg";
    let get = |target: &str| format!("GET {target} HTTP/1.1");
    let of = |authority: &str| get(&format!("http://{authority}{image}"));
    let cases = [
        (get(image), "Host: x", 200),
        (get(image), "Host: x\r\nHost: y", 400),
        (get(image), "Host: x\r\nHost: x", 400),
        (get(image), "Host: x y", 400),
        (get(image), "X-Host: x", 400),
        (format!("GET {image} HTTP/1.0"), "X-Host: x", 200),
        (of("x"), "Host: x", 200),
        (of("x"), "X-Host: x", 400),
        (of("other"), "Host: x", 400),
        (of("x@x"), "Host: x", 400),
        (get("x:80"), "Host: x:80", 400),
        (get("*"), "Host: x", 404),
        ("CONNECT x:80 HTTP/1.1".into(), "Host: x:80", 405),
        ("OPTIONS * HTTP/1.1".into(), "Host: x", 404),
    ];
    for (line, hosts, status) in cases {
        let mut stream = server.connect();
        let request = format!("{line}\r\n{hosts}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        let answer = String::from_utf8_lossy(&answer);
        let found: Option<u16> = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        assert_eq!(found, Some(status), "{line} {hosts:?}: {answer}");
    }
}

#[test]
fn row_96_http2_has_one_authority() {
    let (_folder, server) = server("authority", "");
    let address = server.address();
    runtime().block_on(async {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut requests = Http2::handshake(stream).await;
        for (host, status) in [("x", 200), ("y", 400)] {
            requests.ready().await.unwrap();
            let request = Request::get(format!("http://x{IMAGE}")).header("host", host);
            let answer = requests.send_request(request.body(Empty::new()).unwrap());
            assert_eq!(answer.await.unwrap().status(), status, "{host}");
        }
    });
}

#[test]
fn row_100_a_grpc_call_is_refused_in_its_own_form() {
    let (_folder, server) = server("grpc", "");
    let address = server.address();
    runtime().block_on(async {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut requests = Http2::handshake(stream).await;
        for (media_type, is_call) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc-web", false),
            ("application/json", false),
        ] {
            requests.ready().await.unwrap();
            let request = Request::post(format!("http://x{IMAGE}")).header("te", "trailers");
            let request = request.header("content-type", media_type);
            let answer = requests.send_request(request.body(Empty::new()).unwrap());
            let answer = answer.await.unwrap();
            if !is_call {
                assert_eq!(answer.status(), 405, "{media_type}");
                continue;
            }
            // There is nothing but the head, which is the trailers.
            assert_eq!(answer.status(), 200, "{media_type}");
            let header = |name| answer.headers().get(name).unwrap().to_str().unwrap();
            // UNIMPLEMENTED: there are no calls here.
            assert_eq!(header("grpc-status"), "12", "{media_type}");
            assert!(header("content-type").starts_with("application/grpc"));
            assert_eq!(header("cache-control"), "no-store");
            let rest = answer.into_body().collect().await.unwrap();
            assert!(rest.trailers().is_none() && rest.to_bytes().is_empty());
        }
    });
}
