use std::fmt;

use super::RenderError;
use super::plan::Size;
use crate::recipe::Color;

/// What the samples of a pixel are, in their order. Each is a byte; alpha is not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Grey.
    Gray,
    /// Grey, alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Layout {
    /// How many samples, and bytes, a pixel has.
    pub fn samples(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether the last sample is alpha.
    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
}

/// A decoded image: its pixels, row by row from the top, and the colour profile that they are meant in.
#[derive(Clone)]
pub struct Picture {
    width: u32,
    height: u32,
    layout: Layout,
    data: Vec<u8>,
    profile: Option<Vec<u8>>,
}

impl Picture {
    /// A picture in sRGB. An [`Internal`](super::RenderErrorKind::Internal) error if `data` has not exactly the bytes of
    /// `width` by `height` pixels, or if that is none.
    pub fn new(
        width: u32,
        height: u32,
        layout: Layout,
        data: Vec<u8>,
    ) -> Result<Self, RenderError> {
        if data.is_empty() || byte_len(width, height, layout)? != data.len() {
            return Err(RenderError::internal(format!(
                "{} bytes do not make {width} by {height} pixels of {layout:?}",
                data.len()
            )));
        }
        Ok(Self {
            width,
            height,
            layout,
            data,
            profile: None,
        })
    }

    /// A picture of one colour.
    pub(super) fn filled(width: u32, height: u32, color: Color) -> Result<Self, RenderError> {
        let Color {
            red,
            green,
            blue,
            alpha,
        } = color;
        let pixels = byte_len(width, height, Layout::Gray)?;
        if alpha == u8::MAX {
            Self::new(
                width,
                height,
                Layout::Rgb,
                [red, green, blue].repeat(pixels),
            )
        } else {
            let data = [red, green, blue, alpha].repeat(pixels);
            Self::new(width, height, Layout::Rgba, data)
        }
    }

    /// The picture, meant in the colours of an ICC profile. One that cannot be used stands for sRGB.
    pub fn with_profile(mut self, profile: Option<Vec<u8>>) -> Self {
        self.profile = profile;
        self
    }

    /// A picture like this one, of other pixels.
    pub(super) fn remade(
        self,
        width: u32,
        height: u32,
        data: Vec<u8>,
    ) -> Result<Self, RenderError> {
        Ok(Self::new(width, height, self.layout, data)?.with_profile(self.profile))
    }

    /// The width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    pub(super) fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// What the samples are.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The samples.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    #[cfg(feature = "image")]
    pub(super) fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// The ICC profile that the samples are meant in.
    pub fn profile(&self) -> Option<&[u8]> {
        self.profile.as_deref()
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

/// How many bytes so many pixels take.
pub(super) fn byte_len(width: u32, height: u32, layout: Layout) -> Result<usize, RenderError> {
    usize::try_from(u64::from(width) * u64::from(height))
        .ok()
        .and_then(|pixels| pixels.checked_mul(layout.samples()))
        .ok_or_else(|| RenderError::too_large("the pixels do not fit into memory"))
}
