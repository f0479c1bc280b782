//! The five schemes. Each is data, and three functions: `read` takes a URL apart, `message` says which bytes are
//! signed, and `compose` writes a signed URL.

use std::fmt::{Display, Write as _};

use super::rules::Reading;
use crate::url_lex::canonical_number;
use crate::url_lex::query::value;

pub(super) mod imagekit;
pub(super) mod imagor;
pub(super) mod imgproxy;
pub(super) mod optstuff;
pub(super) mod query;

/// Why a URL with a repeated `sig`, `exp`, ... is refused.
const REPEATED: &str = "a parameter of the signature is there more than once";
/// Why a URL with a malformed expiry is refused.
const MALFORMED_EXPIRY: &str = "the expiry is no number";

/// The value of a parameter that may be there once. A repeated one is a fault; what stands for it then is the value of
/// nothing, so that the parameter still counts as there.
fn parameter<'a>(reading: &mut Reading<'a>, query: &'a str, name: &str) -> Option<&'a str> {
    value(query, name).unwrap_or_else(|_| {
        reading.fault = Some(REPEATED);
        Some(REPEATED)
    })
}

/// Reads `sig`, `exp` and the id of the key.
fn read_parameters<'a>(reading: &mut Reading<'a>, query: &'a str, key_id: &str) {
    reading.signature = parameter(reading, query, "sig").filter(|text| !text.is_empty());
    reading.key_id = parameter(reading, query, key_id);
    reading.expiry_text = parameter(reading, query, "exp");
    if let Some(text) = reading.expiry_text {
        reading.add_expiry(canonical_number(text).map(Some).ok_or(MALFORMED_EXPIRY));
    }
}

/// Appends a parameter to a URL.
fn append(url: &mut String, name: &str, value: impl Display) {
    let separator = if url.contains('?') { '&' } else { '?' };
    // Writing to a String cannot fail.
    let _ = write!(url, "{separator}{name}={value}");
}

/// The path below the mount without its leading slash, as every scheme signs and hands it on.
fn relative(below: &str) -> &str {
    below.strip_prefix('/').unwrap_or(below)
}
