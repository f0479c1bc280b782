use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, RANGE, SET_COOKIE, USER_AGENT, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::{Layer, Service, ServiceExt};

use super::*;
use crate::clock::ManualClock;
use crate::engine::Engine;
use crate::guard::{Rejection, RejectionKind};
use crate::mount::MountPath;
use crate::recipe::{Format, ImageRequest, Recipe, Resize, ResizeMode, Step};
use crate::transform::{ImageBody, Provenance, TransformLayer};

mod kept;
mod keys;
mod stack;
mod store;
mod together;

type Body = Empty<Bytes>;
type Answer = Response<ImageBody<Body>>;

/// What makes images, as the layer sees it: counts its calls, and answers when it may.
#[derive(Clone)]
struct Maker {
    calls: Arc<AtomicUsize>,
    /// What it was asked.
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    open: watch::Sender<bool>,
    make: Arc<dyn Fn(usize) -> Answer + Send + Sync>,
}

impl Maker {
    /// Answers the calls, which are counted from 1.
    fn new(make: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            calls: Arc::default(),
            asked: Arc::default(),
            open: watch::Sender::new(true),
            make: Arc::new(make),
        }
    }

    /// Answers with images, each call with another.
    fn of_images() -> Self {
        Self::new(|call| image(&format!("image {call}"), &[]))
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn close(self) -> Self {
        self.open.send_replace(false);
        self
    }

    fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Service<Request<Body>> for Maker {
    type Response = Answer;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.asked.lock().unwrap().push(request.headers().clone());
        let mut open = self.open.subscribe();
        let make = Arc::clone(&self.make);
        Box::pin(async move {
            open.wait_for(|open| *open).await.unwrap();
            Ok(make(call))
        })
    }
}

fn image(content: &str, headers: &[(HeaderName, &'static str)]) -> Answer {
    let mut answer = Response::new(ImageBody::from(Bytes::from(content.to_owned())));
    let map = answer.headers_mut();
    map.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    map.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    map.insert(ETAG, crate::transform::etag::strong(content.as_bytes()));
    map.insert(
        "server-timing",
        HeaderValue::from_static("load;dur=1.000, encode;dur=2.000"),
    );
    for (name, value) in headers {
        map.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn refusal(kind: RejectionKind) -> Answer {
    let mut answer = Response::new(ImageBody::default());
    *answer.status_mut() = kind.status();
    answer
        .extensions_mut()
        .insert(Rejection::new(kind, "a test"));
    answer
}

fn transform() -> TransformLayer {
    TransformLayer::new(Engine::default()).at(MountPath::new("/img").unwrap())
}

fn cache() -> Cache {
    Cache::in_memory(1_000_000)
}

fn layer(cache: &Cache) -> CacheLayer {
    CacheLayer::new(cache, "test", &transform())
}

fn photo(name: &str) -> ImageRequest {
    ImageRequest::new(name, Recipe::default())
}

fn get(wanted: &ImageRequest, headers: &[(HeaderName, &str)]) -> Request<Body> {
    let mut request = Request::get("/img/whatever").body(Body::new()).unwrap();
    request.extensions_mut().insert(Arc::new(wanted.clone()));
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(name, value);
    }
    request
}

async fn send<S>(service: &S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Answer, Error = Infallible> + Clone,
{
    service.clone().oneshot(request).await.unwrap()
}

fn spawn<S>(service: &S, request: Request<Body>) -> JoinHandle<Answer>
where
    S: Service<Request<Body>, Response = Answer, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let service = service.clone();
    tokio::spawn(async move { service.oneshot(request).await.unwrap() })
}

/// Lets every task that can go on do so.
async fn all_run() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn state(answer: &Answer) -> &'static str {
    let state = answer.headers()["x-cache"].to_str().unwrap();
    let states = ["hit", "miss", "coalesced"];
    states.into_iter().find(|name| *name == state).unwrap()
}

async fn text(answer: Answer) -> String {
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn kind(answer: &Answer) -> Option<RejectionKind> {
    answer.extensions().get::<Rejection>().map(Rejection::kind)
}
