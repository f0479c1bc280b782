//! What a request costs that is allowed: `check` allocates nothing, and the facts about the client are one extension.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use std::convert::Infallible;
use std::future::{Future as _, ready};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Waker};

use allocation_counter::measure;
use http::header::{CACHE_CONTROL, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use imgward::client_ip::{ClientIp, ClientIpHeader, ClientIpLayer};
use imgward::geo::{GeoRestriction, GeoRestrictionLayer, MaxMindDb};
use imgward::guard::Guard;
use imgward::ip_filter::{IpFilter, IpFilterLayer};
use imgward::referer::{CrossSite, Missing, RefererPolicy};
use imgward::reload;
use imgward::request_facts::{PeerAddr, RequestFacts};
use imgward::signature::{Keyring, Scheme, Signer, Verifier};
use imgward::user_agent::{AcceptRewrite, UserAgentBlock};
use imgward_harness::{CountryDatabase, Shape};
use tower::{Service as _, ServiceBuilder, service_fn};

const PROXY: ([u8; 4], u16) = ([10, 0, 0, 1], 40_000);

fn request() -> Request<()> {
    let mut request = Request::get("/photo.jpg")
        .header("x-forwarded-for", "192.0.2.1, 203.0.113.7")
        .header("x-forwarded-for", "10.0.0.9")
        .header(
            "forwarded",
            "for=192.0.2.1, for=\"[2001:db8::7]:443\";proto=https",
        )
        .header("referer", "https://www.example.com/album?page=1")
        .header("sec-fetch-site", "same-site")
        .header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        )
        .header("accept", "image/avif,image/webp,*/*;q=0.5")
        .body(())
        .unwrap();
    let peer = PeerAddr(SocketAddr::from(PROXY));
    request.extensions_mut().insert(peer);
    request
}

fn countries() -> MaxMindDb {
    let database = CountryDatabase::new(Shape::Nested).with("203.0.113.0/24", "CH");
    MaxMindDb::from_bytes(database.to_bytes()).unwrap()
}

/// Asserts that `check` allows the request, and allocates nothing for that.
fn assert_free<G: Guard>(name: &str, guard: &G, head: &Parts) {
    // The first request of a thread may set something up.
    assert!(guard.check(head).is_ok(), "{name} allows the request");
    let mut allowed = false;
    let allocations = measure(|| allowed = guard.check(head).is_ok());
    assert!(allowed, "{name}");
    assert_eq!(allocations.count_total, 0, "{name}");
}

#[test]
fn check_allocates_nothing() {
    let (mut head, ()) = request().into_parts();
    for header in ["x-forwarded-for", "forwarded"] {
        let header = header.parse::<ClientIpHeader>().unwrap();
        let name = format!("client_ip: {header:?}");
        assert_free(
            &name,
            &ClientIp::behind(["10.0.0.0/8"], header).unwrap(),
            &head,
        );
    }
    assert_free("client_ip: peer", &ClientIp::peer(), &head);

    head.extensions
        .insert(RequestFacts::from_client_ip([203, 0, 113, 7].into()));
    let networks: Vec<_> = (0..2_000)
        .map(|n| format!("198.51.{}.{}", n / 256, n % 256))
        .collect();
    let block = IpFilter::block(&networks).unwrap();
    assert_free("ip_filter: block", &block, &head);
    assert_free("reload", &reload::handle(block), &head);
    let allow = IpFilter::allow(["203.0.113.0/24", "2001:db8::/32"]).unwrap();
    assert_free("ip_filter: allow", &allow, &head);

    let geo = GeoRestriction::allow(["CH"]).database(countries());
    assert_free("geo: database", &geo.build().unwrap(), &head);

    let referer = RefererPolicy::allow(["https://example.org", "https://*.example.com"]).unwrap();
    let referer = referer.missing(Missing::Block).cross_site(CrossSite::Block);
    assert_free("referer", &referer, &head);

    let bots = UserAgentBlock::containing(["curl", "python-requests", "badbot"]).unwrap();
    assert_free("user_agent_block", &bots, &head);
    let rewrite = AcceptRewrite::from_rules([(["Firefox/"], "image/webp,*/*;q=0.8")]).unwrap();
    assert_free("user_agent", &rewrite, &head);
}

#[test]
fn check_allocates_nothing_for_signed_urls() {
    let secret = || Keyring::of_secrets(["mysecret"]);
    let hex = Keyring::of_secrets(["6d79736563726574"]).salt("73616c74");
    let cases = [
        (Scheme::imagor(), secret(), "300x200/photo.jpg"),
        (Scheme::imgproxy(), hex, "rs:fit:300:200/plain/photo.jpg"),
        (Scheme::imagekit(), secret(), "photo.jpg?tr=w-300"),
        (Scheme::query(), secret(), "300x200/photo.jpg?a=b"),
    ];
    for (scheme, keys, target) in cases {
        let signer = Signer::new(scheme, keys.clone()).unwrap();
        let url = signer.sign(target, Some(4_000_000_000)).unwrap();
        let (head, ()) = Request::get(&url).body(()).unwrap().into_parts();
        assert_free(&url, &Verifier::new(scheme, keys).unwrap(), &head);
    }
}

#[test]
fn who_the_client_is_costs_one_extension() {
    let mut answer = Some(Response::new(()));
    if let Some(answer) = &mut answer {
        let private = HeaderValue::from_static("private");
        answer.headers_mut().insert(CACHE_CONTROL, private);
    }
    let origin = service_fn(move |request: Request<()>| {
        let facts = request.extensions().get::<RequestFacts>();
        assert!(facts.is_some_and(|facts| facts.country().is_some()));
        ready(Ok::<_, Infallible>(answer.take().unwrap_or_default()))
    });
    let geo = GeoRestriction::allow(["CH"]).database(countries());
    let mut stack = ServiceBuilder::new()
        .layer(ClientIpLayer::behind(["10.0.0.0/8"], ClientIpHeader::XForwardedFor).unwrap())
        .layer(IpFilterLayer::block(["198.51.100.0/24"]).unwrap())
        .layer(GeoRestrictionLayer::new(geo.build().unwrap()))
        .service(origin);

    let request = request();
    let mut answered = false;
    let allocations = measure(|| {
        let mut answer = pin!(stack.call(request));
        let mut cx = Context::from_waker(Waker::noop());
        answered = answer.as_mut().poll(&mut cx).is_ready();
    });
    assert!(answered);
    assert_eq!(allocations.count_total, 1);
}
