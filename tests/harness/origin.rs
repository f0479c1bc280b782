use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::Service;
use tower_http::services::ServeDir;

use crate::TempDir;

/// A service that answers with files that it holds in memory, and counts how often it is asked. Clones share all that.
#[derive(Clone, Debug, Default)]
pub struct MemoryOrigin {
    files: Arc<HashMap<String, File>>,
    failures: Arc<HashMap<String, StatusCode>>,
    requests: Arc<AtomicUsize>,
}

#[derive(Clone, Debug)]
struct File {
    content_type: &'static str,
    contents: Bytes,
}

impl MemoryOrigin {
    /// An origin without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same origin with a file at a path that begins with a slash.
    pub fn with(
        mut self,
        path: &str,
        content_type: &'static str,
        contents: impl Into<Bytes>,
    ) -> Self {
        let file = File {
            content_type,
            contents: contents.into(),
        };
        Arc::make_mut(&mut self.files).insert(path.to_owned(), file);
        self
    }

    /// The same origin, answering a path that begins with a slash with a status and nothing else.
    pub fn failing(mut self, path: &str, status: StatusCode) -> Self {
        Arc::make_mut(&mut self.failures).insert(path.to_owned(), status);
        self
    }

    /// How many requests have reached the origin.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl<B> Service<Request<B>> for MemoryOrigin {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(Full::default());
        match self.files.get(request.uri().path()) {
            None => {
                let failure = self.failures.get(request.uri().path());
                *response.status_mut() = *failure.unwrap_or(&StatusCode::NOT_FOUND);
            }
            Some(file) => {
                let content_type = http::HeaderValue::from_static(file.content_type);
                response.headers_mut().insert(CONTENT_TYPE, content_type);
                *response.body_mut() = Full::new(file.contents.clone());
            }
        }
        ready(Ok(response))
    }
}

/// A directory of files, and the service that an application would serve it with.
#[derive(Debug)]
pub struct DirOrigin {
    dir: TempDir,
}

impl DirOrigin {
    /// An origin over an empty directory.
    ///
    /// # Panics
    ///
    /// Where the directory cannot be made.
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Self {
        Self {
            dir: TempDir::new(),
        }
    }

    /// The same origin with a file.
    ///
    /// # Panics
    ///
    /// Where it cannot be written.
    pub fn with(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        self.dir.write(name, contents);
        self
    }

    /// The service.
    pub fn service(&self) -> ServeDir {
        ServeDir::new(self.dir.path())
    }
}
