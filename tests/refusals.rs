//! The same stacks in every host: who is allowed gets the photo, who is refused gets the refusal of the right layer.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use http::request::Parts;
use imgward::client_ip::{ClientIpHeader, ClientIpLayer};
use imgward::geo::{GeoRestriction, GeoRestrictionLayer, MaxMindDb, RefusalStatus};
use imgward::guard::{Guard, GuardLayer, ProblemJson, Rejection, RejectionKind};
use imgward::ip_filter::IpFilterLayer;
use imgward::referer::RefererLayer;
use imgward::request_facts::PeerAddr;
use imgward::user_agent::UserAgentBlockLayer;
use imgward_harness::{
    Answer, CodeInHeader, CountryDatabase, MemoryOrigin, Server, Shape, every_host, photo,
    with_health,
};
use tower::util::option_layer;
use tower::{Layer, ServiceBuilder};

/// A guard of a user's own: no image is shown on Sundays, which the client must tell us about.
#[derive(Debug)]
struct NeverOnSunday;

impl Guard for NeverOnSunday {
    type Pass = ();

    fn check(&self, head: &Parts) -> Result<(), Rejection> {
        match head.headers.get("x-day") {
            Some(day) if day == "Sunday" => Err(Rejection::new(
                RejectionKind::Overloaded,
                "it is Sunday again",
            )),
            _ => Ok(()),
        }
    }
}

fn origin() -> MemoryOrigin {
    MemoryOrigin::new().with("/photo.jpg", "image/jpeg", photo::jpeg(64, 48))
}

fn countries(shape: Shape) -> MaxMindDb {
    let database = CountryDatabase::new(shape)
        .with("203.0.113.0/24", "CH")
        .with("203.0.113.128/25", "KP")
        .with("2001:db8:1::/48", "CH")
        .with("2001:db8:2::/48", "KP");
    MaxMindDb::from_bytes(database.to_bytes()).unwrap()
}

type Headers<'a> = &'a [(&'a str, &'a [u8])];

fn get(server: &Server, headers: Headers<'_>) -> Answer {
    let request = server.client().get("/photo.jpg");
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.send().unwrap()
}

const CLIENT: &str = "X-Forwarded-For";

/// Headers of a request, and how a stack of every guard answers: the status, and the code of the refusal.
const CASES: &[(Headers<'_>, u16, Option<&str>)] = &[
    (&[(CLIENT, b"203.0.113.7")], 200, None),
    (&[(CLIENT, b"2001:db8:1::7")], 200, None),
    (
        &[
            (CLIENT, b"203.0.113.7"),
            ("Referer", b"https://example.com/a"),
        ],
        200,
        None,
    ),
    (&[(CLIENT, b"198.51.100.7")], 403, Some("ip_blocked")),
    (
        &[(CLIENT, b"[2001:db8:bad::1]:443")],
        403,
        Some("ip_blocked"),
    ),
    (&[(CLIENT, b"\xff\xfe")], 403, Some("ip_blocked")),
    (
        &[(CLIENT, b"203.0.113.7"), (CLIENT, b"198.51.100.7")],
        403,
        Some("ip_blocked"),
    ),
    (&[(CLIENT, b"203.0.113.200")], 403, Some("country_blocked")),
    (&[(CLIENT, b"2001:db8:2::7")], 403, Some("country_blocked")),
    (&[(CLIENT, b"192.0.2.1")], 451, Some("country_blocked")),
    (
        &[(CLIENT, b"203.0.113.7"), ("User-Agent", b"x BadBot/1 \xe9")],
        403,
        Some("user_agent_blocked"),
    ),
    (
        &[
            (CLIENT, b"203.0.113.7"),
            ("Referer", b"https://example.com.evil.net/"),
        ],
        403,
        Some("referer_denied"),
    ),
    (
        &[
            (CLIENT, b"203.0.113.7"),
            ("Referer", b"https://example.com/"),
            ("Referer", b"https://evil.net/"),
        ],
        403,
        Some("referer_denied"),
    ),
    (
        &[(CLIENT, b"203.0.113.7"), ("X-Day", b"Sunday")],
        429,
        Some("overloaded"),
    ),
];

#[test]
fn every_guard_refuses_in_every_host() {
    let origin = origin();
    let proxies = ClientIpLayer::behind(["127.0.0.0/8"], ClientIpHeader::XForwardedFor);
    let nested = GeoRestriction::block(["KP"]).database(countries(Shape::Nested));
    let flat = GeoRestriction::allow(["CH"]).database(countries(Shape::Flat));
    let flat = flat.status(RefusalStatus::UnavailableForLegalReasons);
    let stack = ServiceBuilder::new()
        .layer(proxies.unwrap())
        .layer(
            IpFilterLayer::block(["198.51.100.0/24", "2001:db8:bad::/48"])
                .unwrap()
                .with_responder(CodeInHeader),
        )
        .layer(GeoRestrictionLayer::new(nested.build().unwrap()).with_responder(CodeInHeader))
        .layer(GeoRestrictionLayer::new(flat.build().unwrap()).with_responder(CodeInHeader))
        .layer(
            UserAgentBlockLayer::containing(["badbot"])
                .unwrap()
                .with_responder(CodeInHeader),
        )
        .layer(
            RefererLayer::allow(["https://example.com"])
                .unwrap()
                .with_responder(CodeInHeader),
        )
        .layer(GuardLayer::new(NeverOnSunday).with_responder(CodeInHeader));

    let mut allowed = 0;
    for (host, server) in every_host!(stack, origin) {
        for (headers, status, code) in CASES {
            let answer = get(&server, headers);
            let request = format!("{host}: {headers:?}: {answer:?}");
            assert_eq!(answer.status(), *status, "{request}");
            assert_eq!(answer.code(), *code, "{request}");
            if code.is_some() {
                assert_eq!(
                    answer.header("cache-control"),
                    Some("no-store"),
                    "{request}"
                );
                continue;
            }
            allowed += 1;
            assert_eq!(answer.body(), photo::jpeg(64, 48), "{request}");
            assert_eq!(answer.header("cache-control"), Some("private"), "{request}");
            assert_eq!(answer.header("vary"), Some("referer"), "{request}");
        }
    }
    assert_eq!(
        origin.requests(),
        allowed,
        "refused requests reach no origin"
    );
}

#[test]
fn without_a_peer_no_rule_over_addresses_lets_anybody_in() {
    let origin = origin();
    // A host without an adapter: nobody tells the stack who is calling.
    let stack = ServiceBuilder::new()
        .map_request(|mut request: axum::extract::Request| {
            request.extensions_mut().remove::<PeerAddr>();
            request
        })
        .layer(ClientIpLayer::peer())
        .layer(IpFilterLayer::block(["198.51.100.0/24"]).unwrap());
    let server = Server::axum(stack.service(with_health(origin.clone())));
    assert_eq!(get(&server, &[]).status(), 403);
    assert_eq!(origin.requests(), 0);
}

#[test]
fn the_peer_is_the_client_in_every_host() {
    let origin = origin();
    let stack = |network| {
        ServiceBuilder::new()
            .layer(ClientIpLayer::peer())
            .layer(IpFilterLayer::allow([network]).unwrap())
    };
    let (loopback, other) = (stack("127.0.0.1"), stack("192.0.2.0/24"));
    for (host, server) in every_host!(loopback, origin) {
        assert_eq!(get(&server, &[]).status(), 200, "{host}");
    }
    for (host, server) in every_host!(other, origin) {
        // Nobody is trusted, so the header is a lie.
        let answer = get(&server, &[("X-Forwarded-For", b"192.0.2.7")]);
        assert_eq!(answer.status(), 403, "{host}");
    }
}

#[test]
fn a_layer_can_be_left_out_in_every_host() {
    let origin = origin();
    for (on, status) in [(true, 429), (false, 200)] {
        let layer = on.then(|| GuardLayer::new(NeverOnSunday));
        let stack = ServiceBuilder::new().layer(option_layer(layer));
        for (host, server) in every_host!(stack, origin) {
            let answer = get(&server, &[("X-Day", b"Sunday")]);
            assert_eq!(answer.status(), status, "{host}, on: {on}");
        }
    }
}

#[test]
fn a_layer_that_only_reports_refuses_nobody_in_every_host() {
    let origin = origin();
    let stack = GuardLayer::new(NeverOnSunday).report_only(true);
    for (host, server) in every_host!(stack, origin) {
        let reported = get(&server, &[("X-Day", b"Sunday")]);
        assert_eq!(reported.status(), 200, "{host}");
        let forbidden = Some("private, no-store");
        assert_eq!(reported.header("cache-control"), forbidden, "{host}");
        assert_eq!(get(&server, &[]).header("cache-control"), None, "{host}");
    }
}

#[test]
fn problem_details_are_the_same_for_every_request_of_a_code() {
    let stack = RefererLayer::block(["https://*.evil.net"])
        .unwrap()
        .with_responder(ProblemJson);
    let app = || with_health(origin());
    let servers = [
        ("axum", Server::axum(app().layer(stack.clone()))),
        ("hyper", Server::hyper(stack.layer(app()))),
    ];
    for (host, server) in servers {
        for referer in ["https://evil.net/", "http://a.evil.net:8080/page"] {
            let answer = get(&server, &[("Referer", referer.as_bytes())]);
            assert_eq!(answer.status(), 403, "{host}");
            let content_type = answer.header("content-type");
            assert_eq!(content_type, Some("application/problem+json"), "{host}");
            let problem = concat!(
                r#"{"type":"about:blank","title":"Forbidden","status":403,"#,
                r#""detail":"This site may not embed the image.","code":"referer_denied"}"#
            );
            assert_eq!(answer.text(), problem, "{host}: {referer}");
        }
    }
}
