//! Files of an encoder, against another decoder; and what headers tell of colours and metadata.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::writer::segment;
use super::*;

/// Pixels with edges and slopes.
fn pixels(width: u16, height: u16, samples: usize) -> Vec<u8> {
    let mut next = numbers(9);
    let mut pixels = Vec::new();
    for at in 0..usize::from(width) * usize::from(height) {
        let (x, y) = (at % usize::from(width), at / usize::from(width));
        for sample in 0..samples {
            let slope = 5 * x + 3 * y * (sample + 1) + 80 * usize::from((x + y) % 11 > 6);
            pixels.push(u8::try_from((slope + next() as usize % 9) % 256).unwrap());
        }
    }
    pixels
}

fn encoded(
    size: (u16, u16),
    color: ColorType,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let samples = match color {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 85);
    set(&mut encoder);
    encoder
        .encode(&pixels(size.0, size.1, samples), size.0, size.1, color)
        .unwrap();
    bytes
}

/// The samples that the other decoder finds, component by component.
fn others(file: &[u8], space: ColorSpace) -> Vec<Vec<u8>> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    let samples = JpegDecoder::new_with_options(ZCursor::new(file), options)
        .decode()
        .unwrap();
    let count = space.num_components();
    (0..count)
        .map(|component| {
            samples
                .iter()
                .skip(component)
                .step_by(count)
                .copied()
                .collect()
        })
        .collect()
}

fn assert_close(ours: &[u8], others: &[u8], case: &str) {
    assert_eq!(ours.len(), others.len(), "{case}");
    let error = ours.iter().zip(others).map(|(a, b)| a.abs_diff(*b)).max();
    // Two roundings, of an exact transform and one of integers.
    assert!(error.unwrap() <= 2, "{case}: {error:?}");
}

#[test]
fn another_decoder_finds_the_same_samples() {
    for size in [(8, 8), (17, 33), (40, 16), (31, 31)] {
        for (progressive, optimized, interval) in [
            (false, false, 3),
            (false, true, 0),
            (true, false, 0),
            (true, true, 0),
        ] {
            let set = |encoder: &mut Encoder<&mut Vec<u8>>| {
                encoder.set_progressive(progressive);
                encoder.set_optimized_huffman_tables(optimized);
                if interval > 0 {
                    encoder.set_restart_interval(interval);
                }
            };
            let case = format!("{size:?} {progressive} {optimized}");
            let file = encoded(size, ColorType::Luma, set);
            let ours = planes(decode(&file, Scale::FULL, &Limits::default()).unwrap());
            assert_close(ours[0].data(), &others(&file, ColorSpace::Luma)[0], &case);

            let file = encoded(size, ColorType::Rgb, |encoder| {
                set(encoder);
                encoder.set_sampling_factor(SamplingFactor::R_4_4_4);
            });
            let ours = planes(decode(&file, Scale::FULL, &Limits::default()).unwrap());
            for (ours, others) in ours.iter().zip(others(&file, ColorSpace::YCbCr)) {
                assert_close(ours.data(), &others, &case);
            }
            // Where chroma is smaller, its samples are not those of the other decoder, but luma's are.
            for sampling in [
                SamplingFactor::R_4_2_2,
                SamplingFactor::R_4_2_0,
                SamplingFactor::R_4_4_0,
            ] {
                if optimized || progressive && sampling != SamplingFactor::R_4_2_2 {
                    continue;
                }
                let file = encoded(size, ColorType::Rgb, |encoder| {
                    set(encoder);
                    encoder.set_sampling_factor(sampling);
                });
                let ours = planes(decode(&file, Scale::FULL, &Limits::default()).unwrap());
                assert_close(ours[0].data(), &others(&file, ColorSpace::YCbCr)[0], &case);
            }
        }
    }
}

/// Markers and payloads.
type Segments<'a> = &'a [(u8, &'a [u8])];

/// A file with so many components that differ, and segments before its frame.
fn colored(components: usize, ids: [u8; 4], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let image = Image::new((16, 8), &[(1, 1); 4][..components], natural(8));
    let all: Vec<_> = (0..components).collect();
    let mut script = Script::new(false, vec![Scan::sequential(&all)]);
    script.ids = ids;
    for (marker, payload) in segments {
        segment(&mut script.segments, *marker, payload);
    }
    write(&image, &script)
}

fn adobe(transform: u8) -> Vec<u8> {
    [b"Adobe\0\x64\0\0\0\0", &[transform][..]].concat()
}

#[test]
fn colours_are_told_apart_as_by_libjpeg() {
    let jfif = (0xE0, &b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"[..]);
    let numbered = [1, 2, 3, 4];
    let (plain, with_luma, with_key) = (adobe(0), adobe(1), adobe(2));
    let rows: [(usize, [u8; 4], Segments<'_>, Colors); 12] = [
        (1, numbered, &[], Colors::Gray),
        (1, numbered, &[(0xEE, &plain)], Colors::Gray),
        (2, numbered, &[], Colors::Unknown),
        (3, numbered, &[], Colors::YCbCr),
        (3, numbered, &[(0xEE, &with_luma)], Colors::YCbCr),
        (3, numbered, &[(0xEE, &plain)], Colors::Rgb),
        (3, *b"RGBA", &[], Colors::Rgb),
        (3, *b"RGBA", &[jfif], Colors::YCbCr),
        (3, numbered, &[jfif, (0xEE, &plain)], Colors::YCbCr),
        (4, numbered, &[], Colors::Unknown),
        (4, numbered, &[(0xEE, &plain)], Colors::Cmyk),
        (4, numbered, &[(0xEE, &with_key)], Colors::Ycck),
    ];
    for (components, ids, segments, expected) in rows {
        let file = colored(components, ids, segments);
        let header = read_header(&file).unwrap();
        assert_eq!(header.colors, expected, "{components} {ids:?} {segments:?}");
        let decoded = decode(&file, Scale::FULL, &Limits::default());
        match (expected, decoded) {
            (Colors::Gray | Colors::YCbCr, Ok(Decoded::Planar(_)))
            | (Colors::Rgb, Ok(Decoded::Rgb(_)))
            | (Colors::Cmyk | Colors::Ycck, Ok(Decoded::Cmyk(_)))
            | (Colors::Unknown, Err(_)) => {}
            (_, decoded) => panic!("{components} {ids:?} {segments:?}: {decoded:?}"),
        }
    }
}

#[test]
fn ycck_is_the_complement_of_its_colours() {
    let stored = |transform: u8| {
        let file = colored(4, [1, 2, 3, 4], &[(0xEE, &adobe(transform))]);
        planes(decode(&file, Scale::FULL, &Limits::default()).unwrap())
    };
    let (components, inks) = (stored(0), stored(2));
    assert_eq!(components[3].data(), inks[3].data());
    for at in 0..16 * 8 {
        let [y, cb, cr] = [0, 1, 2].map(|plane: usize| f64::from(components[plane].data()[at]));
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let red_green_blue = [
            y + 1.402 * cr,
            y - 0.34414 * cb - 0.71414 * cr,
            y + 1.772 * cb,
        ];
        for (ink, color) in inks.iter().zip(red_green_blue) {
            let expected = 255.0 - color.clamp(0.0, 255.0);
            assert!((f64::from(ink.data()[at]) - expected).abs() <= 0.51, "{at}");
        }
    }
}

#[test]
fn metadata_is_found() {
    let icc = |number: u8, parts: u8, data: &[u8]| {
        [b"ICC_PROFILE\0", &[number, parts][..], data].concat()
    };
    let (first, second) = (icc(1, 2, b"one, "), icc(2, 2, b"two"));
    let segments: &[(u8, &[u8])] = &[
        (0xE1, b"Exif\0\0MM\0*"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        (0xE1, b"Exif\0\0again"),
        (0xE2, &second),
        (0xED, b"Photoshop 3.0\08BIM"),
        (0xE2, &first),
        (0xFE, b"Exif\0\0a comment"),
    ];
    let file = colored(3, [1, 2, 3, 4], segments);
    let header = read_header(&file).unwrap();
    assert_eq!(file[header.exif.clone().unwrap()], *b"Exif\0\0MM\0*");
    assert_eq!(file[header.xmp.clone().unwrap()], *b"<x/>");
    assert_eq!(header.icc_profile(&file).unwrap(), b"one, two");
    let Decoded::Planar(planar) = decode(&file, Scale::FULL, &Limits::default()).unwrap() else {
        panic!("not planar");
    };
    assert_eq!(planar.profile().unwrap(), b"one, two");

    // Parts that are missing, twice there, or of another number make no profile.
    let other = icc(2, 3, b"two");
    for parts in [
        &[&first][..],
        &[&first, &first, &second],
        &[&first, &other],
        &[&icc(0, 0, b"x")],
    ] {
        let segments: Vec<(u8, &[u8])> = parts.iter().map(|part| (0xE2, &part[..])).collect();
        let file = colored(3, [1, 2, 3, 4], &segments);
        assert_eq!(read_header(&file).unwrap().icc_profile(&file), None);
    }
}
