//! imgproxy's URLs.

use std::fmt::Write as _;

use imgward::recipe::Align;
use percent_encoding::utf8_percent_encode;

use super::super::settings::{Fit, Keep, Settings};
use super::{PLAIN_OR_SLASH, Printed, TRIM_TOLERANCE, number, part, word};

pub(super) fn print(settings: &Settings, image: &str) -> Printed {
    let mut left_out = Vec::new();
    let mut options: Vec<String> = Vec::new();
    if settings.trim {
        options.push(format!("t:{TRIM_TOLERANCE}"));
    }
    // The turn comes before the mirror here, and before the size.
    if settings.turns > 0 {
        options.push(format!("rot:{}", 90 * u32::from(settings.turns)));
    }
    if settings.mirror != [false; 2] {
        let [across, down] = settings.mirror.map(u8::from);
        options.push(format!("fl:{across}:{down}"));
    }
    if settings.sized() {
        let way = match settings.fit {
            Fit::Inside | Fit::Pad => "fit",
            Fit::Fill => "fill",
            Fit::Stretch => "force",
        };
        let enlarge = if settings.enlarge { ":1" } else { "" };
        let (width, height) = (settings.width, settings.height);
        options.push(format!("rs:{way}:{width}:{height}{enlarge}"));
        if settings.fit == Fit::Pad {
            options.push("ex:1".into());
        }
    }
    if settings.cuts() {
        match settings.keep {
            Keep::Smart => options.push("g:sm".into()),
            Keep::Point(x, y) => options.push(format!("g:fp:{}:{}", number(x), number(y))),
            Keep::Side(Align::Center, Align::Center) => {}
            Keep::Side(x, y) => {
                let [x, y] = [part(x), part(y)];
                let (down, across) = (word(y, ["no", "", "so"]), word(x, ["we", "", "ea"]));
                options.push(format!("g:{down}{across}"));
            }
        }
    }
    let saturation = if settings.grayscale {
        -100.0
    } else {
        settings.saturation
    };
    let amounts = [
        ("bl", settings.blur, settings.blur),
        ("sh", settings.sharpen, settings.sharpen),
        ("br", settings.brightness, settings.brightness * 2.55),
        ("co", settings.contrast, contrast_factor(settings.contrast)),
        ("sa", saturation, 1.0 + saturation / 100.0),
    ];
    let amounts = amounts.iter().filter(|(_, amount, _)| *amount != 0.0);
    options.extend(amounts.map(|(name, _, value)| format!("{name}:{}", number(*value))));
    options.extend((settings.background.as_ref()).map(|color| format!("bg:{color}")));
    options.extend(settings.quality.map(|quality| format!("q:{quality}")));
    if settings.radius > 0 {
        left_out.push("rounded corners");
    }
    if settings.text.is_some() {
        left_out.push("the text");
    }
    let mut target = options.join("/");
    if !target.is_empty() {
        target.push('/');
    }
    let _ = write!(
        target,
        "plain/{}",
        utf8_percent_encode(image, PLAIN_OR_SLASH)
    );
    if let Some(format) = settings.format {
        let _ = write!(target, "@{format}");
    }
    Printed { target, left_out }
}

/// imgproxy's factor for a contrast in percent.
fn contrast_factor(percent: f64) -> f64 {
    let level = percent * 2.55;
    259.0 * (level + 255.0) / (255.0 * (259.0 - level))
}
