//! What an operator's targets are taken for.

use super::*;
use crate::signature::SignError;

fn vouched(verifier: &Verifier, target: &str) -> Result<(String, String), SignError> {
    let head = verifier.vouch(target)?;
    let found = head.extensions.get::<VerifiedTarget>().unwrap();
    assert!(found.signed(), "{target}");
    let query = found.query().cloned().unwrap_or_default();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok((text(found.bytes()), text(&query)))
}

#[test]
fn a_target_means_the_same_signed_or_not() {
    for (scheme, keyring, target) in schemes() {
        let at = mount("/img");
        let verifier = verifier(scheme, keyring.clone()).at(at.clone());
        let signer = signer(scheme, keyring).at(at.clone());
        let unsigned = vouched(&verifier, target).unwrap();
        assert!(!unsigned.0.is_empty(), "{target}");
        let url = signer.sign(target, None).unwrap();
        assert_eq!(vouched(&verifier, &url).unwrap(), unsigned, "{url}");
        assert_eq!(vouched(&verifier, &format!("/{target}")).unwrap(), unsigned);
        let open = Verifier::unsigned(scheme).at(at);
        assert_eq!(vouched(&open, target).unwrap(), unsigned, "{target}");

        // An expired URL's image is the same but for what the expiry is part of.
        let expired = signer.sign(target, Some(NOW - 1)).unwrap();
        assert!(verifier.check(&head(&expired)).is_err());
        let (path, _) = vouched(&verifier, &expired).unwrap();
        assert!(!path.contains("img/"), "{expired}: {path}");
    }
}

#[test]
fn a_target_may_say_that_it_is_not_signed() {
    let secrets = || Keyring::of_secrets(["a secret of this test"]);
    let imagor = Verifier::new(Scheme::imagor(), secrets()).unwrap();
    let imagor = imagor.at(mount("/img"));
    let imgproxy = Verifier::unsigned(Scheme::imgproxy()).at(mount("/img"));
    for (verifier, target, path) in [
        (&imagor, "unsafe/30x20/a.jpg", "30x20/a.jpg"),
        (&imagor, "/unsafe/30x20/a.jpg", "30x20/a.jpg"),
        (&imagor, "/img/unsafe/30x20/a.jpg", "30x20/a.jpg"),
        (&imagor, "30x20/a.jpg?utm=1", "30x20/a.jpg"),
        (&imagor, "30x20/unsafe/a.jpg", "30x20/unsafe/a.jpg"),
        (
            &imgproxy,
            "rs:fit:30:20/plain/a.jpg",
            "rs:fit:30:20/plain/a.jpg",
        ),
        (
            &imgproxy,
            "/insecure/rs:fit:30:20/plain/a.jpg",
            "rs:fit:30:20/plain/a.jpg",
        ),
        (&imgproxy, "/img/unsafe/plain/a.jpg", "plain/a.jpg"),
    ] {
        assert_eq!(vouched(verifier, target).unwrap().0, path, "{target}");
    }
    // Where no signature is in the path, a folder may have any name.
    let query = Verifier::unsigned(Scheme::query());
    assert_eq!(vouched(&query, "unsafe/a.jpg").unwrap().0, "unsafe/a.jpg");
    for target in ["a b.jpg", "a#b", "\n"] {
        assert_eq!(
            vouched(&imagor, target),
            Err(SignError::NotAUrl),
            "{target:?}"
        );
    }
}
