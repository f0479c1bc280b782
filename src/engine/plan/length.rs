//! Lengths and distances in pixels.

use crate::recipe::Length;

/// A length in whole pixels, to the nearest; nothing is shorter than 0.
pub(in crate::engine) fn pixels(length: Length, of: u32) -> u32 {
    whole(exact(length, of).round())
}

/// A length in pixels.
pub(in crate::engine) fn exact(length: Length, of: u32) -> f64 {
    match length {
        Length::Pixels(pixels) => pixels,
        Length::Fraction(fraction) => fraction * f64::from(of),
        Length::Computed(_) => 0.0,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` takes what is out of range, or not a number, to the nearest end, or to 0"
)]
pub(in crate::engine) fn whole(value: f64) -> u32 {
    value as u32
}

/// A distance in whole pixels, to the nearest.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` takes what is out of range, or not a number, to the nearest end, or to 0"
)]
pub(in crate::engine) fn offset(value: f64) -> i64 {
    value.round() as i64
}
