//! Images instead of refusals.

use crate::support::{Folder, IMAGES, Server, run};

const CONFIG: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[ip]
block = ["192.0.2.0/24"]

[client_ip]
trusted_proxies = ["127.0.0.1"]

[origin]
files = "IMAGES"
on_error = { not_found = "IMAGES/shield.png", unsupported_format = "IMAGES/shield.png" }

[[mount]]
path = "/made"

[[mount]]
path = "/kept"
[mount.cache]
memory = "1MiB"

[[mount]]
path = "/bare"
[mount.origin]
files = "IMAGES"
"#;

#[test]
fn a_missing_image_is_shown_as_another_with_its_status() {
    let folder = Folder::new("placeholder");
    let server = Server::start(&folder.config(CONFIG));
    for mount in ["/made", "/kept"] {
        for turn in ["miss", "hit"] {
            let missing = format!("{mount}/unsafe/40x30/none.jpg");
            let answer = server.get(&missing, &["Accept: image/webp"]);
            assert_eq!(answer.status, 404, "{mount}");
            assert_eq!(answer.header("content-type"), "image/webp", "{mount}");
            assert_eq!(answer.header("cache-control"), "no-store", "{mount}");
            assert_eq!(answer.header("etag"), "", "{mount}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(
                answer.header("content-length"),
                answer.body.len().to_string()
            );
            assert_eq!(answer.shown(), ("webp", 40, 30), "{mount}");
            if mount == "/kept" {
                assert_eq!(answer.header("x-cache"), turn);
            }
            let head = server.send("HEAD", &missing, &["Accept: image/webp"]);
            assert_eq!((head.status, head.body.len()), (404, 0), "{mount}");
        }
        let page = server.get(&format!("{mount}/unsafe/40x30/README.md"), &[]);
        assert_eq!((page.status, page.shown()), (415, ("png", 40, 30)));
        // What is refused by a rule or does not parse stays refused, and a wish that cannot be met too.
        let blocked = ["X-Forwarded-For: 192.0.2.1"];
        for (target, headers, code) in [
            ("unsafe/40x30/none.jpg", &blocked[..], "ip_blocked"),
            ("unsafe/40x30/..%2Fnone.jpg", &[], "bad_request"),
            (
                "unsafe/40x30/filters:format(jp2)/cat.jpg",
                &[],
                "unsupported_format",
            ),
        ] {
            let answer = server.get(&format!("{mount}/{target}"), headers);
            assert_eq!(answer.code(), code, "{mount}/{target}");
        }
    }
    assert_eq!(server.get("/none.jpg", &[]).code(), "not_found");
    let bare = server.get("/bare/unsafe/40x30/none.jpg", &[]);
    assert_eq!(bare.code(), "not_found");
}

#[test]
fn a_placeholder_that_is_none_is_an_error_of_the_configuration() {
    let folder = Folder::new("no-placeholder");
    let text = r#"environment = "development"
[origin]
files = "IMAGES"
[origin.on_error]
not_found = "IMAGES/none.png"
image_corrupt = "IMAGES/README.md"
timeout = "IMAGES"
ip_blocked = "IMAGES/shield.png"
"#;
    let (status, _, error) = run(&["config", "--config", &folder.config(text)]);
    assert_eq!(status, Some(2));
    for line in [
        ":5: origin.on_error.not_found: ",
        ":6: origin.on_error.image_corrupt: no placeholder can be made of it: ",
        ":7: origin.on_error.timeout: ",
        ":8: origin.on_error.ip_blocked: \"ip_blocked\" is not one of \"not_found\", ",
    ] {
        assert!(error.contains(line), "{line}: {error}");
    }
    assert!(error.contains("is no file"), "{error}");
    let right = text.replace("none.png", "shield.png");
    let right: Vec<&str> = right.lines().take(5).collect();
    let config = folder.config(&right.join("\n"));
    let (status, out, error) = run(&["config", "--config", &config]);
    assert_eq!((status, &*error), (Some(0), ""));
    let file = format!("{IMAGES}/shield.png");
    assert!(
        out.contains(&format!("\"not_found\" = \"{file}\"")),
        "{out}"
    );
}
