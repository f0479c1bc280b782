//! What a scheme and a keyring must be to go together.

use super::*;
use crate::signature::{Algorithm, KeyLookup, SignatureProblem as Problem};

#[derive(Debug)]
struct NoKeys;

impl KeyLookup for NoKeys {
    fn find(&self, _id: &str) -> Option<Key> {
        None
    }
}

#[test]
fn everything_wrong_is_named_at_once() {
    let secrets = |secrets: &[&str]| Keyring::of_secrets(secrets.iter().copied());
    let key = |id: &str| Keyring::new().key(id, Key::new("s"));
    let cases = [
        (Scheme::imagor(), Keyring::new(), vec![Problem::NoKey]),
        (Scheme::optstuff(), Keyring::new(), vec![Problem::NoKey]),
        (
            Scheme::imagor().truncate(16),
            secrets(&["a", "", "b", ""]),
            vec![
                Problem::TruncationTooShort(16),
                Problem::EmptySecret(1),
                Problem::EmptySecret(3),
            ],
        ),
        (Scheme::imagor(), key("k"), vec![Problem::NoKeys]),
        (
            Scheme::imagekit(),
            secrets(&["a"]).lookup(NoKeys),
            vec![Problem::NoKeys],
        ),
        (
            Scheme::imagor(),
            secrets(&["a"]).salt("00"),
            vec![Problem::NoSalts],
        ),
        (
            Scheme::imgproxy().algorithm(Algorithm::Sha512),
            secrets(&["00", "0", "", "xy"]).salt("zz").salt(""),
            vec![
                Problem::UnknownAlgorithm(Algorithm::Sha512),
                Problem::UnequalSalts {
                    secrets: 4,
                    salts: 2,
                },
                Problem::SecretNotHex(1),
                Problem::EmptySecret(2),
                Problem::SecretNotHex(3),
                Problem::SaltNotHex(0),
                Problem::EmptySalt(1),
            ],
        ),
        (
            Scheme::imagekit().algorithm(Algorithm::Sha256).truncate(20),
            secrets(&["a"]),
            vec![
                Problem::UnknownAlgorithm(Algorithm::Sha256),
                Problem::NoTruncation,
            ],
        ),
        (
            Scheme::optstuff(),
            key("k").secret("s"),
            vec![Problem::NoSecrets],
        ),
        (
            Scheme::query().algorithm(Algorithm::Sha1),
            key("k")
                .key("k", Key::new(""))
                .key("a b", Key::new("s"))
                .key("", Key::new("s")),
            vec![
                Problem::UnknownAlgorithm(Algorithm::Sha1),
                Problem::DuplicateKeyId("k".into()),
                Problem::EmptyKeySecret("k".into()),
                Problem::InvalidKeyId("a b".into()),
                Problem::InvalidKeyId(String::new()),
            ],
        ),
    ];
    for (scheme, keyring, problems) in cases {
        let error = Verifier::new(scheme, keyring.clone()).unwrap_err();
        assert_eq!(error.problems(), problems, "{scheme:?}");
        assert!(error.to_string().contains(scheme.name()), "{error}");
        for problem in &problems {
            assert!(error.to_string().contains(&problem.to_string()), "{error}");
        }
        assert_eq!(Signer::new(scheme, keyring).unwrap_err(), error);
    }
}

#[test]
fn a_lookup_verifies_and_does_not_sign() {
    let keyring = Keyring::new().lookup(NoKeys);
    assert!(Verifier::new(Scheme::query(), keyring.clone()).is_ok());
    let error = Signer::new(Scheme::query(), keyring).unwrap_err();
    assert_eq!(error.problems(), [Problem::NoKey]);
}

#[test]
fn row_57_weak_settings_are_refused_when_built() {
    for (scheme, keyring, _) in schemes() {
        assert!(Verifier::new(scheme, Keyring::new()).is_err(), "{scheme:?}");
        assert!(
            Verifier::new(scheme, Keyring::of_secrets([""])).is_err(),
            "{scheme:?}"
        );
        for characters in [0, 1, 16] {
            let scheme = scheme.truncate(characters);
            assert!(
                Verifier::new(scheme, keyring.clone()).is_err(),
                "{scheme:?}"
            );
        }
    }
}

#[test]
fn names_read_back() {
    for name in ["imagor", "imgproxy", "imagekit", "optstuff", "query"] {
        assert_eq!(name.parse::<Scheme>().unwrap().name(), name);
    }
    for name in ["sha1", "sha256", "sha512"] {
        assert_eq!(name.parse::<Algorithm>().unwrap().to_string(), name);
    }
    assert!(
        "Imagor"
            .parse::<Scheme>()
            .unwrap_err()
            .to_string()
            .contains("\"Imagor\"")
    );
    assert!(
        "md5"
            .parse::<Algorithm>()
            .unwrap_err()
            .to_string()
            .contains("\"md5\"")
    );
}

#[test]
fn nothing_prints_a_secret() {
    for (scheme, keyring, _) in schemes() {
        let printed = format!(
            "{keyring:?} {:?} {:?}",
            verifier(scheme, keyring.clone()),
            signer(scheme, keyring.clone())
        );
        for secret in ["mysecret", "sk_1", "736563726574", "68656c6c6f", "[109,"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
