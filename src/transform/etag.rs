//! Validators ([RFC 9110, section 8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)).

use data_encoding::BASE64URL_NOPAD;
use http::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};
use sha2::{Digest, Sha256};

/// A strong validator of `bytes`: half of their SHA-256, so that no two variants of an image share one.
pub(crate) fn strong(bytes: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(bytes);
    let half = digest.get(..16).unwrap_or(&digest);
    let quoted = format!("\"{}\"", BASE64URL_NOPAD.encode(half));
    #[expect(clippy::expect_used, reason = "quotes and base64url are visible ASCII")]
    HeaderValue::try_from(quoted).expect("an entity tag is a header value")
}

/// Whether `If-None-Match` lists `etag`, compared weakly, or is `*` (RFC 9110, section 13.1.2).
pub(crate) fn none_match_lists(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|line| line.as_bytes().trim_ascii() == b"*" || lists(line.as_bytes(), etag.as_bytes()))
}

/// Whether a list of entity tags holds `etag`. What follows the first element that is no entity tag is not read.
fn lists(mut rest: &[u8], etag: &[u8]) -> bool {
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after;
            continue;
        }
        let opaque = rest.strip_prefix(b"W/").unwrap_or(rest);
        let Some(end) = opaque
            .strip_prefix(b"\"")
            .and_then(|inside| inside.iter().position(|&byte| byte == b'"'))
        else {
            return false;
        };
        // The position is inside the quotes: two more than it are the tag.
        let Some((tag, after)) = opaque.split_at_checked(end + 2) else {
            return false;
        };
        if tag == etag {
            return true;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_if_none_match_is_a_list() {
        let etag = HeaderValue::from_static("\"abc\"");
        let cases = [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("*", true),
            (" * ", true),
            ("\"x\", \"abc\"", true),
            ("\"x\",W/\"abc\",\"y\"", true),
            (",, \"abc\"", true),
            ("\"a,b\", \"abc\"", true),
            ("", false),
            ("abc", false),
            ("\"ABC\"", false),
            ("\"abcd\"", false),
            ("\"abc", false),
            ("w/\"abc\"", false),
            ("W/abc", false),
            ("\"\"", false),
            ("\"", false),
            ("\"x\" *", false),
            ("\"*\"", false),
            ("\"x,\"abc\"", false),
        ];
        for (line, listed) in cases {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, line.parse().unwrap())]);
            assert_eq!(none_match_lists(&headers, &etag), listed, "{line}");
        }
        assert!(!none_match_lists(&HeaderMap::new(), &etag));
    }

    #[test]
    fn every_line_counts() {
        let etag = strong(b"an image");
        let mut headers = HeaderMap::new();
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("\"x\""));
        headers.append(IF_NONE_MATCH, etag.clone());
        assert!(none_match_lists(&headers, &etag));
    }

    #[test]
    fn other_bytes_have_another_tag() {
        assert_eq!(strong(b"a"), strong(b"a"));
        assert_ne!(strong(b"a"), strong(b"b"));
    }
}
