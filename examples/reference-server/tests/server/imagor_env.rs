//! A server that takes its configuration from imagor's environment variables.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::{Answer, Folder, IMAGES, Server, ask, imgward};

type Variables<'a> = &'a [(&'a str, &'a str)];

const UNSAFE: (&str, &str) = ("IMAGOR_UNSAFE", "1");
const FILES: (&str, &str) = ("FILE_LOADER_BASE_DIR", IMAGES);
const LOOPBACK: (&str, &str) = ("HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS", "0");

/// A path, and what signs it with the secret `mysecret` (SHA-256, 40 characters): imagor's own example.
const SIGNED: (&str, &str) = (
    "IGEn3TxngivD0jy4uuiZim2bdUCvhcnVi1Nm0xGy",
    "500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png",
);

/// A command with these variables of imagor's, and none of the environment's.
fn command(arguments: &[&str], variables: Variables<'_>) -> Command {
    let mut command = imgward(arguments);
    command.env_clear().envs(variables.iter().copied());
    command
}

fn start(variables: Variables<'_>) -> Server {
    let arguments = ["serve", "--imagor-env", "--listen", "127.0.0.1:0"];
    Server::run(&mut command(&arguments, variables))
}

/// Starts with these variables, files and unsigned URLs.
fn start_open(variables: Variables<'_>) -> Server {
    start(&[&[UNSAFE, FILES], variables].concat())
}

/// Starts with these variables and images of this host.
fn start_http(variables: Variables<'_>) -> Server {
    start(&[&[UNSAFE, LOOPBACK], variables].concat())
}

fn code(server: &Server, target: &str) -> (u16, String) {
    let answer = server.get(target, &[]);
    (answer.status, answer.code())
}

/// Exit status, standard output and standard error of a command that ends.
fn run(arguments: &[&str], variables: Variables<'_>) -> (Option<i32>, String, String) {
    let output = command(arguments, variables).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Another server, on a port of its own for as long as the tests run.
fn origin() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer(stream.unwrap()));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let image = || std::fs::read(format!("{IMAGES}/shield.png")).unwrap();
    let has_key = head
        .iter()
        .any(|line| line.eq_ignore_ascii_case("x-key: open"));
    let body = match head[0].split(' ').nth(1).unwrap() {
        "/a.png" | "/photos/a.png" => image(),
        "/key.png" if has_key => image(),
        "/slow.png" => {
            // As long as somebody waits.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
            return;
        }
        _ => Vec::new(),
    };
    let status = if body.is_empty() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Who has read enough goes.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

/// imagor's compose file for production, with the values that it recommends.
const PRODUCTION: Variables<'_> = &[
    ("PORT", "0"),
    ("IMAGOR_SECRET", "mysecret"),
    ("IMAGOR_SIGNER_TYPE", "sha256"),
    ("IMAGOR_SIGNER_TRUNCATE", "40"),
    ("IMAGOR_AUTO_WEBP", "1"),
    ("IMAGOR_AUTO_AVIF", "1"),
    (
        "HTTP_LOADER_ALLOWED_SOURCES",
        "*.example.com,assets.example.org",
    ),
    ("HTTP_LOADER_HTTPS_ONLY", "1"),
    ("HTTP_LOADER_MAX_ALLOWED_SIZE", "33554432"),
    ("VIPS_MAX_RESOLUTION", "16800000"),
    ("VIPS_MAX_WIDTH", "5000"),
    ("VIPS_MAX_HEIGHT", "5000"),
    ("VIPS_MAX_ANIMATION_FRAMES", "200"),
    ("VIPS_MOZJPEG", "1"),
    ("IMAGOR_REQUEST_TIMEOUT", "30s"),
    ("IMAGOR_LOAD_TIMEOUT", "10s"),
    ("IMAGOR_SAVE_TIMEOUT", "10s"),
    ("IMAGOR_PROCESS_TIMEOUT", "20s"),
    ("IMAGOR_PROCESS_CONCURRENCY", "4"),
    ("IMAGOR_PROCESS_QUEUE_SIZE", "100"),
    ("IMAGOR_CACHE_HEADER_TTL", "24h"),
];

#[test]
fn a_production_deployment_starts_unchanged() {
    let mut command = command(&["serve", "--imagor-env"], PRODUCTION);
    let server = Server::run(&mut command);
    assert!(server.address().ip().is_unspecified());
    let (signature, path) = SIGNED;
    // Signed as imagor signs it, and refused for where it comes from alone.
    let signed = server.get(&format!("/{signature}/{path}"), &[]);
    assert_eq!((signed.status, &*signed.code()), (403, "source_denied"));
    for target in [
        format!("/{signature}x/{path}"),
        format!("/unsafe/{path}"),
        format!("/{path}"),
    ] {
        let refused = server.get(&target, &[]);
        assert_eq!(refused.status, 403, "{target}");
        let body = String::from_utf8(refused.body).unwrap();
        assert!(
            body.contains(r#""message":"url signature mismatch""#),
            "{body}"
        );
    }
    for words in [
        "IMAGOR_SAVE_TIMEOUT is not known here",
        "VIPS_MOZJPEG is not known here",
        "HTTP_LOADER_HTTPS_ONLY does nothing in imagor",
        "HTTP_LOADER_MAX_ALLOWED_SIZE is held against the length",
        "HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS",
    ] {
        server.logged(words);
    }
    let log = server.log().join("\n");
    assert!(!log.contains("mysecret"), "{log}");
}

#[test]
fn mistakes_are_named_at_once_and_nothing_is_served() {
    let variables = [
        ("PORT", "x"),
        ("IMAGOR_SIGNER_TRUNCATE", "10"),
        ("HTTP_LOADER_ALLOWED_SOURCES", "a b"),
    ];
    let expected = "environment: HTTP_LOADER_ALLOWED_SOURCES: \"a b\" is no source: it has a character that no host has
environment: IMAGOR_SECRET: not set, and IMAGOR_UNSAFE is not either: no URL would be valid
environment: IMAGOR_SIGNER_TRUNCATE: a signature of 10 characters is too short: 17 are the least
environment: PORT: \"x\" is not a whole number
";
    for command in ["serve", "config"] {
        let (status, out, error) = run(&[command, "--imagor-env"], &variables);
        assert_eq!(
            (status, &*out, &*error),
            (Some(2), "", expected),
            "{command}"
        );
    }
    let both = ["serve", "--imagor-env", "--config", "imgward.toml"];
    assert_eq!(run(&both, &[UNSAFE]).0, Some(2));
}

#[test]
fn what_is_in_force_is_printed() {
    let (status, out, error) = run(&["config", "--imagor-env"], PRODUCTION);
    assert_eq!((status, &*error), (Some(0), ""));
    for line in [
        "truncate = 40",
        "max_source_pixels = 16800000",
        "https_only = true",
        "# VIPS_MOZJPEG is not known here, and has no effect",
    ] {
        assert!(out.lines().any(|found| found == line), "{line} in {out}");
    }
    assert!(!out.contains("mysecret"), "{out}");
}

#[test]
fn the_port_is_imagors() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let port_text = port.to_string();
    let variables = [UNSAFE, FILES, ("PORT", &*port_text)];
    let mut command = command(&["serve", "--imagor-env"], &variables);
    let server = Server::run(&mut command);
    assert_eq!(server.address().port(), port);
}

#[test]
fn signatures_follow_their_variables() {
    let (signature, path) = SIGNED;
    let target = format!("/{signature}/{path}");
    let settings = [
        ("IMAGOR_SECRET", "mysecret"),
        ("IMAGOR_SIGNER_TYPE", "sha256"),
        ("IMAGOR_SIGNER_TRUNCATE", "40"),
    ];
    let with = |variables: Variables<'_>| code(&start(&[&[FILES], variables].concat()), &target);
    assert_eq!(with(&settings), (404, "not_found".into()));
    let refused = (403, "signature_invalid".into());
    for index in 0..settings.len() {
        let mut other = settings;
        other[index].1 = ["another", "sha512", "30"][index];
        assert_eq!(with(&other), refused, "{other:?}");
    }
    let server = start_open(&settings[..1]);
    assert_eq!(
        server.get("/unsafe/30x20/shield.png", &[]).image(),
        ("png", 30, 20)
    );
}

#[test]
fn formats_are_negotiated_where_that_is_on() {
    let target = "/unsafe/30x20/shield.png";
    let accept = ["Accept: image/avif,image/webp,*/*"];
    for (variables, content_type, vary) in [
        (&[][..], "image/png", ""),
        (&[("IMAGOR_AUTO_WEBP", "1")], "image/webp", "accept"),
        (&[("IMAGOR_AUTO_AVIF", "1")], "image/avif", "accept"),
        (
            &[("IMAGOR_AUTO_AVIF", "1"), ("IMAGOR_AUTO_WEBP", "1")],
            "image/avif",
            "accept",
        ),
    ] {
        let answer = start_open(variables).get(target, &accept);
        let found = (answer.header("content-type"), answer.header("vary"));
        assert_eq!(found, (content_type.into(), vary.into()), "{variables:?}");
    }
}

#[test]
fn time_limits_hold_and_are_answered_as_imagor_does() {
    let port = origin();
    let slow = format!("/unsafe/30x20/http://127.0.0.1:{port}/slow.png");
    for name in ["IMAGOR_LOAD_TIMEOUT", "IMAGOR_REQUEST_TIMEOUT"] {
        let answer = start_http(&[(name, "300ms")]).get(&slow, &[]);
        assert_eq!((answer.status, &*answer.code()), (408, "timeout"), "{name}");
        let body = String::from_utf8(answer.body).unwrap();
        assert!(
            body.contains(r#""status":408"#) && body.contains(r#""message":"timeout""#),
            "{body}"
        );
    }
    let hard = "/unsafe/1200x900/filters:upscale():format(avif)/galaxies.jpg";
    let server = start_open(&[("IMAGOR_PROCESS_TIMEOUT", "1ms")]);
    assert_eq!(code(&server, hard), (408, "timeout".into()));
}

#[test]
fn jobs_wait_as_their_variables_say() {
    let answers = |variables: Variables<'_>| {
        let server = start_open(variables);
        let mut streams: Vec<_> = (0..6).map(|_| server.connect()).collect();
        for (number, stream) in streams.iter_mut().enumerate() {
            let size = 100 + number;
            let target = format!("/unsafe/{size}x80/filters:format(avif)/galaxies.jpg");
            ask(stream, "GET", &target, &[]);
        }
        let codes = streams.iter_mut().map(|stream| Answer::read(stream).code());
        codes.filter(|code| code == "overloaded").count()
    };
    let one = ("IMAGOR_PROCESS_CONCURRENCY", "1");
    assert_eq!(answers(&[one]), 0);
    assert!(answers(&[one, ("IMAGOR_PROCESS_QUEUE_SIZE", "0")]) > 0);
    let six = ("IMAGOR_PROCESS_CONCURRENCY", "6");
    assert_eq!(answers(&[six, ("IMAGOR_PROCESS_QUEUE_SIZE", "0")]), 0);
}

#[test]
fn browsers_keep_images_as_long_as_is_said() {
    let target = "/unsafe/30x20/shield.png";
    for (variables, cache_control) in [
        (&[][..], "public, max-age=604800"),
        (&[("IMAGOR_CACHE_HEADER_TTL", "1h")], "public, max-age=3600"),
        (&[("IMAGOR_CACHE_HEADER_NO_CACHE", "1")], "no-store"),
    ] {
        let answer = start_open(variables).get(target, &[]);
        assert_eq!(
            answer.header("cache-control"),
            cache_control,
            "{variables:?}"
        );
    }
}

#[test]
fn pages_that_are_no_images() {
    let server = start_open(&[]);
    for page in ["/healthcheck", "/favicon.ico"] {
        let answer = server.get(page, &[]);
        assert_eq!((answer.status, &*answer.body), (200, &b""[..]), "{page}");
        assert_eq!(server.send("HEAD", page, &[]).status, 200, "{page}");
    }
    let front = server.get("/", &[]);
    let body = String::from_utf8_lossy(&front.body).into_owned();
    assert!(front.status == 200 && body.contains("imgward"), "{front:?}");
    assert!(front.header("content-type").starts_with("text/html"));
    assert_eq!(
        code(&server, "/unsafe/healthcheck"),
        (404, "not_found".into())
    );

    let elsewhere = "https://www.example.com/start";
    let server = start_open(&[("IMAGOR_BASE_PATH_REDIRECT", elsewhere)]);
    let answer = server.get("/", &[]);
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, elsewhere.into())
    );
}

#[test]
fn errors_may_have_no_body() {
    let server = start_open(&[("IMAGOR_DISABLE_ERROR_BODY", "1")]);
    let answer = server.get("/unsafe/30x20/none.jpg", &[]);
    assert_eq!((answer.status, &*answer.body), (404, &b""[..]));
    assert_eq!(answer.header("content-type"), "");
    assert_eq!(answer.header("cache-control"), "no-store");
    let image = server.get("/unsafe/30x20/shield.png", &[]);
    assert_eq!(image.image(), ("png", 30, 20));
}

/// A GIF of two frames, 2 by 1 pixels.
fn animation() -> Vec<u8> {
    let mut gif = b"GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    for pixels in [&b"\x02\x02\x44\x0a\x00"[..], &b"\x02\x02\x0c\x0a\x00"[..]] {
        gif.extend(b"\x21\xf9\x04\x00\x0a\x00\x00\x00");
        gif.extend(b"\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00");
        gif.extend(pixels);
    }
    gif.push(0x3b);
    gif
}

#[test]
fn limits_on_images_hold() {
    let large = "/unsafe/30x20/coffee.jpg";
    let refused = (422, String::from("image_too_large"));
    for name in ["VIPS_MAX_RESOLUTION", "VIPS_MAX_WIDTH", "VIPS_MAX_HEIGHT"] {
        assert_eq!(
            code(&start_open(&[(name, "100")]), large),
            refused,
            "{name}"
        );
        assert_eq!(
            code(&start_open(&[(name, "99999999")]), large).1,
            "ok",
            "{name}"
        );
    }
    let server = start_open(&[("HTTP_LOADER_MAX_ALLOWED_SIZE", "1000")]);
    assert_eq!(code(&server, large), (400, "source_too_large".into()));

    let folder = Folder::new("imagor-frames");
    std::fs::write(folder.path().join("a.gif"), animation()).unwrap();
    let files = ("FILE_LOADER_BASE_DIR", folder.path().to_str().unwrap());
    let frames = |variables: Variables<'_>| {
        let server = start(&[&[UNSAFE, files], variables].concat());
        let answer = server.get("/unsafe/a.gif", &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let is_control = |bytes: &&[u8]| bytes.starts_with(b"\x21\xf9\x04");
        answer.body.windows(3).filter(is_control).count()
    };
    assert_eq!(frames(&[]), 2);
    assert!(frames(&[("VIPS_MAX_ANIMATION_FRAMES", "1")]) < 2);
}

#[test]
fn other_servers_are_asked_as_their_variables_say() {
    let port = origin();
    let host = format!("127.0.0.1:{port}");
    let url = |path: &str| format!("/unsafe/30x20/http://{host}/{path}");
    let ok = (200, String::from("ok"));
    let denied = (403, String::from("source_denied"));

    // Every public host, and this one is none.
    assert_eq!(code(&start(&[UNSAFE]), &url("a.png")), denied);
    let open = start_http(&[]);
    assert_eq!(code(&open, &url("a.png")), ok);
    assert_eq!(code(&open, &url("none.png")), (404, "not_found".into()));
    let message = String::from_utf8(start(&[UNSAFE]).get(&url("a.png"), &[]).body).unwrap();
    assert!(
        message.contains(r#""message":"http source not allowed""#),
        "{message}"
    );

    let sources = format!("*.example.com,{host}");
    let listed = start_http(&[("HTTP_LOADER_ALLOWED_SOURCES", &sources)]);
    assert_eq!(code(&listed, &url("a.png")), ok);
    let other = format!("/unsafe/30x20/http://localhost:{port}/a.png");
    assert_eq!(code(&listed, &other), denied);

    let matched = start_http(&[("HTTP_LOADER_ALLOWED_SOURCE_REGEXP", r"^127\.0\.0\.[12]$")]);
    // Nothing need listen on port 80 for this: what counts is that somebody was asked.
    assert_ne!(
        code(&matched, "/unsafe/30x20/http://127.0.0.1/a.png"),
        denied
    );
    assert_eq!(
        code(&matched, "/unsafe/30x20/http://127.0.0.3/a.png"),
        denied
    );

    let base = format!("http://{host}/photos");
    let below = start_http(&[("HTTP_LOADER_BASE_URL", &base)]);
    assert_eq!(code(&below, "/unsafe/30x20/a.png"), ok);
    assert_eq!(code(&below, &url("a.png")), denied);

    assert_eq!(
        code(
            &start_http(&[("HTTP_LOADER_HTTPS_ONLY", "1")]),
            &url("a.png")
        ),
        denied
    );
    let blocked = start_http(&[("HTTP_LOADER_BLOCK_NETWORKS", "127.0.0.0/24")]);
    assert_eq!(code(&blocked, &url("a.png")), denied);

    let forwarding = start_http(&[("HTTP_LOADER_FORWARD_HEADERS", "X-Key")]);
    let key = ["X-Key: open"];
    assert_eq!(forwarding.get(&url("key.png"), &key).code(), "ok");
    assert_eq!(open.get(&url("key.png"), &key).code(), "not_found");
}

#[test]
fn private_networks_are_opened_one_by_one() {
    let hurried = ("IMAGOR_LOAD_TIMEOUT", "200ms");
    for (name, address) in [
        ("HTTP_LOADER_BLOCK_PRIVATE_NETWORKS", "10.255.255.1"),
        ("HTTP_LOADER_BLOCK_LINK_LOCAL_NETWORKS", "169.254.255.1"),
    ] {
        let target = format!("/unsafe/30x20/http://{address}/a.png");
        let denied = (403, String::from("source_denied"));
        for closed in [&[UNSAFE, LOOPBACK][..], &[UNSAFE, (name, "1")]] {
            assert_eq!(code(&start(closed), &target), denied, "{closed:?}");
        }
        let opened = start(&[UNSAFE, hurried, (name, "0")]);
        assert_ne!(code(&opened, &target), denied, "{name}");
    }
}

#[test]
fn files_are_tried_before_other_servers() {
    let port = origin();
    let sources = format!("127.0.0.1:{port}");
    let allowed = [LOOPBACK, ("HTTP_LOADER_ALLOWED_SOURCES", &*sources)];
    let both = start_open(&allowed);
    let url = format!("/unsafe/30x20/http://127.0.0.1:{port}/a.png");
    for target in ["/unsafe/30x20/shield.png", &*url] {
        assert_eq!(both.get(target, &[]).image(), ("png", 30, 20), "{target}");
    }
    assert_eq!(
        code(&both, "/unsafe/30x20/none.jpg"),
        (404, "not_found".into())
    );
    let elsewhere = format!("/unsafe/30x20/http://localhost:{port}/a.png");
    assert_eq!(code(&both, &elsewhere), (403, "source_denied".into()));
    for files_alone in [
        start_open(&[]),
        start_open(&[allowed[0], allowed[1], ("HTTP_LOADER_DISABLE", "1")]),
    ] {
        assert_eq!(code(&files_alone, &url).0, 404);
    }
}

#[test]
fn results_are_stored_where_imagor_would() {
    let folder = Folder::new("imagor-results");
    let results = folder.path().join("results");
    let variables = [("FILE_RESULT_STORAGE_BASE_DIR", results.to_str().unwrap())];
    let target = "/unsafe/30x20/shield.png";
    let mut first = start_open(&variables);
    assert_eq!(first.get(target, &[]).header("x-cache"), "miss");
    // What is still to be written is written before it ends.
    first.signal("TERM");
    assert_eq!(first.wait(), Some(0));
    let second = start_open(&variables);
    assert_eq!(second.get(target, &[]).header("x-cache"), "hit");
}

#[test]
fn statuses_and_messages_are_imagors_where_they_differ() {
    let folder = Folder::new("imagor-statuses");
    std::fs::write(folder.path().join("text.jpg"), "no image at all").unwrap();
    let files = ("FILE_LOADER_BASE_DIR", folder.path().to_str().unwrap());
    let server = start(&[UNSAFE, files]);
    for (target, status, code, message) in [
        (
            "/unsafe/text.jpg",
            406,
            "unsupported_format",
            "unsupported format",
        ),
        ("/unsafe/none.jpg", 404, "not_found", "not found"),
        (
            "/unsafe/filters:expire(1)/text.jpg",
            410,
            "url_expired",
            "expired",
        ),
    ] {
        let answer = server.get(target, &[]);
        assert_eq!((answer.status, &*answer.code()), (status, code), "{target}");
        let body = String::from_utf8(answer.body).unwrap();
        let says = |text: String| assert!(body.contains(&text), "{text} in {body}");
        says(format!(r#""message":"{message}""#));
        says(format!(r#""status":{status}"#));
    }
    let answer = server.send("POST", "/unsafe/text.jpg", &[]);
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "GET, HEAD".into())
    );
}

#[test]
fn a_bucket_is_a_mistake_that_is_named() {
    for name in ["S3_LOADER_BUCKET", "S3_RESULT_STORAGE_BUCKET"] {
        let variables = [UNSAFE, FILES, (name, "photos")];
        let (status, _, error) = run(&["config", "--imagor-env"], &variables);
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains(&format!("environment: {name}: ")), "{error}");
    }
}
