//! An image that is being made, on a thread of the pool.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::answer::Image;
use super::budget::{self, Share};
use super::inflight::Ticket;
use super::original::{Decoding, Found, Held, Original, Want};
use super::pool::{Job, Panicked, Queue, Turn, twice};
use super::settings::Settings;
use crate::engine::{Interrupt, Needs, RenderError, RenderErrorKind, Rendered};
use crate::guard::{Rejection, RejectionKind};

/// The image of one request.
pub(super) struct ImageJob {
    settings: Arc<Settings>,
    want: Arc<Want>,
    /// The main source first.
    sources: Vec<Arc<Original>>,
    /// As long as these are, others may join.
    tickets: Vec<Ticket>,
    /// Set in its first turn.
    interrupt: Option<Interrupt>,
    started: Option<oneshot::Sender<Instant>>,
    answer: oneshot::Sender<Result<Image, Rejection>>,
}

/// What the request hears of its image.
pub(super) struct Promise {
    /// By when it must be made, once it is begun.
    pub(super) end: Option<oneshot::Receiver<Instant>>,
    pub(super) image: oneshot::Receiver<Result<Image, Rejection>>,
}

impl ImageJob {
    pub(super) fn new(
        settings: &Arc<Settings>,
        want: &Arc<Want>,
        sources: Vec<Arc<Original>>,
        tickets: Vec<Ticket>,
    ) -> (Self, Promise) {
        let (started, end) = oneshot::channel();
        let (answer, image) = oneshot::channel();
        let job = Self {
            settings: Arc::clone(settings),
            want: Arc::clone(want),
            sources,
            tickets,
            interrupt: None,
            started: Some(started),
            answer,
        };
        let end = settings.process_timeout.map(|_| end);
        (job, Promise { end, image })
    }

    /// Begins to count its time.
    fn begin(&mut self) -> Interrupt {
        let limit = self.settings.process_timeout;
        let started = &mut self.started;
        let own = &self.want.interrupt;
        let interrupt = self.interrupt.get_or_insert_with(|| {
            let end = limit.and_then(|limit| Instant::now().checked_add(limit));
            let Some(end) = end else {
                return own.clone();
            };
            if let Some(started) = started.take() {
                // Who does not listen any more is seen elsewhere.
                let _ = started.send(end);
            }
            own.no_later_than(end)
        });
        interrupt.clone()
    }

    fn needs(&self, source: &[u8]) -> Result<Needs, Rejection> {
        caught(|| self.want.needs(&self.settings.engine, source))
    }

    /// What its overlays need beside.
    fn overlay_memory(&self) -> u64 {
        let sources: Vec<&[u8]> = self.sources.iter().map(|source| source.bytes()).collect();
        let Settings { engine, .. } = &*self.settings;
        // What panics here panics again when it is drawn, and is reported there.
        twice(|| engine.overlay_memory(&sources, &self.want.recipe)).unwrap_or(0)
    }

    /// All of it, for this request alone.
    fn render(&self, interrupt: &Interrupt) -> Result<Rendered, Rejection> {
        let sources: Vec<&[u8]> = self.sources.iter().map(|source| source.bytes()).collect();
        let Settings { engine, .. } = &*self.settings;
        caught(|| engine.render_until(&sources, &self.want.recipe, interrupt))
    }

    /// What is left to do when the pixels are there.
    fn render_decoded(&self, held: &Held, interrupt: &Interrupt) -> Result<Rendered, Rejection> {
        let sources: Vec<&[u8]> = self.sources.iter().map(|source| source.bytes()).collect();
        let Settings { engine, .. } = &*self.settings;
        caught(|| {
            interrupt.check()?;
            engine.render_decoded(&held.decoded, &sources, &self.want.recipe, interrupt)
        })
    }

    /// Decodes for all that wait, and has them go on.
    fn decode(
        &self,
        original: &Original,
        decoding: &Decoding,
        share: Share,
        queue: &Queue<'_>,
    ) -> Result<Arc<Held>, Rejection> {
        let Settings { engine, .. } = &*self.settings;
        let decoded = caught(|| engine.decode(original.bytes(), decoding.scale()));
        let (result, waiting) = decoding.finish(decoded, share);
        original.close();
        queue.resume(waiting);
        result
    }

    /// `None`: it is parked.
    fn rendered(
        self,
        interrupt: &Interrupt,
        queue: &Queue<'_>,
    ) -> Option<(Self, Result<Rendered, Rejection>)> {
        // What begins with a blank picture may have no source.
        let original = self.sources.first().map(Arc::clone);
        let source = original.as_ref().map_or(&[][..], |source| source.bytes());
        let needs = match self.needs(source) {
            Ok(needs) => needs,
            Err(why) => return Some((self, Err(why))),
        };
        let mut share = Share::of(&self.settings.budget);
        if !share.take(self.overlay_memory()) {
            return Some((self, Err(budget::spent())));
        }
        let shares = self.settings.share_decodes && self.want.shares(&needs);
        let Some(original) = original.filter(|_| shares) else {
            let rendered = if share.take(needs.memory) {
                self.render(interrupt)
            } else {
                Err(budget::spent())
            };
            return Some((self, rendered));
        };
        if !share.take(needs.memory.saturating_sub(needs.decoding)) {
            return Some((self, Err(budget::spent())));
        }
        let settings = Arc::clone(&self.settings);
        let found = original.pixels(self, needs, &settings.engine, &settings.budget);
        let (job, held) = match found {
            Found::Soon => return None,
            Found::Pixels(job, held) => (job, held),
            Found::Nothing(job, decoding, share) => {
                let held = job.decode(&original, &decoding, share, queue);
                (job, held)
            }
        };
        let rendered = held.and_then(|held| job.render_decoded(&held, interrupt));
        Some((job, rendered))
    }
}

impl Job for ImageJob {
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(mut self: Box<Self>, queue: &Queue<'_>) -> Turn {
        let interrupt = self.begin();
        let Some((job, rendered)) = self.rendered(&interrupt, queue) else {
            return Turn::Parked;
        };
        let image = rendered.map(Image::from);
        let Self {
            sources,
            tickets,
            answer,
            ..
        } = job;
        if let Some(original) = sources.first() {
            original.close();
        }
        // Who has the answer can count on the job's memory being free again, however long it takes to hear of it.
        drop((sources, tickets));
        // Nobody waits for it any more: nothing to do.
        Turn::Over(Box::new(move || drop(answer.send(image))))
    }
}

/// What the engine does, with one more try where it panics.
fn caught<T>(work: impl Fn() -> Result<T, RenderError>) -> Result<T, Rejection> {
    twice(work)
        .map_err(|Panicked| internal("a codec panicked, twice"))?
        .map_err(|error| {
            let kind = match error.kind() {
                RenderErrorKind::UnsupportedFormat => RejectionKind::UnsupportedFormat,
                RenderErrorKind::ImageTooLarge => RejectionKind::ImageTooLarge,
                RenderErrorKind::ImpossibleSize => {
                    return Rejection::bad_request(error.to_string());
                }
                RenderErrorKind::ImageCorrupt => RejectionKind::ImageCorrupt,
                RenderErrorKind::Interrupted => RejectionKind::Timeout,
                RenderErrorKind::Internal => RejectionKind::Internal,
            };
            Rejection::new(kind, error.to_string())
        })
}

fn internal(reason: &'static str) -> Rejection {
    Rejection::new(RejectionKind::Internal, reason)
}
