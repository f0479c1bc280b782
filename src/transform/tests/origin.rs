//! What the inner service is asked, and what it may answer.

use super::*;

#[tokio::test]
async fn an_origin_must_answer_with_an_image() {
    let with = |status: u16, name: &'static str, value: &'static str, body: Frames| {
        let builder = Response::builder().status(status).header(name, value);
        builder.body(body).unwrap()
    };
    let half = || Frames::data([png(6, 4).slice(..40)]);
    let text = || Frames::data(["<html>"]);
    let mut cases = vec![
        (
            "damaged",
            with(200, "x", "y", half()),
            RejectionKind::ImageCorrupt,
        ),
        (
            "no image",
            with(200, "content-type", "image/png", text()),
            RejectionKind::UnsupportedFormat,
        ),
        (
            "empty",
            with(200, "x", "y", Frames::default()),
            RejectionKind::UnsupportedFormat,
        ),
        (
            "gzip",
            with(200, "content-encoding", "gzip", text()),
            RejectionKind::OriginFailed,
        ),
        (
            "longer than announced",
            with(200, "content-length", "5", text()),
            RejectionKind::OriginFailed,
        ),
        (
            "shorter than announced",
            with(200, "content-length", "7", text()),
            RejectionKind::OriginFailed,
        ),
        (
            "length no number",
            with(200, "content-length", "-1", text()),
            RejectionKind::OriginFailed,
        ),
        (
            "broken off",
            with(200, "x", "y", half().broken_off()),
            RejectionKind::OriginFailed,
        ),
    ];
    for status in [201, 204, 206, 301, 304, 400, 401, 403, 416, 429, 500, 503] {
        cases.push((
            "status",
            with(status, "x", "y", text()),
            RejectionKind::OriginFailed,
        ));
    }
    for status in [404, 410] {
        cases.push((
            "missing",
            with(status, "x", "y", text()),
            RejectionKind::NotFound,
        ));
    }
    for (name, response, expected) in cases {
        let message = format!("{name}: {}", response.status());
        let response = Arc::new(Mutex::new(Some(response)));
        let take = move || response.lock().unwrap().take().unwrap();
        let answer = send(&layer(), get(&[]), take).await;
        assert_eq!(kind(&answer), Some(expected), "{message}");
        assert_eq!(answer.status(), expected.status(), "{message}");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{message}");
    }

    let unreachable =
        service_fn(|_: Request<Frames>| async { Err::<Response<Frames>, _>(BrokenOff) });
    let answer = layer().layer(unreachable).oneshot(get(&[])).await.unwrap();
    assert_eq!(kind(&answer), Some(RejectionKind::OriginFailed));
}

#[tokio::test]
async fn identity_is_no_encoding_and_pieces_are_one_image() {
    let png = png(6, 4);
    let pieces: Vec<_> = png.chunks(7).map(Bytes::copy_from_slice).collect();
    let layer = layer();
    let answer = send(&layer, get(&[]), move || {
        let body = Frames::data(pieces.clone());
        let builder = Response::builder().header("content-encoding", "Identity");
        builder
            .header(CONTENT_LENGTH, png.len())
            .body(body)
            .unwrap()
    });
    assert_eq!(answer.await.status(), StatusCode::OK);
}

#[tokio::test]
async fn bytes_are_counted_as_they_come_and_refused_early_where_announced() {
    let len = png(6, 4).len() as u64;
    for (most, expected) in [(len, None), (len - 1, Some(RejectionKind::SourceTooLarge))] {
        let layer = layer().max_source_bytes(most);
        assert_eq!(
            kind(&send_photo(&layer, get(&[])).await),
            expected,
            "{most}"
        );
        let announced = send(&layer, get(&[]), move || {
            let mut response = photo();
            response.headers_mut().insert(CONTENT_LENGTH, len.into());
            if expected.is_some() {
                // What is refused early is not read.
                *response.body_mut() = Frames::default().broken_off();
            }
            response
        });
        assert_eq!(kind(&announced.await), expected, "{most}");
    }
}

#[tokio::test]
async fn row_88_the_origin_is_asked_with_a_request_of_our_own() {
    let cases = [
        ("photo.png", "/photo.png"),
        ("a/b c.png", "/a/b%20c.png"),
        ("100%.png", "/100%25.png"),
        ("ä?x#y", "/%C3%A4%3Fx%23y"),
        (
            "https://example.com/a.jpg?x=1&y=2",
            "/https://example.com/a.jpg%3Fx=1&y=2",
        ),
        ("//evil.example/x", "///evil.example/x"),
        ("a\\b\"<>", "/a%5Cb%22%3C%3E"),
    ];
    for (source, uri) in cases {
        let seen = Arc::new(Mutex::new(None));
        let by_origin = Arc::clone(&seen);
        let origin = service_fn(move |request: Request<Frames>| {
            *by_origin.lock().unwrap() = Some(request.into_parts().0);
            async { Ok::<_, Infallible>(photo()) }
        });
        let mut request = wanted(
            &ImageRequest::new(source, Recipe::default()),
            &[
                (HOST, "images.example"),
                (HeaderName::from_static("x-forwarded-host"), "evil.example"),
                (HeaderName::from_static("x-original-url"), "/evil"),
                (HeaderName::from_static("x-forwarded-scheme"), "nothttps"),
                (COOKIE, "a=b"),
                (AUTHORIZATION, "Basic eDp5"),
                (RANGE, "bytes=0-1"),
                (IF_NONE_MATCH, "\"x\""),
                (ACCEPT, "image/webp"),
            ],
        );
        request.extensions_mut().insert("of the client's");
        *request.method_mut() = Method::HEAD;
        let answer = layer().layer(origin).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{source}");

        let head: request::Parts = seen.lock().unwrap().take().unwrap();
        assert_eq!(head.method, Method::GET, "{source}");
        assert_eq!(head.uri.to_string(), uri, "{source}");
        assert_eq!(head.uri.host(), None, "{source}");
        assert_eq!(
            head.headers,
            HeaderMap::from_iter([(HOST, "images.example".parse().unwrap())])
        );
        assert!(head.extensions.is_empty(), "{source}");
    }
}

#[tokio::test]
async fn the_host_of_http_2_is_in_the_uri() {
    let seen = Arc::new(Mutex::new(None));
    let by_origin = Arc::clone(&seen);
    let origin = service_fn(move |request: Request<Frames>| {
        *by_origin.lock().unwrap() = request.headers().get(HOST).cloned();
        async { Ok::<_, Infallible>(photo()) }
    });
    let mut request = get(&[(HOST, "other.example")]);
    *request.uri_mut() = "https://images.example/img/photo.png".parse().unwrap();
    layer().layer(origin).oneshot(request).await.unwrap();
    assert_eq!(seen.lock().unwrap().take().unwrap(), "images.example");
}

#[tokio::test]
async fn row_100_what_is_outside_the_mount_is_untouched() {
    let trailers = || HeaderMap::from_iter([("grpc-status".parse().unwrap(), 0.into())]);
    let echo = service_fn(|request: Request<Frames>| async move {
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.extensions().get::<&str>(), Some(&"kept"));
        Ok::<_, Infallible>(Response::new(request.into_body()))
    });
    let mut body = Frames::data(["a", "", "b"]);
    body.0.push_back(Ok(Frame::trailers(trailers())));
    let request = Request::post("/images.Images/Get")
        .extension("kept")
        .body(body)
        .unwrap();
    let answer = layer().layer(echo).oneshot(request).await.unwrap();
    assert!(answer.headers().is_empty());
    let mut body = answer.into_body();
    for data in ["a", "", "b"] {
        assert_eq!(
            body.frame().await.unwrap().unwrap().into_data().unwrap(),
            data
        );
    }
    let last = body.frame().await.unwrap().unwrap();
    assert_eq!(last.into_trailers().unwrap(), trailers());
    assert!(body.frame().await.is_none());

    let broken = service_fn(|_: Request<Frames>| async { Err::<Response<Frames>, _>(BrokenOff) });
    let request = Request::get("/else").body(Frames::default()).unwrap();
    let BrokenOff = layer().layer(broken).oneshot(request).await.unwrap_err();
}
