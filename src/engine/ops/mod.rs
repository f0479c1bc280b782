//! What is done to pixels.

mod canvas;
mod color;
mod compose;
mod filter;
mod orient;
mod packed;
mod quantize;
mod resize;
mod rotate;
mod smart;
mod srgb;
mod statistics;
mod trim;

pub(super) use self::canvas::{border, extend};
#[cfg_attr(not(test), expect(unused_imports, reason = "for the JPEG codec"))]
pub(super) use self::color::cmyk_to_rgb;
pub(super) use self::color::colored;
pub(super) use self::color::{flatten, is_srgb, to_srgb};
pub(super) use self::compose::{compose, fitted};
pub(super) use self::filter::{filter, pixelate};
pub(super) use self::orient::orient;
pub(super) use self::packed::{as_packed, packed};
#[cfg_attr(
    not(test),
    expect(unused_imports, reason = "for the PNG and GIF codecs")
)]
pub(super) use self::quantize::quantize;
pub(super) use self::resize::{crop, scale};
pub(super) use self::rotate::rotate;
pub(super) use self::smart::attention;
#[cfg(feature = "likeness")]
pub(super) use self::srgb::srgb;
pub(super) use self::srgb::{decode, encode};
pub(super) use self::statistics::{average, dominant, palette};
pub(super) use self::trim::trim_area;
