//! Entries of address lists, and what can be wrong with them.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses, from its first to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    V4(u32, u32),
    /// Whole subnets, by their upper 64 bits: what nearly all IPv6 entries are, at half the size.
    V6Subnets(u64, u64),
    V6(u128, u128),
}

/// Reads an address, or a network in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3).
pub(super) fn parse(entry: &str) -> Result<Range, WhyInvalid> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().map_err(|_| WhyInvalid::Unreadable)?;
    let bits = match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let prefix = match prefix {
        Some(digits) => prefix_length(digits)
            .filter(|prefix| *prefix <= bits)
            .ok_or(WhyInvalid::Unreadable)?,
        None => bits,
    };
    match address {
        IpAddr::V4(address) => v4(address, prefix),
        IpAddr::V6(address) => match (address.to_ipv4_mapped(), prefix.checked_sub(96)) {
            (Some(mapped), Some(prefix)) => v4(mapped, prefix),
            _ => v6(address, prefix),
        },
    }
}

/// The length of a prefix: decimal, without a sign and without leading zeros.
fn prefix_length(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    plain.then(|| digits.parse().ok()).flatten()
}

fn v4(address: Ipv4Addr, prefix: u32) -> Result<Range, WhyInvalid> {
    let host = u32::MAX.checked_shr(prefix).unwrap_or(0);
    let first = address.to_bits() & !host;
    if first != address.to_bits() {
        return Err(WhyInvalid::HostBits {
            network: Ipv4Addr::from_bits(first).into(),
            prefix,
        });
    }
    Ok(Range::V4(first, first | host))
}

fn v6(address: Ipv6Addr, prefix: u32) -> Result<Range, WhyInvalid> {
    let host = u128::MAX.checked_shr(prefix).unwrap_or(0);
    let first = address.to_bits() & !host;
    if first != address.to_bits() {
        return Err(WhyInvalid::HostBits {
            network: Ipv6Addr::from_bits(first).into(),
            prefix,
        });
    }
    let last = first | host;
    Ok(if prefix <= 64 {
        Range::V6Subnets(subnet(first), subnet(last))
    } else {
        Range::V6(first, last)
    })
}

/// The upper half of an IPv6 address.
pub(super) fn subnet(address: u128) -> u64 {
    (address >> 64) as u64
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyInvalid {
    /// It is neither an address nor a network in CIDR notation.
    Unreadable,
    /// The address of a network has bits set below the prefix, so that a typing error is likely.
    HostBits {
        /// The first address of the network that is meant.
        network: IpAddr,
        /// The length of its prefix, in bits.
        prefix: u32,
    },
}

impl fmt::Display for WhyInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("is not an IPv4 or IPv6 address or CIDR range"),
            Self::HostBits { network, prefix } => {
                write!(f, "has host bits set; the network is {network}/{prefix}")
            }
        }
    }
}

/// Where in its list an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The position in a sequence, counted from 0.
    Index(usize),
    /// The line of a text, counted from 1.
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "entry {index}"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// An entry of an address list that is no address and no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEntry {
    place: Place,
    entry: Box<str>,
    why: WhyInvalid,
}

impl InvalidEntry {
    /// How much of an entry is kept: more than the longest that could be right.
    const SHOWN: usize = 64;

    fn new(place: Place, entry: &str, why: WhyInvalid) -> Self {
        let shown = match entry.char_indices().nth(Self::SHOWN) {
            Some((end, _)) => format!("{}...", entry.get(..end).unwrap_or_default()),
            None => entry.into(),
        };
        Self {
            place,
            entry: shown.into(),
            why,
        }
    }

    /// Where the entry stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The entry as written, or its beginning.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// What is wrong with it.
    pub fn why(&self) -> WhyInvalid {
        self.why
    }
}

impl fmt::Display for InvalidEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} {}", self.place, self.entry, self.why)
    }
}

impl std::error::Error for InvalidEntry {}

/// The entries of an address list that are no addresses and no networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvalidEntries {
    listed: Vec<InvalidEntry>,
    count: usize,
}

impl InvalidEntries {
    /// How many entries are kept one by one; the rest are counted.
    const LISTED: usize = 100;

    pub(super) fn push(&mut self, place: Place, entry: &str, why: WhyInvalid) {
        self.count += 1;
        if self.listed.len() < Self::LISTED {
            self.listed.push(InvalidEntry::new(place, entry, why));
        }
    }

    /// The first 100 of them, in the order of the list.
    pub fn listed(&self) -> &[InvalidEntry] {
        &self.listed
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for InvalidEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, invalid) in self.listed.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}{invalid}")?;
        }
        match self.count - self.listed.len() {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for InvalidEntries {}

/// Why an address list could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed.
    Io(io::Error),
    /// It was read, and has entries that are no addresses and no networks.
    Invalid(InvalidEntries),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("the address list cannot be read"),
            Self::Invalid(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Invalid(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_37_entries_are_read_strictly() {
        let v4 = |first: [u8; 4], last: [u8; 4]| {
            Ok(Range::V4(
                u32::from_be_bytes(first),
                u32::from_be_bytes(last),
            ))
        };
        let unreadable = Err(WhyInvalid::Unreadable);
        let cases = [
            ("163.120.4.15", v4([163, 120, 4, 15], [163, 120, 4, 15])),
            ("163.120.4.15/32", v4([163, 120, 4, 15], [163, 120, 4, 15])),
            ("10.0.0.0/24", v4([10, 0, 0, 0], [10, 0, 0, 255])),
            ("0.0.0.0/0", v4([0; 4], [255; 4])),
            ("::/0", Ok(Range::V6Subnets(0, u64::MAX))),
            ("::1", Ok(Range::V6(1, 1))),
            (
                "2001:DB8::/32",
                Ok(Range::V6Subnets(
                    0x2001_0db8_0000_0000,
                    0x2001_0db8_ffff_ffff,
                )),
            ),
            (
                "1:2:3:4::/64",
                Ok(Range::V6Subnets(0x1_0002_0003_0004, 0x1_0002_0003_0004)),
            ),
            ("::8000:0:0:0/65", Ok(Range::V6(1 << 63, (1 << 64) - 1))),
            // Mapped networks are those they map; a wider one is an IPv6 network like any other.
            ("::ffff:192.0.2.7", v4([192, 0, 2, 7], [192, 0, 2, 7])),
            (
                "::ffff:10.0.0.0/104",
                v4([10, 0, 0, 0], [10, 255, 255, 255]),
            ),
            ("::ffff:a00:0/104", v4([10, 0, 0, 0], [10, 255, 255, 255])),
            ("::ffff:0:0/96", v4([0; 4], [255; 4])),
            (
                "::ffff:0:0/95",
                Err(WhyInvalid::HostBits {
                    network: "::fffe:0:0".parse().unwrap(),
                    prefix: 95,
                }),
            ),
            ("::fffe:0:0/95", Ok(Range::V6(0xfffe << 32, (1 << 48) - 1))),
            (
                "203.0.113.5/24",
                Err(WhyInvalid::HostBits {
                    network: "203.0.113.0".parse().unwrap(),
                    prefix: 24,
                }),
            ),
            (
                "::ffff:10.0.0.5/120",
                Err(WhyInvalid::HostBits {
                    network: "10.0.0.0".parse().unwrap(),
                    prefix: 24,
                }),
            ),
            (
                "1.2.3.4/0",
                Err(WhyInvalid::HostBits {
                    network: "0.0.0.0".parse().unwrap(),
                    prefix: 0,
                }),
            ),
            ("10.0.0.0/33", unreadable),
            ("::/129", unreadable),
            ("10.0.0.0/8/8", unreadable),
            ("10.0.0.0/", unreadable),
            ("10.0.0.0/+8", unreadable),
            ("10.0.0.0/08", unreadable),
            ("10.0.0.0/ 8", unreadable),
            ("10.0.0.0/4294967304", unreadable),
            ("10.0.0.0/255.0.0.0", unreadable),
            ("/8", unreadable),
            ("", unreadable),
            ("10/8", unreadable),
            ("127.1", unreadable),
            ("0x7f.0.0.1", unreadable),
            ("017700000001", unreadable),
            ("198.051.100.007", unreadable),
            ("256.0.0.1", unreadable),
            ("10.0.0.0-10.0.0.9", unreadable),
            ("fe80::1%eth0", unreadable),
            ("[::1]", unreadable),
            ("192.0.2.1:80", unreadable),
            ("example.com", unreadable),
        ];
        for (entry, range) in cases {
            assert_eq!(parse(entry), range, "{entry}");
        }
    }

    #[test]
    fn a_long_list_of_errors_is_cut_and_counted() {
        let mut invalid = InvalidEntries::default();
        for index in 0..250 {
            invalid.push(
                Place::Index(index),
                &"\u{e9}".repeat(100_000),
                WhyInvalid::Unreadable,
            );
        }
        assert_eq!((invalid.listed().len(), invalid.count()), (100, 250));
        let message = invalid.to_string();
        assert!(message.ends_with("\nand 150 more"), "{message}");
        assert!(message.len() < 100 * 250, "{}", message.len());
    }
}
