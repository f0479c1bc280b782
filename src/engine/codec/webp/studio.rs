//! From the range of JFIF, 0 to 255, to the studio range of VP8: luma from 16 to 235, chroma from 16 to 240; and from any
//! chroma to that of half the width and half the height.

use crate::engine::Plane;

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
pub(super) fn chroma(plane: &Plane, (width, height): (u32, u32)) -> Vec<u8> {
    let target = (width.div_ceil(2) as usize, height.div_ceil(2) as usize);
    let (mut columns, rows) = (plane.width() as usize, plane.height() as usize);
    let mut data: Vec<u8> = plane.data().iter().map(|&c| chroma_sample(c)).collect();
    if columns != target.0 {
        data = data
            .chunks_exact(columns)
            .flat_map(|row| resampled(row.len(), target.0, |x| row[x]))
            .collect();
        columns = target.0;
    }
    if rows != target.1 {
        let mut resized = vec![0; target.0 * target.1];
        for x in 0..columns {
            let column = resampled(rows, target.1, |y| data[y * columns + x]);
            for (y, sample) in column.enumerate() {
                resized[y * columns + x] = sample;
            }
        }
        data = resized;
    }
    data
}

/// A line of samples, each in the middle of what it covers, halved by averages or doubled by interpolation.
fn resampled(from: usize, to: usize, at: impl Fn(usize) -> u8 + Copy) -> impl Iterator<Item = u8> {
    let last = from - 1;
    let weighted = move |near: usize, far: usize, weight: u16| {
        let sum = u16::from(at(near.min(last))) * weight + u16::from(at(far.min(last)));
        u8::try_from((sum + weight.div_ceil(2)) / (weight + 1)).unwrap_or(u8::MAX)
    };
    (0..to).map(move |x| {
        if to < from {
            weighted(2 * x, 2 * x + 1, 1)
        } else if x % 2 == 0 {
            weighted(x / 2, (x / 2).saturating_sub(1), 3)
        } else {
            weighted(x / 2, x / 2 + 1, 3)
        }
    })
}
