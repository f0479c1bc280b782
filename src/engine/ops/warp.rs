//! Pictures looked up at any place, by Catmull and Rom's cubic, weighted by alpha.

use super::{byte, layout};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Size, whole};
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Color;

/// Pixels that lie around the picture, so that no look-up meets an edge.
const MARGIN: usize = 3;
/// How many places between two pixels are told apart.
const STEPS: u16 = 256;

/// A picture of a size, each of whose pixels is found where `place` says of its middle; `None` is outside. What is outside
/// has the colour `beside`.
pub(super) fn warped(
    picture: &Picture,
    to: Size,
    beside: Color,
    place: impl Fn(f64, f64) -> Option<(f64, f64)>,
) -> Result<Picture, RenderError> {
    let layout = layout::joined(picture.layout(), layout::of_color(beside));
    let mut data = vec![0; byte_len(to.width, to.height, layout)?];
    let source = Source::of(picture, beside)?;
    match layout {
        Layout::Gray => draw::<1>(&mut data, to, &source, place),
        Layout::GrayAlpha => draw::<2>(&mut data, to, &source, place),
        Layout::Rgb => draw::<3>(&mut data, to, &source, place),
        Layout::Rgba => draw::<4>(&mut data, to, &source, place),
    }
    Picture::new(to.width, to.height, layout, data)
}

fn draw<const N: usize>(
    data: &mut [u8],
    to: Size,
    source: &Source,
    place: impl Fn(f64, f64) -> Option<(f64, f64)>,
) {
    let (pixels, _) = data.as_chunks_mut::<N>();
    for (row, y) in pixels.chunks_exact_mut(to.width as usize).zip(0_u32..) {
        let y = f64::from(y) + 0.5;
        for (pixel, x) in row.iter_mut().zip(0_u32..) {
            let found = place(f64::from(x) + 0.5, y);
            let color = found.map_or(source.beside, |(x, y)| source.at(x, y));
            *pixel = layout::put(color);
        }
    }
}

struct Source {
    width: f64,
    height: f64,
    /// Pixels from row to row.
    row: usize,
    pixels: Vec<[u8; 4]>,
    beside: [u8; 4],
    weights: Vec<[f32; 4]>,
}

impl Source {
    fn of(picture: &Picture, beside: Color) -> Result<Self, RenderError> {
        let beside = layout::rgba(beside);
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let row = width + 2 * MARGIN;
        let count = row
            .checked_mul(height + 2 * MARGIN)
            .ok_or_else(|| RenderError::too_large("the pixels do not fit into memory"))?;
        let mut pixels = vec![beside; count];
        match picture.layout() {
            Layout::Gray => fill::<1>(&mut pixels, row, picture),
            Layout::GrayAlpha => fill::<2>(&mut pixels, row, picture),
            Layout::Rgb => fill::<3>(&mut pixels, row, picture),
            Layout::Rgba => fill::<4>(&mut pixels, row, picture),
        }
        Ok(Self {
            width: picture.width().into(),
            height: picture.height().into(),
            row,
            pixels,
            beside,
            weights: (0..=STEPS)
                .map(|step| weights(f32::from(step) / f32::from(STEPS)))
                .collect(),
        })
    }

    /// The colour at a place.
    #[inline]
    fn at(&self, x: f64, y: f64) -> [u8; 4] {
        let (x, y) = (x - 0.5, y - 0.5);
        let (column, row) = (x.floor(), y.floor());
        // What is not a number is outside.
        let inside = column >= -2.0 && column <= self.width && row >= -2.0 && row <= self.height;
        if !inside {
            return self.beside;
        }
        let step = |fraction: f64| whole(fraction * f64::from(STEPS) + 0.5) as usize;
        let across = self.weights.get(step(x - column));
        let down = self.weights.get(step(y - row));
        let (Some(across), Some(down)) = (across, down) else {
            return self.beside;
        };
        let first = whole(row + 2.0) as usize * self.row + whole(column + 2.0) as usize;
        let mut sums = [0.0_f32; 4];
        for (weight, line) in down.iter().zip(0..) {
            let start = first + line * self.row;
            let Some(pixels) = self.pixels.get(start..start + 4) else {
                return self.beside;
            };
            let mut sum = [0.0_f32; 4];
            for (weight, pixel) in across.iter().zip(pixels) {
                let [red, green, blue, alpha] = pixel.map(f32::from);
                let weight = weight * alpha;
                sum[0] += weight * red;
                sum[1] += weight * green;
                sum[2] += weight * blue;
                sum[3] += weight;
            }
            for (to, from) in sums.iter_mut().zip(sum) {
                *to += weight * from;
            }
        }
        let [red, green, blue, alpha] = sums;
        if alpha < 0.5 {
            return [0; 4];
        }
        let by = alpha.recip();
        let color = |sum: f32| byte((sum * by).into());
        [color(red), color(green), color(blue), byte(alpha.into())]
    }
}

fn fill<const N: usize>(pixels: &mut [[u8; 4]], row: usize, picture: &Picture) {
    let (from, _) = picture.data().as_chunks::<N>();
    let rows = pixels.chunks_exact_mut(row).skip(MARGIN);
    for (to, from) in rows.zip(from.chunks_exact(picture.width() as usize)) {
        for (to, from) in to.iter_mut().skip(MARGIN).zip(from) {
            *to = layout::get(*from);
        }
    }
}

/// The weights of the four pixels around a place, so far after the second.
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (2.0 * t2 - t3 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (4.0 * t2 - 3.0 * t3 + t),
        0.5 * (t3 - t2),
    ]
}
