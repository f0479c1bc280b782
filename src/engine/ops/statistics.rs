//! The colours that a picture has.

use crate::engine::{Layout, Picture};
use crate::recipe::Color;

/// The mean colour, on white where the picture is not opaque.
pub(in crate::engine) fn average(picture: &Picture) -> Color {
    let mut sums = [0_u64; 3];
    let mut pixels = 0;
    each(picture, |color, alpha| {
        for (sum, value) in sums.iter_mut().zip(color) {
            let white = 255 * (255 - u64::from(alpha));
            *sum += u64::from(value) * u64::from(alpha) + white;
        }
        pixels += 1;
    });
    mean(sums, pixels * 255)
}

/// The colour that most of the picture has: the mean of those pixels that make the fullest of all narrow ranges of colours.
/// Transparent ones do not count.
pub(in crate::engine) fn dominant(picture: &Picture) -> Color {
    let first = palette(picture, 1).into_iter().next();
    first.unwrap_or_else(|| average(picture))
}

/// Up to so many colours that the picture has most of, the first most: each far from the others. Fewer where it has not so
/// many; none where all of it is transparent.
pub(in crate::engine) fn palette(picture: &Picture, colors: usize) -> Vec<Color> {
    let mut bins = vec![Bin::default(); BINS * BINS * BINS];
    each(picture, |color, alpha| {
        let place = color.map(|value| usize::from(value >> (8 - BITS)));
        if let Some(bin) = bins.get_mut(index(place)) {
            bin.weight += u64::from(alpha);
            for (sum, value) in bin.sums.iter_mut().zip(color) {
                *sum += u64::from(value) * u64::from(alpha);
            }
        }
    });
    let mut found = Vec::new();
    while found.len() < colors {
        let fullest = (0..bins.len())
            .map(|at| (cell(&bins, at), at))
            .max_by_key(|(cell, at)| (cell.weight, usize::MAX - at));
        let Some((cell, at)) = fullest.filter(|(cell, _)| cell.weight > 0) else {
            break;
        };
        found.push(mean(cell.sums, cell.weight));
        // What is near is the same colour to the eye.
        let center = place(at);
        for (at, bin) in bins.iter_mut().enumerate() {
            let near = place(at)
                .into_iter()
                .zip(center)
                .all(|(at, center)| at + APART > center && at <= center + APART);
            if near {
                *bin = Bin::default();
            }
        }
    }
    found
}

/// The upper bits of a sample that a bin is found by.
const BITS: usize = 5;
const BINS: usize = 1 << BITS;
/// How many bins around a colour are the same colour: 32 of 255 in each channel.
const APART: usize = 4;

/// Pixels of nearly the same colour.
#[derive(Clone, Copy, Default)]
struct Bin {
    weight: u64,
    sums: [u64; 3],
}

fn index([red, green, blue]: [usize; 3]) -> usize {
    (red * BINS + green) * BINS + blue
}

fn place(index: usize) -> [usize; 3] {
    [index / (BINS * BINS), index / BINS % BINS, index % BINS]
}

/// The bin and its upper neighbours: cells overlap, so that no colour is torn by their edges.
fn cell(bins: &[Bin], at: usize) -> Bin {
    let [red, green, blue] = place(at);
    let mut cell = Bin::default();
    for corner in 0..8 {
        let place = [
            red + (corner >> 2),
            green + (corner >> 1 & 1),
            blue + (corner & 1),
        ];
        if place.iter().any(|&place| place >= BINS) {
            continue;
        }
        if let Some(bin) = bins.get(index(place)) {
            cell.weight += bin.weight;
            for (sum, other) in cell.sums.iter_mut().zip(bin.sums) {
                *sum += other;
            }
        }
    }
    cell
}

fn mean(sums: [u64; 3], weight: u64) -> Color {
    let [red, green, blue] = sums.map(|sum| {
        let mean = (sum + weight / 2).checked_div(weight).unwrap_or(0);
        u8::try_from(mean).unwrap_or(u8::MAX)
    });
    Color::opaque(red, green, blue)
}

fn each(picture: &Picture, mut see: impl FnMut([u8; 3], u8)) {
    let data = picture.data();
    match picture.layout() {
        Layout::Gray => {
            for &gray in data {
                see([gray; 3], u8::MAX);
            }
        }
        Layout::GrayAlpha => {
            for &[gray, alpha] in data.as_chunks::<2>().0 {
                see([gray; 3], alpha);
            }
        }
        Layout::Rgb => {
            for &color in data.as_chunks::<3>().0 {
                see(color, u8::MAX);
            }
        }
        Layout::Rgba => {
            for &[red, green, blue, alpha] in data.as_chunks::<4>().0 {
                see([red, green, blue], alpha);
            }
        }
    }
}
