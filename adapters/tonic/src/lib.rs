//! imgward's layers at home in [tonic](https://docs.rs/tonic).
//!
//! The layers of imgward are tower layers and go into `Server::builder().layer(...)` as they are; a refused gRPC call
//! is answered with a gRPC status, and other requests on the same port with an HTTP status. This crate adds what only
//! tonic knows or wants, and no policy:
//!
//! 1. [`PeerAddrLayer`] tells the layers further in where a connection comes from. Without it the peer stays unknown,
//!    and rules over addresses refuse it.
//! 2. [`status`] words a refusal as a `tonic::Status`, for a method that judges a call by a guard itself. (A
//!    `From<Rejection> for Status` could only be written in one of the crates that own these types.)
//!
//! The responder [`ProblemJson`](imgward::guard::ProblemJson) needs a body that is made of bytes, which tonic's own is
//! not. It works around an axum router, which then goes into tonic's `Routes`, and outside of a `TransformLayer`.
//!
//! With the feature `tls` (off by default), which turns tonic's `tls-ring` on, the peers of TLS connections are known
//! too.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::net::SocketAddr;
//!
//! use http::{Method, Request, Response, Version};
//! use imgward::client_ip::ClientIpLayer;
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward_tonic::PeerAddrLayer;
//! use tonic::body::Body;
//! use tonic::transport::Server;
//! use tonic::transport::server::TcpConnectInfo;
//! use tonic::{Code, Status};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stack = ServiceBuilder::new()
//!     .layer(PeerAddrLayer)
//!     .layer(ClientIpLayer::peer())
//!     .layer(IpFilterLayer::block(["198.51.100.0/24"])?);
//!
//! let (_, health) = tonic_health::server::health_reporter();
//! let server = Server::builder().layer(stack.clone()).add_service(health);
//! // server.serve(addr).await?;
//!
//! // What a call meets there:
//! let service = stack.service(service_fn(async |_call: Request<Body>| {
//!     Ok::<_, Infallible>(Response::new(Body::default()))
//! }));
//! let from = |peer: [u8; 4]| {
//!     let connect_info = TcpConnectInfo {
//!         local_addr: None,
//!         remote_addr: Some(SocketAddr::from((peer, 40_000))),
//!     };
//!     Request::builder()
//!         .method(Method::POST)
//!         .version(Version::HTTP_2)
//!         .header("content-type", "application/grpc")
//!         .extension(connect_info)
//!         .body(Body::default())
//! };
//! let allowed = service.clone().oneshot(from([192, 0, 2, 7])?).await?;
//! assert!(Status::from_header_map(allowed.headers()).is_none());
//!
//! let refused = service.oneshot(from([198, 51, 100, 7])?).await?;
//! let status = Status::from_header_map(refused.headers()).unwrap();
//! assert_eq!(status.code(), Code::PermissionDenied);
//! # Ok(())
//! # }
//! ```

use std::net::SocketAddr;
use std::task::{Context, Poll};

use http::{Extensions, Request};
use imgward::guard::Rejection;
use imgward::request_facts::PeerAddr;
use tonic::transport::server::TcpConnectInfo;
#[cfg(feature = "tls")]
use tonic::transport::server::TlsConnectInfo;
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

/// The gRPC status of a refusal: its code and what the client may know. The reason stays with the operator.
///
/// The layers answer a refused call with the same status.
pub fn status(why: &Rejection) -> Status {
    Status::new(
        Code::from_i32(why.kind().grpc_status().into()),
        why.detail(),
    )
}

/// Hands tonic's connect info on as [`PeerAddr`]. It goes outside all layers of imgward.
///
/// Where there is no connect info, or the connection has no address (a Unix socket), it inserts nothing, and the
/// client is unknown.
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
        if let Some(peer) = peer(request.extensions()) {
            request.extensions_mut().insert(PeerAddr(peer));
        }
        self.inner.call(request)
    }
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    let tcp = extensions.get::<TcpConnectInfo>();
    #[cfg(feature = "tls")]
    let tcp = tcp.or_else(|| {
        let tls = extensions.get::<TlsConnectInfo<TcpConnectInfo>>();
        tls.map(TlsConnectInfo::get_ref)
    });
    tcp.and_then(TcpConnectInfo::remote_addr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imgward::guard::RejectionKind;

    #[test]
    fn every_kind_has_a_status_that_gives_no_reason_away() {
        for &kind in RejectionKind::ALL {
            let status = status(&Rejection::new(kind, "rule 7 says so"));
            assert_eq!(status.code() as i32, i32::from(kind.grpc_status()));
            assert_ne!(status.code(), Code::Unknown, "{kind:?}");
            assert!(!status.message().contains("rule 7"), "{kind:?}");
        }
    }

    #[test]
    fn the_peer_is_the_remote_end_of_the_connection() {
        let remote = SocketAddr::from(([192, 0, 2, 7], 4711));
        let info = |remote_addr| TcpConnectInfo {
            local_addr: Some(SocketAddr::from(([127, 0, 0, 1], 80))),
            remote_addr,
        };
        let cases = [
            (Some(info(Some(remote))), Some(remote)),
            (Some(info(None)), None),
            (None, None),
        ];
        for (info, expected) in cases {
            let mut extensions = Extensions::new();
            if let Some(info) = info.clone() {
                extensions.insert(info);
            }
            assert_eq!(peer(&extensions), expected, "{info:?}");
        }
    }
}
