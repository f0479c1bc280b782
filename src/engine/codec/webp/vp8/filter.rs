//! The loop filters (RFC 6386, 15), over 16 places of an edge at a time.

use super::edges::{Edge, Lanes, across, across_both, down, down_both};

/// Which of the loop filters is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    None,
    Simple,
    Normal,
}

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
