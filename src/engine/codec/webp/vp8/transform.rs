//! The inverse transforms (RFC 6386, 14.3 and 14.4).

#![expect(
    clippy::many_single_char_names,
    reason = "these are the names of the standard"
)]

use super::tokens::Block;

/// `sqrt(2) * cos(pi / 8) - 1` and `sqrt(2) * sin(pi / 8)`, in 16 bits of fraction.
const COS: i32 = 20_091;
const SIN: i32 = 35_468;

/// The first coefficients of the 16 blocks of luma, out of their means.
pub(super) fn means(block: &Block) -> [i16; 16] {
    let input = block.map(i32::from);
    let mut columns = [0; 16];
    for x in 0..4 {
        let a = input[x] + input[12 + x];
        let b = input[4 + x] + input[8 + x];
        let c = input[4 + x] - input[8 + x];
        let d = input[x] - input[12 + x];
        columns[x] = a + b;
        columns[4 + x] = c + d;
        columns[8 + x] = a - b;
        columns[12 + x] = d - c;
    }
    let mut output = [0; 16];
    for (output, row) in output
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(columns.as_chunks::<4>().0)
    {
        let a = row[0] + row[3];
        let b = row[1] + row[2];
        let c = row[1] - row[2];
        let d = row[0] - row[3];
        *output = [a + b, c + d, a - b, d - c].map(|sum| short((sum + 3) >> 3));
    }
    output
}

/// Adds what a block of coefficients stands for to the 4 by 4 samples from `x` on.
#[inline]
pub(super) fn add<const W: usize>(block: &Block, rows: &mut [[u8; W]; 4], x: usize) {
    let mut columns = [[0; 4]; 4];
    for x in 0..4 {
        let at = |row: usize| i32::from(block[4 * row + x]);
        let [a, b, c, d] = pass([at(0), at(1), at(2), at(3)]);
        columns[0][x] = short(a);
        columns[1][x] = short(b);
        columns[2][x] = short(c);
        columns[3][x] = short(d);
    }
    for (row, columns) in rows.iter_mut().zip(columns) {
        let [a, b, c, d] = columns.map(i32::from);
        let sums = pass([a + 4, b, c, d]);
        let Some(samples) = row.get_mut(x..).and_then(<[u8]>::first_chunk_mut::<4>) else {
            return;
        };
        for (sample, sum) in samples.iter_mut().zip(sums) {
            *sample = clamp(i32::from(*sample) + (sum >> 3));
        }
    }
}

/// The same for a block of which only the first coefficient is not zero.
#[inline]
pub(super) fn add_first<const W: usize>(first: i16, rows: &mut [[u8; W]; 4], x: usize) {
    let add = (i32::from(first) + 4) >> 3;
    for row in rows {
        let Some(samples) = row.get_mut(x..).and_then(<[u8]>::first_chunk_mut::<4>) else {
            return;
        };
        for sample in samples {
            *sample = clamp(i32::from(*sample) + add);
        }
    }
}

#[inline(always)]
fn pass([i0, i1, i2, i3]: [i32; 4]) -> [i32; 4] {
    let cos = |x: i32| x + ((x * COS) >> 16);
    let sin = |x: i32| (x * SIN) >> 16;
    let a = i0 + i2;
    let b = i0 - i2;
    let c = sin(i1) - cos(i3);
    let d = cos(i1) + sin(i3);
    [a + d, b + c, b - c, a - d]
}

#[inline(always)]
#[expect(clippy::cast_sign_loss, reason = "it is clamped")]
fn clamp(sample: i32) -> u8 {
    sample.clamp(0, 255) as u8
}

/// What does not fit is no picture; it wraps.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn short(number: i32) -> i16 {
    number as i16
}
