//! Resampling, of planes and of packed pixels. The convolutions are `fast_image_resize`'s.

mod convolution;
mod packed;
mod planes;
mod transfer;

pub(in crate::engine) use self::packed::resize_picture;
pub(in crate::engine) use self::planes::{resize_planar, resize_plane};

use crate::engine::plan::{Area, Plan, Size};
use crate::engine::{Picture, RenderError};

/// How samples are weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) enum Kernel {
    /// The sample at the centre alone.
    Nearest,
    /// The mean of those that a new pixel covers.
    Box,
    /// A triangle: bilinear where the image grows.
    Linear,
    /// Catmull-Rom's cubic.
    Cubic,
    /// Mitchell's and Netravali's cubic, with both their parameters a third.
    Mitchell,
    /// Lanczos with two lobes.
    Lanczos2,
    /// Lanczos with three lobes.
    #[default]
    Lanczos3,
}

/// How an image is resized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Sampling {
    pub(in crate::engine) kernel: Kernel,
    /// Whether light is added up, as sRGB encodes it, and not its encoding: fine detail keeps its brightness.
    pub(in crate::engine) linear: bool,
}

/// A part of an image in pixels of it, and fractions of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Region {
    pub(in crate::engine) left: f64,
    pub(in crate::engine) top: f64,
    pub(in crate::engine) width: f64,
    pub(in crate::engine) height: f64,
}

impl Region {
    pub(in crate::engine) fn whole(size: Size) -> Self {
        Area::whole(size).into()
    }

    fn scaled(self, across: f64, down: f64) -> Self {
        Self {
            left: self.left * across,
            top: self.top * down,
            width: self.width * across,
            height: self.height * down,
        }
    }
}

impl From<Area> for Region {
    fn from(area: Area) -> Self {
        Self {
            left: area.left.into(),
            top: area.top.into(),
            width: area.width.into(),
            height: area.height.into(),
        }
    }
}

/// What of an image becomes the new one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Window {
    /// What was cropped. The rest of the image has no part in the new one, not even at its edges. Fractions are rounded
    /// outwards.
    pub(in crate::engine) crop: Region,
    /// What is resized of it.
    pub(in crate::engine) part: Region,
}

impl Window {
    /// All of a crop.
    pub(in crate::engine) fn of(crop: Region) -> Self {
        Self { crop, part: crop }
    }

    /// The window of a plan: only what the cut keeps is computed.
    pub(in crate::engine) fn planned(plan: &Plan) -> Self {
        let crop = Region::from(plan.crop);
        let across = crop.width / f64::from(plan.scaled.width);
        let down = crop.height / f64::from(plan.scaled.height);
        let cut = Region::from(plan.cut).scaled(across, down);
        let part = Region {
            left: crop.left + cut.left,
            top: crop.top + cut.top,
            ..cut
        };
        Self { crop, part }
    }

    fn scaled(self, across: f64, down: f64) -> Self {
        Self {
            crop: self.crop.scaled(across, down),
            part: self.part.scaled(across, down),
        }
    }
}

/// Crops, scales and cuts in one pass; `plan` is in the picture's own coordinates.
///
/// The filter is Lanczos with three lobes, applied to the samples as they are (gamma-encoded, as libvips does by
/// default), with alpha premultiplied so that the colour of transparent pixels does not bleed into their neighbours.
pub(in crate::engine) fn resize(picture: Picture, plan: &Plan) -> Result<Picture, RenderError> {
    let size = Size {
        width: picture.width(),
        height: picture.height(),
    };
    if plan.crop == Area::whole(size) && plan.cut == plan.crop && plan.scaled == size {
        return Ok(picture);
    }
    resize_picture(
        &picture,
        Window::planned(plan),
        plan.cut.size(),
        Sampling::default(),
    )
}

#[cfg(test)]
mod tests;
