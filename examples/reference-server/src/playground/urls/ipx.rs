//! IPX's URLs.

use imgward::recipe::Align;
use percent_encoding::utf8_percent_encode;

use super::super::settings::{Fit, Keep, Settings};
use super::{
    PLAIN_OR_SLASH, Printed, TRIM_TOLERANCE, before_turn, left_out_unless_zero, number, part, word,
};

pub(super) fn print(settings: &Settings, image: &str) -> Printed {
    let mut left_out = Vec::new();
    let mut operations: Vec<String> = Vec::new();
    // Mirroring comes before the turn here.
    let [across, down] = before_turn(settings);
    operations.extend(across.then(|| "flop".into()));
    operations.extend(down.then(|| "flip".into()));
    if settings.turns > 0 {
        operations.push(format!("rotate_{}", 90 * u32::from(settings.turns)));
    }
    if settings.trim {
        operations.push(format!("trim_{TRIM_TOLERANCE}"));
    }
    match (settings.width, settings.height) {
        (0, 0) => {}
        (width, 0) => operations.push(format!("w_{width}")),
        (0, height) => operations.push(format!("h_{height}")),
        (width, height) => {
            operations.push(format!("s_{width}x{height}"));
            let fit = match settings.fit {
                Fit::Inside => "inside",
                Fit::Fill => "cover",
                Fit::Pad => "contain",
                Fit::Stretch => "fill",
            };
            operations.push(format!("fit_{fit}"));
        }
    }
    if settings.sized() && settings.enlarge {
        operations.push("enlarge".into());
    }
    if settings.cuts() {
        match settings.keep {
            Keep::Smart => operations.push("pos_attention".into()),
            Keep::Point(..) => left_out.push("the focal point"),
            Keep::Side(Align::Center, Align::Center) => {}
            Keep::Side(x, y) => {
                let [x, y] = [part(x), part(y)];
                let down = word(y, ["north", "", "south"]);
                operations.push(format!("pos_{down}{}", word(x, ["west", "", "east"])));
            }
        }
    }
    if settings.blur > 0.0 {
        operations.push(format!("blur_{}", number(settings.blur)));
    }
    if settings.sharpen > 0.0 {
        operations.push(format!("sharpen_{}", number(settings.sharpen)));
    }
    if settings.brightness != 0.0 || settings.saturation != 0.0 {
        let factors = [settings.brightness, settings.saturation];
        let [lightness, saturation] = factors.map(|percent| number(1.0 + percent / 100.0));
        operations.push(format!("modulate_{lightness}_{saturation}"));
    }
    if settings.grayscale {
        operations.push("grayscale".into());
    }
    match (&settings.background, settings.pads()) {
        (Some(color), true) => operations.push(format!("b_{color}")),
        (Some(color), false) => operations.push(format!("flatten,b_{color}")),
        (None, true) => operations.push("b_transparent".into()),
        (None, false) => {}
    }
    operations.extend(settings.quality.map(|quality| format!("q_{quality}")));
    operations.extend(settings.format.map(|format| format!("f_{format}")));
    left_out_unless_zero(&mut left_out, [("contrast", settings.contrast)]);
    if settings.radius > 0 {
        left_out.push("rounded corners");
    }
    if settings.text.is_some() {
        left_out.push("the text");
    }
    let operations = if operations.is_empty() {
        "_".into()
    } else {
        operations.join(",")
    };
    let image = utf8_percent_encode(image, PLAIN_OR_SLASH);
    Printed {
        target: format!("{operations}/{image}"),
        left_out,
    }
}
