//! A request and its answer, of which the log has a line and the metrics a count.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use imgward::guard::Rejection;
use imgward::request_facts::{PeerAddr, RequestFacts};

use crate::metrics;

/// It is over when it is dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    began: Instant,
    method: &'static str,
    peer: Option<IpAddr>,
    found: Arc<OnceLock<Found>>,
    answer: Option<Answer>,
}

/// What the layers of a mount find out of a request.
#[derive(Debug)]
struct Found {
    mount: Arc<str>,
    client: Option<IpAddr>,
}

/// What is said of an answer.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    code: Option<&'static str>,
    cache: Option<&'static str>,
    bytes: Option<u64>,
}

/// Where the layers of a mount say what they found: an extension of the request.
#[derive(Clone, Debug)]
struct Notes(Arc<OnceLock<Found>>);

impl Exchange {
    pub(crate) fn begin<B>(request: &mut Request<B>) -> Self {
        let found = Arc::<OnceLock<Found>>::default();
        let extensions = request.extensions_mut();
        extensions.insert(Notes(Arc::clone(&found)));
        let peer = extensions.get().map(|PeerAddr(peer)| peer.ip());
        Self {
            began: Instant::now(),
            // Whatever a client calls its method, there are few of them in the log.
            method: match *request.method() {
                Method::GET => "GET",
                Method::HEAD => "HEAD",
                Method::OPTIONS => "OPTIONS",
                Method::POST => "POST",
                _ => "other",
            },
            peer,
            found,
            answer: None,
        }
    }

    pub(crate) fn answered<B: Body>(&mut self, response: &Response<B>) {
        let why: Option<&Rejection> = response.extensions().get();
        let cache = response.headers().get("x-cache");
        self.answer = Some(Answer {
            status: response.status(),
            code: why.map(Rejection::code),
            cache: cache.and_then(|state| match state.as_bytes() {
                b"hit" => Some("hit"),
                b"miss" => Some("miss"),
                b"coalesced" => Some("coalesced"),
                _ => None,
            }),
            bytes: response.body().size_hint().exact(),
        });
    }
}

/// Notes what is known of a request behind the layer that finds the client's address.
pub(crate) fn note<B>(request: Request<B>, mount: &Arc<str>) -> Request<B> {
    if let Some(Notes(notes)) = request.extensions().get() {
        let facts: Option<&RequestFacts> = request.extensions().get();
        let found = Found {
            mount: Arc::clone(mount),
            client: facts.and_then(RequestFacts::client_ip),
        };
        // Nobody else has noted it.
        let _ = notes.set(found);
    }
    request
}

impl Drop for Exchange {
    /// Neither the target, whose signature is a key to the image, nor any header is told.
    fn drop(&mut self) {
        let found = self.found.get();
        let mount = found.map(|found| &*found.mount);
        // Ahead of the layer that finds it, the client is who sent the request.
        let client = found.map_or(self.peer, |found| found.client);
        let client = client.map(tracing::field::display);
        let seconds = self.began.elapsed().as_secs_f64();
        let ms = (seconds * 1e6).round() / 1e3;
        let method = self.method;
        let Some(answer) = &self.answer else {
            metrics::given_up(method);
            tracing::info!(
                target: "imgward::access",
                method, mount, ms, client, "the client did not wait for the answer"
            );
            return;
        };
        let Answer {
            code, cache, bytes, ..
        } = answer;
        let status = answer.status.as_u16();
        metrics::answered(method, status, code.unwrap_or_default(), seconds);
        tracing::info!(
            target: "imgward::access",
            method, status, code, mount, ms, bytes, client, cache, "answered"
        );
    }
}
