//! Steps that change what is seen of an image: corners, shadows, gradients, alpha.

use image::{Rgba, RgbaImage};

use super::naive;
use super::*;
use crate::recipe::{Color, Gradient, Length, RoundCorners, Shadow};

fn radius(across: f64, down: f64) -> (Length, Length) {
    (Length::Pixels(across), Length::Pixels(down))
}

/// Alpha by 32 by 32 points a pixel.
fn rounded(source: &RgbaImage, radii: [(f64, f64); 4], background: Option<Color>) -> RgbaImage {
    const POINTS: u32 = 32;
    let (width, height) = (f64::from(source.width()), f64::from(source.height()));
    let inside = |x: f64, y: f64| {
        let from_corner = [
            (x, y),
            (width - x, y),
            (width - x, height - y),
            (x, height - y),
        ];
        from_corner
            .into_iter()
            .zip(radii)
            .all(|((x, y), (across, down))| {
                let cut = x < across && y < down;
                !cut || ((across - x) / across).powi(2) + ((down - y) / down).powi(2) <= 1.0
            })
    };
    let mut result = source.clone();
    for (x, y, pixel) in result.enumerate_pixels_mut() {
        let points = (0..POINTS * POINTS).filter(|i| {
            let part = |at: u32, i: u32| f64::from(at) + (f64::from(i) + 0.5) / f64::from(POINTS);
            inside(part(x, i % POINTS), part(y, i / POINTS))
        });
        let covered =
            f64::from(u32::try_from(points.count()).unwrap()) / f64::from(POINTS * POINTS);
        let light = naive::light(*pixel).map(|value| value * covered);
        let behind = background.map_or([0.0; 4], |color| {
            naive::light(Rgba([color.red, color.green, color.blue, color.alpha]))
        });
        *pixel = naive::pixel(naive::over(light, behind));
    }
    result
}

#[test]
fn corners_are_ellipses() {
    let rows = [
        [(10.0, 10.0); 4],
        [(12.5, 4.0); 4],
        [(0.0, 0.0), (20.0, 5.0), (3.0, 17.0), (1.0, 1.0)],
        [(20.0, 15.0); 4],
    ];
    for source in [scene(40, 30), glass(40, 30)] {
        for radii in rows {
            for background in [None, Some(Color::WHITE), Some(Color::opaque(1, 200, 30))] {
                let step = Step::RoundCorners(RoundCorners {
                    radii: radii.map(|(across, down)| radius(across, down)),
                    background,
                });
                let expected = rounded(&source, radii, background);
                let error = naive::max_error(&made(&source, [step]), &expected);
                assert!(error <= 3.0, "{error} {radii:?} {background:?}");
            }
        }
    }
}

#[test]
fn corners_that_are_too_large_make_a_pill() {
    let source = scene(40, 20);
    let step = |across: f64, down: f64| {
        let round = RoundCorners {
            radii: [radius(across, down); 4],
            background: None,
        };
        made(&source, [Step::RoundCorners(round)])
    };
    let pill = step(1e12, 1e12);
    let error = naive::max_error(&pill, &rounded(&source, [(10.0, 10.0); 4], None));
    assert!(error <= 3.0, "{error}");
    for (across, down) in [(0.0, 5.0), (-3.0, 5.0), (f64::NAN, 5.0)] {
        assert_eq!(step(across, down), source, "{across} {down}");
    }
    let fraction = RoundCorners {
        radii: [(Length::Fraction(0.25), Length::Fraction(0.5)); 4],
        background: None,
    };
    let result = made(&source, [Step::RoundCorners(fraction)]);
    let error = naive::max_error(&result, &rounded(&source, [(10.0, 10.0); 4], None));
    assert!(error <= 3.0, "{error}");
}

#[test]
fn a_shadow_is_the_blurred_alpha_moved() {
    let source = RgbaImage::from_fn(50, 40, |x, y| match (x, y) {
        (10..25, 8..30) => Rgba([200, 100, 30, 255]),
        (25..35, 8..30) => Rgba([20, 100, 230, 90]),
        _ => Rgba([255, 255, 255, 0]),
    });
    for (sigma, opacity, x, y) in [
        (1.5, 0.5, 0.1, 0.1),
        (0.0, 1.0, -0.2, 0.0),
        (6.0, 0.8, 0.04, -0.1),
    ] {
        let dark = naive::lights(&source);
        let dark: Vec<Vec<_>> = dark
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|light| [0.0, 0.0, 0.0, light[3]])
                    .collect()
            })
            .collect();
        let dark = if sigma > 0.0 {
            naive::gaussian(&dark, sigma, false)
        } else {
            dark
        };
        #[expect(clippy::cast_possible_truncation)]
        let (across, down) = ((x * 50.0_f64).round() as i64, (y * 40.0_f64).round() as i64);
        let expected = RgbaImage::from_fn(50, 40, |x, y| {
            let from = |at: u32, by: i64| usize::try_from(i64::from(at) - by).ok();
            let dark = from(y, down).and_then(|y| dark.get(y)?.get(from(x, across)?));
            let dark = dark
                .copied()
                .unwrap_or([0.0; 4])
                .map(|value| value * opacity);
            naive::pixel(naive::over(naive::light(*source.get_pixel(x, y)), dark))
        });
        let step = Step::Shadow(Shadow {
            sigma,
            opacity,
            x,
            y,
        });
        let error = naive::max_error(&made(&source, [step]), &expected);
        assert!(error <= 4.0, "{error} at {sigma}");
    }
    // Behind what is opaque there is nothing to be seen.
    let step = Step::Shadow(Shadow {
        sigma: 5.0,
        opacity: 1.0,
        x: 0.1,
        y: 0.1,
    });
    assert_eq!(made(&scene(20, 20), [step]), scene(20, 20));
}

#[test]
fn gradients_go_from_edge_to_edge() {
    let clear = Color {
        alpha: 0,
        ..Color::BLACK
    };
    let rows = [
        (180.0, Color::WHITE, clear, Length::Fraction(1.0)),
        (
            90.0,
            Color::opaque(255, 0, 0),
            Color::opaque(0, 0, 255),
            Length::Fraction(1.0),
        ),
        (0.0, Color::BLACK, clear, Length::Fraction(0.5)),
        (
            37.0,
            Color {
                alpha: 100,
                ..Color::WHITE
            },
            Color::opaque(3, 80, 90),
            Length::Pixels(12.0),
        ),
        (-120.0, clear, Color::WHITE, Length::Fraction(0.01)),
    ];
    for source in [scene(36, 25), glass(36, 25)] {
        for (degrees, from, to, stop) in rows {
            let (sin, cos) = f64::to_radians(degrees).sin_cos();
            let length = 36.0 * sin.abs() + 25.0 * cos.abs();
            let end = match stop {
                Length::Pixels(pixels) => pixels,
                Length::Fraction(fraction) => fraction * length,
                other => panic!("{other:?}"),
            };
            let light = |color: Color| {
                naive::light(Rgba([color.red, color.green, color.blue, color.alpha]))
            };
            let expected = RgbaImage::from_fn(36, 25, |x, y| {
                let (across, up) = (f64::from(x) + 0.5 - 18.0, 12.5 - f64::from(y) - 0.5);
                let t = ((across * sin + up * cos + length / 2.0) / end).clamp(0.0, 1.0);
                let color = [0, 1, 2, 3].map(|i| light(from)[i] * (1.0 - t) + light(to)[i] * t);
                naive::pixel(naive::over(color, naive::light(*source.get_pixel(x, y))))
            });
            let step = Step::Gradient(Gradient {
                degrees,
                from,
                to,
                stop,
            });
            let error = naive::max_error(&made(&source, [step]), &expected);
            assert!(error <= 4.0, "{error} at {degrees}");
        }
    }
}

#[test]
fn opacity_multiplies_alpha() {
    for source in [scene(20, 9), glass(20, 9)] {
        for factor in [0.0, 0.25, 0.5, 0.99] {
            let mut expected = source.clone();
            for pixel in expected.pixels_mut() {
                pixel[3] = sample(f64::from(pixel[3]) * factor);
            }
            let error = naive::max_error(&made(&source, [Step::Opacity(factor)]), &expected);
            assert!(error <= 1.01, "{error} {factor}");
        }
        for factor in [1.0, 3.0, f64::NAN] {
            assert_eq!(made(&source, [Step::Opacity(factor)]), source);
        }
        let gone = made(&source, [Step::Opacity(-1.0)]);
        assert!(gone.pixels().all(|pixel| pixel[3] == 0));
    }
}
