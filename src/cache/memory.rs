//! What this process keeps.

use std::fmt;
use std::sync::Arc;

use moka::sync::Cache;

use super::entry::Entry;
use super::key::Key;
use crate::guard::Rejection;

/// The most refusals that are kept.
const MAX_REFUSALS: u64 = 10_000;

/// Images by their weight, and refusals by their number: so many that fail cannot drive out what succeeded.
pub(super) struct Memory {
    /// `None`: no image is kept.
    images: Option<Cache<Key, Arc<Entry>>>,
    refusals: Cache<Key, Arc<Refusal>>,
}

/// A refusal that is kept for a while.
pub(super) struct Refusal {
    pub(super) why: Rejection,
    pub(super) made_at: u64,
}

impl Memory {
    /// With 0 bytes, no image is kept.
    pub(super) fn new(bytes: u64) -> Self {
        let images = (bytes > 0).then(|| {
            Cache::builder()
                .weigher(|_, entry: &Arc<Entry>| entry.weight())
                .max_capacity(bytes)
                .build()
        });
        Self {
            images,
            refusals: Cache::new(MAX_REFUSALS),
        }
    }

    pub(super) fn image(&self, key: &Key) -> Option<Arc<Entry>> {
        self.images.as_ref()?.get(key)
    }

    pub(super) fn keep_image(&self, entry: &Arc<Entry>) {
        if let Some(images) = &self.images {
            images.insert(entry.key, Arc::clone(entry));
        }
    }

    pub(super) fn refusal(&self, key: &Key) -> Option<Arc<Refusal>> {
        self.refusals.get(key)
    }

    pub(super) fn keep_refusal(&self, key: Key, why: Rejection, made_at: u64) {
        let refusal = Refusal { why, made_at };
        self.refusals.insert(key, Arc::new(refusal));
    }

    pub(super) fn remove(&self, key: &Key) {
        if let Some(images) = &self.images {
            images.invalidate(key);
        }
        self.refusals.invalidate(key);
    }

    /// The images for which this holds; refusals are told by their key alone.
    pub(super) fn remove_all(
        &self,
        image: impl Fn(&Entry) -> bool,
        refusal: impl Fn(&Key) -> bool,
    ) -> Vec<Key> {
        let images = self.images.iter().flat_map(Cache::iter);
        let images = images.filter(|(_, entry)| image(entry));
        let images: Vec<Key> = images.map(|(key, _)| *key).collect();
        let refusals: Vec<Key> = self.refusals.iter().map(|(key, _)| *key).collect();
        for key in images
            .iter()
            .chain(refusals.iter().filter(|key| refusal(key)))
        {
            self.remove(key);
        }
        images
    }

    /// How many bytes the images take, about.
    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.images.as_ref().map_or(0, |images| {
            images.run_pending_tasks();
            images.weighted_size()
        })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
