//! Steps as filters.

use crate::dialect::print::{
    Printed, hex, inverse, missing, no_such, pixels, pixels_or_none, tidy,
};
use crate::recipe::{
    Backdrop, Color, Extend, Extract, Gravity, Length, Modulation, RoundCorners, Step, TrimColor,
};

/// A step that is a filter.
pub(super) fn print(step: &Step) -> Printed {
    Ok(match step {
        Step::Trim(trim) => {
            let corner = match trim.color {
                TrimColor::TopLeft => "",
                TrimColor::BottomRight => ",bottom-right",
                color @ TrimColor::Color(_) => return no_such(&color),
            };
            format!("trim({}{corner})", tidy(trim.tolerance))
        }
        Step::Extract(extract) => crop(extract)?,
        Step::Resize(resize) => format!("proportion({})", tidy(resize.zoom[0])),
        Step::Extend(extend) => padding(extend)?,
        Step::Rotate(rotate) => format!("rotate({})", 360.0 - rotate.degrees.rem_euclid(360.0)),
        Step::Flatten(Backdrop::Color(color)) => format!("background_color({})", hex(*color)),
        // Filters with one argument have a radius.
        Step::Blur { sigma } => format!("blur({})", tidy(sigma * 2.0)),
        Step::Sharpen(sharpen) => {
            let strength = inverse(sharpen.sigma, (sharpen.sigma - 1.0) / 2.0, |strength| {
                1.0 + 2.0 * strength
            });
            format!("sharpen({strength})")
        }
        Step::Pixelate { size, .. } => format!("pixelate({size})"),
        Step::Rgb { red, green, blue } => {
            let [red, green, blue] = [*red, *green, *blue].map(tidy);
            if (red, red) == (green, blue) {
                format!("brightness({red})")
            } else {
                format!("rgb({red},{green},{blue})")
            }
        }
        Step::Contrast(amount) => format!("contrast({})", tidy(*amount)),
        Step::Modulate(modulation) => modulate(*modulation),
        Step::Grayscale => "grayscale()".to_owned(),
        Step::Negate => "invert()".to_owned(),
        Step::RoundCorners(corners) => round_corner(corners)?,
        step => return no_such(step),
    })
}

fn modulate(modulation: Modulation) -> String {
    let change = |factor: f64| inverse(factor, (factor - 1.0) * 100.0, |part| 1.0 + part / 100.0);
    let (lightness, saturation, hue) = (
        change(modulation.lightness),
        change(modulation.saturation),
        tidy(modulation.hue),
    );
    if (lightness, saturation) == (0.0, 0.0) {
        format!("hue({hue})")
    } else if (lightness, hue) == (0.0, 0.0) {
        format!("saturation({saturation})")
    } else {
        format!("modulate({lightness},{saturation},{hue})")
    }
}

fn crop(extract: &Extract) -> Printed {
    let Gravity::Anchor { x, y, .. } = extract.gravity else {
        return missing("Extract.gravity");
    };
    let (Some(width), Some(height)) = (extract.width, extract.height) else {
        return missing("Extract.width");
    };
    let length = |length| match length {
        Length::Pixels(number) | Length::Fraction(number) => Ok(tidy(number)),
        Length::Computed(_) => no_such(&length),
    };
    Ok(format!(
        "crop({},{},{},{})",
        length(x)?,
        length(y)?,
        length(width)?,
        length(height)?
    ))
}

/// `padding`, in pixels: left, top, right, bottom.
pub(super) fn margins(margins: [Length; 4]) -> Printed<[f64; 4]> {
    let [left, top, right, bottom] = margins;
    Ok([
        pixels(left, "Extend.left")?,
        pixels(top, "Extend.top")?,
        pixels(right, "Extend.right")?,
        pixels(bottom, "Extend.bottom")?,
    ])
}

fn padding(extend: &Extend) -> Printed {
    let [left, top, right, bottom] =
        margins([extend.left, extend.top, extend.right, extend.bottom])?;
    let backdrop = backdrop(extend.backdrop)?;
    Ok(format!("padding({backdrop},{left},{top},{right},{bottom})"))
}

/// `fill`, whose canvas is the size and the padding of the URL.
pub(super) fn fill(extend: &Extend) -> Printed {
    for (side, field) in [
        (extend.width, "Extend.width"),
        (extend.height, "Extend.height"),
    ] {
        // What is computed is so in the size of the URL.
        pixels_or_none(
            side.filter(|side| !matches!(side, Length::Computed(_))),
            field,
        )?;
    }
    Ok(format!("fill({})", backdrop(extend.backdrop)?))
}

fn backdrop(backdrop: Backdrop) -> Printed {
    Ok(match backdrop {
        Backdrop::Color(Color::TRANSPARENT) => "none".to_owned(),
        Backdrop::Color(color) => hex(color),
        Backdrop::Average => "auto".to_owned(),
        Backdrop::Blurred { .. } => "blur".to_owned(),
        backdrop @ (Backdrop::Dominant | Backdrop::DominantGradient { .. }) => {
            return no_such(&backdrop);
        }
    })
}

fn round_corner(corners: &RoundCorners) -> Printed {
    let (across, down) = corners.radii[0];
    let across = pixels(across, "RoundCorners.radii")?;
    let down = pixels(down, "RoundCorners.radii")?;
    let background = corners.background.map(|color| format!(",{}", hex(color)));
    let background = background.unwrap_or_default();
    Ok(format!("round_corner({across},{down}{background})"))
}
