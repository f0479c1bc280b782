use std::time::SystemTime;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderName, StatusCode};
use http_body_util::BodyExt as _;
use object_store::{Attribute, Attributes, ObjectStoreExt as _, PutOptions};
use object_store::{ObjectStore as _, path::Path};
use tower::ServiceExt as _;

use super::*;
use crate::bucket::BucketOptions;
use crate::guard::{Rejection, RejectionKind};
use crate::origin::tests::encoded;

async fn get(
    origin: &BucketOrigin,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Response<OriginBody> {
    let mut request = Request::get(path).body(()).unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    origin.clone().oneshot(request).await.unwrap()
}

fn code(answer: &Response<OriginBody>) -> Option<RejectionKind> {
    answer.extensions().get::<Rejection>().map(Rejection::kind)
}

async fn text(answer: Response<OriginBody>) -> Bytes {
    answer.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn an_object_comes_with_what_is_said_of_it() {
    let bucket = Bucket::in_memory("originals");
    let key = Path::parse("originals/a b/c~.jpg").unwrap();
    let options = PutOptions {
        attributes: Attributes::from_iter([
            (Attribute::CacheControl, "max-age=60"),
            (Attribute::ContentType, "image/jpeg"),
        ]),
        ..PutOptions::default()
    };
    let put = bucket.store.put_opts(&key, "a photo".into(), options);
    put.await.unwrap();
    let outside = Path::parse("secret").unwrap();
    bucket.store.put(&outside, "a secret".into()).await.unwrap();

    let origin = BucketOrigin::new(bucket);
    let found = get(&origin, "/a%20b/c~.jpg", &[]).await;
    assert_eq!(found.status(), StatusCode::OK);
    assert_eq!(found.headers()[CONTENT_LENGTH], "7");
    assert_eq!(found.headers()[CONTENT_TYPE], "image/jpeg");
    assert_eq!(found.headers()[CACHE_CONTROL], "max-age=60");
    let etag = found.headers()[ETAG].to_str().unwrap().to_owned();
    let modified = found.headers()[LAST_MODIFIED].to_str().unwrap().to_owned();
    assert_eq!(text(found).await, "a photo");

    for (name, value, status) in [
        (IF_NONE_MATCH, &*etag, 304),
        (IF_NONE_MATCH, "\"another\"", 200),
        (IF_MODIFIED_SINCE, "Sat, 01 Jan 2000 00:00:00 GMT", 200),
        (IF_MODIFIED_SINCE, "no date", 200),
    ] {
        let answer = get(&origin, "/a%20b/c~.jpg", &[(name, value)]).await;
        assert_eq!(answer.status(), status, "{value}");
    }
    // The tag is the stronger of the two.
    let both = [
        (IF_NONE_MATCH, "\"another\""),
        (IF_MODIFIED_SINCE, &*modified),
    ];
    assert_eq!(get(&origin, "/a%20b/c~.jpg", &both).await.status(), 200);

    for path in [
        "/",
        "/none.jpg",
        "/../secret",
        "/..%2Fsecret",
        "/%2e%2e/secret",
        "/a//b",
    ] {
        let missing = get(&origin, path, &[]).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(code(&missing), Some(RejectionKind::NotFound), "{path}");
    }
    let unreadable = get(&origin, "/%FF", &[]).await;
    assert_eq!(code(&unreadable), Some(RejectionKind::BadRequest));
}

#[tokio::test]
async fn a_time_that_no_date_says_is_left_out() {
    let bucket = Bucket::in_memory("originals");
    let key = Path::parse("originals/a.jpg").unwrap();
    bucket.store.put(&key, "a photo".into()).await.unwrap();
    let mut object = bucket.store.get(&key).await.unwrap();
    let last = 253_402_300_799;
    for (before, seconds, date) in [
        (true, 1, None),
        (true, 62_000_000_000, None),
        (false, 0, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        (false, last, Some("Fri, 31 Dec 9999 23:59:59 GMT")),
        (false, last + 1, None),
    ] {
        let seconds = Duration::from_secs(seconds);
        let time = if before {
            SystemTime::UNIX_EPOCH - seconds
        } else {
            SystemTime::UNIX_EPOCH + seconds
        };
        object.meta.last_modified = time.into();
        let headers = fetch::headers(&object);
        let said = headers.get(LAST_MODIFIED);
        assert_eq!(said.map(|said| said.to_str().unwrap()), date);
        assert!(headers.contains_key(ETAG));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn row_98_nothing_outside_of_a_folder_is_found() {
    let outside = std::env::temp_dir().join(format!("imgward-bucket-{}", std::process::id()));
    let root = outside.join("images");
    std::fs::create_dir_all(root.join("below")).unwrap();
    for file in [
        "secret",
        "images/a b.jpg",
        "images/below/é.jpg",
        "images/c%41.jpg",
    ] {
        std::fs::write(outside.join(file), "a photo").unwrap();
    }
    for (link, to) in [
        ("out", "../secret"),
        ("folder", ".."),
        ("in", "below/é.jpg"),
        ("loop", "loop"),
        ("null", "/dev/null"),
    ] {
        std::os::unix::fs::symlink(to, root.join(link)).unwrap();
    }
    let mut make = std::process::Command::new("mkfifo");
    assert!(make.arg(root.join("pipe")).status().unwrap().success());

    let url = format!("file://{}", root.display());
    let bucket = Bucket::open(&url, &BucketOptions::new()).unwrap();
    let origin = BucketOrigin::new(bucket);
    for (path, found) in [
        ("/a%20b.jpg", true),
        ("/below/%C3%A9.jpg", true),
        ("/c%2541.jpg", true),
        ("/in", true),
        ("/below", false),
        ("/none.jpg", false),
        ("/below/../a%20b.jpg", false),
        ("/..%2fsecret", false),
        ("/%2e%2e%5csecret", false),
        ("/out", false),
        ("/folder/secret", false),
        ("/loop", false),
        ("/null", false),
        ("/pipe", false),
        ("/cA.jpg", false),
        ("/a%20b.jpg%00", false),
    ] {
        let answer = get(&origin, path, &[]).await;
        assert_eq!(answer.status() == 200, found, "{path}");
        if found {
            assert_eq!(text(answer).await, "a photo", "{path}");
        }
    }
    std::fs::remove_dir_all(&outside).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn row_98_what_is_opened_is_what_was_judged() {
    let outside = std::env::temp_dir().join(format!("imgward-judged-{}", std::process::id()));
    let root = outside.join("images");
    for folder in ["images/below", "secrets"] {
        std::fs::create_dir_all(outside.join(folder)).unwrap();
        std::fs::write(outside.join(folder).join("a.jpg"), folder).unwrap();
    }
    let url = format!("file://{}", root.display());
    let bucket = Bucket::open(&url, &BucketOptions::new()).unwrap();
    let judged = fetch::judge(&bucket, "below/a.jpg".into()).await.unwrap();
    let size = async || {
        let opened = judged.open(&bucket, object_store::GetOptions::new()).await;
        opened.map(|object| object.unwrap().unwrap().meta.size)
    };
    assert_eq!(size().await, Some(12));
    std::fs::rename(root.join("below"), root.join("away")).unwrap();
    std::os::unix::fs::symlink(outside.join("secrets"), root.join("below")).unwrap();
    assert_eq!(size().await, None);
    std::fs::remove_file(root.join("below")).unwrap();
    std::fs::rename(root.join("away"), root.join("below")).unwrap();
    assert_eq!(size().await, Some(12));
    std::fs::remove_dir_all(&outside).unwrap();
}

#[tokio::test]
async fn row_68_codings_are_decoded() {
    let plain: Vec<u8> = (0..100_000_u32).map(|n| (n / 7 % 251) as u8).collect();
    let bucket = Bucket::in_memory("originals");
    let origin = BucketOrigin::new(bucket.clone());
    for (coding, reads) in [
        ("gzip", true),
        ("GZip", true),
        ("x-gzip", true),
        ("deflate", true),
        ("br", true),
        ("identity", true),
        ("aws-chunked", false),
        ("zstd", false),
        ("gzip, gzip", false),
    ] {
        let bytes = encoded(coding, &plain).await;
        let half = bytes[..bytes.len() / 2].to_vec();
        for (name, bytes, is_whole) in [("whole", bytes, true), ("half", half, false)] {
            let key = Path::parse(format!("originals/{name}")).unwrap();
            let options = PutOptions {
                attributes: Attributes::from_iter([(Attribute::ContentEncoding, coding)]),
                ..PutOptions::default()
            };
            let put = bucket.store.put_opts(&key, bytes.into(), options);
            put.await.unwrap();
            let answer = get(&origin, &format!("/{name}"), &[]).await;
            if !reads {
                assert_eq!(code(&answer), Some(RejectionKind::OriginFailed), "{coding}");
                continue;
            }
            assert!(!answer.headers().contains_key(CONTENT_ENCODING), "{coding}");
            let is_plain = coding == "identity";
            // What is announced is what is counted.
            let announced = answer.headers().contains_key(CONTENT_LENGTH);
            assert_eq!(announced, is_plain, "{coding}");
            match answer.into_body().collect().await {
                Ok(body) if is_whole => assert!(body.to_bytes() == plain, "{coding}"),
                Ok(_) => assert!(is_plain, "half of it passed: {coding}"),
                Err(why) => {
                    assert!(!is_whole, "{coding}: {why}");
                    assert_eq!(why.kind(), RejectionKind::OriginFailed, "{coding}");
                }
            }
        }
    }
}
