//! ImageKit's colours: six hex digits, two decimal ones after them for the opacity, or a name.

use super::number::whole;
use super::{Refuse, bad, blur_sigma, not_supported, quoted};
use crate::dialect::color::named;
use crate::guard::Rejection;
use crate::recipe::{Backdrop, Color};

pub(super) fn color(key: &str, text: &str) -> Result<Color, Rejection> {
    let no = || bad(format!("{key} is no colour: {}", quoted(text)));
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return named(text).ok_or_else(no);
    }
    if !matches!(text.len(), 6 | 8) {
        return Err(no());
    }
    let hex = |at: usize| {
        let digits = text.get(at..at + 2)?;
        u8::from_str_radix(digits, 16).ok()
    };
    let (Some(red), Some(green), Some(blue)) = (hex(0), hex(2), hex(4)) else {
        return Err(no());
    };
    let alpha = match text.get(6..).filter(|digits| !digits.is_empty()) {
        Some(percent) => alpha(whole(key, percent, 0, 99)?, 100),
        None => u8::MAX,
    };
    Ok(Color {
        red,
        green,
        blue,
        alpha,
    })
}

/// So many parts of a whole, of 255.
pub(super) fn alpha(part: u32, of: u32) -> u8 {
    u8::try_from((part * 255 + of / 2) / of).unwrap_or(u8::MAX)
}

/// What is seen beside the image, and through it.
pub(super) fn backdrop(text: &str) -> Result<Backdrop, Rejection> {
    /// What `auto`, and no intensity, blur by: that of a blur of 40.
    const AUTO: f64 = blur_sigma(40.0);

    let mut words = text.split('_');
    Ok(match words.next().unwrap_or_default() {
        "blurred" => {
            let sigma = match words.next() {
                None | Some("auto") => AUTO,
                Some(text) => blur_sigma(whole("bg", text, 1, 100)?.into()),
            };
            let brightness = match words.next() {
                None => 0,
                Some(text) => {
                    let (digits, sign) = text.strip_prefix('N').map_or((text, 1), |t| (t, -1));
                    let brightness = whole("bg", digits, 0, 255)?;
                    sign * i16::try_from(brightness).unwrap_or(0)
                }
            };
            none_left(words.next(), text)?;
            Backdrop::Blurred { sigma, brightness }
        }
        "dominant" => {
            none_left(words.next(), text)?;
            Backdrop::Dominant
        }
        "gradient" => {
            let dominant = words.next() == Some("dominant");
            let colors = match words.next() {
                None | Some("2") => Some(2),
                Some("4") => Some(4),
                Some(_) => None,
            };
            none_left(words.next(), text)?;
            let colors = colors.filter(|_| dominant);
            let colors = colors.ok_or_else(|| bad(format!("bg is unknown: {}", quoted(text))))?;
            Backdrop::DominantGradient { colors }
        }
        genfill if genfill.starts_with("genfill") => {
            return Err(not_supported("bg-genfill", Refuse::Model));
        }
        _ => Backdrop::Color(color("bg", text)?),
    })
}

fn none_left(word: Option<&str>, text: &str) -> Result<(), Rejection> {
    match word {
        None => Ok(()),
        Some(_) => Err(bad(format!("bg has too many parts: {}", quoted(text)))),
    }
}
