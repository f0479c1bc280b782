//! Layers left out, or in the wrong order: nobody is let in.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::DialectLayer;
use imgward::engine::Engine;
use imgward::ip_filter::IpFilterLayer;
use imgward::request_facts::PeerAddr;
use imgward::signature::{Scheme, SignatureLayer, Verifier};
use imgward::transform::{ImageBody, TransformLayer};
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

type Stack = BoxCloneService<Request<Full<Bytes>>, Response<ImageBody<Full<Bytes>>>, Infallible>;

/// An origin whose answer, which is no image, comes out as 415 where a request reaches it.
macro_rules! stack {
    ($($layer:expr),+) => {
        Stack::new(
            ServiceBuilder::new()
                $(.layer($layer))+
                .service(service_fn(async |_: Request<Full<Bytes>>| {
                    Ok::<_, Infallible>(Response::new(Full::from("no image")))
                })),
        )
    };
}

#[tokio::test]
async fn layers_left_out_or_in_the_wrong_order_let_nobody_in() {
    let signature = || SignatureLayer::new(Verifier::unsigned(Scheme::imagor()));
    let dialect = DialectLayer::imagor;
    let transform = || TransformLayer::new(Engine::default());
    let ip = || IpFilterLayer::block(["198.51.100.0/24"]).unwrap();
    let peer = ClientIpLayer::peer;
    let cases = [
        (
            "as it should be",
            stack![peer(), ip(), signature(), dialect(), transform()],
            415,
        ),
        (
            "no SignatureLayer",
            stack![peer(), ip(), dialect(), transform()],
            403,
        ),
        (
            "signature inside dialect",
            stack![dialect(), signature(), transform()],
            403,
        ),
        ("no DialectLayer", stack![signature(), transform()], 500),
        (
            "no ClientIpLayer",
            stack![ip(), signature(), dialect(), transform()],
            403,
        ),
        (
            "client address inside its rule",
            stack![ip(), peer(), signature(), dialect(), transform()],
            403,
        ),
        (
            "address rule inside transform",
            stack![peer(), signature(), dialect(), transform(), ip()],
            403,
        ),
    ];
    for (what, stack, status) in cases {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = "/unsafe/8x8/photo.png".parse().unwrap();
        let peer = SocketAddr::from(([192, 0, 2, 1], 40_000));
        request.extensions_mut().insert(PeerAddr(peer));
        let answer = stack.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{what}");
    }
}
