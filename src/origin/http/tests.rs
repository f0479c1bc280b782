use std::future::ready;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::StatusCode;
use http_body_util::BodyExt as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::*;
use crate::guard::{Rejection, RejectionKind};
use crate::ip_filter::CidrSet;
use crate::origin::tests::encoded;

mod faults;
mod tls;

/// A server on this host, which answers a request's head with bytes, and closes the connection or keeps silent.
struct Server {
    address: SocketAddr,
    /// The heads of the requests.
    seen: Arc<Mutex<Vec<String>>>,
}

/// What is sent, and whether the connection is then held open.
type Sent = (Vec<u8>, bool);

impl Server {
    async fn start(answer: impl Fn(&str) -> Sent + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await.unwrap());
                    }
                    let head = String::from_utf8(head).unwrap();
                    log.lock().unwrap().push(head.clone());
                    let (bytes, hold) = answer(&head);
                    let _ = stream.write_all(&bytes).await;
                    if hold {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Sent {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n");
    ([head.as_bytes(), body].concat(), false)
}

fn ok(headers: &str, body: &[u8]) -> Sent {
    let length = body.len();
    answer(
        "200 OK",
        &format!("{headers}content-length: {length}\r\n"),
        body,
    )
}

fn local() -> SourcePolicy {
    SourcePolicy::any()
        .any_port(true)
        .allow_private_networks(true)
}

/// As the transform layer asks.
fn request(name: &str) -> Request<()> {
    let path = format!("/{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
    Request::get(path).body(()).unwrap()
}

async fn ask(origin: &HttpOrigin, request: Request<()>) -> Response<OriginBody> {
    let Ok(response) = origin.clone().oneshot(request).await;
    response
}

/// The status and the whole body, or the code of the refusal, in the head or in the body.
async fn get(origin: &HttpOrigin, name: &str) -> Result<(u16, Vec<u8>), &'static str> {
    let (head, body) = ask(origin, request(name)).await.into_parts();
    if let Some(why) = head.extensions.get::<Rejection>() {
        assert_eq!(head.status, why.status());
        assert!(!why.to_string().contains("127.0.0.1"), "{why}");
        return Err(why.code());
    }
    let body = body.collect().await.map_err(|why| why.code())?;
    Ok((head.status.as_u16(), body.to_bytes().to_vec()))
}

#[tokio::test]
async fn an_image_is_fetched_by_its_url() {
    let server = Server::start(|_| {
        ok(
            "etag: \"1\"\r\ncache-control: max-age=5\r\nset-cookie: a=b\r\nx-powered-by: x\r\n",
            b"image",
        )
    })
    .await;
    let origin = HttpOrigin::new(local());
    let mut request = request(&server.url("/a b.jpg?c=%20d#e"));
    for name in ["cookie", "authorization", "range", "host", "accept"] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("client"));
    }
    let response = ask(&origin, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers["etag"], "\"1\"");
    assert_eq!(headers["cache-control"], "max-age=5");
    assert_eq!(headers["content-length"], "5");
    assert!(headers.contains_key("set-cookie") && !headers.contains_key("x-powered-by"));
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "image");
    let [head] = &server.seen()[..] else {
        panic!("{:?}", server.seen());
    };
    assert!(
        head.starts_with("GET /a%20b.jpg?c=%20d HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("host: {}\r\n", server.address)),
        "{head}"
    );
    let agent = format!("user-agent: imgward/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(
        head.contains(&agent) && head.contains("accept: */*\r\n"),
        "{head}"
    );
    assert!(!head.contains("client"), "{head}");
}

#[tokio::test]
async fn statuses_are_handed_on_without_their_bodies() {
    let server = Server::start(|head| {
        let status = head.split(['/', ' ']).nth(2).unwrap().to_owned();
        answer(&format!("{status} X"), "content-length: 3\r\n", b"abc")
    })
    .await;
    let origin = HttpOrigin::new(local());
    for status in [204, 300, 304, 400, 404, 410, 429, 500, 503] {
        let answered = get(&origin, &server.url(&format!("/{status}"))).await;
        assert_eq!(answered, Ok((status, Vec::new())));
    }
}

#[tokio::test]
async fn codings_are_decoded() {
    let plain: Vec<u8> = (0..100_000_u32).map(|n| (n / 7 % 251) as u8).collect();
    let cases = [
        ("gzip", Ok(())),
        ("GZip", Ok(())),
        ("x-gzip", Ok(())),
        ("deflate", Ok(())),
        ("br", Ok(())),
        ("identity", Ok(())),
        ("zstd", Err("origin_failed")),
        ("gzip, gzip", Err("origin_failed")),
    ];
    for (coding, expected) in cases {
        let body = encoded(coding, &plain).await;
        let cut = body[..body.len() / 2].to_vec();
        let headers = format!("content-encoding: {coding}\r\n");
        let server = Server::start(move |head| {
            let whole = head.starts_with("GET /whole");
            ok(&headers, if whole { &body } else { &cut })
        })
        .await;
        let origin = HttpOrigin::new(local());
        let answered = get(&origin, &server.url("/whole")).await;
        assert_eq!(
            answered.map(|(_, body)| assert!(body == plain)),
            expected,
            "{coding}"
        );
        if coding != "identity" {
            let cut = get(&origin, &server.url("/cut")).await;
            assert_eq!(cut.err(), Some("origin_failed"), "{coding}");
        }
    }
}

#[tokio::test]
async fn row_68_a_bomb_goes_off_in_small_pieces() {
    for coding in ["gzip", "br"] {
        let bomb = encoded(coding, &vec![0; 64 << 20]).await;
        assert!(bomb.len() < 1 << 20);
        let headers = format!("content-encoding: {coding}\r\n");
        let server = Server::start(move |_| ok(&headers, &bomb)).await;
        let response = ask(&HttpOrigin::new(local()), request(&server.url("/"))).await;
        assert!(!response.headers().contains_key("content-length"));
        let mut body = response.into_body();
        let mut total = 0;
        while total < 1 << 20 {
            let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(piece.len() <= 16 << 10, "{}", piece.len());
            total += piece.len();
        }
    }
}

#[tokio::test]
async fn row_68_a_large_window_is_no_brotli() {
    // Thirty bits of window, and one stored byte.
    let server = Server::start(|_| ok("content-encoding: br\r\n", b"\x11\x1e\x00\x00\x00")).await;
    let answered = get(&HttpOrigin::new(local()), &server.url("/")).await;
    assert_eq!(answered, Err("origin_failed"));
}

#[tokio::test]
async fn row_68_bodies_that_lie_or_stall() {
    let server = Server::start(|head| {
        let (mut sent, _) = match head.split(' ').nth(1).unwrap() {
            "/short" => return answer("200 OK", "content-length: 9\r\n", b"abc"),
            "/chunks" => {
                return answer("200 OK", "transfer-encoding: chunked\r\n", b"3\r\nabc\r\n");
            }
            "/silent" => return (Vec::new(), true),
            "/nothing" => return (Vec::new(), false),
            "/head" => return (b"HTTP/1.1 200 OK\r\nx-a: ".repeat(9), true),
            "/long-head" => return (vec![b'a'; 1 << 20], true),
            "/garbage" => return (b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(), false),
            _ => answer("200 OK", "content-length: 9\r\n", b"abc"),
        };
        sent.push(b'd');
        (sent, true)
    })
    .await;
    let soon = Duration::from_millis(200);
    let cases = [
        ("/short", "origin_failed"),
        ("/chunks", "origin_failed"),
        ("/nothing", "origin_failed"),
        ("/garbage", "origin_failed"),
        ("/long-head", "origin_failed"),
        ("/silent", "timeout"),
        ("/head", "timeout"),
        ("/stalls", "timeout"),
    ];
    let limits: [fn(HttpOrigin, Duration) -> HttpOrigin; 2] = [
        |origin, soon| origin.first_byte_timeout(soon).idle_timeout(soon),
        HttpOrigin::timeout,
    ];
    for limit in limits {
        let origin = limit(HttpOrigin::new(local()), soon);
        for (path, code) in cases {
            assert_eq!(get(&origin, &server.url(path)).await, Err(code), "{path}");
        }
    }
}

#[tokio::test]
async fn row_63_every_hop_is_judged() {
    let elsewhere = Server::start(|_| ok("", b"elsewhere")).await;
    let there = elsewhere.address;
    let server = Server::start(move |head| {
        let path = head.split(' ').nth(1).unwrap();
        let location = match path.trim_start_matches(|c: char| c == '/' || c.is_ascii_digit()) {
            "-image" => return ok("", b"image"),
            "-relative" => "image/../1-image".to_owned(),
            "-elsewhere" => format!("http://{there}/"),
            "-denied" => "http://169.254.169.254/".into(),
            "-number" => "http://2130706433/".into(),
            "-file" => "file:///etc/passwd".into(),
            "-gopher" => "gopher://127.0.0.1/".into(),
            "-loop" => path.into(),
            "-nowhere" => return answer("302 Found", "", b""),
            "-no-text" => "\u{7f}".into(),
            // 3-more leads to 2-more.
            "-more" => match path.as_bytes()[1] {
                b'0' => "/1-image".into(),
                digit => format!("/{}-more", (digit - 1) as char),
            },
            other => panic!("{other}"),
        };
        let status = [301, 302, 303, 307, 308][usize::from(path.as_bytes()[1] - b'0') % 5];
        answer(
            &format!("{status} X"),
            &format!("location: {location}\r\n"),
            b"",
        )
    })
    .await;
    let port = server.address.port();
    let policy = SourcePolicy::allow([format!("127.0.0.1:{port}")]).unwrap();
    let origin = HttpOrigin::new(policy.allow_private_networks(true));
    let image = Ok((200, b"image".to_vec()));
    for status in 0..5 {
        let url = server.url(&format!("/{status}-relative"));
        assert_eq!(get(&origin, &url).await, image, "{url}");
        for target in ["elsewhere", "denied", "number", "file", "gopher"] {
            let url = server.url(&format!("/{status}-{target}"));
            assert_eq!(get(&origin, &url).await, Err("source_denied"), "{url}");
        }
    }
    for path in ["/0-loop", "/0-nowhere", "/3-more", "/9-more"] {
        let answered = get(&origin, &server.url(path)).await;
        assert_eq!(answered, Err("origin_failed"), "{path}");
    }
    assert_eq!(get(&origin, &server.url("/2-more")).await, image);
    let origin = origin.max_redirects(0);
    assert_eq!(
        get(&origin, &server.url("/0-more")).await,
        Err("origin_failed")
    );
    assert_eq!(elsewhere.seen(), [""; 0]);
}

#[tokio::test]
async fn headers_of_ones_own_do_not_leave_the_server() {
    let elsewhere = Server::start(|_| ok("", b"image")).await;
    let location = elsewhere.url("/");
    let server = Server::start(move |head| match head.split(' ').nth(1) {
        Some("/here") => answer("302 X", "location: /there\r\nset-cookie: a=b\r\n", b""),
        _ => answer("302 X", &format!("location: {location}\r\n"), b""),
    })
    .await;
    let names = ["x-tenant", "cookie", "host"].map(HeaderName::from_static);
    let origin = HttpOrigin::new(local())
        .header(
            HeaderName::from_static("authorization"),
            HeaderValue::from_static("secret"),
        )
        .header(
            HeaderName::from_static("user-agent"),
            HeaderValue::from_static("ours"),
        )
        .forward_headers(names);
    let mut request = request(&server.url("/here"));
    for name in ["x-tenant", "cookie", "host", "x-other"] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("client"));
    }
    let response = ask(&origin, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    // What a redirect says of caching counts.
    assert!(response.headers().contains_key("set-cookie"));
    assert_eq!(server.seen().len(), 2);
    for head in server.seen() {
        for line in [
            "authorization: secret",
            "user-agent: ours",
            "x-tenant: client",
            "cookie: client",
        ] {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{head}");
        }
        assert!(
            !head.contains("imgward") && head.matches("client").count() == 2,
            "{head}"
        );
    }
    let [head] = &elsewhere.seen()[..] else {
        panic!("{:?}", elsewhere.seen());
    };
    assert!(!head.contains("secret") && !head.contains("client") && head.contains("imgward"));
}

/// Answers with one list of addresses after the other.
struct Scripted {
    answers: Vec<Vec<&'static str>>,
    asked: Arc<AtomicUsize>,
}

impl Resolve for Scripted {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        assert_eq!(host, "rebind.example");
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let addresses = self.answers[turn]
            .iter()
            .map(|address| address.parse().unwrap());
        Box::pin(ready(Ok(addresses.collect())))
    }
}

#[tokio::test]
async fn row_62_what_a_name_resolves_to_is_judged_where_it_is_connected_to() {
    let server = Server::start(|_| ok("", b"image")).await;
    let url = format!("http://rebind.example:{}/", server.address.port());
    // In the place of public addresses and private ones.
    let blocked = CidrSet::parse_entries(["127.0.0.2/32", "::1"]).unwrap();
    let asked = Arc::default();
    let origin = HttpOrigin::new(local().block_networks(blocked)).resolver(Scripted {
        answers: vec![
            vec!["127.0.0.1"],
            vec!["127.0.0.2"],
            vec!["127.0.0.2", "::1", "127.0.0.1", "::ffff:127.0.0.2"],
            vec!["::ffff:127.0.0.2", "::1"],
            vec![],
        ],
        asked: Arc::clone(&asked),
    });
    let image = Ok((200, b"image".to_vec()));
    let denied = Err("source_denied");
    for expected in [
        image.clone(),
        denied.clone(),
        image,
        denied,
        Err("origin_failed"),
    ] {
        assert_eq!(get(&origin, &url).await, expected);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 5);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn this_host_is_not_connected_to_by_default() {
    let server = Server::start(|_| ok("", b"image")).await;
    let port = server.address.port();
    let origin = HttpOrigin::new(SourcePolicy::any().any_port(true)).resolver(Scripted {
        answers: vec![
            vec!["127.0.0.1"],
            vec!["10.0.0.1", "fd00::1"],
            vec!["64:ff9b::7f00:1"],
        ],
        asked: Arc::default(),
    });
    let hosts = [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "rebind.example",
        "rebind.example",
        "rebind.example",
    ];
    for host in hosts {
        let answered = get(&origin, &format!("http://{host}:{port}/")).await;
        assert_eq!(answered, Err("source_denied"), "{host}");
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_reached_is_the_origins_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let origin = HttpOrigin::new(local());
    let closed = format!("http://{address}/");
    assert_eq!(get(&origin, &closed).await, Err("origin_failed"));
    // A name that is reserved for being none (RFC 6761, section 6.4).
    let none = get(&origin, "https://none.invalid/").await;
    assert_eq!(none, Err("origin_failed"));
    // Without TLS behind it.
    let server = Server::start(|_| ok("", b"image")).await;
    let tls = format!("https://{}/", server.address);
    let origin = origin.first_byte_timeout(Duration::from_millis(500));
    assert!(matches!(
        get(&origin, &tls).await,
        Err("origin_failed" | "timeout")
    ));
}

#[tokio::test]
async fn where_a_connection_closes_without_an_answer_it_is_asked_once_more() {
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |head| {
        *count.lock().unwrap() += 1;
        match head {
            head if head.starts_with("GET /never") => (Vec::new(), false),
            head if head.starts_with("GET /broken") => (b"HTTP/1.1 200 OK\r\n".into(), false),
            _ if *count.lock().unwrap() == 1 => (Vec::new(), false),
            _ => ok("", b"image"),
        }
    })
    .await;
    let origin = HttpOrigin::new(local());
    let got = get(&origin, &server.url("/a.jpg")).await;
    assert_eq!(got, Ok((200, b"image".to_vec())));
    assert_eq!(*asked.lock().unwrap(), 2);
    for path in ["/never", "/broken"] {
        *asked.lock().unwrap() = 0;
        let got = get(&origin, &server.url(path)).await;
        assert_eq!(got, Err("origin_failed"), "{path}");
        assert_eq!(*asked.lock().unwrap(), 2, "{path}");
    }
}

#[tokio::test]
async fn what_names_nothing_is_refused() {
    let origin = HttpOrigin::new(local());
    for path in ["/%ff", "/https:%2F%2Fa.example/?q"] {
        let request = Request::get(path).body(()).unwrap();
        let response = ask(&origin, request).await;
        let why: &Rejection = response.extensions().get().unwrap();
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{path}");
    }
}

#[tokio::test]
async fn a_condition_is_for_the_url_that_was_named() {
    let server = Server::start(|head| {
        let conditional = head.contains("if-none-match") && head.contains("if-modified-since");
        match head.split(' ').nth(1).unwrap() {
            "/latest.jpg" => answer("302 Found", "location: /new.jpg\r\n", b""),
            "/broken.jpg" => answer("302 Found", "location: /304.jpg\r\n", b""),
            "/304.jpg" => answer("304 Not Modified", "", b""),
            _ if conditional && head.contains("if-none-match: \"1\"\r\n") => {
                let headers = "etag: \"1\"\r\ncache-control: max-age=5\r\n";
                answer("304 Not Modified", headers, b"")
            }
            _ => {
                let modified = "last-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
                ok(&format!("etag: \"1\"\r\n{modified}"), b"image")
            }
        }
    })
    .await;
    let origin = HttpOrigin::new(local());
    for (path, etag, status, validators) in [
        ("/new.jpg", "\"1\"", 304, true),
        ("/new.jpg", "\"0\"", 200, true),
        // The image may be another one than that of which these were learned.
        ("/latest.jpg", "\"1\"", 200, false),
        ("/broken.jpg", "\"1\"", 502, false),
    ] {
        let mut request = request(&server.url(path));
        let headers = request.headers_mut();
        headers.insert("if-none-match", HeaderValue::from_str(etag).unwrap());
        let since = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        headers.insert("if-modified-since", since);
        let response = ask(&origin, request).await;
        assert_eq!(response.status(), status, "{path}");
        let headers = response.headers();
        assert_eq!(headers.contains_key("etag"), validators, "{path}");
        let modified = headers.contains_key("last-modified");
        assert_eq!(modified, validators && status == 200, "{path}");
        let said = headers.get("cache-control");
        assert_eq!(said.is_some(), status == 304, "{path}");
    }
    let seen = server.seen();
    let past_a_redirect = seen.iter().filter(|head| !head.contains("if-none-match"));
    assert_eq!(past_a_redirect.count(), 2, "{seen:?}");
}

#[tokio::test]
async fn of_redirects_and_image_the_shortest_lifetime_holds() {
    let cases: [(&str, &str, &[&str]); 15] = [
        ("", "", &[]),
        ("", "max-age=1", &["max-age=1"]),
        ("max-age=3600", "", &["max-age=3600"]),
        ("max-age=3600", "max-age=1", &["max-age=1"]),
        ("s-maxage=3600", "max-age=0", &["max-age=0"]),
        ("max-age=1", "max-age=3600", &["max-age=1"]),
        ("max-age=1", "s-maxage=3600", &["max-age=1"]),
        ("max-age=1, s-maxage=60", "max-age=3600", &["max-age=60"]),
        (
            "max-age=60",
            "s-maxage=30, max-age=0",
            &["s-maxage=30, max-age=0"],
        ),
        (
            "max-age=60",
            "public, max-age=90",
            &["public", "max-age=60"],
        ),
        (
            "private, max-age=60",
            "max-age=30",
            &["private", "max-age=30"],
        ),
        ("no-store", "public", &["no-store", "public"]),
        ("no-cache", "public", &["no-cache", "public", "max-age=0"]),
        // What it was kept for already counts.
        ("max-age=60\r\nage: 50", "max-age=30", &["max-age=10"]),
        ("max-age=60", "max-age=90\r\nage: 50", &["max-age=90"]),
    ];
    let server = Server::start(move |head| {
        let (_, path) = head.split(' ').nth(1).unwrap().split_at(1);
        let (hop, case) = path.split_once('/').unwrap();
        let (redirect, image, _) = cases[case.parse::<usize>().unwrap()];
        let says = |said: &str| match said {
            "" => String::new(),
            said => format!("cache-control: {said}\r\n"),
        };
        match hop {
            "first" => answer("302 Found", &format!("location: /next/{case}\r\n"), b""),
            "next" => {
                let location = format!("location: /image/{case}\r\n");
                answer("301 Moved", &(location + &says(redirect)), b"")
            }
            _ => ok(&says(image), b"image"),
        }
    })
    .await;
    let origin = HttpOrigin::new(local());
    for (case, (redirect, image, expected)) in cases.into_iter().enumerate() {
        let url = server.url(&format!("/first/{case}"));
        let response = ask(&origin, request(&url)).await;
        let said = response.headers().get_all("cache-control");
        assert!(said.iter().eq(expected), "{redirect:?} {image:?}: {said:?}");
        // What is left of a time has no age.
        let aged = image.contains("age: ");
        assert_eq!(response.headers().contains_key("age"), aged, "{image:?}");
    }
}

#[test]
fn an_origin_is_told_by_where_its_images_are_and_not_by_what_is_allowed() {
    let identity = |policy: SourcePolicy| HttpOrigin::new(policy).identity();
    let any = identity(SourcePolicy::any());
    let some = SourcePolicy::allow(["*.example.com"]).unwrap();
    assert_eq!(identity(some.clone()), any);
    assert_eq!(
        identity(some.clone().https_only(true).subdomains(true)),
        any
    );
    let base = |url: &str| identity(SourcePolicy::any().base_url(url).unwrap());
    let networks = |network| CidrSet::parse_entries([network]).unwrap();
    let all = [
        any,
        identity(some.clone().allow_private_networks(true)),
        identity(some.clone().allow_networks(networks("10.0.0.0/8"))),
        identity(some.clone().allow_networks(networks("10.0.0.0/9"))),
        identity(some.clone().allow_networks(networks("fc00::/7"))),
        identity(some.block_networks(networks("10.0.0.0/8"))),
        base("https://example.com/a"),
        base("https://example.com/b"),
        base("http://example.com/a"),
    ];
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one), "{one}");
    }
    assert_eq!(
        base("https://example.com/a/"),
        base("https://example.com/a")
    );
}

#[test]
fn an_origin_is_told_by_the_headers_that_are_added() {
    let identity = |headers: &[(&'static str, &'static str)]| {
        let mut origin = HttpOrigin::new(SourcePolicy::any());
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            origin = origin.header(name, HeaderValue::from_static(value));
        }
        origin.identity()
    };
    let all = [
        identity(&[]),
        identity(&[("x-tenant", "a")]),
        identity(&[("x-tenant", "b")]),
        identity(&[("x-tenan", "ta")]),
        identity(&[("x-tenant", "a"), ("x-tenant", "b")]),
        identity(&[("x-tenant", "b"), ("x-tenant", "a")]),
        identity(&[("x-tenant", "a"), ("x-b", "")]),
        identity(&[("x-tenant", "ax-b")]),
    ];
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one), "{index}: {one}");
    }
    // As it was before there were any.
    assert_eq!(all[0], "http:public+-:");
    let (a, b) = (("x-a", "1"), ("x-b", "secret"));
    assert_eq!(identity(&[a, b]), identity(&[b, a]));
    assert!(!identity(&[a, b]).contains("secret"));
}
