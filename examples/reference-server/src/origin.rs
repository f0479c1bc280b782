//! Where the originals come from, as a service.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::IF_MODIFIED_SINCE;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use imgward::origin::{BucketOrigin, HttpOrigin};
use imgward_hyper::RequestBody;
use tower::{Service, ServiceExt as _};
use tower_http::services::ServeFile;

use crate::files::Folder;
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
}

impl Origin {
    async fn answer(self, mut request: Request<RequestBody>) -> Response<OriginBody> {
        let path = request.uri().path().to_owned();
        match self {
            Self::Samples => match path.strip_prefix('/').and_then(samples::find) {
                Some(image) => Response::new(whole(image)),
                None => with_status(StatusCode::NOT_FOUND),
            },
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
                // A file that another is moved over may be the older of the two.
                request.headers_mut().remove(IF_MODIFIED_SINCE);
                // The file system may be slow, and has no other way to ask.
                match tokio::task::spawn_blocking(move || folder.find(&path)).await {
                    Ok(Some(file)) => {
                        let Ok(answer) = ServeFile::new(file).oneshot(request).await;
                        answer.map(|body| body.map_err(Into::into).boxed_unsync())
                    }
                    Ok(None) => with_status(StatusCode::NOT_FOUND),
                    Err(_) => with_status(StatusCode::INTERNAL_SERVER_ERROR),
                }
            }
        }
    }
}

fn whole(bytes: &'static [u8]) -> OriginBody {
    Full::from(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn with_status(status: StatusCode) -> Response<OriginBody> {
    let mut response = Response::new(whole(&[]));
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
