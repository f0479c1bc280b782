//! What the origin is asked, and what is taken for an answer.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, DATE, ETAG, EXPIRES, HOST, HeaderMap,
    HeaderName, HeaderValue, LAST_MODIFIED, SET_COOKIE, VARY,
};
use http::{Request, StatusCode, Uri, request, response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::budget::{self, Budget, Share};
use crate::guard::{Rejection, RejectionKind};
use crate::header_list::elements;

/// The most bytes that are reserved on the word of a `Content-Length` alone.
const MAX_RESERVED_BYTES: u64 = 1024 * 1024;

/// All that RFC 3986, section 3.3, does not let stand in a path as itself.
const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// What the origin is asked for: all that two requests for the same image have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target {
    uri: Uri,
    host: Option<HeaderValue>,
    forwarded: Vec<(HeaderName, HeaderValue)>,
    /// By which it only comes where it has changed.
    conditions: Headers,
}

/// Headers that tell one request from another.
pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

impl Target {
    /// An image. Of what the client sent, only `Host` and what `forwarded` names is handed on.
    pub(super) fn new(
        source: &str,
        head: &request::Parts,
        forwarded: &[HeaderName],
        conditions: Headers,
    ) -> Result<Self, Rejection> {
        let path = format!("/{}", utf8_percent_encode(source, NOT_IN_A_PATH));
        let uri = Uri::try_from(path)
            .map_err(|_| Rejection::bad_request("the name of the image is too long"))?;
        let host = host(head);
        let forwarded = forwarded.iter().flat_map(|name| {
            let values = head.headers.get_all(name).into_iter();
            values.map(|value| (name.clone(), value.clone()))
        });
        Ok(Self {
            uri,
            host,
            forwarded: forwarded.collect(),
            conditions,
        })
    }

    /// The same image, whether it has changed or not.
    pub(super) fn unconditional(&self) -> Self {
        Self {
            conditions: Headers::new(),
            ..self.clone()
        }
    }

    pub(super) fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    pub(super) fn request<B: Default>(&self) -> Request<B> {
        let mut request = Request::new(B::default());
        *request.uri_mut() = self.uri.clone();
        if let Some(host) = &self.host {
            request.headers_mut().insert(HOST, host.clone());
        }
        for (name, value) in self.forwarded.iter().chain(&self.conditions) {
            request.headers_mut().append(name, value.clone());
        }
        request
    }
}

/// The host that the client asked, which HTTP/2 has in the URI.
fn host(head: &request::Parts) -> Option<HeaderValue> {
    match head.uri.authority() {
        Some(authority) => HeaderValue::from_str(authority.as_str()).ok(),
        None => head.headers.get(HOST).cloned(),
    }
}

/// An image that is on its way.
#[derive(Debug)]
pub(super) struct Incoming {
    /// The first piece, as it came: most often it is all. Empty where there are more, which are put together.
    first: Bytes,
    bytes: BytesMut,
    announced: Option<u64>,
    most: u64,
    share: Share,
    sharing: Sharing,
    said: Said,
}

/// What the origin says of how long an original is good, and by what it is known again.
pub(crate) type Said = HeaderMap;

const SAID: [HeaderName; 6] = [AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, LAST_MODIFIED];

pub(super) fn said(headers: &HeaderMap) -> Said {
    let mut said = Said::new();
    for name in SAID {
        for value in headers.get_all(&name) {
            said.append(&name, value.clone());
        }
    }
    said
}

/// Who may keep what is made of a source, by what the origin says of the source. The strictest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sharing {
    /// Everybody.
    Public,
    /// The client alone.
    Private,
    /// Nobody.
    None,
}

impl Incoming {
    /// Looks at the head of the origin's answer. No more than `most` bytes will be read, and none that the budget has
    /// not.
    pub(super) fn announced_by(
        head: &response::Parts,
        most: u64,
        budget: &Arc<Budget>,
    ) -> Result<Self, Rejection> {
        if let Some(why) = head.extensions.get::<Rejection>() {
            return Err(why.clone());
        }
        match head.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(Rejection::new(
                    RejectionKind::NotFound,
                    format!("the origin answered {}", head.status),
                ));
            }
            status => return Err(failed(format!("the origin answered {status}"))),
        }
        for coding in head.headers.get_all(CONTENT_ENCODING) {
            if !coding.as_bytes().eq_ignore_ascii_case(b"identity") {
                return Err(failed(format!(
                    "the origin's answer is encoded: {coding:?}"
                )));
            }
        }
        let announced = content_length(&head.headers)?;
        if announced.is_some_and(|announced| announced > most) {
            return Err(too_large(most));
        }
        let mut share = Share::of(budget);
        if !share.take(announced.unwrap_or(0)) {
            return Err(budget::spent());
        }
        Ok(Self {
            first: Bytes::new(),
            bytes: BytesMut::new(),
            announced,
            most,
            share,
            sharing: sharing(&head.headers),
            said: said(&head.headers),
        })
    }

    /// Takes a piece of the body.
    pub(super) fn push(&mut self, data: Bytes) -> Result<(), Rejection> {
        let len = self.len() + data.len() as u64;
        if len > self.most {
            return Err(too_large(self.most));
        }
        match self.announced {
            // These bytes are taken already.
            Some(announced) if len <= announced => {}
            Some(announced) => return Err(not_as_announced(announced, len)),
            None if self.share.take(data.len() as u64) => {}
            None => return Err(budget::spent()),
        }
        if self.len() == 0 {
            self.first = data;
            return Ok(());
        }
        if !self.first.is_empty() {
            let reserved = self.announced.unwrap_or(0).min(MAX_RESERVED_BYTES);
            self.bytes.reserve(usize::try_from(reserved).unwrap_or(0));
            self.bytes.put(std::mem::take(&mut self.first));
        }
        self.bytes.put(data);
        Ok(())
    }

    fn len(&self) -> u64 {
        (self.first.len() + self.bytes.len()) as u64
    }

    /// The whole of it, where it is as long as was announced.
    pub(super) fn finish(self) -> Result<Source, Rejection> {
        match self.announced {
            Some(announced) if announced != self.len() => {
                Err(not_as_announced(announced, self.len()))
            }
            _ => Ok(Source {
                bytes: if self.bytes.is_empty() {
                    self.first
                } else {
                    self.bytes.freeze()
                },
                sharing: self.sharing,
                said: self.said,
                _share: self.share,
            }),
        }
    }
}

/// An image that has come.
#[derive(Debug)]
pub(super) struct Source {
    bytes: Bytes,
    /// Held as long as the bytes are.
    _share: Share,
    /// Who may keep what is made of it.
    pub(super) sharing: Sharing,
    pub(super) said: Said,
}

impl Source {
    /// A method, since a closure that named the field would capture the field alone, without its share.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Rejection> {
    let Some(value) = headers.get(CONTENT_LENGTH) else {
        return Ok(None);
    };
    let length = value.to_str().ok().and_then(|text| text.parse().ok());
    length
        .map(Some)
        .ok_or_else(|| failed("the origin's Content-Length is no number"))
}

/// An answer that was made for one client, by its cookie, its `Vary` or its own word, stays with that client.
pub(super) fn sharing(headers: &HeaderMap) -> Sharing {
    let mut directives = elements(headers, CACHE_CONTROL);
    if directives.any(|directive| directive.eq_ignore_ascii_case(b"no-store")) {
        Sharing::None
    } else if headers.contains_key(SET_COOKIE)
        || elements(headers, VARY).any(|name| !name.eq_ignore_ascii_case(b"accept-encoding"))
        || elements(headers, CACHE_CONTROL).any(|directive| {
            let name = directive.split(|&byte| byte == b'=').next();
            name.is_some_and(|name| name.trim_ascii_end().eq_ignore_ascii_case(b"private"))
        })
    {
        Sharing::Private
    } else {
        Sharing::Public
    }
}

fn not_as_announced(announced: u64, sent: u64) -> Rejection {
    failed(format!(
        "the origin announced {announced} bytes and sent {sent}"
    ))
}

/// The origin did not answer as it should.
pub(super) fn failed(reason: impl Into<Cow<'static, str>>) -> Rejection {
    Rejection::new(RejectionKind::OriginFailed, reason)
}

fn too_large(most: u64) -> Rejection {
    Rejection::new(
        RejectionKind::SourceTooLarge,
        format!("the source has more than {most} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_name_is_a_path_that_decodes_to_it(source in "\\PC{0,64}") {
            let (head, ()) = Request::new(()).into_parts();
            let request = Target::new(&source, &head, &[], Vec::new()).unwrap().request::<()>();
            prop_assert_eq!(request.uri().query(), None);
            let name = request.uri().path().strip_prefix('/').unwrap();
            prop_assert_eq!(percent_decode_str(name).decode_utf8().unwrap(), source);
        }
    }

    #[test]
    fn a_name_too_long_for_a_uri_is_the_clients_mistake() {
        let (head, ()) = Request::new(()).into_parts();
        let why = Target::new(&"a".repeat(1 << 16), &head, &[], Vec::new()).unwrap_err();
        assert_eq!(why.kind(), RejectionKind::BadRequest);
    }
}
