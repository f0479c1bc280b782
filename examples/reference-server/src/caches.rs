//! Where results are kept: as long as the server runs, whatever rules it reloads.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use imgward::cache::{Cache, CacheLayer, ObjectStore};
use imgward::config::{self, Mount, Origin};

/// The caches of all mounts. Mounts that say the same of memory and store have one together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caches(Arc<Mutex<Vec<Known>>>);

#[derive(Debug)]
struct Known {
    /// The mounts that it began with.
    mounts: Vec<String>,
    memory: u64,
    store: Option<String>,
    cache: Cache,
}

impl Caches {
    /// The layer of a mount.
    pub(crate) fn layer(&self, mount: &Mount) -> io::Result<Option<CacheLayer>> {
        let Some(wanted) = &mount.cache else {
            return Ok(None);
        };
        let cache = self.find(wanted, mount.path.to_string())?;
        let origin = identity(mount, &mount.origin)?;
        let layer = CacheLayer::new(&cache, origin, &mount.transform)
            .ttl(wanted.ttl)
            .stale_while_revalidate(wanted.stale_while_revalidate)
            .negative_ttl(wanted.negative_ttl)
            .no_store(wanted.no_store)
            // A folder looks at no header, and another server is asked with these alone.
            .origin_headers(mount.transform.forwarded_headers().iter().cloned());
        Ok(Some(layer))
    }

    fn find(&self, wanted: &config::Cache, mount: String) -> io::Result<Cache> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_mount =
            |known: &&mut Known| known.store == wanted.store && known.mounts.contains(&mount);
        if let Some(known) = all.iter_mut().find(of_mount) {
            if known.memory != wanted.memory {
                tracing::warn!("cache.memory: another size needs a restart; all else is in force");
            }
            return Ok(known.cache.clone());
        }
        let same =
            |known: &&mut Known| known.store == wanted.store && known.memory == wanted.memory;
        if let Some(known) = all.iter_mut().find(same) {
            known.mounts.push(mount);
            return Ok(known.cache.clone());
        }
        let mut cache = Cache::builder().memory(wanted.memory);
        if let Some(url) = &wanted.store {
            cache = cache.store(ObjectStore::open(url).map_err(io::Error::other)?);
        }
        let cache = cache.build();
        all.push(Known {
            mounts: vec![mount],
            memory: wanted.memory,
            store: wanted.store.clone(),
            cache: cache.clone(),
        });
        Ok(cache)
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

/// What tells an origin from others: where its images are.
fn identity(mount: &Mount, origin: &Origin) -> io::Result<String> {
    match origin {
        Origin::Files(path) => Ok(format!("files:{}", path.canonicalize()?.display())),
        // A name means another image below another base URL, and under other rules may not be asked for.
        Origin::Http(_) => Ok(format!("http:{:?}", mount.source)),
        Origin::Chain(origins) => {
            let origins = origins.iter().map(|origin| identity(mount, origin));
            Ok(format!(
                "chain:{:?}",
                origins.collect::<io::Result<Vec<_>>>()?
            ))
        }
        other => Err(io::Error::other(format!("{other:?} is no origin"))),
    }
}
