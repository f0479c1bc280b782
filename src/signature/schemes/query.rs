//! `/PATH?QUERY&exp=EXPIRY&kid=ID&sig=SIGNATURE`: unpadded base64url of the MAC over four lines, each ended by a line
//! feed, which no URL can have: `imgward1`, the mount, the path, and the query without its `sig`.

use data_encoding::BASE64URL_NOPAD;

use super::{append, read_parameters, relative};
use crate::mount::MountPath;
use crate::signature::mac::Algorithm;
use crate::signature::rules::{Draft, KeyKind, Length, Reading, Rules, Write};
use crate::url_lex::query;

pub(crate) static RULES: Rules = Rules {
    name: "query",
    algorithms: &[Algorithm::Sha256, Algorithm::Sha512],
    default_algorithm: Algorithm::Sha256,
    encoding: BASE64URL_NOPAD,
    length: Length::Truncatable,
    keys: KeyKind::SecretsOrKeys,
    parameters: &["sig", "exp", "kid"],
    signs_query: true,
    retries_decoded: false,
    has_placeholder: false,
    read,
    message,
    compose,
};

fn read<'a>(below: &'a str, query: &'a str) -> Reading<'a> {
    let mut reading = Reading {
        path: relative(below).into(),
        query,
        ..Reading::default()
    };
    read_parameters(&mut reading, query, "kid");
    reading
}

fn message(reading: &Reading<'_>, mount: &MountPath, write: Write<'_>) {
    write(b"imgward1\n");
    write(match mount.prefix() {
        "" => b"/",
        prefix => prefix.as_bytes(),
    });
    write(b"\n/");
    write(reading.path.as_bytes());
    write(b"\n");
    for piece in query::without(reading.query, &["sig"]) {
        write(piece.as_bytes());
    }
    write(b"\n");
}

fn compose(draft: &Draft<'_>, signature: &str) -> String {
    let mut url = draft.relative_url();
    if let Some(expires) = draft.expires {
        append(&mut url, "exp", expires);
    }
    if let Some(key_id) = draft.key_id {
        append(&mut url, "kid", key_id);
    }
    append(&mut url, "sig", signature);
    url
}
