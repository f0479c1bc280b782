//! Where a window is in an image, and where an image is on a canvas.

use super::Size;
use super::length::{exact, offset};
use crate::recipe::{Align, Focus, Gravity, Length, Unit};

/// How the image as it is now lies over the upright source: a point of the source, times `scale`, minus `offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Scene {
    source: Size,
    scale: (f64, f64),
    offset: (f64, f64),
}

impl Scene {
    /// The source itself.
    pub(super) fn of(source: Size) -> Self {
        Self {
            source,
            scale: (1.0, 1.0),
            offset: (0.0, 0.0),
        }
    }

    /// The size of the upright source.
    pub(super) fn source(&self) -> Size {
        self.source
    }

    /// What is seen when a part of it, which begins at `left` and `top`, is scaled by `(x, y)`.
    pub(super) fn scaled(&self, (left, top): (f64, f64), (x, y): (f64, f64)) -> Self {
        Self {
            source: self.source,
            scale: (self.scale.0 * x, self.scale.1 * y),
            offset: ((self.offset.0 + left) * x, (self.offset.1 + top) * y),
        }
    }

    /// The middle of what matters, in pixels of the image as it is now.
    fn focus(&self, areas: &[Focus]) -> Option<(f64, f64)> {
        let (mut x, mut y, mut weight) = (0.0, 0.0, 0.0);
        for area in areas {
            let (across, down) = match area.unit {
                Unit::Pixels => (1.0, 1.0),
                Unit::Fraction => (self.source.width.into(), self.source.height.into()),
            };
            // A point has an area too.
            let least = |length: f64| if length == 0.0 { 1.0 } else { length };
            let width = least((area.right - area.left) * across);
            let height = least((area.bottom - area.top) * down);
            if width > 0.0 && height > 0.0 {
                x += width * height * f64::midpoint(area.left, area.right) * across;
                y += width * height * f64::midpoint(area.top, area.bottom) * down;
                weight += width * height;
            }
        }
        (weight > 0.0).then(|| {
            (
                x / weight * self.scale.0 - self.offset.0,
                y / weight * self.scale.1 - self.offset.1,
            )
        })
    }
}

/// The left and top edge of `window` in `image`. It may lie outside.
pub(super) fn place(window: Size, image: Size, gravity: &Gravity, scene: &Scene) -> (i64, i64) {
    let around = |x: f64, y: f64| {
        (
            centered(x, window.width, image.width),
            centered(y, window.height, image.height),
        )
    };
    match gravity {
        Gravity::Anchor {
            horizontal,
            vertical,
            x,
            y,
        } => (
            anchored(window.width, image.width, *horizontal, *x),
            anchored(window.height, image.height, *vertical, *y),
        ),
        Gravity::Point { x, y } => around(exact(*x, image.width), exact(*y, image.height)),
        Gravity::Focus(areas) => match scene.focus(areas) {
            Some((x, y)) => around(x, y),
            None => place(window, image, &Gravity::default(), scene),
        },
        Gravity::Smart => place(window, image, &Gravity::default(), scene),
    }
}

/// So far from an end, or from the middle; half pixels go to the low end.
fn anchored(window: u32, image: u32, align: Align, distance: Length) -> i64 {
    let excess = i64::from(image) - i64::from(window);
    let offset = offset(exact(distance, image));
    match align {
        Align::Start => offset,
        Align::Center => excess.div_euclid(2).saturating_add(offset),
        Align::End => excess.saturating_sub(offset),
    }
}

/// Around a point, as far as the image goes.
fn centered(at: f64, window: u32, image: u32) -> i64 {
    let start = offset(at - f64::from(window) / 2.0);
    start.clamp(0, (i64::from(image) - i64::from(window)).max(0))
}
