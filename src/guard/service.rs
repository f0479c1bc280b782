use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Request, Response};
use tower_service::Service;

use super::grpc::{is_grpc, trailers_only};
use super::{Caching, Empty, Guard, MakeRejection, Rejection, RejectionKind, ResponseFuture};

/// The service of a [`GuardLayer`](super::GuardLayer).
pub struct GuardService<S, G, R = Empty> {
    pub(super) inner: S,
    pub(super) guard: Arc<G>,
    pub(super) responder: R,
    pub(super) report_only: bool,
}

impl<S, G, R> GuardService<S, G, R> {
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

impl<S: Clone, G, R: Clone> Clone for GuardService<S, G, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            guard: Arc::clone(&self.guard),
            responder: self.responder.clone(),
            report_only: self.report_only,
        }
    }
}

impl<S: fmt::Debug, G: fmt::Debug, R> fmt::Debug for GuardService<S, G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService")
            .field("inner", &self.inner)
            .field("guard", &self.guard)
            .field("report_only", &self.report_only)
            .finish_non_exhaustive()
    }
}

impl<S, G, R, ReqBody, ResBody> Service<Request<ReqBody>> for GuardService<S, G, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    G: Guard,
    R: MakeRejection<ResBody>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, G, G::Pass, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        match self.guard.check(&head) {
            Ok(mut pass) => {
                self.guard.apply(&mut head, &mut pass);
                let answer = self.inner.call(Request::from_parts(head, body));
                ResponseFuture::allowed(answer, Arc::clone(&self.guard), pass)
            }
            Err(why) if self.report_only => {
                record(&why, true);
                self.guard.apply_reported(&mut head, &why);
                ResponseFuture::reported(self.inner.call(Request::from_parts(head, body)))
            }
            Err(why) => ResponseFuture::refused(refuse(&self.responder, &head, why)),
        }
    }
}

/// The answer to a refused request: worded by the responder, with what its status calls for, stored by nobody, with the
/// rejection in its extensions.
pub(crate) fn refuse<B>(
    responder: &impl MakeRejection<B>,
    head: &Parts,
    why: Rejection,
) -> Response<B> {
    record(&why, false);
    word(responder, head, why)
}

/// The same, for a refusal that is recorded already.
pub(crate) fn word<B>(
    responder: &impl MakeRejection<B>,
    head: &Parts,
    why: Rejection,
) -> Response<B> {
    let mut response = if is_grpc(head) {
        trailers_only(responder.empty(), &why)
    } else {
        let mut response = responder.make(head, &why);
        // A 405 must have an Allow (RFC 9110, section 15.5.6). What a responder says itself stays.
        let called_for = match why.kind() {
            RejectionKind::MethodNotAllowed => Some((ALLOW, "GET, HEAD")),
            RejectionKind::Overloaded => Some((RETRY_AFTER, "1")),
            _ => None,
        };
        if let Some((name, value)) = called_for {
            let header = response.headers_mut().entry(name);
            header.or_insert(HeaderValue::from_static(value));
        }
        response
    };
    Caching::of(response.headers_mut()).forbid_store();
    response.extensions_mut().insert(why);
    response
}

#[cfg_attr(
    not(any(feature = "metrics", feature = "tracing")),
    expect(unused_variables, reason = "used by optional features")
)]
fn record(why: &Rejection, report_only: bool) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        target: "imgward::rejection",
        code = why.code(),
        reason = why.reason(),
        report_only,
        "refused"
    );
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "imgward_rejections_total",
        "code" => why.code(),
        "mode" => if report_only { "report_only" } else { "enforced" }
    )
    .increment(1);
}

#[cfg(test)]
mod tests;
