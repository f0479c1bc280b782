use std::fmt;

use super::keyring::MAX_KEY_ID_LEN;
use super::mac::Algorithm;
use super::scheme::MIN_TRUNCATION;

/// A scheme and a keyring do not go together. It holds everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureConfigError {
    pub(super) scheme: &'static str,
    pub(super) problems: Vec<SignatureProblem>,
}

impl SignatureConfigError {
    /// What is wrong: at least one thing.
    pub fn problems(&self) -> &[SignatureProblem] {
        &self.problems
    }
}

impl fmt::Display for SignatureConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature scheme {}: ", self.scheme)?;
        for (position, problem) in self.problems.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SignatureConfigError {}

/// One thing that is wrong with a scheme and its keyring. Indices count from 0; no secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureProblem {
    /// There is nothing to verify, or to sign, with.
    NoKey,
    /// The scheme does not have the algorithm.
    UnknownAlgorithm(Algorithm),
    /// A truncation below 17 characters.
    TruncationTooShort(usize),
    /// The scheme's signatures have one length.
    NoTruncation,
    /// The scheme takes keys with an id, and no secrets.
    NoSecrets,
    /// The scheme takes secrets, and no keys with an id.
    NoKeys,
    /// The scheme takes no salts.
    NoSalts,
    /// Every secret needs a salt.
    UnequalSalts {
        /// How many secrets there are.
        secrets: usize,
        /// How many salts there are.
        salts: usize,
    },
    /// A secret of no bytes.
    EmptySecret(usize),
    /// A secret that should be hex is not.
    SecretNotHex(usize),
    /// A salt of no bytes.
    EmptySalt(usize),
    /// A salt that is not hex.
    SaltNotHex(usize),
    /// A key whose secret has no bytes.
    EmptyKeySecret(String),
    /// The id of a key that no URL could name: it is empty, too long, or has other characters than `A-Z a-z 0-9 - . _ ~`.
    InvalidKeyId(String),
    /// Two keys have one id.
    DuplicateKeyId(String),
}

impl fmt::Display for SignatureProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("there is no key"),
            Self::UnknownAlgorithm(algorithm) => {
                write!(f, "there is no {algorithm} in this scheme")
            }
            Self::TruncationTooShort(characters) => write!(
                f,
                "a signature of {characters} characters is too short: {MIN_TRUNCATION} are the least"
            ),
            Self::NoTruncation => f.write_str("the scheme's signatures cannot be truncated"),
            Self::NoSecrets => f.write_str("the scheme takes keys with an id, and no secrets"),
            Self::NoKeys => f.write_str("the scheme takes secrets, and no keys with an id"),
            Self::NoSalts => f.write_str("the scheme takes no salts"),
            Self::UnequalSalts { secrets, salts } => write!(
                f,
                "every secret needs a salt, and there are {secrets} secrets and {salts} salts"
            ),
            Self::EmptySecret(index) => write!(f, "secret {index} is empty"),
            Self::SecretNotHex(index) => write!(f, "secret {index} is not hexadecimal"),
            Self::EmptySalt(index) => write!(f, "salt {index} is empty"),
            Self::SaltNotHex(index) => write!(f, "salt {index} is not hexadecimal"),
            Self::EmptyKeySecret(id) => write!(f, "the secret of key {id:?} is empty"),
            Self::InvalidKeyId(id) => write!(
                f,
                "{id:?} is no key id: it takes 1 to {MAX_KEY_ID_LEN} characters of A-Z a-z 0-9 - . _ ~"
            ),
            Self::DuplicateKeyId(id) => write!(f, "two keys have the id {id:?}"),
        }
    }
}
