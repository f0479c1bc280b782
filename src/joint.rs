//! Work that is done once for all who wait for it at the same time, without a task.
//!
//! Nobody does the work but those who wait for it: whoever is polled takes it on, and what it is woken by wakes all. So it
//! goes on as long as one of them is there, and is dropped with the last.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// What is under way, by what it is for.
pub(crate) struct Registry<K, W> {
    works: Mutex<Works<K, W>>,
}

struct Works<K, W> {
    by_key: HashMap<K, Weak<W>>,
    /// How many there may be before those that are over are cleared away.
    sweep_at: usize,
}

impl<K, W> Default for Registry<K, W> {
    fn default() -> Self {
        Self {
            works: Mutex::new(Works {
                by_key: HashMap::new(),
                sweep_at: 0,
            }),
        }
    }
}

impl<K: Eq + Hash, W> Registry<K, W> {
    /// The work that is under way for a key, where it `may_join` it, or else one that begins.
    pub(crate) fn join(
        &self,
        key: K,
        may_join: impl FnOnce(&W) -> bool,
        begin: impl FnOnce(&K) -> W,
    ) -> Arc<W> {
        let mut works = lock(&self.works);
        let found = works.by_key.get(&key).and_then(Weak::upgrade);
        let joined = found.as_ref().filter(|work| may_join(work));
        let work = joined.cloned().unwrap_or_else(|| {
            let work = Arc::new(begin(&key));
            works.insert(key, &work);
            work
        });
        drop(works);
        // After the lock: this may be the last to hold a work, which is not to be dropped under it.
        drop(found);
        work
    }
}

impl<K: Eq + Hash, W> Works<K, W> {
    fn insert(&mut self, key: K, work: &Arc<W>) {
        if self.by_key.len() >= self.sweep_at {
            self.by_key.retain(|_, work| work.strong_count() > 0);
            self.sweep_at = self.by_key.len() * 2 + 64;
        }
        self.by_key.insert(key, Arc::downgrade(work));
    }
}

impl<K, W> fmt::Debug for Registry<K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

/// A work's stage, and those who wait for its end.
pub(crate) struct Joint<S> {
    stage: Mutex<S>,
    waiting: Arc<Waiting>,
}

impl<S> Joint<S> {
    pub(crate) fn new(stage: S) -> Self {
        Self {
            stage: Mutex::new(stage),
            waiting: Arc::default(),
        }
    }

    /// One more waits. The number is its own.
    pub(crate) fn enter(&self) -> u64 {
        let mut waiters = lock(&self.waiting.0);
        waiters.next += 1;
        waiters.next
    }

    /// One does not wait any more.
    pub(crate) fn leave(&self, waiter: u64) {
        self.waiting.leave(waiter);
    }

    /// Goes on with the work, unless another waiter is doing so, which wakes this one. Where `go_on` has panicked in the
    /// hands of one, `recover` is called in those of the next.
    pub(crate) fn poll<T>(
        &self,
        waiter: u64,
        cx: &Context<'_>,
        go_on: impl FnOnce(&mut S, &mut Context<'_>) -> Poll<T>,
        recover: impl FnOnce(&mut S),
    ) -> Poll<T> {
        let waiting = &self.waiting;
        // Before the work is looked at: who goes on with it meanwhile wakes us.
        waiting.register(waiter, cx.waker());
        // Declared before the lock, to be dropped after it, also where the work panics.
        let mut wakes = WakesAll(None);
        let mut stage = match self.stage.try_lock() {
            Ok(stage) => stage,
            Err(TryLockError::WouldBlock) => return Poll::Pending,
            Err(TryLockError::Poisoned(poisoned)) => {
                let mut stage = poisoned.into_inner();
                recover(&mut stage);
                stage
            }
        };
        wakes.0 = Some(waiting);
        lock(&waiting.0).woken = false;
        let all = Waker::from(Arc::clone(waiting));
        let polled = go_on(&mut stage, &mut Context::from_waker(&all));
        drop(stage);
        if polled.is_ready() {
            waiting.leave(waiter);
        } else if !lock(&waiting.0).woken {
            wakes.0 = None;
        }
        // Otherwise it woke those who could not look at it since we did: they must not count on our doing it again.
        polled
    }
}

/// Wakes all who wait when a work is over, or has panicked.
struct WakesAll<'a>(Option<&'a Arc<Waiting>>);

impl Drop for WakesAll<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = self.0 {
            waiting.wake_by_ref();
        }
    }
}

/// Those who wait.
#[derive(Default)]
struct Waiting(Mutex<Waiters>);

#[derive(Default)]
struct Waiters {
    /// By when they came.
    wakers: BTreeMap<u64, Waker>,
    next: u64,
    /// Whether they were woken since the work was last looked at.
    woken: bool,
}

impl Waiting {
    fn register(&self, waiter: u64, waker: &Waker) {
        let before = lock(&self.0).wakers.insert(waiter, waker.clone());
        // After the lock: a waker may be the last to hold a task.
        drop(before);
    }

    fn leave(&self, waiter: u64) {
        let before = lock(&self.0).wakers.remove(&waiter);
        drop(before);
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers = {
            let mut waiters = lock(&self.0);
            waiters.woken = true;
            std::mem::take(&mut waiters.wakers)
        };
        for (_, waker) in wakers {
            waker.wake();
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Where a thread can panic under such a lock, nothing is half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
