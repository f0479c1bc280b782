use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use http::header::{CACHE_CONTROL, HeaderValue};
use http::{Request, Response};

use super::*;
use crate::reload;

const BLOCK: &[&str] = &["10.0.0.0/24", "198.51.100.7", "2001:db8:bad::/48"];
const ALLOW: &[&str] = &["10.0.0.0/8", "2001:db8::/32"];

fn from(client: Option<&str>) -> request::Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.extensions.insert(match client {
        Some(client) => RequestFacts::from_client_ip(client.parse().unwrap()),
        None => RequestFacts::default(),
    });
    head
}

fn both() -> IpFilter {
    IpFilter::allow(ALLOW)
        .unwrap()
        .with_block(CidrSet::parse_entries(BLOCK).unwrap())
}

#[test]
fn block_wins_over_allow() {
    let block = IpFilter::block(BLOCK).unwrap();
    let allow = IpFilter::allow(ALLOW).unwrap();
    // By the block list, by the allow list, by both.
    let cases = [
        ("10.0.0.1", false, true, false),
        ("10.0.1.1", true, true, true),
        ("192.0.2.1", true, false, false),
        ("198.51.100.7", false, false, false),
        ("2001:db8::1", true, true, true),
        ("2001:db8:bad::1", false, true, false),
        ("2001:db9::1", true, false, false),
    ];
    for (client, by_block, by_allow, by_both) in cases {
        let head = from(Some(client));
        let verdicts = [&block, &allow, &both()].map(|filter| filter.check(&head).is_ok());
        assert_eq!(verdicts, [by_block, by_allow, by_both], "{client}");
    }
}

#[test]
fn row_27_and_row_28_a_mapped_address_is_the_ipv4_address() {
    let filter = IpFilter::block(BLOCK).unwrap();
    let why = filter
        .check(&from(Some("::ffff:198.51.100.7")))
        .unwrap_err();
    assert_eq!(why.kind(), RejectionKind::IpBlocked);
    assert_eq!(why.reason(), "198.51.100.7 is on the block list");
    let filter = IpFilter::block(["::ffff:198.51.100.7"]).unwrap();
    assert!(filter.check(&from(Some("198.51.100.7"))).is_err());
}

#[test]
fn an_unknown_client_is_refused_by_either_list() {
    let (nothing, ()) = Request::new(()).into_parts();
    let filters = [
        IpFilter::new(),
        IpFilter::block(BLOCK).unwrap(),
        IpFilter::allow(ALLOW).unwrap(),
        both(),
    ];
    for filter in filters {
        for head in [&nothing, &from(None)] {
            let why = filter.check(head).unwrap_err();
            assert_eq!(why.code(), "ip_blocked", "{filter:?}");
            let filter = filter.clone().allow_unknown_clients(true);
            assert!(filter.check(head).is_ok(), "{filter:?}");
        }
    }
}

#[test]
fn the_client_is_not_told_the_reason() {
    let why = both().check(&from(Some("192.0.2.1"))).unwrap_err();
    assert_eq!(why.reason(), "192.0.2.1 is not on the allow list");
    assert!(!why.detail().contains("192.0.2.1"), "{}", why.detail());
    assert_eq!(why.status(), 403);
}

#[test]
fn an_allow_list_cannot_be_empty() {
    let nobody: [&str; 0] = [];
    assert_eq!(
        IpFilter::allow(nobody).unwrap_err(),
        InvalidAllowList::Empty
    );
    assert_eq!(
        IpFilterLayer::allow(nobody).unwrap_err(),
        InvalidAllowList::Empty
    );
    let filter = IpFilter::block(nobody).unwrap();
    assert!(filter.check(&from(Some("192.0.2.1"))).is_ok());
    let error = IpFilterLayer::allow(["10.0.0.1/8", "x"]).unwrap_err();
    let InvalidAllowList::Entries(invalid) = error else {
        panic!("{error:?}");
    };
    assert_eq!(invalid.count(), 2);
}

#[test]
fn answers_are_not_for_shared_caches() {
    for (shared_cache, expected) in [(false, "max-age=60, private"), (true, "public, max-age=60")] {
        let filter = both().shared_cache(shared_cache);
        let (mut head, ()) = Response::new(()).into_parts();
        head.headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=60"),
        );
        filter.respond((), &mut Caching::of(&mut head.headers));
        let lines: Vec<_> = head.headers.get_all(CACHE_CONTROL).iter().collect();
        assert_eq!(lines, [expected], "{shared_cache}");
    }
}

#[test]
fn row_39_a_reload_never_shows_an_empty_list() {
    let rules = reload::handle(IpFilter::block(BLOCK).unwrap());
    let done = Arc::new(AtomicBool::new(false));
    let judge = {
        let (rules, done) = (rules.clone(), Arc::clone(&done));
        thread::spawn(move || {
            let head = from(Some("10.0.0.1"));
            let mut judged = 0;
            while !done.load(Ordering::Relaxed) || judged == 0 {
                assert!(rules.check(&head).is_err());
                judged += 1;
            }
        })
    };
    for n in 0..500 {
        let entries = [String::from("10.0.0.0/24"), format!("192.0.2.{}", n % 256)];
        rules.swap(IpFilter::block(entries).unwrap());
    }
    done.store(true, Ordering::Relaxed);
    judge.join().unwrap();
}
