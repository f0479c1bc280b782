use std::convert::Infallible;
use std::future::pending;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _, service_fn};

use super::*;
use crate::cache::{Cache, CacheLayer};
use crate::engine::{Codecs, Engine, Limits};
use crate::guard::{ProblemJson, Rejection, RejectionKind};
use crate::mount::MountPath;
use crate::recipe::{
    Content, Crop, Format, ImageRequest, Overlay, Recipe, Resize, ResizeMode, Step, Unit,
};
use crate::transform::{ImageBody, TransformLayer};

type Body = String;

fn png(width: u32, height: u32) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([7, 200, 80]));
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner().into()
}

fn transform() -> TransformLayer {
    TransformLayer::new(Engine::default()).at(MountPath::new("/img").unwrap())
}

/// A status for every path, or a body that is no image.
async fn origin(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(String::from("<html>"));
    let status = request.uri().path().trim_start_matches('/').parse();
    *response.status_mut() = StatusCode::from_u16(status.unwrap_or(200)).unwrap();
    Ok(response)
}

fn of(source: &str, steps: Vec<Step>) -> ImageRequest {
    let recipe = Recipe {
        steps,
        ..Recipe::default()
    };
    ImageRequest::new(source, recipe)
}

fn sized(source: &str) -> ImageRequest {
    of(
        source,
        vec![Step::Resize(Resize::to(30, 20, ResizeMode::Fill))],
    )
}

fn request(image: ImageRequest, headers: &[(HeaderName, &'static str)]) -> Request<Body> {
    let mut request = Request::get("/img/whatever").body(Body::new()).unwrap();
    request.extensions_mut().insert(Arc::new(image));
    for (name, value) in headers {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

async fn ask<S>(service: S, request: Request<Body>) -> (http::response::Parts, Bytes)
where
    S: Service<Request<Body>, Response = Response<ImageBody<Body>>, Error = Infallible>,
{
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

fn size(image: &[u8]) -> (u32, u32) {
    let image = image::load_from_memory(image).unwrap();
    (image.width(), image.height())
}

#[tokio::test]
async fn an_image_is_shown_with_the_status_of_the_refusal() {
    let transform = transform().with_responder(ProblemJson);
    let layer = PlaceholderLayer::new(&transform)
        .image(RejectionKind::NotFound, png(60, 60))
        .unwrap()
        .image(RejectionKind::UnsupportedFormat, png(60, 60))
        .unwrap();
    let service = layer.layer(transform.layer(service_fn(origin)));
    let cases = [
        ("404", 404, Some("not_found"), true),
        ("410", 404, Some("not_found"), true),
        ("page", 415, Some("unsupported_format"), true),
        // It has no image.
        ("500", 502, Some("origin_failed"), false),
    ];
    for (source, status, code, shown) in cases {
        let (head, body) = ask(service.clone(), request(sized(source), &[])).await;
        assert_eq!(head.status, status, "{source}");
        let why = head.extensions.get::<Rejection>();
        assert_eq!(why.map(Rejection::code), code, "{source}");
        assert_eq!(head.headers[CACHE_CONTROL], "no-store", "{source}");
        assert!(!head.headers.contains_key(ETAG), "{source}");
        if shown {
            assert_eq!(head.headers[CONTENT_TYPE], "image/png", "{source}");
            assert_eq!(head.headers[CONTENT_LENGTH], body.len().to_string());
            assert_eq!(head.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(head.headers.contains_key(CONTENT_SECURITY_POLICY));
            assert_eq!(size(&body), (30, 20), "{source}");
        } else {
            assert_eq!(head.headers[CONTENT_TYPE], "application/problem+json");
        }
    }
}

#[tokio::test]
async fn a_placeholder_is_negotiated_and_has_no_part_in_conditions() {
    let transform = transform().auto_format([Format::WebP]).unwrap();
    let layer = PlaceholderLayer::new(&transform).image(RejectionKind::NotFound, png(60, 60));
    let service = layer.unwrap().layer(transform.layer(service_fn(origin)));
    let mut image = sized("404");
    image.attachment = Some("saved.png".into());
    for (accept, content_type) in [("image/webp", "image/webp"), ("*/*", "image/png")] {
        let headers = [(ACCEPT, accept), (IF_NONE_MATCH, "*")];
        let (head, body) = ask(service.clone(), request(image.clone(), &headers)).await;
        assert_eq!(head.status, 404);
        assert_eq!(head.headers[CONTENT_TYPE], content_type);
        assert_eq!(head.headers[VARY], "accept");
        assert!(!head.headers.contains_key(CONTENT_DISPOSITION));
        assert_eq!(size(&body), (30, 20));
    }
    let mut of_head = request(sized("404"), &[]);
    *of_head.method_mut() = Method::HEAD;
    let (head, body) = ask(service, of_head).await;
    assert_eq!((head.status.as_u16(), body.len()), (404, 0));
    assert_ne!(head.headers[CONTENT_LENGTH], "0");
}

#[tokio::test]
async fn what_belongs_to_the_picture_is_left_out() {
    let transform = transform();
    let layer = PlaceholderLayer::new(&transform).image(RejectionKind::NotFound, png(60, 60));
    let service = layer.unwrap().layer(transform.layer(service_fn(origin)));
    let mut overlay = Overlay::new(Content::Source(1));
    overlay.opacity = 0.5;
    let crop = Crop {
        left: 500.0,
        top: 500.0,
        right: 900.0,
        bottom: 900.0,
        unit: Unit::Pixels,
        one_short: false,
    };
    let mut image = of(
        "404",
        vec![
            Step::Crop(crop),
            Step::Resize(Resize::to(30, 20, ResizeMode::Fill)),
            Step::Grayscale,
            Step::Overlay(Box::new(overlay)),
        ],
    );
    image.sources.push("404".into());
    let (head, body) = ask(service, request(image, &[])).await;
    assert_eq!((head.status.as_u16(), size(&body)), (404, (30, 20)));
    let image = image::load_from_memory(&body).unwrap().into_rgb8();
    assert_eq!(image.get_pixel(15, 10).0, [7, 200, 80]);
}

#[tokio::test]
async fn a_wish_that_cannot_be_met_is_refused_as_before() {
    let limits = Limits {
        max_output_pixels: 10_000,
        ..Limits::default()
    };
    let engine = Engine::new(Codecs::new()).limits(limits);
    let transform = TransformLayer::new(engine).with_responder(ProblemJson);
    let mut layer = PlaceholderLayer::new(&transform);
    for &kind in PlaceholderLayer::KINDS {
        layer = layer.image(kind, png(60, 60)).unwrap();
    }
    let service = layer.layer(transform.layer(service_fn(origin)));
    let large = of(
        "404",
        vec![Step::Resize(Resize::to(300, 200, ResizeMode::Fill))],
    );
    let mut format = sized("404");
    format.recipe.output.format = Some(Format::Avif);
    for (image, status) in [(large, 404), (format, 415)] {
        let (head, _) = ask(service.clone(), request(image, &[])).await;
        assert_eq!(head.status, status);
        assert_eq!(head.headers[CONTENT_TYPE], "application/problem+json");
    }
}

#[tokio::test]
async fn a_kept_refusal_is_shown_too_and_one_placeholder_is_made_for_all() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let missing = service_fn(move |request: Request<Body>| {
        count.fetch_add(1, Ordering::Relaxed);
        origin(request)
    });
    let transform = transform();
    let layer = PlaceholderLayer::new(&transform).image(RejectionKind::NotFound, png(60, 60));
    let cache = CacheLayer::new(&Cache::in_memory(1 << 20), "test", &transform);
    let service = ServiceBuilder::new()
        .layer(layer.unwrap())
        .layer(cache.origin_headers([]))
        .layer(transform)
        .service(missing);
    for expected in ["miss", "hit", "hit"] {
        let (head, body) = ask(service.clone(), request(sized("404"), &[])).await;
        assert_eq!(head.status, 404);
        assert_eq!(head.headers["x-cache"], expected);
        assert_eq!(size(&body), (30, 20));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn time_that_is_over_is_over_for_the_placeholder_unless_it_is_kept() {
    let silent = service_fn(async |request: Request<Body>| {
        if request.uri() == "/silent" {
            pending::<()>().await;
        }
        origin(request).await
    });
    let transform = transform()
        .with_responder(ProblemJson)
        .request_timeout(Duration::from_millis(50));
    let layer = PlaceholderLayer::new(&transform)
        .image(RejectionKind::Timeout, png(60, 60))
        .unwrap();
    let service = layer.layer(transform.clone().layer(silent));
    let (head, _) = ask(service.clone(), request(sized("silent"), &[])).await;
    assert_eq!(head.status, 504);
    assert_eq!(head.headers[CONTENT_TYPE], "application/problem+json");

    // The load's limit leaves time.
    let transform = transform.request_timeout(Duration::from_secs(3600));
    let layer = PlaceholderLayer::new(&transform).image(RejectionKind::Timeout, png(60, 60));
    let loads = transform.load_timeout(Duration::from_millis(5));
    let service = layer.unwrap().layer(loads.layer(silent));
    let (head, body) = ask(service, request(sized("silent"), &[])).await;
    assert_eq!((head.status.as_u16(), size(&body)), (504, (30, 20)));
}

#[tokio::test]
async fn outside_the_mount_nothing_changes() {
    let transform = transform();
    let layer = PlaceholderLayer::new(&transform).image(RejectionKind::NotFound, png(60, 60));
    let service = layer.unwrap().layer(transform.layer(service_fn(origin)));
    let page = Request::get("/404").body(Body::new()).unwrap();
    let (head, body) = ask(service, page).await;
    assert_eq!((head.status.as_u16(), &body[..]), (404, &b"<html>"[..]));
}

#[test]
fn a_placeholder_is_an_image_for_a_kind_that_has_one() {
    let transform = transform().concurrency(NonZeroUsize::MIN);
    let layer = || PlaceholderLayer::new(&transform);
    for &kind in RejectionKind::ALL {
        let made = layer().image(kind, png(6, 4)).map(drop);
        let kinds = PlaceholderLayer::KINDS;
        assert_eq!(made.is_ok(), kinds.contains(&kind), "{kind:?}");
    }
    let why = layer()
        .image(RejectionKind::NotFound, "<html>")
        .unwrap_err();
    assert_eq!(why.kind(), RejectionKind::NotFound);
    let expected = "no placeholder can be made of it: the source is not an image of a known format";
    assert_eq!(why.to_string(), expected);
    let why = layer().image(RejectionKind::IpBlocked, png(6, 4));
    let expected = "\"ip_blocked\" is not answered with an image";
    assert_eq!(why.unwrap_err().to_string(), expected);
}
