//! An axum application whose images are made on the fly, behind signed URLs.
//!
//! Start it with `cargo run --bin axum`, and try the two commands that it prints.
#![expect(clippy::print_stdout, reason = "it prints what to try")]

use std::error::Error;
use std::net::SocketAddr;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::{Dialect, DialectLayer};
use imgward::engine::Engine;
use imgward::ip_filter::IpFilterLayer;
use imgward::mount::MountPath;
use imgward::recipe::Format;
use imgward::referer::RefererLayer;
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};
use imgward::transform::TransformLayer;
use imgward_axum::PeerAddrLayer;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;

const ORIGINALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reference-server/images");

/// The application: a page, and the images that it shows.
fn app(keys: Keyring) -> Result<Router, Box<dyn Error>> {
    let mount = MountPath::new("/img")?;
    let verifier = Verifier::new(Scheme::imagor(), keys.clone())?.at(mount.clone());
    let transform = TransformLayer::new(Engine::default()).at(mount.clone());
    let images = ServiceBuilder::new()
        .layer(PeerAddrLayer)
        .layer(ClientIpLayer::peer())
        .layer(IpFilterLayer::block(["198.51.100.0/24", "2001:db8::/32"])?)
        .layer(RefererLayer::allow([
            "http://127.0.0.1",
            "https://*.example.com",
        ])?)
        .layer(SignatureLayer::new(verifier))
        .layer(DialectLayer::new(Dialect::imagor().at(mount.clone())))
        .layer(transform.auto_format([Format::WebP])?)
        .service(ServeDir::new(ORIGINALS));

    let photo = Signer::new(Scheme::imagor(), keys)?
        .at(mount)
        .sign("400x300/cat.jpg", None)?;
    let page = Html(format!(
        r#"<!doctype html><title>A cat</title><img src="{photo}">"#
    ));
    Ok(Router::new()
        .route("/", get(async || page))
        .route_service("/img/{*image}", images))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In an application of your own, it comes from the environment.
    let keys = Keyring::of_secrets(["mysecret"]);
    let app = app(keys.clone())?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let at = format!("http://{}", listener.local_addr()?);

    let signer = Signer::new(Scheme::imagor(), keys)?.at(MountPath::new("/img")?);
    let rocket = signer.sign("fit-in/200x200/rocket.jpg", None)?;
    println!("allowed: curl -o rocket.jpg '{at}{rocket}'");
    println!("refused: curl -i -e https://example.net/ '{at}{rocket}'");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use axum::http::Request;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn it_serves_its_page_its_images_and_nobody_elses_pages() {
        let keys = Keyring::of_secrets(["a test's secret"]);
        let signer = Signer::new(Scheme::imagor(), keys.clone()).unwrap();
        let signer = signer.at(MountPath::new("/img").unwrap());
        let rocket = signer.sign("fit-in/200x200/rocket.jpg", None).unwrap();
        let app = app(keys).unwrap();
        let cases = [
            ("/", "", [127, 0, 0, 1], 200),
            (&rocket, "", [127, 0, 0, 1], 200),
            (&rocket, "https://www.example.com/", [127, 0, 0, 1], 200),
            (&rocket, "https://example.net/", [127, 0, 0, 1], 403),
            (&rocket, "", [198, 51, 100, 7], 403),
            ("/img/rocket.jpg", "", [127, 0, 0, 1], 403),
        ];
        for (target, referer, peer, status) in cases {
            let request = Request::get(target)
                .header("referer", referer)
                .extension(ConnectInfo(SocketAddr::from((peer, 40_000))))
                .body(Body::empty())
                .unwrap();
            let answer = app.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{target} {referer} {peer:?}");
        }
    }
}
