//! `/PATH?QUERY&ik-t=EXPIRY&ik-s=SIGNATURE`: lower-case hex of the HMAC-SHA-1 over `PATH?QUERY` as sent and the expiry.
//!
//! Nothing stands between the URL and the expiry, so an expiry has exactly ten digits: otherwise a digit could be moved
//! from one to the other.

use data_encoding::HEXLOWER;

use super::{MALFORMED_EXPIRY, append, parameter, relative};
use crate::mount::MountPath;
use crate::signature::mac::Algorithm;
use crate::signature::rules::{Draft, KeyKind, Length, Reading, Rules, Write};
use crate::url_lex::{canonical_number, query};

pub(crate) static RULES: Rules = Rules {
    name: "imagekit",
    algorithms: &[Algorithm::Sha1],
    default_algorithm: Algorithm::Sha1,
    encoding: HEXLOWER,
    length: Length::Fixed(40),
    keys: KeyKind::Secrets,
    parameters: PARAMETERS,
    signs_query: true,
    retries_decoded: false,
    has_placeholder: false,
    read,
    message,
    compose,
};

const PARAMETERS: &[&str] = &["ik-s", "ik-t"];
/// The expiry that is none, signed where there is no `ik-t`.
const NEVER: &str = "9999999999";

fn read<'a>(below: &'a str, query: &'a str) -> Reading<'a> {
    let mut reading = Reading {
        path: relative(below).into(),
        query,
        ..Reading::default()
    };
    reading.signature = parameter(&mut reading, query, "ik-s").filter(|text| !text.is_empty());
    reading.expiry_text = parameter(&mut reading, query, "ik-t");
    if let Some(text) = reading.expiry_text {
        let expiry = canonical_number(text).filter(|_| text.len() == NEVER.len());
        let expiry = expiry.map(|expiry| (text != NEVER).then_some(expiry));
        reading.add_expiry(expiry.ok_or(MALFORMED_EXPIRY));
    }
    reading
}

fn message(reading: &Reading<'_>, _mount: &MountPath, write: Write<'_>) {
    write(reading.path.as_bytes());
    let mut separator = "?";
    for piece in query::without(reading.query, PARAMETERS) {
        write(separator.as_bytes());
        write(piece.as_bytes());
        separator = "";
    }
    write(reading.expiry_text.unwrap_or(NEVER).as_bytes());
}

fn compose(draft: &Draft<'_>, signature: &str) -> String {
    let mut url = draft.relative_url();
    if let Some(expires) = draft.expires {
        append(&mut url, "ik-t", expires);
    }
    append(&mut url, "ik-s", signature);
    url
}
