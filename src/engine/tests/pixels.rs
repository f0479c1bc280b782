//! Geometry and arithmetic of pixels.

use std::f64::consts::PI;

use image::imageops;
use proptest::prelude::*;

use super::*;

/// Lanczos with three lobes, premultiplied, in floating point.
fn lanczos(image: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    fn weights(length: u32, target: u32) -> Vec<Vec<(u32, f64)>> {
        let scale = f64::from(length) / f64::from(target);
        let stretch = scale.max(1.0);
        let kernel = |x: f64| match x.abs() {
            x if x < 1e-9 => 1.0,
            x if x < 3.0 => 3.0 * (PI * x).sin() * (PI * x / 3.0).sin() / (PI * x).powi(2),
            _ => 0.0,
        };
        (0..target)
            .map(|at| {
                let center = (f64::from(at) + 0.5) * scale - 0.5;
                let weight = |from: u32| kernel((f64::from(from) - center) / stretch);
                let sum: f64 = (0..length).map(weight).sum();
                (0..length).map(|from| (from, weight(from) / sum)).collect()
            })
            .collect()
    }

    let columns = weights(image.width(), width);
    let rows = weights(image.height(), height);
    RgbaImage::from_fn(width, height, |x, y| {
        let mut sums = [0.0; 4];
        for &(row, row_weight) in &rows[y as usize] {
            for &(column, column_weight) in &columns[x as usize] {
                let Rgba([r, g, b, a]) = *image.get_pixel(column, row);
                let weight = row_weight * column_weight;
                let alpha = weight * f64::from(a);
                for (sum, color) in sums.iter_mut().zip([r, g, b]) {
                    *sum += alpha * f64::from(color) / 255.0;
                }
                sums[3] += alpha;
            }
        }
        let [r, g, b, a] = sums;
        let color = |sum: f64| sample(sum * 255.0 / a.max(1e-9));
        Rgba([color(r), color(g), color(b), sample(a)])
    })
}

#[test]
fn resizing_is_lanczos() {
    // Of middling contrast: overshoots that the first pass has to clip are not the filter's business.
    let noise = RgbaImage::from_fn(24, 18, |x, y| {
        let at = |seed: u32| {
            let hash = (x * 7 + y * 13 + seed).wrapping_mul(2_654_435_761);
            u8::try_from(64 + (hash >> 25)).unwrap()
        };
        Rgba([at(1), at(2), at(3), 255])
    });
    for (image, width, height) in [
        (&noise, 12, 9),
        (&noise, 7, 5),
        (&noise, 31, 40),
        (&noise, 24, 6),
        (&scene(60, 40), 20, 13),
    ] {
        let recipe = to_size(ResizeMode::Force, width, height);
        let engine = Engine::default().linear(false);
        let ours = engine.render(&[&png(image)], &recipe).unwrap();
        let error = max_error(&decoded(&ours.bytes), &lanczos(image, width, height));
        assert!(error <= 2, "{width} x {height}: an error of {error}");
    }
}

#[test]
fn what_is_cut_off_is_only_cut_off() {
    // 60 x 40 covers 20 x 20 as 30 x 20, from which the columns 5 to 25 are kept.
    let image = scene(60, 40);
    let ours = decoded(&render(&png(&image), &to_size(ResizeMode::Fill, 20, 20)).bytes);
    let scaled = lanczos(&image, 30, 20);
    let cut = imageops::crop_imm(&scaled, 5, 0, 20, 20).to_image();
    assert!(max_error(&ours, &cut) <= 2);
}

#[test]
fn what_is_cropped_away_does_not_bleed_in() {
    let image = RgbaImage::from_fn(40, 40, |x, _| {
        Rgba(if x < 20 {
            [0, 0, 0, 255]
        } else {
            [255, 255, 255, 255]
        })
    });
    let crop = Crop {
        left: 0.0,
        top: 0.0,
        right: 20.0,
        bottom: 40.0,
        unit: Unit::Pixels,
        one_short: false,
    };
    let recipe = to_png([Step::Crop(crop), resize(ResizeMode::Force, 7, 9)]);
    let ours = decoded(&render(&png(&image), &recipe).bytes);
    assert!(ours.pixels().all(|pixel| pixel.0 == [0, 0, 0, 255]));
}

#[test]
fn the_colour_of_transparent_pixels_does_not_bleed_in() {
    // Opaque red beside transparent green: whatever is visible afterwards is red.
    let image = RgbaImage::from_fn(40, 40, |x, _| {
        Rgba(if x < 17 {
            [255, 0, 0, 255]
        } else {
            [0, 255, 0, 0]
        })
    });
    let ours = decoded(&render(&png(&image), &to_size(ResizeMode::Force, 9, 9)).bytes);
    for Rgba([r, g, _, a]) in ours.pixels() {
        // At a low alpha, 8 bits of premultiplied colour leave little of it.
        assert!(*a < 16 || (*r >= 250 && *g <= 5), "{r} {g} at {a}");
    }
    assert!(ours.pixels().any(|pixel| (1..255).contains(&pixel[3])));
    let glass = glass(48, 32);
    let ours = decoded(&render(&png(&glass), &to_size(ResizeMode::Force, 20, 20)).bytes);
    assert!(max_error(&ours, &lanczos(&glass, 20, 20)) <= 4);
}

#[test]
fn grey_with_alpha_is_resized_as_colours_are() {
    let grey = DynamicImage::from(glass(30, 30)).to_luma_alpha8();
    let source = file(&grey.clone().into(), ImageFormat::Png);
    let rendered = render(&source, &to_size(ResizeMode::Force, 10, 10));
    let expected = lanczos(&DynamicImage::from(grey).to_rgba8(), 10, 10);
    assert!(max_error(&decoded(&rendered.bytes), &expected) <= 4);
    assert_eq!(
        image::load_from_memory(&rendered.bytes).unwrap().color(),
        image::ColorType::La8
    );
}

#[test]
fn row_84_all_orientations_come_out_upright() {
    let image = scene(12, 8);
    for value in 1..=8 {
        let orientation = image::metadata::Orientation::from_exif(value).unwrap();
        let mut upright = DynamicImage::from(image.clone());
        upright.apply_orientation(orientation);
        for big_endian in [false, true] {
            let source = with_chunk(&png(&image), *b"eXIf", &exif(value.into(), big_endian));
            let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
            assert_eq!(ours, upright.to_rgba8(), "orientation {value}");
        }
    }
}

#[test]
fn row_84_orientation_with_crop_and_resize_and_flip() {
    // Whatever the stored pixels are: upright they are the same image, so the result is the same.
    let upright = scene(30, 20);
    let crop = Crop {
        left: 3.0,
        top: 1.0,
        right: 27.0,
        bottom: 17.0,
        unit: Unit::Pixels,
        one_short: false,
    };
    let resize = Resize {
        gravity: Gravity::anchor(Align::Start, Align::Center),
        ..Resize::to(9, 10, ResizeMode::Fill)
    };
    let flip = Step::Flip {
        horizontal: true,
        vertical: false,
    };
    let recipe = to_png([Step::Crop(crop), Step::Resize(resize), flip]);
    let expected = decoded(&render(&png(&upright), &recipe).bytes);
    for value in 1..=8_u8 {
        // The stored image is what turning back makes of the upright one.
        let back = match value {
            6 => 8,
            8 => 6,
            value => value,
        };
        let mut stored = DynamicImage::from(upright.clone());
        stored.apply_orientation(image::metadata::Orientation::from_exif(back).unwrap());
        let source = with_chunk(
            &png(&stored.to_rgba8()),
            *b"eXIf",
            &exif(value.into(), false),
        );
        let ours = decoded(&render(&source, &recipe).bytes);
        let error = max_error(&ours, &expected);
        assert!(error <= 1, "orientation {value}: an error of {error}");
    }
}

#[test]
fn row_84_an_invalid_orientation_is_none() {
    let image = scene(6, 4);
    let truncated = {
        let mut tiff = exif(6, false);
        tiff.truncate(17);
        tiff
    };
    let far_away = b"II*\0\xFF\xFF\xFF\xFF".to_vec();
    let endless = [&b"II*\0\x08\0\0\0\xFF\xFF"[..], &[0; 100]].concat();
    let as_long = {
        let mut tiff = exif(6, false);
        tiff[12] = 4;
        tiff
    };
    let cases = [0, 9, 256 + 6, 65_535].map(|value| exif(value, true));
    for tiff in
        cases
            .into_iter()
            .chain([truncated, far_away, endless, as_long, vec![], vec![0; 40]])
    {
        let source = with_chunk(&png(&image), *b"eXIf", &tiff);
        assert_eq!(
            decoded(&render(&source, &to_format(Format::Png)).bytes),
            image,
            "{tiff:?}"
        );
    }
}

#[test]
fn row_84_orientation_is_read_from_every_format() {
    let image = scene(12, 8);
    let jpeg = file(
        &DynamicImage::from(image.clone()).to_rgb8().into(),
        ImageFormat::Jpeg,
    );
    let marked = [b"Exif\0\0", &exif(6, true)[..]].concat();
    let lossless = file(&image.clone().into(), ImageFormat::WebP);
    let webp = |tiff: &[u8]| {
        riff(&[
            (b"VP8X", &canvas(0b1000, 12, 8)),
            (b"VP8L", &lossless[20..]),
            (b"EXIF", tiff),
        ])
    };
    let sources = [
        ("jpeg", with_segments(&jpeg, &[(0xE1, &marked)])),
        ("png", with_chunk(&png(&image), *b"eXIf", &exif(6, true))),
        ("webp", webp(&exif(6, true))),
        ("webp with the mark", webp(&marked)),
    ];
    let expected = imageops::rotate90(&image);
    for (name, source) in sources {
        let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
        assert!(psnr(&ours, &expected) > 30.0, "{name}");
    }
}

#[test]
fn flips() {
    let image = scene(9, 6);
    for (horizontal, vertical) in [(true, false), (false, true), (true, true)] {
        let recipe = to_png([Step::Flip {
            horizontal,
            vertical,
        }]);
        let mut expected = image.clone();
        if horizontal {
            expected = imageops::flip_horizontal(&expected);
        }
        if vertical {
            expected = imageops::flip_vertical(&expected);
        }
        assert_eq!(decoded(&render(&png(&image), &recipe).bytes), expected);
    }
}

proptest! {
    #[test]
    fn every_plan_can_be_carried_out(
        source in (1..40_u32, 1..40_u32),
        tag in 1..=8_u16,
        edges: Option<[u8; 4]>,
        target in (0..60_u32, 0..60_u32),
        mode in prop::sample::select(vec![ResizeMode::Fit, ResizeMode::Cover, ResizeMode::Fill, ResizeMode::Force]),
        align in prop::sample::select(vec![Align::Start, Align::Center, Align::End]),
        enlarge: bool,
        flip_horizontal: bool,
    ) {
        let (width, height) = source;
        let crop = edges.map(|edges| {
            let [left, top, right, bottom] = edges.map(|edge| f64::from(edge) / 200.0);
            Step::Crop(Crop { left, top, right, bottom, unit: Unit::Fraction, one_short: enlarge })
        });
        let resize = Step::Resize(Resize {
            enlarge,
            gravity: Gravity::anchor(align, align),
            ..Resize::to(target.0, target.1, mode)
        });
        let flip = Step::Flip { horizontal: flip_horizontal, vertical: false };
        let recipe = to_png(crop.into_iter().chain([resize, flip]));
        let grey = DynamicImage::from(scene(width, height)).to_luma8();
        let source = with_chunk(&file(&grey.into(), ImageFormat::Png), *b"eXIf", &exif(tag, false));
        let engine = Engine::default();
        let upright = engine.probe(&source).unwrap().upright_size();
        if let Ok(plan) = plan::plan(upright, &recipe.steps, &Limits::default()) {
            let rendered = engine.render(&[&source], &recipe).unwrap();
            prop_assert_eq!((rendered.width, rendered.height), (plan.size.width, plan.size.height));
            prop_assert_eq!(decoded(&rendered.bytes).dimensions(), (plan.size.width, plan.size.height));
        }
    }
}
