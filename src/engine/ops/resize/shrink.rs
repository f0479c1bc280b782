//! A first, coarse step where an image becomes much smaller.

use super::convolution::View;
use super::{Region, Window};
use crate::engine::plan::{Area, Size, whole};
use crate::engine::{Layout, Picture, Plane, RenderError};

/// How many times as many pixels as are wanted are left each way, at least: the kernel decides how the result looks.
const MARGIN: f64 = 2.5;

/// How many pixels a crop has, at least, for the step to be worth it.
const MANY: u64 = 1 << 18;

/// A smaller picture of what a window shows, each pixel the mean of a square of pixels, and the window on that. `None` where
/// the new size is not small enough for it.
///
/// Means are of the samples as they are encoded: of pixels that are neighbours, and so much alike.
pub(super) fn shrunk(
    picture: &Picture,
    window: Window,
    view: &View,
    to: Size,
) -> Result<Option<(Picture, Window)>, RenderError> {
    let Some(square) = square(view, to) else {
        return Ok(None);
    };
    let (pixels, width, crop) = (picture.data(), picture.width(), view.crop);
    let data = match picture.layout() {
        Layout::Gray => means::<1, false>(pixels, width, crop, square),
        Layout::GrayAlpha => means::<2, true>(pixels, width, crop, square),
        Layout::Rgb => means::<3, false>(pixels, width, crop, square),
        Layout::Rgba => means::<4, true>(pixels, width, crop, square),
    };
    let (size, window) = fewer(window, crop, square);
    let picture = Picture::new(size.width, size.height, picture.layout(), data)?;
    Ok(Some((picture, window)))
}

/// The same of a plane.
pub(super) fn shrunk_plane(
    plane: &Plane,
    window: Window,
    view: &View,
    to: Size,
) -> Result<Option<(Plane, Window)>, RenderError> {
    let Some(square) = square(view, to) else {
        return Ok(None);
    };
    let data = means::<1, false>(plane.data(), plane.width(), view.crop, square);
    let (size, window) = fewer(window, view.crop, square);
    Ok(Some((Plane::new(size.width, size.height, data)?, window)))
}

/// The side of the squares, from 2 to 16.
fn square(view: &View, to: Size) -> Option<u32> {
    let across = view.part.width / f64::from(to.width);
    let down = view.part.height / f64::from(to.height);
    let length = whole(across.min(down) / MARGIN).min(16);
    (length > 1 && view.crop.size().pixels() >= MANY).then_some(length)
}

/// The size of what squares of a crop become, and the window on that.
fn fewer(window: Window, crop: Area, square: u32) -> (Size, Window) {
    let size = Size::new(crop.width.div_ceil(square), crop.height.div_ceil(square));
    let by = 1.0 / f64::from(square);
    let part = Region {
        left: window.part.left - f64::from(crop.left),
        top: window.part.top - f64::from(crop.top),
        ..window.part
    };
    let window = Window {
        crop: Region::whole(size),
        part: part.scaled(by, by),
    };
    (size, window)
}

/// The means of squares, cut off at the right and at the bottom. Colours are weighted by alpha.
fn means<const SAMPLES: usize, const ALPHA: bool>(
    samples: &[u8],
    width: u32,
    crop: Area,
    side: u32,
) -> Vec<u8> {
    let side = side as usize;
    let (pixels, _) = samples.as_chunks::<SAMPLES>();
    let rows = pixels.chunks_exact(width as usize);
    let (left, width) = (crop.left as usize, crop.width as usize);
    let rows = rows
        .skip(crop.top as usize)
        .take(crop.height as usize)
        .filter_map(|row| row.get(left..left + width));
    let columns = width.div_ceil(side);
    let mut data = Vec::with_capacity(SAMPLES * columns * (crop.height as usize).div_ceil(side));
    // A square has at most 256 pixels, and a weighted sample 16 bits.
    let mut sums = vec![[0_u32; SAMPLES]; columns];
    let mut count = 0;
    let mut finish = |sums: &mut [[u32; SAMPLES]], rows: usize| {
        for (column, sums) in sums.iter_mut().enumerate() {
            let across = side.min(width - column * side);
            let pixels = u32::try_from(across * rows).unwrap_or(1).max(1);
            let weight = if ALPHA { sums[SAMPLES - 1] } else { pixels };
            for (at, sum) in sums.iter_mut().enumerate() {
                let by = if ALPHA && at == SAMPLES - 1 {
                    pixels
                } else {
                    weight.max(1)
                };
                data.push(u8::try_from((*sum + by / 2) / by).unwrap_or(u8::MAX));
                *sum = 0;
            }
        }
    };
    for row in rows {
        for (sums, square) in sums.iter_mut().zip(row.chunks(side)) {
            for pixel in square {
                let alpha = u32::from(pixel[SAMPLES - 1]);
                for (at, (sum, &sample)) in sums.iter_mut().zip(pixel).enumerate() {
                    *sum += if ALPHA && at < SAMPLES - 1 {
                        u32::from(sample) * alpha
                    } else {
                        sample.into()
                    };
                }
            }
        }
        count += 1;
        if count == side {
            finish(&mut sums, count);
            count = 0;
        }
    }
    if count > 0 {
        finish(&mut sums, count);
    }
    data
}
