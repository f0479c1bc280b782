//! What goes wrong on the way, byte by byte.

use tokio::net::TcpStream;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// A server whose connections are in the hands of the test, when the head of the first request has been read. It closes
/// them where the test has done so.
async fn serve<F>(handle: impl Fn(String, TcpStream) -> F + Send + Sync + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Arc::new(handle);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let handle = Arc::clone(&handle);
            tokio::spawn(async move {
                let head = read_head(&mut stream).await;
                handle(head, stream).await;
            });
        }
    });
    address
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            break;
        };
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn row_68_a_reset_is_the_origins_failure_wherever_it_comes() {
    let address = serve(async |head, mut stream: TcpStream| {
        let sent = match path(&head) {
            "/at-once" => String::new(),
            "/in-the-head" => format!("{OK}content-le"),
            "/in-the-body" => format!("{OK}content-length: 9\r\n\r\nabc"),
            "/in-a-chunk" => format!("{OK}transfer-encoding: chunked\r\n\r\n9\r\nabc"),
            "/between-chunks" => format!("{OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            "/without-a-length" => format!("{OK}\r\nabc"),
            other => panic!("{other}"),
        };
        stream.write_all(sent.as_bytes()).await.unwrap();
        // What is closed without lingering is reset.
        stream.set_zero_linger().unwrap();
    })
    .await;
    let origin = HttpOrigin::new(local());
    for path in [
        "at-once",
        "in-the-head",
        "in-the-body",
        "in-a-chunk",
        "between-chunks",
        "without-a-length",
    ] {
        let answered = get(&origin, &format!("http://{address}/{path}")).await;
        assert_eq!(answered, Err("origin_failed"), "{path}");
    }
}

#[tokio::test]
async fn row_68_lengths_that_contradict_are_no_answer() {
    let cases = [
        ("/one", "content-length: 3\r\n", Ok(())),
        (
            "/same",
            "content-length: 3\r\ncontent-length: 3\r\n",
            Ok(()),
        ),
        (
            "/two",
            "content-length: 3\r\ncontent-length: 5\r\n",
            Err("origin_failed"),
        ),
        ("/list", "content-length: 3, 5\r\n", Err("origin_failed")),
        ("/negative", "content-length: -3\r\n", Err("origin_failed")),
        ("/plus", "content-length: +3\r\n", Err("origin_failed")),
        ("/hex", "content-length: 0x3\r\n", Err("origin_failed")),
        (
            "/enormous",
            "content-length: 99999999999999999999\r\n",
            Err("origin_failed"),
        ),
        (
            "/unknown",
            "transfer-encoding: gzip\r\n",
            Err("origin_failed"),
        ),
    ];
    let lines = cases.map(|(path, lines, _)| (path, lines));
    let address = serve(move |head, mut stream| async move {
        let (_, lines) = lines.iter().find(|(name, _)| *name == path(&head)).unwrap();
        let sent = format!("{OK}{lines}\r\nabc");
        stream.write_all(sent.as_bytes()).await.unwrap();
    })
    .await;
    let origin = HttpOrigin::new(local());
    for (path, _, expected) in cases {
        let answered = get(&origin, &format!("http://{address}{path}")).await;
        let answered = answered.map(|answer| assert_eq!(answer, (200, b"abc".into())));
        assert_eq!(answered, expected, "{path}");
    }
}

#[tokio::test]
async fn what_follows_an_answer_is_not_the_answer_of_the_next() {
    let address = serve(async |_, mut stream: TcpStream| {
        let next = format!("{OK}content-length: 4\r\n\r\nevil");
        let sent = format!("{OK}content-length: 3\r\n\r\nabc{next}");
        stream.write_all(sent.as_bytes()).await.unwrap();
        read_head(&mut stream).await;
    })
    .await;
    let origin = HttpOrigin::new(local());
    for turn in 0..8 {
        let answered = get(&origin, &format!("http://{address}/{turn}")).await;
        assert_eq!(answered, Ok((200, b"abc".to_vec())), "{turn}");
    }
}

#[tokio::test]
async fn row_68_what_never_ends_is_ended() {
    let address = serve(async |head, mut stream: TcpStream| {
        let (head, piece) = match path(&head) {
            "/chunks" => (
                format!("{OK}transfer-encoding: chunked\r\n\r\n"),
                "1\r\na\r\n",
            ),
            "/bytes" => (format!("{OK}content-length: 999999\r\n\r\n"), "a"),
            "/close" => (format!("{OK}\r\n"), "a"),
            "/extension" => (
                format!("{OK}transfer-encoding: chunked\r\n\r\n1;"),
                "a=aaaa;",
            ),
            "/continues" => (String::new(), "HTTP/1.1 100 Continue\r\n\r\n"),
            "/hints" => (String::new(), "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"),
            "/headers" => (OK.into(), "a: b\r\n"),
            other => panic!("{other}"),
        };
        let mut sent = stream.write_all(head.as_bytes()).await;
        // Never idle for long, and never done.
        while sent.is_ok() {
            sent = stream.write_all(piece.as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let origin = HttpOrigin::new(local()).timeout(Duration::from_millis(300));
    for path in ["chunks", "bytes", "close", "continues", "hints"] {
        let answered = get(&origin, &format!("http://{address}/{path}")).await;
        assert_eq!(answered, Err("timeout"), "{path}");
    }
    // There are limits on their number and length, too.
    for path in ["extension", "headers"] {
        let answered = get(&origin, &format!("http://{address}/{path}")).await;
        assert!(
            matches!(answered, Err("timeout" | "origin_failed")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn damaged_codings_are_the_origins_failure() {
    let plain = vec![7; 50_000];
    let gzip = encoded("gzip", &plain).await;
    let mut wrong_sum = gzip.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let mut wrong_length = gzip.clone();
    *wrong_length.last_mut().unwrap() ^= 1;
    let cases = [
        ("gzip", Vec::new(), Err("origin_failed")),
        ("gzip", plain.clone(), Err("origin_failed")),
        ("gzip", wrong_sum, Err("origin_failed")),
        ("gzip", wrong_length, Err("origin_failed")),
        ("gzip", [&gzip[..], b"more"].concat(), Err("origin_failed")),
        ("gzip", [&gzip[..], &gzip].concat(), Ok(100_000)),
        ("deflate", plain.clone(), Err("origin_failed")),
        ("br", plain.clone(), Err("origin_failed")),
        ("compress", plain.clone(), Err("origin_failed")),
        ("gzip;q=1", gzip.clone(), Err("origin_failed")),
        ("", plain.clone(), Ok(50_000)),
        ("identity, identity", plain, Ok(50_000)),
        ("identity, gzip", gzip, Ok(50_000)),
    ];
    for (coding, body, expected) in cases {
        let headers = format!("content-encoding: {coding}\r\n");
        let length = body.len();
        let server = Server::start(move |_| ok(&headers, &body)).await;
        let answered = get(&HttpOrigin::new(local()), &server.url("/")).await;
        let answered = answered.map(|(_, body)| body.len());
        assert_eq!(answered, expected, "{coding:?} {length}");
    }
}

#[tokio::test]
async fn row_63_a_redirect_names_one_place() {
    let elsewhere = Server::start(|_| ok("", b"elsewhere")).await;
    let there = elsewhere.address;
    let cases = [
        ("location: /image\r\n".into(), Ok(())),
        // A fragment, which no server is told.
        ("location: /image#there\r\n".into(), Ok(())),
        (format!("location: //{there}/\r\n"), Err("source_denied")),
        (
            format!("location: http://127.0.0.1@{there}/\r\n"),
            Err("source_denied"),
        ),
        (
            format!("location: http:\\\\{there}\\\r\n"),
            Err("source_denied"),
        ),
        (
            "location: ftp://127.0.0.1/\r\n".into(),
            Err("source_denied"),
        ),
        (
            "location: data:image/gif;base64,R0lG\r\n".into(),
            Err("source_denied"),
        ),
        ("location: http://[::1]/\r\n".into(), Err("source_denied")),
        (
            "location: http://169.254.169.254/latest/\r\n".into(),
            Err("source_denied"),
        ),
    ];
    let lines: Vec<String> = cases.iter().map(|(lines, _)| lines.clone()).collect();
    let server = Server::start(move |head| match path(head) {
        "/image" => ok("", b"image"),
        path => {
            let case: usize = path.trim_start_matches('/').parse().unwrap();
            answer("302 Found", &lines[case], b"")
        }
    })
    .await;
    let port = server.address.port();
    let policy = SourcePolicy::allow([format!("127.0.0.1:{port}")]).unwrap();
    let origin = HttpOrigin::new(policy.allow_private_networks(true));
    for (case, (line, expected)) in cases.into_iter().enumerate() {
        let answered = get(&origin, &server.url(&format!("/{case}"))).await;
        let answered = answered.map(|answer| assert_eq!(answer, (200, b"image".into())));
        assert_eq!(answered, expected, "{line}");
    }
    assert_eq!(elsewhere.seen(), [""; 0]);
}

/// Answers after a while, or never, or with more than anybody needs.
struct Odd;

impl Resolve for Odd {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(async move {
            match host {
                "silent.example" => std::future::pending().await,
                "broken.example" => Err(io::Error::other("the resolver broke")),
                // Nothing listens there, ten thousand times.
                "many.example" => Ok(vec![IpAddr::from([127, 0, 0, 1]); 10_000]),
                other => panic!("{other}"),
            }
        })
    }
}

#[tokio::test]
async fn row_62_a_resolver_has_no_more_time_than_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let origin = HttpOrigin::new(local())
        .resolver(Odd)
        .connect_timeout(Duration::from_millis(100));
    for (host, code) in [
        ("silent.example", "timeout"),
        ("broken.example", "origin_failed"),
        ("many.example", "origin_failed"),
    ] {
        let answered = get(&origin, &format!("http://{host}:{port}/")).await;
        assert_eq!(answered, Err(code), "{host}");
    }
}
