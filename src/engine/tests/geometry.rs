//! Steps that move pixels: turns and distortions.

use image::{Rgba, RgbaImage};

use super::naive;
use super::*;
use crate::recipe::{Color, Distortion, Rotate};

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
