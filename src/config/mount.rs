//! The tables of a mount: its own, and those at the top that it does not replace.

use super::Environment;
use super::document::{Document, Spot};
use super::effective;
use super::table::Table;
use super::tables::cache::{Cache, Caching};
use super::tables::cors::Cors;
use super::tables::origin::{Http, Origin, Originals, Origins};
use super::tables::signature::Signature;
use super::tables::source::Source;
use super::tables::transform::Transform;
use super::tables::{
    cache, client_ip, cors, geo, ip, origin, referer, signature, source, transform, user_agent,
};
use crate::client_ip::ClientIp;
use crate::dialect::Dialect;
use crate::geo::GeoRestriction;
use crate::ip_filter::IpFilter;
use crate::mount::MountPath;
#[cfg(feature = "object-store")]
use crate::origin::BucketOrigin;
#[cfg(feature = "http-origin")]
use crate::origin::HttpOrigin;
#[cfg(feature = "cache")]
use crate::placeholder::PlaceholderLayer;
use crate::referer::RefererPolicy;
use crate::signature::{Signer, Verifier};
use crate::source::SourcePolicy;
use crate::transform::TransformLayer;
use crate::user_agent::{AcceptRewrite, UserAgentBlock};

/// Images below a path of the server, and the rules for them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mount {
    /// Where they are.
    pub path: MountPath,
    /// Which pages may read the answers. `None`: those of the server's own origin alone.
    pub cors: Option<Cors>,
    /// Whose word on the client's address counts.
    pub client_ip: ClientIp,
    /// Who may come by address. `None`: everybody.
    pub ip: Option<IpFilter>,
    /// Who may come by country. `None`: everybody.
    pub geo: Option<GeoRestriction>,
    /// Who may not come by User-Agent. `None`: nobody.
    pub user_agent_block: Option<UserAgentBlock>,
    /// Which pages may show them. `None`: all.
    pub referer: Option<RefererPolicy>,
    /// Whose Accept is rewritten. `None`: nobody's.
    pub user_agent: Option<AcceptRewrite>,
    /// Which URLs are valid.
    pub signature: Verifier,
    /// What signs URLs. `None` where there is no key.
    pub signer: Option<Signer>,
    /// What URLs mean.
    pub dialect: Dialect,
    /// What may be fetched. `None` where the originals do not come from other servers.
    pub source: Option<SourcePolicy>,
    /// How results are kept. `None`: they are not.
    pub cache: Option<Cache>,
    /// What is shown instead of refusals. `None`: every refusal stays one.
    #[cfg(feature = "cache")]
    pub placeholder: Option<PlaceholderLayer>,
    /// Makes the images.
    pub transform: TransformLayer,
    /// Where the originals come from.
    pub origin: Origin,
}

/// What a table was read as.
#[derive(Clone)]
struct Part<T> {
    value: T,
    spot: Spot,
    /// The keys that are written.
    keys: Vec<String>,
    /// The values in force, as TOML.
    effective: String,
}

/// Every table that may stand at the top and in a mount.
#[derive(Clone)]
pub(super) struct Tables {
    cors: Part<Option<Cors>>,
    client_ip: Part<ClientIp>,
    ip: Part<Option<IpFilter>>,
    geo: Part<Option<GeoRestriction>>,
    user_agent_block: Part<Option<UserAgentBlock>>,
    referer: Part<Option<RefererPolicy>>,
    user_agent: Part<Option<AcceptRewrite>>,
    signature: Part<Signature>,
    cache: Part<Caching>,
    transform: Part<Transform>,
    origin: Part<Originals>,
    source: Part<Source>,
}

/// Reads the tables within `parent`, which is the file or a mount. Those that a mount has not are those at the `top`.
///
/// A table of the mount replaces the one at the top whole. That is easily overlooked, so what it means goes to `notes`.
pub(super) struct Reader<'r, 'a> {
    pub(super) parent: &'r Table<'a>,
    pub(super) top: Option<&'r Tables>,
    pub(super) environment: Environment,
    pub(super) notes: &'r mut Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    pub(super) fn read(mut self) -> Tables {
        let top = self.top;
        let environment = self.environment;
        // Which scheme is the default is for the dialect to say.
        let transform = self.part("transform", transform::read, top.map(|top| &top.transform));
        let dialect = transform.value.dialect.clone();
        let mut signature = self.part(
            "signature",
            |table| signature::read(table, environment, &dialect),
            top.map(|top| &top.signature),
        );
        if let Some((old, new)) = signature.value.scheme_for(&dialect) {
            let line = |name| format!("scheme = {}\n", effective::quoted(name));
            signature.effective = signature.effective.replacen(&line(old), &line(new), 1);
        }
        Tables {
            cors: self.part("cors", cors::read, top.map(|top| &top.cors)),
            client_ip: self.part("client_ip", client_ip::read, top.map(|top| &top.client_ip)),
            ip: self.part("ip", ip::read, top.map(|top| &top.ip)),
            geo: self.part(
                "geo",
                |table| geo::read(table, environment),
                top.map(|top| &top.geo),
            ),
            user_agent_block: self.part(
                "user_agent_block",
                user_agent::read_block,
                top.map(|top| &top.user_agent_block),
            ),
            referer: self.part(
                "referer",
                |table| referer::read(table, environment),
                top.map(|top| &top.referer),
            ),
            user_agent: self.user_agent(),
            signature,
            cache: self.part("cache", cache::read, top.map(|top| &top.cache)),
            transform,
            origin: self.part("origin", origin::read, top.map(|top| &top.origin)),
            source: self.part(
                "source",
                |table| source::read(table, environment),
                top.map(|top| &top.source),
            ),
        }
    }

    fn part<T: Clone>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Table<'a>) -> T,
        top: Option<&Part<T>>,
    ) -> Part<T> {
        let table = self.parent.table(key);
        if let Some(top) = top {
            if !table.is_written() {
                return top.clone();
            }
            self.note_defaults(&table, &top.keys);
        }
        Part {
            value: read(&table),
            spot: table.spot().clone(),
            keys: table.written(),
            effective: format!("\n[mount.{key}]\n{}", table.finish().lines()),
        }
    }

    fn note_defaults(&mut self, table: &Table<'_>, top: &[String]) {
        let written = table.written();
        let spot = table.spot();
        for key in top.iter().filter(|key| !written.contains(key)) {
            self.notes.push(format!(
                "line {}: {}.{key} is back to its default, for the table replaces the one at the top",
                spot.line, spot.key
            ));
        }
    }

    /// `[[user_agent]]` is a list of tables, each a rule.
    fn user_agent(&mut self) -> Part<Option<AcceptRewrite>> {
        let tables = self.parent.tables("user_agent");
        if let Some(top) = self.top.filter(|_| !self.parent.has("user_agent")) {
            return top.user_agent.clone();
        }
        let value = user_agent::read_rules(&tables);
        let effective = tables
            .into_iter()
            .map(|table| format!("\n[[mount.user_agent]]\n{}", table.finish().lines()));
        Part {
            value,
            spot: self.parent.spot().clone(),
            keys: Vec::new(),
            effective: effective.collect(),
        }
    }
}

impl Tables {
    /// Builds the rules of a mount. `None` where that cannot be done, which is reported.
    pub(super) fn build(&self, document: &Document<'_>, path: MountPath) -> Option<Mount> {
        if self.origin.keys.is_empty() {
            document.error(
                &self.origin.spot,
                "an origin is needed: files, http or bucket",
            );
        }
        let origins = self.origin(document);
        let mut transform = self.transform.value.layer.clone().at(path.clone());
        if let Some(Origins::Http(http)) = &self.origin.value.from {
            transform = transform.forward_headers(http.forward_headers.iter().cloned());
        }
        let cache = &self.cache.value;
        let transform = transform.max_age(cache.browser_ttl);
        #[cfg(feature = "cache")]
        let placeholder = self.origin.value.on_error.layer(&transform, document);
        let signature = &self.signature;
        let dialect = &self.transform.value.dialect;
        let signature = signature
            .value
            .at(&path, dialect, document, &signature.spot);
        // What is wrong with either is reported.
        let ((origin, source), (signature, signer)) = (origins?, signature?);
        Some(Mount {
            cors: self.cors.value.clone(),
            client_ip: self.client_ip.value.clone(),
            ip: (self.ip.value.clone()).map(|ip| ip.shared_cache(cache.shared)),
            geo: (self.geo.value.clone()).map(|geo| geo.shared_cache(cache.shared)),
            user_agent_block: self.user_agent_block.value.clone(),
            referer: self.referer.value.clone(),
            user_agent: self.user_agent.value.clone(),
            signature,
            signer,
            dialect: dialect.clone().at(path.clone()),
            source: source.map(|source| source.at(path.clone())),
            cache: cache.results.clone(),
            #[cfg(feature = "cache")]
            placeholder,
            transform,
            origin,
            path,
        })
    }

    /// Where the originals come from, and what of it may be fetched.
    fn origin(&self, document: &Document<'_>) -> Option<(Origin, Option<SourcePolicy>)> {
        match self.origin.value.from.clone()? {
            Origins::Files(folder) => Some((Origin::Files(folder), None)),
            Origins::Http(http) => {
                let policy = self.source.value.policy(&http, document)?;
                let origin = self.http_origin(http, &policy)?;
                Some((origin, Some(policy)))
            }
            #[cfg(feature = "object-store")]
            Origins::Bucket(bucket) => {
                let limit = self.transform.value.load_timeout;
                let origin = BucketOrigin::new(bucket)
                    .first_byte_timeout(limit)
                    .timeout(limit);
                Some((Origin::Bucket(origin), None))
            }
        }
    }

    #[cfg(feature = "http-origin")]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "without the feature there is none"
    )]
    fn http_origin(&self, http: Http, policy: &SourcePolicy) -> Option<Origin> {
        let limit = self.transform.value.load_timeout;
        let origin = HttpOrigin::new(policy.clone())
            .max_redirects(self.source.value.max_redirects)
            .forward_headers(http.forward_headers)
            .first_byte_timeout(limit)
            .timeout(limit);
        Some(Origin::Http(origin))
    }

    #[cfg(not(feature = "http-origin"))]
    #[expect(clippy::unused_self, reason = "with the feature there is one")]
    fn http_origin(&self, _http: Http, _policy: &SourcePolicy) -> Option<Origin> {
        None
    }

    /// What the rules over sources come to, where that may not be what is meant.
    pub(super) fn note_sources(
        &self,
        path: &MountPath,
        source: Option<&SourcePolicy>,
    ) -> Vec<String> {
        let Some(source) = source else {
            let unused = self.source.value.listed;
            let why =
                format!("the mount {path}: source is not used, for its originals are in one place");
            return unused.then_some(why).into_iter().collect();
        };
        let mut notes = Vec::new();
        if source.allows_nothing() {
            notes.push(format!(
                "the mount {path}: every source is refused, for source allows none and there is no origin.base_url"
            ));
        }
        notes.extend(source.unreachable_entries().map(|address| {
            format!(
                "the mount {path}: source.allow has {address}, which is never connected to: see source.allow_private_networks"
            )
        }));
        notes
    }

    /// That a country header is believed from nobody, so that every country is unknown to it.
    pub(super) fn note_unheard_header(&self, path: &MountPath) -> Option<String> {
        let geo = self.geo.value.as_ref()?;
        let unheard = geo.has_country_header() && !self.client_ip.value.trusts_proxies();
        unheard.then(|| {
            format!(
                "the mount {path}: geo.country_header is never believed, for client_ip.trusted_proxies is empty"
            )
        })
    }

    /// The values in force, as TOML below `[[mount]]`.
    pub(super) fn effective(&self) -> String {
        let parts = [
            &self.cors.effective,
            &self.client_ip.effective,
            &self.ip.effective,
            &self.geo.effective,
            &self.user_agent_block.effective,
            &self.referer.effective,
            &self.user_agent.effective,
            &self.signature.effective,
            &self.cache.effective,
            &self.transform.effective,
            &self.origin.effective,
            &self.source.effective,
        ];
        parts.map(String::as_str).concat()
    }
}

/// The head of a mount in the effective configuration.
pub(super) fn effective_head(path: &MountPath) -> String {
    let path = effective::quoted(&path.to_string());
    format!("\n[[mount]]\npath = {path}\n")
}
