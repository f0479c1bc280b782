//! The size that an image is scaled to by factors: imgproxy's rules.
//!
//! 1. Each axis shrinks by what takes the image to the box, or is left alone where the box has no length; the mode makes one
//!    factor of both, and the zoom divides it.
//! 2. Where the image may not be enlarged, both are raised together until none is below 1. The device's pixel ratio is raised
//!    by as much, unless the image is going to be extended to the box, and then lowered to what does not enlarge the image.
//! 3. The least sizes lower both together; then the pixel ratio divides them. No side becomes shorter than a pixel.
//! 4. Lengths are rounded to the nearest, a half up, and what sticks out of the box, times zoom and pixel ratio, is cut off.

use super::Size;
use super::length::{exact, whole};
use crate::recipe::{Factors, Gravity, Length, Resize, ResizeMode};

/// What a resize comes to.
pub(super) struct Sizes {
    /// The size of the whole scaled image.
    pub(super) scaled: Size,
    /// The size of the part of it that is kept.
    pub(super) kept: Size,
    /// The pixel ratio that is left.
    pub(super) pixel_ratio: f64,
}

pub(super) fn resize(image: Size, resize: &Resize, factors: Factors) -> Sizes {
    let source = [f64::from(image.width), f64::from(image.height)];
    let given = [
        length(resize.width, image.width),
        length(resize.height, image.height),
    ];
    let [mut across, mut down] = shrinks(source, given, resize.mode);
    let zoom = resize.zoom.map(positive);
    across /= zoom[0];
    down /= zoom[1];

    let mut ratio = positive(factors.pixel_ratio);
    if !resize.enlarge {
        let least = across.min(down);
        if least < 1.0 {
            across /= least;
            down /= least;
            if !factors.extended {
                ratio /= least;
            }
        }
        ratio = ratio.min(across.min(down));
    }
    if let Some(width) = resize.min_width.filter(|&width| width > 0) {
        let most = source[0] / f64::from(width);
        if most < across {
            down *= most / across;
            across = most;
        }
    }
    if let Some(height) = resize.min_height.filter(|&height| height > 0) {
        let most = source[1] / f64::from(height);
        if most < down {
            across *= most / down;
            down = most;
        }
    }
    let side = |source: f64, shrink: f64| rounded(source * (1.0 / (shrink / ratio).min(source)));
    let scaled = Size::new(side(source[0], across).max(1), side(source[1], down).max(1));
    let target = [0, 1].map(|axis| given[axis].map(|to| rounded(to * (ratio * zoom[axis]))));
    Sizes {
        scaled,
        kept: kept(scaled, target, resize),
        pixel_ratio: ratio,
    }
}

/// By what each axis is divided, before any zoom.
fn shrinks(source: [f64; 2], given: [Option<f64>; 2], mode: ResizeMode) -> [f64; 2] {
    let target = [given[0].unwrap_or(source[0]), given[1].unwrap_or(source[1])];
    let [across, down] = [source[0] / target[0], source[1] / target[1]];
    let mode = match mode {
        // A square counts as wide.
        ResizeMode::Auto if (source[0] >= source[1]) == (target[0] >= target[1]) => {
            ResizeMode::Fill
        }
        ResizeMode::Auto => ResizeMode::Fit,
        mode => mode,
    };
    match (mode, given) {
        (ResizeMode::Force, _) => [across, down],
        (_, [None, _]) => [down; 2],
        (_, [_, None]) => [across; 2],
        (ResizeMode::Fit, _) => [across.max(down); 2],
        _ => [across.min(down); 2],
    }
}

/// What is left of a scaled image when it is cut to the box.
fn kept(scaled: Size, target: [Option<u32>; 2], resize: &Resize) -> Size {
    let mut target = target;
    if let [Some(width), Some(height)] = target
        && resize.shrink_box
        && !resize.enlarge
        && width > 0
        && height > 0
    {
        let [width, height] = [f64::from(width), f64::from(height)];
        let over = [
            width / f64::from(scaled.width),
            height / f64::from(scaled.height),
        ];
        if over[0] > over[1] && over[0] > 1.0 {
            let height = rounded(f64::from(scaled.width) * (height / width));
            target = [Some(scaled.width), Some(height.max(1))];
        } else if over[1] > over[0] && over[1] > 1.0 {
            let width = rounded(f64::from(scaled.height) * (width / height));
            target = [Some(width.max(1)), Some(scaled.height)];
        }
    }
    // A length that comes to nothing cuts nothing.
    let side = |target: Option<u32>, scaled: u32| match target {
        Some(0) | None => scaled,
        Some(length) => length.min(scaled),
    };
    Size::new(
        side(target[0], scaled.width),
        side(target[1], scaled.height),
    )
}

/// A gravity whose distances in pixels are multiplied by the pixel ratio.
pub(super) fn at(gravity: &Gravity, ratio: f64) -> Gravity {
    let scaled = |length: Length| match length {
        Length::Pixels(pixels) => Length::Pixels(pixels * ratio),
        length => length,
    };
    match gravity {
        &Gravity::Anchor {
            horizontal,
            vertical,
            x,
            y,
        } => Gravity::Anchor {
            horizontal,
            vertical,
            x: scaled(x),
            y: scaled(y),
        },
        gravity => gravity.clone(),
    }
}

/// A length of the box, in pixels that need not be whole.
fn length(length: Option<Length>, of: u32) -> Option<f64> {
    length
        .map(|length| exact(length, of))
        .filter(|&length| length > 0.0 && length.is_finite())
}

/// A factor that nothing is lost by.
fn positive(factor: f64) -> f64 {
    if factor > 0.0 && factor.is_finite() {
        factor
    } else {
        1.0
    }
}

fn rounded(length: f64) -> u32 {
    whole(length.round())
}
