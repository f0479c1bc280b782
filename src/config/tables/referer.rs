use crate::config::Environment;
use crate::config::document::Spot;
use crate::config::table::Table;
use crate::referer::{CrossSite, InvalidSites, Missing, RefererPolicy};

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Off,
    Allow,
    Block,
}

/// `[referer]`: which pages may show the images. `None` where it is off.
pub(in crate::config) fn read(
    table: &Table<'_>,
    environment: Environment,
) -> Option<RefererPolicy> {
    let modes = [
        ("allowlist", Mode::Allow),
        ("blocklist", Mode::Block),
        ("off", Mode::Off),
    ];
    let mode = table.choice("mode", &modes, Mode::Off);
    let sites = table.list("sites");
    let missing = [("allow", Missing::Allow), ("block", Missing::Block)];
    let missing = table.choice("missing", &missing, Missing::Allow);
    let cross_site = [("allow", CrossSite::Allow), ("block", CrossSite::Block)];
    let cross_site = table.choice("cross_site", &cross_site, CrossSite::Allow);
    let match_scheme = table.flag("match_scheme", false);

    let policy = match mode {
        Mode::Off if sites.is_empty() => return None,
        Mode::Block if sites.is_empty() => Ok(RefererPolicy::block_nobody()),
        Mode::Allow if sites.is_empty() && environment == Environment::Development => {
            Ok(RefererPolicy::allow_nobody())
        }
        // The entries of a list that is off are read all the same, so that switching it on holds no surprise.
        Mode::Off | Mode::Block => RefererPolicy::block(&sites),
        Mode::Allow => RefererPolicy::allow(&sites),
    };
    let policy = policy.map_err(|error| match error {
        InvalidSites::Entries(invalid) => {
            for (index, error) in invalid {
                let spot: &Spot = sites.get(index).map_or(table.spot(), |site| &site.spot);
                table.document().error(spot, error.to_string());
            }
        }
        error => table.error("sites", error.to_string()),
    });
    let policy = policy.ok().filter(|_| mode != Mode::Off)?;
    Some(
        policy
            .missing(missing)
            .cross_site(cross_site)
            .match_scheme(match_scheme),
    )
}
