use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Response, request};
use pin_project_lite::pin_project;

use super::State;
use super::entry::{Entry, X_CACHE};
use super::flight::{Outcome, Ticket};
use super::layer::Settings;
use crate::guard::{self, Caching, MakeRejection, Rejection};
use crate::measure;
use crate::transform::ImageBody;

pin_project! {
    /// The future of a [`CacheService`](super::CacheService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B, R> {
        #[pin]
        kind: Kind<F, B, R>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<F, B, R> {
        Passed { #[pin] answer: F },
        Ready { response: Option<Response<ImageBody<B>>> },
        Waiting { waiting: Box<Waiting<R>> },
    }
}

/// A request that waits for what is being made.
struct Waiting<R> {
    /// `None`: it has been answered.
    ticket: Option<Ticket>,
    head: request::Parts,
    settings: Arc<Settings>,
    responder: R,
}

impl<F, B, R> ResponseFuture<F, B, R> {
    pub(super) fn passed(answer: F) -> Self {
        Self {
            kind: Kind::Passed { answer },
        }
    }

    pub(super) fn ready(response: Response<ImageBody<B>>) -> Self {
        Self {
            kind: Kind::Ready {
                response: Some(response),
            },
        }
    }

    pub(super) fn waiting(
        ticket: Ticket,
        head: request::Parts,
        settings: Arc<Settings>,
        responder: R,
    ) -> Self {
        let waiting = Box::new(Waiting {
            ticket: Some(ticket),
            head,
            settings,
            responder,
        });
        Self {
            kind: Kind::Waiting { waiting },
        }
    }
}

impl<R> Waiting<R> {
    #[expect(clippy::expect_used, reason = "the contract of Future")]
    fn poll<B>(&mut self, cx: &mut Context<'_>) -> Poll<Response<ImageBody<B>>>
    where
        R: MakeRejection<ImageBody<B>>,
    {
        let ticket = self.ticket.as_mut().expect("polled after completion");
        let (outcome, state) = ready!(ticket.poll(cx));
        self.ticket = None;
        Poll::Ready(match outcome {
            Outcome::Image { entry, .. } | Outcome::Private(entry) => {
                answer_with(&entry, &self.head, state, &self.settings)
            }
            Outcome::Refused { why, .. } => answer_refused(&self.responder, &self.head, why, state),
        })
    }
}

/// Answers with an image.
pub(super) fn answer_with<B>(
    entry: &Entry,
    head: &request::Parts,
    state: State,
    settings: &Settings,
) -> Response<ImageBody<B>> {
    measure::cached(state.name());
    let mut response = entry.answer(head, state);
    if settings.no_store {
        Caching::of(response.headers_mut()).forbid_store();
    }
    response
}

pub(super) fn answer_refused<B, R>(
    responder: &R,
    head: &request::Parts,
    why: Rejection,
    state: State,
) -> Response<ImageBody<B>>
where
    R: MakeRejection<ImageBody<B>>,
{
    measure::cached(state.name());
    let mut response = match state {
        // The inner service has recorded it.
        State::Miss => guard::word(responder, head, why),
        State::Hit | State::Coalesced => guard::refuse(responder, head, why),
    };
    response.headers_mut().insert(X_CACHE, state.header());
    response
}

impl<F, B, R, E> Future for ResponseFuture<F, B, R>
where
    F: Future<Output = Result<Response<ImageBody<B>>, E>>,
    R: MakeRejection<ImageBody<B>>,
{
    type Output = Result<Response<ImageBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProj::Passed { answer } => answer.poll(cx),
            KindProj::Waiting { waiting } => waiting.poll(cx).map(Ok),
            #[expect(clippy::expect_used, reason = "the contract of Future")]
            KindProj::Ready { response } => Poll::Ready(Ok(response
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
