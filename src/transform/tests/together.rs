//! Requests that are in flight together for one source.

use std::thread;

use tokio::sync::Semaphore;

use super::canvas::{Origin, all_run, canvas, of_width, spawn};
use super::*;

const WIDTHS: [u32; 6] = [4, 8, 16, 24, 32, 48];

#[tokio::test]
async fn a_srcset_costs_one_fetch_and_one_decode() {
    for threads in [1, 2, 6] {
        let (layer, seen) = canvas(|_| ());
        let layer = layer.concurrency(NonZeroUsize::new(threads).unwrap());
        let origin = Origin::closed();
        let service = layer.layer(origin.clone());
        let made = WIDTHS.map(|width| spawn(&service, of_width(width)));
        all_run().await;
        origin.answer();
        for (made, width) in made.into_iter().zip(WIDTHS) {
            let answer = made.await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{width}");
            let timing = answer.headers()["server-timing"].to_str().unwrap();
            assert!(timing.contains("decode;dur="), "{timing}");
            assert_eq!(bytes(answer).await.len(), (width * width * 3) as usize);
        }
        assert_eq!(origin.calls(), 1, "{threads}");
        assert_eq!(*seen.scales.lock().unwrap(), [0.75], "{threads}");
        // Nothing is kept.
        let again = spawn(&service, of_width(4)).await.unwrap();
        assert_eq!(again.status(), StatusCode::OK);
        assert_eq!((origin.calls(), seen.decodes()), (2, 2), "{threads}");
    }
}

/// The peak signal to noise ratio in decibels.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let errors = a.iter().zip(b).map(|(&a, &b)| f64::from(a.abs_diff(b)));
    let count = f64::from(u32::try_from(a.len()).unwrap());
    let mean = errors.map(|error| error * error).sum::<f64>() / count;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

#[tokio::test]
async fn an_image_of_shared_pixels_is_as_good_as_one_of_its_own() {
    for share in [true, false] {
        let (layer, seen) = canvas(|_| ());
        let origin = Origin::closed();
        let service = layer.share_decodes(share).layer(origin.clone());
        let made = [8, 48].map(|width| spawn(&service, of_width(width)));
        all_run().await;
        origin.answer();
        let mut small = None;
        for made in made {
            let made = bytes(made.await.unwrap()).await;
            small.get_or_insert(made);
        }
        assert_eq!(origin.calls(), 1);
        assert_eq!(seen.decodes(), if share { 1 } else { 2 });
        let alone = spawn(&service, of_width(8)).await.unwrap();
        let (alone, small) = (bytes(alone).await, small.unwrap());
        if share {
            let psnr = psnr(&small, &alone);
            assert!(psnr > 30.0, "{psnr}");
        } else {
            assert_eq!(small, alone);
        }
    }
}

#[tokio::test]
async fn a_load_goes_on_without_those_that_leave_and_ends_with_the_last() {
    let (layer, seen) = canvas(|_| ());
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let [first, second, third] = [8, 8, 16].map(|width| spawn(&service, of_width(width)));
    all_run().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    all_run().await;
    // One that comes now still joins.
    let fourth = spawn(&service, of_width(4));
    all_run().await;
    fourth.abort();
    assert!(fourth.await.unwrap_err().is_cancelled());
    assert_eq!(origin.over(), 0);
    origin.answer();
    for made in [second, third] {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    // Neither those that left nor what they wanted had a part in it.
    assert_eq!((origin.calls(), seen.decodes()), (1, 1));
    assert_eq!(*seen.scales.lock().unwrap(), [0.25]);

    let origin = Origin::closed();
    let service = canvas(|_| ()).0.layer(origin.clone());
    let made = [8, 8].map(|width| spawn(&service, of_width(width)));
    all_run().await;
    for (made, over) in made.into_iter().zip([0, 1]) {
        made.abort();
        assert!(made.await.unwrap_err().is_cancelled());
        assert_eq!(origin.over(), over);
    }
    // The next one is not theirs.
    origin.answer();
    let next = spawn(&service, of_width(8)).await.unwrap();
    assert_eq!(next.status(), StatusCode::OK);
    assert_eq!(origin.calls(), 2);
}

#[tokio::test]
async fn who_is_not_polled_does_not_keep_others_waiting() {
    let origin = Origin::closed();
    let service = canvas(|_| ()).0.layer(origin.clone());
    let mut idle = pin!(service.clone().oneshot(of_width(8)));
    assert!(poll_fn(|cx| Poll::Ready(idle.as_mut().poll(cx).is_pending())).await);
    let other = spawn(&service, of_width(16));
    all_run().await;
    origin.answer();
    assert_eq!(other.await.unwrap().status(), StatusCode::OK);
    assert_eq!(idle.await.unwrap().status(), StatusCode::OK);
    assert_eq!(origin.calls(), 1);
}

#[tokio::test]
async fn what_the_origin_does_not_share_is_fetched_by_each() {
    let headers = [
        ("cache-control", "private", 3, "no-cache, private"),
        ("cache-control", "no-store", 3, "no-store"),
        ("set-cookie", "a=b", 3, "no-cache, private"),
        ("vary", "cookie", 3, "no-cache, private"),
        ("vary", "accept-encoding", 1, "no-cache"),
        ("cache-control", "max-age=5", 1, "no-cache"),
    ];
    for (name, value, calls, expected) in headers {
        let (layer, seen) = canvas(|_| ());
        let mut origin = Origin::closed();
        origin.header = Some((name, value));
        let service = layer.layer(origin.clone());
        let made = [8, 8, 16].map(|width| spawn(&service, of_width(width)));
        all_run().await;
        origin.answer();
        for made in made {
            let answer = made.await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{name}: {value}");
            let lines: Vec<_> = answer.headers().get_all(CACHE_CONTROL).iter().collect();
            let lines = lines.iter().map(|line| line.to_str().unwrap());
            let joined = lines.collect::<Vec<_>>().join(", ");
            assert_eq!(joined, expected, "{name}: {value}");
        }
        let counts = (origin.calls(), seen.decodes());
        assert_eq!(counts, (calls, calls), "{name}: {value}");
    }
}

#[tokio::test]
async fn only_the_same_request_to_the_same_service_is_shared() {
    let (layer, _) = canvas(|_| ());
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let mut named = of_width(8);
    let host = HeaderValue::from_static("other.example");
    named.headers_mut().insert(HOST, host);
    let other = wanted(&ImageRequest::new("other.gif", Recipe::default()), &[]);
    let mut own = service.clone();
    own.get_mut();
    let made = [
        spawn(&service, of_width(8)),
        spawn(&service, named),
        spawn(&service, other),
        spawn(&layer.clone().layer(origin.clone()), of_width(8)),
        spawn(&own, of_width(8)),
    ];
    all_run().await;
    origin.answer();
    for made in made {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(origin.calls(), 5);
}

#[tokio::test]
async fn a_refusal_is_shared_and_not_kept() {
    let corrupt = || {
        let mut origin = Origin::closed();
        origin.body = "GIF corrupt";
        origin
    };
    for (origin, source, expected, decodes) in [
        (Origin::closed(), "missing", RejectionKind::NotFound, 0),
        (corrupt(), "photo", RejectionKind::ImageCorrupt, 1),
    ] {
        let (layer, seen) = canvas(|_| ());
        let service = layer.layer(origin.clone());
        let request = || wanted(&ImageRequest::new(source, Recipe::default()), &[]);
        let made = [(); 3].map(|()| spawn(&service, request()));
        all_run().await;
        origin.answer();
        for made in made {
            assert_eq!(kind(&made.await.unwrap()), Some(expected));
        }
        assert_eq!((origin.calls(), seen.decodes()), (1, decodes));
        let again = spawn(&service, request()).await.unwrap();
        assert_eq!(kind(&again), Some(expected));
        assert_eq!(origin.calls(), 2);
    }
}

#[tokio::test]
async fn row_90_a_decode_that_panics_is_tried_once_more_for_all() {
    for (panics, expected, decodes) in [(1, None, 2), (9, Some(RejectionKind::Internal), 2)] {
        let (layer, seen) = canvas(move |count| assert!(count > panics, "a codec panics"));
        let origin = Origin::closed();
        let service = layer.layer(origin.clone());
        let made = WIDTHS.map(|width| spawn(&service, of_width(width)));
        all_run().await;
        origin.answer();
        for made in made {
            assert_eq!(kind(&made.await.unwrap()), expected);
        }
        assert_eq!((origin.calls(), seen.decodes()), (1, decodes));
    }
}

#[tokio::test]
async fn row_90_an_origin_that_panics_leaves_nobody_waiting() {
    let gate = Arc::new(Semaphore::new(0));
    let waits = Arc::clone(&gate);
    let panics = service_fn(move |_: Request<Frames>| {
        let waits = Arc::clone(&waits);
        async move {
            let _ = waits.acquire().await;
            assert!(!waits.is_closed(), "the origin panics");
            Ok::<_, Infallible>(photo())
        }
    });
    let service = canvas(|_| ()).0.layer(panics);
    let made = [(); 3].map(|()| spawn(&service, of_width(8)));
    all_run().await;
    gate.close();
    let mut kinds = Vec::new();
    for made in made {
        kinds.push(made.await.ok().map(|answer| kind(&answer)));
    }
    let failed = Some(Some(RejectionKind::OriginFailed));
    assert_eq!(kinds.iter().filter(|kind| kind.is_none()).count(), 1);
    assert_eq!(kinds.iter().filter(|&&kind| kind == failed).count(), 2);
}

#[tokio::test]
async fn who_comes_while_it_is_decoded_joins_or_decodes_more() {
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
    let origin = Origin::open();
    let service = layer.layer(origin.clone());
    let first = spawn(&service, of_width(16));
    all_run().await;
    begins.recv().unwrap();
    let smaller = spawn(&service, of_width(8));
    // The other thread has to decode this one, and then the first is still at it.
    let larger = spawn(&service, of_width(32)).await.unwrap();
    assert_eq!(larger.status(), StatusCode::OK);
    assert_eq!(*seen.scales.lock().unwrap(), [0.25, 0.5]);
    // An image was made of these bytes: from now on they are fetched anew.
    let late = spawn(&service, of_width(8)).await.unwrap();
    assert_eq!(late.status(), StatusCode::OK);
    assert_eq!((origin.calls(), seen.decodes()), (2, 3));
    release.send(()).unwrap();
    for made in [first, smaller] {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!((origin.calls(), seen.decodes()), (2, 3));
}

#[tokio::test]
async fn what_is_made_of_more_than_pixels_shares_the_fetch_alone() {
    let (layer, seen) = canvas(|_| ());
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let mut page = Recipe::default();
    page.input.page = Some(0);
    let mut density = Recipe::default();
    density.input.density = Some(72.0);
    let mut keeping = Recipe::default();
    keeping.output.metadata = crate::recipe::Metadata::Keep;
    let recipes = [page, density, keeping, Recipe::default(), Recipe::default()];
    let made = recipes.map(|recipe| {
        let request = wanted(&ImageRequest::new("photo.gif", recipe), &[]);
        spawn(&service, request)
    });
    all_run().await;
    origin.answer();
    for made in made {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!((origin.calls(), seen.decodes()), (1, 4));
}

#[test]
fn a_hundred_from_several_runtimes_are_one_fetch() {
    let (layer, seen) = canvas(|_| ());
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let waiting = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (service, waiting) = (service.clone(), Arc::clone(&waiting));
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.build().unwrap();
                runtime.block_on(async {
                    let made: Vec<_> = (0..25).map(|n| spawn(&service, of_width(n + 1))).collect();
                    all_run().await;
                    waiting.fetch_add(1, Ordering::SeqCst);
                    for (index, made) in made.into_iter().enumerate() {
                        // Some leave while the others go on.
                        if index % 5 == 0 {
                            made.abort();
                        } else {
                            assert_eq!(made.await.unwrap().status(), StatusCode::OK);
                        }
                    }
                });
            })
        })
        .collect();
    while waiting.load(Ordering::SeqCst) < 4 {
        thread::yield_now();
    }
    origin.answer();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!((origin.calls(), seen.decodes()), (1, 1));
}
