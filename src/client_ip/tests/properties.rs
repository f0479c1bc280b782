use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;

use super::*;

/// The walk over elements as it is defined, `None` for one that cannot be read.
fn naive_walk(elements: &[Option<IpAddr>]) -> Option<IpAddr> {
    let trusted = CidrSet::parse_entries(TRUSTED).unwrap();
    let mut client = ip("10.0.0.1");
    for element in elements.iter().rev() {
        client = *element;
        if !client.is_some_and(|client| trusted.contains(client)) {
            break;
        }
    }
    client
}

/// Elements of X-Forwarded-For with what they are; `Some(None)` cannot be read, and `None` is empty.
fn element() -> impl Strategy<Value = (&'static str, Option<Option<IpAddr>>)> {
    prop::sample::select(vec![
        ("", None),
        (" \t", None),
        ("10.0.0.9", Some(ip("10.0.0.9"))),
        (" 10.1.2.3:80 ", Some(ip("10.1.2.3"))),
        ("2001:db8:ffff::2", Some(ip("2001:db8:ffff::2"))),
        ("::ffff:10.0.0.7", Some(ip("10.0.0.7"))),
        ("198.51.100.7", Some(ip("198.51.100.7"))),
        ("[2001:db8::1]:443", Some(ip("2001:db8::1"))),
        ("_hidden", Some(None)),
        ("10.0.0", Some(None)),
    ])
}

/// A way to write the same element in Forwarded: quoted, escaped, among other pairs.
fn forwarded_element(node: &str, style: usize) -> String {
    let node = node.trim();
    if node.is_empty() {
        return node.into();
    }
    let node = match node.parse::<Ipv6Addr>() {
        Ok(bare) => format!("[{bare}]"),
        Err(_) => node.into(),
    };
    match style {
        0 => format!("for=\"{node}\""),
        1 => format!("FOR=\"\\{node}\"; proto=https"),
        2 => format!("by=\"a,b;\\\"for=1.2.3.4\" ;For=\"{node}\""),
        _ => format!(" host=example.com;for=\"{node}\";x=\"\\\\\""),
    }
}

proptest! {
    #[test]
    fn lists_are_walked_as_defined(
        lines in prop::collection::vec(prop::collection::vec((element(), 0_usize..4), 0..6), 0..4)
    ) {
        let elements: Vec<_> = lines.iter().flatten().filter_map(|((_, hop), _)| *hop).collect();
        let found = naive_walk(&elements);

        let x_forwarded_for: Vec<_> = lines
            .iter()
            .map(|line| line.iter().map(|((text, _), _)| *text).collect::<Vec<_>>().join(","))
            .collect();
        prop_assert_eq!(client("x-forwarded-for", &x_forwarded_for), found, "{:?}", x_forwarded_for);

        let forwarded: Vec<_> = lines
            .iter()
            .map(|line| {
                let elements = line.iter().map(|((text, _), style)| forwarded_element(text, *style));
                elements.collect::<Vec<_>>().join(",")
            })
            .collect();
        prop_assert_eq!(client("forwarded", &forwarded), found, "{:?}", forwarded);
    }

    #[test]
    fn an_address_is_read_as_it_is_printed(v6: u128, v4: u32, port: u16) {
        for address in [IpAddr::from(Ipv4Addr::from_bits(v4)), IpAddr::from(Ipv6Addr::from_bits(v6))] {
            let found = Some(address.to_canonical());
            let with_port = SocketAddr::new(address, port).to_string();
            prop_assert_eq!(address::parse(address.to_string().as_bytes()), found);
            prop_assert_eq!(address::parse(with_port.as_bytes()), found);
            let for_pair = format!("for=\"{with_port}\"");
            prop_assert_eq!(forwarded::hops(for_pair.as_bytes()).collect::<Vec<_>>(), vec![found]);
        }
    }

    #[test]
    fn no_bytes_make_an_untrusted_line_matter(
        line in "[ -~\\t]{0,40}",
        header in prop::sample::select(vec!["x-forwarded-for", "forwarded"]),
    ) {
        // What stands left of a readable untrusted hop changes nothing, whatever it is.
        let hop = if header == "forwarded" { "for=198.51.100.7" } else { "198.51.100.7" };
        prop_assert_eq!(client(header, &[&*line, hop]), ip("198.51.100.7"));
    }
}
