//! Tests of the decoder. The reference is the sum that defines the transform, over the coefficients that a file was written
//! from; and another decoder.

mod hostile;
mod light;
mod others;
mod samplings;
mod scripts;
mod writer;

use self::writer::{Image, Scan, Script, write};
use super::*;

/// Numbers without an end, the same each time.
fn numbers(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state = state.wrapping_add(0x9E37_79B9);
        state >> 8
    }
}

/// Coefficients as those of photographs: large means, few others, and those mostly small.
fn natural(seed: u32) -> impl FnMut(usize) -> i32 {
    let mut next = numbers(seed);
    let mut busy = 0;
    move |place| {
        let mut signed =
            |range: u32| (next() % (2 * range + 1)).cast_signed() - range.cast_signed();
        if place == 0 {
            busy = signed(40);
            return signed(200);
        }
        let far = i32::try_from(place / 8 + place % 8).unwrap();
        if busy < far * 6 - 40 || signed(3) != 0 {
            return 0;
        }
        match signed(10) {
            10 => signed(40),
            _ => signed(3),
        }
    }
}

/// The planes of an image, by the definition: n by n samples of a block are those of the DCT of that size.
fn reference(image: &Image, side: usize) -> Vec<(usize, usize, Vec<f64>)> {
    let (across, down) = image.largest();
    // What a coefficient of a frequency adds to each sample, of one dimension.
    let waves: Vec<Vec<f64>> = (0..side)
        .map(|frequency| {
            let norm = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
            let angle = |at: usize| {
                let parts = f64::from(u32::try_from((2 * at + 1) * frequency).unwrap());
                parts / f64::from(u32::try_from(2 * side).unwrap()) * std::f64::consts::PI
            };
            (0..side).map(|at| norm * angle(at).cos()).collect()
        })
        .collect();
    let plane = |component: &writer::Component| {
        let length = |pixels: u32, factor: u32, of: u32| {
            let eighths = pixels * factor * u32::try_from(side).unwrap();
            eighths.div_ceil(of * 8) as usize
        };
        let width = length(image.width, component.factors.0, across);
        let height = length(image.height, component.factors.1, down);
        let mut samples = vec![0.0; width * height];
        for (index, block) in component.blocks.iter().enumerate() {
            let stride = component.stride as usize;
            let (top, left) = (index / stride * side, index % stride * side);
            for (y, x) in (0..side * side).map(|at| (at / side, at % side)) {
                if top + y >= height || left + x >= width {
                    continue;
                }
                let mut sum = 0.0;
                for (v, u) in (0..side * side).map(|at| (at / side, at % side)) {
                    let coefficient = block[v * 8 + u];
                    if coefficient != 0 {
                        let step = f64::from(component.quantization[v * 8 + u]);
                        sum += f64::from(coefficient) * step * waves[u][x] * waves[v][y];
                    }
                }
                samples[(top + y) * width + left + x] = (128.0 + sum / 4.0).clamp(0.0, 255.0);
            }
        }
        (width, height, samples)
    };
    image.components.iter().map(plane).collect()
}

fn planes(decoded: Decoded) -> Vec<Plane> {
    match decoded {
        Decoded::Planar(planar) => {
            let chroma = planar.chroma().into_iter().flatten().cloned();
            std::iter::once(planar.luma().clone())
                .chain(chroma)
                .collect()
        }
        Decoded::Rgb(planes) => planes.to_vec(),
        Decoded::Cmyk(planes) => planes.to_vec(),
    }
}

/// Decodes a file at all scales and compares with the reference. An error of a half is that of rounding.
fn check(file: &[u8], image: &Image, case: &str) {
    for side in 1..=8 {
        let decoded = decode(file, Scale::eighths(side), &Limits::default())
            .unwrap_or_else(|error| panic!("{case}, {side}/8: {error}"));
        let planes = planes(decoded);
        let expected = reference(image, side.into());
        assert_eq!(planes.len(), expected.len(), "{case}");
        for (plane, (width, height, samples)) in planes.iter().zip(expected) {
            let size = (plane.width() as usize, plane.height() as usize);
            assert_eq!(size, (width, height), "{case}, {side}/8");
            for (at, (&ours, exact)) in plane.data().iter().zip(&samples).enumerate() {
                let error = (f64::from(ours) - exact).abs();
                assert!(
                    error < 0.51,
                    "{case}, {side}/8: {ours}, not {exact}, at {at} of {size:?}"
                );
            }
        }
    }
}

#[test]
fn a_scale_is_in_eighths_rounded_up() {
    for (eighths, pixels, expected) in [
        (1, 1, 1),
        (1, 8, 1),
        (1, 9, 2),
        (3, 8, 3),
        (7, 100, 88),
        (8, 65_535, 65_535),
        (0, 17, 3),
        (9, 17, 17),
    ] {
        assert_eq!(Scale::eighths(eighths).apply(pixels), expected);
    }
    assert_eq!(Scale::FULL, Scale::eighths(8));
}
