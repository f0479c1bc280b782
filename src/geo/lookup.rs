use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::country::CountryCode;

/// A source that knows the countries of addresses. It is asked once a request, so it must answer from memory.
pub trait CountryLookup: fmt::Debug + Send + Sync {
    /// The country of an address. `None` where the source does not know it.
    ///
    /// # Errors
    ///
    /// [`LookupError`] where the source cannot tell. The country is then unknown.
    fn country(&self, address: IpAddr) -> Result<Option<CountryCode>, LookupError>;
}

impl<L: CountryLookup + ?Sized> CountryLookup for Arc<L> {
    fn country(&self, address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
        (**self).country(address)
    }
}

/// A lookup failed.
#[derive(Debug)]
pub struct LookupError {
    source: Box<dyn Error + Send + Sync>,
}

impl LookupError {
    /// A failure for a reason.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the country cannot be looked up")
    }
}

impl Error for LookupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
