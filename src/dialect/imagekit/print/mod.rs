//! ImageKit's grammar, from a request to a URL.

mod effects;
mod expression;
mod geometry;
mod layer;
mod params;
mod steps;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::expression::Values;
use self::params::Params;
use crate::dialect::print::{Printed, encoded, encoded_name, no_such, unsayable};
use crate::recipe::{
    Answer, Backdrop, Choice, Color, Extend, Format, ImageRequest, Metadata, Orient, Resize,
    ResizeMode, Step,
};

/// All but what a chain is written with.
const NOT_IN_CHAINS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b':')
    .remove(b'@');

/// The request as a URL below its mount, with its query. `kept`: what is kept of a source's metadata where nothing is said.
pub(in crate::dialect) fn print(request: &ImageRequest, kept: Metadata) -> Printed {
    let printer = Printer {
        sources: &request.sources,
    };
    let mut chain = printer.chain(&request.recipe.steps)?;
    let settings = settings(request, kept)?;
    if !settings.is_empty() {
        chain.push(settings.print());
    }
    let name = request.sources.first().map_or("", |name| name);
    let mut url = String::new();
    if !chain.is_empty() {
        let chain = chain.join(":");
        url = format!("tr:{}/", utf8_percent_encode(&chain, NOT_IN_CHAINS));
    }
    // A name must not be read as a part of the grammar.
    if let Some(rest) = name.strip_prefix('t') {
        url.push_str(if rest.starts_with("r:") { "%74" } else { "t" });
        url.push_str(&encoded_name(rest));
    } else if let Some(rest) = name.strip_prefix("ik-seo/") {
        url.push_str("ik-seo%2F");
        url.push_str(&encoded_name(rest));
    } else {
        url.push_str(&encoded_name(name));
    }
    if let Some(name) = &request.attachment {
        url.push_str("?ik-attachment=true");
        if !name.is_empty() {
            url.push_str("&ik-attachment-filename=");
            url.push_str(&encoded(name));
        }
    }
    Ok(url)
}

/// The parameters of the whole answer.
fn settings(request: &ImageRequest, kept: Metadata) -> Printed<Params> {
    let (input, output) = (&request.recipe.input, &request.recipe.output);
    let mut params = Params::default();
    if let Some(name) = &request.fallback {
        params.add("di", fallback(name)?);
    }
    match &output.answer {
        Answer::Image => {}
        Answer::Original => {
            // Nothing else counts then.
            params.add("orig", true);
            return Ok(params);
        }
        answer => return no_such(answer),
    }
    match input.orient {
        Orient::Exif => {}
        orient => return no_such(&orient),
    }
    match (output.format, output.keep_format) {
        (
            Some(format @ (Format::Jpeg | Format::Png | Format::WebP | Format::Avif | Format::Gif)),
            _,
        ) => params.add("f", format),
        (Some(format), _) => return no_such(&format),
        (None, true) => params.add("f", "orig"),
        (None, false) => {}
    }
    if let Some(quality) = output.quality {
        params.add("q", quality);
    }
    if let Some(on) = output.progressive {
        params.add("pr", on);
    }
    if output.lossless {
        params.add("lo", true);
    }
    match output.metadata {
        metadata if metadata == kept => {}
        Metadata::Strip => params.add("md", false),
        Metadata::Keep => params.add("md", true),
        metadata @ Metadata::Copyright => return no_such(&metadata),
    }
    if output.keep_profile {
        params.add("cp", true);
    }
    if let Some(page) = input.page {
        params.add("pg", u64::from(page) + 1);
    }
    Ok(params)
}

/// The name of the image for where the origin has not got the other one.
fn fallback(name: &str) -> Printed {
    if name.contains([',', ':']) {
        return unsayable("ImageRequest.fallback", "it would end the parameter");
    }
    Ok(name.replace('/', "@@"))
}

struct Printer<'a> {
    sources: &'a [Box<str>],
}

impl Printer<'_> {
    /// The steps of a chain. Each of the recipe's steps is one, but for those that only come together.
    fn chain(&self, mut steps: &[Step]) -> Printed<Vec<String>> {
        let mut chain = Vec::new();
        while let Some((first, rest)) = steps.split_first() {
            let mut taken = 1;
            chain.push(match first {
                Step::Overlay(overlay) => self.layer(overlay)?,
                Step::If(choice) => self.choice(choice)?,
                Step::Computed(computed) => {
                    let values = Values(&computed.lengths);
                    steps::params(&computed.steps, values)?.print()
                }
                _ => {
                    taken += together(first, rest);
                    let group = steps.get(..taken).unwrap_or_default();
                    steps::params(group, Values(&[]))?.print()
                }
            });
            steps = steps.get(taken..).unwrap_or_default();
        }
        Ok(chain)
    }

    /// `if-CONDITION,...,if-else,...,if-end`, or what depends on how far a pixel ratio leads.
    fn choice(&self, choice: &Choice) -> Printed {
        if let Some(text) = steps::with_pixel_ratio(choice) {
            return text;
        }
        let mut text = format!("if-{},", expression::condition(&choice.condition)?);
        let side = |steps: &[Step], end: &str| {
            let chain = self.chain(steps)?;
            let separator = if chain.is_empty() { "" } else { "," };
            Ok(format!("{}{separator}{end}", chain.join(":")))
        };
        if choice.otherwise.is_empty() {
            text.push_str(&side(&choice.then, "if-end")?);
        } else {
            text.push_str(&side(&choice.then, "if-else,")?);
            text.push_str(&side(&choice.otherwise, "if-end")?);
        }
        Ok(text)
    }
}

/// How many of the steps that follow belong to the first: the canvas of what was fitted or cut out, and the background of
/// a turn.
fn together(first: &Step, rest: &[Step]) -> usize {
    let canvas = |step: Option<&Step>| match step {
        Some(Step::Extend(extend)) if extend.width.is_some() || extend.height.is_some() => {
            Some(extend.backdrop)
        }
        _ => None,
    };
    let fits = matches!(
        first,
        Step::Extract(_)
            | Step::Resize(Resize {
                mode: ResizeMode::Fit,
                ..
            })
    );
    if fits && let Some(backdrop) = canvas(rest.first()) {
        // The corners of a turn are of the colour of the canvas.
        let turn = match rest {
            [_, step, ..] if turns_on(step, backdrop) => 1,
            [_, Step::Flip { .. }, step, ..] if turns_on(step, backdrop) => 2,
            _ => 0,
        };
        return 1 + turn;
    }
    if let Step::Rotate(rotate) = first
        && rotate.background != Color::TRANSPARENT
    {
        let of_turn = |step: &Step| {
            matches!(step, Step::Extend(Extend { backdrop: Backdrop::Color(color), .. })
                if *color == rotate.background)
        };
        return rest.iter().position(of_turn).map_or(0, |at| at + 1);
    }
    0
}

fn turns_on(step: &Step, backdrop: Backdrop) -> bool {
    matches!(step, Step::Rotate(rotate)
        if Backdrop::Color(rotate.background) == backdrop && rotate.background != Color::TRANSPARENT)
}
