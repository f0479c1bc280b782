use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of an answer of a [`TransformService`](super::TransformService): an image or a refusal, whole, or the
    /// body that the inner service answered with, as it is.
    #[derive(Debug)]
    pub struct ImageBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<B> {
        Whole { bytes: Bytes },
        Inner { #[pin] body: B },
    }
}

impl<B> ImageBody<B> {
    pub(super) fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    /// The bytes of an image or a refusal. `None` of an inner body.
    #[cfg(feature = "cache")]
    pub(crate) fn into_whole(self) -> Option<Bytes> {
        match self.kind {
            Kind::Whole { bytes } => Some(bytes),
            Kind::Inner { .. } => None,
        }
    }
}

/// Of no bytes.
impl<B> Default for ImageBody<B> {
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

impl<B> From<Bytes> for ImageBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self {
            kind: Kind::Whole { bytes },
        }
    }
}

impl<B: Body<Data = Bytes>> Body for ImageBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProj::Whole { bytes } if bytes.is_empty() => Poll::Ready(None),
            KindProj::Whole { bytes } => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            KindProj::Inner { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole { bytes } => bytes.is_empty(),
            Kind::Inner { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole { bytes } => SizeHint::with_exact(bytes.len() as u64),
            Kind::Inner { body } => body.size_hint(),
        }
    }
}
