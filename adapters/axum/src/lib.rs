//! imgward's layers at home in [axum](https://docs.rs/axum).
//!
//! The layers of imgward are tower layers and work in axum as they are. This crate adds what only axum knows or
//! wants, and no policy:
//!
//! 1. [`PeerAddrLayer`] tells the layers further in where a connection comes from. The application must be served
//!    with `into_make_service_with_connect_info::<SocketAddr>()`; without it the peer stays unknown, and rules over
//!    addresses refuse it.
//! 2. [`ClientIp`] and [`Country`] are extractors of what
//!    [`ClientIpLayer`](imgward::client_ip::ClientIpLayer) and
//!    [`GeoRestrictionLayer`](imgward::geo::GeoRestrictionLayer) found out.
//! 3. [`RejectionResponse`] is the answer of a handler that refuses a request itself.
//!
//! # Where the layers go
//!
//! Layers inside `Router::layer` run after routing, and repeated calls of it run the last one first; a
//! `tower::ServiceBuilder` runs its layers in the order they are written. A layer that changes the URI, as
//! [`SignatureLayer`](imgward::signature::SignatureLayer) does, must run before routing: wrap the whole router with
//! it, as in `signature.layer(router)`.
//!
//! # Example
//!
//! ```
//! use std::net::SocketAddr;
//!
//! use axum::Router;
//! use axum::body::Body;
//! use axum::extract::ConnectInfo;
//! use axum::http::Request;
//! use axum::routing::get;
//! use imgward::client_ip::ClientIpLayer;
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward_axum::{ClientIp, PeerAddrLayer};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn photo(ClientIp(client): ClientIp) -> String {
//!     format!("a photo for {client}")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app = Router::new().route("/photo.jpg", get(photo)).layer(
//!     ServiceBuilder::new()
//!         .layer(PeerAddrLayer)
//!         .layer(ClientIpLayer::peer())
//!         .layer(IpFilterLayer::block(["198.51.100.0/24"])?),
//! );
//!
//! // What a server does that is started so:
//! // axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! let from = |peer: [u8; 4]| {
//!     let connect_info = ConnectInfo(SocketAddr::from((peer, 40_000)));
//!     Request::get("/photo.jpg").extension(connect_info).body(Body::empty())
//! };
//! let allowed = app.clone().oneshot(from([192, 0, 2, 7])?).await?;
//! assert_eq!(allowed.status(), 200);
//!
//! let refused = app.oneshot(from([198, 51, 100, 7])?).await?;
//! assert_eq!(refused.status(), 403);
//! # Ok(())
//! # }
//! ```

use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::extract::{ConnectInfo, Request};
use imgward::request_facts::PeerAddr;
use tower_layer::Layer;
use tower_service::Service;

mod extract;
mod response;

pub use self::extract::{ClientIp, Country, FactRejection};
pub use self::response::RejectionResponse;

/// Hands axum's `ConnectInfo<SocketAddr>` on as [`PeerAddr`]. It goes outside all layers of imgward.
///
/// Where there is no `ConnectInfo` it inserts nothing, and the client is unknown.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct PeerAddrLayer;

impl<S> Layer<S> for PeerAddrLayer {
    type Service = PeerAddrService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PeerAddrService { inner }
    }
}

/// The service of a [`PeerAddrLayer`].
#[derive(Clone, Debug)]
pub struct PeerAddrService<S> {
    inner: S,
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
        let extensions = request.extensions_mut();
        if let Some(&ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() {
            extensions.insert(PeerAddr(peer));
        }
        self.inner.call(request)
    }
}
