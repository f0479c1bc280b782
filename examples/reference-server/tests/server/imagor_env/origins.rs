//! Where images come from, and where results go.

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use super::{FILES, LOOPBACK, UNSAFE, code, command, run, start, start_http, start_open};
use crate::fixtures::{image, listen, respond};
use crate::s3::{S3, reach};
use crate::support::{Folder, IMAGES, Server};

/// Another server, on a port of its own for as long as the tests run.
pub(super) fn origin() -> u16 {
    listen(|path, has_key, stream| match path {
        "/a.png" | "/photos/a.png" => respond(stream, "200 OK", &image()),
        "/key.png" if has_key => respond(stream, "200 OK", &image()),
        "/slow.png" => {
            // As long as somebody waits.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        }
        _ => respond(stream, "404 Not Found", &[]),
    })
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
fn a_bucket_is_asked_after_files_and_before_other_servers() {
    let folder = Folder::new("imagor-bucket");
    let s3 = S3::start(&folder.path().join("s3"));
    let shield = std::fs::read(format!("{IMAGES}/shield.png")).unwrap();
    s3.put("originals/below/bucket.png", &shield);
    // Behind the file of the same name.
    s3.put("originals/coffee.jpg", b"no image");
    let endpoint = format!("http://{}", s3.address());
    let variables = [
        UNSAFE,
        FILES,
        LOOPBACK,
        ("S3_LOADER_BUCKET", "photos"),
        ("S3_LOADER_BASE_DIR", "/originals/"),
        ("S3_FORCE_PATH_STYLE", "1"),
        ("S3_RESULT_STORAGE_BUCKET", "photos/results"),
        ("S3_RESULT_STORAGE_BASE_DIR", "images"),
        ("HTTP_LOADER_ALLOWED_SOURCES", "127.0.0.1"),
    ];
    let arguments = ["serve", "--imagor-env", "--listen", "127.0.0.1:0"];
    let start = || {
        let mut command = command(&arguments, &variables);
        let command = reach(&mut command, s3.address());
        Server::run(
            command
                .env_remove("AWS_ENDPOINT")
                .env("S3_ENDPOINT", &endpoint),
        )
    };
    let mut server = start();
    let port = origin();
    let targets = [
        "/unsafe/30x20/coffee.jpg".into(),
        "/unsafe/30x20/below/bucket.png".into(),
        format!("/unsafe/30x20/http://127.0.0.1:{port}/a.png"),
    ];
    for target in &targets {
        assert_eq!(code(&server, target), (200, "ok".into()), "{target}");
    }
    let missing = code(&server, "/unsafe/30x20/below/none.png");
    assert_eq!(missing, (404, "not_found".into()));
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));

    let again = start();
    for target in &targets {
        assert_eq!(again.get(target, &[]).header("x-cache"), "hit", "{target}");
    }
    assert!(folder.path().join("s3/photos/results/images").is_dir());
}

#[test]
fn what_is_wrong_with_a_bucket_is_named() {
    for name in ["S3_LOADER_BUCKET", "S3_RESULT_STORAGE_BUCKET"] {
        let variables = [UNSAFE, FILES, (name, "../photos")];
        let (status, _, error) = run(&["config", "--imagor-env"], &variables);
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains(&format!("environment: {name}: ")), "{error}");
    }
}
