use http::Request;

use super::*;

mod properties;

const TRUSTED: [&str; 2] = ["10.0.0.0/8", "2001:db8:ffff::/48"];
const PEER: &str = "10.0.0.1:40000";

/// The head of a request from `peer` with header lines.
fn head<V: AsRef<[u8]>>(peer: &str, name: &str, lines: &[V]) -> Parts {
    let mut request = Request::builder().extension(PeerAddr(peer.parse().unwrap()));
    for line in lines {
        request = request.header(name, line.as_ref());
    }
    request.body(()).unwrap().into_parts().0
}

/// The client that is found behind a trusted peer.
fn client<V: AsRef<[u8]>>(header: &str, lines: &[V]) -> Option<IpAddr> {
    let rules = ClientIp::behind(TRUSTED, header.parse().unwrap()).unwrap();
    let facts = rules.check(&head(PEER, header, lines)).unwrap();
    assert!(facts.via_trusted_proxy());
    facts.client_ip()
}

fn ip(text: &str) -> Option<IpAddr> {
    (text != "unknown").then(|| text.parse().unwrap())
}

/// Checks one-line cases: the line, and the client or `unknown`.
fn check_lines(header: &str, cases: &[(&str, &str)]) {
    for &(line, found) in cases {
        assert_eq!(client(header, &[line]), ip(found), "{header}: {line}");
    }
}

#[test]
fn row_21_untrusted_peer_ignores_the_header() {
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let rules = ClientIp::behind(TRUSTED, header.parse().unwrap()).unwrap();
        let facts = rules
            .check(&head("203.0.113.9:1", header, &["127.0.0.1"]))
            .unwrap();
        assert_eq!(facts.client_ip(), ip("203.0.113.9"), "{header}");
        assert!(!facts.via_trusted_proxy());
    }
}

#[test]
fn row_22_rightmost_untrusted() {
    check_lines(
        "x-forwarded-for",
        &[("1.2.3.4, 198.51.100.7", "198.51.100.7")],
    );
}

#[test]
fn row_23_walk_through_trusted() {
    check_lines(
        "x-forwarded-for",
        &[
            ("1.2.3.4, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
            ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
            ("198.51.100.7, 2001:db8:ffff::1, 10.0.0.9", "198.51.100.7"),
        ],
    );
}

#[test]
fn row_24_lines_are_joined_in_order() {
    let cases: [(&[&str], &str); 5] = [
        (&["1.2.3.4", "198.51.100.7"], "198.51.100.7"),
        (&["1.2.3.4, 198.51.100.7", "10.0.0.9"], "198.51.100.7"),
        (&["10.0.0.8", "", "10.0.0.9"], "10.0.0.8"),
        (&["1.2.3.4", "garbage", "10.0.0.9"], "unknown"),
        (&["garbage", "198.51.100.7", "10.0.0.9"], "198.51.100.7"),
    ];
    for (lines, found) in cases {
        assert_eq!(client("x-forwarded-for", lines), ip(found), "{lines:?}");
        let forwarded: Vec<_> = lines
            .iter()
            .map(|line| match *line {
                "" => String::new(),
                line => format!("for={}", line.replace(", ", ", for=")),
            })
            .collect();
        assert_eq!(client("forwarded", &forwarded), ip(found), "{forwarded:?}");
    }
}

#[test]
fn row_25_an_unreadable_element_ends_the_walk() {
    check_lines(
        "x-forwarded-for",
        &[
            ("198.51.100.7, garbage", "unknown"),
            ("198.51.100.7, garbage, 10.0.0.9", "unknown"),
            ("garbage, 198.51.100.7", "198.51.100.7"),
            ("garbage, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
            ("10.0.0.8, unknown", "unknown"),
            ("198.51.100.7 1.2.3.4", "unknown"),
            ("\"198.51.100.7\"", "unknown"),
        ],
    );
    assert_eq!(client("x-forwarded-for", &[b"198.51.100.7,\xff"]), None);
}

#[test]
fn row_26_empty_lists_mean_the_peer_and_work_is_bounded() {
    for header in ["x-forwarded-for", "forwarded"] {
        check_lines(
            header,
            &[
                ("", "10.0.0.1"),
                (",,,", "10.0.0.1"),
                (", ,\t,", "10.0.0.1"),
            ],
        );
        assert_eq!(client::<&str>(header, &[]), ip("10.0.0.1"), "{header}");
    }
    let long = |element: &str| vec![element; 10_000].join(",");
    check_lines(
        "x-forwarded-for",
        &[
            (&long("198.51.100.7"), "198.51.100.7"),
            (&long("10.0.0.9"), "unknown"),
            (
                &format!("{},198.51.100.7", ",".repeat(1_000_000)),
                "198.51.100.7",
            ),
            (&",".repeat(1_000_000), "unknown"),
            (&"1".repeat(1_000_000), "unknown"),
        ],
    );
    check_lines("forwarded", &[(&long("for=198.51.100.7"), "unknown")]);
}

#[test]
fn the_end_of_what_is_walked_cuts_no_address_in_two() {
    // A walk that began inside of `1198.51.100.7` or `for=1.2.3.4` would find a client.
    for trusted_bytes in MAX_LIST_BYTES - 32..MAX_LIST_BYTES + 8 {
        let trusted = format!("{}10.0.0.9", " ".repeat(trusted_bytes - 9));
        let line = format!("1198.51.100.7,{trusted}");
        assert_eq!(client("x-forwarded-for", &[&line]), None, "{trusted_bytes}");
        let lines = ["1198.51.100.7", &*trusted];
        assert_eq!(client("x-forwarded-for", &lines), None, "{trusted_bytes}");
    }
    // Just within: the whole list has as many bytes as are walked.
    let first = "198.51.100.7,";
    let padding = MAX_LIST_BYTES - first.len() - "10.0.0.9".len();
    for (padding, found) in [(padding, "198.51.100.7"), (padding + 1, "unknown")] {
        let line = format!("{first}{}10.0.0.9", " ".repeat(padding));
        assert_eq!(client("x-forwarded-for", &[&line]), ip(found), "{padding}");
    }
    // The bytes of all lines count together.
    for (header, hop, client_hop) in [
        ("x-forwarded-for", "10.0.0.9", "198.51.100.7"),
        ("forwarded", "for=10.0.0.9", "for=198.51.100.7"),
    ] {
        let room = MAX_LIST_BYTES - client_hop.len() - hop.len();
        for (padding, found) in [(room, "198.51.100.7"), (room + 1, "unknown")] {
            let last = format!(
                "{}{hop}",
                " ,".repeat(padding / 2) + &",".repeat(padding % 2)
            );
            let lines = [client_hop, &*last];
            assert_eq!(client(header, &lines), ip(found), "{header} {padding}");
        }
    }
}

#[test]
fn row_27_row_28_mapped_addresses_are_ipv4() {
    for line in [
        "::ffff:198.51.100.7",
        "[::ffff:198.51.100.7]:80",
        "::FFFF:c633:6407",
    ] {
        check_lines("x-forwarded-for", &[(line, "198.51.100.7")]);
    }
    check_lines(
        "forwarded",
        &[("for=\"[::ffff:198.51.100.7]\"", "198.51.100.7")],
    );
    // As a hop, as a trusted network, and as the peer.
    check_lines(
        "x-forwarded-for",
        &[("198.51.100.7, ::ffff:10.0.0.9", "198.51.100.7")],
    );
    let rules = ClientIp::behind(["::ffff:10.0.0.0/104"], ClientIpHeader::XForwardedFor).unwrap();
    for peer in [PEER, "[::ffff:10.0.0.1]:40000"] {
        let head = head(peer, "x-forwarded-for", &["198.51.100.7"]);
        let facts = rules.check(&head).unwrap();
        assert_eq!(facts.client_ip(), ip("198.51.100.7"), "{peer}");
    }
    let head = head::<&str>("[::ffff:198.51.100.7]:1", "x-forwarded-for", &[]);
    for rules in [ClientIp::peer(), rules] {
        assert_eq!(rules.check(&head).unwrap().client_ip(), ip("198.51.100.7"));
    }
}

#[test]
fn row_29_ports_and_brackets() {
    let cases = [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:51234", "198.51.100.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        (" 198.51.100.7\t", "198.51.100.7"),
        ("198.51.100.7:", "unknown"),
        ("198.51.100.7:65536", "unknown"),
        ("198.51.100.7:+80", "unknown"),
        ("198.51.100.7:_p", "unknown"),
        ("[198.51.100.7]", "unknown"),
        ("[2001:db8::1", "unknown"),
        ("[2001:db8::1]443", "unknown"),
        ("2001:db8::1]", "unknown"),
        ("[]", "unknown"),
        (":80", "unknown"),
    ];
    check_lines("x-forwarded-for", &cases);
    check_lines("x-real-ip", &cases);
}

#[test]
fn row_30_zone_ids_are_refused() {
    let zones = [
        "fe80::1%eth0",
        "fe80::1%25eth0",
        "[fe80::1%eth0]:80",
        "[fe80::1%1]",
    ];
    for zone in zones {
        check_lines("x-forwarded-for", &[(zone, "unknown")]);
        check_lines("x-real-ip", &[(zone, "unknown")]);
        check_lines("forwarded", &[(&format!("for=\"{zone}\""), "unknown")]);
    }
}

#[test]
fn row_31_only_dotted_quads_are_ipv4() {
    let forms = [
        "0x7f.1",
        "017700000001",
        "127.1",
        "198.051.100.007",
        "2130706433",
        "0x7f000001",
        "127.0.0.1.",
        "127.0.0.256",
        "::ffff:127.0.0.01",
        "\u{661}27.0.0.1",
    ];
    for form in forms {
        check_lines("x-real-ip", &[(form, "unknown")]);
        check_lines("x-forwarded-for", &[(form, "unknown")]);
        check_lines("forwarded", &[(&format!("for=\"{form}\""), "unknown")]);
    }
}

#[test]
fn row_32_obfuscated_identifiers_are_no_addresses() {
    check_lines(
        "forwarded",
        &[
            ("for=_hidden, for=unknown", "unknown"),
            ("for=198.51.100.7, for=_hidden", "unknown"),
            ("for=_hidden, for=198.51.100.7", "198.51.100.7"),
            (
                "for=unknown, for=198.51.100.7, for=10.0.0.9",
                "198.51.100.7",
            ),
            ("for=\"198.51.100.7:_port\"", "198.51.100.7"),
            ("for=\"198.51.100.7:_\"", "unknown"),
        ],
    );
}

#[test]
fn row_33_quoted_v6_among_other_pairs() {
    check_lines(
        "forwarded",
        &[
            (
                "For=\"[2001:db8:cafe::17]:4711\";proto=https;by=_x",
                "2001:db8:cafe::17",
            ),
            (
                "proto=https; FOR=198.51.100.7 ;host=\"a.b:80\"",
                "198.51.100.7",
            ),
            (";for=198.51.100.7;", "198.51.100.7"),
            ("for=\"198.51.100.7:80\"", "198.51.100.7"),
            ("for=\"\\198.51\\.100.7\"", "198.51.100.7"),
            (
                "for=198.51.100.7;ext=\"a\\\"b, for=1.2.3.4;\"",
                "198.51.100.7",
            ),
        ],
    );
}

#[test]
fn row_34_what_is_not_forwarded_is_unreadable() {
    check_lines(
        "forwarded",
        &[
            ("for=\"1.2.3.4, for=5.6.7.8\"", "unknown"),
            ("for=1.2.3.4;for=5.6.7.8", "unknown"),
            ("for=1.2.3.4;For=1.2.3.4", "unknown"),
            ("for=\"1.2.3.4, for=5.6.7.8", "unknown"),
            ("for=\"1.2.3.4\\\"", "unknown"),
            ("for=\"1.2.3.4\"x", "unknown"),
            ("for=\"", "unknown"),
            ("for=\"\"", "unknown"),
            ("for=", "unknown"),
            ("for =1.2.3.4", "unknown"),
            ("for= 1.2.3.4", "unknown"),
            ("1.2.3.4", "unknown"),
            ("proto=https", "unknown"),
            ("for=1.2.3.4;proto", "unknown"),
            ("for=1.2.3.4;=x", "unknown"),
            ("for=1.2.3.4;host=a:b", "unknown"),
            ("for=1.2.3.4:80", "unknown"),
            ("for=[2001:db8::1]", "unknown"),
            ("for=\"2001:db8::1\"", "unknown"),
            // Outside of quotes a backslash escapes nothing.
            ("for=x\\\", for=198.51.100.7", "unknown"),
            // A client's open quote that takes a trusted proxy's element in.
            (
                "for=\"x, for=5.6.7.8, for=\"[2001:db8:ffff::1]\"",
                "unknown",
            ),
        ],
    );
    let long = format!("for=\"1.2.3.4:_{}\"", "p".repeat(200));
    check_lines("forwarded", &[(&long, "unknown")]);
    // A line of its own is not taken in.
    let lines = ["for=\"x", "for=198.51.100.7"];
    assert_eq!(client("forwarded", &lines), ip("198.51.100.7"));
}

#[test]
fn row_35_only_the_named_header_is_read() {
    let mut head = head(PEER, "x-forwarded-for", &["1.1.1.1"]);
    head.headers
        .insert("forwarded", "for=2.2.2.2".parse().unwrap());
    head.headers.insert("x-real-ip", "3.3.3.3".parse().unwrap());
    let cases = [
        ("x-forwarded-for", "1.1.1.1"),
        ("forwarded", "2.2.2.2"),
        ("x-real-ip", "3.3.3.3"),
        ("cf-connecting-ip", "10.0.0.1"),
    ];
    for (header, found) in cases {
        let rules = ClientIp::behind(TRUSTED, header.parse().unwrap()).unwrap();
        assert_eq!(
            rules.check(&head).unwrap().client_ip(),
            ip(found),
            "{header}"
        );
    }
    let facts = ClientIp::peer().check(&head).unwrap();
    assert_eq!(facts.client_ip(), ip("10.0.0.1"));
    assert!(!facts.via_trusted_proxy());
}

#[test]
fn row_36_an_underscore_is_another_header() {
    let rules = ClientIp::behind(TRUSTED, ClientIpHeader::XForwardedFor).unwrap();
    let head = head(PEER, "x_forwarded_for", &["198.51.100.7"]);
    assert_eq!(rules.check(&head).unwrap().client_ip(), ip("10.0.0.1"));
}

#[test]
fn a_single_address_is_one_line_of_one_address() {
    check_lines(
        "x-real-ip",
        &[
            ("198.51.100.7", "198.51.100.7"),
            ("10.0.0.9", "10.0.0.9"),
            ("", "unknown"),
            ("198.51.100.7, 10.0.0.9", "unknown"),
            ("for=198.51.100.7", "unknown"),
        ],
    );
    let twice = ["198.51.100.7", "198.51.100.7"];
    assert_eq!(client("x-real-ip", &twice), None);
    assert_eq!(client::<&str>("x-real-ip", &[]), ip("10.0.0.1"));
    check_lines(
        "cloudfront-viewer-address",
        &[
            ("198.51.100.7:46532", "198.51.100.7"),
            ("2001:db8::1:46532", "2001:db8::1"),
            ("2001:db8:1:2:3:4:5:6:46532", "2001:db8:1:2:3:4:5:6"),
            ("198.51.100.7", "unknown"),
            ("2001:db8::1:fade", "unknown"),
        ],
    );
}

#[test]
fn without_a_peer_the_client_is_unknown() {
    let (head, ()) = Request::builder()
        .header("x-forwarded-for", "198.51.100.7")
        .body(())
        .unwrap()
        .into_parts();
    let behind = ClientIp::behind(["0.0.0.0/0", "::/0"], ClientIpHeader::XForwardedFor).unwrap();
    for rules in [ClientIp::peer(), behind] {
        assert_eq!(rules.check(&head).unwrap(), RequestFacts::default());
    }
}

#[test]
fn apply_keeps_the_country_and_overwrites_the_rest() {
    let mut head = head::<&str>("203.0.113.9:1", "x-forwarded-for", &[]);
    head.extensions.insert(RequestFacts {
        client_ip: ip("1.2.3.4"),
        via_trusted_proxy: true,
        country: "DE".parse().ok(),
    });
    let rules = ClientIp::peer();
    let mut found = rules.check(&head).unwrap();
    rules.apply(&mut head, &mut found);
    let facts = head.extensions.get::<RequestFacts>().unwrap();
    assert_eq!(facts.client_ip(), ip("203.0.113.9"));
    assert!(!facts.via_trusted_proxy());
    assert_eq!(facts.country(), "DE".parse().ok());
}

#[test]
fn bad_networks_are_named_together() {
    let error = ClientIp::behind(
        ["10.0.0.0/8", "10.0.0.0/33", "localhost"],
        ClientIpHeader::Forwarded,
    )
    .unwrap_err();
    for part in ["entry 1: \"10.0.0.0/33\"", "entry 2: \"localhost\""] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let none: [&str; 0] = [];
    let error = ClientIp::behind(none, ClientIpHeader::Forwarded).unwrap_err();
    assert_eq!(error, ClientIpError::NoTrustedNetwork);
}

#[test]
fn a_header_is_named_in_any_case() {
    let cases = [
        ("X-Forwarded-For", ClientIpHeader::XForwardedFor),
        ("forwarded", ClientIpHeader::Forwarded),
        (
            "X-Real-IP",
            ClientIpHeader::Single(HeaderName::from_static("x-real-ip")),
        ),
    ];
    for (name, header) in cases {
        assert_eq!(name.parse(), Ok(header.clone()), "{name}");
        assert_eq!(header.to_string().parse(), Ok(header), "{name}");
    }
    for name in ["", "x forwarded", "x:y", "é"] {
        let error = name.parse::<ClientIpHeader>().unwrap_err();
        assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
    }
}
