//! What is drawn over an image.

use super::{Printer, base64, color_name, shorter};
use crate::dialect::print::{Printed, encoded, hex, inverse, missing, percent, tidy};
use crate::recipe::{
    Blend, Content, Expression, Length, Overlay, Position, Text, TextAlign, TextWrap,
};

impl Printer<'_> {
    pub(super) fn overlay(&self, overlay: &Overlay) -> Printed {
        let x = position(overlay.x, ["left", "right"], "Overlay.x")?;
        let y = position(overlay.y, ["top", "bottom"], "Overlay.y")?;
        let alpha = inverse(overlay.opacity, (1.0 - overlay.opacity) * 100.0, |alpha| {
            1.0 - (alpha / 100.0).clamp(0.0, 1.0)
        });
        let blend = blend(overlay.blend);
        let image = |url: String| Ok(format!("image(/unsafe/{url},{x},{y},{alpha},{blend})"));
        match &overlay.content {
            Content::Source(source) if overlay.steps.is_empty() && blend == "normal" => {
                let name = self.sources.get(*source).map_or("", |name| name);
                let fit = match overlay.fit {
                    None => String::new(),
                    Some((width, height)) => format!(",{},{}", percent(width), percent(height)),
                };
                Ok(format!(
                    "watermark({},{x},{y},{alpha}{fit})",
                    self.name(name)
                ))
            }
            Content::Text(text) => {
                let place = format!("{x},{y}");
                text_filter(text, &overlay.lengths, &place, alpha, blend)
            }
            Content::Source(source) => {
                let name = self.sources.get(*source).map_or("", |name| name);
                image(self.url(&overlay.steps, name, None)?)
            }
            Content::Canvas { color, .. } => {
                image(self.url(&overlay.steps, &color_name(*color), None)?)
            }
        }
    }
}

/// `text(text,x,y,font,color,alpha,blend,width,align,justify,wrap,spacing)`.
fn text_filter(
    text: &Text,
    lengths: &[Expression],
    place: &str,
    alpha: f64,
    blend: &str,
) -> Printed {
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, ' ' | '_' | '.');
    if !text.family.chars().all(plain) {
        return missing("Text.family");
    }
    let letters = if text.text.starts_with("b64:") {
        base64(&text.text)
    } else {
        encoded(&text.text)
    };
    let font = format!("{}-{}", text.family.replace(' ', "-"), tidy(text.size));
    let color = hex(text.color);
    let width = match text.width {
        None => String::new(),
        Some(Length::Pixels(pixels)) => tidy(pixels).to_string(),
        Some(Length::Fraction(1.0)) => "f".to_owned(),
        Some(Length::Fraction(part)) if part < 1.0 => tidy(part).to_string(),
        Some(Length::Fraction(part)) => format!("{}p", percent(part)),
        Some(Length::Computed(place)) => shorter(lengths, place, "Text.width")?,
    };
    let (align, justify) = match text.align {
        TextAlign::Start => ("low", "false"),
        TextAlign::Center => ("centre", "false"),
        TextAlign::End => ("high", "false"),
        TextAlign::Justify => ("low", "true"),
    };
    let wrap = match text.wrap {
        TextWrap::Word => "word",
        TextWrap::Char => "char",
        TextWrap::WordChar => "wordchar",
        TextWrap::Never => "none",
    };
    let spacing = if text.line_height > 0.0 {
        let guess = (text.line_height - 1.2) * text.size;
        inverse(text.line_height, guess, |spacing| 1.2 + spacing / text.size)
    } else {
        0.0
    };
    Ok(format!(
        "text({letters},{place},{font},{color},{alpha},{blend},{width},{align},{justify},{wrap},{spacing})"
    ))
}

/// A place along an axis whose ends have these names.
fn position(position: Position, [start, end]: [&str; 2], field: &'static str) -> Printed {
    let distance = |length: Length, minus: &str| match length {
        Length::Pixels(pixels) => Ok(format!("{minus}{}", tidy(pixels))),
        Length::Fraction(part) if part > 0.0 && part < 1.0 => Ok(format!("{minus}{part}")),
        Length::Fraction(part) => Ok(format!("{minus}{}p", percent(part))),
        Length::Computed(_) => missing(field),
    };
    match position {
        Position::Center(_) => Ok("center".to_owned()),
        Position::Repeat(_) => Ok("repeat".to_owned()),
        Position::End(Length::Pixels(0.0)) => Ok(end.to_owned()),
        Position::Start(Length::Pixels(pixels)) if pixels < 0.0 => {
            Ok(format!("{start}-{}", -pixels))
        }
        Position::End(Length::Pixels(pixels)) if pixels < 0.0 => Ok(format!("{end}-{}", -pixels)),
        Position::Start(length) => distance(length, ""),
        Position::End(length) => distance(length, "-"),
    }
}

fn blend(blend: Blend) -> &'static str {
    match blend {
        Blend::Normal => "normal",
        Blend::Multiply => "multiply",
        Blend::Screen => "screen",
        Blend::Overlay => "overlay",
        Blend::Darken => "darken",
        Blend::Lighten => "lighten",
        Blend::ColorDodge => "color-dodge",
        Blend::ColorBurn => "color-burn",
        Blend::HardLight => "hard-light",
        Blend::SoftLight => "soft-light",
        Blend::Difference => "difference",
        Blend::Exclusion => "exclusion",
        Blend::Add => "add",
        Blend::Mask => "mask",
        Blend::MaskOut => "mask-out",
    }
}
