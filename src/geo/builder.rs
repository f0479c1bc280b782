use std::fmt;
use std::sync::Arc;

use http::HeaderName;

use super::country_set::CountrySet;
use super::restriction::Rule;
use super::{CountryLookup, GeoRestriction, RefusalStatus, Unknown};
use crate::country::{CountryCode, InvalidCountryCode};

/// Builds a [`GeoRestriction`]. What is wrong with its settings, [`build`](Self::build) says.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    rules: GeoRestriction,
    wrong: Option<BuildError>,
}

impl Builder {
    pub(super) fn new(rule: Rule, unknown: Unknown) -> Self {
        Self {
            rules: GeoRestriction {
                rule,
                unknown,
                status: RefusalStatus::default(),
                country_header: None,
                databases: Vec::new(),
                shared_cache: false,
            },
            wrong: None,
        }
    }

    /// The builder of a rule about listed countries.
    pub(super) fn listed<I>(countries: I, rule: fn(CountrySet) -> Rule, unknown: Unknown) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut codes = Vec::new();
        let mut invalid = Vec::new();
        for country in countries {
            match country.as_ref().trim().parse::<CountryCode>() {
                Ok(code) => codes.push(code),
                Err(error) => invalid.push(error),
            }
        }
        let wrong = if !invalid.is_empty() {
            Some(BuildError::Countries(invalid))
        } else if codes.is_empty() {
            Some(BuildError::NoCountry)
        } else {
            None
        };
        Self {
            wrong,
            ..Self::new(rule(codes.into_iter().collect()), unknown)
        }
    }

    /// Adds a database, asked where those added before do not know the country.
    pub fn database(mut self, database: impl CountryLookup + 'static) -> Self {
        self.rules.databases.push(Arc::new(database));
        self
    }

    /// Sets the header in which a trusted proxy states the client's country, such as `cloudfront-viewer-country` or
    /// `cf-ipcountry`. It is asked ahead of the databases. The proxy must set it on every request, or remove what the
    /// client sent.
    pub fn country_header(mut self, name: HeaderName) -> Self {
        self.rules.country_header = Some(name);
        self
    }

    /// Sets what to do with clients of unknown country. By default a block list lets them in, and an allow list refuses
    /// them.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.rules.unknown = unknown;
        self
    }

    /// Sets the status of refusals.
    pub fn status(mut self, status: RefusalStatus) -> Self {
        self.rules.status = status;
        self
    }

    /// Whether a cache that many clients share may keep the answers. Off by default: `public` is made `private`, for
    /// such a cache would serve refused clients what it kept for others.
    pub fn shared_cache(mut self, shared_cache: bool) -> Self {
        self.rules.shared_cache = shared_cache;
        self
    }

    /// Builds the rules.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the list of countries is empty or has texts that are no country codes, or where there is
    /// neither a database nor a header.
    pub fn build(self) -> Result<GeoRestriction, BuildError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        if self.rules.databases.is_empty() && self.rules.country_header.is_none() {
            return Err(BuildError::NoSource);
        }
        Ok(self.rules)
    }
}

/// Why a [`GeoRestriction`] cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The list of countries is empty.
    NoCountry,
    /// Texts of the list are no country codes: all of them.
    Countries(Vec<InvalidCountryCode>),
    /// There is neither a database nor a header to know countries from.
    NoSource,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCountry => f.write_str("the list of countries is empty"),
            Self::Countries(invalid) => {
                for (n, invalid) in invalid.iter().enumerate() {
                    let separator = if n == 0 { "" } else { "\n" };
                    write!(f, "{separator}{invalid}")?;
                }
                Ok(())
            }
            Self::NoSource => {
                f.write_str("there is neither a database nor a header to know countries from")
            }
        }
    }
}

impl std::error::Error for BuildError {}
