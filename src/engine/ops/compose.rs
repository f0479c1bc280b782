//! A picture over another.

use std::borrow::Cow;

use super::blend::Table;
use super::canvas::shared;
use super::{byte, layout, over};
use crate::engine::plan::{Area, Scale, Size, exact, offset, whole};
use crate::engine::{Layout, Limits, Picture, Pixels, RenderError};
use crate::recipe::{Blend, Overlay, Position};

/// Draws a picture over another, whose size stays.
pub(in crate::engine) fn compose(
    base: Picture,
    over: &Picture,
    overlay: &Overlay,
) -> Result<Picture, RenderError> {
    let size = base.size();
    let inside = overlay.inside;
    let across = Run::of(overlay.x, over.width(), size.width, inside);
    let down = Run::of(overlay.y, over.height(), size.height, inside);
    let cuts = matches!(overlay.blend, Blend::Mask | Blend::MaskOut);
    // A mask takes nothing from its own colours.
    let colored = layout::colored(base.layout()) || !cuts && layout::colored(over.layout());
    let layout = layout::layout(colored, base.layout().has_alpha() || cuts);
    let over = faded(over, layout::layout(colored, true), overlay.opacity)?;
    let base = layout::converted(base, layout)?;
    let mut data = base.into_data();
    let draw = Draw {
        over: &over,
        across,
        down,
        width: size.width as usize,
    };
    let table = Table::of(overlay.blend);
    match (layout, overlay.blend) {
        (Layout::GrayAlpha, Blend::Mask) => draw.mask::<2>(&mut data, true),
        (Layout::GrayAlpha, Blend::MaskOut) => draw.mask::<2>(&mut data, false),
        (_, Blend::Mask) => draw.mask::<4>(&mut data, true),
        (_, Blend::MaskOut) => draw.mask::<4>(&mut data, false),
        (Layout::Gray, _) => draw.colors::<1, 2>(&mut data, table),
        (Layout::GrayAlpha, _) => draw.colors::<2, 2>(&mut data, table),
        (Layout::Rgb, _) => draw.colors::<3, 4>(&mut data, table),
        (Layout::Rgba, _) => draw.colors::<4, 4>(&mut data, table),
    }
    Picture::new(size.width, size.height, layout, data)
}

/// The overlay with its alpha multiplied.
fn faded(over: &Picture, to: Layout, opacity: f64) -> Result<Picture, RenderError> {
    let opacity = if opacity.is_nan() { 1.0 } else { opacity };
    let opacity = byte(opacity.clamp(0.0, 1.0) * 255.0);
    layout::mapped(over, to, |[red, green, blue, alpha]| {
        [red, green, blue, over::product(alpha, opacity)]
    })
}

/// Where an overlay is along an axis, once or again and again.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: i64,
    length: u32,
    /// From one to the next; `None`: there is only one.
    step: Option<usize>,
}

impl Run {
    fn of(position: Position, length: u32, canvas: u32, inside: bool) -> Self {
        let space = i64::from(canvas) - i64::from(length);
        let at = |distance| offset(exact(distance, canvas));
        let start = match position {
            Position::Start(distance) => at(distance),
            Position::Center(distance) => space.div_euclid(2).saturating_add(at(distance)),
            Position::End(distance) => space.saturating_sub(at(distance)),
            Position::Repeat(_) => 0,
        };
        let start = if inside {
            start.min(space).max(0)
        } else {
            start
        };
        let step = match position {
            Position::Repeat(gap) => {
                let step = u32::try_from(at(gap).max(0)).unwrap_or(u32::MAX);
                Some(step.saturating_add(length) as usize)
            }
            _ => None,
        };
        Self {
            start,
            length,
            step,
        }
    }

    /// The stretches of the canvas that it takes: where each begins on it and on the overlay, and how long it is.
    fn stretches(self, canvas: u32) -> impl Iterator<Item = (usize, usize, usize)> {
        let first = shared(canvas, self.start, self.length);
        let canvas = canvas as usize;
        let length = self.length as usize;
        let mut next = first;
        std::iter::from_fn(move || {
            let stretch = next?;
            next = self.step.and_then(|step| {
                let start = stretch.0.saturating_add(step);
                (start < canvas).then(|| (start, 0, length.min(canvas - start)))
            });
            Some(stretch)
        })
    }
}

struct Draw<'a> {
    over: &'a Picture,
    across: Run,
    down: Run,
    width: usize,
}

impl Draw<'_> {
    /// The rows of the canvas that the overlay is on, with what it is there; `line` is where it is laid out.
    fn rows<const N: usize, const M: usize>(
        &self,
        data: &mut [u8],
        mut draw: impl FnMut(&mut [[u8; N]], &[[u8; M]]),
    ) {
        let (pixels, _) = data.as_chunks_mut::<N>();
        let (over, _) = self.over.data().as_chunks::<M>();
        let width = u32::try_from(self.width).unwrap_or(u32::MAX);
        let height = u32::try_from(pixels.len() / self.width.max(1)).unwrap_or(u32::MAX);
        let mut line = vec![
            [0; M];
            if self.across.step.is_some() {
                self.width
            } else {
                0
            }
        ];
        for (to_y, from_y, rows) in self.down.stretches(height) {
            let to = pixels.chunks_exact_mut(self.width).skip(to_y);
            let from = over.chunks_exact(self.over.width() as usize).skip(from_y);
            for (to, from) in to.zip(from).take(rows) {
                if self.across.step.is_some() {
                    for (to_x, from_x, length) in self.across.stretches(width) {
                        line[to_x..to_x + length].copy_from_slice(&from[from_x..from_x + length]);
                    }
                    draw(to, &line);
                } else if let Some((to_x, from_x, length)) = self.across.stretches(width).next() {
                    draw(&mut to[to_x..to_x + length], &from[from_x..from_x + length]);
                }
            }
        }
    }

    fn colors<const N: usize, const M: usize>(&self, data: &mut [u8], table: Option<&Table>) {
        self.rows::<N, M>(data, |to, from| {
            for (to, from) in to.iter_mut().zip(from) {
                let (top, bottom) = (layout::get(*from), layout::get(*to));
                let top = match table {
                    Some(table) if top[3] > 0 => table.blended(top, bottom),
                    _ => top,
                };
                *to = layout::put(over::over(top, bottom));
            }
        });
    }

    /// Multiplies alpha by the overlay's, or by what that lacks. Where the overlay is not, it is nothing.
    fn mask<const N: usize>(&self, data: &mut [u8], keep: bool) {
        let mut masks = vec![0; data.len() / N];
        self.rows_of_masks::<N>(&mut masks);
        let (pixels, _) = data.as_chunks_mut::<N>();
        for (pixel, mask) in pixels.iter_mut().zip(masks) {
            let mask = if keep { mask } else { u8::MAX - mask };
            if let Some(alpha) = pixel.last_mut() {
                *alpha = over::product(*alpha, mask);
            }
        }
    }

    fn rows_of_masks<const N: usize>(&self, masks: &mut [u8]) {
        self.rows::<1, N>(masks, |to, from| {
            for (to, from) in to.iter_mut().zip(from) {
                *to = [from.last().copied().unwrap_or(0)];
            }
        });
    }
}

/// Scales an overlay into its box, in fractions of the base's size: as large as fits.
pub(in crate::engine) fn fitted(
    over: Picture,
    fit: Option<(f64, f64)>,
    base: Size,
    limits: &Limits,
) -> Result<Picture, RenderError> {
    let Some((across, down)) = fit else {
        return Ok(over);
    };
    let size = over.size();
    let factor =
        |fraction: f64, base: u32, length: u32| fraction * f64::from(base) / f64::from(length);
    let factor = factor(across, base.width, size.width).min(factor(down, base.height, size.height));
    let factor = if factor.is_finite() { factor } else { 1.0 };
    let length = |length: u32| whole((f64::from(length) * factor).round()).max(1);
    let to = Size::new(length(size.width), length(size.height));
    limits.check_output(to.width, to.height)?;
    let scale = Scale {
        scaled: to,
        cut: Area::whole(to),
        ..Scale::crop(Area::whole(size))
    };
    super::packed(super::scale(
        Cow::Owned(Pixels::from(over)),
        size,
        &scale,
        false,
        (1, 1),
    )?)
}
