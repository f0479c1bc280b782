//! The life of a connection: which version of HTTP it is, the requests on it, and its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Request, Version};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use hyper_util::service::TowerToHyperService;
use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tower::{ServiceExt as _, service_fn};

use crate::connections::Answers;
use crate::deadlines::Writes;
use crate::head;
use crate::preface::sniff;

/// How long a connection of HTTP/1 may still bring a request after the server was told to stop. A client cannot know that
/// it was, until an answer says that it is the last.
const LINGER: Duration = Duration::from_secs(1);

/// Fewer bytes than this are no answer on its way: HTTP/2 has frames that only ask whether somebody is there.
const LEAST_PROGRESS: u64 = 4096;

/// The most bytes of a request's head, and of what is read ahead.
const MAX_HEAD_BYTES: u16 = u16::MAX;

/// How many requests may be in flight on a connection of HTTP/2: as many as RFC 9113 advises at least (section 6.5.2).
const MAX_STREAMS: u32 = 100;

/// What a connection hears of the server's end, and the server of the connection's.
pub(crate) struct Stop {
    is_asked_for: Arc<watch::Sender<bool>>,
    /// One for each connection: they are counted by it.
    heard: watch::Receiver<bool>,
    /// Tells when that is gone, so it comes after it.
    _over: Over,
}

struct Over(Arc<Notify>);

impl Stop {
    pub(crate) fn new(stop: &Arc<watch::Sender<bool>>, closed: &Arc<Notify>) -> Self {
        Self {
            is_asked_for: Arc::clone(stop),
            heard: stop.subscribe(),
            _over: Over(Arc::clone(closed)),
        }
    }

    async fn asked_for(&mut self) {
        // The server is gone where it fails.
        let _ = self.heard.wait_for(|stop| *stop).await;
    }

    /// Comes a while later, when a client of HTTP/1 has had the time to bring what it was about to.
    async fn asked_for_and_idle(&mut self, activity: &Activity, timeout: Duration) {
        self.asked_for().await;
        activity.idle_for(LINGER.min(timeout)).await;
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// What goes on on a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    /// How many are not answered yet.
    requests: Arc<watch::Sender<usize>>,
    pub(crate) writes: Arc<Writes>,
}

/// A request that is not answered yet.
struct Unanswered(Activity);

impl Activity {
    fn begin(&self) -> Unanswered {
        self.requests.send_modify(|unanswered| *unanswered += 1);
        Unanswered(self.clone())
    }

    /// Comes when for so long there was no request to answer, and next to nothing of an answer that the client took.
    async fn idle_for(&self, time: Duration) {
        let mut requests = self.requests.subscribe();
        loop {
            // The sender is here, so neither fails.
            let _ = requests.wait_for(|&unanswered| unanswered == 0).await;
            let before = self.writes.written();
            let is_quiet = timeout(time, requests.changed()).await.is_err();
            // What waits to be written has a deadline of its own.
            if is_quiet
                && !self.writes.are_blocked()
                && self.writes.written() - before < LEAST_PROGRESS
            {
                return;
            }
        }
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let requests = &self.0.requests;
        requests.send_modify(|unanswered| *unanswered -= 1);
    }
}

/// The life of a connection.
pub(crate) async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: impl Answers,
    activity: Activity,
    timeout: Duration,
    mut stop: Stop,
) {
    let sniffed = tokio::select! {
        sniffed = sniff(stream) => sniffed,
        () = activity.idle_for(timeout) => return,
        () = stop.asked_for_and_idle(&activity, timeout) => return,
    };
    let (version, stream) = match sniffed {
        Ok(sniffed) => sniffed,
        Err(error) => return tracing::debug!(%peer, "connection: {error}"),
    };
    let stopping = Arc::clone(&stop.is_asked_for);
    let requests = activity.clone();
    let service = service_fn(move |mut request: Request<RequestBody>| {
        // HTTP/2 decodes heads into memory of their own.
        if version < Version::HTTP_2 {
            head::unbuffer(&mut request);
        }
        let unanswered = requests.begin();
        let answer = service.clone().oneshot(request);
        let stopping = Arc::clone(&stopping);
        async move {
            let mut response = answer.await?;
            drop(unanswered);
            // HTTP/2 has a frame for it, which the connection sends.
            if *stopping.borrow() && version < Version::HTTP_2 {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let service = with_request_body(with_peer_addr(service, peer));
    let (stream, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
    let over = if version < Version::HTTP_2 {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            .max_buf_size(MAX_HEAD_BYTES.into())
            .serve_connection(stream, service);
        until_over(
            connection,
            &activity,
            timeout,
            stop.asked_for_and_idle(&activity, timeout),
        )
        .await
    } else {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(timeout)
            .keep_alive_timeout(timeout)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_BYTES.into())
            .serve_connection(stream, service);
        // Apart, for the task would be as large as the larger of both.
        Box::pin(until_over(connection, &activity, timeout, stop.asked_for())).await
    };
    if let Err(error) = over {
        tracing::debug!(%peer, "connection: {error}");
    }
    drop(stop);
}

/// Comes when a connection is over, by itself or since it is asked to end: when nothing goes on on it, or it is to stop.
async fn until_over<C: GracefulConnection>(
    connection: C,
    activity: &Activity,
    timeout: Duration,
    stop: impl Future<Output = ()>,
) -> Result<(), C::Error> {
    let mut connection = pin!(connection);
    tokio::select! {
        over = connection.as_mut() => return over,
        () = activity.idle_for(timeout) => {}
        () = stop => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        over = connection => over,
        // It was asked to end, and what it still has to say is not taken.
        () = activity.idle_for(timeout) => Ok(()),
    }
}
