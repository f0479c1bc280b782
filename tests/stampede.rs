//! Many requests for one image that nobody has yet, over real connections: one fetch, one image, whoever leaves and
//! whatever panics.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use imgward::cache::{Cache, CacheLayer};
use imgward::dialect::DialectLayer;
use imgward::engine::{
    Codec, Codecs, EncodeOptions, Engine, Frames, Limits, Pixels, Png, Probe, RenderError, Wanted,
};
use imgward::recipe::Format;
use imgward::signature::{Scheme, SignatureLayer, Verifier};
use imgward::transform::TransformLayer;
use imgward_harness::{Server, photo};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};
use tower::{ServiceBuilder, service_fn};

const REQUESTS: usize = 1_000;

/// What a test sees and decides.
struct Seen {
    /// Requests that came to the stack.
    entered: AtomicUsize,
    changed: Notify,
    /// Fetches, which wait until this is closed.
    fetched: AtomicUsize,
    gate: Semaphore,
    /// Images that were encoded.
    encoded: AtomicUsize,
    /// How many of the first decodes panic.
    panics: usize,
    decoded: AtomicUsize,
}

impl Seen {
    fn new(panics: usize) -> Arc<Self> {
        Arc::new(Self {
            entered: AtomicUsize::new(0),
            changed: Notify::new(),
            fetched: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            encoded: AtomicUsize::new(0),
            panics,
            decoded: AtomicUsize::new(0),
        })
    }

    /// Comes when so many requests wait, and one of them has asked the origin.
    async fn waiting(&self, requests: usize) {
        loop {
            let changed = self.changed.notified();
            let enough = self.entered.load(Ordering::SeqCst) >= requests;
            if enough && self.fetched.load(Ordering::SeqCst) > 0 {
                return;
            }
            changed.await;
        }
    }

    fn note(&self, count: &AtomicUsize) {
        count.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }
}

/// PNG, with its work counted.
struct Counted(Arc<Seen>);

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counted")
    }
}

impl Codec for Counted {
    fn format(&self) -> Format {
        Format::Png
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        Png.recognizes(source)
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        Png.probe(source, limits)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let turn = self.0.decoded.fetch_add(1, Ordering::SeqCst);
        assert!(turn >= self.0.panics, "a codec panics");
        Png.decode(source, wanted, limits)
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        self.0.encoded.fetch_add(1, Ordering::SeqCst);
        Png.encode(picture, options)
    }
}

fn serve(seen: &Arc<Seen>) -> Server {
    let transform = TransformLayer::new(Engine::new(Codecs::new().with(Counted(Arc::clone(seen)))));
    let cache = CacheLayer::new(&Cache::in_memory(1 << 24), "test", &transform);
    let (entry, origin) = (Arc::clone(seen), Arc::clone(seen));
    let stack = ServiceBuilder::new()
        .map_request(move |request| {
            entry.note(&entry.entered);
            request
        })
        .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
        .layer(DialectLayer::imagor())
        .layer(cache.origin_headers([]))
        .layer(transform)
        .service(service_fn(move |_: Request<Body>| {
            let seen = Arc::clone(&origin);
            async move {
                seen.note(&seen.fetched);
                let _ = seen.gate.acquire().await;
                let photo = Full::new(Bytes::from(photo::png(160, 120)));
                Ok::<_, Infallible>(Response::new(photo))
            }
        }));
    Server::axum(stack)
}

type Client = hyper::client::conn::http2::SendRequest<Empty<Bytes>>;

async fn client(server: &Server) -> Client {
    let stream = TokioIo::new(TcpStream::connect(server.addr()).await.unwrap());
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream);
    let (client, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    client
}

/// The status, whether it says that it was made for it, and the body.
async fn ask(mut client: Client) -> (StatusCode, bool, Bytes) {
    let request = Request::get("http://localhost/unsafe/80x60/photo.png");
    let request = request.body(Empty::new()).unwrap();
    client.ready().await.unwrap();
    let (head, body) = client.send_request(request).await.unwrap().into_parts();
    let missed = head
        .headers
        .get("x-cache")
        .is_some_and(|state| state == "miss");
    (
        head.status,
        missed,
        body.collect().await.unwrap().to_bytes(),
    )
}

/// Has a thousand ask at the same time, of which the first leaves or stays.
async fn stampede(
    panics: usize,
    first_leaves: bool,
) -> (Arc<Seen>, Vec<(StatusCode, bool, Bytes)>) {
    let seen = Seen::new(panics);
    let server = serve(&seen);
    let first = client(&server).await;
    let mut asked = vec![tokio::spawn(ask(first.clone()))];
    seen.waiting(1).await;
    for _ in 0..10 {
        let client = client(&server).await;
        let more = (0..REQUESTS / 10).map(|_| tokio::spawn(ask(client.clone())));
        asked.extend(more);
    }
    seen.waiting(REQUESTS + 1).await;
    if first_leaves {
        let first = asked.remove(0);
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
    }
    // One that comes after it has left still joins.
    asked.push(tokio::spawn(ask(first)));
    seen.waiting(REQUESTS + 2).await;
    seen.gate.close();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap());
    }
    (seen, answers)
}

#[tokio::test]
async fn row_90_a_thousand_requests_are_one_fetch_and_one_image() {
    for first_leaves in [false, true] {
        let (seen, answers) = stampede(0, first_leaves).await;
        assert_eq!(answers.len(), REQUESTS + 2 - usize::from(first_leaves));
        for (status, _, body) in &answers {
            assert_eq!((*status, body), (StatusCode::OK, &answers[0].2));
        }
        let missed = answers.iter().filter(|(_, missed, _)| *missed).count();
        assert_eq!(missed, 1, "{first_leaves}");
        let counts = [&seen.fetched, &seen.decoded, &seen.encoded];
        let counts = counts.map(|count| count.load(Ordering::SeqCst));
        assert_eq!(counts, [1, 1, 1], "{first_leaves}");
    }
}

#[tokio::test]
async fn rows_90_and_95_what_panics_is_tried_once_more_for_all() {
    for (panics, status, encoded) in [
        (1, StatusCode::OK, 1),
        (9, StatusCode::INTERNAL_SERVER_ERROR, 0),
    ] {
        let (seen, answers) = stampede(panics, false).await;
        for (answered, _, _) in &answers {
            assert_eq!(*answered, status, "{panics}");
        }
        let counts = [&seen.fetched, &seen.decoded, &seen.encoded];
        let counts = counts.map(|count| count.load(Ordering::SeqCst));
        assert_eq!(counts, [1, 2, encoded], "{panics}");
    }
}
