//! imagor's colours: CSS names, or hex digits of length 3, 6 or 8; anything else is black.

use crate::dialect::color::named;
use crate::recipe::{Backdrop, Color};

/// The colour of a filter's argument, where it is one. Of eight digits the last two do not count.
pub(super) fn color(text: &str) -> Option<Color> {
    let text = text.split(',').next().unwrap_or_default();
    let color = with_alpha(text)?;
    Some(Color {
        alpha: u8::MAX,
        ..color
    })
}

/// The colour of a `color:` image, where it is one.
pub(super) fn with_alpha(text: &str) -> Option<Color> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if text.eq_ignore_ascii_case("none") {
        return Some(Color::TRANSPARENT);
    }
    if let Some(color) = named(text) {
        return Some(color);
    }
    // Any text of the right length counts, and what is no digit in it is 0.
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .map(Option::unwrap_or_default)
        .collect();
    Some(match *digits.as_slice() {
        [red, green, blue] => Color::opaque(red * 17, green * 17, blue * 17),
        [r1, r0, g1, g0, b1, b0] => Color::opaque(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0),
        [r1, r0, g1, g0, b1, b0, a1, a0] => Color {
            alpha: a1 * 16 + a0,
            ..Color::opaque(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)
        },
        _ => return None,
    })
}

/// What `fill` and `padding` put beside the image.
pub(super) fn backdrop(text: &str) -> Option<Backdrop> {
    /// The standard deviation of imagor's blur.
    const SIGMA: f64 = 50.0;

    Some(match text.to_ascii_lowercase().as_str() {
        "auto" => Backdrop::Average,
        "none" | "transparent" => Backdrop::Color(Color::TRANSPARENT),
        "blur" => Backdrop::Blurred {
            sigma: SIGMA,
            brightness: 0,
        },
        _ => Backdrop::Color(color(text)?),
    })
}
