//! Where originals come from: services to put below a [`TransformLayer`](crate::transform::TransformLayer), next to a
//! folder or the application itself.
//!
//! # Other servers
//!
//! [`HttpOrigin`] fetches what a name says by HTTP and TLS. The name is the path of the request, percent-decoded, as the
//! transform layer asks for it.
//!
//! 1. The [`SourcePolicy`](crate::source::SourcePolicy) decides: over the URL before anything is resolved, over each
//!    redirect as over a URL of its own, and over each address where the connection is made. What a host's name resolves
//!    to is judged once, and what was judged is connected to, so a name that changes its address between the two gains
//!    nothing. Of addresses that are allowed and others, those that are allowed are used; where there is none, the answer
//!    is `source_denied`.
//! 2. No proxy is used, whatever the environment says: it would connect where no address is judged.
//! 3. The request is GET with `Host`, `User-Agent: imgward/<version>`, `Accept: */*` and `Accept-Encoding: identity`, and
//!    the headers that are [added](HttpOrigin::header) or [forwarded](HttpOrigin::forward_headers); those do not follow a
//!    redirect to another scheme, host or port. `If-None-Match` and `If-Modified-Since` are handed on to the URL that was
//!    named, and not past a redirect. No cookies are kept.
//! 4. Redirects (301, 302, 303, 307, 308) are followed [three times](HttpOrigin::max_redirects) by default; more, a loop,
//!    or one that leads nowhere is `origin_failed`.
//! 5. Of the answer, the status, the body and what says how long and for whom it is good are handed on: `ETag`,
//!    `Last-Modified`, `Cache-Control`, `Expires`, `Date`, `Age`, `Vary`, `Set-Cookie`, `Content-Type`, and
//!    `Content-Length` of a body without a coding. What a redirect says of caching counts too: whose answer it is, and how
//!    long it is good where that is shorter than the image itself is. What a redirect led to has no `ETag` and no
//!    `Last-Modified`: they are of its URL, and it may lead elsewhere next time, so it is loaded as a whole each time. Only
//!    a 200 has a body, and a 304 what is said of it.
//! 6. A body in gzip, deflate or brotli is decoded as it is read, in small pieces, so that who counts its bytes counts the
//!    decoded ones. Any other coding, or several, is `origin_failed`.
//! 7. There are limits on the time to [connect](HttpOrigin::connect_timeout), TLS counted, to the [head of an
//!    answer](HttpOrigin::first_byte_timeout), [between two pieces](HttpOrigin::idle_timeout) of its body, and [of all of
//!    it](HttpOrigin::timeout). Past one of them the answer is `timeout`.
//! 8. A failure is an answer with the [`Rejection`] in its extensions, by which the transform
//!    layer words its own. What the client sees of it names no URL and no address; its reason does, for the log.
//!
//! Certificates are those that the system trusts, and those that are [added](HttpOrigin::root_certificate). It needs a tokio runtime with I/O and time.
//!
//! ```
//! use http::{Request, StatusCode};
//! use imgward::dialect::DialectLayer;
//! use imgward::engine::Engine;
//! use imgward::guard::Rejection;
//! use imgward::origin::HttpOrigin;
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use imgward::source::{SourceLayer, SourcePolicy};
//! use imgward::transform::TransformLayer;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The origin: a server on this host, with one photo.
//! let origin = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let port = origin.local_addr()?.port();
//! tokio::spawn(async move {
//!     let mut photo = std::io::Cursor::new(Vec::new());
//!     image::RgbImage::new(64, 48).write_to(&mut photo, image::ImageFormat::Png).unwrap();
//!     let (mut stream, _) = origin.accept().await.unwrap();
//!     stream.read(&mut [0; 1024]).await.unwrap();
//!     let length = photo.get_ref().len();
//!     let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
//!     stream.write_all(&[head.as_bytes(), photo.get_ref()].concat()).await.unwrap();
//! });
//!
//! // Only because the example's origin is this host: without it, the address would be refused.
//! let policy = SourcePolicy::allow(["127.0.0.1"])?.allow_private_networks(true);
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
//!     .layer(DialectLayer::imagor())
//!     .layer(SourceLayer::new(policy.clone()))
//!     .layer(TransformLayer::new(Engine::default()))
//!     .service(HttpOrigin::new(policy));
//!
//! let request = |source: &str| Request::get(format!("/unsafe/32x32/{source}")).body(String::new());
//! let allowed = request(&format!("http://127.0.0.1:{port}/photo.png"))?;
//! assert_eq!(service.clone().oneshot(allowed).await?.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(request("http://169.254.169.254/latest/meta-data")?).await?;
//! assert_eq!(refused.extensions().get::<Rejection>().unwrap().code(), "source_denied");
//! # Ok(())
//! # }
//! ```
//!
//! # Buckets
//!
//! [`BucketOrigin`] answers with the objects of a [`Bucket`](crate::bucket::Bucket): of Amazon S3 and what speaks like it, of
//! Google Cloud Storage, of Azure, or of a folder.
//!
//! 1. The name is the key below the bucket's prefix. What would leave the prefix is no key: dot segments, empty segments,
//!    control characters, in whatever encoding they came. It is `not_found`, as is a key that is not there.
//! 2. Of a folder, links are followed as far as they stay in it; what is no file is `not_found`.
//! 3. `ETag`, `Last-Modified`, `Cache-Control` and `Content-Type` are handed on, and `Content-Length` of an object without a
//!    coding. A time before 1970 or past the year 9999 is none. An object whose `Content-Encoding` is gzip, deflate or
//!    brotli is decoded as the body of another server is.
//! 4. A bucket that refuses, fails, or cannot be reached is `origin_failed`. Amazon refuses keys that are not there, too,
//!    where the credentials may not list the bucket (`s3:ListBucket`).
//! 5. An object that breaks off is asked for from there on, as long as it is the same one.
//! 6. There are limits on the time to the [head of an answer](BucketOrigin::first_byte_timeout), [between two
//!    pieces](BucketOrigin::idle_timeout), and [of all of it](BucketOrigin::timeout). Past one of them the answer is `timeout`.
//!
//! ```
//! # #[cfg(feature = "object-store")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use http::{Request, StatusCode};
//! use imgward::bucket::{Bucket, BucketOptions};
//! use imgward::origin::BucketOrigin;
//! use tower::ServiceExt;
//!
//! let folder = std::env::temp_dir().join("imgward-doc-bucket");
//! std::fs::create_dir_all(folder.join("photos"))?;
//! std::fs::write(folder.join("photos/a.jpg"), "a photo")?;
//! std::fs::write(folder.join("secret"), "a secret")?;
//! let url = format!("file://{}/photos", folder.display());
//! let origin = BucketOrigin::new(Bucket::open(&url, &BucketOptions::from_env())?);
//!
//! let found = origin.clone().oneshot(Request::get("/a.jpg").body(())?).await?;
//! assert_eq!(found.status(), StatusCode::OK);
//! let refused = origin.oneshot(Request::get("/..%2Fsecret").body(())?).await?;
//! assert_eq!(refused.status(), StatusCode::NOT_FOUND);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "object-store"))]
//! # fn main() {}
//! ```
//!
//! # Deployment
//!
//! Give the origin and the [`SourceLayer`](crate::source::SourceLayer) the same policy: the layer refuses early, and ahead of
//! any cache; the origin is safe without it. An egress firewall that knows nothing of names is still worth having.
//!
//! A [limit on bytes](crate::transform::TransformLayer::max_source_bytes) is the transform layer's. Connections to an origin
//! are kept open for a while and used again; they lead where they led when their address was judged. One of HTTP/2 that has been
//! silent for 5 seconds is sent a ping, and closed if that is not answered within 5 more.

use ::http::request;
use percent_encoding::percent_decode_str;

#[cfg(any(feature = "http-origin", feature = "object-store"))]
mod answer;
#[cfg(any(feature = "http-origin", feature = "object-store"))]
mod body;
#[cfg(feature = "object-store")]
mod bucket;
#[cfg(feature = "http-origin")]
mod http;

#[cfg(any(feature = "http-origin", feature = "object-store"))]
pub use self::answer::ResponseFuture;
#[cfg(any(feature = "http-origin", feature = "object-store"))]
pub use self::body::OriginBody;
#[cfg(feature = "object-store")]
pub use self::bucket::BucketOrigin;
#[cfg(feature = "http-origin")]
pub use self::http::{HttpOrigin, InvalidCertificate, Resolve};
use crate::guard::Rejection;

/// What the transform layer calls the image.
fn name(head: &request::Parts) -> Result<String, Rejection> {
    let path = head.uri.path();
    let name = percent_decode_str(path.strip_prefix('/').unwrap_or(path));
    match name.decode_utf8() {
        Ok(name) if head.uri.query().is_none() => Ok(name.into_owned()),
        _ => Err(Rejection::bad_request("the name of the image is not UTF-8")),
    }
}

#[cfg(test)]
mod tests;
