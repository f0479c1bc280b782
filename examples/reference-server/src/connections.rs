//! Connections: accepted as long as there is room, and closed when nobody asks anything on them, or the server stops.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use imgward_hyper::RequestBody;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tower::Service;

use crate::connection::{Activity, Stop, connection};
use crate::deadlines::Deadlines;
use crate::tls;

/// How long it may take to accept what the system has accepted already.
const BACKLOG: Duration = Duration::from_millis(20);

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
    /// Told where there may be room for another.
    room: Arc<Notify>,
}

impl Connections {
    pub(crate) fn new() -> Self {
        Self {
            stop: Arc::new(watch::Sender::new(false)),
            room: Arc::default(),
        }
    }

    pub(crate) fn open(&self) -> usize {
        self.stop.receiver_count()
    }

    /// Whether the server was told to stop.
    pub(crate) fn are_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// To be told that the terms are others.
    pub(crate) fn terms_changed(&self) {
        self.room.notify_one();
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
                self.room.notified().await;
            }
            match listener.accept().await {
                Ok(accepted) => self.serve(accepted, service.clone(), terms()),
                Err(error) if is_gone(&error) => tracing::debug!("nobody to accept: {error}"),
                Err(error) => {
                    // Most likely there are too many open files, which only time can change.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn serve(&self, (stream, peer): (TcpStream, SocketAddr), service: impl Answers, terms: Terms) {
        let stop = Stop::new(&self.stop, &self.room);
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

/// Whether who connected has left already, which says nothing of the next.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use io::ErrorKind as Kind;

    use super::*;

    #[test]
    fn who_left_does_not_make_others_wait() {
        for (kind, expected) in [
            (Kind::ConnectionAborted, true),
            (Kind::ConnectionRefused, true),
            (Kind::ConnectionReset, true),
            (Kind::OutOfMemory, false),
            (Kind::PermissionDenied, false),
            (Kind::InvalidInput, false),
            (Kind::Other, false),
        ] {
            assert_eq!(is_gone(&kind.into()), expected, "{kind:?}");
        }
        // EMFILE and ENFILE: too many open files.
        #[cfg(unix)]
        for code in [24, 23] {
            assert!(!is_gone(&io::Error::from_raw_os_error(code)), "{code}");
        }
    }
}
