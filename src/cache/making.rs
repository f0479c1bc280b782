//! Making what is not kept: asking the store, and then the inner service.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{ACCEPT, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use tower_service::Service;

use super::entry::{Entry, may_be_shared};
use super::flight::Outcome;
use super::freshness::Freshness;
use super::key::Key;
use super::layer::Settings;
use super::shared::Kept;
use crate::guard::{Rejection, RejectionKind};
use crate::measure;
use crate::recipe::{Format, ImageRequest};
use crate::transform::{Conditions, Provenance, Said};

/// What is asked for: all that the answer can depend on.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) key: Key,
    pub(super) image: Arc<ImageRequest>,
    /// What the client's `Accept` chose.
    pub(super) format: Option<Format>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// How often something had been removed when it was asked for.
    pub(super) purges: u64,
}

impl Wanted {
    /// Nothing of the client's request is in it that is not in the key.
    fn request<B: Default>(&self, settings: &Settings) -> Request<B> {
        let mut request = Request::new(B::default());
        if let Ok(uri) = Uri::try_from(format!("{}/", settings.mount.prefix())) {
            *request.uri_mut() = uri;
        }
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        if let Some(format) = self.format {
            headers.insert(ACCEPT, HeaderValue::from_static(format.media_type()));
        }
        request.extensions_mut().insert(Arc::clone(&self.image));
        request
    }
}

/// Makes it, with a service that is ready, or becomes so.
pub(super) async fn make<S, ReqBody, B>(
    mut service: S,
    wanted: Wanted,
    settings: Arc<Settings>,
) -> Outcome
where
    S: Service<Request<ReqBody>, Response = Response<B>>,
    ReqBody: Default,
    B: Body<Data = Bytes>,
{
    let shared = &settings.cache.shared;
    let Wanted { key, purges, .. } = wanted;
    // It may have been kept between when the request looked and when it began this.
    let known = match shared.lookup(&key, settings.lifetimes) {
        Kept::Fresh(entry) => return Outcome::Image { entry, found: true },
        Kept::Refused(why) => return Outcome::Refused { why, found: true },
        Kept::Stale(entry) | Kept::Old(entry) => Some(entry),
        Kept::Nothing => None,
    };
    // Of what is asked for again each time, the store has nothing better.
    let is_all = |known: &Arc<Entry>| known.is_never_fresh() && known.freshness.can_be_renewed();
    let stored = if known.as_ref().is_some_and(is_all) {
        None
    } else {
        let began = Instant::now();
        let stored = shared.stored(&key, settings.lifetimes, purges).await;
        measure::stage("cache", began.elapsed());
        match stored {
            Kept::Fresh(entry) => return Outcome::Image { entry, found: true },
            Kept::Stale(entry) | Kept::Old(entry) => Some(entry),
            Kept::Refused(_) | Kept::Nothing => None,
        }
    };
    // The younger of the two.
    let old = known
        .into_iter()
        .chain(stored)
        .max_by_key(|entry| entry.made_at);
    let old = old.filter(|entry| entry.freshness.can_be_renewed());
    let mut request = wanted.request(&settings);
    let conditions = old.as_ref().map(|old| old.freshness.conditions.clone());
    let conditions = Conditions(conditions.unwrap_or_default());
    request.extensions_mut().insert(conditions);
    // The origin may answer long before the image is made (RFC 9111, section 4.2.3).
    let now = shared.clock.now();
    match ask(&mut service, request).await {
        Ok(Asked::Unchanged(said)) => {
            let Some(old) = old else {
                let reason = "the inner service has no image that it was asked for";
                let why = Rejection::new(RejectionKind::Internal, reason);
                return Outcome::Refused { why, found: false };
            };
            let entry = Arc::new(old.renewed(now, old.freshness.renewed(&said, now)));
            if entry.is_never_fresh() && entry.freshness == old.freshness {
                // When it was asked for makes no difference to who reads it from the store.
                shared.remember(&entry, purges);
            } else {
                shared.keep(&entry, purges);
            }
            Outcome::Image { entry, found: true }
        }
        Ok(Asked::Image(mut head, bytes)) => {
            let is_public = may_be_shared(&mut head.headers, &settings.headers);
            let others = wanted.image.sources.iter().skip(1);
            let mut others: Vec<_> = others.map(|name| settings.scope.source(name)).collect();
            others.sort_unstable();
            others.dedup();
            others.retain(|source| *source != key.source);
            let said = head.extensions.remove::<Provenance>();
            let freshness = said.map(|Provenance(said)| Freshness::of(&said, now));
            let freshness = freshness.unwrap_or_default();
            let entry = Entry::new(key, others.into(), now, freshness, head.headers, bytes);
            let entry = Arc::new(entry);
            if !is_public {
                return Outcome::Private(entry);
            }
            shared.keep(&entry, purges);
            Outcome::Image {
                entry,
                found: false,
            }
        }
        Err(why) => {
            shared.keep_refusal(key, &why, settings.lifetimes, purges);
            Outcome::Refused { why, found: false }
        }
    }
}

/// What the inner service answers with.
enum Asked {
    Image(http::response::Parts, Bytes),
    /// What is kept already, by what the origin says now.
    Unchanged(Vec<Said>),
}

/// The whole of an answer of 200, or one without a body.
async fn ask<S, ReqBody, B>(service: &mut S, request: Request<ReqBody>) -> Result<Asked, Rejection>
where
    S: Service<Request<ReqBody>, Response = Response<B>>,
    B: Body<Data = Bytes>,
{
    let failed = |reason: &'static str| Rejection::new(RejectionKind::OriginFailed, reason);
    let broken = |_| failed("the inner service failed");
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(broken)?;
    let answer = service.call(request).await.map_err(broken)?;
    let (mut head, body) = answer.into_parts();
    if let Some(why) = head.extensions.remove::<Rejection>() {
        return Err(why);
    }
    if head.status == StatusCode::NOT_MODIFIED
        && let Some(Provenance(said)) = head.extensions.remove()
    {
        return Ok(Asked::Unchanged(said));
    }
    if head.status != StatusCode::OK {
        let reason = format!("the inner service answered {}", head.status);
        return Err(Rejection::new(RejectionKind::OriginFailed, reason));
    }
    let mut body = pin!(body);
    let mut first = None;
    let mut more = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(data) = frame
            .map_err(|_| failed("the answer broke off"))?
            .into_data()
        else {
            continue;
        };
        match &first {
            None => first = Some(data),
            Some(_) => more.put(data),
        }
    }
    let first = first.unwrap_or_default();
    if more.is_empty() {
        return Ok(Asked::Image(head, first));
    }
    Ok(Asked::Image(head, [first, more.freeze()].concat().into()))
}
