//! Restrictions by the client's country.
//!
//! [`GeoRestrictionLayer`] looks up the country of the address that
//! [`ClientIpLayer`](crate::client_ip::ClientIpLayer) has found, so it stands further in than that one:
//!
//! 1. A country header ([`Builder::country_header`]) is asked first. It is believed only where the peer is a trusted
//!    proxy, and only where it is there once and holds an assigned code of ISO 3166-1 alpha-2, in any case (or `XK`,
//!    Kosovo). `XX`, `T1` and the like say nothing.
//! 2. Where it says nothing, the databases are asked ([`Builder::database`]), in the order in which they were added;
//!    the first that knows the country decides. A lookup that fails counts as one that finds nothing.
//! 3. A client whose country no source knows is of unknown country, and so is one whose address is unknown, whatever
//!    the header says: [`Builder::unknown`] decides, by default [`Unknown::Allow`] for a block list and
//!    [`Unknown::Block`] for an allow list.
//! 4. A block list refuses the countries on it, an allow list all others.
//! 5. Refusals are [`CountryBlocked`](crate::guard::RejectionKind::CountryBlocked), status 403, or 451 (RFC 7725) by
//!    [`Builder::status`].
//! 6. The country goes into [`RequestFacts`](crate::request_facts::RequestFacts) for the layers further in.
//! 7. An answer that shared caches could keep is made `private`, unless [`Builder::shared_cache`] says that they ask
//!    here first.
//!
//! # Databases
//!
//! [`MaxMindDb`] reads files in MaxMind's format, those of other makers too. For IPv4-mapped addresses the IPv4 address
//! is looked up; 6to4 and Teredo addresses are found as far as the file aliases them. A source of your own is a
//! [`CountryLookup`].
//!
//! # Deployment caveat
//!
//! Databases are right for most addresses, not for all, and a VPN changes a client's country: a restriction by country
//! is a rule for the many, no access control. It is also worth no more than the address it goes by; see
//! [`ip_filter`](crate::ip_filter#deployment-caveat).
//!
//! # Example
//!
//! ```
//! use std::net::IpAddr;
//!
//! use http::{Request, Response, StatusCode};
//! use imgward::country::CountryCode;
//! use imgward::geo::{CountryLookup, GeoRestriction, GeoRestrictionLayer, LookupError};
//! use imgward::request_facts::RequestFacts;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! /// In an application, a `MaxMindDb`.
//! #[derive(Debug)]
//! struct Example;
//!
//! impl CountryLookup for Example {
//!     fn country(&self, address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
//!         let swiss: IpAddr = "192.0.2.7".parse().unwrap();
//!         Ok((address == swiss).then(|| "CH".parse().unwrap()))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = GeoRestriction::allow(["ch", "li"]).database(Example).build()?;
//! let service = GeoRestrictionLayer::new(rules).layer(service_fn(
//!     async |_request: Request<String>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//!     },
//! ));
//!
//! // `ClientIpLayer` does this in a running application.
//! let from = |client: &str| {
//!     let mut request = Request::new(String::new());
//!     request.extensions_mut().insert(RequestFacts::from_client_ip(client.parse().unwrap()));
//!     request
//! };
//! let allowed = service.clone().oneshot(from("192.0.2.7")).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(from("198.51.100.7")).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! With a database that is swapped while requests run (see [`reload`](crate::reload)):
//!
//! ```no_run
//! use http::HeaderName;
//! use imgward::geo::{GeoRestriction, MaxMindDb};
//! use imgward::guard::GuardLayer;
//! use imgward::reload;
//!
//! fn rules() -> Result<GeoRestriction, Box<dyn std::error::Error>> {
//!     Ok(GeoRestriction::block(["KP", "IR"])
//!         .country_header(HeaderName::from_static("cloudfront-viewer-country"))
//!         .database(MaxMindDb::open("country.mmdb")?)
//!         .build()?)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let restriction = reload::handle(rules()?);
//! let layer = GuardLayer::new(restriction.clone());
//! // Later. Where this fails, the rules in force stay so.
//! restriction.swap(rules()?);
//! # Ok(())
//! # }
//! ```

use crate::guard::{Empty, GuardLayer};

mod builder;
mod country_set;
mod lookup;
mod maxmind;
mod restriction;

pub use self::builder::{BuildError, Builder};
pub use self::lookup::{CountryLookup, LookupError};
pub use self::maxmind::{DatabaseError, MaxMindDb};
pub use self::restriction::{GeoRestriction, RefusalStatus, Unknown};

/// Refuses clients by their country. See the [module docs](self) for an example.
pub type GeoRestrictionLayer<R = Empty> = GuardLayer<GeoRestriction, R>;
