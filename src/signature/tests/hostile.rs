//! Input made to break things: nothing here may panic, or pass.

use super::*;

#[test]
fn odd_requests_are_refused_in_peace() {
    let long = "A".repeat(60_000);
    let odd = [
        "/".to_owned(),
        "//".into(),
        "///".into(),
        "/?".into(),
        "/?&&&=&=".into(),
        "/%".into(),
        "/%%%%%%".into(),
        "/%ff%fe/%00".into(),
        "/+++++".into(),
        "/é/ü?ö=ä&sig=é".into(),
        "/?sig=%00&ik-s=%ff&key=%&exp=&kid=".into(),
        "/AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into(),
        "/AAAAAAAAAAAAAAAAAAAAAAAAAAA=/".into(),
        "/params/params/unsafe/unsafe".into(),
        "/../../etc/passwd".into(),
        "/%2e%2e/%2e%2e/etc/passwd".into(),
        format!("/{long}"),
        format!("/{long}/{long}")[..65_000].into(),
        format!("/a?sig={long}"),
        format!("/a?key={long}&sig=x"),
        format!("/a?{}", "sig=&".repeat(10_000)),
        format!("/a?{}", "&".repeat(60_000)),
        format!("/{}", "+".repeat(60_000)),
        format!("/unsafe/filters:{}", "(".repeat(60_000)),
        format!("/x/{}", "exp:1/".repeat(10_000)),
        "http://h".into(),
        "*".into(),
    ];
    for (scheme, keyring, _) in schemes() {
        let verifier = verifier(scheme, keyring);
        let open = verifier.clone().required(false);
        for uri in &odd {
            let shown = &uri[..uri.len().min(60)];
            assert_ne!(verdict(&verifier, uri), "signed", "{scheme:?} {shown}");
            assert_ne!(verdict(&verifier, uri), "unsigned", "{scheme:?} {shown}");
            assert_ne!(verdict(&open, uri), "signed", "{scheme:?} {shown}");
        }
    }
}

/// A space is one byte as `+`, and three in a URI: a decoded path may be too long to be spelled.
#[test]
fn a_decoded_path_that_fits_no_uri_is_a_bad_request() {
    let (scheme, keyring, _) = schemes().swap_remove(0);
    let secret = crate::signature::mac::Mac::new(scheme.algorithm, b"mysecret");
    let decoded = " ".repeat(30_000);
    let reading = crate::signature::rules::Reading {
        path: decoded.as_str().into(),
        ..Default::default()
    };
    let signature = scheme.signature(&secret, &reading, &MountPath::root());
    let url = format!("/{}/{}", signature.as_str(), "+".repeat(30_000));
    assert_eq!(verdict(&verifier(scheme, keyring), &url), "bad_request");
}

#[test]
fn no_reason_holds_a_secret_or_the_right_signature() {
    for (scheme, keyring, target) in schemes() {
        let url = signer(scheme, keyring.clone())
            .sign(target, Some(1_000_000_000))
            .unwrap();
        let right = signature_of(scheme, &url);
        let wrong = url.replace(right, &right.to_uppercase());
        let verifier = verifier(scheme, keyring);
        for url in [&url, &wrong] {
            let why = verifier.check(&head(url)).unwrap_err();
            let printed = format!("{why:?} {why}");
            for secret in [right, "mysecret", "sk_1", "736563726574"] {
                assert!(!printed.contains(secret), "{printed}");
            }
        }
    }
}
