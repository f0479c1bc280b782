//! What is done to pixels.

mod color;
mod orient;
#[cfg_attr(not(test), allow(dead_code, reason = "planes are not wired in yet"))]
mod resize;

#[cfg(feature = "webp")]
pub(super) use self::color::colored;
pub(super) use self::color::{flatten, to_srgb};
pub(super) use self::orient::orient;
pub(super) use self::resize::resize;
#[allow(unused_imports, reason = "not wired in yet")]
pub(super) use self::resize::{
    Kernel, Region, Sampling, Window, resize_picture, resize_planar, resize_plane,
};
