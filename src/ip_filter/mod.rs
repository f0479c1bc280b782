//! Block and allow lists of client addresses.
//!
//! [`IpFilterLayer`] judges a request by the client's address that
//! [`ClientIpLayer`](crate::client_ip::ClientIpLayer) has found, so it stands further in than that one:
//!
//! 1. A client on the block list is refused.
//! 2. Where there is an allow list, a client that is not on it is refused. The block list wins over it.
//! 3. A client without a known address is refused by either list: a forgotten or misled `ClientIpLayer` must not
//!    silence a rule. [`IpFilter::allow_unknown_clients`] lets such clients pass.
//! 4. Refusals are [`IpBlocked`](crate::guard::RejectionKind::IpBlocked), status 403.
//! 5. An answer that shared caches could keep is made `private`, unless [`IpFilter::shared_cache`] says that they ask
//!    here first.
//!
//! What the entries of a list look like is said at [`CidrSet`]. A lookup takes well under a microsecond however long
//! the list is, and allocates nothing.
//!
//! # Deployment caveat
//!
//! A rule over addresses is worth what the address is worth. Behind a proxy or a CDN the socket's other end is the
//! proxy, and `ClientIpLayer` must be told which proxies to trust; and a cache in front of this layer serves what it
//! keeps to everybody.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward::request_facts::RequestFacts;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = IpFilterLayer::block(["163.120.4.15", "10.0.0.0/24"])?.layer(service_fn(
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
//! assert_eq!(allowed.headers()["cache-control"], "private");
//!
//! let refused = service.oneshot(from("10.0.0.99")).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! Both lists, the longer one from a file, swapped while requests run (see [`reload`](crate::reload)):
//!
//! ```no_run
//! use std::fs::File;
//! use std::io::BufReader;
//!
//! use imgward::guard::GuardLayer;
//! use imgward::ip_filter::{CidrSet, IpFilter};
//! use imgward::reload;
//!
//! fn rules() -> Result<IpFilter, Box<dyn std::error::Error>> {
//!     let block = CidrSet::read_from(BufReader::new(File::open("blocklist.txt")?))?;
//!     Ok(IpFilter::allow(["192.0.2.0/24"])?.with_block(block))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let filter = reload::handle(rules()?);
//! let layer = GuardLayer::new(filter.clone());
//! // Later. Where this fails, the rules in force stay so.
//! filter.swap(rules()?);
//! # Ok(())
//! # }
//! ```

use std::fmt;

use http::request;

use crate::guard::{Caching, Empty, Guard, GuardLayer, Rejection, RejectionKind};
use crate::request_facts::RequestFacts;

mod cidr_set;
mod edges;
mod entry;

pub use self::cidr_set::CidrSet;
pub use self::entry::{InvalidEntries, InvalidEntry, Place, ReadError, WhyInvalid};

/// Refuses clients by their address. See the [module docs](self) for an example.
pub type IpFilterLayer<R = Empty> = GuardLayer<IpFilter, R>;

impl IpFilterLayer {
    /// A layer of [`IpFilter::block`].
    pub fn block<I>(entries: I) -> Result<Self, InvalidEntries>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        IpFilter::block(entries).map(Self::new)
    }

    /// A layer of [`IpFilter::allow`].
    pub fn allow<I>(entries: I) -> Result<Self, InvalidAllowList>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        IpFilter::allow(entries).map(Self::new)
    }
}

/// The rules of an [`IpFilterLayer`]. See the [module docs](self). Clones share their lists.
#[derive(Clone, Debug, Default)]
pub struct IpFilter {
    block: Option<CidrSet>,
    allow: Option<CidrSet>,
    allow_unknown_clients: bool,
    shared_cache: bool,
}

impl IpFilter {
    /// Rules without a list: every client whose address is known passes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses the clients whose address is among `entries`, of which there may be none.
    ///
    /// # Errors
    ///
    /// [`InvalidEntries`] with every entry that is no address and no network.
    pub fn block<I>(entries: I) -> Result<Self, InvalidEntries>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Ok(Self::new().with_block(CidrSet::parse_entries(entries)?))
    }

    /// Refuses the clients whose address is not among `entries`.
    ///
    /// # Errors
    ///
    /// [`InvalidAllowList`] with every entry that is no address and no network, or where there is no entry.
    pub fn allow<I>(entries: I) -> Result<Self, InvalidAllowList>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Self::new().with_allow(CidrSet::parse_entries(entries)?)
    }

    /// Sets the block list. It replaces one that was set before.
    pub fn with_block(mut self, block: CidrSet) -> Self {
        self.block = Some(block);
        self
    }

    /// Sets the allow list. It replaces one that was set before.
    ///
    /// # Errors
    ///
    /// [`InvalidAllowList::Empty`] where it holds no address, so that nobody could ever pass.
    pub fn with_allow(mut self, allow: CidrSet) -> Result<Self, InvalidAllowList> {
        if allow.is_empty() {
            return Err(InvalidAllowList::Empty);
        }
        self.allow = Some(allow);
        Ok(self)
    }

    /// Whether clients without a known address pass. Off by default: they are refused, by either list.
    pub fn allow_unknown_clients(mut self, allow: bool) -> Self {
        self.allow_unknown_clients = allow;
        self
    }

    /// Whether a cache that many clients share may keep the answers. Off by default: `public` is made `private`, for
    /// such a cache would serve refused clients what it kept for others.
    pub fn shared_cache(mut self, shared_cache: bool) -> Self {
        self.shared_cache = shared_cache;
        self
    }
}

impl Guard for IpFilter {
    type Pass = ();

    fn check(&self, head: &request::Parts) -> Result<(), Rejection> {
        let facts = head.extensions.get::<RequestFacts>();
        let Some(client) = facts.and_then(RequestFacts::client_ip) else {
            if self.allow_unknown_clients {
                return Ok(());
            }
            return Err(refused(match facts {
                Some(_) => "the client's address is unknown",
                None => "no layer has looked for the client's address",
            }));
        };
        if self.block.as_ref().is_some_and(|set| set.contains(client)) {
            return Err(refused(format!("{client} is on the block list")));
        }
        if self.allow.as_ref().is_some_and(|set| !set.contains(client)) {
            return Err(refused(format!("{client} is not on the allow list")));
        }
        Ok(())
    }

    fn respond(&self, (): (), caching: &mut Caching<'_>) {
        if !self.shared_cache {
            caching.make_private();
        }
    }
}

fn refused(reason: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::new(RejectionKind::IpBlocked, reason)
}

/// A list is no allow list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidAllowList {
    /// It has no entry, so that nobody could ever pass.
    Empty,
    /// It has entries that are no addresses and no networks.
    Entries(InvalidEntries),
}

impl From<InvalidEntries> for InvalidAllowList {
    fn from(invalid: InvalidEntries) -> Self {
        Self::Entries(invalid)
    }
}

impl fmt::Display for InvalidAllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the allow list of addresses is empty"),
            Self::Entries(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for InvalidAllowList {}

#[cfg(test)]
mod tests;
