//! What asks the clouds: HTTP/1.1, over TLS unless it was said otherwise.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT_ENCODING, HeaderValue, USER_AGENT};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};

use crate::tls::{self, TimeLimited};

/// How long connecting may take, TLS counted.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection that nobody uses is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The most bytes of what a server says of an error.
const MAX_ERROR: usize = 64 * 1024;

/// The crate's own client would bring another TLS, a process-wide provider for it, and the proxies of the environment.
#[derive(Debug)]
pub(super) struct Connector {
    /// Whether objects are asked for in gzip, where they are kept so. Google decodes them for whoever does not say that he
    /// can (<https://cloud.google.com/storage/docs/transcoding>), and then there is no length.
    pub(super) takes_gzip: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let says = |key| options.get_config_value(&key);
        let allows = |key| says(key).as_deref() == Some("true");
        if says(ClientConfigKey::ProxyUrl).is_some()
            || allows(ClientConfigKey::AllowInvalidCertificates)
        {
            let source = "neither proxies nor invalid certificates are supported";
            return Err(object_store::Error::NotSupported {
                source: source.into(),
            });
        }
        let allow_http = allows(ClientConfigKey::AllowHttp);
        let client = Client::new(allow_http, self.takes_gzip, CONNECT_TIMEOUT);
        Ok(HttpClient::new(client))
    }
}

#[derive(Debug)]
struct Client {
    inner: HyperClient<TimeLimited<HttpsConnector<TcpConnector>>, HttpRequestBody>,
    takes_gzip: bool,
}

impl Client {
    fn new(allow_http: bool, takes_gzip: bool, limit: Duration) -> Self {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // So that an address that does not answer leaves time for those after it.
        tcp.set_connect_timeout(Some(limit));
        let tls = tls::client_config(tls::system_roots());
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls);
        let tls = if allow_http {
            tls.https_or_http()
        } else {
            tls.https_only()
        };
        let connector = tls.enable_http1().wrap_connector(tcp);
        let inner = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_ALIVE)
            .build(TimeLimited { connector, limit });
        Self { inner, takes_gzip }
    }
}

#[async_trait::async_trait]
impl HttpService for Client {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let agent = concat!("imgward/", env!("CARGO_PKG_VERSION"));
        // Lists have a query.
        let is_object = *request.method() == Method::GET && request.uri().query().is_none();
        let headers = request.headers_mut();
        if self.takes_gzip && is_object {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(agent));
        let answer = self.inner.request(request).await.map_err(|error| {
            let kind = if error.is_connect() {
                HttpErrorKind::Connect
            } else {
                kind(&error)
            };
            HttpError::new(kind, error)
        })?;
        let (head, body) = answer.into_parts();
        let body = if head.status.is_success() {
            HttpResponseBody::new(body.map_err(broken))
        } else {
            limited(body)
        };
        Ok(HttpResponse::from_parts(head, body))
    }
}

fn limited(body: Incoming) -> HttpResponseBody {
    let body = Limited::new(body, MAX_ERROR);
    HttpResponseBody::new(body.map_err(|error| HttpError::new_boxed(HttpErrorKind::Decode, error)))
}

fn broken(error: hyper::Error) -> HttpError {
    HttpError::new(HttpErrorKind::Interrupted, error)
}

/// What went wrong, for who decides whether to try again.
fn kind(error: &(dyn Error + 'static)) -> HttpErrorKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_timeout() {
                return HttpErrorKind::Timeout;
            }
            if error.is_closed() || error.is_canceled() || error.is_incomplete_message() {
                return HttpErrorKind::Request;
            }
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return match error.kind() {
                io::ErrorKind::TimedOut => HttpErrorKind::Timeout,
                _ => HttpErrorKind::Interrupted,
            };
        }
        cause = error.source();
    }
    HttpErrorKind::Unknown
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_server_that_never_shakes_hands_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            // Until the client is gone.
            while stream.read_u8().await.is_ok() {}
        });
        let client = Client::new(false, false, Duration::from_millis(100));
        let request = Request::get(url).body(HttpRequestBody::empty()).unwrap();
        let asked = tokio::time::timeout(Duration::from_secs(20), client.call(request));
        let error = asked.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Connect);
        server.await.unwrap();
    }
}
