//! One image, from the request to the origin to the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Response, request};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::sync::oneshot;

use super::answer::{self, Image, Terms};
use super::layer::Settings;
use super::origin::{self, Incoming, Sharing, Source};
use super::pool::{Panicked, Refused};
use super::{ImageBody, etag};
use crate::engine::{RenderError, RenderErrorKind};
use crate::guard::{self, MakeRejection, Rejection, RejectionKind};
use crate::recipe::Recipe;

/// What was asked for.
pub(super) struct Order<R> {
    pub(super) head: request::Parts,
    pub(super) recipe: Recipe,
    pub(super) negotiated: bool,
    pub(super) settings: Arc<Settings>,
    pub(super) responder: R,
    pub(super) began: Instant,
}

pin_project! {
    /// The future of an image, or of the refusal to make it.
    pub(super) struct Making<F, B, R> {
        order: Option<Order<R>>,
        #[pin]
        stage: Stage<F, B>,
    }
}

pin_project! {
    #[project = StageProj]
    enum Stage<F, B> {
        /// The origin was asked.
        Asking { #[pin] answer: F },
        /// Its answer is coming in.
        Reading { #[pin] body: B, incoming: Incoming },
        /// The pool has the job.
        Rendering { job: Job, sharing: Sharing, load: Duration },
    }
}

type Job = oneshot::Receiver<Result<Result<Image, RenderError>, Panicked>>;

impl<F, B, R> Making<F, B, R> {
    pub(super) fn new(answer: F, order: Order<R>) -> Self {
        Self {
            order: Some(order),
            stage: Stage::Asking { answer },
        }
    }
}

impl<F, B, R, E> Future for Making<F, B, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
    R: MakeRejection<ImageBody<B>>,
{
    type Output = Response<ImageBody<B>>;

    #[expect(clippy::expect_used, reason = "the contract of Future")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let order = this.order.as_ref().expect("polled after completion");
        let made = ready!(this.stage.poll(order, cx));
        let response = match made {
            Ok((image, terms)) => answer::answer(&order.head, image, terms),
            Err(why) => guard::refuse(&order.responder, &order.head, why),
        };
        *this.order = None;
        Poll::Ready(response)
    }
}

impl<F, B, E> Stage<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    fn poll<R>(
        mut self: Pin<&mut Self>,
        order: &Order<R>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Image, Terms), Rejection>> {
        loop {
            let next = match self.as_mut().project() {
                StageProj::Asking { answer } => {
                    let answer = ready!(answer.poll(cx))
                        .map_err(|_| origin::failed("the origin's service failed"))?;
                    let (head, body) = answer.into_parts();
                    let Settings {
                        max_source_bytes,
                        budget,
                        ..
                    } = &*order.settings;
                    let incoming = Incoming::announced_by(&head, *max_source_bytes, budget)?;
                    Self::Reading { body, incoming }
                }
                StageProj::Reading { body, incoming } => match ready!(body.poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        // Trailers say nothing here.
                        if let Ok(data) = frame.into_data() {
                            incoming.push(data)?;
                        }
                        continue;
                    }
                    Some(Err(_)) => {
                        return Poll::Ready(Err(origin::failed("the origin's answer broke off")));
                    }
                    None => {
                        let source = incoming.finish()?;
                        Self::Rendering {
                            sharing: source.sharing,
                            load: order.began.elapsed(),
                            job: submit(source, order)?,
                        }
                    }
                },
                StageProj::Rendering { job, sharing, load } => {
                    let image = outcome(ready!(Pin::new(job).poll(cx)))?;
                    let terms = Terms {
                        negotiated: order.negotiated,
                        max_age: order.settings.max_age,
                        sharing: *sharing,
                        load: *load,
                    };
                    return Poll::Ready(Ok((image, terms)));
                }
            };
            self.set(next);
        }
    }
}

fn submit<R>(source: Source, order: &Order<R>) -> Result<Job, Rejection> {
    let engine = Arc::clone(&order.settings.engine);
    let recipe = order.recipe.clone();
    let job = order.settings.pool.submit(move || {
        let rendered = engine.render(&[source.bytes()], &recipe)?;
        Ok(Image {
            etag: etag::strong(&rendered.bytes),
            rendered,
        })
    });
    job.map_err(|refused| {
        let reason = match refused {
            Refused::Full => "the queue of image jobs is full",
            Refused::NoThread => "the system has no thread for an image job",
        };
        Rejection::new(RejectionKind::Overloaded, reason)
    })
}

/// What became of a job.
fn outcome(
    job: Result<Result<Result<Image, RenderError>, Panicked>, oneshot::error::RecvError>,
) -> Result<Image, Rejection> {
    let internal = |reason| Rejection::new(RejectionKind::Internal, reason);
    job.map_err(|_| internal("the image job was lost"))?
        .map_err(|Panicked| internal("a codec panicked, twice"))?
        .map_err(|error| {
            let kind = match error.kind() {
                RenderErrorKind::UnsupportedFormat => RejectionKind::UnsupportedFormat,
                RenderErrorKind::ImageTooLarge => RejectionKind::ImageTooLarge,
                RenderErrorKind::ImageCorrupt => RejectionKind::ImageCorrupt,
                RenderErrorKind::Interrupted => RejectionKind::Timeout,
                RenderErrorKind::Internal => RejectionKind::Internal,
            };
            Rejection::new(kind, error.to_string())
        })
}
