//! A tonic server that has images beside its gRPC services, on one port and under the same rules.
//!
//! Start it with `cargo run --bin tonic`, and try the commands that it prints.
#![expect(clippy::print_stdout, reason = "it prints what to try")]

use std::error::Error;

use axum::Router;
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::{Dialect, DialectLayer};
use imgward::engine::Engine;
use imgward::ip_filter::IpFilterLayer;
use imgward::mount::MountPath;
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};
use imgward::transform::TransformLayer;
use imgward::user_agent::UserAgentBlockLayer;
use imgward_tonic::PeerAddrLayer;
use tonic::service::Routes;
use tonic::transport::Server;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;

const ORIGINALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reference-server/images");

type Guards = (
    PeerAddrLayer,
    ClientIpLayer,
    IpFilterLayer,
    UserAgentBlockLayer,
);

/// The rules for everything: a refused call gets a gRPC status, a refused image an HTTP one.
fn guards() -> Result<Guards, Box<dyn Error>> {
    Ok((
        PeerAddrLayer,
        ClientIpLayer::peer(),
        IpFilterLayer::allow(["127.0.0.0/8", "10.0.0.0/8"])?,
        UserAgentBlockLayer::containing(["badbot"])?,
    ))
}

/// What the server serves: gRPC's health service, and images below `/img`.
fn routes(keys: Keyring) -> Result<Routes, Box<dyn Error>> {
    let mount = MountPath::new("/img")?;
    let verifier = Verifier::new(Scheme::imagor(), keys)?.at(mount.clone());
    let images = ServiceBuilder::new()
        .layer(SignatureLayer::new(verifier))
        .layer(DialectLayer::new(Dialect::imagor().at(mount.clone())))
        .layer(TransformLayer::new(Engine::default()).at(mount))
        .service(ServeDir::new(ORIGINALS));
    let (_, health) = tonic_health::server::health_reporter();
    let images = Router::new().route_service("/img/{*image}", images);
    Ok(Routes::from(images).add_service(health))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In an application of your own, it comes from the environment.
    let keys = Keyring::of_secrets(["mysecret"]);
    let signer = Signer::new(Scheme::imagor(), keys.clone())?.at(MountPath::new("/img")?);
    let galaxies = signer.sign("fit-in/400x400/galaxies.jpg", None)?;
    let at = "http://127.0.0.1:3002";
    println!("allowed: curl -o galaxies.jpg '{at}{galaxies}'");
    println!("refused: curl -i -A badbot '{at}{galaxies}'");
    println!(
        "refused: curl -i -A badbot -X POST -H 'content-type: application/grpc' \
         --http2-prior-knowledge {at}/grpc.health.v1.Health/Check"
    );
    Server::builder()
        .accept_http1(true)
        .layer(guards()?)
        .add_routes(routes(keys)?)
        .serve(([127, 0, 0, 1], 3002).into())
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Method, Request, Version};
    use std::net::SocketAddr;
    use tonic::body::Body;
    use tonic::transport::server::TcpConnectInfo;
    use tonic::{Code, Status};
    use tower::{Layer as _, ServiceExt as _};

    fn request(target: &str, agent: &str, peer: [u8; 4]) -> Request<Body> {
        Request::get(target)
            .header("user-agent", agent)
            .extension(TcpConnectInfo {
                local_addr: None,
                remote_addr: Some(SocketAddr::from((peer, 40_000))),
            })
            .body(Body::default())
            .unwrap()
    }

    #[tokio::test]
    async fn images_and_calls_are_under_the_same_rules() {
        let keys = Keyring::of_secrets(["a test's secret"]);
        let signer = Signer::new(Scheme::imagor(), keys.clone()).unwrap();
        let signer = signer.at(MountPath::new("/img").unwrap());
        let galaxies = signer.sign("fit-in/400x400/galaxies.jpg", None).unwrap();
        let app = guards().unwrap().layer(routes(keys).unwrap());
        let cases = [
            (&*galaxies, "a browser", [127, 0, 0, 1], 200),
            (&galaxies, "BadBot/1.0", [127, 0, 0, 1], 403),
            (&galaxies, "a browser", [192, 0, 2, 7], 403),
            ("/img/galaxies.jpg", "a browser", [127, 0, 0, 1], 403),
        ];
        for (target, agent, peer, status) in cases {
            let answer = app.clone().oneshot(request(target, agent, peer)).await;
            let answer = answer.unwrap();
            assert_eq!(answer.status(), status, "{target} {agent} {peer:?}");
        }

        let mut call = request("/grpc.health.v1.Health/Check", "BadBot/1.0", [127, 0, 0, 1]);
        *call.method_mut() = Method::POST;
        *call.version_mut() = Version::HTTP_2;
        let grpc = "application/grpc".parse().unwrap();
        call.headers_mut().insert("content-type", grpc);
        let answer = app.oneshot(call).await.unwrap();
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
}
