//! One image, from its sources to the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http::{Response, request};

use super::ImageBody;
use super::answer::{self, Image, Terms};
use super::inflight::Ticket;
use super::job::{ImageJob, Promise};
use super::layer::Settings;
use super::origin::Sharing;
use super::original::{Original, Want};
use super::pool::Refused;
use crate::guard::{self, Caching, MakeRejection, Rejection, RejectionKind};
use crate::timer::Alarm;

/// What was asked for.
pub(super) struct Order<R> {
    pub(super) head: request::Parts,
    pub(super) negotiated: bool,
    pub(super) settings: Arc<Settings>,
    pub(super) responder: R,
    pub(super) began: Instant,
    /// When the request has no more time.
    pub(super) end: Option<Instant>,
    pub(super) want: Arc<Want>,
    /// The loads of the sources, the main one first.
    pub(super) tickets: Vec<Ticket>,
    /// Begins the load of what is taken for the main source, where that cannot be had.
    pub(super) fallback: Option<Fallback>,
    /// Whether that was done.
    pub(super) fell_back: bool,
}

/// Begins another load.
pub(super) type Fallback = Box<dyn FnOnce(&Arc<Want>) -> Ticket + Send>;

/// The future of an image, or of the refusal to make it.
pub(super) struct Making<R>(Option<Active<R>>);

struct Active<R> {
    order: Order<R>,
    /// What has come, source by source. The tickets are kept beside: as long as one is, others may join.
    originals: Vec<Option<Arc<Original>>>,
    rendering: Option<Rendering>,
    end: Option<Alarm>,
}

/// The pool has the job.
struct Rendering {
    promise: Promise,
    /// By when it must be made, once that is known.
    end: Option<Alarm>,
    sharing: Sharing,
    load: Duration,
}

impl<R> Making<R> {
    pub(super) fn new(order: Order<R>) -> Self {
        Self(Some(Active {
            originals: order.tickets.iter().map(|_| None).collect(),
            rendering: None,
            end: order.end.map(|end| order.settings.timer.at(end)),
            order,
        }))
    }

    #[expect(clippy::expect_used, reason = "the contract of Future")]
    pub(super) fn poll<B>(&mut self, cx: &mut Context<'_>) -> Poll<Response<ImageBody<B>>>
    where
        R: MakeRejection<ImageBody<B>>,
    {
        let active = self.0.as_mut().expect("polled after completion");
        let made = ready!(active.poll(cx));
        let order = &active.order;
        let response = match made {
            Ok((image, terms)) => {
                let mut response = answer::answer(&order.head, image, terms);
                let mut caching = Caching::of(response.headers_mut());
                let forwarded = &order.settings.forwarded;
                forwarded.iter().for_each(|name| caching.add_vary(name));
                response
            }
            Err(why) => guard::refuse(&order.responder, &order.head, why),
        };
        self.0 = None;
        Poll::Ready(response)
    }
}

impl<R> Active<R> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Image, Terms), Rejection>> {
        let polled = self.go_on(cx);
        if polled.is_pending() && passed(&mut self.end, cx) {
            let why = Rejection::new(RejectionKind::Timeout, "the request took too long");
            return Poll::Ready(Err(why));
        }
        polled
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Image, Terms), Rejection>> {
        let rendering = match &mut self.rendering {
            Some(rendering) => rendering,
            loading => {
                let sources = ready!(self.order.sources(&mut self.originals, cx))?;
                loading.insert(self.order.submit(sources)?)
            }
        };
        let image = ready!(rendering.poll(&self.order.settings, cx))?;
        let terms = Terms {
            negotiated: self.order.negotiated,
            max_age: self.order.settings.max_age,
            sharing: rendering.sharing,
            load: rendering.load,
        };
        Poll::Ready(Ok((image, terms)))
    }
}

impl<R> Order<R> {
    /// Comes to all sources.
    fn sources(
        &mut self,
        originals: &mut [Option<Arc<Original>>],
        cx: &mut Context<'_>,
    ) -> Poll<Result<Vec<Arc<Original>>, Rejection>> {
        for (index, (ticket, original)) in self.tickets.iter_mut().zip(&mut *originals).enumerate()
        {
            let want = (index == 0).then_some(&self.want);
            while original.is_none()
                && let Poll::Ready(loaded) = ticket.poll(want, cx)
            {
                match (loaded, &mut self.fallback) {
                    (Err(why), fallback) if index == 0 && is_missing(&why) => {
                        let begin = fallback.take().ok_or(why)?;
                        *ticket = begin(&self.want);
                        self.fell_back = true;
                    }
                    (loaded, _) => *original = Some(loaded?),
                }
            }
        }
        let all: Option<Vec<_>> = originals.iter().cloned().collect();
        all.map_or(Poll::Pending, |all| {
            originals.fill(None);
            Poll::Ready(Ok(all))
        })
    }

    fn submit(&self, sources: Vec<Arc<Original>>) -> Result<Rendering, Rejection> {
        let sharing = sources.iter().map(|source| source.sharing()).max();
        // What should be there is not: nobody is to remember that it looks like this.
        let sharing = if self.fell_back {
            Some(Sharing::None)
        } else if sources.is_empty() {
            Some(Sharing::Public)
        } else {
            sharing
        };
        let load = self.began.elapsed();
        let (job, promise) = ImageJob::new(&self.settings, &self.want, sources);
        self.settings.pool.submit(job).map_err(overloaded)?;
        Ok(Rendering {
            promise,
            end: None,
            sharing: sharing.unwrap_or(Sharing::None),
            load,
        })
    }
}

pub(super) fn overloaded(refused: Refused) -> Rejection {
    let reason = match refused {
        Refused::Full => "the queue of image jobs is full",
        Refused::NoThread => "the system has no thread for an image job",
    };
    Rejection::new(RejectionKind::Overloaded, reason)
}

impl<R> Drop for Active<R> {
    fn drop(&mut self) {
        self.order.want.interrupt.cancel();
    }
}

impl Rendering {
    fn poll(
        &mut self,
        settings: &Settings,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Image, Rejection>> {
        let Promise { end, image } = &mut self.promise;
        if let Poll::Ready(image) = Pin::new(image).poll(cx) {
            let lost = |_| Rejection::new(RejectionKind::Internal, "the image job was lost");
            return Poll::Ready(image.map_err(lost)?);
        }
        if settings.process_timeout.is_some()
            && self.end.is_none()
            && let Poll::Ready(Ok(end)) = Pin::new(end).poll(cx)
        {
            self.end = Some(settings.timer.at(end));
        }
        if passed(&mut self.end, cx) {
            let why = Rejection::new(RejectionKind::Timeout, "making the image took too long");
            return Poll::Ready(Err(why));
        }
        Poll::Pending
    }
}

/// Whether an image is not there, or its origin is not.
fn is_missing(why: &Rejection) -> bool {
    matches!(
        why.kind(),
        RejectionKind::NotFound | RejectionKind::OriginFailed
    )
}

fn passed(alarm: &mut Option<Alarm>, cx: &Context<'_>) -> bool {
    alarm
        .as_mut()
        .is_some_and(|alarm| alarm.poll(cx).is_ready())
}
