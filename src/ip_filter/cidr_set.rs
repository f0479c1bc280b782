use std::fmt;
use std::io::{self, BufRead, Read};
use std::net::IpAddr;

use super::edges::Edges;
use super::entry::{self, InvalidEntries, Place, Range, ReadError, WhyInvalid};

/// A set of addresses and networks, IPv4 and IPv6.
///
/// An entry is an address (`192.0.2.7`, `2001:db8::1`) or a network in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`):
///
/// 1. A network whose address has bits set below the prefix (`10.0.0.5/24`) is an error that names the network meant.
/// 2. `0.0.0.0/0` is every IPv4 address, and `::/0` every IPv6 address; neither holds the other.
/// 3. An IPv4-mapped IPv6 address is the IPv4 address, both as an entry (`::ffff:10.0.0.0/104` is `10.0.0.0/8`) and
///    when it is looked up. An IPv6 network that is wider than `::ffff:0:0/96` holds no IPv4 address.
/// 4. Anything else is an error: short, octal and hexadecimal IPv4 addresses, zone ids, ports, brackets, host names,
///    netmasks, from-to ranges.
///
/// Entries may come in any order, overlap and repeat.
///
/// ```
/// use imgward::ip_filter::CidrSet;
///
/// let set = CidrSet::parse_entries(["192.0.2.7", "10.0.0.0/24", "2001:db8::/32"])?;
/// assert!(set.contains("10.0.0.99".parse().unwrap()));
/// assert!(set.contains("::ffff:10.0.0.99".parse().unwrap()));
/// assert!(!set.contains("10.0.1.0".parse().unwrap()));
///
/// let error = CidrSet::parse_entries(["10.0.0.5/24", "localhost"]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "entry 0: \"10.0.0.5/24\" has host bits set; the network is 10.0.0.0/24\n\
///      entry 1: \"localhost\" is not an IPv4 or IPv6 address or CIDR range",
/// );
/// # Ok::<(), imgward::ip_filter::InvalidEntries>(())
/// ```
#[derive(Clone)]
pub struct CidrSet {
    v4: Edges<u32>,
    v6_subnets: Edges<u64>,
    v6: Edges<u128>,
    len: usize,
}

impl CidrSet {
    /// Reads a sequence of entries. White space around an entry means nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidEntries`] with every entry that is not one, by its index.
    pub fn parse_entries<I>(entries: I) -> Result<Self, InvalidEntries>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut list = List::default();
        for (index, entry) in entries.into_iter().enumerate() {
            list.push(Place::Index(index), entry.as_ref().trim());
        }
        list.finish()
    }

    /// Reads a text with an entry a line. From a `#` or `;` on, a line is a comment; empty lines mean nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidEntries`] with every entry that is not one, by its line.
    pub fn parse_text(text: &str) -> Result<Self, InvalidEntries> {
        let mut list = List::default();
        for (index, line) in text.lines().enumerate() {
            list.push_line(index + 1, line.as_bytes());
        }
        list.finish()
    }

    /// Reads a list as [`parse_text`](Self::parse_text) does, without holding all of it. A byte order mark in front is
    /// skipped.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with the error of the reader, or else with every entry that is not one, by its line. An entry that
    /// does not end in the first 1024 bytes of its line is none.
    pub fn read_from(mut reader: impl BufRead) -> Result<Self, ReadError> {
        let mut list = List::default();
        let mut line = Vec::new();
        for number in 1.. {
            if !read_line(&mut reader, &mut line).map_err(ReadError::Io)? {
                break;
            }
            let line = match number {
                1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line),
                _ => &line,
            };
            list.push_line(number, line);
        }
        list.finish().map_err(ReadError::Invalid)
    }

    /// Whether the set holds an address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.contains(address.to_bits()),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                self.v6_subnets.contains(entry::subnet(bits)) || self.v6.contains(bits)
            }
        }
    }

    /// What no set has that holds other addresses.
    #[cfg(feature = "http-origin")]
    pub(crate) fn identity(&self) -> String {
        let (v4, subnets, v6) = (&self.v4, &self.v6_subnets, &self.v6);
        format!("{:x?}{:x?}{:x?}", v4.all(), subnets.all(), v6.all())
    }

    /// The number of entries that the set was made of.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the set holds no address.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Debug for CidrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CidrSet")
            .field("entries", &self.len)
            .field("v4_ranges", &self.v4.ranges())
            .field("v6_ranges", &(self.v6_subnets.ranges() + self.v6.ranges()))
            .finish()
    }
}

/// How much of a line is read, in bytes.
const MAX_LINE: u64 = 1024;

/// Reads the next line. `false` at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut start = reader.by_ref().take(MAX_LINE + 1);
    start.read_until(b'\n', line)?;
    if start.limit() == 0 && !line.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
        // What was cut off may belong to the entry, so without a comment before it the line is none.
        line.extend_from_slice(b"...");
    }
    Ok(!line.is_empty())
}

/// A list on its way to a set.
#[derive(Default)]
struct List {
    v4: Vec<(u32, u32)>,
    v6_subnets: Vec<(u64, u64)>,
    v6: Vec<(u128, u128)>,
    len: usize,
    invalid: InvalidEntries,
}

impl List {
    fn push(&mut self, place: Place, entry: &str) {
        self.len += 1;
        match entry::parse(entry) {
            Ok(Range::V4(first, last)) => self.v4.push((first, last)),
            Ok(Range::V6Subnets(first, last)) => self.v6_subnets.push((first, last)),
            Ok(Range::V6(first, last)) => self.v6.push((first, last)),
            Err(why) => self.invalid.push(place, entry, why),
        }
    }

    fn push_line(&mut self, number: usize, line: &[u8]) {
        let entry = line
            .split(|byte| matches!(byte, b'#' | b';'))
            .next()
            .unwrap_or_default()
            .trim_ascii();
        if entry.is_empty() {
            return;
        }
        match str::from_utf8(entry) {
            Ok(entry) => self.push(Place::Line(number), entry),
            Err(_) => self.invalid.push(
                Place::Line(number),
                &String::from_utf8_lossy(entry),
                WhyInvalid::Unreadable,
            ),
        }
    }

    fn finish(self) -> Result<CidrSet, InvalidEntries> {
        if self.invalid.count() > 0 {
            return Err(self.invalid);
        }
        Ok(CidrSet {
            v4: Edges::union(self.v4),
            v6_subnets: Edges::union(self.v6_subnets),
            v6: Edges::union(self.v6),
            len: self.len,
        })
    }
}

#[cfg(test)]
mod tests;
