//! What the answers of all origins have in common.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Response;
use tokio::time::Instant;

use super::OriginBody;
use crate::guard::Rejection;

/// The future of an answer of an origin. What could not be fetched is an answer with the [`Rejection`] in its extensions.
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<OriginBody>> + Send>>);

impl ResponseFuture {
    pub(super) fn new<F>(fetched: F) -> Self
    where
        F: Future<Output = Result<Response<OriginBody>, Rejection>> + Send + 'static,
    {
        Self(Box::pin(async move {
            fetched.await.unwrap_or_else(|why| {
                let mut response = Response::new(OriginBody::default());
                *response.status_mut() = why.status();
                response.extensions_mut().insert(why);
                response
            })
        }))
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<OriginBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// When a limit of time that begins now ends. One that no clock can hold is a year.
pub(super) fn from_now(limit: Duration) -> Instant {
    let now = Instant::now();
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    now.checked_add(limit).unwrap_or_else(|| now + year)
}
