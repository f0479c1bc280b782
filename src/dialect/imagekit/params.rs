//! The parameters of a step, and those of the whole answer.

use super::number::{flag, whole};
use super::{Refuse, bad, not_supported, quoted};
use crate::dialect::check_name;
use crate::guard::Rejection;
use crate::recipe::{Answer, Format, ImageRequest, Metadata};

/// Parameters that a video alone has.
const VIDEO: [&str; 9] = ["vc", "ac", "so", "eo", "du", "sr", "lso", "leo", "ldu"];

/// Parameters that have no place here yet.
const NOT_BUILT: [&str; 2] = ["z", "c2pa"];

/// Keys and values that nobody has taken yet, in the order of the URL.
#[derive(Clone, Debug, Default)]
pub(super) struct Params<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Params<'a> {
    /// Adds `KEY-VALUE`. Only effects may be there several times.
    pub(super) fn add(&mut self, text: &'a str) -> Result<(), Rejection> {
        /// More than there are.
        const MAX_PARAMS: usize = 64;

        let (key, value) = text
            .split_once('-')
            .ok_or_else(|| bad(format!("there is no parameter {}", quoted(text))))?;
        if VIDEO.contains(&key) {
            return Err(not_supported(key, Refuse::Video));
        }
        if NOT_BUILT.contains(&key) {
            return Err(not_supported(key, Refuse::Version));
        }
        if key != "e" && self.has(key) {
            return Err(bad(format!("a step has {} twice", quoted(key))));
        }
        if self.pairs.len() >= MAX_PARAMS {
            return Err(bad(format!("a step has more than {MAX_PARAMS} parameters")));
        }
        self.pairs.push((key, value));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|&(other, _)| other == key)
    }

    /// The value of a parameter, which does not have it any more.
    pub(super) fn take(&mut self, key: &str) -> Option<&'a str> {
        let at = self.pairs.iter().position(|&(other, _)| other == key)?;
        Some(self.pairs.remove(at).1)
    }

    /// That all that is there was read.
    pub(super) fn finish(&self) -> Result<(), Rejection> {
        match self.pairs.first() {
            None => Ok(()),
            Some((key, _)) => Err(bad(format!("there is no parameter {} here", quoted(key)))),
        }
    }
}

/// Parameters that say how to read or write the image, wherever in the chain they stand.
const SETTINGS: [&str; 10] = ["q", "f", "pr", "lo", "md", "cp", "pg", "dn", "di", "orig"];

/// Takes the parameters of the whole answer. Those of an overlay (`nested`) have no effect where they are about its file,
/// and where they would depend on a size (`conditional`) there is no place for them.
pub(super) fn settings(
    params: &mut Params<'_>,
    image: &mut ImageRequest,
    nested: bool,
    conditional: bool,
) -> Result<(), Rejection> {
    if conditional && let Some(key) = SETTINGS.iter().find(|key| params.has(key)) {
        return Err(not_supported(
            &format!("{key} within a condition"),
            Refuse::Version,
        ));
    }
    if nested {
        let quality = params.take("q");
        return quality.map_or(Ok(()), |text| whole("q", text, 1, 100).map(|_| ()));
    }
    let recipe = &mut image.recipe;
    if let Some(text) = params.take("q") {
        let quality = whole("q", text, 1, 100)?;
        recipe.output.quality = u8::try_from(quality).ok();
    }
    if let Some(text) = params.take("f") {
        recipe.output.format = format(text)?;
        recipe.output.keep_format = text == "orig";
    }
    if let Some(text) = params.take("pr") {
        recipe.output.progressive = Some(flag("pr", text)?);
    }
    if let Some(text) = params.take("lo") {
        recipe.output.lossless = flag("lo", text)?;
    }
    if let Some(text) = params.take("md") {
        recipe.output.metadata = if flag("md", text)? {
            Metadata::Keep
        } else {
            Metadata::Strip
        };
    }
    if let Some(text) = params.take("cp") {
        recipe.output.keep_profile = flag("cp", text)?;
    }
    if let Some(text) = params.take("pg") {
        // The first page is 1.
        recipe.input.page = Some(whole("pg", text, 1, u32::from(u16::MAX))? - 1);
    }
    // No density is written: there is nothing that it would change.
    if let Some(text) = params.take("dn")
        && !text.starts_with("idn")
    {
        whole("dn", text, 1, 1200)?;
    }
    if let Some(text) = params.take("di") {
        let name = text.replace("@@", "/");
        let name = name.trim_start_matches('/');
        check_name(name)?;
        image.fallback = Some(name.into());
    }
    if let Some(text) = params.take("orig")
        && flag("orig", text)?
    {
        image.recipe.output.answer = Answer::Original;
    }
    Ok(())
}

fn format(text: &str) -> Result<Option<Format>, Rejection> {
    Ok(Some(match text {
        "auto" | "orig" => return Ok(None),
        "jpg" | "jpeg" => Format::Jpeg,
        "png" => Format::Png,
        "webp" => Format::WebP,
        "avif" => Format::Avif,
        "gif" => Format::Gif,
        "svg" => return Err(not_supported("f-svg", Refuse::Version)),
        "mp4" | "webm" => return Err(not_supported(&format!("f-{text}"), Refuse::Video)),
        text => return Err(bad(format!("f is unknown: {}", quoted(text)))),
    }))
}
