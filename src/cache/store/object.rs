use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore as Inner, ObjectStoreExt as _};
use url::Url;

use super::{Store, StoreError, StoreFuture};

/// A [`Store`] in the files of a folder, or in a bucket.
///
/// ```
/// use imgward::cache::ObjectStore;
///
/// # fn main() -> Result<(), imgward::cache::InvalidStoreUrl> {
/// let store = ObjectStore::open("file:///var/cache/imgward")?;
/// assert!(ObjectStore::open("/var/cache/imgward").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ObjectStore {
    inner: Arc<dyn Inner>,
    below: Path,
}

impl ObjectStore {
    /// Opens what a URL names: `file:///var/cache/imgward`; and, in a build of the `object_store` crate with its features
    /// `aws`, `gcp` or `azure`, buckets such as `s3://bucket/folder`, with credentials from the usual environment
    /// variables. Nothing is read or written yet.
    ///
    /// # Errors
    ///
    /// [`InvalidStoreUrl`] where it is no URL, or names no store that this build has.
    pub fn open(url: &str) -> Result<Self, InvalidStoreUrl> {
        let invalid = |why: Box<dyn Error + Send + Sync>| InvalidStoreUrl {
            url: url.into(),
            why: why.to_string(),
        };
        let parsed = Url::parse(url).map_err(|error| invalid(error.into()))?;
        // What is left of a slip would be another folder, or all of them.
        if parsed.scheme() == "file" && (!url.starts_with("file:///") || parsed.path() == "/") {
            return Err(invalid("a folder is written file:///folder".into()));
        }
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?.to_ascii_lowercase();
            Some((name, value.into_string().ok()?))
        });
        let opened = object_store::parse_url_opts(&parsed, environment);
        let (inner, below) = opened.map_err(|error| invalid(error.into()))?;
        Ok(Self {
            inner: Arc::from(inner),
            below,
        })
    }

    fn path(&self, name: &str) -> Path {
        let parts = name.split('/').filter(|part| !part.is_empty());
        parts.fold(self.below.clone(), Path::join)
    }
}

impl Store for ObjectStore {
    fn get(&self, name: &str, most: u64) -> StoreFuture<Option<Bytes>> {
        let store = Arc::clone(&self.inner);
        let path = self.path(name);
        Box::pin(async move {
            let object = match store.get(&path).await {
                Ok(object) => object,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(StoreError::new(error)),
            };
            if object.meta.size > most {
                return Err(StoreError::new("what is kept is too large"));
            }
            object.bytes().await.map(Some).map_err(StoreError::new)
        })
    }

    fn put(&self, name: &str, bytes: Bytes) -> StoreFuture<()> {
        let store = Arc::clone(&self.inner);
        let path = self.path(name);
        Box::pin(async move {
            let put = store.put(&path, bytes.into()).await;
            put.map(|_| ()).map_err(StoreError::new)
        })
    }

    fn remove(&self, name: &str) -> StoreFuture<()> {
        let store = Arc::clone(&self.inner);
        let path = self.path(name);
        Box::pin(async move {
            match store.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(StoreError::new(error)),
            }
        })
    }

    fn list(&self, prefix: &str, most: usize) -> StoreFuture<Vec<String>> {
        let store = Arc::clone(&self.inner);
        let path = self.path(prefix);
        let below = self.below.clone();
        Box::pin(async move {
            let mut names = Vec::new();
            let mut objects = store.list(Some(&path));
            while names.len() < most
                && let Some(object) = poll_fn(|cx| objects.as_mut().poll_next(cx)).await
            {
                let location = object.map_err(StoreError::new)?.location;
                let Some(parts) = location.prefix_match(&below) else {
                    continue;
                };
                let parts: Vec<_> = parts.map(|part| part.as_ref().to_owned()).collect();
                names.push(parts.join("/"));
            }
            Ok(names)
        })
    }
}

impl fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The store's own Debug may hold credentials.
        f.debug_struct("ObjectStore")
            .field("below", &self.below.as_ref())
            .finish_non_exhaustive()
    }
}

/// A text is no URL of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStoreUrl {
    url: Box<str>,
    why: String,
}

impl fmt::Display for InvalidStoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no store: {}", self.url, self.why)
    }
}

impl Error for InvalidStoreUrl {}
