//! TLS, by rustls.

#[cfg(not(feature = "tls"))]
pub(crate) use self::without::Acceptor;

#[cfg(feature = "tls")]
pub(crate) use self::with::Acceptor;

#[cfg(feature = "tls")]
mod with {
    use std::fmt;
    use std::io;
    use std::sync::Arc;

    use imgward::config::Tls;
    use tokio::io::{AsyncRead, AsyncWrite};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::server::TlsStream;

    /// Speaks TLS with those that connect, and agrees on HTTP/2 or HTTP/1.1.
    #[derive(Clone)]
    pub(crate) struct Acceptor(TlsAcceptor);

    impl Acceptor {
        pub(crate) fn new(tls: &Tls) -> Result<Self, String> {
            let Tls { cert, key, .. } = tls;
            let failed = |table: &'static str, path: &std::path::Path| {
                let path = path.display().to_string();
                move |why: String| format!("{table}: {path}: {why}")
            };
            let certs: Vec<_> = CertificateDer::pem_file_iter(cert)
                .and_then(Iterator::collect)
                .map_err(|error| failed("tls.cert", cert)(error.to_string()))?;
            if certs.is_empty() {
                return Err(failed("tls.cert", cert)("there is no certificate".into()));
            }
            let private = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| failed("tls.key", key)(error.to_string()))?;
            let mut config =
                ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .map_err(|error| error.to_string())?
                    .with_no_client_auth()
                    // It sees whether they belong together.
                    .with_single_cert(certs, private)
                    .map_err(|error| failed("tls.key", key)(error.to_string()))?;
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Self(TlsAcceptor::from(Arc::new(config))))
        }

        pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
        where
            S: AsyncRead + AsyncWrite + Unpin,
        {
            self.0.accept(stream).await
        }
    }

    impl fmt::Debug for Acceptor {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Acceptor").finish_non_exhaustive()
        }
    }
}

#[cfg(not(feature = "tls"))]
mod without {
    use std::io;

    use imgward::config::Tls;

    /// There is none.
    #[derive(Clone, Debug)]
    pub(crate) enum Acceptor {}

    impl Acceptor {
        pub(crate) fn new(_tls: &Tls) -> Result<Self, String> {
            Err("tls: this build does not speak TLS".into())
        }

        pub(crate) async fn accept<S>(&self, _stream: S) -> io::Result<S> {
            match *self {}
        }
    }
}
