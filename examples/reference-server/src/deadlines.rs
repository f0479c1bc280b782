//! A deadline for what is written to a connection, which hyper has none for.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes must get on in time: a client that takes no bytes does not keep the answer in memory.
pub(crate) struct Deadlines<S> {
    stream: S,
    timeout: Duration,
    writes: Arc<Writes>,
    /// Until when the write that waits must get on.
    write: Option<Pin<Box<Sleep>>>,
}

/// What was written, for others to see.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    written: AtomicU64,
    are_blocked: AtomicBool,
}

impl Writes {
    /// How many bytes, so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Whether a write waits for the client to take what was written before.
    pub(crate) fn are_blocked(&self) -> bool {
        self.are_blocked.load(Ordering::Relaxed)
    }
}

impl<S> Deadlines<S> {
    pub(crate) fn new(stream: S, timeout: Duration, writes: Arc<Writes>) -> Self {
        Self {
            stream,
            timeout,
            writes,
            write: None,
        }
    }

    /// Fails a write that has been pending for too long.
    fn limit_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.writes
            .are_blocked
            .store(written.is_pending(), Ordering::Relaxed);
        if let Poll::Ready(written) = written {
            self.write = None;
            let bytes = written.as_ref().map_or(0, |&bytes| bytes);
            let bytes = u64::try_from(bytes).unwrap_or_default();
            self.writes.written.fetch_add(bytes, Ordering::Relaxed);
            return Poll::Ready(written);
        }
        let timeout = self.timeout;
        let deadline = self.write.get_or_insert_with(|| Box::pin(sleep(timeout)));
        ready!(deadline.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadlines<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadlines<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.limit_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.limit_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn row_93_a_client_that_takes_nothing_times_out() {
        let (_client, server) = duplex(64);
        let writes = Arc::<Writes>::default();
        let mut server = Deadlines::new(server, TIMEOUT, Arc::clone(&writes));
        let error = server.write_all(&[7; 65]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!((writes.written(), writes.are_blocked()), (64, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_gets_on_is_served() {
        let (mut client, server) = duplex(8);
        let mut server = Deadlines::new(server, TIMEOUT, Arc::default());
        let write = async {
            server.write_all(&[7; 80]).await.unwrap();
            drop(server);
        };
        let read = async {
            let mut bytes = Vec::new();
            while client.read_buf(&mut bytes).await.unwrap() > 0 {
                sleep(TIMEOUT * 9 / 10).await;
            }
            bytes
        };
        let ((), bytes) = tokio::join!(write, read);
        assert_eq!(bytes, [7; 80]);
    }
}
