//! Buckets of S3, Google Cloud Storage and Azure, and folders that are used like one: where originals are, and where
//! results are kept for all instances.
//!
//! 1. A [`Bucket`] is named by a URL: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`, or
//!    `file:///folder`, each with a feature of its own (`s3`, `gcs`, `azure`; folders with `object-store`). What is asked of
//!    it is below the prefix, and cannot leave it.
//! 2. Credentials and all else are read from [the environment](BucketOptions::from_env): `AWS_ACCESS_KEY_ID`,
//!    `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` and what else the AWS tools read but for their files;
//!    `GOOGLE_APPLICATION_CREDENTIALS` and others that begin with `GOOGLE_`; `AZURE_STORAGE_ACCOUNT_NAME`,
//!    `AZURE_STORAGE_ACCOUNT_KEY` and others that begin with `AZURE_`. Where there are none, a machine in the cloud is asked
//!    for its own. `AWS_SKIP_SIGNATURE`, `GOOGLE_SKIP_SIGNATURE` and `AZURE_SKIP_SIGNATURE` (`true`) ask without any.
//! 3. Servers that speak S3 are named by `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT` or `S3_ENDPOINT`. Buckets
//!    are in the path, unless `AWS_VIRTUAL_HOSTED_STYLE_REQUEST` is `true`. An endpoint that is written with `http://` is
//!    asked without TLS, unless `AWS_ALLOW_HTTP` is `false`.
//! 4. The TLS is rustls with ring, and certificates are those that the system trusts. No redirect is followed, and no proxy
//!    is used. What fails for a moment is tried again, twice.
//!
//! ```
//! use imgward::bucket::{Bucket, BucketOptions};
//!
//! # #[cfg(feature = "s3")]
//! # fn main() -> Result<(), imgward::bucket::InvalidBucket> {
//! let options = BucketOptions::new()
//!     .endpoint("https://s3.example.com")
//!     .access_key("AKEY", "a secret");
//! let bucket = Bucket::open("s3://photos/originals", &options)?;
//! assert!(Bucket::open("s3:photos", &options).is_err());
//! // Neither here nor in an error is a secret ever seen.
//! assert!(!format!("{bucket:?} {options:?}").contains("a secret"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "s3"))]
//! # fn main() {}
//! ```

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use url::Url;

#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
mod client;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
mod cloud;
mod options;

#[cfg(test)]
mod tests;

pub use self::options::BucketOptions;

/// The longest key of S3, of Google and of Azure, in bytes.
const MAX_KEY: usize = 1024;

/// A place for objects: a bucket of a cloud, or a folder. Clones are the same. See the [module docs](self) for the rules
/// and an example.
#[derive(Clone)]
pub struct Bucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// What all keys begin with.
    below: Path,
    /// Where it is a folder.
    folder: Option<PathBuf>,
    identity: Arc<str>,
}

impl Bucket {
    /// Opens what a URL names. Nothing is read or written yet, so that it need not be there.
    ///
    /// # Errors
    ///
    /// [`InvalidBucket`] where the URL is none of a bucket, this build has none of its kind, or an option is not what it
    /// should be.
    pub fn open(url: &str, options: &BucketOptions) -> Result<Self, InvalidBucket> {
        let invalid = |why: String| InvalidBucket {
            url: without_user(url).into(),
            why: why.into(),
        };
        let parsed = Url::parse(url).map_err(|error| invalid(error.to_string()))?;
        let below = below(url, &parsed).map_err(|why| invalid(why.into()))?;
        if parsed.scheme() == "file" {
            return Self::folder(&parsed, below).map_err(|why| invalid(why.into()));
        }
        let host = parsed.host_str().unwrap_or_default();
        if host.is_empty() || !has_no_more(&parsed) {
            let why = "a bucket is written s3://bucket/prefix, gs:// and az:// likewise";
            return Err(invalid(why.into()));
        }
        let (store, endpoint) = open_cloud(parsed.scheme(), host, options).map_err(invalid)?;
        let identity = match endpoint {
            Some(endpoint) => format!("{}://{host}/{below} at {endpoint}", parsed.scheme()),
            None => format!("{}://{host}/{below}", parsed.scheme()),
        };
        Ok(Self {
            store,
            below,
            folder: None,
            identity: identity.into(),
        })
    }

    fn folder(url: &Url, below: Path) -> Result<Self, &'static str> {
        let is_written = url.host_str().is_none() && url.path() != "/" && has_no_more(url);
        let folder = url.to_file_path().ok().filter(|_| is_written);
        let folder = folder.ok_or("a folder is written file:///folder")?;
        // With or without a slash at its end, it is the same one.
        let folder: PathBuf = folder.components().collect();
        Ok(Self {
            store: Arc::new(LocalFileSystem::new()),
            below,
            identity: format!("file://{}", folder.display()).into(),
            folder: Some(folder),
        })
    }

    /// What no other bucket, prefix or server has: for [`CacheLayer`](crate::cache::CacheLayer).
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Where it is, if it is a folder.
    pub fn as_folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// The key of a name that others chose. `None`: there can be none, since it is empty, too long, not a path of names
    /// with one slash between, or would leave the prefix.
    pub(crate) fn key(&self, name: &str) -> Option<Path> {
        let is_outer = |name: &str| name.starts_with('/') || name.ends_with('/');
        if name.is_empty() || is_outer(name) || name.len() > MAX_KEY {
            return None;
        }
        // A separator of Windows, and its drives and streams.
        let is_local = self.folder.is_some();
        if is_local && (name.contains('\\') || cfg!(windows) && name.contains(':')) {
            return None;
        }
        // This refuses dot segments, empty ones and control characters.
        let key = Path::parse(name).ok()?;
        Some(self.own_key(key.as_ref()))
    }

    /// The key of a name of our own.
    pub(crate) fn own_key(&self, name: &str) -> Path {
        let joined = format!("{}/{name}", self.below);
        Path::parse(&joined).unwrap_or_else(|_| Path::from(joined))
    }

    /// The name of a key.
    #[cfg(any(feature = "cache", test))]
    pub(crate) fn name(&self, key: &Path) -> Option<String> {
        let parts = key.prefix_match(&self.below)?;
        let parts: Vec<_> = parts.map(|part| part.as_ref().to_owned()).collect();
        Some(parts.join("/"))
    }

    #[cfg(test)]
    pub(crate) fn in_memory(below: &str) -> Self {
        Self {
            store: Arc::new(object_store::memory::InMemory::new()),
            below: Path::parse(below).unwrap(),
            folder: None,
            identity: format!("memory:///{below}").into(),
        }
    }
}

/// By what they name, however it is reached.
impl PartialEq for Bucket {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Eq for Bucket {}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The store's own Debug may hold credentials.
        f.debug_tuple("Bucket").field(&self.identity).finish()
    }
}

/// Whether a URL has nothing but a scheme, a host and a path.
fn has_no_more(url: &Url) -> bool {
    url.username().is_empty()
        && url.password().is_none()
        && url.port().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

/// What stands before an at sign may be a secret.
fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => url.into(),
    }
}

/// The prefix that a URL names. A slip in it would be another one.
fn below(text: &str, url: &Url) -> Result<Path, &'static str> {
    if crate::mount::has_dot_segment(text) {
        return Err("it has a dot segment");
    }
    if url.scheme() == "file" && !text.starts_with("file:///") {
        return Err("a folder is written file:///folder");
    }
    let path = url.path().trim_end_matches('/');
    Path::from_url_path(path).map_err(|_| "its path is not one of names with one slash between")
}

#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
use self::cloud::open as open_cloud;

#[cfg(not(any(feature = "azure", feature = "gcs", feature = "s3")))]
type Opened = (Arc<dyn ObjectStore>, Option<String>);

#[cfg(not(any(feature = "azure", feature = "gcs", feature = "s3")))]
fn open_cloud(scheme: &str, _: &str, _: &BucketOptions) -> Result<Opened, String> {
    Err(not_built(scheme))
}

/// Why there is nothing behind a scheme.
fn not_built(scheme: &str) -> String {
    match scheme {
        "s3" | "gs" | "az" => format!("this build has no buckets of {scheme}://"),
        _ => "it is none of s3://, gs://, az:// and file:///".into(),
    }
}

/// A text names no bucket that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBucket {
    url: Box<str>,
    why: Box<str>,
}

impl fmt::Display for InvalidBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no bucket: {}", self.url, self.why)
    }
}

impl std::error::Error for InvalidBucket {}
