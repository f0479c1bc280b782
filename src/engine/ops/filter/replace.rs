use super::{colored, within};
use crate::engine::ops::statistics::dominant;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::ReplaceColor;

/// Replaces the pixels that are near a colour. What is transparent stays so.
pub(super) fn replace(picture: Picture, replace: ReplaceColor) -> Result<Picture, RenderError> {
    let from = replace.from.unwrap_or_else(|| dominant(&picture));
    let to = replace.to;
    let picture = colored(picture)?;
    let mut picture = if to.alpha < u8::MAX {
        with_alpha(picture)?
    } else {
        picture
    };
    let share = within(replace.tolerance, 0.0, 100.0, 0.0) / 100.0;
    // The farthest colours differ by 255 in each of three channels.
    let farthest = share * share * 3.0 * 255.0 * 255.0;
    let samples = picture.layout().samples();
    for pixel in picture.data_mut().chunks_exact_mut(samples) {
        let [red, green, blue, rest @ ..] = pixel else {
            continue;
        };
        let distance = [
            (&*red, from.red),
            (&*green, from.green),
            (&*blue, from.blue),
        ]
        .map(|(&value, from)| u32::from(value.abs_diff(from)).pow(2));
        if f64::from(distance.iter().sum::<u32>()) > farthest {
            continue;
        }
        (*red, *green, *blue) = (to.red, to.green, to.blue);
        if let Some(alpha) = rest.first_mut() {
            let product = u16::from(*alpha) * u16::from(to.alpha);
            *alpha = u8::try_from((product + 127) / 255).unwrap_or(u8::MAX);
        }
    }
    Ok(picture)
}

fn with_alpha(picture: Picture) -> Result<Picture, RenderError> {
    if picture.layout().has_alpha() {
        return Ok(picture);
    }
    let (pixels, _) = picture.data().as_chunks::<3>();
    let data = pixels.iter().flat_map(|&[r, g, b]| [r, g, b, u8::MAX]);
    let data = data.collect();
    Picture::new(picture.width(), picture.height(), Layout::Rgba, data)
}
