use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address as proxies write it: with or without a port, an IPv6 address in brackets or (without a port) bare.
pub(super) fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    match text.parse::<Ipv6Addr>() {
        Ok(bare) => Some(IpAddr::V6(bare).to_canonical()),
        Err(_) => parse_node(text, is_port),
    }
}

/// Reads an address and port that are told apart: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`. The
/// parsers of the standard library take strict dotted quads and no zone ids.
pub(super) fn parse_node(text: &str, is_port: impl Fn(&str) -> bool) -> Option<IpAddr> {
    let (address, port) = if let Some(text) = text.strip_prefix('[') {
        let (address, port) = text.split_once(']')?;
        (IpAddr::V6(address.parse().ok()?), port)
    } else {
        let (address, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        (IpAddr::V4(address.parse::<Ipv4Addr>().ok()?), port)
    };
    let readable = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    readable.then(|| address.to_canonical())
}

/// Whether a text is the number of a port, without the sign that the standard library's parser would take.
pub(super) fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Reads an address before a last colon and a port: `192.0.2.1:80`, `2001:db8::1:80`.
pub(super) fn parse_with_port(text: &[u8]) -> Option<IpAddr> {
    let (address, port) = std::str::from_utf8(text).ok()?.rsplit_once(':')?;
    let address: IpAddr = address.parse().ok()?;
    is_port(port).then(|| address.to_canonical())
}
