//! The filters that draw something over the image.

use super::args::Args;
use super::{Main, Request, blank, fraction, segments, shorter};
use crate::guard::Rejection;
use crate::recipe::{
    Blank, Blend, Content, Expression, Length, Overlay, Property, Step, Text, TextAlign, TextWrap,
    Variable,
};
use crate::url_lex::imagor::{lex_nested, prefix};

impl Request {
    /// `watermark(image,x,y,alpha[,width,height])`: places count where there are three arguments, sizes where all six are.
    pub(super) fn watermark(&mut self, args: &Args<'_>) -> Result<Option<Step>, Rejection> {
        let Some(name) = args.decoded(0).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let source = self.add_source(&name)?;
        let mut overlay = Overlay::new(Content::Source(source));
        if args.len() >= 3 {
            (overlay.x, overlay.y) = args.place(1);
        } else {
            (overlay.x, overlay.y) = Args::of("").place(0);
        }
        overlay.opacity = opacity(args.number(3));
        if args.len() >= 6 {
            let ratio = |at: usize| match args.text(at) {
                "none" => 1.0,
                _ => fraction(args.number(at)),
            };
            let ratios = (ratio(4), ratio(5));
            overlay.fit = (ratios.0 > 0.0 && ratios.1 > 0.0).then_some(ratios);
        }
        Ok(Some(Step::Overlay(Box::new(overlay))))
    }

    /// `image(path,x,y[,alpha[,blend]])`, whose path is another imagor URL. What stands in the signature's place is passed over.
    pub(super) fn image(&mut self, args: &Args<'_>) -> Result<Option<Step>, Rejection> {
        let nested = lex_nested(prefix(args.text(0)).rest);
        if nested.image.is_empty() || args.len() < 3 {
            return Ok(None);
        }
        let steps = self.nested(|request| segments(request, &nested))?;
        let content = match super::main(nested.image)? {
            Main::Source(name) => Content::Source(self.add_source(&name)?),
            Main::Color(color) => {
                let full = nested.size.map_or([None; 2], |size| size.full);
                let Blank {
                    width,
                    height,
                    color,
                } = blank(&nested, color)?;
                let side = |at: usize, length: u32| match full[at] {
                    // It grows to the size of the URL.
                    Some(_) => Length::Pixels(1.0),
                    None => length.into(),
                };
                Content::Canvas {
                    width: side(0, width),
                    height: side(1, height),
                    color,
                }
            }
        };
        let mut overlay = Overlay::new(content);
        overlay.steps = steps;
        (overlay.x, overlay.y) = args.place(1);
        overlay.opacity = opacity(args.number(3));
        overlay.blend = blend(args, 4);
        Ok(Some(Step::Overlay(Box::new(overlay))))
    }
}

/// `label(text,x,y,size,color,alpha,font)`.
pub(super) fn label(args: &Args<'_>) -> Option<Step> {
    let mut text = Text::new(&*args.decoded(0).filter(|text| !text.is_empty())?);
    let size = args.number(3);
    text.size = if size > 0.0 { size } else { 20.0 };
    text.color = args.color(4);
    text.family = font(args.text(6)).0.into();
    let mut overlay = Overlay::new(Content::Text(text));
    (overlay.x, overlay.y) = args.place(1);
    overlay.opacity = opacity(args.number(5));
    Some(Step::Overlay(Box::new(overlay)))
}

/// `text(text,x,y,font,color,alpha,blend,width,align,justify,wrap,spacing,dpi)`.
pub(super) fn text(args: &Args<'_>) -> Option<Step> {
    let mut text = Text::new(&*args.decoded(0).filter(|text| !text.is_empty())?);
    let (family, size) = font(args.text(3));
    text.family = family.into();
    if let Some(size) = size {
        // Points, at 72 to the inch, unless the dots are said.
        let dpi = args.number(12);
        text.size = if dpi > 0.0 { size * dpi / 72.0 } else { size };
    }
    text.color = args.color(4);
    let mut lengths = Vec::new();
    let wide = args.text(7);
    text.width = args.or(wide, width(wide, &mut lengths).map(Some), None);
    let align = match args.text(8) {
        "centre" | "center" => Some(TextAlign::Center),
        "high" | "right" => Some(TextAlign::End),
        "low" | "left" => Some(TextAlign::Start),
        _ => None,
    };
    text.align = match args.or(args.text(8), align, TextAlign::Start) {
        TextAlign::Start if args.text(9) == "true" => TextAlign::Justify,
        align => align,
    };
    let wrap = match args.text(10) {
        "word" => Some(TextWrap::Word),
        "char" => Some(TextWrap::Char),
        "wordchar" => Some(TextWrap::WordChar),
        "none" => Some(TextWrap::Never),
        _ => None,
    };
    text.wrap = args.or(args.text(10), wrap, TextWrap::Word);
    let spacing = args.number(11);
    if spacing > 0.0 && text.size > 0.0 {
        text.line_height = 1.2 + spacing / text.size;
    }
    let mut overlay = Overlay::new(Content::Text(text));
    (overlay.x, overlay.y) = args.place(1);
    overlay.opacity = opacity(args.number(5));
    overlay.blend = blend(args, 6);
    overlay.lengths = lengths;
    Some(Step::Overlay(Box::new(overlay)))
}

/// imagor's alpha says how much is taken away, in percent.
fn opacity(alpha: f64) -> f64 {
    1.0 - fraction(alpha).clamp(0.0, 1.0)
}

/// The family of `sans-bold-20`, and its size.
fn font(text: &str) -> (String, Option<f64>) {
    let words = text.replace('-', " ");
    match words.rsplit_once(' ') {
        Some((family, size)) => match super::args::number(size) {
            Some(size) => (family.to_owned(), Some(size)),
            None => (words, None),
        },
        None => (words, None),
    }
}

/// Pixels, `80p`, `0.8`, `f` for all, or `f-20` for all but 20 pixels.
fn width(text: &str, lengths: &mut Vec<Expression>) -> Option<Length> {
    let full = text.strip_prefix("full").or_else(|| text.strip_prefix('f'));
    let length = match (full, text.strip_suffix('p')) {
        (Some(""), _) => Length::Fraction(1.0),
        (Some(rest), _) => {
            let less = rest.strip_prefix('-')?.parse().ok()?;
            lengths.push(shorter(Variable::Base(Property::Width), less));
            return Some(Length::Computed(0));
        }
        (None, Some(percent)) => Length::Fraction(fraction(super::args::number(percent)?)),
        (None, None) => match super::args::number(text)? {
            part if part > 0.0 && part < 1.0 => Length::Fraction(part),
            pixels => Length::Pixels(pixels),
        },
    };
    match length {
        Length::Pixels(length) | Length::Fraction(length) if length > 0.0 => Some(()),
        _ => None,
    }
    .map(|()| length)
}

fn blend(args: &Args<'_>, at: usize) -> Blend {
    let name = args.text(at);
    args.or(name, blend_of(name), Blend::Normal)
}

fn blend_of(name: &str) -> Option<Blend> {
    Some(match name {
        "normal" => Blend::Normal,
        "multiply" => Blend::Multiply,
        "color-burn" => Blend::ColorBurn,
        "darken" => Blend::Darken,
        "screen" => Blend::Screen,
        "color-dodge" => Blend::ColorDodge,
        "lighten" => Blend::Lighten,
        "add" => Blend::Add,
        "overlay" => Blend::Overlay,
        "soft-light" => Blend::SoftLight,
        "hard-light" => Blend::HardLight,
        "difference" => Blend::Difference,
        "exclusion" => Blend::Exclusion,
        "mask" => Blend::Mask,
        "mask-out" => Blend::MaskOut,
        _ => return None,
    })
}
