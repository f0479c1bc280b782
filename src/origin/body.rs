//! The body of an origin's answer: without its content coding, and in time.

use std::fmt::{self, Display};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::{Buf, Bytes};
use http::header::{CONTENT_ENCODING, HeaderMap};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::answer::from_now;
use crate::guard::{Rejection, RejectionKind};
use crate::header_list::elements;

/// How many bytes are decoded at a time.
const PIECE: usize = 16 * 1024;

/// The longest reason of a failure, in characters. A server may say much.
const MAX_REASON: usize = 300;

/// The body of an answer of an origin, without its content coding: gzip, deflate and brotli are decoded as it is read, in
/// pieces of at most 16 KiB.
#[derive(Default)]
pub struct OriginBody(Option<Coming>);

/// A body that is on its way.
struct Coming {
    kind: Kind,
    /// When the next piece must have come.
    sleep: Pin<Box<Sleep>>,
    idle: Duration,
    end: Instant,
}

enum Kind {
    Plain(Source),
    Decoded(Pin<Box<dyn AsyncRead + Send>>),
}

type Source = Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl OriginBody {
    /// A body in the coding that `headers` name. Each piece must come within `idle`, and all of it until `end`.
    pub(super) fn decoding<B>(
        headers: &HeaderMap,
        body: B,
        idle: Duration,
        end: Instant,
    ) -> Result<Self, Rejection>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut codings = elements(headers, CONTENT_ENCODING)
            .filter(|coding| !coding.eq_ignore_ascii_case(b"identity"));
        let coding = codings.next().map(<[u8]>::to_ascii_lowercase);
        if codings.next().is_some() {
            return Err(failed("the origin's answer has several codings"));
        }
        let body = Box::pin(Boxed { body });
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
                return Err(failed(&format!("the origin's answer is in {coding:?}")));
            }
        };
        let mut decoded = Coming {
            kind,
            sleep: Box::pin(sleep_until(end)),
            idle,
            end,
        };
        decoded.rewind();
        Ok(Self(Some(decoded)))
    }

    /// Whether its length is another than the origin announced.
    pub(super) fn is_decoded(&self) -> bool {
        let coming = self.0.as_ref();
        coming.is_some_and(|coming| matches!(coming.kind, Kind::Decoded(_)))
    }
}

impl Coming {
    fn rewind(&mut self) {
        let until = self.end.min(from_now(self.idle));
        self.sleep.as_mut().reset(until);
    }

    fn poll_kind(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Rejection>>> {
        let broken = |error: &dyn Display| failed(&format!("the body broke off: {error}"));
        match &mut self.kind {
            Kind::Plain(body) => {
                let frame = ready!(body.as_mut().poll_frame(cx));
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

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Rejection>>> {
        let polled = self.poll_kind(cx);
        if let Poll::Ready(ended) = polled {
            self.rewind();
            return Poll::Ready(ended);
        }
        self.sleep.as_mut().poll(cx).map(|()| {
            let reason = "the body took too long to come";
            Some(Err(Rejection::new(RejectionKind::Timeout, reason)))
        })
    }
}

impl Body for OriginBody {
    type Data = Bytes;
    type Error = Rejection;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Rejection>>> {
        let Some(coming) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let polled = coming.poll(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            None => true,
            Some(coming) => match &coming.kind {
                Kind::Plain(body) => body.is_end_stream(),
                Kind::Decoded(_) => false,
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            None => SizeHint::with_exact(0),
            Some(coming) => match &coming.kind {
                Kind::Plain(body) => body.size_hint(),
                Kind::Decoded(_) => SizeHint::default(),
            },
        }
    }
}

impl fmt::Debug for OriginBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginBody").finish_non_exhaustive()
    }
}

/// The origin did not do what it should.
pub(super) fn failed(reason: &str) -> Rejection {
    let reason: String = reason.chars().take(MAX_REASON).collect();
    Rejection::new(RejectionKind::OriginFailed, reason)
}

pin_project_lite::pin_project! {
    /// A body whose errors are of one type.
    struct Boxed<B> {
        #[pin]
        body: B,
    }
}

impl<B> Body for Boxed<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let frame = ready!(self.project().body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body as a decoder reads it.
struct Encoded {
    body: Source,
    piece: Bytes,
    /// Whether the next byte is the first of a brotli stream.
    starts_brotli: bool,
}

impl Encoded {
    fn new(body: Source) -> Self {
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
            match ready!(this.body.as_mut().poll_frame(cx)) {
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
