//! imagor's grammar, from a request to a URL.

mod filters;
mod overlay;
mod settings;

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;

use crate::dialect::print::{
    Printed, encoded, encoded_name, hex, missing, no_such, pixels_or_none, tidy, unsayable,
};
use crate::recipe::{
    Align, Answer, Color, Crop, Expression, Focus, Gravity, ImageRequest, Length, Metadata,
    Operator, Resize, ResizeMode, Step, Term, Trim, TrimColor, Variable,
};
use crate::url_lex::imagor::{Access, lex, lex_nested, prefix};

/// The request as a URL below its signature, and below `params/`. `base64`: whether names of images are written so; `kept`:
/// what is kept of a source's metadata where nothing is said.
pub(in crate::dialect) fn print(request: &ImageRequest, base64: bool, kept: Metadata) -> Printed {
    let printer = Printer {
        sources: &request.sources,
        base64,
    };
    let recipe = &request.recipe;
    let meta = match &recipe.output.answer {
        Answer::Document(document) => return described(document),
        answer @ Answer::OriginalOf(_) => return no_such(answer),
        answer => matches!(answer, Answer::Description(_)),
    };
    let settings = settings::print(request, kept)?;
    let blank = recipe.input.blank.map(|blank| color_name(blank.color));
    let name = blank
        .as_deref()
        .or(request.sources.first().map(|name| &**name));
    let url = printer.url(&recipe.steps, name.unwrap_or_default(), Some(settings))?;
    Ok(if meta { format!("meta/{url}") } else { url })
}

/// The URL that a document of `params/` describes, which is its first member.
fn described(document: &str) -> Printed {
    let url = document.strip_prefix("{\n  \"path\": \"");
    let url = url.and_then(|rest| rest.split_once('"'));
    match url {
        Some((url, _)) if !url.contains('\\') => Ok(url.to_owned()),
        _ => unsayable("Answer::Document", "it is none of a URL"),
    }
}

/// The name of an image of one colour.
fn color_name(color: Color) -> String {
    let alpha = match color.alpha {
        u8::MAX => String::new(),
        alpha => format!("{alpha:02x}"),
    };
    format!("color:{}{alpha}", hex(color))
}

struct Printer<'a> {
    sources: &'a [Box<str>],
    base64: bool,
}

/// What stands before the filters, in the order of the grammar, as far as it is known.
#[derive(Default)]
struct Segments {
    trim: String,
    crop: String,
    fit: &'static str,
    size: Option<[String; 2]>,
    flip: [bool; 2],
    padding: String,
    gravity: String,
}

impl Segments {
    /// Writes a size, where none is written, that says nothing.
    fn has_size(&mut self) {
        self.size
            .get_or_insert_with(|| ["0", "0"].map(str::to_owned));
    }
}

impl Printer<'_> {
    /// The URL of an image and what is done to it. `settings`: what else it says; `None` for a URL within a URL.
    fn url(&self, steps: &[Step], name: &str, settings: Option<Vec<String>>) -> Printed {
        let mut segments = Segments::default();
        let mut filters = Vec::new();
        let mut turned = false;
        // Where a side is computed, all steps are in there.
        let (lengths, steps) = match steps {
            [Step::Computed(computed)] => (&*computed.lengths, &*computed.steps),
            steps => (&[][..], steps),
        };
        let mut steps = steps.iter().peekable();
        match steps.peek() {
            Some(Step::Trim(trim)) => {
                segments.trim = trim_segment(*trim)?;
                segments.crop = trim.crop.map(crop_segment).unwrap_or_default();
                steps.next();
            }
            Some(Step::Crop(crop)) => {
                segments.crop = crop_segment(*crop);
                steps.next();
            }
            _ => {}
        }
        if let Some(Step::Resize(resize)) = steps.peek()
            && !resize.truncate
        {
            resize_segments(resize, lengths, &mut segments, &mut filters)?;
            steps.next();
        }
        if let Some(&&Step::Flip {
            horizontal,
            vertical,
        }) = steps.peek()
        {
            segments.flip = [horizontal, vertical];
            segments.has_size();
            steps.next();
        }
        for step in steps {
            filters.push(match step {
                Step::Extend(extend) if extend.width.is_some() => {
                    if segments.padding.is_empty() {
                        segments.padding = padding_segment(extend, turned)?;
                        // Without a size it would be read as a crop.
                        segments.has_size();
                    }
                    filters::fill(extend)?
                }
                Step::Overlay(overlay) => self.overlay(overlay)?,
                step => {
                    if let Step::Rotate(rotate) = step {
                        turned ^= rotate.degrees.rem_euclid(180.0) != 0.0;
                    }
                    filters::print(step)?
                }
            });
        }
        let nested = settings.is_none();
        filters.extend(settings.unwrap_or_default());
        Ok(self.with_name(&segments.print(&filters), name, nested))
    }

    /// The URL of what stands before the image, and the image.
    fn with_name(&self, before: &str, name: &str, nested: bool) -> String {
        // A name must not be read as a part of the grammar.
        let light = self.name(name);
        let url = format!("{before}{light}");
        let prefix = prefix(&url);
        let alone = !prefix.params && prefix.access == Access::None && prefix.rest == url;
        let parts = if nested { lex_nested(&url) } else { lex(&url) };
        if alone && parts.image == light {
            url
        } else {
            format!("{before}{}", encoded(name))
        }
    }

    /// The name of an image, as it is decoded anywhere.
    fn name(&self, name: &str) -> String {
        if self.base64 || name.starts_with("b64:") {
            base64(name)
        } else {
            encoded_name(name)
        }
    }
}

fn base64(text: &str) -> String {
    format!("b64:{}", BASE64URL_NOPAD.encode(text.as_bytes()))
}

impl Segments {
    fn print(&self, filters: &[String]) -> String {
        let mut url = format!("{}{}{}", self.trim, self.crop, self.fit);
        if let Some([width, height]) = &self.size {
            let [across, down] = self.flip.map(|flip| if flip { "-" } else { "" });
            // Writing to a String cannot fail.
            let _ = write!(url, "{across}{width}x{down}{height}/");
        }
        url.push_str(&self.padding);
        url.push_str(&self.gravity);
        if !filters.is_empty() {
            let _ = write!(url, "filters:{}/", filters.join(":"));
        }
        url
    }
}

fn trim_segment(trim: Trim) -> Printed {
    let corner = match trim.color {
        TrimColor::TopLeft => "",
        TrimColor::BottomRight => ":bottom-right",
        color @ TrimColor::Color(_) => return no_such(&color),
    };
    Ok(format!("trim{corner}:{}/", tidy(trim.tolerance)))
}

fn crop_segment(crop: Crop) -> String {
    let [left, top, right, bottom] = [crop.left, crop.top, crop.right, crop.bottom].map(tidy);
    format!("{left}x{top}:{right}x{bottom}/")
}

/// A side of the URL's size: pixels, or what is left of that of the image beneath.
fn side(length: Option<Length>, lengths: &[Expression], field: &'static str) -> Printed {
    Ok(match length {
        Some(Length::Computed(place)) => {
            let side = shorter(lengths, place, field)?;
            side.strip_suffix("-0").unwrap_or(&side).to_owned()
        }
        length => pixels_or_none(length, field)?.to_string(),
    })
}

/// A side of the image beneath, less so many pixels: `f-20`. thumbor's, of the image itself, is `orig`.
fn shorter(lengths: &[Expression], place: u8, field: &'static str) -> Printed {
    match lengths.get(usize::from(place)).map(Expression::terms) {
        Some(
            &[
                Term::Variable(side),
                Term::Number(less),
                Term::Operator(Operator::Subtract),
            ],
        ) => Ok(match side {
            Variable::Initial(_) => "orig".to_owned(),
            Variable::Current(_) | Variable::Base(_) => format!("f-{}", tidy(less)),
        }),
        _ => missing(field),
    }
}

fn resize_segments(
    resize: &Resize,
    lengths: &[Expression],
    segments: &mut Segments,
    filters: &mut Vec<String>,
) -> Printed<()> {
    let (fit, enlarges) = match (resize.mode, resize.adaptive) {
        (ResizeMode::Fill, _) => ("", true),
        (ResizeMode::Force, _) => ("stretch/", true),
        (ResizeMode::Fit, false) => ("fit-in/", false),
        (ResizeMode::Fit, true) => ("adaptive-fit-in/", false),
        (ResizeMode::Cover, false) => ("full-fit-in/", true),
        (ResizeMode::Cover, true) => ("adaptive-full-fit-in/", true),
        (mode @ ResizeMode::Auto, _) => return no_such(&mode),
    };
    segments.fit = fit;
    segments.size = Some([
        side(resize.width, lengths, "Resize.width")?,
        side(resize.height, lengths, "Resize.height")?,
    ]);
    if resize.enlarge != enlarges {
        let word = if resize.enlarge {
            "upscale"
        } else {
            "no_upscale"
        };
        filters.push(format!("{word}()"));
    }
    match &resize.gravity {
        Gravity::Anchor {
            horizontal,
            vertical,
            ..
        } => {
            segments.gravity.push_str(match horizontal {
                Align::Start => "left/",
                Align::Center => "",
                Align::End => "right/",
            });
            segments.gravity.push_str(match vertical {
                Align::Start => "top/",
                Align::Center => "",
                Align::End => "bottom/",
            });
        }
        Gravity::Smart => segments.gravity.push_str("smart/"),
        Gravity::Focus(areas) => filters.extend(areas.iter().map(focal)),
        gravity @ Gravity::Point { .. } => return no_such(gravity),
    }
    Ok(())
}

fn focal(area: &Focus) -> String {
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(tidy);
    if (left, top) == (right, bottom) {
        format!("focal({left}x{top})")
    } else {
        format!("focal({left}x{top}:{right}x{bottom})")
    }
}

/// The margins of what `fill` fills, whose axes are swapped where the image is turned.
fn padding_segment(extend: &crate::recipe::Extend, turned: bool) -> Printed {
    let mut margins = [extend.left, extend.top, extend.right, extend.bottom];
    if margins == [Length::default(); 4] {
        return Ok(String::new());
    }
    if turned {
        margins.swap(0, 1);
        margins.swap(2, 3);
    }
    let [left, top, right, bottom] = filters::margins(margins)?;
    Ok(format!("{left}x{top}:{right}x{bottom}/"))
}
