//! Which addresses are of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is not, of the IANA IPv4 Special-Purpose Address Registry and multicast, and Azure's metadata service, which has a
/// public address: network and length of the prefix.
const NOT_PUBLIC_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// What of global unicast is not: IETF protocol assignments with Teredo, documentation, 6to4.
const NOT_PUBLIC_V6: [([u16; 8], u32); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// The prefix of NAT64 (RFC 6052), by which an IPv6 network reaches IPv4.
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

/// Whether an address is one that anybody on the internet may reach.
///
/// IPv6 is what IANA gives out for global unicast (`2000::/3`), and nothing else but public IPv4 addresses in their mapped
/// form and behind NAT64. Tunnels (6to4, Teredo, ISATAP) end at an IPv4 address that is in the address, and are not.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|&(network, prefix)| {
            let network = Ipv4Addr::from(network);
            (address.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0
        }),
        IpAddr::V6(address) if is_within(address, NAT64, 96) => {
            is_public(low_v4(address.to_bits()).into())
        }
        IpAddr::V6(address) => {
            is_within(address, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
                && !is_isatap(address)
                && !NOT_PUBLIC_V6
                    .iter()
                    .any(|&(network, prefix)| is_within(address, network.into(), prefix))
        }
    }
}

fn is_within(address: Ipv6Addr, network: Ipv6Addr, prefix: u32) -> bool {
    (address.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0
}

/// RFC 5214, section 6.1, whatever the prefix.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., high, low, _, _] = address.segments();
    low == 0x5efe && high & !0x0200 == 0
}

/// The IPv4 addresses that an IPv6 address may lead to, whoever wrote it.
pub(super) fn embedded_v4(address: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let bits = address.to_bits();
    let is_teredo = is_within(address, Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32);
    let is_6to4 = is_within(address, Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);
    // Compatible and mapped, translated (RFC 2765), NAT64, and its networks of one's own (RFC 8215).
    let ends_in_it = bits >> 48 == 0
        || bits >> 32 == 0xffff_0000
        || is_within(address, NAT64, 96)
        || is_within(address, Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48)
        || is_isatap(address);
    [
        ends_in_it.then(|| low_v4(bits)),
        is_6to4.then(|| low_v4(bits >> 80)),
        // The server, and the client, which is written inverted (RFC 4380, section 4).
        is_teredo.then(|| low_v4(bits >> 64)),
        is_teredo.then(|| low_v4(!bits)),
    ]
    .into_iter()
    .flatten()
}

#[expect(clippy::cast_possible_truncation, reason = "the lower bits are meant")]
fn low_v4(bits: u128) -> Ipv4Addr {
    Ipv4Addr::from_bits(bits as u32)
}
