use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::Path;

use maxminddb::{LookupResult, MaxMindDbError, PathElement, Reader};

use super::{CountryLookup, LookupError};
use crate::country::CountryCode;

/// A database of countries in MaxMind's format, version 2.
///
/// Both layouts of records are read: a nested `country.iso_code` (MaxMind's own databases, DB-IP Lite) and a flat
/// `country_code` (the `-country-mmdb` packages of ip-location-db). A record with neither, or with one that is no
/// assigned code (`EU`, `AP`), is of unknown country, unless
/// [`registered_country`](Self::registered_country) lends its own. `represented_country`, which military bases have,
/// never counts.
///
/// A file of IPv4 addresses alone knows the country of no IPv6 address. Where a maker splits its data in two files, add
/// both with [`Builder::database`](super::Builder::database).
///
/// The whole file is held in memory, and checked when it is opened, so that a truncated or corrupt one is an error then
/// rather than unknown countries later.
pub struct MaxMindDb {
    reader: Reader<Vec<u8>>,
    registered_country: bool,
}

const NESTED: &[PathElement<'_>] = &[PathElement::Key("country"), PathElement::Key("iso_code")];
const FLAT: &[PathElement<'_>] = &[PathElement::Key("country_code")];
const REGISTERED: &[PathElement<'_>] = &[
    PathElement::Key("registered_country"),
    PathElement::Key("iso_code"),
];

impl MaxMindDb {
    /// The largest file that is read: 1 GiB. Databases of countries are some 10 MiB, of cities some 100 MiB.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] where it cannot be read, is larger than [`MAX_BYTES`](Self::MAX_BYTES), or is no whole and
    /// sound database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(Self::MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(DatabaseError::io)?;
        Self::from_bytes(bytes)
    }

    /// Takes what is in a file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, DatabaseError> {
        if bytes.len() as u64 > Self::MAX_BYTES {
            return Err(DatabaseError(Kind::TooLarge));
        }
        let reader = Reader::from_source(bytes).map_err(DatabaseError::invalid)?;
        reader.verify().map_err(DatabaseError::invalid)?;
        Ok(Self {
            reader,
            registered_country: false,
        })
    }

    /// Whether the country in which a network is registered stands in where its own is unknown. Off by default, for it
    /// may be another: that of a carrier's seat, say.
    pub fn registered_country(mut self, registered_country: bool) -> Self {
        self.registered_country = registered_country;
        self
    }

    fn code(&self, record: &Record<'_>) -> Result<Option<CountryCode>, MaxMindDbError> {
        let nested = read(record, NESTED);
        if let Ok(Some(country)) = nested {
            return Ok(Some(country));
        }
        // Some files have a text where others nest, so this is asked after an error too.
        if let Some(country) = read(record, FLAT)? {
            return Ok(Some(country));
        }
        if self.registered_country
            && let Some(country) = read(record, REGISTERED)?
        {
            return Ok(Some(country));
        }
        nested
    }
}

type Record<'a> = LookupResult<'a, Vec<u8>>;

fn read(
    record: &Record<'_>,
    path: &[PathElement<'_>],
) -> Result<Option<CountryCode>, MaxMindDbError> {
    let code: Option<&str> = record.decode_path(path)?;
    Ok(code.and_then(|code| CountryCode::parse(code.as_bytes())))
}

impl CountryLookup for MaxMindDb {
    fn country(&self, address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
        let address = address.to_canonical();
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        self.reader
            .lookup(address)
            .and_then(|record| self.code(&record))
            .map_err(LookupError::new)
    }
}

impl fmt::Debug for MaxMindDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metadata = self.reader.metadata();
        f.debug_struct("MaxMindDb")
            .field("database_type", &metadata.database_type)
            .field("ip_version", &metadata.ip_version)
            .field("build_epoch", &metadata.build_epoch)
            .field("registered_country", &self.registered_country)
            .finish_non_exhaustive()
    }
}

/// A file is no database.
#[derive(Debug)]
pub struct DatabaseError(Kind);

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    TooLarge,
    Invalid(MaxMindDbError),
}

impl DatabaseError {
    fn io(error: io::Error) -> Self {
        Self(Kind::Io(error))
    }

    fn invalid(error: MaxMindDbError) -> Self {
        Self(Kind::Invalid(error))
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Io(_) => f.write_str("the database cannot be read"),
            Kind::TooLarge => write!(
                f,
                "the database is larger than {} bytes",
                MaxMindDb::MAX_BYTES
            ),
            Kind::Invalid(_) => f.write_str("the file is no sound MaxMind database"),
        }
    }
}

impl Error for DatabaseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Kind::Io(error) => Some(error),
            Kind::TooLarge => None,
            Kind::Invalid(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests;
