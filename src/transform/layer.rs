use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use http::header::{HOST, HeaderName};
use http::request;
use tower_layer::Layer;

use super::TransformService;
use super::budget::Budget;
use super::pool::Pool;
use super::service::prepare;
use super::settings::Settings;
use crate::engine::Engine;
use crate::guard::{Empty, Rejection};
use crate::mount::MountPath;
use crate::recipe::Format;
use crate::timer::Timer;

const MIB: u64 = 1024 * 1024;

/// Makes images of what the inner service answers with. See the [module docs](super) for the rules and an example.
///
/// Clones, and all the services that they make, share one pool of threads and one
/// memory budget.
#[must_use = "a layer does nothing until it wraps a service"]
#[derive(Clone)]
pub struct TransformLayer<R = Empty> {
    settings: Arc<Settings>,
    responder: R,
}

impl TransformLayer {
    /// A layer that makes images with `engine`, everywhere, and refuses with the status and no body.
    pub fn new(engine: Engine) -> Self {
        let cores = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            settings: Arc::new(Settings {
                engine: Arc::new(engine),
                pool: Arc::new(Pool::new(cores, 100, usize::MAX)),
                mount: MountPath::root(),
                auto_format: Box::default(),
                max_source_bytes: 50 * MIB,
                budget: Arc::new(Budget::new(512 * MIB)),
                max_age: None,
                forwarded: Arc::new([]),
                timer: Arc::new(Timer::new()),
                request_timeout: None,
                load_timeout: None,
                process_timeout: None,
                share_decodes: true,
            }),
            responder: Empty,
        }
    }
}

impl<R> TransformLayer<R> {
    /// Where the images live; outside, the layer does nothing. The root by default.
    pub fn at(mut self, mount: MountPath) -> Self {
        self.settings_mut().mount = mount;
        self
    }

    /// The formats to try against `Accept`, in this order, where the URL leaves the format open. None by default.
    ///
    /// # Errors
    ///
    /// [`UnwritableFormats`] where the engine has no codec that writes one of them, so that it could never be sent.
    pub fn auto_format(
        mut self,
        order: impl IntoIterator<Item = Format>,
    ) -> Result<Self, UnwritableFormats> {
        let order: Box<[Format]> = order.into_iter().collect();
        let engine = &self.settings.engine;
        let formats: Vec<Format> = order
            .iter()
            .copied()
            .filter(|&format| !engine.can_encode(format))
            .collect();
        if !formats.is_empty() {
            return Err(UnwritableFormats { formats });
        }
        self.settings_mut().auto_format = order;
        Ok(self)
    }

    /// The most bytes that a source may have, counted as they come. 50 MiB by default.
    pub fn max_source_bytes(mut self, bytes: u64) -> Self {
        self.settings_mut().max_source_bytes = bytes;
        self
    }

    /// The most bytes of memory that all requests together may take: those of the sources from when they are announced or
    /// come to when their images are made, and those of the pixels, as planned, from when they are decoded. Past it,
    /// requests are refused; so is one that needs more than all of it. 512 MiB by default.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.settings_mut().budget = Arc::new(Budget::new(bytes));
        self
    }

    /// How many images are made at a time, on a thread each. By default as many as there are cores.
    pub fn concurrency(self, jobs: NonZeroUsize) -> Self {
        self.with_pool(|pool| Pool::new(jobs, pool.queue(), pool.loads()))
    }

    /// How many images may wait to be made; one more is refused. 100 by default; with 0, none waits. While all threads are
    /// busy, only the sources of the next images are loaded: as many as keep the threads busy, by how long loads take.
    pub fn queue(self, jobs: usize) -> Self {
        self.with_pool(|pool| Pool::new(pool.threads(), jobs, pool.loads()))
    }

    /// How many sources are loaded at a time; more wait for their turn. No limit by default.
    pub fn load_concurrency(self, loads: NonZeroUsize) -> Self {
        self.with_pool(|pool| Pool::new(pool.threads(), pool.queue(), loads.get()))
    }

    /// How long a request may take, until its answer is there. Waiting for a load, in the queue, and for others counts.
    /// No limit by default.
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().request_timeout = Some(limit);
        self
    }

    /// How long a source may take to come, from when the inner service is asked. No limit by default.
    pub fn load_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().load_timeout = Some(limit);
        self
    }

    /// How long making an image may take, from when its turn comes. Its answer comes in time; its thread is free again
    /// when the pass over the pixels that it is at ends. No limit by default.
    pub fn process_timeout(mut self, limit: Duration) -> Self {
        self.settings_mut().process_timeout = Some(limit);
        self
    }

    /// Whether requests that are in flight together for one source share its pixels, decoded once for the largest of
    /// them. On by default.
    ///
    /// A smaller image is then made of more pixels than it would be alone: no worse, but of a format that is decoded
    /// only as large as needed (JPEG), its bytes and so its `ETag` depend on what was in flight beside it. Off, they
    /// depend on the URL and the source alone, for instances whose caches must agree; the source is still loaded once.
    pub fn share_decodes(mut self, share: bool) -> Self {
        self.settings_mut().share_decodes = share;
        self
    }

    /// How long caches may keep an image without asking again, in whole seconds. By default they must ask each time
    /// (`no-cache`), and are answered 304 where nothing changed.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.settings_mut().max_age = Some(max_age);
        self
    }

    /// The headers of the client's request that the inner service is asked with, too. None by default. What is made of the
    /// answer varies on them: requests that differ in one share nothing, and `Vary` names them.
    pub fn forward_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.settings_mut().forwarded = names.into_iter().filter(|name| *name != HOST).collect();
        self
    }

    /// Goes on where an `old` layer stops, as when a server reads its rules anew: on its threads, after what waits for
    /// them, and with the memory that it has given out. The queue, the number of loads, the memory budget and all else are
    /// this layer's, from now on for the old one too; the number of threads is the old one's.
    pub fn replacing<R2>(mut self, old: &TransformLayer<R2>) -> Self {
        let settings = self.settings_mut();
        let old = &old.settings;
        old.pool.set_queue(settings.pool.queue());
        old.pool.set_loads(settings.pool.loads());
        settings.pool = Arc::clone(&old.pool);
        old.budget.set_limit(settings.budget.limit());
        settings.budget = Arc::clone(&old.budget);
        settings.timer = Arc::clone(&old.timer);
        self
    }

    /// Whether both make their images on the same threads, as clones do.
    pub fn shares_threads_with<R2>(&self, other: &TransformLayer<R2>) -> bool {
        Arc::ptr_eq(&self.settings.pool, &other.settings.pool)
    }

    /// How many images are made at a time.
    pub fn threads(&self) -> NonZeroUsize {
        self.settings.pool.threads()
    }

    /// What the layer and its clones are at.
    pub fn usage(&self) -> Usage {
        let Settings { pool, budget, .. } = &*self.settings;
        let (jobs_running, jobs_waiting) = pool.usage();
        Usage {
            jobs_running,
            jobs_waiting,
            loads_running: pool.loads_running(),
            memory_used: budget.taken(),
            memory_budget: budget.limit(),
        }
    }

    /// The headers that [`forward_headers`](Self::forward_headers) names.
    pub fn forwarded_headers(&self) -> &[HeaderName] {
        &self.settings.forwarded
    }

    /// The same layer with another wording of its refusals, as
    /// [`GuardLayer::with_responder`](crate::guard::GuardLayer::with_responder) has it.
    pub fn with_responder<R2>(self, responder: R2) -> TransformLayer<R2> {
        TransformLayer {
            settings: self.settings,
            responder,
        }
    }

    #[cfg(feature = "cache")]
    pub(crate) fn mount(&self) -> &MountPath {
        &self.settings.mount
    }

    #[cfg(feature = "cache")]
    pub(crate) fn engine(&self) -> &Engine {
        &self.settings.engine
    }

    /// How long a request may take.
    #[cfg(feature = "cache")]
    pub(crate) fn time(&self) -> Option<Duration> {
        self.settings.request_timeout
    }

    /// Whether a request behind a [`DialectLayer`](crate::dialect::DialectLayer) gets as far as the origin, for who judges a
    /// request without sending it: as a guard's [`check`](crate::guard::Guard::check) does. That there is no room is not
    /// considered.
    ///
    /// # Errors
    ///
    /// What the request would be refused for: a format that the engine cannot write, too many sources.
    pub fn check(&self, head: &request::Parts) -> Result<(), Rejection> {
        prepare(head, &self.settings).map(drop)
    }

    /// The formats that [`auto_format`](Self::auto_format) names.
    pub fn auto_formats(&self) -> &[Format] {
        &self.settings.auto_format
    }

    /// All settings that have a say in an image, or in what is said of it.
    #[cfg(feature = "cache")]
    pub(crate) fn write_key(&self, sink: &mut crate::recipe::key::Sink) {
        use crate::recipe::key::WriteKey as _;
        let Settings {
            engine,
            auto_format,
            max_age,
            share_decodes,
            // Where the images live is part of no image, and these decide only whether there is one.
            mount: _,
            pool: _,
            max_source_bytes: _,
            budget: _,
            // Their values are the request's.
            forwarded: _,
            timer: _,
            request_timeout: _,
            load_timeout: _,
            process_timeout: _,
        } = &*self.settings;
        engine.write_key(sink);
        auto_format.is_empty().write_key(sink);
        max_age.map(|max_age| max_age.as_secs()).write_key(sink);
        share_decodes.write_key(sink);
    }

    fn with_pool(mut self, pool: impl FnOnce(&Pool) -> Pool) -> Self {
        let pool = pool(&self.settings.pool);
        self.settings_mut().pool = Arc::new(pool);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl<R> fmt::Debug for TransformLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransformLayer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<S, R: Clone> Layer<S> for TransformLayer<R> {
    type Service = TransformService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        TransformService {
            inner,
            settings: Arc::clone(&self.settings),
            responder: self.responder.clone(),
            inflight: Arc::default(),
        }
    }
}

/// What a [`TransformLayer`] and its clones are at, at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Images that are being made.
    pub jobs_running: usize,
    /// Images that wait to be made, with those whose sources are not loaded yet because of these.
    pub jobs_waiting: usize,
    /// Sources that are being loaded.
    pub loads_running: usize,
    /// Bytes of the [memory budget](TransformLayer::memory_budget) that are taken.
    pub memory_used: u64,
    /// All of it.
    pub memory_budget: u64,
}

/// Formats that the engine has no codec to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnwritableFormats {
    formats: Vec<Format>,
}

impl UnwritableFormats {
    /// The formats, in the order in which they were asked for.
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }
}

impl fmt::Display for UnwritableFormats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the engine cannot write ")?;
        for (index, format) in self.formats.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{format}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnwritableFormats {}
