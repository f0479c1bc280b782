//! What holds for every scheme, driven through [`Verifier::check`](crate::guard::Guard::check) and `apply`.

mod config;
mod expiry;
mod hostile;
mod properties;
mod rows;
mod signing;
mod vectors;
mod verdicts;
mod vouched;

use http::request::Parts;
use http::{Request, Uri};

use super::{Key, Keyring, Scheme, Signer, VerifiedTarget, Verifier};
use crate::clock::ManualClock;
use crate::guard::Guard;
use crate::mount::MountPath;

/// The time in every test that does not say otherwise.
const NOW: u64 = 1_700_000_000;

fn head(uri: &str) -> Parts {
    let uri: Uri = uri.parse().unwrap_or_else(|_| panic!("{uri:?} is a URI"));
    Request::get(uri).body(()).unwrap().into_parts().0
}

/// The code of the refusal, or `signed` or `unsigned`.
fn verdict(verifier: &Verifier, uri: &str) -> &'static str {
    let mut head = head(uri);
    match verifier.check(&head) {
        Err(why) => why.code(),
        Ok(mut pass) => {
            verifier.apply(&mut head, &mut pass);
            match head.extensions.get::<VerifiedTarget>() {
                Some(target) if target.signed() => "signed",
                Some(_) => "unsigned",
                None => "outside",
            }
        }
    }
}

/// What is handed on: path, query, and the bare URI.
fn handed_on(verifier: &Verifier, uri: &str) -> (String, Option<String>, String) {
    let mut head = head(uri);
    let mut pass = verifier
        .check(&head)
        .unwrap_or_else(|why| panic!("{uri}: {}", why.reason()));
    verifier.apply(&mut head, &mut pass);
    let target = head.extensions.get::<VerifiedTarget>().unwrap();
    let text = |bytes: &bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    (
        text(target.bytes()),
        target.query().map(text),
        head.uri.to_string(),
    )
}

/// The rows of a table: columns between ` | `, and lines of comment.
fn rows<const N: usize>(table: &str) -> Vec<[&str; N]> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<_> = line.split(" | ").collect();
            columns.try_into().unwrap_or_else(|_| panic!("{line:?}"))
        })
        .collect()
}

fn mount(path: &str) -> MountPath {
    MountPath::new(path).unwrap()
}

fn verifier(scheme: Scheme, keyring: Keyring) -> Verifier {
    Verifier::new(scheme, keyring)
        .unwrap()
        .clock(ManualClock::at(NOW))
}

fn signer(scheme: Scheme, keyring: Keyring) -> Signer {
    Signer::new(scheme, keyring).unwrap()
}

/// Every scheme, with a keyring and a target of its grammar.
fn schemes() -> Vec<(Scheme, Keyring, &'static str)> {
    let secret = || Keyring::of_secrets(["mysecret"]);
    let key = || Keyring::new().key("pk_1", Key::new("sk_1"));
    vec![
        (Scheme::imagor(), secret(), "300x200/smart/photo.jpg"),
        (
            Scheme::imgproxy(),
            Keyring::of_secrets(["736563726574"]).salt("68656c6c6f"),
            "rs:fit:300:200/plain/photo.jpg",
        ),
        (Scheme::imagekit(), secret(), "tr:w-300/photo.jpg?v=1"),
        (Scheme::optstuff(), key(), "w_300/cdn.example.com/photo.jpg"),
        (Scheme::query(), secret(), "300x200/photo.jpg?v=1"),
        (Scheme::query(), key(), "300x200/photo.jpg"),
    ]
}

/// The signature of a signed URL, as it stands there.
fn signature_of(scheme: Scheme, url: &str) -> &str {
    let parameter = match scheme.name() {
        "imagekit" => "ik-s=",
        "optstuff" | "query" => "sig=",
        _ => return url.split('/').nth(1).unwrap(),
    };
    let (_, rest) = url.split_once(parameter).unwrap();
    rest.split('&').next().unwrap()
}

/// The signature of a URL at the root that no signer would sign, or by a key that no keyring would take.
fn sign_by_hand(scheme: Scheme, key: &[u8], url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let reading = (scheme.rules.read)(path, query);
    let mac = super::mac::Mac::new(scheme.algorithm, key);
    let signature = scheme.signature(&mac, &reading, &MountPath::root());
    signature.as_str().to_owned()
}
