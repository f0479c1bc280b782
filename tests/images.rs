//! Images made by a whole stack of layers, in every host: what a browser gets, and what a hostile client gets.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use http::StatusCode;
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::{Dialect, DialectLayer};
use imgward::engine::Engine;
use imgward::guard::GuardLayer;
use imgward::ip_filter::IpFilterLayer;
use imgward::mount::MountPath;
use imgward::recipe::Format;
use imgward::referer::RefererLayer;
use imgward::signature::{Keyring, Scheme, Signer, Verifier};
use imgward::transform::TransformLayer;
use imgward::user_agent::AcceptRewriteLayer;
use imgward_harness::{Answer, CodeInHeader, MemoryOrigin, Server, every_host, photo};
use tonic_health::pb::HealthCheckRequest;
use tower::ServiceBuilder;

fn origin() -> MemoryOrigin {
    let turned = photo::jpeg_with_orientation(160, 120, 6);
    let half = photo::png(160, 120);
    MemoryOrigin::new()
        .with("/photo.jpg", "image/jpeg", photo::jpeg(160, 120))
        .with("/turned.jpg", "image/jpeg", turned)
        .with("/drawing.png", "image/png", photo::png(160, 120))
        .with("/heavy.png", "image/png", vec![0; 1_000_001])
        .with("/costly.png", "image/png", vec![0; 900_000])
        .failing("/broken.jpg", StatusCode::INTERNAL_SERVER_ERROR)
        .failing("/gone.jpg", StatusCode::GONE)
        .with("/photo.webp", "image/webp", photo::webp(160, 120))
        .with("/half.png", "image/png", half[..half.len() / 2].to_vec())
        .with(
            "/page.jpg",
            "image/jpeg",
            "<!doctype html><title>no image</title>",
        )
        .with("/img-about.html", "text/html", "about us")
}

fn signer() -> Signer {
    let signer = Signer::new(Scheme::imagor(), Keyring::of_secrets(["mysecret"]));
    signer.unwrap().at(mount())
}

fn mount() -> MountPath {
    MountPath::new("/img").unwrap()
}

/// A whole stack, whose type only the compiler wants to know.
macro_rules! stack {
    () => {{
        let verifier = Verifier::new(Scheme::imagor(), Keyring::of_secrets(["mysecret"])).unwrap();
        let transform = TransformLayer::new(Engine::default())
            .at(mount())
            .max_source_bytes(1_000_000)
            .memory_budget(800_000);
        let transform = transform.auto_format([Format::WebP]).unwrap();
        ServiceBuilder::new()
            .layer(ClientIpLayer::peer())
            .layer(IpFilterLayer::allow(["127.0.0.1"]).unwrap())
            .layer(RefererLayer::block(["https://*.evil.net"]).unwrap())
            .layer(AcceptRewriteLayer::from_rules([(["OldBrowser"], "*/*")]).unwrap())
            .layer(GuardLayer::new(verifier.at(mount())).with_responder(CodeInHeader))
            .layer(DialectLayer::new(Dialect::imagor().at(mount())).with_responder(CodeInHeader))
            .layer(transform.with_responder(CodeInHeader))
    }};
}

fn get(server: &Server, target: &str, headers: &[(&str, &str)]) -> Answer {
    let request = server.client().get(target);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.send().unwrap()
}

#[test]
fn images_are_made_in_every_host() {
    let cases = [
        ("80x60/photo.jpg", "*/*", "image/jpeg", (80, 60)),
        ("80x60/photo.jpg", "image/webp,*/*", "image/webp", (80, 60)),
        ("80x60/drawing.png", "image/png,*/*", "image/png", (80, 60)),
        ("80x60/photo.webp", "*/*", "image/webp", (80, 60)),
        ("fit-in/60x60/turned.jpg", "*/*", "image/jpeg", (45, 60)),
        (
            "80x60/filters:format(png)/photo.jpg",
            "image/webp",
            "image/png",
            (80, 60),
        ),
    ];
    let signer = signer();
    for (host, server) in every_host!(stack!(), origin()) {
        for (target, accept, content_type, size) in cases {
            let url = signer.sign(target, None).unwrap();
            let answer = get(&server, &url, &[("Accept", accept)]);
            let what = format!("{host}: {target} for {accept}: {answer:?}");
            assert_eq!(answer.status(), 200, "{what}");
            assert_eq!(answer.header("content-type"), Some(content_type), "{what}");
            let image = image::load_from_memory(answer.body()).unwrap();
            assert_eq!((image.width(), image.height()), size, "{what}");
            let cache_control = answer.header("cache-control").unwrap_or_default();
            assert!(!cache_control.contains("public"), "{what}");
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{what}"
            );
        }
    }
}

#[test]
fn what_is_no_image_is_refused_in_every_host() {
    let cases = [
        ("80x60/nowhere.jpg", 404, "not_found"),
        ("80x60/gone.jpg", 404, "not_found"),
        ("80x60/broken.jpg", 502, "origin_failed"),
        ("80x60/costly.png", 429, "overloaded"),
        ("80x60/page.jpg", 415, "unsupported_format"),
        ("80x60/half.png", 422, "image_corrupt"),
        ("80x60/heavy.png", 413, "source_too_large"),
        ("60000x60000/photo.jpg", 422, "image_too_large"),
        ("70000x60/photo.jpg", 400, "bad_request"),
        ("80x60/..%2Fphoto.jpg", 400, "bad_request"),
    ];
    let signer = signer();
    for (host, server) in every_host!(stack!(), origin()) {
        for (target, status, code) in cases {
            let answer = get(&server, &signer.sign(target, None).unwrap(), &[]);
            let what = format!("{host}: {target}: {answer:?}");
            assert_eq!(
                (answer.status(), answer.code()),
                (status, Some(code)),
                "{what}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        }
    }
}

#[test]
fn a_refusal_never_costs_a_fetch() {
    let origin = origin();
    let signed = signer().sign("80x60/photo.jpg", None).unwrap();
    for (host, server) in every_host!(stack!(), origin) {
        let evil = get(&server, &signed, &[("Referer", "https://evil.net/")]);
        assert_eq!(evil.status(), 403, "{host}");
        let unsigned = get(&server, "/img/80x60/photo.jpg", &[]);
        assert_eq!(unsigned.code(), Some("signature_missing"), "{host}");
        let posted = server.client().request("POST", &signed).send().unwrap();
        assert_eq!(posted.code(), Some("method_not_allowed"), "{host}");
    }
    assert_eq!(origin.requests(), 0);
}

#[test]
fn an_answer_says_what_it_varies_on() {
    let signed = signer().sign("80x60/photo.jpg", None).unwrap();
    for (host, server) in every_host!(stack!(), origin()) {
        let vary = |answer: &Answer| {
            let lines = answer.headers_named("vary");
            let mut names: Vec<_> = lines.map(<[u8]>::to_ascii_lowercase).collect();
            names.sort_unstable();
            names
        };
        let modern = get(&server, &signed, &[("Accept", "image/webp")]);
        assert_eq!(modern.header("content-type"), Some("image/webp"), "{host}");
        assert_eq!(
            vary(&modern),
            [&b"accept"[..], b"referer", b"user-agent"],
            "{host}"
        );

        let agent = ("User-Agent", "OldBrowser/1.0");
        let old = get(&server, &signed, &[("Accept", "image/webp"), agent]);
        assert_eq!(old.header("content-type"), Some("image/jpeg"), "{host}");
        assert_ne!(old.header("etag"), modern.header("etag"), "{host}");

        let etag = modern.header("etag").unwrap();
        let headers = [("Accept", "image/webp"), ("If-None-Match", etag)];
        let unchanged = get(&server, &signed, &headers);
        assert_eq!(unchanged.status(), 304, "{host}");
        assert_eq!(vary(&unchanged), vary(&modern), "{host}");

        let head = server.client().request("HEAD", &signed).send().unwrap();
        assert_eq!(head.status(), 200, "{host}");
        let jpeg = get(&server, &signed, &[]);
        let length = jpeg.body().len().to_string();
        assert_eq!(head.header("content-length"), Some(&*length), "{host}");
    }
}

#[tokio::test]
async fn row_100_outside_the_mount_nothing_changes() {
    for (host, server) in every_host!(stack!(), origin()) {
        let page = get(&server, "/img-about.html?a=b", &[]);
        assert_eq!(page.body(), b"about us", "{host}");
        let mut health = server.client().health().await.unwrap();
        let answer = health.check(HealthCheckRequest::default()).await;
        assert!(answer.is_ok(), "{host}: {answer:?}");
        let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap();
        let first = watch.get_mut().message().await.unwrap();
        assert!(first.is_some(), "{host}");
    }
}
