//! What an image from the memory of a `CacheLayer` costs, next to the same bytes from a bare axum handler.
//!
//!     cargo bench -p imgward-benches --bench cache
//!
//! Each server is a process of its own, which this program starts as itself: axum over real sockets, on one thread, with
//! connections that are kept open. What is compared is the CPU time of the whole process, kernel included, by request. All
//! are measured in turn, round after round; the ratios are taken within a round. Linux only.
#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "there is no /proc")
)]

mod process;

use std::convert::Infallible;
use std::io::Cursor;
use std::process::Command;

use axum::Router;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, VARY};
use http::{Request, Response};
use imgward::cache::{Cache, CacheLayer};
use imgward::client_ip::ClientIpLayer;
use imgward::dialect::DialectLayer;
use imgward::engine::{Codecs, Engine, LossyWebP};
use imgward::ip_filter::IpFilterLayer;
use imgward::recipe::Format;
use imgward::referer::RefererLayer;
use imgward::request_facts::PeerAddr;
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};
use imgward::transform::TransformLayer;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use self::process::{Connection, Process};

const SECRET: &str = "mysecret";

/// The servers. The first is what the others are compared with.
const SERVERS: [&str; 3] = ["axum", "cache", "all layers"];

/// As many connections ask at a time.
const CONNECTIONS: usize = 16;

/// What is served: a photograph in WebP, about 20 kB.
fn image() -> Bytes {
    let photo = image::RgbImage::from_fn(640, 480, |x, y| {
        let detail = (x.wrapping_mul(7) ^ y.wrapping_mul(13)) % 64;
        let [x, y, z] = [x * 255 / 640, y * 255 / 480, 96 + detail];
        image::Rgb([x, y, z].map(|n| u8::try_from(n).unwrap_or(255)))
    });
    let mut bytes = Cursor::new(Vec::new());
    photo
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("a JPEG");
    bytes.into_inner().into()
}

fn target(server: &str) -> String {
    let target = "400x300/photo.jpg";
    match server {
        "all layers" => {
            let signer = Signer::new(Scheme::imagor(), Keyring::of_secrets([SECRET]));
            let signed = signer.expect("a key").sign(target, None);
            signed.expect("a target")
        }
        _ => format!("/unsafe/{target}"),
    }
}

/// The layers that make and keep images.
macro_rules! images {
    () => {{
        let engine = Engine::new(Codecs::new().with(LossyWebP));
        let transform = TransformLayer::new(engine)
            .auto_format([Format::WebP])
            .expect("WebP");
        let cache = CacheLayer::new(&Cache::in_memory(1 << 26), "bench", &transform);
        ServiceBuilder::new()
            .layer(DialectLayer::imagor())
            .layer(cache.origin_headers([]))
            .layer(transform)
    }};
}

/// The whole of one answer, as it is to be served by hand.
async fn made() -> (http::HeaderMap, Bytes) {
    let stack = ServiceBuilder::new()
        .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
        .layer(images!())
        .service(service_fn(origin));
    let request = Request::get(target("axum")).header("accept", "image/webp");
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let answer = stack.oneshot(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    assert_eq!(head.status, 200);
    let body = http_body_util::BodyExt::collect(body)
        .await
        .expect("a body");
    (head.headers, body.to_bytes())
}

async fn origin(_: Request<axum::body::Body>) -> Result<Response<axum::body::Body>, Infallible> {
    Ok(Response::new(image().into()))
}

async fn serve(server: &str) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    println!(
        "listening on {}",
        listener.local_addr().expect("an address")
    );
    let app = match server {
        "axum" => {
            let (headers, bytes) = made().await;
            let kept: Vec<(HeaderName, http::HeaderValue)> = [
                CONTENT_TYPE,
                ETAG,
                CACHE_CONTROL,
                VARY,
                CONTENT_SECURITY_POLICY,
            ]
            .into_iter()
            .filter_map(|name| Some((name.clone(), headers.get(&name)?.clone())))
            .collect();
            Router::new().fallback(async move || {
                let mut response = bytes.into_response();
                for (name, value) in kept {
                    response.headers_mut().insert(name, value);
                }
                response
            })
        }
        "cache" => {
            let images = ServiceBuilder::new()
                .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
                .layer(images!());
            Router::new().fallback(origin_handler).layer(images)
        }
        _ => {
            let keyring = Keyring::of_secrets([SECRET]);
            let verifier = Verifier::new(Scheme::imagor(), keyring).expect("a key");
            let all = ServiceBuilder::new()
                .layer(tower::util::MapRequestLayer::new(with_peer))
                .layer(ClientIpLayer::peer())
                .layer(IpFilterLayer::block(["192.0.2.0/24"]).expect("a network"))
                .layer(RefererLayer::block(["https://*.example.net"]).expect("a site"))
                .layer(SignatureLayer::new(verifier))
                .layer(images!());
            Router::new().fallback(origin_handler).layer(all)
        }
    };
    axum::serve(listener, app).await.expect("axum serves");
}

fn with_peer<B>(mut request: Request<B>) -> Request<B> {
    let peer = PeerAddr(([198, 51, 100, 7], 40_000).into());
    request.extensions_mut().insert(peer);
    request
}

async fn origin_handler() -> Bytes {
    image()
}

/// The CPU time of a request, in microseconds.
async fn measure(
    process: &Process,
    connections: &mut [Connection],
    target: &str,
    requests: usize,
) -> f64 {
    let before = process.cpu();
    for _ in 0..requests / connections.len() {
        let asked = connections
            .iter_mut()
            .map(|connection| connection.get(target));
        for answer in join(asked).await {
            let (status, length) = answer.expect("an answer");
            assert!(status == 200 && length > 1_000, "{status} {length}");
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let each = (process.cpu() - before) / requests as f64 / 1e3;
    each
}

/// What all come to, at the same time.
async fn join<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.map(|one| (Some(Box::pin(one)), None)).collect();
    std::future::poll_fn(|cx| {
        let mut pending = false;
        for (future, output) in &mut all {
            if let Some(one) = future {
                match one.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => (*future, *output) = (None, Some(value)),
                    std::task::Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(all.drain(..).filter_map(|(_, output)| output).collect())
    })
    .await
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--serve") {
        return runtime.block_on(serve(&arguments[at + 1]));
    }
    if !cfg!(target_os = "linux") {
        println!("only Linux has the figures");
        return;
    }
    let measured = arguments.iter().any(|argument| argument == "--bench");
    let (rounds, requests) = if measured { (31, 8_000) } else { (1, 32) };
    runtime.block_on(async {
        let program = &arguments[0];
        let mut servers = Vec::new();
        for name in SERVERS {
            let process = Process::start(Command::new(program).args(["--serve", name]));
            let mut connections = Vec::new();
            for _ in 0..CONNECTIONS {
                connections.push(
                    Connection::open(process.address)
                        .await
                        .expect("a connection"),
                );
            }
            servers.push((target(name), process, connections, Vec::new()));
        }
        // The first round warms up.
        for round in 0..=rounds {
            for (target, process, connections, figures) in &mut servers {
                let figure = measure(process, connections, target, requests).await;
                if round > 0 {
                    figures.push(figure);
                }
            }
        }
        println!(
            "{:<12} {:>10} {:>8} {:>18}",
            "server", "us/request", "of axum", "min..max"
        );
        let bare = servers[0].3.clone();
        for ((_, _, _, own), name) in servers.iter().zip(SERVERS) {
            let mut ratios: Vec<f64> = own
                .iter()
                .zip(&bare)
                .map(|(own, bare)| own / bare)
                .collect();
            ratios.sort_by(f64::total_cmp);
            let mut own = own.clone();
            own.sort_by(f64::total_cmp);
            println!(
                "{name:<12} {:>10.2} {:>8.3} {:>18}",
                own[own.len() / 2],
                ratios[ratios.len() / 2],
                format!("{:.3}..{:.3}", ratios[0], ratios[ratios.len() - 1]),
            );
        }
    });
}
