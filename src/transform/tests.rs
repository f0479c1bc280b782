use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_RANGES, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION,
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, ETAG, HOST, HeaderMap,
    IF_NONE_MATCH, RANGE, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, request};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;

use super::*;
use crate::engine::{
    self, Codec, Codecs, EncodeOptions, Engine, Limits, Pixels, Probe, RenderError,
    RenderErrorKind, Wanted,
};
use crate::guard::{ProblemJson, Rejection, RejectionKind};
use crate::mount::MountPath;
use crate::recipe::{Format, ImageRequest, Recipe};

mod canvas;
mod limits;
mod origin;
mod overload;
mod sources;
mod together;
mod unchanged;

/// A body of any frames.
#[derive(Debug, Default)]
struct Frames(VecDeque<Result<Frame<Bytes>, BrokenOff>>);

#[derive(Debug)]
struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken off")
    }
}

impl std::error::Error for BrokenOff {}

impl Frames {
    fn data(pieces: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        let frame = |piece: Bytes| Ok(Frame::data(piece));
        Self(pieces.into_iter().map(Into::into).map(frame).collect())
    }

    fn broken_off(mut self) -> Self {
        self.0.push_back(Err(BrokenOff));
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        Poll::Ready(self.0.pop_front())
    }
}

fn png(width: u32, height: u32) -> Bytes {
    let mut bytes = Vec::new();
    image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x, y, x * y].map(|n| u8::try_from(n * 40 % 256).unwrap()))
    })
    .write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)
    .unwrap();
    bytes.into()
}

fn layer() -> TransformLayer {
    TransformLayer::new(Engine::default())
        .at(MountPath::new("/img").unwrap())
        .concurrency(NonZeroUsize::MIN)
}

/// A layer that negotiates WebP.
fn negotiating() -> TransformLayer {
    layer().auto_format([Format::WebP]).unwrap()
}

/// A request for `photo.png`, as the dialect hands it on.
fn get(headers: &[(HeaderName, &'static str)]) -> Request<Frames> {
    wanted(&ImageRequest::new("photo.png", Recipe::default()), headers)
}

fn wanted(image: &ImageRequest, headers: &[(HeaderName, &'static str)]) -> Request<Frames> {
    let mut request = Request::get("/img/whatever")
        .body(Frames::default())
        .unwrap();
    request.extensions_mut().insert(Arc::new(image.clone()));
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        request.headers_mut().append(name, value);
    }
    request
}

fn in_format(format: Format) -> ImageRequest {
    let mut recipe = Recipe::default();
    recipe.output.format = Some(format);
    ImageRequest::new("photo.png", recipe)
}

type Answer = Response<ImageBody<Frames>>;

/// Sends a request to an origin that answers everything with `response`.
async fn send<R>(
    layer: &TransformLayer<R>,
    request: Request<Frames>,
    response: impl Fn() -> Response<Frames> + Clone + Send + 'static,
) -> Answer
where
    R: crate::guard::MakeRejection<ImageBody<Frames>> + Clone,
{
    let origin = service_fn(move |_: Request<Frames>| {
        let response = response();
        async { Ok::<_, Infallible>(response) }
    });
    layer.layer(origin).oneshot(request).await.unwrap()
}

/// Sends a request to an origin that has the photo.
async fn send_photo(layer: &TransformLayer, request: Request<Frames>) -> Answer {
    send(layer, request, photo).await
}

fn photo() -> Response<Frames> {
    Response::new(Frames::data([png(6, 4)]))
}

fn kind(answer: &Answer) -> Option<RejectionKind> {
    answer.extensions().get::<Rejection>().map(Rejection::kind)
}

async fn bytes(answer: Answer) -> Bytes {
    answer.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn an_image_is_answered_with_all_that_it_needs() {
    let answer = send_photo(&layer(), wanted(&in_format(Format::Jpeg), &[])).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers[CONTENT_TYPE], "image/jpeg");
    assert_eq!(headers[CACHE_CONTROL], "no-cache");
    assert_eq!(headers[ACCEPT_RANGES], "none");
    assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(
        headers[CONTENT_SECURITY_POLICY],
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    );
    assert!(!headers.contains_key(CONTENT_DISPOSITION));
    assert!(!headers.contains_key(VARY));
    let etag = headers[ETAG].to_str().unwrap();
    assert!(etag.starts_with('"') && etag.len() == 24, "{etag}");
    let timing = headers["server-timing"].to_str().unwrap();
    for stage in ["load;dur=", "decode;dur=", "process;dur=", "encode;dur="] {
        assert!(timing.contains(stage), "{timing}");
    }
    let bytes = bytes(answer).await;
    assert_eq!(headers[CONTENT_LENGTH], bytes.len().to_string());
    let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
    assert_eq!((image.width(), image.height()), (6, 4));
}

#[tokio::test]
async fn the_lifetime_is_the_layers_unless_the_origin_is_stricter() {
    let day = layer().max_age(Duration::from_secs(86_400));
    let cases = [
        (
            "cache-control",
            "max-age=5",
            "public, max-age=86400",
            "no-cache",
        ),
        (
            "vary",
            "Accept-Encoding",
            "public, max-age=86400",
            "no-cache",
        ),
        ("cache-control", "no-store", "no-store", "no-store"),
        (
            "cache-control",
            "Private",
            "max-age=86400, private",
            "no-cache, private",
        ),
        (
            "cache-control",
            "max-age=5, private=\"x\"",
            "max-age=86400, private",
            "no-cache, private",
        ),
        (
            "set-cookie",
            "a=b",
            "max-age=86400, private",
            "no-cache, private",
        ),
        (
            "vary",
            "accept-encoding, Cookie",
            "max-age=86400, private",
            "no-cache, private",
        ),
        ("vary", "*", "max-age=86400, private", "no-cache, private"),
    ];
    for (name, value, with_lifetime, without) in cases {
        for (layer, expected) in [(&day, with_lifetime), (&layer(), without)] {
            let answer = send(layer, get(&[]), move || {
                let mut response = photo();
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
                response
            });
            let answer = answer.await;
            let lines: Vec<_> = answer.headers().get_all(CACHE_CONTROL).iter().collect();
            let joined = lines.iter().map(|line| line.to_str().unwrap());
            assert_eq!(
                joined.collect::<Vec<_>>().join(", "),
                expected,
                "{name}: {value}"
            );
        }
    }
}

#[tokio::test]
async fn accept_chooses_where_the_url_leaves_the_format_open() {
    let open = ImageRequest::new("photo.png", Recipe::default());
    let (webp, jpeg) = ("image/webp", "image/jpeg");
    let cases = [
        (negotiating(), &open, webp, webp, true),
        (negotiating(), &open, "*/*", "image/png", true),
        (negotiating(), &open, "image/webp;q=0", "image/png", true),
        (negotiating(), &in_format(Format::Jpeg), webp, jpeg, false),
        (negotiating(), &in_format(Format::WebP), "*/*", webp, false),
        (layer(), &open, webp, "image/png", false),
    ];
    for (layer, image, accept, media_type, varies) in cases {
        let message = format!("{image:?} {accept}");
        let answer = send_photo(&layer, wanted(image, &[(ACCEPT, accept)])).await;
        assert_eq!(answer.headers()[CONTENT_TYPE], media_type, "{message}");
        let vary = answer.headers().get(VARY).cloned();
        assert_eq!(
            vary.is_some_and(|vary| vary == "accept"),
            varies,
            "{message}"
        );
    }
}

#[tokio::test]
async fn row_85_every_variant_varies_and_has_its_own_tag() {
    let layer = negotiating();
    let mut tags = Vec::new();
    for accept in ["image/webp", "image/webp;q=0", "*/*"] {
        let answer = send_photo(&layer, get(&[(ACCEPT, accept)])).await;
        let tag = answer.headers()[ETAG].clone();
        let mut again = get(&[(ACCEPT, accept)]);
        again.headers_mut().insert(IF_NONE_MATCH, tag.clone());
        let again = send_photo(&layer, again).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{accept}");
        for name in [VARY, ETAG, CACHE_CONTROL] {
            assert_eq!(again.headers()[&name], answer.headers()[&name], "{accept}");
        }
        assert_eq!(again.headers()[VARY], "accept", "{accept}");
        assert!(!again.headers().contains_key(CONTENT_LENGTH), "{accept}");
        assert!(bytes(again).await.is_empty(), "{accept}");
        tags.push(tag);
    }
    assert_ne!(tags[0], tags[1]);
    assert_eq!(tags[1], tags[2]);
}

#[tokio::test]
async fn a_format_that_is_not_written_is_refused_and_never_offered() {
    let no_fetch = || panic!("a refusal costs no fetch");
    let answer = send(&layer(), wanted(&in_format(Format::Tiff), &[]), no_fetch).await;
    assert_eq!(kind(&answer), Some(RejectionKind::UnsupportedFormat));

    let error = layer().auto_format([Format::Avif, Format::WebP, Format::Tiff]);
    let error = error.unwrap_err();
    assert_eq!(error.formats(), [Format::Avif, Format::Tiff]);
    assert_eq!(error.to_string(), "the engine cannot write avif, tiff");
}

#[tokio::test]
async fn a_url_can_ask_for_a_name_and_a_lifetime() {
    let mut image = ImageRequest::new("a/photo.png", Recipe::default());
    image.attachment = Some("".into());
    image.max_age = Some(60);
    let answer = send_photo(&layer(), wanted(&image, &[])).await;
    let header = |answer: &Response<_>, name| answer.headers()[&name].to_str().unwrap().to_owned();
    assert_eq!(
        header(&answer, CONTENT_DISPOSITION),
        "attachment; filename=\"photo.png\""
    );
    assert_eq!(header(&answer, CACHE_CONTROL), "public, max-age=60");

    image.max_age = Some(0);
    let answer = send_photo(&layer(), wanted(&image, &[])).await;
    assert!(header(&answer, CACHE_CONTROL).contains("no-store"));
}

#[tokio::test]
async fn row_91_head_and_range() {
    let whole = send_photo(&layer(), get(&[])).await;
    let mut request = get(&[]);
    *request.method_mut() = Method::HEAD;
    let head = send_photo(&layer(), request).await;
    assert_eq!(head.status(), StatusCode::OK);
    for name in [CONTENT_TYPE, CONTENT_LENGTH, ETAG, CACHE_CONTROL] {
        assert_eq!(head.headers()[&name], whole.headers()[&name], "{name}");
    }
    assert!(bytes(head).await.is_empty());

    let ranged = send_photo(&layer(), get(&[(RANGE, "bytes=0-,0-,0-")])).await;
    assert_eq!(ranged.status(), StatusCode::OK);
    assert_eq!(bytes(ranged).await, bytes(whole).await);
}

#[tokio::test]
async fn other_methods_are_refused_without_a_fetch() {
    for method in [Method::POST, Method::OPTIONS, Method::DELETE, Method::TRACE] {
        let mut request = get(&[]);
        *request.method_mut() = method.clone();
        let answer = send(&layer(), request, || panic!("a refusal costs no fetch")).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers()[ALLOW], "GET, HEAD", "{method}");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{method}");
        assert_eq!(
            kind(&answer),
            Some(RejectionKind::MethodNotAllowed),
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_grpc_call_to_an_image_is_refused_in_trailers_only_form() {
    let mut request = get(&[(CONTENT_TYPE, "application/grpc")]);
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    let answer = send_photo(&layer(), request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["grpc-status"], "12");
}

#[tokio::test]
async fn what_no_dialect_parsed_is_not_made() {
    for request in [
        Request::get("/img/photo.png")
            .body(Frames::default())
            .unwrap(),
        wanted(&ImageRequest::default(), &[]),
    ] {
        let answer = send(&layer(), request, || panic!("a refusal costs no fetch")).await;
        assert_eq!(kind(&answer), Some(RejectionKind::Internal));
    }
}

#[tokio::test]
async fn an_image_too_large_is_refused() {
    let engine = Engine::default().limits(Limits {
        max_source_pixels: 23,
        ..Limits::default()
    });
    let answer = send_photo(&TransformLayer::new(engine), get(&[])).await;
    assert_eq!(kind(&answer), Some(RejectionKind::ImageTooLarge));
}

#[tokio::test]
async fn a_responder_words_the_refusal() {
    let layer = layer().with_responder(ProblemJson);
    let answer = send(&layer, get(&[]), || {
        Response::builder()
            .status(404)
            .body(Frames::default())
            .unwrap()
    });
    let answer = answer.await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    assert!(bytes(answer).await.ends_with(b"\"code\":\"not_found\"}"));
}

#[tokio::test]
async fn readiness_is_the_inner_services() {
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Frames>, Response<Frames>, _>(layer());
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
}

#[test]
fn the_service_and_its_future_can_be_sent() {
    fn future<S: Service<Q>, Q>(_: &S) -> std::marker::PhantomData<S::Future> {
        std::marker::PhantomData
    }
    fn assert_send<T: Send>(_: &T) {}
    let service = layer().layer(service_fn(|_: Request<Frames>| async {
        Ok::<_, Infallible>(photo())
    }));
    assert_send(&service);
    assert_send(&future(&service));
}
