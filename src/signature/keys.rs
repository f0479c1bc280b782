use std::collections::HashSet;
use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::error::{SignatureConfigError, SignatureProblem as Problem};
use super::keyring::{Key, KeyLookup, Keyring, Secret, is_key_id};
use super::mac::Mac;
use super::rules::{KeyKind, Length, Reading};
use super::scheme::{MIN_TRUNCATION, Scheme};
use crate::mount::MountPath;

/// A keyring that fits its scheme: what is left to do with a key is to run it.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    scheme: Scheme,
    secrets: Vec<Mac>,
    named: Vec<(String, Key)>,
    lookup: Option<Arc<dyn KeyLookup>>,
}

impl Keys {
    /// No key at all, for URLs that are not signed.
    pub(super) fn none(scheme: Scheme) -> Self {
        Self {
            scheme,
            secrets: Vec::new(),
            named: Vec::new(),
            lookup: None,
        }
    }

    pub(super) fn new(scheme: Scheme, keyring: Keyring) -> Result<Self, SignatureConfigError> {
        let mut problems = Vec::new();
        check_scheme(&scheme, &mut problems);
        check_kinds(&scheme, &keyring, &mut problems);
        let secrets = match scheme.rules.keys {
            KeyKind::SecretsAndSalts => salted(&scheme, &keyring, &mut problems),
            _ => plain(&scheme, &keyring.secrets, &mut problems),
        };
        check_keys(&keyring.keys, &mut problems);
        if problems.is_empty() {
            Ok(Self {
                scheme,
                secrets,
                named: keyring.keys,
                lookup: keyring.lookup,
            })
        } else {
            Err(SignatureConfigError {
                scheme: scheme.name(),
                problems,
            })
        }
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    pub(super) fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.named.is_empty() && self.lookup.is_none()
    }

    /// Whether `signature` is the one that a key of the ring makes. The error says why not, for the operator.
    pub(super) fn verify(
        &self,
        signature: &str,
        reading: &Reading<'_>,
        mount: &MountPath,
        now: u64,
    ) -> Result<(), &'static str> {
        let matches = |mac: &Mac| {
            self.scheme
                .signature(mac, reading, mount)
                .matches(signature)
        };
        let verified = match reading.key_id {
            None => self.secrets.iter().any(matches),
            Some(id) => {
                let key = self.find(id).ok_or("the key of the URL is unknown")?;
                if !key.is_valid(now) {
                    return Err("the key of the URL has expired or is revoked");
                }
                matches(&Mac::new(self.scheme.algorithm, key.secret.as_bytes()))
            }
        };
        if verified {
            Ok(())
        } else {
            Err("no key verifies the signature")
        }
    }

    fn find(&self, id: &str) -> Option<Key> {
        if let Some((_, key)) = self.named.iter().find(|(known, _)| known == id) {
            return Some(key.clone());
        }
        let lookup = self.lookup.as_ref().filter(|_| is_key_id(id))?;
        lookup.find(id).filter(|key| !key.secret.is_empty())
    }

    /// The key that signs, and its id where it has one.
    pub(super) fn signing(&self) -> Option<(Option<&str>, Mac)> {
        let secret = self.secrets.first().map(|mac| (None, mac.clone()));
        secret.or_else(|| {
            let (id, key) = self.named.first()?;
            let mac = Mac::new(self.scheme.algorithm, key.secret.as_bytes());
            Some((Some(id.as_str()), mac))
        })
    }
}

fn check_scheme(scheme: &Scheme, problems: &mut Vec<Problem>) {
    if !scheme.rules.algorithms.contains(&scheme.algorithm) {
        problems.push(Problem::UnknownAlgorithm(scheme.algorithm));
    }
    match (scheme.rules.length, scheme.truncate) {
        (Length::Fixed(_), Some(_)) => problems.push(Problem::NoTruncation),
        (Length::Truncatable, Some(characters)) if characters < MIN_TRUNCATION => {
            problems.push(Problem::TruncationTooShort(characters));
        }
        _ => {}
    }
}

fn check_kinds(scheme: &Scheme, keyring: &Keyring, problems: &mut Vec<Problem>) {
    let no_secrets = keyring.secrets.is_empty();
    let no_salts = keyring.salts.is_empty();
    let no_keys = keyring.keys.is_empty() && keyring.lookup.is_none();
    let kind = scheme.rules.keys;
    if no_secrets && no_keys {
        problems.push(Problem::NoKey);
    }
    if kind == KeyKind::Keys && !no_secrets {
        problems.push(Problem::NoSecrets);
    }
    if matches!(kind, KeyKind::Secrets | KeyKind::SecretsAndSalts) && !no_keys {
        problems.push(Problem::NoKeys);
    }
    if kind == KeyKind::SecretsAndSalts {
        let (secrets, salts) = (keyring.secrets.len(), keyring.salts.len());
        if secrets != salts {
            problems.push(Problem::UnequalSalts { secrets, salts });
        }
    } else if !no_salts {
        problems.push(Problem::NoSalts);
    }
}

fn plain(scheme: &Scheme, secrets: &[Secret], problems: &mut Vec<Problem>) -> Vec<Mac> {
    for (index, secret) in secrets.iter().enumerate() {
        if secret.is_empty() {
            problems.push(Problem::EmptySecret(index));
        }
    }
    secrets
        .iter()
        .map(|secret| Mac::new(scheme.algorithm, secret.as_bytes()))
        .collect()
}

/// imgproxy's pairs in hex. The salt comes before whatever is signed, so it is fed to the MAC here, once.
fn salted(scheme: &Scheme, keyring: &Keyring, problems: &mut Vec<Problem>) -> Vec<Mac> {
    let secrets = hex(
        &keyring.secrets,
        Problem::EmptySecret,
        Problem::SecretNotHex,
        problems,
    );
    let salts = hex(
        &keyring.salts,
        Problem::EmptySalt,
        Problem::SaltNotHex,
        problems,
    );
    std::iter::zip(secrets, salts)
        .map(|(secret, salt)| {
            let mut mac = Mac::new(scheme.algorithm, &secret);
            mac.update(&salt);
            mac
        })
        .collect()
}

fn hex(
    secrets: &[Secret],
    empty: fn(usize) -> Problem,
    not_hex: fn(usize) -> Problem,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<u8>> {
    let mut decoded = Vec::with_capacity(secrets.len());
    for (index, secret) in secrets.iter().enumerate() {
        match HEXLOWER_PERMISSIVE.decode(secret.as_bytes()) {
            Ok(bytes) if bytes.is_empty() => problems.push(empty(index)),
            Ok(bytes) => decoded.push(bytes),
            Err(_) => problems.push(not_hex(index)),
        }
    }
    decoded
}

fn check_keys(keys: &[(String, Key)], problems: &mut Vec<Problem>) {
    let mut ids = HashSet::new();
    for (id, key) in keys {
        if !is_key_id(id) {
            problems.push(Problem::InvalidKeyId(id.clone()));
        }
        if !ids.insert(id) {
            problems.push(Problem::DuplicateKeyId(id.clone()));
        }
        if key.secret.is_empty() {
            problems.push(Problem::EmptyKeySecret(id.clone()));
        }
    }
}
