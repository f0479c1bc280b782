//! gRPC under the layers: refused calls get a status, allowed ones pass as if the layers were not there.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use imgward::client_ip::ClientIpLayer;
use imgward::guard::{Guard, GuardLayer, ProblemJson, Rejection, RejectionKind};
use imgward::ip_filter::IpFilterLayer;
use imgward::referer::RefererLayer;
use imgward::user_agent::{AcceptRewriteLayer, UserAgentBlockLayer};
use imgward_harness::{MemoryOrigin, Server, every_host, photo, with_health};
use tonic::{Code, IntoRequest as _};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tower::{Layer as _, ServiceBuilder, service_fn};

/// Refuses a request with the kind whose code it names.
#[derive(Clone, Debug)]
struct RefusesAsTold;

impl Guard for RefusesAsTold {
    type Pass = ();

    fn check(&self, head: &Parts) -> Result<(), Rejection> {
        let told = head.headers.get("x-refuse");
        match RejectionKind::ALL
            .iter()
            .find(|kind| told.is_some_and(|told| told == kind.code()))
        {
            Some(&kind) => Err(Rejection::new(kind, "told so")),
            None => Ok(()),
        }
    }
}

#[tokio::test]
async fn row_100_a_refused_call_gets_the_status_of_its_kind() {
    let stack = GuardLayer::new(RefusesAsTold);
    for (host, server) in every_host!(stack, MemoryOrigin::new()) {
        let mut health = server.client().health().await.unwrap();
        for &kind in RejectionKind::ALL {
            let mut call = HealthCheckRequest::default().into_request();
            let code = kind.code().parse().unwrap();
            call.metadata_mut().insert("x-refuse", code);
            let status = health.check(call).await.unwrap_err();
            let expected = imgward_tonic::status(&Rejection::new(kind, "told so"));
            assert_eq!(status.code(), expected.code(), "{host}: {kind:?}");
            assert_eq!(status.message(), expected.message(), "{host}: {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_call_gets_no_problem_details() {
    let stack = GuardLayer::new(RefusesAsTold).with_responder(ProblemJson);
    let server = Server::hyper(stack.layer(with_health(MemoryOrigin::new())));
    let mut health = server.client().health().await.unwrap();
    let mut call = HealthCheckRequest::default().into_request();
    let code = "ip_blocked".parse().unwrap();
    call.metadata_mut().insert("x-refuse", code);
    let status = health.check(call).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.message(), "Access from this address is not allowed.");
}

#[tokio::test]
async fn row_100_calls_and_streams_pass_a_whole_stack() {
    let origin = MemoryOrigin::new().with("/photo.jpg", "image/jpeg", photo::jpeg(8, 8));
    let rewrite = AcceptRewriteLayer::from_rules([(["tonic"], "image/webp")]);
    let stack = ServiceBuilder::new()
        .layer(ClientIpLayer::peer())
        .layer(IpFilterLayer::allow(["127.0.0.1"]).unwrap())
        .layer(UserAgentBlockLayer::containing(["badbot"]).unwrap())
        .layer(RefererLayer::allow(["https://example.com"]).unwrap())
        .layer(rewrite.unwrap());
    for (host, server) in every_host!(stack, origin) {
        let mut health = server.client().health().await.unwrap();
        let answer = health.check(HealthCheckRequest::default()).await.unwrap();
        assert_eq!(answer.get_ref().status(), ServingStatus::Serving, "{host}");

        let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap();
        let first = watch.get_mut().message().await.unwrap();
        let first = first.map(|answer| answer.status());
        assert_eq!(first, Some(ServingStatus::Serving), "{host}");

        // The service's own statuses pass too.
        let service = String::from("no such service");
        let status = health.check(HealthCheckRequest { service }).await;
        assert_eq!(status.unwrap_err().code(), Code::NotFound, "{host}");

        let photo = server.client().get("/photo.jpg").send().unwrap();
        assert_eq!(photo.body(), photo::jpeg(8, 8), "{host}");
    }
}

#[tokio::test]
async fn row_100_trailers_pass_untouched() {
    let origin = service_fn(async |_request: Request<_>| {
        let trailers = HeaderMap::from_iter([(
            HeaderName::from_static("grpc-status"),
            HeaderValue::from_static("0"),
        )]);
        let body = Full::from("a message").with_trailers(ready(Some(Ok(trailers))));
        Ok::<_, Infallible>(Response::new(Body::new(body)))
    });
    let stack = ServiceBuilder::new()
        .layer(RefererLayer::allow(["https://example.com"]).unwrap())
        .layer(GuardLayer::new(RefusesAsTold).with_responder(ProblemJson));
    let server = Server::hyper(stack.service(origin));

    let stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://{}/", server.addr()));
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let answer = client.send_request(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(body.to_bytes(), "a message");
}
