//! What is written is read back by `image-webp`, which shares no code with libwebp.

#![cfg_attr(
    not(feature = "webp"),
    allow(dead_code, reason = "only what libwebp writes is compared")
)]

#[cfg(feature = "webp")]
mod animated;
#[cfg(feature = "webp")]
mod lossy;
mod reading;
#[cfg(feature = "webp")]
mod still;

use std::io::Cursor;

use image_webp::WebPDecoder;

use crate::engine::{Layout, Picture};

/// Smooth colours with no symmetry.
fn scene(width: u32, height: u32, layout: Layout) -> Picture {
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let along = |at: u32, length: u32| u8::try_from(20 + at * 215 / length).unwrap();
            let (a, b) = (along(x, width), along(y, height));
            let c = along(x + y, width + height);
            match layout {
                Layout::Gray => data.push(c),
                Layout::GrayAlpha => data.extend_from_slice(&[c, a]),
                Layout::Rgb => data.extend_from_slice(&[a, b, c]),
                Layout::Rgba => data.extend_from_slice(&[a, b, c, 255 - a / 2]),
            }
        }
    }
    Picture::new(width, height, layout, data).unwrap()
}

fn decoder(file: &[u8]) -> WebPDecoder<Cursor<&[u8]>> {
    WebPDecoder::new(Cursor::new(file)).unwrap()
}

/// The pixels, as red, green, blue and alpha.
fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = decoder(file);
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    if !decoder.has_alpha() {
        pixels = pixels
            .chunks_exact(3)
            .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
            .collect();
    }
    (width, height, pixels)
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |(&a, &b): (&u8, &u8)| f64::from(a.abs_diff(b)).powi(2);
    let sum: f64 = a.iter().zip(b).map(square).sum();
    let samples = u32::try_from(a.len()).unwrap();
    10.0 * (255.0 * 255.0 * f64::from(samples) / sum.max(1e-9)).log10()
}
