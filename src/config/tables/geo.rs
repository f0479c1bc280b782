use std::net::IpAddr;

use http::HeaderName;

use crate::config::Environment;
use crate::config::table::Table;
use crate::country::CountryCode;
use crate::geo::{
    BuildError, Builder, CountryLookup, GeoRestriction, LookupError, MaxMindDb, RefusalStatus,
    Unknown,
};

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Off,
    Allow,
    Block,
}

/// `[geo]`: who may come by country. `None` where it is off.
pub(in crate::config) fn read(
    table: &Table<'_>,
    environment: Environment,
) -> Option<GeoRestriction> {
    let modes = [
        ("allowlist", Mode::Allow),
        ("blocklist", Mode::Block),
        ("off", Mode::Off),
    ];
    let mode = table.choice("mode", &modes, Mode::Off);
    let countries = table.list("countries");
    for country in &countries {
        if let Err(error) = country.text.trim().parse::<CountryCode>() {
            table.document().error(&country.spot, error.to_string());
        }
    }
    let unknown = [("allow", Unknown::Allow), ("block", Unknown::Block)];
    let by_default = match mode {
        Mode::Allow => Unknown::Block,
        Mode::Off | Mode::Block => Unknown::Allow,
    };
    let unknown = table.choice("unknown", &unknown, by_default);
    let status = status(table);
    let file = table.file("database");
    let header = header(table);

    let builder = match mode {
        Mode::Off => return None,
        Mode::Allow => GeoRestriction::allow(&countries),
        Mode::Block => GeoRestriction::block(&countries),
    };
    let mut builder: Builder = builder.unknown(unknown).status(status);
    if file.is_none() && header.is_none() && environment == Environment::Development {
        builder = builder.database(Nowhere);
    }
    if let Some(header) = header {
        builder = builder.country_header(header);
    }
    if let Some(file) = file {
        let path = file.path();
        match MaxMindDb::open(path) {
            Ok(database) => builder = builder.database(database),
            Err(error) => {
                table.error("database", format!("{}: {error}", path.display()));
                return None;
            }
        }
    }
    let restriction = builder.build().map_err(|error| match error {
        // They have been reported one by one.
        BuildError::Countries(_) => {}
        BuildError::NoCountry => table.error("countries", error.to_string()),
        error => table.error("database", error.to_string()),
    });
    restriction.ok()
}

/// Where nobody is: rules can be written, and tried for a country, before there is a database.
#[derive(Debug)]
struct Nowhere;

impl CountryLookup for Nowhere {
    fn country(&self, _address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
        Ok(None)
    }
}

fn status(table: &Table<'_>) -> RefusalStatus {
    match table.integer("status", 0..1000, 403) {
        403 => RefusalStatus::Forbidden,
        451 => RefusalStatus::UnavailableForLegalReasons,
        other => {
            table.error("status", format!("{other} is neither 403 nor 451"));
            RefusalStatus::Forbidden
        }
    }
}

fn header(table: &Table<'_>) -> Option<HeaderName> {
    let name = table.text("country_header")?;
    let header = HeaderName::from_bytes(name.text.as_bytes()).ok();
    if header.is_none() {
        let message = format!("{:?} is not the name of a header", name.text);
        table.document().error(&name.spot, message);
    }
    header
}
