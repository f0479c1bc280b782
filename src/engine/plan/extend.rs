//! The canvas that an image is put onto.

use super::Size;
use super::factors;
use super::length::{exact, pixels, whole};
use super::place::{Scene, place};
use super::resize::shrunk;
use crate::recipe::{Extend, Length};

/// A canvas, and where on it the image begins; that may be outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Canvas {
    pub(in crate::engine) size: Size,
    pub(in crate::engine) left: i64,
    pub(in crate::engine) top: i64,
}

/// Lengths in pixels are multiplied by `ratio`.
pub(super) fn extend(image: Size, extend: &Extend, ratio: f64, scene: &Scene) -> Canvas {
    let scaled = |length| match length {
        Length::Pixels(pixels) => Length::Pixels(pixels * ratio),
        length => length,
    };
    let side = |length: Option<_>, of: u32| match length.map(|length| pixels(scaled(length), of)) {
        Some(0) | None => of,
        Some(length) => length,
    };
    let frame = extend.ratio.map_or_else(
        || {
            let frame = Size::new(
                side(extend.width, image.width),
                side(extend.height, image.height),
            );
            if extend.within_source {
                shrunk(frame, scene.source())
            } else {
                frame
            }
        },
        |ratio| around(image, ratio),
    );
    let (left, top) = place(image, frame, &factors::at(&extend.gravity, ratio), scene);
    let inside = |start: i64, image: u32, frame: u32| {
        let space = i64::from(frame) - i64::from(image);
        if extend.inside {
            start.clamp(space.min(0), space.max(0))
        } else {
            start
        }
    };
    let left = inside(left, image.width, frame.width);
    let top = inside(top, image.height, frame.height);
    let margin = |length, of| whole(exact(scaled(length), of).round());
    let [before, above, after, below] = [
        margin(extend.left, image.width),
        margin(extend.top, image.height),
        margin(extend.right, image.width),
        margin(extend.bottom, image.height),
    ];
    let grown = |length: u32, low: u32, high: u32| length.saturating_add(low).saturating_add(high);
    Canvas {
        size: Size::new(
            grown(frame.width, before, after),
            grown(frame.height, above, below),
        ),
        left: left.saturating_add(before.into()),
        top: top.saturating_add(above.into()),
    }
}

/// The least frame of a ratio around an image.
fn around(image: Size, (width, height): (f64, f64)) -> Size {
    if !(width > 0.0 && height > 0.0) {
        return image;
    }
    let wide = whole((f64::from(image.height) * width / height).round());
    if wide >= image.width {
        Size::new(wide, image.height)
    } else {
        let high = whole((f64::from(image.width) * height / width).round());
        Size::new(image.width, high.max(image.height))
    }
}
