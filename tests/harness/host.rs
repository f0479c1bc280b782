use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};

use axum::ServiceExt as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt as _};

use crate::Client;

/// A server on a free port of the loopback address, on a thread and a runtime of its own. It stops, whatever it is
/// doing, when it is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves an application with axum: a router, or a stack around one. The peer's address is told to all layers.
    ///
    /// # Panics
    ///
    /// Where the server cannot be started.
    pub fn axum<S, B>(app: S) -> Self
    where
        S: Service<axum::extract::Request, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let app = imgward_axum::PeerAddrLayer.layer(app);
        let app = app.map_response(|response| response.map(axum::body::Body::new));
        Self::start(async move |listener| {
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app)
                .await
                .expect("axum serves until it is stopped");
        })
    }

    /// Serves a stack with hyper, over HTTP/1.1 and HTTP/2. The peer's address is told to all layers.
    ///
    /// # Panics
    ///
    /// Where the server cannot be started.
    pub fn hyper<S, B>(stack: S) -> Self
    where
        S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        Self::start(async move |listener: TcpListener| {
            loop {
                let Ok((stream, peer)) = listener.accept().await else {
                    continue;
                };
                let service = with_peer_addr(with_request_body(stack.clone()), peer);
                tokio::spawn(async move {
                    let service = TowerToHyperService::new(service);
                    let server = auto::Builder::new(TokioExecutor::new());
                    // A client that goes away is no concern of the server.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        })
    }

    /// Serves gRPC services, and other routes over HTTP/1.1 and HTTP/2, with tonic under a layer. The peer's address
    /// is told to the layer.
    ///
    /// # Panics
    ///
    /// Where the server cannot be started.
    pub fn tonic<L, B>(layer: L, routes: Routes) -> Self
    where
        L: Layer<Routes> + Clone + Send + Sync + 'static,
        L::Service: Service<Request<tonic::body::Body>, Response = Response<B>>,
        L::Service: Clone + Send + 'static,
        <L::Service as Service<Request<tonic::body::Body>>>::Future: Send,
        <L::Service as Service<Request<tonic::body::Body>>>::Error: Into<BoxError> + Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let stack = ServiceBuilder::new()
            .layer(imgward_tonic::PeerAddrLayer)
            .layer(layer);
        Self::start(async move |listener| {
            tonic::transport::Server::builder()
                .accept_http1(true)
                .layer(stack)
                .add_routes(routes)
                .serve_with_incoming(TcpIncoming::from(listener))
                .await
                .expect("tonic serves until it is stopped");
        })
    }

    /// Where the server is.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A client of the server.
    pub fn client(&self) -> Client {
        Client::new(self.addr)
    }

    fn start<F, Fut>(serve: F) -> Self
    where
        F: FnOnce(TcpListener) -> Fut + Send + 'static,
        Fut: Future<Output = ()>,
    {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                listener.set_nonblocking(true).expect("a listener");
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread's panic has been printed, and the test has failed by its missing answers.
            let _ = thread.join();
        }
    }
}

/// An application of two parts, as an axum router that every host can serve: `origin` for every path, and the gRPC
/// health service, which says that it serves.
pub fn with_health<O, B>(origin: O) -> axum::Router
where
    O: Service<Request<axum::body::Body>, Response = Response<B>, Error = Infallible>,
    O: Clone + Send + Sync + 'static,
    O::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let (_, health) = tonic_health::server::health_reporter();
    let origin = origin.map_response(|response| response.map(axum::body::Body::new));
    Routes::new(health)
        .into_axum_router()
        .fallback_service(origin)
}

/// Serves the same stack around the same origin in every host, with the gRPC health service beside it: an array of
/// host names and [`Server`]s. The stack is evaluated and cloned once a host.
///
/// `axum` has the stack inside `Router::layer`, `axum, around the router` outside all routing.
#[macro_export]
macro_rules! every_host {
    ($stack:expr, $origin:expr) => {{
        let app = || $crate::with_health($origin.clone());
        let around = || ::tower::ServiceBuilder::new().layer($stack.clone());
        [
            ("axum", $crate::Server::axum(app().layer($stack.clone()))),
            (
                "axum, around the router",
                $crate::Server::axum(around().service(app())),
            ),
            ("hyper", $crate::Server::hyper(around().service(app()))),
            ("tonic", $crate::Server::tonic($stack.clone(), app().into())),
        ]
    }};
}
