//! The part of a web address that says whose it is: scheme, host and port.

use std::fmt;

/// The longest address that is read, in bytes. Browsers cut a `Referer` of more than 4096 characters down to the origin
/// (Referrer Policy, section 8.3).
const MAX_LENGTH: usize = 8 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("https") {
            Some(Self::Https)
        } else if text.eq_ignore_ascii_case("http") {
            Some(Self::Http)
        } else {
            None
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(super) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port as written; the host is not canonical yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    pub(super) scheme: Scheme,
    pub(super) has_userinfo: bool,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Takes an absolute `http` or `https` URL apart. What follows the authority is only looked at for bytes that no
    /// URL has.
    pub(super) fn parse(url: &'a str) -> Result<Self, SiteFault> {
        if url.len() > MAX_LENGTH {
            return Err(SiteFault::Length);
        }
        // Without an early exit this is a few vector instructions.
        if url.bytes().fold(false, |found, byte| {
            found | (byte == b' ' || byte.is_ascii_control())
        }) {
            return Err(SiteFault::Character);
        }
        let (scheme, rest) = url.split_once(':').ok_or(SiteFault::Scheme)?;
        let scheme = Scheme::parse(scheme).ok_or(SiteFault::Scheme)?;
        let rest = rest.strip_prefix("//").ok_or(SiteFault::Scheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        // A browser ends the authority at a backslash, other programs do not. No client sends one.
        if authority.contains('\\') {
            return Err(SiteFault::Character);
        }
        let (has_userinfo, host_and_port) = match authority.rsplit_once('@') {
            Some((_, host_and_port)) => (true, host_and_port),
            None => (false, authority),
        };
        let (host, port) = split_port(host_and_port)?;
        if host.is_empty() {
            return Err(SiteFault::Host);
        }
        Ok(Self {
            scheme,
            has_userinfo,
            host,
            port,
        })
    }
}

/// Takes `host`, `host:` or `host:port` apart. The colons of a bracketed IPv6 address are the host's.
fn split_port(host_and_port: &str) -> Result<(&str, Option<u16>), SiteFault> {
    let host_length = match host_and_port.strip_prefix('[') {
        Some(address) => address.find(']').ok_or(SiteFault::Host)? + 2,
        None => host_and_port.find(':').unwrap_or(host_and_port.len()),
    };
    let (host, rest) = host_and_port
        .split_at_checked(host_length)
        .ok_or(SiteFault::Host)?;
    let digits = match rest.strip_prefix(':') {
        Some(digits) => digits,
        None if rest.is_empty() => "",
        None => return Err(SiteFault::Host),
    };
    if digits.is_empty() {
        return Ok((host, None));
    }
    // The standard library would take a plus sign.
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SiteFault::Port);
    }
    match digits.parse() {
        Ok(0) | Err(_) => Err(SiteFault::Port),
        Ok(port) => Ok((host, Some(port))),
    }
}

/// What is wrong with an address that should name a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SiteFault {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// The host is empty, or neither a domain name (RFC 1035, RFC 5891) nor an address.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// It has a space, a control character, a backslash, or bytes that are not UTF-8.
    Character,
    /// It is longer than 8 KiB.
    Length,
    /// It has a user name or password, which says nothing about a site.
    Userinfo,
    /// It has a `*` elsewhere than as the first label, or before an address.
    Wildcard,
}

impl fmt::Display for SiteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "it does not begin with http:// or https://",
            Self::Host => "its host is neither a domain name nor an address",
            Self::Port => "its port is not a number from 1 to 65535",
            Self::Character => "it has a character that no such URL has",
            Self::Length => "it is longer than 8 KiB",
            Self::Userinfo => "it has a user name or password",
            Self::Wildcard => "\"*\" can only be the first label of a domain name",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_taken_apart() {
        use Scheme::{Http, Https};
        let cases = [
            ("http://a.com", Http, false, "a.com", None),
            ("HttpS://a.com/p", Https, false, "a.com", None),
            ("https://a.com?q=https://b.com", Https, false, "a.com", None),
            ("https://a.com#@b.com", Https, false, "a.com", None),
            ("https://a.com/\\@b.com", Https, false, "a.com", None),
            ("https://a.com:8080/", Https, false, "a.com", Some(8080)),
            ("https://a.com:0080/", Https, false, "a.com", Some(80)),
            ("https://a.com:/", Https, false, "a.com", None),
            ("https://u:p@a.com:1/", Https, true, "a.com", Some(1)),
            ("https://a.com@b.com@c.com/", Https, true, "c.com", None),
            ("https://@a.com/", Https, true, "a.com", None),
            ("https://[::1]", Https, false, "[::1]", None),
            ("https://[::1]:65535/", Https, false, "[::1]", Some(65535)),
        ];
        for (url, scheme, has_userinfo, host, port) in cases {
            let authority = Authority {
                scheme,
                has_userinfo,
                host,
                port,
            };
            assert_eq!(Authority::parse(url), Ok(authority), "{url:?}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        let long = format!("https://a.com/{}", "a".repeat(MAX_LENGTH));
        let cases = [
            ("", SiteFault::Scheme),
            ("a.com", SiteFault::Scheme),
            ("//a.com/", SiteFault::Scheme),
            ("https:a.com", SiteFault::Scheme),
            ("https:/a.com", SiteFault::Scheme),
            ("https:\\\\a.com", SiteFault::Scheme),
            ("ftp://a.com/", SiteFault::Scheme),
            ("xhttps://a.com/", SiteFault::Scheme),
            ("://a.com/", SiteFault::Scheme),
            ("https://", SiteFault::Host),
            ("https:///a.com", SiteFault::Host),
            ("https://?a.com", SiteFault::Host),
            ("https://u@", SiteFault::Host),
            ("https://:80", SiteFault::Host),
            ("https://[::1", SiteFault::Host),
            ("https://[::1]a.com", SiteFault::Host),
            ("https://a.com:x", SiteFault::Port),
            ("https://a.com:+80", SiteFault::Port),
            ("https://a.com:0", SiteFault::Port),
            ("https://a.com:65536", SiteFault::Port),
            ("https://::1/", SiteFault::Port),
            ("https://a:1:2/", SiteFault::Port),
            ("https://a.com\\@b.com/", SiteFault::Character),
            ("https://\\a.com/", SiteFault::Character),
            ("https://a.com\t/", SiteFault::Character),
            ("https://a.com/\0", SiteFault::Character),
            ("https://a.com/ b", SiteFault::Character),
            (&long, SiteFault::Length),
        ];
        for (url, fault) in cases {
            assert_eq!(Authority::parse(url), Err(fault), "{url:?}");
        }
    }
}
