//! Loads are for images: one whose image would find no place in the pool is not begun, and none is begun long before the
//! image can be made, so that few sources are in memory at a time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Pool, Refused, Shared, State};

type Verdict = Result<Loading, Refused>;

/// The loads of a pool's images.
pub(super) struct Loads {
    /// How many may run at a time.
    limit: usize,
    /// How many do.
    running: usize,
    /// Those who wait for their turn, by when they came.
    line: BTreeMap<u64, oneshot::Sender<Verdict>>,
    next: u64,
    /// How many sources are in memory or on their way while the threads have other images to make. It follows how many
    /// images are made in the time of a load.
    ahead: usize,
    least_ahead: usize,
}

impl Loads {
    pub(super) fn new(threads: NonZeroUsize, limit: usize) -> Self {
        let least_ahead = threads.get().saturating_mul(4);
        Self {
            limit,
            running: 0,
            line: BTreeMap::new(),
            next: 0,
            ahead: least_ahead,
            least_ahead,
        }
    }

    /// How many wait for their turn because the images of others have to be made first: they wait for the threads, not
    /// for the origin.
    pub(super) fn held(&self, waiting_jobs: usize) -> usize {
        if self.is_behind(waiting_jobs) {
            self.line.len()
        } else {
            0
        }
    }

    fn is_behind(&self, waiting_jobs: usize) -> bool {
        waiting_jobs >= self.ahead / 2
    }

    /// A thread took a job, and left so many waiting.
    pub(super) fn heed(&mut self, waiting_jobs: usize, room: usize) {
        if self.is_behind(waiting_jobs) {
            self.ahead = self.least_ahead.max(self.ahead - 1);
        } else if waiting_jobs == 0 && !self.line.is_empty() {
            self.ahead = self.ahead.saturating_mul(2).min(room).max(self.ahead);
        }
    }
}

impl State {
    fn may_load(&self, threads: usize, room: usize) -> bool {
        let Loads {
            running,
            limit,
            ahead,
            ..
        } = self.loads;
        let is_idle = self.taken < threads;
        let is_wanted = self.waiting.len() + running < ahead && self.taken + running < room;
        running < limit && (is_idle || is_wanted)
    }

    /// How many may wait for their turn to load.
    fn places(&self, room: usize) -> usize {
        match room.saturating_sub(self.taken) {
            0 => 0,
            free if self.loads.is_behind(self.waiting.len()) => free,
            _ => usize::MAX,
        }
    }
}

/// A load that is under way, until its image is submitted or waits for other sources.
pub(in crate::transform) struct Loading(Arc<Shared>);

/// A place in the line.
struct Place {
    shared: Arc<Shared>,
    number: u64,
    verdict: oneshot::Receiver<Verdict>,
}

impl Pool {
    /// Whether a load for one more image may begin, or wait for its turn.
    pub(in crate::transform) fn has_room(&self) -> bool {
        let shared = &self.shared;
        let mut state = shared.lock();
        shared.has_place(&mut state) && state.loads.line.len() < state.places(shared.room())
    }

    /// Comes when one more load may begin. As long as a thread has nothing to do, that is when fewer run than may at a time;
    /// else when its image is one of the next.
    ///
    /// # Errors
    ///
    /// [`Refused::Full`] when there is no place left for the image, so that the load would most likely be in vain.
    pub(in crate::transform) async fn admit(&self) -> Verdict {
        let mut place = match self.shared.enter() {
            Ok(place) => place,
            Err(verdict) => return verdict,
        };
        // The sender is dropped by the place alone.
        (&mut place.verdict).await.unwrap_or(Err(Refused::Full))
    }

    /// Lets so many loads run at a time from now on. Those that run go on.
    pub(in crate::transform) fn set_loads(&self, limit: usize) {
        self.shared.lock().loads.limit = limit;
        self.shared.call_next();
    }

    pub(in crate::transform) fn loads(&self) -> usize {
        self.shared.lock().loads.limit
    }

    pub(in crate::transform) fn loads_running(&self) -> usize {
        self.shared.lock().loads.running
    }
}

impl Shared {
    /// Takes a place in the line, where there is anything to wait for.
    fn enter(self: &Arc<Self>) -> Result<Place, Verdict> {
        let mut state = self.lock();
        let has_place = self.has_place(&mut state);
        let loads = &state.loads;
        if loads.line.is_empty() && has_place && state.may_load(self.threads.get(), self.room()) {
            state.loads.running += 1;
            return Err(Ok(Loading(Arc::clone(self))));
        }
        if loads.line.len() >= state.places(self.room()) {
            return Err(Err(Refused::Full));
        }
        let (sender, verdict) = oneshot::channel();
        let loads = &mut state.loads;
        let number = loads.next;
        loads.next += 1;
        loads.line.insert(number, sender);
        Ok(Place {
            shared: Arc::clone(self),
            number,
            verdict,
        })
    }

    /// Has those load whose turn it is, and refuses those for whom there is no place any more, the last first.
    pub(super) fn call_next(self: &Arc<Self>) {
        let mut called = Vec::new();
        let mut state = self.lock();
        while state.may_load(self.threads.get(), self.room())
            && let Some((_, first)) = state.loads.line.pop_first()
        {
            state.loads.running += 1;
            called.push((first, Ok(Loading(Arc::clone(self)))));
        }
        while state.loads.line.len() > state.places(self.room())
            && let Some((_, last)) = state.loads.line.pop_last()
        {
            called.push((last, Err(Refused::Full)));
        }
        // Who hears of it may be woken at once, or gone, so that its load is over: both take the lock.
        drop(state);
        for (place, verdict) in called {
            drop(place.send(verdict));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let sender = self.shared.lock().loads.line.remove(&self.number);
        drop(sender);
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.0.lock().loads.running -= 1;
        self.0.call_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_ahead_by_as_many_as_are_made_in_the_time_of_a_load() {
        let two = NonZeroUsize::new(2).unwrap();
        let mut loads = Loads::new(two, 64);
        assert_eq!(loads.ahead, 8);
        // Nobody waits to load, so no more would come.
        loads.heed(0, 102);
        assert_eq!(loads.ahead, 8);
        let (sender, _place) = oneshot::channel();
        loads.line.insert(0, sender);
        // The threads run dry.
        for ahead in [16, 32, 64, 102, 102] {
            loads.heed(0, 102);
            assert_eq!(loads.ahead, ahead);
        }
        // They don't, and what has come is less than half.
        loads.heed(50, 102);
        assert_eq!(loads.ahead, 102);
        // More than half has come.
        for ahead in [101, 100, 99] {
            loads.heed(51, 102);
            assert_eq!(loads.ahead, ahead);
        }
        for _ in 0..200 {
            loads.heed(51, 102);
        }
        assert_eq!(loads.ahead, 8);
        // A queue as short as this does not make it shorter.
        loads.heed(0, 3);
        assert_eq!(loads.ahead, 8);
    }
}
