//! Makes images out of what the inner service answers with, whatever that is: a folder, the application itself, a
//! client of another server.
//!
//! 1. Outside its mount, a [`TransformLayer`] hands requests and answers on as they are, streams and trailers included.
//! 2. Inside, it makes what the `Arc<`[`ImageRequest`]`>` in the request's extensions asks for, which a
//!    [`DialectLayer`](crate::dialect::DialectLayer) puts there. The methods are GET and HEAD.
//! 3. The inner service is asked for the source with a request of its own: GET, the source's name as the path, and the
//!    client's `Host`. Nothing else of what the client sent reaches it: no cookies, no authorization, no range, no
//!    conditions, no `Accept`, no extensions.
//! 4. Its answer must be 200, without a content coding, as long as it says, and no longer than
//!    [`max_source_bytes`](TransformLayer::max_source_bytes), which are counted as they come. 404 and 410 are
//!    `not_found`, anything else is `origin_failed`; so is an error of the inner service.
//! 5. Images are made on a fixed number of threads of the layer's own. When all are busy and the queue is full, or
//!    the sources take all the memory that they may, the answer is 429 with `Retry-After`. A job that nobody waits for any more is skipped when its turn comes. A codec
//!    that panics is tried once more, and then costs one request.
//! 6. Where the URL leaves the format open, `Accept` chooses among [`auto_format`](TransformLayer::auto_format) (see
//!    [`negotiate`](crate::negotiate)), and every answer, 304 too, has `Vary: Accept`.
//! 7. An image has a strong `ETag`, made of its bytes; `If-None-Match` is answered with 304. Ranges are not served.
//! 8. An image goes out with a `Cache-Control` of the layer's own. What the origin marks `no-store` is stored by nobody;
//!    what it marks `private`, sets a cookie with, or varies on anything but `Accept-Encoding`, is `private`.
//! 9. Refusals are worded by a responder and are `no-store`, as those of a [`GuardLayer`](crate::guard::GuardLayer).
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
//! A stack overflow cannot be caught: codecs of your own must not recurse without a bound. Limits on time, and on how
//! many sources load at once, are for the layers around: tower has `timeout` and `concurrency_limit`.
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

mod answer;
mod body;
mod budget;
mod etag;
mod future;
mod layer;
mod making;
mod origin;
mod pool;
mod service;

pub use self::body::ImageBody;
pub use self::future::ResponseFuture;
pub use self::layer::{TransformLayer, UnwritableFormats};
pub use self::service::TransformService;

#[cfg(test)]
mod tests;
