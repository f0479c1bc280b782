//! ImageKit's URLs.

use std::fmt::Write as _;

use data_encoding::BASE64;
use imgward::recipe::Align;
use percent_encoding::utf8_percent_encode;

use super::super::settings::{Fit, Keep, Settings};
use super::{
    PLAIN, PLAIN_OR_SLASH, Printed, TRIM_TOLERANCE, before_turn, left_out_unless_zero, number,
    side_name,
};

pub(super) fn print(settings: &Settings, image: &str) -> Printed {
    let mut left_out = Vec::new();
    // What comes before the size is a step of its own.
    let mut first = Vec::new();
    if settings.trim {
        first.push(format!("t-{TRIM_TOLERANCE}"));
    }
    match before_turn(settings) {
        [true, true] => first.push("fl-h_v".into()),
        [true, false] => first.push("fl-h".into()),
        [false, true] => first.push("fl-v".into()),
        [false, false] => {}
    }
    if settings.turns > 0 {
        first.push(format!("rt-{}", 90 * u32::from(settings.turns)));
    }
    let mut second: Vec<String> = Vec::new();
    let sides = [("w", settings.width), ("h", settings.height)];
    let sides = sides.iter().filter(|(_, length)| *length > 0);
    second.extend(sides.map(|(side, length)| format!("{side}-{length}")));
    if !second.is_empty() {
        let way = match (settings.fit, settings.enlarge) {
            (Fit::Inside, true) => "c-at_max_enlarge",
            (Fit::Inside, false) => "c-at_max",
            (Fit::Fill, true) => "",
            (Fit::Fill, false) => "c-maintain_ratio_no_enlarge",
            (Fit::Pad, true) => "cm-pad_resize",
            (Fit::Pad, false) => "cm-pad_resize_no_enlarge",
            (Fit::Stretch, _) => "c-force",
        };
        second.extend((!way.is_empty()).then(|| way.into()));
        if settings.fit == Fit::Stretch && !settings.enlarge {
            left_out.push("never enlarging when stretched");
        }
    }
    if settings.cuts() {
        match settings.keep {
            Keep::Smart => second.push("fo-auto".into()),
            Keep::Point(..) => left_out.push("the focal point"),
            Keep::Side(Align::Center, Align::Center) => {}
            Keep::Side(x, y) => second.push(format!("fo-{}", side_name(x, y))),
        }
    }
    if settings.blur > 0.0 {
        second.push(format!("bl-{}", number(settings.blur * 2.0)));
    }
    if settings.sharpen > 0.0 {
        second.push(format!("e-sharpen-{}", number(settings.sharpen * 5.0)));
    }
    if settings.grayscale {
        second.push("e-grayscale".into());
    }
    second.extend((settings.background.as_ref()).map(|color| format!("bg-{color}")));
    if settings.radius > 0 {
        second.push(format!("r-{}", settings.radius));
    }
    if let Some(text) = &settings.text {
        let (x, y) = text.place;
        second.push(format!(
            "l-text,{},fs-{},co-{},lfo-{},l-end",
            imagekit_text(&text.words),
            text.size,
            text.color,
            side_name(x, y)
        ));
    }
    second.extend(settings.quality.map(|quality| format!("q-{quality}")));
    second.extend(settings.format.map(|format| format!("f-{format}")));
    left_out_unless_zero(
        &mut left_out,
        [
            ("brightness", settings.brightness),
            ("contrast", settings.contrast),
            ("saturation", settings.saturation),
        ],
    );
    let steps = [first, second].map(|step| step.join(","));
    let steps: Vec<&str> = (steps.iter().map(String::as_str))
        .filter(|step| !step.is_empty())
        .collect();
    let mut target = utf8_percent_encode(image, PLAIN_OR_SLASH).to_string();
    if !steps.is_empty() {
        let _ = write!(target, "?tr={}", steps.join(":"));
    }
    Printed { target, left_out }
}

/// The text of a layer: as it is where nothing in it means anything, else in base64.
fn imagekit_text(text: &str) -> String {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
    {
        return format!("i-{}", utf8_percent_encode(text, PLAIN));
    }
    let encoded = BASE64.encode(text.as_bytes());
    format!("ie-{}", utf8_percent_encode(&encoded, PLAIN))
}
