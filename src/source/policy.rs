use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::request;
use regex_lite::{Regex, RegexBuilder};
use url::{Host, Url};

use super::base::{Base, is_url};
use super::entry::{Entry, InvalidSource, InvalidSources, Options, without_dot};
use super::networks::{embedded_v4, is_public};
use crate::guard::{Guard, Rejection, RejectionKind};
use crate::ip_filter::CidrSet;
use crate::mount::{MountPath, has_dot_segment};
use crate::recipe::ImageRequest;

/// The longest name that is read, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// The longest host and port as written, in bytes. What it takes to encode an internationalised label grows with the
/// square of its length.
const MAX_AUTHORITY: usize = 1024;

/// How much memory a regular expression may take, in bytes.
const MAX_REGEX: usize = 1024 * 1024;

/// The rules of a [`SourceLayer`](super::SourceLayer). See the [module docs](super).
#[derive(Clone, Debug)]
pub struct SourcePolicy {
    mount: MountPath,
    /// Whether what is not listed is allowed, since nothing is.
    everything: bool,
    entries: Arc<[Entry]>,
    regex: Option<Arc<Regex>>,
    base: Option<Arc<Base>>,
    options: Options,
    https_only: bool,
    allow_private: bool,
    allowed: Option<Arc<CidrSet>>,
    blocked: Option<Arc<CidrSet>>,
    judged: Judged,
}

/// Which names the layer judges.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Judged {
    All,
    UrlsOnly,
}

impl SourcePolicy {
    /// What is listed may be fetched: hosts, globs on hosts, and beginnings of URLs. An empty list allows nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidSources`] with every entry that is none.
    pub fn allow(entries: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSources> {
        let mut listed = Vec::new();
        let mut invalid = Vec::new();
        for (index, text) in entries.into_iter().enumerate() {
            let text = text.as_ref().trim();
            match Entry::parse(text) {
                Ok(entry) => listed.push(entry),
                Err(fault) => invalid.push(InvalidSource::new(index, text, fault)),
            }
        }
        if !invalid.is_empty() {
            return Err(InvalidSources { entries: invalid });
        }
        Ok(Self {
            everything: false,
            entries: listed.into(),
            ..Self::any()
        })
    }

    /// Whatever is on the public internet may be fetched. For development, and for signed URLs.
    pub fn any() -> Self {
        Self {
            mount: MountPath::root(),
            everything: true,
            entries: Arc::new([]),
            regex: None,
            base: None,
            options: Options::default(),
            https_only: false,
            allow_private: false,
            allowed: None,
            blocked: None,
            judged: Judged::All,
        }
    }

    /// Where the images live; outside, the layer does nothing. The root by default.
    pub fn at(mut self, mount: MountPath) -> Self {
        self.mount = mount;
        self
    }

    /// What may be fetched, too: each host that a regular expression matches whole, in lower case and A-labels, as if it
    /// began with `^` and ended with `$`. It knows ASCII alone. From then on, what is neither listed nor matched is
    /// refused.
    ///
    /// # Errors
    ///
    /// [`InvalidRegex`] where it does not parse, or takes more than 1 MiB.
    pub fn allow_regex(mut self, pattern: &str) -> Result<Self, InvalidRegex> {
        let build = |pattern: &str| {
            let invalid = |error: regex_lite::Error| InvalidRegex {
                why: error.to_string(),
            };
            let mut builder = RegexBuilder::new(pattern);
            builder.size_limit(MAX_REGEX).build().map_err(invalid)
        };
        // By itself first: what is no expression alone could become one that is not anchored.
        build(pattern)?;
        self.regex = Some(Arc::new(build(&format!(r"\A(?:{pattern})\z"))?));
        self.everything = false;
        Ok(self)
    }

    /// The URL that every image is below. From then on, a name is a path below it, and entries only say where its server
    /// may redirect to.
    ///
    /// # Errors
    ///
    /// [`InvalidBaseUrl`] where it is no `http` or `https` URL, or has a user, a query, a fragment or a dot segment.
    pub fn base_url(mut self, url: &str) -> Result<Self, InvalidBaseUrl> {
        let base = Base::parse(url).ok_or_else(|| InvalidBaseUrl { url: url.into() })?;
        self.base = Some(Arc::new(base));
        self.everything = false;
        Ok(self)
    }

    /// Whether an entry that is a domain name stands for all names below it, too. Off by default.
    pub fn subdomains(mut self, subdomains: bool) -> Self {
        self.options.subdomains = subdomains;
        self
    }

    /// Whether every port is allowed, not only the scheme's own and those that entries name. Off by default; for
    /// development.
    pub fn any_port(mut self, any_port: bool) -> Self {
        self.options.any_port = any_port;
        self
    }

    /// Whether `http` URLs are refused. Off by default.
    pub fn https_only(mut self, https_only: bool) -> Self {
        self.https_only = https_only;
        self
    }

    /// Whether addresses that are not public may be connected to: loopback, private networks, link-local, the metadata
    /// services of clouds. Off by default. Whoever may name a source can then reach what this host reaches.
    pub fn allow_private_networks(mut self, allow: bool) -> Self {
        self.allow_private = allow;
        self
    }

    /// Networks that may be connected to although they are not public: one's own, and nothing else of what
    /// [`allow_private_networks`](Self::allow_private_networks) opens.
    pub fn allow_networks(mut self, networks: CidrSet) -> Self {
        self.allowed = Some(Arc::new(networks));
        self
    }

    /// Whether names without `http://` or `https://` pass the layer, since they are those of another origin, which is
    /// asked first. An [`HttpOrigin`](crate::origin) judges them all the same. Off by default.
    pub fn urls_only(mut self, urls_only: bool) -> Self {
        self.judged = if urls_only {
            Judged::UrlsOnly
        } else {
            Judged::All
        };
        self
    }

    /// Networks that are never connected to, public ones or not.
    pub fn block_networks(mut self, networks: CidrSet) -> Self {
        self.blocked = Some(Arc::new(networks));
        self
    }

    /// Whether an address may be connected to.
    ///
    /// IPv4 addresses must not be in IANA's registry of special purposes, nor multicast. IPv6 addresses must be global
    /// unicast, or a public IPv4 address in mapped form or behind NAT64; those that hold an IPv4 address in another way
    /// (compatible, translated, 6to4, Teredo, ISATAP) and `2001::/23` are refused whatever they hold. A blocked network that
    /// holds an embedded address holds the address.
    pub fn permits(&self, address: IpAddr) -> bool {
        let is_within = |networks: &Option<Arc<CidrSet>>, address| {
            (networks.as_ref()).is_some_and(|networks| networks.contains(address))
        };
        let blocked = |address| is_within(&self.blocked, address);
        if blocked(address) {
            return false;
        }
        if let IpAddr::V6(address) = address
            && embedded_v4(address).any(|embedded| blocked(embedded.into()))
        {
            return false;
        }
        self.allow_private || is_public(address) || is_within(&self.allowed, address)
    }

    /// Entries that are addresses which are never connected to, as they print.
    pub fn unreachable_entries(&self) -> impl Iterator<Item = IpAddr> {
        let addresses = self.entries.iter().filter_map(Entry::address);
        addresses.filter(|&address| !self.permits(address))
    }

    /// What decides which image a name stands for; and what is judged only where it is fetched, so that no cache gives out
    /// what would not be fetched any more.
    #[cfg(feature = "http-origin")]
    pub(crate) fn identity(&self) -> String {
        let networks = if self.allow_private { "any" } else { "public" };
        let listed = |networks: &Option<Arc<CidrSet>>| {
            let networks = networks.as_ref().filter(|networks| !networks.is_empty());
            networks.map_or(String::new(), |networks| networks.identity())
        };
        let (allowed, blocked) = (listed(&self.allowed), listed(&self.blocked));
        let base = self.base.as_ref().map_or("", |base| base.as_str());
        format!("{networks}+{allowed}-{blocked}:{base}")
    }

    /// The URL of a source, where it may be fetched by its name.
    ///
    /// # Errors
    ///
    /// [`SourceDenied`](RejectionKind::SourceDenied), with the reason.
    pub fn resolve(&self, name: &str) -> Result<SourceUrl, Rejection> {
        check_text(name)?;
        let url = match &self.base {
            Some(base) => base
                .join(name)
                .ok_or_else(|| denied("the source is not below the base URL"))?,
            None => parse(&absolute(name)?)?,
        };
        self.judge(url)
    }

    /// The URL that a server redirects to, where it may be fetched by its name.
    ///
    /// # Errors
    ///
    /// [`SourceDenied`](RejectionKind::SourceDenied), with the reason.
    pub fn redirect(&self, from: &SourceUrl, location: &str) -> Result<SourceUrl, Rejection> {
        check_text(location)?;
        let url = from.0.join(location);
        self.judge(url.map_err(|why| denied(format!("the redirect leads to no URL: {why}")))?)
    }

    fn judge(&self, mut url: Url) -> Result<SourceUrl, Rejection> {
        match url.scheme() {
            "https" => {}
            "http" if !self.https_only => {}
            scheme => return Err(denied(format!("the scheme {scheme:?} is not allowed"))),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(denied("the URL has a user name or password"));
        }
        if has_dot_segment(url.path()) {
            return Err(denied("the URL has a dot segment"));
        }
        url.set_fragment(None);
        // It may be longer than it was, for what is percent-encoded.
        if url.as_str().len() > MAX_LENGTH {
            return Err(denied("the URL is longer than 8 KiB"));
        }
        self.check_host(&url)?;
        if let Some(Host::Domain(name)) = url.host()
            && let Some(name) = name.strip_suffix('.').map(str::to_owned)
        {
            url.set_host(Some(&name))
                .map_err(|_| denied("the host is no domain name"))?;
        }
        Ok(SourceUrl(url))
    }

    fn check_host(&self, url: &Url) -> Result<(), Rejection> {
        let host = url.host().ok_or_else(|| denied("the URL has no host"))?;
        if url.port() == Some(0) {
            return Err(denied("the port is 0"));
        }
        let local = match host {
            Host::Domain(name) if !is_name(without_dot(name)) => {
                return Err(denied("the host is no domain name"));
            }
            // What they lead to is judged where the connection is made.
            Host::Domain(name) => {
                is_local(without_dot(name)) && !self.allow_private && self.allowed.is_none()
            }
            Host::Ipv4(address) => !self.permits(address.into()),
            Host::Ipv6(address) => !self.permits(address.into()),
        };
        if local {
            return Err(denied(format!("{host} is not of the public internet")));
        }
        let listed = self.base.as_ref().is_some_and(|base| base.covers(url))
            || self
                .entries
                .iter()
                .any(|entry| entry.covers(url, &host, self.options))
            || self.is_matched(url, &host);
        if listed {
            return Ok(());
        }
        Err(denied(match url.port() {
            Some(port) => format!("{host}:{port} is not allowed"),
            None => format!("{host} is not allowed"),
        }))
    }

    /// By the regular expression, or for nothing is listed.
    fn is_matched(&self, url: &Url, host: &Host<&str>) -> bool {
        if url.port().is_some() && !self.options.any_port {
            return false;
        }
        let Some(regex) = &self.regex else {
            return self.everything;
        };
        match host {
            Host::Domain(name) => regex.is_match(without_dot(name)),
            address => regex.is_match(&address.to_string()),
        }
    }

    /// Whether the base URL, if there is one, is refused by [`https_only`](Self::https_only).
    #[cfg(feature = "config")]
    pub(crate) fn contradicts_itself(&self) -> bool {
        self.https_only && self.base.as_ref().is_some_and(|base| !base.is_https())
    }

    /// The same rules where nothing is listed, and everything is allowed.
    #[cfg(feature = "config")]
    pub(crate) fn open(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Whether nothing may be fetched.
    #[cfg(feature = "config")]
    pub(crate) fn allows_nothing(&self) -> bool {
        !self.everything && self.entries.is_empty() && self.regex.is_none() && self.base.is_none()
    }
}

impl Guard for SourcePolicy {
    type Pass = ();

    fn check(&self, head: &request::Parts) -> Result<(), Rejection> {
        if self.mount.strip(head.uri.path()).is_none() {
            return Ok(());
        }
        let wanted = head.extensions.get::<Arc<ImageRequest>>().ok_or_else(|| {
            Rejection::new(
                RejectionKind::Internal,
                "no ImageRequest in the request's extensions: is there no DialectLayer outside of this one?",
            )
        })?;
        let sources = wanted.sources.iter().chain(&wanted.fallback);
        sources
            .filter(|source| self.judged == Judged::All || is_url(source))
            .try_for_each(|source| self.resolve(source).map(drop))
    }
}

/// Refuses what parsers disagree about.
fn check_text(text: &str) -> Result<(), Rejection> {
    if text.len() > MAX_LENGTH {
        return Err(denied("the URL is longer than 8 KiB"));
    }
    let path = text.split(['?', '#']).next().unwrap_or(text);
    if text.contains(char::is_control) || text.trim() != text || path.contains('\\') {
        return Err(denied("the URL has a character that no URL has"));
    }
    // Behind a scheme, the URL parser skips slashes in whatever number; without one, two of them are read as such.
    let (is_absolute, rest) = match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (true, rest),
        _ => (text.starts_with("//"), text),
    };
    let rest = if is_absolute {
        rest.trim_start_matches('/')
    } else {
        rest
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.len() > MAX_AUTHORITY {
        return Err(denied("the host is too long"));
    }
    Ok(())
}

/// A name as a whole URL. Without a scheme, it is an `https` one.
fn absolute(name: &str) -> Result<Cow<'_, str>, Rejection> {
    if is_url(name) {
        return Ok(Cow::Borrowed(name));
    }
    let authority = name.split(['/', '?', '#']).next().unwrap_or(name);
    // A host and port cannot be told from a scheme and a path.
    if authority.is_empty() || authority.contains(':') {
        return Err(denied("the source is no URL with http:// or https://"));
    }
    Ok(Cow::Owned(format!("https://{name}")))
}

fn parse(text: &str) -> Result<Url, Rejection> {
    Url::parse(text).map_err(|why| denied(format!("the source is no URL: {why}")))
}

/// Whether a name is one that DNS can hold. Underscores are no part of host names, but are in use.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Names that lead to this host (RFC 6761, section 6.3) or to what a cloud gives its hosts.
fn is_local(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last == "localhost" || name == "metadata.google.internal"
}

fn denied(reason: impl Into<Cow<'static, str>>) -> Rejection {
    Rejection::new(RejectionKind::SourceDenied, reason)
}

/// The URL of a source that a [`SourcePolicy`] allows, as the URL parser writes it: without fragment, user name and
/// trailing dot of the host. It is printed without its query, which may be a key to the image.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SourceUrl(Url);

impl SourceUrl {
    /// The URL, with its query.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    #[cfg(feature = "http-origin")]
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str().split_once('?') {
            Some((url, _)) => write!(f, "{url}?..."),
            None => f.write_str(self.as_str()),
        }
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceUrl({self})")
    }
}

/// A regular expression does not parse, or is too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRegex {
    why: String,
}

impl fmt::Display for InvalidRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no regular expression: {}", self.why)
    }
}

impl std::error::Error for InvalidRegex {}

/// A text is no URL that images can be below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBaseUrl {
    url: Box<str>,
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no http or https URL without user, query, fragment and dot segments",
            self.url
        )
    }
}

impl std::error::Error for InvalidBaseUrl {}
