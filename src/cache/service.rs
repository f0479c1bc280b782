use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use tokio::runtime::Handle;
use tower_service::Service;

use super::flight::{Making, Ticket};
use super::future::{ResponseFuture, answer_refused, answer_with};
use super::layer::Settings;
use super::making::{Wanted, make};
use super::shared::Kept;
use super::{State, flight};
use crate::guard::{Empty, MakeRejection};
use crate::measure;
use crate::negotiate;
use crate::recipe::ImageRequest;
use crate::transform::ImageBody;

/// The service of a [`CacheLayer`](super::CacheLayer).
#[derive(Clone)]
pub struct CacheService<S, R = Empty> {
    pub(super) inner: S,
    pub(super) settings: Arc<Settings>,
    pub(super) responder: R,
}

impl<S, R> CacheService<S, R> {
    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the inner service out.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: fmt::Debug, R> fmt::Debug for CacheService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheService")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<S, R, ReqBody, B> Service<Request<ReqBody>> for CacheService<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ImageBody<B>>> + Clone + Send + 'static,
    S::Future: Send,
    R: MakeRejection<ImageBody<B>> + Clone,
    ReqBody: Default + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<ImageBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Some(wanted) = self.wanted(&request) else {
            return ResponseFuture::passed(self.inner.call(request));
        };
        let (head, _) = request.into_parts();
        let settings = &self.settings;
        let shared = &settings.cache.shared;
        let watch = measure::Watch::start();
        match shared.lookup(&wanted.key, settings.lifetimes) {
            Kept::Fresh(entry) => {
                watch.stop("cache");
                return ResponseFuture::ready(answer_with(&entry, &head, State::Hit, settings));
            }
            Kept::Refused(why) => {
                let response = answer_refused(&self.responder, &head, why, State::Hit);
                return ResponseFuture::ready(response);
            }
            Kept::Stale(entry) => {
                if let Ok(runtime) = Handle::try_current() {
                    let (mut ticket, begun) = self.ticket(wanted);
                    if begun {
                        runtime.spawn(async move { poll_fn(|cx| ticket.poll(cx)).await });
                    }
                    let response = answer_with(&entry, &head, State::Hit, &self.settings);
                    return ResponseFuture::ready(response);
                }
            }
            Kept::Old(_) | Kept::Nothing => {}
        }
        let (ticket, _) = self.ticket(wanted);
        let settings = Arc::clone(&self.settings);
        ResponseFuture::waiting(ticket, head, settings, self.responder.clone())
    }
}

impl<S, R> CacheService<S, R> {
    /// What a request is for. `None`: it is not for an image, or its refusal is the inner service's.
    fn wanted<B>(&self, request: &Request<B>) -> Option<Wanted> {
        let settings = &self.settings;
        settings.mount.strip(request.uri().path())?;
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return None;
        }
        let image = Arc::clone(request.extensions().get::<Arc<ImageRequest>>()?);
        let output = &image.recipe.output;
        let negotiated = output.format.is_none() && !output.keep_format;
        let formats = if negotiated {
            &*settings.auto_format
        } else {
            &[]
        };
        let format = negotiate::choose(request.headers(), formats);
        let headers = settings.origin_headers(request);
        Some(Wanted {
            key: settings.scope.key(&image, format, &headers),
            image,
            format,
            headers,
            purges: settings.cache.shared.purges(),
        })
    }

    /// Joins the making of what is wanted, or begins it; tells whether it did.
    fn ticket<ReqBody, B>(&mut self, wanted: Wanted) -> (Ticket, bool)
    where
        S: Service<Request<ReqBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        ReqBody: Default + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
    {
        let settings = Arc::clone(&self.settings);
        settings.flights.join(wanted.key, wanted.purges, || {
            let clone = self.inner.clone();
            // The first takes the service that is ready; a clone of it is not.
            let first = std::mem::replace(&mut self.inner, clone);
            let spare = self.inner.clone();
            let settings = Arc::clone(&self.settings);
            let begin: fn(_, _, _) -> Making = |service, wanted, settings| {
                Box::pin(make::<S, ReqBody, B>(service, wanted, settings))
            };
            let making = begin(first, wanted.clone(), Arc::clone(&settings));
            let again = move || begin(spare.clone(), wanted.clone(), Arc::clone(&settings));
            (making, Box::new(again) as flight::Again)
        })
    }
}
