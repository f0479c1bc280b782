//! imgproxy's grammar, from a request to a URL.

mod file;
mod geometry;
mod info;
mod pixels;

use data_encoding::BASE64URL_NOPAD;

use super::source::LOCAL;
use crate::dialect::print::{Printed, encoded_name, no_such};
use crate::recipe::{Answer, ImageRequest, Metadata, Step};

/// The request as a URL below its signature, and below `info/`. `base64`: whether the name of the image is written so; `kept`:
/// what is kept of a source's metadata where the site has its way.
pub(in crate::dialect) fn print(request: &ImageRequest, base64: bool, kept: Metadata) -> Printed {
    let mut url = match &request.recipe.output.answer {
        Answer::Description(description) => joined(&info::print(request, description)?),
        _ => image(request, kept)?,
    };
    let name = local(request.sources.first().map_or("", |name| name));
    if base64 {
        url.push_str(&BASE64URL_NOPAD.encode(name.as_bytes()));
    } else {
        url.push_str("plain/");
        url.push_str(&encoded_name(&name));
    }
    Ok(url)
}

/// A name as it is read back: what begins so is cut off there.
fn local(name: &str) -> String {
    let local = if name.starts_with(LOCAL) { LOCAL } else { "" };
    format!("{local}{name}")
}

/// Options, each with the slash behind it.
fn joined(options: &[String]) -> String {
    options.iter().flat_map(|option| [option, "/"]).collect()
}

/// The options of an image.
fn image(request: &ImageRequest, kept: Metadata) -> Printed {
    let mut url = String::new();
    let mut pipeline = Pipeline {
        sources: &request.sources,
        pixel_ratio: 1.0,
    };
    let mut last = Stage::None;
    for step in &request.recipe.steps {
        let stage = stage(step)?;
        if stage <= last {
            // What follows is done to what has been made so far.
            url.push_str("-/");
            pipeline.pixel_ratio = 1.0;
        }
        last = stage;
        url.push_str(&joined(&pipeline.options(step, stage)?));
    }
    url.push_str(&joined(&file::print(request, kept)?));
    Ok(url)
}

/// What is done to a picture in one go, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    None,
    Trim,
    Rotate,
    Flip,
    Crop,
    Resize,
    Blur,
    Sharpen,
    Pixelate,
    UnsharpMask,
    Brightness,
    Contrast,
    Saturation,
    Colorize,
    Gradient,
    Extend,
    ExtendRatio,
    Padding,
    Background,
    Watermark,
}

fn stage(step: &Step) -> Printed<Stage> {
    use crate::recipe::Content;

    Ok(match step {
        Step::Trim(_) => Stage::Trim,
        Step::Rotate(_) => Stage::Rotate,
        Step::Flip { .. } => Stage::Flip,
        Step::Extract(_) => Stage::Crop,
        Step::Resize(_) => Stage::Resize,
        Step::Blur { .. } => Stage::Blur,
        Step::Sharpen(_) => Stage::Sharpen,
        Step::Pixelate { .. } => Stage::Pixelate,
        Step::UnsharpMask(_) => Stage::UnsharpMask,
        Step::Rgb { .. } => Stage::Brightness,
        Step::Contrast(_) => Stage::Contrast,
        Step::Modulate(_) => Stage::Saturation,
        Step::Colorize { .. } => Stage::Colorize,
        Step::Gradient(_) => Stage::Gradient,
        Step::Extend(extend) if extend.flatten => Stage::Background,
        Step::Extend(extend) if extend.ratio.is_some() => Stage::ExtendRatio,
        Step::Extend(extend) if extend.width.is_some() || extend.height.is_some() => Stage::Extend,
        Step::Extend(_) => Stage::Padding,
        Step::Flatten(_) => Stage::Background,
        Step::Overlay(overlay) => match &overlay.content {
            Content::Canvas { .. } => Stage::Colorize,
            Content::Source(_) => Stage::Watermark,
            text @ Content::Text(_) => return no_such(text),
        },
        step => return no_such(step),
    })
}

/// What of a pipeline the options of its later steps depend on.
struct Pipeline<'a> {
    sources: &'a [Box<str>],
    pixel_ratio: f64,
}

impl Pipeline<'_> {
    /// The options that a step is made of.
    fn options(&mut self, step: &Step, stage: Stage) -> Printed<Vec<String>> {
        match step {
            Step::Trim(trim) => geometry::trim(trim),
            Step::Rotate(rotate) => Ok(vec![format!("rot:{}", rotate.degrees)]),
            Step::Flip {
                horizontal,
                vertical,
            } => Ok(vec![format!(
                "fl:{}:{}",
                u8::from(*horizontal),
                u8::from(*vertical)
            )]),
            Step::Extract(extract) => geometry::crop(extract),
            Step::Resize(resize) => {
                self.pixel_ratio = resize.factors.map_or(1.0, |factors| factors.pixel_ratio);
                geometry::resize(resize)
            }
            Step::Extend(extend) if stage != Stage::Background => geometry::extend(extend, stage),
            Step::Overlay(overlay) => pixels::overlay(overlay, self.sources, self.pixel_ratio),
            step => pixels::print(step),
        }
    }
}
