use std::fmt::Write as _;

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, Version};

use super::Rejection;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether the request is a gRPC call: POST over HTTP/2, with a content type of `application/grpc` or
/// `application/grpc+...` (not gRPC-web, which reads HTTP statuses).
pub fn is_grpc(head: &Parts) -> bool {
    head.method == Method::POST
        && head.version == Version::HTTP_2
        && head
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.as_bytes().split_at_checked(b"application/grpc".len()))
            .is_some_and(|(media_type, rest)| {
                media_type.eq_ignore_ascii_case(b"application/grpc")
                    && matches!(rest.first(), None | Some(b'+' | b';' | b' ' | b'\t'))
            })
}

/// A refusal in trailers-only form: the status in the headers, and no body.
pub(super) fn trailers_only<B>(empty: B, why: &Rejection) -> Response<B> {
    let mut response = Response::new(empty);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(
        GRPC_STATUS,
        HeaderValue::from(u16::from(why.kind().grpc_status())),
    );
    if let Ok(message) = HeaderValue::try_from(percent_encode(why.detail())) {
        headers.insert(GRPC_MESSAGE, message);
    }
    response
}

/// The percent-encoding of `grpc-message`: all but printable ASCII, and the percent sign.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' | 0..=0x1f | 0x7f.. => {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[test]
    fn only_real_grpc_calls_are_grpc() {
        let cases = [
            ("POST", Version::HTTP_2, "application/grpc", true),
            ("POST", Version::HTTP_2, "application/grpc+proto", true),
            ("POST", Version::HTTP_2, "Application/GRPC;x=y", true),
            ("POST", Version::HTTP_2, "application/grpc-web", false),
            ("POST", Version::HTTP_2, "application/grpc-web+proto", false),
            ("POST", Version::HTTP_2, "application/grp", false),
            ("POST", Version::HTTP_2, "", false),
            ("POST", Version::HTTP_11, "application/grpc", false),
            ("GET", Version::HTTP_2, "application/grpc", false),
        ];
        for (method, version, content_type, grpc) in cases {
            let (head, ()) = Request::builder()
                .method(method)
                .version(version)
                .header(CONTENT_TYPE, content_type)
                .body(())
                .unwrap()
                .into_parts();
            assert_eq!(
                is_grpc(&head),
                grpc,
                "{method} {version:?} {content_type:?}"
            );
        }
    }

    #[test]
    fn a_message_is_a_header_whatever_it_holds() {
        let why = Rejection::bad_request("100% of \u{e9}\r\nX: y");
        let response = trailers_only((), &why);
        assert_eq!(
            response.headers()[GRPC_MESSAGE],
            "100%25 of %C3%A9%0D%0AX: y"
        );
        assert_eq!(response.headers()[GRPC_STATUS], "3");
    }
}
