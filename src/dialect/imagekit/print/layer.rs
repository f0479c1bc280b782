//! What is drawn over an image.

use data_encoding::BASE64;

use super::Printer;
use super::effects::{backdrop, color};
use super::expression::Values;
use super::geometry::side;
use super::params::Params;
use crate::dialect::imagekit::layer::CANVAS;
use crate::dialect::print::{Printed, inverse, missing, no_such, tidy};
use crate::recipe::{
    Align, Backdrop, Blend, Content, Length, Overlay, Position, Step, Text, TextAlign, TextWrap,
};

impl Printer<'_> {
    /// `l-image,...,l-end`, or `l-text,...,l-end`.
    pub(super) fn layer(&self, overlay: &Overlay) -> Printed {
        let values = Values(&overlay.lengths);
        let mut params = Params::default();
        let mut steps = overlay.steps.as_slice();
        match &overlay.content {
            Content::Source(source) => {
                params.add("l", "image");
                let name = self.sources.get(*source).map_or("", |name| name);
                self::name(name, &mut params);
                // Images are trimmed unless they say otherwise.
                if let Some((Step::Trim(trim), rest)) = steps.split_first() {
                    params.add("t", tidy(trim.tolerance));
                    steps = rest;
                } else {
                    params.add("t", false);
                }
            }
            Content::Canvas {
                width,
                height,
                color,
            } => {
                params.add("l", "image");
                params.add("i", CANVAS);
                let all = Length::Fraction(1.0);
                for (key, length) in [("w", *width), ("h", *height)] {
                    if length != all {
                        params.add(key, values.size(length)?);
                    }
                }
                params.add("bg", backdrop(Backdrop::Color(*color))?);
                if overlay.opacity < 1.0 {
                    let tenths = inverse(overlay.opacity, overlay.opacity * 10.0, |n| n / 10.0);
                    params.add("al", tenths);
                }
            }
            Content::Text(of) => {
                params.add("l", "text");
                params.add("ie", BASE64.encode(of.text.as_bytes()));
                text(of, values, &mut params)?;
            }
        }
        place(overlay, values, &mut params)?;
        match overlay.blend {
            Blend::Normal => {}
            Blend::Multiply => params.add("lm", "multiply"),
            Blend::Mask => params.add("lm", "cutter"),
            Blend::MaskOut => params.add("lm", "cutout"),
            blend => return no_such(&blend),
        }
        let mut chain = vec![params.print()];
        chain.extend(self.chain(steps)?);
        Ok(format!("{},l-end", chain.join(":")))
    }
}

/// As it is, where nothing in it would be read as something else.
fn name(name: &str, params: &mut Params) {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    if name.bytes().all(plain) {
        params.add("i", name.replace('/', "@@"));
    } else {
        params.add("ie", BASE64.encode(name.as_bytes()));
    }
}

fn text(text: &Text, values: Values<'_>, params: &mut Params) -> Printed<()> {
    params.add("fs", tidy(text.size));
    if let Some(width) = text.width {
        params.add("w", values.size(width)?);
    }
    if !text.family.is_empty() {
        if text.family.contains([',', ':']) {
            return missing("Text.family");
        }
        params.add("ff", text.family.replace('/', "@@"));
    }
    params.add("co", color(text.color)?);
    if text.background != crate::recipe::Color::TRANSPARENT {
        params.add("bg", color(text.background)?);
    }
    match text.align {
        TextAlign::Center => {}
        TextAlign::Start => params.add("ia", "left"),
        TextAlign::End => params.add("ia", "right"),
        align @ TextAlign::Justify => return no_such(&align),
    }
    let styles = [
        (text.bold, "b"),
        (text.italic, "i"),
        (text.strikethrough, "strikethrough"),
    ];
    let styles = styles.into_iter().filter(|(on, _)| *on);
    let styles: Vec<_> = styles.map(|(_, style)| style).collect();
    if !styles.is_empty() {
        params.add("tg", styles.join("_"));
    }
    match text.wrap {
        TextWrap::Word => {}
        wrap => return no_such(&wrap),
    }
    if text.padding != [0; 4] {
        params.add("pa", text.padding.map(|side| side.to_string()).join("_"));
    }
    if text.radius != 0 {
        params.add("r", text.radius);
    }
    if text.line_height > 0.0 {
        let guess = text.line_height * text.size;
        let height = inverse(text.line_height, guess, |height| height / text.size);
        params.add("lh", height);
    }
    Ok(())
}

/// At a side, or at a point.
fn place(overlay: &Overlay, values: Values<'_>, params: &mut Params) -> Printed<()> {
    if let (Some(horizontal), Some(vertical)) = (at_side(overlay.x), at_side(overlay.y)) {
        if (horizontal, vertical) != (Align::Center, Align::Center) {
            params.add("lfo", side(horizontal, vertical));
        }
        return Ok(());
    }
    for (key, position) in [("lx", overlay.x), ("ly", overlay.y)] {
        let at = match position {
            Position::Start(length) => values.place(length)?,
            // What is negative counts from the other end.
            Position::End(Length::Pixels(pixels)) => values.place(Length::Pixels(-pixels))?,
            position => return no_such(&position),
        };
        params.add(key, at);
    }
    Ok(())
}

fn at_side(position: Position) -> Option<Align> {
    let none = Length::default();
    Some(match position {
        Position::Start(length) if length == none => Align::Start,
        Position::Center(length) if length == none => Align::Center,
        Position::End(length) if length == none => Align::End,
        _ => return None,
    })
}
