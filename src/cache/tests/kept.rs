//! What is kept, for how long, and how requests are answered with it.

use super::*;

#[tokio::test]
async fn a_hit_is_what_the_miss_was() {
    let maker = Maker::new(|_| image("made", &[(VARY, "accept")]));
    let service = layer(&cache()).layer(maker);
    let made = send(&service, get(&photo("a.png"), &[])).await;
    let kept = send(&service, get(&photo("a.png"), &[])).await;
    for (name, value) in made.headers() {
        if name != "x-cache" && name != "server-timing" {
            assert_eq!(kept.headers()[name], value, "{name}");
        }
    }
    assert_eq!(made.headers()[CONTENT_LENGTH], "4");
    assert_eq!(
        made.headers()["server-timing"],
        "load;dur=1.000, encode;dur=2.000"
    );
    assert_eq!(kept.headers()["server-timing"], "cache");
    assert_eq!((state(&made), state(&kept)), ("miss", "hit"));
    assert_eq!(text(made).await, text(kept).await);
}

#[tokio::test]
async fn row_87_conditions_are_answered_from_what_is_kept() {
    let maker = Maker::new(|_| image("made", &[(VARY, "accept")]));
    let service = layer(&cache()).layer(maker.clone());
    let made = send(&service, get(&photo("a.png"), &[])).await;
    let etag = made.headers()[ETAG].to_str().unwrap().to_owned();
    let cases = [
        (etag.clone(), true),
        (format!("W/{etag}"), true),
        (format!("\"x\", {etag}"), true),
        (format!("\"x\",W/{etag} , \"y\""), true),
        ("*".into(), true),
        ("\"x\"".into(), false),
        (etag.trim_matches('"').to_owned(), false),
        (String::new(), false),
    ];
    for (value, unchanged) in cases {
        for method in [Method::GET, Method::HEAD] {
            let mut request = get(
                &photo("a.png"),
                &[
                    (IF_NONE_MATCH, &*value),
                    (IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT"),
                ],
            );
            *request.method_mut() = method.clone();
            let answer = send(&service, request).await;
            let message = format!("{method} {value}");
            let status = if unchanged { 304 } else { 200 };
            assert_eq!(answer.status(), status, "{message}");
            assert_eq!(state(&answer), "hit", "{message}");
            for name in [ETAG, VARY, CACHE_CONTROL] {
                assert_eq!(answer.headers()[&name], made.headers()[&name], "{message}");
            }
            let no_body = unchanged || method == Method::HEAD;
            assert_eq!(text(answer).await.is_empty(), no_body, "{message}");
        }
    }
    // A time alone says nothing, since none was given out.
    let since = (IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT");
    let answer = send(&service, get(&photo("a.png"), &[since])).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(maker.calls(), 1);
}

#[tokio::test]
async fn a_condition_of_the_first_request_is_not_the_makers() {
    let service = layer(&cache()).layer(Maker::of_images());
    let first = send(&service, get(&photo("a.png"), &[(IF_NONE_MATCH, "*")])).await;
    assert_eq!((first.status().as_u16(), state(&first)), (304, "miss"));
    let second = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!((state(&second), &*text(second).await), ("hit", "image 1"));
}

#[tokio::test]
async fn row_91_head_and_range_are_answered_from_gets_entry() {
    let maker = Maker::of_images();
    let service = layer(&cache()).layer(maker.clone());
    let mut head = get(&photo("a.png"), &[]);
    *head.method_mut() = Method::HEAD;
    let head = send(&service, head).await;
    assert_eq!((head.status().as_u16(), state(&head)), (200, "miss"));
    assert_eq!(head.headers()[CONTENT_LENGTH], "7");
    assert!(text(head).await.is_empty());
    let ranged = get(&photo("a.png"), &[(RANGE, "bytes=0-,0-,0-")]);
    let ranged = send(&service, ranged).await;
    assert_eq!((ranged.status().as_u16(), state(&ranged)), (200, "hit"));
    assert_eq!(text(ranged).await, "image 1");
    assert_eq!(maker.calls(), 1);
    assert!(maker.asked.lock().unwrap()[0].get(RANGE).is_none());
}

#[tokio::test]
async fn row_89_some_refusals_are_remembered_for_a_while() {
    use RejectionKind as Kind;
    for &kind_ in Kind::ALL {
        let clock = ManualClock::at(1_000_000);
        let cache = Cache::builder().memory(1000).clock(clock.clone()).build();
        let maker = Maker::new(move |_| refusal(kind_));
        let service = layer(&cache)
            .negative_ttl(Duration::from_secs(10))
            .layer(maker.clone());
        let kept = matches!(
            kind_,
            Kind::NotFound | Kind::UnsupportedFormat | Kind::ImageTooLarge | Kind::ImageCorrupt
        );
        for (later, calls, expected) in [
            (0, 1, "miss"),
            (
                9,
                if kept { 1 } else { 2 },
                if kept { "hit" } else { "miss" },
            ),
            (1, if kept { 2 } else { 3 }, "miss"),
        ] {
            clock.advance(Duration::from_secs(later));
            let answer = send(&service, get(&photo("a.png"), &[])).await;
            assert_eq!(kind(&answer), Some(kind_));
            assert_eq!(answer.status(), kind_.status(), "{kind_:?}");
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{kind_:?}");
            assert_eq!(state(&answer), expected, "{kind_:?}");
            assert_eq!(maker.calls(), calls, "{kind_:?}");
        }
    }
}

#[tokio::test]
async fn an_image_is_made_anew_when_its_time_is_over() {
    let clock = ManualClock::at(1_000_000);
    let cache = Cache::builder()
        .memory(100_000)
        .clock(clock.clone())
        .build();
    let maker = Maker::of_images();
    let service = layer(&cache)
        .ttl(Duration::from_secs(60))
        .layer(maker.clone());
    for (later, expected, body) in [
        (0, "miss", "image 1"),
        (59, "hit", "image 1"),
        (1, "miss", "image 2"),
        (59, "hit", "image 2"),
    ] {
        clock.advance(Duration::from_secs(later));
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!((state(&answer), &*text(answer).await), (expected, body));
    }
}

#[tokio::test]
async fn a_stale_image_is_answered_with_while_another_is_made_once() {
    let clock = ManualClock::at(1_000_000);
    let cache = Cache::builder()
        .memory(100_000)
        .clock(clock.clone())
        .build();
    let maker = Maker::of_images();
    let service = layer(&cache)
        .ttl(Duration::from_secs(60))
        .stale_while_revalidate(Duration::from_secs(30))
        .layer(maker.clone());
    send(&service, get(&photo("a.png"), &[])).await;
    let maker = maker.close();
    clock.advance(Duration::from_secs(89));
    for _ in 0..100 {
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!((state(&answer), &*text(answer).await), ("hit", "image 1"));
        all_run().await;
    }
    assert_eq!(maker.calls(), 2);
    maker.open();
    all_run().await;
    let answer = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!((state(&answer), &*text(answer).await), ("hit", "image 2"));
    // What is too old even for that is not used.
    clock.advance(Duration::from_secs(90));
    let answer = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!((state(&answer), &*text(answer).await), ("miss", "image 3"));
}

#[tokio::test]
async fn the_memory_holds_so_many_bytes() {
    let big = "x".repeat(10_000);
    let maker = Maker::new(move |_| image(&big, &[]));
    let cache = Cache::in_memory(100_000);
    let service = layer(&cache).layer(maker);
    for index in 0..200 {
        send(&service, get(&photo(&format!("{index}.png")), &[])).await;
        let weight = cache.shared.memory.weight();
        assert!(weight <= 100_000, "{index}: {weight}");
    }
    assert!(cache.shared.memory.weight() > 50_000);
    // What is larger than all of it is not kept, and costs nothing that is.
    let huge = "x".repeat(200_000);
    let maker = Maker::new(move |_| image(&huge, &[]));
    let service = layer(&cache).layer(maker.clone());
    for calls in 1..=2 {
        send(&service, get(&photo("huge.png"), &[])).await;
        cache.shared.memory.weight();
        assert_eq!(maker.calls(), calls);
    }
    assert!(cache.shared.memory.weight() > 50_000);
}

#[tokio::test]
async fn many_refusals_drive_out_no_image() {
    let cache = Cache::in_memory(10_000);
    let maker = Maker::new(|call| match call {
        1 => image("made", &[]),
        _ => refusal(RejectionKind::NotFound),
    });
    let service = layer(&cache).layer(maker);
    send(&service, get(&photo("a.png"), &[])).await;
    for index in 0..2000 {
        send(&service, get(&photo(&format!("{index}.png")), &[])).await;
    }
    let answer = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!(state(&answer), "hit");
}

#[tokio::test]
async fn clients_may_be_told_to_keep_nothing() {
    let service = layer(&cache()).no_store(true).layer(Maker::of_images());
    for expected in ["miss", "hit"] {
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!(state(&answer), expected);
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn what_is_purged_is_made_anew() {
    let cache = cache();
    let maker = Maker::of_images();
    let layer = layer(&cache);
    let service = layer.layer(maker.clone());
    let mut wide = photo("a.png");
    let resize = Resize::to(20, 0, ResizeMode::Fit);
    wide.recipe.steps.push(Step::Resize(resize));
    let mut marked = photo("b.png");
    marked.sources.push("a.png".into());
    let all = [photo("a.png"), wide.clone(), marked, photo("c.png")];
    let ask = async || {
        let mut states = Vec::new();
        for wanted in &all {
            let answer = send(&service, get(wanted, &[])).await;
            states.push(state(&answer).to_owned());
        }
        states
    };
    assert_eq!(ask().await, ["miss"; 4]);
    assert_eq!(ask().await, ["hit"; 4]);
    assert_eq!(layer.purge(&wide).await.unwrap(), 1);
    assert_eq!(ask().await, ["hit", "miss", "hit", "hit"]);
    assert_eq!(layer.purge_source("a.png").await.unwrap(), 3);
    assert_eq!(ask().await, ["miss", "miss", "miss", "hit"]);
    assert_eq!(layer.purge_source("nowhere.png").await.unwrap(), 0);
    let elsewhere = CacheLayer::new(&cache, "elsewhere", &transform());
    assert_eq!(elsewhere.purge_source("a.png").await.unwrap(), 0);
    assert_eq!(ask().await, ["hit"; 4]);
}

#[tokio::test]
async fn what_is_being_made_while_it_is_purged_is_not_kept() {
    let maker = Maker::of_images().close();
    let layer = layer(&cache());
    let service = layer.layer(maker.clone());
    let before = spawn(&service, get(&photo("a.png"), &[]));
    all_run().await;
    layer.purge_source("a.png").await.unwrap();
    let after = spawn(&service, get(&photo("a.png"), &[]));
    all_run().await;
    maker.open();
    assert_eq!(text(before.await.unwrap()).await, "image 1");
    assert_eq!(text(after.await.unwrap()).await, "image 2");
    let kept = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!((state(&kept), &*text(kept).await), ("hit", "image 2"));
}

#[tokio::test]
async fn nor_is_a_refusal() {
    let maker = Maker::new(|call| match call {
        1 => refusal(RejectionKind::NotFound),
        _ => image("made", &[]),
    });
    let maker = maker.close();
    let layer = layer(&cache());
    let service = layer.layer(maker.clone());
    let before = spawn(&service, get(&photo("a.png"), &[]));
    all_run().await;
    layer.purge_source("a.png").await.unwrap();
    maker.open();
    let before = before.await.unwrap();
    assert_eq!(kind(&before), Some(RejectionKind::NotFound));
    let after = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!((state(&after), &*text(after).await), ("miss", "made"));
}

#[tokio::test]
async fn what_the_origin_says_caps_how_long_an_image_is_fresh() {
    let clock = ManualClock::at(1_000_000);
    let cache = Cache::builder()
        .memory(100_000)
        .clock(clock.clone())
        .build();
    let said = |value: &'static str| {
        let mut said = HeaderMap::new();
        said.insert(CACHE_CONTROL, HeaderValue::from_static(value));
        said
    };
    let maker = Maker::new(move |call| {
        let mut answer = image(&format!("image {call}"), &[]);
        let said = vec![said("max-age=600"), said("max-age=30")];
        answer.extensions_mut().insert(Provenance(said));
        answer
    });
    let service = layer(&cache)
        .ttl(Duration::from_secs(60))
        .stale_while_revalidate(Duration::from_secs(5))
        .layer(maker.clone());
    for (later, expected, body) in [
        (0, "miss", "image 1"),
        (29, "hit", "image 1"),
        (6, "miss", "image 2"),
        // Stale, but not too old.
        (34, "hit", "image 2"),
    ] {
        clock.advance(Duration::from_secs(later));
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!((state(&answer), &*text(answer).await), (expected, body));
    }
    all_run().await;
    assert_eq!(maker.calls(), 3);
}

#[tokio::test]
async fn time_counts_from_when_the_origin_was_asked() {
    let clock = ManualClock::at(1_000_000);
    let cache = Cache::builder()
        .memory(100_000)
        .clock(clock.clone())
        .build();
    let maker = Maker::new(|call| {
        let mut answer = image(&format!("image {call}"), &[]);
        if call == 2 {
            answer = Response::new(ImageBody::default());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let mut said = HeaderMap::new();
        said.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=5"));
        said.insert(ETAG, HeaderValue::from_static("\"original\""));
        answer.extensions_mut().insert(Provenance(vec![said]));
        answer
    });
    let service = layer(&cache).layer(maker.clone());
    for (takes, expected, body, calls) in [
        (3, "miss", "image 1", 1),
        (1, "hit", "image 1", 1),
        (1, "hit", "image 1", 1),
        // Five seconds after it was asked for, which are two after it was made.
        (4, "hit", "image 1", 2),
        (1, "hit", "image 1", 2),
        (0, "miss", "image 3", 3),
    ] {
        let maker = maker.clone().close();
        let answer = spawn(&service, get(&photo("a.png"), &[]));
        all_run().await;
        clock.advance(Duration::from_secs(takes));
        maker.open();
        let answer = answer.await.unwrap();
        assert_eq!((state(&answer), &*text(answer).await), (expected, body));
        assert_eq!(maker.calls(), calls);
    }
}

#[tokio::test]
async fn what_has_not_changed_is_kept_for_as_long_again() {
    let clock = ManualClock::at(1_000_000);
    let cache = Cache::builder()
        .memory(100_000)
        .clock(clock.clone())
        .build();
    let maker = Maker::new(|call| {
        // The third time, it is another.
        let mut answer = image(&format!("image {call}"), &[]);
        if call == 2 {
            answer = Response::new(ImageBody::default());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let mut said = HeaderMap::new();
        said.insert(ETAG, HeaderValue::from_static("\"original\""));
        answer.extensions_mut().insert(Provenance(vec![said]));
        answer
    });
    let service = layer(&cache)
        .ttl(Duration::from_secs(60))
        .layer(maker.clone());
    for (later, expected, body, calls) in [
        (0, "miss", "image 1", 1),
        (60, "hit", "image 1", 2),
        (59, "hit", "image 1", 2),
        (1, "miss", "image 3", 3),
    ] {
        clock.advance(Duration::from_secs(later));
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!((state(&answer), &*text(answer).await), (expected, body));
        assert_eq!(maker.calls(), calls);
    }
}

#[tokio::test]
async fn an_inner_service_that_says_304_without_being_asked_is_wrong() {
    let maker = Maker::new(|_| {
        let mut answer = Response::new(ImageBody::default());
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer.extensions_mut().insert(Provenance(Vec::new()));
        answer
    });
    let answer = send(&layer(&cache()).layer(maker), get(&photo("a.png"), &[])).await;
    assert_eq!(kind(&answer), Some(RejectionKind::Internal));
}
