#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lightness in fixed point, clamped"
)]

use super::blur::{Convolution, Kernel, MAX_SAMPLE};
use super::lab::{LANES, in_roots, root};
use super::within;
use crate::engine::ops::srgb::{LUMINANCE, Srgb, srgb};
use crate::engine::{Layout, Picture};
use crate::recipe::Sharpen;

/// What L = 100 is under way.
const FULL: f64 = MAX_SAMPLE as f64;
/// The largest standard deviation: what is larger no longer sharpens.
const MAX_SIGMA: f64 = 10.0;

/// Sharpens lightness; hue and chroma stay, and so does what does not change.
pub(super) fn sharpen(mut picture: Picture, sharpen: Sharpen) -> Picture {
    let sigma = within(sharpen.sigma, 0.0, MAX_SIGMA, 0.0);
    // libvips cuts the kernel where a weight is less than a tenth of the middle's.
    let radius = (sigma * (2.0 * 10.0_f64.ln()).sqrt()) as usize;
    let Some(kernel) = Kernel::cut(sigma, radius.max(usize::from(sigma > 0.3))) else {
        return picture;
    };
    let response = Response::new(&sharpen);
    let srgb = srgb();
    let lightness = Lightness::new();
    let width = picture.width() as usize;
    let layout = picture.layout();
    let stride = width * layout.samples();
    let height = picture.height() as usize;
    let mut rows = Convolution::new(&kernel, width, 1);
    // The lightness of the rows that are still to be sharpened.
    let mut plain = vec![vec![0; width]; kernel.radius() + 1];
    let data = picture.data_mut();
    for y in 0..height + kernel.radius() {
        if let Some(row) = data.chunks_exact(stride).nth(y) {
            let place = y % plain.len();
            lightness.of_row(row, layout, srgb, &mut plain[place]);
            rows.push(|target| target.copy_from_slice(&plain[place]));
        }
        if let Some(y) = y.checked_sub(kernel.radius())
            && let Some(row) = data.chunks_exact_mut(stride).nth(y)
        {
            let plain = &plain[y % plain.len()];
            response.sharpen_row(row, layout, plain, rows.row(y), srgb);
        }
    }
    picture
}

/// What a difference in lightness adds to it.
struct Response {
    flat: f64,
    jagged: f64,
    threshold: f64,
    brighten: f64,
    darken: f64,
}

impl Response {
    fn new(sharpen: &Sharpen) -> Self {
        Self {
            flat: within(sharpen.flat, -1000.0, 1000.0, 0.0),
            jagged: within(sharpen.jagged, -1000.0, 1000.0, 0.0),
            threshold: within(sharpen.threshold, 0.0, 100.0, 2.0),
            brighten: within(sharpen.max_brighten, 0.0, 100.0, 10.0),
            darken: within(sharpen.max_darken, 0.0, 100.0, 20.0),
        }
    }

    /// In units of L, both.
    fn of(&self, difference: f32) -> f32 {
        let [flat, jagged, threshold] =
            [self.flat, self.jagged, self.threshold].map(|value| value as f32);
        let small = difference.clamp(-threshold, threshold);
        let added = small * flat + (difference - small) * jagged;
        added.clamp(-self.darken as f32, self.brighten as f32)
    }

    fn sharpen_row(
        &self,
        row: &mut [u8],
        layout: Layout,
        plain: &[u16],
        blurred: &[u16],
        srgb: &Srgb,
    ) {
        const UNIT: f32 = 100.0 / FULL as f32;
        let groups = plain.chunks(LANES).zip(blurred.chunks(LANES));
        let samples = layout.samples();
        for (pixels, (plain, blurred)) in row.chunks_mut(LANES * samples).zip(groups) {
            let mut added = [0.0; LANES];
            for ((added, &plain), &blurred) in added.iter_mut().zip(plain).zip(blurred) {
                // Half a thousandth of the range is rounding.
                let difference = f32::from(plain) - f32::from(blurred);
                let difference = if difference.abs() < 16.0 {
                    0.0
                } else {
                    difference
                };
                *added = self.of(difference * UNIT);
            }
            if added.iter().all(|&added| added == 0.0) {
                continue;
            }
            match layout {
                Layout::Gray => lighten::<1>(pixels, &added, srgb),
                Layout::GrayAlpha => lighten::<2>(pixels, &added, srgb),
                Layout::Rgb => lighten::<3>(pixels, &added, srgb),
                Layout::Rgba => lighten::<4>(pixels, &added, srgb),
            }
        }
    }
}

/// Adds to the lightness of pixels.
fn lighten<const SAMPLES: usize>(pixels: &mut [u8], added: &[f32; LANES], srgb: &Srgb) {
    let (pixels, _) = pixels.as_chunks_mut::<SAMPLES>();
    let mut colors = [[0; 3]; LANES];
    for (color, pixel) in colors.iter_mut().zip(&*pixels) {
        *color = match SAMPLES {
            1 | 2 => [pixel[0]; 3],
            _ => [pixel[0], pixel[1], pixel[2]],
        };
    }
    in_roots(&mut colors, srgb, |[x, y, z]| {
        for (((x, y), z), added) in x.iter_mut().zip(y).zip(z).zip(added) {
            let added = added / 116.0;
            // L stays within its range.
            let to = (*y + added).clamp(4.0 / 29.0, 1.0);
            let added = to - *y;
            (*x, *y, *z) = (*x + added, to, *z + added);
        }
    });
    for ((pixel, color), &added) in pixels.iter_mut().zip(colors).zip(added) {
        if added == 0.0 {
            continue;
        }
        match SAMPLES {
            1 | 2 => pixel[0] = color[1],
            _ => {
                for (to, from) in pixel.iter_mut().zip(color) {
                    *to = from;
                }
            }
        }
    }
}

/// From luminance to L, in a table.
struct Lightness(Vec<u16>);

impl Lightness {
    const STEPS: f32 = 16383.0;

    fn new() -> Self {
        let table = (0_u16..=16383).map(|step| {
            let root = root(f32::from(step) / Self::STEPS);
            (f64::from(1.16 * root - 0.16) * FULL)
                .round()
                .clamp(0.0, FULL) as u16
        });
        Self(table.collect())
    }

    fn of_row(&self, row: &[u8], layout: Layout, srgb: &Srgb, target: &mut [u16]) {
        let [red, green, blue] = LUMINANCE.map(|weight| weight as f32 * Self::STEPS);
        let of = |light: f32| {
            let place = (light + 0.5) as usize;
            self.0.get(place).copied().unwrap_or(FULL as u16)
        };
        for (to, pixel) in target.iter_mut().zip(row.chunks_exact(layout.samples())) {
            *to = match *pixel {
                [gray] | [gray, _] => of(srgb.linear(gray) * Self::STEPS),
                [r, g, b] | [r, g, b, _] => {
                    of(red * srgb.linear(r) + green * srgb.linear(g) + blue * srgb.linear(b))
                }
                _ => 0,
            };
        }
    }
}
