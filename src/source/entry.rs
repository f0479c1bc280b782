//! Entries of a list of sources.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::mount::has_dot_segment;

/// What URLs an entry stands for.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// `None`: `http` and `https`.
    scheme: Option<&'static str>,
    host: HostRule,
    port: PortRule,
    /// As the URL parser writes it. `None`: every path.
    path: Option<Box<str>>,
}

#[derive(Clone, Debug)]
enum HostRule {
    Any,
    Name(Box<str>),
    Address(IpAddr),
    Glob {
        /// Whether one label or more stand before the others.
        below: bool,
        labels: Box<[Box<str>]>,
    },
}

#[derive(Clone, Copy, Debug)]
enum PortRule {
    Default,
    Every,
    One(u16),
}

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self, SourceFault> {
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(SourceFault::Character);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(parse_scheme(scheme)?), rest),
            None => (None, text),
        };
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at_checked(at).ok_or(SourceFault::Path)?,
            None => (rest, ""),
        };
        let path = parse_path(path)?;
        if path.is_some() && scheme.is_none() {
            return Err(SourceFault::Scheme);
        }
        if authority.contains('@') {
            return Err(SourceFault::Userinfo);
        }
        let (host, port) = split_port(authority)?;
        let host = HostRule::parse(host)?;
        let port = match (port, &host) {
            (Some(port), _) => port,
            (None, HostRule::Address(address)) if address.to_canonical().is_loopback() => {
                PortRule::Every
            }
            (None, _) => PortRule::Default,
        };
        Ok(Self {
            scheme,
            host,
            port,
            // Everything is below the root.
            path: path.filter(|path| &**path != "/"),
        })
    }

    /// Whether a URL, which has the host `host`, is one of those that the entry stands for.
    pub(super) fn covers(&self, url: &Url, host: &Host<&str>, options: Options) -> bool {
        self.scheme.is_none_or(|scheme| scheme == url.scheme())
            && (options.any_port || self.port.covers(url))
            && self.host.covers(host, options.subdomains)
            && self
                .path
                .as_ref()
                .is_none_or(|path| is_below(url.path(), path))
    }

    /// The address that the entry is, if it is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.host {
            HostRule::Address(address) => Some(address),
            _ => None,
        }
    }
}

/// What holds for all entries of a list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub(super) subdomains: bool,
    pub(super) any_port: bool,
}

/// Whether a path is another one or below it, segment by segment.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
}

/// A host as entries and URLs are compared by: a trailing dot is the same host.
pub(super) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

impl PortRule {
    fn covers(self, url: &Url) -> bool {
        match self {
            // The URL parser drops the scheme's own port.
            Self::Default => url.port().is_none(),
            Self::Every => true,
            Self::One(port) => url.port_or_known_default() == Some(port),
        }
    }
}

impl HostRule {
    fn parse(text: &str) -> Result<Self, SourceFault> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let (below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let labels = if rest.contains('*') {
            without_dot(rest).to_ascii_lowercase()
        } else {
            match Host::parse(rest).map_err(|_| SourceFault::Host)? {
                Host::Domain(name) => without_dot(&name).to_owned(),
                Host::Ipv4(_) | Host::Ipv6(_) if below => return Err(SourceFault::Wildcard),
                Host::Ipv4(address) => return Ok(Self::Address(address.into())),
                Host::Ipv6(address) => return Ok(Self::Address(address.into())),
            }
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(&byte))
        };
        if !labels.split('.').all(is_label) {
            return Err(SourceFault::Host);
        }
        if !below && !labels.contains('*') {
            return Ok(Self::Name(labels.into()));
        }
        // A name that ends in a number is an address, and none of those is a name.
        let last = labels.rsplit('.').next().unwrap_or_default();
        if last.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(SourceFault::Wildcard);
        }
        let labels = labels.split('.').map(Box::from).collect();
        Ok(Self::Glob { below, labels })
    }

    fn covers(&self, host: &Host<&str>, subdomains: bool) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Address(own), Host::Ipv4(address)) => *own == IpAddr::V4(*address),
            (Self::Address(own), Host::Ipv6(address)) => *own == IpAddr::V6(*address),
            (Self::Name(own), Host::Domain(name)) => {
                let name = without_dot(name);
                let below = name.strip_suffix(&**own);
                below.is_some_and(|rest| rest.is_empty() || (subdomains && rest.ends_with('.')))
            }
            (Self::Glob { below, labels }, Host::Domain(name)) => {
                covers_labels(labels, without_dot(name), *below, subdomains)
            }
            _ => false,
        }
    }
}

fn covers_labels(labels: &[Box<str>], name: &str, below: bool, subdomains: bool) -> bool {
    let mut rest = name.rsplit('.');
    let all = labels
        .iter()
        .rev()
        .all(|pattern| rest.next().is_some_and(|label| is_match(pattern, label)));
    all && match rest.next() {
        Some(_) => below || subdomains,
        None => !below,
    }
}

/// Whether a label is what a pattern says, in which `*` stands for any characters.
fn is_match(pattern: &str, label: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = label.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    // The first place is as good as any later one, since what follows has the more room.
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

fn parse_scheme(text: &str) -> Result<&'static str, SourceFault> {
    ["http", "https"]
        .into_iter()
        .find(|scheme| text.eq_ignore_ascii_case(scheme))
        .ok_or(SourceFault::Scheme)
}

/// As the URL parser writes it.
fn parse_path(text: &str) -> Result<Option<Box<str>>, SourceFault> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains(['?', '#', '*']) || has_dot_segment(text) {
        return Err(SourceFault::Path);
    }
    let url = Url::parse(&format!("http://host{text}")).map_err(|_| SourceFault::Path)?;
    Ok(Some(url.path().into()))
}

/// Takes `host` or `host:port` apart. The colons of a bracketed IPv6 address are the host's.
fn split_port(authority: &str) -> Result<(&str, Option<PortRule>), SourceFault> {
    let end = match authority.strip_prefix('[') {
        Some(address) => address.find(']').ok_or(SourceFault::Host)? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(end).ok_or(SourceFault::Host)?;
    if rest.is_empty() {
        return Ok((host, None));
    }
    let digits = rest.strip_prefix(':').ok_or(SourceFault::Host)?;
    if digits == "*" {
        return Ok((host, Some(PortRule::Every)));
    }
    // The standard library would take a plus sign.
    let port = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten();
    match port {
        Some(0) | None => Err(SourceFault::Port),
        Some(port) => Ok((host, Some(PortRule::One(port)))),
    }
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceFault {
    /// It has a scheme that is neither `http` nor `https`, or a path and no scheme.
    Scheme,
    /// The host is empty, or neither a domain name nor an address.
    Host,
    /// The port is neither a number from 1 to 65535 nor a `*`.
    Port,
    /// It has white space, a control character or a backslash.
    Character,
    /// It has a user name or password.
    Userinfo,
    /// The path has a dot segment, a wildcard, a query or a fragment.
    Path,
    /// It has a wildcard that could match no host but an address.
    Wildcard,
}

impl fmt::Display for SourceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a URL begins with http:// or https://, and a host has no path",
            Self::Host => "its host is neither a domain name nor an address",
            Self::Port => "its port is neither a number from 1 to 65535 nor *",
            Self::Character => "it has a character that no host has",
            Self::Userinfo => "it has a user name or password",
            Self::Path => "its path has a dot segment, a wildcard, a query or a fragment",
            Self::Wildcard => "an address has no wildcard",
        })
    }
}

/// An entry of a list of sources that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSource {
    index: usize,
    text: Box<str>,
    fault: SourceFault,
}

impl InvalidSource {
    pub(super) fn new(index: usize, text: &str, fault: SourceFault) -> Self {
        let text = text.into();
        Self { index, text, fault }
    }

    /// Its place in the list, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What is wrong with it.
    pub fn fault(&self) -> SourceFault {
        self.fault
    }
}

impl fmt::Display for InvalidSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no source: {}", self.text, self.fault)
    }
}

impl std::error::Error for InvalidSource {}

/// The entries of a list of sources that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSources {
    pub(super) entries: Vec<InvalidSource>,
}

impl InvalidSources {
    /// The entries, in the order of the list.
    pub fn entries(&self) -> &[InvalidSource] {
        &self.entries
    }
}

impl fmt::Display for InvalidSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, invalid) in self.entries.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}entry {}: {invalid}", invalid.index)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSources {}
