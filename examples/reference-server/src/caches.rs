//! Where results are kept: as long as the server runs, whatever rules it reloads.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use imgward::bucket::Bucket;
use imgward::cache::{Cache, CacheLayer};
use imgward::config::{self, Mount, Origin};

use crate::sign;

/// The caches of all mounts. Mounts that say the same of memory and store have one together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caches(Arc<Mutex<Vec<Known>>>);

#[derive(Debug)]
struct Known {
    /// The mounts that it began with.
    mounts: Vec<String>,
    memory: u64,
    /// What its store is, where it has one.
    store: Option<String>,
    cache: Cache,
}

impl Caches {
    /// The layer of a mount.
    pub(crate) fn layer(&self, mount: &Mount) -> io::Result<Option<CacheLayer>> {
        let Some(wanted) = &mount.cache else {
            return Ok(None);
        };
        let cache = self.find(wanted, mount.path.to_string());
        let origin = identity(&mount.origin)?;
        let layer = CacheLayer::new(&cache, origin, &mount.transform)
            .ttl(wanted.ttl)
            .stale_while_revalidate(wanted.stale_while_revalidate)
            .negative_ttl(wanted.negative_ttl)
            .no_store(wanted.no_store)
            // A folder looks at no header, and another server is asked with these alone.
            .origin_headers(mount.transform.forwarded_headers().iter().cloned());
        Ok(Some(layer))
    }

    fn find(&self, wanted: &config::Cache, mount: String) -> Cache {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let store = wanted.store.as_ref().map(Bucket::identity);
        let of_mount =
            |known: &&mut Known| known.store.as_deref() == store && known.mounts.contains(&mount);
        if let Some(known) = all.iter_mut().find(of_mount) {
            if known.memory != wanted.memory {
                tracing::warn!("cache.memory: another size needs a restart; all else is in force");
            }
            return known.cache.clone();
        }
        let same =
            |known: &&mut Known| known.store.as_deref() == store && known.memory == wanted.memory;
        if let Some(known) = all.iter_mut().find(same) {
            known.mounts.push(mount);
            return known.cache.clone();
        }
        let mut cache = Cache::builder().memory(wanted.memory);
        if let Some(bucket) = &wanted.store {
            cache = cache.store(bucket.clone());
        }
        let cache = cache.build();
        all.push(Known {
            mounts: vec![mount],
            memory: wanted.memory,
            store: store.map(String::from),
            cache: cache.clone(),
        });
        cache
    }

    /// How many images the stores were to keep and did not.
    pub(crate) fn unwritten(&self) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|known| known.cache.unwritten()).sum()
    }

    /// Comes when all that was to be written has been, or has failed.
    pub(crate) async fn flush(&self) {
        let all: Vec<Cache> = {
            let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter().map(|known| known.cache.clone()).collect()
        };
        for cache in all {
            cache.flush().await;
        }
    }
}

/// The mount of a command that is about what the store has.
///
/// # Errors
///
/// What to tell where there is no such mount, or it has no store.
pub(crate) fn with_store<'c>(mounts: &'c [Mount], path: Option<&str>) -> Result<&'c Mount, String> {
    let mount = sign::find(mounts, path)?;
    let store = mount.cache.as_ref().and_then(|cache| cache.store.as_ref());
    match store {
        Some(_) => Ok(mount),
        None => Err(format!("the mount {} has no store", mount.path)),
    }
}

/// What tells an origin from others: where its images are.
fn identity(origin: &Origin) -> io::Result<String> {
    match origin {
        Origin::Files(path) => Ok(format!("files:{}", path.canonicalize()?.display())),
        Origin::Http(origin) => Ok(origin.identity()),
        Origin::Bucket(origin) => Ok(origin.identity()),
        Origin::Chain(origins) => {
            let origins: io::Result<Vec<_>> = origins.iter().map(identity).collect();
            Ok(format!("chain:{:?}", origins?))
        }
        other => Err(io::Error::other(format!("{other:?} is no origin"))),
    }
}

#[cfg(test)]
mod tests;
