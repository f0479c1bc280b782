//! What caches are told, here and elsewhere, and what no client can change for others.

use crate::support::{Answer, Folder, Server};

const CONFIG: &str = r#"
environment = "development"

[client_ip]
trusted_proxies = ["127.0.0.1"]

[transform]
auto_format = ["avif", "webp"]

[origin]
files = "IMAGES"

[cache]
memory = "16MiB"
browser_ttl = "1h"

[[mount]]
path = "/open"

[[mount]]
path = "/guarded"
[mount.ip]
block = ["192.0.2.0/24"]
"#;

const TARGET: &str = "/open/unsafe/30x20/coffee.jpg";

#[test]
fn row_85_accept_is_read_by_its_weights_and_every_variant_varies() {
    let folder = Folder::new("accept");
    let server = Server::start(&folder.config(CONFIG));
    let many = "image/x-none;q=0.5,".repeat(400) + "image/webp";
    for (accept, media_type) in [
        ("", "image/jpeg"),
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        ("image/webp", "image/webp"),
        ("IMAGE/WEBP", "image/webp"),
        ("image/webp;q=0", "image/jpeg"),
        ("image/webp;q=0.000,*/*", "image/jpeg"),
        (
            "image/*;q=0.5, image/avif;q=0, image/webp;q=0.1",
            "image/webp",
        ),
        ("image/webp;q=nonsense", "image/jpeg"),
        ("text/html,image/webpx,ximage/webp", "image/jpeg"),
        (&many, "image/webp"),
    ] {
        let header = format!("Accept: {accept}");
        let answer = server.get(TARGET, &[&header]);
        let accept = &accept[..accept.len().min(60)];
        assert_eq!(answer.header("content-type"), media_type, "{accept}");
        let varies = |answer: &Answer| answer.header("vary").eq_ignore_ascii_case("accept");
        assert!(varies(&answer), "{accept}: {}", answer.header("vary"));
        let tag = format!("If-None-Match: {}", answer.header("etag"));
        let unchanged = server.get(TARGET, &[&header, &tag]);
        assert!(unchanged.status == 304 && varies(&unchanged), "{accept}");
    }
    // However it was asked for, there are two of them.
    for (accept, state) in [("image/webp", "hit"), ("*/*", "hit")] {
        let answer = server.get(TARGET, &[&format!("Accept: {accept}, text/x-{state}")]);
        assert_eq!(answer.header("x-cache"), state);
    }
}

#[test]
fn rows_86_and_87_conditions_are_about_the_variant() {
    let folder = Folder::new("conditions");
    let server = Server::start(&folder.config(CONFIG));
    let webp = server.get(TARGET, &["Accept: image/webp"]).header("etag");
    let jpeg = server.get(TARGET, &[]).header("etag");
    assert!(webp != jpeg && !webp.starts_with("W/") && !jpeg.starts_with("W/"));
    for (condition, status) in [
        (format!("If-None-Match: {jpeg}"), 304),
        (format!("If-None-Match: W/{jpeg}"), 304),
        (format!("If-None-Match: \"a\", {jpeg} , \"b\""), 304),
        (
            format!("If-None-Match: \"a\"\r\nIf-None-Match: {jpeg}"),
            304,
        ),
        ("If-None-Match: *".into(), 304),
        (format!("If-None-Match: {webp}"), 200),
        (format!("If-None-Match: {}", jpeg.trim_matches('"')), 200),
        ("If-None-Match: \"\"".into(), 200),
        // There is no Last-Modified to compare with, and a tag would come first.
        (
            "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT".into(),
            200,
        ),
        (
            format!("If-None-Match: {webp}\r\nIf-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"),
            200,
        ),
    ] {
        let answer = server.get(TARGET, &[&condition]);
        assert_eq!(answer.status, status, "{condition}");
        assert_eq!(answer.header("etag"), jpeg, "{condition}");
        assert_eq!(answer.body.is_empty(), status == 304, "{condition}");
    }
}

#[test]
fn row_88_no_header_of_a_client_is_in_the_answer_of_another() {
    let folder = Folder::new("poison");
    let server = Server::start(&folder.config(CONFIG));
    let poison = [
        "X-Forwarded-Host: evil.example",
        "X-Original-URL: /open/unsafe/1x1/cat.jpg",
        "X-Rewrite-URL: /open/unsafe/1x1/cat.jpg",
        "X-Forwarded-Scheme: http",
        "X-Forwarded-Proto: evil",
        "X-Host: evil.example",
        "Forwarded: host=evil.example;proto=http",
        "X-HTTP-Method-Override: POST",
        "Origin: https://evil.example",
        "Cookie: evil=1",
        "Authorization: Basic ZXZpbA==",
        "User-Agent: evil",
        "Cache-Control: no-cache",
        "Pragma: no-cache",
    ];
    let first = server.get(TARGET, &poison);
    assert_eq!(
        (first.image(), &*first.header("x-cache")),
        (("jpeg", 30, 20), "miss")
    );
    assert!(!first.head().contains("evil"), "{first:?}");
    let second = server.get(&format!("{TARGET}?utm_source=b&{}", "c".repeat(2_000)), &[]);
    assert_eq!(second.header("x-cache"), "hit");
    assert_eq!(
        (&second.body, second.header("etag")),
        (&first.body, first.header("etag"))
    );
}

#[test]
fn row_89_a_refusal_is_kept_by_nobody_and_what_is_kept_is_refused() {
    let folder = Folder::new("refusals");
    let server = Server::start(&folder.config(CONFIG));
    let target = "/guarded/unsafe/30x20/coffee.jpg";
    let blocked = ["X-Forwarded-For: 192.0.2.1"];
    for _ in 0..2 {
        // Answers are one client's where it depends on the client whether there is one.
        let allowed = server.get(target, &[]);
        assert_eq!(allowed.status, 200);
        assert_eq!(allowed.header("cache-control"), "max-age=3600, private");
        let tag = format!("If-None-Match: {}", allowed.header("etag"));
        let refused = server.get(target, &[blocked[0], &tag]);
        assert_eq!(refused.code(), "ip_blocked");
    }
    assert_eq!(
        server.get(TARGET, &[]).header("cache-control"),
        "public, max-age=3600"
    );
    for (target, code) in [
        ("/open/unsafe/30x20/none.jpg", "not_found"),
        ("/open/unsafe/30x20/README.md", "unsupported_format"),
        ("/open/unsafe/99999x20/coffee.jpg", "bad_request"),
        ("/open/none", "signature_invalid"),
    ] {
        for _ in 0..2 {
            // It says no-store, which `code` looks at.
            let refused = server.get(target, &[]);
            assert!(refused.status >= 400, "{target}");
            if code != "signature_invalid" {
                assert_eq!(refused.code(), code, "{target}");
            }
            assert_eq!(refused.header("etag"), "", "{target}");
        }
    }
}

#[test]
fn row_91_ranges_are_not_served() {
    let folder = Folder::new("ranges");
    let server = Server::start(&folder.config(CONFIG));
    let whole = server.get(TARGET, &[]);
    let many = format!("Range: bytes={}", vec!["0-"; 2_000].join(","));
    let etag = format!("If-Range: {}", whole.header("etag"));
    for headers in [
        &["Range: bytes=0-9"][..],
        &["Range: bytes=-1"],
        &["Range: bytes=999999999-"],
        &["Range: bytes=0-0", &etag],
        &[&many],
    ] {
        let answer = server.get(TARGET, headers);
        assert_eq!(
            (answer.status, &answer.body),
            (200, &whole.body),
            "{headers:?}"
        );
        assert_eq!(answer.header("accept-ranges"), "none");
        assert_eq!(answer.header("content-range"), "");
    }
    let head = server.send("HEAD", TARGET, &["Range: bytes=0-9"]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
}

#[test]
fn row_97_a_file_name_is_one_and_nothing_else() {
    let folder = Folder::new("names");
    let server = Server::start(&folder.config(CONFIG));
    for (name, expected) in [
        ("", "attachment; filename=\"coffee.jpg\""),
        ("a.jpg", "attachment; filename=\"a.jpg\""),
        ("a%0d%0aX-Injected:%201.jpg", ""),
        ("a%22;%20filename=%22b.jpg", ""),
        ("%E2%80%AEgpj.exe", ""),
        (
            "caf%C3%A9.jpg",
            "attachment; filename=\"caf_.jpg\"; filename*=UTF-8''caf%C3%A9.jpg",
        ),
        ("..%5c..%5cb.jpg", ""),
    ] {
        let target = format!("/open/unsafe/30x20/filters:attachment({name})/coffee.jpg");
        let answer = server.get(&target, &[]);
        let disposition = answer.header("content-disposition");
        assert_eq!(answer.header("x-injected"), "", "{name}");
        if expected.is_empty() {
            // Refused, or made harmless.
            assert!(matches!(answer.status, 200 | 400), "{name}");
            if answer.status == 200 {
                let plain = disposition.split("; filename*").next().unwrap();
                assert_eq!(plain.matches('"').count(), 2, "{name}: {disposition}");
                assert!(
                    disposition.is_ascii() && !disposition.contains("%E2%80%AE"),
                    "{disposition}"
                );
                assert!(
                    disposition.contains("jpg\"") || disposition.contains("jpeg\""),
                    "{disposition}"
                );
            }
        } else {
            assert_eq!(disposition, expected, "{name}");
        }
    }
}
