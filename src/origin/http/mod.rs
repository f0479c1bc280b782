//! Other servers, over HTTP and TLS.

mod body;
mod connect;
mod fetch;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use data_encoding::HEXLOWER;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tower_service::Service;

use self::body::NoBody;
use self::connect::{Connector, SystemResolver};
use crate::origin::{OriginBody, ResponseFuture};
use crate::source::SourcePolicy;
use crate::tls::TimeLimited;

/// How long a connection that nobody uses is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How many of them are, for each server.
const MAX_KEPT: usize = 16;

/// How long an HTTP/2 connection may be silent before it is asked whether it is alive, and how long it may take to say so.
/// A request that is given up leaves its connection open for others: without this, all of them would follow it into one
/// that is dead.
const PING: Duration = Duration::from_secs(5);

/// The most bytes of an answer's head, and of what is read ahead.
const MAX_HEAD: usize = 64 * 1024;

/// Fetches originals from other servers. See the [module docs](super).
#[derive(Clone)]
pub struct HttpOrigin {
    settings: Arc<Settings>,
}

#[derive(Clone)]
struct Settings {
    policy: Arc<SourcePolicy>,
    connector: Connector,
    max_redirects: usize,
    first_byte_timeout: Duration,
    idle_timeout: Duration,
    timeout: Duration,
    headers: HeaderMap,
    forwarded: Arc<[HeaderName]>,
    roots: RootCertStore,
    ping: Duration,
    client: HttpClient,
}

type HttpClient = Client<TimeLimited<HttpsConnector<Connector>>, NoBody>;

/// Finds the addresses of a host.
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, a domain name in A-labels without a trailing dot. They are judged before one of them is
    /// connected to, and are tried in their order.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;
}

impl HttpOrigin {
    /// An origin that fetches what `policy` allows.
    pub fn new(policy: SourcePolicy) -> Self {
        let roots = crate::tls::system_roots();
        let policy = Arc::new(policy);
        let connector = Connector {
            policy: Arc::clone(&policy),
            resolver: Arc::new(SystemResolver),
            timeout: Duration::from_secs(5),
        };
        Self {
            settings: Arc::new(Settings {
                policy,
                max_redirects: 3,
                first_byte_timeout: Duration::from_secs(10),
                idle_timeout: Duration::from_secs(10),
                timeout: Duration::from_secs(30),
                headers: HeaderMap::new(),
                forwarded: Arc::new([]),
                client: client(&roots, connector.clone(), PING),
                connector,
                roots,
                ping: PING,
            }),
        }
    }

    /// How many redirects are followed for one image. 3 by default.
    pub fn max_redirects(self, redirects: usize) -> Self {
        self.with(|settings| settings.max_redirects = redirects)
    }

    /// How long connecting may take: finding the addresses of a host, trying them, and TLS, all together. 5 seconds by
    /// default.
    pub fn connect_timeout(self, limit: Duration) -> Self {
        self.with_client(|settings| settings.connector.timeout = limit)
    }

    /// How long the head of an answer may take to come, from when the server is asked; connecting counts. 10 seconds by
    /// default.
    pub fn first_byte_timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.first_byte_timeout = limit)
    }

    /// How long each piece of a body may take to come. 10 seconds by default.
    pub fn idle_timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.idle_timeout = limit)
    }

    /// How long an image may take to come, redirects and body counted. 30 seconds by default.
    pub fn timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.timeout = limit)
    }

    /// Adds a header to each request, such as a key that the origin asks for. It does not follow a redirect to another
    /// scheme, host or port.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with(|settings| {
            settings.headers.append(name, value);
        })
    }

    /// The headers of the request to this service that are handed on to the server, but for `Host` and those that concern
    /// a single connection. None by default. They are none of the client's, unless the transform layer hands those on:
    /// see [`TransformLayer::forward_headers`](crate::transform::TransformLayer::forward_headers).
    pub fn forward_headers(self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        let names = names.into_iter().collect();
        self.with(|settings| settings.forwarded = names)
    }

    /// Another way to find the addresses of hosts than the system's.
    pub fn resolver(self, resolver: impl Resolve + 'static) -> Self {
        self.with_client(|settings| settings.connector.resolver = Arc::new(resolver))
    }

    /// What no other origin has whose names stand for other images: for [`CacheLayer`](crate::cache::CacheLayer). What the
    /// policy allows is no part of it but for networks, since a [`SourceLayer`](crate::source::SourceLayer) judges ahead of
    /// the cache.
    /// [Added headers](Self::header) are, as a SHA-256 of them: a server may answer by them.
    pub fn identity(&self) -> String {
        let policy = self.settings.policy.identity();
        let headers = &self.settings.headers;
        if headers.is_empty() {
            return format!("http:{policy}");
        }
        // In the order of their names, and those of one name in their own.
        let mut headers: Vec<_> = headers.iter().collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        let mut digest = Sha256::new();
        for (name, value) in headers {
            for part in [name.as_str().as_bytes(), value.as_bytes()] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        // What the policy says ends in a URL without a fragment.
        format!("http:{policy}#{}", HEXLOWER.encode(&digest.finalize()))
    }

    /// Trusts what a certificate signs, beside those that the system trusts: that of a certificate authority of one's own,
    /// for example, in DER.
    ///
    /// # Errors
    ///
    /// [`InvalidCertificate`] where it is no certificate.
    pub fn root_certificate(self, der: &[u8]) -> Result<Self, InvalidCertificate> {
        let mut roots = self.settings.roots.clone();
        roots
            .add(CertificateDer::from(der).into_owned())
            .map_err(|error| InvalidCertificate(error.to_string()))?;
        Ok(self.with_client(|settings| settings.roots = roots))
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Changes what connections are made by.
    fn with_client(self, change: impl FnOnce(&mut Settings)) -> Self {
        self.with(|settings| {
            change(settings);
            settings.client = client(&settings.roots, settings.connector.clone(), settings.ping);
        })
    }
}

fn client(roots: &RootCertStore, connector: Connector, ping: Duration) -> HttpClient {
    let limit = connector.timeout;
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(crate::tls::client_config(roots.clone()))
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEEP_ALIVE)
        .pool_max_idle_per_host(MAX_KEPT)
        .http1_max_buf_size(MAX_HEAD)
        .http2_keep_alive_interval(ping)
        .http2_keep_alive_timeout(ping)
        // Those that were given up have left it idle.
        .http2_keep_alive_while_idle(true)
        .build(TimeLimited { connector, limit })
}

impl fmt::Debug for HttpOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOrigin")
            .field("policy", &self.settings.policy)
            .field("max_redirects", &self.settings.max_redirects)
            .field("timeout", &self.settings.timeout)
            .finish_non_exhaustive()
    }
}

/// What was given as a certificate is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCertificate(String);

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a certificate in DER: {}", self.0)
    }
}

impl std::error::Error for InvalidCertificate {}

impl<B> Service<Request<B>> for HttpOrigin {
    type Response = Response<OriginBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let (head, _) = request.into_parts();
        let origin = self.clone();
        ResponseFuture::new(async move { origin.fetch(&head).await })
    }
}

#[cfg(test)]
mod tests;
