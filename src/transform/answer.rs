//! What a client is answered with: an image, or that it has it already.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode, request};

use super::origin::Sharing;
use super::{ImageBody, disposition, etag};
use crate::engine::{Rendered, Timings};
use crate::guard::Caching;
use crate::measure;
use crate::recipe::{Format, ImageRequest};

pub(crate) const CONTENT_DPR: HeaderName = HeaderName::from_static("content-dpr");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// An image that is an SVG or a page to a browser, whatever its type says, can do nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
);

/// What is answered with, ready to be sent.
#[derive(Debug)]
pub(super) struct Image {
    bytes: Bytes,
    media_type: &'static str,
    /// The format; `None` of what is no image.
    format: Option<Format>,
    timings: Timings,
    etag: HeaderValue,
}

impl From<Rendered> for Image {
    fn from(rendered: Rendered) -> Self {
        let is_image = rendered.media_type == rendered.format.media_type();
        Self {
            etag: etag::strong(&rendered.bytes),
            bytes: rendered.bytes,
            media_type: rendered.media_type,
            format: is_image.then_some(rendered.format),
            timings: rendered.timings,
        }
    }
}

impl Image {
    /// A JSON document.
    pub(super) fn document(text: &str) -> Self {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        Self {
            etag: etag::strong(&bytes),
            bytes,
            media_type: "application/json",
            format: None,
            timings: Timings::default(),
        }
    }
}

/// What else the answer says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Whether `Accept` has a say in the format.
    pub(super) negotiated: bool,
    pub(super) max_age: Option<Duration>,
    pub(super) sharing: Sharing,
    /// How long the source took to come.
    pub(super) load: Duration,
}

/// The image, or that the client has it already.
pub(super) fn answer<B>(
    head: &request::Parts,
    image: Image,
    terms: Terms,
) -> Response<ImageBody<B>> {
    let Image {
        bytes,
        media_type,
        format,
        timings,
        etag,
    } = image;
    let wanted = head.extensions.get::<Arc<ImageRequest>>();
    let asked = wanted.and_then(|wanted| wanted.max_age);
    let terms = Terms {
        max_age: asked.map(Duration::from_secs).or(terms.max_age),
        sharing: match asked {
            Some(0) => Sharing::None,
            _ => terms.sharing,
        },
        ..terms
    };
    let mut response = Response::new(ImageBody::default());
    let headers = response.headers_mut();
    if terms.negotiated {
        Caching::of(headers).add_vary(&ACCEPT);
    }
    set_cache_control(headers, terms);
    let stages = stages(&timings, terms.load);
    for (stage, time) in stages {
        measure::stage(stage, time);
    }
    headers.insert(SERVER_TIMING, server_timing(stages));
    let unchanged = etag::none_match_lists(&head.headers, &etag);
    headers.insert(ETAG, etag);
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if let Some(dpr) = wanted.and_then(|wanted| content_dpr(wanted)) {
        headers.insert(CONTENT_DPR, dpr);
    }
    if let (Some(wanted), Some(format)) = (wanted, format)
        && let Some(name) = &wanted.attachment
    {
        let source = wanted.sources.first().map_or("", |source| source);
        let disposition = disposition::attachment(name, source, format);
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    if head.method != Method::HEAD {
        *response.body_mut() = ImageBody::from(bytes);
    }
    response
}

/// How many pixels of the image there are to one of the page, where hints of the client had a say.
pub(crate) fn content_dpr(wanted: &ImageRequest) -> Option<HeaderValue> {
    let dpr = wanted.client_hints?.content_dpr?;
    HeaderValue::try_from(format!("{dpr:.2}")).ok()
}

fn set_cache_control(headers: &mut HeaderMap, terms: Terms) {
    let lifetime = terms.max_age.map_or_else(
        || Ok(HeaderValue::from_static("no-cache")),
        |max_age| HeaderValue::try_from(format!("public, max-age={}", max_age.as_secs())),
    );
    if let Ok(lifetime) = lifetime {
        headers.insert(CACHE_CONTROL, lifetime);
    }
    match terms.sharing {
        Sharing::Public => {}
        Sharing::Private => Caching::of(headers).make_private(),
        Sharing::None => Caching::of(headers).forbid_store(),
    }
}

/// The stages of an image, and how long they took.
fn stages(timings: &Timings, load: Duration) -> [(&'static str, Duration); 4] {
    [
        ("load", load),
        ("decode", timings.decode),
        ("process", timings.process),
        ("encode", timings.encode),
    ]
}

/// In milliseconds ([Server Timing](https://www.w3.org/TR/server-timing/)).
fn server_timing(stages: [(&str, Duration); 4]) -> HeaderValue {
    let stages = stages.map(|(stage, time)| {
        let milliseconds = time.as_secs_f64() * 1e3;
        format!("{stage};dur={milliseconds:.3}")
    });
    HeaderValue::try_from(stages.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
