//! Predictions (RFC 6386, 12), in an area of a macroblock with what is above it and to the left.
//!
//! The first row of an area is what is above. The column before [`START`] is what is to the left, and in the first row what
//! is above that.

use super::modes::{BlockMode, Mode};

/// The first column of an area that is of the macroblock itself.
pub(super) const START: usize = 8;

/// Sixteen columns, and four more of what is above to the right.
pub(super) type LumaArea = [[u8; 32]; 17];

pub(super) type ChromaArea = [[u8; 16]; 9];

/// Predicts `N` by `N` samples. The mean is of what there is, but for that all samples outside of the frame count.
#[inline]
pub(super) fn whole<const N: usize, const W: usize, const H: usize>(
    area: &mut [[u8; W]; H],
    mode: Mode,
    has_above: bool,
    has_left: bool,
) {
    let Some((above, rows)) = area.split_first_mut() else {
        return;
    };
    let corner = above[START - 1];
    let Some(&above) = above.get(START..).and_then(<[u8]>::first_chunk::<N>) else {
        return;
    };
    let left = |row: &[u8; W]| row[START - 1];
    let lines = rows.iter_mut();
    match mode {
        Mode::Mean => {
            let mut sum = 0;
            if has_above {
                sum += above.iter().map(|&sample| u32::from(sample)).sum::<u32>();
            }
            if has_left {
                sum += lines.map(|row| u32::from(left(row))).sum::<u32>();
            }
            let count = N.trailing_zeros();
            let mean = match (has_above, has_left) {
                (false, false) => 128,
                (true, true) => (sum + (1 << count)) >> (count + 1),
                _ => (sum + (1 << count >> 1)) >> count,
            };
            let mean = u8::try_from(mean).unwrap_or(u8::MAX);
            for row in rows {
                set(row, [mean; N]);
            }
        }
        Mode::Vertical => {
            for row in lines {
                set(row, above);
            }
        }
        Mode::Horizontal => {
            for row in lines {
                set(row, [left(row); N]);
            }
        }
        Mode::TrueMotion => {
            for row in lines {
                let slope = i16::from(left(row)) - i16::from(corner);
                let mut samples = above;
                for sample in &mut samples {
                    *sample = moved(*sample, slope);
                }
                set(row, samples);
            }
        }
    }
}

#[inline(always)]
fn set<const N: usize, const W: usize>(row: &mut [u8; W], samples: [u8; N]) {
    if let Some(place) = row.get_mut(START..).and_then(<[u8]>::first_chunk_mut::<N>) {
        *place = samples;
    }
}

#[inline(always)]
#[expect(clippy::cast_sign_loss, reason = "it is clamped")]
fn moved(sample: u8, by: i16) -> u8 {
    (i16::from(sample) + by).clamp(0, 255) as u8
}

/// Four rows of four samples, between these: what is to the left, from the lowest to the one above that, and what is above,
/// with four more to the right.
#[inline]
pub(super) fn block(mode: BlockMode, edge: [u8; 13]) -> [[u8; 4]; 4] {
    // The last is its own neighbour.
    let mut e = [edge[12]; 15];
    e[..13].copy_from_slice(&edge);
    // The means of two and three from each on.
    let mut two = [0; 13];
    let mut three = [0; 13];
    for i in 0..13 {
        let [a, b, c] = [e[i], e[i + 1], e[i + 2]].map(u16::from);
        two[i] = low((a + b + 1) >> 1);
        three[i] = low((a + 2 * b + c + 2) >> 2);
    }
    // Below the lowest to the left is the same again.
    let lowest = low((u16::from(e[1]) + 3 * u16::from(e[0]) + 2) >> 2);
    let t = |i: usize| [three[i], three[i + 1], three[i + 2], three[i + 3]];
    match mode {
        BlockMode::Mean => {
            let sum: u16 = [0, 1, 2, 3, 5, 6, 7, 8]
                .iter()
                .map(|&i: &usize| u16::from(e[i]))
                .sum();
            [[low((sum + 4) >> 3); 4]; 4]
        }
        BlockMode::TrueMotion => {
            let above = [e[5], e[6], e[7], e[8]];
            let mut rows = [above; 4];
            for (i, row) in rows.iter_mut().enumerate() {
                let slope = i16::from(e[3 - i]) - i16::from(e[4]);
                for sample in row {
                    *sample = moved(*sample, slope);
                }
            }
            rows
        }
        BlockMode::Vertical => [t(4); 4],
        BlockMode::Horizontal => [[three[2]; 4], [three[1]; 4], [three[0]; 4], [lowest; 4]],
        BlockMode::LeftDown => [t(5), t(6), t(7), t(8)],
        BlockMode::RightDown => [t(3), t(2), t(1), t(0)],
        BlockMode::VerticalRight => [
            [two[4], two[5], two[6], two[7]],
            t(3),
            [three[2], two[4], two[5], two[6]],
            [three[1], three[3], three[4], three[5]],
        ],
        BlockMode::VerticalLeft => [
            [two[5], two[6], two[7], two[8]],
            t(5),
            [two[6], two[7], two[8], three[9]],
            [three[6], three[7], three[8], three[10]],
        ],
        BlockMode::HorizontalDown => [
            [two[3], three[3], three[4], three[5]],
            [two[2], three[2], two[3], three[3]],
            [two[1], three[1], two[2], three[2]],
            [two[0], three[0], two[1], three[1]],
        ],
        BlockMode::HorizontalUp => [
            [two[2], three[1], two[1], three[0]],
            [two[1], three[0], two[0], lowest],
            [two[0], lowest, e[0], e[0]],
            [e[0]; 4],
        ],
    }
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is one")]
fn low(mean: u16) -> u8 {
    mean as u8
}
