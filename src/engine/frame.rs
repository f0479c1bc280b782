use std::time::Duration;

use super::plan::Size;
use super::{Picture, Planar, RenderError};

/// Pixels, in one of two forms.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Pixels {
    /// Sample by sample.
    Packed(Picture),
    /// As JPEG stores them. Formats that store them likewise take them without a detour.
    Planar(Planar),
}

impl Pixels {
    /// The width in pixels.
    pub fn width(&self) -> u32 {
        match self {
            Self::Packed(picture) => picture.width(),
            Self::Planar(planar) => planar.width(),
        }
    }

    /// The height in pixels.
    pub fn height(&self) -> u32 {
        match self {
            Self::Packed(picture) => picture.height(),
            Self::Planar(planar) => planar.height(),
        }
    }

    /// Whether a sample is alpha.
    pub fn has_alpha(&self) -> bool {
        matches!(self, Self::Packed(picture) if picture.layout().has_alpha())
    }

    /// The ICC profile that the samples are meant in.
    pub fn profile(&self) -> Option<&[u8]> {
        match self {
            Self::Packed(picture) => picture.profile(),
            Self::Planar(planar) => planar.profile(),
        }
    }

    pub(super) fn with_profile(self, profile: Option<Vec<u8>>) -> Self {
        match self {
            Self::Packed(picture) => Self::Packed(picture.with_profile(profile)),
            Self::Planar(planar) => Self::Planar(planar.with_profile(profile)),
        }
    }

    pub(super) fn size(&self) -> Size {
        Size::new(self.width(), self.height())
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Packed(picture) => picture.data().len() as u64,
            Self::Planar(planar) => planar.bytes(),
        }
    }
}

impl From<Picture> for Pixels {
    fn from(picture: Picture) -> Self {
        Self::Packed(picture)
    }
}

impl From<Planar> for Pixels {
    fn from(planar: Planar) -> Self {
        Self::Planar(planar)
    }
}

/// One picture of an animation, or a still one.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The whole picture, as it is seen.
    pub pixels: Pixels,
    /// How long it is seen. Zero for a still picture.
    pub delay: Duration,
}

impl Frame {
    /// A still picture.
    pub fn still(pixels: impl Into<Pixels>) -> Self {
        Self {
            pixels: pixels.into(),
            delay: Duration::ZERO,
        }
    }
}

/// Frames, one after the other. After an error, or a `None`, there are no more.
pub trait Frames {
    /// The next one.
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError>;
}

/// A still picture.
#[derive(Debug)]
pub struct Still(Option<Frame>);

impl Still {
    /// Just this one.
    pub fn new(pixels: impl Into<Pixels>) -> Self {
        Self(Some(Frame::still(pixels)))
    }
}

impl Frames for Still {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        Ok(self.0.take())
    }
}
