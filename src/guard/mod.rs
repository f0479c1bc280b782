//! How a decision becomes a layer.
//!
//! A [`Guard`] is a pure decision over a request's head. [`GuardLayer`] makes a tower [`Layer`](tower_layer::Layer) of
//! any guard, so every check of this crate, and every check of your own, is used in the same way:
//!
//! 1. [`Guard::check`] looks at the head and decides. It changes nothing, and it is all that tests need to call.
//! 2. An allowed request is handed on, after [`Guard::apply`] has written what the guard found out into its head. When
//!    the answer comes back, [`Guard::respond`] has its say on its [`Caching`], which it can only tighten.
//! 3. A refused request never reaches the inner service. A responder ([`MakeRejection`]) words the answer:
//!    [`Empty`] (the default), [`ProblemJson`], or a closure. The [`Rejection`] is put into the answer's extensions,
//!    and the answer is `Cache-Control: no-store`, whichever responder is set. A refused method is told `Allow`, and an
//!    overload `Retry-After`.
//! 4. A gRPC call (POST over HTTP/2 with content type `application/grpc` or `application/grpc+...`) is refused in
//!    trailers-only form, with a `grpc-status`, whichever responder is set.
//!
//! Neither the response's body type nor the service's error type changes, so the layers work under
//! `axum::Router::layer`, `tonic::transport::Server::layer`, plain hyper, `tower::util::option_layer` and `Either`.
//!
//! # Example
//!
//! A guard of your own:
//!
//! ```
//! use http::request::Parts;
//! use http::{Request, Response, StatusCode};
//! use imgward::guard::{Guard, GuardLayer, Rejection};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! struct OfficeHoursOnly;
//!
//! impl Guard for OfficeHoursOnly {
//!     type Pass = ();
//!
//!     fn check(&self, head: &Parts) -> Result<(), Rejection> {
//!         if head.uri.path().starts_with("/office/") {
//!             return Err(Rejection::other("closed", StatusCode::SERVICE_UNAVAILABLE, "the office is closed"));
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = GuardLayer::new(OfficeHoursOnly).layer(service_fn(async |_request: Request<String>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//! }));
//!
//! let request = |path: &str| Request::get(path).body(String::new()).unwrap();
//! let allowed = service.clone().oneshot(request("/photo.jpg")).await.unwrap();
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(request("/office/photo.jpg")).await.unwrap();
//! assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
//! assert_eq!(refused.extensions().get::<Rejection>().unwrap().code(), "closed");
//! # }
//! ```
//!
//! # Report only
//!
//! [`GuardLayer::report_only`] lets a refused request through, to see what a new rule would do. The verdict is logged
//! and counted like a refusal, and the answer is marked `private, no-store`.
//!
//! # Logs and counters
//!
//! With the feature `tracing`, each verdict against a request is an event of level `INFO` under the target
//! `imgward::rejection`, with the fields `code`, `reason` and `report_only`. With the feature `metrics`, it counts in
//! `imgward_rejections_total`, labelled with `code` and `mode` (`enforced` or `report_only`).

use http::request;

mod caching;
mod future;
mod grpc;
mod layer;
mod rejection;
mod responder;
mod service;

pub use self::caching::Caching;
pub use self::future::ResponseFuture;
pub use self::grpc::is_grpc;
pub use self::layer::GuardLayer;
pub use self::rejection::{Rejection, RejectionKind};
pub use self::responder::{Empty, MakeRejection, ProblemJson};
pub use self::service::GuardService;
#[cfg(feature = "transform")]
pub(crate) use self::service::refuse;
#[cfg(feature = "cache")]
pub(crate) use self::service::word;

/// A decision over the head of a request. See the [module docs](self) for how it is used.
pub trait Guard {
    /// What an allowed request carries from [`check`](Self::check) to [`apply`](Self::apply) and
    /// [`respond`](Self::respond).
    type Pass;

    /// Decides whether the request may go on.
    ///
    /// # Errors
    ///
    /// The [`Rejection`] that refuses it.
    fn check(&self, head: &request::Parts) -> Result<Self::Pass, Rejection>;

    /// Writes what was found out into the head of an allowed request: an extension, a header, the URI.
    fn apply(&self, _head: &mut request::Parts, _pass: &mut Self::Pass) {}

    /// Does what the inner services rely on, where a refused request is let through because the layer only reports.
    fn apply_reported(&self, _head: &mut request::Parts, _why: &Rejection) {}

    /// Has a say on the caching of the answer to an allowed request.
    fn respond(&self, _pass: Self::Pass, _caching: &mut Caching<'_>) {}
}
