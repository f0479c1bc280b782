//! What draws the eye: edges, colours that the rest of the picture has not, strong colours, and skin. It is measured on a
//! small copy, and the window that has most of it is taken.

use super::layout;
use crate::engine::plan::{Area, Size, whole};
use crate::engine::{Layout, Picture};

/// The longer side of the small copy.
const SMALL: u32 = 192;

/// Where a window of a size shows most of what draws the eye: in the middle, if nothing does.
pub(in crate::engine) fn attention(picture: &Picture, window: Size) -> Area {
    let size = picture.size();
    let window = Size::new(window.width.min(size.width), window.height.min(size.height));
    let longer = size.width.max(size.height);
    let factor = (f64::from(SMALL) / f64::from(longer)).min(1.0);
    let length = |length: u32| whole((f64::from(length) * factor).round()).max(1);
    let small = Copy::of(picture, Size::new(length(size.width), length(size.height)));
    let sums = Sums::of(&small.interest(), small.width, small.height);

    let along = |window: u32, whole_length: u32, small: usize| {
        let scaled = f64::from(window) * small_f64(small) / f64::from(whole_length);
        (whole(scaled.round()) as usize).clamp(1, small)
    };
    let across = along(window.width, size.width, small.width);
    let down = along(window.height, size.height, small.height);
    let (x, y) = sums.best(across, down);
    let back = |at: usize, length: usize, small: usize, window: u32, whole_length: u32| {
        let room = whole_length - window;
        if at == (small - length) / 2 {
            return room / 2;
        }
        let at = small_f64(at) * f64::from(whole_length) / small_f64(small);
        whole(at.round()).min(room)
    };
    Area {
        left: back(x, across, small.width, window.width, size.width),
        top: back(y, down, small.height, window.height, size.height),
        width: window.width,
        height: window.height,
    }
}

/// A length of the small copy.
fn small_f64(length: usize) -> f64 {
    u32::try_from(length).map_or(0.0, f64::from)
}

/// A small copy.
struct Copy {
    width: usize,
    height: usize,
    pixels: Vec<[i32; 4]>,
}

impl Copy {
    /// By the means of boxes.
    fn of(picture: &Picture, to: Size) -> Self {
        let pixels = match picture.layout() {
            Layout::Gray => boxed::<1>(picture, to),
            Layout::GrayAlpha => boxed::<2>(picture, to),
            Layout::Rgb => boxed::<3>(picture, to),
            Layout::Rgba => boxed::<4>(picture, to),
        };
        Self {
            width: to.width as usize,
            height: to.height as usize,
            pixels,
        }
    }

    /// How much each pixel draws the eye.
    fn interest(&self) -> Vec<u32> {
        let luma = |[red, green, blue, alpha]: [i32; 4]| {
            (77 * red + 150 * green + 29 * blue) / 256 * alpha / 255
        };
        let lumas: Vec<i32> = self.pixels.iter().map(|&pixel| luma(pixel)).collect();
        let count = i64::try_from(self.pixels.len()).unwrap_or(1).max(1);
        let mean: [i32; 3] = std::array::from_fn(|i| {
            let sum: i64 = self.pixels.iter().map(|pixel| i64::from(pixel[i])).sum();
            i32::try_from(sum / count).unwrap_or(0)
        });
        let mut interest = Vec::with_capacity(self.pixels.len());
        for y in 0..self.height {
            let (above, below) = (y.saturating_sub(1), (y + 1).min(self.height - 1));
            for x in 0..self.width {
                let (left, right) = (x.saturating_sub(1), (x + 1).min(self.width - 1));
                let at = |x: usize, y: usize| lumas[y * self.width + x];
                let around = at(left, y) + at(right, y) + at(x, above) + at(x, below);
                let edge = (4 * at(x, y) - around).abs();
                interest
                    .push(edge.unsigned_abs() * 2 + lure(self.pixels[y * self.width + x], mean));
            }
        }
        interest
    }
}

/// How much a colour draws the eye, in a picture of a mean colour.
fn lure([red, green, blue, alpha]: [i32; 4], mean: [i32; 3]) -> u32 {
    let most = red.max(green).max(blue);
    let strength = most - red.min(green).min(blue);
    let contrast = (red - mean[0]).abs() + (green - mean[1]).abs() + (blue - mean[2]).abs();
    // Skin of any tone has about these shares of red and green, where it is lit.
    let sum = (red + green + blue).max(1);
    let distance = (1000 * red / sum - 430).abs() + (1000 * green / sum - 315).abs();
    let skin = if most > 60 {
        (70 - distance).max(0) * 3
    } else {
        0
    };
    let lure = strength / 2 + contrast / 2 + skin;
    (lure * alpha / 255).unsigned_abs()
}

/// The mean of each box, alpha weighted.
fn boxed<const N: usize>(picture: &Picture, to: Size) -> Vec<[i32; 4]> {
    let (pixels, _) = picture.data().as_chunks::<N>();
    let (width, height) = (picture.width(), picture.height());
    let columns: Vec<usize> = ends(width, to.width);
    let mut means = Vec::with_capacity(to.pixels().try_into().unwrap_or(0));
    let mut rows = pixels.chunks_exact(width as usize);
    let mut sums = vec![[0_u64; 5]; to.width as usize];
    let mut top = 0;
    for bottom in ends(height, to.height) {
        sums.fill([0; 5]);
        for row in rows.by_ref().take(bottom - top) {
            let mut left = 0;
            for (sum, &right) in sums.iter_mut().zip(&columns) {
                for &pixel in row.get(left..right).unwrap_or_default() {
                    let [red, green, blue, alpha] = layout::get(pixel).map(u64::from);
                    for (sum, value) in
                        sum.iter_mut()
                            .zip([red * alpha, green * alpha, blue * alpha, alpha, 1])
                    {
                        *sum += value;
                    }
                }
                left = right;
            }
        }
        top = bottom;
        means.extend(sums.iter().map(|&[red, green, blue, alpha, count]| {
            let mean = |sum: u64, of: u64| i32::try_from(sum / of.max(1)).unwrap_or(0);
            [
                mean(red, alpha),
                mean(green, alpha),
                mean(blue, alpha),
                mean(alpha, count),
            ]
        }));
    }
    means
}

/// Where the stretches end that a length is divided into.
fn ends(length: u32, parts: u32) -> Vec<usize> {
    let end = |part: u32| u64::from(length) * u64::from(part + 1) / u64::from(parts);
    (0..parts)
        .map(|part| usize::try_from(end(part)).unwrap_or(0))
        .collect()
}

/// The sums of all that is above and to the left, of interest and of interest by place.
struct Sums {
    width: usize,
    height: usize,
    table: Vec<[u64; 3]>,
}

impl Sums {
    fn of(interest: &[u32], width: usize, height: usize) -> Self {
        let mut sums = vec![[0; 3]; (width + 1) * (height + 1)];
        for (row, y) in interest.chunks_exact(width).zip(0_u64..) {
            let above = usize::try_from(y).unwrap_or(0) * (width + 1);
            let mut here = [0_u64; 3];
            for ((&value, x), column) in row.iter().zip(0_u64..).zip(1..) {
                let value = u64::from(value);
                let values = [value, value * (2 * x + 1), value * (2 * y + 1)];
                for (i, value) in values.into_iter().enumerate() {
                    here[i] += value;
                    sums[above + width + 1 + column][i] = sums[above + column][i] + here[i];
                }
            }
        }
        Self {
            width,
            height,
            table: sums,
        }
    }

    /// The sums of a window.
    fn window(&self, x: usize, y: usize, across: usize, down: usize) -> [u64; 3] {
        let at = |x: usize, y: usize| self.table[y * (self.width + 1) + x];
        let (first, last) = (at(x, y), at(x + across, y + down));
        let (right, below) = (at(x + across, y), at(x, y + down));
        std::array::from_fn(|i| last[i] + first[i] - right[i] - below[i])
    }

    /// Where the window has the most interest: of such places the one nearest to the middle; and then as much around what
    /// it shows as costs little of that.
    fn best(&self, across: usize, down: usize) -> (usize, usize) {
        let room = (self.width - across, self.height - down);
        let from_middle = |x: usize, y: usize| (2 * x).abs_diff(room.0) + (2 * y).abs_diff(room.1);
        let mut best = (room.0 / 2, room.1 / 2);
        let mut most = self.window(best.0, best.1, across, down)[0];
        for y in 0..=room.1 {
            for x in 0..=room.0 {
                let sum = self.window(x, y, across, down)[0];
                let nearer = || from_middle(x, y) < from_middle(best.0, best.1);
                if sum > most || sum == most && nearer() {
                    (best, most) = ((x, y), sum);
                }
            }
        }
        let [sum, by_x, by_y] = self.window(best.0, best.1, across, down);
        if sum == 0 {
            return best;
        }
        let around = |by: u64, length: usize, room: usize| {
            let middle = usize::try_from(by / sum).unwrap_or(0);
            (middle.saturating_sub(length) / 2).min(room)
        };
        let wanted = (around(by_x, across, room.0), around(by_y, down, room.1));
        let still = self.window(wanted.0, wanted.1, across, down)[0];
        if still.saturating_mul(100) >= most.saturating_mul(97) && wanted != best {
            return wanted;
        }
        best
    }
}
