//! Buckets, and folders that are used like one.

mod fetch;
mod object;

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tower_service::Service;

use crate::bucket::Bucket;
use crate::origin::{OriginBody, ResponseFuture};

/// Answers with the objects of a bucket. See the [module docs](super) for the rules and an example.
///
/// Of a folder, a path is judged before it is opened. On Unix what is opened must be the file that was judged, so a link that
/// takes the place of a folder in between leads nowhere; who swaps the two back and forth may still be lucky. So let nobody
/// write there who may not read what the application may. `imgward-server` opens the files of a folder without this gap.
#[derive(Clone, Debug)]
pub struct BucketOrigin {
    bucket: Bucket,
    limits: Limits,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    first_byte: Duration,
    idle: Duration,
    all: Duration,
}

impl BucketOrigin {
    /// An origin of what is in `bucket`.
    pub fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            limits: Limits {
                first_byte: Duration::from_secs(10),
                idle: Duration::from_secs(10),
                all: Duration::from_secs(30),
            },
        }
    }

    /// How long the head of an answer may take to come, tries counted. 10 seconds by default.
    pub fn first_byte_timeout(mut self, limit: Duration) -> Self {
        self.limits.first_byte = limit;
        self
    }

    /// How long each piece of an object may take to come. 10 seconds by default.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// How long an object may take to come. 30 seconds by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.all = limit;
        self
    }

    /// What no other origin has: for [`CacheLayer`](crate::cache::CacheLayer).
    pub fn identity(&self) -> String {
        format!("bucket:{}", self.bucket.identity())
    }
}

impl<B> Service<Request<B>> for BucketOrigin {
    type Response = Response<OriginBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let (head, _) = request.into_parts();
        let origin = self.clone();
        ResponseFuture::new(async move { origin.fetch(&head).await })
    }
}

#[cfg(test)]
mod tests;
