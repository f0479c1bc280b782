use moxcms::{ColorProfile, DataColorSpace};

use super::intents;
use super::profile::parsed;
use crate::engine::picture::byte_len;
use crate::engine::{Layout, Picture, RenderError};

/// Colours of print in sRGB: `samples` are cyan, magenta, yellow and black, four bytes a pixel. 255 is most ink or, where
/// they are `inverted` as Adobe's JPEGs are, none.
///
/// Through their ICC profile, where there is one that can be used; otherwise each ink takes its part of the light.
pub(in crate::engine) fn cmyk_to_rgb(
    width: u32,
    height: u32,
    mut samples: Vec<u8>,
    inverted: bool,
    profile: Option<&[u8]>,
) -> Result<Picture, RenderError> {
    let pixels = byte_len(width, height, Layout::Gray)?;
    if samples.len() / 4 != pixels || !samples.len().is_multiple_of(4) {
        return Err(RenderError::internal(format!(
            "{} bytes do not make {width} by {height} pixels of CMYK",
            samples.len()
        )));
    }
    if let Some(profile) = profile.and_then(parsed) {
        if inverted {
            invert(&mut samples);
        }
        if let Some(data) = converted(&samples, &profile) {
            return Picture::new(width, height, Layout::Rgb, data);
        }
        invert(&mut samples);
    } else if !inverted {
        invert(&mut samples);
    }
    let (pixels, _) = samples.as_chunks::<4>();
    let data = pixels.iter().flat_map(|&[cyan, magenta, yellow, black]| {
        [cyan, magenta, yellow].map(|light| {
            let product = (u16::from(light) * u16::from(black) + 127) / 255;
            u8::try_from(product).unwrap_or(u8::MAX)
        })
    });
    Picture::new(width, height, Layout::Rgb, data.collect())
}

fn invert(samples: &mut [u8]) {
    for sample in samples {
        *sample = !*sample;
    }
}

fn converted(samples: &[u8], profile: &ColorProfile) -> Option<Vec<u8>> {
    if profile.color_space != DataColorSpace::Cmyk {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    // Four channels are four channels to the library.
    let (four, rgb) = (moxcms::Layout::Rgba, moxcms::Layout::Rgb);
    let transform = intents().find_map(|options| {
        let transform = profile.create_transform_8bit(four, &srgb, rgb, options);
        transform.ok()
    })?;
    let mut data = vec![0; samples.len() / 4 * 3];
    transform.transform(samples, &mut data).ok()?;
    Some(data)
}
