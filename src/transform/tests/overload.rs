//! What is refused when there is too much to do, or a codec fails.

use super::*;

/// A codec for sources that begin with `GIF`, whose `probe` is a closure.
struct Probing<F>(F);

impl<F> std::fmt::Debug for Probing<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probing")
    }
}

impl<F: Fn() + Send + Sync + 'static> Codec for Probing<F> {
    fn format(&self) -> Format {
        Format::Gif
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(b"GIF")
    }

    fn probe(&self, _source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
        (self.0)();
        Err(RenderError::new(RenderErrorKind::ImageCorrupt, "probed"))
    }

    fn decode<'a>(
        &self,
        _source: &'a [u8],
        _wanted: &Wanted,
        _limits: &Limits,
    ) -> Result<Box<dyn engine::Frames + Send + 'a>, RenderError> {
        unreachable!("probe never succeeds")
    }

    fn encode(&self, _picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        unreachable!("probe never succeeds")
    }
}

fn probing(probe: impl Fn() + Send + Sync + 'static) -> TransformLayer {
    let codecs = Codecs::new().with(Probing(probe));
    TransformLayer::new(Engine::new(codecs)).concurrency(NonZeroUsize::MIN)
}

fn gif() -> Response<Frames> {
    Response::new(Frames::data(["GIF89a"]))
}

#[tokio::test]
async fn row_95_a_codec_that_panics_is_tried_again_and_costs_one_request() {
    for (panics, expected) in [
        (1, RejectionKind::ImageCorrupt),
        (2, RejectionKind::Internal),
    ] {
        let probes = AtomicUsize::new(0);
        let layer = probing(move || {
            assert!(
                probes.fetch_add(1, Ordering::Relaxed) >= panics,
                "a codec panics"
            );
        });
        let answer = send(&layer, get(&[]), gif).await;
        assert_eq!(kind(&answer), Some(expected), "{panics}");
        assert_eq!(
            send_photo(&layer, get(&[])).await.status(),
            StatusCode::OK,
            "{panics}"
        );
    }
}

#[tokio::test]
async fn past_the_queue_the_answer_is_429() {
    let (begun, begins) = mpsc::channel();
    let (release, blocked) = mpsc::channel::<()>();
    let (begun, blocked) = (Mutex::new(begun), Mutex::new(blocked));
    let layer = probing(move || {
        begun.lock().unwrap().send(()).unwrap();
        // A test that fails must not hang.
        let _ = blocked
            .lock()
            .unwrap()
            .recv_timeout(Duration::from_secs(30));
    })
    .queue(0);

    let mut first = pin!(send(&layer, get(&[]), gif));
    // The origin answers at once, so one poll brings the job to the pool.
    assert!(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
    begins.recv().unwrap();
    // A clone has no pool of its own.
    let second = send_photo(&layer.clone(), get(&[])).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(second.headers()[RETRY_AFTER], "1");
    assert_eq!(kind(&second), Some(RejectionKind::Overloaded));

    drop(release);
    assert_eq!(kind(&first.await), Some(RejectionKind::ImageCorrupt));
}

#[tokio::test]
async fn a_layer_in_place_of_another_goes_on_with_its_threads_and_its_memory() {
    let (begun, begins) = mpsc::channel();
    let (release, blocked) = mpsc::channel::<()>();
    let (begun, blocked) = (Mutex::new(begun), Mutex::new(blocked));
    let old = probing(move || {
        begun.lock().unwrap().send(()).unwrap();
        // A test that fails must not hang.
        let _ = blocked
            .lock()
            .unwrap()
            .recv_timeout(Duration::from_secs(30));
    })
    .queue(0)
    .load_concurrency(NonZeroUsize::MIN);
    let four = NonZeroUsize::new(4).unwrap();
    let layer = || {
        TransformLayer::new(Engine::default())
            .concurrency(four)
            .queue(0)
    };
    let apart = layer();
    let new = layer()
        .queue(1)
        .memory_budget(500)
        .load_concurrency(NonZeroUsize::MIN)
        .replacing(&old);
    assert!(new.shares_threads_with(&old) && !new.shares_threads_with(&apart));
    assert_eq!(new.threads(), NonZeroUsize::MIN);

    let large = move || Response::new(Frames::data(["GIF89a".repeat(70)]));
    let mut first = pin!(send(&old, get(&[]), large));
    assert!(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
    begins.recv().unwrap();
    let usage = Usage {
        jobs_running: 1,
        jobs_waiting: 0,
        loads_running: Some(0),
        memory_used: 420,
        memory_budget: 500,
    };
    assert_eq!((new.usage(), old.usage()), (usage, usage));
    assert_eq!(apart.usage().jobs_running, 0);
    // It waits for the one thread, in the queue that is now this long.
    let mut second = pin!(send(&new, get(&[]), || Response::new(Frames::data(["?"]))));
    assert!(poll_fn(|cx| Poll::Ready(second.as_mut().poll(cx).is_pending())).await);
    assert_eq!(new.usage().jobs_waiting, 1);
    let third = send(&old, get(&[]), gif).await;
    assert_eq!(kind(&third), Some(RejectionKind::Overloaded));
    drop(release);
    assert_eq!(kind(&first.await), Some(RejectionKind::ImageCorrupt));
    assert_eq!(kind(&second.await), Some(RejectionKind::UnsupportedFormat));
    assert_eq!(new.usage().memory_used, 0);
}

#[tokio::test]
async fn sources_and_pixels_share_one_budget() {
    let len = png(6, 4).len() as u64;
    // Twice as they come and twice as they go, of four bytes each.
    let pixels = 6 * 4 * 4 * 4;
    let (begun, begins) = mpsc::channel();
    let (release, blocked) = mpsc::channel::<()>();
    let (begun, blocked) = (Mutex::new(begun), Mutex::new(blocked));
    let layer = probing(move || {
        begun.lock().unwrap().send(()).unwrap();
        // A test that fails must not hang.
        let _ = blocked
            .lock()
            .unwrap()
            .recv_timeout(Duration::from_secs(30));
    })
    .memory_budget(len + pixels);

    let large = move || Response::new(Frames::data(["GIF89a".repeat(70)]));
    let mut first = pin!(send(&layer, get(&[]), large));
    assert!(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
    begins.recv().unwrap();
    // The first is 420 bytes, held until it is made.
    let second = send_photo(&layer, get(&[])).await;
    assert_eq!(kind(&second), Some(RejectionKind::Overloaded));
    assert_eq!(second.headers()[RETRY_AFTER], "1");
    drop(release);
    first.await;
    assert_eq!(send_photo(&layer, get(&[])).await.status(), StatusCode::OK);
}
