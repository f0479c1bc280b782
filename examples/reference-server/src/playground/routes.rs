//! The mounts of the playground: its images, in each dialect, signed by its own key.

use std::fmt;
use std::io;

use http::request::Parts;
use http::{Request, Response};
use imgward::config::{Config, PLAYGROUND};
use imgward::dialect::Dialect;
use imgward::guard::{GuardLayer, ProblemJson};
use imgward::mount::MountPath;
use imgward::signature::{Key, Keyring, Signer, Verifier};
use imgward_hyper::RequestBody;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt as _};

use super::images::{Images, random_hex};
use super::urls::Grammar;
use crate::origin::Origin;
use crate::stack::{Body, Stack};

/// The key of the playground, in hexadecimal digits.
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn random() -> io::Result<Self> {
        random_hex().map(Self)
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A mount of the playground.
pub(super) struct Route {
    pub(super) grammar: Grammar,
    mount: MountPath,
    pub(super) signer: Signer,
    stack: Stack,
}

impl Route {
    pub(super) fn has(&self, path: &str) -> bool {
        self.mount.strip(path).is_some()
    }

    /// Answers a GET or HEAD.
    pub(super) async fn answer(&self, head: &Parts) -> Response<Body> {
        let request = Request::from_parts(head.clone(), RequestBody::default());
        let Ok(response) = self.stack.clone().oneshot(request).await;
        response
    }
}

/// A mount in each dialect. Images are made as the server's first mount makes them: with its limits and qualities, on its
/// threads.
pub(super) fn all(config: &Config, images: &Images, secret: &Secret) -> io::Result<Vec<Route>> {
    let first = config.mounts.first();
    let transform = &first
        .ok_or_else(|| io::Error::other("there is no mount"))?
        .transform;
    let route = |grammar: Grammar| {
        let mount = MountPath::new(&format!("{PLAYGROUND}/{}", grammar.name()));
        let mount = mount.map_err(io::Error::other)?;
        let (dialect, keys) = match grammar {
            Grammar::Imagor => (Dialect::imagor(), Keyring::new().secret(secret.text())),
            Grammar::ImageKit => (Dialect::imagekit(), Keyring::new().secret(secret.text())),
            Grammar::Imgproxy => {
                let keys = Keyring::new().secret(secret.text());
                (Dialect::imgproxy(), keys.salt(secret.text()))
            }
            Grammar::Ipx => {
                let keys = Keyring::new().key("playground", Key::new(secret.text()));
                (Dialect::ipx(), keys)
            }
        };
        let signer = Signer::new(dialect.scheme(), keys.clone()).map_err(io::Error::other)?;
        let verifier = Verifier::new(dialect.scheme(), keys).map_err(io::Error::other)?;
        let stack = ServiceBuilder::new()
            .layer(GuardLayer::new(verifier.at(mount.clone())).with_responder(ProblemJson))
            .layer(GuardLayer::new(dialect.at(mount.clone())).with_responder(ProblemJson))
            .layer(
                transform
                    .clone()
                    .at(mount.clone())
                    .with_responder(ProblemJson),
            )
            .service(Origin::Playground(images.clone()));
        Ok(Route {
            grammar,
            signer: signer.at(mount.clone()),
            mount,
            stack: BoxCloneSyncService::new(stack),
        })
    };
    Grammar::ALL.into_iter().map(route).collect()
}
