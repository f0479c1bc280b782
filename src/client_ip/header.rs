use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::header::{FORWARDED, HeaderName};
use http::request::Parts;

use super::address;

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const CLOUDFRONT_VIEWER_ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

/// The header in which trusted proxies tell the client's address. It can be parsed from a header's name.
///
/// ```
/// use imgward::client_ip::ClientIpHeader;
///
/// assert_eq!("X-Forwarded-For".parse(), Ok(ClientIpHeader::XForwardedFor));
/// assert_eq!("cf-connecting-ip".parse::<ClientIpHeader>()?.to_string(), "cf-connecting-ip");
/// assert!("x forwarded for".parse::<ClientIpHeader>().is_err());
/// # Ok::<(), imgward::client_ip::InvalidClientIpHeader>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIpHeader {
    /// `X-Forwarded-For`: a list to which every proxy appends the address that it sees.
    XForwardedFor,
    /// `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)): the same in a grammar of its own.
    Forwarded,
    /// A header of a single address that the proxy overwrites: `X-Real-IP`, `CF-Connecting-IP`, `True-Client-IP`. In
    /// `CloudFront-Viewer-Address` a port follows the last colon, and an IPv6 address has no brackets.
    Single(HeaderName),
}

impl FromStr for ClientIpHeader {
    type Err = InvalidClientIpHeader;

    /// Reads the name of a header, in any case. One that is no list is a header of a single address.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let name =
            HeaderName::from_str(name).map_err(|_| InvalidClientIpHeader { name: name.into() })?;
        Ok(match name {
            name if name == X_FORWARDED_FOR => Self::XForwardedFor,
            name if name == FORWARDED => Self::Forwarded,
            name => Self::Single(name),
        })
    }
}

impl fmt::Display for ClientIpHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR.fmt(f),
            Self::Forwarded => FORWARDED.fmt(f),
            Self::Single(name) => name.fmt(f),
        }
    }
}

/// The client that a header of a single address names: the peer where it is absent, nobody where it holds anything else.
pub(super) fn single_address(peer: IpAddr, head: &Parts, name: &HeaderName) -> Option<IpAddr> {
    let mut lines = head.headers.get_all(name).iter();
    let Some(line) = lines.next() else {
        return Some(peer);
    };
    if lines.next().is_some() {
        return None;
    }
    let text = line.as_bytes().trim_ascii();
    if *name == CLOUDFRONT_VIEWER_ADDRESS {
        address::parse_with_port(text)
    } else {
        address::parse(text)
    }
}

/// A text is no header's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidClientIpHeader {
    name: Box<str>,
}

impl fmt::Display for InvalidClientIpHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not the name of a header", self.name)
    }
}

impl std::error::Error for InvalidClientIpHeader {}
