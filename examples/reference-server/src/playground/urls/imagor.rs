//! imagor's URLs, which are thumbor's.

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;
use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::super::settings::{Fit, Keep, Settings};
use super::{
    PLAIN, PLAIN_OR_SLASH, Printed, TRIM_TOLERANCE, before_all, before_turn, number, part, word,
};

pub(super) fn print(settings: &Settings, image: &str) -> Printed {
    let mut path = String::new();
    if settings.trim {
        let _ = write!(path, "trim:{TRIM_TOLERANCE}/");
    }
    let [mut width, mut height] = [settings.width, settings.height];
    if settings.turns % 2 == 1 {
        (width, height) = (height, width);
    }
    if settings.sized() {
        path += match settings.fit {
            Fit::Inside | Fit::Pad => "fit-in/",
            Fit::Fill => "",
            Fit::Stretch => "stretch/",
        };
    }
    let [across, down] = before_turn(settings).map(|mirrored| if mirrored { "-" } else { "" });
    if settings.sized() || settings.mirror != [false; 2] {
        let _ = write!(path, "{across}{width}x{down}{height}/");
    }
    if settings.cuts() {
        let [x, y] = before_all(settings);
        match settings.keep {
            Keep::Smart => path += "smart/",
            Keep::Point(..) => {}
            Keep::Side(..) => {
                path += word(x, ["left/", "", "right/"]);
                path += word(y, ["top/", "", "bottom/"]);
            }
        }
    }
    let filters = filters(settings);
    // Without filters, the beginning of a name with a slash could be taken for a part of the recipe.
    let mut plain = PLAIN;
    if !filters.is_empty() {
        let _ = write!(path, "filters:{}/", filters.join(":"));
        plain = PLAIN_OR_SLASH;
    }
    path += &imagor_text(image, plain);
    Printed {
        target: path,
        left_out: Vec::new(),
    }
}

fn filters(settings: &Settings) -> Vec<String> {
    let mut filters = Vec::new();
    if settings.cuts() && matches!(settings.keep, Keep::Point(..)) {
        // From 1 on it would be in pixels.
        let [x, y] = before_all(settings).map(|part| number(part.min(0.999)));
        filters.push(format!("focal({x}x{y})"));
    }
    let enlarges = matches!(settings.fit, Fit::Fill | Fit::Stretch);
    match (settings.sized(), settings.enlarge) {
        (true, true) if !enlarges => filters.push("upscale()".into()),
        (true, false) if enlarges => filters.push("no_upscale()".into()),
        _ => {}
    }
    if settings.turns > 0 {
        // Counter-clockwise.
        filters.push(format!("rotate({})", 360 - 90 * u32::from(settings.turns)));
    }
    let amounts = [
        ("blur", settings.blur, settings.blur * 2.0),
        // Strength 0 is a sigma of 1.
        ("sharpen", settings.sharpen, (settings.sharpen - 1.0) / 2.0),
        ("brightness", settings.brightness, settings.brightness),
        ("contrast", settings.contrast, settings.contrast),
        ("saturation", settings.saturation, settings.saturation),
    ];
    let amounts = amounts.iter().filter(|(_, amount, _)| *amount != 0.0);
    filters.extend(amounts.map(|(name, _, value)| format!("{name}({})", number(*value))));
    if settings.grayscale {
        filters.push("grayscale()".into());
    }
    match (&settings.background, settings.pads()) {
        (Some(color), true) => filters.push(format!("fill({color})")),
        (None, true) => filters.push("fill(transparent)".into()),
        (Some(color), false) => filters.push(format!("background_color({color})")),
        (None, false) => {}
    }
    if settings.radius > 0 {
        filters.push(format!("round_corner({})", settings.radius));
    }
    if let Some(text) = &settings.text {
        let (x, y) = text.place;
        let [x, y] = [part(x), part(y)];
        filters.push(format!(
            "label({},{},{},{},{})",
            imagor_text(&text.words, PLAIN),
            word(x, ["left", "center", "right"]),
            word(y, ["top", "center", "bottom"]),
            text.size,
            text.color
        ));
    }
    filters.extend((settings.quality).map(|quality| format!("quality({quality})")));
    filters.extend(settings.format.map(|format| format!("format({format})")));
    filters
}

/// A text that imagor decodes. One that it would take for base64 then is base64.
fn imagor_text(text: &str, plain: &'static AsciiSet) -> String {
    if text.starts_with("b64:") {
        return format!("b64:{}", BASE64URL_NOPAD.encode(text.as_bytes()));
    }
    utf8_percent_encode(text, plain).to_string()
}
