//! The admin listener: how the server is, for those that run it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tower::service_fn;

use crate::connections::{Connections, Terms};
use crate::metrics;
use crate::pools::Pools;

/// Who runs the server has few connections, and they are quick.
const TERMS: Terms = Terms {
    limit: 64,
    timeout: Duration::from_secs(30),
    tls: None,
};

/// Answers `/healthz`, `/readyz` and `/metrics`.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) handle: PrometheusHandle,
    pub(crate) pools: Pools,
    /// Those of the server itself.
    pub(crate) connections: Arc<Connections>,
}

impl Admin {
    /// Serves as long as it is polled: until the very end, so that it can be seen how the server stops.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let service = service_fn(move |request| {
            let answer = self.answer(&request);
            async { Ok::<_, Infallible>(answer) }
        });
        Connections::new()
            .accept(&listener, &service, || TERMS)
            .await;
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let plain = "text/plain; charset=utf-8";
        let (status, media_type, text) = match request.uri().path() {
            "/healthz" => (StatusCode::OK, plain, String::from("ok\n")),
            "/readyz" if self.connections.are_stopping() => {
                (StatusCode::SERVICE_UNAVAILABLE, plain, "stopping\n".into())
            }
            "/readyz" => (StatusCode::OK, plain, "ok\n".into()),
            "/metrics" => {
                let text = metrics::render(&self.handle, &self.pools, self.connections.open());
                // https://prometheus.io/docs/instrumenting/exposition_formats/
                let media_type = "text/plain; version=0.0.4; charset=utf-8";
                (StatusCode::OK, media_type, text)
            }
            _ => (StatusCode::NOT_FOUND, plain, "not found\n".into()),
        };
        let is_read = *request.method() == Method::GET || *request.method() == Method::HEAD;
        let mut response = if is_read || status == StatusCode::NOT_FOUND {
            let mut response = Response::new(Full::from(text));
            *response.status_mut() = status;
            response
        } else {
            let mut response = Response::new(Full::from("only read\n"));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allowed);
            response
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
