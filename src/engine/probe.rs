use super::plan::Size;
use super::{Codec, Codecs, Limits, Orientation, RenderError};
use crate::recipe::Format;

/// What the header of an image tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probe {
    /// The format, by the bytes.
    pub format: Format,
    /// The width of the stored pixels.
    pub width: u32,
    /// The height of the stored pixels.
    pub height: u32,
    /// How the stored pixels have to be turned to be upright.
    pub orientation: Orientation,
    /// How many frames there are: 1 unless the image is animated.
    pub frames: u32,
    /// How often an animation is seen. 0: for ever.
    pub loops: u32,
    /// Whether it is drawn, and so has no pixels of its own: it can be decoded larger than it is without loss.
    pub vector: bool,
}

impl Probe {
    /// An upright image of one frame.
    pub fn new(format: Format, width: u32, height: u32) -> Self {
        Self {
            format,
            width,
            height,
            orientation: Orientation::default(),
            frames: 1,
            loops: 0,
            vector: false,
        }
    }

    pub(super) fn stored_size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    pub(super) fn upright_size(&self) -> Size {
        self.orientation.turn_size(self.stored_size())
    }
}

/// Finds the codec that reads `source` and asks it for the header. Nothing that is over the limits gets past this.
pub(super) fn probe<'a>(
    codecs: &'a Codecs,
    source: &[u8],
    limits: &Limits,
) -> Result<(&'a dyn Codec, Probe), RenderError> {
    let codec = codecs
        .for_source(source)
        .ok_or_else(|| RenderError::unsupported("the source is not an image of a known format"))?;
    let probe = codec.probe(source, limits)?;
    if probe.width == 0 || probe.height == 0 || probe.frames == 0 {
        return Err(RenderError::corrupt("the source has no pixels"));
    }
    limits.check_source(&probe)?;
    Ok((codec, probe))
}
