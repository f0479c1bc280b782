//! When URLs expire, and how long they may live.

use std::time::Duration;

use super::*;
use crate::signature::{PathExpiry, SignError};

#[test]
fn lifetimes() {
    type Options = fn(Verifier) -> Verifier;
    const WEEK: Duration = Duration::from_secs(604_800);
    let plain = |verifier: Verifier| verifier;
    let expiring = |verifier: Verifier| verifier.require_expiry(true);
    let limited = |verifier: Verifier| verifier.max_lifetime(WEEK);
    let lenient = |verifier: Verifier| verifier.leeway(Duration::from_secs(60));
    let cases: [(Options, Option<u64>, &str); 14] = [
        (plain, None, "signed"),
        (plain, Some(NOW + 9), "signed"),
        (plain, Some(NOW), "signed"),
        (plain, Some(NOW - 1), "url_expired"),
        (expiring, None, "lifetime_too_long"),
        (expiring, Some(NOW), "signed"),
        (expiring, Some(4_102_444_800), "signed"),
        (limited, None, "lifetime_too_long"),
        (limited, Some(NOW + 604_800), "signed"),
        (limited, Some(NOW + 604_801), "lifetime_too_long"),
        (limited, Some(NOW - 1), "url_expired"),
        (lenient, Some(NOW - 60), "signed"),
        (lenient, Some(NOW - 61), "url_expired"),
        (lenient, None, "signed"),
    ];
    for (scheme, keyring, target) in schemes() {
        for (options, expires, expected) in cases {
            let url = signer(scheme, keyring.clone())
                .sign(target, expires)
                .unwrap();
            let verifier = options(verifier(scheme, keyring.clone()));
            assert_eq!(verdict(&verifier, &url), expected, "{url}");
        }
    }
    // Lifetimes bind those who sign.
    let open = limited(Verifier::unsigned(Scheme::imagor())).clock(ManualClock::at(NOW));
    assert_eq!(verdict(&open, "/unsafe/a.jpg"), "unsigned");
}

#[test]
fn an_expiry_in_the_path_counts_where_its_grammar_is_named() {
    let cases = [
        (
            PathExpiry::Imagor,
            "filters:expire(1699999999999)/a.jpg",
            "url_expired",
        ),
        (
            PathExpiry::Imagor,
            "filters:expire(1700000000000)/a.jpg",
            "signed",
        ),
        (
            PathExpiry::Imagor,
            "filters:expire(x)/a.jpg",
            "signature_invalid",
        ),
        (PathExpiry::Imagor, "exp:1/plain/a.jpg", "signed"),
        (
            PathExpiry::Imgproxy,
            "exp:1699999999/plain/a.jpg",
            "url_expired",
        ),
        (PathExpiry::Imgproxy, "exp:1700000000/plain/a.jpg", "signed"),
        (
            PathExpiry::Imgproxy,
            "exp:-1/plain/a.jpg",
            "signature_invalid",
        ),
        (PathExpiry::Imgproxy, "filters:expire(1)/a.jpg", "signed"),
    ];
    for place in [2, 3, 4] {
        let (scheme, keyring, _) = schemes().swap_remove(place);
        for (grammar, path, expected) in cases {
            let url = signer(scheme, keyring.clone())
                .sign(path, Some(1_800_000_000))
                .unwrap();
            let verifier = verifier(scheme, keyring.clone());
            assert_eq!(verdict(&verifier, &url), "signed", "{url}");
            let verifier = verifier.path_expiry(grammar);
            assert_eq!(verdict(&verifier, &url), expected, "{grammar:?} {url}");
        }
    }
}

#[test]
fn a_wrong_signature_counts_before_an_expiry() {
    for (scheme, keyring, target) in schemes() {
        let signer = signer(scheme, keyring.clone());
        let url = signer.sign(target, Some(1_000_000_000)).unwrap();
        let verifier = verifier(scheme, keyring).required(true);
        assert_eq!(verdict(&verifier, &url), "url_expired", "{url}");
        let signature = signature_of(scheme, &url);
        let forged = url.replace(signature, &signature.chars().rev().collect::<String>());
        assert_eq!(verdict(&verifier, &forged), "signature_invalid", "{forged}");
    }
}

#[test]
fn the_earliest_expiry_counts_and_a_later_one_cannot_be_added() {
    let cases = [
        (
            0,
            "filters:expire(1800000000000)/a.jpg",
            1_900_000_000,
            1_750_000_000,
        ),
        (
            1,
            "exp:1800000000/plain/a.jpg",
            1_900_000_000,
            1_750_000_000,
        ),
    ];
    for (scheme, target, later, earlier) in cases {
        let (scheme, keyring, _) = schemes().swap_remove(scheme);
        let signer = signer(scheme, keyring.clone());
        assert_eq!(
            signer.sign(target, Some(later)),
            Err(SignError::Expiry),
            "{target}"
        );
        let url = signer.sign(target, Some(earlier)).unwrap();
        let verifier = verifier(scheme, keyring);
        assert_eq!(
            verdict(&verifier.clone().clock(ManualClock::at(earlier)), &url),
            "signed"
        );
        let later = verifier.clock(ManualClock::at(earlier + 1));
        assert_eq!(verdict(&later, &url), "url_expired");
    }
}
