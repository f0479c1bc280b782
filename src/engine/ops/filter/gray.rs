//! What depends on luminance alone.

use super::lab;
use crate::engine::ops::srgb::srgb;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Color;

/// The greys of the colours' luminance.
pub(super) fn grayscale(picture: Picture) -> Result<Picture, RenderError> {
    let srgb = srgb();
    let data = picture.data();
    let (layout, data) = match picture.layout() {
        Layout::Gray | Layout::GrayAlpha => return Ok(picture),
        Layout::Rgb => {
            let pixels = data.as_chunks::<3>().0.iter();
            (Layout::Gray, pixels.map(|&rgb| srgb.gray(rgb)).collect())
        }
        Layout::Rgba => {
            let pixels = data.as_chunks::<4>().0.iter();
            let gray = |&[r, g, b, alpha]: &[u8; 4]| [srgb.gray([r, g, b]), alpha];
            (Layout::GrayAlpha, pixels.flat_map(gray).collect())
        }
    };
    Picture::new(picture.width(), picture.height(), layout, data)
}

/// White where the grey reaches `least`, else black.
pub(super) fn threshold(picture: Picture, least: u8) -> Result<Picture, RenderError> {
    let mut picture = grayscale(picture)?;
    let samples = picture.layout().samples();
    for pixel in picture.data_mut().chunks_exact_mut(samples) {
        if let Some(gray) = pixel.first_mut() {
            *gray = if *gray >= least { u8::MAX } else { 0 };
        }
    }
    Ok(picture)
}

/// The lightness of the picture with the hue and chroma of a colour.
pub(super) fn tint(picture: Picture, color: Color) -> Result<Picture, RenderError> {
    let gray = grayscale(picture)?;
    let table = lab::tinted([color.red, color.green, color.blue]);
    let data = gray.data();
    let (layout, data) = match gray.layout() {
        Layout::GrayAlpha | Layout::Rgba => {
            let pixels = data.as_chunks::<2>().0.iter();
            let tinted = |&[gray, alpha]: &[u8; 2]| {
                let [r, g, b] = table[usize::from(gray)];
                [r, g, b, alpha]
            };
            (Layout::Rgba, pixels.flat_map(tinted).collect())
        }
        Layout::Gray | Layout::Rgb => {
            let pixels = data.iter();
            let tinted = |&gray: &u8| table[usize::from(gray)];
            (Layout::Rgb, pixels.flat_map(tinted).collect())
        }
    };
    Picture::new(gray.width(), gray.height(), layout, data)
}
