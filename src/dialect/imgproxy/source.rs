//! The source, as the end of the path writes it: `plain/NAME[@FORMAT]`, percent-encoded, or base64url with slashes anywhere
//! in it, and `.FORMAT`.

use data_encoding::BASE64URL_NOPAD;
use percent_encoding::percent_decode_str;

use crate::dialect::{check_name, not_supported};
use crate::guard::Rejection;

/// How an URL names a file below the origin's root.
pub(super) const LOCAL: &str = "local:///";

/// A source, and the format that is named behind it; empty, if none is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source<'a> {
    pub(super) name: Box<str>,
    pub(super) format: &'a str,
}

/// Reads the end of a path.
pub(super) fn source(rest: &str) -> Result<Source<'_>, Rejection> {
    let refuse = |why: &'static str| Rejection::bad_request(why);
    let (name, format) = if let Some(plain) = rest.strip_prefix("plain/") {
        let (name, format) = plain.split_once('@').unwrap_or((plain, ""));
        if format.contains('@') {
            return Err(refuse(
                "the source has more than one @, which must be escaped",
            ));
        }
        let decoded = percent_decode_str(name).decode_utf8();
        let decoded = decoded.map_err(|_| refuse("the name of the source is not UTF-8"))?;
        (decoded.into_owned(), format)
    } else if rest == "enc" || rest.starts_with("enc/") {
        return Err(not_supported("an encrypted source (enc/)"));
    } else {
        let (encoded, format) = rest.split_once('.').unwrap_or((rest, ""));
        if format.contains('.') {
            return Err(refuse("the source names more than one format"));
        }
        (base64(encoded).ok_or_else(not_base64)?, format)
    };
    if format.contains('/') {
        return Err(refuse("the format of the source has a slash"));
    }
    Ok(Source {
        name: self::name(&name)?,
        format,
    })
}

/// A name that the origin can be asked for.
pub(super) fn name(name: &str) -> Result<Box<str>, Rejection> {
    let name = name.strip_prefix(LOCAL).unwrap_or(name);
    check_name(name)?;
    Ok(name.into())
}

fn not_base64() -> Rejection {
    Rejection::bad_request("the source is neither plain/ nor base64url, or an option has no colon")
}

/// A text in base64url, with or without padding, with slashes anywhere.
pub(super) fn base64(encoded: &str) -> Option<String> {
    let encoded: String = encoded.split('/').collect();
    let bytes = BASE64URL_NOPAD.decode(encoded.trim_end_matches('=').as_bytes());
    String::from_utf8(bytes.ok()?).ok()
}
