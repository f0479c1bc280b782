//! A plain hyper server that makes images, with a block list that is swapped while it runs.
//!
//! Start it with `cargo run --bin hyper`, and try the two commands that it prints. Every five seconds it reads
//! `blocklist.txt` in the current directory, if there is one: an address or a network a line.
#![expect(clippy::print_stdout, reason = "it prints what to try")]

use std::convert::Infallible;
use std::error::Error;
use std::fs;
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::DialectLayer;
use imgward::engine::Engine;
use imgward::guard::GuardLayer;
use imgward::ip_filter::IpFilter;
use imgward::reload::{self, Handle};
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer};
use imgward::transform::{ImageBody, TransformLayer};
use imgward::user_agent::UserAgentBlockLayer;
use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder};
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;

const ORIGINALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reference-server/images");

type Answer = Response<ImageBody<ServeFileSystemResponseBody>>;

/// Images for those who have a signed URL, except for clients in `block` and for bots.
fn app(
    keys: Keyring,
    block: Handle<IpFilter>,
) -> Result<
    impl Service<Request<RequestBody>, Response = Answer, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static,
    Box<dyn Error>,
> {
    Ok(ServiceBuilder::new()
        .layer(ClientIpLayer::peer())
        .layer(GuardLayer::new(block))
        .layer(UserAgentBlockLayer::containing(["badbot"])?)
        .layer(SignatureLayer::require(Scheme::query(), keys)?)
        .layer(DialectLayer::imagor())
        .layer(TransformLayer::new(Engine::default()))
        .service(ServeDir::new(ORIGINALS)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In an application of your own, it comes from the environment.
    let keys = Keyring::of_secrets(["mysecret"]);
    let block = reload::handle(IpFilter::new());
    tokio::spawn(keep_reading(block.clone()));
    let app = app(keys.clone(), block)?;
    let listener = TcpListener::bind("127.0.0.1:3001").await?;
    let at = format!("http://{}", listener.local_addr()?);

    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let an_hour = Some(now.as_secs() + 3_600);
    let coffee = Signer::new(Scheme::query(), keys)?.sign("300x300/coffee.jpg", an_hour)?;
    println!("allowed: curl -o coffee.jpg '{at}{coffee}'");
    println!("refused: curl -i -A badbot '{at}{coffee}'");
    loop {
        let (stream, peer) = listener.accept().await?;
        let service = with_request_body(with_peer_addr(app.clone(), peer));
        tokio::spawn(async move {
            let service = TowerToHyperService::new(service);
            let server = auto::Builder::new(TokioExecutor::new());
            server.serve_connection(TokioIo::new(stream), service).await
        });
    }
}

/// Puts each new block list in force. One that cannot be read leaves the one before it.
async fn keep_reading(block: Handle<IpFilter>) {
    loop {
        if let Ok(list) = fs::read_to_string("blocklist.txt") {
            match IpFilter::block(list.lines()) {
                Ok(rules) => drop(block.swap(rules)),
                Err(invalid) => println!("blocklist.txt: {invalid}"),
            }
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn it_serves_whom_the_rules_in_force_allow() {
        let keys = Keyring::of_secrets(["a test's secret"]);
        let signer = Signer::new(Scheme::query(), keys.clone()).unwrap();
        let coffee = signer.sign("300x300/coffee.jpg", None).unwrap();
        let block = reload::handle(IpFilter::new());
        let app = app(keys, block.clone()).unwrap();
        let status = async |target: &str, agent: &str| {
            let request = Request::get(target).header("user-agent", agent);
            let request = request.body(RequestBody::default()).unwrap();
            let app = with_peer_addr(app.clone(), SocketAddr::from(([192, 0, 2, 7], 40_000)));
            app.oneshot(request).await.unwrap().status()
        };
        assert_eq!(status(&coffee, "a browser").await, 200);
        assert_eq!(status(&coffee, "BadBot/1.0").await, 403);
        assert_eq!(status("/300x300/coffee.jpg", "a browser").await, 403);
        block.swap(IpFilter::block(["192.0.2.0/24"]).unwrap());
        assert_eq!(status(&coffee, "a browser").await, 403);
    }
}
