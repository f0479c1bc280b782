//! What imgward leaves to others, composed: a rate limit by client, compression that leaves images alone, CORS, and client
//! hints.
//!
//! Start it with `cargo run --bin compositions`, and try the commands that it prints.
#![expect(clippy::print_stdout, reason = "it prints what to try")]

use std::error::Error;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, LOCATION, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::{Dialect, DialectLayer};
use imgward::engine::Engine;
use imgward::mount::MountPath;
use imgward::request_facts::RequestFacts;
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};
use imgward::transform::TransformLayer;
use imgward_axum::PeerAddrLayer;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeDir;

const ORIGINALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reference-server/images");

/// How many images a client may ask for at once, before it gets one more a second.
const BURST: u32 = 20;

const SEC_CH_WIDTH: HeaderName = HeaderName::from_static("sec-ch-width");
const ACCEPT_CH: HeaderName = HeaderName::from_static("accept-ch");

/// Tells clients apart by the address that `ClientIpLayer` found, so that no header is believed that it does not believe.
#[derive(Clone, Copy, Debug)]
struct ByClient;

impl KeyExtractor for ByClient {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let facts: Option<&RequestFacts> = request.extensions().get();
        match facts.and_then(RequestFacts::client_ip) {
            // Who has one IPv6 address has a network of them.
            Some(IpAddr::V6(address)) => {
                Ok(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into())
            }
            Some(address) => Ok(address),
            None => Err(GovernorError::Other {
                code: StatusCode::FORBIDDEN,
                msg: None,
                headers: None,
            }),
        }
    }
}

fn app(keys: Keyring) -> Result<Router, Box<dyn Error>> {
    let mount = MountPath::new("/img")?;
    let verifier = Verifier::new(Scheme::imagor(), keys.clone())?.at(mount.clone());
    let signer = Signer::new(Scheme::imagor(), keys)?.at(mount.clone());
    let limit = GovernorConfigBuilder::default()
        .period(Duration::from_secs(1))
        .burst_size(BURST)
        .key_extractor(ByClient)
        .finish()
        .ok_or("a limit is more than nothing")?;
    let images = ServiceBuilder::new()
        .layer(SignatureLayer::new(verifier))
        .layer(DialectLayer::new(Dialect::imagor().at(mount.clone())))
        .layer(TransformLayer::new(Engine::default()).at(mount))
        .service(ServeDir::new(ORIGINALS));
    // A preflight has no signature, so CORS comes first; the limit comes before what costs something.
    let guards = ServiceBuilder::new()
        .layer(
            CorsLayer::new()
                .allow_origin([HeaderValue::from_static("https://app.example.com")])
                .allow_methods([Method::GET, Method::HEAD]),
        )
        .layer(PeerAddrLayer)
        .layer(ClientIpLayer::peer())
        .layer(GovernorLayer::new(limit));
    Ok(Router::new()
        .route_service("/img/{*image}", images)
        .layer(guards)
        .route("/", get(page))
        .route("/photo/{name}", get(photo))
        .with_state(signer)
        // Without further ado it leaves alone what is an image already, SVG apart.
        .layer(CompressionLayer::new()))
}

/// Asks the browser for the width that it shows an image at.
async fn page() -> impl IntoResponse {
    let page = r#"<!doctype html><title>A cat</title><img src="/photo/cat.jpg" sizes="50vw">"#;
    ([(ACCEPT_CH, "Sec-CH-Width")], Html(page))
}

/// Leads to the image of the width that the browser says, a multiple of 100 so that there are not too many of them. The
/// hint is in no signature, so it is in no image's URL: what is signed is what is served.
async fn photo(
    State(signer): State<Signer>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let hint = headers
        .get(SEC_CH_WIDTH)
        .and_then(|hint| hint.to_str().ok());
    let width = hint.and_then(|hint| hint.parse().ok()).unwrap_or(800_u32);
    let width = width.clamp(100, 2_000).next_multiple_of(100);
    let image = signer.sign(&format!("{width}x0/{name}"), None);
    let image = image.map_err(|_| StatusCode::BAD_REQUEST)?;
    let headers = [
        (LOCATION, image),
        (VARY, SEC_CH_WIDTH.to_string()),
        (CACHE_CONTROL, "max-age=3600".into()),
    ];
    Ok((StatusCode::TEMPORARY_REDIRECT, headers).into_response())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In an application of your own, it comes from the environment.
    let app = app(Keyring::of_secrets(["mysecret"]))?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let at = format!("http://{}", listener.local_addr()?);
    println!("hints: curl -i -H 'Sec-CH-Width: 340' '{at}/photo/cat.jpg'");
    println!(
        "limit: for i in $(seq 25); do curl -sLo /dev/null -w '%{{http_code}} ' '{at}/photo/cat.jpg'; done"
    );
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use tower::ServiceExt as _;

    async fn send(app: &Router, request: http::request::Builder, peer: &str) -> Response {
        let peer: IpAddr = peer.parse().unwrap();
        let request = request.extension(ConnectInfo(SocketAddr::new(peer, 40_000)));
        let request = request.body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap()
    }

    fn header(answer: &Response, name: &str) -> String {
        let value = answer.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap()).into()
    }

    fn example() -> (Router, String) {
        let keys = Keyring::of_secrets(["a test's secret"]);
        let signer = Signer::new(Scheme::imagor(), keys.clone()).unwrap();
        let signer = signer.at(MountPath::new("/img").unwrap());
        let cat = signer.sign("40x30/cat.jpg", None).unwrap();
        (app(keys).unwrap(), cat)
    }

    #[tokio::test]
    async fn each_client_has_a_limit_of_its_own() {
        let (app, _) = example();
        // What is refused later counts, too.
        let forged = "/img/forged-forged-forged/40x30/cat.jpg";
        for (peer, neighbour) in [("192.0.2.7", None), ("2001:db8::1", Some("2001:db8::2"))] {
            for _ in 0..BURST {
                let answer = send(&app, Request::get(forged), peer).await;
                assert_eq!(answer.status(), StatusCode::FORBIDDEN);
            }
            for peer in [Some(peer), neighbour].into_iter().flatten() {
                let answer = send(&app, Request::get(forged), peer).await;
                assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{peer}");
            }
        }
        let other = send(&app, Request::get(forged), "192.0.2.8").await;
        assert_eq!(other.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn pages_are_compressed_and_images_are_not() {
        let (app, cat) = example();
        for (target, coding) in [("/", "gzip"), (&*cat, "")] {
            let request = Request::get(target).header("accept-encoding", "gzip");
            let answer = send(&app, request, "192.0.2.7").await;
            assert_eq!(answer.status(), StatusCode::OK, "{target}");
            assert_eq!(header(&answer, "content-encoding"), coding, "{target}");
        }
    }

    #[tokio::test]
    async fn pages_of_one_origin_may_read_images() {
        let (app, cat) = example();
        for (origin, allowed) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://example.net", ""),
        ] {
            let preflight = Request::options(&*cat)
                .header("origin", origin)
                .header("access-control-request-method", "GET");
            let simple = Request::get(&*cat).header("origin", origin);
            for request in [preflight, simple] {
                let answer = send(&app, request, "192.0.2.7").await;
                assert_eq!(answer.status(), StatusCode::OK);
                assert_eq!(header(&answer, "access-control-allow-origin"), allowed);
            }
        }
    }

    #[tokio::test]
    async fn a_hint_leads_to_a_signed_image() {
        let (app, _) = example();
        let page = send(&app, Request::get("/"), "192.0.2.7").await;
        assert_eq!(header(&page, "accept-ch"), "Sec-CH-Width");
        for (hint, width) in [
            ("340", "400x0"),
            ("", "800x0"),
            ("99999", "2000x0"),
            ("-1", "800x0"),
        ] {
            let request = Request::get("/photo/cat.jpg").header(SEC_CH_WIDTH, hint);
            let answer = send(&app, request, "192.0.2.7").await;
            assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
            assert!(header(&answer, "vary").contains("sec-ch-width"));
            let image = header(&answer, "location");
            assert!(image.contains(&format!("/{width}/cat.jpg")), "{image}");
            let image = send(&app, Request::get(image), "192.0.2.7").await;
            assert_eq!(image.status(), StatusCode::OK);
        }
    }
}
