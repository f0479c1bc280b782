//! imagor's grammar, from a request to a URL.

mod filters;
mod overlay;

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;

use crate::dialect::print::{Printed, encoded, encoded_name, no_such, pixels_or_none, tidy};
use crate::recipe::{
    Align, Crop, Focus, Gravity, ImageRequest, Length, Metadata, Orient, Resize, ResizeMode, Step,
    Trim, TrimColor,
};
use crate::url_lex::imagor::{Access, lex, prefix};

/// The request as a URL below its signature. `base64`: whether names of images are written so.
pub(in crate::dialect) fn print(request: &ImageRequest, base64: bool) -> Printed {
    let printer = Printer {
        sources: &request.sources,
        base64,
    };
    printer.url(&request.recipe.steps, 0, settings(request)?)
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
    size: Option<[f64; 2]>,
    flip: [bool; 2],
    padding: String,
    gravity: String,
}

impl Printer<'_> {
    /// The URL of an image and what is done to it.
    fn url(&self, steps: &[Step], source: usize, settings: Vec<String>) -> Printed {
        let mut segments = Segments::default();
        let mut filters = Vec::new();
        let mut turned = false;
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
            resize_segments(resize, &mut segments, &mut filters)?;
            steps.next();
        }
        if let Some(&&Step::Flip {
            horizontal,
            vertical,
        }) = steps.peek()
        {
            segments.flip = [horizontal, vertical];
            segments.size.get_or_insert_default();
            steps.next();
        }
        for step in steps {
            filters.push(match step {
                Step::Extend(extend) if extend.width.is_some() => {
                    if segments.padding.is_empty() {
                        segments.padding = padding_segment(extend, turned)?;
                        // Without a size it would be read as a crop.
                        segments.size.get_or_insert_default();
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
        filters.extend(settings);
        Ok(self.with_name(&segments.print(&filters), source))
    }

    /// The URL of what stands before the image, and the image.
    fn with_name(&self, before: &str, source: usize) -> String {
        let name = self.sources.get(source).map_or("", |name| name);
        // A name must not be read as a part of the grammar.
        let light = self.name(name);
        let url = format!("{before}{light}");
        let prefix = prefix(&url);
        let alone = !prefix.params && prefix.access == Access::None && prefix.rest == url;
        if alone && lex(&url).image == light {
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
        if let Some(size) = self.size {
            let [width, height] = [0, 1]
                .map(|axis| format!("{}{}", if self.flip[axis] { "-" } else { "" }, size[axis]));
            // Writing to a String cannot fail.
            let _ = write!(url, "{width}x{height}/");
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

fn resize_segments(
    resize: &Resize,
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
        pixels_or_none(resize.width, "Resize.width")?,
        pixels_or_none(resize.height, "Resize.height")?,
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

/// The filters that say how to read and write, and what to answer.
fn settings(request: &ImageRequest) -> Printed<Vec<String>> {
    let (input, output) = (&request.recipe.input, &request.recipe.output);
    let mut filters = Vec::new();
    let mut add = |name: &str, argument: Option<String>| {
        filters.extend(argument.map(|argument| format!("{name}({argument})")));
    };
    add(
        "orient",
        match input.orient {
            Orient::Exif => None,
            orient @ Orient::Stored => return no_such(&orient),
            Orient::Turns(turns) => Some((360 - i32::from(turns) * 90).to_string()),
        },
    );
    add(
        "page",
        input.page.map(|page| (u64::from(page) + 1).to_string()),
    );
    add("max_frames", input.max_frames.map(|most| most.to_string()));
    add("dpi", input.density.map(|dpi| tidy(dpi).to_string()));
    add(
        "format",
        output.format.map(|format| format.name().to_owned()),
    );
    add("quality", output.quality.map(|quality| quality.to_string()));
    add("max_bytes", output.max_bytes.map(|most| most.to_string()));
    add("lossless", output.lossless.then(String::new));
    add("palette", output.colors.map(|_| String::new()));
    add(
        "keep_metadata",
        match output.metadata {
            Metadata::Strip => None,
            metadata @ Metadata::Copyright => return no_such(&metadata),
            Metadata::Keep => Some(String::new()),
        },
    );
    add(
        "attachment",
        request.attachment.as_deref().map(|name| {
            if name.starts_with("b64:") {
                base64(name)
            } else {
                encoded(name)
            }
        }),
    );
    add("max_age", request.max_age.map(|age| age.to_string()));
    Ok(filters)
}
