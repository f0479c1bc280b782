//! What is done to the pixels.

use super::expression::{Values, signed};
use super::params::Params;
use crate::dialect::imagekit::color::alpha;
use crate::dialect::print::{Printed, hex, missing, no_such, percent, tidy, unsayable};
use crate::recipe::{
    Backdrop, Color, Distortion, Gradient, Length, ReplaceColor, RoundCorners, Shadow, Sharpen,
    Step, TrimColor, UnsharpMask,
};

pub(super) fn print(step: &Step, values: Values<'_>, params: &mut Params) -> Printed<()> {
    match step {
        Step::Trim(trim) => match trim.color {
            TrimColor::TopLeft => params.add("t", tidy(trim.tolerance)),
            color => return no_such(&color),
        },
        Step::Flip {
            horizontal,
            vertical,
        } => params.add(
            "fl",
            match (horizontal, vertical) {
                (true, true) => "h_v",
                (true, false) => "h",
                (false, true) => "v",
                (false, false) => return unsayable("Step::Flip", "nothing is swapped"),
            },
        ),
        Step::Rotate(rotate) => {
            params.add("rt", signed(rotate.degrees));
            if rotate.background != Color::TRANSPARENT {
                params.set("bg", color(rotate.background)?);
            }
        }
        Step::Blur { sigma } => params.add("bl", tidy(sigma * 2.0)),
        Step::Grayscale => params.add("e", "grayscale"),
        Step::Normalize => params.add("e", "contrast"),
        Step::Sharpen(how) => params.add("e", sharpen(how)),
        Step::UnsharpMask(mask) => params.add("e", unsharp_mask(mask)),
        Step::Shadow(shade) => params.add("e", shadow(shade)),
        Step::Gradient(shade) => params.add("e", gradient(shade, values)?),
        Step::Colorize {
            color: with,
            amount,
        } => params.add(
            "e",
            format!("colorize-co-{}_in-{}", color(*with)?, percent(*amount)),
        ),
        Step::Distort(distortion) => params.add("e", distort(distortion)),
        Step::ReplaceColor(colors) => params.add("cr", replace_color(colors)?),
        Step::Opacity(factor) => params.add("o", percent(*factor)),
        Step::Border(border) => {
            let color = color(border.color)?;
            params.add("b", format!("{}_{color}", values.size(border.width)?));
        }
        Step::RoundCorners(corners) => params.add("r", radii(corners)?),
        step => return no_such(step),
    }
    Ok(())
}

/// Six digits, and two decimal ones for the opacity in percent.
pub(super) fn color(color: Color) -> Printed {
    let digits = hex(color);
    if color.alpha == u8::MAX {
        return Ok(digits);
    }
    let percent = (u32::from(color.alpha) * 100 + 127) / 255;
    if percent > 99 || alpha(percent, 100) != color.alpha {
        return unsayable("Color.alpha", "it is in whole percent there");
    }
    Ok(format!("{digits}{percent:02}"))
}

pub(super) fn backdrop(backdrop: Backdrop) -> Printed {
    Ok(match backdrop {
        Backdrop::Color(of) => color(of)?,
        Backdrop::Dominant => "dominant".to_owned(),
        Backdrop::Blurred { sigma, brightness } => {
            format!(
                "blurred_{}_{}",
                tidy(sigma * 2.0),
                signed(brightness.into())
            )
        }
        Backdrop::DominantGradient { colors } => format!("gradient_dominant_{colors}"),
        backdrop @ Backdrop::Average => return no_such(&backdrop),
    })
}

fn sharpen(sharpen: &Sharpen) -> String {
    let plain = Sharpen::by(sharpen.sigma);
    if sharpen.max_brighten.to_bits() == plain.max_brighten.to_bits()
        && sharpen.max_darken.to_bits() == plain.max_darken.to_bits()
    {
        "sharpen".to_owned()
    } else {
        format!("sharpen-{}", tidy(sharpen.max_brighten))
    }
}

fn unsharp_mask(mask: &UnsharpMask) -> String {
    let [radius, sigma, amount, threshold] =
        [mask.radius, mask.sigma, mask.amount, mask.threshold].map(tidy);
    format!("usm-{radius}-{sigma}-{amount}-{threshold}")
}

fn shadow(shadow: &Shadow) -> String {
    format!(
        "shadow-bl-{}_st-{}_x-{}_y-{}",
        tidy(shadow.sigma * 2.0),
        percent(shadow.opacity),
        signed(percent(shadow.x)),
        signed(percent(shadow.y))
    )
}

fn gradient(gradient: &Gradient, values: Values<'_>) -> Printed {
    let stop = match gradient.stop {
        Length::Fraction(part) => tidy(part).to_string(),
        length => values.size(length)?,
    };
    Ok(format!(
        "gradient-ld-{}_from-{}_to-{}_sp-{stop}",
        tidy(gradient.degrees),
        color(gradient.from)?,
        color(gradient.to)?
    ))
}

fn distort(distortion: &Distortion) -> String {
    match distortion {
        Distortion::Arc(degrees) => format!("distort-a-{}", signed(*degrees)),
        Distortion::Perspective(corners) => {
            let numbers = corners.iter().flat_map(|&(x, y)| [signed(x), signed(y)]);
            format!("distort-p-{}", numbers.collect::<Vec<_>>().join("_"))
        }
    }
}

fn replace_color(colors: &ReplaceColor) -> Printed {
    let from = match colors.from {
        Some(from) => format!("_{}", color(from)?),
        None => String::new(),
    };
    let tolerance = tidy(colors.tolerance);
    Ok(format!("{}_{tolerance}{from}", color(colors.to)?))
}

pub(super) fn radii(corners: &RoundCorners) -> Printed {
    let mut texts = Vec::new();
    for (radius, _) in corners.radii {
        texts.push(match radius {
            Length::Pixels(pixels) => tidy(pixels).to_string(),
            Length::Fraction(0.5) => "max".to_owned(),
            _ => return missing("RoundCorners.radii"),
        });
    }
    texts.dedup();
    if let [all] = texts.as_slice() {
        return Ok(all.clone());
    }
    let radii = corners.radii.map(|(radius, _)| match radius {
        Length::Pixels(pixels) => tidy(pixels).to_string(),
        _ => "max".to_owned(),
    });
    Ok(radii.join("_"))
}
