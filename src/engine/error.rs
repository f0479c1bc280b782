use std::borrow::Cow;
use std::fmt;

/// Why an image could not be made.
#[derive(Clone, Debug)]
pub struct RenderError {
    kind: RenderErrorKind,
    reason: Cow<'static, str>,
}

/// The kinds of [`RenderError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RenderErrorKind {
    /// The source is no image that the engine reads, or the output format is none that it writes.
    UnsupportedFormat,
    /// More pixels, width, height or frames than the [`Limits`](super::Limits) allow, in the source or in the output.
    ImageTooLarge,
    /// The recipe computes a size out of the source's that no image has.
    ImpossibleSize,
    /// The source begins like an image, but does not decode.
    ImageCorrupt,
    /// An [`Interrupt`](super::Interrupt) came: the time was up, or nobody waits any more.
    Interrupted,
    /// A bug, in the engine or in one of its codecs.
    Internal,
}

impl RenderError {
    /// An error of `kind`, with what is wrong: lower case, no final stop, nothing out of the source.
    pub fn new(kind: RenderErrorKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    /// What kind of error this is.
    pub fn kind(&self) -> RenderErrorKind {
        self.kind
    }

    pub(super) fn unsupported(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RenderErrorKind::UnsupportedFormat, reason)
    }

    pub(super) fn too_large(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RenderErrorKind::ImageTooLarge, reason)
    }

    pub(super) fn impossible_size(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RenderErrorKind::ImpossibleSize, reason)
    }

    pub(super) fn corrupt(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RenderErrorKind::ImageCorrupt, reason)
    }

    pub(super) fn internal(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RenderErrorKind::Internal, reason)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for RenderError {}
