//! imagor's colours: CSS names, or hex digits of length 3, 6 or 8; anything else is black.

use crate::dialect::color::named;
use crate::recipe::{Backdrop, Color};

/// The colour of a filter's argument. Of eight digits the last two do not count.
pub(super) fn color(text: &str) -> Color {
    let text = text.split(',').next().unwrap_or_default();
    let text = text.strip_prefix('#').unwrap_or(text);
    if let Some(color) = named(text) {
        return Color {
            alpha: 255,
            ..color
        };
    }
    // Any text of the right length counts, and what is no digit in it is 0.
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .map(Option::unwrap_or_default)
        .collect();
    match *digits.as_slice() {
        [red, green, blue] => Color::opaque(red * 17, green * 17, blue * 17),
        [r1, r0, g1, g0, b1, b0] | [r1, r0, g1, g0, b1, b0, _, _] => {
            Color::opaque(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)
        }
        _ => Color::BLACK,
    }
}

/// What `fill` and `padding` put beside the image.
pub(super) fn backdrop(text: &str) -> Backdrop {
    /// The standard deviation of imagor's blur.
    const SIGMA: f64 = 50.0;

    match text.to_ascii_lowercase().as_str() {
        "auto" => Backdrop::Average,
        "none" | "transparent" => Backdrop::Color(Color::TRANSPARENT),
        "blur" => Backdrop::Blurred {
            sigma: SIGMA,
            brightness: 0,
        },
        _ => Backdrop::Color(color(text)),
    }
}
