//! From a recipe and the size of an image to numbers. Integer geometry with no image in it.
//!
//! All lengths are those of the upright image. The rules are imagor's, whose rounding is libvips': to the nearest,
//! a half up.
//!
//! 1. The crop comes first. Everything after sees the cropped image alone.
//! 2. The image is scaled, with its ratio kept unless the mode is [`Force`](ResizeMode::Force), by the least factor that
//!    covers the box, or the greatest that fits into it. An axis without a length does not count.
//! 3. With [`Fill`](ResizeMode::Fill), what sticks out of the box is cut off: where the image may not be enlarged, it
//!    may be smaller than the box in one axis, and still stick out in the other.
//! 4. No side becomes shorter than a pixel.

use super::{Limits, RenderError};
use crate::recipe::{Align, Crop, Recipe, Resize, ResizeMode, Unit};

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

/// A part of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Area {
    pub(super) fn whole(size: Size) -> Self {
        Self {
            left: 0,
            top: 0,
            width: size.width,
            height: size.height,
        }
    }

    pub(super) fn size(self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }
}

/// What to do with the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The part of the source that is used.
    pub(super) crop: Area,
    /// The size that this part is scaled to.
    pub(super) scaled: Size,
    /// The part of the scaled image that is kept. Its size is the output's.
    pub(super) cut: Area,
}

/// Plans `recipe` for an image whose upright size is `source`.
pub(super) fn plan(source: Size, recipe: &Recipe, limits: &Limits) -> Result<Plan, RenderError> {
    let crop = recipe
        .crop
        .and_then(|crop| crop_area(source, &crop))
        .unwrap_or_else(|| Area::whole(source));
    let (scaled, cut) = match &recipe.resize {
        Some(resize) => resized(crop.size(), resize),
        None => (crop.size(), Area::whole(crop.size())),
    };
    limits.check_output(cut.width, cut.height)?;
    Ok(Plan { crop, scaled, cut })
}

/// The pixels of a crop, or `None` if there are none.
fn crop_area(source: Size, crop: &Crop) -> Option<Area> {
    let (left, right) = span(source.width, crop.left, crop.right, crop)?;
    let (top, bottom) = span(source.height, crop.top, crop.bottom, crop)?;
    Some(Area {
        left,
        top,
        width: right - left,
        height: bottom - top,
    })
}

/// A crop's first pixel along an axis, and the one after its last.
fn span(length: u32, low: f64, high: f64, crop: &Crop) -> Option<(u32, u32)> {
    let last = if crop.one_short { length - 1 } else { length };
    let low = pixels(length, low, crop.unit);
    let high = match pixels(length, high, crop.unit) {
        0 if crop.one_short => last,
        high => high.min(last),
    };
    (low < high).then_some((low, high))
}

/// A length in whole pixels. Pixels are cut off to whole ones, fractions rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` takes what is out of range, or not a number, to the nearest end, or to 0"
)]
fn pixels(length: u32, value: f64, unit: Unit) -> u32 {
    match unit {
        Unit::Pixels => value as u32,
        Unit::Fraction => (value * f64::from(length)).round() as u32,
    }
}

/// The size that an image is scaled to, and what is cut out of it then.
fn resized(image: Size, resize: &Resize) -> (Size, Area) {
    let unchanged = (image, Area::whole(image));
    let Some(target) = Target::of(image, resize) else {
        return unchanged;
    };
    match resize.mode {
        ResizeMode::Fit => {
            let scaled = target.scaled(image, resize.enlarge, Bound::Inside);
            (scaled, Area::whole(scaled))
        }
        ResizeMode::Cover => {
            let scaled = target.scaled(image, resize.enlarge, Bound::Outside);
            (scaled, Area::whole(scaled))
        }
        ResizeMode::Fill => {
            let scaled = target.scaled(image, resize.enlarge, Bound::Outside);
            let width = target.width.map_or(scaled.width, |w| w.min(scaled.width));
            let height = target
                .height
                .map_or(scaled.height, |h| h.min(scaled.height));
            let cut = Area {
                left: aligned(scaled.width - width, resize.horizontal),
                top: aligned(scaled.height - height, resize.vertical),
                width,
                height,
            };
            (scaled, cut)
        }
        ResizeMode::Force => {
            let whole = target.scaled(image, true, Bound::Outside);
            let forced = Size {
                width: target.width.unwrap_or(whole.width),
                height: target.height.unwrap_or(whole.height),
            };
            let smaller = forced.width < image.width && forced.height < image.height;
            if resize.enlarge || smaller {
                (forced, Area::whole(forced))
            } else {
                unchanged
            }
        }
    }
}

/// How much of what sticks out is cut off at the low end.
fn aligned(excess: u32, align: Align) -> u32 {
    match align {
        Align::Start => 0,
        Align::Center => excess / 2,
        Align::End => excess,
    }
}

/// Which side of the box the scaled image is bound by.
#[derive(Clone, Copy)]
enum Bound {
    Inside,
    Outside,
}

/// The box of a resize, of which one length at least is given.
struct Target {
    width: Option<u32>,
    height: Option<u32>,
}

impl Target {
    fn of(image: Size, resize: &Resize) -> Option<Self> {
        let width = resize.width.filter(|&width| width > 0);
        let height = resize.height.filter(|&height| height > 0);
        if width.is_none() && height.is_none() {
            return None;
        }
        // A length that is not given counts as none here; and a square is not wide.
        let wide_box = width.unwrap_or(0) > height.unwrap_or(0);
        let wide_image = image.width > image.height;
        Some(if resize.adaptive && wide_box != wide_image {
            Self {
                width: height,
                height: width,
            }
        } else {
            Self { width, height }
        })
    }

    /// The size of `image`, scaled with its ratio kept so that it touches the box.
    fn scaled(&self, image: Size, enlarge: bool, bound: Bound) -> Size {
        let wider = |width: u32, height: u32| {
            u64::from(image.width) * u64::from(height) > u64::from(width) * u64::from(image.height)
        };
        let by_width = match (self.width, self.height) {
            (Some(width), Some(height)) => wider(width, height) == matches!(bound, Bound::Inside),
            (width, _) => width.is_some(),
        };
        let (to, from) = if by_width {
            (self.width.unwrap_or(1), image.width)
        } else {
            (self.height.unwrap_or(1), image.height)
        };
        if to > from && !enlarge {
            return image;
        }
        let scale = |length| {
            if to == from {
                length
            } else {
                scale(length, to, from)
            }
        };
        Size {
            width: if by_width { to } else { scale(image.width) },
            height: if by_width { scale(image.height) } else { to },
        }
    }
}

/// `length * to / from`, to the nearest, a half up; at least 1.
fn scale(length: u32, to: u32, from: u32) -> u32 {
    let (length, to, from) = (u128::from(length), u128::from(to), u128::from(from).max(1));
    let scaled = (2 * length * to + from) / (2 * from);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests;
