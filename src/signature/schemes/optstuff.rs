//! `/OPERATIONS/IMAGE?key=ID&sig=SIGNATURE&exp=EXPIRY`: the first 32 characters of the unpadded base64url of the
//! HMAC-SHA-256 over `OPERATIONS/IMAGE?exp=EXPIRY`, where OPERATIONS is decoded once and IMAGE twice.
//!
//! The text signed for `IMAGE` with an expiry is the text signed for an image named `IMAGE?exp=...` without one. A
//! signed URL of the second kind is refused.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use percent_encoding::percent_decode_str;

use super::{append, read_parameters, relative};
use crate::mount::MountPath;
use crate::signature::mac::Algorithm;
use crate::signature::rules::{Draft, KeyKind, Length, Reading, Rules, Write};

pub(crate) static RULES: Rules = Rules {
    name: "optstuff",
    algorithms: &[Algorithm::Sha256],
    default_algorithm: Algorithm::Sha256,
    encoding: BASE64URL_NOPAD,
    length: Length::Fixed(32),
    keys: KeyKind::Keys,
    parameters: &["key", "sig", "exp"],
    signs_query: false,
    retries_decoded: false,
    has_placeholder: false,
    read,
    message,
    compose,
};

fn read<'a>(below: &'a str, query: &'a str) -> Reading<'a> {
    let path = decoded(relative(below));
    let mut reading = Reading {
        fault: path.is_none().then_some("the path does not decode"),
        path: path.unwrap_or_default(),
        ..Reading::default()
    };
    read_parameters(&mut reading, query, "key");
    if reading.signature.is_some()
        && reading.expiry_text.is_none()
        && ends_like_an_expiry(&reading.path)
    {
        reading.fault = Some("the path ends like an expiry");
    }
    reading
}

fn message(reading: &Reading<'_>, _mount: &MountPath, write: Write<'_>) {
    write(reading.path.as_bytes());
    if let Some(expiry) = reading.expiry_text {
        write(b"?exp=");
        write(expiry.as_bytes());
    }
}

fn compose(draft: &Draft<'_>, signature: &str) -> String {
    let mut url = draft.relative_url();
    append(&mut url, "key", draft.key_id.unwrap_or_default());
    append(&mut url, "sig", signature);
    if let Some(expires) = draft.expires {
        append(&mut url, "exp", expires);
    }
    url
}

/// The path as OptStuff reads it: operations decoded once, the image twice, and the slash back that some proxies take
/// from `https://`. `None` where an escape is none, or what it decodes to is no UTF-8.
fn decoded(path: &str) -> Option<Cow<'_, str>> {
    let Some((operations, image)) = path.split_once('/') else {
        return decode(path);
    };
    let once = decode(image)?;
    let twice = decode(&once)?;
    let scheme = ["https:/", "http:/"]
        .into_iter()
        .find(|scheme| twice.starts_with(scheme) && !twice[scheme.len()..].starts_with('/'));
    if !path.contains('%') && scheme.is_none() {
        return Some(Cow::Borrowed(path));
    }
    let (scheme, rest) = match scheme {
        Some(scheme) => (scheme, &twice[scheme.len() - 1..]),
        None => ("", &*twice),
    };
    Some(Cow::Owned(format!(
        "{}/{scheme}{rest}",
        decode(operations)?
    )))
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    let escapes_are_whole = text.split('%').skip(1).all(|escape| {
        let mut digits = escape.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    });
    if !escapes_are_whole {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok()
}

fn ends_like_an_expiry(path: &str) -> bool {
    path.rsplit_once("?exp=").is_some_and(|(_, digits)| {
        !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}
