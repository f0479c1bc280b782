//! `/[params/]SIGNATURE/SIGNED`: padded base64url of the MAC over SIGNED, as sent. What imagor calls "path".

use data_encoding::BASE64URL;

use super::MALFORMED_EXPIRY;
use crate::mount::MountPath;
use crate::signature::mac::Algorithm;
use crate::signature::rules::{Draft, KeyKind, Length, Reading, Rules, Write};
use crate::url_lex::imagor::{Access, lex, prefix};

pub(crate) static RULES: Rules = Rules {
    name: "imagor",
    algorithms: &[Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512],
    default_algorithm: Algorithm::Sha1,
    encoding: BASE64URL,
    length: Length::Truncatable,
    keys: KeyKind::Secrets,
    parameters: &[],
    signs_query: false,
    retries_decoded: true,
    has_placeholder: false,
    read,
    message,
    compose,
};

fn read<'a>(below: &'a str, _query: &'a str) -> Reading<'a> {
    let prefix = prefix(below);
    let mut reading = Reading {
        signature: match prefix.access {
            Access::Hash(hash) => Some(hash),
            Access::Unsafe | Access::None => None,
        },
        path: prefix.rest.into(),
        params: prefix.params,
        ..Reading::default()
    };
    reading.add_expiry(expiry(prefix.rest));
    reading
}

/// imagor counts milliseconds. An expiry within a second is that second's.
pub(crate) fn expiry(path: &str) -> Result<Option<u64>, &'static str> {
    match lex(path).expiry_ms() {
        Ok(expiry) => Ok(expiry.map(|milliseconds| milliseconds / 1000)),
        Err(_) => Err(MALFORMED_EXPIRY),
    }
}

fn message(reading: &Reading<'_>, _mount: &MountPath, write: Write<'_>) {
    write(reading.path.as_bytes());
}

fn compose(draft: &Draft<'_>, signature: &str) -> String {
    let (params, path) = match draft.path.strip_prefix("params/") {
        Some(path) => ("params/", path),
        None => ("", draft.path),
    };
    let path = match draft.expires {
        Some(expires) => {
            let milliseconds = expires.saturating_mul(1000);
            with_filter(path, &format!("expire({milliseconds})"))
        }
        None => path.to_owned(),
    };
    format!("/{params}{signature}/{path}")
}

/// Adds a filter after those that are there, or before the image.
fn with_filter(path: &str, filter: &str) -> String {
    let segments = lex(path);
    let before = path.strip_suffix(segments.image).unwrap_or(path);
    let (before, separator) = match segments.filters {
        None => (before, "filters:"),
        Some(filters) => (
            before.strip_suffix('/').unwrap_or(before),
            if filters.is_empty() || filters.ends_with(':') {
                ""
            } else {
                ":"
            },
        ),
    };
    format!("{before}{separator}{filter}/{}", segments.image)
}
