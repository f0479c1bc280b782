//! The canonical form of a host, in which hosts are compared.

use std::borrow::Cow;

/// The longest domain name in its textual form, in bytes (RFC 1035, section 2.3.4: 255 octets on the wire).
const MAX_NAME: usize = 253;

/// The longest label of a domain name, in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// The longest host as written: room for the longest name in four bytes of UTF-8 a character. What it takes to encode
/// an internationalised label grows with the square of its length.
const MAX_WRITTEN: usize = 4 * MAX_NAME;

/// Room for a name on the stack.
pub(super) struct Buffer([u8; MAX_NAME]);

impl Buffer {
    pub(super) fn new() -> Self {
        Self([0; MAX_NAME])
    }
}

/// The canonical form of a host as written in a URL: a name in lower-case A-labels without a trailing dot, an IPv4
/// address in dotted decimal, an IPv6 address in brackets as RFC 5952 writes it. `None` where it is no host.
///
/// Nothing is allocated for plain names, which are nearly all.
pub(super) fn canonical<'b>(written: &str, buffer: &'b mut Buffer) -> Option<Cow<'b, str>> {
    let name = written.strip_suffix('.').unwrap_or(written);
    if !is_plain(name) {
        return convert(written).map(Cow::Owned);
    }
    let lower = buffer.0.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).ok().map(Cow::Borrowed)
}

/// Whether a name is canonical but for its case: letters, digits and hyphens, no label that stands for another, and
/// nothing that could be an address.
fn is_plain(name: &str) -> bool {
    is_name(name, |byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && labels(name).all(|label| !starts_with_ace_prefix(label))
        && labels(name)
            .next_back()
            .and_then(<[u8]>::first)
            .is_some_and(|byte| !byte.is_ascii_digit())
}

fn labels(name: &str) -> impl DoubleEndedIterator<Item = &[u8]> {
    name.as_bytes().split(|&byte| byte == b'.')
}

/// Whether a label is, or claims to be, an internationalised one (RFC 5890, section 2.3.1).
fn starts_with_ace_prefix(label: &[u8]) -> bool {
    label
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
}

/// Whether the labels of a name have the length that RFC 1035 gives them, and allowed bytes alone.
fn is_name(name: &str, is_allowed: impl Fn(u8) -> bool + Copy) -> bool {
    name.len() <= MAX_NAME
        && labels(name).all(|label| {
            (1..=MAX_LABEL).contains(&label.len()) && label.iter().copied().all(is_allowed)
        })
}

/// The canonical form of any host, by the host parser of the URL standard. What that leaves open is closed here: the
/// lengths of a name and its labels, and the bytes in them. Underscores are no part of host names, but are in use.
fn convert(written: &str) -> Option<String> {
    if written.len() > MAX_WRITTEN {
        return None;
    }
    match url::Host::parse(written).ok()? {
        url::Host::Domain(mut name) => {
            if name.ends_with('.') {
                name.pop();
            }
            is_name(&name, |byte| {
                byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
            })
            .then_some(name)
        }
        address @ (url::Host::Ipv4(_) | url::Host::Ipv6(_)) => Some(address.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owned(written: &str) -> Option<String> {
        canonical(written, &mut Buffer::new()).map(Cow::into_owned)
    }

    #[test]
    fn hosts_have_one_form() {
        let label = "a".repeat(MAX_LABEL);
        let name = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        let cases = [
            ("Example.COM", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("example.com%2E", Some("example.com")),
            ("example.com..", None),
            ("example.com.%2e", None),
            ("a..b", None),
            (".a", None),
            (".", None),
            ("", None),
            ("localhost", Some("localhost")),
            ("b\u{fc}cher.de", Some("xn--bcher-kva.de")),
            ("B\u{dc}CHER.de", Some("xn--bcher-kva.de")),
            ("b%C3%BCcher.de", Some("xn--bcher-kva.de")),
            ("XN--bcher-KVA.de", Some("xn--bcher-kva.de")),
            ("xn--\u{fc}.de", None),
            ("xn--a.de", None),
            ("example\u{3002}com", Some("example.com")),
            ("my_site.example.com", Some("my_site.example.com")),
            ("%65xample.com", Some("example.com")),
            ("a%40b.com", None),
            ("a%00b.com", None),
            ("a%2fb.com", None),
            ("a%zz.com", None),
            ("a%ff.com", None),
            ("*.example.com", None),
            ("a b.com", None),
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.1", Some("127.0.0.1")),
            ("2130706433", Some("127.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("0177.0.0.1.", Some("127.0.0.1")),
            ("1.2.3.256", None),
            ("a.1", None),
            ("1.a", Some("1.a")),
            ("[::1]", Some("[::1]")),
            ("[2001:DB8:0::0:1]", Some("[2001:db8::1]")),
            ("[::ffff:1.2.3.4]", Some("[::ffff:102:304]")),
            ("[fe80::1%25eth0]", None),
            ("[::1", None),
            ("::1", None),
            (&name, Some(&name)),
        ];
        for (written, form) in cases {
            assert_eq!(owned(written).as_deref(), form, "{written:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_no_host() {
        let label = "a".repeat(MAX_LABEL);
        for written in [
            format!("a{label}.com"),
            format!("{label}.{label}.{label}.{}", "b".repeat(62)),
            format!("_.{label}.{label}.{label}.{}", "b".repeat(60)),
            format!("{}.de", "\u{fc}".repeat(MAX_LABEL)),
            // Soft hyphens are dropped, so that nothing but the length as written is wrong here.
            format!("a{}.de", "\u{ad}".repeat(MAX_WRITTEN / 2)),
        ] {
            assert_eq!(owned(&written), None, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_leads_where_the_long_one_does(
            written in r"([a-zA-Z0-9-]{0,8}|[xX][nN]--[a-z]{0,3}|[0-9]{1,3}|0[xX][0-9a-f]?)(\.[a-zA-Z0-9-]{1,4}){0,3}\.?"
        ) {
            prop_assert_eq!(owned(&written), convert(&written));
        }

        #[test]
        fn a_canonical_host_stays_as_it_is(written in r"[a-zA-Z0-9._%\[\]:\u{fc}\u{3b1}\u{ad}\u{3002}-]{1,24}|\PC{0,24}") {
            if let Some(form) = owned(&written) {
                prop_assert!(form.is_ascii() && !form.bytes().any(|byte| byte.is_ascii_uppercase()));
                prop_assert_eq!(owned(&form), Some(form.clone()));
            }
        }
    }
}
