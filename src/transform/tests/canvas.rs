//! A codec and an origin that count what they are asked for.

use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::engine::{Layout, Picture, Still};
use crate::recipe::{Resize, ResizeMode, Step};

/// The side of the images that [`Canvas`] decodes.
const SIDE: u32 = 64;

/// What a [`Canvas`] was asked to do.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) scales: Mutex<Vec<f64>>,
    pub(super) encoded: AtomicUsize,
}

impl Seen {
    pub(super) fn decodes(&self) -> usize {
        self.scales.lock().unwrap().len()
    }
}

/// A codec for sources that begin with `GIF`: always the same picture, decoded in steps of an eighth, after `decodes`
/// was called. It writes the samples as they are.
pub(super) struct Canvas<F> {
    seen: Arc<Seen>,
    decodes: F,
}

impl<F> std::fmt::Debug for Canvas<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canvas")
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is small and positive"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

fn eighths(scale: f64) -> f64 {
    (scale * 8.0).ceil().clamp(1.0, 8.0) / 8.0
}

impl<F: Fn(usize) + Send + Sync + 'static> Codec for Canvas<F> {
    fn format(&self) -> Format {
        Format::Gif
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(b"GIF")
    }

    fn probe(&self, _source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
        Ok(Probe::new(Format::Gif, SIDE, SIDE))
    }

    fn decoded_scale(&self, scale: f64) -> f64 {
        eighths(scale)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        _limits: &Limits,
    ) -> Result<Box<dyn engine::Frames + Send + 'a>, RenderError> {
        let count = {
            let mut scales = self.seen.scales.lock().unwrap();
            scales.push(wanted.scale);
            scales.len()
        };
        (self.decodes)(count);
        if source.ends_with(b"corrupt") {
            return Err(RenderError::new(RenderErrorKind::ImageCorrupt, "corrupt"));
        }
        let side = whole(f64::from(SIDE) * eighths(wanted.scale));
        let at = |place: u32| (f64::from(place) + 0.5) / f64::from(side);
        let wave = |at: f64| u8::try_from(whole(127.5 + 120.0 * (at * 9.0).sin())).unwrap();
        let samples = (0..side * side).flat_map(|n| {
            let (x, y) = (at(n % side), at(n / side));
            [wave(x), wave(y), wave(x * y)]
        });
        let picture = Picture::new(side, side, Layout::Rgb, samples.collect())?;
        Ok(Box::new(Still::new(picture)))
    }

    fn encode(&self, picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        self.seen.encoded.fetch_add(1, Ordering::Relaxed);
        let Pixels::Packed(picture) = picture else {
            return Err(RenderError::new(RenderErrorKind::Internal, "planes"));
        };
        Ok(picture.data().to_vec())
    }
}

/// A layer that reads and writes by a [`Canvas`].
pub(super) fn canvas(
    decodes: impl Fn(usize) + Send + Sync + 'static,
) -> (TransformLayer, Arc<Seen>) {
    let seen = Arc::<Seen>::default();
    let codec = Canvas {
        seen: Arc::clone(&seen),
        decodes,
    };
    let layer = TransformLayer::new(Engine::new(Codecs::new().with(codec)));
    (layer.concurrency(NonZeroUsize::new(2).unwrap()), seen)
}

/// An origin that counts, and answers when it is let.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) calls: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
    dropped: Arc<AtomicUsize>,
    pub(super) header: Option<(&'static str, &'static str)>,
    pub(super) body: &'static str,
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Origin {
    pub(super) fn closed() -> Self {
        Self {
            calls: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            dropped: Arc::default(),
            header: None,
            body: "GIF89a",
        }
    }

    pub(super) fn open() -> Self {
        let origin = Self::closed();
        origin.answer();
        origin
    }

    pub(super) fn answer(&self) {
        self.gate.close();
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Those that came to an end, or were dropped.
    pub(super) fn over(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Service<Request<Frames>> for Origin {
    type Response = Response<Frames>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Frames>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Frames>) -> Self::Future {
        let origin = self.clone();
        origin.calls.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(&origin.dropped));
        Box::pin(async move {
            let _counted = counted;
            // Closed is open here.
            let _ = origin.gate.acquire().await;
            let mut response = Response::new(Frames::data([origin.body]));
            if request.uri().path().contains("missing") {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            if let Some((name, value)) = origin.header {
                let value = HeaderValue::from_static(value);
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        })
    }
}

pub(super) fn of_width(width: u32) -> Request<Frames> {
    let mut recipe = Recipe::default();
    let resize = Resize::to(width, width, ResizeMode::Fit);
    recipe.steps.push(Step::Resize(resize));
    wanted(&ImageRequest::new("photo.gif", recipe), &[])
}

pub(super) type Made = JoinHandle<Answer>;

pub(super) fn spawn<S>(service: &S, request: Request<Frames>) -> Made
where
    S: Service<Request<Frames>, Response = Answer, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let service = service.clone();
    tokio::spawn(async move { service.oneshot(request).await.unwrap() })
}

/// Lets every other task run once.
pub(super) async fn all_run() {
    for _ in 0..4 {
        yield_now().await;
    }
}
