//! imgward's layers at home in plain [hyper](https://docs.rs/hyper).
//!
//! The layers of imgward are tower layers, and `hyper_util::service::TowerToHyperService` serves a tower service. This
//! crate adds what hyper itself lacks, and no policy:
//!
//! 1. [`with_peer_addr`] tells a stack where the connection it serves comes from. Without it the peer stays unknown,
//!    and rules over addresses refuse it.
//! 2. [`with_request_body`] gives a stack requests whose body, [`RequestBody`], has a default. hyper's `Incoming` has
//!    none, and `TransformLayer` needs one for the requests that it makes itself.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::net::SocketAddr;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use hyper_util::rt::{TokioExecutor, TokioIo};
//! use hyper_util::server::conn::auto;
//! use hyper_util::service::TowerToHyperService;
//! use imgward::client_ip::ClientIpLayer;
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
//! use tokio::net::TcpListener;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stack = ServiceBuilder::new()
//!     .layer(ClientIpLayer::peer())
//!     .layer(IpFilterLayer::block(["198.51.100.0/24"])?)
//!     .service(service_fn(async |_request: Request<RequestBody>| {
//!         Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("a photo"))))
//!     }));
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let app = stack.clone();
//! tokio::spawn(async move {
//!     while let Ok((stream, peer)) = listener.accept().await {
//!         let service = with_request_body(with_peer_addr(app.clone(), peer));
//!         tokio::spawn(async move {
//!             let service = TowerToHyperService::new(service);
//!             auto::Builder::new(TokioExecutor::new())
//!                 .serve_connection(TokioIo::new(stream), service)
//!                 .await
//!         });
//!     }
//! });
//!
//! // What a request meets there:
//! let from = |peer: [u8; 4]| {
//!     let service = with_peer_addr(stack.clone(), SocketAddr::from((peer, 40_000)));
//!     service.oneshot(Request::new(RequestBody::default()))
//! };
//! assert_eq!(from([192, 0, 2, 7]).await?.status(), 200);
//! assert_eq!(from([198, 51, 100, 7]).await?.status(), 403);
//! # Ok(())
//! # }
//! ```

use std::net::SocketAddr;
use std::task::{Context, Poll};

use http::Request;
use imgward::request_facts::PeerAddr;
use tower_service::Service;

mod body;

pub use self::body::{RequestBody, RequestBodyService, with_request_body};

/// Wraps the service of one connection, so that its requests carry the [`PeerAddr`] of that connection.
///
/// Call it for every connection that you accept, on a clone of the stack, outside all layers of imgward.
pub fn with_peer_addr<S>(service: S, peer: SocketAddr) -> PeerAddrService<S> {
    PeerAddrService {
        inner: service,
        peer: PeerAddr(peer),
    }
}

/// The service that [`with_peer_addr`] makes.
#[derive(Clone, Debug)]
pub struct PeerAddrService<S> {
    inner: S,
    peer: PeerAddr,
}

impl<S, B> Service<Request<B>> for PeerAddrService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.inner.call(request)
    }
}
