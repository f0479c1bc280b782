//! Who passes, and what is handed on.

use http::Response;
use http::header::CACHE_CONTROL;

use super::*;
use crate::guard::{Caching, Rejection};
use crate::signature::KeyLookup;

#[test]
fn who_passes() {
    let cases = rows(include_str!("vectors/verdicts.txt"));
    assert_eq!(cases.len(), 32);
    for [name, url, required, optional, keyless] in cases {
        let (scheme, keyring, _) = schemes()
            .into_iter()
            .find(|(scheme, ..)| scheme.name() == name)
            .unwrap();
        let verifier = verifier(scheme, keyring);
        assert_eq!(verdict(&verifier, url), required, "required: {url}");
        assert_eq!(
            verdict(&verifier.required(false), url),
            optional,
            "optional: {url}"
        );
        let verifier = Verifier::unsigned(scheme).clock(ManualClock::at(NOW));
        assert_eq!(verdict(&verifier, url), keyless, "without keys: {url}");
        assert_ne!(
            verdict(&verifier.required(true), url),
            "unsigned",
            "locked: {url}"
        );
    }
}

#[test]
fn a_right_signature_is_recognised_where_none_is_required() {
    for (scheme, keyring, target) in schemes() {
        let url = signer(scheme, keyring.clone()).sign(target, None).unwrap();
        let verifier = verifier(scheme, keyring).required(false);
        assert_eq!(verdict(&verifier, &url), "signed", "{url}");
    }
}

#[test]
fn the_mount_alone_is_guarded() {
    for (scheme, keyring, target) in schemes() {
        let at = mount("/img");
        let verifier = verifier(scheme, keyring.clone()).at(at.clone());
        for path in ["/", "/images/a.jpg", "/IMG/a.jpg", "/api?sig=x&sig=y", "*"] {
            let before = head(path);
            let mut after = head(path);
            let mut pass = verifier.check(&after).unwrap();
            verifier.apply(&mut after, &mut pass);
            assert_eq!(before.uri, after.uri);
            assert!(after.extensions.get::<VerifiedTarget>().is_none());
            let mut response = Response::builder()
                .header(CACHE_CONTROL, "max-age=9")
                .body(())
                .unwrap()
                .into_parts()
                .0;
            verifier.respond(pass, &mut Caching::of(&mut response.headers));
            assert_eq!(response.headers[CACHE_CONTROL], "max-age=9");
        }
        // imgproxy sees a signature in whatever comes first.
        for path in ["/img", "/img/", "/img//a.jpg"] {
            assert_eq!(
                verdict(&verifier, path),
                "signature_missing",
                "{scheme:?} {path}"
            );
        }
        let url = signer(scheme, keyring).at(at).sign(target, None).unwrap();
        assert!(url.starts_with("/img/"), "{url}");
        assert_eq!(verdict(&verifier, &url), "signed", "{url}");
    }
}

#[test]
fn what_is_handed_on() {
    // The place in `schemes`, the target, and what comes of it: path, query, and the bare URI.
    let cases = [
        (
            0,
            "300x200/photo.jpg",
            "300x200/photo.jpg",
            None,
            "/img/300x200/photo.jpg",
        ),
        (0, "/a.jpg", "a.jpg", None, "/img/a.jpg"),
        (0, "//a.jpg", "/a.jpg", None, "/img//a.jpg"),
        (0, "a%20b.jpg", "a%20b.jpg", None, "/img/a%20b.jpg"),
        (0, "params/a.jpg", "a.jpg", None, "/img/a.jpg"),
        (
            1,
            "w:1/plain/a.jpg@png",
            "w:1/plain/a.jpg@png",
            None,
            "/img/w:1/plain/a.jpg@png",
        ),
        (
            2,
            "a.jpg?tr=w-1&v=%20",
            "a.jpg",
            Some("tr=w-1&v=%20"),
            "/img/a.jpg?tr=w-1&v=%20",
        ),
        (2, "a.jpg?", "a.jpg", None, "/img/a.jpg"),
        (3, "_/h/a.jpg", "_/h/a.jpg", None, "/img/_/h/a.jpg"),
        (
            3,
            "_/h/a%20b%3F%2525.jpg",
            "_/h/a b?%.jpg",
            None,
            "/img/_/h/a%20b%3F%25.jpg",
        ),
        (4, "a.jpg?v=1&w", "a.jpg", Some("v=1&w"), "/img/a.jpg?v=1&w"),
        (5, "a.jpg", "a.jpg", None, "/img/a.jpg"),
    ];
    for (scheme, target, path, query, bare) in cases {
        let (scheme, keyring, _) = schemes().swap_remove(scheme);
        let at = mount("/img");
        let url = signer(scheme, keyring.clone())
            .at(at.clone())
            .sign(target, Some(4_102_444_800))
            .unwrap();
        let verifier = verifier(scheme, keyring).at(at);
        let (seen_path, seen_query, seen_bare) = handed_on(&verifier, &url);
        let without_expiry = |text: String| {
            text.replace("filters:expire(4102444800000)/", "")
                .replace("exp:4102444800/", "")
        };
        assert_eq!(without_expiry(seen_path), path, "{url}");
        assert_eq!(seen_query.as_deref(), query, "{url}");
        assert_eq!(without_expiry(seen_bare), bare, "{url}");
    }
}

#[test]
fn a_decoded_path_is_handed_on_decoded() {
    let keyring = Keyring::of_secrets(["mysecret"]);
    let verifier = verifier(Scheme::imagor(), keyring);
    let url = "/FQ7f06suJQvShYLtQUehFPnd3HE=/300x200/https%3A%2F%2Fexample.com%2Fa.jpg%3Fx%3D1";
    let expected = (
        "300x200/https://example.com/a.jpg?x=1".to_owned(),
        None,
        "/300x200/https://example.com/a.jpg%3Fx=1".to_owned(),
    );
    assert_eq!(handed_on(&verifier, url), expected);
    let encoded_padding = url.replacen("=/", "%3D/", 1);
    assert_eq!(handed_on(&verifier, &encoded_padding), expected);
    let other_spelling = url.replace("%3A", ":").replace("%2F", "/");
    assert_eq!(handed_on(&verifier, &other_spelling), expected);
}

#[test]
fn unsigned_queries_go_and_scheme_and_authority_stay() {
    let (scheme, keyring, target) = schemes().swap_remove(0);
    let url = signer(scheme, keyring.clone()).sign(target, None).unwrap();
    let verifier = verifier(scheme, keyring);
    let url = format!("http://images.example.com{url}?width=9&sig=x");
    let (path, query, bare) = handed_on(&verifier, &url);
    assert_eq!((&*path, query), (target, None));
    assert_eq!(bare, format!("http://images.example.com/{target}"));
    let (.., bare) = handed_on(
        &Verifier::unsigned(Scheme::optstuff()),
        "/_/h/a.jpg?w=1&key=k&x",
    );
    assert_eq!(bare, "/_/h/a.jpg");
}

#[test]
fn params_are_told_apart() {
    let (scheme, keyring, target) = schemes().swap_remove(0);
    let signer = signer(scheme, keyring.clone());
    let verifier = verifier(scheme, keyring);
    for (target, params) in [
        (target.to_owned(), false),
        (format!("params/{target}"), true),
    ] {
        let mut head = head(&signer.sign(&target, None).unwrap());
        let mut pass = verifier.check(&head).unwrap();
        verifier.apply(&mut head, &mut pass);
        let target = head.extensions.get::<VerifiedTarget>().unwrap();
        assert_eq!(target.params(), params);
    }
}

#[test]
fn a_target_from_outside_does_not_survive() {
    let (scheme, keyring, target) = schemes().swap_remove(0);
    let url = signer(scheme, keyring.clone()).sign(target, None).unwrap();
    let mut head = head(&url);
    head.extensions
        .insert(VerifiedTarget::for_test("forged.jpg", true));
    let verifier = verifier(scheme, keyring);
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    let handed_on = head.extensions.get::<VerifiedTarget>().unwrap();
    assert_eq!(handed_on.bytes(), target);
}

#[test]
fn report_only_hands_on_an_unsigned_target() {
    let cases = [
        (0, "/unsafe/a.jpg?x", "/a.jpg"),
        (0, "/AAAAAAAAAAAAAAAAAAAAAAAAAAA=/a.jpg", "/a.jpg"),
        (1, "/x/w:1/plain/a", "/w:1/plain/a"),
        (2, "/a.jpg?ik-s=0&v=1", "/a.jpg?v=1"),
        (3, "/_/h/a%20b.jpg?sig=x&key=k", "/_/h/a%20b.jpg"),
        (4, "/a.jpg?v=1&sig=x&exp=y", "/a.jpg?v=1"),
    ];
    for (scheme, url, bare) in cases {
        let (scheme, keyring, _) = schemes().swap_remove(scheme);
        let verifier = verifier(scheme, keyring);
        let mut head = head(url);
        let why: Rejection = verifier.check(&head).unwrap_err();
        head.extensions
            .insert(VerifiedTarget::for_test("forged.jpg", true));
        verifier.apply_reported(&mut head, &why);
        assert_eq!(head.uri, bare, "{url}");
        let target = head.extensions.get::<VerifiedTarget>().unwrap();
        assert!(!target.signed() && target.bytes() != "forged.jpg", "{url}");
    }
}

#[test]
fn keys_are_told_apart() {
    #[derive(Debug)]
    struct Database;
    impl KeyLookup for Database {
        fn find(&self, id: &str) -> Option<Key> {
            assert!(!id.is_empty() && id.len() <= 128 && id.is_ascii(), "{id:?}");
            match id {
                "good" => Some(Key::new("secret")),
                "expired" => Some(Key::new("secret").expires_at(NOW - 1)),
                "last-second" => Some(Key::new("secret").expires_at(NOW)),
                "revoked" => Some(Key::new("secret").revoked(true)),
                _ => None,
            }
        }
    }
    let long = "k".repeat(129);
    let cases = [
        ("good", "secret", "signed"),
        ("last-second", "secret", "signed"),
        ("expired", "secret", "signature_invalid"),
        ("revoked", "secret", "signature_invalid"),
        ("unknown", "secret", "signature_invalid"),
        ("good", "other", "signature_invalid"),
        ("static", "secret", "signature_invalid"),
        ("static", "other", "signed"),
        ("stale", "other", "signature_invalid"),
    ];
    for scheme in [Scheme::optstuff(), Scheme::query()] {
        let keyring = Keyring::new()
            .key("static", Key::new("other"))
            .key("stale", Key::new("other").expires_at(NOW - 1))
            .lookup(Database);
        let verifier = verifier(scheme, keyring);
        for (id, secret, expected) in cases {
            let signer = signer(scheme, Keyring::new().key(id, Key::new(secret)));
            // A bad key counts before an expired URL.
            let expired = if expected == "signed" {
                "url_expired"
            } else {
                expected
            };
            for (expires, expected) in [(None, expected), (Some(1), expired)] {
                let url = signer.sign("_/h/a.jpg", expires).unwrap();
                assert_eq!(verdict(&verifier, &url), expected, "{url}");
            }
        }
        let named = signer(scheme, Keyring::new().key("good", Key::new("secret")));
        let url = named.sign("_/h/a.jpg", None).unwrap();
        for id in ["static", "Good", "goo%64", "good,static", "", &long] {
            let url = url.replace("=good", &format!("={id}"));
            assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
        }
    }
}

/// A database that has lost a secret must not open the door to who signs with none.
#[test]
fn an_empty_secret_verifies_nothing_wherever_it_comes_from() {
    #[derive(Debug)]
    struct Lost;
    impl KeyLookup for Lost {
        fn find(&self, _id: &str) -> Option<Key> {
            Some(Key::new(""))
        }
    }
    for (scheme, url) in [
        (Scheme::optstuff(), "/_/h/a.jpg?key=k"),
        (Scheme::query(), "/a.jpg?kid=k"),
    ] {
        let verifier = verifier(scheme, Keyring::new().lookup(Lost));
        let url = format!("{url}&sig={}", sign_by_hand(scheme, b"", url));
        assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
    }
}

#[test]
fn a_named_key_does_not_verify_a_url_without_its_name() {
    let verifier = verifier(Scheme::query(), Keyring::new().key("k", Key::new("secret")));
    let url = signer(Scheme::query(), Keyring::of_secrets(["secret"]))
        .sign("a.jpg", None)
        .unwrap();
    assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
}
