use std::f64::consts::PI;

use super::small::{small, small_size};
use crate::engine::{Picture, RenderError};

/// The longest side of the picture that is looked at: what the definition says.
const LONGEST: u32 = 100;

/// The [ThumbHash](https://evanw.github.io/thumbhash/) of a picture in sRGB: some 25 bytes, with the ratio of its sides and
/// alpha, to be shown until the image is there.
pub fn thumbhash(picture: &Picture) -> Result<Vec<u8>, RenderError> {
    let size = small_size(picture, LONGEST);
    let pixels = small(picture, LONGEST)?;
    let (width, height) = (size.width as usize, size.height as usize);

    let mut opaque = 0.0;
    let mut mean = [0.0; 3];
    for &[r, g, b, alpha] in &pixels {
        let alpha = f64::from(alpha) / 255.0;
        opaque += alpha;
        for (mean, sample) in mean.iter_mut().zip([r, g, b]) {
            *mean += alpha / 255.0 * f64::from(sample);
        }
    }
    if opaque > 0.0 {
        mean = mean.map(|sum| sum / opaque);
    }
    let transparent = pixels.iter().any(|pixel| pixel[3] < u8::MAX);

    // Lightness, yellow against blue, red against green, alpha; on the mean colour.
    let mut planes = [const { Vec::new() }; 4];
    for &[r, g, b, alpha] in &pixels {
        let alpha = f64::from(alpha) / 255.0;
        let mut color = [r, g, b].map(|sample| alpha / 255.0 * f64::from(sample));
        for (color, mean) in color.iter_mut().zip(mean) {
            *color += mean * (1.0 - alpha);
        }
        let [r, g, b] = color;
        let values = [(r + g + b) / 3.0, f64::midpoint(r, g) - b, r - g, alpha];
        for (plane, value) in planes.iter_mut().zip(values) {
            plane.push(value);
        }
    }
    let [lightness, yellow, red, alpha] = planes;
    let most = if transparent { 5.0 } else { 7.0 };
    let longest = f64::from(size.width.max(size.height));
    let waves = |length: u32| whole((most * f64::from(length) / longest).round()).max(1);
    let (across, down) = (waves(size.width), waves(size.height));
    let lightness = Waves::of(&lightness, width, height, across.max(3), down.max(3));
    let yellow = Waves::of(&yellow, width, height, 3, 3);
    let red = Waves::of(&red, width, height, 3, 3);
    let alpha = transparent.then(|| Waves::of(&alpha, width, height, 5, 5));

    let landscape = size.width > size.height;
    let scaled = |value: f64, most: f64| whole((most * value).round());
    let colors = scaled(lightness.mean, 63.0)
        | whole((31.5 + 31.5 * yellow.mean).round()) << 6
        | whole((31.5 + 31.5 * red.mean).round()) << 12
        | scaled(lightness.scale, 31.0) << 18
        | u32::from(transparent) << 23;
    let shape = (if landscape { down } else { across })
        | scaled(yellow.scale, 63.0) << 3
        | scaled(red.scale, 63.0) << 9
        | u32::from(landscape) << 15;
    let mut hash = colors.to_le_bytes().get(..3).unwrap_or_default().to_vec();
    hash.extend(shape.to_le_bytes().iter().take(2));
    if let Some(alpha) = &alpha {
        hash.push(nibble(alpha.mean) | nibble(alpha.scale) << 4);
    }
    let all = [Some(&lightness), Some(&yellow), Some(&red), alpha.as_ref()];
    let values: Vec<u8> = all
        .into_iter()
        .flatten()
        .flat_map(|waves| waves.heights.iter().map(|&height| nibble(height)))
        .collect();
    hash.extend(values.chunks(2).map(|pair| match *pair {
        [low, high] => low | high << 4,
        [low] => low,
        _ => 0,
    }));
    Ok(hash)
}

/// The lowest waves across a plane: a triangle of them, out of a corner of its cosine transform.
struct Waves {
    mean: f64,
    /// The largest of the heights.
    scale: f64,
    /// Each from 0 to 1, where 0.5 is none.
    heights: Vec<f64>,
}

impl Waves {
    fn of(plane: &[f64], width: usize, height: usize, across: u32, down: u32) -> Self {
        let (columns, rows) = (cosines(width, across), cosines(height, down));
        let area = f64::from(u32::try_from(plane.len()).unwrap_or(u32::MAX));
        let mut all = Vec::new();
        for (y, row) in (0..down).zip(&rows) {
            for (x, column) in (0..across).zip(&columns) {
                if x * down >= across * (down - y) {
                    break;
                }
                let lines = plane.chunks_exact(width).zip(row);
                let sum: f64 = lines
                    .map(|(line, row)| {
                        let products = line.iter().zip(column).map(|(value, wave)| value * wave);
                        products.sum::<f64>() * row
                    })
                    .sum();
                all.push(sum / area);
            }
        }
        let mean = all.first().copied().unwrap_or(0.0);
        let mut heights = all.split_off(1.min(all.len()));
        let scale = heights
            .iter()
            .fold(0.0_f64, |scale, height| scale.max(height.abs()));
        if scale > 0.0 {
            for height in &mut heights {
                *height = 0.5 + 0.5 / scale * *height;
            }
        }
        Self {
            mean,
            scale,
            heights,
        }
    }
}

fn cosines(length: usize, count: u32) -> Vec<Vec<f64>> {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let wave = |number: u32| {
        (0..length)
            .map(|at| (PI / f64::from(length) * f64::from(number) * (f64::from(at) + 0.5)).cos())
            .collect()
    };
    (0..count).map(wave).collect()
}

fn nibble(value: f64) -> u8 {
    u8::try_from(whole((15.0 * value).round()).min(15)).unwrap_or(15)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative values count as 0, and none is large"
)]
fn whole(value: f64) -> u32 {
    value as u32
}
