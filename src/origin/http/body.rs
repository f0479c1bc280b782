//! The body of an answer: decoded, and in time.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::{Buf, Bytes};
use http::header::{CONTENT_ENCODING, HeaderMap, TRANSFER_ENCODING};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connect::failed;
use crate::guard::{Rejection, RejectionKind};
use crate::header_list::elements;

/// How many bytes are decoded at a time.
const PIECE: usize = 16 * 1024;

/// The body of a request.
#[derive(Debug)]
pub(super) struct NoBody;

impl Body for NoBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }
}

/// The body of an answer of an [`HttpOrigin`](super::HttpOrigin), without its content coding.
#[derive(Default)]
pub struct HttpBody {
    kind: Kind,
    alarm: Option<Alarm>,
}

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Plain(Incoming),
    Decoded(Pin<Box<dyn AsyncRead + Send>>),
}

/// When the next piece must have come.
struct Alarm {
    sleep: Pin<Box<Sleep>>,
    idle: Duration,
    end: Instant,
}

impl HttpBody {
    /// A body with the codings that `headers` name.
    pub(super) fn decoding(
        headers: &HeaderMap,
        body: Incoming,
        idle: Duration,
        end: Instant,
    ) -> Result<Self, Rejection> {
        let mut codings = elements(headers, CONTENT_ENCODING)
            .filter(|coding| !coding.eq_ignore_ascii_case(b"identity"));
        let coding = codings.next().map(<[u8]>::to_ascii_lowercase);
        if codings.next().is_some() {
            return Err(failed("the origin's answer has several codings".into()));
        }
        // Without HTTP/1.1's own coding at the end, what another has made of the body is handed on as it is.
        if elements(headers, TRANSFER_ENCODING)
            .any(|coding| !coding.eq_ignore_ascii_case(b"chunked"))
        {
            return Err(failed("the origin's answer is sent in a coding".into()));
        }
        let kind = match coding.as_deref() {
            None => Kind::Plain(body),
            Some(b"gzip" | b"x-gzip") => {
                let mut decoder = GzipDecoder::new(Encoded::new(body));
                decoder.multiple_members(true);
                Kind::Decoded(Box::pin(decoder))
            }
            Some(b"deflate") => Kind::Decoded(Box::pin(ZlibDecoder::new(Encoded::new(body)))),
            Some(b"br") => {
                let mut encoded = Encoded::new(body);
                encoded.starts_brotli = true;
                Kind::Decoded(Box::pin(BrotliDecoder::new(encoded)))
            }
            Some(other) => {
                let coding = String::from_utf8_lossy(other);
                return Err(failed(format!("the origin's answer is in {coding:?}")));
            }
        };
        let mut alarm = Alarm {
            sleep: Box::pin(sleep_until(end)),
            idle,
            end,
        };
        alarm.rewind();
        let alarm = Some(alarm);
        Ok(Self { kind, alarm })
    }

    /// Whether its length is another than the origin announced.
    pub(super) fn is_decoded(&self) -> bool {
        matches!(self.kind, Kind::Decoded(_))
    }

    fn poll_kind(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Rejection>>> {
        let broken = |error: &dyn fmt::Display| failed(format!("the body broke off: {error}"));
        match &mut self.kind {
            Kind::Empty => Poll::Ready(None),
            Kind::Plain(body) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|error| broken(&error))))
            }
            Kind::Decoded(decoder) => {
                let mut piece = vec![0; PIECE];
                let mut buffer = ReadBuf::new(&mut piece);
                let read = ready!(decoder.as_mut().poll_read(cx, &mut buffer));
                let length = buffer.filled().len();
                piece.truncate(length);
                Poll::Ready(match read {
                    Ok(()) if length == 0 => None,
                    Ok(()) => Some(Ok(Frame::data(piece.into()))),
                    Err(error) => Some(Err(broken(&error))),
                })
            }
        }
    }
}

impl Alarm {
    fn rewind(&mut self) {
        let idle = Instant::now().checked_add(self.idle);
        let until = idle.map_or(self.end, |idle| idle.min(self.end));
        self.sleep.as_mut().reset(until);
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = Rejection;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Rejection>>> {
        let polled = self.poll_kind(cx);
        let Some(alarm) = &mut self.alarm else {
            return polled;
        };
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                alarm.rewind();
                return Poll::Ready(Some(Ok(frame)));
            }
            Poll::Pending => {
                if alarm.sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            // It is over.
            ended @ Poll::Ready(_) => {
                *self = Self::default();
                return ended;
            }
        }
        *self = Self::default();
        let reason = "the body took too long to come";
        Poll::Ready(Some(Err(Rejection::new(RejectionKind::Timeout, reason))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Plain(body) => body.is_end_stream(),
            Kind::Decoded(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Plain(body) => body.size_hint(),
            Kind::Decoded(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBody").finish_non_exhaustive()
    }
}

/// A body as a decoder reads it.
struct Encoded {
    body: Incoming,
    piece: Bytes,
    /// Whether the next byte is the first of a brotli stream.
    starts_brotli: bool,
}

impl Encoded {
    fn new(body: Incoming) -> Self {
        Self {
            body,
            piece: Bytes::new(),
            starts_brotli: false,
        }
    }
}

impl AsyncBufRead for Encoded {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.piece.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                // Trailers say nothing here.
                Some(Ok(frame)) => this.piece = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => break,
            }
        }
        if let (true, Some(first)) = (this.starts_brotli, this.piece.first()) {
            this.starts_brotli = false;
            // A window of up to a gigabyte, taken at once. RFC 7932, section 9.1, has no such stream.
            if first & 0x7f == 0x11 {
                let why = "a brotli stream with a large window";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
            }
        }
        Poll::Ready(Ok(&this.piece))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let piece = &mut self.get_mut().piece;
        piece.advance(amount.min(piece.len()));
    }
}

impl AsyncRead for Encoded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let piece = ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = piece.len().min(buffer.remaining());
        buffer.put_slice(piece.get(..length).unwrap_or_default());
        self.consume(length);
        Poll::Ready(Ok(()))
    }
}
