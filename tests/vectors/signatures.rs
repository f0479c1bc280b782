//! Signatures that others made: imagor, libthumbor, imgproxy, ImageKit's and OptStuff's own software.

use std::fmt::Write as _;

use http::Request;
use imgward::clock::ManualClock;
use imgward::guard::Guard as _;
use imgward::mount::MountPath;
use imgward::signature::{Key, Keyring, Scheme, SignError, Signer, VerifiedTarget, Verifier};

use crate::table;

fn mount(path: &str) -> MountPath {
    MountPath::new(path).unwrap()
}

fn verifier(scheme: Scheme, keyring: &Keyring) -> Verifier {
    Verifier::new(scheme, keyring.clone())
        .unwrap()
        .clock(ManualClock::at(1_700_000_000))
}

fn signer(scheme: Scheme, keyring: &Keyring) -> Signer {
    Signer::new(scheme, keyring.clone()).unwrap()
}

/// The code of the refusal, or `signed` or `unsigned`.
fn verdict(verifier: &Verifier, url: &str) -> &'static str {
    let (mut head, ()) = Request::get(url).body(()).unwrap().into_parts();
    match verifier.check(&head) {
        Err(why) => why.code(),
        Ok(mut pass) => {
            verifier.apply(&mut head, &mut pass);
            let target = head.extensions.get::<VerifiedTarget>().unwrap();
            if target.signed() {
                "signed"
            } else {
                "unsigned"
            }
        }
    }
}

fn expect(found: &str, expected: &str, url: &str) -> Result<(), String> {
    (found == expected)
        .then_some(())
        .ok_or_else(|| format!("{url} is {found}"))
}

#[test]
fn imagor() {
    table::check(
        include_str!("imagor/signatures.tsv"),
        39,
        |[algorithm, truncate, secret, path, signature, expected]| {
            let mut scheme = Scheme::imagor().algorithm(algorithm.parse().unwrap());
            if truncate != "0" {
                scheme = scheme.truncate(truncate.parse().unwrap());
            }
            let keyring = Keyring::of_secrets([secret]);
            let verifier = verifier(scheme, &keyring).at(mount("/img"));
            let url = format!("/img/{signature}/{path}");
            expect(verdict(&verifier, &url), expected, &url)?;
            if expected != "signed" {
                return Ok(());
            }
            let shorter = format!("/img/{}/{path}", &signature[..signature.len() - 1]);
            expect(verdict(&verifier, &shorter), "signature_invalid", &shorter).or_else(|why| {
                // Below 17 characters it is no signature, but a folder.
                expect(verdict(&verifier, &shorter), "signature_missing", &shorter).map_err(|_| why)
            })
        },
    );
}

/// libthumbor's own URLs, which are signed as imagor signs.
#[test]
fn libthumbor() {
    let signer = signer(Scheme::imagor(), &Keyring::of_secrets(["my-security-key"]));
    table::check(include_str!("imagor/libthumbor.tsv"), 7, |[url]| {
        let (_, target) = url[1..].split_once('/').unwrap();
        let made = signer.sign(target, None).unwrap();
        expect(&made, url, target)
    });
}

/// Signatures that imagor makes with an empty key. No verifier of ours has one.
#[test]
fn imagor_signatures_of_the_empty_key_never_verify() {
    table::check(
        include_str!("imagor/empty_key.tsv"),
        2,
        |[algorithm, path, signature]| {
            let scheme = Scheme::imagor().algorithm(algorithm.parse().unwrap());
            assert!(Verifier::new(scheme, Keyring::of_secrets([""])).is_err());
            let verifier = verifier(scheme, &Keyring::of_secrets(["k"]));
            let url = format!("/{signature}/{path}");
            expect(verdict(&verifier, &url), "signature_invalid", &url)
        },
    );
}

#[test]
fn imgproxy() {
    let keyring = |pairs: &[(&str, &str)]| {
        let secrets = Keyring::of_secrets(pairs.iter().map(|(key, _)| hex(key)));
        pairs
            .iter()
            .fold(secrets, |keyring, (_, salt)| keyring.salt(hex(salt)))
    };
    let all = [
        ("secret", "hello"),
        ("test-key", "test-salt"),
        ("test-key2", "test-salt2"),
    ];
    table::check(
        include_str!("imgproxy/signatures.tsv"),
        4,
        |[key, salt, path, signature]| {
            let (scheme, one) = (Scheme::imgproxy(), keyring(&[(key, salt)]));
            let signed = signer(scheme, &one).sign(path, None).unwrap();
            if !signed.starts_with(&format!("/{signature}")) {
                return Err(signed);
            }
            // A short signature can be guessed, so none is made.
            if signature.len() < 17 {
                assert!(Signer::new(scheme.truncate(signature.len()), one).is_err());
                return Ok(());
            }
            // Keys may be many: each of them verifies, and no other.
            let verdict = |pairs: &[_], url| verdict(&verifier(scheme, &keyring(pairs)), url);
            expect(verdict(&all, &signed), "signed", &signed)?;
            let others: Vec<_> = all.into_iter().filter(|pair| pair.0 != key).collect();
            expect(verdict(&others, &signed), "signature_invalid", &signed)?;
            let padded = format!("/{signature}={path}");
            expect(verdict(&all, &padded), "signature_invalid", &padded)
        },
    );
}

fn hex(text: &str) -> String {
    let mut digits = String::new();
    for byte in text.bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

#[test]
fn imagekit() {
    let keyring = Keyring::of_secrets(["private_test_key_000000000000000="]);
    let signer = signer(Scheme::imagekit(), &keyring).at(mount("/demo"));
    let verifier = verifier(Scheme::imagekit(), &keyring).at(mount("/demo"));
    table::check(
        include_str!("imagekit/signatures.tsv"),
        29,
        |[_, target, expires, signature, expected]| {
            let separator = if target.contains('?') { '&' } else { '?' };
            let url = match expires {
                "-" => format!("/demo/{target}{separator}ik-s={signature}"),
                expires => format!("/demo/{target}{separator}ik-t={expires}&ik-s={signature}"),
            };
            expect(verdict(&verifier, &url), expected, &url)?;
            // The expiry that is none is not written.
            if expected != "signed" || expires == "9999999999" {
                return Ok(());
            }
            let made = signer
                .sign(&format!("/{target}"), expires.parse().ok())
                .unwrap();
            expect(&made, &url, target)
        },
    );
    for expires in [0, 999_999_999, 9_999_999_999, 10_000_000_000] {
        let refused = signer.sign("x.jpg", Some(expires));
        assert_eq!(refused, Err(SignError::Expiry), "{expires}");
    }
}

#[test]
fn optstuff() {
    table::check(
        include_str!("ipx/signatures.tsv"),
        26,
        |[_, secret, path, expires, signature, expected]| {
            let keyring = Keyring::new().key("pk_1", Key::new(secret));
            let verifier = verifier(Scheme::optstuff(), &keyring).at(mount("/api/v1/p"));
            let wire = path
                .replace('%', "%2525")
                .replace(' ', "%20")
                .replace('?', "%3F")
                .replace('é', "%C3%A9");
            let mut url = format!("/api/v1/p/{wire}?key=pk_1&sig={signature}");
            let expires: Option<u64> = expires.parse().ok();
            if let Some(expires) = expires {
                url = format!("{url}&exp={expires}");
            }
            expect(verdict(&verifier, &url), expected, &url)?;
            let signed = signer(Scheme::optstuff(), &keyring)
                .at(mount("/api/v1/p"))
                .sign(&wire, expires);
            match (expected, signed) {
                ("signed" | "url_expired", Ok(signed)) => expect(&signed, &url, &wire),
                // A text that ends like an expiry is not signed, nor are signatures that are longer or shorter made.
                ("signature_invalid", Err(SignError::Refused(_))) => Ok(()),
                ("signature_invalid", Ok(signed)) if signed != url => Ok(()),
                (_, signed) => Err(format!("{signed:?}")),
            }
        },
    );
}
