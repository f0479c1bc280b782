//! The layers, composed as a configuration says.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use imgward::config::{self, Config, Mount, Rule};
use imgward::guard::{GuardLayer, ProblemJson};
use imgward::transform::ImageBody;
use imgward_hyper::RequestBody;
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _, service_fn};

use crate::caches::Caches;
use crate::files::Folder;
use crate::gate::{Gate, Route};
use crate::origin::{Origin, OriginBody};

pub(crate) type Body = ImageBody<OriginBody>;

/// Everything between a connection and the originals, behind one type.
pub(crate) type Stack = BoxCloneSyncService<Request<RequestBody>, Response<Body>, Infallible>;

/// The stack of a configuration.
pub(crate) fn build(config: &Config, caches: &Caches) -> io::Result<Stack> {
    with_origins(config, caches, origin)
}

/// What makes the images of a mount, without the rules over clients and URLs: it takes what the dialect leaves.
pub(crate) fn build_unguarded(mount: &Mount, caches: &Caches) -> io::Result<Stack> {
    let images = images(caches, mount, origin(mount)?)?;
    Ok(BoxCloneSyncService::new(images))
}

fn origin(mount: &Mount) -> io::Result<Origin> {
    match &mount.origin {
        config::Origin::Files(path) => Ok(Origin::Files(Folder::open(path)?)),
        config::Origin::Http(origin) => Ok(Origin::Http(origin.clone())),
        config::Origin::Bucket(origin) => Ok(Origin::Bucket(origin.clone())),
        other => Err(io::Error::other(format!("{other:?} is no origin"))),
    }
}

/// The stack of a configuration over the sample images.
pub(crate) fn build_over_samples(config: &Config, caches: &Caches) -> io::Result<Stack> {
    with_origins(config, caches, |_| Ok(Origin::Samples))
}

fn with_origins(
    config: &Config,
    caches: &Caches,
    origin: impl Fn(&Mount) -> io::Result<Origin>,
) -> io::Result<Stack> {
    let mut routes = Vec::with_capacity(config.mounts.len());
    for mount in &config.mounts {
        routes.push(mount_stack(config, caches, mount, origin(mount)?)?);
    }
    let routes: Arc<[Stack]> = routes.into();
    let by_route = service_fn(move |request: Request<RequestBody>| {
        let route = request.extensions().get();
        let stack = route.and_then(|&Route(index)| routes.get(index)).cloned();
        async {
            match stack {
                Some(stack) => stack.oneshot(request).await,
                // The gate lets no request through without a route.
                None => Ok(internal_error()),
            }
        }
    });
    let gate = Gate::new(config.mounts.iter().map(|mount| mount.path.clone()));
    let gate = GuardLayer::new(gate).with_responder(ProblemJson);
    Ok(BoxCloneSyncService::new(gate.layer(by_route)))
}

fn internal_error() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// The layers of a mount, in the order in which a request meets them.
fn mount_stack(
    config: &Config,
    caches: &Caches,
    mount: &Mount,
    origin: Origin,
) -> io::Result<Stack> {
    let images = images(caches, mount, origin)?;
    let Mount {
        client_ip,
        ip,
        geo,
        user_agent_block,
        referer,
        user_agent,
        signature,
        dialect,
        ..
    } = mount.clone();
    let only = |rule| config.reports_only(rule);
    let service = ServiceBuilder::new()
        .layer(guard(client_ip, false))
        .option_layer(ip.map(|ip| guard(ip, only(Rule::Ip))))
        .option_layer(geo.map(|geo| guard(geo, only(Rule::Geo))))
        .option_layer(user_agent_block.map(|block| guard(block, only(Rule::UserAgentBlock))))
        .option_layer(referer.map(|referer| guard(referer, only(Rule::Referer))))
        .option_layer(user_agent.map(|rewrite| guard(rewrite, false)))
        .layer(guard(signature, only(Rule::Signature)))
        .layer(guard(dialect, false))
        .service(images);
    Ok(BoxCloneSyncService::new(service))
}

/// The layers below the dialect.
fn images(
    caches: &Caches,
    mount: &Mount,
    origin: Origin,
) -> io::Result<
    impl Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static,
> {
    let cache = caches.layer(mount)?;
    let Mount {
        source, transform, ..
    } = mount.clone();
    Ok(ServiceBuilder::new()
        .option_layer(source.map(|source| guard(source, false)))
        .option_layer(cache.map(|cache| cache.with_responder(ProblemJson)))
        .layer(transform.with_responder(ProblemJson))
        .service(origin))
}

fn guard<G>(guard: G, report_only: bool) -> GuardLayer<G, ProblemJson> {
    GuardLayer::new(guard)
        .report_only(report_only)
        .with_responder(ProblemJson)
}
