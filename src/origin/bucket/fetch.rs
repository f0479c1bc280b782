//! From a name to an object.

use std::fs::Metadata;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{Response, StatusCode, request};
use object_store::path::Path;
use object_store::{Attribute, Error, GetOptions, GetResult, GetResultPayload, ObjectStore as _};
use tokio::task::spawn_blocking;
use tokio::time::timeout_at;

use super::BucketOrigin;
use super::object::Object;
use crate::bucket::Bucket;
use crate::guard::{Rejection, RejectionKind};
use crate::origin::answer::from_now;
use crate::origin::body::{OriginBody, failed};
use crate::origin::name;

/// How often a file is judged that is replaced by another before it is opened.
const TRIES: usize = 3;

/// The times that a date in a header can say, in seconds since 1970: up to the end of the year 9999.
const DATES: RangeInclusive<i64> = 0..=253_402_300_799;

impl BucketOrigin {
    pub(super) async fn fetch(
        &self,
        head: &request::Parts,
    ) -> Result<Response<OriginBody>, Rejection> {
        let end = from_now(self.limits.all);
        let name = name(head)?;
        let asked = timeout_at(end.min(from_now(self.limits.first_byte)), async {
            for _ in 0..TRIES {
                let judged = judge(&self.bucket, name.clone()).await?;
                let options = conditions(&head.headers);
                if let Some(opened) = judged.open(&self.bucket, options).await {
                    return opened;
                }
            }
            Err(not_found())
        });
        let object = asked
            .await
            .map_err(|_| Rejection::new(RejectionKind::Timeout, "the bucket takes too long"))??;
        let mut response = Response::new(OriginBody::default());
        match object {
            None => *response.status_mut() = StatusCode::NOT_MODIFIED,
            Some(object) => {
                let mut headers = headers(&object);
                let body = Object::new(object);
                let body = OriginBody::decoding(&headers, body, self.limits.idle, end)?;
                headers.remove(CONTENT_ENCODING);
                if body.is_decoded() {
                    headers.remove(CONTENT_LENGTH);
                }
                *response.headers_mut() = headers;
                *response.body_mut() = body;
            }
        }
        Ok(response)
    }
}

/// Where an object of a name is.
pub(super) struct Judged {
    key: Path,
    /// Which one it must be, where it is a file.
    file: Option<FileId>,
}

/// Which object a name is, if any.
pub(super) async fn judge(bucket: &Bucket, name: String) -> Result<Judged, Rejection> {
    let key = bucket.key(&name).ok_or_else(not_found)?;
    let Some(folder) = bucket.as_folder().map(PathBuf::from) else {
        return Ok(Judged { key, file: None });
    };
    // A link may lead out of the folder, and what is no file may never end. The store opens by path, and follows links that
    // have come in between; so the file is looked at before its path is, and what is opened must be that one.
    let judged = spawn_blocking(move || {
        let folder = folder.canonicalize().ok()?;
        let path = folder.join(name);
        let metadata = path.metadata().ok()?;
        let path = path.canonicalize().ok()?;
        let is_ours = path.starts_with(folder) && metadata.is_file();
        let key = Path::from_absolute_path(path).ok().filter(|_| is_ours)?;
        let file = Some(file_id(&metadata));
        Some(Judged { key, file })
    });
    let judged = judged.await.ok().flatten();
    judged.ok_or_else(not_found)
}

impl Judged {
    /// The object, or nothing where it has not changed. `None`: another one is in its place.
    pub(super) async fn open(
        &self,
        bucket: &Bucket,
        options: GetOptions,
    ) -> Option<Result<Option<GetResult>, Rejection>> {
        let object = match bucket.store.get_opts(&self.key, options).await {
            Ok(object) => object,
            Err(Error::NotModified { .. }) => return Some(Ok(None)),
            Err(Error::NotFound { .. }) => return Some(Err(not_found())),
            Err(error) => return Some(Err(failed(&format!("the bucket failed: {error}")))),
        };
        if let (Some(judged), GetResultPayload::File(file, _)) = (&self.file, &object.payload) {
            let opened = file.metadata().ok().map(|metadata| file_id(&metadata));
            opened.filter(|opened| opened == judged)?;
        }
        Some(Ok(Some(object)))
    }
}

/// What no two files have in common that are there at the same time: device and inode. Elsewhere than on Unix the standard
/// library has none.
#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = ();

#[cfg(unix)]
fn file_id(metadata: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn file_id(_: &Metadata) -> FileId {}

/// Whether it is to come only where it has changed.
fn conditions(headers: &HeaderMap) -> GetOptions {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let if_none_match = text(IF_NONE_MATCH).map(String::from);
    let since = text(IF_MODIFIED_SINCE).filter(|_| if_none_match.is_none());
    let since = since.and_then(|since| httpdate::parse_http_date(since).ok());
    GetOptions {
        if_none_match,
        if_modified_since: since.map(Into::into),
        ..GetOptions::default()
    }
}

/// What is said of an object.
pub(super) fn headers(object: &GetResult) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    let modified = object.meta.last_modified;
    if DATES.contains(&modified.timestamp()) {
        set(LAST_MODIFIED, &httpdate::fmt_http_date(modified.into()));
    }
    if let Some(etag) = &object.meta.e_tag {
        set(ETAG, etag);
    }
    for (attribute, name) in [
        (Attribute::CacheControl, CACHE_CONTROL),
        (Attribute::ContentEncoding, CONTENT_ENCODING),
        (Attribute::ContentType, CONTENT_TYPE),
    ] {
        if let Some(value) = object.attributes.get(&attribute) {
            set(name, value);
        }
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(object.meta.size));
    headers
}

fn not_found() -> Rejection {
    Rejection::new(RejectionKind::NotFound, "the bucket has no such object")
}
