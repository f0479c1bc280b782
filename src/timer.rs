//! Wakes tasks at their time, in any runtime and in none: one thread that sleeps until the next of them.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

/// The thread is started when somebody first waits, and ends after the timer is dropped.
pub(crate) struct Timer {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Who is to be woken, by when. The number tells apart those of one moment.
    sleepers: BTreeMap<(Instant, u64), Waker>,
    next: u64,
    started: bool,
    closed: bool,
}

impl Timer {
    pub(crate) fn new() -> Self {
        Self {
            shared: Arc::default(),
        }
    }

    /// Comes at a moment.
    pub(crate) fn at(&self, moment: Instant) -> Alarm {
        Alarm {
            moment,
            shared: Arc::clone(&self.shared),
            number: None,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No waker is called under the lock, so a poisoned state is still a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of the thread.
    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            let now = Instant::now();
            let Some((&key, _)) = state.sleepers.first_key_value() else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = key.0.saturating_duration_since(now);
            if left.is_zero() {
                let waker = state.sleepers.remove(&key);
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
                state = self.lock();
            } else {
                let waited = self.changed.wait_timeout(state, left);
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// A moment to be woken at.
pub(crate) struct Alarm {
    moment: Instant,
    shared: Arc<Shared>,
    /// Set while the timer has it.
    number: Option<u64>,
}

impl Alarm {
    /// Ready when the moment has come.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if Instant::now() >= self.moment {
            return Poll::Ready(());
        }
        let mut state = self.shared.lock();
        if !state.started {
            let shared = Arc::clone(&self.shared);
            // Without a thread, the moment is still seen by who is woken by something else.
            state.started = thread::Builder::new()
                .name(String::from("imgward-timer"))
                .spawn(move || shared.work())
                .is_ok();
        }
        let number = *self.number.get_or_insert(state.next);
        state.next = state.next.max(number + 1);
        let first = state.sleepers.first_key_value();
        let earliest = first.is_none_or(|(&key, _)| (self.moment, number) < key);
        let before = state
            .sleepers
            .insert((self.moment, number), cx.waker().clone());
        drop(state);
        // After the lock: a waker may be the last to hold a task.
        drop(before);
        if earliest {
            self.shared.changed.notify_one();
        }
        Poll::Pending
    }

    /// What a future comes to, unless the moment comes first.
    pub(crate) async fn limit<F: Future>(mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            self.poll(cx).map(|()| None)
        })
        .await
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            // Dropped after the lock: a waker may be the last to hold a task.
            let waker = self.shared.lock().sleepers.remove(&(self.moment, number));
            drop(waker);
        }
    }
}

/// A future, within a limit if there is one.
pub(crate) async fn within<F: Future>(alarm: Option<Alarm>, future: F) -> Option<F::Output> {
    match alarm {
        Some(alarm) => alarm.limit(future).await,
        None => Some(future.await),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(5)
    }

    fn late() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test]
    async fn what_is_never_ready_ends_at_its_moment_and_what_is_ready_does_not() {
        let timer = Timer::new();
        assert_eq!(timer.at(Instant::now()).limit(pending::<()>()).await, None);
        assert_eq!(timer.at(soon()).limit(pending::<()>()).await, None);
        let ready = timer.at(Instant::now()).limit(async { 7 }).await;
        assert_eq!(ready, Some(7));
        assert_eq!(within(None, async { 8 }).await, Some(8));
    }

    #[tokio::test]
    async fn an_earlier_moment_is_not_slept_through() {
        let timer = Timer::new();
        let mut long = timer.at(late());
        assert!(poll_fn(|cx| Poll::Ready(long.poll(cx))).await.is_pending());
        let both = timer.at(late());
        let short = timer.at(soon()).limit(pending::<()>());
        assert_eq!(both.limit(short).await, Some(None));
    }

    #[tokio::test]
    async fn what_is_dropped_leaves_nothing_and_ends_the_thread() {
        let timer = Timer::new();
        let mut alarm = timer.at(late());
        assert!(poll_fn(|cx| Poll::Ready(alarm.poll(cx))).await.is_pending());
        assert_eq!(timer.shared.lock().sleepers.len(), 1);
        drop(alarm);
        assert!(timer.shared.lock().sleepers.is_empty());
        let shared = Arc::downgrade(&timer.shared);
        drop(timer);
        while shared.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
