//! Answers as imagor gives them, for a server that stands in for one.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode, Uri};
use imgward::config::ImagorAnswers;
use imgward::guard::{MakeRejection, ProblemJson, Rejection, RejectionKind};
use imgward::mount::MountPath;
use imgward_hyper::RequestBody;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt as _, service_fn};

use crate::stack::{Body, Stack};

/// imagor's status and message of a refusal. The messages need no escape in JSON.
fn imagors(why: &Rejection) -> (StatusCode, &'static str) {
    use RejectionKind as Kind;

    let message = match why.kind() {
        Kind::SignatureMissing | Kind::SignatureInvalid => "url signature mismatch",
        Kind::UrlExpired => "expired",
        Kind::SourceDenied => "http source not allowed",
        Kind::BadRequest => "invalid",
        Kind::NotFound => "not found",
        Kind::UnsupportedFormat => return (StatusCode::NOT_ACCEPTABLE, "unsupported format"),
        Kind::SourceTooLarge => return (StatusCode::BAD_REQUEST, "maximum size exceeded"),
        Kind::ImageTooLarge => "maximum resolution exceeded",
        Kind::Overloaded => "too many requests",
        Kind::Timeout => return (StatusCode::REQUEST_TIMEOUT, "timeout"),
        Kind::MethodNotAllowed => "method not allowed",
        Kind::Internal => "internal error",
        // imagor hands on the text of the error, which gives away what is behind it.
        _ => why.status().canonical_reason().unwrap_or("refused"),
    };
    (why.status(), message)
}

/// The stack, with imagor's pages that are no images, and refusals in imagor's words.
pub(crate) fn in_its_words(answers: ImagorAnswers, mount: MountPath, stack: Stack) -> Stack {
    let answers = Arc::new((answers, mount));
    BoxCloneSyncService::new(service_fn(move |request: Request<RequestBody>| {
        let answers = Arc::clone(&answers);
        let stack = stack.clone();
        async move {
            let (answers, mount) = &*answers;
            if let Some(page) = page(answers, mount, request.method(), request.uri()) {
                return Ok::<_, Infallible>(page);
            }
            let mut answer = stack.oneshot(request).await?;
            if let Some(why) = answer.extensions().get::<Rejection>().cloned() {
                reword(&mut answer, &why, answers.error_body);
            }
            Ok(answer)
        }
    }))
}

/// Gives a refusal imagor's status, and its `message` next to what the library says.
fn reword(answer: &mut Response<Body>, why: &Rejection, has_body: bool) {
    let (status, message) = imagors(why);
    let (head, ()) = Request::new(()).into_parts();
    let problem: Response<Bytes> = ProblemJson.make(&head, &why.clone().with_status(status));
    let mut json = problem
        .body()
        .strip_suffix(b"}")
        .unwrap_or_default()
        .to_vec();
    json.extend(format!(r#","message":"{message}"}}"#).bytes());
    *answer.status_mut() = status;
    answer.headers_mut().remove(CONTENT_LENGTH);
    *answer.body_mut() = if has_body {
        Body::from(Bytes::from(json))
    } else {
        answer.headers_mut().remove(CONTENT_TYPE);
        Body::default()
    };
}

/// imagor's pages that are no images, below a mount.
pub(crate) fn page(
    answers: &ImagorAnswers,
    mount: &MountPath,
    method: &Method,
    uri: &Uri,
) -> Option<Response<Body>> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    let mut page = Response::new(Body::default());
    match (mount.strip(uri.path())?, &answers.base_path_redirect) {
        ("/healthcheck" | "/favicon.ico", _) => {}
        ("" | "/", Some(to)) => {
            *page.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            let to = HeaderValue::from_str(to).ok()?;
            page.headers_mut().insert(LOCATION, to);
        }
        ("" | "/", None) => {
            let html = concat!(
                "<!doctype html><html lang=\"en\"><title>imgward</title><h1>imgward ",
                env!("CARGO_PKG_VERSION"),
                "</h1></html>\n"
            );
            page = Response::new(Body::from(Bytes::from_static(html.as_bytes())));
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            page.headers_mut().insert(CONTENT_TYPE, html);
        }
        _ => return None,
    }
    Some(page)
}
