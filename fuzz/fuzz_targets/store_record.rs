//! What a store gives back, whoever wrote it: with a right digest, and the right key before it.

#![no_main]

use std::cell::OnceCell;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use imgward::cache::{Cache, CacheLayer, Store, StoreFuture};
use imgward::engine::Engine;
use imgward::recipe::{ImageRequest, Recipe};
use imgward::transform::{ImageBody, TransformLayer};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use tower::{Layer as _, ServiceExt as _, service_fn};

const MARK: usize = 8;
const DIGEST: usize = 32;
const KEY: usize = 96;

/// Gives back what it is told to, and keeps what it is given.
#[derive(Clone, Debug, Default)]
struct Fake {
    record: Arc<Mutex<Option<Bytes>>>,
}

impl Store for Fake {
    fn get(&self, _name: &str, _most: u64) -> StoreFuture<Option<Bytes>> {
        let record = self.record.lock().expect("no panic").clone();
        Box::pin(async move { Ok(record) })
    }

    fn put(&self, _name: &str, bytes: Bytes) -> StoreFuture<()> {
        *self.record.lock().expect("no panic") = Some(bytes);
        Box::pin(async { Ok(()) })
    }

    fn remove(&self, _name: &str) -> StoreFuture<()> {
        Box::pin(async { Ok(()) })
    }

    fn list(&self, _prefix: &str, _most: usize) -> StoreFuture<Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Asks for the one image there is, and comes to its bytes and to whether they were kept.
fn ask(runtime: &tokio::runtime::Runtime, store: &Fake) -> (Bytes, bool) {
    thread_local! {
        static TRANSFORM: OnceCell<TransformLayer> = const { OnceCell::new() };
    }
    let transform = TRANSFORM.with(|transform| transform.get_or_init(|| TransformLayer::new(Engine::default())).clone());
    let cache = Cache::builder().store(store.clone()).build();
    let maker = service_fn(async |_: Request<Full<Bytes>>| {
        let made = ImageBody::<Full<Bytes>>::from(Bytes::from_static(b"made"));
        Ok::<_, Infallible>(Response::new(made))
    });
    let service = CacheLayer::new(&cache, "fuzz", &transform).layer(maker);
    let mut request = Request::new(Full::default());
    request.extensions_mut().insert(Arc::new(ImageRequest::new("a.png", Recipe::default())));
    runtime.block_on(async {
        let answer = service.oneshot(request).await.expect("infallible");
        assert_eq!(answer.status(), StatusCode::OK);
        let is_kept = answer.headers()["x-cache"] == "hit";
        let bytes = answer.into_body().collect().await.expect("bytes").to_bytes();
        cache.flush().await;
        (bytes, is_kept)
    })
}

fuzz_target!(|tail: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let store = Fake::default();
    assert_eq!(ask(&runtime, &store), (Bytes::from_static(b"made"), false));
    let whole = store.record.lock().expect("no panic").clone().expect("it was written");
    assert_eq!(ask(&runtime, &store), (Bytes::from_static(b"made"), true));

    let body = [&whole[MARK + DIGEST..MARK + DIGEST + KEY], tail].concat();
    let record = [&whole[..MARK], &Sha256::digest(&body)[..], &body].concat();
    *store.record.lock().expect("no panic") = Some(record.into());
    let (bytes, is_kept) = ask(&runtime, &store);
    // An image is the end of what was read, or made anew.
    assert!(if is_kept { tail.ends_with(&bytes) } else { bytes == "made" });
});
