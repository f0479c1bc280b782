use super::plan::Size;
use super::{Probe, RenderError};

/// How large images may be. What is larger is refused before memory is taken for it.
///
/// ```
/// use imgward::engine::Limits;
///
/// let mut limits = Limits::default();
/// limits.max_output_pixels = 4_000_000;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The pixels of a source: width by height by frames. 16,800,000 by default.
    pub max_source_pixels: u64,
    /// The width of a source in pixels, before its orientation is applied. 10,000 by default.
    pub max_source_width: u32,
    /// The height of a source in pixels, before its orientation is applied. 10,000 by default.
    pub max_source_height: u32,
    /// The pixels of an output: width by height by frames. 16,800,000 by default.
    pub max_output_pixels: u64,
    /// The frames of a source. 200 by default.
    pub max_frames: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_source_pixels: 16_800_000,
            max_source_width: 10_000,
            max_source_height: 10_000,
            max_output_pixels: 16_800_000,
            max_frames: 200,
        }
    }
}

impl Limits {
    #[cfg(feature = "cache")]
    pub(super) fn write_key(&self, sink: &mut crate::recipe::key::Sink) {
        use crate::recipe::key::WriteKey as _;
        let Self {
            max_source_pixels,
            max_source_width,
            max_source_height,
            max_output_pixels,
            max_frames,
        } = self;
        max_source_pixels.write_key(sink);
        max_source_width.write_key(sink);
        max_source_height.write_key(sink);
        max_output_pixels.write_key(sink);
        max_frames.write_key(sink);
    }

    pub(super) fn check_source(&self, probe: &Probe) -> Result<(), RenderError> {
        let Probe {
            width,
            height,
            frames,
            ..
        } = *probe;
        if frames > self.max_frames {
            return Err(RenderError::too_large(format!(
                "the source has {frames} frames, more than {}",
                self.max_frames
            )));
        }
        let pixels = u64::from(width)
            .saturating_mul(height.into())
            .saturating_mul(frames.into());
        if width > self.max_source_width
            || height > self.max_source_height
            || pixels > self.max_source_pixels
        {
            return Err(RenderError::too_large(format!(
                "the source is {width} by {height} pixels large, in {frames} frames"
            )));
        }
        Ok(())
    }

    /// How many times a source of this size may be as large as it is.
    #[expect(clippy::cast_precision_loss, reason = "it is a ratio")]
    pub(super) fn most_scaled(&self, size: Size) -> f64 {
        let ratio = |most: f64, of: f64| most / of.max(1.0);
        let area = ratio(self.max_source_pixels as f64, size.pixels() as f64).sqrt();
        area.min(ratio(self.max_source_width.into(), size.width.into()))
            .min(ratio(self.max_source_height.into(), size.height.into()))
    }

    pub(super) fn check_output_frames(&self, size: Size, frames: u32) -> Result<(), RenderError> {
        if size.pixels().saturating_mul(frames.into()) > self.max_output_pixels {
            return Err(RenderError::too_large(format!(
                "the output would be {} by {} pixels large, in {frames} frames",
                size.width, size.height
            )));
        }
        Ok(())
    }

    pub(super) fn check_output(&self, width: u32, height: u32) -> Result<(), RenderError> {
        if u64::from(width).saturating_mul(height.into()) > self.max_output_pixels {
            return Err(RenderError::too_large(format!(
                "the output would be {width} by {height} pixels large"
            )));
        }
        Ok(())
    }
}
