use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::entry::Entry;
use super::key::Key;
use super::memory::Memory;
use super::store::{Limits, Store, StoreError, Tier};
use crate::clock::{Clock, SystemClock};
use crate::guard::{Rejection, RejectionKind};

const MIB: u64 = 1024 * 1024;

/// What is kept. Clones are the same cache; a [`CacheLayer`](super::CacheLayer) says for which images it is used, and how.
/// See the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct Cache {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) memory: Memory,
    pub(super) store: Option<Arc<Tier>>,
    pub(super) clock: Arc<dyn Clock>,
    /// How often something was removed: what was being made meanwhile is not kept.
    purges: AtomicU64,
}

/// How long results are used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    pub(super) fresh: Duration,
    pub(super) stale: Duration,
    pub(super) refusal: Duration,
}

/// What is kept for a key.
pub(super) enum Kept {
    Fresh(Arc<Entry>),
    /// It may be used while another is made.
    Stale(Arc<Entry>),
    /// It may be used if it turns out that another would be the same.
    Old(Arc<Entry>),
    Refused(Rejection),
    Nothing,
}

impl Cache {
    /// A cache that keeps images of so many bytes in memory, and nothing elsewhere. With 0, requests are still answered
    /// together.
    pub fn in_memory(bytes: u64) -> Self {
        Self::builder().memory(bytes).build()
    }

    /// A cache that has yet to be told where to keep what.
    pub fn builder() -> CacheBuilder {
        CacheBuilder {
            memory: 0,
            store: None,
            clock: Arc::new(SystemClock),
            limits: Limits {
                read_timeout: Duration::from_millis(500),
                writes: 256,
                write_bytes: 64 * MIB,
                max_bytes: 64 * MIB,
            },
        }
    }

    /// How many images the store was to keep and did not, since it failed or could not keep up.
    pub fn unwritten(&self) -> u64 {
        self.shared
            .store
            .as_ref()
            .map_or(0, |store| store.unwritten())
    }

    /// Comes when what was to be written to the store has been, or has failed. Before a process ends.
    pub async fn flush(&self) {
        if let Some(store) = &self.shared.store {
            store.flush().await;
        }
    }
}

impl Shared {
    pub(super) fn lookup(&self, key: &Key, lifetimes: Lifetimes) -> Kept {
        let image = self
            .memory
            .image(key)
            .map(|entry| self.judge(entry, lifetimes));
        if let Some(kept @ (Kept::Fresh(_) | Kept::Stale(_))) = image {
            return kept;
        }
        match self.memory.refusal(key) {
            Some(refusal)
                if self.clock.now().saturating_sub(refusal.made_at)
                    < lifetimes.refusal.as_secs() =>
            {
                Kept::Refused(refusal.why.clone())
            }
            _ => image.unwrap_or(Kept::Nothing),
        }
    }

    /// How an image may be used.
    fn judge(&self, entry: Arc<Entry>, lifetimes: Lifetimes) -> Kept {
        let age = entry.age(self.clock.now());
        let most = lifetimes.fresh.as_secs();
        let fresh = entry.freshness.lifetime.map_or(most, |said| said.min(most));
        let stale = lifetimes.stale.as_secs();
        if age < fresh {
            Kept::Fresh(entry)
        } else if fresh > 0 && age < fresh.saturating_add(stale) {
            Kept::Stale(entry)
        } else {
            Kept::Old(entry)
        }
    }

    /// What the store has, in whatever state. What is fresh is in memory too from then on.
    pub(super) async fn stored(&self, key: &Key, lifetimes: Lifetimes, purges: u64) -> Kept {
        let entry = match &self.store {
            Some(store) => store.read(key).await,
            None => None,
        };
        let Some(entry) = entry else {
            return Kept::Nothing;
        };
        let kept = self.judge(Arc::new(entry), lifetimes);
        if let Kept::Fresh(entry) = &kept {
            self.remember(entry, purges);
        }
        kept
    }

    /// Keeps an image that was made since `purges`.
    pub(super) fn keep(self: &Arc<Self>, entry: &Arc<Entry>, purges: u64) {
        if !entry.can_be_used_again() {
            return;
        }
        self.remember(entry, purges);
        if let Some(store) = &self.store {
            let shared = Arc::clone(self);
            store.write_behind(entry, move || shared.purges() == purges);
        }
    }

    /// Keeps it in memory alone.
    pub(super) fn remember(&self, entry: &Arc<Entry>, purges: u64) {
        self.unless_purged(&entry.key, purges, || self.memory.keep_image(entry));
    }

    /// Has the memory keep something of a key that was found since `purges`.
    fn unless_purged(&self, key: &Key, purges: u64, keep: impl FnOnce()) {
        if self.purges() != purges {
            return;
        }
        keep();
        // Once more, since it may have been removed just before.
        if self.purges() != purges {
            self.memory.remove(key);
        }
    }

    /// Keeps a refusal since `purges` for a while, if it is one that asking again would not change soon.
    pub(super) fn keep_refusal(
        &self,
        key: Key,
        why: &Rejection,
        lifetimes: Lifetimes,
        purges: u64,
    ) {
        use RejectionKind::{ImageCorrupt, ImageTooLarge, NotFound, UnsupportedFormat};
        if !lifetimes.refusal.is_zero()
            && matches!(
                why.kind(),
                NotFound | UnsupportedFormat | ImageTooLarge | ImageCorrupt
            )
        {
            let made_at = self.clock.now();
            self.unless_purged(&key, purges, || {
                self.memory.keep_refusal(key, why.clone(), made_at);
            });
        }
    }

    pub(super) fn purges(&self) -> u64 {
        self.purges.load(Ordering::SeqCst)
    }

    /// Removes what is kept for which this holds, and in the store all whose names begin so. Says how many results there
    /// were, in the store if there is one.
    pub(super) async fn purge(
        &self,
        image: impl Fn(&Entry) -> bool,
        refusal: impl Fn(&Key) -> bool,
        prefix: &str,
    ) -> Result<u64, StoreError> {
        let forget = || {
            self.purges.fetch_add(1, Ordering::SeqCst);
            self.memory.remove_all(&image, &refusal).len()
        };
        let removed = forget();
        let Some(store) = &self.store else {
            return Ok(removed as u64);
        };
        let removed = store.remove_all(prefix).await;
        // Until then, requests could still find it in the store, and have it in memory again.
        forget();
        removed
    }
}

/// Makes a [`Cache`].
#[must_use = "a builder does nothing until it builds"]
#[derive(Clone, Debug)]
pub struct CacheBuilder {
    memory: u64,
    store: Option<Arc<dyn Store>>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl CacheBuilder {
    /// How many bytes the images in memory may take together, with what is said of them. None are kept by default.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// What all instances keep together. It is written to, and removed from, within a tokio runtime only, which a service
    /// is called in; elsewhere it is only read.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How long the store may take to answer, before the image is made anew. 500 milliseconds by default.
    pub fn store_timeout(mut self, limit: Duration) -> Self {
        self.limits.read_timeout = limit;
        self
    }

    /// How many images, and how many bytes of them, may wait to be written to the store; what comes then is not. 256 and
    /// 64 MiB by default.
    pub fn write_behind(mut self, images: u32, bytes: u64) -> Self {
        self.limits.writes = images;
        self.limits.write_bytes = bytes;
        self
    }

    /// The clock that ages are told by; the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The cache.
    pub fn build(self) -> Cache {
        let limits = self.limits;
        let store = self.store.map(|store| Arc::new(Tier::new(store, limits)));
        Cache {
            shared: Arc::new(Shared {
                memory: Memory::new(self.memory),
                store,
                clock: self.clock,
                purges: AtomicU64::new(0),
            }),
        }
    }
}
