//! Which version of HTTP a client speaks, by the first bytes that it sends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Version;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// What connections of HTTP/2 begin with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads as much as tells HTTP/2 from what came before, for which `HTTP_11` stands. What was read comes first out of the
/// stream.
pub(crate) async fn sniff<S: AsyncRead + Unpin>(
    mut stream: S,
) -> io::Result<(Version, Sniffed<S>)> {
    let mut bytes = [0; PREFACE.len()];
    let mut length = 0;
    let version = loop {
        let read = stream.read(&mut bytes[length..]).await?;
        length += read;
        if read == 0 || bytes[..length] != PREFACE[..length] {
            break Version::HTTP_11;
        }
        if length == PREFACE.len() {
            break Version::HTTP_2;
        }
    };
    let sniffed = Sniffed {
        bytes,
        left: (0, length),
        stream,
    };
    Ok((version, sniffed))
}

/// A stream whose first bytes were read already.
///
/// They come with what follows. Where they would come alone, as from the detection of hyper-util, hyper would take its
/// buffer for too small and double it, for each connection.
pub(crate) struct Sniffed<S> {
    bytes: [u8; PREFACE.len()],
    /// From where to where they are still to come.
    left: (usize, usize),
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Sniffed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (at, end) = self.left;
        if at == end {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let next = end.min(at + buffer.remaining());
        buffer.put_slice(&self.bytes[at..next]);
        self.left.0 = next;
        if buffer.remaining() > 0 {
            // What it fails with now it fails with again.
            let _ = Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sniffed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
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
    use tokio::io::{AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn the_version_is_told_by_the_first_bytes_and_none_is_lost() {
        let other = [PREFACE.as_slice(), b"more"].concat();
        for (bytes, version) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], Version::HTTP_11),
            (b"PUT / HTTP/1.1\r\n\r\n", Version::HTTP_11),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r!", Version::HTTP_11),
            (b"PRI", Version::HTTP_11),
            (b"", Version::HTTP_11),
            (PREFACE, Version::HTTP_2),
            (&other, Version::HTTP_2),
        ] {
            for piece in [1, 5, 24, 64] {
                let (mut client, server) = duplex(64);
                let send = async {
                    for piece in bytes.chunks(piece) {
                        client.write_all(piece).await.unwrap();
                        tokio::task::yield_now().await;
                    }
                    drop(client);
                };
                let read = async {
                    let (version, mut stream) = sniff(server).await.unwrap();
                    let mut read = Vec::new();
                    stream.read_to_end(&mut read).await.unwrap();
                    (version, read)
                };
                let ((), read) = tokio::join!(send, read);
                assert_eq!(read, (version, bytes.to_vec()), "{piece}");
            }
        }
    }

    #[tokio::test]
    async fn what_was_read_comes_with_what_follows() {
        let (mut client, server) = duplex(64);
        let request = b"GET /a/path/of/some/length HTTP/1.1\r\n";
        client.write_all(request).await.unwrap();
        let (_, mut stream) = sniff(server).await.unwrap();
        let mut buffer = [0; 64];
        let read = stream.read(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..read], request);
        // A buffer may be smaller than what was read.
        client.write_all(PREFACE).await.unwrap();
        let (_, mut stream) = sniff(stream).await.unwrap();
        let mut first = [0; 3];
        assert_eq!(stream.read(&mut first).await.unwrap(), 3);
        assert_eq!(&first, b"PRI");
    }
}
