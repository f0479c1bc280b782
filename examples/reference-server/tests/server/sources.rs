//! Images of another server, which runs on this host.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::{Folder, IMAGES, Server, imgward, run};

const CONFIG: &str = r#"
environment = "development"

[origin]
http = true

[source]
allow = ["127.0.0.1"]
allow_private_networks = true

[[mount]]
path = "/open"
[mount.transform]
max_source_bytes = "400KiB"

[[mount]]
path = "/hurried"
[mount.transform]
load_timeout = "300ms"

[[mount]]
path = "/below"
[mount.origin]
http = true
base_url = "http://127.0.0.1:PORT/photos"
[mount.source]
allow_private_networks = true

[[mount]]
path = "/closed"
[mount.source]
allow = ["*"]
"#;

/// In gzip, without compression (RFC 1951, section 3.2.4).
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut chunks = bytes.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        packed.push(u8::from(chunks.peek().is_none()));
        let length = u16::try_from(chunk.len()).unwrap();
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(chunk);
    }
    let crc = bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    });
    packed.extend((!crc).to_le_bytes());
    packed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    packed
}

/// Answers on a port of its own for as long as the tests run.
fn origin() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let _ = lines.find(|line| line.as_ref().unwrap().is_empty());
    let image = std::fs::read(format!("{IMAGES}/shield.png")).unwrap();
    let redirect = |to: &str| (format!("302 Found\r\nLocation: {to}"), Vec::new());
    let (head, body) = match first.split(' ').nth(1).unwrap() {
        "/a.png" | "/photos/a.png" => (format!("200 OK\r\nContent-Length: {}", image.len()), image),
        "/gzip" => ("200 OK\r\nContent-Encoding: gzip".into(), gzip(&image)),
        "/unknown" => ("200 OK\r\nContent-Encoding: lzma".into(), image),
        "/short" => ("200 OK\r\nContent-Length: 200000".into(), image),
        "/large" => ("200 OK".into(), vec![0; 1 << 20]),
        "/bomb" => (
            "200 OK\r\nContent-Encoding: gzip".into(),
            gzip(&vec![0; 1 << 20]),
        ),
        "/text" => ("200 OK".into(), b"<html>".to_vec()),
        "/redirect" => redirect("/a.png"),
        "/denied" => redirect("http://localhost/a.png"),
        "/loop" => redirect("/loop"),
        "/500" => ("500 Oh\r\nContent-Length: 0".into(), Vec::new()),
        "/slow" => ("200 OK\r\nContent-Length: 999999".into(), Vec::new()),
        _ => ("404 Not Found\r\nContent-Length: 0".into(), Vec::new()),
    };
    // Who has read enough goes.
    let _ = stream.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes());
    let _ = stream.write_all(&body);
    while first.contains("/slow") && stream.write_all(b"x").is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn rows_63_68_and_83_images_of_another_server() {
    let port = origin();
    let folder = Folder::new("sources");
    let config = folder.config(&CONFIG.replace("PORT", &port.to_string()));
    let server = Server::start(&config);
    let url = |mount: &str, host: &str, path: &str| {
        format!("/{mount}/unsafe/30x20/http%3A%2F%2F{host}%3A{port}%2F{path}")
    };
    let cases = [
        ("a.png", "ok"),
        ("gzip", "ok"),
        ("redirect", "ok"),
        ("denied", "source_denied"),
        ("loop", "origin_failed"),
        ("unknown", "origin_failed"),
        ("short", "origin_failed"),
        ("large", "source_too_large"),
        ("bomb", "source_too_large"),
        ("text", "unsupported_format"),
        ("500", "origin_failed"),
        ("none", "not_found"),
    ];
    for (path, code) in cases {
        let answer = server.get(&url("open", "127.0.0.1", path), &[]);
        assert_eq!(answer.code(), code, "{path}");
        if code == "ok" {
            assert_eq!(answer.image(), ("png", 30, 20), "{path}");
        } else {
            let body = String::from_utf8_lossy(&answer.body);
            assert!(
                !body.contains("127.0.0.1") && !body.contains("localhost"),
                "{body}"
            );
        }
    }
    let slow = server.get(&url("hurried", "127.0.0.1", "slow"), &[]);
    assert_eq!((slow.status, &*slow.code()), (504, "timeout"));

    // Overlays are sources too.
    let overlay = |host| {
        let image = format!("http%3A%2F%2F{host}%3A{port}%2Fa.png");
        format!("/open/unsafe/30x20/filters:watermark({image})/{image}")
    };
    assert_eq!(server.get(&overlay("127.0.0.1"), &[]).code(), "ok");
    assert_eq!(
        server.get(&overlay("localhost"), &[]).code(),
        "source_denied"
    );

    for (path, code) in [("a.png", "ok"), ("http://127.0.0.1/a.png", "source_denied")] {
        let answer = server.get(&format!("/below/unsafe/30x20/{path}"), &[]);
        assert_eq!(answer.code(), code, "{path}");
    }
}

#[test]
fn row_67_a_proxy_of_the_environment_is_not_used() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let port = origin();
    let folder = Folder::new("proxy");
    let config = folder.config(&CONFIG.replace("PORT", "1"));
    let mut command = imgward(&["serve", "--config", &config, "--listen", "127.0.0.1:0"]);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, &url);
    }
    let server = Server::run(command.env_remove("NO_PROXY").env_remove("no_proxy"));
    let target = format!("/open/unsafe/30x20/http%3A%2F%2F127.0.0.1%3A{port}%2Fa.png");
    assert_eq!(server.get(&target, &[]).image(), ("png", 30, 20));
    assert_eq!(
        proxy.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}

#[test]
fn rows_58_to_61_what_is_not_public_is_no_source_by_default() {
    let port = origin();
    let folder = Folder::new("closed");
    let config = folder.config(&CONFIG.replace("PORT", "1"));
    let server = Server::start(&config);
    let hosts = [
        "127.0.0.1",
        "localhost",
        "%5B%3A%3Affff%3A127.0.0.1%5D",
        "2130706433",
        "0x7f000001",
        "127.1",
        "%5B%3A%3A1%5D",
        "0",
        "0177.0.0.1",
        "0.0.0.0",
        "127.0.0.1.",
        "localhost.",
        "%5B%3A%3A%5D",
        "%5B%3A%3Affff%3A7f00%3A1%5D",
        "%5B%3A%3A7f00%3A1%5D",
        "%5B64%3Aff9b%3A%3A7f00%3A1%5D",
        "%5B2002%3A7f00%3A1%3A%3A%5D",
        "%5Bfd00%3Aec2%3A%3A254%5D",
        "%5Bfe80%3A%3A1%5D",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ];
    for host in hosts {
        let target = format!("/closed/unsafe/30x20/http%3A%2F%2F{host}%3A{port}%2Fa.png");
        let answer = server.get(&target, &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (403, "source_denied"),
            "{host}"
        );
        let (status, out, _) = run(&["check", "--config", &config, &target]);
        assert_eq!(status, Some(1), "{out}");
        let line = out.lines().last().unwrap();
        assert!(
            line.starts_with("source ") && line.contains(" source_denied "),
            "{out}"
        );
    }
    // One parser decides which host it is, and none of these is this one.
    for url in [
        format!("http://images.example@127.0.0.1:{port}/a.png"),
        format!("http://127.0.0.1:{port}\\@images.example/a.png"),
        format!("http://127.0.0.1:{port}#@images.example/a.png"),
        format!("http://[fe80::1%25eth0]:{port}/a.png"),
        format!("http://127.0.0.1:{port}:80/a.png"),
        "http://127.0.0.1:0/a.png".into(),
        "http://127.0.0.1:65536/a.png".into(),
        "file:///etc/passwd".into(),
        "gopher://127.0.0.1/".into(),
        format!("http://{}/a.png", "a.".repeat(20_000)),
    ] {
        let encoded = utf8_percent_encode(&url, NON_ALPHANUMERIC);
        let answer = server.get(&format!("/closed/unsafe/30x20/{encoded}"), &[]);
        let shown = &url[..url.len().min(60)];
        assert!(
            matches!(answer.status, 400 | 403 | 414 | 431),
            "{shown}: {}",
            answer.status
        );
    }
    let target = "/closed/unsafe/30x20/https%3A%2F%2Fimages.example%2Fa.png";
    let (status, out, _) = run(&["check", "--config", &config, target]);
    let line = out.lines().last().unwrap();
    assert!(
        status == Some(0) && line.starts_with("source ") && line.contains(" pass "),
        "{out}"
    );
}
