//! Which pages may read the answers: the rules of `[cors]` as tower-http's layer.

use std::time::Duration;

use http::header::{ALLOW, ETAG, HeaderName, HeaderValue, ORIGIN, RETRY_AFTER};
use http::{Method, Response, StatusCode};
use imgward::config::Cors;
use tower_http::cors::{Any, CorsLayer};

/// What a script may read of an answer beside what every script may.
const EXPOSED: [HeaderName; 4] = [
    ETAG,
    RETRY_AFTER,
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-cache"),
];

/// For how long a browser need not ask again whether it may ask. None remembers it for longer.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// No answer is for one user, so that none is read with cookies, and any header may be sent.
pub(crate) fn layer(cors: &Cors) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(Any)
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE);
    match cors {
        Cors::Any => layer.allow_origin(Any).vary([]),
        Cors::Origins(origins) => layer.allow_origin(origins.clone()).vary([ORIGIN]),
        // Nobody, until this server knows what it means.
        _ => layer,
    }
}

/// What is allowed where other methods are refused, since preflights are answered.
pub(crate) fn allow_preflights<B>(mut response: Response<B>) -> Response<B> {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("GET, HEAD, OPTIONS");
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
