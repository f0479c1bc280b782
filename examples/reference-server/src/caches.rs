//! Where results are kept: as long as a mount has its place there, whatever rules the server reloads.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imgward::bucket::Bucket;
use imgward::cache::{Cache, CacheLayer};
use imgward::config::{self, Mount, Origin};
use tokio::task::JoinSet;

use crate::sign;

/// The caches of all mounts. Mounts that say the same of memory and store have one together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caches(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    known: Vec<Known>,
    /// Those that no mount uses any more, until what they were to write is written.
    leaving: JoinSet<()>,
}

#[derive(Debug)]
struct Known {
    /// The mounts that use it.
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
        let known = &mut self.lock().known;
        let store = wanted.store.as_ref().map(Bucket::identity);
        let of_mount =
            |known: &&mut Known| known.store.as_deref() == store && known.mounts.contains(&mount);
        if let Some(known) = known.iter_mut().find(of_mount) {
            if known.memory != wanted.memory {
                tracing::warn!("cache.memory: another size needs a restart; all else is in force");
            }
            return known.cache.clone();
        }
        let same =
            |known: &&mut Known| known.store.as_deref() == store && known.memory == wanted.memory;
        if let Some(known) = known.iter_mut().find(same) {
            known.mounts.push(mount);
            return known.cache.clone();
        }
        let mut cache = Cache::builder().memory(wanted.memory);
        if let Some(bucket) = &wanted.store {
            cache = cache.store(bucket.clone());
        }
        let cache = cache.build();
        known.push(Known {
            mounts: vec![mount],
            memory: wanted.memory,
            store: store.map(String::from),
            cache: cache.clone(),
        });
        cache
    }

    /// Lets go of those that no mount of the configuration in force uses, as soon as their stores have what they were to
    /// have. Within a runtime.
    pub(crate) fn keep_those_of(&self, mounts: &[Mount]) {
        let uses = |path: &str, store: Option<&str>| {
            let mount = mounts.iter().find(|mount| mount.path.to_string() == path);
            let cache = mount.and_then(|mount| mount.cache.as_ref());
            cache.is_some_and(|cache| cache.store.as_ref().map(Bucket::identity) == store)
        };
        let All { known, leaving } = &mut *self.lock();
        while leaving.try_join_next().is_some() {}
        for mut old in std::mem::take(known) {
            old.mounts.retain(|path| uses(path, old.store.as_deref()));
            if old.mounts.is_empty() {
                leaving.spawn(async move { old.cache.flush().await });
            } else {
                known.push(old);
            }
        }
    }

    /// How many images the stores were to keep and did not.
    pub(crate) fn unwritten(&self) -> u64 {
        let known = &self.lock().known;
        known.iter().map(|known| known.cache.unwritten()).sum()
    }

    /// Comes when all that was to be written has been, or has failed.
    pub(crate) async fn flush(&self) {
        let (caches, mut leaving) = {
            let All { known, leaving } = &mut *self.lock();
            let caches = known.iter().map(|known| known.cache.clone());
            (caches.collect::<Vec<Cache>>(), std::mem::take(leaving))
        };
        for cache in caches {
            cache.flush().await;
        }
        while leaving.join_next().await.is_some() {}
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
