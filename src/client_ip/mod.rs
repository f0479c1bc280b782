//! Who is calling: the client's address, also behind proxies.
//!
//! [`ClientIpLayer`] refuses nobody. It finds out the client's address and hands it on in
//! [`RequestFacts`], which the rules over addresses and countries read; so it stands outside of them.
//!
//! 1. The peer is the address in the extension [`PeerAddr`]. Without that extension the client is unknown.
//! 2. Where the peer is not in a trusted network, the peer is the client, whatever the headers say.
//! 3. Where it is, the one header that was named ([`ClientIpHeader`]) is read, and no other. Without it, or where all
//!    its elements are empty, the peer is the client.
//! 4. In a list (`X-Forwarded-For`, `Forwarded`) all lines count in their order as one list. It is walked from the
//!    right, where the last proxy wrote, for as long as the hops are in trusted networks: the first that is not is the
//!    client. Where all are trusted, the leftmost is.
//! 5. An element that cannot be read ends the walk, and nothing left of it is believed: the client is unknown. So it
//!    does after [`MAX_LIST_BYTES`], which bounds the work.
//! 6. A header of a single address must be one line that holds one address; else the client is unknown.
//! 7. An IPv4-mapped IPv6 address is the IPv4 address, wherever it stands.
//!
//! Readable in `X-Forwarded-For` and in headers of a single address are `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
//! `[2001:db8::1]` and `[2001:db8::1]:80`. Octal, short and hexadecimal IPv4 addresses and zone ids are not. `Forwarded`
//! is read by the grammar of [RFC 7239](https://www.rfc-editor.org/rfc/rfc7239): an IPv6 address stands in brackets and
//! quotes, `_hidden` and `unknown` are no addresses, and an element has exactly one `for`.
//!
//! # Deployment caveat
//!
//! Trust only proxies that you run or pay for, and name the header that they set. A proxy must append the peer that it
//! sees to a list, or overwrite a header of a single address; one that hands on what the client sent lets the client
//! choose its address. A network that also holds clients (an office behind `10.0.0.0/8`) gives them that choice too.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use imgward::client_ip::{ClientIpHeader, ClientIpLayer};
//! use imgward::ip_filter::IpFilterLayer;
//! use imgward::request_facts::PeerAddr;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(ClientIpLayer::behind(["10.0.0.0/8"], ClientIpHeader::XForwardedFor)?)
//!     .layer(IpFilterLayer::block(["198.51.100.0/24"])?)
//!     .service(service_fn(async |_request: Request<String>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//!     }));
//!
//! // The adapter of your framework inserts the peer's address.
//! let forwarded_for = |elements: &str| {
//!     Request::get("/photo.jpg")
//!         .extension(PeerAddr("10.0.0.1:40000".parse().unwrap()))
//!         .header("x-forwarded-for", elements)
//!         .body(String::new())
//!         .unwrap()
//! };
//! let allowed = service.clone().oneshot(forwarded_for("203.0.113.7")).await?;
//! assert_eq!(allowed.status(), 200);
//!
//! // What the client wrote itself stands left of what the proxy saw.
//! let refused = service.oneshot(forwarded_for("203.0.113.7, 198.51.100.7")).await?;
//! assert_eq!(refused.status(), 403);
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::net::IpAddr;
use std::ops::ControlFlow;

use http::header::{HeaderName, HeaderValue};
use http::request::Parts;

use crate::guard::{Empty, Guard, GuardLayer, Rejection};
use crate::ip_filter::{CidrSet, InvalidEntries};
use crate::request_facts::{PeerAddr, RequestFacts};

mod address;
mod forwarded;
mod header;

pub use self::header::{ClientIpHeader, InvalidClientIpHeader};

/// How many bytes of a list are walked: a chain of 50 proxies that each write 160 bytes. What lies beyond cannot be read.
pub const MAX_LIST_BYTES: usize = 8 * 1024;

/// Finds out the client's address. See the [module docs](self) for an example.
pub type ClientIpLayer<R = Empty> = GuardLayer<ClientIp, R>;

impl ClientIpLayer {
    /// A layer of [`ClientIp::peer`].
    pub fn peer() -> Self {
        Self::new(ClientIp::peer())
    }

    /// A layer of [`ClientIp::behind`].
    pub fn behind<I>(trusted: I, header: ClientIpHeader) -> Result<Self, ClientIpError>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        ClientIp::behind(trusted, header).map(Self::new)
    }
}

/// The rules of a [`ClientIpLayer`]. See the [module docs](self).
#[derive(Clone, Debug)]
pub struct ClientIp {
    proxies: Option<Proxies>,
}

/// The proxies in front, and the header that they set.
#[derive(Clone, Debug)]
struct Proxies {
    trusted: CidrSet,
    header: ClientIpHeader,
}

/// Where a walk stands after some hops: at the leftmost of them, all trusted, or at its end with what it found.
type Walk = ControlFlow<Option<IpAddr>, IpAddr>;

impl ClientIp {
    /// No proxy is trusted: the peer is the client, and no header is read.
    pub fn peer() -> Self {
        Self { proxies: None }
    }

    /// Proxies in the `trusted` networks (addresses or CIDR ranges) tell the client's address in `header`.
    ///
    /// # Errors
    ///
    /// [`ClientIpError`] where an entry is no address and no network, with all such entries, or where there is no entry,
    /// so that the header would never be read.
    pub fn behind<I>(trusted: I, header: ClientIpHeader) -> Result<Self, ClientIpError>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let trusted =
            CidrSet::parse_entries(trusted).map_err(ClientIpError::InvalidTrustedNetworks)?;
        if trusted.is_empty() {
            return Err(ClientIpError::NoTrustedNetwork);
        }
        Ok(Self {
            proxies: Some(Proxies { trusted, header }),
        })
    }

    /// Whether any peer's headers are believed.
    #[cfg(feature = "config")]
    pub(crate) fn trusts_proxies(&self) -> bool {
        self.proxies.is_some()
    }
}

impl Guard for ClientIp {
    type Pass = RequestFacts;

    fn check(&self, head: &Parts) -> Result<RequestFacts, Rejection> {
        let Some(PeerAddr(peer)) = head.extensions.get() else {
            return Ok(RequestFacts::default());
        };
        let peer = peer.ip().to_canonical();
        Ok(match &self.proxies {
            Some(proxies) if proxies.trusted.contains(peer) => RequestFacts {
                client_ip: proxies.client_behind(peer, head),
                via_trusted_proxy: true,
                country: None,
            },
            _ => RequestFacts::from_client_ip(peer),
        })
    }

    /// A country that was looked up before stays.
    fn apply(&self, head: &mut Parts, found: &mut RequestFacts) {
        let facts: &mut RequestFacts = head.extensions.get_or_insert_default();
        facts.client_ip = found.client_ip;
        facts.via_trusted_proxy = found.via_trusted_proxy;
    }
}

impl Proxies {
    /// The client behind a trusted peer.
    fn client_behind(&self, peer: IpAddr, head: &Parts) -> Option<IpAddr> {
        let walk = match &self.header {
            ClientIpHeader::XForwardedFor => {
                self.walk(peer, head, &header::X_FORWARDED_FOR, Self::x_forwarded_for)
            }
            ClientIpHeader::Forwarded => {
                self.walk(peer, head, &http::header::FORWARDED, Self::forwarded)
            }
            ClientIpHeader::Single(name) => return header::single_address(peer, head, name),
        };
        match walk {
            Walk::Continue(leftmost) => Some(leftmost),
            Walk::Break(found) => found,
        }
    }

    /// Walks the lines of a list from the last to the first. `walk_line` walks one, and is given how much of it may be
    /// read.
    fn walk(
        &self,
        peer: IpAddr,
        head: &Parts,
        name: &HeaderName,
        walk_line: impl Fn(&Self, IpAddr, &[u8], usize) -> Walk,
    ) -> Walk {
        let mut budget = MAX_LIST_BYTES;
        head.headers
            .get_all(name)
            .iter()
            .rev()
            .map(HeaderValue::as_bytes)
            .try_fold(peer, |leftmost, line| {
                let walk = walk_line(self, leftmost, line, budget);
                budget = budget.saturating_sub(line.len());
                walk
            })
    }

    /// Walks a line of X-Forwarded-For, from the right.
    fn x_forwarded_for(&self, leftmost: IpAddr, line: &[u8], budget: usize) -> Walk {
        let (beyond, mut line) = line.split_at(line.len().saturating_sub(budget));
        if !beyond.is_empty() {
            // The first element has lost its beginning, and is another address without it.
            line = match line.iter().position(|&byte| byte == b',') {
                Some(comma) => line.split_at(comma).1,
                None => return Walk::Break(None),
            };
        }
        let leftmost = line
            .rsplit(|&byte| byte == b',')
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
            .try_fold(leftmost, |_, element| self.step(address::parse(element)))?;
        if beyond.is_empty() {
            Walk::Continue(leftmost)
        } else {
            Walk::Break(None)
        }
    }

    /// Walks a line of Forwarded. Quoted strings can only be told from the left, so this is the walk from the right
    /// seen from the left: the last hop that ends it decides, and else the first hop is the leftmost.
    fn forwarded(&self, leftmost: IpAddr, line: &[u8], budget: usize) -> Walk {
        if line.len() > budget {
            return Walk::Break(None);
        }
        forwarded::hops(line)
            .map(|hop| self.step(hop))
            .reduce(|so_far, hop| if hop.is_break() { hop } else { so_far })
            .unwrap_or(Walk::Continue(leftmost))
    }

    /// What a hop means for the walk. `None` is one that cannot be read.
    fn step(&self, hop: Option<IpAddr>) -> Walk {
        match hop {
            Some(hop) if self.trusted.contains(hop) => Walk::Continue(hop),
            found_or_unknown => Walk::Break(found_or_unknown),
        }
    }
}

/// A [`ClientIp`] cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIpError {
    /// No network is trusted, so the header would never be read. [`ClientIp::peer`] is for that.
    NoTrustedNetwork,
    /// Entries are no addresses and no networks.
    InvalidTrustedNetworks(InvalidEntries),
}

impl fmt::Display for ClientIpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrustedNetwork => {
                f.write_str("no proxy is trusted, so the header would never be read")
            }
            Self::InvalidTrustedNetworks(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for ClientIpError {}

#[cfg(test)]
mod tests;
