//! A database file that anybody may have made.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use imgward::geo::{CountryLookup, MaxMindDb};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(database) = MaxMindDb::from_bytes(data.to_vec()) else {
        return;
    };
    let database = database.registered_country(data.len() % 2 == 0);
    for bits in [0, 1, 0x0102_0304, u32::MAX] {
        let _ = database.country(IpAddr::V4(Ipv4Addr::from_bits(bits)));
        let _ = database.country(IpAddr::V6(Ipv6Addr::from_bits(u128::from(bits) << 96)));
    }
});
