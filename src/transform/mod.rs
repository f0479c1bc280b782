//! Makes images out of what the inner service answers with, whatever that is: a folder, the application itself, a
//! client of another server.
//!
//! 1. Outside its mount, a [`TransformLayer`] hands requests and answers on as they are, streams and trailers included.
//! 2. Inside, it makes what the `Arc<`[`ImageRequest`]`>` in the request's extensions asks for, which a
//!    [`DialectLayer`](crate::dialect::DialectLayer) puts there. The methods are GET and HEAD.
//! 3. The inner service is asked for each source (at most eight) with a request of its own: GET, the source's name as the
//!    path, and the client's `Host`. Nothing else of what the client sent reaches it: no cookies, no authorization, no
//!    range, no conditions, no `Accept`, no extensions, unless [`forward_headers`](TransformLayer::forward_headers) names
//!    them. A service that is asked for several is cloned for it.
//! 4. Its answer must be 200, without a content coding, as long as it says, and no longer than
//!    [`max_source_bytes`](TransformLayer::max_source_bytes), which are counted as they come. 404 and 410 are
//!    `not_found`, anything else is `origin_failed`; so is an error of the inner service. Where the answer's extensions have
//!    a [`Rejection`](crate::guard::Rejection), or an error of its body is one, that is what is answered.
//! 5. Images are made on a fixed number of threads of the layer's own. When all are busy and the queue is full, or
//!    sources and pixels take all the [memory that they may](TransformLayer::memory_budget), the answer is 429 with
//!    `Retry-After`; the origin is not asked where the queue is full already, and while images wait, no more sources are loaded
//!    at a time than there are places left in it. A codec that panics is tried once more, and then costs those that wait for it.
//! 6. Where the URL leaves the format open, `Accept` chooses among [`auto_format`](TransformLayer::auto_format) (see
//!    [`negotiate`](crate::negotiate)), and every answer, 304 too, has `Vary: Accept`.
//! 7. An image has a strong `ETag`, made of its bytes; `If-None-Match` is answered with 304. Ranges are not served.
//! 8. An image goes out with a `Cache-Control` of the layer's own. What the origin marks `no-store` is stored by nobody;
//!    what it marks `private`, sets a cookie with, or varies on anything but `Accept-Encoding`, is `private`.
//! 9. Requests that are in flight together and ask the same service the same share one load, unless its answer is
//!    `private`, `no-store`, sets a cookie or varies: then each has its own. They share the decoded pixels too, those
//!    of the largest image (see [`share_decodes`](TransformLayer::share_decodes)). Others may join until the first of
//!    them is decoded; nothing is kept for those that come later.
//! 10. What nobody waits for any more is given up: a load with the last that waits for it, a job when its turn comes, or
//!     at its next pass over the pixels. There are limits on the time of a [request](TransformLayer::request_timeout), a
//!     [load](TransformLayer::load_timeout) and a [job](TransformLayer::process_timeout), past which the answer is
//!     `timeout`; they need no runtime.
//! 11. Refusals are worded by a responder and are `no-store`, as those of a [`GuardLayer`](crate::guard::GuardLayer).
//!
//! # Deployment
//!
//! The inner service sees names that clients chose (percent-encoded, without dot segments where they come from a
//! `DialectLayer`): serve a folder with what never leaves it, and let nothing that should not be public be found below
//! it. It sees the client's `Host` too, which an origin must not build a URL of.
//!
//! Guards go outside of this layer: inside, they would judge its own request to the origin, which has neither the
//! client's address nor its headers, and so no `Referer` or `User-Agent` to refuse.
//!
//! A stack overflow cannot be caught: codecs of your own must not recurse without a bound. By default there is no limit on
//! time, nor on how many sources load at once: set them where clients are not trusted.
//!
//! Two services share nothing, whatever layer made them: clone the service, not the layer, for each connection.
//!
//! # Example
//!
//! ```
//! use std::io::Cursor;
//!
//! use bytes::Bytes;
//! use http::header::CONTENT_TYPE;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use imgward::dialect::{Dialect, DialectLayer};
//! use imgward::engine::Engine;
//! use imgward::mount::MountPath;
//! use imgward::recipe::Format;
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use imgward::transform::TransformLayer;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mount = MountPath::new("/img")?;
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor()).at(mount.clone())))
//!     .layer(DialectLayer::new(Dialect::imagor().at(mount.clone())))
//!     .layer(TransformLayer::new(Engine::default()).at(mount).auto_format([Format::WebP])?)
//!     // The origin: one photo, in PNG.
//!     .service(service_fn(async |request: Request<Full<Bytes>>| {
//!         assert_eq!(request.uri(), "/photo.png");
//!         let mut photo = Vec::new();
//!         image::RgbImage::new(64, 48).write_to(&mut Cursor::new(&mut photo), image::ImageFormat::Png)?;
//!         Ok::<_, image::ImageError>(Response::new(Full::from(photo)))
//!     }));
//!
//! let request = |method: &str| {
//!     let request = Request::builder().method(method).uri("/img/unsafe/32x32/photo.png");
//!     request.header("accept", "image/webp,*/*").body(Full::default())
//! };
//! let image = service.clone().oneshot(request("GET")?).await?;
//! assert_eq!(image.status(), StatusCode::OK);
//! assert_eq!(image.headers()[CONTENT_TYPE], "image/webp");
//!
//! let refused = service.oneshot(request("POST")?).await?;
//! assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # Ok(())
//! # }
//! ```
//!
//! [`ImageRequest`]: crate::recipe::ImageRequest

pub(crate) mod answer;
mod body;
mod budget;
mod disposition;
pub(crate) mod etag;
mod future;
mod inflight;
mod job;
mod layer;
mod load;
mod making;
mod origin;
mod original;
mod pool;
mod provenance;
mod service;
mod settings;

pub use self::body::ImageBody;
pub use self::future::ResponseFuture;
pub use self::layer::{TransformLayer, UnwritableFormats, Usage};
#[cfg(feature = "cache")]
pub(crate) use self::origin::{Headers, Said};
#[cfg(feature = "cache")]
pub(crate) use self::provenance::{Conditions, Provenance};
pub use self::service::TransformService;

#[cfg(test)]
mod tests;
