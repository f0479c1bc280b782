//! Which image format a client gets, where the URL leaves it open.
//!
//! The rules ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1), narrowed):
//!
//! 1. A format is accepted where `Accept` names its media type with a weight above 0. Every line of the field counts,
//!    and neither case nor white space matters. Parameters other than `q` are ignored.
//! 2. `*/*` and `image/*` accept nothing here: browsers that cannot read AVIF or WebP send them too.
//! 3. A format that is named with `q=0` anywhere is refused, wherever else it is named. A weight that is malformed
//!    makes its media range count for nothing.
//! 4. Among the accepted formats the server's order decides, not the weights.
//! 5. An `Accept` of more than [`MAX_ACCEPT_BYTES`] bytes accepts nothing.
//!
//! However many different `Accept`s clients send, there are at most as many answers as there are formats in the order,
//! and one: that is all a cache needs to know of the field.
//!
//! # Example
//!
//! ```
//! use http::header::{ACCEPT, HeaderMap, HeaderValue};
//! use imgward::negotiate::choose;
//! use imgward::recipe::Format;
//!
//! let order = [Format::Avif, Format::WebP];
//! let mut headers = HeaderMap::new();
//! headers.insert(ACCEPT, HeaderValue::from_static("image/webp,image/apng,*/*;q=0.8"));
//! assert_eq!(choose(&headers, &order), Some(Format::WebP));
//!
//! headers.insert(ACCEPT, HeaderValue::from_static("image/webp;q=0, */*"));
//! assert_eq!(choose(&headers, &order), None);
//! ```

use http::header::{ACCEPT, HeaderMap, HeaderValue};

use crate::recipe::Format;

/// The most bytes of `Accept`, all its lines together, that are read.
pub const MAX_ACCEPT_BYTES: usize = 8 * 1024;

/// The first format of `order` that `Accept` names and does not refuse. `None`: the source's own format.
pub fn choose(headers: &HeaderMap, order: &[Format]) -> Option<Format> {
    let lines = || headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes);
    if order.is_empty() || lines().map(<[u8]>::len).sum::<usize>() > MAX_ACCEPT_BYTES {
        return None;
    }
    let mut accepted = FormatSet::default();
    let mut refused = FormatSet::default();
    for range in lines().flat_map(|line| split_unquoted(line, b',')) {
        match read_range(range) {
            Some((format, Weight::Zero)) => refused.insert(format),
            Some((format, Weight::Positive)) => accepted.insert(format),
            None => {}
        }
    }
    order
        .iter()
        .copied()
        .find(|&format| accepted.contains(format) && !refused.contains(format))
}

/// A set of formats, a bit each.
#[derive(Clone, Copy, Default)]
struct FormatSet(u16);

const _: () = assert!(Format::ALL.len() <= u16::BITS as usize, "a bit each");

impl FormatSet {
    fn insert(&mut self, format: Format) {
        self.0 |= 1 << format as u8;
    }

    fn contains(self, format: Format) -> bool {
        self.0 & (1 << format as u8) != 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Zero,
    Positive,
}

/// The format that a media range names, and with what weight. `None` where it names none that is known here, or its
/// weight is malformed.
fn read_range(range: &[u8]) -> Option<(Format, Weight)> {
    let mut parts = split_unquoted(range, b';').map(<[u8]>::trim_ascii);
    let media_type = parts.next()?;
    let format = Format::ALL
        .iter()
        .copied()
        .find(|format| media_type.eq_ignore_ascii_case(format.media_type().as_bytes()))?;
    let mut weight = Weight::Positive;
    for parameter in parts {
        let mut halves = parameter.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default().trim_ascii_end();
        if name.eq_ignore_ascii_case(b"q")
            && read_weight(halves.next()?.trim_ascii_start())? == Weight::Zero
        {
            weight = Weight::Zero;
        }
    }
    Some((format, weight))
}

/// Reads a `qvalue`: 0 or 1, and at most three decimals, which must be zeros after a 1.
fn read_weight(text: &[u8]) -> Option<Weight> {
    let (&whole, rest) = text.split_first()?;
    let decimals = match rest.split_first() {
        None => rest,
        Some((b'.', decimals)) if decimals.len() <= 3 => decimals,
        Some(_) => return None,
    };
    let zeros = decimals.iter().all(|&digit| digit == b'0');
    match whole {
        b'0' if zeros => Some(Weight::Zero),
        b'0' if decimals.iter().all(u8::is_ascii_digit) => Some(Weight::Positive),
        b'1' if zeros => Some(Weight::Positive),
        _ => None,
    }
}

/// Splits at `separator`, except inside quoted strings (RFC 9110, section 5.6.4). A quote that is never closed runs to
/// the end.
fn split_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |&byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte => return byte == separator && !quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORDER: [Format; 2] = [Format::Avif, Format::WebP];

    fn headers<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> HeaderMap {
        lines
            .into_iter()
            .map(|line| (ACCEPT, HeaderValue::from_bytes(line).unwrap()))
            .collect()
    }

    fn chosen(accept: &str) -> Option<Format> {
        choose(&headers([accept.as_bytes()]), &ORDER)
    }

    #[test]
    fn accept_names_the_format() {
        use Format::{Avif, WebP};
        let cases = [
            ("image/webp", Some(WebP)),
            ("image/avif,image/webp", Some(Avif)),
            // The server's order decides, not the weights.
            ("image/webp, image/avif;q=0.1", Some(Avif)),
            ("IMAGE/WebP", Some(WebP)),
            (" \timage/webp\t; Q=0.5 ", Some(WebP)),
            ("image/webp;q=1.000", Some(WebP)),
            ("image/webp;q=0.001", Some(WebP)),
            ("image/webp;q=1.", Some(WebP)),
            ("text/html,,image/webp,", Some(WebP)),
            // Parameters of the media type say nothing about the weight.
            ("image/webp;level=0", Some(WebP)),
            ("image/webp;x=\"q=0\"", Some(WebP)),
            ("image/webp;x=\"\\\";q=0\"", Some(WebP)),
            (
                "text/plain;x=\"image/avif,image/avif\", image/webp",
                Some(WebP),
            ),
            // Not named.
            ("", None),
            ("*", None),
            ("*/*;q=0.8", None),
            ("image/*", None),
            ("image/webp2", None),
            ("ximage/webp", None),
            ("image/web", None),
            ("image /webp", None),
            ("image/jpeg", None),
            ("text/plain;x=\"image/webp\"", None),
            ("text/plain;x=\", image/webp", None),
            // Refused, wherever else it is named.
            ("image/webp;q=0", None),
            ("image/webp;q=0.000", None),
            ("image/webp;q=0.", None),
            ("image/webp; q = 0", None),
            ("image/webp, image/webp;q=0", None),
            ("image/webp;q=0, image/webp", None),
            ("image/webp;q=1;q=0", None),
            ("image/avif;q=0, image/webp", Some(WebP)),
            // Malformed weights.
            ("image/webp;q", None),
            ("image/webp;q=", None),
            ("image/webp;q=0.0001", None),
            ("image/webp;q=1.001", None),
            ("image/webp;q=2", None),
            ("image/webp;q=-1", None),
            ("image/webp;q=\"1\"", None),
            ("image/webp;q=.5", None),
            ("image/webp;q=00.5", None),
            ("image/webp;q=0,5", None),
        ];
        for (accept, format) in cases {
            assert_eq!(chosen(accept), format, "{accept:?}");
        }
    }

    #[test]
    fn every_line_counts() {
        let lines: [&[u8]; 2] = [b"image/webp", b"image/avif"];
        assert_eq!(choose(&headers(lines), &ORDER), Some(Format::Avif));
        // A quote left open on one line does not swallow the next.
        let lines: [&[u8]; 2] = [b"text/plain;x=\"", b"image/webp"];
        assert_eq!(choose(&headers(lines), &ORDER), Some(Format::WebP));
        let lines: [&[u8]; 2] = [b"image/webp", b"image/webp;q=0"];
        assert_eq!(choose(&headers(lines), &ORDER), None);
        assert_eq!(choose(&HeaderMap::new(), &ORDER), None);
    }

    /// An image, as Chromium and Firefox ask for it; and a header that names all formats that there are.
    #[test]
    fn formats_that_are_not_offered_change_nothing() {
        let of_chromium = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
        let of_firefox = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
        assert_eq!(chosen(of_chromium), Some(Format::Avif));
        assert_eq!(chosen(of_firefox), Some(Format::Avif));
        let all: Vec<&str> = Format::ALL
            .iter()
            .map(|format| format.media_type())
            .collect();
        let all = all.join(",");
        for &format in Format::ALL {
            let headers = headers([all.as_bytes()]);
            assert_eq!(choose(&headers, &[format]), Some(format));
            let alone = [format.media_type().as_bytes()];
            for &other in Format::ALL.iter().filter(|&&other| other != format) {
                assert_eq!(
                    choose(&self::headers(alone), &[other]),
                    None,
                    "{format} {other}"
                );
            }
        }
    }

    #[test]
    fn nothing_offered_is_nothing_chosen() {
        assert_eq!(choose(&headers([b"image/webp".as_slice()]), &[]), None);
    }

    #[test]
    fn row_85_weights_wildcards_and_long_values() {
        assert_eq!(chosen("image/webp;q=0"), None);
        assert_eq!(chosen("*/*"), None);
        assert_eq!(chosen("image/*;q=0.5, image/avif;q=0"), None);

        let mut long = "a/b,".repeat(MAX_ACCEPT_BYTES / 4 - 4);
        long.push_str("image/webp");
        assert_eq!(chosen(&long), Some(Format::WebP));
        long.insert_str(0, "aa/bb,");
        assert_eq!(chosen(&long), Some(Format::WebP), "{} bytes", long.len());
        long.insert(0, 'a');
        assert_eq!(chosen(&long), None, "{} bytes", long.len());
        let halves: [&[u8]; 2] = [long.as_bytes(), b"image/webp"];
        assert_eq!(choose(&headers(halves), &ORDER), None);
    }

    /// A media range, and how it is written.
    #[derive(Clone, Debug)]
    struct Range {
        media_type: &'static str,
        thousandths: Option<u16>,
        upper_case: bool,
        space: &'static str,
        parameter: &'static str,
    }

    impl Range {
        fn print(&self) -> String {
            let (space, parameter) = (self.space, self.parameter);
            let weight = self.thousandths.map_or(String::new(), |thousandths| {
                let (whole, decimals) = (thousandths / 1000, thousandths % 1000);
                format!("{space};{space}q={whole}.{decimals:03}")
            });
            let text = format!("{space}{}{parameter}{weight}{space}", self.media_type);
            if self.upper_case {
                text.to_uppercase()
            } else {
                text
            }
        }
    }

    fn range() -> impl Strategy<Value = Range> {
        let media_types = [
            "image/avif",
            "image/webp",
            "image/*",
            "*/*",
            "image/png",
            "text/html",
        ];
        (
            prop::sample::select(media_types.to_vec()),
            prop::option::of(prop_oneof![Just(0), 0_u16..=1000]),
            any::<bool>(),
            prop::sample::select(vec!["", " ", "\t "]),
            prop::sample::select(vec!["", ";v=1", ";v=\"a,b;q=0\"", ";qq=0"]),
        )
            .prop_map(
                |(media_type, thousandths, upper_case, space, parameter)| Range {
                    media_type,
                    thousandths,
                    upper_case,
                    space,
                    parameter,
                },
            )
    }

    proptest! {
        #[test]
        fn it_agrees_with_what_was_meant(lines in prop::collection::vec(prop::collection::vec(range(), 0..6), 0..3)) {
            let named = |format: Format, refused: bool| {
                lines.iter().flatten().any(|range| {
                    range.media_type == format.media_type() && (range.thousandths == Some(0)) == refused
                })
            };
            let meant = ORDER.into_iter().find(|&format| named(format, false) && !named(format, true));
            let printed: Vec<String> = lines
                .iter()
                .map(|ranges| ranges.iter().map(Range::print).collect::<Vec<_>>().join(","))
                .collect();
            prop_assert_eq!(choose(&headers(printed.iter().map(String::as_bytes)), &ORDER), meant, "{:?}", printed);
        }

        #[test]
        fn whatever_is_sent_the_choice_is_one_that_is_offered(
            noise in prop::collection::vec(prop::sample::select(b"image/webp,;q=01.\"\\ \t*".to_vec()), 0..64)
        ) {
            let accept = headers([noise.as_slice()]);
            prop_assert_eq!(choose(&accept, &[Format::Jpeg]), None);
            prop_assert!(matches!(choose(&accept, &[Format::WebP]), None | Some(Format::WebP)));
        }
    }
}
