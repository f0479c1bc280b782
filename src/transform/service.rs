use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, request};
use http_body::Body;
use tower_service::Service;

use super::answer::{self, Image, Terms};
use super::inflight::{Inflight, Ticket};
use super::load::{self, BoxError, Load};
use super::making::{Fallback, Order};
use super::origin::{Headers, Sharing, Target};
use super::original::Want;
use super::pool::{Part, Refused};
use super::provenance::Conditions;
use super::settings::Settings;
use super::{ImageBody, ResponseFuture};
use crate::engine::Interrupt;
use crate::guard::{self, Empty, MakeRejection, Rejection, RejectionKind};
use crate::negotiate;
use crate::recipe::{Answer, ImageRequest, Recipe};

/// The most sources of one image.
const MAX_SOURCES: usize = 8;

/// The service of a [`TransformLayer`](super::TransformLayer).
#[derive(Clone)]
pub struct TransformService<S, R = Empty> {
    pub(super) inner: S,
    pub(super) settings: Arc<Settings>,
    pub(super) responder: R,
    /// What the inner service, and no other, was asked for.
    pub(super) inflight: Arc<Inflight>,
}

impl<S, R> TransformService<S, R> {
    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service. From then on, no load is shared with those who have not this service but a clone of it.
    pub fn get_mut(&mut self) -> &mut S {
        self.inflight = Arc::default();
        &mut self.inner
    }

    /// Takes the inner service out.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: fmt::Debug, R> fmt::Debug for TransformService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransformService")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<S, R, ReqBody, B> Service<Request<ReqBody>> for TransformService<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    R: MakeRejection<ImageBody<B>> + Clone,
    ReqBody: Default + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ImageBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if self.settings.mount.strip(request.uri().path()).is_none() {
            return ResponseFuture::passed(self.inner.call(request));
        }
        let began = Instant::now();
        let (head, _) = request.into_parts();
        let prepared = prepare(&head, &self.settings).and_then(|prepared| {
            // By the time the sources have come there may be room again. But most likely not, and they would have come for
            // nothing. What may turn out to be as it was needs none.
            let may_need_none =
                prepared.is_document() || head.extensions.get::<Conditions>().is_some();
            let has_room = may_need_none || self.settings.pool.has_room();
            has_room
                .then_some(prepared)
                .ok_or_else(|| Refused::Full.rejection())
        });
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(why) => {
                return ResponseFuture::ready(guard::refuse(&self.responder, &head, why));
            }
        };
        let Prepared {
            targets,
            fallback,
            recipe,
            negotiated,
        } = prepared;
        if let Answer::Document(text) = &recipe.output.answer {
            let terms = Terms {
                negotiated: false,
                max_age: self.settings.max_age,
                sharing: Sharing::Public,
                load: Duration::ZERO,
            };
            let image = Image::document(text);
            return ResponseFuture::ready(answer::answer(&head, image, terms));
        }
        let limit = self.settings.request_timeout;
        let end = limit.and_then(|limit| began.checked_add(limit));
        let interrupt = end.map(Interrupt::at).unwrap_or_default();
        let want = Arc::new(Want::new(recipe, interrupt));
        let fallback = fallback.map(|target| {
            let mut inner = self.inner.clone();
            let inflight = Arc::clone(&self.inflight);
            let settings = Arc::clone(&self.settings);
            let load = move |want: &Arc<Want>| {
                let of = (target, Some(want));
                ticket(&mut inner, &mut false, &inflight, &settings, of)
            };
            Box::new(load) as Fallback
        });
        let tickets = self.tickets(targets, &want);
        ResponseFuture::making(Order {
            head,
            negotiated,
            settings: Arc::clone(&self.settings),
            responder: self.responder.clone(),
            began,
            end,
            want,
            tickets,
            fallback,
            fell_back: false,
        })
    }
}

impl<S, R> TransformService<S, R> {
    /// Joins the loads of the sources, or begins them.
    fn tickets<ReqBody, B>(&mut self, targets: Vec<Target>, want: &Arc<Want>) -> Vec<Ticket>
    where
        S: Service<Request<ReqBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        ReqBody: Default + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        // The first load takes the service that is ready; a clone of it is not.
        let mut ready = true;
        let join = |(index, target)| {
            let of = (target, (index == 0).then_some(want));
            let Self {
                inner,
                inflight,
                settings,
                ..
            } = self;
            ticket(inner, &mut ready, inflight, settings, of)
        };
        targets.into_iter().enumerate().map(join).collect()
    }
}

/// Joins the load of a source, or begins it, with the service that is `ready`, or a clone of it.
fn ticket<S, ReqBody, B>(
    inner: &mut S,
    ready: &mut bool,
    inflight: &Inflight,
    settings: &Arc<Settings>,
    (target, want): (Target, Option<&Arc<Want>>),
) -> Ticket
where
    S: Service<Request<ReqBody>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Default + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    inflight.join(target, want, |target| {
        let clone = inner.clone();
        let first = if std::mem::take(ready) {
            std::mem::replace(inner, clone)
        } else {
            clone
        };
        let again = inner.clone();
        let settings = Arc::clone(settings);
        let target = target.clone();
        let load: fn(_, _, _, _) -> Load = |service, target, part, settings| {
            Box::pin(load::load::<S, ReqBody, B>(service, target, part, settings))
        };
        let part = if want.is_some() && !target.is_conditional() {
            Part::Main
        } else {
            Part::Other
        };
        let begun = load(first, target.clone(), part, Arc::clone(&settings));
        let target = target.unconditional();
        let again = move || load(again.clone(), target.clone(), part, Arc::clone(&settings));
        (begun, Box::new(again))
    })
}

/// What is known before the origin is asked.
pub(super) struct Prepared {
    targets: Vec<Target>,
    fallback: Option<Target>,
    recipe: Recipe,
    /// Whether `Accept` had a say in the format.
    negotiated: bool,
}

impl Prepared {
    fn is_document(&self) -> bool {
        matches!(self.recipe.output.answer, Answer::Document(_))
    }
}

/// Refuses what is refused before the origin is asked, whatever else there is to do.
pub(super) fn prepare(head: &request::Parts, settings: &Settings) -> Result<Prepared, Rejection> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return Err(Rejection::new(
            RejectionKind::MethodNotAllowed,
            "an image is asked for with GET or HEAD",
        ));
    }
    let wanted = head.extensions.get::<Arc<ImageRequest>>().ok_or_else(|| {
        Rejection::new(
            RejectionKind::Internal,
            "no ImageRequest in the request's extensions: is there no DialectLayer outside of this one?",
        )
    })?;
    let output = &wanted.recipe.output;
    let is_document = matches!(output.answer, Answer::Document(_));
    match wanted.sources.len() {
        0 if is_document || wanted.recipe.input.blank.is_some() => {}
        0 => {
            let reason = "an image of no sources cannot be made";
            return Err(Rejection::new(RejectionKind::Internal, reason));
        }
        1..=MAX_SOURCES => {}
        _ => {
            let detail = format!("an image is made of at most {MAX_SOURCES} sources");
            return Err(Rejection::bad_request(detail));
        }
    }
    let mut recipe = wanted.recipe.clone();
    let negotiated =
        output.format.is_none() && !output.keep_format && !settings.auto_format.is_empty();
    if negotiated {
        recipe.output.format = negotiate::choose(&head.headers, &settings.auto_format);
    }
    if let Some(format) = recipe
        .output
        .format
        .filter(|&format| !settings.engine.can_encode(format))
    {
        return Err(Rejection::new(
            RejectionKind::UnsupportedFormat,
            format!("the engine cannot write {format}"),
        ));
    }
    let conditions = head.extensions.get::<Conditions>();
    let conditions = conditions.map_or(&[][..], |conditions| &conditions.0);
    let target =
        |source: &str, conditions| Target::new(source, head, &settings.forwarded, conditions);
    let targets =
        wanted.sources.iter().enumerate().map(|(index, source)| {
            target(source, conditions.get(index).cloned().unwrap_or_default())
        });
    let fallback = wanted.fallback.as_deref();
    let fallback = fallback.map(|source| target(source, Headers::new()));
    Ok(Prepared {
        targets: targets.collect::<Result<_, _>>()?,
        fallback: fallback.transpose()?,
        recipe,
        negotiated,
    })
}
