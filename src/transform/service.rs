use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, request};
use http_body::Body;
use tower_service::Service;

use super::layer::Settings;
use super::making::Order;
use super::{ImageBody, ResponseFuture, origin};
use crate::guard::{self, Empty, MakeRejection, Rejection, RejectionKind};
use crate::negotiate;
use crate::recipe::{ImageRequest, Recipe};

/// The service of a [`TransformLayer`](super::TransformLayer).
#[derive(Clone)]
pub struct TransformService<S, R = Empty> {
    pub(super) inner: S,
    pub(super) settings: Arc<Settings>,
    pub(super) responder: R,
}

impl<S, R> TransformService<S, R> {
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
    S: Service<Request<ReqBody>, Response = Response<B>>,
    R: MakeRejection<ImageBody<B>> + Clone,
    ReqBody: Default,
    B: Body<Data = Bytes>,
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
        let (head, _) = request.into_parts();
        match prepare(&head, &self.settings) {
            Ok(Prepared {
                request,
                recipe,
                negotiated,
            }) => {
                let order = Order {
                    head,
                    recipe,
                    negotiated,
                    settings: Arc::clone(&self.settings),
                    responder: self.responder.clone(),
                    began: Instant::now(),
                };
                ResponseFuture::making(self.inner.call(request), order)
            }
            Err(why) => ResponseFuture::refused(guard::refuse(&self.responder, &head, why)),
        }
    }
}

/// What is known before the origin is asked.
struct Prepared<B> {
    request: Request<B>,
    recipe: Recipe,
    /// Whether `Accept` had a say in the format.
    negotiated: bool,
}

/// Refuses what can be refused before the origin is asked.
fn prepare<B: Default>(
    head: &request::Parts,
    settings: &Settings,
) -> Result<Prepared<B>, Rejection> {
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
    let [source] = wanted.sources.as_slice() else {
        return Err(Rejection::new(
            RejectionKind::Internal,
            format!(
                "an image of {} sources cannot be made",
                wanted.sources.len()
            ),
        ));
    };
    let mut recipe = wanted.recipe.clone();
    let negotiated = recipe.output.format.is_none() && !settings.auto_format.is_empty();
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
    Ok(Prepared {
        request: origin::request(source, head)?,
        recipe,
        negotiated,
    })
}
