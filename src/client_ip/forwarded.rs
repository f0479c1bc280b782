//! The grammar of `Forwarded`, [RFC 7239](https://www.rfc-editor.org/rfc/rfc7239), section 4.

use std::net::IpAddr;

use super::address;

/// The hops of a line, from left to right, `None` for each that cannot be read. Empty elements are skipped.
///
/// A quoted string ends with its line: what a client left open does not swallow the line that a proxy added.
pub(super) fn hops(line: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    split_unquoted(line, b',').map(hop)
}

/// Reads the one `for` of an element. The other pairs only have to be pairs.
fn hop(element: &[u8]) -> Option<IpAddr> {
    let mut hop = None;
    for pair in split_unquoted(element, b';') {
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        let (name, value) = (pair.get(..equals)?, pair.get(equals + 1..)?);
        if name.eq_ignore_ascii_case(b"for") {
            if hop.replace(node(value)?).is_some() {
                return None;
            }
        } else if !is_token(name) || !unquote(value, |_| {}) {
            return None;
        }
    }
    hop
}

/// Reads a node, which is no address where it is `unknown` or begins with an underscore.
fn node(value: &[u8]) -> Option<IpAddr> {
    // Longer than any address with a port that means something.
    let mut buffer = [0; 128];
    let mut len = 0;
    let valid = unquote(value, |byte| {
        if let Some(place) = buffer.get_mut(len) {
            *place = byte;
        }
        len += 1;
    });
    if !valid {
        return None;
    }
    let node = std::str::from_utf8(buffer.get(..len)?).ok()?;
    address::parse_node(node, is_node_port)
}

/// Whether a text is a port or an obfuscated one.
fn is_node_port(text: &str) -> bool {
    address::is_port(text)
        || text.strip_prefix('_').is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        })
}

/// The parts between separators that stand outside of quoted strings, trimmed, without empty ones.
fn split_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |&byte| {
        let literal = escaped;
        escaped = quoted && !literal && byte == b'\\';
        if byte == b'"' && !literal {
            quoted = !quoted;
        }
        byte == separator && !quoted
    })
    .map(<[u8]>::trim_ascii)
    .filter(|part| !part.is_empty())
}

/// Tells `sink` the bytes that a value stands for. `false` where it is neither a token nor a quoted string.
fn unquote(value: &[u8], mut sink: impl FnMut(u8)) -> bool {
    let Some(value) = value.strip_prefix(b"\"") else {
        value.iter().copied().for_each(sink);
        return is_token(value);
    };
    let Some(value) = value.strip_suffix(b"\"") else {
        return false;
    };
    let mut escaped = false;
    for &byte in value {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'"' if !escaped => return false,
            byte => {
                escaped = false;
                sink(byte);
            }
        }
    }
    !escaped
}

/// Whether a text is a token (RFC 9110, section 5.6.2).
fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
