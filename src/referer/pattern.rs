use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::authority::{Authority, Scheme, SiteFault};
use super::host::{self, Buffer};

/// A site, or a site and all below it, as a list names it.
///
/// | text | hosts |
/// |---|---|
/// | `https://example.com` | `example.com` alone |
/// | `https://*.example.com` | `example.com` and every host below it |
/// | `http://localhost`, `https://192.0.2.1`, `https://[2001:db8::1]` | that host |
/// | `https://example.com:8443` | `example.com`, on port 8443 alone |
///
/// The scheme must be `http` or `https`. Path, query and fragment are ignored. It prints in canonical form, which parses
/// as the same pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SitePattern {
    scheme: Scheme,
    /// Canonical, see [`host::canonical`].
    host: Box<str>,
    includes_subdomains: bool,
    port: Option<u16>,
}

impl SitePattern {
    fn parse(text: &str) -> Result<Self, SiteFault> {
        let authority = Authority::parse(text)?;
        if authority.has_userinfo {
            return Err(SiteFault::Userinfo);
        }
        let (includes_subdomains, host) = match authority.host.strip_prefix("*.") {
            Some(host) => (true, host),
            None => (false, authority.host),
        };
        if host.contains('*') {
            return Err(SiteFault::Wildcard);
        }
        let mut buffer = Buffer::new();
        let host = host::canonical(host, &mut buffer).ok_or(SiteFault::Host)?;
        if includes_subdomains && is_address(&host) {
            return Err(SiteFault::Wildcard);
        }
        Ok(Self {
            scheme: authority.scheme,
            host: host.into(),
            includes_subdomains,
            port: authority.port,
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn includes_subdomains(&self) -> bool {
        self.includes_subdomains
    }

    pub(super) fn covers_port(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }
}

fn is_address(canonical_host: &str) -> bool {
    canonical_host.starts_with('[') || canonical_host.parse::<Ipv4Addr>().is_ok()
}

impl FromStr for SitePattern {
    type Err = InvalidSite;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Self::parse(text).map_err(|fault| InvalidSite {
            text: text.into(),
            fault,
        })
    }
}

impl fmt::Display for SitePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = if self.includes_subdomains { "*." } else { "" };
        write!(f, "{}://{wildcard}{}", self.scheme.as_str(), self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// A text names no site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSite {
    text: Box<str>,
    fault: SiteFault,
}

impl InvalidSite {
    /// The text, without white space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn fault(&self) -> SiteFault {
        self.fault
    }

    /// What was meant, where the scheme alone is missing.
    fn suggestion(&self) -> Option<String> {
        if self.fault != SiteFault::Scheme || self.text.contains("://") {
            return None;
        }
        let with_scheme = format!("https://{}", self.text);
        SitePattern::parse(&with_scheme).ok().map(|_| with_scheme)
    }
}

impl fmt::Display for InvalidSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no site: {}", self.text, self.fault)?;
        match self.suggestion() {
            Some(suggestion) => write!(f, ", as in {suggestion:?}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for InvalidSite {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_site_is_scheme_host_and_port() {
        let cases = [
            ("https://example.com", "https://example.com"),
            (" HTTP://Example.COM./path?q#f\r\n", "http://example.com"),
            ("https://*.example.com/*", "https://*.example.com"),
            ("https://example.com:443", "https://example.com:443"),
            ("https://*.Example.com:08443/", "https://*.example.com:8443"),
            ("https://b\u{fc}cher.de", "https://xn--bcher-kva.de"),
            ("https://*.b\u{fc}cher.de", "https://*.xn--bcher-kva.de"),
            ("http://localhost", "http://localhost"),
            ("http://127.1", "http://127.0.0.1"),
            ("https://[2001:DB8::0:1]:444", "https://[2001:db8::1]:444"),
        ];
        for (text, printed) in cases {
            let pattern: SitePattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), printed, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_site_is_an_error() {
        let cases = [
            ("", SiteFault::Scheme),
            ("example.com", SiteFault::Scheme),
            ("//example.com", SiteFault::Scheme),
            ("ftp://example.com", SiteFault::Scheme),
            ("*", SiteFault::Scheme),
            ("https://", SiteFault::Host),
            ("https://*.", SiteFault::Host),
            ("https://.example.com", SiteFault::Host),
            ("https://exa mple.com", SiteFault::Character),
            ("https://xn--a.com", SiteFault::Host),
            ("https://1.2.3.256", SiteFault::Host),
            ("https://user@example.com", SiteFault::Userinfo),
            ("https://:pw@example.com", SiteFault::Userinfo),
            ("https://*", SiteFault::Wildcard),
            ("https://b.*.com", SiteFault::Wildcard),
            ("https://*.*.com", SiteFault::Wildcard),
            ("https://*example.com", SiteFault::Wildcard),
            ("https://example.*", SiteFault::Wildcard),
            ("https://*.127.0.0.1", SiteFault::Wildcard),
            ("https://%2a.example.com", SiteFault::Host),
            ("https://example.com:*", SiteFault::Port),
            ("https://example.com:0", SiteFault::Port),
        ];
        for (text, fault) in cases {
            let error = text.parse::<SitePattern>().unwrap_err();
            assert_eq!(error.fault(), fault, "{text:?}");
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn a_missing_scheme_is_suggested() {
        let cases = [
            ("example.com", Some("https://example.com")),
            ("*.example.com:8443/x", Some("https://*.example.com:8443/x")),
            ("//example.com", None),
            ("ftp://example.com", None),
            ("*", None),
            ("", None),
        ];
        for (text, suggestion) in cases {
            let error = text.parse::<SitePattern>().unwrap_err();
            assert_eq!(error.suggestion().as_deref(), suggestion, "{text:?}");
        }
        assert_eq!(
            "example.com"
                .parse::<SitePattern>()
                .unwrap_err()
                .to_string(),
            "\"example.com\" is no site: it does not begin with http:// or https://, as in \"https://example.com\""
        );
    }

    proptest! {
        #[test]
        fn it_prints_as_it_parses(
            text in r"https?://(\*\.)?([a-zA-Z0-9_\u{fc}-]{1,6}\.){0,2}[a-zA-Z0-9]{1,5}\.?(:[0-9]{1,5})?(/\PC{0,4})?|\PC{0,20}"
        ) {
            if let Ok(pattern) = text.parse::<SitePattern>() {
                let printed = pattern.to_string();
                prop_assert_eq!(printed.parse::<SitePattern>().unwrap(), pattern, "{}", printed);
            }
        }
    }
}
