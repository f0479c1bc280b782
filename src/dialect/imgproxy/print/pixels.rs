//! Colours, and what is drawn.

use data_encoding::BASE64URL_NOPAD;

use super::geometry::side;
use crate::dialect::imgproxy::pipeline::contrast;
use crate::dialect::imgproxy::source::LOCAL;
use crate::dialect::print::{Printed, hex, inverse, missing, no_such, tidy};
use crate::recipe::{Align, Backdrop, Content, Gradient, Length, Overlay, Position, Step};

pub(super) fn print(step: &Step) -> Printed<Vec<String>> {
    Ok(match step {
        Step::Blur { sigma } => vec![format!("bl:{}", tidy(*sigma))],
        Step::Sharpen(sharpen) => vec![format!("sh:{}", tidy(sharpen.sigma))],
        Step::Pixelate { size, .. } => vec![format!("pix:{size}")],
        Step::UnsharpMask(mask) => {
            let weight = inverse(mask.amount, mask.amount * 24.0 / 9.0, |weight| {
                9.0 * weight / 24.0
            });
            vec![format!("ush:always:{weight}")]
        }
        Step::Rgb { red, .. } => {
            let steps = inverse(*red, red * 2.55, |steps| steps / 2.55);
            vec![format!("br:{steps}")]
        }
        Step::Contrast(amount) => {
            let level = amount * 2.55;
            let guess = 259.0 * (255.0 + level) / (255.0 * (259.0 - level));
            vec![format!("co:{}", inverse(*amount, guess, contrast))]
        }
        Step::Modulate(modulation) => vec![format!("sa:{}", tidy(modulation.saturation))],
        Step::Colorize { color, amount } => {
            vec![format!("col:{}:{}:1", tidy(*amount), hex(*color))]
        }
        Step::Gradient(gradient) => vec![shade(gradient)?],
        Step::Flatten(Backdrop::Color(color)) => vec![format!("bg:{}", hex(*color))],
        Step::Extend(extend) => match extend.backdrop {
            Backdrop::Color(color) => vec![
                format!("bg:{}", hex(color)),
                format!("bga:{}", share(color.alpha)),
            ],
            backdrop => return no_such(&backdrop),
        },
        step => return no_such(step),
    })
}

/// Alpha as a part of 1, in few digits.
fn share(alpha: u8) -> f64 {
    let alpha = f64::from(alpha);
    inverse(alpha, alpha / 255.0, |share| (share * 255.0).round())
}

/// `OPACITY:color:direction:start:stop`; there 0 degrees are down.
fn shade(gradient: &Gradient) -> Printed {
    let Length::Fraction(stop) = gradient.stop else {
        return missing("Gradient.stop");
    };
    let up = |degrees: f64| (degrees + 180.0).rem_euclid(360.0);
    let degrees = inverse(gradient.degrees, up(gradient.degrees), up);
    let (opacity, color) = (share(gradient.to.alpha), hex(gradient.to));
    Ok(format!("gr:{opacity}:{color}:{degrees}:0:{}", tidy(stop)))
}

pub(super) fn overlay(
    overlay: &Overlay,
    sources: &[Box<str>],
    pixel_ratio: f64,
) -> Printed<Vec<String>> {
    let opacity = tidy(overlay.opacity);
    let source = match &overlay.content {
        Content::Canvas { color, .. } => {
            return Ok(vec![format!("col:{opacity}:{}:0", hex(*color))]);
        }
        Content::Source(source) => *source,
        text @ Content::Text(_) => return no_such(text),
    };
    let (place, x, y) = match (overlay.x, overlay.y) {
        (Position::Repeat(x), Position::Repeat(y)) => ("re", x, y),
        (x, y) => {
            let (horizontal, x) = along(x)?;
            let (vertical, y) = along(y)?;
            (side(horizontal, vertical), x, y)
        }
    };
    let distance = |length: Length| match length {
        Length::Pixels(pixels) => Ok(inverse(pixels, pixels / pixel_ratio, |distance| {
            distance * pixel_ratio
        })),
        Length::Fraction(part) => Ok(tidy(part)),
        Length::Computed(_) => no_such(&length),
    };
    let (x, y) = (distance(x)?, distance(y)?);
    let scale = overlay.fit.map_or(0.0, |(width, _)| tidy(width));
    let name = sources.get(source).map_or("", |name| name);
    let local = if name.starts_with(LOCAL) { LOCAL } else { "" };
    let name = BASE64URL_NOPAD.encode(format!("{local}{name}").as_bytes());
    Ok(vec![
        format!("wmu:{name}"),
        format!("wm:{opacity}:{place}:{x}:{y}:{scale}"),
    ])
}

fn along(position: Position) -> Printed<(Align, Length)> {
    Ok(match position {
        Position::Start(length) => (Align::Start, length),
        Position::Center(length) => (Align::Center, length),
        Position::End(length) => (Align::End, length),
        position @ Position::Repeat(_) => return no_such(&position),
    })
}
