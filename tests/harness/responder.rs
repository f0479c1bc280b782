use http::request::Parts;
use http::{HeaderValue, Response};
use imgward::guard::{MakeRejection, Rejection};

/// A responder that puts the code of the refusal into the header `x-code`, for a client to tell refusals of one status
/// apart, whatever body the host has.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeInHeader;

impl<B: Default> MakeRejection<B> for CodeInHeader {
    fn make(&self, _head: &Parts, why: &Rejection) -> Response<B> {
        let mut response = Response::new(self.empty());
        *response.status_mut() = why.status();
        let code = HeaderValue::from_static(why.code());
        response.headers_mut().insert("x-code", code);
        response
    }

    fn empty(&self) -> B {
        B::default()
    }
}
