//! One image, from its sources to the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http::{Response, StatusCode, request};

use super::ImageBody;
use super::answer::{self, Image, Terms};
use super::inflight::{Loaded, Ticket};
use super::job::{ImageJob, Promise};
use super::origin::{Said, Sharing};
use super::original::{Original, Want};
use super::pool::Refused;
use super::provenance::{Conditions, Provenance};
use super::settings::Settings;
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
    /// What has come, source by source. The tickets are kept beside, and then by the job.
    loaded: Vec<Option<Loaded>>,
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
    said: Vec<Said>,
}

/// What a request comes to.
enum Made {
    Image(Image, Terms),
    /// It would be what it was.
    Unchanged,
}

/// What is there to make an image of.
enum Sources {
    Originals(Vec<Arc<Original>>),
    Unchanged(Vec<Said>),
}

impl<R> Making<R> {
    pub(super) fn new(order: Order<R>) -> Self {
        Self(Some(Active {
            loaded: order.tickets.iter().map(|_| None).collect(),
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
            Ok((made, said)) => {
                let mut response = match made {
                    Made::Image(image, terms) => {
                        let mut response = answer::answer(&order.head, image, terms);
                        let mut caching = Caching::of(response.headers_mut());
                        let forwarded = &order.settings.forwarded;
                        forwarded.iter().for_each(|name| caching.add_vary(name));
                        response
                    }
                    Made::Unchanged => {
                        let mut response = Response::new(ImageBody::default());
                        *response.status_mut() = StatusCode::NOT_MODIFIED;
                        response
                    }
                };
                if order.head.extensions.get::<Conditions>().is_some() {
                    response.extensions_mut().insert(Provenance(said));
                }
                response
            }
            Err(why) => guard::refuse(&order.responder, &order.head, why),
        };
        self.0 = None;
        Poll::Ready(response)
    }
}

impl<R> Active<R> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Made, Vec<Said>), Rejection>> {
        let polled = self.go_on(cx);
        if polled.is_pending() && passed(&mut self.end, cx) {
            let why = Rejection::new(RejectionKind::Timeout, "the request took too long");
            return Poll::Ready(Err(why));
        }
        polled
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Made, Vec<Said>), Rejection>> {
        let rendering = match &mut self.rendering {
            Some(rendering) => rendering,
            loading => match ready!(self.order.sources(&mut self.loaded, cx))? {
                Sources::Originals(sources) => loading.insert(self.order.submit(sources)?),
                Sources::Unchanged(said) => return Poll::Ready(Ok((Made::Unchanged, said))),
            },
        };
        let image = ready!(rendering.poll(&self.order.settings, cx))?;
        let terms = Terms {
            negotiated: self.order.negotiated,
            max_age: self.order.settings.max_age,
            sharing: rendering.sharing,
            load: rendering.load,
        };
        let said = std::mem::take(&mut rendering.said);
        self.rendering = None;
        Poll::Ready(Ok((Made::Image(image, terms), said)))
    }
}

impl<R> Order<R> {
    /// Comes to all sources.
    fn sources(
        &mut self,
        sources: &mut [Option<Loaded>],
        cx: &mut Context<'_>,
    ) -> Poll<Result<Sources, Rejection>> {
        loop {
            let Some(all) = self.loaded(sources, cx)? else {
                for source in sources.iter().flatten() {
                    if let Loaded::Original(original) = source {
                        drop(original.loading());
                    }
                }
                return Poll::Pending;
            };
            let (mut originals, mut unchanged) = (Vec::new(), Vec::new());
            for loaded in all {
                match loaded {
                    Loaded::Original(original) => originals.push(original),
                    Loaded::Unchanged(said) => unchanged.push(said),
                }
            }
            if unchanged.is_empty() {
                sources.fill(None);
                return Poll::Ready(Ok(Sources::Originals(originals)));
            }
            if originals.is_empty() {
                return Poll::Ready(Ok(Sources::Unchanged(unchanged)));
            }
            // One has changed, so that the others are needed, too.
            for (ticket, source) in self.tickets.iter_mut().zip(&mut *sources) {
                if matches!(source, Some(Loaded::Unchanged(_))) {
                    ticket.reload();
                    *source = None;
                }
            }
        }
    }

    /// What all sources are, where that is known.
    fn loaded(
        &mut self,
        sources: &mut [Option<Loaded>],
        cx: &mut Context<'_>,
    ) -> Result<Option<Vec<Loaded>>, Rejection> {
        for (index, (ticket, source)) in self.tickets.iter_mut().zip(&mut *sources).enumerate() {
            let want = (index == 0).then_some(&self.want);
            while source.is_none()
                && let Poll::Ready(loaded) = ticket.poll(want, cx)
            {
                match (loaded, &mut self.fallback) {
                    (Err(why), fallback) if index == 0 && is_missing(&why) => {
                        let begin = fallback.take().ok_or(why)?;
                        *ticket = begin(&self.want);
                        self.fell_back = true;
                    }
                    (loaded, _) => *source = Some(loaded?),
                }
            }
        }
        Ok(sources.iter().cloned().collect())
    }

    fn submit(&mut self, sources: Vec<Arc<Original>>) -> Result<Rendering, Rejection> {
        let sharing = sources.iter().map(|source| source.sharing()).max();
        let said = sources.iter().map(|source| source.said().clone()).collect();
        // What should be there is not: nobody is to remember that it looks like this.
        let sharing = if self.fell_back {
            Some(Sharing::None)
        } else if sources.is_empty() {
            Some(Sharing::Public)
        } else {
            sharing
        };
        let load = self.began.elapsed();
        // Over when the job has its place, so that no other has it.
        let loading: Vec<_> = sources.iter().map(|source| source.loading()).collect();
        let tickets = std::mem::take(&mut self.tickets);
        let (job, promise) = ImageJob::new(&self.settings, &self.want, sources, tickets);
        self.settings.pool.submit(job).map_err(Refused::rejection)?;
        drop(loading);
        Ok(Rendering {
            promise,
            end: None,
            sharing: sharing.unwrap_or(Sharing::None),
            load,
            said,
        })
    }
}

impl<R> Drop for Active<R> {
    fn drop(&mut self) {
        self.order.want.interrupt.cancel();
        // Where its job has yet to begin, what that holds is not kept until its turn.
        if self.rendering.take().is_some() {
            self.order.settings.pool.drop_abandoned();
        }
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
        if let Some(begun) = end
            && let Poll::Ready(until) = Pin::new(begun).poll(cx)
        {
            // Whatever it is, it comes once.
            *end = None;
            self.end = until.ok().map(|until| settings.timer.at(until));
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
