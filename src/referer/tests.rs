use http::header::{HeaderMap, HeaderValue, REFERER};
use http::{Request, Response, StatusCode};
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};

use super::*;
use crate::guard::{Guard, Rejection};

mod adversarial;

/// The name and the value of a header line.
type Line<'a> = (&'static str, &'a [u8]);

/// The policy that the adversarial cases assume.
fn policy() -> RefererPolicy {
    RefererPolicy::allow(["https://example.com", "https://*.img.example.com"]).unwrap()
}

fn check(policy: &RefererPolicy, lines: &[Line<'_>]) -> Result<(), Rejection> {
    let (mut head, ()) = Request::new(()).into_parts();
    head.headers = lines
        .iter()
        .map(|&(name, value)| {
            (
                http::HeaderName::from_static(name),
                HeaderValue::from_bytes(value).unwrap(),
            )
        })
        .collect::<HeaderMap>();
    policy.check(&head)
}

fn allows(policy: &RefererPolicy, referer: &str) -> bool {
    check(policy, &[("referer", referer.as_bytes())]).is_ok()
}

fn assert_allows(policy: &RefererPolicy, referers: &[&str]) {
    for referer in referers {
        assert!(allows(policy, referer), "{referer:?}");
    }
}

fn assert_refuses(policy: &RefererPolicy, referers: &[&str]) {
    for referer in referers {
        assert!(!allows(policy, referer), "{referer:?}");
    }
}

#[test]
fn a_block_list_refuses_the_listed_alone() {
    let policy = RefererPolicy::block(["https://*.evil.net", "https://bad.example:8080"]).unwrap();
    assert_refuses(
        &policy,
        &[
            "https://evil.net/",
            "http://WWW.evil.net.:81/x",
            "https://bad.example:8080",
        ],
    );
    assert_allows(
        &policy,
        &[
            "https://example.com/",
            "https://notevil.net/",
            "https://bad.example/",
            "null",
            "https:evil.net",
        ],
    );
}

#[test]
fn the_scheme_counts_by_option() {
    let lax =
        RefererPolicy::allow(["https://a.com", "http://b.com", "http://*.b.com:443"]).unwrap();
    let strict = lax.clone().match_scheme(true);
    let cases = [
        ("https://a.com", true, true),
        ("http://a.com", true, false),
        ("http://b.com", true, true),
        ("https://b.com", true, false),
        ("https://c.b.com", true, false),
        ("http://c.b.com:443", true, true),
    ];
    for (referer, under_lax, under_strict) in cases {
        assert_eq!(allows(&lax, referer), under_lax, "{referer}");
        assert_eq!(allows(&strict, referer), under_strict, "{referer}");
    }
}

#[test]
fn the_operator_learns_the_rule_and_the_client_does_not() {
    let block = RefererPolicy::block(["https://*.evil.net"]).unwrap();
    let cases = [
        (
            policy(),
            "https://Evil.net",
            "evil.net is not on the allow list",
        ),
        (
            policy(),
            "null",
            "the Referer names no site: it does not begin with http:// or https://",
        ),
        (
            block,
            "https://a.evil.net",
            "a.evil.net is on the block list: https://*.evil.net",
        ),
    ];
    for (policy, referer, reason) in cases {
        let why = check(&policy, &[("referer", referer.as_bytes())]).unwrap_err();
        assert_eq!(why.reason(), reason);
        assert!(!why.detail().contains("evil"), "{why}");
    }
}

#[test]
fn all_bad_entries_are_reported_at_once() {
    let sites = ["https://a.com", "b.com", "https://*.c.com", "https://*"];
    let error = RefererLayer::allow(sites).unwrap_err();
    assert_eq!(
        error.to_string(),
        "entry 1: \"b.com\" is no site: it does not begin with http:// or https://, as in \"https://b.com\"\n\
         entry 3: \"https://*\" is no site: \"*\" can only be the first label of a domain name"
    );
    let InvalidSites::Entries(entries) = error else {
        panic!("{error:?}");
    };
    let faults: Vec<_> = entries
        .iter()
        .map(|(index, error)| (*index, error.fault()))
        .collect();
    assert_eq!(faults, [(1, SiteFault::Scheme), (3, SiteFault::Wildcard)]);
}

#[test]
fn a_list_without_a_site_is_an_error() {
    assert_eq!(
        RefererPolicy::allow([""; 0]).unwrap_err(),
        InvalidSites::Empty
    );
    assert_eq!(
        RefererPolicy::block([""; 0]).unwrap_err(),
        InvalidSites::Empty
    );
}

#[tokio::test]
async fn an_answer_varies_on_what_decided() {
    let cases = [
        (CrossSite::Allow, vec!["accept", "referer"]),
        (
            CrossSite::Block,
            vec!["accept", "referer", "sec-fetch-site"],
        ),
    ];
    for (cross_site, expected) in cases {
        let layer = RefererLayer::new(policy().cross_site(cross_site));
        let service = layer.layer(service_fn(async |_request: Request<String>| {
            let response = Response::builder().header("vary", "accept");
            response.body(String::from("an image"))
        }));

        let mut request = Request::new(String::new());
        let allowed = service.clone().oneshot(request.clone()).await.unwrap();
        let vary: Vec<_> = allowed.headers().get_all("vary").iter().collect();
        assert_eq!(vary, expected, "{cross_site:?}");

        let evil = HeaderValue::from_static("https://evil.net");
        request.headers_mut().insert(REFERER, evil);
        let refused = service.oneshot(request).await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(refused.headers()["cache-control"], "no-store");
    }
}

/// A site as the naive matcher sees it: labels, and what surrounds them.
#[derive(Clone, Debug)]
struct Naive {
    https: bool,
    wildcard: bool,
    labels: Vec<&'static str>,
    port: Option<u16>,
}

impl Naive {
    fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        let wildcard = if self.wildcard { "*." } else { "" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{wildcard}{}{port}/path", self.labels.join("."))
    }

    fn covers(&self, page: &Self, match_scheme: bool) -> bool {
        let host = if self.wildcard {
            page.labels.ends_with(&self.labels)
        } else {
            page.labels == self.labels
        };
        let default_port = if page.https { 443 } else { 80 };
        let port = self
            .port
            .is_none_or(|port| page.port.unwrap_or(default_port) == port);
        host && port && (!match_scheme || self.https == page.https)
    }
}

fn sites(wildcard: impl Strategy<Value = bool>) -> impl Strategy<Value = Naive> {
    let label = prop::sample::select(vec!["a", "b", "aa", "b-a", "com"]);
    let port = prop::option::weighted(0.3, prop::sample::select(vec![80, 443, 8080]));
    let labels = prop::collection::vec(label, 1..5);
    (any::<bool>(), wildcard, labels, port).prop_map(|(https, wildcard, labels, port)| Naive {
        https,
        wildcard,
        labels,
        port,
    })
}

proptest! {
    #[test]
    fn the_lists_agree_with_a_naive_matcher(
        list in prop::collection::vec(sites(any::<bool>()), 1..12),
        page in sites(Just(false)),
        match_scheme in any::<bool>(),
    ) {
        let urls: Vec<_> = list.iter().map(Naive::url).collect();
        let listed = list.iter().any(|site| site.covers(&page, match_scheme));
        let allow = RefererPolicy::allow(&urls).unwrap().match_scheme(match_scheme);
        let block = RefererPolicy::block(&urls).unwrap().match_scheme(match_scheme);
        prop_assert_eq!(allows(&allow, &page.url()), listed);
        prop_assert_eq!(allows(&block, &page.url()), !listed);
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..64), scheme in any::<bool>()) {
        let mut value = if scheme { b"https://".to_vec() } else { Vec::new() };
        value.extend(bytes.into_iter().filter(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f)));
        if let Err(why) = check(&policy().missing(Missing::Block), &[("referer", &value)]) {
            prop_assert!(!why.reason().chars().any(char::is_control), "{:?}", why);
        }
    }
}
