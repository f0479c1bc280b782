//! Shadows and gradients.

use super::canvas::shared;
use super::soft::{self, Beside};
use super::{byte, layout, over};
use crate::engine::plan::offset;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::{Color, Gradient, Length, Shadow};

/// Draws a black shadow behind what is not transparent.
pub(in crate::engine) fn shadow(picture: Picture, shadow: &Shadow) -> Result<Picture, RenderError> {
    if !picture.layout().has_alpha() {
        return Ok(picture);
    }
    let size = picture.size();
    let samples = picture.layout().samples();
    let alphas = picture.data().iter().skip(samples - 1).step_by(samples);
    let alphas = Picture::new(
        size.width,
        size.height,
        Layout::Gray,
        alphas.copied().collect(),
    )?;
    let mut dark = soft::blurred(alphas, size, shadow.sigma, Beside::Nothing)?.into_data();
    let opacity = byte(shadow.opacity.clamp(0.0, 1.0) * 255.0);
    for alpha in &mut dark {
        *alpha = over::product(*alpha, opacity);
    }

    let across = offset(shadow.x * f64::from(size.width));
    let down = offset(shadow.y * f64::from(size.height));
    let shared = shared(size.width, across, size.width).zip(shared(size.height, down, size.height));
    let mut picture = layout::converted(picture, Layout::Rgba)?;
    if let Some(((to_x, from_x, width), (to_y, from_y, height))) = shared {
        let row = size.width as usize;
        let (pixels, _) = picture.data_mut().as_chunks_mut::<4>();
        let to = pixels.chunks_exact_mut(row).skip(to_y);
        let from = dark.chunks_exact(row).skip(from_y);
        for (to, from) in to.zip(from).take(height) {
            let to = to.iter_mut().skip(to_x);
            for (pixel, &alpha) in to.zip(from.iter().skip(from_x)).take(width) {
                *pixel = over::over(*pixel, [0, 0, 0, alpha]);
            }
        }
    }
    Ok(picture)
}

/// Draws a linear gradient over a picture.
pub(in crate::engine) fn gradient(
    picture: Picture,
    gradient: &Gradient,
) -> Result<Picture, RenderError> {
    let size = picture.size();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let degrees = gradient.degrees;
    let degrees = if degrees.is_finite() { degrees } else { 180.0 };
    let (sin, cos) = degrees.rem_euclid(360.0).to_radians().sin_cos();
    // From corner to corner, as in CSS.
    let length = (width * sin).abs() + (height * cos).abs();
    let stop = match gradient.stop {
        Length::Pixels(pixels) => pixels,
        Length::Fraction(fraction) => fraction * length,
        Length::Computed(_) => 0.0,
    };
    let stop = stop.max(1e-3);
    let stop = if stop.is_finite() { stop } else { length };

    let colors = shades(gradient.from, gradient.to);
    let last = f64::from(u16::try_from(colors.len() - 1).unwrap_or(u16::MAX));
    let along = |x: f64, y: f64| {
        ((x - width / 2.0) * sin - (y - height / 2.0) * cos + length / 2.0) / stop * last
    };
    let layout = layout::joined(
        picture.layout(),
        layout::layout(
            [gradient.from, gradient.to]
                .iter()
                .any(|&color| layout::colored(layout::of_color(color))),
            false,
        ),
    );
    let picture = layout::converted(picture, layout)?;
    let mut data = picture.into_data();
    let slope = along(1.0, 0.0) - along(0.0, 0.0);
    let start = |y: u32| along(0.5, f64::from(y) + 0.5);
    match layout {
        Layout::Gray => shade::<1>(&mut data, size.width, &colors, start, slope),
        Layout::GrayAlpha => shade::<2>(&mut data, size.width, &colors, start, slope),
        Layout::Rgb => shade::<3>(&mut data, size.width, &colors, start, slope),
        Layout::Rgba => shade::<4>(&mut data, size.width, &colors, start, slope),
    }
    Picture::new(size.width, size.height, layout, data)
}

fn shade<const N: usize>(
    data: &mut [u8],
    width: u32,
    colors: &[[u8; 4]],
    start: impl Fn(u32) -> f64,
    step: f64,
) {
    let (pixels, _) = data.as_chunks_mut::<N>();
    for (row, y) in pixels.chunks_exact_mut(width as usize).zip(0..) {
        let start = start(y);
        for (pixel, x) in row.iter_mut().zip(0_u32..) {
            let at = crate::engine::plan::whole(start + step * f64::from(x) + 0.5) as usize;
            let color = colors.get(at).or(colors.last()).copied();
            *pixel = layout::put(over::over(color.unwrap_or_default(), layout::get(*pixel)));
        }
    }
}

/// The colours of a gradient; mixed with alpha, so that what fades to nothing keeps its colour.
fn shades(from: Color, to: Color) -> Vec<[u8; 4]> {
    const COUNT: u16 = 2048;
    let (from, to) = (
        layout::rgba(from).map(f64::from),
        layout::rgba(to).map(f64::from),
    );
    (0..=COUNT)
        .map(|at| {
            let t = f64::from(at) / f64::from(COUNT);
            let (of_from, of_to) = (from[3] * (1.0 - t), to[3] * t);
            let alpha = of_from + of_to;
            let mix = |i: usize| {
                if alpha > 0.0 {
                    byte((from[i] * of_from + to[i] * of_to) / alpha)
                } else {
                    0
                }
            };
            [mix(0), mix(1), mix(2), byte(alpha)]
        })
        .collect()
}
