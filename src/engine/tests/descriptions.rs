//! What is told of pictures, against other implementations.

use super::*;
use crate::recipe::Color;

fn picture(image: &RgbaImage) -> Picture {
    let data = image.as_raw().clone();
    Picture::new(image.width(), image.height(), Layout::Rgba, data).unwrap()
}

/// The mean colour in a BlurHash.
fn mean(hash: &str) -> [u8; 3] {
    const DIGITS: &str =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    let number = hash[2..6].chars().fold(0, |number, digit| {
        number * 83 + u32::try_from(DIGITS.find(digit).unwrap()).unwrap()
    });
    let [_, red, green, blue] = number.to_be_bytes();
    [red, green, blue]
}

#[test]
fn blurhashes_are_those_of_the_blurhash_crate() {
    let gray = RgbaImage::from_pixel(20, 9, Rgba([77, 77, 77, 255]));
    for image in [scene(40, 30), scene(17, 64), scene(1, 1), gray] {
        for (x, y) in [(1, 1), (4, 3), (9, 9), (1, 9), (6, 2)] {
            let (width, height) = image.dimensions();
            let expected =
                blurhash::encode(x.into(), y.into(), width, height, image.as_raw()).unwrap();
            let actual = describe::blurhash(&picture(&image), x, y).unwrap();
            let at = format!("{x} by {y} of {width} by {height}");
            assert_eq!(actual[..2], expected[..2], "{at}");
            assert_eq!(actual[6..], expected[6..], "{at}");
            // The crate adds a half before it rounds; the definition rounds.
            let (actual, expected) = (mean(&actual), mean(&expected));
            for (actual, expected) in actual.iter().zip(&expected) {
                assert!(actual.abs_diff(*expected) <= 1, "{at}");
            }
        }
    }
    let clamped = describe::blurhash(&picture(&scene(9, 9)), 0, 200).unwrap();
    assert_eq!(
        clamped,
        describe::blurhash(&picture(&scene(9, 9)), 1, 9).unwrap()
    );
}

#[test]
fn a_large_picture_has_the_blurhash_of_a_small_one() {
    let large = describe::blurhash(&picture(&scene(400, 300)), 4, 3).unwrap();
    let shown = |hash: &str| blurhash::decode(hash, 32, 24, 1.0).unwrap();
    let small = describe::blurhash(&picture(&scene(64, 48)), 4, 3).unwrap();
    let (large, small) = (shown(&large), shown(&small));
    let differences = large.iter().zip(&small).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = differences.map(u64::from).sum();
    // A wave's height is one of 19.
    assert!(sum <= 4 * 32 * 24 * 4, "{sum}");
}

#[test]
fn thumbhashes_are_those_of_the_thumbhash_crate() {
    let clear = RgbaImage::from_pixel(20, 9, Rgba([77, 7, 7, 0]));
    for image in [
        scene(40, 30),
        scene(30, 90),
        glass(100, 61),
        scene(1, 1),
        clear,
    ] {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let expected = thumbhash::rgba_to_thumb_hash(width, height, image.as_raw());
        let actual = describe::thumbhash(&picture(&image)).unwrap();
        // What lies between two numbers may be rounded to either.
        let (header, waves) = actual.split_at(5);
        assert_eq!(*header, expected[..5], "{width} by {height}");
        assert_eq!(actual.len(), expected.len());
        let nibbles = |byte: &u8| [byte & 15, byte >> 4];
        let expected = expected[5..].iter().flat_map(nibbles);
        for (actual, expected) in waves.iter().flat_map(nibbles).zip(expected) {
            assert!(actual.abs_diff(expected) <= 1, "{width} by {height}");
        }
    }
    assert!(describe::thumbhash(&picture(&glass(300, 2))).unwrap().len() < 30);
}

#[test]
fn the_average_is_on_white() {
    let image = glass(33, 21);
    let mut sums = [0.0; 3];
    for pixel in image.pixels() {
        let alpha = f64::from(pixel[3]) / 255.0;
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += f64::from(value) * alpha + 255.0 * (1.0 - alpha);
        }
    }
    let [red, green, blue] = sums.map(|sum| sample(sum / (33.0 * 21.0)));
    let expected = Color::opaque(red, green, blue);
    assert_eq!(describe::average(&picture(&image)), expected);
}

#[test]
fn the_palette_is_what_there_is_most_of() {
    // Seven tenths blue with noise across the edges of bins, two red, one green; behind glass, a lot of white.
    let mut image = RgbaImage::from_fn(20, 20, |x, y| match y {
        0..14 => Rgba([8, 15 + u8::try_from(x % 3).unwrap(), 199, 255]),
        14..18 => Rgba([250, 1, 2, 255]),
        _ => Rgba([0, 128, 0, 255]),
    });
    let blue = Color::opaque(8, 16, 199);
    let palette = describe::palette(&picture(&image), 8);
    let expected = [blue, Color::opaque(250, 1, 2), Color::opaque(0, 128, 0)];
    assert_eq!(palette, expected);
    assert_eq!(describe::palette(&picture(&image), 2), expected[..2]);
    assert_eq!(describe::dominant(&picture(&image)), blue);
    for pixel in image.pixels_mut() {
        pixel[3] = 0;
    }
    assert_eq!(describe::palette(&picture(&image), 8), []);
    assert_eq!(describe::dominant(&picture(&image)), Color::WHITE);
}

#[test]
fn a_description_is_what_would_be_rendered() {
    let source = with_chunk(&png(&glass(60, 40)), *b"eXIf", &exif(6, true));
    let mut recipe = to_size(ResizeMode::Fit, 20, 20);
    recipe.output.format = Some(Format::WebP);
    let engine = Engine::default();
    let told = engine
        .describe(&[&source], &recipe, &Interrupt::default())
        .unwrap();
    let made = render(&source, &recipe);
    assert_eq!((told.width, told.height), (made.width, made.height));
    assert_eq!((told.format, told.frames), (Format::WebP, 1));
    assert_eq!((told.samples, told.alpha), (4, true));
    assert_eq!(told.orientation, Orientation::from_exif(&exif(6, true)));
    assert_eq!(*told.picture.data(), *decoded(&made.bytes).as_raw());
    let cancelled = Interrupt::default();
    cancelled.cancel();
    assert!(engine.describe(&[&source], &recipe, &cancelled).is_err());
    assert!(
        engine
            .describe(&[], &recipe, &Interrupt::default())
            .is_err()
    );
}
