use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::PlaceholderService;
use crate::cache::{Cache, CacheLayer, CacheService};
use crate::engine::{Engine, RenderError};
use crate::guard::{Empty, RejectionKind};
use crate::mount::MountPath;
use crate::timer::Timer;
use crate::transform::{ImageBody, TransformLayer, TransformService};

/// How many bytes of placeholders are kept.
const KEPT: u64 = 16 * 1024 * 1024;

/// What the origin of placeholders is asked for.
pub(super) const NAME: &str = "placeholder";

/// Answers with images of your own where there is none. See the [module docs](super) for the rules and an example.
#[must_use = "a layer does nothing until it wraps a service"]
#[derive(Clone)]
pub struct PlaceholderLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(super) struct Settings {
    transform: TransformLayer,
    pub(super) mount: MountPath,
    pub(super) time: Option<Duration>,
    pub(super) timer: Arc<Timer>,
    /// What is made of all placeholders.
    cache: Cache,
    makers: Vec<(RejectionKind, Bytes, Maker)>,
}

/// Makes, and keeps, what is made of a placeholder.
pub(super) type Maker = CacheService<TransformService<Held>>;

impl Settings {
    pub(super) fn maker(&self, kind: RejectionKind) -> Option<&Maker> {
        let mut makers = self.makers.iter();
        makers
            .find(|(other, ..)| *other == kind)
            .map(|(.., maker)| maker)
    }

    fn add(&mut self, kind: RejectionKind, image: Bytes) {
        let keep = CacheLayer::new(&self.cache, kind.code(), &self.transform);
        let held = self.transform.layer(Held(image.clone()));
        let maker = keep.origin_headers([]).layer(held);
        self.makers.retain(|(other, ..)| *other != kind);
        self.makers.push((kind, image, maker));
    }
}

impl PlaceholderLayer {
    /// The kinds of refusals that may be answered with an image: those of an original, and of what is made of it.
    pub const KINDS: &[RejectionKind] = &[
        RejectionKind::NotFound,
        RejectionKind::UnsupportedFormat,
        RejectionKind::SourceTooLarge,
        RejectionKind::ImageTooLarge,
        RejectionKind::ImageCorrupt,
        RejectionKind::OriginFailed,
        RejectionKind::Timeout,
    ];

    /// A layer in front of `transform`, as it is set up now, that has no images yet. They are made with its settings, on its
    /// threads, and within its limits.
    pub fn new<R: Clone>(transform: &TransformLayer<R>) -> Self {
        // The client's headers have no say in a placeholder.
        let transform = transform.clone().with_responder(Empty).forward_headers([]);
        Self {
            settings: Arc::new(Settings {
                mount: transform.mount().clone(),
                time: transform.time(),
                timer: Arc::new(Timer::new()),
                transform,
                cache: Cache::in_memory(KEPT),
                makers: Vec::new(),
            }),
        }
    }

    /// An image for a kind of refusal, instead of any before.
    ///
    /// # Errors
    ///
    /// [`InvalidPlaceholder`] where the kind is none of [`KINDS`](Self::KINDS), or `image` is no image that the engine of
    /// the `TransformLayer` reads, within its limits.
    pub fn image(
        mut self,
        kind: RejectionKind,
        image: impl Into<Bytes>,
    ) -> Result<Self, InvalidPlaceholder> {
        if !Self::KINDS.contains(&kind) {
            return Err(InvalidPlaceholder { kind, image: None });
        }
        let image = image.into();
        let settings = Arc::make_mut(&mut self.settings);
        let engine: &Engine = settings.transform.engine();
        engine.probe(&image).map_err(|error| InvalidPlaceholder {
            kind,
            image: Some(error),
        })?;
        settings.add(kind, image);
        Ok(self)
    }

    /// The same images in front of another layer, such as one that is
    /// [on the threads of a third](TransformLayer::replacing), whose engine reads what that of the first did.
    pub fn in_front_of<R: Clone>(self, transform: &TransformLayer<R>) -> Self {
        let mut layer = Self::new(transform);
        let settings = Arc::make_mut(&mut layer.settings);
        for (kind, image, _) in &self.settings.makers {
            settings.add(*kind, image.clone());
        }
        layer
    }
}

impl fmt::Debug for PlaceholderLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.settings.makers.iter().map(|(kind, ..)| kind).collect();
        f.debug_struct("PlaceholderLayer")
            .field("mount", &self.settings.mount)
            .field("kinds", &kinds)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for PlaceholderLayer {
    type Service = PlaceholderService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PlaceholderService {
            inner,
            settings: Arc::clone(&self.settings),
        }
    }
}

/// An origin of one image.
#[derive(Clone)]
pub(super) struct Held(Bytes);

impl Service<Request<()>> for Held {
    type Response = Response<ImageBody<String>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<()>) -> Self::Future {
        ready(Ok(Response::new(ImageBody::from(self.0.clone()))))
    }
}

/// Why an image is no placeholder.
#[derive(Clone, Debug)]
pub struct InvalidPlaceholder {
    kind: RejectionKind,
    /// `None`: it is the kind that is wrong.
    image: Option<RenderError>,
}

impl InvalidPlaceholder {
    /// The kind of refusal that it was for.
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }
}

impl fmt::Display for InvalidPlaceholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.image {
            Some(error) => write!(f, "no placeholder can be made of it: {error}"),
            None => write!(f, "{:?} is not answered with an image", self.kind.code()),
        }
    }
}

impl std::error::Error for InvalidPlaceholder {}
