use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode, request};

use super::country_set::CountrySet;
use super::{Builder, CountryLookup, LookupError};
use crate::country::CountryCode;
use crate::guard::{Caching, Guard, Rejection, RejectionKind};
use crate::request_facts::RequestFacts;

/// The rules of a [`GeoRestrictionLayer`](super::GeoRestrictionLayer). See the [module docs](super). Clones share their
/// databases.
#[derive(Clone, Debug)]
pub struct GeoRestriction {
    pub(super) rule: Rule,
    pub(super) unknown: Unknown,
    pub(super) status: RefusalStatus,
    pub(super) country_header: Option<HeaderName>,
    pub(super) databases: Vec<Arc<dyn CountryLookup>>,
    pub(super) shared_cache: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Allow(CountrySet),
    Block(CountrySet),
    Annotate,
}

/// What to do with a client whose country is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Let it in.
    Allow,
    /// Refuse it.
    Block,
}

/// The status of a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusalStatus {
    /// 403.
    #[default]
    Forbidden,
    /// 451, where a law demands the restriction (RFC 7725).
    UnavailableForLegalReasons,
}

impl From<RefusalStatus> for StatusCode {
    fn from(status: RefusalStatus) -> Self {
        match status {
            RefusalStatus::Forbidden => Self::FORBIDDEN,
            RefusalStatus::UnavailableForLegalReasons => Self::UNAVAILABLE_FOR_LEGAL_REASONS,
        }
    }
}

impl GeoRestriction {
    /// The same rules, with [`Builder::shared_cache`](super::Builder::shared_cache).
    #[cfg(feature = "config")]
    pub(crate) fn shared_cache(mut self, shared_cache: bool) -> Self {
        self.shared_cache = shared_cache;
        self
    }

    /// Lets the clients of these countries in and nobody else.
    pub fn allow<I>(countries: I) -> Builder
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Builder::listed(countries, Rule::Allow, Unknown::Block)
    }

    /// Refuses the clients of these countries.
    pub fn block<I>(countries: I) -> Builder
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Builder::listed(countries, Rule::Block, Unknown::Allow)
    }

    /// Refuses nobody, and only looks up the country for the layers further in.
    pub fn annotate() -> Builder {
        Builder::new(Rule::Annotate, Unknown::Allow)
    }

    /// The same rules, where `lookup` alone knows countries: no header, and none of the databases. So rules are tried out
    /// for a country without an address in it.
    pub fn only_lookup(mut self, lookup: impl CountryLookup + 'static) -> Self {
        self.country_header = None;
        self.databases = vec![Arc::new(lookup)];
        self
    }

    fn locate(&self, head: &request::Parts) -> Result<CountryCode, Unlocated> {
        let facts = head
            .extensions
            .get::<RequestFacts>()
            .copied()
            .unwrap_or_default();
        let address = facts.client_ip().ok_or(Unlocated::NoAddress)?;
        if facts.via_trusted_proxy()
            && let Some(country) = self.stated(head)
        {
            return Ok(country);
        }
        let mut failure = None;
        for database in &self.databases {
            match database.country(address) {
                Ok(Some(country)) => return Ok(country),
                Ok(None) => {}
                Err(error) => failure = Some(error),
            }
        }
        Err(match failure {
            Some(error) => Unlocated::Failed(address, error),
            None => Unlocated::NotFound(address),
        })
    }

    /// What the country header says. Where it is there twice, one may be the client's own.
    fn stated(&self, head: &request::Parts) -> Option<CountryCode> {
        let mut values = head.headers.get_all(self.country_header.as_ref()?).iter();
        let value = values.next().map(HeaderValue::as_bytes)?;
        match values.next() {
            None => CountryCode::parse(value.trim_ascii()),
            Some(_) => None,
        }
    }

    fn refused(&self, reason: String) -> Rejection {
        Rejection::new(RejectionKind::CountryBlocked, reason).with_status(self.status.into())
    }

    /// Whether a header may state the country.
    #[cfg(feature = "config")]
    pub(crate) fn has_country_header(&self) -> bool {
        self.country_header.is_some()
    }
}

/// Why the country of a client is unknown.
enum Unlocated {
    NoAddress,
    NotFound(IpAddr),
    Failed(IpAddr, LookupError),
}

impl fmt::Display for Unlocated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("the client's address is unknown, and so its country"),
            Self::NotFound(address) => write!(f, "the country of {address} is unknown"),
            Self::Failed(address, error) => {
                write!(f, "the country of {address} is unknown: {error}")?;
                match std::error::Error::source(error) {
                    Some(source) => write!(f, ": {source}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Guard for GeoRestriction {
    type Pass = Option<CountryCode>;

    fn check(&self, head: &request::Parts) -> Result<Self::Pass, Rejection> {
        let country = match self.locate(head) {
            Ok(country) => country,
            Err(why) => {
                return match self.unknown {
                    Unknown::Allow => Ok(None),
                    Unknown::Block => Err(self.refused(why.to_string())),
                };
            }
        };
        match self.rule {
            Rule::Block(blocked) if blocked.contains(country) => {
                Err(self.refused(format!("{country} is on the block list")))
            }
            Rule::Allow(allowed) if !allowed.contains(country) => {
                Err(self.refused(format!("{country} is not on the allow list")))
            }
            Rule::Allow(_) | Rule::Block(_) | Rule::Annotate => Ok(Some(country)),
        }
    }

    fn apply(&self, head: &mut request::Parts, country: &mut Self::Pass) {
        head.extensions
            .get_or_insert_default::<RequestFacts>()
            .country = *country;
    }

    fn apply_reported(&self, head: &mut request::Parts, _why: &Rejection) {
        let mut country = self.locate(head).ok();
        self.apply(head, &mut country);
    }

    fn respond(&self, _country: Self::Pass, caching: &mut Caching<'_>) {
        if !self.shared_cache {
            caching.make_private();
        }
    }
}

#[cfg(test)]
mod tests;
