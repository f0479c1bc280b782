//! What handlers of an axum application learn about their clients.

use axum::Router;
use axum::routing::get;
use imgward::client_ip::{ClientIpHeader, ClientIpLayer};
use imgward::geo::{GeoRestriction, GeoRestrictionLayer, MaxMindDb};
use imgward_axum::{ClientIp, Country};
use imgward_harness::{CountryDatabase, Server, Shape};
use tower::ServiceBuilder;

async fn whoever(client: Option<ClientIp>, country: Option<Country>) -> String {
    let client = client.map(|ClientIp(client)| client);
    let country = country.map(|Country(country)| country);
    format!("{client:?} {country:?}")
}

async fn somebody(ClientIp(client): ClientIp, Country(country): Country) -> String {
    format!("{client} {country}")
}

fn router() -> Router {
    Router::new()
        .route("/whoever", get(whoever))
        .route("/somebody", get(somebody))
}

#[test]
fn handlers_learn_what_the_layers_found_out() {
    let database = CountryDatabase::new(Shape::Flat).with("203.0.113.0/24", "CH");
    let dir = database.to_dir();
    let database = MaxMindDb::open(dir.path().join("country.mmdb")).unwrap();
    let annotate = GeoRestriction::annotate().database(database).build();
    let stack = ServiceBuilder::new()
        .layer(ClientIpLayer::behind(["127.0.0.1"], ClientIpHeader::Forwarded).unwrap())
        .layer(GeoRestrictionLayer::new(annotate.unwrap()));
    let server = Server::axum(router().layer(stack));

    let cases = [
        (
            "/whoever",
            "for=203.0.113.7",
            200,
            "Some(203.0.113.7) Some(CountryCode(CH))",
        ),
        ("/whoever", "for=192.0.2.7", 200, "Some(192.0.2.7) None"),
        ("/whoever", "for=unknown", 200, "None None"),
        ("/somebody", "for=203.0.113.7", 200, "203.0.113.7 CH"),
        (
            "/somebody",
            "for=192.0.2.7",
            403,
            "the country of the client is unknown",
        ),
        (
            "/somebody",
            "for=unknown",
            403,
            "the address of the client is unknown",
        ),
    ];
    for (path, forwarded, status, body) in cases {
        let request = server.client().get(path).header("Forwarded", forwarded);
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), status, "{path} {forwarded}: {answer:?}");
        assert_eq!(answer.text(), body, "{path} {forwarded}");
    }
}

#[test]
fn a_handler_without_the_layers_says_so() {
    let server = Server::axum(router());
    for path in ["/whoever", "/somebody"] {
        let answer = server.client().get(path).send().unwrap();
        assert_eq!(answer.status(), 500, "{path}: {answer:?}");
        assert!(answer.text().contains("no layer"), "{path}: {answer:?}");
    }
}
