use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::ImageBody;
use super::making::{Making, Order};
use crate::guard::MakeRejection;

pin_project! {
    /// The future of a [`TransformService`](super::TransformService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B, R> {
        #[pin]
        state: State<F, B, R>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B, R> {
        Passed { #[pin] answer: F },
        Making { making: Making<R> },
        Ready { response: Option<Response<ImageBody<B>>> },
    }
}

impl<F, B, R> ResponseFuture<F, B, R> {
    pub(super) fn passed(answer: F) -> Self {
        Self {
            state: State::Passed { answer },
        }
    }

    pub(super) fn making(order: Order<R>) -> Self {
        Self {
            state: State::Making {
                making: Making::new(order),
            },
        }
    }

    pub(super) fn ready(response: Response<ImageBody<B>>) -> Self {
        Self {
            state: State::Ready {
                response: Some(response),
            },
        }
    }
}

impl<F, B, R, E> Future for ResponseFuture<F, B, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: MakeRejection<ImageBody<B>>,
{
    type Output = Result<Response<ImageBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Passed { answer } => answer
                .poll(cx)
                .map_ok(|response| response.map(ImageBody::inner)),
            StateProj::Making { making } => making.poll(cx).map(Ok),
            #[expect(clippy::expect_used, reason = "the contract of Future")]
            StateProj::Ready { response } => Poll::Ready(Ok(response
                .take()
                .expect("ResponseFuture polled after completion"))),
        }
    }
}

impl<F, B, R> fmt::Debug for ResponseFuture<F, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
