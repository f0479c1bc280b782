//! Tests of whole renderings. The reference is the `image` crate, or arithmetic written out here.

mod answers;
mod canvas;
mod colors;
mod compose;
mod descriptions;
mod encoding;
mod filters;
mod formats;
mod geometry;
mod gif;
mod hostile;
mod imagekit;
mod naive;
mod pixels;
mod png;
#[cfg(all(
    feature = "bmp",
    feature = "ico",
    feature = "image",
    feature = "jxl",
    feature = "tiff"
))]
mod raster;
mod rows;
mod shapes;
mod smart;
mod steps;
#[cfg(feature = "svg")]
mod svg;
#[cfg(feature = "text")]
mod text;
mod trims;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::*;
use crate::recipe::{Align, Crop, Gravity, Recipe, Resize, ResizeMode, Step, Unit};

/// A picture with no symmetry and smooth colours, opaque.
fn scene(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let along = |at: u32, length: u32| u8::try_from(20 + at * 215 / length).unwrap();
        Rgba([
            along(x, width),
            along(y, height),
            along(x + y, width + height),
            255,
        ])
    })
}

/// The same, less opaque to the right.
fn glass(width: u32, height: u32) -> RgbaImage {
    let mut image = scene(width, height);
    for (x, _, pixel) in image.enumerate_pixels_mut() {
        pixel[3] = u8::try_from(255 - x * 200 / width).unwrap();
    }
    image
}

/// A file, written by the `image` crate.
fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

fn png(image: &RgbaImage) -> Vec<u8> {
    file(&image.clone().into(), ImageFormat::Png)
}

fn decoded(bytes: &[u8]) -> RgbaImage {
    image::load_from_memory(bytes).unwrap().to_rgba8()
}

fn to_format(format: Format) -> Recipe {
    let mut recipe = Recipe::default();
    recipe.output.format = Some(format);
    recipe
}

/// The steps, and then a PNG.
fn to_png(steps: impl IntoIterator<Item = Step>) -> Recipe {
    let mut recipe = to_format(Format::Png);
    recipe.steps.extend(steps);
    recipe
}

fn resize(mode: ResizeMode, width: u32, height: u32) -> Step {
    Step::Resize(Resize {
        enlarge: true,
        ..Resize::to(width, height, mode)
    })
}

fn to_size(mode: ResizeMode, width: u32, height: u32) -> Recipe {
    to_png([resize(mode, width, height)])
}

/// What [`Engine::default`] makes of a file.
fn render(source: &[u8], recipe: &Recipe) -> Rendered {
    Engine::default().render(&[source], recipe).unwrap()
}

fn refusal(source: &[u8], recipe: &Recipe) -> RenderError {
    Engine::default().render(&[source], recipe).unwrap_err()
}

/// What the steps make of an image.
fn made(source: &RgbaImage, steps: impl IntoIterator<Item = Step>) -> RgbaImage {
    decoded(&render(&png(source), &to_png(steps)).bytes)
}

/// An image without any order, the same each time, and with alpha.
fn noise(width: u32, height: u32) -> RgbaImage {
    let mut state = 0x2545_F491_u32;
    RgbaImage::from_fn(width, height, |_, _| {
        Rgba(std::array::from_fn(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_be_bytes()[0]
        }))
    })
}

/// The nearest value that a sample can have.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn sample(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// The greatest difference of two samples. What is transparent in both has no colour.
fn max_error(a: &RgbaImage, b: &RgbaImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    let seen = a
        .pixels()
        .zip(b.pixels())
        .filter(|(a, b)| a[3] > 0 || b[3] > 0);
    let differences = seen.flat_map(|(a, b)| a.0.into_iter().zip(b.0));
    let differences = differences.map(|(a, b)| a.abs_diff(b));
    differences.max().unwrap_or(0)
}

fn is_gray(image: &RgbaImage) -> bool {
    image.pixels().all(|&Rgba([r, g, b, _])| r == g && g == b)
}

/// The peak signal-to-noise ratio in dB.
fn psnr(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let squares = a
        .iter()
        .zip(b.iter())
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = squares.sum::<f64>() / f64::from(4 * a.width() * a.height());
    10.0 * (255.0_f64.powi(2) / mean).log10()
}

/// A TIFF structure whose one entry is the orientation.
fn exif(orientation: u16, big_endian: bool) -> Vec<u8> {
    let mut tiff = Vec::new();
    let mut put = |value: u32, length: usize| {
        let bytes = value.to_be_bytes();
        let bytes = &bytes[4 - length..];
        if big_endian {
            tiff.extend(bytes);
        } else {
            tiff.extend(bytes.iter().rev());
        }
    };
    put(if big_endian { 0x4D4D } else { 0x4949 }, 2);
    put(42, 2);
    put(8, 4);
    put(1, 2);
    put(0x0112, 2);
    put(3, 2);
    put(1, 4);
    put(orientation.into(), 2);
    put(0, 2);
    put(0, 4);
    tiff
}

/// A JPEG with segments between its start and its frame.
fn with_segments(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for (marker, payload) in segments {
        bytes.extend([0xFF, *marker]);
        bytes.extend(u16::try_from(payload.len() + 2).unwrap().to_be_bytes());
        bytes.extend(*payload);
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A PNG with a chunk after its header.
fn with_chunk(png: &[u8], kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
    const HEADER_END: usize = 33;
    let mut bytes = png[..HEADER_END].to_vec();
    bytes.extend(chunk(kind, payload));
    bytes.extend(&png[HEADER_END..]);
    bytes
}

fn chunk(kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(payload);
    let mut crc = u32::MAX;
    for byte in &bytes[4..] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
    }
    bytes.extend((!crc).to_be_bytes());
    bytes
}

/// A WebP out of chunks.
fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, payload) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(payload.len()).unwrap().to_le_bytes());
        body.extend(*payload);
        body.extend(&[0][..payload.len() % 2]);
    }
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

/// The header chunk of an extended WebP.
fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = vec![flags, 0, 0, 0];
    bytes.extend(&(width - 1).to_le_bytes()[..3]);
    bytes.extend(&(height - 1).to_le_bytes()[..3]);
    bytes
}

#[test]
fn a_rendering_tells_what_it_is() {
    let rendered = render(&png(&scene(40, 30)), &to_size(ResizeMode::Fit, 20, 20));
    assert_eq!(rendered.format, Format::Png);
    assert_eq!((rendered.width, rendered.height), (20, 15));
    assert_eq!(decoded(&rendered.bytes).dimensions(), (20, 15));
    assert!(rendered.timings.encode > Duration::ZERO);
}

#[test]
fn without_a_source_nothing_is_made() {
    let error = Engine::default()
        .render(&[], &Recipe::default())
        .unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::Internal);
}

#[test]
fn quality_is_the_recipes_or_the_engines() {
    let source = png(&scene(64, 64));
    let with = |engine: u8, recipe: Option<u8>| {
        let quality = recipe;
        let mut recipe = to_format(Format::Jpeg);
        recipe.output.quality = quality;
        let engine = Engine::default().quality(Format::Jpeg, engine);
        engine.render(&[&source], &recipe).unwrap().bytes
    };
    assert_eq!(
        with(80, None),
        render(&source, &to_format(Format::Jpeg)).bytes
    );
    assert_eq!(with(30, None), with(80, Some(30)));
    assert!(with(30, None).len() < with(80, None).len());
    assert_eq!(with(80, Some(0)), with(80, Some(1)));
    assert_eq!(with(255, None), with(100, None));
}

#[test]
fn a_codec_of_ones_own_takes_the_place_of_its_format() {
    /// Knows no PNG but the one that it makes up.
    #[derive(Debug)]
    struct Dot;

    impl Codec for Dot {
        fn format(&self) -> Format {
            Format::Png
        }
        fn recognizes(&self, source: &[u8]) -> bool {
            source == b"dot"
        }
        fn probe(&self, _: &[u8], _: &Limits) -> Result<Probe, RenderError> {
            Ok(Probe::new(Format::Png, 1, 1))
        }
        fn decode<'a>(
            &self,
            _: &'a [u8],
            _: &Wanted,
            _: &Limits,
        ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
            let dot = Picture::new(1, 1, Layout::Gray, vec![7])?;
            Ok(Box::new(Still::new(dot)))
        }
        fn encode(&self, picture: &Pixels, _: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
            Ok(ops::as_packed(picture)?.data().to_vec())
        }
    }

    let engine = Engine::new(Codecs::new().with(Dot));
    let rendered = engine.render(&[b"dot"], &Recipe::default()).unwrap();
    assert_eq!(*rendered.bytes, [7]);
    let error = engine
        .render(&[&png(&scene(2, 2))], &Recipe::default())
        .unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
}
