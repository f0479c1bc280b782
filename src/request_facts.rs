//! What the layers found out about a request, and hand on in its extensions.

use std::net::{IpAddr, SocketAddr};

use crate::country::CountryCode;

/// The address of the socket's other end: the client, or the last proxy.
///
/// An extension that the adapter of your framework inserts (`imgward-axum`, `imgward-hyper`, `imgward-tonic`), or that
/// you insert yourself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub SocketAddr);

/// What [`ClientIpLayer`](crate::client_ip::ClientIpLayer) and
/// [`GeoRestrictionLayer`](crate::geo::GeoRestrictionLayer) found out: one extension for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestFacts {
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) via_trusted_proxy: bool,
    pub(crate) country: Option<CountryCode>,
}

impl RequestFacts {
    /// Facts that hold a client's address alone, as
    /// [`ClientIpLayer`](crate::client_ip::ClientIpLayer) would have found it: for tests, and for who finds the
    /// address in another way.
    pub fn from_client_ip(client_ip: IpAddr) -> Self {
        Self {
            client_ip: Some(client_ip.to_canonical()),
            ..Self::default()
        }
    }

    /// The client's address, IPv4-mapped IPv6 as IPv4. `None` where it is unknown.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip
    }

    /// Whether the peer is a trusted proxy, so that what its headers say is believed.
    pub fn via_trusted_proxy(&self) -> bool {
        self.via_trusted_proxy
    }

    /// The client's country, where [`GeoRestrictionLayer`](crate::geo::GeoRestrictionLayer) looked it up and found it.
    pub fn country(&self) -> Option<CountryCode> {
        self.country
    }
}
