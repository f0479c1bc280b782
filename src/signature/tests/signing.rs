//! What a signer writes, and what it does not.

use super::*;
use crate::signature::SignError;

#[test]
fn imagor_expiries_go_among_the_filters() {
    let signer = signer(Scheme::imagor(), Keyring::of_secrets(["s"]));
    let cases = [
        ("a.jpg", "filters:expire(5000)/a.jpg"),
        (
            "300x200/smart/a.jpg",
            "300x200/smart/filters:expire(5000)/a.jpg",
        ),
        (
            "filters:blur(5)/a.jpg",
            "filters:blur(5):expire(5000)/a.jpg",
        ),
        (
            "filters:blur(5):/a.jpg",
            "filters:blur(5):expire(5000)/a.jpg",
        ),
        ("filters:/a.jpg", "filters:expire(5000)/a.jpg"),
        (
            "meta/9x9/filters:x(a/b)/http://h/a/b",
            "meta/9x9/filters:x(a/b):expire(5000)/http://h/a/b",
        ),
        ("", "filters:expire(5000)/"),
    ];
    for (target, expected) in cases {
        let url = signer.sign(target, Some(5)).unwrap();
        assert_eq!(url[1..].split_once('/').unwrap().1, expected, "{target}");
    }
    assert_eq!(
        signer.sign("filters:blur(5/a.jpg", Some(5)),
        Err(SignError::Expiry)
    );
    assert_eq!(signer.sign("a.jpg", Some(u64::MAX)), Err(SignError::Expiry));
}

#[test]
fn what_cannot_be_signed() {
    for (scheme, keyring, _) in schemes() {
        let signer = signer(scheme, keyring);
        for target in ["a b.jpg", "a\n.jpg", "a#b.jpg", "a\u{7f}.jpg", "a\0"] {
            assert_eq!(
                signer.sign(target, None),
                Err(SignError::NotAUrl),
                "{target:?}"
            );
        }
        if !scheme.signs_query() {
            assert_eq!(
                signer.sign("a/b.jpg?v=1", None),
                Err(SignError::QueryNotSigned)
            );
        }
    }
    let cases = [
        (2, "a.jpg?ik-s=x"),
        (2, "a.jpg?ik-t=x"),
        (4, "a.jpg?sig=x"),
        (4, "a.jpg?exp=x"),
        (4, "a.jpg?kid=x"),
        (5, "a.jpg?kid=x"),
        (1, "exp:x/plain/a.jpg"),
        (0, "filters:expire(x)/a.jpg"),
    ];
    for (scheme, target) in cases {
        let (scheme, keyring, _) = schemes().swap_remove(scheme);
        let refused = signer(scheme, keyring).sign(target, None);
        assert!(
            matches!(refused, Err(SignError::Refused(_))),
            "{target}: {refused:?}"
        );
    }
}
