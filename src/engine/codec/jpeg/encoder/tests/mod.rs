#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "numbers are small here"
)]

mod files;
mod parts;

use super::*;
use crate::engine::Plane;

/// Smooth, and different in each seed.
fn waves(width: u32, height: u32, seed: u32) -> Plane {
    let (a, b) = (0.13 + 0.05 * f64::from(seed), 0.11 + 0.03 * f64::from(seed));
    let data = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let wave = (f64::from(x) * a + f64::from(seed)).sin() + (f64::from(y) * b).cos();
            (128.0 + 55.0 * wave) as u8
        })
        .collect();
    Plane::new(width, height, data).unwrap()
}

fn noise(width: u32, height: u32, seed: u32) -> Plane {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    let data = (0..width * height).map(|_| next()).collect();
    Plane::new(width, height, data).unwrap()
}

fn options(quality: u8, chroma: Option<(u32, u32)>, progressive: bool) -> JpegOptions<'static> {
    JpegOptions {
        progressive,
        chroma,
        ..JpegOptions::new(quality)
    }
}
