//! Originals that are asked for only if they have changed.
#![cfg(feature = "cache")]

use http::header::{AGE, IF_MODIFIED_SINCE, SET_COOKIE};

use super::canvas::canvas;
use super::*;
use crate::transform::{Conditions, Provenance};

/// Asks for an image of these sources, each with the tag that it had.
async fn ask<S>(service: &S, sources: &[&str], tags: &[&'static str]) -> Answer
where
    S: Service<Request<Frames>, Response = Answer, Error = Infallible> + Clone,
{
    let image = ImageRequest {
        sources: sources.iter().map(|&source| source.into()).collect(),
        ..ImageRequest::default()
    };
    let mut request = wanted(&image, &[(IF_NONE_MATCH, "\"of the client\"")]);
    let tag = |tag: &&'static str| vec![(IF_NONE_MATCH, HeaderValue::from_static(tag))];
    let conditions = Conditions(tags.iter().map(tag).collect());
    request.extensions_mut().insert(conditions);
    service.clone().oneshot(request).await.unwrap()
}

/// Answers 304 to the tag that is the name of the source; `private` says that it is for one client.
fn origin(
    asked: &Arc<Mutex<Vec<String>>>,
) -> impl Service<Request<Frames>, Response = Response<Frames>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let asked = Arc::clone(asked);
    service_fn(move |request: Request<Frames>| {
        let name = request.uri().path().trim_start_matches('/').to_owned();
        let tag = request.headers().get(IF_NONE_MATCH);
        let tag = tag.map_or("", |tag| tag.to_str().unwrap()).to_owned();
        asked.lock().unwrap().push(format!("{name} {tag}"));
        let mut response = Response::new(Frames::data(["GIF"]));
        if tag == name {
            response = Response::new(Frames::default());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(ETAG, HeaderValue::from_str(&name).unwrap());
        headers.insert(AGE, HeaderValue::from_static("5"));
        if name == "private" {
            headers.insert(SET_COOKIE, HeaderValue::from_static("a=b"));
        }
        async { Ok::<_, Infallible>(response) }
    })
}

#[tokio::test]
async fn what_has_not_changed_is_not_made() {
    type Case = (
        &'static [&'static str],
        &'static [&'static str],
        u16,
        &'static [&'static str],
    );
    let cases: [Case; 7] = [
        (&["a"], &[], 200, &["a "]),
        (&["a"], &["a"], 304, &["a a"]),
        (&["a"], &["old"], 200, &["a old"]),
        (&["a", "b"], &["a", "b"], 304, &["a a", "b b"]),
        // The other is needed, too.
        (&["a", "b"], &["a", "old"], 200, &["a a", "b old", "a "]),
        (&["a", "b"], &["old"], 200, &["a old", "b "]),
        // What is for one client alone is not what is kept for all.
        (
            &["private"],
            &["private"],
            200,
            &["private private", "private "],
        ),
    ];
    for (sources, tags, status, expected) in cases {
        let asked = Arc::default();
        let service = canvas(|_| ()).0.layer(origin(&asked));
        let answer = ask(&service, sources, tags).await;
        assert_eq!(answer.status(), status, "{sources:?} {tags:?}");
        assert_eq!(*asked.lock().unwrap(), expected);
        let Provenance(said) = answer.extensions().get().unwrap();
        assert_eq!(said.len(), sources.len());
        for (said, source) in said.iter().zip(sources) {
            assert_eq!(said[ETAG], *source, "{tags:?}");
            assert_eq!(said[AGE], "5", "{tags:?}");
        }
    }
}

#[tokio::test]
async fn no_client_can_ask_so() {
    let asked = Arc::default();
    let service = canvas(|_| ()).0.layer(origin(&asked));
    let image = ImageRequest {
        sources: vec!["a".into()],
        ..ImageRequest::default()
    };
    let conditions = [
        (IF_NONE_MATCH, "a"),
        (IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT"),
    ];
    let request = wanted(&image, &conditions);
    let answer = service.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.extensions().get::<Provenance>().is_none());
    assert_eq!(*asked.lock().unwrap(), ["a "]);
}
