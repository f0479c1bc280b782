//! Paths and queries under every scheme: nobody signs them, so nobody gets in.

#![no_main]

use http::{Request, Uri};
use imgward::guard::{Guard, RejectionKind};
use imgward::mount::MountPath;
use imgward::signature::{Key, Keyring, Scheme, Signer, VerifiedTarget, Verifier};
use libfuzzer_sys::fuzz_target;

fn schemes() -> [(Scheme, Keyring); 5] {
    let secrets = || Keyring::of_secrets(["first", "second"]);
    [
        (Scheme::imagor(), secrets()),
        (
            Scheme::imgproxy(),
            Keyring::new().secret("736563726574").salt("68656c6c6f"),
        ),
        (Scheme::imagekit(), secrets()),
        (Scheme::optstuff(), Keyring::new().key("pk_abc", Key::new("sk_abc"))),
        (Scheme::query(), secrets().key("k1", Key::new("third"))),
    ]
}

fuzz_target!(|text: &str| {
    for (scheme, keyring) in schemes() {
        let mount = || MountPath::new("/img").expect("a path");
        let verifier = Verifier::new(scheme, keyring.clone()).expect("keys").at(mount());
        let unsigned = Verifier::unsigned(scheme).at(mount());
        if let Ok(uri) = Uri::try_from(format!("/img/{text}")) {
            let (mut head, ()) = Request::get(uri).body(()).expect("a request").into_parts();
            let refused = verifier.check(&head).err().map(|why| why.kind());
            assert!(
                matches!(
                    refused,
                    Some(RejectionKind::SignatureMissing | RejectionKind::SignatureInvalid)
                ),
                "{refused:?}"
            );
            if let Ok(mut pass) = unsigned.check(&head) {
                unsigned.apply(&mut head, &mut pass);
                let target = head.extensions.get::<VerifiedTarget>().expect("inserted");
                assert!(!target.signed());
            }
        }
        // What can be signed verifies.
        let signer = Signer::new(scheme, keyring).expect("keys").at(mount());
        if let Ok(signed) = signer.sign(text, None) {
            let uri = Uri::try_from(signed).expect("a signed URL is one");
            let (head, ()) = Request::get(uri).body(()).expect("a request").into_parts();
            let refused = verifier.check(&head).err().map(|why| why.kind());
            assert!(matches!(refused, None | Some(RejectionKind::UrlExpired)), "{refused:?}");
        }
    }
});
