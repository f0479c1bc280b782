//! What all instances keep together.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::entry::Entry;
use super::key::{Key, led_to};
use crate::timer::{Timer, within};

#[cfg(feature = "object-store")]
mod bucket;
mod record;

/// How long a write, or a removal, may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many failures in a row mean that the store is gone.
const FAILURES: u32 = 5;
/// How long a store that is gone is not asked.
const PAUSE: Duration = Duration::from_secs(5);
/// How many names are listed at a time.
const PAGE: usize = 1000;

/// A place that keeps bytes by their name, for all instances: a `bucket::Bucket`, which the feature `object-store` brings, or
/// one of your own.
///
/// It may be slow, fail, or lose what it has: it costs time, never a request. Names are of lower case letters, digits,
/// `-` and `/`, up to 300 bytes.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// What is kept under a name, if anything is. What has more than `most` bytes is an error.
    fn get(&self, name: &str, most: u64) -> StoreFuture<Option<Bytes>>;

    /// Keeps bytes under a name, instead of what is there: the whole of them, or nothing, is seen by others.
    fn put(&self, name: &str, bytes: Bytes) -> StoreFuture<()>;

    /// Removes what is kept under a name, if anything is.
    fn remove(&self, name: &str) -> StoreFuture<()>;

    /// Some of the names that begin with `prefix`, which ends at a `/`: `most` of them, or all where there are fewer.
    fn list(&self, prefix: &str, most: usize) -> StoreFuture<Vec<String>>;
}

/// What a [`Store`] does.
pub type StoreFuture<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// A [`Store`] did not do what it was asked.
#[derive(Debug)]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// With the cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// A store, and what keeps it from doing harm.
pub(super) struct Tier {
    store: Arc<dyn Store>,
    timer: Timer,
    read_timeout: Duration,
    /// The most bytes of a record that is read.
    max_bytes: u64,
    slots: Arc<Semaphore>,
    /// Room for what waits to be written, a permit a KiB.
    room: Arc<Semaphore>,
    all_slots: u32,
    failures: AtomicU32,
    /// How many images it was to take and did not.
    unwritten: AtomicU64,
    /// Until when it is not asked, in milliseconds since `began`.
    paused_until: AtomicU64,
    began: Instant,
}

/// The limits of a store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) read_timeout: Duration,
    pub(super) writes: u32,
    pub(super) write_bytes: u64,
    pub(super) max_bytes: u64,
}

impl Tier {
    pub(super) fn new(store: Arc<dyn Store>, limits: Limits) -> Self {
        let room = usize::try_from(limits.write_bytes / 1024).unwrap_or(usize::MAX);
        Self {
            store,
            timer: Timer::new(),
            read_timeout: limits.read_timeout,
            max_bytes: limits.max_bytes,
            slots: Arc::new(Semaphore::new(limits.writes as usize)),
            room: Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS))),
            all_slots: limits.writes,
            failures: AtomicU32::new(0),
            unwritten: AtomicU64::new(0),
            paused_until: AtomicU64::new(0),
            began: Instant::now(),
        }
    }

    /// What is kept for a key, if it is whole. What is not is removed.
    pub(super) async fn read(&self, key: &Key) -> Option<Entry> {
        if self.is_paused() {
            return None;
        }
        let name = key.name();
        let read = self.attempt(self.read_timeout, || self.store.get(&name, self.max_bytes));
        let record = read.await.ok()??;
        let entry = record::read(key, &record);
        if entry.is_none() {
            // No matter what comes of it: what is made now is written over it.
            let _ = self
                .attempt(self.read_timeout, || self.store.remove(&name))
                .await;
        }
        entry
    }

    /// Writes an entry after the answer, if there is a runtime and room for it. `still` says whether it is to be kept.
    pub(super) fn write_behind(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        still: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        let (Ok(runtime), Some(permits)) = (Handle::try_current(), self.permits(entry)) else {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let tier = Arc::clone(self);
        let entry = Arc::clone(entry);
        runtime.spawn(async move {
            let (names, is_written) = tier.write(&entry, &still).await;
            if !is_written {
                tier.unwritten.fetch_add(1, Ordering::Relaxed);
            }
            if !still() {
                for name in names {
                    let _ = tier
                        .attempt(WRITE_TIMEOUT, || tier.store.remove(&name))
                        .await;
                }
            }
            drop(permits);
        });
    }

    /// A slot, and room, for what is to be written.
    fn permits(&self, entry: &Entry) -> Option<[OwnedSemaphorePermit; 2]> {
        // What is written is larger than the image, and is to be read again.
        if self.is_paused() || u64::from(entry.weight()) > self.max_bytes {
            return None;
        }
        let size = u32::try_from(entry.bytes.len() / 1024 + 1).unwrap_or(u32::MAX);
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(size).ok()?;
        Some([slot, room])
    }

    /// How many images it was to take and did not, so far.
    pub(super) fn unwritten(&self) -> u64 {
        self.unwritten.load(Ordering::Relaxed)
    }

    /// The names that were written, and whether that was all.
    async fn write(
        &self,
        entry: &Entry,
        still: &(impl Fn() -> bool + Sync),
    ) -> (Vec<String>, bool) {
        // What leads to it comes first, so that nothing is kept that is not found when it is to be removed.
        let below = entry.others.iter();
        let mut records: Vec<_> = below
            .map(|source| (entry.key.name_below(source), Bytes::new()))
            .collect();
        records.push((entry.key.name(), record::write(entry)));
        let mut names = Vec::with_capacity(records.len());
        for (name, bytes) in records {
            if !still() {
                break;
            }
            let written = self.attempt(WRITE_TIMEOUT, || self.store.put(&name, bytes));
            let written = written.await;
            names.push(name);
            if written.is_err() {
                return (names, false);
            }
        }
        (names, true)
    }

    /// Removes all results whose names begin so, and says how many there were.
    pub(super) async fn remove_all(&self, prefix: &str) -> Result<u64, StoreError> {
        let mut removed = 0;
        let mut previous = Vec::new();
        loop {
            let list = self.attempt(WRITE_TIMEOUT, || self.store.list(prefix, PAGE));
            let names = list.await?;
            if !names.is_empty() && names == previous {
                return Err(StoreError::new("what was removed is still there"));
            }
            for name in &names {
                if let Some(result) = led_to(name) {
                    self.attempt(WRITE_TIMEOUT, || self.store.remove(&result))
                        .await?;
                }
                self.attempt(WRITE_TIMEOUT, || self.store.remove(name))
                    .await?;
                removed += 1;
            }
            if names.len() < PAGE {
                return Ok(removed);
            }
            previous = names;
        }
    }

    /// Comes when all that waits has been written.
    pub(super) async fn flush(&self) {
        // Never closed.
        let _ = self.slots.acquire_many(self.all_slots).await;
    }

    /// Asks the store, within a time, whatever it does.
    async fn attempt<T>(
        &self,
        limit: Duration,
        ask: impl FnOnce() -> StoreFuture<T>,
    ) -> Result<T, StoreError> {
        let panicked = || StoreError::new("it panicked");
        let asked = async {
            let asked = catch_unwind(AssertUnwindSafe(ask));
            let mut asked = asked.map_err(|_| panicked())?;
            poll_fn(|cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(cx)));
                polled.unwrap_or_else(|_| std::task::Poll::Ready(Err(panicked())))
            })
            .await
        };
        let alarm = Instant::now()
            .checked_add(limit)
            .map(|end| self.timer.at(end));
        let answer = within(alarm, asked).await;
        let answer = answer.unwrap_or_else(|| Err(StoreError::new("it took too long")));
        self.note(answer.is_ok());
        answer
    }

    fn note(&self, works: bool) {
        if works {
            self.failures.store(0, Ordering::Relaxed);
        } else if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            let until = self.since_began() + millis(PAUSE);
            self.paused_until.store(until, Ordering::Relaxed);
        }
    }

    fn is_paused(&self) -> bool {
        self.since_began() < self.paused_until.load(Ordering::Relaxed)
    }

    fn since_began(&self) -> u64 {
        millis(self.began.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tier")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
