//! A request and its answer, of which the log has a line and the metrics a count.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use imgward::guard::Rejection;
use imgward::request_facts::{PeerAddr, RequestFacts};

use crate::metrics;
use crate::traces::{self, Finished, Parent};

/// It is over when it is dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    began: Instant,
    method: &'static str,
    peer: Option<IpAddr>,
    parent: Parent,
    found: Arc<OnceLock<Found>>,
    answer: Option<Answer>,
}

/// What the layers of a mount find out of a request.
#[derive(Debug)]
struct Found {
    mount: Arc<str>,
    client: Option<IpAddr>,
    via_trusted_proxy: bool,
}

/// What is said of an answer.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    code: Option<&'static str>,
    cache: Option<&'static str>,
    bytes: Option<u64>,
    stages: Option<HeaderValue>,
}

/// Where the layers of a mount say what they found: an extension of the request.
#[derive(Clone, Debug)]
struct Notes(Arc<OnceLock<Found>>);

impl Exchange {
    pub(crate) fn begin<B>(request: &mut Request<B>) -> Self {
        let found = Arc::<OnceLock<Found>>::default();
        let parent = Parent::of(request.headers());
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
            parent,
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
            stages: response.headers().get("server-timing").cloned(),
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
            via_trusted_proxy: facts.is_some_and(RequestFacts::via_trusted_proxy),
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
        let time = self.began.elapsed();
        let answer = self.answer.as_ref();
        let trusted = found.filter(|found| found.via_trusted_proxy);
        let finished = Finished {
            method: self.method,
            status: answer.map(|answer| answer.status.as_u16()),
            code: answer.and_then(|answer| answer.code),
            cache: answer.and_then(|answer| answer.cache),
            mount,
            client,
            bytes: answer.and_then(|answer| answer.bytes),
            time,
            stages: answer.and_then(|answer| answer.stages.as_ref()),
            parent: trusted.map(|_| &self.parent),
        };
        log(&finished);
        metrics::count(&finished);
        traces::record(&finished);
    }
}

fn log(request: &Finished<'_>) {
    let Finished {
        method,
        status,
        code,
        cache,
        mount,
        bytes,
        ..
    } = *request;
    let client = request.client.map(tracing::field::display);
    let ms = (request.time.as_secs_f64() * 1e6).round() / 1e3;
    let message = match status {
        Some(_) => "answered",
        None => "the client did not wait for the answer",
    };
    tracing::info!(
        target: "imgward::access",
        method, status, code, mount, ms, bytes, client, cache, "{message}"
    );
}
