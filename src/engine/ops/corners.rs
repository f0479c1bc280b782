//! Corners that are cut off along ellipses.

use super::{byte, layout, over};
use crate::engine::plan::{exact, whole};
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::RoundCorners;

/// How many lines a row of pixels is cut along.
const LINES: u8 = 16;

/// Rounds corners.
pub(in crate::engine) fn round_corners(
    picture: Picture,
    round: &RoundCorners,
) -> Result<Picture, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    let radii = fitted(
        round.radii.map(|(across, down)| {
            let radius = |length: f64| if length > 0.0 { length.min(1e9) } else { 0.0 };
            (radius(exact(across, width)), radius(exact(down, height)))
        }),
        (width.into(), height.into()),
    );
    let picture = if radii
        .iter()
        .all(|&(across, down)| across <= 0.0 || down <= 0.0)
    {
        picture
    } else {
        let to = layout::joined(picture.layout(), Layout::GrayAlpha);
        let mut picture = layout::converted(picture, to)?;
        let samples = to.samples();
        for ((across, down), corner) in radii.into_iter().zip(0..) {
            let (right, bottom) = (corner == 1 || corner == 2, corner >= 2);
            cut(&mut picture, samples, (across, down), right, bottom);
        }
        picture
    };
    match round.background {
        Some(color) => over::laid_on(picture, color),
        None => Ok(picture),
    }
}

/// Radii that do not overlap, as in CSS: all scaled down by as much as the side needs that has the least room.
fn fitted(radii: [(f64, f64); 4], (width, height): (f64, f64)) -> [(f64, f64); 4] {
    let [top_left, top_right, bottom_right, bottom_left] = radii;
    let sides = [
        (width, top_left.0 + top_right.0),
        (height, top_right.1 + bottom_right.1),
        (width, bottom_right.0 + bottom_left.0),
        (height, bottom_left.1 + top_left.1),
    ];
    let factor = sides
        .iter()
        .map(|(side, sum)| if sum > side { side / sum } else { 1.0 })
        .fold(1.0, f64::min);
    radii.map(|(across, down)| (across * factor, down * factor))
}

/// Multiplies alpha, of the pixels of one corner, by what of them lies within the ellipse.
fn cut(
    picture: &mut Picture,
    samples: usize,
    (across, down): (f64, f64),
    right: bool,
    bottom: bool,
) {
    if across <= 0.0 || down <= 0.0 {
        return;
    }
    let (width, height) = (picture.width(), picture.height());
    let (columns, rows) = (
        whole(across.ceil()).min(width),
        whole(down.ceil()).min(height),
    );
    let row_bytes = width as usize * samples;
    for y in 0..rows {
        // How far the ellipse is from the side, along each line.
        let edges: [f64; LINES as usize] = std::array::from_fn(|line| {
            let line = u32::try_from(line).unwrap_or(0);
            let line = f64::from(y) + (f64::from(line) + 0.5) / f64::from(LINES);
            let up = ((down - line) / down).max(0.0);
            across - across * (1.0 - up * up).max(0.0).sqrt()
        });
        let row = if bottom { height - 1 - y } else { y };
        let start = row as usize * row_bytes;
        let Some(row) = picture.data_mut().get_mut(start..start + row_bytes) else {
            return;
        };
        for x in 0..columns {
            let end = f64::from(x) + 1.0;
            let inside: f64 = edges.iter().map(|edge| (end - edge).clamp(0.0, 1.0)).sum();
            let inside = byte(inside * 255.0 / f64::from(LINES));
            if inside == u8::MAX {
                // The ellipse only goes on from here.
                break;
            }
            let column = if right { width - 1 - x } else { x } as usize;
            if let Some(alpha) = row.get_mut(column * samples + samples - 1) {
                *alpha = over::product(*alpha, inside);
            }
        }
    }
}
