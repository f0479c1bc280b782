//! Borders that are cut away.

use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::naive;
use super::*;
use crate::recipe::{Color, Trim, TrimColor};

fn trim(tolerance: f64, color: TrimColor) -> Trim {
    Trim {
        tolerance,
        color,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    }
}

/// The trim by its definition: medians, each of nine sorted samples.
fn trimmed(source: &RgbaImage, trim: Trim) -> RgbaImage {
    let (width, height) = source.dimensions();
    let on_key = |pixel: Rgba<u8>| {
        let key = naive::light(Rgba([255, 0, 255, 255]));
        naive::pixel(naive::over(naive::light(pixel), key)).0
    };
    let border = match trim.color {
        TrimColor::TopLeft => *source.get_pixel(0, 0),
        TrimColor::BottomRight => *source.get_pixel(width - 1, height - 1),
        TrimColor::Color(color) => Rgba([color.red, color.green, color.blue, color.alpha]),
    };
    let differs = |x: u32, y: u32| {
        let around = |at: u32, length: u32| [at.saturating_sub(1), at, (at + 1).min(length - 1)];
        let nine = around(y, height)
            .into_iter()
            .flat_map(|y| around(x, width).map(|x| *source.get_pixel(x, y)));
        let nine: Vec<_> = nine.collect();
        let opposite = nine
            .iter()
            .filter(|pixel| matches!((pixel[3], border[3]), (0, 255) | (255, 0)))
            .count();
        opposite >= 5
            || (0..3).any(|i| {
                let mut samples: Vec<_> = nine.iter().map(|pixel| on_key(*pixel)[i]).collect();
                samples.sort_unstable();
                f64::from(samples[4].abs_diff(on_key(border)[i])) > trim.tolerance
            })
    };
    let found: Vec<_> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .filter(|&(x, y)| differs(x, y))
        .collect();
    if found.is_empty() {
        return source.clone();
    }
    let left = found.iter().map(|at| at.0).min().unwrap();
    let right = width - 1 - found.iter().map(|at| at.0).max().unwrap();
    let top = found.iter().map(|at| at.1).min().unwrap();
    let bottom = height - 1 - found.iter().map(|at| at.1).max().unwrap();
    let equal = |yes: bool, a: u32, b: u32| if yes { (a.min(b), a.min(b)) } else { (a, b) };
    let (left, right) = equal(trim.equal_horizontal, left, right);
    let (top, bottom) = equal(trim.equal_vertical, top, bottom);
    image::imageops::crop_imm(
        source,
        left,
        top,
        width - left - right,
        height - top - bottom,
    )
    .to_image()
}

#[test]
fn borders_are_cut_away() {
    let mut source = RgbaImage::from_pixel(60, 50, Rgba([250, 250, 250, 255]));
    image::imageops::replace(&mut source, &scene(30, 20), 12, 9);
    let size = |trim: Trim| made(&source, [Step::Trim(trim)]).dimensions();
    assert_eq!(size(trim(5.0, TrimColor::TopLeft)), (30, 20));
    assert_eq!(size(trim(5.0, TrimColor::Color(Color::WHITE))), (30, 20));
    assert_eq!(size(trim(4.0, TrimColor::Color(Color::WHITE))), (60, 50));
    assert_eq!(size(trim(255.0, TrimColor::TopLeft)), (60, 50));
    let equal = Trim {
        equal_horizontal: true,
        equal_vertical: true,
        ..trim(5.0, TrimColor::TopLeft)
    };
    assert_eq!(size(equal), (36, 32));
    // What follows sees the smaller image.
    let half = Step::Crop(Crop {
        left: 0.0,
        top: 0.0,
        right: 0.5,
        bottom: 0.5,
        unit: Unit::Fraction,
        one_short: false,
    });
    let steps = [Step::Trim(trim(5.0, TrimColor::TopLeft)), half];
    assert_eq!(made(&source, steps).dimensions(), (15, 10));
    // A speck is no picture.
    source.put_pixel(3, 3, Rgba([0, 0, 0, 255]));
    let steps = [Step::Trim(trim(5.0, TrimColor::TopLeft))];
    assert_eq!(made(&source, steps).dimensions(), (30, 20));
}

#[test]
fn what_is_transparent_is_a_border_too() {
    let mut source = RgbaImage::from_pixel(40, 40, Rgba([7, 90, 200, 0]));
    image::imageops::replace(&mut source, &scene(20, 12), 10, 20);
    let size = |color| made(&source, [Step::Trim(trim(10.0, color))]).dimensions();
    assert_eq!(size(TrimColor::TopLeft), (20, 12));
    assert_eq!(size(TrimColor::Color(Color::TRANSPARENT)), (20, 12));
    // Even beside magenta, which is what it is compared by.
    let mut source = RgbaImage::from_pixel(40, 40, Rgba([255, 0, 255, 255]));
    image::imageops::replace(&mut source, &RgbaImage::new(20, 12), 10, 20);
    let steps = [Step::Trim(trim(10.0, TrimColor::TopLeft))];
    assert_eq!(made(&source, steps).dimensions(), (20, 12));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn trims_are_those_of_the_naive_rule(
        (width, height, pixels) in (1..9_u32, 1..9_u32).prop_flat_map(|(width, height)| {
            let count = (width * height) as usize;
            let pixel = prop::sample::select(vec![
                Rgba([0, 0, 0, 255]),
                Rgba([10, 0, 5, 255]),
                Rgba([0, 0, 0, 0]),
                Rgba([255, 0, 255, 255]),
                Rgba([90, 200, 255, 128]),
            ]);
            (Just(width), Just(height), prop::collection::vec(pixel, count))
        }),
        tolerance in prop::sample::select(vec![0.0, 5.0, 9.5, 10.0, 100.0]),
        color in prop::sample::select(vec![
            TrimColor::TopLeft,
            TrimColor::BottomRight,
            TrimColor::Color(Color::BLACK),
            TrimColor::Color(Color::TRANSPARENT),
        ]),
        equal_horizontal: bool,
        equal_vertical: bool,
    ) {
        let source = RgbaImage::from_fn(width, height, |x, y| pixels[(y * width + x) as usize]);
        let trim = Trim { tolerance, color, crop: None, equal_horizontal, equal_vertical };
        let result = made(&source, [Step::Trim(trim)]);
        prop_assert_eq!(result, trimmed(&source, trim));
    }
}

#[test]
fn a_crop_leaves_what_is_in_both() {
    // imagor's find_trim: the border is 80 wide at the right; the crop begins 50 from the left and the top.
    let mut source = RgbaImage::from_pixel(512, 320, Rgba([250, 250, 250, 255]));
    image::imageops::replace(&mut source, &scene(432, 320), 0, 0);
    let trim = Trim {
        crop: Some(Crop {
            left: 50.0,
            top: 50.0,
            right: 0.0,
            bottom: 0.0,
            unit: Unit::Pixels,
            one_short: true,
        }),
        ..trim(5.0, TrimColor::BottomRight)
    };
    assert_eq!(made(&source, [Step::Trim(trim)]).dimensions(), (382, 269));
}
