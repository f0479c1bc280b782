//! Steps that keep the size, on 8-bit samples of sRGB. Alpha stays as it is unless the step is about it.

mod blur;
mod gray;
mod lab;
mod median;
mod pixelate;
mod replace;
mod sharpen;
mod table;
mod unsharp;

pub(in crate::engine) use self::blur::blur;
pub(in crate::engine) use self::pixelate::pixelate;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Step;

/// A step that keeps the size.
pub(in crate::engine) fn filter(picture: Picture, step: &Step) -> Result<Picture, RenderError> {
    match *step {
        Step::Blur { sigma } => Ok(blur(picture, sigma)),
        Step::Sharpen(sharpen) => Ok(sharpen::sharpen(picture, sharpen)),
        Step::UnsharpMask(mask) => Ok(unsharp::unsharp_mask(picture, mask)),
        Step::Median { size } => Ok(median::median(picture, size)),
        Step::Rgb { red, green, blue } => table::rgb(picture, [red, green, blue]),
        Step::Contrast(contrast) => table::contrast(picture, contrast),
        Step::Modulate(modulation) => Ok(lab::modulate(picture, modulation)),
        Step::Grayscale => gray::grayscale(picture),
        Step::Negate => table::negate(picture),
        Step::Tint(color) => gray::tint(picture, color),
        Step::Colorize { color, amount } => table::colorize(picture, color, amount),
        Step::Gamma(gamma) => table::gamma(picture, gamma),
        Step::Normalize => Ok(lab::normalize(picture)),
        Step::Threshold(least) => gray::threshold(picture, least),
        Step::ReplaceColor(replace) => replace::replace(picture, replace),
        _ => Err(RenderError::unsupported("this build has no such filter")),
    }
}

/// An argument within its range; what is not a number is `neutral`.
fn within(value: f64, low: f64, high: f64, neutral: f64) -> f64 {
    if value.is_nan() {
        neutral
    } else {
        value.clamp(low, high)
    }
}

/// The nearest sample.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
fn sample(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// The picture with red, green and blue, whatever it has.
fn colored(picture: Picture) -> Result<Picture, RenderError> {
    let pixels = picture.data().iter();
    let (layout, data) = match picture.layout() {
        Layout::Rgb | Layout::Rgba => return Ok(picture),
        Layout::Gray => (Layout::Rgb, pixels.flat_map(|&gray| [gray; 3]).collect()),
        Layout::GrayAlpha => {
            let (pixels, _) = picture.data().as_chunks::<2>();
            let pixels = pixels.iter();
            (
                Layout::Rgba,
                pixels
                    .flat_map(|&[gray, alpha]| [gray, gray, gray, alpha])
                    .collect(),
            )
        }
    };
    Picture::new(picture.width(), picture.height(), layout, data)
}
