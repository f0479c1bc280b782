//! OptStuff's gate: which operations, and which arguments of theirs, it lets through to IPX.

use super::cut;
use crate::guard::Rejection;

/// The most pixels of a length.
const MAX_LENGTH: u32 = 8192;

const FORMATS: [&str; 4] = ["webp", "avif", "png", "jpg"];
const FITS: [&str; 3] = ["cover", "contain", "fill"];

/// Refuses what OptStuff refuses, in its words.
pub(super) fn check(segment: &str) -> Result<(), Rejection> {
    if segment == "_" {
        return Ok(());
    }
    segment
        .split(',')
        .filter(|text| !text.is_empty())
        .try_for_each(operation)
        .map_err(Rejection::bad_request)
}

fn operation(text: &str) -> Result<(), String> {
    // A name has a character at least.
    let (name, value) = match text.split_once('_') {
        Some((name, value)) if !name.is_empty() => (name, Some(value)),
        _ => (text, None),
    };
    match name {
        "w" | "h" => whole(name, value, MAX_LENGTH),
        "q" => whole(name, value, 100),
        "f" => one_of(name, value, &FORMATS),
        "fit" => one_of(name, value, &FITS),
        "s" => size(value),
        "embed" if value.is_none() => Ok(()),
        "embed" => Err("embed must be a flag without value".into()),
        _ => Err(format!("Unsupported operation: {}", cut(name))),
    }
}

fn whole(name: &str, value: Option<&str>, most: u32) -> Result<(), String> {
    let value = value.and_then(super::args::whole);
    match value.filter(|value| (1..=most).contains(value)) {
        Some(_) => Ok(()),
        None => Err(format!("{name} must be an integer between 1 and {most}")),
    }
}

fn one_of(name: &str, value: Option<&str>, allowed: &[&str]) -> Result<(), String> {
    if value.is_some_and(|value| allowed.contains(&value)) {
        Ok(())
    } else {
        Err(format!("{name} must be one of: {}", allowed.join(",")))
    }
}

fn size(value: Option<&str>) -> Result<(), String> {
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sides = value.and_then(|value| value.split_once('x'));
    let (width, height) = sides
        .filter(|(width, height)| digits(width) && digits(height))
        .ok_or("s must be in format {w}x{h}")?;
    whole("s width", Some(width), MAX_LENGTH)?;
    whole("s height", Some(height), MAX_LENGTH)
}

/// Refuses the names that OptStuff takes for no URL.
pub(super) fn check_name(name: &str) -> Result<(), Rejection> {
    let foreign = name.split_once("://").is_some_and(|(scheme, _)| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
        let web = ["http", "https"]
            .iter()
            .any(|web| scheme.eq_ignore_ascii_case(web));
        scheme.bytes().all(letters) && !web
    });
    if foreign || name.starts_with('/') {
        return Err(Rejection::bad_request(
            "Invalid image URL: it has to be an http or https URL",
        ));
    }
    Ok(())
}
