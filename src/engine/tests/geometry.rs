//! Steps that move pixels: turns, distortions, trims, and windows that follow what is to be seen.

use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::naive;
use super::*;
use crate::recipe::{Color, Distortion, Extract, Rotate, Trim, TrimColor};

fn rotated(source: &RgbaImage, degrees: f64, background: Color) -> RgbaImage {
    made(
        source,
        [Step::Rotate(Rotate {
            degrees,
            background,
        })],
    )
}

fn of_color(color: Color) -> naive::Light {
    naive::light(Rgba([color.red, color.green, color.blue, color.alpha]))
}

#[test]
fn turned_pixels_are_those_of_the_cubic() {
    for source in [scene(31, 22), glass(40, 17), noise(12, 20)] {
        for degrees in [1.0, 30.0, 45.0, 100.5, 359.0, -75.0] {
            for background in [Color::TRANSPARENT, Color::WHITE, Color::opaque(9, 90, 200)] {
                let turned = rotated(&source, degrees, background);
                let (sin, cos) = f64::to_radians(degrees).sin_cos();
                let middle = |image: &RgbaImage| {
                    (
                        f64::from(image.width()) / 2.0,
                        f64::from(image.height()) / 2.0,
                    )
                };
                let (to, from) = (middle(&turned), middle(&source));
                let expected = RgbaImage::from_fn(turned.width(), turned.height(), |x, y| {
                    let (x, y) = (f64::from(x) + 0.5 - to.0, f64::from(y) + 0.5 - to.1);
                    let (x, y) = (cos * x + sin * y, cos * y - sin * x);
                    naive::pixel(naive::cubic(
                        &source,
                        from.0 + x,
                        from.1 + y,
                        of_color(background),
                    ))
                });
                let error = naive::max_error(&turned, &expected);
                assert!(error <= 4.0, "{error} at {degrees} on {background:?}");
            }
        }
    }
}

#[test]
fn turns_are_clockwise() {
    // A red mark at the right goes down.
    let source = RgbaImage::from_fn(41, 41, |x, y| {
        let marked = x > 34 && (17..24).contains(&y);
        Rgba([if marked { 255 } else { 0 }, 0, 0, 255])
    });
    let turned = rotated(&source, 45.0, Color::BLACK);
    let middle = turned.width() / 2;
    let at = middle + 17 * 7 / 10;
    assert!(turned.get_pixel(at, at)[0] > 200);
    assert!(turned.get_pixel(at, middle - (at - middle))[0] < 50);
    // There and back again.
    let back = rotated(&turned, -45.0, Color::BLACK);
    let (x, y) = (back.width() / 2 + 17, back.height() / 2);
    assert!(back.get_pixel(x, y)[0] > 200);
}

#[test]
fn an_opaque_background_leaves_an_opaque_image() {
    let turned = rotated(&scene(20, 20), 33.0, Color::WHITE);
    assert!(turned.pixels().all(|pixel| pixel[3] == 255));
    assert_eq!(*turned.get_pixel(0, 0), Rgba([255; 4]));
    let turned = rotated(&scene(20, 20), 33.0, Color::TRANSPARENT);
    assert_eq!(turned.get_pixel(0, 0)[3], 0);
    let (x, y) = (turned.width() / 2, turned.height() / 2);
    assert_eq!(turned.get_pixel(x, y)[3], 255);
}

/// The matrix that takes points to points, by Gauss' elimination.
fn homography(from: [(f64, f64); 4], to: [(f64, f64); 4]) -> [f64; 9] {
    let mut rows: Vec<[f64; 9]> = Vec::new();
    for ((x, y), (u, v)) in from.into_iter().zip(to) {
        rows.push([x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u]);
        rows.push([0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v]);
    }
    for i in 0..8 {
        let pivot = (i..8)
            .max_by(|&a, &b| rows[a][i].abs().total_cmp(&rows[b][i].abs()))
            .unwrap();
        rows.swap(i, pivot);
        let pivot = rows[i];
        for (j, row) in rows.iter_mut().enumerate() {
            if i != j {
                let factor = row[i] / pivot[i];
                for k in 0..9 {
                    row[k] -= factor * pivot[k];
                }
            }
        }
    }
    let mut matrix = [1.0; 9];
    for i in 0..8 {
        matrix[i] = rows[i][8] / rows[i][i];
    }
    matrix
}

#[test]
fn corners_go_where_they_are_sent() {
    let quads = [
        [(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)],
        [(5.0, 3.0), (36.0, 0.0), (40.0, 30.0), (2.0, 25.0)],
        [(-10.0, -5.0), (40.0, 4.0), (50.0, 30.0), (0.0, 36.0)],
        [(40.0, 30.0), (0.0, 30.0), (0.0, 0.0), (40.0, 0.0)],
    ];
    for source in [scene(40, 30), glass(40, 30)] {
        for quad in quads {
            let step = Step::Distort(Distortion::Perspective(quad));
            let distorted = made(&source, [step]);
            let corners = [(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)];
            let matrix = homography(quad, corners);
            let expected = RgbaImage::from_fn(40, 30, |x, y| {
                let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                let row = |i: usize| matrix[i] * x + matrix[i + 1] * y + matrix[i + 2];
                let (x, y) = (row(0) / row(6), row(3) / row(6));
                naive::pixel(naive::cubic(&source, x, y, [0.0; 4]))
            });
            let error = naive::max_error(&distorted, &expected);
            assert!(error <= 4.0, "{error} {quad:?}");
        }
    }
}

#[test]
fn corners_that_make_no_quadrilateral_leave_nothing_or_something_but_no_panic() {
    let source = scene(20, 20);
    let quads = [
        [(0.0, 0.0); 4],
        [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)],
        [(0.0, 0.0), (10.0, 10.0), (20.0, 20.0), (0.0, 20.0)],
        [(f64::NAN, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)],
        [(f64::INFINITY, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)],
        [(1e300, 0.0), (20.0, -1e300), (20.0, 20.0), (0.0, 20.0)],
        // A bow, and a dent.
        [(0.0, 0.0), (20.0, 20.0), (20.0, 0.0), (0.0, 20.0)],
        [(0.0, 0.0), (20.0, 0.0), (8.0, 8.0), (0.0, 20.0)],
    ];
    for quad in quads {
        let distorted = made(&source, [Step::Distort(Distortion::Perspective(quad))]);
        assert_eq!(distorted.dimensions(), (20, 20), "{quad:?}");
    }
    let nothing = made(
        &source,
        [Step::Distort(Distortion::Perspective([(0.0, 0.0); 4]))],
    );
    assert!(nothing.pixels().all(|pixel| pixel[3] == 0));
}

#[test]
fn an_arc_goes_around_its_middle() {
    let source = scene(120, 60);
    for degrees in [60.0_f64, 180.0, 300.0, -90.0] {
        let bent = made(&source, [Step::Distort(Distortion::Arc(degrees))]);
        // Forward: where a point of the source comes to lie.
        let angle = degrees.abs().to_radians();
        let (width, height) = (120.0, 60.0);
        let middle = f64::max(width / angle, height / 2.0);
        let point = |x: f64, y: f64| {
            let turn = (x / width - 0.5) * angle;
            let radius = middle + height / 2.0 - y;
            (radius * turn.sin(), -radius * turn.cos())
        };
        // The hull, by its points.
        let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        for step in 0..=1000 {
            for y in [0.0, height] {
                let (x, y) = point(f64::from(step) * width / 1000.0, y);
                (left, right) = (left.min(x), right.max(x));
                (top, bottom) = (top.min(y), bottom.max(y));
            }
        }
        let scale = (width / (right - left)).min(height / (bottom - top));
        let mut compared = 0;
        for (x, y, pixel) in source.enumerate_pixels() {
            let inner = (6..114).contains(&x) && (6..54).contains(&y);
            // Bent down, it is bent up upside down.
            let from_y = if degrees < 0.0 {
                height - f64::from(y) - 0.5
            } else {
                f64::from(y) + 0.5
            };
            let (to_x, to_y) = point(f64::from(x) + 0.5, from_y);
            let to_x = (to_x - f64::midpoint(left, right)) * scale + width / 2.0;
            let to_y = (to_y - f64::midpoint(top, bottom)) * scale + height / 2.0;
            let to_y = if degrees < 0.0 { height - to_y } else { to_y };
            if inner {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let found = bent.get_pixel(to_x as u32, to_y as u32);
                let error = pixel
                    .0
                    .iter()
                    .zip(found.0)
                    .map(|(a, b)| a.abs_diff(b))
                    .max();
                // A pixel of the result may be several of the source.
                assert!(error <= Some(16), "{degrees}: {x} {y}: {pixel:?} {found:?}");
                compared += 1;
            }
        }
        assert!(compared > 1000);
    }
    for degrees in [0.0, f64::NAN] {
        assert_eq!(
            made(&source, [Step::Distort(Distortion::Arc(degrees))]),
            source
        );
    }
}

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

/// Grey of one tone, with something on it.
fn ground(width: u32, height: u32, thing: impl Fn(u32, u32) -> Option<Rgba<u8>>) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        thing(x, y).unwrap_or(Rgba([110, 115, 112, 255]))
    })
}

/// A disc with a middle.
fn disc(x: u32, y: u32, at: (u32, u32), radius: u32) -> bool {
    x.abs_diff(at.0).pow(2) + y.abs_diff(at.1).pow(2) <= radius.pow(2)
}

fn smart(source: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let resize = Resize {
        gravity: Gravity::Smart,
        ..Resize::to(width, height, ResizeMode::Fill)
    };
    made(source, [Step::Resize(resize)])
}

/// How much of an image has a colour.
fn count(image: &RgbaImage, has: impl Fn(&Rgba<u8>) -> bool) -> usize {
    image.pixels().filter(|pixel| has(pixel)).count()
}

#[test]
fn the_window_follows_what_is_to_be_seen() {
    let textured = |x: u32, y: u32| {
        let dark = (x / 3 + y / 3).is_multiple_of(2);
        Rgba(if dark {
            [200, 20, 20, 255]
        } else {
            [250, 220, 30, 255]
        })
    };
    let skin = Rgba([214, 162, 128, 255]);
    for at in [(40, 50), (160, 50), (355, 60)] {
        for kind in 0..2 {
            let source = ground(400, 100, |x, y| {
                let inside = disc(x, y, at, 30);
                inside.then(|| if kind == 0 { textured(x, y) } else { skin })
            });
            let all = count(&source, |pixel| pixel[0] > 180);
            let found = smart(&source, 100, 100);
            let kept = count(&found, |pixel| pixel[0] > 180);
            assert!(kept * 100 >= all * 97, "{kept} of {all} at {at:?} {kind}");
            // And upright.
            let turned = image::imageops::rotate90(&source);
            let found = smart(&turned, 100, 100);
            let kept = count(&found, |pixel| pixel[0] > 180);
            assert!(kept * 100 >= all * 97, "{kept} of {all} at {at:?} {kind}");
        }
    }
}

#[test]
fn a_crop_by_size_follows_it_too() {
    let skin = Rgba([214, 162, 128, 255]);
    let source = ground(400, 100, |x, y| disc(x, y, (355, 60), 30).then_some(skin));
    let extract = Extract {
        width: Some(100.into()),
        height: None,
        gravity: Gravity::Smart,
        inside: true,
    };
    let found = made(&source, [Step::Extract(extract.clone())]);
    assert_eq!(found, smart(&source, 100, 100));
    // And what follows sees the crop alone.
    let half = Step::Resize(Resize::to(50, 50, ResizeMode::Fill));
    let halved = made(&source, [Step::Extract(extract), half.clone()]);
    assert_eq!(halved, made(&found, [half]));
}

#[test]
fn a_face_is_more_than_a_wall() {
    // A dull, large, bright wall on the one side, a face on the other.
    let source = ground(400, 100, |x, y| {
        if disc(x, y, (330, 45), 28) {
            let eyes = disc(x, y, (320, 40), 4) || disc(x, y, (340, 40), 4);
            Some(Rgba(if eyes {
                [40, 25, 20, 255]
            } else {
                [206, 150, 120, 255]
            }))
        } else if x < 180 {
            Some(Rgba([170, 172, 171, 255]))
        } else {
            None
        }
    });
    let found = smart(&source, 100, 100);
    assert!(count(&found, |pixel| pixel[0] > 200 && pixel[2] < 125) > 2000);
}

#[test]
fn where_nothing_is_to_be_seen_the_middle_is_kept() {
    for (width, height, to_width, to_height) in
        [(400, 100, 100, 100), (101, 400, 50, 60), (7, 5, 2, 5)]
    {
        let source = ground(width, height, |_, _| None);
        let steps = |gravity| {
            let resize = Resize {
                gravity,
                ..Resize::to(to_width, to_height, ResizeMode::Fill)
            };
            made(&source, [Step::Resize(resize)])
        };
        assert_eq!(steps(Gravity::Smart), steps(Gravity::default()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_window_lies_inside(
        (width, height) in (1..400_u32, 1..400_u32),
        (across, down) in (0.0..1.0_f64, 0.0..1.0_f64),
        seed: u8,
    ) {
        let window = |length: u32, fraction: f64| {
            u32::from(sample(f64::from(length) * fraction / 2.0)).clamp(1, length)
        };
        let window = plan::Size::new(window(width, across), window(height, down));
        let image = noise(width, height);
        let mut data = image.into_raw();
        data.iter_mut().step_by(3).for_each(|sample| *sample = sample.wrapping_mul(seed));
        let picture = Picture::new(width, height, Layout::Rgba, data).unwrap();
        let area = ops::attention(&picture, window);
        prop_assert_eq!(area.size(), window);
        prop_assert!(area.left + area.width <= width && area.top + area.height <= height);
    }
}
