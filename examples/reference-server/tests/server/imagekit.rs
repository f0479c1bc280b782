//! ImageKit URLs, unsigned and signed.

use crate::support::{Folder, Server, run};

const CONFIG: &str = r#"
[signature]
required = false

[transform]
dialect = "imagekit"
auto_format = ["webp"]
presets = { thumb = "w-60,h-40,f-png" }

[origin]
files = "IMAGES"

[[mount]]
path = "/ik"

[[mount]]
path = "/named"
[mount.transform]
dialect = "imagekit"
presets = { thumb = "w-60,h-40,f-png" }
only_presets = true

[[mount]]
path = "/signed"
[mount.signature]
secrets = ["env:IMGWARD_TEST_SECRET"]
"#;

#[test]
fn transformations_come_from_the_path_and_the_query() {
    let folder = Folder::new("imagekit");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let webp = ["Accept: image/webp"];
    let none: [&str; 0] = [];
    // coffee.jpg has 600x400 pixels.
    for (target, headers, image) in [
        (
            "/ik/tr:w-300,h-200/coffee.jpg",
            &webp[..],
            ("webp", 300, 200),
        ),
        ("/ik/coffee.jpg?tr=w-300,h-200", &none, ("jpeg", 300, 200)),
        (
            "/ik/coffee.jpg?tr=w-300%2Ch-100,f-orig",
            &webp,
            ("jpeg", 300, 100),
        ),
        (
            "/ik/coffee.jpg?tr=w-iw_div_2:rt-90",
            &none,
            ("jpeg", 200, 300),
        ),
        (
            "/ik/tr:if-ar_gt_1,w-30,if-else,w-40,if-end/coffee.jpg",
            &none,
            ("jpeg", 30, 20),
        ),
        (
            "/ik/tr:w-100,dpr-2,l-image,i-shield.png,w-bw_div_4,lx-bw_sub_cw,l-end/coffee.jpg",
            &none,
            ("jpeg", 200, 133),
        ),
        (
            "/ik/tr:w-100,h-100,cm-pad_resize,bg-F3F3F3,f-png/coffee.jpg",
            &none,
            ("png", 100, 100),
        ),
        ("/ik/tr:n-thumb/coffee.jpg", &webp, ("png", 60, 40)),
        ("/named/coffee.jpg?tr=n-thumb", &webp, ("png", 60, 40)),
    ] {
        let answer = server.get(target, headers);
        assert_eq!(answer.image(), image, "{target}");
    }
    for (target, detail) in [
        ("/ik/tr:w-0/coffee.jpg", "w is no whole number"),
        (
            "/ik/coffee.jpg?tr=e-bgremove",
            "e-bgremove needs a paid model",
        ),
        ("/ik/tr:sepia-1/coffee.jpg", "there is no parameter"),
        ("/ik/tr:w-iw_sub_600/coffee.jpg", "not above 0"),
        ("/named/tr:w-5/coffee.jpg", "only named transformations"),
    ] {
        let answer = server.get(target, &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (400, "bad_request"),
            "{target}"
        );
        let body = String::from_utf8_lossy(&answer.body);
        assert!(body.contains(detail), "{target}: {body}");
    }
}

#[test]
fn a_signature_covers_the_query() {
    let folder = Folder::new("imagekit-signed");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let arguments = [
        "sign",
        "--config",
        &*config,
        "--mount",
        "/signed",
        "coffee.jpg?tr=w-30",
    ];
    let (status, url, error) = run(&arguments);
    assert_eq!((status, &*error), (Some(0), ""));
    let url = url.trim_end();
    assert!(url.starts_with("/signed/coffee.jpg?tr=w-30&ik-s="), "{url}");
    assert_eq!(server.get(url, &[]).image(), ("jpeg", 30, 20));
    for (url, code) in [
        (url.replace("w-30", "w-31"), "signature_invalid"),
        (url.replace("coffee", "cat"), "signature_invalid"),
        (url.replace("&ik-s", "&tr=w-31&ik-s"), "signature_invalid"),
        ("/signed/coffee.jpg?tr=w-30".into(), "signature_missing"),
    ] {
        let answer = server.get(&url, &[]);
        assert_eq!((answer.status, &*answer.code()), (403, code), "{url}");
    }
}
