use super::super::encode::{WebPOptions, encode_picture, encode_planar, rgba};
use super::super::mux::Metadata;
use super::super::studio;
use super::*;
use crate::engine::{Planar, Plane, RenderErrorKind};

const LAYOUTS: [Layout; 4] = [Layout::Gray, Layout::GrayAlpha, Layout::Rgb, Layout::Rgba];

#[test]
fn every_layout_is_written() {
    for (width, height) in [(1, 1), (1, 2), (3, 1), (16, 16), (41, 29)] {
        for layout in LAYOUTS {
            let picture = scene(width, height, layout);
            let expected = rgba(&picture);
            let lossless = WebPOptions {
                lossless: true,
                exact: true,
                ..WebPOptions::default()
            };
            let file = encode_picture(&picture, &lossless).unwrap();
            let (w, h, read) = decoded(&file);
            assert_eq!((w, h), (width, height));
            assert!(read == *expected, "lossless {layout:?} {width}x{height}");

            let lossy = WebPOptions {
                quality: 95,
                ..WebPOptions::default()
            };
            let file = encode_picture(&picture, &lossy).unwrap();
            let (w, h, read) = decoded(&file);
            assert_eq!((w, h), (width, height));
            let alpha =
                |data: &[u8]| -> Vec<u8> { data.iter().skip(3).step_by(4).copied().collect() };
            assert_eq!(alpha(&read), alpha(&expected), "{layout:?}");
            // Chroma of half the size is coarse in tiny pictures.
            let bound = if width.min(height) < 16 { 20.0 } else { 35.0 };
            let psnr = psnr(&read, &expected);
            assert!(psnr > bound, "{layout:?} {width}x{height}: {psnr}");
        }
    }
}

#[test]
fn the_studio_range_is_the_rounded_formula() {
    let full: Vec<u8> = (0..=255).collect();
    for (&from, to) in full.iter().zip(studio::luma(&full)) {
        let exact = 16.0 + f64::from(from) * 219.0 / 255.0;
        assert!(
            (f64::from(to) - exact).abs() <= 0.5,
            "{from}: {to}, {exact}"
        );
    }
    let plane = Plane::new(16, 16, full.clone()).unwrap();
    for (&from, to) in full.iter().zip(studio::chroma(&plane, (32, 32)).unwrap()) {
        let exact = 128.0 + (f64::from(from) - 128.0) * 224.0 / 255.0;
        assert!(
            (f64::from(to) - exact).abs() <= 0.5,
            "{from}: {to}, {exact}"
        );
    }
}

#[test]
fn chroma_of_any_size_becomes_that_of_half_the_size() {
    // A ramp to the right, so that the middle of each sample is where it should be.
    let ramp = |columns: u32, rows: u32, by: u32| {
        let row = (0..columns).map(|x| u8::try_from(28 + (2 * x + 1) * by).unwrap());
        let data = row.collect::<Vec<_>>().repeat(rows as usize);
        Plane::new(columns, rows, data).unwrap()
    };
    let (width, height) = (32, 12);
    let expected = studio::chroma(&ramp(16, 6, 4), (width, height)).unwrap();
    for (columns, rows, by) in [(32, 12, 2), (32, 6, 2), (16, 12, 4), (8, 6, 8), (8, 3, 8)] {
        let chroma = studio::chroma(&ramp(columns, rows, by), (width, height)).unwrap();
        assert_eq!(chroma.len(), expected.len());
        for (at, (&got, &expected)) in chroma.iter().zip(&expected).enumerate() {
            // Where a coarser plane ends there is nothing to interpolate with.
            let edge = columns == 8 && matches!(at % 16, 0 | 15);
            let bound = if edge { 4 } else { 1 };
            assert!(got.abs_diff(expected) <= bound, "{columns}x{rows} at {at}");
        }
    }
}

/// The planes of a picture, by the formulas of JFIF, of chroma divided by so much.
fn planar(picture: &Picture, by: u32) -> Planar {
    let (width, height) = (picture.width(), picture.height());
    let at = |x: u32, y: u32, weights: [f64; 3], zero: f64| {
        let index = (y.min(height - 1) * width + x.min(width - 1)) as usize * 3;
        let rgb = picture.data()[index..index + 3].iter();
        let sum = rgb.zip(weights).map(|(&c, weight)| f64::from(c) * weight);
        sum.sum::<f64>() + zero
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let plane = |by: u32, weights: [f64; 3], zero: f64| {
        let (columns, rows) = (width.div_ceil(by), height.div_ceil(by));
        let mut data = Vec::new();
        for y in 0..rows {
            for x in 0..columns {
                let all = (0..by * by).map(|i| at(x * by + i % by, y * by + i / by, weights, zero));
                data.push((all.sum::<f64>() / f64::from(by * by)).round().min(255.0) as u8);
            }
        }
        Plane::new(columns, rows, data).unwrap()
    };
    Planar::new(
        plane(1, [0.299, 0.587, 0.114], 0.0),
        plane(by, [-0.168_736, -0.331_264, 0.5], 128.0),
        plane(by, [0.5, -0.418_688, -0.081_312], 128.0),
    )
    .unwrap()
}

#[test]
fn planes_are_written_as_the_picture_that_they_are() {
    let options = WebPOptions {
        quality: 95,
        ..WebPOptions::default()
    };
    for (width, height) in [(1, 1), (2, 3), (16, 16), (45, 31)] {
        let picture = scene(width, height, Layout::Rgb);
        for by in [1, 2, 4] {
            let file = encode_planar(&planar(&picture, by), &options).unwrap();
            let (w, h, read) = decoded(&file);
            assert_eq!((w, h), (width, height));
            let bound = if width < 16 { 18.0 } else { 34.0 };
            let psnr = psnr(&read, &rgba(&picture));
            assert!(psnr > bound, "{width}x{height} by {by}: {psnr}");
        }
        let gray = scene(width, height, Layout::Gray);
        let plane = Plane::new(width, height, gray.data().to_vec()).unwrap();
        let file = encode_planar(&Planar::gray(plane), &options).unwrap();
        let psnr = psnr(&decoded(&file).2, &rgba(&gray));
        assert!(psnr > 38.0, "gray {width}x{height}: {psnr}");
    }
}

#[test]
fn metadata_comes_with_every_kind_of_picture() {
    let metadata = Metadata {
        icc: Some(b"profile"),
        exif: Some(b"II*\0odd"),
        xmp: Some(b"<x/>"),
    };
    let parts = [
        metadata,
        Metadata {
            icc: None,
            exif: None,
            ..metadata
        },
        Metadata {
            xmp: None,
            ..metadata
        },
    ];
    for metadata in parts {
        for lossless in [false, true] {
            for layout in LAYOUTS {
                let options = WebPOptions {
                    lossless,
                    exact: true,
                    metadata,
                    ..WebPOptions::default()
                };
                let picture = scene(21, 13, layout);
                let file = encode_picture(&picture, &options).unwrap();
                let mut decoder = decoder(&file);
                assert_eq!(decoder.icc_profile().unwrap().as_deref(), metadata.icc);
                assert_eq!(decoder.exif_metadata().unwrap().as_deref(), metadata.exif);
                assert_eq!(decoder.xmp_metadata().unwrap().as_deref(), metadata.xmp);
                assert_eq!(decoder.has_alpha(), layout.has_alpha());
                assert_eq!(file.len() % 2, 0);

                let plain = WebPOptions {
                    metadata: Metadata::default(),
                    ..options
                };
                let plain = encode_picture(&picture, &plain).unwrap();
                assert_eq!(decoded(&file), decoded(&plain), "{layout:?}");
            }
        }
    }
}

#[test]
fn the_size_ends_at_16383() {
    for (width, height, written) in [(16_383, 1, true), (1, 16_384, false), (16_384, 1, false)] {
        for lossless in [false, true] {
            let picture = scene(width, height, Layout::Rgb);
            let options = WebPOptions {
                lossless,
                ..WebPOptions::default()
            };
            match encode_picture(&picture, &options) {
                Ok(file) => assert!(written && decoded(&file).0 == width),
                Err(error) => {
                    assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
                    assert!(!written, "{error}");
                }
            }
        }
    }
}

#[test]
fn the_quality_of_each_effort_is_in_order() {
    let at = |quality, effort| {
        let options = WebPOptions {
            quality,
            effort: Some(effort),
            ..WebPOptions::default()
        };
        options.config().quality
    };
    for quality in 0..100 {
        assert!(at(quality, 2) < at(quality + 1, 2), "{quality}");
        assert!((at(quality, 4) - f32::from(quality)).abs() < 1e-6);
        assert!((0.0..=f32::from(quality)).contains(&at(quality, 2)));
    }
    assert!((at(100, 2) - 100.0).abs() < 1e-6);
}

#[test]
fn near_lossless_is_smaller_than_lossless() {
    let mut picture = scene(64, 64, Layout::Rgb).data().to_vec();
    let mut noise = 1u32;
    for sample in &mut picture {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = sample.saturating_add((noise >> 28) as u8);
    }
    let picture = Picture::new(64, 64, Layout::Rgb, picture).unwrap();
    let size = |near_lossless| {
        let options = WebPOptions {
            lossless: true,
            near_lossless,
            ..WebPOptions::default()
        };
        encode_picture(&picture, &options).unwrap().len()
    };
    assert!(size(40) < size(100));
}
