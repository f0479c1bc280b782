//! What colours a picture has.

use super::layout;
use crate::engine::{Layout, Picture};
use crate::recipe::Color;

/// About as many pixels are looked at for a palette.
const LOOKED_AT: usize = 1 << 16;
/// Two colours of a palette are this far from each other, in the sum of their samples.
const APART: i32 = 72;

/// The mean of all pixels, laid on white.
pub(super) fn average(picture: &Picture) -> Color {
    fn sums<const N: usize>(data: &[u8]) -> [u64; 3] {
        let (pixels, _) = data.as_chunks::<N>();
        let mut sums = [0_u64; 3];
        for &pixel in pixels {
            let [red, green, blue, alpha] = layout::get(pixel).map(u32::from);
            let white = 255 * (255 - alpha);
            for (sum, color) in sums.iter_mut().zip([red, green, blue]) {
                *sum += u64::from(color * alpha + white);
            }
        }
        sums
    }

    let sums = match picture.layout() {
        Layout::Gray => sums::<1>(picture.data()),
        Layout::GrayAlpha => sums::<2>(picture.data()),
        Layout::Rgb => sums::<3>(picture.data()),
        Layout::Rgba => sums::<4>(picture.data()),
    };
    let count = 255 * picture.size().pixels();
    let [red, green, blue] =
        sums.map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX));
    Color::opaque(red, green, blue)
}

/// The colour that most of the picture has.
pub(super) fn dominant(picture: &Picture) -> Color {
    let colors = palette(picture, 1);
    colors.first().copied().unwrap_or(Color::BLACK)
}

/// The colours that most of the picture has, the most frequent first: as many as are asked for, or as are to be told
/// apart. Transparent pixels do not count.
pub(super) fn palette(picture: &Picture, count: usize) -> Vec<Color> {
    let mut bins = bins(picture);
    let mut colors = Vec::with_capacity(count);
    while colors.len() < count {
        let Some(most) = bins.iter().max_by_key(|bin| bin.weight).copied() else {
            break;
        };
        if most.weight == 0 {
            break;
        }
        let mean = most.mean();
        bins.retain(|bin| {
            let own = bin.mean();
            let distances = own.iter().zip(mean).map(|(a, b)| (a - b).abs());
            distances.sum::<i32>() >= APART
        });
        let [red, green, blue] = mean.map(|color| u8::try_from(color).unwrap_or(0));
        colors.push(Color::opaque(red, green, blue));
    }
    colors
}

/// Pixels of about one colour.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    weight: u64,
    sums: [u64; 3],
}

impl Bin {
    fn mean(&self) -> [i32; 3] {
        let weight = self.weight.max(1);
        self.sums
            .map(|sum| i32::try_from((sum + weight / 2) / weight).unwrap_or(0))
    }
}

/// The pixels in boxes of 16 values a side.
fn bins(picture: &Picture) -> Vec<Bin> {
    fn counted<const N: usize>(data: &[u8], bins: &mut [Bin]) {
        let (pixels, _) = data.as_chunks::<N>();
        // Whatever the width is, odd steps meet all columns.
        let step = (pixels.len() / LOOKED_AT) | 1;
        for &pixel in pixels.iter().step_by(step) {
            let [red, green, blue, alpha] = layout::get(pixel);
            let [r, g, b] = [red, green, blue].map(|sample| usize::from(sample >> 4));
            if let Some(bin) = bins.get_mut((r << 8) | (g << 4) | b) {
                bin.weight += u64::from(alpha);
                for (sum, sample) in bin.sums.iter_mut().zip([red, green, blue]) {
                    *sum += u64::from(sample) * u64::from(alpha);
                }
            }
        }
    }

    let mut bins = vec![Bin::default(); 1 << 12];
    match picture.layout() {
        Layout::Gray => counted::<1>(picture.data(), &mut bins),
        Layout::GrayAlpha => counted::<2>(picture.data(), &mut bins),
        Layout::Rgb => counted::<3>(picture.data(), &mut bins),
        Layout::Rgba => counted::<4>(picture.data(), &mut bins),
    }
    bins.retain(|bin| bin.weight > 0);
    bins
}
