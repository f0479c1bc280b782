//! ImageKit's grammar: from its parts to a recipe.

mod chain;
mod color;
mod effects;
mod geometry;
mod hints;
mod layer;
mod number;
mod params;
mod print;
mod target;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

use self::chain::Reader;
pub(super) use self::hints::HEADERS as HINTS;
use self::hints::Hints;
pub(super) use self::print::print;
use super::{Site, check_name};
use crate::guard::Rejection;
use crate::recipe::{Answer, ImageRequest, Recipe};
use crate::signature::VerifiedTarget;

/// The most images that are drawn over one.
const MAX_OVERLAYS: usize = 8;

/// The most steps of one request, those of its overlays and of both sides of its conditions counted.
const MAX_STEPS: usize = 64;

/// How deep layers may lie in layers.
const MAX_DEPTH: u32 = 3;

/// How deep conditions may lie in conditions.
const MAX_CONDITIONS: u32 = 16;

/// What a site has set.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    /// Chains of transformations by their names.
    pub(super) presets: Arc<BTreeMap<Box<str>, Box<str>>>,
    /// Whether nothing but these may be asked for.
    pub(super) only_presets: bool,
    /// Whether the client's hints have a say.
    pub(super) client_hints: bool,
}

impl Options {
    /// Adds a preset, if it can be read.
    pub(super) fn add(&mut self, name: &str, chain: &str) -> Result<(), PresetError> {
        let error = |reason: String| PresetError {
            name: name.into(),
            reason: reason.into(),
        };
        let usable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if name.is_empty() || !name.bytes().all(usable) {
            return Err(error("a name has letters, digits, _, - and . alone".into()));
        }
        let mut image = ImageRequest::new("image", Recipe::default());
        Reader::of_preset(&mut image, chain)
            .read()
            .map_err(|why| error(why.detail().to_owned()))?;
        Arc::make_mut(&mut self.presets).insert(name.into(), chain.into());
        Ok(())
    }
}

/// A preset that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetError {
    name: Box<str>,
    reason: Box<str>,
}

impl PresetError {
    /// That a dialect has no presets.
    pub(super) fn of_dialect(name: &str) -> Self {
        Self {
            name: name.into(),
            reason: "the dialect has no presets".into(),
        }
    }

    /// The name of the preset.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for PresetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the preset {:?}: {}", self.name, self.reason)
    }
}

impl std::error::Error for PresetError {}

pub(super) fn parse(
    target: &VerifiedTarget,
    options: &Options,
    site: Site,
    headers: &HeaderMap,
) -> Result<ImageRequest, Rejection> {
    let parts = target::read(target)?;
    check_name(&parts.name)?;
    let mut image = ImageRequest::new(parts.name, Recipe::default());
    image.attachment = parts.attachment;
    image.recipe.output.metadata = site.metadata;
    let Some(chain) = &parts.chain else {
        return Ok(image);
    };
    let hints = Hints::of(headers, options.client_hints);
    let steps = Reader::new(&mut image, chain, options, hints).read()?;
    if image.recipe.output.answer != Answer::Original {
        image.recipe.steps = steps;
    } else if site.originals {
        // Nothing else counts then.
        image.sources.truncate(1);
        image.recipe = Recipe::default();
        image.recipe.output.answer = Answer::Original;
        image.recipe.output.keep_format = true;
    } else {
        return Err(bad("orig-true is not allowed here: see allow_original"));
    }
    Ok(image)
}

/// Why something is not done.
#[derive(Clone, Copy)]
enum Refuse {
    /// It is not built.
    Version,
    /// A model makes it, which is paid for at the original.
    Model,
    /// It is about a video.
    Video,
}

fn not_supported(what: &str, why: Refuse) -> Rejection {
    let why = match why {
        Refuse::Version => "is not supported by this version",
        Refuse::Model => "needs a paid model, and is not supported",
        Refuse::Video => "is for videos, which are not supported",
    };
    bad(format!("{what} {why}"))
}

fn bad(detail: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::bad_request(detail)
}

/// The beginning of what a client wrote, for its eyes.
fn quoted(text: &str) -> String {
    let beginning: String = text.chars().take(32).collect();
    format!("{beginning:?}")
}

/// The standard deviation of a blur of a radius, in pixels: half of it, as in CSS.
const fn blur_sigma(radius: f64) -> f64 {
    radius / 2.0
}

#[cfg(test)]
mod tests;
