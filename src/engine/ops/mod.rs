//! What is done to pixels.

mod blend;
mod canvas;
mod color;
mod compose;
mod corners;
mod distort;
mod filter;
mod layout;
mod orient;
mod over;
mod planes;
mod resize;
mod rotate;
mod shade;
mod smart;
mod soft;
mod srgb;
mod statistics;
#[cfg(feature = "text")]
mod text;
mod trim;
mod warp;

pub(super) use self::canvas::{border, extend, flatten_on};
pub(super) use self::color::cmyk_to_rgb;
pub(super) use self::color::colored;
pub(super) use self::color::{flatten, is_srgb, to_srgb};
pub(super) use self::compose::{compose, fitted};
pub(super) use self::corners::round_corners;
pub(super) use self::distort::distort;
pub(super) use self::filter::{filter, pixelate};
pub(super) use self::orient::orient;
pub(super) use self::over::opacity;
pub(super) use self::planes::{as_packed, chroma_ratios, fit_chroma, packed, to_packed, to_planar};
pub(super) use self::resize::{crop, scale, shrink_rows, square_for};
pub(super) use self::rotate::rotate;
pub(super) use self::shade::{gradient, shadow};
pub(super) use self::smart::attention;
#[cfg(feature = "likeness")]
pub(super) use self::srgb::srgb;
pub(super) use self::srgb::{decode, encode};
pub(super) use self::statistics::{average, dominant, palette};
#[cfg(feature = "text")]
pub(super) use self::text::text;
pub(super) use self::trim::trim_area;

/// The nearest value that a sample can have.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` takes what is out of range, or not a number, to the nearest end, or to 0"
)]
fn byte(value: f64) -> u8 {
    (value + 0.5) as u8
}
