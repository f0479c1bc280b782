use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::iter;

use super::authority::{Authority, Scheme, SiteFault};
use super::host::{self, Buffer};
use super::pattern::{InvalidSite, SitePattern};

/// The site that a page belongs to.
#[derive(Debug)]
pub(super) struct Site<'a> {
    scheme: Scheme,
    pub(super) host: Cow<'a, str>,
    port: u16,
}

impl<'a> Site<'a> {
    /// Reads the site out of the page's URL.
    pub(super) fn parse(url: &[u8], buffer: &'a mut Buffer) -> Result<Self, SiteFault> {
        let url = std::str::from_utf8(url).map_err(|_| SiteFault::Character)?;
        let Authority {
            scheme, host, port, ..
        } = Authority::parse(url)?;
        Ok(Self {
            scheme,
            host: host::canonical(host, buffer).ok_or(SiteFault::Host)?,
            port: port.unwrap_or(scheme.default_port()),
        })
    }
}

/// Patterns by their host, so that a site is found by looking up its name, and that of each of its parents.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteSet {
    by_host: HashMap<Box<str>, Vec<SitePattern>>,
}

impl SiteSet {
    pub(super) fn new(sites: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSites> {
        let mut by_host = HashMap::<_, Vec<_>>::new();
        let mut invalid = Vec::new();
        for (index, site) in sites.into_iter().enumerate() {
            match site.as_ref().parse::<SitePattern>() {
                Ok(pattern) => by_host
                    .entry(pattern.host().into())
                    .or_default()
                    .push(pattern),
                Err(error) => invalid.push((index, error)),
            }
        }
        if !invalid.is_empty() {
            return Err(InvalidSites::Entries(invalid));
        }
        if by_host.is_empty() {
            return Err(InvalidSites::Empty);
        }
        Ok(Self { by_host })
    }

    /// A pattern that stands for the site, if there is one.
    pub(super) fn find(&self, site: &Site<'_>, match_scheme: bool) -> Option<&SitePattern> {
        let names = iter::successors(Some(&*site.host), |name| Some(name.split_once('.')?.1));
        names.enumerate().find_map(|(depth, name)| {
            self.by_host.get(name)?.iter().find(|pattern| {
                (depth == 0 || pattern.includes_subdomains())
                    && pattern.covers_port(site.port)
                    && (!match_scheme || pattern.scheme() == site.scheme)
            })
        })
    }
}

/// A list is no list of sites.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSites {
    /// It is empty: as an allow list it would refuse everybody, as a block list nobody.
    Empty,
    /// It has entries that are no sites: all of them, each with its index in the list, counted from 0.
    Entries(Vec<(usize, InvalidSite)>),
}

impl fmt::Display for InvalidSites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the list of sites is empty"),
            Self::Entries(entries) => {
                for (position, (index, error)) in entries.iter().enumerate() {
                    let separator = if position == 0 { "" } else { "\n" };
                    write!(f, "{separator}entry {index}: {error}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for InvalidSites {}
