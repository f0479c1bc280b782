//! Colour spaces: from any ICC profile to sRGB, and out of transparency and greys.

mod cmyk;
mod profile;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, RenderingIntent, TransformExecutor, TransformOptions};

pub(in crate::engine) use self::cmyk::cmyk_to_rgb;
pub(in crate::engine) use self::profile::is_srgb;
use self::profile::parsed;
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
    let transform = cached(profile, picture.layout())?;
    let mut data = vec![0; picture.data().len()];
    transform.transform(picture.data(), &mut data).ok()?;
    Some(data)
}

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// The transform of a profile, kept for the next picture on this thread: the frames of an animation have the same, and so do
/// most photographs of a site.
fn cached(profile: &[u8], layout: Layout) -> Option<Transform> {
    /// The largest profile that is kept, in bytes. Larger ones hold tables, for printers mostly.
    const LARGEST: usize = 16 << 10;
    type Kept = Option<(Vec<u8>, Layout, Transform)>;
    thread_local! {
        static KEPT: RefCell<Kept> = const { RefCell::new(None) };
    }

    KEPT.with_borrow_mut(|kept| {
        if let Some((of, for_layout, transform)) = kept
            && of.as_slice() == profile
            && *for_layout == layout
        {
            return Some(Arc::clone(transform));
        }
        let transform = transform(profile, layout)?;
        if profile.len() <= LARGEST {
            *kept = Some((profile.to_vec(), layout, Arc::clone(&transform)));
        }
        Some(transform)
    })
}

fn transform(profile: &[u8], layout: Layout) -> Option<Transform> {
    let source = parsed(profile)?;
    let srgb = ColorProfile::new_srgb();
    let (space, target, layout) = match layout {
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
    intents().find_map(|options| {
        let transform = source.create_transform_8bit(layout, &target, layout, options);
        transform.ok()
    })
}

/// Perceptual, which maps what sRGB has no colours for; where the profile lacks the tables, whatever it has.
fn intents() -> impl Iterator<Item = TransformOptions> {
    let intents = [
        RenderingIntent::Perceptual,
        RenderingIntent::RelativeColorimetric,
        RenderingIntent::Saturation,
    ];
    intents.into_iter().map(|intent| TransformOptions {
        rendering_intent: intent,
        ..TransformOptions::default()
    })
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
