//! imgproxy's grammar, from a request to a URL.

mod geometry;
mod pixels;

use data_encoding::BASE64URL_NOPAD;

use super::pro::likeness;
use super::source::LOCAL;
use crate::dialect::print::{Printed, encoded, encoded_name, inverse, no_such};
use crate::recipe::{ImageRequest, Metadata, Orient, Step};

/// The request as a URL below its signature. `base64`: whether the name of the image is written so.
pub(in crate::dialect) fn print(request: &ImageRequest, base64: bool) -> Printed {
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
        for option in pipeline.options(step, stage)? {
            url.push_str(&option);
            url.push('/');
        }
    }
    for option in file(request)? {
        url.push_str(&option);
        url.push('/');
    }
    let name = request.sources.first().map_or("", |name| name);
    // What begins so is cut off there.
    let local = if name.starts_with(LOCAL) { LOCAL } else { "" };
    let name = format!("{local}{name}");
    if base64 {
        url.push_str(&BASE64URL_NOPAD.encode(name.as_bytes()));
    } else {
        url.push_str("plain/");
        url.push_str(&encoded_name(&name));
    }
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

/// The options that count for the whole request.
fn file(request: &ImageRequest) -> Printed<Vec<String>> {
    let (input, output) = (&request.recipe.input, &request.recipe.output);
    let mut options = Vec::new();
    match input.orient {
        Orient::Exif => {}
        Orient::Stored => options.push("ar:0".to_owned()),
        orient @ Orient::Turns(_) => return no_such(&orient),
    }
    match output.metadata {
        Metadata::Copyright => {}
        Metadata::Strip => options.push("kcr:0".to_owned()),
        Metadata::Keep => options.push("sm:0".to_owned()),
    }
    let mut add = |name: &str, argument: Option<String>| {
        options.extend(argument.map(|argument| format!("{name}:{argument}")));
    };
    add("scp", output.keep_profile.then(|| "0".to_owned()));
    add("pg", input.page.map(|page| page.to_string()));
    add("f", output.format.map(|format| format.name().to_owned()));
    add("q", output.quality.map(|quality| quality.to_string()));
    let qualities = output.format_quality.iter();
    let qualities = qualities.map(|(format, quality)| format!("{format}:{quality}"));
    let qualities: Vec<_> = qualities.collect();
    add("fq", (!qualities.is_empty()).then(|| qualities.join(":")));
    add("mb", output.max_bytes.map(|most| most.to_string()));
    add(
        "aq",
        output.likeness.map(|least| {
            let guess = ((100.0 - least) / 25.0).powi(2) * 0.02;
            format!("dssim:{}", inverse(least, guess, likeness))
        }),
    );
    add(
        "jpgo",
        output.progressive.map(|on| u8::from(on).to_string()),
    );
    add("pngo", output.colors.map(|most| format!(":1:{most}")));
    add("webpo", output.lossless.then(|| "lossless".to_owned()));
    if let Some(name) = &request.attachment {
        add("att", Some("1".to_owned()));
        // A slash would end the option.
        add("fn", (!name.is_empty()).then(|| encoded(name)));
    }
    Ok(options)
}
