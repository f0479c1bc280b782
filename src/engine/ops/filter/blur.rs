//! The Gaussian blur: a kernel of 16-bit weights, and for more than a few pixels the same on a smaller copy.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "samples and weights in fixed point, clamped"
)]

use super::within;
use crate::engine::{Layout, Picture};

/// The bits after the point of a sample under way: its 8 bits fill 15, so that the sum of two fits 16.
const FRACTION: u32 = 7;
/// The largest standard deviation that a kernel is made for. Beyond, the picture is halved first.
const MAX_DIRECT: f64 = 4.0;
/// What a sample under way is at most: two of them, and what rounding adds, fit 16 bits.
pub(super) const MAX_SAMPLE: u16 = 255 << FRACTION;

/// Blurs by a Gaussian of this standard deviation. Beyond the edges the pixels at the edge go on. The samples come out
/// within 1 of what the definition says, up to a sigma of 4, and within 3 beyond.
pub(in crate::engine) fn blur(mut picture: Picture, sigma: f64) -> Picture {
    let longest = f64::from(picture.width().max(picture.height()));
    // Far wider than the picture, it is flat.
    let sigma = within(sigma, 0.0, 8.0 * longest, 0.0);
    let Some(kernel) = Kernel::gaussian(sigma.min(MAX_DIRECT)) else {
        return picture;
    };
    let width = picture.width() as usize;
    let samples = picture.layout().samples();
    let layout = picture.layout();
    let stride = width * samples;
    let data = picture.data_mut();
    if sigma <= MAX_DIRECT {
        let mut rows = Convolution::new(&kernel, width, samples);
        let height = data.len() / stride;
        for y in 0..height + kernel.radius() {
            if let Some(row) = data.chunks_exact(stride).nth(y) {
                rows.push(|target| widen(row, layout, target));
            }
            if let Some(y) = y.checked_sub(kernel.radius())
                && let Some(row) = data.chunks_exact_mut(stride).nth(y)
            {
                narrow(rows.row(y), layout, row);
            }
        }
    } else {
        let mut plane = Plane::new(width, samples);
        for row in data.chunks_exact(stride) {
            plane.push(|target| widen(row, layout, target));
        }
        let small = plane.blurred(sigma);
        let mut wide = vec![0; stride];
        for (y, row) in data.chunks_exact_mut(stride).enumerate() {
            small.enlarged_row(y, &mut wide);
            narrow(&wide, layout, row);
        }
    }
    picture
}

/// A symmetric kernel: from the middle to one end, in 1/65536 of the sum. The middle is halved, since it is taken twice.
#[derive(Clone, Debug)]
pub(super) struct Kernel(Vec<u16>);

impl Kernel {
    /// A Gaussian to where it does not matter. `None` where that is a single pixel.
    pub(super) fn gaussian(sigma: f64) -> Option<Self> {
        Self::cut(sigma, (sigma * 3.2).ceil() as usize)
    }

    /// A Gaussian up to so many pixels from its middle. `None` where all but one hardly count.
    pub(super) fn cut(sigma: f64, radius: usize) -> Option<Self> {
        let weight = |at: usize| (-((at * at) as f64) / (2.0 * sigma * sigma)).exp();
        let ends = (1..=radius).map(weight).sum::<f64>();
        let whole = 65536.0 / (1.0 + 2.0 * ends);
        let mut weights: Vec<u16> = (0..=radius)
            .map(|at| (weight(at) * whole).round() as u16)
            .collect();
        while weights.last() == Some(&0) {
            weights.pop();
        }
        let (middle, ends) = weights.split_first_mut()?;
        let sum: u32 = ends.iter().map(|&weight| u32::from(weight)).sum();
        // What rounding left over is the middle's: half of it is even.
        *middle = (32768 - sum) as u16;
        (sum > 0).then_some(Self(weights))
    }

    pub(super) fn radius(&self) -> usize {
        self.0.len() - 1
    }

    /// Adds up both sides, at `middle + offset` and `middle - offset`, each times its weight.
    fn apply<'a>(&self, target: &mut [u16], pair: impl Fn(usize) -> (&'a [u16], &'a [u16])) {
        // Each product loses half a unit on average.
        target.fill(self.0.len() as u16 / 2);
        for (offset, &weight) in self.0.iter().enumerate() {
            let (before, after) = pair(offset);
            for ((sum, &before), &after) in target.iter_mut().zip(before).zip(after) {
                let product = (u32::from(before + after) * u32::from(weight)) >> 16;
                *sum += product as u16;
            }
        }
    }
}

/// Rows of samples under way, and what a kernel makes of them.
pub(super) struct Convolution<'a> {
    kernel: &'a Kernel,
    samples: usize,
    stride: usize,
    /// The last rows, blurred along themselves: row y is at y modulo their number.
    ring: Vec<Vec<u16>>,
    rows: usize,
    padded: Vec<u16>,
    result: Vec<u16>,
}

impl<'a> Convolution<'a> {
    pub(super) fn new(kernel: &'a Kernel, width: usize, samples: usize) -> Self {
        let stride = width * samples;
        Self {
            kernel,
            samples,
            stride,
            ring: vec![vec![0; stride]; 2 * kernel.radius() + 1],
            rows: 0,
            padded: vec![0; stride + 2 * kernel.radius() * samples],
            result: vec![0; stride],
        }
    }

    /// The next row. Samples are at most [`MAX_SAMPLE`].
    pub(super) fn push(&mut self, fill: impl FnOnce(&mut [u16])) {
        let side = self.kernel.radius() * self.samples;
        let stride = self.stride;
        if let Some(inside) = self.padded.get_mut(side..side + stride) {
            fill(inside);
        }
        for (x, from) in [(0, side), (side + stride, side + stride - self.samples)] {
            for at in 0..side {
                self.padded[x + at] = self.padded[from + at % self.samples];
            }
        }
        let place = self.rows % self.ring.len();
        let (padded, samples) = (&self.padded, self.samples);
        self.kernel.apply(&mut self.ring[place], |offset| {
            let offset = offset * samples;
            (&padded[side - offset..], &padded[side + offset..])
        });
        self.rows += 1;
    }

    /// A row that is done: as many more than the kernel's radius must have been pushed, or all.
    pub(super) fn row(&mut self, y: usize) -> &[u16] {
        let (ring, last) = (&self.ring, self.rows - 1);
        let at = |y: usize| ring[y.min(last) % ring.len()].as_slice();
        self.kernel.apply(&mut self.result, |offset| {
            (at(y.saturating_sub(offset)), at(y + offset))
        });
        &self.result
    }
}

/// A picture of samples under way, halved as often as a blur hides. There is a pixel more all around it, which stands for
/// all beyond the edge.
struct Plane {
    /// With the pixels around.
    width: usize,
    samples: usize,
    data: Vec<u16>,
    halvings: u32,
}

impl Plane {
    fn new(width: usize, samples: usize) -> Self {
        Self {
            width: width + 2,
            samples,
            data: Vec::new(),
            halvings: 0,
        }
    }

    /// The next row.
    fn push(&mut self, fill: impl FnOnce(&mut [u16])) {
        let (samples, stride) = (self.samples, self.width * self.samples);
        let start = self.data.len();
        self.data.resize(start + stride, 0);
        if let Some(row) = self.data.get_mut(start..) {
            fill(row.get_mut(samples..stride - samples).unwrap_or_default());
            row.copy_within(samples..2 * samples, 0);
            row.copy_within(stride - 2 * samples..stride - samples, stride - samples);
        }
        if start == 0 {
            self.data.extend_from_within(..);
        }
    }

    fn height(&self) -> usize {
        self.data.len() / (self.width * self.samples)
    }

    /// Blurs it, when all rows are there.
    fn blurred(mut self, sigma: f64) -> Self {
        let stride = self.width * self.samples;
        self.data.extend_from_within(self.data.len() - stride..);
        // Means of 2^n pixels blur already, by a variance of (4^n - 1) / 12, and lines between them by (2 * 4^n + 1) / 12.
        let mut variance = sigma * sigma;
        while variance > MAX_DIRECT * MAX_DIRECT && self.halvings < 14 {
            self.halve();
            let square = f64::from(1_u32 << (2 * self.halvings));
            variance = sigma * sigma / square - 0.25;
        }
        if let Some(kernel) = Kernel::gaussian(variance.max(0.0).sqrt().min(MAX_DIRECT)) {
            let stride = self.width * self.samples;
            let mut rows = Convolution::new(&kernel, self.width, self.samples);
            let height = self.height();
            for y in 0..height + kernel.radius() {
                if let Some(row) = self.data.chunks_exact(stride).nth(y) {
                    rows.push(|target| target.copy_from_slice(row));
                }
                if let Some(y) = y.checked_sub(kernel.radius())
                    && let Some(row) = self.data.chunks_exact_mut(stride).nth(y)
                {
                    row.copy_from_slice(rows.row(y));
                }
            }
        }
        self
    }

    /// Replaces each four pixels by their mean.
    fn halve(&mut self) {
        let stride = self.width * self.samples;
        let (columns, rows) = (pairs(self.width), pairs(self.height()));
        let mut data = Vec::with_capacity(columns.len() * self.samples * rows.len());
        let row = |y: usize| self.data.chunks_exact(stride).nth(y).unwrap_or_default();
        for (above, below) in rows {
            let (above, below) = (row(above), row(below));
            for &(left, right) in &columns {
                let (left, right) = (left * self.samples, right * self.samples);
                for sample in 0..self.samples {
                    let sum = [above[left + sample], above[right + sample]]
                        .into_iter()
                        .chain([below[left + sample], below[right + sample]])
                        .map(u32::from)
                        .sum::<u32>();
                    data.push(((sum + 2) >> 2) as u16);
                }
            }
        }
        self.data = data;
        self.width = columns.len();
        self.halvings += 1;
    }

    /// A row of the full size, by lines between the pixels that there are.
    fn enlarged_row(&self, y: usize, target: &mut [u16]) {
        let stride = self.width * self.samples;
        let (above, below, weight) = between(y, self.halvings, self.height());
        let row = |y: usize| self.data.chunks_exact(stride).nth(y).unwrap_or_default();
        let mixed: Vec<u16> = row(above)
            .iter()
            .zip(row(below))
            .map(|(&above, &below)| mix(above, below, weight))
            .collect();
        let pixel = |x: usize| mixed.get(x * self.samples..).unwrap_or_default();
        for (x, target) in target.chunks_exact_mut(self.samples).enumerate() {
            let (left, right, weight) = between(x, self.halvings, self.width);
            for ((target, &left), &right) in target.iter_mut().zip(pixel(left)).zip(pixel(right)) {
                *target = mix(left, right, weight);
            }
        }
    }
}

/// Which places on an axis make one of the halved axis, with one around on both.
fn pairs(length: usize) -> Vec<(usize, usize)> {
    let last = length - 1;
    let inside = (1..last).step_by(2).map(|at| (at, at + 1));
    let ends = [(0, 0), (last, last)];
    std::iter::once(ends[0])
        .chain(inside)
        .chain([ends[1]])
        .collect()
}

/// The two places on a halved axis, with one around, that a place lies between, and the weight of the second in 1/32768.
fn between(at: usize, halvings: u32, length: usize) -> (usize, usize, u32) {
    // In halves of a pixel, so that its middle is whole.
    let doubled = (2 * at + 1) as u64;
    let one = 2_u64 << halvings;
    let from_first = doubled + one / 2;
    let low = (from_first / one) as usize;
    let weight = ((from_first % one) << 15) / one;
    let last = length.saturating_sub(1);
    (low.min(last), (low + 1).min(last), weight as u32)
}

fn mix(a: u16, b: u16, weight: u32) -> u16 {
    ((u32::from(a) * (32768 - weight) + u32::from(b) * weight + 16384) >> 15) as u16
}

/// Samples under way from those of a picture: colours are multiplied by alpha, so that hidden ones do not bleed.
fn widen(row: &[u8], layout: Layout, target: &mut [u16]) {
    match layout {
        Layout::Gray | Layout::Rgb => {
            for (to, &from) in target.iter_mut().zip(row) {
                *to = u16::from(from) << FRACTION;
            }
        }
        Layout::GrayAlpha => premultiply::<2>(row, target),
        Layout::Rgba => premultiply::<4>(row, target),
    }
}

fn premultiply<const SAMPLES: usize>(row: &[u8], target: &mut [u16]) {
    let (pixels, _) = row.as_chunks::<SAMPLES>();
    let (targets, _) = target.as_chunks_mut::<SAMPLES>();
    for (to, from) in targets.iter_mut().zip(pixels) {
        // 128 / 255 in 1/65536.
        let alpha = u32::from(from[SAMPLES - 1]) * 32897;
        for (to, &from) in to.iter_mut().zip(from) {
            *to = ((u32::from(from) * (alpha >> 8) + 128) >> 8) as u16;
        }
        to[SAMPLES - 1] = u16::from(from[SAMPLES - 1]) << FRACTION;
    }
}

/// Samples of a picture from those under way.
fn narrow(row: &[u16], layout: Layout, target: &mut [u8]) {
    match layout {
        Layout::Gray | Layout::Rgb => {
            for (to, &from) in target.iter_mut().zip(row) {
                *to = rounded(from);
            }
        }
        Layout::GrayAlpha => unpremultiply::<2>(row, target),
        Layout::Rgba => unpremultiply::<4>(row, target),
    }
}

fn unpremultiply<const SAMPLES: usize>(row: &[u16], target: &mut [u8]) {
    let (pixels, _) = row.as_chunks::<SAMPLES>();
    let (targets, _) = target.as_chunks_mut::<SAMPLES>();
    for (to, from) in targets.iter_mut().zip(pixels) {
        let alpha = from[SAMPLES - 1];
        let factor = 255.0 / f32::from(alpha.max(1));
        for (to, &from) in to.iter_mut().zip(from) {
            *to = (f32::from(from) * factor + 0.5) as u8;
        }
        to[SAMPLES - 1] = rounded(alpha);
    }
}

fn rounded(value: u16) -> u8 {
    ((value + (1 << (FRACTION - 1))) >> FRACTION).min(255) as u8
}
