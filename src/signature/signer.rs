use std::fmt;

use http::uri::PathAndQuery;

use super::error::{SignatureConfigError, SignatureProblem};
use super::keyring::Keyring;
use super::keys::Keys;
use super::rules::Draft;
use super::scheme::Scheme;
use crate::mount::MountPath;

/// Signs URLs. See the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct Signer {
    keys: Keys,
    mount: MountPath,
}

impl Signer {
    /// A signer with the keyring's first secret, or its first key where it has no secret. Whether that key has expired
    /// is the verifier's to say.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the scheme and the keyring; [`SignatureProblem::NoKey`] too where the keyring has
    /// a lookup alone.
    pub fn new(scheme: Scheme, keyring: Keyring) -> Result<Self, SignatureConfigError> {
        let keys = Keys::new(scheme, keyring)?;
        if keys.signing().is_none() {
            return Err(SignatureConfigError {
                scheme: scheme.name(),
                problems: vec![SignatureProblem::NoKey],
            });
        }
        Ok(Self {
            keys,
            mount: MountPath::root(),
        })
    }

    /// Sets where the images live: the signed URLs begin with it. The root by default.
    pub fn at(mut self, mount: MountPath) -> Self {
        self.mount = mount;
        self
    }

    /// The scheme that it signs by.
    #[cfg_attr(
        not(feature = "transform"),
        allow(dead_code, reason = "only image URLs ask")
    )]
    pub(crate) fn scheme(&self) -> Scheme {
        *self.keys.scheme()
    }

    /// Signs a target: the path and query of an unsigned URL, relative to the mount, with or without a leading slash.
    /// The result is the signed path and query, mount included.
    ///
    /// `expires` is the last second, since 1970-01-01T00:00:00Z, in which the URL is good. It is written as the scheme
    /// has it: an `expire(...)` filter for imagor, an `exp:` option for imgproxy, a query parameter for the others.
    ///
    /// # Errors
    ///
    /// A [`SignError`] where no verifier would take the URL.
    pub fn sign(&self, target: &str, expires: Option<u64>) -> Result<String, SignError> {
        let scheme = self.keys.scheme();
        let Some((key_id, mac)) = self.keys.signing() else {
            return Err(SignError::Refused("there is no key"));
        };
        let target = target.strip_prefix('/').unwrap_or(target);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query).filter(|query| !query.is_empty())),
            None => (target, None),
        };
        if query.is_some() && !scheme.signs_query() {
            return Err(SignError::QueryNotSigned);
        }
        let draft = Draft {
            path,
            query,
            expires,
            key_id,
        };
        // What is signed is what the verifier will read in the signed URL, so it is read there: in a draft that has
        // some other signature in its place.
        let text = (scheme.rules.compose)(&draft, PLACEHOLDER);
        let unsigned = PathAndQuery::try_from(text.as_str())
            .ok()
            .filter(|unsigned| unsigned.as_str() == text)
            .ok_or(SignError::NotAUrl)?;
        let reading = (scheme.rules.read)(unsigned.path(), unsigned.query().unwrap_or_default());
        if expires.is_some() && reading.expiry != expires {
            return Err(SignError::Expiry);
        }
        if let Some(fault) = reading.fault {
            return Err(SignError::Refused(fault));
        }
        if reading.signature != Some(PLACEHOLDER) || reading.key_id != key_id {
            return Err(SignError::Refused("the target has a signature of its own"));
        }
        let signature = scheme.signature(&mac, &reading, &self.mount);
        let signed = (scheme.rules.compose)(&draft, signature.as_str());
        Ok(format!("{}{signed}", self.mount.prefix()))
    }
}

/// Stands where the signature will stand. It is as long as imagor needs to see one.
pub(super) const PLACEHOLDER: &str = "-----------------";

/// A target cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The target has characters that must be percent-encoded in a URL.
    NotAUrl,
    /// The target has a query, and the scheme signs none.
    QueryNotSigned,
    /// The scheme cannot write the expiry, or the target has one of its own that is not later.
    Expiry,
    /// The signed URL would be refused, for this reason.
    Refused(&'static str),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => {
                f.write_str("the target has characters that must be percent-encoded in a URL")
            }
            Self::QueryNotSigned => {
                f.write_str("the target has a query, and the scheme signs none")
            }
            Self::Expiry => f.write_str(
                "the scheme cannot write the expiry, or the target has an expiry of its own",
            ),
            Self::Refused(why) => write!(f, "the signed URL would be refused: {why}"),
        }
    }
}

impl std::error::Error for SignError {}
