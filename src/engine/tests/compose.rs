//! Images over images.

use image::{Rgba, RgbaImage};

use super::naive;
use super::*;
use crate::recipe::{Blend, Color, Content, Length, Overlay, Position};

fn overlay(x: Position, y: Position) -> Overlay {
    Overlay {
        x,
        y,
        ..Overlay::new(Content::Source(1))
    }
}

fn composed(base: &RgbaImage, over: &RgbaImage, overlay: Overlay) -> RgbaImage {
    let recipe = to_png([Step::Overlay(Box::new(overlay))]);
    let sources = [png(base), png(over)];
    let sources = [sources[0].as_slice(), sources[1].as_slice()];
    decoded(&Engine::default().render(&sources, &recipe).unwrap().bytes)
}

fn px(pixels: f64) -> Length {
    Length::Pixels(pixels)
}

/// What a colour of the image and one of the overlay blend to, as the W3C writes it.
fn blend(mode: Blend, cb: f64, cs: f64) -> f64 {
    let multiply = |a: f64, b: f64| a * b;
    let screen = |a: f64, b: f64| 1.0 - (1.0 - a) * (1.0 - b);
    let hard_light = |cb: f64, cs: f64| {
        if cs <= 0.5 {
            multiply(cb, 2.0 * cs)
        } else {
            screen(cb, 2.0 * cs - 1.0)
        }
    };
    match mode {
        Blend::Multiply => multiply(cb, cs),
        Blend::Screen => screen(cb, cs),
        Blend::Overlay => hard_light(cs, cb),
        Blend::Darken => cb.min(cs),
        Blend::Lighten => cb.max(cs),
        Blend::ColorDodge if cb <= 0.0 => 0.0,
        Blend::ColorDodge if cs >= 1.0 => 1.0,
        Blend::ColorDodge => f64::min(1.0, cb / (1.0 - cs)),
        Blend::ColorBurn if cb >= 1.0 => 1.0,
        Blend::ColorBurn if cs <= 0.0 => 0.0,
        Blend::ColorBurn => 1.0 - f64::min(1.0, (1.0 - cb) / cs),
        Blend::HardLight => hard_light(cb, cs),
        Blend::SoftLight if cs <= 0.5 => cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb),
        Blend::SoftLight => {
            let d = if cb <= 0.25 {
                ((16.0 * cb - 12.0) * cb + 4.0) * cb
            } else {
                cb.sqrt()
            };
            cb + (2.0 * cs - 1.0) * (d - cb)
        }
        Blend::Difference => (cb - cs).abs(),
        Blend::Exclusion => cb + cs - 2.0 * cb * cs,
        Blend::Add => f64::min(1.0, cb + cs),
        _ => cs,
    }
}

/// A pixel over another: `co = cs * as * (1 - ab) + cb * ab * (1 - as) + as * ab * B(cb, cs)`.
fn blended(mode: Blend, top: Rgba<u8>, opacity: f64, bottom: Rgba<u8>) -> Rgba<u8> {
    let unit = |sample: u8| f64::from(sample) / 255.0;
    let (of_top, of_bottom) = (unit(top[3]) * opacity, unit(bottom[3]));
    let alpha = match mode {
        Blend::Mask => of_top * of_bottom,
        Blend::MaskOut => (1.0 - of_top) * of_bottom,
        _ => of_top + of_bottom * (1.0 - of_top),
    };
    let color = |i: usize| {
        let (top, bottom) = (unit(top[i]), unit(bottom[i]));
        match mode {
            Blend::Mask | Blend::MaskOut => bottom * alpha,
            mode => {
                top * of_top * (1.0 - of_bottom)
                    + bottom * of_bottom * (1.0 - of_top)
                    + of_top * of_bottom * blend(mode, bottom, top)
            }
        }
    };
    naive::pixel([color(0), color(1), color(2), alpha])
}

const MODES: [Blend; 15] = [
    Blend::Normal,
    Blend::Multiply,
    Blend::Screen,
    Blend::Overlay,
    Blend::Darken,
    Blend::Lighten,
    Blend::ColorDodge,
    Blend::ColorBurn,
    Blend::HardLight,
    Blend::SoftLight,
    Blend::Difference,
    Blend::Exclusion,
    Blend::Add,
    Blend::Mask,
    Blend::MaskOut,
];

#[test]
fn colours_meet_by_the_w3cs_formulas() {
    let bases = [scene(37, 21), glass(37, 21), noise(37, 21)];
    let mut turned = image::imageops::rotate180(&glass(37, 21));
    turned.put_pixel(0, 0, Rgba([0, 255, 128, 255]));
    let overs = [turned, noise(37, 21)];
    for mode in MODES {
        for base in &bases {
            for over in &overs {
                for opacity in [1.0, 0.4] {
                    let overlay = Overlay {
                        opacity,
                        blend: mode,
                        ..overlay(Position::Start(px(0.0)), Position::Start(px(0.0)))
                    };
                    let result = composed(base, over, overlay);
                    let expected = RgbaImage::from_fn(37, 21, |x, y| {
                        blended(mode, *over.get_pixel(x, y), opacity, *base.get_pixel(x, y))
                    });
                    let error = naive::max_error(&result, &expected);
                    assert!(error <= 2.5, "{mode:?} at {opacity}: {error}");
                }
            }
        }
    }
}

/// The overlay at places, one after the other.
fn at(base: &RgbaImage, over: &RgbaImage, places: &[(i64, i64)]) -> RgbaImage {
    let mut result = base.clone();
    for &(left, top) in places {
        image::imageops::overlay(&mut result, over, left, top);
    }
    result
}

#[test]
fn overlays_are_where_they_should_be() {
    use Position::{Center, End, Start};

    let base = scene(50, 40);
    let over = image::imageops::rotate180(&scene(11, 8));
    let half = Length::Fraction(0.5);
    let rows = [
        (Start(px(3.0)), Start(px(5.0)), (3, 5)),
        (Start(px(-3.0)), Start(px(-5.0)), (-3, -5)),
        (End(px(0.0)), End(px(0.0)), (39, 32)),
        (End(px(4.0)), End(px(-4.0)), (35, 36)),
        (Center(px(0.0)), Center(px(0.0)), (19, 16)),
        (Center(px(-2.0)), Center(px(3.0)), (17, 19)),
        (Start(half), End(half), (25, 12)),
        // outside
        (Start(px(50.0)), Start(px(0.0)), (50, 0)),
        (Start(px(-11.0)), Start(px(0.0)), (-11, 0)),
        (Start(px(0.0)), Start(px(1e18)), (0, 4000)),
        (Start(px(f64::NEG_INFINITY)), Start(px(0.0)), (-4000, 0)),
        (End(px(f64::NEG_INFINITY)), Start(px(0.0)), (4000, 0)),
        (Center(px(f64::MAX)), Center(px(f64::MIN)), (4000, 4000)),
        (Start(px(f64::NAN)), Start(px(0.0)), (0, 0)),
    ];
    for (x, y, place) in rows {
        let result = composed(&base, &over, overlay(x, y));
        assert_eq!(result, at(&base, &over, &[place]), "{x:?} {y:?}");
    }
    // Larger than the image, the middle of the overlay is seen.
    let result = composed(&over, &base, overlay(Center(px(0.0)), Center(px(0.0))));
    assert_eq!(result, at(&over, &base, &[(-20, -16)]));
}

#[test]
fn overlays_are_repeated() {
    let base = scene(50, 40);
    let over = noise(11, 8);
    for (gap_x, gap_y) in [
        (0.0, 0.0),
        (3.0, 5.0),
        (-4.0, 100.0),
        (f64::INFINITY, f64::NAN),
    ] {
        let step = |length: i64, gap: f64| {
            let gap = if gap > 0.0 { gap.min(1000.0) } else { 0.0 };
            #[expect(clippy::cast_possible_truncation)]
            let gap = gap as i64;
            usize::try_from(length + gap).unwrap()
        };
        let columns = (0..50).step_by(step(11, gap_x));
        let places: Vec<_> = columns
            .flat_map(|x| (0..40).step_by(step(8, gap_y)).map(move |y| (x, y)))
            .collect();
        let x = Position::Repeat(px(gap_x));
        let y = Position::Repeat(px(gap_y));
        let error = naive::max_error(
            &composed(&base, &over, overlay(x, y)),
            &at(&base, &over, &places),
        );
        // The `image` crate rounds alpha down.
        assert!(error <= 2.01, "{error} {gap_x} {gap_y}");
        // Along one axis only.
        let places: Vec<_> = places
            .iter()
            .filter(|at| at.1 == 0)
            .map(|at| (at.0, 32))
            .collect();
        let error = naive::max_error(
            &composed(&base, &over, overlay(x, Position::End(px(0.0)))),
            &at(&base, &over, &places),
        );
        assert!(error <= 2.01, "{error} {gap_x}");
    }
}

#[test]
fn a_mask_keeps_what_it_covers_and_a_mask_out_the_rest() {
    let base = scene(30, 20);
    let over = glass(10, 8);
    let masked = |blend| {
        let overlay = Overlay {
            blend,
            ..overlay(Position::Start(px(4.0)), Position::Start(px(-2.0)))
        };
        composed(&base, &over, overlay)
    };
    let expected = |keep: bool| {
        let mut expected = base.clone();
        for (x, y, pixel) in expected.enumerate_pixels_mut() {
            let inside = x.checked_sub(4).zip((y + 2).checked_sub(0));
            let mask = inside.and_then(|(x, y)| over.get_pixel_checked(x, y));
            let mask = mask.map_or(0, |pixel| pixel[3]);
            pixel[3] = if keep { mask } else { 255 - mask };
        }
        expected
    };
    assert_eq!(max_error(&masked(Blend::Mask), &expected(true)), 0);
    assert_eq!(max_error(&masked(Blend::MaskOut), &expected(false)), 0);
}

#[test]
fn overlays_are_scaled_into_their_box() {
    let base = RgbaImage::from_pixel(100, 60, Rgba([0, 0, 0, 255]));
    let red = RgbaImage::from_pixel(20, 10, Rgba([255, 0, 0, 255]));
    let rows = [
        (Some((0.5, 0.5)), (50, 25)),
        (Some((1.0, 0.1)), (12, 6)),
        (Some((0.1, 1.0)), (10, 5)),
        (Some((0.0, 0.0)), (1, 1)),
        (Some((-1.0, f64::NAN)), (1, 1)),
        (None, (20, 10)),
    ];
    for (fit, (width, height)) in rows {
        let overlay = Overlay {
            fit,
            ..overlay(Position::Start(px(0.0)), Position::Start(px(0.0)))
        };
        let result = composed(&base, &red, overlay);
        let reds = result
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel[0] > 128);
        let (right, bottom) = reds.fold((0, 0), |(right, bottom), (x, y, _)| {
            (right.max(x + 1), bottom.max(y + 1))
        });
        assert_eq!((right, bottom), (width, height), "{fit:?}");
    }
    let huge = Overlay {
        fit: Some((1e9, 1e9)),
        ..overlay(Position::Start(px(0.0)), Position::Start(px(0.0)))
    };
    let sources = [png(&base), png(&red)];
    let error = Engine::default()
        .render(
            &[&sources[0], &sources[1]],
            &to_png([Step::Overlay(Box::new(huge))]),
        )
        .unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
}

#[test]
fn overlays_have_steps_and_overlays_of_their_own() {
    let canvas = |size: u32, color, steps| {
        Step::Overlay(Box::new(Overlay {
            steps,
            ..Overlay::new(Content::Canvas {
                width: size.into(),
                height: size.into(),
                color,
            })
        }))
    };
    let white = canvas(4, Color::WHITE, Vec::new());
    let red = canvas(10, Color::opaque(255, 0, 0), vec![white.clone()]);
    let result = made(
        &RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 255])),
        [red.clone()],
    );
    assert_eq!(*result.get_pixel(0, 0), Rgba([0, 0, 0, 255]));
    assert_eq!(*result.get_pixel(6, 6), Rgba([255, 0, 0, 255]));
    assert_eq!(*result.get_pixel(10, 10), Rgba([255; 4]));
    let deep = canvas(30, Color::BLACK, vec![canvas(20, Color::BLACK, vec![red])]);
    let error = refusal(&png(&scene(40, 40)), &to_png([deep]));
    assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
}

#[test]
fn a_grey_image_takes_a_grey_overlay_and_stays_grey() {
    let grey = file(
        &image::GrayImage::from_pixel(8, 8, image::Luma([40])).into(),
        ImageFormat::Png,
    );
    let with = |over: &[u8], blend| {
        let overlay = Overlay {
            blend,
            ..overlay(Position::Start(px(2.0)), Position::Start(px(2.0)))
        };
        let recipe = to_png([Step::Overlay(Box::new(overlay))]);
        let rendered = Engine::default().render(&[&grey, over], &recipe).unwrap();
        is_gray(&decoded(&rendered.bytes))
    };
    let colored = png(&scene(4, 4));
    assert!(with(&grey, Blend::Screen));
    assert!(!with(&colored, Blend::Normal));
    assert!(with(&colored, Blend::Mask));
}
