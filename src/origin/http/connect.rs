//! Connections, to addresses that the policy permits.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::Resolve;
use crate::guard::{Rejection, RejectionKind};
use crate::origin::body::failed;
use crate::source::SourcePolicy;

/// How many addresses of a host are tried.
const MAX_ADDRESSES: usize = 8;

/// By the system's own means.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// Connects to a host of a URL.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) policy: Arc<SourcePolicy>,
    pub(super) resolver: Arc<dyn Resolve>,
    /// For all addresses of a host together. All of connecting, TLS counted, is limited from outside.
    pub(super) timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Rejection>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Rejection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&uri).await })
    }
}

impl Connector {
    async fn connect(&self, uri: &Uri) -> Result<TokioIo<TcpStream>, Rejection> {
        let host = uri.host().unwrap_or_default();
        let default = if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let port = uri.port_u16().unwrap_or(default);
        let addresses = self.addresses(host).await?;
        let mut left = addresses.len().min(MAX_ADDRESSES);
        let mut why = None;
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            let address = SocketAddr::new(address, port);
            // An address that does not answer leaves time for those after it.
            let share = u32::try_from(left).unwrap_or(1).max(1);
            left = left.saturating_sub(1);
            match timeout(self.timeout / share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Slower, if it fails.
                    let _ = stream.set_nodelay(true);
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => why = Some(failed(&format!("{host} ({address}): {error}"))),
                Err(_) => {
                    let reason = format!("{host} ({address}) does not answer");
                    why = Some(Rejection::new(RejectionKind::Timeout, reason));
                }
            }
        }
        Err(why.unwrap_or_else(|| failed(&format!("{host} has no address"))))
    }

    /// The addresses of a host that are permitted, of which there is one at least.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Rejection> {
        let found = if let Some(address) = literal(host) {
            vec![address]
        } else {
            let found = self.resolver.resolve(host).await;
            found.map_err(|error| failed(&format!("{host} does not resolve: {error}")))?
        };
        let Some(&first) = found.first() else {
            return Err(failed(&format!("{host} has no address")));
        };
        let permitted: Vec<IpAddr> = found
            .into_iter()
            .filter(|&address| self.policy.permits(address))
            .collect();
        if permitted.is_empty() {
            let reason = format!("{host} is at {first}, which is not to be connected to");
            return Err(Rejection::new(RejectionKind::SourceDenied, reason));
        }
        Ok(permitted)
    }
}

/// The address that a host is written as, if it is one. The URL parser has left one way to write it.
fn literal(host: &str) -> Option<IpAddr> {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse().map(IpAddr::V6).ok(),
        None => host.parse().map(IpAddr::V4).ok(),
    }
}
