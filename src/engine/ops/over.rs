//! Alpha: pixels over pixels. Colours are not premultiplied.

use super::layout;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Color;

/// `a * b / 255`, to the nearest.
#[inline]
pub(super) fn product(a: u8, b: u8) -> u8 {
    by_255(u32::from(a) * u32::from(b))
}

/// A value of at most 255 * 255, divided by 255, to the nearest.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "it is at most 255")]
pub(super) fn by_255(value: u32) -> u8 {
    let value = value + 128;
    ((value + (value >> 8)) >> 8) as u8
}

/// `a` by `weight` of 255, and `b` by the rest.
#[inline]
pub(super) fn mixed(a: u8, b: u8, weight: u8) -> u8 {
    by_255(u32::from(a) * u32::from(weight) + u32::from(b) * u32::from(u8::MAX - weight))
}

/// A pixel over another: source-over.
#[inline]
pub(super) fn over(top: [u8; 4], bottom: [u8; 4]) -> [u8; 4] {
    let [red, green, blue, alpha] = top;
    if alpha == u8::MAX {
        return top;
    }
    if alpha == 0 {
        return bottom;
    }
    if bottom[3] == u8::MAX {
        return [
            mixed(red, bottom[0], alpha),
            mixed(green, bottom[1], alpha),
            mixed(blue, bottom[2], alpha),
            u8::MAX,
        ];
    }
    let of_top = u32::from(alpha) * 255;
    let of_bottom = u32::from(bottom[3]) * u32::from(u8::MAX - alpha);
    let whole = of_top + of_bottom;
    let mix = |top: u8, bottom: u8| {
        let sum = u32::from(top) * of_top + u32::from(bottom) * of_bottom;
        u8::try_from((sum + whole / 2) / whole).unwrap_or(u8::MAX)
    };
    [
        mix(red, bottom[0]),
        mix(green, bottom[1]),
        mix(blue, bottom[2]),
        by_255(whole),
    ]
}

/// The picture over a colour, without alpha if the colour has none.
pub(super) fn laid_on(picture: Picture, color: Color) -> Result<Picture, RenderError> {
    if !picture.layout().has_alpha() {
        return Ok(picture);
    }
    let colored = layout::colored(layout::joined(picture.layout(), layout::of_color(color)));
    let bottom = layout::rgba(color);
    layout::mapped(
        &picture,
        layout::layout(colored, color.alpha < u8::MAX),
        |pixel| over(pixel, bottom),
    )
}

/// The picture with its alpha multiplied.
pub(in crate::engine) fn opacity(picture: Picture, factor: f64) -> Result<Picture, RenderError> {
    // What is not a number leaves the picture as it is.
    if factor >= 1.0 || factor.is_nan() {
        return Ok(picture);
    }
    let factor = super::byte(factor.max(0.0) * 255.0);
    let to = layout::joined(picture.layout(), Layout::GrayAlpha);
    layout::mapped(&picture, to, |[red, green, blue, alpha]| {
        [red, green, blue, product(alpha, factor)]
    })
}
