use std::f64::consts::PI;

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{Filter, FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::{Region, Window};
use crate::engine::RenderError;
use crate::engine::plan::{Area, Size};
use crate::recipe::Kernel;

/// A window on the samples that an image has.
pub(super) struct View {
    /// The samples that have a part.
    pub(super) crop: Area,
    /// What is resized, from the corner of `crop`.
    pub(super) part: Region,
}

impl View {
    /// A window, no larger than the image. An [`Internal`](crate::engine::RenderErrorKind::Internal) error where that is
    /// nothing.
    pub(super) fn new(window: Window, size: Size) -> Result<Self, RenderError> {
        let Region {
            left,
            top,
            width,
            height,
        } = window.part;
        if ![left, top, width, height]
            .iter()
            .all(|value| value.is_finite())
        {
            return Err(RenderError::internal(
                "what to resize is no part of an image",
            ));
        }
        let across = (window.crop.left, window.crop.width);
        let down = (window.crop.top, window.crop.height);
        let (left, width) = outwards(across, size.width);
        let (top, height) = outwards(down, size.height);
        let across = (window.part.left, window.part.width);
        let down = (window.part.top, window.part.height);
        let (part_left, part_width) = within(across, left, width);
        let (part_top, part_height) = within(down, top, height);
        let there_is = |length: f64| length > 0.0;
        if !there_is(part_width) || !there_is(part_height) {
            return Err(RenderError::internal("there is nothing to resize"));
        }
        Ok(Self {
            crop: Area {
                left,
                top,
                width,
                height,
            },
            part: Region {
                left: part_left,
                top: part_top,
                width: part_width,
                height: part_height,
            },
        })
    }

    /// Whether nothing is to be done to make an image of this size of all of one.
    pub(super) fn is_identity(&self, size: Size, to: Size) -> bool {
        let whole = Area::whole(size);
        size == to && self.crop == whole && self.part == whole.into()
    }
}

/// The whole samples that a stretch touches, of so many: where they begin, and how many there are. At least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was clamped to what a u32 holds"
)]
fn outwards((start, length): (f64, f64), of: u32) -> (u32, u32) {
    // What is by a rounding error beyond a sample does not touch it.
    const ERROR: f64 = 1e-6;
    let last = f64::from(of.saturating_sub(1));
    let first = (start + ERROR).floor().clamp(0.0, last) as u32;
    let end = (start + length - ERROR).ceil().clamp(0.0, of.into()) as u32;
    (first, end.saturating_sub(first).max(1))
}

/// A stretch, cut off at the ends of another and counted from its start.
fn within((start, length): (f64, f64), outer: u32, outer_length: u32) -> (f64, f64) {
    let begin = (start - f64::from(outer)).max(0.0);
    let end = (start + length - f64::from(outer)).min(outer_length.into());
    (begin, (end - begin).min(f64::from(outer_length) - begin))
}

/// Convolves a part of an image into all of another of the same type of pixels.
pub(super) fn convolve(
    source: &ImageRef<'_>,
    view: &View,
    kernel: Kernel,
    alpha: bool,
    target: &mut Image<'_>,
) -> Result<(), RenderError> {
    let filter = match kernel {
        // Never asked for: see `nearest`.
        Kernel::Nearest | Kernel::Box => FilterType::Box,
        Kernel::Linear => FilterType::Bilinear,
        Kernel::Cubic => FilterType::CatmullRom,
        Kernel::Mitchell => FilterType::Mitchell,
        Kernel::Lanczos2 => custom("Lanczos2", lanczos2, 2.0)?,
        Kernel::Lanczos3 => custom("Lanczos3", lanczos3, 3.0)?,
    };
    let Area {
        left,
        top,
        width,
        height,
    } = view.crop;
    let cropped =
        CroppedImage::new(source, left, top, width, height).map_err(|error| failed(&error))?;
    let part = view.part;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(alpha)
        .crop(part.left, part.top, part.width, part.height);
    Resizer::new()
        .resize(&cropped, target, &options)
        .map_err(|error| failed(&error))
}

fn custom(
    name: &'static str,
    kernel: fn(f64) -> f64,
    support: f64,
) -> Result<FilterType, RenderError> {
    let filter = Filter::new(name, kernel, support).map_err(|error| failed(&error))?;
    Ok(FilterType::Custom(filter))
}

// A kernel is computed for every pixel that has a part in a new row or column, which is felt. So both factors come from the
// angle of the second: the sine of twice and of three times it needs no other.

/// sinc(x) sinc(x / 2), from -2 to 2.
fn lanczos2(x: f64) -> f64 {
    let angle = PI * x / 2.0;
    let (sine, cosine) = angle.sin_cos();
    windowed(x, 2.0, sine * sine * cosine / (angle * angle))
}

/// sinc(x) sinc(x / 3), from -3 to 3.
fn lanczos3(x: f64) -> f64 {
    let angle = PI * x / 3.0;
    let square = angle.sin().powi(2);
    windowed(
        x,
        3.0,
        square * (1.0 - square * 4.0 / 3.0) / (angle * angle),
    )
}

fn windowed(x: f64, support: f64, value: f64) -> f64 {
    match x.abs() {
        ..1e-9 => 1.0,
        x if x < support => value,
        _ => 0.0,
    }
}

/// The pixels nearest to the centres of the new ones, each of so many samples.
pub(super) fn nearest(data: &[u8], width: u32, samples: usize, view: &View, to: Size) -> Vec<u8> {
    let columns = places(view.part.left, view.part.width, view.crop.width, to.width);
    let rows = places(view.part.top, view.part.height, view.crop.height, to.height);
    let (left, top) = (view.crop.left as usize, view.crop.top as usize);
    let mut resized = Vec::with_capacity(columns.len() * rows.len() * samples);
    for row in rows {
        let start = (top + row) * width as usize + left;
        for &column in &columns {
            let at = (start + column) * samples;
            resized.extend_from_slice(data.get(at..at + samples).unwrap_or_default());
        }
    }
    resized
}

/// Which of so many samples is under the centre of each of the new ones.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was clamped to what a u32 holds"
)]
fn places(start: f64, length: f64, of: u32, to: u32) -> Vec<usize> {
    let scale = length / f64::from(to);
    (0..to)
        .map(|at| {
            let center = start + (f64::from(at) + 0.5) * scale;
            center.clamp(0.0, f64::from(of.saturating_sub(1))) as usize
        })
        .collect()
}

pub(super) fn failed(error: &dyn std::error::Error) -> RenderError {
    RenderError::internal(format!("resizing: {error}"))
}
