//! TLS, for who asks other servers.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower_service::Service;

/// The certificates that the system trusts.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// By ring, with these certificates.
#[expect(clippy::expect_used, reason = "the provider is one that has them")]
pub(crate) fn client_config(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A connector with a limit of time for all that it does: for finding addresses, TCP and TLS together. A client goes on
/// connecting when the request that it was for has taken another connection, or is gone; this alone ends it then.
/// Past it, the error is an [`io::Error`] that is [`TimedOut`](io::ErrorKind::TimedOut).
#[derive(Clone, Debug)]
pub(crate) struct TimeLimited<C> {
    pub(crate) connector: C,
    pub(crate) limit: Duration,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl<C> Service<Uri> for TimeLimited<C>
where
    C: Service<Uri, Error = BoxError>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = timeout(self.limit, self.connector.call(uri));
        Box::pin(async move {
            connected.await.unwrap_or_else(|_| {
                let why = "connecting took too long";
                Err(io::Error::new(io::ErrorKind::TimedOut, why).into())
            })
        })
    }
}
