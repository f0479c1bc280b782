//! Gaussians for what lies behind a picture: made small, blurred there, and enlarged, so that a wide one costs no more
//! than a narrow one.

use std::borrow::Cow;

use super::{byte, resize};
use crate::engine::plan::{Area, Scale, Size};
use crate::engine::{Layout, Picture, Pixels, RenderError};
use crate::recipe::Kernel;

/// The standard deviation that a wider blur is brought down to, by making the picture smaller.
const NARROW: f64 = 3.0;

/// What lies beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// The pixels at its edge.
    Edge,
    /// Nothing.
    Nothing,
}

/// The picture, stretched to a size, and then blurred.
pub(super) fn blurred(
    picture: Picture,
    to: Size,
    sigma: f64,
    beside: Beside,
) -> Result<Picture, RenderError> {
    let sigma = if sigma > 0.0 { sigma } else { 0.0 };
    let factor = if sigma > 1.5 * NARROW {
        NARROW / sigma
    } else {
        1.0
    };
    let length =
        |length: u32| crate::engine::plan::whole((f64::from(length) * factor).ceil()).max(1);
    let small = Size::new(length(to.width), length(to.height));
    let along =
        |small: u32, whole: u32| (sigma * f64::from(small) / f64::from(whole)).min(2.0 * NARROW);
    let sigmas = (along(small.width, to.width), along(small.height, to.height));
    let picture = stretched(picture, small)?;
    let picture = if sigma > 0.0 {
        gaussian(&picture, sigmas, beside)?
    } else {
        picture
    };
    stretched(picture, to)
}

pub(super) fn stretched(picture: Picture, to: Size) -> Result<Picture, RenderError> {
    let size = picture.size();
    let scale = Scale {
        scaled: to,
        cut: Area::whole(to),
        kernel: Kernel::Cubic,
        linear: Some(false),
        ..Scale::crop(Area::whole(size))
    };
    let pixels = Cow::Owned(Pixels::from(picture));
    super::packed(resize::scale(pixels, size, &scale, false, (1, 1))?)
}

fn gaussian(
    picture: &Picture,
    (across, down): (f64, f64),
    beside: Beside,
) -> Result<Picture, RenderError> {
    let mut plane = Samples {
        width: picture.width() as usize,
        height: picture.height() as usize,
        pixel: picture.layout().samples(),
        data: premultiplied(picture),
    };
    plane.along_rows(&weights(across), beside);
    plane.along_columns(&weights(down), beside);
    let data = unpremultiplied(&plane.data, picture.layout());
    Picture::new(picture.width(), picture.height(), picture.layout(), data)
}

fn premultiplied(picture: &Picture) -> Vec<f32> {
    let data = picture.data();
    if !picture.layout().has_alpha() {
        return data.iter().map(|&sample| f32::from(sample)).collect();
    }
    let pixels = data.chunks_exact(picture.layout().samples());
    let pixels = pixels.filter_map(<[u8]>::split_last);
    let mut samples = Vec::with_capacity(data.len());
    for (&alpha, colors) in pixels {
        let alpha = f32::from(alpha);
        samples.extend(colors.iter().map(|&color| f32::from(color) * alpha));
        samples.push(alpha);
    }
    samples
}

fn unpremultiplied(data: &[f32], layout: Layout) -> Vec<u8> {
    if !layout.has_alpha() {
        return data.iter().map(|&sample| byte(sample.into())).collect();
    }
    let pixels = data.chunks_exact(layout.samples());
    let mut bytes = Vec::with_capacity(data.len());
    for (&alpha, colors) in pixels.filter_map(<[f32]>::split_last) {
        let by = if alpha > 0.0 { alpha.recip() } else { 0.0 };
        bytes.extend(colors.iter().map(|&color| byte((color * by).into())));
        bytes.push(byte(alpha.into()));
    }
    bytes
}

/// A Gaussian's weights from its one end, at three deviations, to the other.
#[expect(clippy::cast_possible_truncation, reason = "of precision alone")]
fn weights(sigma: f64) -> Vec<f32> {
    let radius = i32::try_from(crate::engine::plan::whole((3.0 * sigma).ceil())).unwrap_or(0);
    let weight = |at: i32| (-0.5 * (f64::from(at) / sigma).powi(2)).exp();
    if radius == 0 {
        return vec![1.0];
    }
    let sum: f64 = (-radius..=radius).map(weight).sum();
    (-radius..=radius)
        .map(|at| (weight(at) / sum) as f32)
        .collect()
}

struct Samples {
    width: usize,
    height: usize,
    /// How many a pixel has.
    pixel: usize,
    data: Vec<f32>,
}

impl Samples {
    fn along_rows(&mut self, weights: &[f32], beside: Beside) {
        let radius = weights.len() / 2;
        let length = self.width * self.pixel;
        let mut padded = vec![0.0; length + 2 * radius * self.pixel];
        for row in self.data.chunks_exact_mut(length) {
            if beside == Beside::Edge {
                let (first, last) = (&row[..self.pixel], &row[length - self.pixel..]);
                for (pixel, edge) in padded.chunks_exact_mut(self.pixel).zip(0..) {
                    pixel.copy_from_slice(if edge < radius { first } else { last });
                }
            }
            padded[radius * self.pixel..][..length].copy_from_slice(row);
            row.fill(0.0);
            for (&weight, at) in weights.iter().zip(0..) {
                let from = &padded[at * self.pixel..][..length];
                for (to, from) in row.iter_mut().zip(from) {
                    *to += weight * from;
                }
            }
        }
    }

    fn along_columns(&mut self, weights: &[f32], beside: Beside) {
        let radius = weights.len() / 2;
        let length = self.width * self.pixel;
        let mut blurred = vec![0.0; self.data.len()];
        for (row, y) in blurred.chunks_exact_mut(length).zip(0..) {
            for (&weight, at) in weights.iter().zip(y..) {
                let from: usize = at;
                let inside = (radius..self.height + radius).contains(&from);
                if !inside && beside == Beside::Nothing {
                    continue;
                }
                let from = from.saturating_sub(radius).min(self.height - 1);
                let from = &self.data[from * length..][..length];
                for (to, from) in row.iter_mut().zip(from) {
                    *to += weight * from;
                }
            }
        }
        self.data = blurred;
    }
}
