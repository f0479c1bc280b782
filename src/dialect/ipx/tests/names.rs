//! How the names of images are read.

use super::*;

fn name(path: &str, optstuff: bool) -> Result<String, String> {
    let parsed = parsed(path, optstuff);
    parsed
        .map(|request| request.sources[0].to_string())
        .map_err(|why| why.detail().to_owned())
}

#[test]
fn ipx_decodes_once_and_optstuff_twice() {
    let rows = [
        ("_/a.jpg", "a.jpg", "a.jpg"),
        ("_/a/b/c.jpg", "a/b/c.jpg", "a/b/c.jpg"),
        ("_/a%20b.jpg", "a b.jpg", "a b.jpg"),
        ("_/a+b.jpg", "a+b.jpg", "a+b.jpg"),
        ("_/caf%C3%A9.jpg", "caf\u{e9}.jpg", "caf\u{e9}.jpg"),
        ("_/a%2520b.jpg", "a%20b.jpg", "a b.jpg"),
        ("_/100%2525.jpg", "100%25.jpg", "100%.jpg"),
        (
            "_/h/a.jpg%3Fx%3D1%26y%3D2",
            "h/a.jpg?x=1&y=2",
            "h/a.jpg?x=1&y=2",
        ),
        ("_/https://h/a.jpg", "https://h/a.jpg", "https://h/a.jpg"),
        ("_/https:/h/a.jpg", "https://h/a.jpg", "https://h/a.jpg"),
        ("_/http:/h/a.jpg", "http://h/a.jpg", "http://h/a.jpg"),
        (
            "_/https%3A%2F%2Fh%2Fa.jpg",
            "https://h/a.jpg",
            "https://h/a.jpg",
        ),
        ("_/HTTPS://h/a.jpg", "HTTPS://h/a.jpg", "HTTPS://h/a.jpg"),
        ("_/HTTPS:/h", "HTTPS:/h", "HTTPS:/h"),
        ("_/h:8443/a.jpg", "h:8443/a.jpg", "h:8443/a.jpg"),
        ("_/h/ftp://x", "h/ftp://x", "h/ftp://x"),
    ];
    for (path, once, twice) in rows {
        assert_eq!(name(path, false).as_deref(), Ok(once), "{path}");
        assert_eq!(name(path, true).as_deref(), Ok(twice), "{path}");
    }
}

#[test]
fn what_a_scheme_has_decoded_is_not_decoded_again() {
    let path = "w_8/h/a%20b%2F..%2Fc.jpg";
    for optstuff in [false, true] {
        let refused = parse(&VerifiedTarget::decoded_for_test(path), optstuff);
        // It is a name with percent signs, and the origin would see its dot segments.
        assert!(refused.is_err(), "{optstuff}");
        let request = parse(&VerifiedTarget::decoded_for_test("b_%23fff/a%20b"), false);
        assert!(request.is_err());
        let request = parse(&VerifiedTarget::decoded_for_test("w_8/100%.jpg"), optstuff);
        assert_eq!(&*request.unwrap().sources[0], "100%.jpg");
        let request = parse(
            &VerifiedTarget::decoded_for_test("w_8/a%2520.jpg"),
            optstuff,
        );
        assert_eq!(&*request.unwrap().sources[0], "a%2520.jpg");
    }
}

#[test]
fn slashes_before_a_name_are_taken_off() {
    for path in ["_//a.jpg", "_/%2Fa.jpg", "_////a.jpg"] {
        assert_eq!(name(path, false).as_deref(), Ok("a.jpg"), "{path}");
        assert!(
            name(path, true)
                .unwrap_err()
                .starts_with("Invalid image URL")
        );
    }
    assert!(
        name("_/ftp://h/a.jpg", true)
            .unwrap_err()
            .starts_with("Invalid image URL")
    );
}

#[test]
fn bad_names_are_refused() {
    for path in [
        "",
        "/",
        "_",
        "a.jpg",
        "w_8",
        "_/",
        "_//",
        "/a.jpg",
        "//a.jpg",
        "_/../a.jpg",
        "_/a/%2e%2e/b",
        "_/a%2F..%2Fb.jpg",
        "_/a\\..\\b",
        "_/%zz",
        "_/100%.jpg",
        "_/%ff.jpg",
        "_/a%0Ab",
        "_/a%00b",
    ] {
        for optstuff in [false, true] {
            let refused = parsed(path, optstuff);
            let why = refused.expect_err(path);
            assert_eq!(why.kind(), RejectionKind::BadRequest, "{path}");
        }
    }
    // Once it is a name, twice it is none.
    assert_eq!(name("_/100%25.jpg", false).as_deref(), Ok("100%.jpg"));
    assert!(name("_/100%25.jpg", true).is_err());
}
