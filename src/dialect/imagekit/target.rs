//! A target's parts: the name of the image, the chain of transformations, and the switches of the query.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Refuse, bad, not_supported, quoted};
use crate::guard::Rejection;
use crate::signature::VerifiedTarget;
use crate::url_lex::query::value;

/// What a target is made of.
pub(super) struct Parts {
    pub(super) name: Box<str>,
    /// Decoded.
    pub(super) chain: Option<Box<str>>,
    /// The name to save the image by.
    pub(super) attachment: Option<Box<str>>,
}

/// The last segment of a path that asks for what is made of a video.
const VIDEO: [&str; 3] = ["ik-video.mp4", "ik-gif-video.mp4", "ik-thumbnail.jpg"];

pub(super) fn read(target: &VerifiedTarget) -> Result<Parts, Rejection> {
    let text = |bytes| str::from_utf8(bytes).map_err(|_| bad("the URL is not UTF-8"));
    let path = text(target.bytes())?;
    let query = target.query().map_or(Ok(""), |query| text(query))?;

    let (first, path) = chain_of_path(path)?;
    let (seo, path) = match path.strip_prefix("ik-seo/") {
        Some(path) => (true, path),
        None => (false, path),
    };
    let (second, path) = chain_of_path(path)?;
    let of_query = value(query, "tr")
        .map_err(|_| bad("the query has tr twice"))?
        .map(decoded)
        .transpose()?;
    let mut chains = [first, second, of_query].into_iter().flatten();
    let chain = chains.next();
    if chains.next().is_some() {
        return Err(bad("there is more than one list of transformations"));
    }

    let path = decoded(path)?;
    let last = path.rsplit('/').next().unwrap_or_default();
    if VIDEO.contains(&last) || last.starts_with("ik-master.") {
        return Err(not_supported(last, Refuse::Video));
    }
    if path
        .split('/')
        .any(|segment| segment.starts_with("ik-genimg"))
    {
        return Err(not_supported("ik-genimg", Refuse::Model));
    }
    Ok(Parts {
        name: if seo {
            without_seo(&path)?
        } else {
            path.into()
        },
        chain: chain.map(Box::from),
        attachment: attachment(query)?,
    })
}

/// The chain of `tr:CHAIN/`, and what follows.
fn chain_of_path(path: &str) -> Result<(Option<Cow<'_, str>>, &str), Rejection> {
    let segment = path.split_once('/');
    let Some((segment, rest)) = segment else {
        return Ok((None, path));
    };
    let chain = ["tr:", "tr%3A", "tr%3a"]
        .iter()
        .find_map(|prefix| segment.strip_prefix(prefix));
    match chain {
        Some(chain) => Ok((Some(decoded(chain)?), rest)),
        None => Ok((None, path)),
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, Rejection> {
    let text = percent_decode_str(text).decode_utf8();
    text.map_err(|_| bad("the URL is not UTF-8"))
}

/// `photo.jpg` for `photo/a-nice-name.jpg`.
fn without_seo(path: &str) -> Result<Box<str>, Rejection> {
    let parts = path.rsplit_once('/').and_then(|(path, name)| {
        let (_, extension) = name.rsplit_once('.')?;
        Some((path, extension))
    });
    let (path, extension) = parts.ok_or_else(|| {
        bad(format!(
            "ik-seo has no name with an extension: {}",
            quoted(path)
        ))
    })?;
    Ok(format!("{path}.{extension}").into())
}

/// The name to save the answer by; empty where the URL names none.
fn attachment(query: &str) -> Result<Option<Box<str>>, Rejection> {
    const SWITCH: &str = "ik-attachment";
    const NAME: &str = "ik-attachment-filename";
    /// The longest that file systems take.
    const MAX_NAME: usize = 255;

    let of = |key: &str| {
        let value = value(query, key);
        value.map_err(|_| bad(format!("the query has {key} twice")))
    };
    let name = of(NAME)?.map(decoded).transpose()?.unwrap_or_default();
    match of(SWITCH)? {
        None | Some("false") => Ok(None),
        Some("true") if name.len() > MAX_NAME || name.contains(|c: char| c.is_control()) => Err(
            bad(format!("{NAME} is no name of a file: {}", quoted(&name))),
        ),
        Some("true") => Ok(Some(name.into())),
        Some(text) => Err(bad(format!(
            "{SWITCH} is neither true nor false: {}",
            quoted(text)
        ))),
    }
}
