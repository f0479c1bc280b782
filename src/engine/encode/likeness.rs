use ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use crate::engine::ops::{self, srgb};
use crate::engine::{Layout, Pixels, RenderError};

/// The shortest side that the measure is defined for, in pixels.
const SHORTEST: u32 = 8;

/// A picture that others are compared with.
pub(super) struct Reference(LinearRgb);

impl Reference {
    /// `None` where the picture is too small to be compared.
    pub(super) fn of(pixels: &Pixels) -> Result<Option<Self>, RenderError> {
        if pixels.width().min(pixels.height()) < SHORTEST {
            return Ok(None);
        }
        linear(pixels).map(Self).map(Some)
    }

    /// How alike another is, in SSIMULACRA2: 100 is the same.
    pub(super) fn likeness(&self, pixels: &Pixels) -> Result<f64, RenderError> {
        compute_frame_ssimulacra2(self.0.clone(), linear(pixels)?)
            .map_err(|error| RenderError::internal(format!("measuring likeness: {error}")))
    }
}

/// Light, on black: both pictures are laid on the same.
fn linear(pixels: &Pixels) -> Result<LinearRgb, RenderError> {
    let packed = ops::as_packed(pixels)?;
    let opaque = ops::flatten(&packed)?;
    let srgb = srgb();
    let data = opaque.data();
    let light = if opaque.layout() == Layout::Gray {
        data.iter().map(|&gray| [srgb.linear(gray); 3]).collect()
    } else {
        let (pixels, _) = data.as_chunks::<3>();
        let light = |color: &[u8; 3]| color.map(|sample| srgb.linear(sample));
        pixels.iter().map(light).collect()
    };
    LinearRgb::new(light, pixels.width() as usize, pixels.height() as usize)
        .map_err(|error| RenderError::internal(format!("measuring likeness: {error}")))
}
