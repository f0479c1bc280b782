use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use http::Request;
use proptest::prelude::*;

use super::networks::{embedded_v4, is_public};
use super::*;
use crate::guard::{Guard as _, Rejection, RejectionKind};
use crate::ip_filter::CidrSet;
use crate::mount::MountPath;
use crate::recipe::{ImageRequest, Recipe};

fn allow(entries: &[&str]) -> SourcePolicy {
    SourcePolicy::allow(entries).unwrap()
}

/// What a policy makes of names: `None` is a refusal.
fn assert_resolves(policy: &SourcePolicy, cases: &[(&str, Option<&str>)]) {
    for (name, expected) in cases {
        let url = policy.resolve(name);
        assert_eq!(
            url.as_ref().ok().map(SourceUrl::as_str),
            *expected,
            "{name}: {url:?}"
        );
        if let Err(why) = url {
            assert_eq!(why.kind(), RejectionKind::SourceDenied, "{name}");
        }
    }
}

fn assert_allows(policy: &SourcePolicy, allowed: &[&str], refused: &[&str]) {
    for name in allowed {
        let url = policy.resolve(name);
        assert!(url.is_ok(), "{name}: {url:?}");
    }
    for name in refused {
        let url = policy.resolve(name);
        assert!(url.is_err(), "{name}: {url:?}");
    }
}

#[test]
fn what_is_too_long_for_a_host_is_not_read_as_one() {
    let long = "\u{fc}".repeat(1000);
    let policy = SourcePolicy::any();
    let from = policy.resolve("https://a.com/b/").unwrap();
    let refused = |url: Result<SourceUrl, Rejection>| {
        url.is_err_and(|why| why.reason() == "the host is too long")
    };
    for name in ["HOST", "HOST/x", "HOST/x//y", "HOST?x//y", "HOST#//y"] {
        let name = name.replace("HOST", &long);
        assert!(refused(policy.resolve(&name)), "{name}");
    }
    for url in [
        "https://HOST/x",
        "http:HOST",
        "http:/HOST/x//y",
        "https:////HOST//y",
        "ftp://HOST",
        "ftp:HOST//y",
        "//HOST/x",
        "///HOST//y",
    ] {
        let url = url.replace("HOST", &long);
        assert!(refused(policy.redirect(&from, &url)), "{url}");
        let is_name = url.starts_with("http://") || url.starts_with("https://");
        assert!(!is_name || refused(policy.resolve(&url)), "{url}");
    }
    // What is long elsewhere is no host.
    let long = "a".repeat(2000);
    for url in ["a.com/LONG//y", "https://a.com/LONG", "a.com?LONG//LONG:"] {
        let url = policy.resolve(&url.replace("LONG", &long));
        assert!(url.is_ok(), "{url:?}");
    }
    for location in ["/LONG", "x/LONG:y", "?LONG", "//a.com/LONG"] {
        let url = policy.redirect(&from, &location.replace("LONG", &long));
        assert!(url.is_ok(), "{url:?}");
    }
}

#[test]
fn a_name_becomes_a_url() {
    assert_resolves(
        &SourcePolicy::any(),
        &[
            ("https://a.com/b.jpg", Some("https://a.com/b.jpg")),
            ("HTTP://A.com", Some("http://a.com/")),
            ("a.com/b.jpg?c=d#e", Some("https://a.com/b.jpg?c=d")),
            ("a.com./b c%20d.jpg", Some("https://a.com/b%20c%20d.jpg")),
            (
                "b\u{fc}cher.de/\u{e9}",
                Some("https://xn--bcher-kva.de/%C3%A9"),
            ),
            ("https://a.com:443/", Some("https://a.com/")),
            ("https://a.com/b//c", Some("https://a.com/b//c")),
            ("https://a.com/?u=..\\x", Some("https://a.com/?u=..\\x")),
            ("", None),
            ("/b.jpg", None),
            ("//a.com/b.jpg", None),
            ("a.com:80/b.jpg", None),
            ("http:/a.com/b.jpg", None),
            ("http:a.com/b.jpg", None),
            ("ftp://a.com/b.jpg", None),
            ("file:///etc/passwd", None),
            ("gopher://a.com/", None),
            ("data:image/png;base64,AA", None),
            ("https://", None),
            ("https://a..com/", None),
            ("https://a com/", None),
            ("https://a.com/\u{0}", None),
            (" https://a.com/", None),
            ("https://a.com/\t", None),
            ("https://a.com/b/..%2f..%2fc", None),
        ],
    );
}

#[test]
fn row_58_this_host_is_refused_however_it_is_written() {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "127.1",
        "0x7f000001",
        "0X7F.1",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
    ];
    for host in hosts {
        let name = format!("http://{host}/a.jpg");
        // Whatever entry it stands under.
        for policy in [SourcePolicy::any(), allow(&["*", "127.0.0.1", "localhost"])] {
            assert_allows(&policy.any_port(true), &[], &[&name]);
        }
        let policy = SourcePolicy::any().allow_private_networks(true);
        assert_allows(&policy, &[&name], &[]);
    }
}

#[test]
fn rows_59_to_61_addresses_that_are_not_public() {
    let refused = [
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2a00::5efe:10.0.0.1",
        "2a00::200:5efe:8.8.8.8",
        "fe80::5efe:10.0.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "100.64.0.0",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "239.255.255.255",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "0.1.2.3",
        "fec0::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "2001:1ff:ffff::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "4000::1",
        "::2",
    ];
    let permitted = [
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "168.63.129.17",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2a00:1450::1",
        "3fff:1000::1",
        "2606:4700::1111",
    ];
    let policy = SourcePolicy::any();
    for (address, expected) in refused
        .map(|address| (address, false))
        .into_iter()
        .chain(permitted.map(|address| (address, true)))
    {
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(policy.permits(address), expected, "{address}");
        let name = match address {
            IpAddr::V4(address) => format!("http://{address}/"),
            IpAddr::V6(address) => format!("http://[{address}]/"),
        };
        assert_eq!(policy.resolve(&name).is_ok(), expected, "{name}");
        let open = policy.clone().allow_private_networks(true);
        assert!(open.permits(address), "{address}");
    }
    assert_allows(
        &policy,
        &[],
        &["http://metadata.google.internal/computeMetadata/v1/"],
    );
}

#[test]
fn blocked_networks_are_blocked_in_every_form() {
    let networks = CidrSet::parse_entries(["8.8.8.0/24", "2606:4700::/32"]).unwrap();
    let policy = SourcePolicy::any()
        .allow_private_networks(true)
        .block_networks(networks);
    let cases = [
        ("8.8.8.8", false),
        ("8.8.9.8", true),
        ("::ffff:8.8.8.8", false),
        ("::8.8.8.8", false),
        ("::ffff:0:8.8.8.8", false),
        ("64:ff9b::8.8.8.8", false),
        ("64:ff9b:1:2::8.8.8.8", false),
        ("2002:808:808::1", false),
        ("2001:0:808:808::", false),
        ("2001::f7f7:f7f7", false),
        ("2a00::5efe:8.8.8.8", false),
        ("2606:4700::1111", false),
        ("2606:4701::1111", true),
        ("127.0.0.1", true),
    ];
    for (address, expected) in cases {
        assert_eq!(
            policy.permits(address.parse().unwrap()),
            expected,
            "{address}"
        );
    }
}

#[test]
fn row_64_one_parser_decides_about_the_host() {
    let policy = allow(&["allowed.com"]);
    assert_resolves(
        &policy,
        &[
            ("http://allowed.com#@10.0.0.1/", Some("http://allowed.com/")),
            (
                "http://allowed.com?@10.0.0.1/",
                Some("http://allowed.com/?@10.0.0.1/"),
            ),
            (
                "http://allowed.com/@10.0.0.1/",
                Some("http://allowed.com/@10.0.0.1/"),
            ),
            ("http://allowed.com@169.254.169.254/", None),
            ("http://10.0.0.1\\@allowed.com/", None),
            ("http://10.0.0.1@allowed.com/", None),
            ("http://u:p@allowed.com/", None),
            ("http://:p@allowed.com/", None),
            ("http://allowed.com:80+&@127.88.23.245:22/", None),
            (
                "http://127.88.23.245:22/+&@allowed.com:80#+@allowed.com:80/",
                None,
            ),
            ("http://allowed.com\\.evil.net/", None),
            ("http://allowed.com%2f.evil.net/", None),
            ("http://allowed.com%00.evil.net/", None),
            ("http://evil.net%23.allowed.com/", None),
            ("http:///evil.net/", None),
            ("http:///allowed.com/", Some("http://allowed.com/")),
            ("http://allowed\u{3002}com/", Some("http://allowed.com/")),
        ],
    );
}

#[test]
fn row_65_an_entry_is_no_beginning_of_a_text() {
    let policy = allow(&[
        "http://example.com",
        "https://cdn.com/img",
        "https://cdn.com/a/b/",
    ]);
    assert_allows(
        &policy,
        &[
            "http://example.com/a.jpg",
            "http://EXAMPLE.com.:80/a.jpg",
            "https://cdn.com/img",
            "https://cdn.com/img/a.jpg",
            "https://cdn.com/img/../img/a.jpg",
            "https://cdn.com/img?x",
            "https://cdn.com/a/b/c",
        ],
        &[
            "https://example.com/a.jpg",
            "http://example.com.evil.net/",
            "http://example.com@evil/",
            "http://example.community/",
            "http://evilexample.com/",
            "http://www.example.com/",
            "http://example.com:81/",
            "http://cdn.com/img/a.jpg",
            "https://cdn.com/images/a.jpg",
            "https://cdn.com/IMG/a.jpg",
            "https://cdn.com/img/../secret",
            "https://cdn.com/img/%2e%2E/secret",
            "https://cdn.com/img/..%2fsecret",
            "https://cdn.com/img/..%5csecret",
            "https://cdn.com/a/b",
            "https://cdn.com/",
        ],
    );
}

#[test]
fn row_66_ports_are_the_schemes_own_unless_written() {
    let policy = allow(&["a.com", "b.com:8443", "*.c.com:81", "https://d.com:444"]);
    assert_allows(
        &policy,
        &[
            "http://a.com/",
            "https://a.com/",
            "http://a.com:80/",
            "http://b.com:8443/",
            "https://x.c.com:81/",
            "https://d.com:444/",
        ],
        &[
            "http://a.com:22/",
            "http://a.com:25/",
            "http://a.com:6379/",
            "http://a.com:443/",
            "http://a.com:0/",
            "http://a.com:65536/",
            "http://a.com:80:80/",
            "http://a.com:-1/",
            "http://b.com/",
            "http://x.c.com/",
            "https://d.com/",
            "http://d.com:444/",
        ],
    );
    let development = SourcePolicy::any().any_port(true);
    assert_allows(&development, &["http://a.com:22/"], &["http://a.com:0/"]);
    // Every port of this host, for who names it and opens it.
    let local = allow(&["127.0.0.1", "[::1]", "10.0.0.1"]).allow_private_networks(true);
    assert_allows(
        &local,
        &[
            "http://127.0.0.1:8080/",
            "http://[::1]:1/",
            "http://10.0.0.1/",
            "http://127.1:8/",
        ],
        &["http://10.0.0.1:8080/", "http://127.0.0.2/"],
    );
    let unreachable: Vec<_> = allow(&["127.0.0.1", "8.8.8.8"])
        .unreachable_entries()
        .collect();
    assert_eq!(unreachable, [IpAddr::from([127, 0, 0, 1])]);
}

#[test]
fn row_69_what_is_too_long_or_has_a_zone_is_refused() {
    let long = format!("https://a.com/{}", "a".repeat(100_000));
    let host = format!("https://{}.com/", "\u{fc}".repeat(1_000));
    let encoded = format!("https://a.com/{}", "\u{fc}".repeat(3_000));
    assert_allows(
        &SourcePolicy::any().allow_private_networks(true),
        &[],
        &[
            &long,
            &host,
            &encoded,
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
        ],
    );
}

#[test]
fn globs_match_label_by_label() {
    let cases: [(&str, &[&str], &[&str]); 7] = [
        (
            "*.example.com",
            &["a.example.com", "a.b.example.com", "A.Example.com."],
            &[
                "example.com",
                "evilexample.com",
                "example.com.evil.net",
                "a.example.com.b",
            ],
        ),
        ("*", &["a", "a.b.c", "8.8.8.8", "[2606:4700::1]"], &[]),
        (
            "img-*.example.com",
            &["img-1.example.com", "img-.example.com"],
            &[
                "img-1.a.example.com",
                "a.img-1.example.com",
                "img.example.com",
                "example.com",
            ],
        ),
        ("a.*.com", &["a.b.com"], &["a.com", "a.b.c.com", "x.b.com"]),
        ("*.*.com", &["a.b.com", "a.b.c.com"], &["a.com", "com"]),
        (
            "a*b*c.com",
            &["abc.com", "aXbYc.com", "abbcc.com"],
            &["ac.com", "ab.com", "abcd.com"],
        ),
        (
            "*.b\u{fc}cher.de",
            &["a.b\u{fc}cher.de", "a.xn--bcher-kva.de"],
            &["a.bucher.de"],
        ),
    ];
    for (entry, allowed, refused) in cases {
        let names = |hosts: &[&str]| -> Vec<String> {
            hosts
                .iter()
                .map(|host| format!("https://{host}/a.jpg"))
                .collect()
        };
        let (allowed, refused) = (names(allowed), names(refused));
        for name in allowed {
            assert!(allow(&[entry]).resolve(&name).is_ok(), "{entry}: {name}");
        }
        for name in refused {
            assert!(allow(&[entry]).resolve(&name).is_err(), "{entry}: {name}");
        }
    }
}

#[test]
fn subdomains_are_an_option() {
    let policy = allow(&["example.com", "https://a.b/img", "8.8.8.8", "*.c.d"]).subdomains(true);
    assert_allows(
        &policy,
        &[
            "https://example.com/",
            "https://a.b.example.com/",
            "https://x.a.b/img/1",
            "https://8.8.8.8/",
            "https://x.c.d/",
        ],
        &[
            "https://evilexample.com/",
            "https://x.a.b/1",
            "http://x.a.b/img/1",
            "https://c.d/",
        ],
    );
}

#[test]
fn a_regular_expression_is_anchored() {
    let none: [&str; 0] = [];
    let policy = |pattern| SourcePolicy::allow(none).unwrap().allow_regex(pattern);
    assert_allows(
        &policy(r"^([\w-]+\.)?mydomain\.com$").unwrap(),
        &[
            "https://mydomain.com/",
            "https://a-b.MyDomain.com./",
            "http://x.mydomain.com/",
        ],
        &[
            "https://a.b.mydomain.com/",
            "https://mydomain.com.evil.net/",
            "https://mydomain.com:8443/",
            "https://evil.net/mydomain.com",
        ],
    );
    assert_allows(
        &policy("a|ab").unwrap(),
        &["https://a/", "https://ab/"],
        &["https://abc/", "https://xa/"],
    );
    // `$` is the end of a line elsewhere, and a host has one.
    assert_allows(
        &policy(r"(?m)^a\.com$").unwrap(),
        &["https://a.com/"],
        &["https://a.com.b/"],
    );
    for pattern in ["(", "a)|(b", "[", "(?:a{1000}){1000}", "*"] {
        assert!(policy(pattern).is_err(), "{pattern}");
    }
    let with_any = SourcePolicy::any().allow_regex("a").unwrap();
    assert_allows(&with_any, &["https://a/"], &["https://b/"]);
}

#[test]
fn nothing_listed_allows_nothing() {
    let none: [&str; 0] = [];
    let policy = SourcePolicy::allow(none).unwrap().any_port(true);
    assert_allows(&policy, &[], &["https://a.com/", "a.com"]);
}

#[test]
fn https_only_means_it() {
    let policy = SourcePolicy::any().https_only(true);
    assert_allows(
        &policy,
        &["https://a.com/", "a.com/b"],
        &["http://a.com/", "HTTP://a.com/"],
    );
}

#[test]
fn a_base_url_cannot_be_left() {
    let policy = SourcePolicy::any()
        .base_url("https://a.com:8443/base/dir")
        .unwrap();
    assert_resolves(
        &policy,
        &[
            ("b.jpg", Some("https://a.com:8443/base/dir/b.jpg")),
            (
                "/c/d.jpg?e=/../f",
                Some("https://a.com:8443/base/dir/c/d.jpg?e=/../f"),
            ),
            (
                "//evil.com/b.jpg",
                Some("https://a.com:8443/base/dir/evil.com/b.jpg"),
            ),
            (
                "evil.com@b.jpg",
                Some("https://a.com:8443/base/dir/evil.com@b.jpg"),
            ),
            ("a b%20c", Some("https://a.com:8443/base/dir/a%20b%20c")),
            (
                "https://a.com:8443/base/dir/b.jpg",
                Some("https://a.com:8443/base/dir/b.jpg"),
            ),
            (
                "ftp://x/b.jpg",
                Some("https://a.com:8443/base/dir/ftp://x/b.jpg"),
            ),
            ("https://a.com:8443/base/b.jpg", None),
            ("https://a.com:8443/base/directory/b.jpg", None),
            ("https://a.com/base/dir/b.jpg", None),
            ("http://a.com:8443/base/dir/b.jpg", None),
            ("https://evil.com/base/dir/b.jpg", None),
            ("https://a.com:8443/base/dir/../b.jpg", None),
            ("..", None),
            ("../secret.jpg", None),
            ("x/../../secret.jpg", None),
            ("x/..", None),
            ("%2e%2e/secret.jpg", None),
            (".%2E/secret.jpg", None),
            ("..%2f..%2fsecret.jpg", None),
            ("..%5csecret.jpg", None),
            ("%252e%252e/secret.jpg", None),
            ("..%252fsecret.jpg", None),
            ("..\\secret.jpg", None),
            ("\\\\evil.com\\b.jpg", None),
            ("a\t/b.jpg", None),
        ],
    );
    for url in [
        "",
        "a.com",
        "/base",
        "ftp://a.com/",
        "https://u@a.com/",
        "https://a.com/?q",
        "https://a.com/#f",
        "https://a.com/b/../c",
        "https://a.com/%2e%2e/c",
        "https://a.com:0/",
    ] {
        assert!(SourcePolicy::any().base_url(url).is_err(), "{url}");
    }
}

#[test]
fn redirects_are_judged_as_names_are() {
    let policy = allow(&["a.com", "http://b.com/img"]);
    let from = policy.resolve("https://a.com/x/y.jpg").unwrap();
    let cases = [
        ("z.jpg", Some("https://a.com/x/z.jpg")),
        ("../z.jpg", Some("https://a.com/z.jpg")),
        ("/z.jpg#f", Some("https://a.com/z.jpg")),
        ("?q", Some("https://a.com/x/y.jpg?q")),
        ("//a.com/z", Some("https://a.com/z")),
        ("http://b.com/img/z", Some("http://b.com/img/z")),
        ("http://b.com/z", None),
        ("//evil.com/z", None),
        ("\\\\evil.com\\z", None),
        ("https://a.com@evil.com/", None),
        ("https://a.com:8443/", None),
        ("file:///etc/passwd", None),
        ("gopher://a.com/", None),
        ("http://169.254.169.254/", None),
        ("http://2130706433/", None),
    ];
    for (location, expected) in cases {
        let to = policy.redirect(&from, location);
        assert_eq!(
            to.ok().as_ref().map(SourceUrl::as_str),
            expected,
            "{location}"
        );
    }
    // A base's server may redirect below itself, and to what is listed.
    let policy = allow(&["b.com"]).base_url("https://a.com/base").unwrap();
    assert_allows(&policy, &["b.com/z"], &["https://b.com/z"]);
    let from = policy.resolve("y.jpg").unwrap();
    for (location, allowed) in [
        ("/base/z.jpg", true),
        ("https://b.com/z.jpg", true),
        ("/z.jpg", false),
        ("../z.jpg", false),
        ("https://c.com/", false),
    ] {
        assert_eq!(
            policy.redirect(&from, location).is_ok(),
            allowed,
            "{location}"
        );
    }
}

#[test]
fn an_entry_may_stand_for_every_port() {
    let policy = allow(&["a.example:*", "https://b.example:*/img"]);
    let allowed = [
        "https://a.example/a.jpg",
        "http://a.example:8080/a.jpg",
        "https://b.example:1/img/a.jpg",
    ];
    let refused = [
        "http://c.example:8080/a.jpg",
        "http://b.example:1/img/a.jpg",
        "https://b.example:1/a.jpg",
        "http://a.example:0/a.jpg",
    ];
    assert_allows(&policy, &allowed, &refused);
    assert_allows(
        &allow(&["*:*"]),
        &["http://a.example:81/"],
        &["http://127.0.0.1:81/"],
    );
}

#[test]
fn some_networks_may_be_ones_own() {
    let own = CidrSet::parse_entries(["10.1.0.0/16", "127.0.0.0/8"]).unwrap();
    let policy = SourcePolicy::any().allow_networks(own.clone());
    for (address, expected) in [
        ("10.1.2.3", true),
        ("::ffff:10.1.2.3", true),
        ("127.0.0.1", true),
        ("8.8.8.8", true),
        ("10.2.0.1", false),
        ("169.254.169.254", false),
        ("::1", false),
        ("64:ff9b::10.1.2.3", false),
        ("2002:0a01:0203::", false),
    ] {
        assert_eq!(
            policy.permits(address.parse().unwrap()),
            expected,
            "{address}"
        );
    }
    // What a name leads to is judged where the connection is made.
    assert_allows(
        &policy,
        &["http://localhost/a", "http://10.1.2.3/a"],
        &["http://169.254.169.254/a"],
    );
    let blocked = policy.block_networks(own);
    assert!(!blocked.permits("10.1.2.3".parse().unwrap()));
}

#[test]
fn names_of_another_origin_pass_where_they_are_told_apart() {
    let check = |policy: &SourcePolicy, source: &str| {
        let wanted = ImageRequest::new(source, Recipe::default());
        let request = Request::get("/x").extension(Arc::new(wanted));
        policy
            .check(&request.body(()).unwrap().into_parts().0)
            .is_ok()
    };
    let strict = allow(&["a.example"]);
    let chained = strict.clone().urls_only(true);
    for (source, by_strict, by_chained) in [
        ("a.example/a.jpg", true, true),
        ("photo.jpg", false, true),
        ("https://b.example/a.jpg", false, false),
        ("HTTP://b.example/a.jpg", false, false),
        ("https://a.example/a.jpg", true, true),
    ] {
        assert_eq!(check(&strict, source), by_strict, "{source}");
        assert_eq!(check(&chained, source), by_chained, "{source}");
    }
    assert!(chained.resolve("photo.jpg").is_err());
}

#[test]
fn what_is_no_entry_is_an_error() {
    use SourceFault::{Character, Host, Path, Port, Scheme, Userinfo, Wildcard};
    let cases = [
        ("", Host),
        ("a b", Character),
        ("a\\b", Character),
        ("ftp://a.com", Scheme),
        ("://a.com", Scheme),
        ("a.com/img", Scheme),
        ("https://", Host),
        ("a..com", Host),
        (".a.com", Host),
        ("*.", Host),
        ("a?.com", Path),
        ("[ab].com", Host),
        ("::1", Port),
        ("a.com:", Port),
        ("a.com:0", Port),
        ("a.com:65536", Port),
        ("a.com:+80", Port),
        ("a.com:**", Port),
        ("a.com:8*", Port),
        ("https://u@a.com", Userinfo),
        ("https://a.com/../b", Path),
        ("https://a.com/%2e%2e/b", Path),
        ("https://a.com/*", Path),
        ("https://a.com?q", Path),
        ("https://a.com/#f", Path),
        ("*.127.0.0.1", Wildcard),
        ("10.*.0.1", Wildcard),
    ];
    for (text, fault) in cases {
        let error = SourcePolicy::allow(["a.com", text]).unwrap_err();
        let [entry] = error.entries() else {
            panic!("{error}");
        };
        assert_eq!((entry.index(), entry.fault()), (1, fault), "{text}");
    }
}

#[test]
fn every_source_of_a_request_is_judged() {
    let policy = allow(&["a.com"]).at(MountPath::new("/img").unwrap());
    let check = |path: &str, sources: &[&str]| {
        let mut image = ImageRequest::new("", Recipe::default());
        image.sources = sources.iter().copied().map(Box::from).collect();
        let request = Request::get(path).extension(Arc::new(image));
        let (head, ()) = request.body(()).unwrap().into_parts();
        policy.check(&head).map_err(|why| why.code())
    };
    let denied = Err("source_denied");
    assert_eq!(check("/img/x", &["a.com/1", "https://a.com/2"]), Ok(()));
    assert_eq!(check("/img/x", &["b.com/1"]), denied);
    assert_eq!(check("/img/x", &["a.com/1", "a.com/2", "b.com/3"]), denied);
    assert_eq!(check("/other", &["b.com/1"]), Ok(()));
    let (head, ()) = Request::get("/img/x").body(()).unwrap().into_parts();
    assert_eq!(
        policy.check(&head).unwrap_err().kind(),
        RejectionKind::Internal
    );
}

proptest! {
    #[test]
    fn what_embeds_a_private_address_is_not_public(v4 in any::<[u8; 4]>(), low in any::<u64>()) {
        let private = [10, v4[1], v4[2], v4[3]];
        let private = u128::from(u32::from_be_bytes(private));
        let low = u128::from(low);
        for bits in [
            private,
            0xffff << 32 | private,
            0xffff_0000 << 32 | private,
            0x0064_ff9b << 96 | private,
            0x0064_ff9b_0001 << 80 | private,
            0x2002 << 112 | private << 80 | low,
            0x2001_0000 << 96 | private << 64 | low,
            0x2001_0000 << 96 | low << 32 | (!private & 0xffff_ffff),
            0x2a00 << 112 | 0x5efe << 32 | private,
        ] {
            let address = Ipv6Addr::from_bits(bits);
            prop_assert!(!is_public(address.into()), "{}", address);
            let mut embedded = embedded_v4(address);
            prop_assert!(embedded.any(|v4| u128::from(v4.to_bits()) == private), "{}", address);
        }
    }

    #[test]
    fn what_is_allowed_has_the_host_that_is_listed(
        name in r"(https?:)?/{0,3}[a-z.@:\\#?%0-9/\u{3002}]{0,12}(allowed\.com)[a-z.@:\\#?%0-9/\u{3002}]{0,12}|\PC{0,40}"
    ) {
        if let Ok(url) = allow(&["allowed.com"]).resolve(&name) {
            let rest = url.as_str().strip_prefix("http").unwrap();
            let rest = rest.strip_prefix('s').unwrap_or(rest);
            prop_assert!(rest.starts_with("://allowed.com/"), "{} {}", name, url);
            // It stays what it is.
            prop_assert_eq!(allow(&["allowed.com"]).resolve(url.as_str()).ok(), Some(url));
        }
    }
}

#[test]
fn the_query_of_a_source_is_not_printed() {
    let policy = SourcePolicy::any();
    for (name, printed) in [
        (
            "https://a.example/b.jpg?token=abc",
            "https://a.example/b.jpg?...",
        ),
        ("https://a.example/b.jpg?", "https://a.example/b.jpg?..."),
        ("https://a.example/b%3F.jpg", "https://a.example/b%3F.jpg"),
    ] {
        let url = policy.resolve(name).unwrap();
        assert_eq!(url.as_str(), name);
        assert_eq!(url.to_string(), printed);
        assert_eq!(format!("{url:?}"), format!("SourceUrl({printed})"));
    }
}
