//! Where the originals come from, as a service.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::IF_MODIFIED_SINCE;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use imgward::guard::{Rejection, RejectionKind};
use imgward::origin::{BucketOrigin, HttpOrigin};
use imgward::source::is_url;
use imgward_hyper::RequestBody;
use percent_encoding::percent_decode_str;
use tower::{Service, ServiceExt as _};

use crate::files::Folder;
use crate::playground::Images;
use crate::samples;

pub(crate) type OriginBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Answers with originals.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The files of a folder.
    Files(Folder),
    /// Other servers.
    Http(HttpOrigin),
    /// A bucket.
    Bucket(BucketOrigin),
    /// The sample images.
    Samples,
    /// The images of the playground.
    Playground(Images),
    /// Several, each of which is asked for what the ones before it do not have.
    Chain(Arc<[Self]>),
}

impl Origin {
    async fn answer(self, request: Request<RequestBody>) -> Response<OriginBody> {
        let path = request.uri().path().to_owned();
        match self {
            Self::Chain(origins) => first_of(&origins, &request).await,
            Self::Samples => match path.strip_prefix('/').and_then(samples::find) {
                Some(image) => Response::new(whole(Bytes::from_static(image))),
                None => with_status(StatusCode::NOT_FOUND),
            },
            Self::Playground(images) => {
                match path.strip_prefix('/').and_then(|name| images.find(name)) {
                    Some(image) => Response::new(whole(image)),
                    None => with_status(StatusCode::NOT_FOUND),
                }
            }
            Self::Http(origin) => {
                let Ok(answer) = origin.oneshot(request).await;
                // The error of a body may say what the client is to be answered, so it stays what it is.
                answer.map(|body| body.map_err(Into::into).boxed_unsync())
            }
            Self::Bucket(origin) => {
                let Ok(answer) = origin.oneshot(request).await;
                answer.map(|body| body.map_err(Into::into).boxed_unsync())
            }
            Self::Files(folder) => {
                // The file system may be slow, and has no other way to ask.
                match tokio::task::spawn_blocking(move || folder.find(&path)).await {
                    Ok(Ok(Some(file))) => file.answer(request.headers()).map(|body| match body {
                        Some(body) => body.map_err(Into::into).boxed_unsync(),
                        None => whole(Bytes::new()),
                    }),
                    Ok(Ok(None)) => with_status(StatusCode::NOT_FOUND),
                    Ok(Err(error)) => {
                        tracing::warn!("an original cannot be opened: {error}");
                        with_status(StatusCode::INTERNAL_SERVER_ERROR)
                    }
                    Err(_) => with_status(StatusCode::INTERNAL_SERVER_ERROR),
                }
            }
        }
    }
}

/// What the first origin answers that has the image; what the last does where none has.
async fn first_of(origins: &[Origin], request: &Request<RequestBody>) -> Response<OriginBody> {
    let mut answer = with_status(StatusCode::NOT_FOUND);
    for origin in origins {
        let mut request_of_its_own = Request::new(RequestBody::default());
        *request_of_its_own.uri_mut() = request.uri().clone();
        *request_of_its_own.headers_mut() = request.headers().clone();
        // The image may have come from another of them, and what takes its place may be the older of the two.
        request_of_its_own.headers_mut().remove(IF_MODIFIED_SINCE);
        let next = Box::pin(origin.clone().answer(request_of_its_own)).await;
        let why = next.extensions().get().map(Rejection::kind);
        // What is no URL is the name of a file, and that it may not be fetched is beside the point.
        if why == Some(RejectionKind::SourceDenied) && !names_url(request.uri().path()) {
            continue;
        }
        answer = next;
        if answer.status() != StatusCode::NOT_FOUND {
            break;
        }
    }
    answer
}

/// Whether a path, as the transform layer asks for it, is the name of a URL.
fn names_url(path: &str) -> bool {
    let name = path.strip_prefix('/').unwrap_or(path);
    is_url(&percent_decode_str(name).decode_utf8_lossy())
}

fn whole(bytes: Bytes) -> OriginBody {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn with_status(status: StatusCode) -> Response<OriginBody> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

impl Service<Request<RequestBody>> for Origin {
    type Response = Response<OriginBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let origin = self.clone();
        Box::pin(async move { Ok(origin.answer(request).await) })
    }
}

#[cfg(test)]
mod tests {
    use imgward::bucket::{Bucket, BucketOptions};

    use super::*;

    #[tokio::test]
    async fn several_origins_are_not_asked_by_date() {
        let images = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/images");
        let bucket = Bucket::open(images, &BucketOptions::new()).unwrap();
        let bucket = Origin::Bucket(BucketOrigin::new(bucket));
        let chain = Origin::Chain(Arc::new([bucket.clone()]));
        for (origin, status) in [
            (bucket, StatusCode::NOT_MODIFIED),
            // By its date it may be older than what was there before it.
            (chain, StatusCode::OK),
        ] {
            let request = Request::get("/shield.png")
                .header(IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT")
                .body(RequestBody::default());
            let answer = origin.answer(request.unwrap()).await;
            assert_eq!(answer.status(), status);
        }
    }
}
