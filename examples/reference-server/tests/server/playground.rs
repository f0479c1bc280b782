//! The playground, as somebody without a browser meets it.

mod dropped;
mod urls;
mod verdicts;

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Answer, Folder, IMAGES, Server, run};

/// The development server.
pub(crate) fn server() -> Server {
    Server::with(&["serve", "--listen", "127.0.0.1:0"])
}

/// Sends a request with these header lines alone, and a body.
fn send(to: SocketAddr, method: &str, target: &str, lines: &[&str], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    let minute = Some(Duration::from_secs(60));
    stream.set_read_timeout(minute).unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    for line in lines {
        head += line;
        head += "\r\n";
    }
    if !body.is_empty() {
        let length = body.len();
        head += format!("Content-Length: {length}\r\n").as_str();
    }
    stream.write_all((head + "\r\n").as_bytes()).unwrap();
    // A server that refuses the body may close before it has read all of it.
    let _ = stream.write_all(body);
    Answer::read(&mut stream)
}

fn json(answer: &Answer) -> Value {
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{answer:?}"
    );
    serde_json::from_slice(&answer.body).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} of {value}"))
}

fn ask(server: &Server, path: &str) -> Value {
    json(&server.get(&format!("/_imgward/api/{path}"), &[]))
}

fn drop_image(server: &Server, bytes: &[u8]) -> Answer {
    send(
        server.address(),
        "POST",
        "/_imgward/",
        &["Host: localhost"],
        bytes,
    )
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{IMAGES}/{name}")).unwrap()
}

#[test]
fn the_page_has_all_it_needs() {
    let server = server();
    let page = server.get("/_imgward/", &[]);
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(page.body).unwrap();
    assert!(
        !html.contains("http://") && !html.contains("https://"),
        "it is self-contained"
    );
    let linked = html.split([' ', '\n']).filter_map(|word| {
        let value = word
            .strip_prefix("href=\"")
            .or(word.strip_prefix("src=\""))?;
        value
            .split('"')
            .next()
            .filter(|path| !path.starts_with('#'))
    });
    let mut files: Vec<&str> = linked.collect();
    files.extend(["compare.js", "policy.js", "api/state"]);
    assert!(files.contains(&"app.js"), "{files:?}");
    for file in files {
        let answer = server.get(&format!("/_imgward/{file}"), &[]);
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.header("cache-control"), "no-store", "{file}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{file}");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "same-origin",
            "{file}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "", "{file}");
    }
    let bare = server.get("/_imgward", &[]);
    assert_eq!(
        (bare.status, &*bare.header("location")),
        (307, "/_imgward/")
    );
    let head = server.send("HEAD", "/_imgward/", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(server.get("/_imgward/none", &[]).code(), "not_found");
    assert_eq!(
        server.get("/_imgward/../_imgward/", &[]).code(),
        "bad_request"
    );
    assert_eq!(server.get("/_imgward/%2e%2e/", &[]).code(), "bad_request");
}

#[test]
fn only_a_name_of_this_machine_is_answered() {
    let server = server();
    let port = server.address().port();
    let cases = [
        ("localhost", "ok"),
        ("LocalHost:1", "ok"),
        ("127.0.0.1", "ok"),
        ("[::1]:8000", "ok"),
        ("imgward.example", "not_found"),
        ("localhost.example", "not_found"),
        ("127.0.0.1.example", "not_found"),
        ("0.0.0.0", "not_found"),
        ("127.1", "not_found"),
        ("x@localhost", "not_found"),
    ];
    for (host, code) in cases {
        for path in [
            "",
            "app.js",
            "api/state",
            "originals/coffee.jpg",
            "imagor/x/coffee.jpg",
        ] {
            let line = format!("Host: {host}");
            // Whoever forwarded it, the connection counts.
            let lines = [
                &*line,
                "X-Forwarded-For: 203.0.113.9",
                "Forwarded: for=203.0.113.9",
            ];
            let target = format!("/_imgward/{path}");
            let answer = send(server.address(), "GET", &target, &lines, &[]);
            if code == "ok" && path.starts_with("imagor") {
                assert_eq!(answer.code(), "signature_missing", "{host} {path}");
            } else {
                assert_eq!(answer.code(), code, "{host} {path}");
            }
        }
    }
    let rebound = format!("http://imgward.example:{port}/_imgward/");
    let line = format!("Host: imgward.example:{port}");
    let lines = [&*line];
    assert_eq!(
        send(server.address(), "GET", &rebound, &lines, &[]).code(),
        "not_found"
    );
    let lines = ["Host: imgward.example"];
    let posted = send(
        server.address(),
        "POST",
        "/_imgward/",
        &lines,
        &sample("shield.png"),
    );
    assert_eq!(posted.code(), "not_found");
}

/// An address of this machine that is none of its loopback.
fn outside_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent; the system says from where it would be.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[test]
fn only_this_machine_is_answered() {
    let Some(outside) = outside_address() else {
        eprintln!("skipped: this machine has no address but loopback");
        return;
    };
    let folder = Folder::new("playground-peer");
    let config =
        folder.config("environment = 'development'\nplayground = true\n[origin]\nfiles = 'IMAGES'");
    let server = Server::with(&["serve", "--config", &config, "--listen", "0.0.0.0:0"]);
    let port = server.address().port();
    let from_outside = SocketAddr::new(outside, port);
    for lines in [
        &["Host: localhost"][..],
        &["Host: localhost", "X-Forwarded-For: 127.0.0.1"],
        &[
            "Host: localhost",
            "Forwarded: for=127.0.0.1",
            "X-Real-IP: 127.0.0.1",
        ],
    ] {
        let page = send(from_outside, "GET", "/_imgward/", lines, &[]);
        assert_eq!(page.code(), "not_found", "{lines:?}");
        let image = send(from_outside, "GET", "/unsafe/9x9/cat.jpg", lines, &[]);
        assert_eq!(image.code(), "ok");
    }
    let local = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(
        send(local, "GET", "/_imgward/", &["Host: localhost"], &[]).status,
        200
    );
}

#[test]
fn other_pages_cannot_use_it() {
    let server = server();
    let own = format!("Host: localhost:{}", server.address().port());
    let origin = format!("Origin: http://localhost:{}", server.address().port());
    let cases: [(&[&str], bool); 8] = [
        (&["Sec-Fetch-Site: same-origin"], true),
        (&["Sec-Fetch-Site: none"], true),
        (&["Sec-Fetch-Site: same-origin", &origin], true),
        (&["Sec-Fetch-Site: cross-site"], false),
        (&["Sec-Fetch-Site: same-site"], false),
        (&["Origin: https://evil.example"], false),
        (&["Origin: http://localhost:1"], false),
        (&["Origin: null"], false),
    ];
    for (headers, allowed) in cases {
        let lines = [&[&*own], headers].concat();
        let code = if allowed { "ok" } else { "not_found" };
        for path in [
            "",
            "app.js",
            "api/state",
            "api/urls?image=cat.jpg",
            "originals/cat.jpg",
        ] {
            let target = format!("/_imgward/{path}");
            let answer = send(server.address(), "GET", &target, &lines, &[]);
            assert_eq!(answer.code(), code, "{path} {headers:?}");
        }
        let posted = send(
            server.address(),
            "POST",
            "/_imgward/",
            &lines,
            &sample("shield.png"),
        );
        let status = if allowed { 201 } else { 404 };
        assert_eq!(posted.status, status, "{headers:?}");
    }
    // A link to the page may be followed from anywhere; what it calls may not.
    let link = [
        &*own,
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
    ];
    assert_eq!(
        send(server.address(), "GET", "/_imgward/", &link, &[]).code(),
        "ok"
    );
    let target = "/_imgward/api/urls?image=cat.jpg";
    assert_eq!(
        send(server.address(), "GET", target, &link, &[]).code(),
        "not_found"
    );
    let posted = send(
        server.address(),
        "POST",
        "/_imgward/",
        &link,
        &sample("shield.png"),
    );
    assert_eq!(posted.code(), "not_found");
}

#[test]
fn production_has_none() {
    let folder = Folder::new("playground-production");
    let config = folder
        .config("playground = true\n[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'");
    let (status, out, error) = run(&["serve", "--config", &config, "--listen", "127.0.0.1:0"]);
    assert_eq!((status, &*out), (Some(2), ""));
    assert!(
        error.contains("imgward.toml:1: playground: needs environment"),
        "{error}"
    );
    for environment in ["production", "development"] {
        let text = format!(
            "environment = '{environment}'\n[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'"
        );
        let server = Server::start(&folder.config(&text));
        for path in [
            "/_imgward/",
            "/_imgward/api/state",
            "/_imgward/originals/cat.jpg",
        ] {
            assert_eq!(server.get(path, &[]).code(), "not_found", "{path}");
        }
        assert_eq!(drop_image(&server, b"x").code(), "method_not_allowed");
    }
}

#[test]
fn its_address_is_printed() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let mut server = crate::support::imgward(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(server.stdout.take().unwrap())
        .lines()
        .take(2)
        .map(Result::unwrap)
        .collect();
    server.kill().unwrap();
    server.wait().unwrap();
    let address = lines[0].strip_prefix("listening on ").unwrap();
    assert_eq!(lines[1], format!("playground: {address}/_imgward/"));
}

/// A program in place of the one that opens browsers.
#[cfg(target_os = "linux")]
#[test]
fn it_is_opened() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("playground-open");
    let program = folder.path().join("xdg-open");
    let opened = folder.path().join("opened");
    let script = format!(
        "#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n",
        opened.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut server = crate::support::imgward(&["serve", "--listen", "127.0.0.1:0", "--open"])
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !opened.exists() {
        assert!(server.try_wait().unwrap().is_none(), "it runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let page = std::fs::read_to_string(opened).unwrap();
    assert!(
        page.starts_with("http://127.0.0.1:") && page.ends_with("/_imgward/\n"),
        "{page}"
    );

    let config = folder.config("[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'");
    let (status, _, error) = run(&[
        "serve",
        "--config",
        &config,
        "--listen",
        "127.0.0.1:0",
        "--open",
    ]);
    assert_eq!(status, Some(2));
    assert!(error.contains("there is no playground to open"), "{error}");
}
