//! From a name to an object.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{Response, StatusCode, request};
use object_store::path::Path;
use object_store::{Attribute, Error, GetOptions, GetResult, ObjectStore as _};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::BucketOrigin;
use super::object::Object;
use crate::bucket::Bucket;
use crate::guard::{Rejection, RejectionKind};
use crate::origin::body::{OriginBody, failed};
use crate::origin::name;

/// The times that a date in a header can say, in seconds since 1970: up to the end of the year 9999.
const DATES: RangeInclusive<i64> = 0..=253_402_300_799;

impl BucketOrigin {
    pub(super) async fn answer(self, head: request::Parts) -> Response<OriginBody> {
        self.fetch(&head).await.unwrap_or_else(|why| {
            let mut response = Response::new(OriginBody::default());
            *response.status_mut() = why.status();
            response.extensions_mut().insert(why);
            response
        })
    }

    async fn fetch(&self, head: &request::Parts) -> Result<Response<OriginBody>, Rejection> {
        let now = Instant::now();
        // A limit that no clock can hold is none.
        let far = || now + Duration::from_secs(365 * 24 * 60 * 60);
        let after = |limit| now.checked_add(limit).unwrap_or_else(far);
        let end = after(self.limits.all);
        let name = name(head)?;
        let asked = timeout_at(end.min(after(self.limits.first_byte)), async {
            let key = key(&self.bucket, name).await?;
            let options = conditions(&head.headers);
            let object = self.bucket.store.get_opts(&key, options).await;
            object.map(Some).or_else(|error| match error {
                Error::NotModified { .. } => Ok(None),
                Error::NotFound { .. } => Err(not_found()),
                error => Err(failed(&format!("the bucket failed: {error}"))),
            })
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

/// Where an object of a name is, if anywhere.
async fn key(bucket: &Bucket, name: String) -> Result<Path, Rejection> {
    let key = bucket.key(&name).ok_or_else(not_found)?;
    let Some(folder) = bucket.as_folder().map(PathBuf::from) else {
        return Ok(key);
    };
    // A link may lead out of the folder, and what is no file may never end. What is asked for is what was judged.
    let judged = spawn_blocking(move || {
        let folder = folder.canonicalize().ok()?;
        let file = folder.join(name).canonicalize().ok()?;
        let is_ours = file.starts_with(folder) && file.is_file();
        is_ours.then(|| Path::from_absolute_path(file).ok())?
    });
    let judged = judged.await.ok().flatten();
    judged.ok_or_else(not_found)
}

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
