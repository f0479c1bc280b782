//! Images by the URLs of IPX and OptStuff.

use crate::support::{Folder, Server, run};

const CONFIG: &str = r#"
[signature]
keys = [{ id = "pk_tests", secret = "env:IMGWARD_TEST_SECRET" }]

[transform]
dialect = "optstuff"

[origin]
files = "IMAGES"

[[mount]]
path = "/api/v1/shop"

[[mount]]
path = "/ipx"
[mount.transform]
dialect = "ipx"
auto_format = ["webp"]
[mount.signature]
required = false
"#;

fn sign(config: &str, target: &str) -> String {
    let arguments = [
        "sign",
        "--config",
        config,
        "--mount",
        "/api/v1/shop",
        target,
    ];
    let (status, out, error) = run(&arguments);
    assert_eq!((status, &*error), (Some(0), ""), "{target}");
    out.trim_end().into()
}

#[test]
fn optstuffs_signed_urls_are_answered() {
    let folder = Folder::new("optstuff");
    let config = folder.config(CONFIG);
    let server = Server::start(&config);
    let cases = [
        ("_/coffee.jpg", ("jpeg", 600, 400)),
        ("w_300/coffee.jpg", ("jpeg", 300, 200)),
        ("w_0300,f_png/coffee.jpg", ("png", 300, 200)),
        ("s_400x400,f_webp,q_50/coffee.jpg", ("webp", 400, 400)),
        ("s_2000x1000/coffee.jpg", ("jpeg", 600, 300)),
        ("s_300x300,fit_contain/coffee.jpg", ("jpeg", 300, 300)),
        ("w_100,h_50/coffee.jpg", ("jpeg", 100, 50)),
    ];
    for (target, image) in cases {
        let url = sign(&config, target);
        assert!(url.starts_with("/api/v1/shop/"), "{url}");
        assert!(url.contains("?key=pk_tests&sig="), "{url}");
        let answer = server.get(&url, &[]);
        assert_eq!(answer.image(), image, "{target}");
        if image.0 == "jpeg" {
            // The frame header of a progressive one.
            assert!(
                answer.body.windows(2).any(|pair| pair == [0xff, 0xc2]),
                "{target}"
            );
        }
    }
    let url = sign(&config, "w_300/coffee.jpg");
    let encoded = url.replace("w_300/coffee", "%77_300/c%256Fffee");
    assert_eq!(server.get(&encoded, &[]).image(), ("jpeg", 300, 200));
    for (target, detail) in [
        (
            "w_8193/coffee.jpg",
            "w must be an integer between 1 and 8192",
        ),
        ("blur_5/coffee.jpg", "Unsupported operation: blur"),
        ("f_auto/coffee.jpg", "f must be one of: webp,avif,png,jpg"),
        ("w_300/ftp:%2F%2Fh/coffee.jpg", "Invalid image URL"),
    ] {
        let answer = server.get(&sign(&config, target), &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (400, "bad_request"),
            "{target}"
        );
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.contains(detail), "{target}: {body}");
    }
    let forged = url.replace("w_300", "w_301");
    assert_eq!(server.get(&forged, &[]).code(), "signature_invalid");
    let bare = "/api/v1/shop/w_300/coffee.jpg";
    assert_eq!(server.get(bare, &[]).code(), "signature_missing");
}

#[test]
fn every_operation_of_ipx_makes_an_image() {
    let folder = Folder::new("ipx");
    let server = Server::start(&folder.config(CONFIG));
    let webp = "Accept: image/webp";
    let cases: [(&str, &[&str], _); 14] = [
        ("w:300&h=200", &[], ("jpeg", 300, 200)),
        ("w_60,f_auto", &[], ("jpeg", 60, 40)),
        ("w_60,f_auto", &[webp], ("webp", 60, 40)),
        ("w_60,f_png", &[webp], ("png", 60, 40)),
        ("rotate_90,w_40", &[], ("jpeg", 40, 60)),
        ("rotate_30,s_40x30,b_fff", &[], ("jpeg", 40, 30)),
        ("crop_100_50_300_200,w_30", &[], ("jpeg", 30, 20)),
        ("extend_1_2_3_4,w_60,b_red", &[], ("jpeg", 66, 44)),
        (
            "s_50x50,pos_attention,kernel_mitchell",
            &[],
            ("jpeg", 50, 50),
        ),
        ("s_900x900,enlarge,fit_inside", &[], ("jpeg", 900, 600)),
        ("blur_2,sharpen_1_1_2,median_3,w_60", &[], ("jpeg", 60, 40)),
        ("gamma_2.2,modulate_1.1_0.9_30,w_60", &[], ("jpeg", 60, 40)),
        (
            "tint_00f,normalize,negate,flip,flop,w_60",
            &[],
            ("jpeg", 60, 40),
        ),
        (
            "grayscale,threshold_100,flatten,w_60",
            &[],
            ("jpeg", 60, 40),
        ),
    ];
    for (operations, headers, image) in cases {
        let answer = server.get(&format!("/ipx/{operations}/coffee.jpg"), headers);
        assert_eq!(answer.image(), image, "{operations}");
    }
    let trimmed = server.get("/ipx/trim_20,w_60/shield.png", &[]);
    assert_eq!(trimmed.image().0, "png");
    // A PNG with a quality has a palette: colour type 3.
    let color_type = |operations| {
        let answer = server.get(&format!("/ipx/{operations}/shield.png"), &[]);
        assert_eq!(answer.image(), ("png", 50, 50), "{operations}");
        answer.body[25]
    };
    assert_eq!(color_type("s_50x50,q_80"), 3);
    assert_ne!(color_type("s_50x50"), 3);
    for (target, detail) in [
        ("w_abc/coffee.jpg", "w_abc: expected a whole number"),
        ("resise_8/coffee.jpg", "unknown operation: resise_8"),
        ("w_8", "names no image"),
        ("w_70000/coffee.jpg", "w_70000"),
    ] {
        let answer = server.get(&format!("/ipx/{target}"), &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (400, "bad_request"),
            "{target}"
        );
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.contains(detail), "{target}: {body}");
    }
    for (target, code) in [
        ("w_8/nothing.jpg", "not_found"),
        ("f_heif/coffee.jpg", "unsupported_format"),
        ("f_tiff/coffee.jpg", "unsupported_format"),
        ("w_65535,enlarge/coffee.jpg", "image_too_large"),
        ("w_8/..%2Fcoffee.jpg", "bad_request"),
    ] {
        assert_eq!(
            server.get(&format!("/ipx/{target}"), &[]).code(),
            code,
            "{target}"
        );
    }
}
