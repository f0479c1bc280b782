//! What goes in and out.

use ::png::{BitDepth, ColorType};
use moxcms::{ColorProfile, ToneReprCurve};

use super::*;

const WRITTEN: [Format; 3] = [Format::Jpeg, Format::Png, Format::WebP];

#[test]
fn every_format_becomes_every_other() {
    let opaque = DynamicImage::from(scene(33, 21)).to_rgb8();
    let kinds = [
        ("rgb", DynamicImage::from(opaque.clone())),
        ("grey", DynamicImage::from(opaque).to_luma8().into()),
        ("rgba", glass(33, 21).into()),
        (
            "grey and alpha",
            DynamicImage::from(glass(33, 21)).to_luma_alpha8().into(),
        ),
    ];
    for (name, image) in kinds {
        for from in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            if from == ImageFormat::Jpeg && image.color().has_alpha() {
                continue;
            }
            let source = file(&image, from);
            for to in WRITTEN {
                let rendered = render(&source, &to_format(to));
                assert_eq!(rendered.format, to);
                assert_eq!(
                    Codecs::new().for_source(&rendered.bytes).unwrap().format(),
                    to
                );
                let mut expected = decoded(&source);
                let case = format!("{name}, {from:?} to {to}");
                if to == Format::Jpeg {
                    for Rgba([color @ .., alpha]) in expected.pixels_mut() {
                        for color in color {
                            *color = sample(f64::from(*color) * f64::from(*alpha) / 255.0);
                        }
                        *alpha = 255;
                    }
                    let psnr = psnr(&decoded(&rendered.bytes), &expected);
                    assert!(psnr > 33.0, "{case}: {psnr} dB");
                } else if from == ImageFormat::Jpeg {
                    // Decoders differ in how they round, and in how they enlarge chroma.
                    let psnr = psnr(&decoded(&rendered.bytes), &expected);
                    assert!(psnr > 40.0, "{case}: {psnr} dB");
                } else {
                    assert!(
                        max_error(&decoded(&rendered.bytes), &expected) <= 1,
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_format_stays_where_none_is_asked_for() {
    let image = DynamicImage::from(DynamicImage::from(scene(8, 8)).to_rgb8());
    for (from, to) in [
        (ImageFormat::Jpeg, Format::Jpeg),
        (ImageFormat::Png, Format::Png),
        (ImageFormat::WebP, Format::WebP),
    ] {
        assert_eq!(render(&file(&image, from), &Recipe::default()).format, to);
    }
}

/// A PNG of 4 by 2 pixels.
fn small_png(
    (color, depth): (ColorType, BitDepth),
    data: &[u8],
    (palette, transparent): (&[u8], &[u8]),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, 4, 2);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if !palette.is_empty() {
        encoder.set_palette(palette);
    }
    if !transparent.is_empty() {
        encoder.set_trns(transparent);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn every_kind_of_png_is_read() {
    use BitDepth::{Eight, Four, One, Sixteen, Two};
    use ColorType::{Grayscale, GrayscaleAlpha, Indexed, Rgb, Rgba};

    const NONE: (&[u8], &[u8]) = (&[], &[]);
    const PALETTE: &[u8] = &[10, 20, 30, 200, 100, 50, 0, 0, 255];
    let ramp: Vec<u8> = (0..64_u8).map(|at| at.wrapping_mul(29)).collect();
    let black_and_white = [0b1010_0000, 0b0110_0000];
    let rows: [((ColorType, BitDepth), &[u8], _); 11] = [
        ((Grayscale, One), &black_and_white, NONE),
        ((Grayscale, Two), &[0b0001_1011, 0b1110_0100], NONE),
        ((Grayscale, Four), &ramp[..4], NONE),
        ((Grayscale, Eight), &ramp[..8], (&[], &[0, 29])),
        ((Grayscale, Sixteen), &ramp[..16], NONE),
        ((GrayscaleAlpha, Sixteen), &ramp[..32], NONE),
        ((Rgb, Sixteen), &ramp[..48], NONE),
        ((Rgb, Eight), &ramp[..24], (&[], &[0, 0, 0, 29, 0, 58])),
        ((Rgba, Sixteen), &ramp, NONE),
        ((Indexed, Two), &[0b0001_1000, 0b1001_0000], (PALETTE, &[])),
        (
            (Indexed, Eight),
            &[0, 1, 2, 1, 2, 1, 0, 0],
            (PALETTE, &[0, 128]),
        ),
    ];
    for (kind, data, extras) in rows {
        let source = small_png(kind, data, extras);
        let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
        // 16 bits are cut to 8 here, and rounded there.
        assert!(max_error(&ours, &decoded(&source)) <= 1, "{kind:?}");
    }
}

#[test]
fn a_cmyk_jpeg_comes_out_right_or_not_at_all() {
    use jpeg_encoder::ColorType::{Cmyk, CmykAsYcck};
    use jpeg_encoder::SamplingFactor as Factor;

    let rows: [([u8; 4], [u8; 3]); 4] = [
        ([0, 255, 255, 0], [255, 0, 0]),
        ([255, 0, 0, 0], [0, 255, 255]),
        ([0, 0, 0, 255], [0, 0, 0]),
        ([0, 0, 0, 0], [255, 255, 255]),
    ];
    for (ink, color) in rows {
        for (kind, factor) in [
            (Cmyk, Factor::F_1_1),
            (CmykAsYcck, Factor::F_1_1),
            (CmykAsYcck, Factor::F_2_2),
        ] {
            let mut source = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut source, 95);
            encoder.set_sampling_factor(factor);
            encoder.encode(&ink.repeat(40 * 24), 40, 24, kind).unwrap();
            let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
            for pixel in ours.pixels() {
                let right = pixel.0.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 6);
                assert!(right, "{kind:?} {factor:?} {ink:?}: {pixel:?}");
            }
            // Without Adobe's mark nobody knows whether the inks are inverted.
            let at = source
                .windows(5)
                .position(|bytes| bytes == b"Adobe")
                .unwrap();
            source[at] = b'a';
            let error = refusal(&source, &to_format(Format::Png));
            assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
        }
    }
}

#[test]
fn a_refusal_says_which_format_is_meant() {
    let image = png(&scene(4, 4));
    let rows: [(&[u8], Recipe, &str); 5] = [
        (
            b"",
            Recipe::default(),
            "the source is not an image of a known format",
        ),
        (
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            Recipe::default(),
            "the source is not an image of a known format",
        ),
        (
            b"8BPS\0\x01\0\0\0\0\0\0\0\x03",
            Recipe::default(),
            "the source is not an image of a known format",
        ),
        (
            &image,
            to_format(Format::Avif),
            "avif is not a format that is written",
        ),
        (
            &image,
            to_format(Format::Ico),
            "ico is not a format that is written",
        ),
    ];
    for (source, recipe, reason) in rows {
        let error = refusal(source, &recipe);
        assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat, "{reason}");
        assert_eq!(error.to_string(), reason);
    }
}

#[test]
fn row_82_no_metadata_comes_out() {
    let jpeg = file(
        &DynamicImage::from(scene(16, 16)).to_rgb8().into(),
        ImageFormat::Jpeg,
    );
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let icc = [b"ICC_PROFILE\0\x01\x01", &profile[..]].concat();
    let exif = [b"Exif\0\0", &exif(3, true)[..], b"GPS: 52.5, 13.4"].concat();
    let jpeg = with_segments(
        &jpeg,
        &[
            (0xE1, &exif),
            (
                0xE1,
                b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>serial</x:xmpmeta>",
            ),
            (0xE2, &icc),
            (0xED, b"Photoshop 3.0\0caption"),
            (0xFE, b"a comment"),
        ],
    );
    let png = with_chunk(&png(&scene(16, 16)), *b"tEXt", b"Author\0somebody");
    let png = with_chunk(&png, *b"eXIf", &exif[6..]);
    let lossless = file(&scene(16, 16).into(), ImageFormat::WebP);
    let webp = riff(&[
        (b"VP8X", &canvas(0b0010_1100, 16, 16)),
        (b"ICCP", &profile),
        (b"VP8L", &lossless[20..]),
        (b"EXIF", &exif[6..]),
        (b"XMP ", b"<x:xmpmeta>serial</x:xmpmeta>"),
    ]);
    let codecs = Codecs::new();
    #[cfg(feature = "webp")]
    let codecs = codecs.with(LossyWebP);
    #[cfg(feature = "avif")]
    let codecs = codecs.with(Avif);
    let engine = Engine::new(codecs);
    let written = Format::ALL.iter().copied();
    for source in [jpeg, png, webp] {
        for format in written.clone().filter(|&format| engine.can_encode(format)) {
            let rendered = engine.render(&[&source], &to_format(format)).unwrap();
            let bytes = rendered.bytes;
            for secret in [
                "Exif",
                "eXIf",
                "EXIF",
                "GPS",
                "xmpmeta",
                "XMP",
                "ICC",
                "iCCP",
                "Photoshop",
                "comment",
                "somebody",
                "Author",
            ] {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in a {format}");
            }
        }
    }
}

/// A PNG of one colour, meant in a profile.
fn profiled(image: &DynamicImage, profile: &[u8]) -> Vec<u8> {
    let deflated = {
        // Stored blocks of deflate: a profile is short.
        let mut zlib = vec![0x78, 0x01, 0x01];
        let length = u16::try_from(profile.len()).unwrap();
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(profile);
        let (a, b) = profile.iter().fold((1_u32, 0_u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65_521;
            (a, (a + b) % 65_521)
        });
        zlib.extend((b << 16 | a).to_be_bytes());
        zlib
    };
    let payload = [b"icc\0\0", &deflated[..]].concat();
    with_chunk(&file(image, ImageFormat::Png), *b"iCCP", &payload)
}

fn srgb_to_linear(value: f64) -> f64 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn linear_to_srgb(value: f64) -> f64 {
    if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    }
}

#[test]
fn a_display_p3_photo_keeps_its_colours() {
    // Linear Display P3 to linear sRGB; both have the white point D65 and the same curve.
    const MATRIX: [[f64; 3]; 3] = [
        [1.224_94, -0.224_94, 0.0],
        [-0.042_06, 1.042_06, 0.0],
        [-0.019_64, -0.078_64, 1.098_27],
    ];
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    for color in [
        [200, 100, 50],
        [60, 160, 90],
        [128, 128, 128],
        [255, 0, 0],
        [30, 40, 200],
    ] {
        let linear = color.map(|value: u8| srgb_to_linear(f64::from(value) / 255.0));
        let expected = MATRIX.map(|row| {
            let value: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
            sample(linear_to_srgb(value.clamp(0.0, 1.0)) * 255.0)
        });
        let image = image::RgbImage::from_pixel(4, 4, image::Rgb(color));
        let source = profiled(&image.into(), &profile);
        let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
        let ours = ours.get_pixel(1, 1).0;
        let right = ours.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 2);
        assert!(right, "{color:?}: {ours:?}, not {expected:?}");
    }
}

#[test]
fn alpha_survives_a_profile() {
    let image = RgbaImage::from_pixel(4, 4, Rgba([200, 100, 50, 77]));
    let source = profiled(
        &image.into(),
        &ColorProfile::new_display_p3().encode().unwrap(),
    );
    let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
    assert_eq!(ours.get_pixel(0, 0)[3], 77);
    assert!(ours.get_pixel(0, 0)[0] > 205);
}

#[test]
fn grey_is_converted_by_a_grey_profile() {
    let profile = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    for value in [10, 60, 128, 200, 255] {
        let expected = linear_to_srgb((f64::from(value) / 255.0).powf(1.8)) * 255.0;
        let image = image::GrayImage::from_pixel(4, 4, image::Luma([value]));
        let ours =
            decoded(&render(&profiled(&image.into(), &profile), &to_format(Format::Png)).bytes);
        let ours = ours.get_pixel(0, 0)[0];
        assert!(
            (f64::from(ours) - expected).abs() <= 2.0,
            "{value}: {ours}, not {expected}"
        );
    }
}

#[test]
fn a_profile_that_does_not_fit_is_ignored() {
    let mut broken = ColorProfile::new_display_p3().encode().unwrap();
    broken.truncate(200);
    let gray = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    let mut no_curve = ColorProfile::new_display_p3();
    no_curve.red_trc = Some(ToneReprCurve::Lut(vec![]));
    let no_curve = no_curve.encode().unwrap_or_default();
    for profile in [broken, gray, b"no profile at all".to_vec(), vec![]] {
        let image = DynamicImage::from(scene(8, 8));
        let ours = decoded(&render(&profiled(&image, &profile), &to_format(Format::Png)).bytes);
        assert_eq!(ours, image.to_rgba8());
    }
    // Whatever it makes of this one, it makes a picture.
    render(
        &profiled(&scene(8, 8).into(), &no_curve),
        &to_format(Format::Png),
    );
}

#[cfg(feature = "webp")]
#[test]
fn lossy_webp_is_smaller_and_looks_alike() {
    let engine = Engine::new(Codecs::new().with(LossyWebP));
    let kinds = [
        DynamicImage::from(scene(64, 48)),
        DynamicImage::from(scene(64, 48)).to_luma8().into(),
        glass(64, 48).into(),
        DynamicImage::from(glass(64, 48)).to_luma_alpha8().into(),
    ];
    for image in kinds {
        let source = file(&image, ImageFormat::Png);
        let recipe = to_format(Format::WebP);
        let lossy = engine.render(&[&source], &recipe).unwrap();
        let expected = image.to_rgba8();
        assert!(
            psnr(&decoded(&lossy.bytes), &expected) > 30.0,
            "{:?}",
            image.color()
        );
        let mut worse = recipe;
        worse.output.quality = Some(10);
        assert!(engine.render(&[&source], &worse).unwrap().bytes.len() < lossy.bytes.len());
        // What it writes it reads.
        engine.render(&[&lossy.bytes], &Recipe::default()).unwrap();
    }
}
#[test]
fn every_subsampling_of_a_jpeg_comes_out_right() {
    use jpeg_encoder::SamplingFactor as Factor;

    let factors = [
        Factor::F_1_1,
        Factor::F_2_1,
        Factor::F_1_2,
        Factor::F_2_2,
        Factor::F_4_1,
        Factor::F_4_2,
        Factor::F_1_4,
        Factor::F_2_4,
    ];
    for factor in factors {
        for (width, height) in [(64, 48), (49, 33), (17, 71), (7, 5)] {
            let expected = scene(width, height);
            let pixels = DynamicImage::from(expected.clone()).to_rgb8();
            for (name, progressive, optimized) in [
                ("one scan", false, false),
                ("a scan a component", false, true),
                ("progressive", true, false),
            ] {
                let mut source = Vec::new();
                let mut encoder = jpeg_encoder::Encoder::new(&mut source, 90);
                encoder.set_sampling_factor(factor);
                encoder.set_progressive(progressive);
                encoder.set_optimized_huffman_tables(optimized);
                let size = [width, height].map(|side| u16::try_from(side).unwrap());
                encoder
                    .encode(&pixels, size[0], size[1], jpeg_encoder::ColorType::Rgb)
                    .unwrap();
                let case = format!("{factor:?}, {width} x {height}, {name}");
                let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
                let psnr = psnr(&ours, &expected);
                // Two samples of chroma do not tell the colours of seven columns.
                let least = if width < 10 { 20.0 } else { 30.0 };
                assert!(psnr > least, "{case}: {psnr} dB");
            }
        }
    }
}

#[test]
fn the_sampling_factor_of_a_grey_jpeg_means_nothing() {
    let grey = DynamicImage::from(scene(49, 33)).to_luma8();
    let mut source = file(&grey.clone().into(), ImageFormat::Jpeg);
    let frame = source
        .windows(2)
        .position(|bytes| bytes == [0xFF, 0xC0])
        .unwrap();
    assert_eq!(source[frame + 11], 0x11);
    for factor in [0x11, 0x12, 0x21, 0x22] {
        source[frame + 11] = factor;
        let ours = decoded(&render(&source, &to_format(Format::Png)).bytes);
        let expected = DynamicImage::from(grey.clone()).to_rgba8();
        assert!(psnr(&ours, &expected) > 35.0, "{factor:x}");
    }
}

/// Fine detail, of which a smaller picture depends on how it is decoded.
#[test]
fn an_image_of_a_decoded_source_is_that_of_the_source() {
    let pixels: Vec<u8> = (0..200_u32 * 160)
        .map(|at| if at * 7 % 200 / 3 % 2 == 0 { 30 } else { 220 })
        .collect();
    let mut source = Vec::new();
    jpeg_encoder::Encoder::new(&mut source, 90)
        .encode(&pixels, 200, 160, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let mut recipe = Recipe::default();
    recipe.output.format = Some(Format::Png);
    let resize = Resize::to(25, 20, ResizeMode::Force);
    recipe.steps.push(Step::Resize(resize));
    let mut made = Vec::new();
    for linear in [true, false] {
        let engine = Engine::default().linear(linear);
        let needs = engine.needs(&source, &recipe).unwrap();
        let decoded = engine.decode(&source, needs.scale).unwrap();
        let interrupt = Interrupt::default();
        let shared = engine.render_decoded(&decoded, &[&[]], &recipe, &interrupt);
        let alone = engine.render(&[&source], &recipe).unwrap();
        assert_eq!(shared.unwrap().bytes, alone.bytes, "{linear}");
        made.push(alone.bytes);
    }
    assert_ne!(made[0], made[1]);
}
