//! For how long an answer is good, by what it says of itself.

use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, HeaderValue};

use crate::header_list::elements;

/// For how many seconds an answer is fresh ([RFC 9111, section 4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)), as
/// of `now`. `None`: it does not say.
pub(crate) fn lifetime(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let (mut no_cache, mut max_age, mut shared) = (false, None, None);
    for directive in elements(headers, CACHE_CONTROL) {
        let (name, value) = parse(directive);
        // What is no number says that it is not fresh.
        let seconds = || {
            let value = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""))
                .unwrap_or(value);
            let text = std::str::from_utf8(value).ok();
            text.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
        };
        if name.eq_ignore_ascii_case(b"no-cache") {
            no_cache = true;
        } else if name.eq_ignore_ascii_case(MAX_AGE) {
            max_age = max_age.or_else(|| Some(seconds()));
        } else if name.eq_ignore_ascii_case(S_MAXAGE) {
            shared = shared.or_else(|| Some(seconds()));
        }
    }
    if no_cache {
        return Some(0);
    }
    let date = date(headers, &DATE).unwrap_or(now);
    let expires = || {
        let expires = headers.get(EXPIRES)?;
        // So do dates in the past, and what is none, such as 0.
        let expires = parse_date(expires).unwrap_or(UNIX_EPOCH);
        Some(expires.duration_since(date).unwrap_or_default().as_secs())
    };
    let lifetime = shared.or(max_age).or_else(expires)?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok());
    let age = age.and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    Some(lifetime.saturating_sub(age))
}

/// What a `Cache-Control` says but for how long.
#[cfg(feature = "http-origin")]
pub(crate) fn directives(headers: &HeaderMap) -> Option<HeaderValue> {
    let others = elements(headers, CACHE_CONTROL).filter(|directive| {
        let (name, _) = parse(directive);
        !name.eq_ignore_ascii_case(MAX_AGE) && !name.eq_ignore_ascii_case(S_MAXAGE)
    });
    let joined = others.collect::<Vec<_>>().join(&b", "[..]);
    let joined = HeaderValue::from_bytes(&joined).ok();
    joined.filter(|joined| !joined.is_empty())
}

const MAX_AGE: &[u8] = b"max-age";
const S_MAXAGE: &[u8] = b"s-maxage";

/// The name of a directive, and its value, if it has one.
fn parse(directive: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = directive.splitn(2, |&byte| byte == b'=');
    let mut part = || parts.next().unwrap_or_default().trim_ascii();
    (part(), part())
}

pub(crate) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    headers.get(name).and_then(parse_date)
}

pub(crate) fn parse_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}
