//! What lies around a picture, and behind it.

use super::soft::{self, Beside};
use super::{layout, over, statistics};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Canvas, Size};
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::{Backdrop, Color, Extend};

/// Puts a picture onto a canvas.
pub(in crate::engine) fn extend(
    picture: Picture,
    canvas: Canvas,
    extend: &Extend,
) -> Result<Picture, RenderError> {
    let flatten = extend.flatten && picture.layout().has_alpha();
    if !flatten && is_covered(&picture, canvas) {
        // What is not seen need not be made.
        return on_color(picture, canvas, Color::TRANSPARENT);
    }
    match behind(&picture, canvas.size, extend.backdrop)? {
        Behind::Color(color) => {
            let picture = if flatten {
                over::laid_on(picture, color)?
            } else {
                picture
            };
            on_color(picture, canvas, color)
        }
        Behind::Picture(behind) => on_picture(picture, canvas, behind, flatten),
    }
}

/// Lays a picture on a backdrop; it is opaque afterwards.
pub(in crate::engine) fn flatten_on(
    picture: Picture,
    backdrop: Backdrop,
) -> Result<Picture, RenderError> {
    if !picture.layout().has_alpha() {
        return Ok(picture);
    }
    let size = picture.size();
    let at = Canvas {
        size,
        left: 0,
        top: 0,
    };
    let picture = match behind(&picture, size, backdrop)? {
        Behind::Color(color) => {
            over::laid_on(picture, Color::opaque(color.red, color.green, color.blue))?
        }
        Behind::Picture(behind) => on_picture(picture, at, behind, true)?,
    };
    over::laid_on(picture, Color::BLACK)
}

/// Draws a border around a picture.
pub(in crate::engine) fn border(
    picture: Picture,
    width: u32,
    color: Color,
) -> Result<Picture, RenderError> {
    let size = picture.size();
    let grown = |length: u32| length.saturating_add(width.saturating_mul(2));
    let canvas = Canvas {
        size: Size::new(grown(size.width), grown(size.height)),
        left: width.into(),
        top: width.into(),
    };
    on_color(picture, canvas, color)
}

/// What is seen behind a picture.
enum Behind {
    Color(Color),
    Picture(Picture),
}

fn behind(picture: &Picture, size: Size, backdrop: Backdrop) -> Result<Behind, RenderError> {
    Ok(match backdrop {
        Backdrop::Color(color) => Behind::Color(color),
        Backdrop::Average => Behind::Color(statistics::average(picture)),
        Backdrop::Dominant => {
            let colors = statistics::palette(picture, 1);
            Behind::Color(colors.first().copied().unwrap_or(Color::BLACK))
        }
        Backdrop::Blurred { sigma, brightness } => {
            let picture = soft::blurred(picture.clone(), size, sigma, Beside::Edge)?;
            Behind::Picture(if brightness == 0 {
                picture
            } else {
                layout::mapped(&picture, picture.layout(), |[red, green, blue, alpha]| {
                    let [red, green, blue] = [red, green, blue].map(|sample| {
                        let sum = i32::from(sample) + i32::from(brightness);
                        u8::try_from(sum.clamp(0, 255)).unwrap_or(u8::MAX)
                    });
                    [red, green, blue, alpha]
                })?
            })
        }
        Backdrop::DominantGradient { colors } => {
            let colors = statistics::palette(picture, if colors > 2 { 4 } else { 2 });
            Behind::Picture(between_corners(size, corners(&colors))?)
        }
    })
}

/// The colours of the corners, clockwise from the top left.
fn corners(colors: &[Color]) -> [[u8; 3]; 4] {
    let rgb = |color: &Color| [color.red, color.green, color.blue];
    match colors {
        [] => [[0; 3]; 4],
        [all] => [rgb(all); 4],
        [first, second] => {
            let (first, second) = (rgb(first), rgb(second));
            let middle = std::array::from_fn(|i| u8::midpoint(first[i], second[i]));
            [first, middle, second, middle]
        }
        [first, second, third] => [rgb(first), rgb(second), rgb(third), rgb(second)],
        [first, second, third, fourth, ..] => [first, second, third, fourth].map(rgb),
    }
}

/// A gradient between four corners.
fn between_corners(size: Size, corners: [[u8; 3]; 4]) -> Result<Picture, RenderError> {
    let mut data = vec![0; byte_len(size.width, size.height, Layout::Rgb)?];
    let [top_left, top_right, bottom_right, bottom_left] = corners;
    let along = |length: u32| f64::from(length.saturating_sub(1).max(1));
    let row = size.width as usize * 3;
    for (row, y) in data.chunks_exact_mut(row).zip(0_u32..) {
        let t = f64::from(y) / along(size.height);
        let at = |top: u8, bottom: u8| f64::from(top) * (1.0 - t) + f64::from(bottom) * t;
        for i in 0..3 {
            let left = at(top_left[i], bottom_left[i]);
            let right = at(top_right[i], bottom_right[i]);
            let step = (right - left) / along(size.width);
            for (pixel, x) in row.chunks_exact_mut(3).zip(0_u32..) {
                pixel[i] = super::byte(left + step * f64::from(x));
            }
        }
    }
    Picture::new(size.width, size.height, Layout::Rgb, data)
}

/// A stretch that a canvas and a picture share: where it begins on either, and how long it is.
pub(super) fn shared(canvas: u32, at: i64, length: u32) -> Option<(usize, usize, usize)> {
    let start = at.clamp(0, canvas.into());
    let end = at.saturating_add(length.into()).clamp(0, canvas.into());
    let to = usize::try_from(start).ok()?;
    let from = usize::try_from(start.saturating_sub(at)).ok()?;
    let length = usize::try_from(end - start).ok()?;
    (length > 0).then_some((to, from, length))
}

fn is_covered(picture: &Picture, canvas: Canvas) -> bool {
    let along = |canvas: u32, at: i64, length: u32| {
        at <= 0 && at.saturating_add(length.into()) >= canvas.into()
    };
    along(canvas.size.width, canvas.left, picture.width())
        && along(canvas.size.height, canvas.top, picture.height())
}

fn on_color(picture: Picture, canvas: Canvas, color: Color) -> Result<Picture, RenderError> {
    if picture.size() == canvas.size && (canvas.left, canvas.top) == (0, 0) {
        return Ok(picture);
    }
    let layout = if is_covered(&picture, canvas) {
        picture.layout()
    } else {
        layout::joined(picture.layout(), layout::of_color(color))
    };
    let picture = layout::converted(picture, layout)?;
    let count = byte_len(canvas.size.width, canvas.size.height, Layout::Gray)?;
    let mut data = layout::filled(color, layout, count);
    for (to, from) in rows(&mut data, &picture, canvas) {
        to.copy_from_slice(from);
    }
    Picture::new(canvas.size.width, canvas.size.height, layout, data)
}

fn on_picture(
    picture: Picture,
    canvas: Canvas,
    behind: Picture,
    flatten: bool,
) -> Result<Picture, RenderError> {
    let layout = if flatten && !behind.layout().has_alpha() {
        layout::layout(
            layout::colored(picture.layout()) || layout::colored(behind.layout()),
            false,
        )
    } else {
        layout::joined(picture.layout(), behind.layout())
    };
    if !flatten {
        let picture = layout::converted(picture, layout)?;
        let mut data = layout::converted(behind, layout)?.into_data();
        for (to, from) in rows(&mut data, &picture, canvas) {
            to.copy_from_slice(from);
        }
        return Picture::new(canvas.size.width, canvas.size.height, layout, data);
    }
    let picture = layout::converted(picture, Layout::Rgba)?;
    let mut data = layout::converted(behind, Layout::Rgba)?.into_data();
    for (to, from) in rows(&mut data, &picture, canvas) {
        let ((to, _), (from, _)) = (to.as_chunks_mut::<4>(), from.as_chunks::<4>());
        for (to, from) in to.iter_mut().zip(from) {
            *to = over::over(*from, *to);
        }
    }
    let drawn = Picture::new(canvas.size.width, canvas.size.height, Layout::Rgba, data)?;
    layout::converted(drawn, layout)
}

/// The rows that a picture has on a canvas, of one layout, and what of them is on it.
fn rows<'a>(
    data: &'a mut [u8],
    picture: &'a Picture,
    canvas: Canvas,
) -> impl Iterator<Item = (&'a mut [u8], &'a [u8])> {
    let samples = picture.layout().samples();
    let across = shared(canvas.size.width, canvas.left, picture.width());
    let down = shared(canvas.size.height, canvas.top, picture.height());
    let (to_x, from_x, width) = across.unwrap_or_default();
    let (to_y, from_y, height) = down.unwrap_or_default();
    let to = data.chunks_exact_mut(canvas.size.width as usize * samples);
    let from = picture
        .data()
        .chunks_exact(picture.width() as usize * samples);
    let rows = to.skip(to_y).zip(from.skip(from_y)).take(height);
    rows.filter_map(move |(to, from)| {
        Some((
            to.get_mut(to_x * samples..(to_x + width) * samples)?,
            from.get(from_x * samples..(from_x + width) * samples)?,
        ))
    })
}
