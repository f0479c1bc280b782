use std::time::Duration;

#[cfg(feature = "object-store")]
use crate::bucket::Bucket;
use crate::config::table::Table;

/// How results are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cache {
    /// How many bytes of images are kept in memory.
    pub memory: u64,
    /// What all instances share.
    #[cfg(feature = "object-store")]
    pub store: Option<Bucket>,
    /// For how long an image is used.
    pub ttl: Duration,
    /// For how long after that it is still answered with while another is made.
    pub stale_while_revalidate: Duration,
    /// For how long it is remembered that there is no such image.
    pub negative_ttl: Duration,
    /// Whether clients are told to keep nothing.
    pub no_store: bool,
}

/// What `[cache]` comes to.
#[derive(Clone, Debug)]
pub(in crate::config) struct Caching {
    /// `None`: nothing is kept here.
    pub(in crate::config) results: Option<Cache>,
    pub(in crate::config) browser_ttl: Duration,
    /// Whether the caches in front apply the same rules as the server.
    pub(in crate::config) shared: bool,
}

/// `[cache]`: what is kept of the images, here and elsewhere.
pub(in crate::config) fn read(table: &Table<'_>) -> Caching {
    let day = Duration::from_secs(24 * 60 * 60);
    let memory = if table.has("memory") {
        table.size("memory", 0)
    } else {
        0
    };
    #[cfg(not(feature = "object-store"))]
    table.not_supported(&["store"]);
    let cache = Cache {
        memory,
        #[cfg(feature = "object-store")]
        store: bucket(table, "store"),
        ttl: table.duration("ttl", day * 30),
        stale_while_revalidate: table.duration("stale_while_revalidate", Duration::ZERO),
        negative_ttl: table.duration("negative_ttl", Duration::from_secs(10)),
        no_store: table.flag("no_store", false),
    };
    let is_on = cache.memory > 0 || table.has("store") || cache.no_store;
    Caching {
        results: is_on.then_some(cache),
        // A URL's image is meant not to change.
        browser_ttl: table.duration("browser_ttl", day * 365),
        shared: table.flag("shared", false),
    }
}

/// A bucket, reached as the environment says. `None` where there is none, or a mistake, which is reported.
#[cfg(feature = "object-store")]
pub(super) fn bucket(table: &Table<'_>, key: &'static str) -> Option<Bucket> {
    let url = table.text(key)?;
    let opened = Bucket::open(&url.text, &table.document().bucket_options());
    opened
        .inspect_err(|error| table.error(key, error.to_string()))
        .ok()
}
