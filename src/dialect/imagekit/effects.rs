//! What is done to the pixels once the image has its size.

use super::color::color;
use super::geometry::Geometry;
use super::number::{Lengths, Number, decimal, expression, signed, whole, within};
use super::params::Params;
use super::{Refuse, bad, blur_sigma, not_supported, quoted};
use crate::guard::Rejection;
use crate::recipe::{
    Backdrop, Border, Color, Distortion, Extend, Gradient, Length, ReplaceColor, Rotate,
    RoundCorners, Shadow, Sharpen, Step, Trim, TrimColor, UnsharpMask,
};

/// Effects that a model makes, which is paid for.
const OF_MODELS: [&str; 8] = [
    "bgremove",
    "removedotbg",
    "changebg",
    "edit",
    "dropshadow",
    "retouch",
    "upscale",
    "genvar",
];

/// How far a sample may be from the border's colour where the URL does not say.
const TRIM_TOLERANCE: f64 = 10.0;

/// `t`: what is trimmed first.
pub(super) fn trim(text: &str) -> Result<Option<Step>, Rejection> {
    let tolerance = match text {
        "false" => return Ok(None),
        "true" => TRIM_TOLERANCE,
        text => whole("t", text, 1, 99)?.into(),
    };
    Ok(Some(trim_by(tolerance)))
}

/// What overlays are trimmed by unless they say otherwise.
pub(super) fn default_trim() -> Step {
    trim_by(TRIM_TOLERANCE)
}

fn trim_by(tolerance: f64) -> Step {
    Step::Trim(Trim {
        tolerance,
        color: TrimColor::TopLeft,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    })
}

/// The steps after the size is made: `fl`, `rt`, `bl`, `e`, `cr`, `o`, `bg`, `b` and `r`.
pub(super) fn read(
    params: &mut Params<'_>,
    backdrop: Option<Backdrop>,
    geometry: &Geometry,
    lengths: &mut Lengths,
) -> Result<Vec<Step>, Rejection> {
    let mut steps = Vec::new();
    if let Some(text) = params.take("fl") {
        steps.push(flip(text)?);
    }
    if let Some(text) = params.take("rt") {
        let corners = match backdrop {
            Some(Backdrop::Color(color)) => color,
            _ => Color::TRANSPARENT,
        };
        steps.extend(rotate(text, corners)?);
    }
    if let Some(text) = params.take("bl") {
        let sigma = blur_sigma(whole("bl", text, 1, 100)?.into());
        steps.push(Step::Blur { sigma });
    }
    while let Some(text) = params.take("e") {
        steps.push(effect(text, lengths)?);
    }
    if let Some(text) = params.take("cr") {
        steps.push(replace_color(text)?);
    }
    let opacity = params
        .take("o")
        .map(|text| within("o", text, 0.0, 100.0))
        .transpose()?;
    if let Some(percent) = opacity {
        steps.push(Step::Opacity(percent / 100.0));
    }
    if let Some(backdrop) = backdrop
        && (opacity.is_some() || !geometry.pads())
    {
        steps.push(Step::Extend(Extend {
            backdrop: match backdrop {
                // What shows through is opaque then.
                Backdrop::Color(color) if opacity.is_some() => Backdrop::Color(Color {
                    alpha: u8::MAX,
                    ..color
                }),
                backdrop => backdrop,
            },
            flatten: true,
            ..Extend::default()
        }));
    }
    if let Some(text) = params.take("b") {
        steps.push(border(text, lengths)?);
    }
    if let Some(text) = params.take("r") {
        steps.push(Step::RoundCorners(round(text)?));
    }
    Ok(steps)
}

fn flip(text: &str) -> Result<Step, Rejection> {
    let (horizontal, vertical) = match text {
        "h" => (true, false),
        "v" => (false, true),
        "h_v" | "v_h" => (true, true),
        text => return Err(bad(format!("fl is unknown: {}", quoted(text)))),
    };
    Ok(Step::Flip {
        horizontal,
        vertical,
    })
}

/// Clockwise. Images are upright anyway, which is what `auto` asks for.
fn rotate(text: &str, background: Color) -> Result<Option<Step>, Rejection> {
    if text == "auto" {
        return Ok(None);
    }
    let degrees = within("rt", text, -360.0, 360.0)?;
    Ok(Some(Step::Rotate(Rotate {
        degrees,
        background,
    })))
}

/// `WIDTH_COLOR`, where the width may be an expression.
fn border(text: &str, lengths: &mut Lengths) -> Result<Step, Rejection> {
    let parts = text.rsplit_once('_');
    let (width, border_color) =
        parts.ok_or_else(|| bad(format!("b is no width and colour: {}", quoted(text))))?;
    let width = match decimal(width) {
        Some(_) => Number::Known(whole("b", width, 0, crate::dialect::MAX_LENGTH)?.into()),
        None => expression("b", width)?,
    };
    Ok(Step::Border(Border {
        width: lengths.of(width)?,
        color: color("b", border_color)?,
    }))
}

/// Pixels, `max`, or pixels of each corner: top left, top right, bottom right, bottom left.
pub(super) fn round(text: &str) -> Result<RoundCorners, Rejection> {
    let radius = |text: &str| match text {
        "max" => Ok(Length::Fraction(0.5)),
        text => whole("r", text, 0, crate::dialect::MAX_LENGTH).map(Length::from),
    };
    let mut words = text.split('_');
    let mut next = || words.next().map(radius).transpose();
    let radii = match (next()?, next()?, next()?, next()?, next()?) {
        (Some(all), None, ..) => [all; 4],
        (Some(a), Some(b), Some(c), Some(d), None) => [a, b, c, d],
        _ => {
            return Err(bad(format!(
                "r is neither one radius nor four: {}",
                quoted(text)
            )));
        }
    };
    Ok(RoundCorners {
        radii: radii.map(|radius| (radius, radius)),
        background: None,
    })
}

/// `TO[_TOLERANCE[_FROM]]`.
fn replace_color(text: &str) -> Result<Step, Rejection> {
    /// In percent.
    const TOLERANCE: f64 = 35.0;

    let mut words = text.splitn(3, '_');
    let to = color("cr", words.next().unwrap_or_default())?;
    let tolerance = words.next().map(|text| within("cr", text, 0.0, 100.0));
    let from = words.next().map(|text| color("cr", text)).transpose()?;
    Ok(Step::ReplaceColor(ReplaceColor {
        to,
        tolerance: tolerance.transpose()?.unwrap_or(TOLERANCE),
        from,
    }))
}

fn effect(text: &str, lengths: &mut Lengths) -> Result<Step, Rejection> {
    let (name, args) = match text.split_once('-') {
        Some((name, args)) => (name, Some(args)),
        None => (text, None),
    };
    if OF_MODELS.contains(&name) {
        return Err(not_supported(&format!("e-{name}"), Refuse::Model));
    }
    Ok(match (name, args) {
        ("grayscale", None) => Step::Grayscale,
        ("contrast", None) => Step::Normalize,
        ("sharpen", args) => Step::Sharpen(sharpen(args)?),
        ("usm", Some(args)) => Step::UnsharpMask(unsharp_mask(args)?),
        ("shadow", args) => Step::Shadow(shadow(args.unwrap_or_default())?),
        ("gradient", args) => Step::Gradient(gradient(args.unwrap_or_default(), lengths)?),
        ("colorize", args) => colorize(args.unwrap_or_default())?,
        ("distort", Some(args)) => Step::Distort(distortion(args)?),
        _ => return Err(bad(format!("there is no effect {}", quoted(text)))),
    })
}

/// The extent limits how much lighter or darker a pixel becomes, in units of L.
fn sharpen(extent: Option<&str>) -> Result<Sharpen, Rejection> {
    let sharpen = Sharpen::by(1.0);
    let Some(extent) = extent else {
        return Ok(sharpen);
    };
    let extent = within("e-sharpen", extent, 0.0, 100.0)?;
    Ok(Sharpen {
        max_brighten: extent,
        max_darken: extent,
        ..sharpen
    })
}

/// `RADIUS-SIGMA-AMOUNT-THRESHOLD`.
fn unsharp_mask(text: &str) -> Result<UnsharpMask, Rejection> {
    let no = || {
        bad(format!(
            "e-usm has no four numbers above 0: {}",
            quoted(text)
        ))
    };
    let mut numbers = text.split('-').map(decimal);
    let mut next = |most: f64| {
        let number = numbers.next().flatten();
        number
            .filter(|number| (0.0..=most).contains(number))
            .ok_or_else(no)
    };
    let mask = UnsharpMask {
        radius: next(100.0)?,
        sigma: next(100.0)?,
        amount: next(100.0)?,
        threshold: next(1.0)?,
    };
    match numbers.next() {
        None => Ok(mask),
        Some(_) => Err(no()),
    }
}

/// The arguments of an effect, `KEY-VALUE` joined by `_`. Of each there is one.
fn arguments<'a>(
    effect: &str,
    text: &'a str,
    mut read: impl FnMut(&'a str, &'a str) -> Option<Result<(), Rejection>>,
) -> Result<(), Rejection> {
    let mut keys = Vec::new();
    for argument in text.split('_').filter(|_| !text.is_empty()) {
        let no = || bad(format!("{effect} has no argument {}", quoted(argument)));
        let (key, value) = argument.split_once('-').ok_or_else(no)?;
        if keys.contains(&key) {
            return Err(bad(format!("{effect} has {} twice", quoted(key))));
        }
        read(key, value).ok_or_else(no)??;
        // An effect has less than ten, so that looking through them costs little.
        keys.push(key);
    }
    Ok(())
}

fn shadow(text: &str) -> Result<Shadow, Rejection> {
    let mut shadow = Shadow {
        sigma: blur_sigma(10.0),
        opacity: 0.3,
        x: 0.02,
        y: 0.02,
    };
    arguments("e-shadow", text, |key, value| {
        let number = |low, high| within("e-shadow", value, low, high);
        Some(match key {
            "bl" => number(0.0, 15.0).map(|blur| shadow.sigma = blur_sigma(blur)),
            "st" => number(0.0, 100.0).map(|percent| shadow.opacity = percent / 100.0),
            "x" => number(-100.0, 100.0).map(|percent| shadow.x = percent / 100.0),
            "y" => number(-100.0, 100.0).map(|percent| shadow.y = percent / 100.0),
            _ => return None,
        })
    })?;
    Ok(shadow)
}

fn gradient(text: &str, lengths: &mut Lengths) -> Result<Gradient, Rejection> {
    let mut gradient = Gradient {
        degrees: 180.0,
        from: Color::WHITE,
        to: Color::TRANSPARENT,
        stop: Length::Fraction(1.0),
    };
    // A direction and a stop may be of several words.
    let mut arguments: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let no = || bad(format!("e-gradient has no argument {}", quoted(rest)));
        let (key, value) = rest.split_once('-').ok_or_else(no)?;
        let next = ["_ld-", "_from-", "_to-", "_sp-"]
            .iter()
            .filter_map(|key| value.find(key))
            .min();
        let (value, after) = match next {
            Some(at) => value.split_at(at),
            None => (value, ""),
        };
        if arguments.iter().any(|&(other, _)| other == key) {
            return Err(bad(format!("e-gradient has {} twice", quoted(key))));
        }
        if !["ld", "from", "to", "sp"].contains(&key) {
            return Err(no());
        }
        arguments.push((key, value));
        rest = after.get(1..).unwrap_or_default();
    }
    for (key, value) in arguments {
        match key {
            "ld" => gradient.degrees = direction(value)?,
            "from" => gradient.from = color("e-gradient", value)?,
            "to" => gradient.to = color("e-gradient", value)?,
            _ => {
                gradient.stop = match decimal(value) {
                    Some(part) if part > 0.0 && part <= 1.0 => Length::Fraction(part),
                    Some(_) => {
                        Length::from(whole("e-gradient", value, 1, crate::dialect::MAX_LENGTH)?)
                    }
                    None => lengths.of(expression("e-gradient", value)?)?,
                }
            }
        }
    }
    Ok(gradient)
}

fn direction(text: &str) -> Result<f64, Rejection> {
    Ok(match text {
        "top" => 0.0,
        "top_right" | "right_top" => 45.0,
        "right" => 90.0,
        "bottom_right" | "right_bottom" => 135.0,
        "bottom" => 180.0,
        "bottom_left" | "left_bottom" => 225.0,
        "left" => 270.0,
        "top_left" | "left_top" => 315.0,
        text => within("e-gradient", text, 0.0, 360.0)?,
    })
}

fn colorize(text: &str) -> Result<Step, Rejection> {
    let mut with = Color::opaque(128, 128, 128);
    let mut amount = 1.0;
    arguments("e-colorize", text, |key, value| {
        Some(match key {
            "co" => color("e-colorize", value).map(|color| with = color),
            "in" => within("e-colorize", value, 0.0, 100.0).map(|part| amount = part / 100.0),
            _ => return None,
        })
    })?;
    Ok(Step::Colorize {
        color: with,
        amount,
    })
}

/// `p-X1_Y1_..._Y4` or `a-DEGREES`.
fn distortion(text: &str) -> Result<Distortion, Rejection> {
    let no = || bad(format!("e-distort is unknown: {}", quoted(text)));
    match text.split_once('-').ok_or_else(no)? {
        ("a", degrees) => within("e-distort", degrees, -360.0, 360.0).map(Distortion::Arc),
        ("p", corners) => {
            let most = f64::from(crate::dialect::MAX_LENGTH);
            let mut numbers = corners.split('_').map(signed);
            let mut next = || {
                let number = numbers.next().flatten();
                number.filter(|number| number.abs() <= most).ok_or_else(no)
            };
            let mut corners = [(0.0, 0.0); 4];
            for corner in &mut corners {
                *corner = (next()?, next()?);
            }
            match numbers.next() {
                None => Ok(Distortion::Perspective(corners)),
                Some(_) => Err(no()),
            }
        }
        _ => Err(no()),
    }
}
