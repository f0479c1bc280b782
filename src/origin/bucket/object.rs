use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use object_store::GetResult;

/// The bytes of an object, as they are kept.
pub(super) struct Object {
    pieces: Pieces,
    /// How many bytes are still to come.
    left: u64,
}

/// The crate's stream, whose trait is another crate's.
type Pieces = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Piece>> + Send>;

type Piece = object_store::Result<Bytes>;

impl Object {
    pub(super) fn new(object: GetResult) -> Self {
        let left = object.meta.size;
        let mut stream = object.into_stream();
        Self {
            pieces: Box::new(move |cx| stream.as_mut().poll_next(cx)),
            left,
        }
    }
}

impl Body for Object {
    type Data = Bytes;
    type Error = object_store::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<object_store::Result<Frame<Bytes>>>> {
        let piece = ready!((self.pieces)(cx));
        if let Some(Ok(piece)) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
