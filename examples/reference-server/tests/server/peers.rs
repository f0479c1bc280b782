//! Clients that are slow, or do not say what they mean.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use crate::support::{Answer, Folder, Server, ask};

const CONFIG: &str = r#"
environment = "development"
client_timeout = "2s"

[transform]
concurrency = 1
queue = 0
request_timeout = "1h"
process_timeout = "1h"

[origin]
files = "IMAGES"

[[mount]]
path = "/"

[[mount]]
path = "/own"
[mount.origin]
files = "."
"#;

/// Reads until the server closes the connection, which is waited for.
fn rest(stream: &mut std::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Closed, or reset.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

#[test]
fn row_93_who_does_not_get_on_is_closed() {
    let folder = Folder::new("slow");
    let server = Server::start(&folder.config(CONFIG));
    let beginnings = [
        "",
        "G",
        "GET /unsafe/8x8/cat.jpg HTTP/1.1\r\n",
        "GET /unsafe/8x8/cat.jpg HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        "PRI * HTTP/2.0\r\n",
    ];
    let mut streams: Vec<_> = beginnings
        .iter()
        .map(|beginning| {
            let mut stream = server.connect();
            stream.write_all(beginning.as_bytes()).unwrap();
            stream
        })
        .collect();
    // Others are served meanwhile.
    assert_eq!(server.get("/unsafe/8x8/cat.jpg", &[]).status, 200);
    for (stream, beginning) in streams.iter_mut().zip(beginnings) {
        let rest = String::from_utf8_lossy(&rest(stream)).into_owned();
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
            "{beginning:?}: {rest:?}"
        );
    }
    // A byte every now and then is no head in time.
    let mut dripping = server.connect();
    let sent = (0..1_000).take_while(|_| {
        std::thread::sleep(Duration::from_millis(50));
        dripping.write_all(b"a").is_ok()
    });
    assert!(sent.count() < 1_000);
}

#[test]
fn row_93_a_slow_reader_holds_no_thread_and_is_closed() {
    let folder = Folder::new("reader");
    let config = folder.config(CONFIG);
    // 12 MB: more than the system buffers.
    let noise = File::create(folder.path().join("noise.png")).unwrap();
    let mut encoder = png::Encoder::new(noise, 2_000, 2_000);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::NoCompression);
    let mut state = 1_u32;
    let pixels: Vec<u8> = (0..12_000_000)
        .map(|_| {
            // Marsaglia's generator: nothing to compress.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    let server = Server::start(&config);
    let mut slow = server.connect();
    let target = "/own/unsafe/filters:format(png)/noise.png";
    ask(&mut slow, "GET", target, &[]);
    let mut first = [0; 15];
    slow.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    // The one thread is free.
    assert_eq!(server.get("/unsafe/8x8/cat.jpg", &[]).status, 200);
    std::thread::sleep(Duration::from_secs(6));
    let rest = rest(&mut slow);
    let text = String::from_utf8_lossy(&rest[..1_000.min(rest.len())]).to_ascii_lowercase();
    let length = text.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split('\r').next().unwrap().parse().unwrap();
    assert!(length > 10_000_000, "{length}");
    assert!(rest.len() < length, "{} of {length}", rest.len());
}

#[test]
fn a_body_is_not_waited_for() {
    let folder = Folder::new("body");
    let server = Server::start(&folder.config(CONFIG));
    for (method, code) in [("POST", "method_not_allowed"), ("GET", "ok")] {
        let mut stream = server.connect();
        let length = "Content-Length: 1000000000";
        ask(&mut stream, method, "/unsafe/8x8/cat.jpg", &[length]);
        assert_eq!(Answer::read(&mut stream).code(), code, "{method}");
    }
}
