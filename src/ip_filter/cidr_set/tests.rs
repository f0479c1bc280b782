use std::io::BufReader;

use proptest::prelude::*;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn row_37_each_family_has_its_own_everything() {
    let cases: [(&[&str], &str, bool); 10] = [
        (&["0.0.0.0/0"], "255.255.255.255", true),
        (&["0.0.0.0/0"], "::ffff:1.2.3.4", true),
        (&["0.0.0.0/0"], "2001:db8::1", false),
        (&["::/0"], "2001:db8::1", true),
        (&["::/0"], "1.2.3.4", false),
        (&["::/0"], "::ffff:1.2.3.4", false),
        (&["::/0", "1.2.3.4"], "::ffff:1.2.3.4", true),
        (&["::ffff:10.0.0.0/104"], "10.9.8.7", true),
        (&["::ffff:10.0.0.0/104"], "11.0.0.0", false),
        (&[], "10.9.8.7", false),
    ];
    for (entries, address, held) in cases {
        let set = CidrSet::parse_entries(entries).unwrap();
        assert_eq!(set.contains(ip(address)), held, "{entries:?} {address}");
        assert_eq!(
            (set.len(), set.is_empty()),
            (entries.len(), entries.is_empty())
        );
    }
}

#[test]
fn a_text_has_an_entry_a_line() {
    let text = "\u{feff}# ours\r\n  10.0.0.0/8 ; SBL1\r\n\n;theirs\n\t192.0.2.7#the scanner\n2001:db8::/32";
    let set = CidrSet::read_from(text.as_bytes()).unwrap();
    assert_eq!(set.len(), 3);
    for address in ["10.1.2.3", "192.0.2.7", "2001:db8::9"] {
        assert!(set.contains(ip(address)), "{address}");
    }
    let set = CidrSet::parse_text(text.trim_start_matches('\u{feff}')).unwrap();
    assert_eq!(set.len(), 3);
}

#[test]
fn every_bad_entry_is_named_with_its_place() {
    let error =
        CidrSet::parse_entries(["10.0.0.0/8", " 10.0.0.5/24", "", "10.0.0.1 # x"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "entry 1: \"10.0.0.5/24\" has host bits set; the network is 10.0.0.0/24\n\
         entry 2: \"\" is not an IPv4 or IPv6 address or CIDR range\n\
         entry 3: \"10.0.0.1 # x\" is not an IPv4 or IPv6 address or CIDR range"
    );
    let text = b"10.0.0.0/8\n#\n10.0.0.0/33\n\xff\xfe\n10.0.0.1 10.0.0.2\n";
    let error = CidrSet::read_from(&text[..]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range\n\
         line 4: \"\u{fffd}\u{fffd}\" is not an IPv4 or IPv6 address or CIDR range\n\
         line 5: \"10.0.0.1 10.0.0.2\" is not an IPv4 or IPv6 address or CIDR range"
    );
}

#[test]
fn lines_are_bounded() {
    // A reader of a few bytes at a time, so that lines end anywhere in its buffer.
    let read = |text: &str| CidrSet::read_from(BufReader::with_capacity(7, text.as_bytes()));
    let comment = "x".repeat(5000);
    let set = read(&format!("10.0.0.1 # {comment}\n10.0.0.2")).unwrap();
    assert!(set.contains(ip("10.0.0.2")));
    assert_eq!(set.len(), 2);

    let spaces = " ".repeat(1024 - "10.0.0.1".len());
    assert_eq!(
        read(&format!("{spaces}10.0.0.1\n10.0.0.2")).unwrap().len(),
        2
    );
    // One more, and what is seen of the line would be another address.
    let error = read(&format!("{spaces}10.0.0.15\n10.0.0.2")).unwrap_err();
    assert!(error.to_string().starts_with("line 1: "), "{error}");
}

#[test]
fn an_error_of_the_reader_is_handed_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    let error = CidrSet::read_from(BufReader::new(Broken)).unwrap_err();
    assert!(matches!(error, ReadError::Io(_)), "{error:?}");
}

#[test]
fn debug_counts() {
    let set = CidrSet::parse_entries(["10.0.0.0/8", "10.0.0.1", "::1"]).unwrap();
    assert_eq!(
        format!("{set:?}"),
        "CidrSet { entries: 3, v4_ranges: 1, v6_ranges: 1 }"
    );
}

/// An address of either family.
fn address(v4: bool, bits: u128) -> IpAddr {
    if v4 {
        IpAddr::V4(u32::try_from(bits & 0xffff_ffff).unwrap().into())
    } else {
        IpAddr::V6(bits.into())
    }
}

fn mask(v4: bool, prefix: u32) -> u128 {
    let width = if v4 { 32 } else { 128 };
    u128::MAX.checked_shl(width - prefix).unwrap_or(0)
}

proptest! {
    #[test]
    fn row_38_the_verdict_is_that_of_a_scan(
        networks in proptest::collection::vec(
            // Few distinct high bits, so that networks meet and overlap.
            (any::<bool>(), 0_u128..8, any::<u128>(), 0_u32..=128),
            0..60,
        ),
        near in proptest::collection::vec((any::<proptest::sample::Index>(), -2_i8..=2), 100),
        anywhere in proptest::collection::vec((any::<bool>(), any::<u128>()), 20),
    ) {
        let networks: Vec<_> = networks
            .into_iter()
            .map(|(v4, high, low, prefix)| {
                let (width, prefix) = if v4 { (32, prefix % 33) } else { (128, prefix) };
                // Kept out of the mapped addresses by the bit on top.
                let bits = (1 << (width - 1)) | (high << (width - 6)) | (low >> (133 - width));
                (v4, bits & mask(v4, prefix), prefix)
            })
            .collect();
        let entries = networks.iter().map(|(v4, bits, prefix)| format!("{}/{prefix}", address(*v4, *bits)));
        let set = CidrSet::parse_entries(entries).unwrap();

        let mut probes = anywhere;
        for (network, offset) in near {
            if let Some((v4, first, prefix)) = networks.get(network.index(networks.len().max(1))) {
                let last = first | !mask(*v4, *prefix);
                let edge = if offset > 0 { last } else { *first };
                probes.push((*v4, edge.wrapping_add_signed(offset.into())));
            }
        }
        for (v4, bits) in probes {
            let scan = networks.iter().any(|(other, first, prefix)| {
                *other == v4 && (bits ^ first) & mask(v4, *prefix) & if v4 { 0xffff_ffff } else { u128::MAX } == 0
            });
            prop_assert_eq!(set.contains(address(v4, bits)), scan, "{}", address(v4, bits));
        }
    }
}
