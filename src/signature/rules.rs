//! What a scheme is made of: the vocabulary that [`Scheme`](super::Scheme) and the files of [`schemes`](super::schemes)
//! share.

use std::borrow::Cow;
use std::fmt;

use data_encoding::Encoding;

use super::mac::Algorithm;
use crate::mount::MountPath;

/// What tells a scheme from the others: a file of [`schemes`](super::schemes) each.
pub(super) struct Rules {
    pub(super) name: &'static str,
    pub(super) algorithms: &'static [Algorithm],
    pub(super) default_algorithm: Algorithm,
    pub(super) encoding: Encoding,
    pub(super) length: Length,
    pub(super) keys: KeyKind,
    /// The query parameters of the scheme itself, which nobody further down sees.
    pub(super) parameters: &'static [&'static str],
    pub(super) signs_query: bool,
    /// Whether a URL whose signature does not verify may yet do so once it is form-decoded, as a whole.
    pub(super) retries_decoded: bool,
    /// Whether the signature's place is never empty, so that any text in it may mean that there is none.
    pub(super) has_placeholder: bool,
    /// Takes the path below the mount and the query apart.
    pub(super) read: for<'a> fn(&'a str, &'a str) -> Reading<'a>,
    /// Says which bytes are signed.
    pub(super) message: fn(&Reading<'_>, &MountPath, Write<'_>),
    /// Writes the URL below the mount, with a signature. An expiry that does not fit the scheme may come out wrong.
    pub(super) compose: fn(&Draft<'_>, &str) -> String,
}

/// Takes the pieces of a message.
pub(super) type Write<'a> = &'a mut dyn FnMut(&[u8]);

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How long a signature is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// As long as the encoded MAC, or as short as the operator cuts it.
    Truncatable,
    /// This many characters of the encoded MAC.
    Fixed(usize),
}

/// What a keyring must hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Secrets,
    SecretsAndSalts,
    Keys,
    SecretsOrKeys,
}

/// A URL below the mount as a scheme reads it. Nothing of it is verified yet.
#[derive(Default)]
pub(super) struct Reading<'a> {
    /// `None` where the URL has none, an empty one, or says that it is not signed.
    pub(super) signature: Option<&'a str>,
    pub(super) key_id: Option<&'a str>,
    /// In seconds since 1970.
    pub(super) expiry: Option<u64>,
    /// The expiry's text, where it is signed apart from path and query.
    pub(super) expiry_text: Option<&'a str>,
    /// The path that is signed, without its leading slash.
    pub(super) path: Cow<'a, str>,
    /// The query as sent, where it is signed.
    pub(super) query: &'a str,
    /// imagor's `params/`, imgproxy's `info/`.
    pub(super) params: bool,
    /// Why the URL is refused whatever its signature.
    pub(super) fault: Option<&'static str>,
}

impl Reading<'_> {
    /// The earliest expiry counts; one that cannot be read is a fault.
    pub(super) fn add_expiry(&mut self, expiry: Result<Option<u64>, &'static str>) {
        match expiry {
            Ok(expiry) => self.expiry = [self.expiry, expiry].into_iter().flatten().min(),
            Err(fault) => self.fault = Some(fault),
        }
    }
}

/// What is to be signed.
pub(super) struct Draft<'a> {
    /// The path below the mount, without its leading slash.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) expires: Option<u64>,
    pub(super) key_id: Option<&'a str>,
}

impl Draft<'_> {
    /// The URL below the mount, before anything is added to its query.
    pub(super) fn relative_url(&self) -> String {
        match self.query {
            Some(query) => format!("/{}?{query}", self.path),
            None => format!("/{}", self.path),
        }
    }
}
