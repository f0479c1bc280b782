//! Signatures of our own scheme, and what OptStuff's covers. Those that others made are in `tests/vectors`.

use super::*;
use crate::signature::Algorithm;

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
