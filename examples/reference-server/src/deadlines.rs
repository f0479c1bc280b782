//! Deadlines for a connection, where hyper has none.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// As many bytes as it takes to tell the version of HTTP: the preface of HTTP/2 (RFC 9113, section 3.4).
const PREFACE: usize = 24;

/// A stream that fails where the client is too slow:
///
/// 1. Its first bytes must come in time. hyper looks after the rest of a request's head, but waits for ever while it
///    does not know the version.
/// 2. A write must get on in time: a client that takes no bytes does not keep the answer in memory.
pub(crate) struct Deadlines<S> {
    stream: S,
    timeout: Duration,
    /// The bytes that are still waited for, and until when.
    first_bytes: Option<(usize, Pin<Box<Sleep>>)>,
    /// Until when the write that waits must get on.
    write: Option<Pin<Box<Sleep>>>,
}

impl<S> Deadlines<S> {
    pub(crate) fn new(stream: S, timeout: Duration) -> Self {
        Self {
            stream,
            timeout,
            first_bytes: Some((PREFACE, Box::pin(sleep(timeout)))),
            write: None,
        }
    }

    /// Fails a write that has been pending for too long.
    fn limit_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write = None;
            return written;
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
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Some((left, deadline)) = &mut self.first_bytes else {
            return read;
        };
        if read.is_pending() {
            ready!(deadline.as_mut().poll(cx));
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        *left = left.saturating_sub(buffer.filled().len() - before);
        if *left == 0 {
            self.first_bytes = None;
        }
        read
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
    async fn row_93_too_few_first_bytes_time_out() {
        let (mut client, server) = duplex(64);
        let mut server = Deadlines::new(server, TIMEOUT);
        client.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
        let error = server.read_exact(&mut [0; PREFACE]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_first_bytes_reading_has_no_deadline() {
        let (mut client, server) = duplex(64);
        let mut server = Deadlines::new(server, TIMEOUT);
        client.write_all(&[7; PREFACE]).await.unwrap();
        server.read_exact(&mut [0; PREFACE]).await.unwrap();
        let read = tokio::time::timeout(TIMEOUT * 10, server.read(&mut [0])).await;
        assert!(read.is_err(), "{read:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn row_93_a_client_that_takes_nothing_times_out() {
        let (_client, server) = duplex(64);
        let mut server = Deadlines::new(server, TIMEOUT);
        let error = server.write_all(&[7; 65]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_gets_on_is_served() {
        let (mut client, server) = duplex(8);
        let mut server = Deadlines::new(server, TIMEOUT);
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
