use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use object_store::GetResult;
use tokio::time::{Instant, Sleep, sleep_until};

use super::fetch::failed;
use crate::guard::{Rejection, RejectionKind};

/// The body of an answer of a [`BucketOrigin`](super::BucketOrigin).
#[derive(Default)]
pub struct BucketBody(Option<Coming>);

/// An object that is on its way.
struct Coming {
    pieces: Pieces,
    /// How many bytes are still to come.
    left: u64,
    /// When the next piece must have come.
    sleep: Pin<Box<Sleep>>,
    idle: Duration,
    end: Instant,
}

/// The crate's stream, whose trait is another crate's.
type Pieces = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Piece>> + Send>;

type Piece = object_store::Result<Bytes>;

impl BucketBody {
    pub(super) fn new(object: GetResult, idle: Duration, end: Instant) -> Self {
        let left = object.meta.size;
        let mut stream = object.into_stream();
        let mut coming = Coming {
            pieces: Box::new(move |cx| stream.as_mut().poll_next(cx)),
            left,
            sleep: Box::pin(sleep_until(end)),
            idle,
            end,
        };
        coming.rewind();
        Self(Some(coming))
    }
}

impl Coming {
    fn rewind(&mut self) {
        let idle = Instant::now().checked_add(self.idle);
        let until = idle.map_or(self.end, |idle| idle.min(self.end));
        self.sleep.as_mut().reset(until);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Rejection>>> {
        match (self.pieces)(cx) {
            Poll::Ready(Some(Ok(piece))) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                self.rewind();
                return Poll::Ready(Some(Ok(piece)));
            }
            Poll::Ready(Some(Err(error))) => {
                return Poll::Ready(Some(Err(failed("the object broke off", &error))));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        self.sleep.as_mut().poll(cx).map(|()| {
            let reason = "the object took too long to come";
            Some(Err(Rejection::new(RejectionKind::Timeout, reason)))
        })
    }
}

impl Body for BucketBody {
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
        if !matches!(polled, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.0 = None;
        }
        polled.map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |coming| coming.left))
    }
}

impl fmt::Debug for BucketBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketBody").finish_non_exhaustive()
    }
}
