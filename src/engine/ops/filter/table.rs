//! What happens to each sample on its own.

use super::{colored, sample, within};
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Color;

type Table = [u8; 256];

fn table(of: impl Fn(f64) -> f64) -> Table {
    let mut table = [0; 256];
    for (value, result) in (0_u8..=255).zip(&mut table) {
        *result = sample(of(value.into()));
    }
    table
}

/// Adds percents of the full range.
pub(super) fn rgb(picture: Picture, percent: [f64; 3]) -> Result<Picture, RenderError> {
    let add = percent.map(|percent| within(percent, -100.0, 100.0, 0.0) * 2.55);
    apply(picture, &add.map(|add| table(|value| value + add)))
}

pub(super) fn contrast(picture: Picture, percent: f64) -> Result<Picture, RenderError> {
    let level = within(percent, -100.0, 100.0, 0.0) * 2.55;
    let factor = 259.0 * (level + 255.0) / (255.0 * (259.0 - level));
    same(picture, &table(|value| factor * (value - 128.0) + 128.0))
}

pub(super) fn negate(picture: Picture) -> Result<Picture, RenderError> {
    same(picture, &table(|value| 255.0 - value))
}

pub(super) fn gamma(picture: Picture, gamma: f64) -> Result<Picture, RenderError> {
    // What is not above 0 has no inverse.
    if gamma.is_nan() || gamma <= 0.0 {
        return Ok(picture);
    }
    let exponent = 1.0 / gamma.clamp(0.01, 100.0);
    let curve = |value: f64| (value / 255.0).powf(exponent) * 255.0;
    same(picture, &table(curve))
}

/// Mixes with a colour, by as much as it is opaque.
pub(super) fn colorize(
    picture: Picture,
    color: Color,
    amount: f64,
) -> Result<Picture, RenderError> {
    let amount = within(amount, 0.0, 1.0, 0.0) * f64::from(color.alpha) / 255.0;
    let target = [color.red, color.green, color.blue].map(f64::from);
    let mixed = target.map(|target| table(|value| value + (target - value) * amount));
    apply(picture, &mixed)
}

fn same(picture: Picture, table: &Table) -> Result<Picture, RenderError> {
    apply(picture, &[*table; 3])
}

/// Replaces samples, by a table each for red, green and blue. Greys become colours only where the tables differ.
fn apply(picture: Picture, tables: &[Table; 3]) -> Result<Picture, RenderError> {
    let [red, green, blue] = tables;
    if (0_u8..=255)
        .zip(red.iter().zip(green.iter().zip(blue)))
        .all(|(value, (r, (g, b)))| [*r, *g, *b] == [value; 3])
    {
        return Ok(picture);
    }
    let gray = matches!(picture.layout(), Layout::Gray | Layout::GrayAlpha);
    let mut picture = if gray && !(red == green && red == blue) {
        colored(picture)?
    } else {
        picture
    };
    let layout = picture.layout();
    let data = picture.data_mut();
    match layout {
        Layout::Gray => {
            for gray in data {
                *gray = red[usize::from(*gray)];
            }
        }
        Layout::GrayAlpha => {
            for [gray, _] in data.as_chunks_mut::<2>().0 {
                *gray = red[usize::from(*gray)];
            }
        }
        Layout::Rgb => {
            for [r, g, b] in data.as_chunks_mut::<3>().0 {
                *r = red[usize::from(*r)];
                *g = green[usize::from(*g)];
                *b = blue[usize::from(*b)];
            }
        }
        Layout::Rgba => {
            for [r, g, b, _] in data.as_chunks_mut::<4>().0 {
                *r = red[usize::from(*r)];
                *g = green[usize::from(*g)];
                *b = blue[usize::from(*b)];
            }
        }
    }
    Ok(picture)
}
