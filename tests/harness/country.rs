use std::net::IpAddr;

use maxminddb_writer::Database;
use maxminddb_writer::metadata::IpVersion;
use maxminddb_writer::paths::IpAddrWithMask;

use crate::TempDir;

/// How the records of a country database are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `country.iso_code`, as MaxMind and DB-IP write it.
    Nested,
    /// `country_code`, as ip-location-db writes it.
    Flat,
}

/// A country database in MaxMind's format, written on the spot. It holds IPv4 and IPv6 networks.
#[derive(Debug)]
pub struct CountryDatabase {
    database: Database,
    shape: Shape,
}

impl CountryDatabase {
    /// A database that knows no network.
    pub fn new(shape: Shape) -> Self {
        let mut database = Database::default();
        database.metadata.ip_version = IpVersion::V6;
        database.metadata.database_type = String::from("imgward-test-country");
        database.metadata.binary_format_major_version = 2;
        let description = (String::from("en"), String::from("made for a test"));
        database.metadata.description.extend([description]);
        Self { database, shape }
    }

    /// The same database with a network, such as `192.0.2.0/24`, in a country. The longest network counts only if it
    /// is added last.
    ///
    /// # Panics
    ///
    /// Where the text is no network.
    pub fn with(mut self, network: &str, country: &str) -> Self {
        let record = match self.shape {
            Shape::Nested => self.database.insert_value(Record::from([(
                "country",
                Record::from([("iso_code", country)]),
            )])),
            Shape::Flat => self
                .database
                .insert_value(Record::from([("country_code", country)])),
        };
        let mut network: IpAddrWithMask = network.parse().expect("a network");
        if let IpAddr::V4(address) = network.addr {
            // IPv4 lives in the lowest 32 bits of the IPv6 tree.
            let [a, b, c, d] = address.octets();
            let mut octets = [0; 16];
            octets[12..].copy_from_slice(&[a, b, c, d]);
            network = IpAddrWithMask::new(octets.into(), network.mask + 96);
        }
        let record = record.expect("a record of text");
        self.database.insert_node(network, record);
        self
    }

    /// The bytes of the database's file.
    ///
    /// # Panics
    ///
    /// Where the database cannot be written.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.database.write_to(&mut bytes).expect("a database");
        bytes
    }

    /// Writes the database to `country.mmdb` in a new directory.
    ///
    /// # Panics
    ///
    /// Where the database cannot be written.
    pub fn to_dir(&self) -> TempDir {
        let dir = TempDir::new();
        dir.write("country.mmdb", self.to_bytes());
        dir
    }
}

type Record<V> = std::collections::BTreeMap<&'static str, V>;
