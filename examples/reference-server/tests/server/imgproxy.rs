//! imgproxy's URLs, answered with images.

use crate::support::{Folder, Server, run};

const CONFIG: &str = r#"
[transform]
dialect = "imgproxy"
watermark = "local:///shield.png"
presets = { thumb = "rs:fill:120:80/q:60" }

[origin]
files = "IMAGES"

[[mount]]
path = "/signed"
[mount.signature]
secrets = ["736563726574"]
salts = ["68656c6c6f"]

[[mount]]
path = "/open"
[mount.signature]
required = false

[[mount]]
path = "/presets"
[mount.signature]
required = false
[mount.transform]
dialect = "imgproxy"
presets = { thumb = "rs:fill:120:80" }
only_presets = true
"#;

#[test]
fn a_url_is_answered_with_the_image() {
    let folder = Folder::new("imgproxy");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    // coffee.jpg is 600 x 400, and Y29mZmVlLmpwZw its name in base64url.
    for (target, image) in [
        ("rs:fill:300:300/plain/coffee.jpg@png", ("png", 300, 300)),
        ("rs:fit:300:300/Y29mZmVlLmpwZw.webp", ("webp", 300, 200)),
        ("w:300/plain/local:///coffee.jpg", ("jpeg", 300, 200)),
        ("w:900/dpr:2/Y29m/ZmVlLmpwZw", ("jpeg", 600, 400)),
        (
            "c:100:100:sm/-/rot:90/w:50/pd:5:10/plain/coffee.jpg",
            ("jpeg", 70, 60),
        ),
        (
            "s:300:300:0:1/bg:fff/g:no/plain/coffee.jpg",
            ("jpeg", 300, 300),
        ),
        (
            "pr:thumb/wm:0.5:soea:5:5:0.2/plain/coffee.jpg",
            ("jpeg", 120, 80),
        ),
        (
            "w:60/br:10/co:1.2/sa:0.5/gr:0.5/col:0.1:f00/bl:1/sh:1/ush:always/pix:4/plain/coffee.jpg",
            ("jpeg", 60, 40),
        ),
    ] {
        let (status, out, error) =
            run(&["sign", "--config", &config, "--mount", "/signed", target]);
        assert_eq!((status, &*error), (Some(0), ""), "{target}");
        assert_eq!(server.get(out.trim_end(), &[]).image(), image, "{target}");
        let open = format!("/open/insecure/{target}");
        assert_eq!(server.get(&open, &[]).image(), image, "{target}");
        assert_eq!(
            server
                .get(&format!("/signed/insecure/{target}"), &[])
                .code(),
            "signature_missing"
        );
    }
    let thumb = server.get("/presets/_/thumb/plain/coffee.jpg", &[]);
    assert_eq!(thumb.image(), ("jpeg", 120, 80));
}

#[test]
fn a_url_that_cannot_be_answered_is_refused() {
    let folder = Folder::new("imgproxy-refused");
    let server = Server::start(&folder.config(CONFIG));
    for (url, status, detail) in [
        (
            "/open/_/w:wide/plain/coffee.jpg",
            400,
            "the option w cannot have the arguments",
        ),
        ("/open/_/nope:1/plain/coffee.jpg", 400, "is not an option"),
        (
            "/open/_/mc:1/plain/coffee.jpg",
            400,
            "the option mc is not supported",
        ),
        (
            "/open/_/raw:1/plain/coffee.jpg",
            400,
            "the option raw is not allowed here",
        ),
        (
            "/open/info/_/w:1/plain/coffee.jpg",
            400,
            "is not an option of info",
        ),
        ("/presets/_/w:1/plain/coffee.jpg", 400, "is not a preset"),
        ("/open/_/plain/..%2Fcoffee.jpg", 400, ""),
        ("/open/_/plain/none.jpg", 404, ""),
        ("/open/_/plain/coffee.jpg@heic", 415, ""),
        ("/open/_/exp:1/plain/coffee.jpg", 410, ""),
        ("/open/_/w:65535/el:1/plain/coffee.jpg", 422, ""),
        ("/signed/_/plain/coffee.jpg", 403, ""),
    ] {
        let answer = server.get(url, &[]);
        assert_eq!(answer.status, status, "{url}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(body.contains(detail), "{url}: {body}");
    }
}
