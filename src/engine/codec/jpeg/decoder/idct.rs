//! The inverse DCT (ITU-T T.81, A.3.3), of a block of 8 by 8 coefficients to N by N samples.
//!
//! A smaller block is made of the lowest N by N coefficients, with the DCT of that size. The loops are over columns that have
//! nothing to do with each other, which the compiler turns into vectors.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    clippy::needless_range_loop,
    reason = "this is arithmetic, with small numbers, over columns"
)]

use super::huffman::Lost;
use super::segments::ZIGZAG;

/// Coefficients, dequantised by [`Scaling`], columns as rows; behind them is room for those without use.
pub(super) type Block = [f32; 128];

/// Where in a block coefficients without use are put.
const UNUSED: u8 = 64;

/// Rows of numbers.
type Square<const W: usize> = [[f32; W]; W];

/// The factors of a component, in the order of a file: quantisation, and what the transform leaves to be done.
#[derive(Clone)]
pub(super) struct Scaling {
    factors: [f32; 64],
    /// By how much a square of each coefficient adds to the variance of a block's samples, where it is without use.
    losses: [f32; 64],
}

impl Scaling {
    /// For blocks of `side` by `side` samples.
    pub(super) fn new(quantization: &[u16; 64], side: usize) -> Self {
        let mut factors = [0.0; 64];
        for ((factor, &step), &place) in factors.iter_mut().zip(quantization).zip(&ZIGZAG) {
            let (v, u) = (usize::from(place) / 8, usize::from(place) % 8);
            *factor = (f64::from(step) * norm(u, side) * norm(v, side) / 8.0) as f32;
        }
        let places = places(side);
        let losses = std::array::from_fn(|k| {
            if used(places[k]) {
                0.0
            } else {
                f32::from(quantization[k]).powi(2) / 64.0
            }
        });
        Self { factors, losses }
    }

    /// The variance that is lost with a coefficient, by its number in the file.
    #[inline]
    pub(super) fn loss(&self, k: u32, value: i32) -> f32 {
        value as f32 * value as f32 * self.losses[(k & 63) as usize]
    }

    /// The same of what is passed over.
    #[inline]
    pub(super) fn loss_of(&self, lost: Lost) -> f32 {
        const UNIT: f32 = 1.0 / (Lost::UNIT * Lost::UNIT) as f32;
        let value = lost.value as f32;
        value * value * UNIT * self.losses[(lost.k & 63) as usize]
    }

    /// A coefficient, by its number in the file.
    #[inline]
    pub(super) fn scale(&self, k: u32, value: i32) -> f32 {
        value as f32 * self.factors[(k & 63) as usize]
    }

    /// The mean of a block, from its first coefficient.
    #[inline]
    pub(super) fn mean(&self, value: i32) -> u8 {
        sample(value as f32 * self.factors[0] + CENTER)
    }
}

/// What is added to samples, which a file stores from -128 on.
const CENTER: f32 = 128.0;

/// Where the coefficients of a file go in a block that is reduced to `side`.
pub(super) const fn places(side: usize) -> [u8; 64] {
    let mut places = [UNUSED; 64];
    let mut k = 0;
    while k < 64 {
        let (v, u) = (ZIGZAG[k] / 8, ZIGZAG[k] % 8);
        if (u as usize) < side && (v as usize) < side {
            places[k] = u * 8 + v;
        }
        k += 1;
    }
    places
}

/// Whether a place is one of a coefficient with use.
pub(super) const fn used(place: u8) -> bool {
    place != UNUSED
}

/// The last coefficient in the order of a file that a block reduced to `side` has use for.
pub(super) const fn last_used(side: usize) -> u32 {
    let places = places(side);
    let mut k = 63;
    while places[k as usize] == UNUSED {
        k -= 1;
    }
    k
}

const fn norm(frequency: usize, side: usize) -> f64 {
    if frequency == 0 || side == 2 {
        1.0
    } else if side == 8 {
        // What the fast transform of eight leaves to be done.
        std::f64::consts::SQRT_2 * cosine(frequency, 16)
    } else {
        std::f64::consts::SQRT_2
    }
}

/// The cosine of so many parts of half a turn.
const fn cosine(numerator: usize, denominator: usize) -> f64 {
    let turn = numerator % (2 * denominator);
    // The series is exact enough up to half a turn.
    let turn = if turn > denominator {
        2 * denominator - turn
    } else {
        turn
    };
    let x = std::f64::consts::PI * (turn as f64) / (denominator as f64);
    let (mut sum, mut term, mut n) = (1.0, 1.0, 0.0);
    while n < 40.0 {
        term *= -x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

/// The nearest sample.
#[inline]
fn sample(value: f32) -> u8 {
    // The lowest bits of a float of this size are those of the integer. (A cast would have to look for what is no number, as
    // `clamp` would.)
    const MAGIC: f32 = 12_582_912.0;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    (value + MAGIC).to_bits() as u8
}

/// Brightens the samples of a block by the light that is lost with the variance of what they are the means of.
///
/// The mean of light is more than the light of the mean: with f, the light of a sample, by half of f'' times the variance, so
/// the sample is more by half of f''/f' times the variance. With f(x) = ((x + 14) / 269)^2.4, which is sRGB's of samples up to
/// 255, that is 0.7 / (x + 14). Where the variance is large next to the sample, the series needs its next terms; the factor
/// of the deviation does as well, as half black and half white shows: their light is that of 188.
#[inline]
pub(super) fn brighten<const N: usize>(variance: f32, out: &mut [u8], stride: usize) {
    // Less does not reach the next sample.
    if variance < 10.0 {
        return;
    }
    let offset = 14.0 + 0.36 * variance.sqrt();
    for y in 0..N {
        if let Some(row) = out.get_mut(y * stride..y * stride + N) {
            for to in row {
                let from = f32::from(*to);
                *to = sample(from + 0.7 * variance / (from + offset));
            }
        }
    }
}

/// Fills a block with one sample.
#[inline]
pub(super) fn fill<const N: usize>(sample: u8, out: &mut [u8], stride: usize) {
    for y in 0..N {
        if let Some(row) = out.get_mut(y * stride..y * stride + N) {
            row.fill(sample);
        }
    }
}

/// Transforms a block of which no coefficient after `last`, in the order of a file, is set.
///
/// The result is the first `N` samples of the first `N` rows of `out`, which are `stride` apart.
#[inline]
pub(super) fn transform<const N: usize>(
    block: &mut Block,
    last: u32,
    out: &mut [u8],
    stride: usize,
) {
    block[0] += CENTER;
    match N {
        2 => two(block, out, stride),
        3 | 4 => store::<N, 4>(&twice(block, 4, points::<N, 4>), out, stride),
        // Only the lowest four by four coefficients are set.
        8 if last < 10 => store::<N, 8>(&twice(block, 4, few_points), out, stride),
        8 => store::<N, 8>(&twice(block, 8, eight_points), out, stride),
        _ => store::<N, 8>(&twice(block, 8, points::<N, 8>), out, stride),
    }
}

/// Transforms columns, then rows, of a block of which so many rows and columns are set.
#[inline]
fn twice<const W: usize>(
    block: &Block,
    set: usize,
    transform: impl Fn(&Square<W>, &mut Square<W>, usize),
) -> Square<W> {
    let (mut rows, mut between) = ([[0.0; W]; W], [[0.0; W]; W]);
    for (row, from) in rows.iter_mut().zip(block.chunks_exact(8)).take(set) {
        row.copy_from_slice(&from[..W]);
    }
    transform(&rows, &mut between, set);
    for (y, row) in rows.iter_mut().enumerate().take(set) {
        for (to, from) in row.iter_mut().zip(&between) {
            *to = from[y];
        }
    }
    transform(&rows, &mut between, W);
    between
}

#[inline]
fn store<const N: usize, const W: usize>(rows: &Square<W>, out: &mut [u8], stride: usize) {
    let mut samples = [[0; W]; W];
    for (to, from) in samples.iter_mut().zip(rows) {
        *to = from.map(sample);
    }
    for (y, row) in samples.iter().take(N).enumerate() {
        if let Some(to) = out.get_mut(y * stride..y * stride + N) {
            to.copy_from_slice(&row[..N]);
        }
    }
}

/// Eight points of each column, after Arai, Agui and Nakajima: the scaling is done before.
#[inline]
fn eight_points(x: &Square<8>, y: &mut Square<8>, columns: usize) {
    const SQRT2: f32 = std::f32::consts::SQRT_2;
    const C2: f32 = (2.0 * cosine(2, 16)) as f32;
    const C2_MINUS_C6: f32 = (2.0 * (cosine(2, 16) - cosine(6, 16))) as f32;
    const C2_PLUS_C6: f32 = (2.0 * (cosine(2, 16) + cosine(6, 16))) as f32;

    for at in 0..columns {
        let (sum, difference) = (x[0][at] + x[4][at], x[0][at] - x[4][at]);
        let outer = x[2][at] + x[6][at];
        let inner = (x[2][at] - x[6][at]) * SQRT2 - outer;
        let even = [
            sum + outer,
            difference + inner,
            difference - inner,
            sum - outer,
        ];

        let (a, b) = (x[5][at] + x[3][at], x[5][at] - x[3][at]);
        let (c, d) = (x[1][at] + x[7][at], x[1][at] - x[7][at]);
        let turned = (b + d) * C2;
        let odd0 = c + a;
        let odd1 = turned - b * C2_PLUS_C6 - odd0;
        let odd2 = (c - a) * SQRT2 - odd1;
        let odd3 = turned - d * C2_MINUS_C6 - odd2;
        butterfly(even, [odd0, odd1, odd2, odd3], y, at);
    }
}

/// The same, where the last four are zero.
#[inline]
fn few_points(x: &Square<8>, y: &mut Square<8>, columns: usize) {
    const SQRT2: f32 = std::f32::consts::SQRT_2;
    const C2: f32 = (2.0 * cosine(2, 16)) as f32;
    const C6: f32 = (2.0 * cosine(6, 16)) as f32;

    for at in 0..columns {
        let (x0, x1, x2, x3) = (x[0][at], x[1][at], x[2][at], x[3][at]);
        let inner = x2 * (SQRT2 - 1.0);
        let even = [x0 + x2, x0 + inner, x0 - inner, x0 - x2];
        let odd0 = x1 + x3;
        let odd1 = x1 * C2 + x3 * C6 - odd0;
        let odd2 = (x1 - x3) * SQRT2 - odd1;
        let odd3 = x1 * C6 - x3 * C2 - odd2;
        butterfly(even, [odd0, odd1, odd2, odd3], y, at);
    }
}

#[inline]
fn butterfly(even: [f32; 4], odd: [f32; 4], y: &mut Square<8>, at: usize) {
    for (index, (even, odd)) in even.iter().zip(odd).enumerate() {
        y[index][at] = even + odd;
        y[7 - index][at] = even - odd;
    }
}

#[inline]
fn two(block: &Block, out: &mut [u8], stride: usize) {
    let (sum, difference) = (block[0] + block[1], block[0] - block[1]);
    let (sum_u, difference_u) = (block[8] + block[9], block[8] - block[9]);
    let rows = [
        [sum + sum_u, sum - sum_u],
        [difference + difference_u, difference - difference_u],
    ];
    for (y, row) in rows.iter().enumerate() {
        if let Some(to) = out.get_mut(y * stride..).and_then(<[u8]>::first_chunk_mut) {
            *to = row.map(sample);
        }
    }
}

/// N points of each column, from 3 to 7, as the sum says it.
#[inline]
fn points<const N: usize, const W: usize>(x: &Square<W>, y: &mut Square<W>, columns: usize) {
    for index in 0..N.div_ceil(2) {
        for at in 0..columns {
            let (mut even, mut odd) = (x[0][at], 0.0);
            for frequency in 1..N {
                let term = x[frequency][at] * Basis::<N>::COSINES[frequency][index];
                if frequency % 2 == 0 {
                    even += term;
                } else {
                    odd += term;
                }
            }
            y[N - 1 - index][at] = even - odd;
            y[index][at] = even + odd;
        }
    }
}

struct Basis<const N: usize>;

impl<const N: usize> Basis<N> {
    const COSINES: [[f32; 8]; 8] = {
        let mut cosines = [[0.0; 8]; 8];
        let mut frequency = 0;
        while frequency < N {
            let mut at = 0;
            while at < N {
                cosines[frequency][at] = cosine((2 * at + 1) * frequency, 2 * N) as f32;
                at += 1;
            }
            frequency += 1;
        }
        cosines
    };
}
