//! The loop filters (RFC 6386, 15), over 16 places of an edge at a time.

use super::header::Filter;

/// Samples across an edge: four before it and four behind, each of 16 places along it.
type Edge = [Lanes; 8];

/// How much a macroblock is filtered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strength {
    /// How much two samples at an edge inside of the macroblock may differ. No filter, if zero.
    limit: u8,
    /// How much neighbours beside the edge may.
    interior: u8,
    /// More than this is detail.
    detail: u8,
    /// Whether the edges between its blocks are filtered as well.
    pub(super) inner: bool,
}

impl Strength {
    /// That of a level. What is out of range counts as the nearest.
    pub(super) fn new(level: i32, sharpness: i32) -> Self {
        let level = u8::try_from(level.clamp(0, 63)).unwrap_or(0);
        let sharpness = u8::try_from(sharpness.clamp(0, 7)).unwrap_or(0);
        if level == 0 {
            return Self::default();
        }
        let interior = match sharpness {
            0 => level,
            1..=4 => (level >> 1).min(9 - sharpness),
            _ => (level >> 2).min(9 - sharpness),
        };
        let interior = interior.max(1);
        Self {
            limit: 2 * level + interior,
            interior,
            detail: match level {
                40.. => 2,
                15.. => 1,
                _ => 0,
            },
            inner: false,
        }
    }

    /// For the edges of the macroblock itself.
    fn outer(self) -> Self {
        Self {
            limit: self.limit + 4,
            ..self
        }
    }
}

/// Filters the edges of a macroblock, and those in it.
pub(super) fn filter(
    [luma, cb, cr]: [&mut [u8]; 3],
    stride: usize,
    (x, y): (usize, usize),
    filter: Filter,
    strength: Strength,
) {
    if strength.limit == 0 {
        return;
    }
    let at = 16 * (y * stride + x);
    match filter {
        Filter::None => {}
        Filter::Simple => {
            if x > 0 {
                across(luma, stride, at, |e| simple(e, strength.outer()));
            }
            if strength.inner {
                for i in [4, 8, 12] {
                    across(luma, stride, at + i, |e| simple(e, strength));
                }
            }
            if y > 0 {
                down(luma, stride, at, |e| simple(e, strength.outer()));
            }
            if strength.inner {
                for i in [4, 8, 12] {
                    down(luma, stride, at + i * stride, |e| simple(e, strength));
                }
            }
        }
        Filter::Normal => {
            let half = stride / 2;
            let chroma_at = 8 * (y * half + x);
            let mut chroma = [cb, cr];
            if x > 0 {
                across(luma, stride, at, |e| wide(e, strength.outer()));
                across_both(&mut chroma, half, chroma_at, |e| wide(e, strength.outer()));
            }
            if strength.inner {
                for i in [4, 8, 12] {
                    across(luma, stride, at + i, |e| narrow(e, strength));
                }
                across_both(&mut chroma, half, chroma_at + 4, |e| narrow(e, strength));
            }
            if y > 0 {
                down(luma, stride, at, |e| wide(e, strength.outer()));
                down_both(&mut chroma, half, chroma_at, |e| wide(e, strength.outer()));
            }
            if strength.inner {
                for i in [4, 8, 12] {
                    down(luma, stride, at + i * stride, |e| narrow(e, strength));
                }
                down_both(&mut chroma, half, chroma_at + 4 * half, |e| {
                    narrow(e, strength)
                });
            }
        }
    }
}

/// Filters an edge between rows, of 16 samples from an offset on.
#[inline(always)]
fn down(plane: &mut [u8], stride: usize, at: usize, filter: impl Fn(&mut Edge) -> bool) {
    let Some(rows) = plane.get_mut(at - 4 * stride..at + 3 * stride + 16) else {
        return;
    };
    let mut edge = [[0; 16]; 8];
    for (i, edge) in edge.iter_mut().enumerate() {
        edge.copy_from_slice(&rows[i * stride..][..16]);
    }
    if filter(&mut edge) {
        for i in 1..7 {
            rows[i * stride..][..16].copy_from_slice(&edge[i]);
        }
    }
}

/// The same of 8 samples in two planes.
#[inline(always)]
fn down_both(
    planes: &mut [&mut [u8]; 2],
    stride: usize,
    at: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let [cb, cr] = planes;
    let range = at - 4 * stride..at + 3 * stride + 8;
    let (Some(cb), Some(cr)) = (cb.get_mut(range.clone()), cr.get_mut(range)) else {
        return;
    };
    let mut edge = [[0; 16]; 8];
    for (i, edge) in edge.iter_mut().enumerate() {
        edge[..8].copy_from_slice(&cb[i * stride..][..8]);
        edge[8..].copy_from_slice(&cr[i * stride..][..8]);
    }
    if filter(&mut edge) {
        for i in 1..7 {
            cb[i * stride..][..8].copy_from_slice(&edge[i][..8]);
            cr[i * stride..][..8].copy_from_slice(&edge[i][8..]);
        }
    }
}

/// Filters an edge between columns, of 16 rows from an offset on.
#[inline(always)]
fn across(plane: &mut [u8], stride: usize, at: usize, filter: impl Fn(&mut Edge) -> bool) {
    let Some(rows) = plane.get_mut(at - 4..at + 15 * stride + 4) else {
        return;
    };
    let (upper, lower) = rows.split_at_mut(8 * stride);
    across_halves(upper, lower, stride, filter);
}

/// The same of 8 rows in two planes.
#[inline(always)]
fn across_both(
    planes: &mut [&mut [u8]; 2],
    stride: usize,
    at: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let [cb, cr] = planes;
    let range = at - 4..at + 7 * stride + 4;
    let (Some(cb), Some(cr)) = (cb.get_mut(range.clone()), cr.get_mut(range)) else {
        return;
    };
    across_halves(cb, cr, stride, filter);
}

#[inline(always)]
fn across_halves(
    upper: &mut [u8],
    lower: &mut [u8],
    stride: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let (a, b) = (load(upper, stride), load(lower, stride));
    let mut edge = [[0; 16]; 8];
    for ((edge, a), b) in edge.iter_mut().zip(a).zip(b) {
        edge[..8].copy_from_slice(&a.to_le_bytes());
        edge[8..].copy_from_slice(&b.to_le_bytes());
    }
    if filter(&mut edge) {
        let (mut a, mut b) = ([0; 8], [0; 8]);
        for ((edge, a), b) in edge.iter().zip(&mut a).zip(&mut b) {
            if let &[upper, lower] = edge.as_chunks::<8>().0 {
                *a = u64::from_le_bytes(upper);
                *b = u64::from_le_bytes(lower);
            }
        }
        store(upper, stride, a);
        store(lower, stride, b);
    }
}

/// Eight rows of eight samples, as columns.
#[inline(always)]
fn load(rows: &[u8], stride: usize) -> [u64; 8] {
    let mut square = [0; 8];
    for (i, row) in square.iter_mut().enumerate() {
        if let Some(bytes) = rows.get(i * stride..).and_then(<[u8]>::first_chunk) {
            *row = u64::from_le_bytes(*bytes);
        }
    }
    transposed(square)
}

#[inline(always)]
fn store(rows: &mut [u8], stride: usize, columns: [u64; 8]) {
    for (i, row) in transposed(columns).into_iter().enumerate() {
        if let Some(bytes) = rows.get_mut(i * stride..).and_then(<[u8]>::first_chunk_mut) {
            *bytes = row.to_le_bytes();
        }
    }
}

/// A square of bytes with rows and columns changed.
#[inline(always)]
fn transposed(mut rows: [u64; 8]) -> [u64; 8] {
    const HALVES: u64 = 0x0000_0000_FFFF_FFFF;
    const QUARTERS: u64 = 0x0000_FFFF_0000_FFFF;
    const BYTES: u64 = 0x00FF_00FF_00FF_00FF;

    // What is right in one row changes places with what is left in another. (As a loop it would not be unrolled.)
    let mut exchange = |row: usize, other: usize, bits: u32, left: u64| {
        let both = ((rows[row] >> bits) ^ rows[other]) & left;
        rows[row] ^= both << bits;
        rows[other] ^= both;
    };
    exchange(0, 4, 32, HALVES);
    exchange(1, 5, 32, HALVES);
    exchange(2, 6, 32, HALVES);
    exchange(3, 7, 32, HALVES);
    exchange(0, 2, 16, QUARTERS);
    exchange(1, 3, 16, QUARTERS);
    exchange(4, 6, 16, QUARTERS);
    exchange(5, 7, 16, QUARTERS);
    exchange(0, 1, 8, BYTES);
    exchange(2, 3, 8, BYTES);
    exchange(4, 5, 8, BYTES);
    exchange(6, 7, 8, BYTES);
    rows
}

/// A byte for each place of an edge.
type Lanes = [u8; 16];

#[inline(always)]
fn lanes(lane: impl Fn(usize) -> u8) -> Lanes {
    let mut lanes = [0; 16];
    for (i, place) in lanes.iter_mut().enumerate() {
        *place = lane(i);
    }
    lanes
}

/// All bits set where the edge is so faint that it is none of the picture's.
#[inline(always)]
fn faint([_, _, p1, p0, q0, q1, _, _]: &Edge, limit: u8) -> Lanes {
    lanes(|i| {
        let step = p0[i].abs_diff(q0[i]);
        let sum = step
            .saturating_add(step)
            .saturating_add(p1[i].abs_diff(q1[i]) >> 1);
        mask(sum <= limit)
    })
}

/// The same, if the samples on both sides are smooth as well.
#[inline(always)]
fn smooth(edge: &Edge, strength: Strength) -> Lanes {
    let faint = faint(edge, strength.limit);
    let [p3, p2, p1, p0, q0, q1, q2, q3] = edge;
    lanes(|i| {
        let p = (p3[i].abs_diff(p2[i]))
            .max(p2[i].abs_diff(p1[i]))
            .max(p1[i].abs_diff(p0[i]));
        let q = (q3[i].abs_diff(q2[i]))
            .max(q2[i].abs_diff(q1[i]))
            .max(q1[i].abs_diff(q0[i]));
        faint[i] & mask(p.max(q) <= strength.interior)
    })
}

/// Where samples next to the edge differ from their neighbours.
#[inline(always)]
fn detailed([_, _, p1, p0, q0, q1, _, _]: &Edge, threshold: u8) -> Lanes {
    lanes(|i| {
        let most = p1[i].abs_diff(p0[i]).max(q1[i].abs_diff(q0[i]));
        mask(most > threshold)
    })
}

#[inline(always)]
fn mask(condition: bool) -> u8 {
    if condition { 0xFF } else { 0 }
}

#[inline(always)]
fn any(lanes: &Lanes) -> bool {
    u128::from_ne_bytes(*lanes) != 0
}

/// A sample around zero.
#[inline(always)]
fn signed(sample: u8) -> i8 {
    (sample ^ 0x80).cast_signed()
}

#[inline(always)]
fn unsigned(sample: i8) -> u8 {
    sample.cast_unsigned() ^ 0x80
}

/// `a + 3 * (q0 - p0)`, clamped.
#[inline(always)]
fn step(p0: i8, q0: i8, a: i8) -> i8 {
    let step = q0.saturating_sub(p0);
    a.saturating_add(step)
        .saturating_add(step)
        .saturating_add(step)
}

/// The simple filter.
#[inline(always)]
fn simple(edge: &mut Edge, strength: Strength) -> bool {
    let mask = faint(edge, strength.limit);
    if !any(&mask) {
        return false;
    }
    let [_, _, p1, p0, q0, q1, _, _] = edge;
    for i in 0..16 {
        let (p, q) = (signed(p0[i]), signed(q0[i]));
        let outer = signed(p1[i]).saturating_sub(signed(q1[i]));
        let a = step(p, q, outer) & mask[i].cast_signed();
        p0[i] = unsigned(p.saturating_add(a.saturating_add(3) >> 3));
        q0[i] = unsigned(q.saturating_sub(a.saturating_add(4) >> 3));
    }
    true
}

/// The normal filter of edges between blocks.
#[inline(always)]
fn narrow(edge: &mut Edge, strength: Strength) -> bool {
    let mask = smooth(edge, strength);
    if !any(&mask) {
        return false;
    }
    let detail = detailed(edge, strength.detail);
    let [_, _, p1, p0, q0, q1, _, _] = edge;
    for i in 0..16 {
        let (p, q) = (signed(p0[i]), signed(q0[i]));
        let (pp, qq) = (signed(p1[i]), signed(q1[i]));
        let detail = detail[i].cast_signed();
        let a = step(p, q, pp.saturating_sub(qq) & detail) & mask[i].cast_signed();
        let near = a.saturating_add(4) >> 3;
        let far = (near.wrapping_add(1) >> 1) & !detail;
        p0[i] = unsigned(p.saturating_add(a.saturating_add(3) >> 3));
        q0[i] = unsigned(q.saturating_sub(near));
        p1[i] = unsigned(pp.saturating_add(far));
        q1[i] = unsigned(qq.saturating_sub(far));
    }
    true
}

/// The normal filter of edges between macroblocks.
#[inline(always)]
fn wide(edge: &mut Edge, strength: Strength) -> bool {
    let mask = smooth(edge, strength);
    if !any(&mask) {
        return false;
    }
    let detail = detailed(edge, strength.detail);
    let [_, p2, p1, p0, q0, q1, q2, _] = edge;
    for i in 0..16 {
        let (p, q) = (signed(p0[i]), signed(q0[i]));
        let (pp, qq) = (signed(p1[i]), signed(q1[i]));
        let detail = detail[i].cast_signed();
        let a = step(p, q, pp.saturating_sub(qq)) & mask[i].cast_signed();
        // Where there is detail, as the simple filter; elsewhere in three steps.
        let sharp = a & detail;
        let a = i16::from(a & !detail);
        let p = p.saturating_add(sharp.saturating_add(3) >> 3);
        let q = q.saturating_sub(sharp.saturating_add(4) >> 3);
        let part = |share: i16| low((share * a + 63) >> 7);
        p0[i] = unsigned(p.saturating_add(part(27)));
        q0[i] = unsigned(q.saturating_sub(part(27)));
        p1[i] = unsigned(pp.saturating_add(part(18)));
        q1[i] = unsigned(qq.saturating_sub(part(18)));
        p2[i] = unsigned(signed(p2[i]).saturating_add(part(9)));
        q2[i] = unsigned(signed(q2[i]).saturating_sub(part(9)));
    }
    true
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 27 parts in 128 of a byte"
)]
fn low(number: i16) -> i8 {
    number as i8
}
