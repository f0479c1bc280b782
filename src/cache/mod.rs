//! Images that are made once, and kept: in memory, and in a store that all instances share.
//!
//! 1. A [`CacheLayer`] goes between [`DialectLayer`](crate::dialect::DialectLayer) and
//!    [`TransformLayer`], inside of all guards: who is refused is refused what is kept, too.
//! 2. A result is told by all that it depends on: the origin's identity, what the URL asks for (not how it is written), the
//!    settings of the `TransformLayer` and its engine that have a say in it, the format that `Accept` chose, and the
//!    [headers that the origin gets](CacheLayer::origin_headers). Nothing else of a request gets past the layer, so that
//!    nothing else can change what others are answered with: no query that nobody reads, no `User-Agent`, no other header.
//! 3. Requests that want the same of a layer, or its clones, at the same time are answered with one making. It goes on as
//!    long as one of them waits, is dropped with the last, and is tried once more if it panics.
//! 4. Kept is what everybody may have: an answer of 200 that is not `private` or `no-store`, sets no cookie, and varies on
//!    `Accept`, `Accept-Encoding` and the headers that the origin gets at most. What may not be kept is not shared between requests either.
//! 5. An image is used for its [time](CacheLayer::ttl), or for as long as the origin says of its originals, if that is
//!    shorter: `no-cache`, `s-maxage`, `max-age` less `Age`, or `Expires`, the shortest of them. Time
//!    counts from when the originals were asked for, however long the image took. After that the originals are
//!    asked for again by their `ETag`, or by a `Last-Modified` that is old enough to tell them apart. If none has changed,
//!    the image is kept for as long again, and is a `hit`; else it is made anew.
//! 6. `not_found`, `unsupported_format`, `image_too_large` and `image_corrupt` are remembered for
//!    [a while](CacheLayer::negative_ttl), other refusals never.
//! 7. The memory holds so many [bytes](CacheBuilder::memory) of images; what is asked for most stays. Refusals have a place
//!    of their own.
//! 8. A [store](CacheBuilder::store) that is slow, full, read-only or gone costs no request more than a
//!    [limit](CacheBuilder::store_timeout), and for a while it is not asked any more. What it gives back is checked by its
//!    digest; what is damaged is removed and made anew. It is written to after the answer; what comes faster than
//!    [it can be written](CacheBuilder::write_behind) is kept in memory alone.
//! 9. `If-None-Match` is answered with 304, HEAD by what GET would be answered with. There is no `Last-Modified`, so that
//!    `If-Modified-Since` is not looked at; ranges are not served.
//! 10. Answers say `X-Cache: hit`, `miss` (of those that were answered together, one) or `coalesced` (the others). What
//!     guards add to an answer, such as a lower `max-age` for a URL that expires, they add to each anew.
//! 11. What was made of a [source](CacheLayer::purge_source), or for a [request](CacheLayer::purge), can be removed.
//!
//! # Deployment
//!
//! Everything may be used without a runtime, but for writes to a store, [stale
//! images](CacheLayer::stale_while_revalidate), and stores that need one themselves: they use the tokio runtime that the
//! service is called in.
//!
//! Who can write to the store decides what is answered. Removing reaches the store and the memory of this process; what
//! other processes have in memory stays until its time is over.
//!
//! # Example
//!
//! ```
//! use std::io::Cursor;
//!
//! use bytes::Bytes;
//! use http::header::{ETAG, IF_NONE_MATCH};
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use imgward::cache::{Cache, CacheLayer};
//! use imgward::dialect::DialectLayer;
//! use imgward::engine::Engine;
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use imgward::transform::TransformLayer;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = Cache::in_memory(256 * 1024 * 1024);
//! let transform = TransformLayer::new(Engine::default());
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
//!     .layer(DialectLayer::imagor())
//!     .layer(CacheLayer::new(&cache, "one photo", &transform).origin_headers([]))
//!     .layer(transform)
//!     .service(service_fn(async |_: Request<Full<Bytes>>| {
//!         let mut photo = Vec::new();
//!         image::RgbImage::new(64, 48).write_to(&mut Cursor::new(&mut photo), image::ImageFormat::Png)?;
//!         Ok::<_, image::ImageError>(Response::new(Full::from(photo)))
//!     }));
//!
//! let request = |query: &str| {
//!     Request::get(format!("/unsafe/32x32/photo.png?{query}")).body(Full::default()).unwrap()
//! };
//! let made = service.clone().oneshot(request("a=1")).await?;
//! assert_eq!(made.headers()["x-cache"], "miss");
//! let kept = service.clone().oneshot(request("b=2")).await?;
//! assert_eq!(kept.headers()["x-cache"], "hit");
//!
//! let mut again = request("c=3");
//! again.headers_mut().insert(IF_NONE_MATCH, kept.headers()[ETAG].clone());
//! let unchanged = service.oneshot(again).await?;
//! assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
//! # Ok(())
//! # }
//! ```
//!
//! [`TransformLayer`]: crate::transform::TransformLayer

use http::HeaderValue;

mod entry;
mod flight;
mod freshness;
mod future;
mod key;
mod layer;
mod making;
mod memory;
mod service;
mod shared;
mod store;

pub use self::future::ResponseFuture;
pub use self::layer::CacheLayer;
pub use self::service::CacheService;
pub use self::shared::{Cache, CacheBuilder};
pub use self::store::{Store, StoreError, StoreFuture};

/// Where an answer comes from, as `X-Cache` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It was kept.
    Hit,
    /// It was made for this request.
    Miss,
    /// It was made for a request beside this one.
    Coalesced,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }

    fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }
}

#[cfg(test)]
mod tests;
