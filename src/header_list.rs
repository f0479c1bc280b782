//! Headers that are lists.

use http::header::{HeaderMap, HeaderName};

/// The elements of a header that is a list ([RFC 9110, section 5.6.1]), every line of it, without white space around
/// them and without empty ones. A comma in a quoted string counts as one that separates.
///
/// [RFC 9110, section 5.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1
pub(crate) fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(name)
        .into_iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}
