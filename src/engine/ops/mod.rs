//! What is done to pixels.

mod canvas;
mod color;
mod compose;
mod filter;
mod orient;
mod packed;
mod resize;
mod rotate;
mod smart;
mod trim;

pub(super) use self::canvas::{border, extend};
pub(super) use self::color::colored;
pub(super) use self::color::{flatten, is_srgb, to_srgb};
pub(super) use self::compose::{compose, fitted};
pub(super) use self::filter::{filter, pixelate};
pub(super) use self::orient::orient;
pub(super) use self::packed::{as_packed, packed};
pub(super) use self::resize::{crop, scale};
pub(super) use self::rotate::rotate;
pub(super) use self::smart::attention;
pub(super) use self::trim::trim_area;
