//! Loads are for images: one whose image would find no place in the pool is not begun, and none is begun long before the
//! image can be made, so that few sources are in memory at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// How long loads take, and jobs.
    load_time: Duration,
    job_time: Duration,
}

impl Loads {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            running: 0,
            line: BTreeMap::new(),
            next: 0,
            load_time: Duration::ZERO,
            job_time: Duration::ZERO,
        }
    }

    /// How many sources are in memory or on their way while so many threads have other images to make: as many as are made
    /// in the time of a load, and a half more; and a few, for neither takes the same time always.
    fn ahead(&self, threads: usize) -> usize {
        let few = threads.saturating_mul(4);
        let one = self.job_time.as_nanos();
        let all = self.load_time.as_nanos().saturating_mul(threads as u128);
        let made = all.checked_div(one).unwrap_or(0);
        let ahead = made.saturating_add(made / 2);
        few.saturating_add(usize::try_from(ahead).unwrap_or(usize::MAX))
    }

    /// A load is over. That others took longer is forgotten slowly, for a thread that waits costs more than a source in memory.
    fn heed_load(&mut self, time: Duration) {
        self.load_time = mean(self.load_time, time).max(time);
    }

    /// A job is over.
    pub(super) fn heed_job(&mut self, time: Duration) {
        self.job_time = if self.job_time.is_zero() {
            time
        } else {
            mean(self.job_time, time)
        };
    }
}

/// The mean of the last eight or so.
fn mean(before: Duration, last: Duration) -> Duration {
    before.saturating_mul(7).saturating_add(last) / 8
}

/// A load that is under way, until its image is submitted or waits for other sources.
pub(in crate::transform) struct Loading {
    shared: Arc<Shared>,
    began: Instant,
}

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
        shared.has_place(&mut state) && state.loads.line.len() < shared.places(&state)
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
    /// Whether the threads have enough to do for now: their next images are at hand, and those after them too or on their way.
    fn is_ahead(&self, state: &State) -> bool {
        let (threads, waiting) = (self.threads.get(), state.waiting.len());
        waiting >= threads && waiting + state.loads.running >= state.loads.ahead(threads)
    }

    fn may_load(&self, state: &State) -> bool {
        let Loads { running, limit, .. } = state.loads;
        let is_idle = state.taken < self.threads.get();
        let is_wanted = !self.is_ahead(state) && state.taken + running < self.room();
        running < limit && (is_idle || is_wanted)
    }

    /// How many may wait for their turn to load.
    fn places(&self, state: &State) -> usize {
        match self.room().saturating_sub(state.taken) {
            0 => 0,
            free if self.is_ahead(state) => free,
            _ => usize::MAX,
        }
    }

    /// How many wait for their turn to load because the threads have enough to do: it is them that these wait for, not the
    /// origin.
    pub(super) fn held(&self, state: &State) -> usize {
        if self.is_ahead(state) {
            state.loads.line.len()
        } else {
            0
        }
    }

    /// Takes a place in the line, where there is anything to wait for.
    fn enter(self: &Arc<Self>) -> Result<Place, Verdict> {
        let mut state = self.lock();
        let has_place = self.has_place(&mut state);
        let loads = &state.loads;
        if loads.line.is_empty() && has_place && self.may_load(&state) {
            return Err(Ok(self.begin(&mut state)));
        }
        if loads.line.len() >= self.places(&state) {
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

    fn begin(self: &Arc<Self>, state: &mut State) -> Loading {
        state.loads.running += 1;
        Loading {
            shared: Arc::clone(self),
            began: Instant::now(),
        }
    }

    /// Has those load whose turn it is, and refuses those for whom there is no place any more, the last first.
    pub(super) fn call_next(self: &Arc<Self>) {
        let mut called = Vec::new();
        let mut state = self.lock();
        while self.may_load(&state)
            && let Some((_, first)) = state.loads.line.pop_first()
        {
            called.push((first, Ok(self.begin(&mut state))));
        }
        while state.loads.line.len() > self.places(&state)
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
        let mut state = self.shared.lock();
        state.loads.running -= 1;
        state.loads.heed_load(self.began.elapsed());
        drop(state);
        self.shared.call_next();
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::super::{Job, Queue, Turn};
    use super::*;

    struct Short(oneshot::Sender<()>);

    impl Job for Short {
        fn is_abandoned(&self) -> bool {
            self.0.is_closed()
        }

        fn run(self: Box<Self>, _queue: &Queue<'_>) -> Turn {
            std::thread::sleep(Duration::from_micros(100));
            Turn::Over(Box::new(move || {
                let _ = self.0.send(());
            }))
        }
    }

    /// Loads, and has an image made. Whether it was refused.
    async fn image(pool: Arc<Pool>, number: u64) -> bool {
        let Ok(loading) = pool.admit().await else {
            return true;
        };
        tokio::time::sleep(Duration::from_micros(number % 7 * 100)).await;
        let (sender, made) = oneshot::channel();
        if pool.submit(Short(sender)).is_err() {
            return true;
        }
        drop(loading);
        made.await.unwrap();
        false
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_whoever_leaves() {
        let (mut made, mut refused) = (0, 0);
        for (threads, queue, loads) in [(1, 0, 1), (2, 3, 2), (3, 5, usize::MAX)] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let pool = Arc::new(Pool::new(threads, queue, loads));
            let begin = |number| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move {
                    // Some come later, and some don't wait for long.
                    tokio::time::sleep(Duration::from_millis(number / 40 * 3)).await;
                    let patience = if number % 3 == 0 {
                        Duration::from_micros(number % 11 * 200)
                    } else {
                        Duration::from_secs(60)
                    };
                    tokio::time::timeout(patience, image(pool, number)).await
                })
            };
            for image in (0..600).map(begin).collect::<Vec<_>>() {
                match image.await.unwrap() {
                    Ok(false) => made += 1,
                    Ok(true) => refused += 1,
                    Err(_) => {}
                }
            }
            // What was left is skipped, or made for nobody.
            while pool.usage() != (0, 0) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert_eq!(pool.loads_running(), 0);
            assert!(pool.shared.lock().loads.line.is_empty());
            assert!(pool.has_room());
        }
        assert!(made > 0 && refused > 0, "{made} {refused}");
    }

    #[test]
    fn sources_are_ahead_by_as_many_as_are_made_in_the_time_of_a_load() {
        let ms = Duration::from_millis;
        let mut loads = Loads::new(64);
        // As long as nothing is known.
        assert_eq!(loads.ahead(2), 8);
        loads.heed_load(ms(100));
        assert_eq!(loads.ahead(2), 8);
        loads.heed_job(ms(20));
        assert_eq!(loads.ahead(2), 8 + 10 + 5);
        assert_eq!(loads.ahead(4), 16 + 20 + 10);
        // A longer one holds at once, a shorter one by and by.
        loads.heed_load(ms(200));
        assert_eq!(loads.ahead(2), 8 + 20 + 10);
        loads.heed_load(ms(120));
        assert_eq!(loads.ahead(2), 8 + 19 + 9);
        for _ in 0..100 {
            loads.heed_load(ms(1));
            loads.heed_job(ms(1));
        }
        assert_eq!(loads.ahead(2), 8 + 2 + 1);
        loads.heed_load(Duration::MAX);
        assert_eq!(loads.ahead(usize::MAX), usize::MAX);
    }
}
