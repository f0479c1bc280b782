//! Requests that are in flight together.

use super::*;

async fn states(answers: Vec<JoinHandle<Answer>>) -> (usize, usize) {
    let mut misses = 0;
    let mut coalesced = 0;
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        match state(&answer) {
            "miss" => misses += 1,
            "coalesced" => coalesced += 1,
            other => panic!("{other}"),
        }
    }
    (misses, coalesced)
}

#[tokio::test]
async fn row_90_a_thousand_requests_cost_one_making() {
    let maker = Maker::of_images().close();
    let service = layer(&cache()).layer(maker.clone());
    let wanted = photo("a.png");
    let asked = (0..1000).map(|_| spawn(&service, get(&wanted, &[])));
    let asked: Vec<_> = asked.collect();
    all_run().await;
    maker.open();
    assert_eq!(states(asked).await, (1, 999));
    assert_eq!(maker.calls(), 1);
    let later = send(&service, get(&wanted, &[])).await;
    assert_eq!((state(&later), maker.calls()), ("hit", 1));
}

#[tokio::test]
async fn row_90_on_several_threads_too_there_is_one_making() {
    for _ in 0..20 {
        let maker = Maker::of_images();
        let service = layer(&cache()).layer(maker.clone());
        let asked = (0..4).map(|_| {
            let service = service.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    for _ in 0..50 {
                        let answer = send(&service, get(&photo("a.png"), &[])).await;
                        assert_eq!(text(answer).await, "image 1");
                    }
                });
            })
        });
        for thread in asked.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
        assert_eq!(maker.calls(), 1);
    }
}

#[tokio::test]
async fn row_90_the_making_goes_on_without_those_that_leave_and_ends_with_the_last() {
    let maker = Maker::of_images().close();
    let service = layer(&cache()).layer(maker.clone());
    let wanted = photo("a.png");
    let mut asked: Vec<_> = (0..10)
        .map(|_| spawn(&service, get(&wanted, &[])))
        .collect();
    all_run().await;
    asked.remove(0).abort();
    all_run().await;
    maker.open();
    assert_eq!(states(asked).await, (1, 8));
    assert_eq!(maker.calls(), 1);

    let maker = maker.close();
    let only = spawn(&service, get(&photo("b.png"), &[]));
    all_run().await;
    assert_eq!((maker.calls(), maker.open.receiver_count()), (2, 1));
    only.abort();
    all_run().await;
    assert_eq!(maker.open.receiver_count(), 0);
    maker.open();
    let again = send(&service, get(&photo("b.png"), &[])).await;
    assert_eq!((state(&again), maker.calls()), ("miss", 3));
}

#[tokio::test]
async fn row_90_what_panics_is_tried_once_more() {
    for (panics, made) in [(1, true), (2, false)] {
        let maker = Maker::new(move |call| {
            assert!(call > panics, "a test panics");
            image("made", &[])
        });
        let maker = maker.close();
        let service = layer(&cache()).layer(maker.clone());
        let wanted = photo("a.png");
        let asked = (0..10).map(|_| spawn(&service, get(&wanted, &[])));
        let asked: Vec<_> = asked.collect();
        all_run().await;
        maker.open();
        for answer in asked {
            let answer = answer.await.unwrap();
            let expected = (!made).then_some(RejectionKind::Internal);
            assert_eq!(kind(&answer), expected, "{panics}");
        }
        assert_eq!(maker.calls(), 2, "{panics}");
        let later = send(&service, get(&wanted, &[])).await;
        assert_eq!(later.status(), StatusCode::OK, "{panics}");
        assert_eq!(maker.calls(), if made { 2 } else { 3 }, "{panics}");
    }
}

#[tokio::test]
async fn what_is_for_one_client_is_for_no_other() {
    let cases = [
        (CACHE_CONTROL, "private, max-age=60"),
        (CACHE_CONTROL, "no-store"),
        (SET_COOKIE, "a=b"),
        (VARY, "Origin"),
        (VARY, "Accept, Cookie"),
        (VARY, "*"),
    ];
    for (name, value) in cases {
        let header = name.clone();
        let maker = Maker::new(move |call| image(&call.to_string(), &[(header.clone(), value)]));
        let maker = maker.close();
        let service = layer(&cache()).layer(maker.clone());
        let wanted = photo("a.png");
        let asked = (0..10).map(|_| spawn(&service, get(&wanted, &[])));
        let asked: Vec<_> = asked.collect();
        all_run().await;
        maker.open();
        let mut bodies = Vec::new();
        for answer in asked {
            let answer = answer.await.unwrap();
            assert_eq!(state(&answer), "miss", "{name}: {value}");
            assert_eq!(answer.headers()[&name], value, "{name}: {value}");
            bodies.push(text(answer).await);
        }
        bodies.sort_unstable();
        bodies.dedup();
        assert_eq!(bodies.len(), 10, "{name}: {value}");
        send(&service, get(&wanted, &[])).await;
        assert_eq!(maker.calls(), 11, "{name}: {value}");
    }
}

#[tokio::test]
async fn what_varies_on_a_header_in_the_key_is_for_all_that_send_the_same() {
    let key = HeaderName::from_static("x-key");
    let maker = Maker::new(|call| {
        let vary = &[(VARY, "accept, X-Key")];
        image(&call.to_string(), vary)
    });
    let maker = maker.close();
    let layer = layer(&cache()).origin_headers([key.clone()]);
    let service = layer.layer(maker.clone());
    let wanted = photo("a.png");
    let ask = |value: &str| get(&wanted, &[(key.clone(), value)]);
    let asked = ["a", "b", "a"].map(|value| spawn(&service, ask(value)));
    all_run().await;
    maker.open();
    let mut states = Vec::new();
    for answer in asked {
        let answer = answer.await.unwrap();
        assert_eq!(answer.headers()[VARY], "accept, X-Key");
        states.push(state(&answer));
    }
    assert_eq!(states, ["miss", "miss", "coalesced"]);
    for (value, expected) in [("a", "hit"), ("b", "hit"), ("c", "miss")] {
        let answer = send(&service, ask(value)).await;
        assert_eq!(state(&answer), expected, "{value}");
    }
    assert_eq!(maker.calls(), 3);
}

#[tokio::test]
async fn a_refusal_is_for_all_that_wait_and_for_nobody_later() {
    let maker = Maker::new(|call| match call {
        1 => refusal(RejectionKind::Overloaded),
        _ => image("made", &[]),
    });
    let maker = maker.close();
    let service = layer(&cache()).layer(maker.clone());
    let wanted = photo("a.png");
    let asked = [(); 3].map(|()| spawn(&service, get(&wanted, &[])));
    all_run().await;
    maker.open();
    let mut states = Vec::new();
    for answer in asked {
        let answer = answer.await.unwrap();
        assert_eq!(kind(&answer), Some(RejectionKind::Overloaded));
        assert_eq!(answer.headers()[http::header::RETRY_AFTER], "1");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        states.push(state(&answer).to_owned());
    }
    states.sort_unstable();
    assert_eq!(states, ["coalesced", "coalesced", "miss"]);
    let later = send(&service, get(&wanted, &[])).await;
    assert_eq!((state(&later), maker.calls()), ("miss", 2));
}

#[test]
fn no_runtime_is_needed() {
    let service = layer(&cache()).layer(Maker::of_images());
    for expected in ["miss", "hit"] {
        let mut answer = std::pin::pin!(send_owned(service.clone()));
        let waker = std::task::Waker::noop();
        let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(waker)) else {
            panic!("nothing is to be waited for");
        };
        assert_eq!(state(&answer), expected);
    }
}

async fn send_owned<S>(service: S) -> Answer
where
    S: Service<Request<Body>, Response = Answer, Error = Infallible> + Clone,
{
    send(&service, get(&photo("a.png"), &[])).await
}

#[tokio::test]
async fn who_is_held_to_other_limits_waits_for_another_making() {
    let cache = cache();
    let strict = transform().request_timeout(Duration::from_secs(1));
    let makers = [0, 1].map(|_| Maker::of_images().close());
    let layers = [layer(&cache), CacheLayer::new(&cache, "test", &strict)];
    let [first, second] = [0, 1].map(|index: usize| {
        let service = layers[index].layer(makers[index].clone());
        spawn(&service, get(&photo("a.png"), &[]))
    });
    all_run().await;
    makers.iter().for_each(Maker::open);
    for asked in [first, second] {
        assert_eq!(state(&asked.await.unwrap()), "miss");
    }
    assert_eq!(makers.map(|maker| maker.calls()), [1, 1]);
}
