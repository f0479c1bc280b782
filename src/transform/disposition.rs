//! Under which name an image is saved (RFC 6266).

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::recipe::Format;

/// The most characters of a name.
const LONGEST: usize = 128;

/// All that RFC 8187 does not let stand as itself.
const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// To be saved as `name` or, where that is empty, under the name of the source. An extension is added where it is not
/// that of the format.
pub(super) fn attachment(name: &str, source: &str, format: Format) -> HeaderValue {
    let named = if name.is_empty() {
        let path = source.split(['?', '#']).next().unwrap_or_default();
        path.rsplit(['/', '\\']).next().unwrap_or_default()
    } else {
        name
    };
    let mut name: String = named.chars().filter_map(harmless).take(LONGEST).collect();
    let trimmed = name.trim_matches([' ', '.']).len();
    if trimmed == 0 {
        "image".clone_into(&mut name);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    if !extension.is_some_and(|extension| belongs(extension, format)) {
        name = format!("{name}.{}", usual(format));
    }
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii() => c,
            _ => '_',
        })
        .collect();
    let text = if plain == name {
        format!("attachment; filename=\"{plain}\"")
    } else {
        let encoded = utf8_percent_encode(&name, NOT_PLAIN);
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// No control character, nothing that separates folders, nothing that changes the direction of what is read.
fn harmless(c: char) -> Option<char> {
    match c {
        '/' | '\\' | ':' => Some('_'),
        '\u{061C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{2029}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// The extension that is added: that of the most files.
fn usual(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "jpg",
        _ => format.name(),
    }
}

fn belongs(extension: &str, format: Format) -> bool {
    let is = |other: &str| extension.eq_ignore_ascii_case(other);
    is(format.name()) || is(usual(format)) || format == Format::Tiff && is("tif")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let rows = [
            ("b.png", "a.jpg", Format::Png, "filename=\"b.png\""),
            ("foo.png", "a", Format::Jpeg, "filename=\"foo.png.jpg\""),
            ("foo.jpeg", "a", Format::Jpeg, "filename=\"foo.jpeg\""),
            ("foo.JPG", "a", Format::Jpeg, "filename=\"foo.JPG\""),
            ("", "x/y/a.jpg?v=1", Format::WebP, "filename=\"a.jpg.webp\""),
            (
                "",
                "https://e.com/",
                Format::WebP,
                "filename=\"image.webp\"",
            ),
            ("..", "a", Format::WebP, "filename=\"image.webp\""),
            ("a\r\nX: y", "a", Format::Gif, "filename=\"aX_ y.gif\""),
            ("../../etc", "a", Format::Gif, "filename=\".._.._etc.gif\""),
            (
                "\u{202E}g\u{2066}\u{61C}pj.exe\u{2029}",
                "a",
                Format::Jpeg,
                "filename=\"gpj.exe.jpg\"",
            ),
            (
                "a\"b;c.png",
                "a",
                Format::Png,
                "filename=\"a_b;c.png\"; filename*=UTF-8''a%22b%3Bc.png",
            ),
            (
                "caf\u{E9}.png",
                "a",
                Format::Png,
                "filename=\"caf_.png\"; filename*=UTF-8''caf%C3%A9.png",
            ),
        ];
        for (name, source, format, expected) in rows {
            let value = attachment(name, source, format);
            assert_eq!(
                value,
                format!("attachment; {expected}").as_str(),
                "{name:?}"
            );
        }
        let long = attachment(&"x".repeat(5_000), "a", Format::Png);
        assert!(long.len() < 200);
    }
}
