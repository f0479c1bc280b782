//! Heads of requests, in memory of their own.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

/// Copies a request's head out of the buffer that it was read into: its parts refer to that, and while a request waited, it
/// would keep the 8 kB or more of it, of which a head is a small part.
pub(crate) fn unbuffer<B>(request: &mut Request<B>) {
    if let Ok(uri) = Uri::try_from(request.uri().to_string()) {
        *request.uri_mut() = uri;
    }
    let mut headers = HeaderMap::with_capacity(request.headers().len());
    for (name, value) in request.headers() {
        headers.append(copy_of_name(name), copy_of_value(value));
    }
    *request.headers_mut() = headers;
}

fn copy_of_name(name: &HeaderName) -> HeaderName {
    HeaderName::from_bytes(name.as_str().as_bytes()).unwrap_or_else(|_| name.clone())
}

fn copy_of_value(value: &HeaderValue) -> HeaderValue {
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(mut copy) => {
            copy.set_sensitive(value.is_sensitive());
            copy
        }
        Err(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_the_same() {
        for target in ["/a%20b/c.jpg?x=1&x=2", "*", "http://example.com/a?b", "/"] {
            let mut request = Request::builder()
                .uri(target)
                .header("Accept", "image/avif")
                .header("X-Own", "1")
                .header("X-Own", "2")
                .header("X-Bytes", HeaderValue::from_bytes(b"caf\xE9").unwrap())
                .body(())
                .unwrap();
            let mut secret = HeaderValue::from_static("secret");
            secret.set_sensitive(true);
            request.headers_mut().insert("authorization", secret);
            let (uri, headers) = (request.uri().clone(), request.headers().clone());
            unbuffer(&mut request);
            assert_eq!(*request.uri(), uri);
            assert_eq!(*request.headers(), headers);
            assert!(request.headers()["authorization"].is_sensitive());
        }
    }
}
