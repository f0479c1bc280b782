//! The effect of every table, over a socket.

use std::net::TcpStream;
use std::path::Path;

use crate::support::{Answer, Folder, Server, ask};

/// A mount for every table, behind a proxy that may say who the client is.
pub(crate) const CONFIG: &str = r#"
[client_ip]
trusted_proxies = ["127.0.0.1"]

[signature]
required = false

[origin]
files = "IMAGES"

[[mount]]
path = "/ip"
[mount.ip]
block = "192.0.2.1\n198.51.100.0/24 # a network"

[[mount]]
path = "/ip-allow"
[mount.ip]
allow = ["192.0.2.0/24"]
block = ["192.0.2.1"]

[[mount]]
path = "/geo"
[mount.geo]
mode = "blocklist"
countries = ["kp"]
country_header = "x-country"
status = 451

[[mount]]
path = "/geo-allow"
[mount.geo]
mode = "allowlist"
countries = ["DE"]
country_header = "x-country"

[[mount]]
path = "/agent"
[mount.user_agent_block]
contains = ["BadBot"]

[[mount]]
path = "/referer"
[mount.referer]
mode = "allowlist"
sites = ["https://ik.imagekit.io", "https://*.example.com"]
missing = "block"

[[mount]]
path = "/referer-block"
[mount.referer]
mode = "blocklist"
sites = ["https://evil.com"]
cross_site = "block"

[[mount]]
path = "/signed"
[mount.signature]
secrets = ["env:IMGWARD_TEST_SECRET"]
algorithm = "sha256"
truncate = 40
max_lifetime = "1h"

[[mount]]
path = "/strict"
[mount.transform]
strict = true
"#;

/// A target, the headers of the request, and the code of the answer.
pub(crate) const CASES: &[(&str, &[&str], &str)] = &[
    ("/ip/unsafe/8x8/cat.jpg", &[], "ok"),
    (
        "/ip/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: 192.0.2.1"],
        "ip_blocked",
    ),
    (
        "/ip/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: 192.0.2.1, 192.0.2.2"],
        "ok",
    ),
    (
        "/ip/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: 198.51.100.7"],
        "ip_blocked",
    ),
    (
        "/ip/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: ::ffff:198.51.100.7"],
        "ip_blocked",
    ),
    (
        "/ip/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: nobody"],
        "ip_blocked",
    ),
    ("/ip/unsafe/8x8/cat.jpg", &["X-Real-IP: 192.0.2.1"], "ok"),
    ("/ip-allow/unsafe/8x8/cat.jpg", &[], "ip_blocked"),
    (
        "/ip-allow/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: 192.0.2.7"],
        "ok",
    ),
    (
        "/ip-allow/unsafe/8x8/cat.jpg",
        &["X-Forwarded-For: 192.0.2.1"],
        "ip_blocked",
    ),
    (
        "/geo/unsafe/8x8/cat.jpg",
        &["X-Country: KP"],
        "country_blocked",
    ),
    ("/geo/unsafe/8x8/cat.jpg", &["X-Country: DE"], "ok"),
    ("/geo/unsafe/8x8/cat.jpg", &[], "ok"),
    ("/geo-allow/unsafe/8x8/cat.jpg", &["X-Country: DE"], "ok"),
    (
        "/geo-allow/unsafe/8x8/cat.jpg",
        &["X-Country: XX"],
        "country_blocked",
    ),
    ("/geo-allow/unsafe/8x8/cat.jpg", &[], "country_blocked"),
    (
        "/agent/unsafe/8x8/cat.jpg",
        &["User-Agent: A badbot/1.0"],
        "user_agent_blocked",
    ),
    ("/agent/unsafe/8x8/cat.jpg", &["User-Agent: curl"], "ok"),
    ("/agent/unsafe/8x8/cat.jpg", &[], "ok"),
    (
        "/referer/unsafe/8x8/cat.jpg",
        &["Referer: https://ik.imagekit.io/page"],
        "ok",
    ),
    (
        "/referer/unsafe/8x8/cat.jpg",
        &["Referer: https://a.b.example.com"],
        "ok",
    ),
    (
        "/referer/unsafe/8x8/cat.jpg",
        &["Referer: https://example.com.evil.com/"],
        "referer_denied",
    ),
    (
        "/referer/unsafe/8x8/cat.jpg",
        &["Referer: ik.imagekit.io"],
        "referer_denied",
    ),
    ("/referer/unsafe/8x8/cat.jpg", &[], "referer_denied"),
    (
        "/referer-block/unsafe/8x8/cat.jpg",
        &["Referer: https://evil.com/"],
        "referer_denied",
    ),
    (
        "/referer-block/unsafe/8x8/cat.jpg",
        &["Referer: https://other.com/"],
        "ok",
    ),
    (
        "/referer-block/unsafe/8x8/cat.jpg",
        &["Sec-Fetch-Site: cross-site"],
        "referer_denied",
    ),
    (
        "/referer-block/unsafe/8x8/cat.jpg",
        &["Sec-Fetch-Site: same-origin"],
        "ok",
    ),
    ("/signed/unsafe/8x8/cat.jpg", &[], "signature_missing"),
    ("/signed/8x8/cat.jpg", &[], "signature_missing"),
    (
        "/signed/8SgsfFzkEqVwiDIh0Bh1jF5kA2gG4jlLw7_aQkQd/8x8/cat.jpg",
        &[],
        "signature_invalid",
    ),
    (
        "/strict/unsafe/8x8/filters:nothing(1)/cat.jpg",
        &[],
        "bad_request",
    ),
    ("/ip/unsafe/8x8/filters:nothing(1)/cat.jpg", &[], "ok"),
    ("/ip/unsafe/99999x8/cat.jpg", &[], "bad_request"),
    ("/ip/unsafe/8x8/../cat.jpg", &[], "bad_request"),
    ("/ip/unsafe/8x8/%2e%2E/cat.jpg", &[], "bad_request"),
    ("/ip/unsafe/8x8/..%2fcat.jpg", &[], "bad_request"),
    ("/nowhere/unsafe/8x8/cat.jpg", &[], "not_found"),
    ("/ipx/unsafe/8x8/cat.jpg", &[], "not_found"),
    ("/", &[], "not_found"),
];

#[test]
fn every_table_does_what_it_says() {
    let folder = Folder::new("rules");
    let server = Server::start(&folder.config(CONFIG));
    for (target, headers, code) in CASES {
        let answer = server.get(target, headers);
        assert_eq!(answer.code(), *code, "{target} {headers:?} {answer:?}");
        if answer.status != 200 {
            let head = server.send("HEAD", target, headers);
            assert_eq!(
                (head.status, head.body.len()),
                (answer.status, 0),
                "{target}"
            );
        }
    }
    let answer = server.get("/geo/unsafe/8x8/cat.jpg", &["X-Country: KP"]);
    assert_eq!(answer.status, 451);
    // The refusals of a code are alike, whatever the rule.
    let refusals = ["192.0.2.1", "198.51.100.7", "nobody"];
    let refusals = refusals.map(|client| {
        let header = format!("X-Forwarded-For: {client}");
        server.get("/ip/unsafe/8x8/cat.jpg", &[&header]).body
    });
    assert!(refusals.iter().all(|body| *body == refusals[0]));
}

#[test]
fn row_97_hostile_paths_are_bad_requests() {
    let server = Server::with(&["serve", "--listen", "127.0.0.1:0"]);
    for path in [
        "/unsafe/8x8/cat%00.jpg",
        "/unsafe/8x8/cat%0d%0aX-Injected:%201.jpg",
        "/unsafe/8x8/..%2f..%2fcat.jpg",
        "/unsafe/8x8/..%5c..%5ccat.jpg",
        "/unsafe/8x8/%2e%2e%5ccat.jpg",
        "/unsafe/8x8/.",
    ] {
        let answer = server.get(path, &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (400, "bad_request"),
            "{path}"
        );
        assert_eq!(answer.header("x-injected"), "", "{path}");
    }
    let overlong = server.get("/unsafe/8x8/%c0%ae%c0%ae/cat.jpg", &[]);
    assert!(matches!(overlong.status, 400 | 404), "{overlong:?}");
}

#[test]
fn images_are_asked_for_with_get_and_head() {
    let folder = Folder::new("methods");
    let server = Server::start(&folder.config(CONFIG));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = server.send(method, "/ip/unsafe/8x8/cat.jpg", &["Content-Length: 0"]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (405, "method_not_allowed"),
            "{method}"
        );
        assert_eq!(answer.header("allow"), "GET, HEAD", "{method}");
    }
    let answer = server.send("POST", "/nowhere", &["Content-Length: 0"]);
    assert_eq!(answer.code(), "not_found");
}

#[test]
fn rules_that_only_report_let_requests_through() {
    let folder = Folder::new("report");
    let config = format!("report_only = [\"ip\", \"referer\", \"signature\"]\n{CONFIG}");
    let server = Server::start(&folder.config(&config));
    let cases: [(&str, &[&str]); 3] = [
        ("/ip/unsafe/8x8/cat.jpg", &["X-Forwarded-For: 192.0.2.1"]),
        ("/referer/unsafe/8x8/cat.jpg", &[]),
        ("/signed/unsafe/8x8/cat.jpg", &[]),
    ];
    for (target, headers) in cases {
        let answer = server.get(target, headers);
        assert_eq!(answer.image(), ("jpeg", 8, 8), "{target}");
        let caching = answer.header("cache-control");
        assert!(
            caching.contains("no-store") && !caching.contains("public"),
            "{target}: {caching}"
        );
    }
    let answer = server.get("/agent/unsafe/8x8/cat.jpg", &["User-Agent: BadBot"]);
    assert_eq!(answer.code(), "user_agent_blocked");
}

#[cfg(unix)]
#[test]
fn nothing_outside_of_the_folder_is_served() {
    let folder = Folder::new("outside");
    let images = folder.path().join("images");
    std::fs::create_dir_all(&images).unwrap();
    let sample = |name: &str| Path::new(crate::support::IMAGES).join(name);
    std::fs::copy(sample("cat.jpg"), images.join("cat.jpg")).unwrap();
    std::fs::copy(sample("cat.jpg"), folder.path().join("outside.jpg")).unwrap();
    std::os::unix::fs::symlink("../outside.jpg", images.join("link.jpg")).unwrap();
    std::os::unix::fs::symlink("..", images.join("up")).unwrap();
    let config = folder.config("[signature]\nrequired = false\n[origin]\nfiles = \"images\"");
    let server = Server::start(&config);
    for (target, code) in [
        ("/unsafe/cat.jpg", "ok"),
        ("/unsafe/link.jpg", "not_found"),
        ("/unsafe/up/outside.jpg", "not_found"),
        ("/unsafe/../outside.jpg", "bad_request"),
        ("/unsafe/%252e%252e/outside.jpg", "bad_request"),
        ("/unsafe/b64:Li4vb3V0c2lkZS5qcGc", "bad_request"),
    ] {
        assert_eq!(server.get(target, &[]).code(), code, "{target}");
    }
}

#[test]
fn a_flood_of_headers_is_refused() {
    let server = Server::with(&["serve", "--listen", "127.0.0.1:0"]);
    let mut stream: TcpStream = server.connect();
    let flood = format!("X-Flood: {}", "a".repeat(60_000));
    ask(&mut stream, "GET", "/unsafe/8x8/cat.jpg", &[&flood, &flood]);
    assert_eq!(Answer::read(&mut stream).status, 431);
}
