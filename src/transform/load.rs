//! Asks the inner service for a source.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::origin::{self, Incoming, Said, Sharing, Source, Target};
use super::pool::{Loading, Part, Refused};
use super::settings::Settings;
use crate::guard::{Rejection, RejectionKind};
use crate::timer::within;

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, Rejection>> + Send>>;

/// What an error of a body is, where it may be a [`Rejection`].
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Comes to the head of the origin's answer.
pub(super) type Load = Boxed<Answered>;

/// Comes to the whole of it.
pub(super) type Rest = Boxed<(Source, Loading)>;

/// The origin's answer has begun.
pub(super) struct Answered {
    pub(super) sharing: Sharing,
    pub(super) coming: Result<Coming, Rejection>,
}

/// What follows.
pub(super) enum Coming {
    Source(Rest),
    /// Nothing: it is what it was.
    Unchanged(Said),
}

/// Loads a source from a service that is ready, or becomes so.
pub(super) async fn load<S, ReqBody, B>(
    mut service: S,
    target: Target,
    part: Part,
    settings: Arc<Settings>,
) -> Result<Answered, Rejection>
where
    S: Service<http::Request<ReqBody>, Response = Response<B>>,
    ReqBody: Default,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let broken = |_| origin::failed("the origin's service failed");
    // Ready before its turn is waited for, never after: who has it waits for nobody that waits for one.
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(broken)?;
    let mut loading = settings
        .pool
        .admit(part)
        .await
        .map_err(Refused::rejection)?;
    let end = settings
        .load_timeout
        .and_then(|limit| Instant::now().checked_add(limit));
    let alarm = || end.map(|end| settings.timer.at(end));

    let answer = within(alarm(), service.call(target.request())).await;
    let (head, body) = answer.ok_or_else(too_slow)?.map_err(broken)?.into_parts();
    let sharing = origin::sharing(&head.headers);
    if target.is_conditional() && head.status == StatusCode::NOT_MODIFIED {
        let coming = Ok(Coming::Unchanged(origin::said(&head.headers)));
        return Ok(Answered { sharing, coming });
    }
    let incoming = Incoming::announced_by(&head, settings.max_source_bytes, &settings.budget);
    let alarm = alarm();
    let coming = incoming.map(|incoming| {
        Coming::Source(Box::pin(async move {
            let source = within(alarm, read(body, incoming)).await;
            loading.came();
            Ok((source.ok_or_else(too_slow)??, loading))
        }))
    });
    Ok(Answered { sharing, coming })
}

async fn read<B>(body: B, mut incoming: Incoming) -> Result<Source, Rejection>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| match error.into().downcast::<Rejection>() {
            Ok(why) => *why,
            Err(_) => origin::failed("the origin's answer broke off"),
        })?;
        // Trailers say nothing here.
        if let Ok(data) = frame.into_data() {
            incoming.push(data)?;
        }
    }
    incoming.finish()
}

fn too_slow() -> Rejection {
    Rejection::new(RejectionKind::Timeout, "the source took too long to come")
}
