//! From YCbCr of any depth, sampling, range and matrix to the bytes of RGB or of grey.

use super::color::{Matrix, Tone};
use super::frame::{Frame, Samples};
use super::stream::Sampling;
use crate::engine::picture::byte_len;
use crate::engine::{Layout, RenderError};

/// Converts a frame: to grey where it has no chroma, to red, green and blue otherwise.
///
/// Chroma is interpolated linearly, with its samples in the middle of the luma samples that they belong to. `tone` is
/// applied to each colour.
pub(super) fn convert(
    frame: &Frame,
    matrix: Matrix,
    tone: Option<&Tone>,
) -> Result<(Layout, Vec<u8>), RenderError> {
    let range = Range::of(frame.depth, frame.full_range);
    // With a table after it, more bits are kept.
    let target = if tone.is_some() { 4095 } else { 255 };
    let finish = |value: i32| match tone {
        Some(table) => usize::try_from(value.clamp(0, 4095))
            .ok()
            .and_then(|index| table.get(index))
            .copied()
            .unwrap_or_default(),
        None => u8::try_from(value.clamp(0, 255)).unwrap_or_default(),
    };
    let missing = || RenderError::internal("the AV1 decoder gave too few planes");

    let width = frame.width as usize;
    let mut luma = vec![0; width];
    if frame.sampling == Sampling::Monochrome {
        let [plane] = &*frame.planes else {
            return Err(missing());
        };
        let scale = Scale::new(target, range.luma);
        let mut data = vec![0; byte_len(frame.width, frame.height, Layout::Gray)?];
        for (y, row) in (0..).zip(data.chunks_exact_mut(width)) {
            plane.read_row(y, &mut luma);
            for (to, &luma) in row.iter_mut().zip(&luma) {
                *to = finish(scale.apply(luma - range.black));
            }
        }
        return Ok((Layout::Gray, data));
    }

    let [plane, cb, cr] = &*frame.planes else {
        return Err(missing());
    };
    let mut chroma = [Chroma::new(cb, frame), Chroma::new(cr, frame)];
    let converter = Converter::new(matrix, target, &range);
    let mut data = vec![0; byte_len(frame.width, frame.height, Layout::Rgb)?];
    for (y, row) in (0..).zip(data.chunks_exact_mut(3 * width)) {
        plane.read_row(y, &mut luma);
        let [cb, cr] = &mut chroma;
        let chroma = cb.row(y).iter().zip(cr.row(y));
        let pixels = row.chunks_exact_mut(3).zip(luma.iter().zip(chroma));
        for (pixel, (&luma, (&cb, &cr))) in pixels {
            let rgb = converter.convert(luma, cb, cr);
            for (to, value) in pixel.iter_mut().zip(rgb) {
                *to = finish(value);
            }
        }
    }
    Ok((Layout::Rgb, data))
}

/// Which samples stand for what (ITU-T H.273, 8.3).
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) black: i32,
    /// How far it is from black to white.
    pub(super) luma: i32,
    /// How far it is from the least to the most of a chroma.
    pub(super) chroma: i32,
    /// The sample of no chroma.
    pub(super) middle: i32,
}

impl Range {
    pub(super) fn of(depth: u8, full: bool) -> Self {
        let middle = 1 << (depth - 1);
        if full {
            let most = (1 << depth) - 1;
            Self {
                black: 0,
                luma: most,
                chroma: most,
                middle,
            }
        } else {
            let unit = 1 << (depth - 8);
            Self {
                black: 16 * unit,
                luma: 219 * unit,
                chroma: 224 * unit,
                middle,
            }
        }
    }
}

/// How many bits the factors of fixed-point numbers have behind the point. 4095 times twice that still fits.
const POINT: u32 = 16;

/// A multiplication.
#[derive(Clone, Copy)]
struct Scale(i64);

impl Scale {
    fn new(target: i32, from: i32) -> Self {
        Self(((i64::from(target) << POINT) + i64::from(from) / 2) / i64::from(from))
    }

    fn apply(self, value: i32) -> i32 {
        let scaled = (self.0 * i64::from(value) + (1 << (POINT - 1))) >> POINT;
        i32::try_from(scaled).unwrap_or_default()
    }
}

/// The matrix, in fixed-point numbers.
#[derive(Clone, Copy)]
struct Converter {
    kind: Matrix,
    black: i32,
    middle: i32,
    luma: i32,
    red_of_cr: i32,
    green_of_cb: i32,
    green_of_cr: i32,
    blue_of_cb: i32,
}

impl Converter {
    fn new(kind: Matrix, target: i32, range: &Range) -> Self {
        let fixed = |factor: f64, range: i32| {
            let factor = factor * f64::from(target) / f64::from(range) * f64::from(1 << POINT);
            #[expect(clippy::cast_possible_truncation, reason = "factors are small")]
            let factor = factor.round() as i32;
            factor
        };
        let (red, blue) = match kind {
            Matrix::Luminance { red, blue } => (red, blue),
            // The differences of green and orange are as large as the colours themselves.
            Matrix::Identity | Matrix::GreenOrange => (0.5, 0.5),
        };
        let green = 1.0 - red - blue;
        let of_red = 2.0 * (1.0 - red);
        let of_blue = 2.0 * (1.0 - blue);
        Self {
            kind,
            black: range.black,
            middle: range.middle,
            luma: fixed(1.0, range.luma),
            red_of_cr: fixed(of_red, range.chroma),
            green_of_cb: if green > 0.0 {
                fixed(of_blue * blue / green, range.chroma)
            } else {
                0
            },
            green_of_cr: if green > 0.0 {
                fixed(of_red * red / green, range.chroma)
            } else {
                0
            },
            blue_of_cb: fixed(of_blue, range.chroma),
        }
    }

    #[inline]
    fn convert(&self, luma: i32, cb: i32, cr: i32) -> [i32; 3] {
        const HALF: i32 = 1 << (POINT - 1);

        let y = (luma - self.black) * self.luma + HALF;
        let (b, r) = (cb - self.middle, cr - self.middle);
        match self.kind {
            Matrix::Luminance { .. } => [
                (y + r * self.red_of_cr) >> POINT,
                (y - b * self.green_of_cb - r * self.green_of_cr) >> POINT,
                (y + b * self.blue_of_cb) >> POINT,
            ],
            // The planes are green, blue and red, all in the range of luma.
            Matrix::Identity => [
                ((cr - self.black) * self.luma + HALF) >> POINT,
                y >> POINT,
                ((cb - self.black) * self.luma + HALF) >> POINT,
            ],
            Matrix::GreenOrange => {
                let (green, orange) = (b * self.blue_of_cb, r * self.red_of_cr);
                [
                    (y - green + orange) >> POINT,
                    (y + green) >> POINT,
                    (y - green - orange) >> POINT,
                ]
            }
        }
    }
}

/// A plane of chroma, brought to the size of luma row by row.
struct Chroma<'a> {
    plane: &'a Samples,
    across: bool,
    down: bool,
    row: Vec<i32>,
    near: Vec<i32>,
    far: Vec<i32>,
}

impl<'a> Chroma<'a> {
    fn new(plane: &'a Samples, frame: &Frame) -> Self {
        let (across, down) = match frame.sampling {
            Sampling::Quarter => (true, true),
            Sampling::Half => (true, false),
            Sampling::Monochrome | Sampling::Full => (false, false),
        };
        let width = plane.width as usize;
        Self {
            plane,
            across,
            down,
            row: vec![0; frame.width as usize],
            near: vec![0; width],
            far: vec![0; width],
        }
    }

    fn row(&mut self, y: u32) -> &[i32] {
        if !self.across {
            self.plane.read_row(y, &mut self.row);
            return &self.row;
        }
        // `near` becomes four times the row's samples: three parts of the nearer row, one of the farther.
        if self.down {
            let other = if y.is_multiple_of(2) {
                (y / 2).saturating_sub(1)
            } else {
                y / 2 + 1
            };
            self.plane.read_row(y / 2, &mut self.near);
            self.plane.read_row(other, &mut self.far);
            for (near, &far) in self.near.iter_mut().zip(&self.far) {
                *near = 3 * *near + far;
            }
        } else {
            self.plane.read_row(y, &mut self.near);
            for near in &mut self.near {
                *near *= 4;
            }
        }
        let first = self.near.first().copied().unwrap_or_default();
        let mut before = first;
        let nexts = self.near.iter().skip(1).copied();
        let last = self.near.last().copied();
        let nexts = nexts.chain(last);
        for (pair, (&here, next)) in self.row.chunks_mut(2).zip(self.near.iter().zip(nexts)) {
            let values = [3 * here + before, 3 * here + next];
            for (to, value) in pair.iter_mut().zip(values) {
                *to = (value + 8) >> 4;
            }
            before = here;
        }
        &self.row
    }
}

impl Range {
    /// Brings samples of 8 bits to the full range, in place.
    pub(super) fn widen(&self, samples: &mut [u8], chroma: bool) {
        let (zero, target, from) = if chroma {
            (self.middle, 128, self.chroma)
        } else {
            (self.black, 0, self.luma)
        };
        let scale = Scale::new(255, from);
        let mut table = [0; 256];
        for (sample, to) in (0..).zip(&mut table) {
            let full = scale.apply(sample - zero) + target;
            *to = u8::try_from(full.clamp(0, 255)).unwrap_or_default();
        }
        for sample in samples {
            *sample = table.get(usize::from(*sample)).copied().unwrap_or_default();
        }
    }
}
