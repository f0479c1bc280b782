//! Borders of one colour.
//!
//! The rules are those of libvips, which the dialects' servers use: alpha is laid on magenta; a pixel belongs to the
//! picture if the median of its 3 by 3 neighbourhood is farther from the border's colour than the tolerance, in any
//! sample. So a speck, or noise, holds no border up.

use super::{layout, over};
use crate::engine::plan::Area;
use crate::engine::{Layout, Picture};
use crate::recipe::{Color, Trim, TrimColor};

/// What transparent pixels are laid on: a colour that is rare.
const KEY: [u8; 4] = [255, 0, 255, 255];

/// What is left of a picture without its borders: all of it, if that is nothing.
pub(in crate::engine) fn trim_area(picture: &Picture, trim: &Trim) -> Area {
    let area = match picture.layout() {
        Layout::Gray => found::<1>(picture, trim),
        Layout::GrayAlpha => found::<2>(picture, trim),
        Layout::Rgb => found::<3>(picture, trim),
        Layout::Rgba => found::<4>(picture, trim),
    };
    let Some(area) = area else {
        return Area::whole(picture.size());
    };
    let equal = |yes: bool, low: u32, length: u32, whole: u32| {
        let cut = low.min(whole - low - length);
        if yes {
            (cut, whole - 2 * cut)
        } else {
            (low, length)
        }
    };
    let (left, width) = equal(
        trim.equal_horizontal,
        area.left,
        area.width,
        picture.width(),
    );
    let (top, height) = equal(trim.equal_vertical, area.top, area.height, picture.height());
    Area {
        left,
        top,
        width,
        height,
    }
}

fn found<const N: usize>(picture: &Picture, trim: &Trim) -> Option<Area> {
    let (pixels, _) = picture.data().as_chunks::<N>();
    let border = match trim.color {
        TrimColor::TopLeft => layout::get(*pixels.first()?),
        TrimColor::BottomRight => layout::get(*pixels.last()?),
        TrimColor::Color(Color {
            red,
            green,
            blue,
            alpha,
        }) => [red, green, blue, alpha],
    };
    let judge = Judge::new(border, trim.tolerance);
    let width = picture.width() as usize;
    let marks = |row: &[[u8; N]], marks: &mut [u32]| {
        for (mark, pixel) in marks.iter_mut().zip(row) {
            *mark = judge.marks(layout::get(*pixel));
        }
    };

    let mut rows = pixels.chunks_exact(width);
    let (mut above, mut here, mut below) = (vec![0; width], vec![0; width], vec![0; width]);
    marks(rows.next()?, &mut here);
    above.copy_from_slice(&here);
    // The sums of a column's three, and of the column beside either edge, which is that edge again.
    let mut sums = vec![0; width + 2];
    let (mut left, mut right) = (usize::MAX, 0);
    let (mut top, mut bottom) = (None, 0);
    for y in 0..picture.height() {
        match rows.next() {
            Some(row) => marks(row, &mut below),
            None => below.copy_from_slice(&here),
        }
        let columns = above.iter().zip(&here).zip(&below);
        for (sum, ((a, b), c)) in sums.iter_mut().skip(1).zip(columns) {
            *sum = a + b + c;
        }
        if let [edge, first, .., last, other] = sums.as_mut_slice() {
            (*edge, *other) = (*first, *last);
        } else if let [edge, only, other] = sums.as_mut_slice() {
            (*edge, *other) = (*only, *only);
        }
        let differs = |window: &[u32]| is_majority(window.iter().sum());
        if let Some(first) = sums.windows(3).position(differs) {
            let last = sums.windows(3).rposition(differs).unwrap_or(first);
            left = left.min(first);
            right = right.max(last);
            top.get_or_insert(y);
            bottom = y;
        }
        std::mem::swap(&mut above, &mut here);
        std::mem::swap(&mut here, &mut below);
    }
    let (left, right) = (u32::try_from(left).ok()?, u32::try_from(right).ok()?);
    let top = top?;
    Some(Area {
        left,
        top,
        width: right - left + 1,
        height: bottom - top + 1,
    })
}

/// What a pixel differs in: four bits for each way to, so that nine pixels' marks can be added.
struct Judge {
    border: [u8; 4],
    tables: [[u32; 256]; 3],
}

impl Judge {
    fn new(border: [u8; 4], tolerance: f64) -> Self {
        let on_key = over::over(border, KEY);
        let mut tables = [[0; 256]; 3];
        for ((table, color), i) in tables.iter_mut().zip(on_key).zip(0_u32..) {
            for (mark, sample) in table.iter_mut().zip(0_u8..=255) {
                let distance = f64::from(sample) - f64::from(color);
                *mark = u32::from(distance > tolerance) << (8 * i)
                    | u32::from(-distance > tolerance) << (8 * i + 4);
            }
        }
        Self { border, tables }
    }

    #[inline]
    fn marks(&self, pixel: [u8; 4]) -> u32 {
        let [red, green, blue, _] = over::over(pixel, KEY);
        let [of_red, of_green, of_blue] = &self.tables;
        let marks =
            of_red[usize::from(red)] | of_green[usize::from(green)] | of_blue[usize::from(blue)];
        // Nothing is no colour, not even magenta.
        let nothing = matches!((pixel[3], self.border[3]), (0, 255) | (255, 0));
        marks | u32::from(nothing) << 24
    }
}

/// Whether of nine marks, added, five or more are the same.
#[inline]
fn is_majority(sum: u32) -> bool {
    (sum + 0x0333_3333) & 0x0888_8888 != 0
}
