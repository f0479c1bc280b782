//! Which part of an image is cut out.

use super::length::{pixels, whole};
use super::place::{Scene, place};
use super::{Area, Size};
use crate::recipe::{Crop, Extract, Length, Unit};

/// The pixels of a crop: all of them, if it has none.
pub(super) fn crop(image: Size, crop: &Crop) -> Area {
    let area = || {
        let (left, right) = span(image.width, crop.left, crop.right, crop)?;
        let (top, bottom) = span(image.height, crop.top, crop.bottom, crop)?;
        Some(Area {
            left,
            top,
            width: right - left,
            height: bottom - top,
        })
    };
    area().unwrap_or_else(|| Area::whole(image))
}

/// A crop's first pixel along an axis, and the one after its last.
fn span(length: u32, low: f64, high: f64, crop: &Crop) -> Option<(u32, u32)> {
    let last = if crop.one_short { length - 1 } else { length };
    let low = edge(length, low, crop.unit);
    let high = match edge(length, high, crop.unit) {
        0 if crop.one_short => last,
        high => high.min(last),
    };
    (low < high).then_some((low, high))
}

/// An edge in whole pixels. Pixels are cut off to whole ones, fractions rounded.
fn edge(length: u32, value: f64, unit: Unit) -> u32 {
    match unit {
        Unit::Pixels => whole(value),
        Unit::Fraction => whole((value * f64::from(length)).round()),
    }
}

/// The pixels of an extract: all of them, if it has none.
pub(super) fn extract(image: Size, extract: &Extract, scene: &Scene) -> Area {
    let side = |length: Option<Length>, of: u32| match length {
        Some(length) => match pixels(length, of) {
            0 => of,
            side => side,
        },
        None => of,
    };
    let window = Size::new(
        side(extract.width, image.width),
        side(extract.height, image.height),
    );
    let (left, top) = place(window, image, &extract.gravity, scene);
    let along = |start: i64, window: u32, image: u32| {
        let (window, image) = (i64::from(window), i64::from(image));
        let start = if extract.inside {
            start.clamp(0, (image - window).max(0))
        } else {
            start
        };
        let end = start.saturating_add(window).min(image);
        let start = start.max(0);
        let range = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        (range.0 < range.1).then_some(range)
    };
    match (
        along(left, window.width, image.width),
        along(top, window.height, image.height),
    ) {
        (Some((left, right)), Some((top, bottom))) => Area {
            left,
            top,
            width: right - left,
            height: bottom - top,
        },
        _ => Area::whole(image),
    }
}
