//! What is refused when there is too much to do, or a codec fails.

use super::canvas::{Made, Origin, all_run, spawn};
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
    let (layer, release, begins) = busy();
    let layer = layer.queue(0);
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

/// A layer whose only thread is busy until the sender is dropped, and what hears of each image that is begun.
fn busy() -> (TransformLayer, mpsc::Sender<()>, mpsc::Receiver<()>) {
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
    });
    (layer, release, begins)
}

/// Requests for an image each, of an origin that has yet to answer, beside one that takes the only thread.
struct Crowd {
    layer: TransformLayer,
    origin: Origin,
    running: Made,
    asked: Vec<Made>,
    release: mpsc::Sender<()>,
    _begins: mpsc::Receiver<()>,
}

async fn crowd(queue: usize, origin: Origin, names: &[&str]) -> Crowd {
    let (layer, release, begins) = busy();
    let layer = layer.queue(queue);
    let of = |name: &str| wanted(&ImageRequest::new(name, Recipe::default()), &[]);
    let running = spawn(&layer.layer(Origin::open()), of("running"));
    all_run().await;
    begins.recv().unwrap();
    // It takes longer than a load, as far as that is known.
    std::thread::sleep(Duration::from_millis(20));
    let service = layer.layer(origin.clone());
    let asked = names.iter().map(|name| spawn(&service, of(name)));
    let asked = asked.collect();
    all_run().await;
    Crowd {
        layer,
        origin,
        running,
        asked,
        release,
        _begins: begins,
    }
}

#[tokio::test]
async fn while_images_wait_no_more_is_loaded_than_there_are_places() {
    let crowd = crowd(2, Origin::closed(), &["a", "b", "c", "d", "e", "f", "g"]).await;
    // The others wait: there may be room by the time that these have come.
    assert_eq!(crowd.origin.calls(), 2);
    assert!(crowd.asked.iter().all(|asked| !asked.is_finished()));
    crowd.origin.answer();
    all_run().await;
    let refused = crowd.asked.iter().filter(|asked| asked.is_finished());
    assert_eq!((refused.count(), crowd.origin.calls()), (5, 2));
    drop(crowd.release);
    for (index, asked) in crowd.asked.into_iter().enumerate() {
        let expected = if index < 2 {
            RejectionKind::ImageCorrupt
        } else {
            RejectionKind::Overloaded
        };
        assert_eq!(kind(&asked.await.unwrap()), Some(expected), "{index}");
    }
}

#[tokio::test]
async fn what_waits_is_loaded_shortly_before_its_turn() {
    let names: Vec<String> = (0..20).map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let crowd = crowd(15, Origin::open(), &names).await;
    // Four for the one thread. The others have places in the queue, or are refused without being loaded.
    assert_eq!(crowd.origin.calls(), 4);
    let refused = |asked: &Made| asked.is_finished();
    let firsts = crowd.asked.iter().position(refused);
    assert_eq!(firsts, Some(15));
    assert!(crowd.asked[15..].iter().all(refused));
    drop(crowd.release);
    for (index, asked) in crowd.asked.into_iter().enumerate() {
        let expected = if index < 15 {
            RejectionKind::ImageCorrupt
        } else {
            RejectionKind::Overloaded
        };
        assert_eq!(kind(&asked.await.unwrap()), Some(expected), "{index}");
    }
    assert_eq!(crowd.origin.calls(), 15);
}

#[tokio::test]
async fn where_the_next_image_has_yet_to_come_all_with_a_place_may_load() {
    let names: Vec<String> = (0..20).map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let crowd = crowd(15, Origin::closed(), &names).await;
    assert_eq!(crowd.origin.calls(), 15);
    assert!(crowd.asked.iter().all(|asked| !asked.is_finished()));
}

#[tokio::test]
async fn who_leaves_the_line_makes_room() {
    let mut crowd = crowd(6, Origin::open(), &["a", "b", "c", "d", "e", "f"]).await;
    assert_eq!(crowd.origin.calls(), 4);
    let usage = crowd.layer.usage();
    assert_eq!((usage.jobs_running, usage.jobs_waiting), (1, 6));
    let last = crowd.asked.remove(5);
    last.abort();
    assert!(last.await.unwrap_err().is_cancelled());
    assert_eq!(crowd.layer.usage().jobs_waiting, 5);
    drop(crowd.release);
    for asked in crowd.asked {
        let answer = asked.await.unwrap();
        assert_eq!(kind(&answer), Some(RejectionKind::ImageCorrupt));
    }
    let usage = crowd.layer.usage();
    assert_eq!((usage.jobs_waiting, usage.loads_running), (0, 0));
}

#[tokio::test]
async fn an_image_of_several_sources_takes_one_place() {
    let crowd = crowd(6, Origin::open(), &["a", "b", "c", "d"]).await;
    assert_eq!(crowd.layer.usage().jobs_waiting, 4);
    let service = crowd.layer.layer(crowd.origin.clone());
    let image = ImageRequest {
        sources: ["e", "f", "g", "h"].map(Box::from).into(),
        ..ImageRequest::default()
    };
    let several = spawn(&service, wanted(&image, &[]));
    all_run().await;
    assert!(!several.is_finished());
    assert_eq!(crowd.layer.usage().jobs_waiting, 5);
    drop(crowd.release);
    assert_eq!(
        kind(&several.await.unwrap()),
        Some(RejectionKind::ImageCorrupt)
    );
}

#[tokio::test]
async fn what_needs_no_image_job_is_answered_while_the_queue_is_full() {
    let (layer, release, begins) = busy();
    let layer = layer.queue(0);
    let running = spawn(
        &layer.layer(Origin::open()),
        wanted(&ImageRequest::new("running", Recipe::default()), &[]),
    );
    all_run().await;
    begins.recv().unwrap();
    let mut document = ImageRequest::default();
    document.recipe.output.answer = crate::recipe::Answer::Document("{}".into());
    let answer = spawn(&layer.layer(Origin::open()), wanted(&document, &[]));
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    drop(release);
    assert_eq!(
        kind(&running.await.unwrap()),
        Some(RejectionKind::ImageCorrupt)
    );
}

#[tokio::test]
async fn where_a_thread_has_nothing_to_do_all_may_load() {
    let crowd = crowd(2, Origin::closed(), &["a", "b", "c", "d", "e", "f", "g"]).await;
    assert_eq!(crowd.origin.calls(), 2);
    drop(crowd.release);
    crowd.running.await.unwrap();
    all_run().await;
    assert_eq!(crowd.origin.calls(), 7);
}

#[tokio::test]
async fn a_load_that_is_given_up_makes_place_for_another() {
    let mut crowd = crowd(1, Origin::closed(), &["a", "b"]).await;
    assert_eq!(crowd.origin.calls(), 1);
    let first = crowd.asked.remove(0);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    all_run().await;
    assert_eq!(crowd.origin.calls(), 2);
    crowd.origin.answer();
    drop(crowd.release);
    for asked in crowd.asked {
        let answer = asked.await.unwrap();
        assert_eq!(kind(&answer), Some(RejectionKind::ImageCorrupt));
    }
}

#[tokio::test]
async fn a_layer_in_place_of_another_goes_on_with_its_threads_and_its_memory() {
    let (old, release, begins) = busy();
    let old = old.queue(0).load_concurrency(NonZeroUsize::MIN);
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
        loads_running: 0,
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
