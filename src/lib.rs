//! Image delivery security and on-the-fly image transforms as [tower](https://docs.rs/tower) layers.
//!
//! Each check is a `Layer` of its own: take those that you need, and put them into the axum, hyper or tonic application
//! that you have. What they decide, and by which rule, stands in the docs of their modules.
//!
//! | Layer | decides or does | refusal | feature |
//! |---|---|---|---|
//! | [`ClientIpLayer`](client_ip::ClientIpLayer) | finds the client's address behind trusted proxies | | |
//! | [`IpFilterLayer`](ip_filter::IpFilterLayer) | blocks or allows addresses and networks | 403 `ip_blocked` | |
//! | [`GeoRestrictionLayer`](geo::GeoRestrictionLayer) | blocks or allows countries | 403 or 451 `country_blocked` | `geo` |
//! | [`UserAgentBlockLayer`](user_agent::UserAgentBlockLayer) | blocks user agents | 403 `user_agent_blocked` | `user-agent` |
//! | [`RefererLayer`](referer::RefererLayer) | blocks or allows the sites that embed images | 403 `referer_denied` | `referer` |
//! | [`AcceptRewriteLayer`](user_agent::AcceptRewriteLayer) | replaces the `Accept` of user agents that are wrong about it | | `user-agent` |
//! | [`SignatureLayer`](signature::SignatureLayer) | verifies signed and expiring URLs, in five schemes | 403 `signature_missing`, `signature_invalid`, `lifetime_too_long`, 410 `url_expired` | `signature` |
//! | [`DialectLayer`](dialect::DialectLayer) | parses the URL into an image request | 400 `bad_request` | `transform` |
//! | [`SourceLayer`](source::SourceLayer) | refuses images by where they would be fetched from | 403 `source_denied` | `transform` |
//! | [`PlaceholderLayer`](placeholder::PlaceholderLayer) | answers with an image of yours where there is none | | `cache` |
//! | [`CacheLayer`](cache::CacheLayer) | keeps images, and makes each once for all who want it at the same time | | `cache` |
//! | [`TransformLayer`](transform::TransformLayer) | makes the image, from the originals that its inner service serves | 404, 413, 415, 422, 429, 502, 504 | `transform` |
//!
//! # One minute
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::client_ip::ClientIpLayer;
//! use imgward::guard::Rejection;
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward::referer::RefererLayer;
//! use imgward::request_facts::PeerAddr;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(ClientIpLayer::peer())
//!     .layer(IpFilterLayer::block(["163.120.4.15", "10.0.0.0/24"])?)
//!     .layer(RefererLayer::allow(["https://example.com", "https://*.shop.example"])?)
//!     .service(service_fn(async |_request: Request<String>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//!     }));
//!
//! // The adapter of your framework inserts the peer's address.
//! let request = |peer: &str, referer: &str| {
//!     Request::get("/photo.jpg")
//!         .extension(PeerAddr(peer.parse().unwrap()))
//!         .header("referer", referer)
//!         .body(String::new())
//! };
//! let allowed = request("192.0.2.7:40000", "https://www.shop.example/new")?;
//! assert_eq!(service.clone().oneshot(allowed).await?.status(), StatusCode::OK);
//!
//! let refused = request("192.0.2.7:40000", "https://example.com.evil.example/")?;
//! let refused = service.oneshot(refused).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! assert_eq!(refused.extensions().get::<Rejection>().unwrap().code(), "referer_denied");
//! # Ok(())
//! # }
//! ```
//!
//! # In which order
//!
//! A request meets the layers in the order of the table; `ServiceBuilder` runs them as they are written. Only these
//! orders matter:
//!
//! - `ClientIpLayer` is outside of the rules over addresses and countries, which read what it found.
//! - `SignatureLayer` is outside of `DialectLayer`, and that outside of `TransformLayer`: each hands the next what it
//!   may read. `SourceLayer` is between the last two. `AcceptRewriteLayer` is outside of `TransformLayer`.
//! - `CacheLayer` is right outside of `TransformLayer`, and inside of all that refuses. `PlaceholderLayer` is right outside
//!   of it.
//! - A layer that changes the URI, as `SignatureLayer` does, is outside of whatever routes by it.
//!
//! # Frameworks
//!
//! The layers change neither the body type nor the error type of a service, so they work wherever tower layers do. The
//! crates `imgward-axum`, `imgward-hyper` and `imgward-tonic` bring the peer's address along, and extractors or
//! statuses.
//!
//! # Features
//!
//! | Feature | adds | default |
//! |---|---|---|
//! | `geo` | [`geo`]: countries, by maxminddb | yes |
//! | `referer` | [`referer`]: sites, by url | yes |
//! | `signature` | [`signature`]: signed URLs, by hmac, sha1, sha2 | yes |
//! | `user-agent` | [`user_agent`]: rules over user agents, by aho-corasick | yes |
//! | `transform` | [`dialect`], [`negotiate`], [`engine`], [`source`], [`transform`]: images, in pure Rust | |
//! | `http-origin` | [`origin`]: originals from other servers, by hyper and rustls | |
//! | `webp` | [`engine::LossyWebP`]: lossy WebP, by libwebp (C) | |
//! | `avif` | [`engine::Avif`]: AVIF, in pure Rust | |
//! | `bmp`, `ico`, `tiff` | [`engine::Bmp`], [`engine::Ico`], [`engine::Tiff`]: images of these formats, by image | |
//! | `jxl` | [`engine::Jxl`]: JPEG XL images, by jxl-oxide | |
//! | `svg` | [`engine::Svg`]: SVG images, drawn by resvg | |
//! | `image` | conversions between [`engine::Picture`] and `image::DynamicImage` | |
//! | `text` | [`engine::Fonts`]: texts over images, in `DejaVu Sans` or fonts of one's own | |
//! | `cache` | [`cache`], [`placeholder`]: images that are made once, and kept; images instead of refusals | |
//! | `object-store` | [`bucket`], [`origin::BucketOrigin`]: originals, and images that all instances keep together, in folders | |
//! | `s3`, `gcs`, `azure` | the same in buckets of Amazon S3 and what speaks like it, Google and Azure | |
//! | `config` | [`config`]: the same layers from a TOML file | |
//! | `metrics` | counters of refusals and cache results, and how long the stages of an image take, through the `metrics` facade | |
//! | `tracing` | an event for each refusal, through `tracing` | |
//! | `full` | all of them | |
//!
//! A feature adds what has its name, and changes nothing else.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "full"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "links to what a feature adds"
    )
)]

#[cfg(feature = "object-store")]
pub mod bucket;
#[cfg(feature = "cache")]
pub mod cache;
pub mod client_ip;
pub mod clock;
#[cfg(feature = "config")]
pub mod config;
pub mod country;
#[cfg(feature = "transform")]
pub mod dialect;
#[cfg(feature = "transform")]
pub mod engine;
#[cfg(feature = "geo")]
pub mod geo;
pub mod guard;
mod header_list;
pub mod ip_filter;
#[cfg(feature = "transform")]
mod joint;
mod json;
#[cfg(any(feature = "cache", feature = "http-origin"))]
mod lifetime;
#[cfg(feature = "transform")]
mod measure;
pub mod mount;
#[cfg(feature = "transform")]
pub mod negotiate;
#[cfg(any(feature = "http-origin", feature = "object-store"))]
pub mod origin;
#[cfg(feature = "cache")]
pub mod placeholder;
#[cfg(feature = "transform")]
pub mod recipe;
#[cfg(feature = "referer")]
pub mod referer;
pub mod reload;
pub mod request_facts;
#[cfg(feature = "signature")]
pub mod signature;
#[cfg(feature = "transform")]
pub mod source;
#[cfg(feature = "transform")]
mod timer;
#[cfg(any(
    feature = "azure",
    feature = "gcs",
    feature = "http-origin",
    feature = "s3"
))]
mod tls;
#[cfg(feature = "transform")]
pub mod transform;
#[cfg(feature = "signature")]
mod url_lex;
#[cfg(feature = "user-agent")]
pub mod user_agent;
