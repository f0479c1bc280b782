//! Images of several sources.

use super::canvas::{Origin, all_run, canvas, spawn};
use super::*;

fn of(sources: &[&str]) -> Request<Frames> {
    let image = ImageRequest {
        sources: sources.iter().map(|&source| source.into()).collect(),
        ..ImageRequest::default()
    };
    wanted(&image, &[])
}

#[tokio::test]
async fn every_source_is_fetched_once_and_at_once() {
    let (layer, _) = canvas(|_| ());
    let origin = Origin::closed();
    let service = layer.layer(origin.clone());
    let made = [
        &["photo", "mark", "mark", "frame"][..],
        &["other", "mark"][..],
        &["mark"],
    ];
    let made = made.map(|sources| spawn(&service, of(sources)));
    all_run().await;
    // All four are asked for before one has answered.
    assert_eq!(origin.calls(), 4);
    origin.answer();
    for made in made {
        assert_eq!(made.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(origin.calls(), 4);
}

#[tokio::test]
async fn an_overlay_that_is_missing_or_too_large_refuses_the_image() {
    let origin = Origin::open();
    let (layer, _) = canvas(|_| ());
    let answer = spawn(&layer.layer(origin.clone()), of(&["photo", "missing"]));
    let answer = answer.await.unwrap();
    assert_eq!(kind(&answer), Some(RejectionKind::NotFound));
    let why = answer.extensions().get::<Rejection>().unwrap();
    assert!(!why.reason().contains("missing"), "{}", why.reason());

    let large = |request: Request<Frames>| async move {
        let overlay = request.uri().path() == "/overlay";
        let body = if overlay {
            "GIF89a".repeat(9)
        } else {
            "GIF".into()
        };
        Ok::<_, Infallible>(Response::new(Frames::data([body])))
    };
    let service = layer.max_source_bytes(10).layer(service_fn(large));
    for (sources, expected) in [
        (&["photo"][..], None),
        (&["photo", "overlay"], Some(RejectionKind::SourceTooLarge)),
    ] {
        let answer = service.clone().oneshot(of(sources)).await.unwrap();
        assert_eq!(kind(&answer), expected, "{sources:?}");
    }
}

#[tokio::test]
async fn the_strictest_source_says_who_may_keep_the_image() {
    let origin = |request: Request<Frames>| async move {
        let said = request.uri().path().trim_start_matches('/').to_owned();
        let response = Response::builder().header(CACHE_CONTROL, said);
        let response = response.body(Frames::data(["GIF"]));
        Ok::<_, Infallible>(response.unwrap())
    };
    let service = canvas(|_| ()).0.layer(service_fn(origin));
    let cases = [
        (&["public", "max-age=1"][..], "no-cache"),
        (&["public", "private"], "no-cache, private"),
        (&["private", "public"], "no-cache, private"),
        (&["public", "no-store", "private"], "no-store"),
    ];
    for (sources, expected) in cases {
        let answer = service.clone().oneshot(of(sources)).await.unwrap();
        let lines: Vec<_> = answer.headers().get_all(CACHE_CONTROL).iter().collect();
        let lines = lines.iter().map(|line| line.to_str().unwrap());
        let joined = lines.collect::<Vec<_>>().join(", ");
        assert_eq!(joined, expected, "{sources:?}");
    }
}

#[tokio::test]
async fn nine_sources_are_too_many() {
    let origin = Origin::open();
    let service = canvas(|_| ()).0.layer(origin.clone());
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let answer = service.clone().oneshot(of(&names)).await.unwrap();
    assert_eq!(kind(&answer), Some(RejectionKind::BadRequest));
    assert_eq!(origin.calls(), 0);
    let answer = service.oneshot(of(&names[..8])).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(origin.calls(), 8);
}

#[tokio::test]
async fn no_service_is_called_that_is_not_ready() {
    // The mock panics where it is called and not ready.
    let (origin, mut handle) = mock::pair::<Request<Frames>, Response<Frames>>();
    let mut service = canvas(|_| ()).0.layer(origin);
    handle.allow(1);
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let made = tokio::spawn(service.call(of(&["photo", "overlay"])));
    for (path, allowed) in [("/photo", 1), ("/overlay", 0)] {
        let (request, response) = handle.next_request().await.unwrap();
        assert_eq!(request.uri(), path);
        response.send_response(Response::new(Frames::data(["GIF"])));
        handle.allow(allowed);
    }
    assert_eq!(made.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_fallback_stands_in_for_a_source_that_cannot_be_had() {
    let origin = |request: Request<Frames>| async move {
        let mut response = Response::new(Frames::data(["GIF"]));
        *response.status_mut() = match request.uri().path() {
            "/missing" | "/nowhere" => StatusCode::NOT_FOUND,
            "/broken" => StatusCode::BAD_GATEWAY,
            _ => StatusCode::OK,
        };
        if request.uri().path() == "/denied" {
            let why = Rejection::new(RejectionKind::SourceDenied, "a private address");
            response.extensions_mut().insert(why);
        }
        Ok::<_, Infallible>(response)
    };
    let service = canvas(|_| ()).0.layer(service_fn(origin));
    let of = |sources: &[&str], fallback: Option<&str>| {
        let image = ImageRequest {
            sources: sources.iter().map(|&source| source.into()).collect(),
            fallback: fallback.map(Into::into),
            ..ImageRequest::default()
        };
        wanted(&image, &[])
    };
    let cases = [
        (&["photo"][..], Some("other"), None, "no-cache"),
        (&["missing"], Some("other"), None, "no-store"),
        (&["broken"], Some("other"), None, "no-store"),
        (&["missing", "mark"], Some("other"), None, "no-store"),
        (
            &["missing"],
            None,
            Some(RejectionKind::NotFound),
            "no-store",
        ),
        (
            &["missing"],
            Some("nowhere"),
            Some(RejectionKind::NotFound),
            "no-store",
        ),
        // What may not be fetched is not replaced, and neither is an overlay.
        (
            &["denied"],
            Some("other"),
            Some(RejectionKind::SourceDenied),
            "no-store",
        ),
        (
            &["photo", "missing"],
            Some("other"),
            Some(RejectionKind::NotFound),
            "no-store",
        ),
    ];
    for (sources, fallback, expected, caching) in cases {
        let request = of(sources, fallback);
        let answer = service.clone().oneshot(request).await.unwrap();
        assert_eq!(kind(&answer), expected, "{sources:?} {fallback:?}");
        assert_eq!(answer.headers()[CACHE_CONTROL], caching, "{sources:?}");
    }
}

#[tokio::test]
async fn a_document_needs_no_source() {
    let origin = Origin::open();
    let service = canvas(|_| ()).0.layer(origin.clone());
    let mut image = ImageRequest::new("photo", Recipe::default());
    image.recipe.output.answer = crate::recipe::Answer::Document("{}".into());
    for sources in [1, 0] {
        image.sources.truncate(sources);
        let answer = service.clone().oneshot(wanted(&image, &[])).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers()[CONTENT_LENGTH], "2");
        let mut again = wanted(&image, &[]);
        let etag = answer.headers()[ETAG].clone();
        again.headers_mut().insert(IF_NONE_MATCH, etag);
        assert_eq!(bytes(answer).await, "{}");
        let answer = service.clone().oneshot(again).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
    }
    assert_eq!(origin.calls(), 0);
}
