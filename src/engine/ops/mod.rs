//! What is done to pixels.

mod color;
mod orient;
mod resize;

#[cfg(feature = "webp")]
pub(super) use self::color::colored;
pub(super) use self::color::{flatten, to_srgb};
pub(super) use self::orient::orient;
pub(super) use self::resize::resize;
