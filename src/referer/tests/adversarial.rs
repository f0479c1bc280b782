//! The adversarial cases on referers, each a test by its number.

use http::HeaderValue;

use super::{Line, allows, assert_allows, assert_refuses, check, policy};
use crate::guard::RejectionKind;
use crate::referer::{CrossSite, Missing, RefererPolicy, SiteFault, host, site_set};

#[test]
fn row_01_a_suffix_after_the_host_is_another_host() {
    assert_refuses(
        &policy(),
        &[
            "https://example.com.evil.net/",
            "https://a.img.example.com.evil.net/",
            "https://evil.net/https://example.com/",
            "https://evil.net?https://example.com/",
        ],
    );
}

#[test]
fn row_02_a_wildcard_ends_at_a_label() {
    let policy = RefererPolicy::allow(["https://*.example.com"]).unwrap();
    assert_refuses(
        &policy,
        &["https://evil-example.com/", "https://evilexample.com/"],
    );
    assert_allows(&policy, &["https://evil.example.com/"]);
}

#[test]
fn row_03_a_user_name_is_no_host() {
    assert_refuses(
        &policy(),
        &[
            "https://example.com@evil.net/",
            "https://a@example.com@evil.net/",
        ],
    );
    assert_allows(&policy(), &["https://user:pw@example.com/"]);
}

#[test]
fn row_04_a_password_is_no_port() {
    assert_refuses(
        &policy(),
        &[
            "http://example.com:80@evil.net/",
            "http://example.com:@evil.net/",
        ],
    );
}

#[test]
fn row_05_case_is_ignored() {
    assert_allows(
        &policy(),
        &[
            "https://EXAMPLE.com/",
            "HTTPS://Example.COM/",
            "hTTp://A.Img.Example.Com",
        ],
    );
}

#[test]
fn row_06_one_trailing_dot_is_the_same_host() {
    assert_allows(
        &policy(),
        &["https://example.com./p", "https://a.img.example.com.:80"],
    );
    assert_refuses(
        &policy(),
        &[
            "https://example.com..",
            "https://example.com.%2e/",
            "https://./",
        ],
    );
}

#[test]
fn row_07_port_is_ignored_unless_pinned() {
    assert_allows(
        &policy(),
        &[
            "https://example.com:8443/",
            "https://example.com:/",
            "http://example.com",
        ],
    );
    assert_refuses(
        &policy(),
        &[
            "https://example.com:x/",
            "https://example.com:65536/",
            "https://example.com:-1/",
        ],
    );
    let pinned = RefererPolicy::allow(["https://example.com:443", "https://*.b.com:8443"]).unwrap();
    assert_allows(
        &pinned,
        &[
            "https://example.com/",
            "https://example.com:443/",
            "http://example.com:443/",
            "http://a.b.com:8443",
        ],
    );
    assert_refuses(
        &pinned,
        &[
            "http://example.com/",
            "https://example.com:8443/",
            "https://a.b.com/",
        ],
    );
}

#[test]
fn row_08_what_is_no_web_address_is_refused() {
    assert_refuses(
        &policy(),
        &[
            "null",
            "about:blank",
            "file:///x",
            "data:text/html,https://example.com/",
            "android-app://com.x",
            "ftp://example.com/",
            "ws://example.com/",
            "-",
        ],
    );
}

#[test]
fn row_09_a_missing_referer_is_a_matter_of_policy() {
    // The Fetch Metadata of a request without a Referer, and whether it counts as cross-site.
    let cases: [(&[Line<'_>], bool); 10] = [
        (&[], false),
        (&[("sec-fetch-site", b"same-origin")], false),
        (&[("sec-fetch-site", b" same-site ")], false),
        (&[("sec-fetch-site", b"none")], false),
        (&[("sec-fetch-site", b"cross-site")], true),
        (&[("sec-fetch-site", b"nowhere")], true),
        (&[("sec-fetch-site", b"none\xff")], true),
        (&[("sec-fetch-site", b"")], true),
        (
            &[("sec-fetch-site", b"none"), ("sec-fetch-site", b"none")],
            true,
        ),
        (
            &[
                ("sec-fetch-site", b"cross-site"),
                ("sec-fetch-dest", b"document"),
            ],
            true,
        ),
    ];
    for (lines, is_cross_site) in cases {
        for policy in [
            policy(),
            RefererPolicy::block(["https://evil.net"]).unwrap(),
        ] {
            assert!(check(&policy, lines).is_ok(), "{lines:?}");
            let policy = policy.cross_site(CrossSite::Block);
            assert_eq!(check(&policy, lines).is_err(), is_cross_site, "{lines:?}");
            let policy = policy.missing(Missing::Block);
            assert!(check(&policy, lines).is_err(), "{lines:?}");
            let policy = policy.cross_site(CrossSite::Allow);
            assert!(check(&policy, lines).is_err(), "{lines:?}");
        }
    }
    // Where there is a Referer, it alone decides.
    let strict = policy()
        .missing(Missing::Block)
        .cross_site(CrossSite::Block);
    let lines: [Line<'_>; 2] = [
        ("referer", b"https://example.com"),
        ("sec-fetch-site", b"cross-site"),
    ];
    assert!(check(&strict, &lines).is_ok());
}

#[test]
fn row_10_an_empty_referer_is_a_missing_one() {
    for referer in ["", " ", "\t"] {
        for policy in [
            policy(),
            RefererPolicy::block(["https://evil.net"]).unwrap(),
        ] {
            assert!(allows(&policy, referer), "{referer:?}");
            assert!(
                !allows(&policy.missing(Missing::Block), referer),
                "{referer:?}"
            );
        }
    }
}

#[test]
fn row_11_two_referers_are_ambiguous() {
    let block = RefererPolicy::block(["https://evil.net"]).unwrap();
    let (good, evil): (&[u8], &[u8]) = (b"https://example.com/", b"https://evil.net/");
    // The lines, and whether the allow list and the block list let them pass.
    let cases = [
        ([good, evil], false, false),
        ([evil, good], false, false),
        ([good, good], false, true),
        ([good, b""], false, true),
        ([b"null", evil], false, false),
        ([b"", b""], false, true),
    ];
    for ([first, second], allowed, not_blocked) in cases {
        let lines = [("referer", first), ("referer", second)];
        assert_eq!(check(&policy(), &lines).is_ok(), allowed, "{lines:?}");
        assert_eq!(check(&block, &lines).is_ok(), not_blocked, "{lines:?}");
    }
}

#[test]
fn row_12_a_lookalike_is_another_host() {
    assert_refuses(
        &policy(),
        &["https://ex\u{430}mple.com/", "https://xn--exmple-4nf.com/"],
    );
}

#[test]
fn row_13_a_name_and_its_a_label_are_one() {
    let names = [
        "https://b\u{fc}cher.de/",
        "https://B\u{dc}CHER.DE/",
        "https://bu\u{308}cher.de/",
        "https://xn--bcher-kva.de/",
        "https://XN--BCHER-KVA.de/",
        "https://b%C3%BCcher.de/",
    ];
    for rule in ["https://xn--bcher-kva.de", "https://b\u{fc}cher.de"] {
        assert_allows(&RefererPolicy::allow([rule]).unwrap(), &names);
    }
}

#[test]
fn row_14_a_backslash_is_refused() {
    assert_refuses(
        &policy(),
        &[
            r"https://example.com\@evil.net/",
            r"https://evil.net\.example.com/",
            r"https://example.com\",
            r"https:\\example.com/",
            r"https:/\example.com/",
        ],
    );
}

#[test]
fn row_15_a_percent_encoded_host_is_the_host_that_it_stands_for() {
    assert_refuses(
        &policy(),
        &[
            "https://example.com%2eevil.net/",
            "https://example.com%2f.evil.net/",
            "https://example.com%00.evil.net/",
            "https://evil.net%23.img.example.com/",
        ],
    );
    assert_allows(
        &policy(),
        &["https://example%2ecom/", "https://a%2Eimg.ex%61mple.com/"],
    );
}

#[test]
fn row_16_what_is_not_absolute_is_refused() {
    assert_refuses(
        &policy(),
        &[
            "//example.com/",
            "example.com",
            "/example.com",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https://",
            "://example.com",
        ],
    );
}

#[test]
fn row_17_a_wildcard_includes_its_own_host() {
    assert_allows(
        &policy(),
        &[
            "https://a.img.example.com/",
            "https://b.a.img.example.com/",
            "https://img.example.com/",
        ],
    );
    assert_refuses(
        &policy(),
        &["https://www.example.com/", "https://aimg.example.com/"],
    );
}

#[test]
fn row_18_junk_is_refused_without_harm() {
    let long = format!("https://example.com/{}", "a".repeat(64 * 1024));
    let long_host = format!("https://{}example.com/", "a.".repeat(2000));
    let long_label = format!("https://{}.example.com/", "\u{fc}".repeat(2000));
    assert_refuses(&policy(), &[&long, &long_host, &long_label]);
    let junk: [&[u8]; 4] = [
        b"https://example.com/\x80",
        b"https://example.com\xff/",
        b"https://ex\xc3ample.com/",
        b"\xff\xfe",
    ];
    for line in junk {
        let why = check(&policy(), &[("referer", line)]).unwrap_err();
        assert_eq!(why.kind(), RejectionKind::RefererDenied);
        assert!(!why.reason().chars().any(char::is_control), "{why:?}");
    }
    // Such lines do not come to be: http has no value for them. The parser is tested with them all the same.
    for line in ["https://example.com/\0", "https://example.com/\r\nX: y"] {
        assert!(HeaderValue::from_str(line).is_err(), "{line:?}");
        let mut buffer = host::Buffer::new();
        let fault = site_set::Site::parse(line.as_bytes(), &mut buffer).unwrap_err();
        assert_eq!(fault, SiteFault::Character, "{line:?}");
    }
}

#[test]
fn row_19_an_address_has_many_spellings_and_is_one_host() {
    let spellings = [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1:80/",
        "https://0177.1./",
    ];
    assert_refuses(&policy(), &spellings);
    assert_refuses(
        &policy(),
        &[
            "https://[::1]/",
            "https://[::1%25eth0]/",
            "https://1.2.3.256/",
        ],
    );
    let local = RefererPolicy::allow(["http://127.0.0.1", "http://[::1]"]).unwrap();
    assert_allows(&local, &spellings);
    assert_allows(&local, &["https://[::1]:3000/", "https://[0:0::0:1]/"]);
    assert_refuses(
        &local,
        &["https://[::127.0.0.1]/", "https://[::ffff:127.0.0.1]/"],
    );
}

#[test]
fn row_20_space_around_is_trimmed_and_inside_refused() {
    assert_allows(
        &policy(),
        &[
            " https://example.com/",
            "https://example.com/\t",
            " \thttps://example.com \t ",
        ],
    );
    assert_refuses(
        &policy(),
        &[
            "https://exam\tple.com/",
            "https://example.com\t/",
            "ht\ttps://example.com/",
            "https://example.com /",
            "https://example.com/a b",
        ],
    );
}
