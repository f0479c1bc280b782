//! A block list: text and reader read the same, and what is read is looked up.

#![no_main]

use std::net::IpAddr;

use imgward::ip_filter::CidrSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = CidrSet::parse_text(text);
    let read = CidrSet::read_from(text.as_bytes());
    if let (Ok(parsed), Ok(read)) = (&parsed, &read) {
        assert_eq!(parsed.len(), read.len());
    }
    let Ok(set) = parsed else { return };
    for line in text.lines() {
        let entry = line.split(['#', ';']).next().unwrap_or_default().trim();
        let address = entry.split('/').next().unwrap_or_default();
        if let Ok(address) = address.parse::<IpAddr>() {
            // The network of an entry begins with the entry's address.
            assert!(set.contains(address), "{entry}");
        }
    }
});
