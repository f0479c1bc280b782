use http::header::CACHE_CONTROL;
use http::{Request, Response};

use super::super::BuildError;
use super::*;

const HEADER: HeaderName = HeaderName::from_static("cloudfront-viewer-country");

/// Knows 192.0.2.1 to be in a country, and fails for 192.0.2.2.
#[derive(Debug)]
struct Table(&'static str);

impl CountryLookup for Table {
    fn country(&self, address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
        match address.to_string().as_str() {
            "192.0.2.1" => Ok(CountryCode::parse(self.0.as_bytes())),
            "192.0.2.2" => Err(LookupError::new("a bad page")),
            _ => Ok(None),
        }
    }
}

fn from(client: &str) -> request::Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.extensions
        .insert(RequestFacts::from_client_ip(client.parse().unwrap()));
    head
}

/// A request that a trusted proxy has passed on.
fn stated(client: &str, countries: &[&'static str]) -> request::Parts {
    let mut head = from(client);
    head.extensions
        .get_mut::<RequestFacts>()
        .unwrap()
        .via_trusted_proxy = true;
    for country in countries {
        head.headers
            .append(HEADER, HeaderValue::from_static(country));
    }
    head
}

fn country(code: &str) -> Option<CountryCode> {
    CountryCode::parse(code.as_bytes())
}

#[test]
fn only_a_lookup_is_asked() {
    let rules = GeoRestriction::block(["KP"]).country_header(HEADER);
    let rules = rules.database(Table("CH")).build().unwrap();
    let head = stated("192.0.2.1", &["CH"]);
    assert!(rules.check(&head).is_ok());
    let tried = rules.only_lookup(Table("KP"));
    assert!(tried.check(&head).is_err());
    assert_eq!(tried.check(&stated("192.0.2.9", &["KP"])).ok(), Some(None));
}

#[test]
fn a_list_decides() {
    for (code, by_block, by_allow) in [
        ("CH", true, false),
        ("KP", false, true),
        ("IR", false, true),
    ] {
        let head = stated("192.0.2.9", &[code]);
        for (builder, passes) in [
            (GeoRestriction::block(["kp", " IR "]), by_block),
            (GeoRestriction::allow(["KP", "ir"]), by_allow),
            (GeoRestriction::annotate(), true),
        ] {
            let rules = builder.country_header(HEADER).build().unwrap();
            match rules.check(&head) {
                Ok(found) => assert!(passes && found == country(code), "{code} {rules:?}"),
                Err(why) => {
                    assert!(!passes, "{code} {rules:?}");
                    assert_eq!(why.code(), "country_blocked");
                    assert!(why.reason().starts_with(code), "{}", why.reason());
                    assert!(!why.detail().contains(code), "{}", why.detail());
                }
            }
        }
    }
}

#[test]
fn row_40_the_unknown_are_blocked_by_an_allow_list_alone() {
    let (nobody, ()) = Request::new(()).into_parts();
    let cases = [
        (
            nobody,
            "the client's address is unknown, and so its country",
        ),
        (from("192.0.2.9"), "the country of 192.0.2.9 is unknown"),
        (from("2001:db8::1"), "the country of 2001:db8::1 is unknown"),
        (
            from("192.0.2.2"),
            "the country of 192.0.2.2 is unknown: the country cannot be looked up: a bad page",
        ),
    ];
    let block = || GeoRestriction::block(["CH"]).database(Table("CH"));
    let allow = || GeoRestriction::allow(["CH"]).database(Table("CH"));
    for (head, reason) in cases {
        for passes in [
            block(),
            block().unknown(Unknown::Allow),
            allow().unknown(Unknown::Allow),
            GeoRestriction::annotate().database(Table("CH")),
        ] {
            assert_eq!(
                passes.build().unwrap().check(&head).unwrap(),
                None,
                "{reason}"
            );
        }
        for refuses in [
            allow(),
            allow().unknown(Unknown::Block),
            block().unknown(Unknown::Block),
        ] {
            let why = refuses.build().unwrap().check(&head).unwrap_err();
            assert_eq!(why.reason(), reason);
        }
    }
}

#[test]
fn the_header_is_asked_first_and_believed_from_trusted_proxies_alone() {
    let rules = GeoRestriction::annotate()
        .country_header(HEADER)
        .database(Table("CH"))
        .build()
        .unwrap();
    let mut untrusted = from("192.0.2.1");
    untrusted
        .headers
        .insert(HEADER, HeaderValue::from_static("DE"));
    let mut no_address = stated("192.0.2.1", &["DE"]);
    no_address
        .extensions
        .get_mut::<RequestFacts>()
        .unwrap()
        .client_ip = None;
    let cases = [
        (stated("192.0.2.1", &["DE"]), "DE"),
        (stated("192.0.2.9", &[" de "]), "DE"),
        // Nothing is said, so the database is asked.
        (stated("192.0.2.1", &[]), "CH"),
        (stated("192.0.2.1", &["XX"]), "CH"),
        (stated("192.0.2.1", &["T1"]), "CH"),
        (stated("192.0.2.1", &["EU"]), "CH"),
        (stated("192.0.2.1", &[""]), "CH"),
        (stated("192.0.2.1", &["DE, FR"]), "CH"),
        (stated("192.0.2.1", &["DE", "FR"]), "CH"),
        (stated("192.0.2.9", &["XX"]), ""),
        (untrusted, "CH"),
        (no_address, ""),
    ];
    for (head, expected) in cases {
        let found = rules.check(&head).unwrap();
        assert_eq!(found, country(expected), "{:?}", head.headers);
    }
}

#[test]
fn databases_are_asked_in_order() {
    let rules = |first, second| {
        GeoRestriction::annotate()
            .database(Table(first))
            .database(Arc::new(Table(second)))
            .build()
            .unwrap()
    };
    for (first, second, expected) in [("CH", "DE", "CH"), ("", "DE", "DE"), ("", "", "")] {
        let found = rules(first, second).check(&from("192.0.2.1")).unwrap();
        assert_eq!(found, country(expected), "{first:?} {second:?}");
    }
}

#[test]
fn the_status_is_403_or_451() {
    let rules = || GeoRestriction::block(["CH"]).database(Table("CH"));
    for (rules, status) in [
        (rules(), 403),
        (rules().status(RefusalStatus::Forbidden), 403),
        (
            rules().status(RefusalStatus::UnavailableForLegalReasons),
            451,
        ),
    ] {
        let why = rules
            .build()
            .unwrap()
            .check(&from("192.0.2.1"))
            .unwrap_err();
        assert_eq!(why.status(), status);
    }
}

#[test]
fn the_facts_learn_the_country() {
    let rules = GeoRestriction::block(["CH"])
        .database(Table("CH"))
        .build()
        .unwrap();
    let facts = |head: &request::Parts| *head.extensions.get::<RequestFacts>().unwrap();

    let mut head = from("192.0.2.1");
    let why = rules.check(&head).unwrap_err();
    rules.apply_reported(&mut head, &why);
    assert_eq!(facts(&head).country(), country("CH"));
    assert_eq!(facts(&head).client_ip(), Some([192, 0, 2, 1].into()));

    // Further in, other rules do not take over what these found.
    let elsewhere = GeoRestriction::annotate()
        .database(Table(""))
        .build()
        .unwrap();
    let mut pass = elsewhere.check(&head).unwrap();
    elsewhere.apply(&mut head, &mut pass);
    assert_eq!(facts(&head).country(), None);

    let (mut head, ()) = Request::new(()).into_parts();
    let mut pass = rules.check(&head).unwrap();
    rules.apply(&mut head, &mut pass);
    assert_eq!(facts(&head), RequestFacts::default());
}

#[test]
fn answers_are_not_for_shared_caches() {
    for (shared_cache, expected) in [(false, "private"), (true, "public")] {
        let rules = GeoRestriction::annotate()
            .database(Table("CH"))
            .shared_cache(shared_cache)
            .build()
            .unwrap();
        let (mut head, ()) = Response::new(()).into_parts();
        head.headers
            .insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        rules.respond(None, &mut Caching::of(&mut head.headers));
        assert_eq!(head.headers[CACHE_CONTROL], expected);
    }
}

#[test]
fn what_cannot_work_is_not_built() {
    let none: [&str; 0] = [];
    let error = |builder: Builder| builder.build().unwrap_err();
    assert_eq!(error(GeoRestriction::block(["CH"])), BuildError::NoSource);
    assert_eq!(error(GeoRestriction::annotate()), BuildError::NoSource);
    for builder in [GeoRestriction::allow(none), GeoRestriction::block(none)] {
        assert_eq!(error(builder.database(Table("CH"))), BuildError::NoCountry);
    }
    let error = error(GeoRestriction::allow(["CH", "UK", "EU", "DE", ""]));
    assert_eq!(
        error.to_string(),
        "\"UK\" is not an assigned ISO 3166-1 alpha-2 country code (the United Kingdom is GB)\n\
         \"EU\" is not an assigned ISO 3166-1 alpha-2 country code\n\
         \"\" is not an assigned ISO 3166-1 alpha-2 country code"
    );
}
