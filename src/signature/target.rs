use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};
use http::Uri;
use http::request::Parts;
use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use super::rules::Reading;
use crate::mount::MountPath;
use crate::url_lex::query;

/// What a [`Verifier`](super::Verifier) hands on, as an extension of the request: what the URL asks for, byte for byte
/// as it was verified, without mount, signature and the scheme's own parameters.
///
/// A dialect parses this and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTarget {
    path: Bytes,
    query: Option<Bytes>,
    params: bool,
    signed: bool,
    decoded: bool,
}

impl VerifiedTarget {
    /// A target of this text, as sent: for who reads what he has written. `params`: what [`params`](Self::params) says.
    #[cfg_attr(
        not(feature = "transform"),
        allow(dead_code, reason = "only image URLs are written")
    )]
    pub(crate) fn of_text(text: &str, params: bool, signed: bool) -> Self {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        Self {
            path: Bytes::copy_from_slice(path.as_bytes()),
            query: query.map(|query| Bytes::copy_from_slice(query.as_bytes())),
            params,
            signed,
            decoded: false,
        }
    }

    #[cfg(test)]
    /// For the tests of what reads targets.
    pub(crate) fn for_test(path: &'static str, signed: bool) -> Self {
        Self {
            path: Bytes::from_static(path.as_bytes()),
            query: None,
            params: false,
            signed,
            decoded: false,
        }
    }

    #[cfg(test)]
    /// The same, of a URL that begins with `params/` or `info/`.
    pub(crate) fn params_for_test(path: &'static str, signed: bool) -> Self {
        Self {
            params: true,
            ..Self::for_test(path, signed)
        }
    }

    #[cfg(test)]
    /// The same, as a scheme hands it on that signs a decoded path.
    pub(crate) fn decoded_for_test(path: &'static str) -> Self {
        Self {
            decoded: true,
            ..Self::for_test(path, true)
        }
    }

    /// The path below the mount, without its leading slash. It is as sent, except where the scheme signs a decoded path
    /// and that is what verified: then it is that one, and must not be decoded as a whole again.
    pub fn bytes(&self) -> &Bytes {
        &self.path
    }

    /// Whether the scheme signs a decoded path, and [`bytes`](Self::bytes) is that one.
    pub fn decoded(&self) -> bool {
        self.decoded
    }

    /// The query as sent, where the scheme signs queries and there is one. Its pairs are in order; those of the scheme
    /// itself are missing.
    pub fn query(&self) -> Option<&Bytes> {
        self.query.as_ref()
    }

    /// Whether the path was preceded by imagor's `params/` or imgproxy's `info/`, which ask for a description instead of an
    /// image.
    pub fn params(&self) -> bool {
        self.params
    }

    /// Whether the target was signed. `false` where the verifier lets unsigned URLs pass, or only reports.
    pub fn signed(&self) -> bool {
        self.signed
    }
}

/// A path to be handed on.
#[derive(Clone, Debug)]
pub(super) enum Path {
    /// All of the request's path from here.
    AsSent { start: usize },
    /// A decoded path, and its spelling in a URI.
    Decoded { path: Bytes, bare: PathAndQuery },
}

/// All that a request says of its image.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) path: Path,
    pub(super) params: bool,
    pub(super) signed: bool,
}

impl Target {
    /// `None` where a decoded path is too long to be spelled in a URI.
    pub(super) fn new(
        uri: &Uri,
        mount: &MountPath,
        reading: &Reading<'_>,
        signed: bool,
    ) -> Option<Self> {
        let path = match &reading.path {
            // What is signed as sent is the end of the request's path.
            Cow::Borrowed(path) => Path::AsSent {
                start: uri.path().len().checked_sub(path.len())?,
            },
            Cow::Owned(path) => Path::Decoded {
                path: Bytes::copy_from_slice(path.as_bytes()),
                bare: spell(mount, path)?,
            },
        };
        Some(Self {
            path,
            params: reading.params,
            signed,
        })
    }

    /// Puts the target into the request: as its extension, and as its URI. `signed_query` names the parameters to leave
    /// out of the query; where it is `None`, all of it goes.
    pub(super) fn hand_on(
        &self,
        head: &mut Parts,
        mount: &MountPath,
        signed_query: Option<&'static [&'static str]>,
    ) {
        let (path, query, bare) = match &self.path {
            Path::Decoded { path, bare } => (path.clone(), None, Some(bare.clone())),
            Path::AsSent { start } => as_sent(&head.uri, mount, *start, signed_query),
        };
        let mut parts = head.uri.clone().into_parts();
        parts.path_and_query = bare;
        if let Ok(uri) = Uri::from_parts(parts) {
            head.uri = uri;
        }
        head.extensions.insert(VerifiedTarget {
            path,
            query,
            params: self.params,
            signed: self.signed,
            decoded: matches!(self.path, Path::Decoded { .. }),
        });
    }
}

/// The path from `start`, the query that is handed on, and the two below the mount as a URI: one buffer.
fn as_sent(
    uri: &Uri,
    mount: &MountPath,
    start: usize,
    signed_query: Option<&'static [&'static str]>,
) -> (Bytes, Option<Bytes>, Option<PathAndQuery>) {
    let path = uri.path().get(start..).unwrap_or_default();
    let query = uri.query().unwrap_or_default();
    let mut buffer = BytesMut::with_capacity(mount.prefix().len() + path.len() + query.len() + 2);
    buffer.put_slice(mount.prefix().as_bytes());
    buffer.put_u8(b'/');
    let path_start = buffer.len();
    buffer.put_slice(path.as_bytes());
    let path_end = buffer.len();
    if let Some(names) = signed_query {
        for piece in query::without(query, names) {
            if buffer.len() == path_end {
                buffer.put_u8(b'?');
            }
            buffer.put_slice(piece.as_bytes());
        }
    }
    let buffer = buffer.freeze();
    let path = buffer.slice(path_start..path_end);
    let query = (buffer.len() > path_end).then(|| buffer.slice(path_end + 1..));
    (path, query, PathAndQuery::from_maybe_shared(buffer).ok())
}

/// All but the bytes of `pchar` (RFC 3986, section 3.3) and the slash: what decodes to the path, byte for byte.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A decoded path below the mount as a URI.
fn spell(mount: &MountPath, path: &str) -> Option<PathAndQuery> {
    let path = percent_encode(path.as_bytes(), NOT_IN_PATH);
    PathAndQuery::try_from(format!("{}/{path}", mount.prefix())).ok()
}
