use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::{HOST, HeaderName, HeaderValue};
use tower_layer::Layer;

use super::flight::Flights;
use super::key::{Scope, request_name, source_name};
use super::shared::{Cache, Lifetimes};
use super::{CacheService, StoreError};
use crate::guard::Empty;
use crate::mount::MountPath;
use crate::recipe::{Format, ImageRequest};
use crate::transform::TransformLayer;

/// Answers with images that were made before, or are being made. See the [module docs](super) for the rules and an
/// example.
#[must_use = "a layer does nothing until it wraps a service"]
#[derive(Clone)]
pub struct CacheLayer<R = Empty> {
    pub(super) settings: Arc<Settings>,
    responder: R,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) cache: Cache,
    /// Of this layer alone: what waits for another's transform layer would be held to that one's limits.
    pub(super) flights: Arc<Flights>,
    pub(super) scope: Scope,
    pub(super) mount: MountPath,
    /// What the transform layer tries against `Accept`.
    pub(super) auto_format: Box<[Format]>,
    pub(super) lifetimes: Lifetimes,
    pub(super) no_store: bool,
    /// What the answer may depend on, and so what is handed on.
    pub(super) headers: Vec<HeaderName>,
}

impl Settings {
    /// The headers of a request that the origin gets. HTTP/2 has the host in the URI.
    pub(super) fn origin_headers<B>(&self, request: &Request<B>) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        for name in &self.headers {
            let authority = request.uri().authority().filter(|_| name == HOST);
            if let Some(authority) = authority {
                let host = HeaderValue::from_str(authority.as_str()).ok();
                headers.extend(host.map(|host| (HOST, host)));
                continue;
            }
            let values = request.headers().get_all(name);
            headers.extend(values.iter().map(|value| (name.clone(), value.clone())));
        }
        headers
    }
}

impl CacheLayer {
    /// A layer in front of `transform`, as it is set up now, whose images come from `origin`: a text that no other origin
    /// of the cache or its store has, such as its kind and root, bucket or base URL.
    pub fn new<R>(
        cache: &Cache,
        origin: impl Into<Box<str>>,
        transform: &TransformLayer<R>,
    ) -> Self {
        Self {
            settings: Arc::new(Settings {
                cache: cache.clone(),
                flights: Arc::default(),
                scope: Scope::new(origin.into(), transform),
                mount: transform.mount().clone(),
                auto_format: transform.auto_formats().into(),
                lifetimes: Lifetimes {
                    fresh: Duration::from_secs(30 * 24 * 60 * 60),
                    stale: Duration::ZERO,
                    refusal: Duration::from_secs(10),
                },
                no_store: false,
                headers: vec![HOST],
            }),
            responder: Empty,
        }
    }
}

impl<R> CacheLayer<R> {
    /// For how long an image is used at most, in whole seconds, before its originals are asked for again. 30 days by default.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.settings_mut().lifetimes.fresh = ttl;
        self
    }

    /// For how long after that an image in memory is still answered with, while another is made, once, in the background.
    /// Only within a tokio runtime. Not at all by default.
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.settings_mut().lifetimes.stale = time;
        self
    }

    /// For how long it is remembered, in whole seconds, that there is no such image, or that it cannot be read or is too
    /// large. 10 seconds by default.
    pub fn negative_ttl(mut self, ttl: Duration) -> Self {
        self.settings_mut().lifetimes.refusal = ttl;
        self
    }

    /// Whether to forbid clients, and the caches between, to keep the images that this layer keeps. Off by default.
    pub fn no_store(mut self, no_store: bool) -> Self {
        self.settings_mut().no_store = no_store;
        self
    }

    /// The headers of a request that the origin gets, and may answer by: `Host` by default, which
    /// [`TransformLayer`] hands on. A client that can choose their values can have as many results of its own as there are;
    /// for an origin that does not look at any, such as a folder, say so with an empty list. What is not listed does not
    /// get past this layer.
    pub fn origin_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.settings_mut().headers = names.into_iter().collect();
        self
    }

    /// The same layer with another wording of its refusals, as
    /// [`GuardLayer::with_responder`](crate::guard::GuardLayer::with_responder) has it.
    pub fn with_responder<R2>(self, responder: R2) -> CacheLayer<R2> {
        CacheLayer {
            settings: self.settings,
            responder,
        }
    }

    /// Removes everything that was made of a source, whatever it was made with and in whatever place of an image; says how
    /// many results the store had, or else this process. What is being made meanwhile is not kept.
    ///
    /// The memory of other processes is not reached.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store failed. What was in memory is removed all the same.
    pub async fn purge_source(&self, name: &str) -> Result<u64, StoreError> {
        let Settings { cache, scope, .. } = &*self.settings;
        let source = scope.source(name);
        let prefix = source_name(&source);
        let purge = cache.shared.purge(
            |entry| entry.key.source == source || entry.others.contains(&source),
            // Of a refusal, the other sources are not known.
            |_| true,
            &prefix,
        );
        purge.await
    }

    /// Removes what was made for a request, in every format that was negotiated and by all settings of the layers; else as
    /// [`purge_source`](Self::purge_source).
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store failed. What was in memory is removed all the same.
    pub async fn purge(&self, image: &ImageRequest) -> Result<u64, StoreError> {
        let Settings { cache, scope, .. } = &*self.settings;
        let source = scope.source(image.sources.first().map_or("", |name| name));
        let request = Scope::request(image);
        let is_it = |key: &super::key::Key| key.source == source && key.request == request;
        let prefix = request_name(&source, &request);
        let purge = cache
            .shared
            .purge(|entry| is_it(&entry.key), is_it, &prefix);
        purge.await
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl<R> fmt::Debug for CacheLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheLayer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<S, R: Clone> Layer<S> for CacheLayer<R> {
    type Service = CacheService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        CacheService {
            inner,
            settings: Arc::clone(&self.settings),
            responder: self.responder.clone(),
        }
    }
}
