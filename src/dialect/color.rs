//! Colours, as URLs write them.

use crate::recipe::Color;

/// A colour by its CSS name, in any case; `transparent` too.
pub(super) fn named(name: &str) -> Option<Color> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let color = csscolorparser::parse(name).ok().filter(|_| letters)?;
    let [red, green, blue, alpha] = color.to_rgba8();
    Some(Color {
        red,
        green,
        blue,
        alpha,
    })
}
