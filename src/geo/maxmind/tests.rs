use std::collections::BTreeMap;
use std::sync::LazyLock;

use maxminddb_writer::Database;
use maxminddb_writer::metadata::IpVersion;
use maxminddb_writer::paths::IpAddrWithMask;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

type Flat = BTreeMap<&'static str, &'static str>;

fn database(ip_version: IpVersion) -> Database {
    let mut database = Database::default();
    database.metadata.ip_version = ip_version;
    database.metadata.binary_format_major_version = 2;
    database.metadata.database_type = "Test-Country".into();
    database.metadata.description = [("en".into(), "a test".into())].into();
    database
}

/// Records of either shape. (A macro, since a function would have to name serde.)
macro_rules! insert {
    ($database:expr, $network:expr, $record:expr $(,)?) => {{
        let record = $database.insert_value($record).unwrap();
        let network: IpAddrWithMask = $network.parse().unwrap();
        $database.insert_node(network, record);
    }};
}

fn nested(fields: &[(&'static str, &'static str)]) -> BTreeMap<&'static str, Flat> {
    fields
        .iter()
        .map(|(field, code)| (*field, Flat::from([("iso_code", *code)])))
        .collect()
}

fn bytes(database: &Database) -> Vec<u8> {
    database.write_to(Vec::new()).unwrap()
}

/// A database with every shape of record.
static SHAPES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut shapes = database(IpVersion::V4);
    let records = [
        (
            "192.0.2.0/28",
            nested(&[("continent", "EU"), ("country", "DE")]),
        ),
        ("192.0.2.32/28", nested(&[("registered_country", "US")])),
        ("192.0.2.48/28", nested(&[("represented_country", "US")])),
        (
            "192.0.2.64/28",
            nested(&[("country", "EU"), ("registered_country", "FR")]),
        ),
        (
            "192.0.2.80/28",
            nested(&[("country", "at"), ("registered_country", "FR")]),
        ),
        ("192.0.2.96/28", nested(&[("country", "T1")])),
        ("192.0.2.112/28", nested(&[("country", "XK")])),
        ("192.0.2.128/28", nested(&[])),
    ];
    for (network, record) in records {
        insert!(shapes, network, record);
    }
    insert!(
        shapes,
        "192.0.2.16/28",
        Flat::from([("country_code", "NZ")]),
    );
    insert!(
        shapes,
        "192.0.2.144/28",
        Flat::from([("country", "Italy"), ("country_code", "IT")]),
    );
    insert!(shapes, "192.0.2.160/28", Flat::from([("country", "Italy")]),);
    bytes(&shapes)
});

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn country(code: &str) -> Option<CountryCode> {
    (!code.is_empty()).then(|| code.parse().unwrap())
}

#[test]
fn row_44_every_shape_of_record_has_its_country_or_none() {
    // The country by default, and where the registered one may stand in.
    let cases = [
        ("192.0.2.1", "DE", "DE"),
        ("192.0.2.17", "NZ", "NZ"),
        ("192.0.2.33", "", "US"),
        ("192.0.2.49", "", ""),
        ("192.0.2.65", "", "FR"),
        ("192.0.2.81", "AT", "AT"),
        ("192.0.2.97", "", ""),
        ("192.0.2.113", "XK", "XK"),
        ("192.0.2.129", "", ""),
        ("192.0.2.145", "IT", "IT"),
        ("198.51.100.1", "", ""),
        ("2001:db8::1", "", ""),
        ("::ffff:192.0.2.1", "DE", "DE"),
    ];
    let plain = MaxMindDb::from_bytes(SHAPES.clone()).unwrap();
    let registered = MaxMindDb::from_bytes(SHAPES.clone())
        .unwrap()
        .registered_country(true);
    for (address, own, or_registered) in cases {
        assert_eq!(
            plain.country(ip(address)).unwrap(),
            country(own),
            "{address}"
        );
        assert_eq!(
            registered.country(ip(address)).unwrap(),
            country(or_registered),
            "{address}"
        );
    }
    // A text where a record is due, and nothing else to go by.
    let error = plain.country(ip("192.0.2.161")).unwrap_err();
    assert!(error.source().is_some(), "{error}");
}

#[test]
fn row_41_and_row_42_ipv6_is_looked_up_as_the_file_has_it() {
    let mut both = database(IpVersion::V6);
    // IPv4 lives in ::/96, and 6to4 where the maker has put an alias.
    insert!(both, "::c000:200/120", nested(&[("country", "DE")]));
    insert!(both, "2002:c000:200::/40", nested(&[("country", "DE")]),);
    insert!(both, "2001:db8::/32", nested(&[("country", "CH")]));
    let both = MaxMindDb::from_bytes(bytes(&both)).unwrap();
    let cases = [
        ("192.0.2.9", "DE"),
        ("::ffff:192.0.2.9", "DE"),
        ("2002:c000:209::1", "DE"),
        ("2002:c000:309::1", ""),
        ("2001:0:c000:209::1", ""),
        ("2001:db8::1", "CH"),
        ("2001:db9::1", ""),
    ];
    for (address, code) in cases {
        assert_eq!(
            both.country(ip(address)).unwrap(),
            country(code),
            "{address}"
        );
    }
}

#[test]
fn row_43_a_truncated_file_is_no_database() {
    assert!(MaxMindDb::from_bytes(SHAPES.clone()).is_ok());
    for length in 0..SHAPES.len() {
        let error = MaxMindDb::from_bytes(SHAPES[..length].to_vec()).unwrap_err();
        assert!(error.source().is_some(), "{length}");
    }
    // And from the front, so that the marker of the metadata is there.
    for from in 1..SHAPES.len() {
        judge_all(SHAPES[from..].to_vec());
    }
}

#[test]
fn row_43_a_tree_of_circles_is_no_database() {
    let mut circles = SHAPES.clone();
    // The left and right records of every node lead to the first one; records are of 24 bits in so small a file.
    let data = circles
        .windows(16)
        .position(|bytes| bytes == [0; 16])
        .unwrap();
    circles[..data].fill(0);
    let error = MaxMindDb::from_bytes(circles).unwrap_err();
    assert!(
        error.source().unwrap().to_string().contains("cycle"),
        "{error:?}"
    );
}

#[test]
fn a_file_is_read_whole() {
    let path = std::env::temp_dir().join(format!("imgward-{}.mmdb", std::process::id()));
    std::fs::write(&path, &*SHAPES).unwrap();
    let read = MaxMindDb::open(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        read.unwrap().country(ip("192.0.2.1")).unwrap(),
        country("DE")
    );
    let error = MaxMindDb::open(&path).unwrap_err();
    assert_eq!(error.to_string(), "the database cannot be read");
}

/// Opens what may be a database, and looks up all that could be in it. Neither may panic, or take long.
fn judge_all(bytes: Vec<u8>) {
    if let Ok(database) = MaxMindDb::from_bytes(bytes) {
        let database = database.registered_country(true);
        for last in 0..=255 {
            let _ = database.country([192, 0, 2, last].into());
        }
        let _ = database.country(ip("2001:db8::1"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn row_43_a_corrupt_file_neither_panics_nor_hangs(
        flips in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut corrupt = SHAPES.clone();
        for (index, byte) in flips {
            let at = index.index(corrupt.len());
            corrupt[at] = byte;
        }
        judge_all(corrupt);
    }
}
