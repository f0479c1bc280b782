//! A result, and how a request is answered with it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, DATE, ETAG, HeaderMap,
    HeaderName, HeaderValue, SET_COOKIE, TRANSFER_ENCODING, VARY,
};
use http::{Method, Response, StatusCode, request};

use super::State;
use super::freshness::Freshness;
use super::key::{Hash, Key};
use crate::guard::Caching;
use crate::header_list::elements;
use crate::recipe::ImageRequest;
use crate::transform::answer::{CONTENT_DPR, content_dpr};
use crate::transform::{ImageBody, etag};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

pub(super) const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// What took time where nothing was made.
const FROM_CACHE: HeaderValue = HeaderValue::from_static("cache");

/// What is about one answer and not about what it answers with.
const NOT_KEPT: [HeaderName; 6] = [
    CONNECTION,
    CONTENT_DPR,
    CONTENT_LENGTH,
    DATE,
    SERVER_TIMING,
    TRANSFER_ENCODING,
];

/// An image, and what is said of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    /// The sources beside the main one.
    pub(super) others: Box<[Hash]>,
    /// When its originals were asked for, the last time, in seconds since 1970.
    pub(super) made_at: u64,
    pub(super) freshness: Freshness,
    pub(super) headers: HeaderMap,
    /// Those of an answer from memory: copied with all that will be in them, they don't grow.
    hit: HeaderMap,
    /// How long the steps of its making took.
    pub(super) timing: Option<HeaderValue>,
    pub(super) bytes: Bytes,
}

/// Whether an answer of 200 may be kept, and given to others: nothing of it is for one client alone. `in_key` are the
/// headers whose values are in its key, so that it may vary on them.
pub(super) fn may_be_shared(headers: &mut HeaderMap, in_key: &[HeaderName]) -> bool {
    let in_key = in_key.iter().chain(&[ACCEPT, ACCEPT_ENCODING]);
    !headers.contains_key(SET_COOKIE)
        && elements(headers, VARY).all(|on| {
            let mut in_key = in_key.clone();
            in_key.any(|name| on.eq_ignore_ascii_case(name.as_str().as_bytes()))
        })
        && !Caching::of(headers).forbids_shared_store()
}

impl Entry {
    pub(super) fn new(
        key: Key,
        others: Box<[Hash]>,
        made_at: u64,
        freshness: Freshness,
        mut headers: HeaderMap,
        bytes: Bytes,
    ) -> Self {
        let timing = headers.remove(SERVER_TIMING);
        for name in NOT_KEPT {
            headers.remove(name);
        }
        headers.entry(ETAG).or_insert_with(|| etag::strong(&bytes));
        let mut hit = headers.clone();
        hit.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        hit.insert(SERVER_TIMING, FROM_CACHE);
        hit.insert(X_CACHE, State::Hit.header());
        Self {
            key,
            others,
            made_at,
            freshness,
            headers,
            hit,
            timing,
            bytes,
        }
    }

    /// The same, of originals that have not changed.
    pub(super) fn renewed(&self, now: u64, freshness: Freshness) -> Self {
        Self {
            key: self.key,
            others: self.others.clone(),
            made_at: now,
            freshness,
            headers: self.headers.clone(),
            hit: self.hit.clone(),
            timing: self.timing.clone(),
            bytes: self.bytes.clone(),
        }
    }

    /// Whether there is any use in keeping it.
    pub(super) fn can_be_used_again(&self) -> bool {
        !self.is_never_fresh() || self.freshness.can_be_renewed()
    }

    /// Whether its originals are to be asked for again each time that it is used.
    pub(super) fn is_never_fresh(&self) -> bool {
        self.freshness.lifetime == Some(0)
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn weight(&self) -> u32 {
        let headers = self.headers.iter().chain(&self.hit);
        let headers: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len() + 64)
            .sum();
        let conditions = self.freshness.conditions.iter().flatten();
        let conditions: usize = conditions.map(|(_, value)| value.len() + 64).sum();
        let all = self.bytes.len() + headers + conditions + self.others.len() * 32 + 512;
        u32::try_from(all).unwrap_or(u32::MAX)
    }

    /// How old it is, in seconds.
    pub(super) fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.made_at)
    }

    /// Answers a GET or HEAD, which may have conditions.
    pub(super) fn answer<B>(&self, head: &request::Parts, state: State) -> Response<ImageBody<B>> {
        let mut response = Response::new(ImageBody::default());
        let etag = self.headers.get(ETAG);
        let timing = match (state, &self.timing) {
            (State::Hit, _) | (_, None) => FROM_CACHE,
            (_, Some(timing)) => timing.clone(),
        };
        if etag.is_some_and(|etag| etag::none_match_lists(&head.headers, etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let headers = response.headers_mut();
            for name in [ETAG, CACHE_CONTROL, VARY] {
                for value in self.headers.get_all(&name) {
                    headers.append(name.clone(), value.clone());
                }
            }
            headers.insert(SERVER_TIMING, timing);
            headers.insert(X_CACHE, state.header());
            return response;
        }
        let headers = response.headers_mut();
        headers.clone_from(&self.hit);
        if state != State::Hit {
            headers.insert(SERVER_TIMING, timing);
            headers.insert(X_CACHE, state.header());
        }
        let wanted = head.extensions.get::<Arc<ImageRequest>>();
        if let Some(dpr) = wanted.and_then(|wanted| content_dpr(wanted)) {
            headers.insert(CONTENT_DPR, dpr);
        }
        if head.method != Method::HEAD {
            *response.body_mut() = ImageBody::from(self.bytes.clone());
        }
        response
    }
}
