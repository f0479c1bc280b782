//! The Referer, and the patterns of sites.

#![no_main]

use http::Request;
use http::header::{HeaderValue, REFERER};
use imgward::guard::Guard;
use imgward::referer::{RefererPolicy, SitePattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(site) = text.parse::<SitePattern>()
    {
        assert_eq!(site.to_string().parse(), Ok(site));
    }
    let Ok(referer) = HeaderValue::from_bytes(data) else {
        return;
    };
    let sites = ["https://example.com", "https://*.img.example.com:8443", "http://[::1]"];
    let (mut head, ()) = Request::new(()).into_parts();
    head.headers.insert(REFERER, referer);
    let allowed = RefererPolicy::allow(sites).expect("sites").check(&head).is_ok();
    let blocked = RefererPolicy::block(sites).expect("sites").check(&head).is_err();
    // One header of one site is on the list or it is not; none, or one of no site, is let through by both.
    let listed = allowed && !data.trim_ascii().is_empty();
    assert_eq!(listed, blocked);
});
