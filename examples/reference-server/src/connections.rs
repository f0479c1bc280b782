//! Connections: accepted as long as there is room, and closed when nobody asks anything on them, or the server stops.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
use http_body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tower::{Service, ServiceExt as _, service_fn};

use crate::deadlines::{Deadlines, Writes};
use crate::{head, tls};

/// How long a connection of HTTP/1 may still bring a request after the server was told to stop. A client cannot know that
/// it was, until an answer says that it is the last.
const LINGER: Duration = Duration::from_secs(1);

/// How long it may take to accept what the system has accepted already.
const BACKLOG: Duration = Duration::from_millis(20);

/// Fewer bytes than this are no answer on its way: HTTP/2 has frames that only ask whether somebody is there.
const LEAST_PROGRESS: u64 = 4096;

/// The most bytes of a request's head, and of what is read ahead.
const MAX_HEAD_BYTES: u16 = u16::MAX;

/// How many requests may be in flight on a connection of HTTP/2: as many as RFC 9113 advises at least (section 6.5.2).
const MAX_STREAMS: u32 = 100;

/// What connections are held to. It may change between one and the next.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// How many may be open.
    pub(crate) limit: usize,
    /// How long the client may take, and be silent.
    pub(crate) timeout: Duration,
    pub(crate) tls: Option<tls::Acceptor>,
}

/// What answers the requests that come on connections.
pub(crate) trait Answers:
    Service<
        Request<RequestBody>,
        Response = Response<<Self as Answers>::Body>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static
{
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;
}

impl<S, B> Answers for S
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Body = B;
}

/// The open connections of a listener.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Each of them listens.
    stop: Arc<watch::Sender<bool>>,
    closed: Arc<Notify>,
}

impl Connections {
    pub(crate) fn new() -> Self {
        Self {
            stop: Arc::new(watch::Sender::new(false)),
            closed: Arc::default(),
        }
    }

    pub(crate) fn open(&self) -> usize {
        self.stop.receiver_count()
    }

    /// Whether the server was told to stop.
    pub(crate) fn are_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Accepts connections for a service, as long as it is polled.
    pub(crate) async fn accept(
        &self,
        listener: &TcpListener,
        service: &impl Answers,
        terms: impl Fn() -> Terms,
    ) {
        loop {
            while self.open() >= terms().limit {
                self.closed.notified().await;
            }
            match listener.accept().await {
                Ok(accepted) => self.serve(accepted, service.clone(), terms()),
                Err(error) => {
                    // Most likely there are too many open files, which only time can change.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn serve(&self, (stream, peer): (TcpStream, SocketAddr), service: impl Answers, terms: Terms) {
        let stop = Stop {
            is_asked_for: Arc::clone(&self.stop),
            heard: self.stop.subscribe(),
            _over: Over(Arc::clone(&self.closed)),
        };
        // What is small and last is not held back for more. Where that cannot be said, it only takes longer.
        let _ = stream.set_nodelay(true);
        let activity = Activity::default();
        let limit = terms.timeout;
        let stream = Deadlines::new(stream, limit, Arc::clone(&activity.writes));
        // Two tasks and not one of both kinds, which would be as large as the larger for each.
        let Some(tls) = terms.tls else {
            tokio::spawn(connection(stream, peer, service, activity, limit, stop));
            return;
        };
        tokio::spawn(async move {
            match timeout(limit, tls.accept(stream)).await {
                Ok(Ok(stream)) => connection(stream, peer, service, activity, limit, stop).await,
                Ok(Err(error)) => tracing::debug!(%peer, "TLS: {error}"),
                Err(_) => tracing::debug!(%peer, "TLS: the client is too slow"),
            }
        });
    }

    /// Has the connections end with the requests that are in flight, and comes when all of them have.
    pub(crate) async fn stop(
        &self,
        listener: TcpListener,
        service: &impl Answers,
        terms: impl Fn() -> Terms,
    ) {
        // Those that the system has accepted already would else be reset.
        let waiting = self.accept(&listener, service, terms);
        let _ = timeout(BACKLOG, waiting).await;
        drop(listener);
        self.stop.send_replace(true);
        self.stop.closed().await;
    }
}

/// What a connection hears of the server's end, and the server of the connection's.
struct Stop {
    is_asked_for: Arc<watch::Sender<bool>>,
    /// One for each connection: they are counted by it.
    heard: watch::Receiver<bool>,
    /// Tells when that is gone, so it comes after it.
    _over: Over,
}

struct Over(Arc<Notify>);

impl Stop {
    async fn asked_for(&mut self) {
        // The server is gone where it fails.
        let _ = self.heard.wait_for(|stop| *stop).await;
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// What goes on on a connection.
#[derive(Clone, Debug, Default)]
struct Activity {
    requests: Arc<watch::Sender<Requests>>,
    writes: Arc<Writes>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    /// How many are not answered yet.
    unanswered: usize,
    are_http2: bool,
}

/// A request that is not answered yet.
struct Unanswered(Activity);

impl Activity {
    fn begin(&self, version: Version) -> Unanswered {
        self.requests.send_modify(|requests| {
            requests.unanswered += 1;
            requests.are_http2 = version == Version::HTTP_2;
        });
        Unanswered(self.clone())
    }

    /// Comes when for so long there was no request to answer, and next to nothing of an answer that the client took.
    async fn idle_for(&self, time: Duration) {
        let mut requests = self.requests.subscribe();
        loop {
            // The sender is here, so neither fails.
            let _ = requests.wait_for(|requests| requests.unanswered == 0).await;
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

    /// Comes when there was a request of HTTP/2.
    async fn is_http2(&self) {
        let mut requests = self.requests.subscribe();
        let _ = requests.wait_for(|requests| requests.are_http2).await;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let requests = &self.0.requests;
        requests.send_modify(|requests| requests.unanswered -= 1);
    }
}

/// The life of a connection.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: impl Answers,
    activity: Activity,
    timeout: Duration,
    mut stop: Stop,
) {
    let stopping = Arc::clone(&stop.is_asked_for);
    let requests = activity.clone();
    let service = service_fn(move |mut request: Request<RequestBody>| {
        let version = request.version();
        // HTTP/2 decodes heads into memory of their own.
        if version < Version::HTTP_2 {
            head::unbuffer(&mut request);
        }
        let unanswered = requests.begin(version);
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

    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(MAX_HEAD_BYTES.into());
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(timeout)
        .keep_alive_timeout(timeout)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD_BYTES.into());
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);

    let over = tokio::select! {
        over = connection.as_mut() => Some(over),
        () = activity.idle_for(timeout) => None,
        () = async {
            stop.asked_for().await;
            tokio::select! {
                () = activity.idle_for(LINGER.min(timeout)) => {}
                () = activity.is_http2() => {}
            }
        } => None,
    };
    let over = if let Some(over) = over {
        over
    } else {
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            over = connection.as_mut() => over,
            // It was asked to end, and what it still has to say is not taken.
            () = activity.idle_for(timeout) => Ok(()),
        }
    };
    if let Err(error) = over {
        tracing::debug!(%peer, "connection: {error}");
    }
    drop(stop);
}
