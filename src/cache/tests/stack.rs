//! With the layers that are around it.

use http_body_util::Full;
use tower::{ServiceBuilder, service_fn};

use super::*;
use crate::dialect::{Dialect, DialectLayer};
use crate::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};

fn png() -> Bytes {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(24, 18, image::Rgb([1, 2, 3]));
    let mut cursor = std::io::Cursor::new(&mut bytes);
    picture
        .write_to(&mut cursor, image::ImageFormat::Png)
        .unwrap();
    bytes.into()
}

#[tokio::test]
async fn a_whole_stack_makes_an_image_once_and_caps_every_answer_at_the_urls_expiry() {
    let mount = MountPath::new("/img").unwrap();
    let clock = ManualClock::at(1_000_000);
    let keyring = || Keyring::of_secrets(["mysecret"]);
    let verifier = Verifier::new(Scheme::imagor(), keyring()).unwrap();
    let verifier = verifier.at(mount.clone()).clock(clock.clone());
    let signer = Signer::new(Scheme::imagor(), keyring())
        .unwrap()
        .at(mount.clone());
    let transform = TransformLayer::new(Engine::default())
        .at(mount.clone())
        .max_age(Duration::from_secs(86_400));
    let transform = transform.auto_format([Format::WebP]).unwrap();
    let cache = Cache::builder()
        .memory(1_000_000)
        .clock(clock.clone())
        .build();
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let service = ServiceBuilder::new()
        .layer(SignatureLayer::new(verifier))
        .layer(DialectLayer::new(Dialect::imagor().at(mount)))
        .layer(CacheLayer::new(&cache, "test", &transform))
        .layer(transform)
        .service(service_fn(move |_: Request<Full<Bytes>>| {
            seen.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, Infallible>(Response::new(Full::from(png()))) }
        }));
    let send = async |url: &str, headers: &[(HeaderName, HeaderValue)]| {
        let mut request = Request::get(url).body(Full::default()).unwrap();
        request.headers_mut().extend(headers.to_vec());
        service.clone().oneshot(request).await.unwrap()
    };
    let url = signer.sign("20x10/photo.png", Some(1_000_100)).unwrap();
    let webp = (ACCEPT, HeaderValue::from_static("image/webp"));
    let first = send(&url, std::slice::from_ref(&webp)).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()["x-cache"], "miss");
    assert_eq!(first.headers()[CACHE_CONTROL], "public, max-age=100");
    assert_eq!(first.headers()[VARY], "accept");

    clock.advance(Duration::from_secs(40));
    let hit = send(&url, std::slice::from_ref(&webp)).await;
    assert_eq!(hit.headers()["x-cache"], "hit");
    assert_eq!(hit.headers()[CACHE_CONTROL], "public, max-age=60");
    let condition = (IF_NONE_MATCH, first.headers()[ETAG].clone());
    let unchanged = send(&url, &[webp, condition.clone()]).await;
    assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(unchanged.headers()[CACHE_CONTROL], "public, max-age=60");
    assert_eq!(unchanged.headers()[VARY], "accept");

    // Row 86: another variant has another tag.
    let png = send(&url, &[condition]).await;
    assert_eq!(png.status(), StatusCode::OK);
    assert_eq!(png.headers()["x-cache"], "miss");
    assert_eq!(png.headers()[CONTENT_TYPE], "image/png");
    assert_ne!(png.headers()[ETAG], first.headers()[ETAG]);

    // Who signed, until when, and what else stands in the URL makes no other image.
    let forever = signer.sign("20x10/photo.png", None).unwrap();
    let same = send(&format!("{forever}?utm_source=x"), &[]).await;
    assert_eq!(same.headers()["x-cache"], "hit");
    assert_eq!(same.headers()[CACHE_CONTROL], "public, max-age=86400");

    clock.advance(Duration::from_secs(61));
    let late = send(&url, &[]).await;
    assert_eq!(late.status(), StatusCode::GONE);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
