//! Each filter against its definition, in double precision.

use image::{GrayImage, RgbImage};

use super::*;
use crate::recipe::{Color, Modulation, ReplaceColor, Sharpen, UnsharpMask};

type Pixel = [f64; 4];

/// Blocks and noise, opaque: nothing that a blur or a median could get right by chance.
fn noise(width: u32, height: u32) -> RgbaImage {
    let mut state = 1_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    RgbaImage::from_fn(width, height, |x, y| {
        let block = if (x / 7 + y / 5) % 2 == 0 { 60 } else { 180 };
        Rgba([block + next() / 4, next(), 255 - block + next() / 5, 255])
    })
}

/// The same, with alpha from 0 to 255.
fn veil(width: u32, height: u32) -> RgbaImage {
    let mut image = noise(width, height);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        pixel[3] = u8::try_from((x * 37 + y * 91) % 256).unwrap();
    }
    image
}

fn filtered(image: &RgbaImage, step: Step) -> RgbaImage {
    decoded(&render(&png(image), &to_png([step])).bytes)
}

fn each(image: &RgbaImage, change: impl Fn(Pixel) -> Pixel) -> RgbaImage {
    let mut image = image.clone();
    for pixel in image.pixels_mut() {
        pixel.0 = change(pixel.0.map(f64::from)).map(sample);
    }
    image
}

fn each_color(image: &RgbaImage, change: impl Fn([f64; 3]) -> [f64; 3]) -> RgbaImage {
    each(image, |[r, g, b, alpha]| {
        let [r, g, b] = change([r, g, b]);
        [r, g, b, alpha]
    })
}

fn each_sample(image: &RgbaImage, change: impl Fn(f64) -> f64) -> RgbaImage {
    each_color(image, |color| color.map(&change))
}

fn light(sample: f64) -> f64 {
    let value = sample / 255.0;
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn encoded(light: f64) -> f64 {
    let value = if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    255.0 * value
}

const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];

#[expect(clippy::many_single_char_names)]
fn to_lab(color: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = color.map(light);
    let xyz = [
        0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b,
        0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b,
        0.019_333_9 * r + 0.119_192_0 * g + 0.950_304_1 * b,
    ];
    let of = |at: usize| {
        let t = xyz[at] / WHITE[at];
        if t > (6.0_f64 / 29.0).powi(3) {
            t.cbrt()
        } else {
            t / (3.0 * (6.0_f64 / 29.0).powi(2)) + 4.0 / 29.0
        }
    };
    let [x, y, z] = [of(0), of(1), of(2)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[expect(clippy::many_single_char_names)]
fn from_lab([l, a, b]: [f64; 3]) -> [f64; 3] {
    let y = (l + 16.0) / 116.0;
    let of = |t: f64| {
        if t > 6.0 / 29.0 {
            t.powi(3)
        } else {
            3.0 * (6.0_f64 / 29.0).powi(2) * (t - 4.0 / 29.0)
        }
    };
    let x = of(y + a / 500.0) * WHITE[0];
    let z = of(y - b / 200.0) * WHITE[2];
    let y = of(y);
    [
        3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
        -0.969_266 * x + 1.876_010_8 * y + 0.041_556 * z,
        0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
    ]
    .map(|light| encoded(light.clamp(0.0, 1.0)))
}

/// A separable kernel over some channels, pixels at the edge going on beyond it.
fn convolved(channel: &[f64], width: usize, kernel: &[f64]) -> Vec<f64> {
    let radius = kernel.len() / 2;
    let height = channel.len() / width;
    let near = |at: usize, offset: usize, length: usize| {
        (at + offset).saturating_sub(radius).min(length - 1)
    };
    let across: Vec<f64> = (0..channel.len())
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let taps = kernel.iter().enumerate();
            taps.map(|(i, k)| k * channel[y * width + near(x, i, width)])
                .sum()
        })
        .collect();
    (0..channel.len())
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let taps = kernel.iter().enumerate();
            taps.map(|(i, k)| k * across[near(y, i, height) * width + x])
                .sum()
        })
        .collect()
}

fn gaussian(sigma: f64, radius: i32) -> Vec<f64> {
    let weight = |at: i32| (-f64::from(at * at) / (2.0 * sigma * sigma)).exp();
    let sum: f64 = (-radius..=radius).map(weight).sum();
    (-radius..=radius).map(|at| weight(at) / sum).collect()
}

/// The blur by its definition, over colours times alpha.
fn blurred(image: &RgbaImage, sigma: f64) -> RgbaImage {
    #[expect(clippy::cast_possible_truncation)]
    let kernel = gaussian(sigma, (sigma * 6.0).ceil() as i32);
    let width = image.width() as usize;
    let channel = |at: usize| {
        let values = image.pixels().map(|pixel| {
            let alpha = f64::from(pixel[3]) / 255.0;
            f64::from(pixel[at]) * if at == 3 { 1.0 } else { alpha }
        });
        convolved(&values.collect::<Vec<_>>(), width, &kernel)
    };
    let channels = [0, 1, 2, 3].map(channel);
    let mut image = image.clone();
    for (at, pixel) in image.pixels_mut().enumerate() {
        let [r, g, b, alpha] = [0, 1, 2, 3].map(|channel: usize| channels[channel][at]);
        let over = (alpha / 255.0).max(1e-9);
        pixel.0 = [r / over, g / over, b / over, alpha].map(sample);
    }
    image
}

#[test]
fn what_goes_by_tables_is_its_formula() {
    let image = veil(40, 30);
    let contrast = |percent: f64| {
        let level = percent * 2.55;
        let factor = 259.0 * (level + 255.0) / (255.0 * (259.0 - level));
        move |value: f64| factor * (value - 128.0) + 128.0
    };
    let color = Color {
        alpha: 128,
        ..Color::opaque(200, 30, 90)
    };
    let cases = [
        (
            Step::Rgb {
                red: 20.0,
                green: -35.5,
                blue: 100.0,
            },
            each_color(&image, |[r, g, b]| [r + 51.0, g - 90.525, b + 255.0]),
        ),
        (Step::Contrast(40.0), each_sample(&image, contrast(40.0))),
        (
            Step::Contrast(-100.0),
            each_sample(&image, contrast(-100.0)),
        ),
        (Step::Contrast(1e9), each_sample(&image, contrast(100.0))),
        (Step::Negate, each_sample(&image, |value| 255.0 - value)),
        (
            Step::Gamma(2.2),
            each_sample(&image, |value| (value / 255.0).powf(1.0 / 2.2) * 255.0),
        ),
        (
            Step::Colorize { color, amount: 0.5 },
            each_color(&image, |[r, g, b]| {
                let mix = |from: f64, to: f64| from + (to - from) * 0.5 * 128.0 / 255.0;
                [mix(r, 200.0), mix(g, 30.0), mix(b, 90.0)]
            }),
        ),
    ];
    for (step, expected) in cases {
        let error = max_error(&filtered(&image, step.clone()), &expected);
        assert!(error <= 1, "{step:?}: {error}");
    }
}

#[test]
fn greys_are_those_of_luminance() {
    let image = veil(40, 30);
    let gray = |[r, g, b]: [f64; 3]| {
        let [r, g, b] = [r, g, b].map(light);
        [encoded(0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b); 3]
    };
    let expected = each_color(&image, gray);
    let actual = filtered(&image, Step::Grayscale);
    assert!(max_error(&actual, &expected) <= 1);
    let bytes = render(&png(&image), &to_png([Step::Grayscale])).bytes;
    assert!(is_gray(&decoded(&bytes)));

    let expected = each_sample(&actual, |value| if value >= 120.0 { 255.0 } else { 0.0 });
    let error = max_error(&filtered(&image, Step::Threshold(120)), &expected);
    assert_eq!(error, 0);

    let tint = Color::opaque(240, 120, 20);
    let [_, a, b] = to_lab([240.0, 120.0, 20.0]);
    let expected = each_color(&image, |color| {
        let [l, ..] = to_lab(color);
        from_lab([l, a, b])
    });
    // The lightness has gone through 256 greys.
    let error = max_error(&filtered(&image, Step::Tint(tint)), &expected);
    assert!(error <= 2, "{error}");
}

#[test]
fn lightness_chroma_and_hue_are_changed_in_lch() {
    let image = veil(48, 36);
    let cases = [
        (1.3, 1.0, 0.0),
        (0.5, 1.0, 0.0),
        (1.0, 2.0, 0.0),
        (1.0, 0.0, 0.0),
        (1.0, 1.0, 90.0),
        (1.0, 1.0, -200.0),
        (1.1, 0.7, 725.0),
    ];
    for (lightness, saturation, hue) in cases as [(f64, f64, f64); 7] {
        let expected = each_color(&image, |color| {
            let [l, a, b] = to_lab(color);
            let (chroma, angle) = (a.hypot(b) * saturation, b.atan2(a) + hue.to_radians());
            from_lab([l * lightness, chroma * angle.cos(), chroma * angle.sin()])
        });
        let modulation = Modulation {
            lightness,
            saturation,
            hue,
        };
        let actual = filtered(&image, Step::Modulate(modulation));
        let error = max_error(&actual, &expected);
        assert!(error <= 1, "{modulation:?}: {error}");
    }
}

#[test]
fn normalizing_stretches_between_the_outer_percents() {
    let image = each_sample(&noise(60, 40), |value| 60.0 + value / 4.0);
    let mut lightness: Vec<f64> = image
        .pixels()
        .map(|pixel| to_lab([pixel[0], pixel[1], pixel[2]].map(f64::from))[0])
        .collect();
    lightness.sort_by(f64::total_cmp);
    let (low, high) = (lightness[24], lightness[60 * 40 * 99 / 100]);
    let expected = each_color(&image, |color| {
        let [l, a, b] = to_lab(color);
        from_lab([(l - low) * 100.0 / (high - low), a, b])
    });
    let actual = filtered(&image, Step::Normalize);
    // The ends are of 256 greys.
    let error = max_error(&actual, &expected);
    assert!(error <= 4, "{error}");
}

#[test]
fn a_blur_is_its_definition() {
    // Sizes, sigmas, and by how much a sample may be off.
    let cases = [
        (41, 29, 0.4, 1),
        (41, 29, 1.0, 1),
        (41, 29, 2.5, 1),
        (41, 29, 4.0, 1),
        (64, 48, 4.2, 3),
        (64, 47, 6.0, 3),
        (63, 49, 9.0, 3),
        (96, 64, 17.0, 3),
    ];
    for (width, height, sigma, most) in cases {
        let image = noise(width, height);
        let error = max_error(
            &filtered(&image, Step::Blur { sigma }),
            &blurred(&image, sigma),
        );
        assert!(error <= most, "sigma {sigma}: {error}");
    }
}

#[test]
fn hidden_colors_do_not_bleed_into_a_blur() {
    for (sigma, most) in [(1.5, 1), (3.0, 1), (7.0, 3)] {
        let image = veil(40, 30);
        let actual = filtered(&image, Step::Blur { sigma });
        let expected = blurred(&image, sigma);
        let error = max_error(&actual, &expected);
        assert!(error <= most, "sigma {sigma}: {error}");
    }
}

#[test]
fn a_blur_without_end_is_flat_and_does_not_darken() {
    let image = RgbaImage::from_pixel(50, 20, Rgba([201, 3, 77, 255]));
    for sigma in [0.1, 0.7, 3.0, 5.0, 40.0, 1e6, f64::INFINITY] {
        assert_eq!(filtered(&image, Step::Blur { sigma }), image, "{sigma}");
    }
    let far = filtered(&noise(64, 48), Step::Blur { sigma: 1e6 });
    let [first, ..] = far.get_pixel(0, 0).0;
    assert!(far.pixels().all(|pixel| pixel[0].abs_diff(first) < 12));
}

#[test]
fn sharpening_is_libvips() {
    let image = veil(48, 36);
    let width = image.width() as usize;
    let labs: Vec<[f64; 3]> = image
        .pixels()
        .map(|pixel| to_lab([pixel[0], pixel[1], pixel[2]].map(f64::from)))
        .collect();
    let plain: Vec<f64> = labs.iter().map(|lab| lab[0]).collect();
    // To where a weight is less than a tenth.
    for (sharpen, radius) in [
        (Sharpen::by(1.0), 2),
        (
            Sharpen {
                flat: 0.5,
                jagged: 2.0,
                threshold: 5.0,
                ..Sharpen::by(2.0)
            },
            4,
        ),
    ] {
        let blurred = convolved(&plain, width, &gaussian(sharpen.sigma, radius));
        let mut expected = image.clone();
        for (at, pixel) in expected.pixels_mut().enumerate() {
            let difference = plain[at] - blurred[at];
            let small = difference.clamp(-sharpen.threshold, sharpen.threshold);
            let added = small * sharpen.flat + (difference - small) * sharpen.jagged;
            let added = added.clamp(-sharpen.max_darken, sharpen.max_brighten);
            let [_, a, b] = labs[at];
            let color = from_lab([(plain[at] + added).clamp(0.0, 100.0), a, b]);
            for (to, from) in pixel.0.iter_mut().zip(color) {
                *to = sample(from);
            }
        }
        let error = max_error(&filtered(&image, Step::Sharpen(sharpen)), &expected);
        assert!(error <= 2, "{sharpen:?}: {error}");
    }
}

#[test]
fn an_unsharp_mask_is_its_definition() {
    let image = noise(48, 36);
    let mask = UnsharpMask {
        radius: 0.0,
        sigma: 1.5,
        amount: 0.8,
        threshold: 0.05,
    };
    let smooth = blurred(&image, 1.5);
    let mut expected = image.clone();
    let mut near = 0;
    for (to, blurred) in expected.iter_mut().zip(smooth.iter()) {
        let (value, blurred) = (f64::from(*to), f64::from(*blurred));
        near += u32::from(((value - blurred).abs() - 12.75).abs() < 1.5);
        if (value - blurred).abs() >= 12.75 {
            *to = sample(value + 0.8 * (value - blurred));
        }
    }
    let actual = filtered(&image, Step::UnsharpMask(mask));
    let differences = actual.iter().zip(expected.iter());
    let off = differences.filter(|(a, b)| a.abs_diff(**b) > 2).count();
    // A difference that is at the threshold may fall to either side.
    assert!(off <= near as usize / 2, "{off} of {near}");

    // A window of 1 makes of any sigma a mean of three by three, all but.
    let narrow = |radius, sigma| {
        let mask = UnsharpMask {
            radius,
            sigma,
            amount: 1.0,
            threshold: 0.0,
        };
        filtered(&image, Step::UnsharpMask(mask))
    };
    let error = psnr(&narrow(1.0, 100.0), &narrow(0.0, 0.816));
    assert!(error > 30.0, "{error}");
}

#[test]
fn a_median_is_the_middle_of_what_is_sorted() {
    let image = veil(23, 17);
    for size in [2_u32, 3, 4, 5, 7, 10, 15, 40] {
        let window = i64::from(size.min(15));
        let mut expected = image.clone();
        for (x, y, pixel) in expected.enumerate_pixels_mut() {
            for channel in 0..3 {
                let mut values = Vec::new();
                for down in 0..window {
                    for across in 0..window {
                        let x = (i64::from(x) + across - window / 2).clamp(0, 22);
                        let y = (i64::from(y) + down - window / 2).clamp(0, 16);
                        let (x, y) = (u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
                        values.push(image.get_pixel(x, y)[channel]);
                    }
                }
                values.sort_unstable();
                pixel[channel] = values[values.len() / 2];
            }
        }
        assert_eq!(
            filtered(&image, Step::Median { size }),
            expected,
            "size {size}"
        );
    }
}

#[test]
fn pixels_become_squares_of_their_mean() {
    let image = veil(26, 19);
    for (size, whole, width, height) in [
        (5, false, 26, 19),
        (5, true, 25, 20),
        (19, false, 26, 19),
        (100, true, 100, 100),
    ] {
        let actual = filtered(&image, Step::Pixelate { size, whole });
        assert_eq!(actual.dimensions(), (width, height), "{size}");
        let part = |square: u32, of: u32, to: u32| {
            if of == to {
                (square * size, ((square + 1) * size).min(of))
            } else {
                (square * of / (to / size), (square + 1) * of / (to / size))
            }
        };
        for (x, y, pixel) in actual.enumerate_pixels() {
            let (left, right) = part(x / size, 26, width);
            let (top, bottom) = part(y / size, 19, height);
            let mut sums = [0.0; 4];
            for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
                let [r, g, b, alpha] = image.get_pixel(x, y).0.map(f64::from);
                for (sum, value) in sums.iter_mut().zip([r, g, b, 1.0]) {
                    *sum += value * alpha;
                }
            }
            let [r, g, b, alpha] = sums;
            let pixels = f64::from((right - left) * (bottom - top));
            let expected = [r / alpha, g / alpha, b / alpha, alpha / pixels].map(sample);
            for (actual, expected) in pixel.0.iter().zip(expected) {
                assert!(actual.abs_diff(expected) <= 1, "{size} at {x}, {y}");
            }
        }
    }
}

#[test]
fn a_color_is_replaced_where_it_is_near() {
    let image = scene(40, 30);
    let (from, to) = (Color::opaque(100, 120, 110), Color::opaque(1, 2, 3));
    let step = |from, tolerance, to| {
        Step::ReplaceColor(ReplaceColor {
            to,
            tolerance,
            from,
        })
    };
    let expected = each(&image, |[r, g, b, alpha]| {
        let square = (r - 100.0).powi(2) + (g - 120.0).powi(2) + (b - 110.0).powi(2);
        if square.sqrt() <= 0.1 * 3.0_f64.sqrt() * 255.0 {
            [1.0, 2.0, 3.0, alpha]
        } else {
            [r, g, b, alpha]
        }
    });
    assert_ne!(expected, image);
    assert_eq!(filtered(&image, step(Some(from), 10.0, to)), expected);
    assert_eq!(filtered(&image, step(Some(from), f64::NAN, to)), image);

    // The dominant colour of a card with a dot; what replaces it lets it be seen through.
    let mut card = RgbaImage::from_pixel(20, 20, Rgba([250, 240, 0, 255]));
    card.put_pixel(3, 4, Rgba([0, 0, 255, 255]));
    let glass = Color { alpha: 0, ..to };
    let rgb = file(
        &DynamicImage::ImageRgba8(card).to_rgb8().into(),
        ImageFormat::Png,
    );
    let actual = decoded(&render(&rgb, &to_png([step(None, 1.0, glass)])).bytes);
    // A palette has one colour that cannot be seen.
    assert_eq!(actual.get_pixel(0, 0).0[3], 0);
    assert_eq!(actual.get_pixel(3, 4).0, [0, 0, 255, 255]);
}

#[test]
fn every_layout_gives_the_same_picture() {
    let noise = noise(33, 20);
    let gray = DynamicImage::from(GrayImage::from_fn(33, 20, |x, y| {
        image::Luma([noise.get_pixel(x, y)[1]])
    }));
    let rgb = DynamicImage::from(RgbImage::from_fn(33, 20, |x, y| {
        let [r, g, b, _] = noise.get_pixel(x, y).0;
        image::Rgb([r, g, b])
    }));
    for step in steps(2.0) {
        for image in [&gray, &rgb] {
            let one =
                decoded(&render(&file(image, ImageFormat::Png), &to_png([step.clone()])).bytes);
            let four = filtered(&image.to_rgba8(), step.clone());
            assert!(max_error(&one, &four) <= 1, "{step:?} {:?}", image.color());
        }
    }
}

/// Every filter, with this for each of its numbers.
fn steps(value: f64) -> Vec<Step> {
    vec![
        Step::Blur { sigma: value },
        Step::Sharpen(Sharpen {
            sigma: value,
            flat: value,
            jagged: value,
            threshold: value,
            max_brighten: value,
            max_darken: value,
        }),
        Step::UnsharpMask(UnsharpMask {
            radius: value,
            sigma: value,
            amount: value,
            threshold: value / 100.0,
        }),
        Step::Rgb {
            red: value,
            green: -value,
            blue: value,
        },
        Step::Contrast(value),
        Step::Modulate(Modulation {
            lightness: value,
            saturation: value,
            hue: value,
        }),
        Step::Colorize {
            color: Color::opaque(9, 99, 199),
            amount: value / 5.0,
        },
        Step::Gamma(value),
        Step::ReplaceColor(ReplaceColor {
            to: Color::TRANSPARENT,
            tolerance: value,
            from: None,
        }),
        Step::Median { size: 3 },
        Step::Median { size: 6 },
        Step::Negate,
        Step::Normalize,
        Step::Grayscale,
        Step::Threshold(90),
        Step::Tint(Color::opaque(250, 10, 10)),
        Step::Pixelate {
            size: 4,
            whole: false,
        },
    ]
}

#[test]
fn no_argument_is_too_wild() {
    let wild = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        -0.0,
        -1.0,
        1e-30,
        1e6,
    ];
    for (width, height) in [(1, 1), (1, 30), (17, 2)] {
        let source = png(&veil(width, height));
        for value in wild {
            let all = steps(value);
            for step in all {
                let rendered = render(&source, &to_png([step.clone()]));
                assert_eq!(
                    (rendered.width, rendered.height),
                    (width, height),
                    "{step:?}"
                );
            }
        }
    }
    for size in [0, 1, u32::MAX] {
        render(&png(&veil(9, 8)), &to_png([Step::Median { size }]));
    }
    let step = Step::Pixelate {
        size: u32::MAX,
        whole: true,
    };
    let error = refusal(&png(&veil(9, 8)), &to_png([step]));
    assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
}

#[test]
fn neutral_arguments_leave_the_picture_as_it_is() {
    let image = veil(31, 22);
    let neutral = [
        Step::Blur { sigma: 0.0 },
        Step::Blur { sigma: -3.0 },
        Step::Blur { sigma: f64::NAN },
        Step::Sharpen(Sharpen::by(0.0)),
        Step::Sharpen(Sharpen {
            jagged: 0.0,
            ..Sharpen::by(2.0)
        }),
        Step::UnsharpMask(UnsharpMask {
            radius: 0.0,
            sigma: 2.0,
            amount: 0.0,
            threshold: 0.0,
        }),
        Step::Median { size: 1 },
        Step::Rgb {
            red: 0.0,
            green: f64::NAN,
            blue: -0.0,
        },
        Step::Contrast(0.0),
        Step::Modulate(Modulation::default()),
        Step::Modulate(Modulation {
            hue: -720.0,
            ..Modulation::default()
        }),
        Step::Colorize {
            color: Color::WHITE,
            amount: 0.0,
        },
        Step::Gamma(1.0),
        Step::Gamma(0.0),
        Step::Pixelate {
            size: 1,
            whole: true,
        },
    ];
    for step in neutral {
        assert_eq!(filtered(&image, step.clone()), image, "{step:?}");
    }
    let flat = RgbaImage::from_pixel(9, 9, Rgba([90, 90, 90, 255]));
    assert_eq!(filtered(&flat, Step::Normalize), flat);
    let twice = filtered(&filtered(&image, Step::Negate), Step::Negate);
    assert_eq!(twice, image);
}
