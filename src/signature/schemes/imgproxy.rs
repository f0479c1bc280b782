//! `/SIGNATURE/SIGNED`: unpadded base64url of the HMAC-SHA-256 over the salt, a slash and SIGNED. The salt is part of
//! the key here. `/info/SIGNATURE/SIGNED` asks for a description of the image.

use data_encoding::BASE64URL_NOPAD;

use super::{MALFORMED_EXPIRY, relative};
use crate::mount::MountPath;
use crate::signature::mac::Algorithm;
use crate::signature::rules::{Draft, KeyKind, Length, Reading, Rules, Write};
use crate::url_lex::imgproxy;

pub(crate) static RULES: Rules = Rules {
    name: "imgproxy",
    algorithms: &[Algorithm::Sha256],
    default_algorithm: Algorithm::Sha256,
    encoding: BASE64URL_NOPAD,
    length: Length::Truncatable,
    keys: KeyKind::SecretsAndSalts,
    parameters: &[],
    signs_query: false,
    retries_decoded: false,
    has_placeholder: true,
    read,
    message,
    compose,
};

fn read<'a>(below: &'a str, _query: &'a str) -> Reading<'a> {
    let below = relative(below);
    let info = below.strip_prefix("info/");
    let below = info.unwrap_or(below);
    let (signature, path) = below.split_once('/').unwrap_or((below, ""));
    let mut reading = Reading {
        params: info.is_some(),
        signature: Some(signature).filter(|text| !matches!(*text, "" | "insecure" | "unsafe")),
        path: path.into(),
        ..Reading::default()
    };
    reading.add_expiry(expiry(path));
    reading
}

pub(crate) fn expiry(path: &str) -> Result<Option<u64>, &'static str> {
    imgproxy::expiry(path).map_err(|_| MALFORMED_EXPIRY)
}

fn message(reading: &Reading<'_>, _mount: &MountPath, write: Write<'_>) {
    write(b"/");
    write(reading.path.as_bytes());
}

fn compose(draft: &Draft<'_>, signature: &str) -> String {
    let (info, path) = match draft.path.strip_prefix("info/") {
        Some(path) => ("info/", path),
        None => ("", draft.path),
    };
    match draft.expires {
        Some(expires) => format!("/{info}{signature}/exp:{expires}/{path}"),
        None => format!("/{info}{signature}/{path}"),
    }
}
