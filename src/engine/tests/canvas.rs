//! What lies around an image, and behind it.

use image::{Rgba, RgbaImage, imageops};

use super::naive;
use super::*;
use crate::recipe::{Backdrop, Border, Color, Extend, Length};

fn extend(width: u32, height: u32, backdrop: Backdrop, flatten: bool) -> Extend {
    Extend {
        width: Some(width.into()),
        height: Some(height.into()),
        backdrop,
        flatten,
        ..Extend::default()
    }
}

fn extended(source: &RgbaImage, extend: Extend) -> RgbaImage {
    made(source, [Step::Extend(extend)])
}

fn with_alpha(alpha: u8) -> Color {
    Color {
        alpha,
        ..Color::opaque(200, 30, 90)
    }
}

/// The image on a canvas of one colour, whose place on it is given.
fn on_color(
    source: &RgbaImage,
    (width, height): (u32, u32),
    (left, top): (i64, i64),
    color: Color,
    flatten: bool,
) -> RgbaImage {
    let color = Rgba([color.red, color.green, color.blue, color.alpha]);
    RgbaImage::from_fn(width, height, |x, y| {
        let inside = (
            u32::try_from(i64::from(x) - left),
            u32::try_from(i64::from(y) - top),
        );
        let (Ok(x), Ok(y)) = inside else {
            return color;
        };
        match source.get_pixel_checked(x, y) {
            None => color,
            Some(pixel) if flatten => {
                naive::pixel(naive::over(naive::light(*pixel), naive::light(color)))
            }
            Some(pixel) => *pixel,
        }
    })
}

#[test]
fn the_canvas_has_its_colour_beside_the_image() {
    for source in [scene(30, 20), glass(30, 20), noise(7, 5)] {
        for color in [
            Color::WHITE,
            Color::TRANSPARENT,
            with_alpha(255),
            with_alpha(120),
        ] {
            for flatten in [false, true] {
                for (width, height) in [(50, 41), (30, 20), (11, 60), (3, 2), (200, 1)] {
                    let place = |canvas: u32, image: u32| {
                        (i64::from(canvas) - i64::from(image)).div_euclid(2)
                    };
                    let place = (place(width, source.width()), place(height, source.height()));
                    let expected = on_color(&source, (width, height), place, color, flatten);
                    let backdrop = Backdrop::Color(color);
                    let extended = extended(&source, extend(width, height, backdrop, flatten));
                    let error = naive::max_error(&extended, &expected);
                    assert!(
                        error <= 1.01,
                        "{error} {color:?} {flatten} {width}x{height}"
                    );
                }
            }
        }
    }
}

#[test]
fn margins_shift_the_image() {
    let source = glass(20, 10);
    let margins = Extend {
        left: Length::Pixels(3.0),
        top: Length::Fraction(0.5),
        right: Length::Pixels(1.0),
        bottom: Length::Pixels(0.0),
        backdrop: Backdrop::Color(Color::WHITE),
        ..Extend::default()
    };
    let expected = on_color(&source, (24, 15), (3, 5), Color::WHITE, false);
    assert_eq!(extended(&source, margins), expected);
}

#[test]
fn greys_stay_grey() {
    let grey = |color| {
        let source =
            image::GrayImage::from_fn(8, 8, |x, y| image::Luma([u8::try_from(x * y).unwrap()]));
        let source = file(&source.into(), ImageFormat::Png);
        let step = Step::Extend(extend(20, 20, Backdrop::Color(color), false));
        let rendered = render(&source, &to_png([step]));
        image::load_from_memory(&rendered.bytes).unwrap().color()
    };
    assert_eq!(grey(Color::WHITE), image::ColorType::L8);
    assert_eq!(grey(Color::TRANSPARENT), image::ColorType::La8);
    assert_eq!(grey(Color::opaque(1, 2, 3)), image::ColorType::Rgb8);
    assert_eq!(grey(with_alpha(9)), image::ColorType::Rgba8);
}

#[test]
fn an_average_is_that_of_all_pixels_on_white() {
    for source in [scene(33, 21), glass(33, 21), noise(40, 40)] {
        let mut sums = [0.0; 3];
        for pixel in source.pixels() {
            let alpha = f64::from(pixel[3]) / 255.0;
            for (sum, color) in sums.iter_mut().zip(pixel.0) {
                *sum += f64::from(color) * alpha + 255.0 * (1.0 - alpha);
            }
        }
        let count = f64::from(source.width() * source.height());
        let [red, green, blue] = sums.map(|sum| sample(sum / count));
        let extended = extended(&source, extend(50, 50, Backdrop::Average, false));
        assert_eq!(*extended.get_pixel(0, 0), Rgba([red, green, blue, 255]));
    }
}

#[test]
fn the_dominant_colour_is_what_most_pixels_have() {
    let mut source = RgbaImage::from_pixel(40, 40, Rgba([20, 60, 200, 255]));
    for (x, y, pixel) in source.enumerate_pixels_mut() {
        match (x, y) {
            (..10, _) => *pixel = Rgba([250, 240, 10, 255]),
            // Nobody sees what is transparent.
            (_, ..18) => *pixel = Rgba([0, 255, 0, 0]),
            _ => {}
        }
    }
    let extended = extended(&source, extend(60, 60, Backdrop::Dominant, false));
    assert_eq!(*extended.get_pixel(0, 0), Rgba([20, 60, 200, 255]));

    let nothing = RgbaImage::new(4, 4);
    let extended = self::extended(&nothing, extend(6, 6, Backdrop::Dominant, false));
    assert_eq!(*extended.get_pixel(0, 0), Rgba([0, 0, 0, 255]));
}

#[test]
fn gradients_go_between_the_dominant_colours() {
    let colors = [
        Rgba([20, 60, 200, 255]),
        Rgba([250, 240, 10, 255]),
        Rgba([200, 0, 0, 255]),
        Rgba([0, 160, 40, 255]),
    ];
    // Of 10 columns, so many each.
    let source = RgbaImage::from_fn(10, 4, |x, _| match x {
        ..4 => colors[0],
        4..7 => colors[1],
        7..9 => colors[2],
        _ => colors[3],
    });
    let gradient = |colors| {
        extended(
            &source,
            extend(61, 41, Backdrop::DominantGradient { colors }, false),
        )
    };
    let four = gradient(4);
    let [top_left, top_right, bottom_right, bottom_left] =
        colors.map(|color| color.0.map(f64::from));
    for (x, y) in [
        (0, 0),
        (60, 0),
        (60, 40),
        (0, 40),
        (13, 7),
        (30, 3),
        (59, 20),
    ] {
        let (across, down) = (f64::from(x) / 60.0, f64::from(y) / 40.0);
        let expected = Rgba([0, 1, 2, 3].map(|i| {
            sample(
                top_left[i] * (1.0 - across) * (1.0 - down)
                    + top_right[i] * across * (1.0 - down)
                    + bottom_right[i] * across * down
                    + bottom_left[i] * (1.0 - across) * down,
            )
        }));
        assert_eq!(*four.get_pixel(x, y), expected, "{x} {y}");
    }
    let two = gradient(2);
    assert_eq!(*two.get_pixel(0, 0), colors[0]);
    assert_eq!(*two.get_pixel(60, 40), colors[2 - 1]);
    assert_eq!(two.get_pixel(60, 0), two.get_pixel(0, 40));
}

#[test]
fn a_blurred_backdrop_is_the_stretched_image_behind_a_gaussian() {
    let mut spots = scene(60, 40);
    for (x, y, pixel) in spots.enumerate_pixels_mut() {
        if (x / 12 + y / 12).is_multiple_of(2) {
            *pixel = Rgba([255, 255, 0, 255]);
        }
    }
    for source in [scene(60, 40), glass(60, 40), spots] {
        for sigma in [1.0, 3.0, 6.0, 12.0] {
            let backdrop = Backdrop::Blurred {
                sigma,
                brightness: 0,
            };
            let extended = extended(&source, extend(90, 70, backdrop, false));
            let stretched = imageops::resize(&source, 90, 70, imageops::CatmullRom);
            let mut expected =
                naive::pixels(&naive::gaussian(&naive::lights(&stretched), sigma, true));
            imageops::replace(&mut expected, &source, 15, 15);
            let error = naive::max_error(&extended, &expected);
            assert!(error <= 8.0, "{error} at {sigma}");
        }
    }
}

#[test]
fn the_widest_blur_costs_no_more_than_others() {
    let source = scene(60, 40);
    for sigma in [1e9, 1e300, f64::INFINITY] {
        let backdrop = Backdrop::Blurred {
            sigma,
            brightness: 0,
        };
        let extended = extended(&source, extend(80, 80, backdrop, false));
        let (first, last) = (extended.get_pixel(0, 0), extended.get_pixel(79, 79));
        assert!(
            first.0.iter().zip(last.0).all(|(a, b)| a.abs_diff(b) <= 2),
            "{sigma}"
        );
    }
}

#[test]
fn a_blurred_backdrop_is_brightened() {
    let source = RgbaImage::from_pixel(20, 20, Rgba([100, 150, 250, 255]));
    for (brightness, expected) in [
        (20, [120, 170, 255]),
        (-120, [0, 30, 130]),
        (i16::MIN, [0; 3]),
    ] {
        let backdrop = Backdrop::Blurred {
            sigma: 50.0,
            brightness,
        };
        let extended = extended(&source, extend(40, 30, backdrop, false));
        assert_eq!(extended.get_pixel(0, 0).0[..3], expected);
        assert_eq!(extended.get_pixel(20, 15), source.get_pixel(0, 0));
    }
}

#[test]
fn what_is_flattened_is_opaque() {
    let source = glass(24, 16);
    let flat = |backdrop| made(&source, [Step::Flatten(backdrop)]);
    for color in [Color::BLACK, Color::WHITE, with_alpha(255), with_alpha(3)] {
        let opaque = Color {
            alpha: 255,
            ..color
        };
        let expected = on_color(&source, (24, 16), (0, 0), opaque, true);
        assert!(naive::max_error(&flat(Backdrop::Color(color)), &expected) <= 1.01);
    }
    for backdrop in [
        Backdrop::Average,
        Backdrop::Dominant,
        Backdrop::Blurred {
            sigma: 2.0,
            brightness: 5,
        },
        Backdrop::DominantGradient { colors: 4 },
    ] {
        let flat = flat(backdrop);
        assert!(flat.pixels().all(|pixel| pixel[3] == 255), "{backdrop:?}");
    }
    assert_eq!(
        made(&scene(9, 9), [Step::Flatten(Backdrop::Average)]),
        scene(9, 9)
    );
}

#[test]
fn a_border_lies_around_the_image() {
    let source = glass(24, 16);
    for color in [Color::BLACK, with_alpha(255), with_alpha(77)] {
        let border = Step::Border(Border {
            width: Length::Pixels(5.0),
            color,
        });
        let expected = on_color(&source, (34, 26), (5, 5), color, false);
        assert_eq!(made(&source, [border]), expected);
    }
    let none = Step::Border(Border {
        width: Length::Pixels(0.0),
        color: Color::BLACK,
    });
    assert_eq!(made(&source, [none]), source);
}
