//! Changes of lightness, chroma and hue in CIELAB (white D65), some pixels at a time.
//!
//! L, a and b are sums of the cube roots of X, Y and Z over white, and so is every change here: it goes from roots to roots,
//! and L, a and b themselves are never needed.

#![expect(
    clippy::cast_possible_truncation,
    reason = "matrices, in single precision"
)]

use super::within;
use crate::engine::ops::srgb::{Srgb, srgb};
use crate::engine::{Layout, Picture};
use crate::recipe::Modulation;

/// How many pixels are computed at a time: what keeps the compiler's vector units busy.
pub(super) const LANES: usize = 32;
pub(super) type Lanes = [f32; LANES];

/// From linear sRGB to X, Y and Z, each over that of white.
const TO_XYZ: [[f32; 3]; 3] = [
    [
        0.412_456_4 / 0.950_47,
        0.357_576_1 / 0.950_47,
        0.180_437_5 / 0.950_47,
    ],
    [0.212_672_9, 0.715_152_2, 0.072_175_0],
    [
        0.019_333_9 / 1.088_83,
        0.119_192 / 1.088_83,
        0.950_304_1 / 1.088_83,
    ],
];
/// And back.
const FROM_XYZ: [[f32; 3]; 3] = [
    [
        3.240_454_2 * 0.950_47,
        -1.537_138_5,
        -0.498_531_4 * 1.088_83,
    ],
    [-0.969_266 * 0.950_47, 1.876_010_8, 0.041_556 * 1.088_83],
    [0.055_643_4 * 0.950_47, -0.204_025_9, 1.057_225_2 * 1.088_83],
];
/// Where the cube root turns into a line.
const KNEE: f32 = 6.0 / 29.0;
const SLOPE: f32 = 3.0 * KNEE * KNEE;

/// A change of the roots: a matrix, and what is added.
struct Change {
    matrix: [[f32; 3]; 3],
    add: f32,
}

impl Change {
    /// L is multiplied by `lightness` and `add` is added to it; a and b, as a vector, are scaled and turned.
    fn new(lightness: f64, add: f64, chroma: f64, degrees: f64) -> Self {
        let (sin, cos) = (degrees % 360.0).to_radians().sin_cos();
        let (sin, cos) = (sin * chroma, cos * chroma);
        // With x, y, z the roots: L = 116 y - 16, a = 500 (x - y), b = 200 (y - z).
        let a = [500.0 * cos, -500.0 * cos - 200.0 * sin, 200.0 * sin];
        let b = [500.0 * sin, -500.0 * sin + 200.0 * cos, -200.0 * cos];
        let y = [0.0, lightness, 0.0];
        let row = |lab: [f64; 3], over: f64| {
            let mut row = [0.0; 3];
            for ((to, y), lab) in row.iter_mut().zip(y).zip(lab) {
                *to = (y + lab / over) as f32;
            }
            row
        };
        Self {
            matrix: [row(a, 500.0), row([0.0; 3], 1.0), row(b, -200.0)],
            add: ((16.0 - 16.0 * lightness + add) / 116.0) as f32,
        }
    }

    fn apply(&self, roots: &mut [Lanes; 3]) {
        let [x, y, z] = roots;
        let [first, second, third] = &self.matrix;
        for ((x, y), z) in x.iter_mut().zip(y).zip(z) {
            let of = |row: &[f32; 3]| row[0] * *x + row[1] * *y + row[2] * *z + self.add;
            (*x, *y, *z) = (of(first), of(second), of(third));
        }
    }
}

pub(super) fn modulate(picture: Picture, modulation: Modulation) -> Picture {
    let lightness = within(modulation.lightness, 0.0, 100.0, 1.0);
    let chroma = within(modulation.saturation, 0.0, 100.0, 1.0);
    let degrees = if modulation.hue.is_finite() {
        modulation.hue % 360.0
    } else {
        0.0
    };
    #[expect(clippy::float_cmp, reason = "neutral arguments are exact")]
    if lightness == 1.0 && chroma == 1.0 && degrees == 0.0 {
        return picture;
    }
    changed(picture, &Change::new(lightness, 0.0, chroma, degrees))
}

/// Stretches the lightness so that all of the range is used by what lies between the darkest and the brightest percent.
pub(super) fn normalize(picture: Picture) -> Picture {
    let Some((low, high)) = range(&picture) else {
        return picture;
    };
    let factor = 100.0 / (high - low);
    changed(picture, &Change::new(factor, -low * factor, 1.0, 0.0))
}

/// The lightness below which a percent of the pixels lies, and that below which 99 do. `None` where they are the same, or
/// span everything already.
fn range(picture: &Picture) -> Option<(f64, f64)> {
    let srgb = srgb();
    let mut counts = [0_u64; 256];
    let mut count = |gray: u8| {
        if let Some(count) = counts.get_mut(usize::from(gray)) {
            *count += 1;
        }
    };
    for pixel in picture.data().chunks_exact(picture.layout().samples()) {
        match *pixel {
            [gray] | [gray, _] => count(gray),
            [r, g, b] | [r, g, b, _] => count(srgb.gray([r, g, b])),
            _ => {}
        }
    }
    let pixels: u64 = counts.iter().sum();
    let reaches = |percent: u64| {
        let mut below = 0;
        let place = counts.iter().position(|count| {
            below += count;
            below * 100 > pixels * percent
        });
        let gray = u8::try_from(place.unwrap_or(255)).unwrap_or(u8::MAX);
        f64::from(root(srgb.linear(gray))) * 116.0 - 16.0
    };
    let (low, high) = (reaches(1), reaches(99));
    let spans = low < 0.01 && high > 99.99;
    (high - low > 0.01 && !spans).then_some((low, high))
}

/// What becomes of each grey when it takes hue and chroma from a colour.
pub(super) fn tinted(color: [u8; 3]) -> [[u8; 3]; 256] {
    let srgb = srgb();
    let mut light = [[0.0; LANES]; 3];
    for (light, sample) in light.iter_mut().zip(color) {
        light.fill(srgb.linear(sample));
    }
    let [[x, ..], [y, ..], [z, ..]] = roots(&light);
    let mut table = [[0; 3]; 256];
    for (chunk, table) in table.chunks_exact_mut(LANES).enumerate() {
        let mut roots = [[0.0; LANES]; 3];
        let [xs, ys, zs] = &mut roots;
        for (lane, ((to_x, to_y), to_z)) in xs.iter_mut().zip(ys).zip(zs).enumerate() {
            let gray = u8::try_from(chunk * LANES + lane).unwrap_or(u8::MAX);
            let gray = root(srgb.linear(gray));
            (*to_x, *to_y, *to_z) = (gray + x - y, gray, gray + z - y);
        }
        let light = lights(&roots);
        for (lane, color) in table.iter_mut().enumerate() {
            *color = [0, 1, 2].map(|channel: usize| srgb.encoded(light[channel][lane]));
        }
    }
    table
}

fn changed(mut picture: Picture, change: &Change) -> Picture {
    let srgb = srgb();
    let layout = picture.layout();
    let data = picture.data_mut();
    match layout {
        Layout::Gray | Layout::GrayAlpha => {
            // A grey has no hue to turn, and stays one.
            let mut table = [[0; 3]; 256];
            for (gray, color) in (0_u8..=255).zip(&mut table) {
                *color = [gray; 3];
            }
            change_colors(table.as_flattened_mut(), change, srgb);
            for pixel in data.chunks_exact_mut(layout.samples()) {
                if let Some(gray) = pixel.first_mut() {
                    *gray = table[usize::from(*gray)][1];
                }
            }
        }
        Layout::Rgb => change_colors(data, change, srgb),
        Layout::Rgba => {
            let (pixels, _) = data.as_chunks_mut::<4>();
            for pixels in pixels.chunks_mut(LANES) {
                in_roots(pixels, srgb, |roots| change.apply(roots));
            }
        }
    }
    picture
}

fn change_colors(data: &mut [u8], change: &Change, srgb: &Srgb) {
    let (pixels, _) = data.as_chunks_mut::<3>();
    for pixels in pixels.chunks_mut(LANES) {
        in_roots(pixels, srgb, |roots| change.apply(roots));
    }
}

/// Changes up to [`LANES`] pixels by their roots. Samples after the third stay.
pub(super) fn in_roots<const SAMPLES: usize>(
    pixels: &mut [[u8; SAMPLES]],
    srgb: &Srgb,
    change: impl FnOnce(&mut [Lanes; 3]),
) {
    let mut light = [[0.0; LANES]; 3];
    let [red, green, blue] = &mut light;
    for (((pixel, r), g), b) in pixels.iter().zip(red).zip(green).zip(blue) {
        *r = srgb.linear(pixel[0]);
        *g = srgb.linear(pixel[1]);
        *b = srgb.linear(pixel[2]);
    }
    let mut roots = roots(&light);
    change(&mut roots);
    let [red, green, blue] = lights(&roots);
    for (((pixel, r), g), b) in pixels.iter_mut().zip(red).zip(green).zip(blue) {
        pixel[0] = srgb.encoded(r);
        pixel[1] = srgb.encoded(g);
        pixel[2] = srgb.encoded(b);
    }
}

fn product(matrix: &[[f32; 3]; 3], vectors: &[Lanes; 3]) -> [Lanes; 3] {
    let [x, y, z] = vectors;
    let mut result = [[0.0; LANES]; 3];
    for (row, result) in matrix.iter().zip(&mut result) {
        for (((to, x), y), z) in result.iter_mut().zip(x).zip(y).zip(z) {
            *to = row[0] * x + row[1] * y + row[2] * z;
        }
    }
    result
}

fn roots(light: &[Lanes; 3]) -> [Lanes; 3] {
    let mut roots = product(&TO_XYZ, light);
    for value in roots.as_flattened_mut() {
        *value = root(*value);
    }
    roots
}

fn lights(roots: &[Lanes; 3]) -> [Lanes; 3] {
    let mut cubes = *roots;
    for value in cubes.as_flattened_mut() {
        let root = *value;
        let line = SLOPE * (root - 4.0 / 29.0);
        *value = if root > KNEE {
            root * root * root
        } else {
            line
        };
    }
    product(&FROM_XYZ, &cubes)
}

/// The cube root, with the line near 0, as CIELAB has it. Right to 1 in 10,000.
pub(super) fn root(value: f32) -> f32 {
    // The exponent over three, and a step of Halley's.
    let guess = f32::from_bits(value.abs().to_bits() / 3 + 0x2A51_19F2);
    let cube = guess * guess * guess;
    let root = guess * (cube + 2.0 * value) / (2.0 * cube + value);
    let line = value / SLOPE + 4.0 / 29.0;
    if value > KNEE * KNEE * KNEE {
        root
    } else {
        line
    }
}
