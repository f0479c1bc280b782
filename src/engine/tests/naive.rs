//! What the operations should come to, straight from their definitions, in `f64` and with no regard to time.

use image::{Rgba, RgbaImage};

use super::sample;

/// A pixel with premultiplied alpha, from 0 to 1.
pub(super) type Light = [f64; 4];

pub(super) fn light(pixel: Rgba<u8>) -> Light {
    let alpha = f64::from(pixel[3]) / 255.0;
    [0, 1, 2, 3].map(|i| match i {
        3 => alpha,
        i => f64::from(pixel[i]) / 255.0 * alpha,
    })
}

pub(super) fn pixel(light: Light) -> Rgba<u8> {
    let alpha = light[3];
    Rgba([0, 1, 2, 3].map(|i| match i {
        3 => sample(alpha * 255.0),
        _ if alpha <= 0.0 => 0,
        i => sample(light[i] / alpha * 255.0),
    }))
}

pub(super) fn over(top: Light, bottom: Light) -> Light {
    [0, 1, 2, 3].map(|i| top[i] + bottom[i] * (1.0 - top[3]))
}

/// The greatest difference of two samples, colours weighted by alpha: what is not seen does not count.
pub(super) fn max_error(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.pixels().zip(b.pixels());
    pairs
        .flat_map(|(a, b)| {
            let (a, b) = (light(*a), light(*b));
            [0, 1, 2, 3].map(|i| (a[i] - b[i]).abs() * 255.0)
        })
        .fold(0.0, f64::max)
}

/// What is at a place, `beside` being all around, by Catmull and Rom's cubic.
pub(super) fn cubic(image: &RgbaImage, x: f64, y: f64, beside: Light) -> Light {
    fn weight(distance: f64) -> f64 {
        let t = distance.abs();
        if t < 1.0 {
            1.5 * t.powi(3) - 2.5 * t.powi(2) + 1.0
        } else if t < 2.0 {
            -0.5 * t.powi(3) + 2.5 * t.powi(2) - 4.0 * t + 2.0
        } else {
            0.0
        }
    }
    #[expect(clippy::cast_possible_truncation)]
    let (left, top) = ((x - 0.5).floor() as i64, (y - 0.5).floor() as i64);
    let mut sum = [0.0; 4];
    for row in top - 1..=top + 2 {
        for column in left - 1..=left + 2 {
            #[expect(clippy::cast_precision_loss)]
            let weight = weight(x - 0.5 - column as f64) * weight(y - 0.5 - row as f64);
            let inside = u32::try_from(column).ok().zip(u32::try_from(row).ok());
            let found = inside.and_then(|(x, y)| image.get_pixel_checked(x, y));
            let found = found.map_or(beside, |pixel| light(*pixel));
            for i in 0..4 {
                sum[i] += weight * found[i];
            }
        }
    }
    let alpha = sum[3].clamp(0.0, 1.0);
    let by = if sum[3] > 0.0 { alpha / sum[3] } else { 0.0 };
    [0, 1, 2, 3].map(|i| match i {
        3 => alpha,
        i => (sum[i] * by).clamp(0.0, alpha),
    })
}

/// A Gaussian blur; beside the image are its edges, or nothing.
pub(super) fn gaussian(image: &[Vec<Light>], sigma: f64, edges: bool) -> Vec<Vec<Light>> {
    let radius = (4.0 * sigma).ceil();
    let blurred = |line: &[Light]| -> Vec<Light> {
        let at = |x: f64| {
            let last = line.len() - 1;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let inside = x.max(0.0) as usize;
            if edges || (x >= 0.0 && inside <= last) {
                line[inside.min(last)]
            } else {
                [0.0; 4]
            }
        };
        (0_u32..)
            .take(line.len())
            .map(|x| {
                let (mut sum, mut whole) = ([0.0; 4], 0.0);
                let mut offset = -radius;
                while offset <= radius {
                    let weight = (-0.5 * (offset / sigma).powi(2)).exp();
                    let found = at(f64::from(x) + offset);
                    for i in 0..4 {
                        sum[i] += weight * found[i];
                    }
                    whole += weight;
                    offset += 1.0;
                }
                sum.map(|sum| sum / whole)
            })
            .collect()
    };
    let rows: Vec<_> = image.iter().map(|row| blurred(row)).collect();
    transposed(
        &transposed(&rows)
            .iter()
            .map(|column| blurred(column))
            .collect::<Vec<_>>(),
    )
}

fn transposed(rows: &[Vec<Light>]) -> Vec<Vec<Light>> {
    (0..rows[0].len())
        .map(|x| rows.iter().map(|row| row[x]).collect())
        .collect()
}

pub(super) fn lights(image: &RgbaImage) -> Vec<Vec<Light>> {
    image
        .rows()
        .map(|row| row.map(|pixel| light(*pixel)).collect())
        .collect()
}

pub(super) fn pixels(rows: &[Vec<Light>]) -> RgbaImage {
    let width = u32::try_from(rows[0].len()).unwrap();
    let height = u32::try_from(rows.len()).unwrap();
    RgbaImage::from_fn(width, height, |x, y| pixel(rows[y as usize][x as usize]))
}
