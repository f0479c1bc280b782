//! Answers that are no images: descriptions, parameters, originals; and images that need no source, or another one.

use crate::support::{Answer, Folder, IMAGES, Server, run};

const CONFIG: &str = r#"
[signature]
required = false

[origin]
files = "IMAGES"

[cache]
memory = "16MiB"
browser_ttl = "1h"

[[mount]]
path = "/imagor"

[[mount]]
path = "/signed"
[mount.signature]
secrets = ["env:IMGWARD_TEST_SECRET"]

[[mount]]
path = "/open"
[mount.transform]
allow_original = true

[[mount]]
path = "/thumbor"
[mount.transform]
dialect = "thumbor"

[[mount]]
path = "/imgproxy"
[mount.transform]
dialect = "imgproxy"

[[mount]]
path = "/originals"
[mount.transform]
dialect = "imgproxy"
allow_original = true

[[mount]]
path = "/imagekit"
[mount.transform]
dialect = "imagekit"
allow_original = true
client_hints = true

[[mount]]
path = "/small"
[mount.transform]
max_source_pixels = 200_000
allow_original = true
"#;

/// What a JSON answer says, which is cached as an image is.
fn json(server: &Server, target: &str) -> String {
    let answer = server.get(target, &[]);
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-cache"), "miss", "{target}");
    let length = answer.body.len().to_string();
    assert_eq!(answer.header("content-length"), length);
    let kept = server.get(target, &[]);
    assert_eq!(kept.header("x-cache"), "hit", "{target}");
    assert_eq!(kept.body, answer.body, "{target}");
    let etag = format!("If-None-Match: {}", answer.header("etag"));
    assert_eq!(server.get(target, &[&etag]).status, 304, "{target}");
    let head = server.send("HEAD", target, &[]);
    assert_eq!((head.status, head.body.len()), (200, 0), "{target}");
    assert_eq!(head.header("content-length"), length);
    String::from_utf8(answer.body).unwrap()
}

#[test]
fn meta_tells_of_the_image_that_would_be_made() {
    let folder = Folder::new("meta");
    let server = Server::start(&folder.config(CONFIG));
    // coffee.jpg has 600x400 pixels.
    assert_eq!(
        json(&server, "/imagor/unsafe/meta/fit-in/300x300/coffee.jpg"),
        r#"{"format":"jpeg","content_type":"image/jpeg","width":300,"height":200,"orientation":0,"pages":1,"bands":3,"exif":{}}"#
    );
    assert_eq!(
        json(
            &server,
            "/imagor/unsafe/meta/20x10/filters:format(webp):blurhash(1,1):avgcolor()/color:red"
        ),
        concat!(
            r#"{"format":"webp","content_type":"image/webp","width":20,"height":10,"orientation":0,"pages":1,"bands":3,"#,
            r#""exif":{},"blurhash":"00TI:j","average_color":{"r":255,"g":0,"b":0}}"#
        )
    );
    for (target, code) in [
        ("/signed/unsafe/meta/coffee.jpg", "signature_missing"),
        ("/signed/params/unsafe/coffee.jpg", "signature_missing"),
        ("/imagor/unsafe/meta/none.jpg", "not_found"),
        (
            "/imagor/unsafe/meta/filters:blurhash(1)/coffee.jpg",
            "bad_request",
        ),
        ("/small/unsafe/meta/coffee.jpg", "image_too_large"),
    ] {
        assert_eq!(server.get(target, &[]).code(), code, "{target}");
    }
}

#[test]
fn params_tells_how_a_url_is_read_and_needs_its_signature_too() {
    let folder = Folder::new("params");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    assert_eq!(
        json(
            &server,
            "/imagor/params/unsafe/300x200/filters:quality(80)/none.jpg"
        ),
        concat!(
            "{\n  \"path\": \"300x200/filters:quality(80)/none.jpg\",\n  \"image\": \"none.jpg\",\n  \"unsafe\": true,\n",
            "  \"width\": 300,\n  \"height\": 200,\n  \"filters\": [\n    {\n      \"name\": \"quality\",\n",
            "      \"args\": \"80\"\n    }\n  ]\n}"
        )
    );
    for target in ["params/300x/coffee.jpg", "meta/300x/coffee.jpg"] {
        let arguments = ["sign", "--config", &config, "--mount", "/signed", target];
        let (status, out, error) = run(&arguments);
        assert_eq!((status, &*error), (Some(0), ""));
        assert!(json(&server, out.trim_end()).contains("300"), "{target}");
    }
}

fn original(name: &str) -> Vec<u8> {
    std::fs::read(format!("{IMAGES}/{name}")).unwrap()
}

#[test]
fn originals_are_answered_where_they_are_allowed() {
    let folder = Folder::new("originals");
    let server = Server::start(&folder.config(CONFIG));
    let coffee = original("coffee.jpg");
    for target in [
        "/open/unsafe/30x20/filters:raw()/coffee.jpg",
        "/originals/_/w:30/raw:1/plain/coffee.jpg@png",
        "/originals/_/w:30/skp:jpg/plain/coffee.jpg",
        "/imagekit/tr:w-30,orig-true/coffee.jpg",
    ] {
        let answer = server.get(target, &["Accept: image/webp"]);
        assert_eq!(answer.header("content-type"), "image/jpeg", "{target}");
        assert!(answer.body == coffee, "{target}");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.header("vary"), "", "{target}");
    }
    let skipped = server.get("/originals/_/w:30/skp:jpg/plain/coffee.jpg@png", &[]);
    assert_eq!(skipped.image(), ("png", 30, 20));
    for (target, code) in [
        ("/imagor/unsafe/filters:raw()/coffee.jpg", "bad_request"),
        ("/imgproxy/_/raw:1/plain/coffee.jpg", "bad_request"),
        ("/imgproxy/_/skp:jpg/plain/coffee.jpg", "bad_request"),
        ("/small/unsafe/filters:raw()/rocket.jpg", "image_too_large"),
        ("/open/unsafe/filters:raw()/README.md", "unsupported_format"),
    ] {
        assert_eq!(server.get(target, &[]).code(), code, "{target}");
    }
    // Who may have originals may have an image that nobody keeps.
    let preview = "unsafe/30x/filters:preview()/coffee.jpg";
    let kept = |mount: &str| {
        let answer = server.get(&format!("/{mount}/{preview}"), &[]);
        assert_eq!(answer.image(), ("jpeg", 30, 20));
        answer.header("cache-control")
    };
    assert_eq!(kept("open"), "no-store");
    assert_eq!(kept("imagor"), "public, max-age=3600");
}

#[test]
fn a_color_needs_no_source() {
    let folder = Folder::new("color");
    let server = Server::start(&folder.config(CONFIG));
    for (target, image) in [
        ("color:green", ("jpeg", 1, 1)),
        ("30x20/color:f00", ("jpeg", 30, 20)),
        ("30x/filters:format(png)/color:none", ("png", 30, 30)),
        (
            "200x100/filters:watermark(shield.png,center,center,0,50,50)/color:red",
            ("jpeg", 200, 100),
        ),
        (
            "200x100/filters:image(/fit-in/f-20xf-20/coffee.jpg,0,0)/color:red",
            ("jpeg", 200, 100),
        ),
    ] {
        let answer = server.get(&format!("/imagor/unsafe/{target}"), &[]);
        assert_eq!(answer.image(), image, "{target}");
    }
    let answer = server.get("/imagor/unsafe/color:xyz1", &[]);
    assert_eq!(answer.code(), "bad_request");
    let answer = server.get("/imagor/unsafe/60000x60000/color:red", &[]);
    assert_eq!(answer.code(), "image_too_large");
}

#[test]
fn thumbors_urls_mean_what_thumbor_means() {
    let folder = Folder::new("thumbor");
    let server = Server::start(&folder.config(CONFIG));
    // coffee.jpg has 600x400 pixels. imagor would take `debug` for the name of an image, cut a pixel less, and turn by no
    // angle below 0.
    for (target, image) in [
        ("debug/300x200/coffee.jpg", ("jpeg", 300, 200)),
        ("30x20:600x400/coffee.jpg", ("jpeg", 570, 380)),
        ("origx200/coffee.jpg", ("jpeg", 600, 200)),
        ("300x/filters:rotate(-90)/coffee.jpg", ("jpeg", 200, 300)),
        (
            "30x/filters:format(PNG):saturation(1.5)/coffee.jpg",
            ("png", 30, 20),
        ),
    ] {
        let answer = server.get(&format!("/thumbor/unsafe/{target}"), &[]);
        assert_eq!(answer.image(), image, "{target}");
    }
    let answer = server.get("/thumbor/unsafe/filters:noise(3)/coffee.jpg", &[]);
    assert_eq!(answer.code(), "bad_request");
}

#[test]
fn info_tells_of_the_source() {
    let folder = Folder::new("info");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let size = original("coffee.jpg").len();
    assert_eq!(
        json(&server, "/imgproxy/info/_/plain/coffee.jpg"),
        format!(
            r#"{{"size":{size},"format":"jpeg","mime_type":"image/jpeg","width":600,"height":400,"exif":{{}}}}"#
        )
    );
    let told = json(
        &server,
        "/imgproxy/info/_/s:0/f:0/d:0/exif:0/cs:1/alpha:1/bh:2:2/avg:1/chs:sha256/Y29mZmVlLmpwZw",
    );
    assert!(
        told.starts_with(r#"{"colorspace":"srgb","alpha":false,"average":{"R":"#),
        "{told}"
    );
    let hash = told.split(r#""sha256":""#).nth(1).unwrap();
    let hash = hash.split('"').next().unwrap();
    // The digest that is told is the one that is checked.
    let target = format!("/imgproxy/_/hs:sha256:{hash}/w:30/plain/coffee.jpg");
    assert_eq!(server.get(&target, &[]).image(), ("jpeg", 30, 20));
    let target = format!("/imgproxy/_/hs:sha256:{hash}/w:30/plain/cat.jpg");
    assert_eq!(server.get(&target, &[]).code(), "image_corrupt");
    let answer = server.get("/imgproxy/info/_/w:30/plain/coffee.jpg", &[]);
    assert_eq!(answer.code(), "bad_request");
}

#[test]
fn another_image_stands_in_for_a_missing_one() {
    let folder = Folder::new("fallback");
    let server = Server::start(&folder.config(CONFIG));
    // Y29mZmVlLmpwZw is coffee.jpg.
    for target in [
        "/imgproxy/_/w:30/fiu:Y29mZmVlLmpwZw/plain/none.jpg",
        "/imagekit/tr:w-30,di-coffee.jpg/none.jpg",
    ] {
        for _ in 0..2 {
            let answer = server.get(target, &[]);
            assert_eq!(answer.image(), ("jpeg", 30, 20), "{target}");
            assert_eq!(answer.header("cache-control"), "no-store", "{target}");
        }
    }
    let there = server.get("/imagekit/tr:w-30,di-none.jpg/coffee.jpg", &[]);
    assert_eq!(there.header("cache-control"), "public, max-age=3600");
    let neither = server.get("/imagekit/tr:w-30,di-no.jpg/none.jpg", &[]);
    assert_eq!(neither.code(), "not_found");
}

#[test]
fn the_client_says_how_wide_an_image_is() {
    let folder = Folder::new("hints");
    let server = Server::start(&folder.config(CONFIG));
    let get = |target: &str, headers: &[&str]| -> Answer { server.get(target, headers) };
    let hints = ["Sec-CH-Width: 212", "Sec-CH-DPR: 2"];
    let answer = get("/imagekit/tr:w-auto,dpr-auto/coffee.jpg", &hints);
    assert_eq!(answer.image(), ("jpeg", 300, 200));
    assert_eq!(answer.header("content-dpr"), "2.83");
    let vary = "sec-ch-width, width, sec-ch-dpr, dpr";
    assert_eq!(answer.header("vary"), vary);
    // Those that come near are answered with the same, from the cache, and are told what holds for them.
    let hints = ["Sec-CH-Width: 250", "DPR: 2"];
    let near = get("/imagekit/tr:w-auto,dpr-auto/coffee.jpg", &hints);
    let said = ["x-cache", "vary", "content-dpr"].map(|name| near.header(name));
    assert_eq!(said, ["hit", vary, "2.40"]);
    let without = get("/imagekit/tr:w-auto/coffee.jpg", &[]);
    assert_eq!(without.image(), ("jpeg", 600, 400));
    assert_eq!(
        (without.header("content-dpr"), without.header("vary")),
        (String::new(), vary.into())
    );
    let answer = get("/imagekit/tr:w-100,dpr-auto/coffee.jpg", &["DPR: 2"]);
    assert_eq!(answer.image(), ("jpeg", 200, 133));
    assert_eq!(answer.header("content-dpr"), "2.00");
    let other = get("/imagekit/tr:w-100/coffee.jpg", &hints);
    assert_eq!(
        (other.header("vary"), other.image()),
        (String::new(), ("jpeg", 100, 67))
    );
}
