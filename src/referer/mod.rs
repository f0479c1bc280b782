//! Which sites may show the images: rules on the `Referer` header.
//!
//! [`RefererLayer`] holds a list of sites, either the only ones that may show the images (an allow list) or the ones
//! that may not (a block list). It judges the host of the `Referer` header (RFC 9110, section 10.1.3).
//!
//! 1. A site is written as a URL with scheme and host, and stands for exactly that host: `https://example.com`.
//!    `https://*.example.com` stands for `example.com` and every host below it. Path and query of the URL are ignored.
//!    See [`SitePattern`].
//! 2. Hosts are compared in their canonical form: lower case, IDNA A-labels (UTS 46, so `bücher.de` is
//!    `xn--bcher-kva.de`), percent-encoding decoded, without one trailing dot, addresses as the
//!    [URL standard](https://url.spec.whatwg.org/#host-parsing) reads them.
//! 3. A site without a port stands for every port, one with a port for that port alone. Its scheme is compared only
//!    where [`RefererPolicy::match_scheme`] says so.
//! 4. The `Referer` is read strictly: `http://` or `https://`, an authority without backslash, no space or control
//!    byte anywhere, UTF-8, 8 KiB at most. The leniencies of the URL standard (missing slashes, backslashes for slashes,
//!    tabs and line breaks dropped) are not granted. User name and password are never mistaken for the host.
//! 5. An allow list refuses a `Referer` that cannot be read (`null` and `about:blank` are such), and a request with
//!    several `Referer` lines. A block list lets what it cannot read pass, and refuses a request if any of its
//!    `Referer` lines is listed.
//! 6. Where there is no `Referer`, or an empty one, [`CrossSite::Block`] refuses the request if its `Sec-Fetch-Site`
//!    header ([Fetch Metadata](https://www.w3.org/TR/fetch-metadata/)) says that it comes from another site; then
//!    [`Missing`] decides. Both default to letting the request pass.
//!
//! A refusal is [`RefererDenied`](crate::guard::RejectionKind::RefererDenied). The answer to an allowed request varies
//! on `Referer`, and on `Sec-Fetch-Site` where that can decide.
//!
//! A look-up takes the same time however long the list is. It allocates nothing for plain domain names; an
//! internationalised name, a percent-encoded one and an address are converted first, which does.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::referer::RefererLayer;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = RefererLayer::allow(["https://example.com", "https://*.img.example.com"])?;
//! let service = layer.layer(service_fn(async |_request: Request<String>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//! }));
//!
//! let request = |referer: &str| Request::get("/photo.jpg").header("referer", referer).body(String::new());
//! let allowed = service.clone().oneshot(request("https://www.img.example.com/album")?).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//! assert_eq!(allowed.headers()["vary"], "referer");
//!
//! let refused = service.oneshot(request("https://example.com.evil.net/")?).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! # Deployment
//!
//! A page decides with its `Referrer-Policy` whether its images are asked for with a `Referer`, so a site that is not
//! on an allow list gets past it with `no-referrer`, unless requests without a `Referer` are refused too:
//!
//! * [`Missing::Block`] refuses them all: also those of people whose browser or proxy strips the header, who open the
//!   image's own address, and of clients that are no browsers.
//! * [`CrossSite::Block`] refuses those that a browser says come from another site. Page scripts cannot set
//!   `Sec-Fetch-Site`, but browsers send it over HTTPS (and to the local host) only, and a request without it is not
//!   refused. It is judged whatever `Sec-Fetch-Dest` says, so following a link to an image from a page on another site
//!   that sends no `Referer` is refused as well. List your own sites that are cross-site to the image host, and see
//!   that they send their `Referer`.
//!
//! A client that is no browser sends whatever it likes. Signed URLs are the answer to those.
//!
//! # Other systems
//!
//! | | imgward | ImageKit | OptStuff | nginx `valid_referers` |
//! |---|---|---|---|---|
//! | an entry | scheme and host | scheme and host | scheme optional | no scheme |
//! | `*.h` | `h` and all below | none | `h` and all below | below `h` alone (`.h`: both) |
//! | scheme | by option | not documented | compared where the entry has one | not compared |
//! | port | compared where the entry has one | not documented | as here, but the default port is no constraint | not compared |
//! | path of an entry | ignored | ignored | makes it match nothing | compared as a prefix |
//! | no `Referer` | by option | not documented | refused | by option (`none`) |
//! | not a web address | refused by an allow list | not documented | refused | by option (`blocked`) |
//! | `https://h:x@evil/` | host `evil` | not documented | host `evil` | host `h` |
//! | `https://h./` | host `h` | not documented | host `h` | refused |
//! | an entry that is no site | an error | not documented | matches nothing | an error for a bad wildcard |

mod authority;
mod host;
mod pattern;
mod policy;
mod site_set;

use crate::guard::{Empty, GuardLayer};

pub use self::authority::SiteFault;
pub use self::pattern::{InvalidSite, SitePattern};
pub use self::policy::{CrossSite, Missing, RefererPolicy};
pub use self::site_set::InvalidSites;

/// Refuses requests by the site that they come from. See the [module docs](self) for an example.
///
/// Anything with options is built on the rules: `RefererLayer::new(RefererPolicy::allow(sites)?.missing(Missing::Block))`.
pub type RefererLayer<R = Empty> = GuardLayer<RefererPolicy, R>;

impl GuardLayer<RefererPolicy> {
    /// A layer around [`RefererPolicy::allow`]: only these sites may show the images.
    ///
    /// # Errors
    ///
    /// [`InvalidSites`] where the list is empty, or has entries that are no sites.
    pub fn allow(sites: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSites> {
        RefererPolicy::allow(sites).map(Self::new)
    }

    /// A layer around [`RefererPolicy::block`]: these sites may not show the images.
    ///
    /// # Errors
    ///
    /// [`InvalidSites`] where the list is empty, or has entries that are no sites.
    pub fn block(sites: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSites> {
        RefererPolicy::block(sites).map(Self::new)
    }
}

#[cfg(test)]
mod tests;
