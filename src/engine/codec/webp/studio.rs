//! From the range of JFIF, 0 to 255, to the studio range of VP8: luma from 16 to 235, chroma from 16 to 240; and from any
//! chroma to that of half the width and half the height.

use crate::engine::{Plane, RenderError, ops};

/// What luma of the full range is in the studio range.
pub(super) fn luma(full: &[u8]) -> Vec<u8> {
    full.iter().map(|&y| to_studio::<219>(y, 16, 0)).collect()
}

fn chroma_sample(full: u8) -> u8 {
    to_studio::<224>(full, 128, 128)
}

/// `offset + (full - zero) * RANGE / 255`, rounded.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the studio range is within a byte"
)]
#[inline]
fn to_studio<const RANGE: u32>(full: u8, offset: u32, zero: u32) -> u8 {
    // In 16 bits of fraction this is exact for a byte; one addition keeps all of it positive.
    let slope = (RANGE * 65_536 + 127) / 255;
    let start = offset * 65_536 + 32_768 - zero * slope;
    ((u32::from(full) * slope + start) >> 16) as u8
}

/// No colour, for a picture of this size.
pub(super) fn neutral(width: u32, height: u32) -> Vec<u8> {
    vec![128; width.div_ceil(2) as usize * height.div_ceil(2) as usize]
}

/// A plane of chroma in the studio range and of half the width and height of its picture, rounded up.
pub(super) fn chroma(plane: &Plane, size: (u32, u32)) -> Result<Vec<u8>, RenderError> {
    let half = ops::fit_chroma(plane, size, (2, 2))?;
    Ok(half.data().iter().map(|&c| chroma_sample(c)).collect())
}
