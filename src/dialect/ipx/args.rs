//! The arguments of an operation, as the recipe takes them.

use crate::dialect::MAX_LENGTH;
use crate::recipe::{Align, Color, Gravity, Kernel};

/// A whole number in decimal digits; zeros may stand before it.
pub(super) fn whole(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// A length in pixels, which is none where it is 0.
pub(super) fn length(text: &str) -> Option<u32> {
    whole(text).filter(|length| (1..=MAX_LENGTH).contains(length))
}

/// A distance in pixels.
pub(super) fn distance(text: &str) -> Option<u32> {
    whole(text).filter(|&distance| distance <= MAX_LENGTH)
}

/// A number, whole or not, from `least` to `most`.
pub(super) fn number(text: &str, least: f64, most: f64) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// Width and height, of which the second may be missing: then it is a square.
pub(super) fn size(text: &str) -> Option<(u32, u32)> {
    match text.split_once('x') {
        None => length(text).map(|side| (side, side)),
        Some((side, "" | "0")) => length(side).map(|side| (side, side)),
        Some((width, height)) => Some((length(width)?, length(height)?)),
    }
}

/// Three or six hexadecimal digits with or without `#`, or a colour as CSS writes it.
pub(super) fn color(text: &str) -> Option<Color> {
    let color = csscolorparser::parse(text).ok()?;
    let [red, green, blue, alpha] = color.to_rgba8();
    Some(Color {
        red,
        green,
        blue,
        alpha,
    })
}

/// sharp's words and numbers for a part of the image.
pub(super) fn position(text: &str) -> Option<Gravity> {
    use Align::{Center, End, Start};

    let (horizontal, vertical) = match text {
        "center" | "centre" | "0" => (Center, Center),
        "north" | "top" | "1" => (Center, Start),
        "east" | "right" | "2" => (End, Center),
        "south" | "bottom" | "3" => (Center, End),
        "west" | "left" | "4" => (Start, Center),
        "northeast" | "right top" | "5" => (End, Start),
        "southeast" | "right bottom" | "6" => (End, End),
        "southwest" | "left bottom" | "7" => (Start, End),
        "northwest" | "left top" | "8" => (Start, Start),
        "entropy" | "16" | "attention" | "17" => return Some(Gravity::Smart),
        _ => return None,
    };
    Some(Gravity::anchor(horizontal, vertical))
}

/// sharp's kernels, but for its two "magic" ones.
pub(super) fn kernel(text: &str) -> Option<Kernel> {
    Some(match text {
        "nearest" => Kernel::Nearest,
        "linear" => Kernel::Linear,
        "cubic" => Kernel::Cubic,
        "mitchell" => Kernel::Mitchell,
        "lanczos2" => Kernel::Lanczos2,
        "lanczos3" => Kernel::Lanczos3,
        _ => return None,
    })
}
