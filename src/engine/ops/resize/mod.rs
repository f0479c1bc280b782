//! Resampling, of planes and of packed pixels. The convolutions are `fast_image_resize`'s.

mod convolution;
mod packed;
mod planes;
mod shrink;
mod transfer;

use std::borrow::Cow;

pub(in crate::engine) use self::packed::resize_picture;
use self::planes::resize_planar;
pub(in crate::engine) use self::shrink::{shrink_rows, square_for};
use crate::engine::plan::{Area, Scale, Size};
use crate::engine::{Picture, Pixels, RenderError};
use crate::recipe::Kernel;

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
    #[cfg(test)]
    fn of(crop: Region) -> Self {
        Self { crop, part: crop }
    }

    /// The window of a plan: only what the cut keeps is computed.
    fn planned(plan: &Scale) -> Self {
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

/// Crops, scales and cuts in one pass. The pixels may be fewer than the `nominal` ones that `scale` is meant for; `chroma`
/// is how many new pixels there are to a sample of chroma each way, where the image has planes.
pub(in crate::engine) fn scale<'a>(
    pixels: Cow<'a, Pixels>,
    nominal: Size,
    scale: &Scale,
    linear: bool,
    chroma: (u32, u32),
) -> Result<Cow<'a, Pixels>, RenderError> {
    let size = pixels.size();
    let whole = Area::whole(size);
    if size == nominal && scale.is_crop() && scale.crop == whole && scale.cut == whole {
        return Ok(pixels);
    }
    let across = f64::from(size.width) / f64::from(nominal.width);
    let down = f64::from(size.height) / f64::from(nominal.height);
    let window = Window::planned(scale).scaled(across, down);
    let sampling = Sampling {
        kernel: scale.kernel,
        linear: scale.linear.unwrap_or(linear),
    };
    let to = scale.cut.size();
    Ok(Cow::Owned(match &*pixels {
        Pixels::Packed(picture) => resize_picture(picture, window, to, sampling)?.into(),
        Pixels::Planar(planar) => resize_planar(planar, window, to, chroma, sampling)?.into(),
    }))
}

/// Cuts a part out.
pub(in crate::engine) fn crop(picture: Picture, area: Area) -> Result<Picture, RenderError> {
    let size = picture.size();
    if area == Area::whole(size) {
        return Ok(picture);
    }
    let pixel = picture.layout().samples();
    let rows = picture.data().chunks_exact(size.width as usize * pixel);
    let (left, width) = (area.left as usize * pixel, area.width as usize * pixel);
    let data = rows
        .skip(area.top as usize)
        .take(area.height as usize)
        .filter_map(|row| row.get(left..left + width))
        .flatten()
        .copied()
        .collect();
    picture.remade(area.width, area.height, data)
}

#[cfg(test)]
mod tests;
