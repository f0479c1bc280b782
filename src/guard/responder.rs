use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode};

use super::Rejection;
use crate::json::push_string;

/// Words the answer to a refused request, generic over the body that the answers of the inner service have.
///
/// A closure `Fn(&Parts, &Rejection) -> Response<B>` is a responder where `B: Default`.
pub trait MakeRejection<B> {
    /// The answer. Its `Cache-Control` and its `Rejection` extension are set by the layer.
    fn make(&self, head: &Parts, why: &Rejection) -> Response<B>;

    /// A body of no bytes, for the answer to a gRPC call.
    fn empty(&self) -> B;
}

impl<B, F> MakeRejection<B> for F
where
    B: Default,
    F: Fn(&Parts, &Rejection) -> Response<B>,
{
    fn make(&self, head: &Parts, why: &Rejection) -> Response<B> {
        self(head, why)
    }

    fn empty(&self) -> B {
        B::default()
    }
}

/// The default responder: the status, and no body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

impl<B: Default> MakeRejection<B> for Empty {
    fn make(&self, _head: &Parts, why: &Rejection) -> Response<B> {
        with_status(why.status(), B::default())
    }

    fn empty(&self) -> B {
        B::default()
    }
}

/// A responder that answers with problem details, `application/problem+json` ([RFC 9457]), whose member `code` holds
/// [`Rejection::code`].
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
#[derive(Clone, Copy, Debug, Default)]
pub struct ProblemJson;

impl<B: From<Bytes>> MakeRejection<B> for ProblemJson {
    fn make(&self, _head: &Parts, why: &Rejection) -> Response<B> {
        let mut response = with_status(why.status(), B::from(Bytes::from(problem(why))));
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }

    fn empty(&self) -> B {
        B::from(Bytes::new())
    }
}

fn with_status<B>(status: StatusCode, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn problem(why: &Rejection) -> String {
    let status = why.status();
    let mut json = String::from(r#"{"type":"about:blank","title":"#);
    push_string(&mut json, status.canonical_reason().unwrap_or("Refused"));
    json.push_str(r#","status":"#);
    json.push_str(status.as_str());
    json.push_str(r#","detail":"#);
    push_string(&mut json, why.detail());
    json.push_str(r#","code":"#);
    push_string(&mut json, why.code());
    json.push('}');
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::RejectionKind;

    #[test]
    fn a_problem_is_json_whatever_the_detail_holds() {
        let why = Rejection::bad_request("a \"quote\", a \\ and a \u{1}\n line");
        assert_eq!(
            problem(&why),
            concat!(
                r#"{"type":"about:blank","title":"Bad Request","status":400,"#,
                r#""detail":"a \"quote\", a \\ and a \u0001\u000a line","code":"bad_request"}"#
            )
        );
    }

    #[test]
    fn a_problem_gives_no_reason_away() {
        let why = Rejection::new(RejectionKind::IpBlocked, "10.0.0.0/8");
        assert!(!problem(&why).contains("10.0"));
    }
}
