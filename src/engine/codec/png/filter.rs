//! Undoing the filters of rows (W3C PNG, 9) whose samples are bytes.
//!
//! What Paeth's filter predicts of a pixel waits for the pixel to its left, and little can be done meanwhile. So four rows
//! are undone together, each a pixel behind the one above: four pixels that do not wait for each other.

use wide::{u8x16, u32x4};

const PAETH: u8 = 4;

/// The rows of Paeth's filter that are undone together.
pub(super) const TOGETHER: usize = 4;

/// Undoes the filters of the rows that follow `above`, in place. Of each, `kinds` has the filter's. `None` for a kind that
/// there is not.
pub(super) fn undo<const BYTES: usize>(
    above: &[u8],
    mut rows: &mut [u8],
    mut kinds: &[u8],
) -> Option<()> {
    let length = above.len();
    let mut above = above;
    while let Some(&kind) = kinds.first() {
        let together = kinds.starts_with(&[PAETH; TOGETHER]) && length >= TOGETHER * BYTES;
        let count = if together { TOGETHER } else { 1 };
        let (now, rest) = rows.split_at_mut_checked(count * length)?;
        if together {
            four_paeth::<BYTES>(above, now);
        } else {
            one::<BYTES>(kind, above, now)?;
        }
        above = &now[(count - 1) * length..];
        rows = rest;
        kinds = &kinds[count..];
    }
    Some(())
}

fn one<const BYTES: usize>(kind: u8, above: &[u8], row: &mut [u8]) -> Option<()> {
    match kind {
        0 => {}
        1 => each::<BYTES>(above, row, |left, _, _| left),
        2 => {
            for (sample, above) in row.iter_mut().zip(above) {
                *sample = sample.wrapping_add(*above);
            }
        }
        3 => each::<BYTES>(above, row, |left, above, _| u8::midpoint(left, above)),
        PAETH => each::<BYTES>(above, row, paeth),
        _ => return None,
    }
    Some(())
}

/// Adds to each sample what is predicted of the ones to the left, above, and above to the left.
fn each<const BYTES: usize>(above: &[u8], row: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    let (above, _) = above.as_chunks::<BYTES>();
    let (row, _) = row.as_chunks_mut::<BYTES>();
    let (mut left, mut corner) = ([0; BYTES], [0; BYTES]);
    for (pixel, above) in row.iter_mut().zip(above) {
        for at in 0..BYTES {
            pixel[at] = pixel[at].wrapping_add(predict(left[at], above[at], corner[at]));
        }
        left = *pixel;
        corner = *above;
    }
}

/// Which of three is nearest to `left + above - corner`; of equal ones the first.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let to_left = above.abs_diff(corner);
    let to_above = left.abs_diff(corner);
    let to_corner = (i16::from(left) + i16::from(above) - 2 * i16::from(corner)).unsigned_abs();
    if to_left <= to_above && u16::from(to_left) <= to_corner {
        left
    } else if u16::from(to_above) <= to_corner {
        above
    } else {
        corner
    }
}

/// The same for sixteen samples.
fn paeth_of(left: u8x16, above: u8x16, corner: u8x16) -> u8x16 {
    let apart = |a: u8x16, b: u8x16| a.saturating_sub(b) | b.saturating_sub(a);
    let at_most = |a: u8x16, b: u8x16| a.min(b).cmp_eq(a);
    let to_left = apart(above, corner);
    let to_above = apart(left, corner);
    // A corner between the others is as far away as these differ. One that is not is the farthest.
    let between = at_most(left.min(above), corner) & at_most(corner, left.max(above));
    let to_corner = apart(to_left, to_above) | !between;
    let is_left = at_most(to_left, to_above.min(to_corner));
    let is_above = at_most(to_above, to_corner);
    is_left.blend(left, is_above.blend(above, corner))
}

/// Four pixels, one of each row, and what was above them.
#[derive(Clone, Copy, Default)]
struct Front {
    pixels: [u32; TOGETHER],
    above: u8x16,
}

impl Front {
    /// A pixel further in each row. What is above each of them is the pixel of the last step in the row above.
    fn step(&mut self, above: u32, filtered: [u32; TOGETHER]) {
        let [first, second, third, _] = self.pixels;
        let above = samples([above, first, second, third]);
        let predicted = paeth_of(samples(self.pixels), above, self.above);
        self.pixels = bytemuck::cast(predicted + samples(filtered));
        self.above = above;
    }
}

fn samples(pixels: [u32; TOGETHER]) -> u8x16 {
    bytemuck::cast(u32x4::from(pixels))
}

fn four_paeth<const BYTES: usize>(above: &[u8], rows: &mut [u8]) {
    let length = above.len();
    let (first, rows) = rows.split_at_mut(length);
    let (second, rows) = rows.split_at_mut(length);
    let (third, fourth) = rows.split_at_mut(length);
    let (above, _) = above.as_chunks::<BYTES>();
    let mut rows = [first, second, third, fourth].map(|row| row.as_chunks_mut::<BYTES>().0);

    let mut front = Front::default();
    // Where not all rows have a pixel: before a row's first there are zeroes, after its last nothing matters.
    let at_an_end = |front: &mut Front, rows: &mut [&mut [[u8; BYTES]]; TOGETHER], at: usize| {
        let mut filtered = [0; TOGETHER];
        for (behind, filtered) in filtered.iter_mut().enumerate() {
            let pixel = at.checked_sub(behind).and_then(|at| rows[behind].get(at));
            *filtered = pixel.map_or(0, loaded);
        }
        front.step(above.get(at).map_or(0, loaded), filtered);
        for (behind, &pixel) in front.pixels.iter().enumerate() {
            if let Some(to) = at
                .checked_sub(behind)
                .and_then(|at| rows[behind].get_mut(at))
            {
                store(to, pixel);
            }
        }
    };
    let (pixels, behind) = (above.len(), TOGETHER - 1);
    for at in 0..behind {
        at_an_end(&mut front, &mut rows, at);
    }
    let [first, second, third, fourth] = &mut rows;
    let first = above[3..].iter().zip(&mut first[3..]);
    let others = second[2..]
        .iter_mut()
        .zip(&mut third[1..])
        .zip(&mut **fourth);
    for ((above, first), ((second, third), fourth)) in first.zip(others) {
        let filtered = [loaded(first), loaded(second), loaded(third), loaded(fourth)];
        front.step(loaded(above), filtered);
        let [a, b, c, d] = front.pixels;
        store(first, a);
        store(second, b);
        store(third, c);
        store(fourth, d);
    }
    for at in pixels..pixels + behind {
        at_an_end(&mut front, &mut rows, at);
    }
}

fn loaded<const BYTES: usize>(pixel: &[u8; BYTES]) -> u32 {
    let samples = pixel.iter().rev();
    samples.fold(0, |pixel, &sample| pixel << 8 | u32::from(sample))
}

fn store<const BYTES: usize>(to: &mut [u8; BYTES], pixel: u32) {
    let samples = pixel.to_le_bytes();
    for (to, sample) in to.iter_mut().zip(samples) {
        *to = sample;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As W3C PNG, 9.2 has it, sample by sample.
    fn naive(bytes: usize, above: &[u8], row: &[u8], kind: u8) -> Vec<u8> {
        let mut samples: Vec<u8> = Vec::new();
        for (at, &sample) in row.iter().enumerate() {
            let before = |row: &[u8]| at.checked_sub(bytes).map_or(0, |at| i32::from(row[at]));
            let (a, b, c) = (before(&samples), i32::from(above[at]), before(above));
            let p = a + b - c;
            let predicted = match kind {
                0 => 0,
                1 => a,
                2 => b,
                3 => i32::midpoint(a, b),
                _ if (p - a).abs() <= (p - b).abs() && (p - a).abs() <= (p - c).abs() => a,
                _ if (p - b).abs() <= (p - c).abs() => b,
                _ => c,
            };
            samples.push(u8::try_from((i32::from(sample) + predicted) & 0xff).unwrap());
        }
        samples
    }

    fn check<const BYTES: usize>(width: usize, kinds: &[u8], seed: &[u8]) {
        let length = width * BYTES;
        let mut samples = seed.iter().copied().cycle();
        let above: Vec<u8> = samples.by_ref().take(length).collect();
        let mut rows: Vec<u8> = samples.take(length * kinds.len()).collect();
        let mut expected: Vec<u8> = Vec::new();
        for (row, &kind) in rows.chunks(length).zip(kinds) {
            let above = match expected.len() {
                0 => &above,
                end => &expected[end - length..],
            };
            let row = naive(BYTES, above, row, kind);
            expected.extend(row);
        }
        undo::<BYTES>(&above, &mut rows, kinds).unwrap();
        assert_eq!(rows, expected, "{BYTES} bytes, {width} wide, {kinds:?}");
    }

    proptest! {
        #[test]
        fn filters_are_undone(
            width in 1..40_usize,
            kinds in prop::collection::vec((0..5_u8, 1..7_usize), 1..6),
            seed in prop::collection::vec(prop_oneof![any::<u8>(), 0..4_u8, 252..=255_u8], 1..997),
        ) {
            let kinds: Vec<u8> = kinds.iter().flat_map(|&(kind, rows)| vec![kind; rows]).collect();
            check::<1>(width, &kinds, &seed);
            check::<2>(width, &kinds, &seed);
            check::<3>(width, &kinds, &seed);
            check::<4>(width, &kinds, &seed);
        }
    }

    #[test]
    fn a_filter_that_there_is_not_is_seen() {
        assert_eq!(undo::<3>(&[0; 9], &mut [0; 18], &[PAETH, 5]), None);
        assert_eq!(
            undo::<3>(&[0; 9], &mut [0; 17], &[PAETH, 0]),
            None,
            "no row"
        );
    }
}
