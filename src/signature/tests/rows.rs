//! The adversarial cases on signatures, by their numbers.

use http::header::CACHE_CONTROL;
use http::{Method, Response};

use super::*;
use crate::guard::Caching;
use crate::signature::KeyLookup;

/// A verifier at `/img`, and a URL that it lets pass.
fn signed(scheme: Scheme, keyring: &Keyring, target: &str) -> (Verifier, String) {
    let at = mount("/img");
    let signer = signer(scheme, keyring.clone()).at(at.clone());
    let url = signer.sign(target, None).unwrap();
    let verifier = verifier(scheme, keyring.clone()).at(at);
    assert_eq!(verdict(&verifier, &url), "signed", "{url}");
    (verifier, url)
}

#[test]
fn row_45_any_bit_flipped_fails() {
    for (scheme, keyring, target) in schemes() {
        let (verifier, url) = signed(scheme, &keyring, target);
        let mut tried = 0;
        for position in "/img/".len()..url.len() {
            for bit in 0..8 {
                let mut flipped = url.clone().into_bytes();
                flipped[position] ^= 1 << bit;
                let Some(uri) = std::str::from_utf8(&flipped)
                    .ok()
                    .and_then(|text| text.parse::<Uri>().ok())
                else {
                    continue;
                };
                // A `#` begins a fragment, which is no part of a request's URI: the rest would be cut off.
                if uri.to_string().len() < url.len() {
                    continue;
                }
                tried += 1;
                let uri = uri.to_string();
                assert_ne!(verdict(&verifier, &uri), "signed", "{uri}");
            }
        }
        assert!(tried > 4 * target.len(), "{tried}");
    }
}

#[test]
fn row_46_a_signature_has_one_spelling() {
    for (scheme, keyring, target) in schemes() {
        let (verifier, url) = signed(scheme, &keyring, target);
        let signature = signature_of(scheme, &url[4..]);
        let last = signature.trim_end_matches('=').len() - 1;
        let mut trailing_bits = signature.to_owned().into_bytes();
        // The next character of the alphabet sets a bit that the last byte does not use.
        trailing_bits[last] = match trailing_bits[last] {
            b'Z' => b'a',
            b'z' => b'0',
            b'9' => b'-',
            b'-' => b'_',
            byte => byte + 1,
        };
        let unpadded = signature.trim_end_matches('=');
        let others = [
            signature[..signature.len() - 1].to_owned(),
            signature[..17].to_owned(),
            format!("{signature}A"),
            format!("{signature}="),
            format!("{signature}=="),
            format!("{unpadded}%20"),
            signature.to_lowercase(),
            signature.to_uppercase(),
            signature.replace('-', "+").replace('_', "~"),
            format!("={signature}"),
            String::from_utf8(trailing_bits).unwrap(),
        ];
        for other in others.into_iter().filter(|other| other != signature) {
            let url = url.replace(signature, &other);
            assert_ne!(verdict(&verifier, &url), "signed", "{url}");
        }
    }
}

#[test]
fn row_46_an_encoded_padding_is_imagors_alone() {
    let (scheme, keyring, target) = schemes().swap_remove(0);
    let (verifier, url) = signed(scheme, &keyring, target);
    assert_eq!(verdict(&verifier, &url.replace('=', "%3D")), "signed");
    assert_eq!(verdict(&verifier, &url.replace('=', "%3d")), "signed");
    assert_eq!(
        verdict(&verifier, &url.replace('=', "%253D")),
        "signature_missing"
    );
    let (scheme, keyring, target) = schemes().swap_remove(4);
    let (verifier, url) = signed(scheme, &keyring, target);
    let signature = signature_of(scheme, &url);
    let first = signature.as_bytes()[0];
    let encoded = url.replace(signature, &format!("%{first:02X}{}", &signature[1..]));
    assert_eq!(
        verdict(&verifier, &encoded),
        "signature_invalid",
        "{encoded}"
    );
}

#[test]
fn row_47_spellings_are_not_exchangeable() {
    // OptStuff signs the decoded path, and hands on that: see the vectors.
    let targets = [
        "a/b.jpg",
        "a%2Fb.jpg",
        "a%2fb.jpg",
        "a%252Fb.jpg",
        "%61/b.jpg",
    ];
    for (scheme, keyring, _) in schemes() {
        if scheme.name() == "optstuff" {
            continue;
        }
        let (verifier, url) = signed(scheme, &keyring, targets[0]);
        for other in &targets[1..] {
            let url = url.replace(targets[0], other);
            let verdict = verdict(&verifier, &url);
            if verdict == "signed" {
                // Only imagor's second look, and what it hands on is what was signed.
                assert_eq!(scheme.name(), "imagor", "{url}");
                assert_eq!(handed_on(&verifier, &url).0, targets[0], "{url}");
            }
        }
    }
}

#[test]
fn row_48_nothing_is_normalised() {
    let others = [
        "a//b.jpg",
        "a/./b.jpg",
        "a/c/../b.jpg",
        "./a/b.jpg",
        "a/b.jpg/",
        "a/%2e/b.jpg",
        "A/b.jpg",
        "/a/b.jpg",
    ];
    for (scheme, keyring, _) in schemes() {
        let (verifier, url) = signed(scheme, &keyring, "a/b.jpg");
        for other in others {
            let url = url.replace("a/b.jpg", other);
            assert_eq!(
                verdict(&verifier, &url),
                "signature_invalid",
                "{scheme:?} {url}"
            );
        }
        for other in others {
            let (verifier, url) = signed(scheme, &keyring, other);
            let decoded = other.replace(
                "%2e",
                if scheme.name() == "optstuff" {
                    "."
                } else {
                    "%2e"
                },
            );
            let expected = decoded.strip_prefix('/').unwrap_or(&decoded);
            assert_eq!(handed_on(&verifier, &url).0, expected, "{url}");
        }
    }
}

#[test]
fn row_49_a_query_is_signed_in_order_or_not_handed_on() {
    let others = [
        "b=2&a=1",
        "a=1&b=2&b=2",
        "a=1&b=2&",
        "&a=1&b=2",
        "a=1&&b=2",
        "a=1&b=",
        "a=1&b",
        "a=1;b=2",
        "a=1",
        "",
        "a=1&b=2&cachebuster",
        "a=%31&b=2",
    ];
    for place in [2, 4] {
        let (scheme, keyring, _) = schemes().swap_remove(place);
        let (verifier, url) = signed(scheme, &keyring, "x.jpg?a=1&b=2");
        assert_eq!(handed_on(&verifier, &url).1.as_deref(), Some("a=1&b=2"));
        for other in others {
            let url = url.replace("a=1&b=2", other);
            assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
        }
    }
    for place in [0, 1, 3] {
        let (scheme, keyring, target) = schemes().swap_remove(place);
        let (verifier, url) = signed(scheme, &keyring, target);
        let clean = handed_on(&verifier, &url);
        assert_eq!(clean.1, None);
        for other in others {
            let separator = if url.contains('?') { '&' } else { '?' };
            assert_eq!(
                handed_on(&verifier, &format!("{url}{separator}{other}")),
                clean
            );
        }
    }
}

#[test]
fn row_50_fields_have_borders() {
    for (scheme, keyring, _) in schemes() {
        let (verifier, url) = signed(scheme, &keyring, "w_1/0h/a.jpg");
        for other in ["w_10/h/a.jpg", "w_1/0/h/a.jpg", "w_/10h/a.jpg"] {
            let url = url.replace("w_1/0h/a.jpg", other);
            assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
        }
    }
    // The mount and the path below it, and the path and the query.
    let keyring = Keyring::of_secrets(["s"]);
    let short = signer(Scheme::query(), keyring.clone()).at(mount("/a"));
    let url = short.sign("b/c.jpg", None).unwrap();
    let long = verifier(Scheme::query(), keyring).at(mount("/a/b"));
    assert_eq!(verdict(&long, &url), "signature_invalid", "{url}");
}

/// No scheme signs the host: a tenant is told from another by its keys. The scheme query signs the mount, too.
#[test]
fn row_51_a_signature_is_of_one_tenant() {
    for (scheme, keyring, target) in schemes() {
        let (verifier, url) = signed(scheme, &keyring, target);
        for host in ["http://a.example.com", "http://b.example.com"] {
            assert_eq!(verdict(&verifier, &format!("{host}{url}")), "signed");
        }
        let elsewhere = url.replacen("/img/", "/other/", 1);
        let expected = if scheme.name() == "query" {
            "signature_invalid"
        } else {
            "signed"
        };
        assert_eq!(
            verdict(&verifier.at(mount("/other")), &elsewhere),
            expected,
            "{elsewhere}"
        );
    }
    let (verifier, url) = signed(Scheme::imagor(), &Keyring::of_secrets(["a"]), "x.jpg");
    let (_, other) = signed(Scheme::imagor(), &Keyring::of_secrets(["b"]), "x.jpg");
    assert_ne!(url, other);
    assert_eq!(verdict(&verifier, &other), "signature_invalid");
}

/// Methods are not the signature's business: whoever composes the layers answers 405 before it.
#[test]
fn row_52_a_signature_holds_for_head_as_for_get() {
    let (scheme, keyring, target) = schemes().swap_remove(0);
    let (verifier, url) = signed(scheme, &keyring, target);
    for method in [Method::GET, Method::HEAD] {
        for (url, allowed) in [(url.clone(), true), (url.replace("300", "301"), false)] {
            let mut head = head(&url);
            head.method = method.clone();
            assert_eq!(verifier.check(&head).is_ok(), allowed, "{method} {url}");
        }
    }
}

#[test]
fn row_53_an_expiry_is_a_number_in_its_one_spelling() {
    let (scheme, keyring, _) = schemes().swap_remove(4);
    let verifier = verifier(scheme, keyring.clone());
    let max = u64::MAX.to_string();
    let cases = [
        ("1700000000", "signed"),
        ("1699999999", "url_expired"),
        ("0", "url_expired"),
        ("1", "url_expired"),
        ("9223372036854775808", "signed"),
        (&max, "signed"),
        ("18446744073709551616", "signature_invalid"),
        ("-1", "signature_invalid"),
        ("1e10", "signature_invalid"),
        ("%20123", "signature_invalid"),
        ("+123", "signature_invalid"),
        ("0123", "signature_invalid"),
        ("0x10", "signature_invalid"),
        ("123abc", "signature_invalid"),
        ("1.5", "signature_invalid"),
        ("", "signature_invalid"),
        ("١٢٣", "signature_invalid"),
        ("1800000000&exp=1800000000", "signature_invalid"),
    ];
    for (expiry, expected) in cases {
        let url = format!("/a.jpg?exp={expiry}");
        let signature = sign_by_hand(scheme, b"mysecret", &url);
        let url = format!("{url}&sig={signature}");
        assert_eq!(verdict(&verifier, &url), expected, "{url}");
    }
}

#[test]
fn row_54_no_answer_outlives_its_url() {
    let cases = [
        (
            Some(NOW + 60),
            "public, max-age=31536000",
            "public, max-age=60",
        ),
        (Some(NOW), "max-age=9", "max-age=0"),
        (Some(NOW + 60), "max-age=9", "max-age=9"),
        (None, "max-age=31536000", "max-age=31536000"),
    ];
    for (scheme, keyring, target) in schemes() {
        for (expires, before, after) in cases {
            let url = signer(scheme, keyring.clone())
                .sign(target, expires)
                .unwrap();
            let verifier = verifier(scheme, keyring.clone());
            let pass = verifier.check(&head(&url)).unwrap();
            let (mut response, ()) = Response::builder()
                .header(CACHE_CONTROL, before)
                .body(())
                .unwrap()
                .into_parts();
            verifier.respond(pass, &mut Caching::of(&mut response.headers));
            assert_eq!(response.headers[CACHE_CONTROL], after, "{url}");
        }
    }
}

#[test]
fn row_55_an_old_key_verifies_until_it_is_removed() {
    let rotations = [
        (
            Scheme::imagor(),
            Keyring::of_secrets(["new", "old"]),
            Keyring::of_secrets(["old"]),
            Keyring::of_secrets(["new"]),
        ),
        (
            Scheme::imgproxy(),
            Keyring::of_secrets(["aa", "bb"]).salt("cc").salt("dd"),
            Keyring::of_secrets(["bb"]).salt("dd"),
            Keyring::of_secrets(["aa"]).salt("cc"),
        ),
        (
            Scheme::optstuff(),
            Keyring::new()
                .key("n", Key::new("new"))
                .key("o", Key::new("old")),
            Keyring::new().key("o", Key::new("old")),
            Keyring::new().key("n", Key::new("new")),
        ),
    ];
    for (scheme, both, old, new) in rotations {
        let sign = |keyring: &Keyring| {
            signer(scheme, keyring.clone())
                .sign("w:1/h/a.jpg", None)
                .unwrap()
        };
        let (by_old, by_new) = (sign(&old), sign(&new));
        assert_eq!(sign(&both), by_new, "the first signs");
        let during = verifier(scheme, both);
        assert_eq!(verdict(&during, &by_old), "signed", "{by_old}");
        assert_eq!(verdict(&during, &by_new), "signed", "{by_new}");
        let after = verifier(scheme, new);
        assert_eq!(verdict(&after, &by_old), "signature_invalid", "{by_old}");
        assert_eq!(verdict(&after, &by_new), "signed", "{by_new}");
    }
}

/// imgproxy's pairs are pairs: the salt of one does not go with the secret of the other.
#[test]
fn row_55_salts_are_not_shared() {
    let verifier = verifier(
        Scheme::imgproxy(),
        Keyring::of_secrets(["aa", "bb"]).salt("cc").salt("dd"),
    );
    let crossed = Keyring::of_secrets(["aa"]).salt("dd");
    let url = signer(Scheme::imgproxy(), crossed)
        .sign("w:1/plain/a", None)
        .unwrap();
    assert_eq!(verdict(&verifier, &url), "signature_invalid", "{url}");
}

#[test]
fn row_56_a_signature_is_judged_anew_for_every_url() {
    #[derive(Debug)]
    struct OneKey;
    impl KeyLookup for OneKey {
        fn find(&self, _id: &str) -> Option<Key> {
            Some(Key::new("sk_1"))
        }
    }
    let mut cases = schemes();
    cases.push((
        Scheme::query(),
        Keyring::new().key("k", Key::new("sk_1")).lookup(OneKey),
        "w_300/a.jpg",
    ));
    for (scheme, keyring, target) in cases {
        let (verifier, url) = signed(scheme, &keyring, target);
        let other = url.replacen("300", "400", 1);
        assert_ne!(url, other);
        for _ in 0..2 {
            assert_eq!(verdict(&verifier, &url), "signed", "{url}");
            assert_eq!(verdict(&verifier, &other), "signature_invalid", "{other}");
        }
    }
}
