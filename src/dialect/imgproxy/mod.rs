//! imgproxy's grammar: from its options to a recipe.

mod args;
mod checksum;
mod info;
mod options;
mod pipeline;
mod presets;
mod print;
mod pro;
mod read;
mod source;

use std::collections::BTreeMap;
use std::fmt;

use self::args::Args;
use self::options::File;
use self::pipeline::Pipeline;
pub(super) use self::print::print;
#[cfg(test)]
pub(super) use self::{pipeline::contrast, pro::likeness};
use super::{MAX_LENGTH, Site, not_supported};
use crate::guard::{Rejection, RejectionKind};
use crate::recipe::{Answer, Format, ImageRequest, Input, Metadata, Orient, Output, Recipe};
use crate::signature::VerifiedTarget;
use crate::url_lex::imgproxy::{Part, Parts, ProcessingOption};

/// The most images of one request.
const MAX_SOURCES: usize = 9;

/// The most steps of one request.
const MAX_STEPS: usize = 64;

/// The most pipelines of one request.
const MAX_PIPELINES: usize = 8;

/// The most options of one request, those of its presets counted.
const MAX_OPTIONS: usize = 256;

/// How deep presets may lie in presets.
const MAX_PRESET_DEPTH: usize = 8;

/// What an imgproxy dialect is told beside the URLs: presets and the watermark.
///
/// ```
/// use imgward::dialect::{Dialect, Imgproxy};
///
/// # fn main() -> Result<(), imgward::dialect::ImgproxyConfigError> {
/// let imgproxy = Imgproxy::new()
///     .presets([("thumb", "rs:fill:100:100"), ("soft", "pr:thumb/bl:2")])?
///     .watermark("logo.png")?;
/// let dialect = Dialect::from(imgproxy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Imgproxy {
    presets: BTreeMap<Box<str>, Box<str>>,
    only_presets: bool,
    watermark: Option<Box<str>>,
}

impl Imgproxy {
    /// No presets, no watermark.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names and their options, as a URL has them: `rs:fill:100:100/q:70`. One of the name `default` counts in every
    /// request, before its own options. They replace those that were set before.
    ///
    /// An error where a name is empty or cannot be written in a URL, where options cannot be read or contain an expiry, and
    /// where presets lie more than eight deep in presets, or in themselves.
    pub fn presets<N: Into<Box<str>>, O: Into<Box<str>>>(
        mut self,
        presets: impl IntoIterator<Item = (N, O)>,
    ) -> Result<Self, ImgproxyConfigError> {
        let presets = presets.into_iter();
        self.presets = presets
            .map(|(name, options)| (name.into(), options.into()))
            .collect();
        presets::check(&self)?;
        Ok(self)
    }

    /// Whether URLs may ask for nothing but presets: `NAME:NAME/SOURCE`. Off by default.
    pub fn only_presets(mut self, only: bool) -> Self {
        self.only_presets = only;
        self
    }

    /// The image that `watermark` draws, as the origin knows it. Without one, that option is refused.
    pub fn watermark(mut self, name: &str) -> Result<Self, ImgproxyConfigError> {
        let name = source::name(name).map_err(|why| ImgproxyConfigError {
            preset: None,
            why: why.detail().into(),
        })?;
        self.watermark = Some(name);
        Ok(self)
    }
}

/// A preset or a watermark makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImgproxyConfigError {
    preset: Option<Box<str>>,
    why: Box<str>,
}

impl ImgproxyConfigError {
    /// The name of the preset. `None`: it is the watermark.
    pub fn preset(&self) -> Option<&str> {
        self.preset.as_deref()
    }

    /// What is wrong with it.
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for ImgproxyConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.preset {
            Some(name) => write!(f, "the preset {name:?}: {}", self.why),
            None => write!(f, "the watermark: {}", self.why),
        }
    }
}

impl std::error::Error for ImgproxyConfigError {}

pub(super) fn parse(
    target: &VerifiedTarget,
    settings: &Imgproxy,
    site: Site,
) -> Result<ImageRequest, Rejection> {
    let text = str::from_utf8(target.bytes())
        .map_err(|_| Rejection::bad_request("the URL is not UTF-8"))?;
    if target.params() {
        if settings.only_presets {
            return Err(Rejection::bad_request("only presets may be asked for"));
        }
        return info::parse(text);
    }
    let mut reader = Reader {
        originals: site.originals,
        ..Reader::new(settings)
    };
    reader.file.strip_metadata = site.metadata != Metadata::Keep;
    if settings.presets.contains_key("default") {
        reader.presets("default")?;
    }
    let rest = if settings.only_presets {
        let (names, rest) = text.split_once('/').unwrap_or((text, ""));
        reader.presets(names)?;
        Some(rest)
    } else {
        let mut parts = Parts::of(text);
        for part in parts.by_ref() {
            match part {
                Part::Option(option) => reader.option(option)?,
                Part::Chain => reader.chain()?,
            }
        }
        parts.rest()
    };
    let source = source::source(rest.unwrap_or_default())?;
    match source.format {
        "" => {}
        "best" => return Err(not_supported("the format best")),
        name => reader
            .file
            .set_format(name)
            .ok_or_else(|| Rejection::bad_request(format!("{} is not a format", quoted(name))))?,
    }
    reader.finish(source.name)
}

/// A request, as far as it is read.
struct Reader<'a> {
    settings: &'a Imgproxy,
    /// Whether sources may be asked for as they are.
    originals: bool,
    /// The pipelines that are complete.
    done: Vec<Pipeline>,
    /// The one that is being read.
    current: Pipeline,
    file: File,
    /// The images of overlays; the main one comes to precede them.
    overlays: Vec<Box<str>>,
    /// How many options there were.
    options: usize,
    /// The presets that this is in.
    within: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn new(settings: &'a Imgproxy) -> Self {
        Self {
            settings,
            // Presets are the operator's own, and are read before that is known.
            originals: true,
            done: Vec::new(),
            current: Pipeline::default(),
            file: File::default(),
            overlays: Vec::new(),
            options: 0,
            within: Vec::new(),
        }
    }

    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.current
    }

    fn count_option(&mut self) -> Result<(), Rejection> {
        self.options += 1;
        if self.options > MAX_OPTIONS {
            return Err(Rejection::bad_request(format!(
                "there are more than {MAX_OPTIONS} options"
            )));
        }
        Ok(())
    }

    /// What follows begins anew, on what has been made so far.
    fn chain(&mut self) -> Result<(), Rejection> {
        if self.done.len() + 1 >= MAX_PIPELINES {
            return Err(Rejection::bad_request(format!(
                "there are more than {MAX_PIPELINES} pipelines"
            )));
        }
        self.done.push(std::mem::take(&mut self.current));
        Ok(())
    }

    /// The place of an overlay's image among the sources.
    fn add_source(&mut self, name: Box<str>) -> Result<usize, Rejection> {
        if let Some(at) = self.overlays.iter().position(|known| *known == name) {
            return Ok(at + 1);
        }
        if self.overlays.len() + 1 >= MAX_SOURCES {
            return Err(Rejection::bad_request("there are more than 8 watermarks"));
        }
        self.overlays.push(name);
        Ok(self.overlays.len())
    }

    fn finish(mut self, source: Box<str>) -> Result<ImageRequest, Rejection> {
        if (self.file.raw || !self.file.skip.is_empty()) && !self.originals {
            let option = if self.file.raw {
                "raw"
            } else {
                "skip_processing"
            };
            return Err(Rejection::bad_request(format!(
                "the option {option} is not allowed here: see allow_original"
            )));
        }
        if self.file.raw {
            return Ok(self.raw(source));
        }
        if let Some(name) = self.file.unwritable {
            return Err(Rejection::new(
                RejectionKind::UnsupportedFormat,
                format!("{name} is not a format that is written"),
            ));
        }
        let mut pipelines = std::mem::take(&mut self.done);
        pipelines.push(std::mem::take(&mut self.current));
        let mut steps = Vec::new();
        for pipeline in pipelines {
            let watermark = match (&pipeline.watermark, pipeline.watermark_source) {
                (None, _) => None,
                (_, Some(at)) => Some(at),
                (_, None) => {
                    let name = self.settings.watermark.clone().ok_or_else(|| {
                        Rejection::bad_request(
                            "the option watermark has no image: none is configured",
                        )
                    })?;
                    Some(self.add_source(name)?)
                }
            };
            pipeline.steps(watermark, &mut steps);
        }
        if steps.len() > MAX_STEPS {
            return Err(Rejection::bad_request(format!(
                "there are more than {MAX_STEPS} steps"
            )));
        }
        let mut file = self.file;
        let mut request = ImageRequest::new(
            source,
            Recipe {
                input: Input {
                    orient: if file.auto_rotate {
                        Orient::Exif
                    } else {
                        Orient::Stored
                    },
                    page: file.page.or(file.still.then_some(0)),
                    checksum: file.checksum.take(),
                    ..Input::default()
                },
                steps,
                output: output(&file),
            },
        );
        request.fallback = file.fallback;
        request.sources.extend(self.overlays);
        request.attachment = file.attachment.then(|| file.filename.unwrap_or_default());
        Ok(request)
    }

    /// The source as it is, whatever else is asked for.
    fn raw(self, source: Box<str>) -> ImageRequest {
        let file = self.file;
        let mut recipe = Recipe::default();
        recipe.input.checksum = file.checksum;
        recipe.output.answer = Answer::Original;
        recipe.output.keep_format = true;
        let mut request = ImageRequest::new(source, recipe);
        request.fallback = file.fallback;
        request.attachment = file.attachment.then(|| file.filename.unwrap_or_default());
        request
    }
}

fn output(file: &File) -> Output {
    Output {
        answer: if file.skip.is_empty() {
            Answer::Image
        } else {
            Answer::OriginalOf(file.skip.clone())
        },
        format: file.format,
        otherwise: Some(Format::Jpeg),
        keep_format: false,
        quality: file.quality,
        format_quality: file.format_quality.clone(),
        lossless: file.lossless,
        max_bytes: file.max_bytes,
        likeness: file.likeness,
        quality_range: file.quality_range,
        progressive: (file.progressive || file.interlaced).then_some(true),
        progressive_jpeg: false,
        colors: file.quantize.then(|| file.colors.unwrap_or(256)),
        effort: None,
        metadata: file.metadata(),
        keep_profile: !file.strip_profile,
    }
}

/// The page, or frame, counted from 0.
#[expect(clippy::option_option, reason = "set, and what cannot be read")]
fn page(args: &Args<'_>) -> Option<Option<u32>> {
    args.only().and_then(args::length).map(Some)
}

/// A text of the client's, escaped, as far as it is repeated.
fn quoted(text: &str) -> String {
    let beginning: String = text.chars().take(32).collect();
    format!("{beginning:?}")
}

/// An option that says nothing that makes sense. The text is the client's.
fn bad_option(option: ProcessingOption<'_>) -> Rejection {
    let name = option.name;
    let args = quoted(option.args);
    if option.args.bytes().filter(u8::is_ascii_digit).count() > 5 {
        return Rejection::bad_request(format!(
            "the option {name} has arguments that cannot be read, or are beyond {MAX_LENGTH}: {args}"
        ));
    }
    Rejection::bad_request(format!(
        "the option {name} cannot have the arguments {args}"
    ))
}

#[cfg(test)]
mod tests;
