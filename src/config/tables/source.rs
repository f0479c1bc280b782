use super::report_entries;
use crate::config::Environment;
use crate::config::document::{Document, Spot};
use crate::config::table::Table;
use crate::config::tables::origin::Http;
use crate::ip_filter::CidrSet;
use crate::source::SourcePolicy;

/// What `[source]` comes to, before the origin has its say.
#[derive(Clone, Debug)]
pub(in crate::config) struct Source {
    policy: SourcePolicy,
    /// Whether something is listed.
    pub(in crate::config) listed: bool,
    environment: Environment,
    #[cfg_attr(
        not(feature = "http-origin"),
        expect(dead_code, reason = "nothing redirects")
    )]
    pub(in crate::config) max_redirects: usize,
}

/// `[source]`: what may be fetched.
pub(in crate::config) fn read(table: &Table<'_>, environment: Environment) -> Source {
    let entries = table.list("allow");
    let policy = SourcePolicy::allow(&entries).map_err(|invalid| {
        for invalid in invalid.entries() {
            let spot: &Spot = entries
                .get(invalid.index())
                .map_or(table.spot(), |entry| &entry.spot);
            table.document().error(spot, invalid.to_string());
        }
    });
    let regex = table.text("allow_regex");
    let subdomains = table.flag("subdomains", false);
    let networks = table.list("block_networks");
    let blocked = CidrSet::parse_entries(&networks);
    if let Err(invalid) = &blocked {
        report_entries(table, &networks, invalid);
    }
    let allow_private = table.flag("allow_private_networks", false);
    let own_networks = table.list("allow_networks");
    let own = CidrSet::parse_entries(&own_networks);
    if let Err(invalid) = &own {
        report_entries(table, &own_networks, invalid);
    }
    let max_redirects = table.integer("max_redirects", 0..101, 3);

    let listed = !entries.is_empty() || regex.is_some();
    // After a mistake the rest is read all the same; what comes of it is never used.
    let mut policy = policy
        .unwrap_or_else(|()| SourcePolicy::any())
        .subdomains(subdomains)
        .any_port(environment == Environment::Development)
        .allow_private_networks(allow_private);
    if let Some(regex) = &regex {
        match policy.clone().allow_regex(&regex.text) {
            Ok(with_regex) => policy = with_regex,
            Err(error) => table.error("allow_regex", error.to_string()),
        }
    }
    if let Some(own) = own.ok().filter(|own| !own.is_empty()) {
        policy = policy.allow_networks(own);
    }
    if let Ok(blocked) = blocked {
        policy = policy.block_networks(blocked);
    }
    Source {
        policy,
        listed,
        environment,
        max_redirects: usize::try_from(max_redirects).unwrap_or(usize::MAX),
    }
}

impl Source {
    /// The policy of a mount whose originals come from other servers. `None` where there is a mistake, which is reported.
    pub(in crate::config) fn policy(
        &self,
        http: &Http,
        document: &Document<'_>,
    ) -> Option<SourcePolicy> {
        let mut policy = self.policy.clone().https_only(http.https_only);
        let Some((base, spot)) = &http.base_url else {
            let open = !self.listed && self.environment == Environment::Development;
            return Some(if open { policy.open() } else { policy });
        };
        match policy.clone().base_url(base) {
            Ok(with_base) => policy = with_base,
            Err(error) => {
                document.error(spot, error.to_string());
                return None;
            }
        }
        if policy.contradicts_itself() {
            document.error(spot, "an http URL, where https_only = true");
        }
        Some(policy)
    }
}
