//! Which images may be fetched: rules over the URLs that clients name.
//!
//! Where the origin is other servers (`origin::HttpOrigin`), the client chooses what this one connects to. A
//! [`SourceLayer`] refuses what is not listed, by name and before anything is cached or fetched; the origin holds the same
//! [`SourcePolicy`], and judges each redirect by it, and each address that it connects to.
//!
//! 1. Every source of an image is judged, those of overlays too. A name is a URL with `http://` or `https://`; one without
//!    a scheme is taken for an `https` URL. Other schemes, user names, backslashes, white space at the ends, dot segments in
//!    whatever encoding, and more than 8 KiB are refused. What the URL parser makes of a name is what is judged, and it is
//!    what is fetched.
//! 2. An entry without a scheme is a host, and perhaps a port: `assets.example.com`, `localhost:8080`, `[2001:db8::1]`. It
//!    stands for `http` and `https`. An entry with a scheme is the beginning of a URL: scheme, host and port must be the
//!    same, and the path must begin with the same segments: `https://a.example/img` stands for `/img` and `/img/a.jpg`, and
//!    not for `/images/a.jpg`. Nothing is ever compared as the beginning of a text.
//! 3. A `*` in a host is a wildcard. As the first label it stands for one label or more: `*.example.com` is every host
//!    below `example.com`, and not `example.com` itself. Elsewhere it stands for characters within one label:
//!    `img-*.example.com`, `cdn.*.example.com`. Alone it is every host. No wildcard but that one matches an address.
//! 4. With [`subdomains`](SourcePolicy::subdomains), an entry that is a domain name stands for all below it, too.
//! 5. Hosts are compared in their canonical form: lower case, IDNA A-labels, without one trailing dot, addresses as the
//!    [URL standard](https://url.spec.whatwg.org/#host-parsing) reads them, so that `2130706433` is `127.0.0.1`.
//! 6. An entry without a port allows the scheme's own port alone, and so does a [regular
//!    expression](SourcePolicy::allow_regex). An entry with the port `*` allows every port, and so does one that is a
//!    loopback address; so does everything with [`any_port`](SourcePolicy::any_port).
//! 7. Below a [base URL](SourcePolicy::base_url), a name is a path (and query), and no name leads out of it. Entries then
//!    only say where the base's server may redirect to.
//! 8. Addresses that are not public are refused whatever entry they stand under, unless
//!    [`allow_private_networks`](SourcePolicy::allow_private_networks) says otherwise, or
//!    [`allow_networks`](SourcePolicy::allow_networks) of some: written in the URL here, and found by name where the
//!    connection is made. See [`SourcePolicy::permits`].
//!
//! A refusal is [`SourceDenied`](crate::guard::RejectionKind::SourceDenied).
//!
//! # Example
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::dialect::DialectLayer;
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use imgward::source::{SourceLayer, SourcePolicy};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
//!     .layer(DialectLayer::imagor())
//!     .layer(SourceLayer::new(SourcePolicy::allow(["*.example.com", "https://cdn.example/shop"])?))
//!     .service(service_fn(async |_request: Request<()>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(()))
//!     }));
//!
//! let request = |source: &str| Request::get(format!("/unsafe/300x200/{source}")).body(());
//! let allowed = service.clone().oneshot(request("img.example.com/photo.jpg")?).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(request("https://cdn.example.evil.example/shop/a.jpg")?).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! # Deployment
//!
//! List what you own. An entry such as `*.some-cloud.example` lets in whoever rents there, and an open redirect on a
//! listed host leads only to what is listed too. Unsigned URLs over a wide list make of the server a proxy for images of
//! others.
//!
//! # Other systems
//!
//! | | imgward | imagor | OptStuff | imgproxy |
//! |---|---|---|---|---|
//! | an entry | host, or beginning of a URL | glob on host and port | host, port, scheme optional | beginning of a text |
//! | `*.h` | below `h` | below `h` | `h` and below | characters but `/` |
//! | `h` | `h` (and below, by option) | `h` | `h` and below | all that begins so |
//! | case of the host | ignored | compared | ignored | compared |
//! | regular expression | whole host, anchored | anywhere in the URL | none | none |
//! | base URL | cannot be left | is left by `..%2F` | none | is a prefix |
//! | nothing listed | nothing (or by name: anything) | everything | nothing in production | everything |
//! | private addresses | refused by default | by option | refused | loopback and link-local, by option |

use crate::guard::{Empty, GuardLayer};

mod base;
mod entry;
mod networks;
mod policy;

pub use self::base::is_url;
pub use self::entry::{InvalidSource, InvalidSources, SourceFault};
pub use self::policy::{InvalidBaseUrl, InvalidRegex, SourcePolicy, SourceUrl};

/// Refuses images by where they would be fetched from. See the [module docs](self) for the rules and an example.
pub type SourceLayer<R = Empty> = GuardLayer<SourcePolicy, R>;

#[cfg(test)]
mod tests;
