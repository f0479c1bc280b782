//! The inverse DCT (ITU-T T.81, A.3.3), of a block of 8 by 8 coefficients to N by N samples.
//!
//! A smaller block is made of the lowest N by N coefficients, with the DCT of that size. All is written on arrays of four
//! numbers, which the compiler turns into vectors.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "floats are what this is about, and what is cast is small"
)]

use super::segments::ZIGZAG;

/// Coefficients, dequantised by [`Scaling`], columns as rows; behind them is room for those without use.
pub(super) type Block = [f32; 128];

/// Where in a block coefficients without use are put.
const UNUSED: u8 = 64;

type Lanes = [f32; 4];

/// The factors of a component, in the order of a file: quantisation, and what the transform leaves to be done.
#[derive(Clone)]
pub(super) struct Scaling {
    factors: [f32; 64],
}

impl Scaling {
    /// For blocks of `side` by `side` samples.
    pub(super) fn new(quantization: &[u16; 64], side: usize) -> Self {
        let mut factors = [0.0; 64];
        for ((factor, &step), &place) in factors.iter_mut().zip(quantization).zip(&ZIGZAG) {
            let (v, u) = (usize::from(place) / 8, usize::from(place) % 8);
            *factor = (f64::from(step) * norm(u, side) * norm(v, side) / 8.0) as f32;
        }
        Self { factors }
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
    // The lowest bits of a float of this size are those of the integer. (A cast would have to look for what is no number.)
    const MAGIC: f32 = 12_582_912.0;
    let bits = (value + MAGIC).to_bits().cast_signed();
    let integer = bits.wrapping_sub(MAGIC.to_bits().cast_signed());
    integer.clamp(0, 255) as u8
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
        8 if last < 10 => few8(block, out, stride),
        8 => whole8(block, out, stride),
        2 => two(block, out, stride),
        _ => general::<N>(block, out, stride),
    }
}

#[inline]
fn lanes(block: &[f32], at: usize) -> Lanes {
    block[at..].first_chunk().copied().unwrap_or_default()
}

#[inline]
fn add(a: Lanes, b: Lanes) -> Lanes {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

#[inline]
fn sub(a: Lanes, b: Lanes) -> Lanes {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]]
}

#[inline]
fn mul(a: Lanes, by: f32) -> Lanes {
    [a[0] * by, a[1] * by, a[2] * by, a[3] * by]
}

#[inline]
fn transpose(rows: [Lanes; 4]) -> [Lanes; 4] {
    let [a, b, c, d] = rows;
    [
        [a[0], b[0], c[0], d[0]],
        [a[1], b[1], c[1], d[1]],
        [a[2], b[2], c[2], d[2]],
        [a[3], b[3], c[3], d[3]],
    ]
}

/// Eight points, after Arai, Agui and Nakajima: the scaling is done before.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "as a call its vectors would go through memory"
)]
#[expect(clippy::many_single_char_names)]
fn eight(x: [Lanes; 8]) -> [Lanes; 8] {
    const SQRT2: f32 = std::f32::consts::SQRT_2;
    const C2: f32 = (2.0 * cosine(2, 16)) as f32;
    const C2_MINUS_C6: f32 = (2.0 * (cosine(2, 16) - cosine(6, 16))) as f32;
    const C2_PLUS_C6: f32 = (2.0 * (cosine(2, 16) + cosine(6, 16))) as f32;

    let (p, q) = (add(x[0], x[4]), sub(x[0], x[4]));
    let r = add(x[2], x[6]);
    let s = sub(mul(sub(x[2], x[6]), SQRT2), r);
    let even = [add(p, r), add(q, s), sub(q, s), sub(p, r)];

    let (a, b) = (add(x[5], x[3]), sub(x[5], x[3]));
    let (c, d) = (add(x[1], x[7]), sub(x[1], x[7]));
    let o0 = add(c, a);
    let e = mul(add(b, d), C2);
    let o1 = sub(sub(e, mul(b, C2_PLUS_C6)), o0);
    let o2 = sub(mul(sub(c, a), SQRT2), o1);
    let o3 = sub(sub(e, mul(d, C2_MINUS_C6)), o2);
    butterfly(even, [o0, o1, o2, o3])
}

/// The same, where the last four are zero.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "as a call its vectors would go through memory"
)]
fn eight_of_four(x: [Lanes; 4]) -> [Lanes; 8] {
    const SQRT2: f32 = std::f32::consts::SQRT_2;
    const C2: f32 = (2.0 * cosine(2, 16)) as f32;
    const C6: f32 = (2.0 * cosine(6, 16)) as f32;

    let s = mul(x[2], SQRT2 - 1.0);
    let even = [add(x[0], x[2]), add(x[0], s), sub(x[0], s), sub(x[0], x[2])];
    let o0 = add(x[1], x[3]);
    let o1 = sub(add(mul(x[1], C2), mul(x[3], C6)), o0);
    let o2 = sub(mul(sub(x[1], x[3]), SQRT2), o1);
    let o3 = sub(sub(mul(x[1], C6), mul(x[3], C2)), o2);
    butterfly(even, [o0, o1, o2, o3])
}

#[inline]
fn butterfly(even: [Lanes; 4], odd: [Lanes; 4]) -> [Lanes; 8] {
    [
        add(even[0], odd[0]),
        add(even[1], odd[1]),
        add(even[2], odd[2]),
        add(even[3], odd[3]),
        sub(even[3], odd[3]),
        sub(even[2], odd[2]),
        sub(even[1], odd[1]),
        sub(even[0], odd[0]),
    ]
}

#[inline]
fn quarters(rows: [Lanes; 8]) -> [[Lanes; 4]; 2] {
    let quarter = |start: usize| transpose(std::array::from_fn(|row| rows[start + row]));
    [quarter(0), quarter(4)]
}

fn whole8(block: &Block, out: &mut [u8], stride: usize) {
    let load = |half: usize| std::array::from_fn(|row| lanes(block, row * 8 + half));
    // Columns 0 to 3 and 4 to 7 of the intermediate rows 0 to 3, then of 4 to 7.
    let [top_left, top_right] = quarters(eight(load(0)));
    let [bottom_left, bottom_right] = quarters(eight(load(4)));
    let join = |top: [Lanes; 4], bottom: [Lanes; 4]| {
        std::array::from_fn(|row| if row < 4 { top[row] } else { bottom[row - 4] })
    };
    store(
        eight(join(top_left, bottom_left)),
        eight(join(top_right, bottom_right)),
        out,
        stride,
    );
}

/// Where only the lowest four by four coefficients are set.
fn few8(block: &Block, out: &mut [u8], stride: usize) {
    let rows = [0, 1, 2, 3].map(|row| lanes(block, row * 8));
    let [left, right] = quarters(eight_of_four(rows));
    store(eight_of_four(left), eight_of_four(right), out, stride);
}

#[inline]
fn store(left: [Lanes; 8], right: [Lanes; 8], out: &mut [u8], stride: usize) {
    for y in 0..8 {
        let mut row = [0; 8];
        for x in 0..4 {
            row[x] = sample(left[y][x]);
            row[x + 4] = sample(right[y][x]);
        }
        if let Some(to) = out.get_mut(y * stride..).and_then(<[u8]>::first_chunk_mut) {
            *to = row;
        }
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

/// N points, from 3 to 7, as the sum says it.
#[inline]
fn points<const N: usize>(x: [Lanes; N]) -> [Lanes; N] {
    let mut out = [[0.0; 4]; N];
    for at in 0..N.div_ceil(2) {
        let (mut even, mut odd) = (x[0], [0.0; 4]);
        for (frequency, &lanes) in x.iter().enumerate().skip(1) {
            let term = mul(lanes, Basis::<N>::COSINES[frequency][at]);
            if frequency % 2 == 0 {
                even = add(even, term);
            } else {
                odd = add(odd, term);
            }
        }
        out[N - 1 - at] = sub(even, odd);
        out[at] = add(even, odd);
    }
    out
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

#[inline]
fn general<const N: usize>(block: &Block, out: &mut [u8], stride: usize) {
    // The intermediate, rows as rows.
    let mut between = [[0.0; 8]; 8];
    let mut half = 0;
    while half < N {
        let columns = points::<N>(std::array::from_fn(|row| lanes(block, row * 8 + half)));
        let mut start = 0;
        while start < N {
            let square = transpose(std::array::from_fn(|row| {
                columns.get(start + row).copied().unwrap_or_default()
            }));
            for (row, lanes) in square.iter().enumerate() {
                between[half + row][start..start + 4].copy_from_slice(lanes);
            }
            start += 4;
        }
        half += 4;
    }
    let mut samples = [[0; 8]; N];
    let mut half = 0;
    while half < N {
        let rows = points::<N>(std::array::from_fn(|row| lanes(&between[row], half)));
        for (to, row) in samples.iter_mut().zip(rows) {
            to[half..half + 4].copy_from_slice(&row.map(sample));
        }
        half += 4;
    }
    for (y, row) in samples.iter().enumerate() {
        if let Some(to) = out.get_mut(y * stride..y * stride + N) {
            to.copy_from_slice(&row[..N]);
        }
    }
}
