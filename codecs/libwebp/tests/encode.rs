//! Files are read back by another decoder than libwebp's.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::io::Cursor;

use image_webp::WebPDecoder;
use imgward_libwebp::{Config, Error, MAX_SIDE, Packed, Pixels, encode};

/// Smooth colours with no symmetry.
fn scene(width: usize, height: usize, samples: usize) -> Vec<u8> {
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let along = |at: usize, length: usize| u8::try_from(20 + at * 215 / length).unwrap();
            let pixel = [
                along(x, width),
                along(y, height),
                along(x + y, width + height),
                along(width - x, width + 1),
            ];
            data.extend_from_slice(&pixel[..samples]);
        }
    }
    data
}

fn packed(data: &[u8], stride: usize) -> Packed<'_> {
    Packed { data, stride }
}

fn decoded(file: &[u8]) -> (u32, u32, bool, Vec<u8>) {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    (width, height, decoder.has_alpha(), pixels)
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |(&a, &b): (&u8, &u8)| f64::from(a.abs_diff(b)).powi(2);
    let sum: f64 = a.iter().zip(b).map(square).sum();
    let samples = u32::try_from(a.len()).unwrap();
    10.0 * (255.0 * 255.0 * f64::from(samples) / sum.max(1e-9)).log10()
}

fn lossless() -> Config {
    let mut config = Config::default();
    config.lossless = true;
    config.exact = true;
    config
}

#[test]
fn lossless_pictures_come_back_as_they_were() {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (16, 16), (33, 17)] {
        for samples in [3, 4] {
            let data = scene(width, height, samples);
            let rows = packed(&data, width * samples);
            let pixels = if samples == 4 {
                Pixels::Rgba(rows)
            } else {
                Pixels::Rgb(rows)
            };
            let (w, h) = (width.try_into().unwrap(), height.try_into().unwrap());
            let file = encode(w, h, pixels, &lossless()).unwrap();
            let (read_w, read_h, alpha, read) = decoded(&file);
            assert_eq!((read_w, read_h), (w, h));
            let expected = match (samples, alpha) {
                (4, true) | (3, false) => data,
                _ => panic!("{width}x{height}x{samples}: alpha is {alpha}"),
            };
            assert_eq!(read, expected, "{width}x{height}x{samples}");
        }
    }
}

#[test]
fn lossy_pictures_look_alike_by_every_method() {
    let data = scene(50, 37, 3);
    for method in 0..=6 {
        for sharp_yuv in [false, true] {
            let mut config = Config::default();
            config.quality = 90.0;
            config.method = method;
            config.sharp_yuv = sharp_yuv;
            let file = encode(50, 37, Pixels::Rgb(packed(&data, 150)), &config).unwrap();
            let (width, height, alpha, read) = decoded(&file);
            assert_eq!((width, height, alpha), (50, 37, false));
            let psnr = psnr(&read, &data);
            assert!(psnr > 36.0, "method {method}, sharp {sharp_yuv}: {psnr}");
        }
    }
}

#[test]
fn higher_quality_is_larger_and_closer() {
    let mut data = scene(64, 64, 3);
    for (at, sample) in data.iter_mut().enumerate() {
        *sample ^= u8::try_from(at * at % 31).unwrap();
    }
    let mut last = (0, 0.0);
    for quality in [10.0, 50.0, 95.0] {
        let mut config = Config::default();
        config.quality = quality;
        let file = encode(64, 64, Pixels::Rgb(packed(&data, 192)), &config).unwrap();
        let now = (file.len(), psnr(&decoded(&file).3, &data));
        assert!(now.0 > last.0 && now.1 > last.1, "{quality}: {now:?}");
        last = now;
    }
}

#[test]
fn planes_are_read_by_their_strides() {
    // Grey 126 is 124 in the studio range; what is between the rows is not looked at.
    let (y, chroma) = ([124; 20 * 7].as_slice(), [128; 12 * 4].as_slice());
    for (u_stride, v_stride) in [(12, 12), (10, 11)] {
        for alpha in [None, Some([200; 19 * 7])] {
            let mut luma = y.to_vec();
            luma.iter_mut().skip(19).step_by(20).for_each(|y| *y = 0);
            let pixels = Pixels::Yuv {
                y: packed(&luma, 20),
                u: packed(chroma, u_stride),
                v: packed(chroma, v_stride),
                alpha: alpha.as_ref().map(|alpha| packed(alpha, 19)),
            };
            let file = encode(19, 7, pixels, &Config::default()).unwrap();
            let (width, height, has_alpha, read) = decoded(&file);
            assert_eq!((width, height, has_alpha), (19, 7, alpha.is_some()));
            let samples = if has_alpha { 4 } else { 3 };
            for pixel in read.chunks(samples) {
                assert!(
                    pixel[..3].iter().all(|&c| c.abs_diff(126) <= 2),
                    "{pixel:?}"
                );
                assert!(pixel.get(3).is_none_or(|&a| a == 200), "{pixel:?}");
            }
        }
    }
}

#[test]
fn planes_that_are_lent_are_not_written_to() {
    let (y, u, v) = (vec![90; 64], vec![100; 16], vec![140; 16]);
    // Transparent all over: libwebp would smooth what is under it.
    let alpha = vec![0; 64];
    let pixels = Pixels::Yuv {
        y: packed(&y, 8),
        u: packed(&u, 4),
        v: packed(&v, 4),
        alpha: Some(packed(&alpha, 8)),
    };
    encode(8, 8, pixels, &Config::default()).unwrap();
    assert_eq!((y, u, v), (vec![90; 64], vec![100; 16], vec![140; 16]));
}

#[test]
fn rows_of_a_larger_picture_are_a_picture() {
    let data = scene(40, 30, 4);
    let stride = 40 * 4;
    let from = 10 * stride + 5 * 4;
    let to = from + 9 * stride + 12 * 4;
    let pixels = Pixels::Rgba(packed(&data[from..to], stride));
    let (.., read) = decoded(&encode(12, 10, pixels, &lossless()).unwrap());
    for y in 0..10 {
        let expected = &data[from + y * stride..][..12 * 4];
        assert_eq!(&read[y * 12 * 4..][..12 * 4], expected);
    }
}

#[test]
fn opaque_rgba_has_no_alpha() {
    let data = [10, 20, 30, 255].repeat(64);
    for config in [Config::default(), lossless()] {
        let file = encode(8, 8, Pixels::Rgba(packed(&data, 32)), &config).unwrap();
        assert!(!decoded(&file).2);
    }
}

#[test]
fn alpha_is_kept_as_it_is() {
    let data = scene(20, 20, 4);
    let file = encode(20, 20, Pixels::Rgba(packed(&data, 80)), &Config::default()).unwrap();
    let (.., read) = decoded(&file);
    let alpha = |data: &[u8]| data.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(alpha(&read), alpha(&data));
}

#[test]
fn the_longest_side_is_written_and_no_longer_one() {
    let row = vec![128; 16_384 * 3];
    for (width, height) in [(MAX_SIDE, 1), (1, MAX_SIDE)] {
        let pixels = Pixels::Rgb(packed(&row, width as usize * 3));
        let file = encode(width, height, pixels, &Config::default()).unwrap();
        let (read_width, read_height, ..) = decoded(&file);
        assert_eq!((read_width, read_height), (width, height));
    }
    for (width, height) in [
        (16_384, 1),
        (1, 16_384),
        (0, 1),
        (1, 0),
        (u32::MAX, u32::MAX),
    ] {
        let error = encode(
            width,
            height,
            Pixels::Rgb(packed(&row, 3)),
            &Config::default(),
        );
        assert_eq!(error, Err(Error::Dimensions), "{width}x{height}");
    }
}

#[test]
fn samples_that_are_not_there_are_not_read() {
    let data = [0; 400];
    let short = |length, stride| packed(&data[..length], stride);
    let yuv = |y, u, v, alpha| Pixels::Yuv { y, u, v, alpha };
    let (y, c) = (short(100, 10), short(25, 5));
    let cases = [
        ("rgb", Pixels::Rgb(short(299, 30))),
        ("rgb stride", Pixels::Rgb(short(400, 29))),
        ("rgba", Pixels::Rgba(short(399, 40))),
        ("rgba stride", Pixels::Rgba(short(400, 39))),
        ("no stride", Pixels::Rgba(short(400, 0))),
        ("huge stride", Pixels::Rgba(short(400, usize::MAX))),
        ("long stride", Pixels::Rgba(short(400, 41))),
        ("y", yuv(short(99, 10), c, c, None)),
        ("u", yuv(y, short(24, 5), c, None)),
        ("v", yuv(y, c, short(24, 5), None)),
        ("v stride", yuv(y, c, short(25, 4), None)),
        ("alpha", yuv(y, c, c, Some(short(99, 10)))),
        ("alpha stride", yuv(y, c, c, Some(short(99, 9)))),
        ("nothing", yuv(short(0, 10), c, c, None)),
    ];
    for (name, pixels) in cases {
        let error = encode(10, 10, pixels, &Config::default());
        assert_eq!(error, Err(Error::Samples), "{name}");
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let data = [0; 300];
    let cases: [fn(&mut Config); 9] = [
        |config| config.quality = 100.5,
        |config| config.quality = -1.0,
        |config| config.quality = f32::NAN,
        |config| config.method = 7,
        |config| config.near_lossless = 101,
        |config| config.alpha_quality = 101,
        |config| config.spatial_noise_shaping = 101,
        |config| config.filter_strength = 101,
        |config| config.segments = 5,
    ];
    for (at, change) in cases.into_iter().enumerate() {
        let mut config = Config::default();
        change(&mut config);
        let error = encode(10, 10, Pixels::Rgb(packed(&data, 30)), &config);
        assert_eq!(error, Err(Error::Config), "case {at}");
    }
}
