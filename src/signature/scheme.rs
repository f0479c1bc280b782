use std::fmt;
use std::str::FromStr;

use super::mac::{Algorithm, Mac, SignatureText};
use super::rules::{Length, Reading, Rules};
use super::schemes::{imagekit, imagor, imgproxy, optstuff, query};
use crate::mount::MountPath;

/// The shortest truncation of a signature, in characters: 17 of base64 are 102 bits.
pub(crate) const MIN_TRUNCATION: usize = 17;

/// How URLs are signed: which text, with which MAC, and where in the URL the signature stands.
///
/// | scheme | signed is | by | signature |
/// |---|---|---|---|
/// | [`imagor`](Self::imagor) | the path | HMAC-SHA-1, -256 or -512 | `/SIGNATURE/300x200/photo.jpg` |
/// | [`imgproxy`](Self::imgproxy) | the path | HMAC-SHA-256 with a salt | `/SIGNATURE/rs:fit:300:200/plain/photo.jpg` |
/// | [`imagekit`](Self::imagekit) | path, query and expiry | HMAC-SHA-1 | `/photo.jpg?tr=w-300&ik-t=EXPIRY&ik-s=SIGNATURE` |
/// | [`optstuff`](Self::optstuff) | the decoded path and expiry | HMAC-SHA-256 | `/w_300/cdn.example.com/photo.jpg?key=ID&sig=SIGNATURE&exp=EXPIRY` |
/// | [`query`](Self::query) | mount, path and query | HMAC-SHA-256 or -512 | `/photo.jpg?exp=EXPIRY&kid=ID&sig=SIGNATURE` |
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub(super) rules: &'static Rules,
    pub(super) algorithm: Algorithm,
    pub(super) truncate: Option<usize>,
}

impl Scheme {
    const ALL: [&'static Rules; 5] = [
        &imagor::RULES,
        &imgproxy::RULES,
        &imagekit::RULES,
        &optstuff::RULES,
        &query::RULES,
    ];

    /// The names of all schemes.
    #[cfg(feature = "config")]
    pub(crate) fn names() -> [&'static str; 5] {
        Self::ALL.map(|rules| rules.name)
    }

    /// imagor's and thumbor's scheme. SHA-1 unless told otherwise, as imagor has it.
    pub fn imagor() -> Self {
        Self::new(&imagor::RULES)
    }

    /// imgproxy's scheme: secrets and salts in hex, as many of one as of the other.
    pub fn imgproxy() -> Self {
        Self::new(&imgproxy::RULES)
    }

    /// ImageKit's scheme, with its private keys as secrets.
    pub fn imagekit() -> Self {
        Self::new(&imagekit::RULES)
    }

    /// OptStuff's scheme, with its key pairs as keys.
    pub fn optstuff() -> Self {
        Self::new(&optstuff::RULES)
    }

    /// The scheme of this crate, for any dialect. What is signed is spelled out in the [module docs](super).
    pub fn query() -> Self {
        Self::new(&query::RULES)
    }

    /// The signature of a URL under a key.
    pub(super) fn signature(
        &self,
        key: &Mac,
        reading: &Reading<'_>,
        mount: &MountPath,
    ) -> SignatureText {
        let mut mac = key.clone();
        (self.rules.message)(reading, mount, &mut |bytes| mac.update(bytes));
        let length = match self.rules.length {
            Length::Truncatable => self.truncate,
            Length::Fixed(length) => Some(length),
        };
        mac.encode(&self.rules.encoding, length)
    }

    fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            algorithm: rules.default_algorithm,
            truncate: None,
        }
    }

    /// Sets the algorithm. imagor has all three, query has SHA-256 (its default) and SHA-512, the others have the one
    /// that their own software has.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Cuts signatures to their first `characters`, at least 17. Not for imagekit and optstuff, whose signatures have
    /// one length. The setting of imgproxy itself counts bytes: for its `n` bytes this is `n * 4 / 3` characters, where
    /// 3 divides `n`.
    pub fn truncate(mut self, characters: usize) -> Self {
        self.truncate = Some(characters);
        self
    }

    /// The name, as [`FromStr`] reads it.
    pub fn name(&self) -> &'static str {
        self.rules.name
    }

    /// Whether the query is signed, and handed on to what reads the verified target.
    pub fn signs_query(&self) -> bool {
        self.rules.signs_query
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|rules| rules.name == text)
            .map(Self::new)
            .ok_or_else(|| UnknownScheme { text: text.into() })
    }
}

/// A text names no scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScheme {
    text: Box<str>,
}

impl fmt::Display for UnknownScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is none of imagor, imgproxy, imagekit, optstuff and query",
            self.text
        )
    }
}

impl std::error::Error for UnknownScheme {}

/// A grammar of paths that may state an expiry. See [`Verifier::path_expiry`](super::Verifier::path_expiry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathExpiry {
    /// imagor's `expire(milliseconds)` filters.
    Imagor,
    /// imgproxy's `expires:` and `exp:` options.
    Imgproxy,
}

impl PathExpiry {
    pub(super) fn read(self, path: &str) -> Result<Option<u64>, &'static str> {
        match self {
            Self::Imagor => imagor::expiry(path),
            Self::Imgproxy => imgproxy::expiry(path),
        }
    }
}
