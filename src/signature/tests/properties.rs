//! What holds for any target.

use proptest::prelude::*;

use super::*;

/// A path that every scheme takes, dots and escapes and odd characters included.
fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[a-z0-9]{1,8}",
        "[A-Za-z0-9._~!$'()*,;:@%-]{1,12}".prop_map(|text| text.replace('%', "%2541")),
        Just("300x200".to_owned()),
        Just("filters:blur(5):fill(red)".to_owned()),
        Just("rs:fit:1:1".to_owned()),
        Just("é".to_owned()),
    ];
    prop::collection::vec(segment, 1..5).prop_map(|segments| segments.join("/"))
}

fn query() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-h]=[a-z0-9%=+-]{0,8}(&[a-h](=[a-z0-9]{0,4})?){0,3}")
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_is_handed_on(
        path in path(),
        query in query(),
        expires in prop::option::of(NOW..9_999_999_998),
    ) {
        for (scheme, keyring, _) in schemes() {
            let target = match &query {
                Some(query) if scheme.signs_query() => format!("{path}?{query}"),
                _ => path.clone(),
            };
            let at = mount("/img");
            let signer = signer(scheme, keyring.clone()).at(at.clone());
            // The path may hold an expiry of its own, or filters that do not end.
            let Ok(url) = signer.sign(&target, expires) else { continue };
            let verifier = verifier(scheme, keyring).at(at);
            prop_assert_eq!(verdict(&verifier, &url), "signed", "{}", url);
            let (handed_path, handed_query, bare) = handed_on(&verifier, &url);
            if expires.is_none() && scheme.name() != "optstuff" {
                prop_assert_eq!(&handed_path, &path);
                prop_assert_eq!(&bare, &format!("/img/{target}"));
            }
            if scheme.signs_query() {
                prop_assert_eq!(handed_query, query.clone());
            }
        }
    }

    #[test]
    fn any_changed_byte_fails(
        path in path(),
        place in any::<prop::sample::Index>(),
        byte in 0x21_u8..0x7f,
    ) {
        for (scheme, keyring, _) in schemes() {
            let at = mount("/img");
            let Ok(url) = signer(scheme, keyring.clone()).at(at.clone()).sign(&path, None) else {
                continue;
            };
            let mut changed = url.clone().into_bytes();
            let below = &mut changed["/img/".len()..];
            let position = place.index(below.len());
            below[position] = byte;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let Ok(uri) = changed.parse::<Uri>() else { continue };
            let uri = uri.to_string();
            if uri == url || uri.len() < url.len() {
                continue;
            }
            let verifier = verifier(scheme, keyring).at(at);
            // A decoded path may have several spellings; then what is handed on is the same.
            if verdict(&verifier, &uri) == "signed" {
                prop_assert_eq!(handed_on(&verifier, &uri), handed_on(&verifier, &url), "{}", uri);
                prop_assert!(matches!(scheme.name(), "imagor" | "optstuff"), "{}", uri);
            }
        }
    }

    #[test]
    fn any_request_is_judged(uri in "/[ -~é]{0,60}") {
        let Ok(uri) = uri.parse::<Uri>() else { return Ok(()) };
        for (scheme, keyring, _) in schemes() {
            let verifier = verifier(scheme, keyring).required(false);
            let verdict = verdict(&verifier, &uri.to_string());
            prop_assert!(
                matches!(verdict, "unsigned" | "signature_invalid" | "url_expired"),
                "{} {}", uri, verdict
            );
        }
    }
}
