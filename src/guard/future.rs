use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use http::header::{CACHE_CONTROL, HeaderValue};
use pin_project_lite::pin_project;

use super::{Caching, Guard};

pin_project! {
    /// The future of a [`GuardService`](super::GuardService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, G, P, B> {
        #[pin]
        state: State<F, G, P, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, G, P, B> {
        Allowed { #[pin] answer: F, pass: Option<(Arc<G>, P)> },
        Reported { #[pin] answer: F },
        Refused { response: Option<Response<B>> },
    }
}

impl<F, G, P, B> ResponseFuture<F, G, P, B> {
    pub(super) fn allowed(answer: F, guard: Arc<G>, pass: P) -> Self {
        Self {
            state: State::Allowed {
                answer,
                pass: Some((guard, pass)),
            },
        }
    }

    pub(super) fn reported(answer: F) -> Self {
        Self {
            state: State::Reported { answer },
        }
    }

    pub(super) fn refused(response: Response<B>) -> Self {
        Self {
            state: State::Refused {
                response: Some(response),
            },
        }
    }
}

impl<F, G, B, E> Future for ResponseFuture<F, G, G::Pass, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    G: Guard,
{
    type Output = Result<Response<B>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Allowed { answer, pass } => {
                let mut response = ready!(answer.poll(cx))?;
                if let Some((guard, pass)) = pass.take() {
                    guard.respond(pass, &mut Caching::of(response.headers_mut()));
                }
                Poll::Ready(Ok(response))
            }
            StateProj::Reported { answer } => {
                let mut response = ready!(answer.poll(cx))?;
                response
                    .headers_mut()
                    .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
                Poll::Ready(Ok(response))
            }
            #[expect(clippy::expect_used, reason = "the contract of Future")]
            StateProj::Refused { response } => Poll::Ready(Ok(response
                .take()
                .expect("ResponseFuture polled after completion"))),
        }
    }
}

impl<F, G, P, B> fmt::Debug for ResponseFuture<F, G, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
