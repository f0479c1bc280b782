//! The threads that make images: as long as the server runs, whatever rules it reloads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imgward::config::Mount;
use imgward::transform::TransformLayer;

/// The pools of all mounts. Mounts that have their `[transform]` from the same place have one together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pools(Arc<Mutex<Vec<Pool>>>);

#[derive(Debug)]
struct Pool {
    layer: TransformLayer,
    /// The mounts that it makes images for.
    mounts: Vec<String>,
}

impl Pools {
    /// The layers of a configuration that is put in force, mount by mount. They go on where those before them stop.
    pub(crate) fn layers(&self, mounts: &[Mount]) -> Vec<TransformLayer> {
        let mut new: Vec<Pool> = Vec::new();
        for Mount {
            path, transform, ..
        } in mounts
        {
            let same = |pool: &&mut Pool| pool.layer.shares_threads_with(transform);
            match new.iter_mut().find(same) {
                Some(pool) => pool.mounts.push(path.to_string()),
                None => new.push(Pool {
                    layer: transform.clone(),
                    mounts: vec![path.to_string()],
                }),
            }
        }
        let wanted: Vec<TransformLayer> = new.iter().map(|pool| pool.layer.clone()).collect();
        let mut pools = self.lock();
        for pool in &mut new {
            let serves = |old: &Pool| old.mounts.iter().any(|mount| pool.mounts.contains(mount));
            let Some(at) = pools.iter().position(serves) else {
                continue;
            };
            let old = pools.swap_remove(at).layer;
            if old.threads() != pool.layer.threads() {
                tracing::warn!("concurrency: another number needs a restart; all else is in force");
            }
            pool.layer = pool.layer.clone().replacing(&old);
        }
        let layers = mounts.iter().map(|mount| {
            let pool = wanted
                .iter()
                .position(|layer| layer.shares_threads_with(&mount.transform))
                .and_then(|at| new.get(at));
            let layer = mount.transform.clone();
            match pool {
                Some(pool) => layer.replacing(&pool.layer),
                None => layer,
            }
        });
        let layers = layers.collect();
        *pools = new;
        layers
    }

    /// A layer of each pool.
    pub(crate) fn in_force(&self) -> Vec<TransformLayer> {
        self.lock().iter().map(|pool| pool.layer.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use imgward::config::Config;

    use super::*;

    /// The layers of mounts that are written as their path, and their number of threads where they have their own.
    fn layers(pools: &Pools, mounts: &[(&str, Option<usize>)]) -> Vec<TransformLayer> {
        let mut text = String::from(
            "environment = 'development'\n[transform]\nconcurrency = 3\n[origin]\nfiles = '.'\n",
        );
        for (path, own) in mounts {
            text.extend(["[[mount]]\npath = '", path, "'\n"]);
            if let Some(threads) = own {
                let threads = threads.to_string();
                text.extend(["[mount.transform]\nconcurrency = ", &threads, "\n"]);
            }
        }
        let config = Config::parse(&text, Path::new("imgward.toml")).unwrap();
        pools.layers(&config.mounts)
    }

    #[test]
    fn a_mount_goes_on_with_its_threads() {
        let pools = Pools::default();
        let first = layers(&pools, &[("/a", None), ("/b", None), ("/c", Some(5))]);
        assert!(first[0].shares_threads_with(&first[1]));
        assert!(!first[0].shares_threads_with(&first[2]));
        // In another order, with one more, and with other numbers.
        let second = layers(
            &pools,
            &[("/c", Some(6)), ("/d", None), ("/b", None), ("/a", None)],
        );
        assert!(second[0].shares_threads_with(&first[2]));
        for layer in &second[1..] {
            assert!(layer.shares_threads_with(&first[0]));
        }
        let threads = second.iter().map(|layer| layer.threads().get());
        assert_eq!(threads.collect::<Vec<_>>(), [5, 3, 3, 3]);
        // What was together and is no more has one heir.
        let third = layers(&pools, &[("/a", Some(1)), ("/b", None)]);
        assert!(third[0].shares_threads_with(&first[0]));
        assert!(!third[1].shares_threads_with(&first[0]));
        assert_eq!(pools.in_force().len(), 2);
    }
}
