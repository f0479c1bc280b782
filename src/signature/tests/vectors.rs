//! Signatures made by others: imagor, libthumbor, imgproxy, ImageKit's and OptStuff's own software.

use super::*;
use crate::signature::{Algorithm, SignError};

#[test]
fn imagor_vectors() {
    let cases = rows(include_str!("vectors/imagor.txt"));
    assert_eq!(cases.len(), 29);
    for [algorithm, truncate, secret, path, signature] in cases {
        let mut scheme = Scheme::imagor().algorithm(algorithm.parse().unwrap());
        if truncate != "0" {
            scheme = scheme.truncate(truncate.parse().unwrap());
        }
        let verifier = verifier(scheme, Keyring::of_secrets([secret])).at(mount("/img"));
        let url = format!("/img/{signature}/{path}");
        assert_eq!(verdict(&verifier, &url), "signed", "{url}");
        let shorter = format!("/img/{}/{path}", &signature[..signature.len() - 1]);
        assert_ne!(verdict(&verifier, &shorter), "signed", "{shorter}");
    }
}

#[test]
fn imagor_signs_as_libthumbor_does() {
    let cases = [
        "/8ammJH8D-7tXy6kU3lTvoXlhu4o=/300x200/my.server.com/some/path/to/image.jpg",
        "/a6-Wlrgfl_jW4YvfKIuVnmjEPhc=/300x200/smart/my.server.com/some/path/to/image.jpg",
        "/QESibH-SaRaN52zHgUkRLE0W5Us=/fit-in/300x200/a.jpg",
        "/beeFr0N60J6SMM4CoHz1n0juKdI=/-300x-200/a.jpg",
        "/Bgt5ZqdIzy2Y_b5DxouVpkgR8qk=/300x200/left/top/filters:brightness(20):contrast(10)/a.jpg",
        "/4Oo5ZBD1_C15M8_5lZaH-gdfwPE=/meta/trim:top-left:50/10x20:30x40/0x200/a.jpg",
        "/YxojMfZQBYh2BXR5M_DOf4I1nSg=/-0x0/a.jpg",
    ];
    let signer = signer(Scheme::imagor(), Keyring::of_secrets(["my-security-key"]));
    for url in cases {
        let (_, target) = url[1..].split_once('/').unwrap();
        assert_eq!(signer.sign(target, None).as_deref(), Ok(url));
    }
}

/// Signatures that imagor makes with an empty key. No verifier of ours has one.
#[test]
fn imagor_signatures_of_the_empty_key_never_verify() {
    let urls = [
        (Algorithm::Sha1, "/75PYqNUmcNTNIu3sBzUrO2Qqe4o=/img.jpg"),
        (
            Algorithm::Sha256,
            "/paum-UNduWmcgMOLR9iFMfNTjcJ-vtCV4cpQO_OYwIU=/img.jpg",
        ),
    ];
    for (algorithm, url) in urls {
        let scheme = Scheme::imagor().algorithm(algorithm);
        assert!(Verifier::new(scheme, Keyring::of_secrets([""])).is_err());
        let verifier = verifier(scheme, Keyring::of_secrets(["k"]));
        assert_eq!(verdict(&verifier, url), "signature_invalid", "{url}");
    }
}

#[test]
fn imgproxy_vectors() {
    let long = "rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png";
    let pairs = Keyring::of_secrets(["736563726574", "746573742D6B6579", "746573742d6b657932"])
        .salt("68656c6c6f")
        .salt("746573742d73616c74")
        .salt("746573742d73616c7432");
    let cases = [
        (long, "oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8"),
        ("asd", "oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20"),
        ("asd", "jYz1UZ7j1BCdSzH3pZhaYf0iuz0vusoOTdqJsUT6WXI"),
    ];
    assert_eq!(cases.len(), 3);
    let full = verifier(Scheme::imgproxy(), pairs.clone());
    let short = verifier(Scheme::imgproxy().truncate(20), pairs.clone());
    for (path, signature) in cases {
        let url = format!("/{signature}/{path}");
        assert_eq!(verdict(&full, &url), "signed", "{url}");
        assert_eq!(verdict(&short, &url), "signature_invalid", "{url}");
        let url = format!("/{}/{path}", &signature[..20]);
        assert_eq!(verdict(&short, &url), "signed", "{url}");
        assert_eq!(verdict(&full, &url), "signature_invalid", "{url}");
    }
    assert_eq!(
        signer(Scheme::imgproxy(), pairs).sign(long, None).unwrap(),
        format!("/oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8/{long}")
    );
}

#[test]
fn imagekit_vectors() {
    let cases = rows(include_str!("vectors/imagekit.txt"));
    // The 27 rows of the table, without three that repeat another.
    assert_eq!(cases.len(), 27 - 3);
    let keyring = Keyring::of_secrets(["private_test_key_000000000000000="]);
    let signer = signer(Scheme::imagekit(), keyring.clone()).at(mount("/demo"));
    let verifier = verifier(Scheme::imagekit(), keyring).at(mount("/demo"));
    for [target, expires, signature] in cases {
        let expires: Option<u64> = expires.parse().ok();
        let separator = if target.contains('?') { '&' } else { '?' };
        let url = match expires {
            Some(expires) => format!("/demo/{target}{separator}ik-t={expires}&ik-s={signature}"),
            None => format!("/demo/{target}{separator}ik-s={signature}"),
        };
        assert_eq!(verdict(&verifier, &url), "signed", "{url}");
        assert_eq!(
            signer.sign(&format!("/{target}"), expires).as_deref(),
            Ok(&*url)
        );
    }
    // Row 25: the same text, with a digit moved into the expiry.
    let moved = "/demo/x.jpg?v=&ik-t=11700000300&ik-s=6d57ed12a94942db25967a5af679909afc45f0a1";
    assert_eq!(verdict(&verifier, moved), "signature_invalid");
    // The expiry that is none may be written out.
    let never = "/demo/x.jpg?ik-t=9999999999&ik-s=ef516dfe27d229f737c86ca5c2d40a63833baeba";
    assert_eq!(verdict(&verifier, never), "signed");
    for expires in [0, 999_999_999, 9_999_999_999, 10_000_000_000] {
        assert_eq!(
            signer.sign("x.jpg", Some(expires)),
            Err(SignError::Expiry),
            "{expires}"
        );
    }
}

#[test]
fn optstuff_vectors() {
    let cases = rows(include_str!("vectors/optstuff.txt"));
    assert_eq!(cases.len(), 23);
    for [secret, path, expires, signature, expected] in cases {
        let expires: Option<u64> = expires.parse().ok();
        let keyring = Keyring::new().key("pk_1", Key::new(secret));
        let verifier = verifier(Scheme::optstuff(), keyring.clone()).at(mount("/api/v1/p"));
        let wire = path
            .replace('%', "%2525")
            .replace(' ', "%20")
            .replace('?', "%3F")
            .replace('é', "%C3%A9");
        let mut url = format!("/api/v1/p/{wire}?key=pk_1&sig={signature}");
        if let Some(expires) = expires {
            url = format!("{url}&exp={expires}");
        }
        assert_eq!(verdict(&verifier, &url), expected, "{url}");
        let signer = signer(Scheme::optstuff(), keyring).at(mount("/api/v1/p"));
        if expected == "signature_invalid" {
            let refused = Err(SignError::Refused("the path ends like an expiry"));
            assert_eq!(signer.sign(&wire, expires), refused);
        } else {
            assert_eq!(signer.sign(&wire, expires).as_deref(), Ok(&*url));
        }
    }
}

#[test]
fn optstuff_paths_are_decoded_twice() {
    let keyring = Keyring::new().key("pk_1", Key::new("sk_1"));
    let verifier = verifier(Scheme::optstuff(), keyring.clone());
    let signer = signer(Scheme::optstuff(), keyring);
    // As sent; as read, or nothing where it does not decode.
    let cases = [
        ("w_8/h/a.jpg", Some("w_8/h/a.jpg")),
        ("w_8%2Cf_webp/h/a.jpg", Some("w_8,f_webp/h/a.jpg")),
        ("w_8%252C/h/a.jpg", Some("w_8%2C/h/a.jpg")),
        ("_/https%3A%2F%2Fh%2Fa.jpg", Some("_/https://h/a.jpg")),
        ("_/https:/h/a.jpg", Some("_/https://h/a.jpg")),
        ("_/http:/h/a.jpg", Some("_/http://h/a.jpg")),
        ("_/HTTP:/h/a.jpg", Some("_/HTTP:/h/a.jpg")),
        ("_/h/100%2525.jpg", Some("_/h/100%.jpg")),
        ("_/h/a+b.jpg", Some("_/h/a+b.jpg")),
        ("_/h/100%25.jpg", None),
        ("_/h/%zz", None),
        ("_/h/%4", None),
        ("_/h/%ff", None),
        ("%/h/a.jpg", None),
    ];
    for (sent, read) in cases {
        let url = signer.sign(sent, None);
        assert_eq!(url.is_ok(), read.is_some(), "{sent}: {url:?}");
        if let (Ok(url), Some(read)) = (url, read) {
            assert_eq!(handed_on(&verifier, &url).0, read, "{sent}");
        }
    }
}

#[test]
fn query_vectors() {
    let cases = [
        (
            Algorithm::Sha256,
            Keyring::of_secrets(["mysecret"]),
            "/img",
            "/300x200/photo.jpg",
            Some(4_102_444_800),
            "/img/300x200/photo.jpg?exp=4102444800&sig=SljrRQmzUUZlOn1bQGj3KJiZjFAe8fuFJQLvhNz54Go",
        ),
        (
            Algorithm::Sha256,
            Keyring::of_secrets(["mysecret"]),
            "/",
            "300x200/photo.jpg",
            None,
            "/300x200/photo.jpg?sig=CNnUIhyQyfgP50U8FA72ALwJdFrUfK5BpDKnpFkp9-Q",
        ),
        (
            Algorithm::Sha512,
            Keyring::new().key("pk_1", Key::new("mysecret")),
            "/img",
            "photo.jpg?tr=w-300,h-200&v=1",
            Some(4_102_444_800),
            "/img/photo.jpg?tr=w-300,h-200&v=1&exp=4102444800&kid=pk_1&sig=9nbvx_9NPfhMiSU2NW8V-u-gcs7hCKECCfbpua5knLwn4sNgtAMS4xT3lu54Z0PSNlIlVIAPBjfP4giI5wvyow",
        ),
    ];
    for (algorithm, keyring, at, target, expires, url) in cases {
        let scheme = Scheme::query().algorithm(algorithm);
        let signer = signer(scheme, keyring.clone()).at(mount(at));
        assert_eq!(signer.sign(target, expires).as_deref(), Ok(url));
        let verifier = verifier(scheme, keyring).at(mount(at));
        assert_eq!(verdict(&verifier, url), "signed", "{url}");
    }
}
