use crate::support::{Folder, Server, run};

const CONFIG: &str = r#"
[signature]
secrets = ["env:IMGWARD_TEST_SECRET"]
algorithm = "sha256"
truncate = 40

[transform]
auto_format = ["webp"]

[origin]
files = "IMAGES"

[[mount]]
path = "/img"

[[mount]]
path = "/rewrite"
[[mount.user_agent]]
contains = ["Old Browser"]
accept = "image/png,*/*"

[[mount]]
path = "/small"
[mount.transform]
max_source_pixels = 200_000

[[mount]]
path = "/light"
[mount.transform]
max_source_bytes = "40KiB"

[[mount]]
path = "/tiny"
[mount.transform]
max_output_pixels = 100
"#;

fn sign(config: &str, arguments: &[&str]) -> String {
    let (status, out, error) = run(&[&["sign", "--config", config], arguments].concat());
    assert_eq!((status, &*error), (Some(0), ""), "{arguments:?}");
    out.trim_end().into()
}

#[test]
fn a_signed_url_is_answered_with_the_image() {
    let folder = Folder::new("signed");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let webp = ["Accept: image/webp,*/*;q=0.8"];
    let cases: [(&str, &[&str], _); 6] = [
        ("300x200/coffee.jpg", &webp, ("webp", 300, 200)),
        ("300x200/coffee.jpg", &[], ("jpeg", 300, 200)),
        ("/fit-in/300x300/coffee.jpg", &webp, ("webp", 300, 200)),
        ("192x0/astronaut.jpg", &[], ("jpeg", 192, 256)),
        ("100x100/shield.png", &[], ("png", 100, 100)),
        (
            "100x100/filters:format(webp)/shield.png",
            &[],
            ("webp", 100, 100),
        ),
    ];
    for (target, headers, image) in cases {
        let url = sign(&config, &["--mount", "/img", target]);
        assert!(url.starts_with("/img/"), "{url}");
        let answer = server.get(&url, headers);
        assert_eq!(answer.image(), image, "{target}");
        assert_eq!(answer.header("content-type"), format!("image/{}", image.0));
        assert_eq!(
            answer.header("content-length"),
            answer.body.len().to_string()
        );
        let vary = answer.header("vary").to_ascii_lowercase();
        assert_eq!(
            vary.contains("accept"),
            !target.contains("format("),
            "{target}: {vary}"
        );

        let etag = format!("If-None-Match: {}", answer.header("etag"));
        let again = server.get(&url, &[headers, &[&*etag]].concat());
        assert_eq!((again.status, again.body.len()), (304, 0), "{target}");
        for name in ["etag", "vary", "cache-control"] {
            assert_eq!(again.header(name), answer.header(name), "{target}: {name}");
        }
        let head = server.send("HEAD", &url, headers);
        assert_eq!((head.status, head.body.len()), (200, 0), "{target}");
        assert_eq!(
            head.header("content-length"),
            answer.header("content-length")
        );
    }
}

#[test]
fn a_url_that_was_changed_is_refused() {
    let folder = Folder::new("changed");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let url = sign(&config, &["--mount", "/img", "300x200/coffee.jpg"]);
    for (url, code) in [
        (url.clone(), "ok"),
        (url.replace("300x200", "301x200"), "signature_invalid"),
        (url.replace("coffee", "cat"), "signature_invalid"),
        (format!("{url}?v=2"), "ok"),
        (url.replace("/img/", "/nowhere/"), "not_found"),
    ] {
        assert_eq!(server.get(&url, &[]).code(), code, "{url}");
    }
}

#[test]
fn a_url_expires() {
    let folder = Folder::new("expires");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let arguments = ["--mount", "/img", "--expires-in", "1h", "30x20/coffee.jpg"];
    let url = sign(&config, &arguments);
    let answer = server.get(&url, &[]);
    assert_eq!(answer.image(), ("jpeg", 30, 20));
    let tag = format!("If-None-Match: {}", answer.header("etag"));
    let unchanged = server.get(&url, &[&tag]);
    assert_eq!(unchanged.status, 304);
    for answer in [answer, unchanged, server.send("HEAD", &url, &[])] {
        let caching = answer.header("cache-control");
        let max_age = caching
            .split("max-age=")
            .nth(1)
            .unwrap_or_else(|| panic!("{caching}"));
        assert!(
            (3590..=3600).contains(&max_age.parse::<u32>().unwrap()),
            "{caching}"
        );
    }

    let expired = sign(
        &config,
        &["--mount", "/img", "30x20/filters:expire(1000)/coffee.jpg"],
    );
    let answer = server.get(&expired, &[]);
    assert_eq!((answer.status, &*answer.code()), (410, "url_expired"));
}

#[test]
fn accept_is_rewritten_by_user_agent() {
    let folder = Folder::new("rewrite");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let url = sign(&config, &["--mount", "/rewrite", "30x20/coffee.jpg"]);
    let accept = "Accept: image/webp";
    let answer = server.get(&url, &[accept, "User-Agent: New Browser"]);
    assert_eq!(answer.image(), ("webp", 30, 20));
    let vary = answer.header("vary").to_ascii_lowercase();
    assert!(
        vary.contains("accept") && vary.contains("user-agent"),
        "{vary}"
    );
    let answer = server.get(&url, &[accept, "User-Agent: An old browser"]);
    assert_eq!(answer.image(), ("jpeg", 30, 20));
}

#[test]
fn limits_are_kept() {
    let folder = Folder::new("limits");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    for (mount, target, status, code) in [
        ("/small", "8x8/cat.jpg", 200, "ok"),
        ("/small", "8x8/coffee.jpg", 422, "image_too_large"),
        ("/light", "8x8/cat.jpg", 200, "ok"),
        ("/light", "8x8/coffee.jpg", 413, "source_too_large"),
        ("/tiny", "10x10/cat.jpg", 200, "ok"),
        ("/tiny", "11x10/cat.jpg", 422, "image_too_large"),
        ("/img", "8x8/README.md", 415, "unsupported_format"),
        ("/img", "8x8/none.jpg", 404, "not_found"),
        (
            "/img",
            "8x8/filters:format(jp2)/cat.jpg",
            415,
            "unsupported_format",
        ),
    ] {
        let answer = server.get(&sign(&config, &["--mount", mount, target]), &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (status, code),
            "{mount} {target}"
        );
    }
}

#[test]
fn the_development_server_serves_its_samples() {
    let server = Server::with(&["serve", "--listen", "127.0.0.1:0"]);
    let answer = server.get("/unsafe/300x200/coffee.jpg", &["Accept: image/webp"]);
    assert_eq!(answer.image(), ("webp", 300, 200));
    assert_eq!(server.get("/unsafe/8x8/none.jpg", &[]).code(), "not_found");
}

#[test]
fn signing_names_what_is_wrong() {
    let folder = Folder::new("sign");
    let config = folder.config(CONFIG);
    let cases: [(&[&str], &str); 3] = [
        (
            &["--mount", "/none", "a.jpg"],
            "there is no mount at /none; --mount is one of /img, ",
        ),
        (
            &["a.jpg"],
            "there is no mount at /; --mount is one of /img, ",
        ),
        (&["--mount", "/img", "a.jpg?x=1"], "the target has a query"),
    ];
    for (arguments, expected) in cases {
        let (status, out, error) = run(&[&["sign", "--config", &config], arguments].concat());
        assert_eq!((status, &*out), (Some(2), ""), "{arguments:?}");
        assert!(error.starts_with(expected), "{arguments:?}: {error}");
    }
}
