//! What tells results apart, and what does not.

use super::*;

fn negotiating() -> TransformLayer {
    transform().auto_format([Format::WebP]).unwrap()
}

/// How many images two requests cost.
async fn cost(requests: [Request<Body>; 2], layer: impl Fn(&Cache) -> CacheLayer) -> usize {
    let maker = Maker::of_images();
    let service = layer(&cache()).layer(maker.clone());
    for request in requests {
        send(&service, request).await;
    }
    maker.calls()
}

#[tokio::test]
async fn what_changes_no_image_multiplies_none() {
    let wanted = photo("a.png");
    let plain = || get(&wanted, &[]);
    let with_uri = |uri: &str| {
        let mut request = plain();
        *request.uri_mut() = uri.parse().unwrap();
        request
    };
    let cases = [
        with_uri("/img/whatever?utm_source=x"),
        with_uri("/img/what%65ver"),
        get(&wanted, &[(USER_AGENT, "Browser/1.0")]),
        get(&wanted, &[(ACCEPT, "image/png")]),
        get(&wanted, &[(ACCEPT, "image/webp;q=0, */*")]),
        get(&wanted, &[(http::header::COOKIE, "a=b")]),
        get(&wanted, &[(http::header::AUTHORIZATION, "Basic x")]),
        // Row 88.
        get(
            &wanted,
            &[
                (HeaderName::from_static("x-forwarded-host"), "evil.example"),
                (HeaderName::from_static("x-original-url"), "/evil"),
            ],
        ),
    ];
    for other in cases {
        let message = format!("{other:?}");
        let layer = |cache: &Cache| CacheLayer::new(cache, "test", &negotiating());
        assert_eq!(cost([plain(), other], layer).await, 1, "{message}");
    }
    // Two spellings of one choice.
    let accepts = ["image/webp,*/*;q=0.8", "text/html, IMAGE/WEBP ; q=0.1"];
    let requests = accepts.map(|accept| get(&wanted, &[(ACCEPT, accept)]));
    let layer = |cache: &Cache| CacheLayer::new(cache, "test", &negotiating());
    assert_eq!(cost(requests, layer).await, 1);
}

#[tokio::test]
async fn what_changes_an_image_makes_another() {
    let plain = photo("a.png");
    let mut small = plain.clone();
    small.recipe.output.quality = Some(10);
    let mut as_jpeg = plain.clone();
    as_jpeg.recipe.output.format = Some(Format::Jpeg);
    let cases = [
        get(&photo("b.png"), &[]),
        get(&small, &[]),
        get(&as_jpeg, &[]),
        get(&plain, &[(ACCEPT, "image/webp")]),
        get(&plain, &[(HOST, "a.example")]),
    ];
    for other in cases {
        let message = format!("{other:?}");
        let layer = |cache: &Cache| CacheLayer::new(cache, "test", &negotiating());
        assert_eq!(cost([get(&plain, &[]), other], layer).await, 2, "{message}");
    }
}

#[tokio::test]
async fn settings_and_origins_make_others_and_what_decides_when_does_not() {
    let cache = cache();
    let engine = Engine::default;
    let limits = crate::engine::Limits {
        max_frames: 3,
        ..Default::default()
    };
    let at = |engine| TransformLayer::new(engine).at(MountPath::new("/img").unwrap());
    let layers = [
        (CacheLayer::new(&cache, "test", &at(engine())), "miss"),
        (CacheLayer::new(&cache, "test", &at(engine())), "hit"),
        (CacheLayer::new(&cache, "other", &at(engine())), "miss"),
        (
            CacheLayer::new(&cache, "test", &at(engine().quality(Format::Jpeg, 7))),
            "miss",
        ),
        (
            CacheLayer::new(&cache, "test", &at(engine().linear(false))),
            "miss",
        ),
        (
            CacheLayer::new(
                &cache,
                "test",
                &at(engine()).max_age(Duration::from_secs(1)),
            ),
            "miss",
        ),
        (
            CacheLayer::new(&cache, "test", &at(engine()).share_decodes(false)),
            "miss",
        ),
        (CacheLayer::new(&cache, "test", &negotiating()), "miss"),
        (
            CacheLayer::new(&cache, "test", &at(engine().limits(limits))),
            "miss",
        ),
        (
            CacheLayer::new(
                &cache,
                "test",
                &at(engine())
                    .queue(3)
                    .max_source_bytes(1)
                    .memory_budget(1)
                    .load_concurrency(std::num::NonZeroUsize::MIN)
                    .request_timeout(Duration::from_secs(1))
                    .load_timeout(Duration::from_secs(1))
                    .process_timeout(Duration::from_secs(1)),
            ),
            "hit",
        ),
    ];
    for (index, (layer, expected)) in layers.into_iter().enumerate() {
        let service = layer.layer(Maker::of_images());
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!(state(&answer), expected, "{index}");
    }
}

#[tokio::test]
async fn row_88_what_the_origin_does_not_look_at_does_not_get_there() {
    let maker = Maker::of_images();
    let service = layer(&cache()).origin_headers([]).layer(maker.clone());
    for host in ["a.example", "b.example"] {
        let request = get(&photo("a.png"), &[(HOST, host), (USER_AGENT, "x")]);
        send(&service, request).await;
    }
    assert_eq!(maker.calls(), 1);
    assert!(maker.asked.lock().unwrap()[0].is_empty());

    // Of HTTP/2, the host is in the URI.
    let maker = Maker::of_images();
    let service = layer(&cache()).layer(maker.clone());
    for uri in ["http://a.example/img/x", "http://b.example/img/x"] {
        let mut request = get(&photo("a.png"), &[]);
        *request.uri_mut() = uri.parse().unwrap();
        send(&service, request).await;
    }
    let asked = maker.asked.lock().unwrap();
    let hosts: Vec<_> = asked.iter().map(|headers| &headers[HOST]).collect();
    assert_eq!(hosts, ["a.example", "b.example"]);
}

#[tokio::test]
async fn what_is_no_image_is_handed_on() {
    let maker = Maker::of_images();
    let service = layer(&cache()).layer(maker.clone());
    let mut outside = get(&photo("a.png"), &[]);
    *outside.uri_mut() = "/about.html".parse().unwrap();
    let mut posted = get(&photo("a.png"), &[]);
    *posted.method_mut() = Method::POST;
    let unparsed = Request::get("/img/a.png").body(Body::new()).unwrap();
    for request in [outside, posted, unparsed] {
        let answer = send(&service, request).await;
        assert!(!answer.headers().contains_key("x-cache"));
    }
    assert_eq!(maker.calls(), 3);
}
