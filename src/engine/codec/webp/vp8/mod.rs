//! The lossy pictures of WebP, which are key frames of VP8 (RFC 6386), into planes.
//!
//! - Macroblocks are decoded one after the other, each in a small area of its own, and the loop filter goes over a row of
//!   them when the next is there.
//! - What is not all there is damage. No picture is made out of a part of a file.

#![expect(
    clippy::inline_always,
    reason = "what is called for each bit or sample has to be part of its caller's loop"
)]

mod bits;
mod edges;
mod filter;
mod frame;
mod header;
mod macroblock;
mod modes;
mod predict;
mod probabilities;
mod range;
mod tables;
mod tokens;
mod transform;

use self::frame::Planes;
use self::header::Header;
use super::corrupt;
use crate::engine::{Planar, Plane, RenderError};

/// That a frame makes no sense, or ends.
#[derive(Clone, Copy, Debug)]
struct Damage;

impl From<Damage> for RenderError {
    fn from(Damage: Damage) -> Self {
        corrupt("the lossy pixels of the WebP are damaged")
    }
}

/// The picture in the payload of a `VP8 ` chunk, if it is of this size, in the range of JFIF. Whether so large a picture may
/// be has been decided by it.
pub(super) fn decode(payload: &[u8], (width, height): (u32, u32)) -> Result<Planar, RenderError> {
    let header = Header::read(payload)?;
    if (header.width, header.height) != (width, height) {
        return Err(corrupt(
            "a frame of the WebP is not of the size that it says",
        ));
    }
    let Planes {
        luma,
        chroma: [cb, cr],
        stride,
    } = Planes::decode(header)?;
    let plane = |data, stride, width: u32, height: u32, convert| {
        let (columns, rows) = (width as usize, height as usize);
        Plane::new(
            width,
            height,
            range::cropped(data, stride, (columns, rows), convert),
        )
    };
    let luma = plane(luma, stride, width, height, range::luma as fn(&mut [u8]))?;
    let half = (width.div_ceil(2), height.div_ceil(2));
    let [cb, cr] = [cb, cr].map(|data| plane(data, stride / 2, half.0, half.1, range::chroma));
    Planar::new(luma, cb?, cr?)
}

#[cfg(test)]
mod tests;
