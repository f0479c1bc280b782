use std::f64::consts::PI;

use super::small::{small, small_size};
use crate::engine::ops::{decode, encode};
use crate::engine::{Picture, RenderError};

/// The longest side of the picture that is looked at: nothing finer is in a hash.
const LONGEST: u32 = 64;
const DIGITS: &[u8; 83] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// The [BlurHash](https://blurha.sh) of a picture in sRGB: a few waves across it, as text, to be shown until the image is
/// there. `x` and `y` say how many waves there are along the width and the height, 1 to 9; what is outside that counts as the
/// nearest. Alpha is not looked at.
pub fn blurhash(picture: &Picture, x: u8, y: u8) -> Result<String, RenderError> {
    let (x, y) = (x.clamp(1, 9), y.clamp(1, 9));
    let size = small_size(picture, LONGEST);
    let pixels = small(picture, LONGEST)?;
    let mut light = [0.0; 256];
    for (sample, light) in (0_u8..=255).zip(&mut light) {
        *light = decode(f64::from(sample) / 255.0);
    }
    let mut factors = vec![[0.0; 3]; usize::from(x) * usize::from(y)];
    let width = size.width as usize;
    for (row, pixels) in (0..size.height).zip(pixels.chunks_exact(width)) {
        for i in 0..x {
            let mut sums = [0.0; 3];
            for (column, pixel) in (0..size.width).zip(pixels) {
                let wave = wave(i, column, size.width);
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += wave * light[usize::from(sample)];
                }
            }
            for j in 0..y {
                let wave = wave(j, row, size.height);
                let place = usize::from(j) * usize::from(x) + usize::from(i);
                if let Some(factor) = factors.get_mut(place) {
                    for (factor, sum) in factor.iter_mut().zip(sums) {
                        *factor += wave * sum;
                    }
                }
            }
        }
    }
    let area = f64::from(size.width) * f64::from(size.height);
    let (mean, waves) = factors.split_first().unwrap_or((&[0.0; 3], &[]));
    let mean = mean.map(|sum| sum / area);
    let waves: Vec<[f64; 3]> = waves
        .iter()
        .map(|sums| sums.map(|sum| 2.0 * sum / area))
        .collect();
    Ok(text(x, y, mean, &waves))
}

fn wave(number: u8, at: u32, length: u32) -> f64 {
    (PI * f64::from(number) * f64::from(at) / f64::from(length)).cos()
}

/// Writes numbers in base 83, each of so many digits.
struct Base83(String);

impl Base83 {
    fn put(&mut self, value: u32, digits: u32) {
        for digit in (0..digits).rev() {
            let place = value / 83_u32.pow(digit) % 83;
            let digit = DIGITS.get(place as usize).copied().unwrap_or(b'0');
            self.0.push(char::from(digit));
        }
    }
}

fn text(x: u8, y: u8, mean: [f64; 3], waves: &[[f64; 3]]) -> String {
    let mut text = Base83(String::with_capacity(4 + 2 * (waves.len() + 1)));
    text.put(u32::from(x - 1) + u32::from(y - 1) * 9, 1);
    let largest = waves
        .as_flattened()
        .iter()
        .fold(0.0_f64, |largest, wave| largest.max(wave.abs()));
    let unit = if waves.is_empty() {
        text.put(0, 1);
        1.0
    } else {
        let step = whole((largest * 166.0 - 0.5).floor().clamp(0.0, 82.0));
        text.put(step, 1);
        f64::from(step + 1) / 166.0
    };
    let [red, green, blue] =
        mean.map(|light| whole((encode(light.clamp(0.0, 1.0)) * 255.0).round()));
    text.put(red << 16 | green << 8 | blue, 4);
    for wave in waves {
        let [red, green, blue] = wave.map(|value| {
            let value = value / unit;
            let root = value.abs().sqrt().copysign(value);
            whole((root * 9.0 + 9.5).floor().clamp(0.0, 18.0))
        });
        text.put((red * 19 + green) * 19 + blue, 2);
    }
    text.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
fn whole(value: f64) -> u32 {
    value as u32
}
