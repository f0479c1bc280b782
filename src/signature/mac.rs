use std::fmt;
use std::str::FromStr;

use ctutils::CtEq;
use data_encoding::Encoding;
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The hash function under the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA-1: 20 bytes.
    Sha1,
    /// HMAC-SHA-256: 32 bytes.
    Sha256,
    /// HMAC-SHA-512: 64 bytes.
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name, as [`FromStr`] reads it: `sha1`, `sha256` or `sha512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or_else(|| UnknownAlgorithm { text: text.into() })
    }
}

/// A text names no algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm {
    text: Box<str>,
}

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is none of sha1, sha256 and sha512", self.text)
    }
}

impl std::error::Error for UnknownAlgorithm {}

/// A keyed HMAC. The key is hashed once, when it is made; a request works on a copy.
#[derive(Clone)]
pub(super) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Mac {
    pub(super) fn new(algorithm: Algorithm, key: &[u8]) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(keyed(key)),
            Algorithm::Sha256 => Self::Sha256(keyed(key)),
            Algorithm::Sha512 => Self::Sha512(keyed(key)),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            Self::Sha512(mac) => mac.update(bytes),
        }
    }

    /// The text of the signature: the MAC in an encoding, cut to a length in characters.
    pub(super) fn encode(self, encoding: &Encoding, truncate: Option<usize>) -> SignatureText {
        match self {
            Self::Sha1(mac) => SignatureText::new(&mac.finalize().into_bytes(), encoding, truncate),
            Self::Sha256(mac) => {
                SignatureText::new(&mac.finalize().into_bytes(), encoding, truncate)
            }
            Self::Sha512(mac) => {
                SignatureText::new(&mac.finalize().into_bytes(), encoding, truncate)
            }
        }
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("a key of any length")
}

/// The longest text that a scheme has: HMAC-SHA-512 in base64.
const MAX_TEXT_LEN: usize = 88;

/// The one text that a signature may be. Presented signatures are compared with it as texts and never decoded, so none
/// has a second spelling: padding, the other alphabet or stray trailing bits are other texts.
pub(super) struct SignatureText {
    text: [u8; MAX_TEXT_LEN],
    len: usize,
}

impl SignatureText {
    fn new(mac: &[u8], encoding: &Encoding, truncate: Option<usize>) -> Self {
        let mut text = [0; MAX_TEXT_LEN];
        let len = encoding.encode_len(mac.len());
        encoding.encode_mut(mac, &mut text[..len]);
        Self {
            text,
            len: truncate.map_or(len, |truncate| truncate.min(len)),
        }
    }

    /// Compares in a time that depends on the lengths alone.
    pub(super) fn matches(&self, presented: &str) -> bool {
        self.as_bytes().ct_eq(presented.as_bytes()).to_bool()
    }

    pub(super) fn as_str(&self) -> &str {
        // Every encoding is ASCII.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64URL, BASE64URL_NOPAD, HEXLOWER};

    /// RFC 2202 (SHA-1) and RFC 4231 (SHA-2), case 2.
    #[test]
    fn macs_are_those_of_the_rfcs() {
        let cases = [
            (Algorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                Algorithm::Sha256,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ];
        for (algorithm, expected) in cases {
            let mut mac = Mac::new(algorithm, b"Jefe");
            mac.update(b"what do ya want ");
            mac.update(b"for nothing?");
            assert_eq!(
                mac.encode(&HEXLOWER, None).as_str(),
                expected,
                "{algorithm}"
            );
        }
    }

    #[test]
    fn texts_are_as_long_as_they_should_be() {
        for (algorithm, padded, unpadded) in [
            (Algorithm::Sha1, 28, 27),
            (Algorithm::Sha256, 44, 43),
            (Algorithm::Sha512, MAX_TEXT_LEN, 86),
        ] {
            let len = |encoding: &Encoding, truncate| {
                let mac = Mac::new(algorithm, b"key");
                mac.encode(encoding, truncate).as_str().len()
            };
            assert_eq!(len(&BASE64URL, None), padded, "{algorithm}");
            assert_eq!(len(&BASE64URL_NOPAD, None), unpadded, "{algorithm}");
            assert_eq!(len(&BASE64URL, Some(17)), 17, "{algorithm}");
            assert_eq!(len(&BASE64URL, Some(1000)), padded, "{algorithm}");
        }
    }

    /// What a presented signature is compared with is `CtEq` over the bytes of both texts, whatever they hold.
    #[test]
    fn row_99_equality_is_that_of_the_constant_time_comparison() {
        let mac = || Mac::new(Algorithm::Sha256, b"key").encode(&BASE64URL_NOPAD, None);
        let text = mac();
        assert!(text.matches(mac().as_str()));
        for position in 0..text.len {
            let mut other = text.as_str().as_bytes().to_vec();
            other[position] ^= 1;
            let other = String::from_utf8(other).unwrap();
            assert!(!text.matches(&other), "position {position}");
            assert!(
                !text.matches(&text.as_str()[..position]),
                "length {position}"
            );
        }
        assert!(!text.matches(&format!("{}=", text.as_str())));
    }
}
