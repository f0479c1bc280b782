use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::header::{ACCEPT, HeaderValue};
use http::{Method, Request, Response};
use tower_service::Service;

use super::ResponseFuture;
use super::layer::Settings;
use crate::recipe::ImageRequest;
use crate::transform::ImageBody;

/// The service of a [`PlaceholderLayer`](super::PlaceholderLayer).
#[derive(Clone)]
pub struct PlaceholderService<S> {
    pub(super) inner: S,
    pub(super) settings: Arc<Settings>,
}

/// What a placeholder may be needed for.
pub(super) struct Place {
    pub(super) settings: Arc<Settings>,
    pub(super) began: Instant,
    pub(super) method: Method,
    pub(super) image: Arc<ImageRequest>,
    pub(super) accept: Vec<HeaderValue>,
}

impl<S> PlaceholderService<S> {
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

    /// `None`: the request is not for an image.
    fn place<B>(&self, request: &Request<B>) -> Option<Place> {
        self.settings.mount.strip(request.uri().path())?;
        let image = request.extensions().get::<Arc<ImageRequest>>()?;
        Some(Place {
            settings: Arc::clone(&self.settings),
            began: Instant::now(),
            method: request.method().clone(),
            image: Arc::clone(image),
            accept: request.headers().get_all(ACCEPT).iter().cloned().collect(),
        })
    }
}

impl<S: fmt::Debug> fmt::Debug for PlaceholderService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaceholderService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, ReqBody, B> Service<Request<ReqBody>> for PlaceholderService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ImageBody<B>>>,
{
    type Response = Response<ImageBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let place = self.place(&request);
        ResponseFuture::new(self.inner.call(request), place)
    }
}
