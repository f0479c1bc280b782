//! An image instead of a refusal: where an original is missing or broken, a page shows a placeholder and no gap.
//!
//! 1. A [`PlaceholderLayer`] goes right outside of [`CacheLayer`](crate::cache::CacheLayer), or of [`TransformLayer`] where
//!    there is no cache. What guards refuse further outside stays refused, for a placeholder is given for
//!    [certain kinds](PlaceholderLayer::KINDS) of refusal alone, those of an original and of its image.
//! 2. The status stays that of the refusal, and so does `Cache-Control: no-store`: nobody takes the placeholder for the
//!    image. The [`Rejection`] stays in the answer's extensions.
//! 3. It is made as the image would have been: resized, extended, rounded and encoded as the URL asks, in the format that
//!    `Accept` chooses. What belongs to the picture and not to its place on the page is left out: cuts, trims, turns,
//!    colours, texts, other images. It has no `ETag`, and is not an attachment.
//! 4. Where it cannot be made, because the wish itself cannot be met, too much is under way, or the
//!    [time of the request](crate::transform::TransformLayer::request_timeout) is over, the refusal is answered as it is.
//! 5. What was made is kept in memory, up to 16 MiB, so that a flood of requests for what is not there costs no images.
//!
//! # Example
//!
//! ```
//! use std::io::Cursor;
//!
//! use bytes::Bytes;
//! use http::header::{CACHE_CONTROL, CONTENT_TYPE};
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use imgward::dialect::DialectLayer;
//! use imgward::engine::Engine;
//! use imgward::guard::RejectionKind;
//! use imgward::placeholder::PlaceholderLayer;
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use imgward::transform::TransformLayer;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut gray = Cursor::new(Vec::new());
//! image::RgbImage::from_pixel(64, 48, image::Rgb([128; 3])).write_to(&mut gray, image::ImageFormat::Png)?;
//!
//! let transform = TransformLayer::new(Engine::default());
//! let placeholder = PlaceholderLayer::new(&transform).image(RejectionKind::NotFound, gray.into_inner())?;
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
//!     .layer(DialectLayer::imagor())
//!     .layer(placeholder)
//!     .layer(transform)
//!     // An origin that has no image.
//!     .service(service_fn(async |_: Request<Full<Bytes>>| {
//!         let mut response = Response::new(Full::<Bytes>::default());
//!         *response.status_mut() = StatusCode::NOT_FOUND;
//!         Ok::<_, std::convert::Infallible>(response)
//!     }));
//!
//! let request = |target: &str| Request::get(target).body(Full::default());
//! let missing = service.clone().oneshot(request("/unsafe/32x32/missing.png")?).await?;
//! assert_eq!(missing.status(), StatusCode::NOT_FOUND);
//! assert_eq!(missing.headers()[CONTENT_TYPE], "image/png");
//! assert_eq!(missing.headers()[CACHE_CONTROL], "no-store");
//!
//! // What does not parse is refused before it gets here.
//! let refused = service.oneshot(request("/unsafe/32x32/..%2Fmissing.png")?).await?;
//! assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
//! assert!(!refused.headers().contains_key(CONTENT_TYPE));
//! # Ok(())
//! # }
//! ```
//!
//! [`Rejection`]: crate::guard::Rejection
//! [`TransformLayer`]: crate::transform::TransformLayer

mod future;
mod layer;
mod recipe;
mod service;

pub use self::future::ResponseFuture;
pub use self::layer::{InvalidPlaceholder, PlaceholderLayer};
pub use self::service::PlaceholderService;

#[cfg(test)]
mod tests;
