//! A first, coarse step where an image becomes much smaller.

use super::convolution::View;
use super::{Region, Window};
use crate::engine::plan::{Area, Size, whole};
use crate::engine::{Layout, Picture, Plane, RenderError};

/// How many times as many pixels as are wanted are left each way, at least: the kernel decides how the result looks.
const MARGIN: f64 = 2.5;

/// How many pixels a crop has, at least, for the step to be worth it.
const MANY: u64 = 1 << 18;

/// The longest side of a square.
const MOST: u32 = 16;

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
    let (layout, crop) = (picture.layout(), view.crop);
    let data = means_of(picture.data(), picture.width(), layout, crop, square);
    let (size, window) = fewer(window, crop, square);
    let picture = Picture::new(size.width, size.height, layout, data)?;
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

/// Rows of whole pixels, made smaller in the same way. What does not fill a square at the right or at the bottom is one too.
pub(in crate::engine) fn shrink_rows(
    rows: &[u8],
    size: Size,
    layout: Layout,
    square: u32,
) -> Vec<u8> {
    means_of(rows, size.width, layout, Area::whole(size), square)
}

fn means_of(samples: &[u8], width: u32, layout: Layout, crop: Area, square: u32) -> Vec<u8> {
    match layout {
        Layout::Gray => means::<1, false>(samples, width, crop, square),
        Layout::GrayAlpha => means::<2, true>(samples, width, crop, square),
        Layout::Rgb => means::<3, false>(samples, width, crop, square),
        Layout::Rgba => means::<4, true>(samples, width, crop, square),
    }
}

/// The side of the squares of which a picture can be made that will be scaled to a fraction of its size. 1 where there are
/// none such that whole ones cover it.
pub(in crate::engine) fn square_for(scale: f64, size: Size) -> u32 {
    let most = if size.pixels() < MANY {
        1
    } else {
        whole(1.0 / (MARGIN * scale)).min(MOST)
    };
    let covers = |&side: &u32| size.width.is_multiple_of(side) && size.height.is_multiple_of(side);
    (2..=most).rev().find(covers).unwrap_or(1)
}

/// The side of the squares, from 2 to [`MOST`].
fn square(view: &View, to: Size) -> Option<u32> {
    let across = view.part.width / f64::from(to.width);
    let down = view.part.height / f64::from(to.height);
    let length = whole(across.min(down) / MARGIN).min(MOST);
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
    let (pixels, _) = samples.as_chunks::<SAMPLES>();
    let rows = pixels.chunks_exact(width as usize);
    let (left, width) = (crop.left as usize, crop.width as usize);
    let rows = rows
        .skip(crop.top as usize)
        .take(crop.height as usize)
        .filter_map(|row| row.get(left..left + width));
    if ALPHA {
        let add = |sums: &mut [u32; SAMPLES], pixel: &[u8; SAMPLES]| {
            let alpha = u32::from(pixel[SAMPLES - 1]);
            for (sum, &sample) in sums.iter_mut().zip(pixel).take(SAMPLES - 1) {
                *sum += u32::from(sample) * alpha;
            }
            sums[SAMPLES - 1] += alpha;
        };
        squares(rows, crop.size(), side, add, |sums, pixels| {
            let weight = sums[SAMPLES - 1];
            let mut means = if weight == 255 * pixels.number {
                // All opaque, as most are: no need to divide.
                sums.map(|sum| pixels.mean(sum / 255))
            } else {
                sums.map(|sum| byte((sum + weight / 2) / weight.max(1)))
            };
            means[SAMPLES - 1] = pixels.mean(weight);
            means
        })
    } else {
        // So narrow that a machine adds up many at once.
        let add = |sums: &mut [u16; SAMPLES], pixel: &[u8; SAMPLES]| {
            for (sum, &sample) in sums.iter_mut().zip(pixel) {
                *sum += u16::from(sample);
            }
        };
        squares(rows, crop.size(), side, add, |sums, pixels| {
            sums.map(|sum| pixels.mean(sum))
        })
    }
}

/// What `mean` makes of the sums of squares, which are added up by columns first.
fn squares<'a, const SAMPLES: usize, Sum: Copy + Default + Into<u32>>(
    mut rows: impl Iterator<Item = &'a [[u8; SAMPLES]]>,
    crop: Size,
    side: u32,
    add: impl Fn(&mut [Sum; SAMPLES], &[u8; SAMPLES]),
    mean: impl Fn([u32; SAMPLES], Count) -> [u8; SAMPLES],
) -> Vec<u8> {
    let (width, side) = (crop.width as usize, side as usize);
    let row_length = width.div_ceil(side);
    let mut data = vec![0; SAMPLES * row_length * (crop.height as usize).div_ceil(side)];
    let mut columns = vec![[Sum::default(); SAMPLES]; width];
    let (to, _) = data.as_chunks_mut::<SAMPLES>();
    for to in to.chunks_exact_mut(row_length) {
        columns.fill([Sum::default(); SAMPLES]);
        let mut count = 0;
        for row in rows.by_ref().take(side) {
            for (sums, pixel) in columns.iter_mut().zip(row) {
                add(sums, pixel);
            }
            count += 1;
        }
        let whole = Count::new(side * count);
        for (to, square) in to.iter_mut().zip(columns.chunks(side)) {
            let mut sums = [0; SAMPLES];
            for column in square {
                for (sum, &of_column) in sums.iter_mut().zip(column) {
                    *sum += of_column.into();
                }
            }
            *to = if square.len() == side {
                mean(sums, whole)
            } else {
                mean(sums, Count::new(square.len() * count))
            };
        }
    }
    data
}

/// How many pixels a square has, at most 256.
#[derive(Clone, Copy)]
struct Count {
    number: u32,
    /// Of 2²⁴ and rounded up, which is exact for sums of bytes, and their product fits.
    reciprocal: u32,
}

impl Count {
    fn new(pixels: usize) -> Self {
        let number = u32::try_from(pixels).unwrap_or(u32::MAX).clamp(1, 256);
        Self {
            number,
            reciprocal: (1_u32 << 24).div_ceil(number),
        }
    }

    /// The mean of so many bytes.
    fn mean(self, sum: u32) -> u8 {
        byte((sum + self.number / 2).wrapping_mul(self.reciprocal) >> 24)
    }
}

fn byte(value: impl TryInto<u8>) -> u8 {
    value.try_into().unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_rounded_to_the_nearest() {
        for pixels in 1..=256_u32 {
            let count = Count::new(pixels as usize);
            for sum in 0..=pixels * 255 {
                let mean = (sum + pixels / 2) / pixels;
                assert_eq!(u32::from(count.mean(sum)), mean, "{sum} of {pixels}");
            }
        }
    }

    /// Against the mean of the colours, each as much as its alpha says.
    #[test]
    fn squares_are_the_means_of_their_pixels() {
        let (width, height) = (37_u32, 29_u32);
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let alpha = |at: u32, noise: u8| match at / 200 % 3 {
            0 => 255,
            1 => 0,
            _ => noise,
        };
        let samples: Vec<u8> = (0..width * height)
            .flat_map(|at| [noise(), noise(), noise(), alpha(at, noise())])
            .collect();
        let crop = Area {
            left: 2,
            top: 1,
            width: 33,
            height: 27,
        };
        for side in [2, 3, 7, 16] {
            let means = means::<4, true>(&samples, width, crop, side);
            let columns = crop.width.div_ceil(side);
            for (at, mean) in (0..).zip(means.chunks_exact(4)) {
                let (left, top) = (at % columns * side, at / columns * side);
                let inside = |from: u32, to: u32| from..(from + side).min(to);
                let pixels: Vec<&[u8]> = inside(top, crop.height)
                    .flat_map(|y| inside(left, crop.width).map(move |x| (x, y)))
                    .map(|(x, y)| 4 * ((y + crop.top) * width + x + crop.left) as usize)
                    .map(|at| &samples[at..at + 4])
                    .collect();
                let sum =
                    |of: &dyn Fn(&[u8]) -> f64| pixels.iter().map(|pixel| of(pixel)).sum::<f64>();
                let weight = sum(&|pixel| pixel[3].into());
                let number = sum(&|_| 1.0);
                for channel in 0..3 {
                    let weighted = sum(&|pixel| f64::from(pixel[channel]) * f64::from(pixel[3]));
                    let expected = if weight == 0.0 {
                        0.0
                    } else {
                        weighted / weight
                    };
                    assert!((f64::from(mean[channel]) - expected).abs() <= 0.5001);
                }
                assert!((f64::from(mean[3]) - weight / number).abs() <= 0.5001);
            }
        }
    }
}
