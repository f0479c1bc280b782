//! The layers, composed as a configuration says.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use imgward::cache::CacheLayer;
use imgward::config::{self, Config, Mount, Rule};
use imgward::guard::{GuardLayer, ProblemJson};
use imgward::transform::{ImageBody, TransformLayer};
use imgward_hyper::RequestBody;
use tower::util::{BoxCloneSyncService, MapResponseLayer};
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _, service_fn};

use crate::caches::Caches;
use crate::cors;
use crate::exchange;
use crate::files::Folder;
use crate::gate::{Gate, Methods, Route};
use crate::imagor;
use crate::kept::Kept;
use crate::origin::{Origin, OriginBody};

pub(crate) type Body = ImageBody<OriginBody>;

/// Everything between a connection and the originals, behind one type.
pub(crate) type Stack = BoxCloneSyncService<Request<RequestBody>, Response<Body>, Infallible>;

/// The stack of a configuration.
pub(crate) fn build(config: &Config, kept: &Kept) -> io::Result<Stack> {
    with_origins(config, kept, |mount| opened(&mount.origin))
}

/// What makes the images of a mount, without the rules over clients and URLs: it takes what the dialect leaves.
pub(crate) fn build_unguarded(mount: &Mount, caches: &Caches) -> io::Result<Stack> {
    let cache = caches.layer(mount)?;
    let origin = opened(&mount.origin)?;
    let images = images(mount, mount.transform.clone(), cache, origin);
    Ok(BoxCloneSyncService::new(images))
}

fn opened(origin: &config::Origin) -> io::Result<Origin> {
    match origin {
        config::Origin::Files(path) => Ok(Origin::Files(Folder::open(path)?)),
        config::Origin::Http(origin) => Ok(Origin::Http(origin.clone())),
        config::Origin::Bucket(origin) => Ok(Origin::Bucket(origin.clone())),
        config::Origin::Chain(origins) => {
            let origins: io::Result<Vec<_>> = origins.iter().map(opened).collect();
            Ok(Origin::Chain(origins?.into()))
        }
        other => Err(io::Error::other(format!("{other:?} is no origin"))),
    }
}

/// The stack of a configuration over the sample images.
pub(crate) fn build_over_samples(config: &Config, kept: &Kept) -> io::Result<Stack> {
    with_origins(config, kept, |_| Ok(Origin::Samples))
}

fn with_origins(
    config: &Config,
    kept: &Kept,
    origin: impl Fn(&Mount) -> io::Result<Origin>,
) -> io::Result<Stack> {
    let mounts = &config.mounts;
    let origins: Vec<Origin> = mounts.iter().map(origin).collect::<Result<_, _>>()?;
    let caches = mounts.iter().map(|mount| kept.caches.layer(mount));
    let caches: Vec<Option<CacheLayer>> = caches.collect::<Result<_, _>>()?;
    // From here on nothing fails, so that threads change hands only for rules that get in force.
    let transforms = kept.pools.layers(mounts);
    let routes = mounts.iter().zip(transforms).zip(caches).zip(origins);
    let routes: Arc<[Stack]> = routes
        .map(|(((mount, transform), cache), origin)| {
            mount_stack(config, mount, transform, cache, origin)
        })
        .collect();
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
    let stack = BoxCloneSyncService::new(gate.layer(by_route));
    // It has one mount.
    Ok(match (&config.imagor, &*config.mounts) {
        (Some(answers), [mount]) => {
            imagor::in_its_words(answers.clone(), mount.path.clone(), stack)
        }
        _ => stack,
    })
}

fn internal_error() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// The layers of a mount, in the order in which a request meets them.
fn mount_stack(
    config: &Config,
    mount: &Mount,
    transform: TransformLayer,
    cache: Option<CacheLayer>,
    origin: Origin,
) -> Stack {
    let path: Arc<str> = mount.path.to_string().into();
    let images = images(mount, transform, cache, origin);
    let Mount {
        cors,
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
        .option_layer(cors.as_ref().map(cors::layer))
        .option_layer(
            cors.as_ref()
                .map(|_| MapResponseLayer::new(cors::allow_preflights)),
        )
        .layer(guard(Methods, false))
        .layer(guard(client_ip, false))
        .map_request(move |request| exchange::note(request, &path))
        .option_layer(ip.map(|ip| guard(ip, only(Rule::Ip))))
        .option_layer(geo.map(|geo| guard(geo, only(Rule::Geo))))
        .option_layer(user_agent_block.map(|block| guard(block, only(Rule::UserAgentBlock))))
        .option_layer(referer.map(|referer| guard(referer, only(Rule::Referer))))
        .option_layer(user_agent.map(|rewrite| guard(rewrite, false)))
        .layer(guard(signature, only(Rule::Signature)))
        .layer(guard(dialect, false))
        .service(images);
    BoxCloneSyncService::new(service)
}

/// The layers below the dialect.
fn images(
    mount: &Mount,
    transform: TransformLayer,
    cache: Option<CacheLayer>,
    origin: Origin,
) -> impl Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let Mount {
        source,
        placeholder,
        ..
    } = mount.clone();
    ServiceBuilder::new()
        .option_layer(source.map(|source| guard(source, false)))
        .option_layer(placeholder.map(|images| images.in_front_of(&transform)))
        .option_layer(cache.map(|cache| cache.with_responder(ProblemJson)))
        .layer(transform.with_responder(ProblemJson))
        .service(origin)
}

fn guard<G>(guard: G, report_only: bool) -> GuardLayer<G, ProblemJson> {
    GuardLayer::new(guard)
        .report_only(report_only)
        .with_responder(ProblemJson)
}
