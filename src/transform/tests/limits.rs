//! Limits on time, memory and loads, and what is left when nobody waits any more.

use std::thread;

use super::canvas::{Origin, Seen, all_run, canvas, of_width, spawn};
use super::*;

/// Soon, for a limit that is to be met; never an assertion.
const SOON: Duration = Duration::from_millis(5);
const LATE: Duration = Duration::from_secs(3600);

/// A layer with one thread whose first decode blocks until the sender is dropped, and a receiver that hears when it begins.
fn blocked() -> (
    TransformLayer,
    Arc<Seen>,
    mpsc::Sender<()>,
    mpsc::Receiver<()>,
) {
    let (begun, begins) = mpsc::channel();
    let (release, blocked) = mpsc::channel::<()>();
    let (begun, blocked) = (Mutex::new(begun), Mutex::new(blocked));
    let (layer, seen) = canvas(move |count| {
        if count == 1 {
            begun.lock().unwrap().send(()).unwrap();
            // A test that fails must not hang.
            let _ = blocked
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_secs(30));
        }
    });
    let layer = layer.concurrency(NonZeroUsize::MIN);
    (layer, seen, release, begins)
}

#[tokio::test]
async fn an_origin_that_does_not_answer_costs_no_more_than_the_limit() {
    let (layer, _) = canvas(|_| ());
    let limits = [
        layer.clone().request_timeout(SOON).load_timeout(LATE),
        layer.clone().request_timeout(Duration::ZERO),
        layer.clone().request_timeout(LATE).load_timeout(SOON),
        layer.clone().load_timeout(Duration::ZERO),
    ];
    for layer in limits {
        let origin = Origin::closed();
        let service = layer.layer(origin.clone());
        for made in [8, 16].map(|width| spawn(&service, of_width(width))) {
            let answer = made.await.unwrap();
            assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT, "{layer:?}");
            assert_eq!(kind(&answer), Some(RejectionKind::Timeout));
        }
        // What was asked for is asked for no more.
        assert_eq!(origin.over(), origin.calls());
    }
}

/// A body that begins and never ends.
#[derive(Debug, Default)]
struct Drip(bool);

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"GIF")))))
    }
}

#[tokio::test]
async fn row_93_a_source_that_drips_is_a_timeout() {
    let drip =
        service_fn(|_: Request<Drip>| async { Ok::<_, Infallible>(Response::new(Drip(false))) });
    let service = canvas(|_| ()).0.load_timeout(SOON).layer(drip);
    let request = of_width(8).map(|_| Drip::default());
    let answer = service.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn no_limit_comes_before_it_is_due() {
    let (layer, _) = canvas(|_| ());
    for limit in [LATE, Duration::MAX] {
        let layer = layer.clone().request_timeout(limit).load_timeout(limit);
        let service = layer.process_timeout(limit).layer(Origin::open());
        let answer = service.oneshot(of_width(8)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_image_that_takes_too_long_is_answered_while_its_codec_is_still_at_it() {
    for shared in [true, false] {
        let (layer, seen, release, begins) = blocked();
        let layer = layer.process_timeout(SOON).share_decodes(shared);
        let service = layer.layer(Origin::open());
        let made = spawn(&service, of_width(8));
        let answer = made.await.unwrap();
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        // On a busy machine the time may be over before the codec begins.
        let _ = begins.recv_timeout(Duration::from_secs(1));
        drop(release);
        // It was not gone on with.
        let next = spawn(
            &layer.process_timeout(LATE).layer(Origin::open()),
            of_width(4),
        );
        assert_eq!(next.await.unwrap().status(), StatusCode::OK);
        assert_eq!(seen.encoded.load(Ordering::Relaxed), 1, "{shared}");
    }
}

#[tokio::test]
async fn time_in_the_queue_is_the_requests_not_the_images() {
    let (layer, seen, release, begins) = blocked();
    let service = layer.clone().layer(Origin::open());
    let first = spawn(&service, of_width(8));
    all_run().await;
    begins.recv().unwrap();
    // Its turn does not come.
    let waiting = layer.clone().request_timeout(SOON).process_timeout(LATE);
    let waiting = spawn(&waiting.layer(Origin::open()), of_width(8));
    let answer = waiting.await.unwrap();
    assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
    drop(release);
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    assert_eq!(seen.decodes(), 1);
}

#[tokio::test]
async fn row_94_what_nobody_waits_for_is_not_gone_on_with() {
    for shared in [true, false] {
        let (layer, seen, release, begins) = blocked();
        let layer = layer.share_decodes(shared);
        let service = layer.layer(Origin::open());
        let running = spawn(&service, of_width(8));
        all_run().await;
        begins.recv().unwrap();
        let queued = spawn(&service, of_width(16));
        all_run().await;
        for made in [running, queued] {
            made.abort();
            assert!(made.await.unwrap_err().is_cancelled());
        }
        drop(release);
        // The thread is free again, and was spared the rest of the one and all of the other. Before, the next would have
        // made use of what is decoded.
        while layer.usage().jobs_running > 0 {
            thread::sleep(SOON);
        }
        let next = spawn(&service, of_width(4)).await.unwrap();
        assert_eq!(next.status(), StatusCode::OK);
        assert_eq!(seen.decodes(), 2, "{shared}");
        assert_eq!(seen.encoded.load(Ordering::Relaxed), 1, "{shared}");
    }
}

#[tokio::test]
async fn those_that_wait_for_a_decode_survive_the_one_that_began_it() {
    let (layer, seen, release, begins) = blocked();
    let layer = layer.concurrency(NonZeroUsize::new(2).unwrap());
    let service = layer.layer(Origin::open());
    let first = spawn(&service, of_width(16));
    all_run().await;
    begins.recv().unwrap();
    let second = spawn(&service, of_width(8));
    all_run().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    drop(release);
    assert_eq!(second.await.unwrap().status(), StatusCode::OK);
    assert_eq!(seen.decodes(), 1);
    assert_eq!(seen.encoded.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn where_the_queue_is_full_the_origin_is_not_asked() {
    let (layer, _, release, begins) = blocked();
    let origin = Origin::open();
    let service = layer.queue(0).layer(origin.clone());
    let running = spawn(&service, of_width(8));
    all_run().await;
    begins.recv().unwrap();
    let refused = spawn(&service, of_width(16)).await.unwrap();
    assert_eq!(kind(&refused), Some(RejectionKind::Overloaded));
    assert_eq!(refused.headers()[RETRY_AFTER], "1");
    assert_eq!(origin.calls(), 1);
    drop(release);
    assert_eq!(running.await.unwrap().status(), StatusCode::OK);
    let again = spawn(&service, of_width(16)).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
}

#[tokio::test]
async fn those_that_wait_for_a_decode_take_room_in_the_queue() {
    let (layer, seen, release, begins) = blocked();
    let layer = layer.concurrency(NonZeroUsize::new(2).unwrap()).queue(1);
    let service = layer.layer(Origin::open());
    let first = spawn(&service, of_width(16));
    all_run().await;
    begins.recv().unwrap();
    let more = [8, 8].map(|width| spawn(&service, of_width(width)));
    all_run().await;
    let last = spawn(&service, of_width(8)).await.unwrap();
    assert_eq!(kind(&last), Some(RejectionKind::Overloaded));
    drop(release);
    for made in [first].into_iter().chain(more) {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(seen.decodes(), 1);
    let again = spawn(&service, of_width(8)).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
}

/// A source's bytes; 8 by 8 pixels as they come and as they go, twice, of four bytes.
const WHOLE: u64 = 6 + (8 * 8 + 8 * 8) * 8;

#[tokio::test]
async fn row_76_planned_pixels_are_taken_from_the_budget() {
    for (less, page, expected) in [
        (0, None, None),
        (1, None, Some(RejectionKind::Overloaded)),
        (0, Some(0), None),
        (1, Some(0), Some(RejectionKind::Overloaded)),
        (WHOLE, None, Some(RejectionKind::Overloaded)),
    ] {
        let (layer, seen) = canvas(|_| ());
        let layer = layer.memory_budget(WHOLE - less);
        let service = layer.layer(Origin::open());
        let request = || {
            let mut request = of_width(8);
            let image = request.extensions().get::<Arc<ImageRequest>>().unwrap();
            let mut image = ImageRequest::clone(image);
            image.recipe.input.page = page;
            request.extensions_mut().insert(Arc::new(image));
            request
        };
        // What a request took is there for the next.
        for _ in 0..2 {
            let answer = spawn(&service, request()).await.unwrap();
            assert_eq!(kind(&answer), expected, "{less} {page:?}");
        }
        let decodes = if expected.is_some() { 0 } else { 2 };
        assert_eq!(seen.decodes(), decodes, "{less} {page:?}");
    }
}

#[tokio::test]
async fn row_76_so_are_those_on_the_way_and_those_of_overlays() {
    use crate::recipe::{Content, Overlay, Resize, ResizeMode, Step};

    let resize = |width, height| Step::Resize(Resize::to(width, height, ResizeMode::Force));
    let overlay = |content, steps: &[Step]| {
        let mut overlay = Overlay::new(content);
        overlay.steps = steps.to_vec();
        Step::Overlay(Box::new(overlay))
    };
    let all = |side: u64| side * side * 8;
    let cases: [(&[Step], usize, u64); 4] = [
        // Larger on the way than at the end.
        (
            &[resize(100, 100), Step::Grayscale, resize(8, 8)],
            1,
            all(64) + all(100),
        ),
        // Another source, as large as it comes.
        (
            &[resize(8, 8), overlay(Content::Source(1), &[])],
            2,
            all(8) * 2 + all(64) * 2,
        ),
        // As large as it becomes.
        (
            &[
                resize(8, 8),
                overlay(
                    Content::Source(1),
                    &[resize(32, 32), Step::Grayscale, resize(90, 90)],
                ),
            ],
            2,
            all(8) * 2 + all(32) + all(90),
        ),
        // One within another.
        (
            &[
                resize(8, 8),
                overlay(
                    Content::Source(1),
                    &[resize(16, 16), overlay(Content::Source(0), &[])],
                ),
            ],
            2,
            all(8) * 2 + all(16) * 2 + all(64) * 2,
        ),
    ];
    for (steps, sources, pixels) in cases {
        let image = ImageRequest {
            sources: ["a", "b"].map(Box::from)[..sources].into(),
            recipe: Recipe {
                steps: steps.to_vec(),
                ..Recipe::default()
            },
            ..ImageRequest::default()
        };
        for (less, expected) in [(0, None), (1, Some(RejectionKind::Overloaded))] {
            let (layer, _) = canvas(|_| ());
            let layer = layer.memory_budget(6 * sources as u64 + pixels - less);
            let service = layer.layer(Origin::open());
            let answer = spawn(&service, wanted(&image, &[])).await.unwrap();
            assert_eq!(kind(&answer), expected, "{less} {steps:?}");
            assert_eq!(layer.usage().memory_used, 0);
        }
    }
}

#[tokio::test]
async fn announced_bytes_are_taken_before_they_come() {
    let announced = |length: u64| {
        move || {
            let mut response = Response::new(Frames::default().broken_off());
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            response
        }
    };
    let (layer, _) = canvas(|_| ());
    let layer = layer.memory_budget(1000);
    for (length, expected) in [
        (1000, RejectionKind::OriginFailed),
        (1001, RejectionKind::Overloaded),
        (1000, RejectionKind::OriginFailed),
    ] {
        let answer = send(&layer, get(&[]), announced(length)).await;
        assert_eq!(kind(&answer), Some(expected), "{length}");
    }
}

#[tokio::test]
async fn row_94_what_waits_for_nobody_takes_neither_memory_nor_room() {
    let (layer, _, release, begins) = blocked();
    let service = layer.layer(Origin::open());
    let running = spawn(&service, of_width(8));
    all_run().await;
    begins.recv().unwrap();
    let before = layer.usage();
    let other = ImageRequest::new("other", Recipe::default());
    let queued = spawn(&service, wanted(&other, &[]));
    all_run().await;
    assert_eq!(layer.usage().jobs_waiting, 1);
    assert!(layer.usage().memory_used > before.memory_used);
    queued.abort();
    assert!(queued.await.unwrap_err().is_cancelled());
    assert_eq!(layer.usage(), before);
    drop(release);
    assert_eq!(running.await.unwrap().status(), StatusCode::OK);
}

#[test]
fn an_image_without_an_end_may_be_polled_while_it_is_made() {
    let (layer, _, release, begins) = blocked();
    let service = layer.process_timeout(Duration::MAX).layer(Origin::open());
    let mut answer = pin!(service.oneshot(of_width(8)));
    let waker = std::task::Waker::noop();
    let mut poll = || answer.as_mut().poll(&mut Context::from_waker(waker));
    assert!(poll().is_pending());
    begins.recv().unwrap();
    // It was said that there is no end: that comes once.
    assert!(poll().is_pending());
    assert!(poll().is_pending());
    drop(release);
    while poll().is_pending() {
        thread::sleep(SOON);
    }
}

#[tokio::test]
async fn what_an_image_took_is_free_before_its_request_hears_of_it() {
    let (layer, _, release, begins) = blocked();
    let made = spawn(&layer.layer(Origin::open()), of_width(8));
    all_run().await;
    begins.recv().unwrap();
    assert!(layer.usage().memory_used > 0);
    drop(release);
    // The request is not polled meanwhile.
    while layer.usage().jobs_running > 0 {
        thread::sleep(SOON);
    }
    assert_eq!(layer.usage().memory_used, 0);
    assert_eq!(made.await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_large_image_that_does_not_fit_leaves_room_for_small_ones() {
    let (layer, seen) = canvas(|_| ());
    // Enough for 8 of 64 and not for 64 of 64.
    let layer = layer.memory_budget(6 + 64 * 64 * 8);
    let layer = layer.concurrency(NonZeroUsize::MIN);
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let made = [8, 64].map(|width| spawn(&service, of_width(width)));
    all_run().await;
    origin.answer();
    let mut kinds = Vec::new();
    for made in made {
        kinds.push(kind(&made.await.unwrap()));
    }
    assert_eq!(kinds, [None, Some(RejectionKind::Overloaded)]);
    assert_eq!(*seen.scales.lock().unwrap(), [0.125]);
}

#[tokio::test]
async fn loads_wait_for_their_turn_and_are_not_refused() {
    let (layer, _) = canvas(|_| ());
    let origin = Origin::closed();
    let layer = layer.load_concurrency(NonZeroUsize::new(2).unwrap());
    let service = layer.layer(origin.clone());
    let names = ["a", "b", "c", "d", "e"];
    let of = |name: &str| wanted(&ImageRequest::new(name, Recipe::default()), &[]);
    let mut made: Vec<_> = names.map(|name| spawn(&service, of(name))).into();
    all_run().await;
    assert_eq!(origin.calls(), 2);
    // One that leaves makes room.
    let first = made.remove(0);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    all_run().await;
    assert_eq!(origin.calls(), 3);
    origin.answer();
    for made in made {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(origin.calls(), 5);
}

#[test]
fn a_timeout_needs_no_runtime() {
    use std::task::Wake;

    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (layer, _) = canvas(|_| ());
    let service = layer.request_timeout(SOON).layer(Origin::closed());
    let mut answer = pin!(service.oneshot(of_width(8)));
    let waker = Arc::new(Unpark(thread::current())).into();
    let cx = &mut Context::from_waker(&waker);
    let answer = loop {
        match answer.as_mut().poll(cx) {
            Poll::Ready(answer) => break answer.unwrap(),
            Poll::Pending => thread::park(),
        }
    };
    assert_eq!(kind(&answer), Some(RejectionKind::Timeout));
}
