//! From the studio range of VP8, luma from 16 to 235 and chroma from 16 to 240, to the range of JFIF, 0 to 255.

/// Converts luma. What is out of the range becomes black or white.
pub(super) fn luma(samples: &mut [u8]) {
    for sample in samples {
        *sample = enlarged::<219, 128>((*sample).clamp(16, 235) - 16);
    }
}

/// Converts chroma, so that 128 stays.
pub(super) fn chroma(samples: &mut [u8]) {
    for sample in samples {
        // The middle of the range, 112, becomes 127.5; half of a step more is 128.
        *sample = enlarged::<224, 255>((*sample).clamp(16, 240) - 16);
    }
}

/// `sample * 255 / RANGE`, and so many in 256 more before it is rounded down. Of one at most `RANGE`.
#[inline(always)]
fn enlarged<const RANGE: u32, const ROUND: u16>(sample: u8) -> u8 {
    // What is added to the sample, in 8 bits of fraction: a product of 16 by 16 bits, as vectors have it.
    let slope = const { ((255 - RANGE) * 65_536).div_ceil(RANGE) & 0xFFFF };
    let fraction = u16::from(sample) << 8;
    let more = ((u32::from(fraction) * slope) >> 16) as u16;
    sample + ((more + ROUND) >> 8) as u8
}

/// The first columns and rows of a plane, in the memory that it has, converted.
pub(super) fn cropped(
    mut plane: Vec<u8>,
    stride: usize,
    (columns, rows): (usize, usize),
    convert: fn(&mut [u8]),
) -> Vec<u8> {
    for row in 0..rows {
        plane.copy_within(row * stride..row * stride + columns, row * columns);
        convert(&mut plane[row * columns..(row + 1) * columns]);
    }
    plane.truncate(columns * rows);
    plane
}
