//! A source that has come, and what is decoded of it: once for all requests that are in flight for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use super::budget::{self, Budget, Share};
use super::origin::{Said, Sharing, Source};
use super::pool::{BoxedJob, Job, Loading};
use crate::engine::{Decoded, Engine, Interrupt, Needs, RenderError};
use crate::guard::Rejection;
use crate::joint::lock;
use crate::recipe::{Answer, Metadata, Recipe};

/// What a request wants to be made of a source.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) recipe: Recipe,
    /// Comes when the request has no more time, or is gone.
    pub(super) interrupt: Interrupt,
    needs: OnceLock<Result<Needs, RenderError>>,
}

impl Want {
    pub(super) fn new(recipe: Recipe, interrupt: Interrupt) -> Self {
        Self {
            recipe,
            interrupt,
            needs: OnceLock::new(),
        }
    }

    /// What it needs of the source. Every call is for the same one, and it is read once.
    pub(super) fn needs(&self, engine: &Engine, source: &[u8]) -> Result<Needs, RenderError> {
        let needs = || engine.needs(source, &self.recipe);
        self.needs.get_or_init(needs).clone()
    }

    /// Whether it is an image made of pixels that serve others too: not of frames, pages, or a drawing of its own, and without
    /// what else is in the source.
    pub(super) fn shares(&self, needs: &Needs) -> bool {
        let Recipe { input, output, .. } = &self.recipe;
        !needs.animated
            && input.page.is_none()
            && input.density.is_none()
            && input.blank.is_none()
            && output.answer == Answer::Image
            && output.metadata == Metadata::Strip
    }
}

/// What all requests want that are in flight for a source.
#[derive(Debug, Default)]
pub(super) struct Wants(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    wants: Vec<Weak<Want>>,
    closed: bool,
}

impl Wants {
    /// Takes one more in; `false` where it has come too late.
    pub(super) fn join(&self, want: Option<&Arc<Want>>) -> bool {
        let mut list = lock(&self.0);
        if list.closed {
            return false;
        }
        if list.wants.len() == list.wants.capacity() {
            list.wants.retain(|want| want.strong_count() > 0);
        }
        list.wants.extend(want.map(Arc::downgrade));
        true
    }

    /// From now on all come too late: they need a source that is loaded anew.
    pub(super) fn close(&self) {
        lock(&self.0).closed = true;
    }

    fn current(&self) -> Vec<Arc<Want>> {
        let wants = lock(&self.0);
        wants.wants.iter().filter_map(Weak::upgrade).collect()
    }
}

/// A source that has come.
pub(super) struct Original {
    source: Source,
    loading: Mutex<Option<Loading>>,
    wants: Arc<Wants>,
    /// The last decoding of it, which has more pixels than any before.
    decoding: Mutex<Option<Arc<Decoding>>>,
}

/// A decoding that is under way or done.
pub(super) struct Decoding {
    scale: f64,
    progress: Mutex<Progress>,
}

enum Progress {
    /// With those that wait for it.
    Running(Vec<BoxedJob>),
    Done(Result<Arc<Held>, Rejection>),
}

/// Pixels, and their part of the memory.
pub(super) struct Held {
    pub(super) decoded: Decoded,
    _share: Share,
}

/// What there is for a job that needs pixels.
pub(super) enum Found<J> {
    /// The pixels.
    Pixels(J, Result<Arc<Held>, Rejection>),
    /// It has to decode them, for the others too.
    Nothing(J, Arc<Decoding>, Share),
    /// They are on their way. The job was kept.
    Soon,
}

impl Original {
    pub(super) fn new((source, loading): (Source, Loading), wants: &Arc<Wants>) -> Arc<Self> {
        Arc::new(Self {
            source,
            loading: Mutex::new(Some(loading)),
            wants: Arc::clone(wants),
            decoding: Mutex::default(),
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    /// Its load, which is over when this is dropped.
    pub(super) fn loading(&self) -> Option<Loading> {
        lock(&self.loading).take()
    }

    pub(super) fn sharing(&self) -> Sharing {
        self.source.sharing
    }

    pub(super) fn said(&self) -> &Said {
        &self.source.said
    }

    /// From now on no request joins those in flight for this source.
    pub(super) fn close(&self) {
        self.wants.close();
    }

    /// Pixels that serve `needs`.
    pub(super) fn pixels<J: Job + 'static>(
        &self,
        job: J,
        needs: Needs,
        engine: &Engine,
        budget: &Arc<Budget>,
    ) -> Found<J> {
        let mut last = lock(&self.decoding);
        if let Some(decoding) = last.as_ref().filter(|last| last.scale >= needs.scale) {
            return match &mut *lock(&decoding.progress) {
                Progress::Running(waiting) => {
                    waiting.push(Box::new(job));
                    Found::Soon
                }
                Progress::Done(result) => Found::Pixels(job, result.clone()),
            };
        }
        let largest = self.largest(needs, engine);
        let mut share = Share::of(budget);
        let scale = if share.take(largest.decoding) {
            largest.scale
        } else if share.take(needs.decoding) {
            needs.scale
        } else {
            return Found::Pixels(job, Err(budget::spent()));
        };
        let decoding = Arc::new(Decoding {
            scale,
            progress: Mutex::new(Progress::Running(Vec::new())),
        });
        *last = Some(Arc::clone(&decoding));
        Found::Nothing(job, decoding, share)
    }

    /// The most that anybody needs who waits now.
    fn largest(&self, own: Needs, engine: &Engine) -> Needs {
        let wants = self.wants.current();
        let waiting = wants.iter().filter(|want| want.interrupt.check().is_ok());
        let needs = waiting.filter_map(|want| {
            // What panics here panics again in its own turn, and is that one's to report.
            let needs = catch_unwind(AssertUnwindSafe(|| want.needs(engine, self.bytes())));
            needs.ok()?.ok().filter(|needs| want.shares(needs))
        });
        needs.fold(own, |most, needs| {
            if needs.scale > most.scale {
                needs
            } else {
                most
            }
        })
    }
}

impl Decoding {
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// Says what came of it. Those that waited are to be resumed.
    pub(super) fn finish(
        &self,
        decoded: Result<Decoded, Rejection>,
        mut share: Share,
    ) -> (Result<Arc<Held>, Rejection>, Vec<BoxedJob>) {
        let result = decoded.map(|decoded| {
            share.keep(decoded.bytes());
            Arc::new(Held {
                decoded,
                _share: share,
            })
        });
        let before = std::mem::replace(&mut *lock(&self.progress), Progress::Done(result.clone()));
        let waiting = match before {
            Progress::Running(waiting) => waiting,
            Progress::Done(_) => Vec::new(),
        };
        (result, waiting)
    }
}
