use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use imgward::guard::{Caching, MakeRejection, ProblemJson, Rejection};

/// A refusal as the answer of a handler: problem details, never stored.
///
/// It says what a layer with the responder [`ProblemJson`] would say, and carries the [`Rejection`] in its extensions
/// likewise. Handlers return it in their `Err`; `?` turns a `Rejection` into it.
///
/// (`Rejection` itself cannot be a response: only the crates that own it and `IntoResponse` could write that.)
///
/// ```
/// use axum::Extension;
/// use axum::http::request::Parts;
/// use imgward::guard::Guard;
/// use imgward::ip_filter::IpFilter;
/// use imgward_axum::RejectionResponse;
///
/// async fn drafts(
///     Extension(editors): Extension<IpFilter>,
///     head: Parts,
/// ) -> Result<&'static str, RejectionResponse> {
///     editors.check(&head)?;
///     Ok("the drafts")
/// }
/// # let _ = axum::Router::<()>::new().route("/", axum::routing::get(drafts));
/// ```
#[derive(Clone, Debug)]
pub struct RejectionResponse(pub Rejection);

impl From<Rejection> for RejectionResponse {
    fn from(why: Rejection) -> Self {
        Self(why)
    }
}

impl IntoResponse for RejectionResponse {
    fn into_response(self) -> Response {
        // A responder may look at the request; this one does not.
        let (head, ()) = Request::new(()).into_parts();
        let mut response: Response<Body> = ProblemJson.make(&head, &self.0);
        Caching::of(response.headers_mut()).forbid_store();
        response.extensions_mut().insert(self.0);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use imgward::guard::RejectionKind;

    #[tokio::test]
    async fn a_refusal_is_worded_as_the_layers_word_it() {
        let why = Rejection::new(RejectionKind::UrlExpired, "it expired in 1970");
        let response = RejectionResponse::from(why).into_response();
        assert_eq!(response.status(), 410);
        let headers = response.headers();
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers["cache-control"], "no-store");
        let why = response.extensions().get::<Rejection>().unwrap();
        assert_eq!(why.kind(), RejectionKind::UrlExpired);

        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        let body = str::from_utf8(&body).unwrap();
        assert!(body.contains(r#""code":"url_expired""#), "{body}");
        assert!(!body.contains("1970"), "{body}");
    }
}
