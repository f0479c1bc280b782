use std::convert::Infallible;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, StatusCode, Version};
use tower::util::option_layer;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_test::mock;

use super::*;
use crate::guard::{GuardLayer, ProblemJson, RejectionKind};

/// Refuses the path `/no`.
struct NotThere;

impl Guard for NotThere {
    type Pass = u64;

    fn check(&self, head: &Parts) -> Result<Self::Pass, Rejection> {
        match head.uri.path() {
            "/no" => Err(Rejection::new(RejectionKind::IpBlocked, "it is /no")),
            _ => Ok(60),
        }
    }

    fn apply(&self, head: &mut Parts, _pass: &mut Self::Pass) {
        head.extensions.insert("applied");
    }

    fn apply_reported(&self, head: &mut Parts, why: &Rejection) {
        head.extensions.insert(why.code());
    }

    fn respond(&self, pass: Self::Pass, caching: &mut Caching<'_>) {
        caching.cap_max_age(pass);
    }
}

struct RefusesAll;

impl Guard for RefusesAll {
    type Pass = ();

    fn check(&self, head: &Parts) -> Result<(), Rejection> {
        Err(Rejection::bad_request(head.uri.path().to_owned()))
    }
}

/// Answers with what the guard left in the extensions.
async fn origin(request: Request<String>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body(
        (*request.extensions().get::<&str>().unwrap_or(&"")).into(),
    ));
    let max_age = "max-age=3600".parse().unwrap();
    response.headers_mut().insert(CACHE_CONTROL, max_age);
    Ok(response)
}

#[derive(Debug, Default, PartialEq)]
struct Body(bytes::Bytes);

impl From<bytes::Bytes> for Body {
    fn from(bytes: bytes::Bytes) -> Self {
        Self(bytes)
    }
}

fn get(path: &str) -> Request<String> {
    Request::get(path).body(String::new()).unwrap()
}

#[tokio::test]
async fn an_allowed_request_is_applied_and_responded() {
    let service = GuardLayer::new(NotThere).layer(service_fn(origin));
    let response = service.oneshot(get("/yes")).await.unwrap();
    assert_eq!(response.headers()[CACHE_CONTROL], "max-age=60");
    assert_eq!(response.into_body().0, "applied");
}

#[tokio::test]
async fn a_refusal_is_not_stored_and_carries_its_reason() {
    let service = GuardLayer::new(NotThere).layer(service_fn(origin));
    let response = service.oneshot(get("/no")).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let why = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(why.kind(), RejectionKind::IpBlocked);
    assert_eq!(response.body(), &Body::default());
}

#[tokio::test]
async fn no_guard_outside_makes_a_refusal_storable() {
    let stack = ServiceBuilder::new()
        .layer(GuardLayer::new(NotThere))
        .layer(GuardLayer::new(RefusesAll))
        .service(service_fn(origin));
    let response = stack.oneshot(get("/yes")).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn report_only_lets_through_and_marks_private() {
    let service = GuardLayer::new(NotThere)
        .report_only(true)
        .layer(service_fn(origin));
    let response = service.oneshot(get("/no")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
    assert_eq!(response.into_body().0, "ip_blocked");
}

#[tokio::test]
async fn responders_word_the_refusal() {
    let problem = GuardLayer::new(NotThere)
        .with_responder(ProblemJson)
        .layer(service_fn(origin));
    let response = problem.oneshot(get("/no")).await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert!(response.into_body().0.starts_with(b"{\"type\":"));

    let closure = GuardLayer::new(NotThere)
        .with_responder(|head: &Parts, why: &Rejection| {
            let mut response = Response::new(Body(format!("{} {}", head.uri, why.code()).into()));
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
            response
        })
        .layer(service_fn(origin));
    let response = closure.oneshot(get("/no")).await.unwrap();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    assert_eq!(response.into_body().0, "/no ip_blocked");
}

/// Refuses all requests in one way.
struct Refuses(RejectionKind);

impl Guard for Refuses {
    type Pass = ();

    fn check(&self, _head: &Parts) -> Result<(), Rejection> {
        Err(Rejection::new(self.0, "all are"))
    }
}

#[tokio::test]
async fn a_status_brings_the_header_that_it_calls_for() {
    let cases = [
        (RejectionKind::MethodNotAllowed, Some("GET, HEAD"), None),
        (RejectionKind::Overloaded, None, Some("1")),
        (RejectionKind::IpBlocked, None, None),
    ];
    for (kind, allow, retry_after) in cases {
        let service = GuardLayer::new(Refuses(kind)).layer(service_fn(origin));
        let response = service.oneshot(get("/yes")).await.unwrap();
        let header = |name| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        assert_eq!(header("allow"), allow, "{kind:?}");
        assert_eq!(header("retry-after"), retry_after, "{kind:?}");
    }
}

#[tokio::test]
async fn a_grpc_call_is_refused_in_trailers_only_form() {
    let service = GuardLayer::new(NotThere)
        .with_responder(ProblemJson)
        .layer(service_fn(origin));
    let mut request = get("/no");
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    let grpc = "application/grpc".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, grpc);
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], "7");
    assert_eq!(response.body(), &Body::default());
}

#[tokio::test]
async fn it_composes_under_option_layer() {
    for (on, status) in [(true, StatusCode::FORBIDDEN), (false, StatusCode::OK)] {
        let service = ServiceBuilder::new()
            .layer(option_layer(on.then(|| GuardLayer::new(NotThere))))
            .service(service_fn(origin));
        let response = service.oneshot(get("/no")).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn readiness_is_the_inner_services() {
    let layer = GuardLayer::new(NotThere);
    let (mut service, mut handle) = mock::spawn_layer::<Request<()>, Response<()>, _>(layer);
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
}
