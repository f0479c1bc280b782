//! The images that the URLs of the tables name, made from their names: `KIND-WIDTHxHEIGHT[-exifN].EXTENSION`.
//!
//! | kind | what it shows |
//! |---|---|
//! | `map` | where each pixel is: red grows to the right, green grows downwards, blue has waves both ways |
//! | `RRGGBB`, `RRGGBBAA` | one colour |
//! | `halves` | black at the left, white at the right |
//! | `disc` | a white disc on transparent ground |
//! | `bordered` | the map, with borders that differ from their corners by 3 and by 100 |
//! | `framed` | the map, in a transparent frame |
//! | `framesN` | N frames, each of one colour |

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgba, RgbaImage};
use imgward_harness::photo;

/// A name, taken apart.
struct Name<'a> {
    kind: &'a str,
    width: u32,
    height: u32,
    orientation: Option<u8>,
    extension: &'a str,
}

impl<'a> Name<'a> {
    /// Of a name that may be a path or a URL, its last part.
    fn of(name: &'a str) -> Self {
        let read = || {
            let file = name.split('?').next()?.rsplit('/').next()?;
            let (stem, extension) = file.rsplit_once('.')?;
            let mut parts = stem.split('-');
            let kind = parts.next()?;
            let (width, height) = parts.next()?.split_once('x')?;
            let orientation = parts.next().and_then(|part| part.strip_prefix("exif"));
            Some(Self {
                kind,
                width: width.parse().ok()?,
                height: height.parse().ok()?,
                orientation: orientation.and_then(|digit| digit.parse().ok()),
                extension,
            })
        };
        read().unwrap_or_else(|| panic!("{name:?} is not the name of an image"))
    }
}

/// The file of that name.
pub(crate) fn file(name: &str) -> Bytes {
    static FILES: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);

    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let file = files
        .entry(name.to_owned())
        .or_insert_with(|| encoded(name));
    file.clone()
}

fn encoded(name: &str) -> Bytes {
    let Name {
        kind,
        width,
        height,
        orientation,
        extension,
    } = Name::of(name);
    if extension == "svg" {
        return format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><rect width="100%" height="100%" fill="#00f"/></svg>"##
        )
        .into();
    }
    let mut bytes = Vec::new();
    if let Some(frames) = kind.strip_prefix("frames") {
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
        for frame in 0..frames.parse().unwrap() {
            let color = Rgba([frame * 20, 255 - frame * 20, 0, 255]);
            let frame = Frame::new(RgbaImage::from_pixel(width, height, color));
            encoder.encode_frame(frame).unwrap();
        }
        drop(encoder);
        return bytes.into();
    }
    let picture = DynamicImage::from(pixels(name));
    match extension {
        "jpg" => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
            picture.to_rgb8().write_with_encoder(encoder).unwrap();
            if let Some(orientation) = orientation {
                photo::orient(&mut bytes, orientation);
            }
        }
        extension => {
            let format = ImageFormat::from_extension(extension).unwrap();
            picture
                .write_to(&mut Cursor::new(&mut bytes), format)
                .unwrap();
        }
    }
    bytes.into()
}

/// The pixels of the image of that name, as they are stored.
pub(crate) fn pixels(name: &str) -> RgbaImage {
    let Name {
        kind,
        width,
        height,
        ..
    } = Name::of(name);
    match kind {
        "map" => RgbaImage::from_fn(width, height, |x, y| map(x, y, width, height)),
        "halves" => RgbaImage::from_fn(width, height, |x, _| {
            let value = if x < width / 2 { 0 } else { 255 };
            Rgba([value, value, value, 255])
        }),
        "disc" => RgbaImage::from_fn(width, height, |x, y| {
            let across = f64::from(2 * x + 1) / f64::from(width) - 1.0;
            let down = f64::from(2 * y + 1) / f64::from(height) - 1.0;
            let inside = across.hypot(down) < 0.9;
            Rgba([255, 255, 255, if inside { 255 } else { 0 }])
        }),
        "bordered" => RgbaImage::from_fn(width, height, |x, y| bordered(x, y, width, height)),
        "framed" => RgbaImage::from_fn(width, height, |x, y| {
            if (8..width - 6).contains(&x) && (4..height - 2).contains(&y) {
                map(x, y, width, height)
            } else {
                Rgba([0; 4])
            }
        }),
        color => RgbaImage::from_pixel(width, height, self::color(color)),
    }
}

fn map(x: u32, y: u32, width: u32, height: u32) -> Rgba<u8> {
    let across = (f64::from(x) + 0.5) / f64::from(width);
    let down = (f64::from(y) + 0.5) / f64::from(height);
    let waves =
        (across * 6.0 * std::f64::consts::TAU).sin() * (down * 5.0 * std::f64::consts::TAU).sin();
    Rgba([
        byte(across * 255.0),
        byte(down * 255.0),
        byte(127.5 + 100.0 * waves),
        255,
    ])
}

/// 32 columns of white at the left, 80 of black at the right; beside the latter 30 columns, and at the bottom 32 rows,
/// that are nearly black.
fn bordered(x: u32, y: u32, width: u32, height: u32) -> Rgba<u8> {
    let gray = |value| Rgba([value, value, value, 255]);
    if x >= width - 80 {
        gray(0)
    } else if x < 32 {
        gray(255)
    } else if x >= width - 110 || y >= height - 32 {
        gray(20)
    } else {
        let mut pixel = map(x, y, width, height);
        pixel[2] = 150;
        pixel
    }
}

/// A colour, in 6 or 8 hexadecimal digits.
pub(crate) fn color(digits: &str) -> Rgba<u8> {
    let value = u32::from_str_radix(digits, 16);
    let value = value.unwrap_or_else(|_| panic!("{digits:?} is not a colour"));
    let [red, green, blue, alpha] = match digits.len() {
        6 => value << 8 | 0xFF,
        8 => value,
        _ => panic!("{digits:?} is not a colour"),
    }
    .to_be_bytes();
    Rgba([red, green, blue, alpha])
}

pub(crate) fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}
