use std::borrow::Cow;

use moxcms::{ColorProfile, DataColorSpace, TransformOptions};

use crate::engine::{Layout, Picture, RenderError};

/// Converts a picture from its profile's colours to sRGB. A profile that is broken, or for other channels than the picture
/// has, stands for sRGB.
pub(in crate::engine) fn to_srgb(picture: Picture) -> Result<Picture, RenderError> {
    let Some(data) = picture
        .profile()
        .and_then(|profile| converted(&picture, profile))
    else {
        return Ok(picture.with_profile(None));
    };
    Picture::new(picture.width(), picture.height(), picture.layout(), data)
}

fn converted(picture: &Picture, profile: &[u8]) -> Option<Vec<u8>> {
    let source = ColorProfile::new_from_slice(profile).ok()?;
    let srgb = ColorProfile::new_srgb();
    let (space, target, layout) = match picture.layout() {
        Layout::Rgb => (DataColorSpace::Rgb, srgb, moxcms::Layout::Rgb),
        Layout::Rgba => (DataColorSpace::Rgb, srgb, moxcms::Layout::Rgba),
        Layout::Gray => (DataColorSpace::Gray, srgb_gray(&srgb), moxcms::Layout::Gray),
        Layout::GrayAlpha => (
            DataColorSpace::Gray,
            srgb_gray(&srgb),
            moxcms::Layout::GrayAlpha,
        ),
    };
    if source.color_space != space {
        return None;
    }
    let transform = source
        .create_transform_8bit(layout, &target, layout, TransformOptions::default())
        .ok()?;
    let mut data = vec![0; picture.data().len()];
    transform.transform(picture.data(), &mut data).ok()?;
    Some(data)
}

/// Whether a profile says no more than that the pixels are sRGB.
pub(in crate::engine) fn is_srgb(_profile: &[u8]) -> bool {
    false
}

/// The greys of sRGB.
fn srgb_gray(srgb: &ColorProfile) -> ColorProfile {
    let mut gray = ColorProfile::new_gray_with_gamma(2.2);
    gray.gray_trc.clone_from(&srgb.green_trc);
    gray
}

/// The picture on black, without alpha: what libvips, and so imagor, makes of it for a format that has none.
pub(in crate::engine) fn flatten(picture: &Picture) -> Result<Cow<'_, Picture>, RenderError> {
    let layout = match picture.layout() {
        Layout::Gray | Layout::Rgb => return Ok(Cow::Borrowed(picture)),
        Layout::GrayAlpha => Layout::Gray,
        Layout::Rgba => Layout::Rgb,
    };
    let data = picture
        .data()
        .chunks_exact(picture.layout().samples())
        .filter_map(<[u8]>::split_last)
        .flat_map(|(&alpha, colors)| colors.iter().map(move |&color| product(color, alpha)))
        .collect();
    Picture::new(picture.width(), picture.height(), layout, data).map(Cow::Owned)
}

/// `a * b / 255`, to the nearest.
fn product(a: u8, b: u8) -> u8 {
    let rounded = (u16::from(a) * u16::from(b) + 127) / 255;
    u8::try_from(rounded).unwrap_or(u8::MAX)
}

/// The picture with three colours, for a format that has no greys.
pub(in crate::engine) fn colored(picture: &Picture) -> Result<Cow<'_, Picture>, RenderError> {
    let pixels = picture.data().chunks_exact(picture.layout().samples());
    let (layout, data) = match picture.layout() {
        Layout::Rgb | Layout::Rgba => return Ok(Cow::Borrowed(picture)),
        Layout::Gray => (
            Layout::Rgb,
            pixels.flatten().flat_map(|&gray| [gray; 3]).collect(),
        ),
        Layout::GrayAlpha => (
            Layout::Rgba,
            pixels
                .filter_map(<[u8]>::first_chunk)
                .flat_map(|&[gray, alpha]| [gray, gray, gray, alpha])
                .collect(),
        ),
    };
    Picture::new(picture.width(), picture.height(), layout, data).map(Cow::Owned)
}
