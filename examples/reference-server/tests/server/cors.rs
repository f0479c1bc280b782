//! `[cors]`.

use crate::support::{Answer, Folder, Server};

const IMAGE: &str = "/unsafe/8x8/coffee.jpg";

fn server(name: &str, cors: &str) -> (Folder, Server) {
    let folder = Folder::new(name);
    let config = folder.config(&format!(
        "environment = 'development'\n{cors}\n[referer]\nmode = 'blocklist'\nsites = ['https://bad.example']\n[origin]\nfiles = 'IMAGES'"
    ));
    let server = Server::start(&config);
    (folder, server)
}

fn preflight(server: &Server, origin: &str) -> Answer {
    let origin = format!("Origin: {origin}");
    let headers = [
        &*origin,
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: x-app",
    ];
    server.send("OPTIONS", IMAGE, &headers)
}

#[test]
fn pages_of_the_origins_listed_may_read_the_answers() {
    let (_folder, server) = server(
        "cors",
        "[cors]\nallow_origins = ['https://App.example.com/']",
    );
    let allowed = "https://app.example.com";
    for (origin, may_read) in [
        (allowed, allowed),
        ("https://app.example.com.evil.example", ""),
        ("http://app.example.com", ""),
        ("null", ""),
    ] {
        let answer = preflight(&server, origin);
        assert_eq!(answer.status, 200, "{origin}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("access-control-allow-origin"), may_read);
        assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD");
        assert_eq!(answer.header("access-control-allow-headers"), "*");
        assert_eq!(answer.header("vary"), "origin");

        let image = server.get(IMAGE, &[&format!("Origin: {origin}")]);
        assert_eq!(image.image().0, "jpeg");
        assert_eq!(image.header("access-control-allow-origin"), may_read);
        assert_eq!(image.header("access-control-allow-credentials"), "");
        assert_eq!(image.header("vary"), "referer, origin");
    }
    // What is refused can be read too, and a cache must know that somebody else may not read it.
    let origin = format!("Origin: {allowed}");
    for (method, target, header, code) in [
        (
            "GET",
            IMAGE,
            "Referer: https://bad.example/",
            "referer_denied",
        ),
        ("GET", "/unsafe/8x8/none.jpg", "", "not_found"),
        ("DELETE", IMAGE, "", "method_not_allowed"),
    ] {
        let headers = [&*origin, header];
        let headers = &headers[..if header.is_empty() { 1 } else { 2 }];
        let answer = server.send(method, target, headers);
        assert_eq!(answer.code(), code);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            allowed,
            "{code}"
        );
        assert!(answer.header("vary").contains("origin"), "{code}");
        if method == "DELETE" {
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        }
    }
    assert!(server.get(IMAGE, &[]).header("vary").contains("origin"));
}

#[test]
fn a_star_is_every_origin_and_answers_are_the_same_for_all() {
    let (_folder, server) = server("cors-any", "[cors]\nallow_origins = ['*']");
    assert_eq!(preflight(&server, "https://a.example").header("vary"), "");
    for origin in ["https://a.example", "null"] {
        let image = server.get(IMAGE, &[&format!("Origin: {origin}")]);
        assert_eq!(image.header("access-control-allow-origin"), "*");
        assert_eq!(image.header("vary"), "referer");
    }
}

#[test]
fn without_the_table_there_is_no_cors() {
    let (_folder, server) = server("cors-off", "");
    let answer = preflight(&server, "https://a.example");
    assert_eq!(answer.code(), "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD");
    let image = server.get(IMAGE, &["Origin: https://a.example"]);
    assert_eq!(image.header("access-control-allow-origin"), "");
    assert_eq!(image.header("vary"), "referer");
}

#[test]
fn a_mount_has_rules_of_its_own() {
    let folder = Folder::new("cors-mounts");
    let config = folder.config(
        "environment = 'development'
[cors]
allow_origins = ['https://a.example']
[origin]
files = 'IMAGES'
[[mount]]
path = '/a'
[[mount]]
path = '/b'
[mount.cors]
allow_origins = ['https://b.example']
[[mount]]
path = '/c'
[mount.cors]
",
    );
    let server = Server::start(&config);
    for (mount, of_a, of_b) in [
        ("/a", "https://a.example", ""),
        ("/b", "", "https://b.example"),
        ("/c", "", ""),
    ] {
        let target = format!("{mount}{IMAGE}");
        for (origin, may_read) in [("https://a.example", of_a), ("https://b.example", of_b)] {
            let answer = server.get(&target, &[&format!("Origin: {origin}")]);
            assert_eq!(answer.status, 200);
            assert_eq!(
                answer.header("access-control-allow-origin"),
                may_read,
                "{mount}"
            );
        }
    }
}
