//! Photographs made on the spot: broad gradients, and fine detail that no codec gets for nothing.
//!
//! Red grows from left to right and green from top to bottom, so that every corner tells which one it is, however the
//! picture is turned.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, Rgb, RgbImage};

/// The pixels of the photograph of that size.
pub fn pixels(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let detail = (x.wrapping_mul(7) ^ y.wrapping_mul(13)) % 64;
        Rgb([
            gradient(x, width),
            gradient(y, height),
            channel(96 + detail),
        ])
    })
}

fn gradient(at: u32, length: u32) -> u8 {
    channel(at.saturating_mul(255) / (length - 1).max(1))
}

fn channel(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// The photograph as JPEG, of quality 85.
///
/// # Panics
///
/// Where the format does not hold the size.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85)
        .encode_image(&pixels(width, height))
        .expect("a JPEG");
    bytes
}

/// The photograph as JPEG that says by an EXIF `Orientation` of 1 to 8 how to turn it.
///
/// # Panics
///
/// Where the format does not hold the size.
pub fn jpeg_with_orientation(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut bytes = jpeg(width, height);
    orient(&mut bytes, orientation);
    bytes
}

/// Makes a JPEG without metadata say by an EXIF `Orientation` of 1 to 8 how to turn it.
pub fn orient(jpeg: &mut Vec<u8>, orientation: u8) {
    // An APP1 segment: its length, the EXIF header, a TIFF header in big-endian order, and a directory of one entry:
    // tag 0x0112, type SHORT, count 1.
    let segment = [
        b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        &[orientation],
        b"\0\0\0\0\0\0",
    ];
    // After the two bytes that begin every JPEG.
    jpeg.splice(2..2, segment.concat());
}

/// The photograph as PNG.
///
/// # Panics
///
/// Where the format does not hold the size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Png)
}

/// The photograph as lossless WebP.
///
/// # Panics
///
/// Where the format does not hold the size.
pub fn webp(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::WebP)
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pixels(width, height)
        .write_to(&mut bytes, format)
        .expect("an image");
    bytes.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::metadata::Orientation;
    use image::{ImageDecoder as _, ImageReader};

    #[test]
    fn photos_are_what_they_are_called() {
        let cases = [
            (jpeg(40, 30), ImageFormat::Jpeg),
            (png(40, 30), ImageFormat::Png),
            (webp(40, 30), ImageFormat::WebP),
        ];
        for (bytes, format) in cases {
            assert_eq!(image::guess_format(&bytes).unwrap(), format);
            let image = image::load_from_memory(&bytes).unwrap().into_rgb8();
            assert_eq!(image.dimensions(), (40, 30), "{format:?}");
            let (first, last) = (image.get_pixel(0, 0), image.get_pixel(39, 29));
            assert!(
                first[0] < 32 && last[0] > 223,
                "{format:?}: {first:?} {last:?}"
            );
        }
    }

    #[test]
    fn a_jpeg_says_how_to_turn_it() {
        for orientation in 1..=8 {
            let bytes = jpeg_with_orientation(16, 8, orientation);
            let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
            let mut decoder = reader.unwrap().into_decoder().unwrap();
            assert_eq!(
                decoder.orientation().unwrap(),
                Orientation::from_exif(orientation).unwrap()
            );
        }
    }
}
