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
    line: BTreeMap<u64, Waiter>,
    /// How many images there are among them: other loads are of the same images.
    images: usize,
    next: u64,
    /// How long loads take, and jobs.
    load_time: Duration,
    job_time: Duration,
    /// When a thread took the last job, where it is still at it.
    last_begun: Option<Instant>,
}

struct Waiter {
    part: Part,
    sender: oneshot::Sender<Verdict>,
}

/// What a load is of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transform) enum Part {
    /// What it is made of. It stands for the image, which takes one place.
    Main,
    /// What may turn out to be as it was, or comes beside another.
    Other,
}

impl Loads {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            running: 0,
            line: BTreeMap::new(),
            images: 0,
            next: 0,
            load_time: Duration::ZERO,
            job_time: Duration::ZERO,
            last_begun: None,
        }
    }

    /// How many images so many threads make in the time of a load. A job that is not over counts with the time that it has
    /// taken.
    fn made_meanwhile(&self, threads: usize, now: Instant) -> usize {
        let begun = self
            .last_begun
            .map(|begun| now.saturating_duration_since(begun));
        let one = self.job_time.max(begun.unwrap_or_default()).as_nanos();
        let all = self.load_time.as_nanos().saturating_mul(threads as u128);
        // Where no job has begun yet, nothing says that it will be few.
        let made = all
            .checked_div(one)
            .unwrap_or(if all > 0 { u128::MAX } else { 0 });
        usize::try_from(made).unwrap_or(usize::MAX)
    }

    fn leave_line(&mut self, number: u64) -> Option<Waiter> {
        let waiter = self.line.remove(&number)?;
        self.images -= usize::from(waiter.part == Part::Main);
        Some(waiter)
    }

    /// A load is over. That others took longer is forgotten slowly, for a thread that waits costs more than a source in memory.
    fn heed_load(&mut self, time: Duration) {
        self.load_time = mean(self.load_time, time).max(time);
    }

    pub(super) fn begin_turn(&mut self, now: Instant) {
        self.last_begun = Some(now);
    }

    /// Of those that run elsewhere, the next to begin is looked at.
    pub(super) fn end_turn(&mut self) {
        self.last_begun = None;
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

/// What is to be said to those in the line.
struct Outlook {
    /// The threads have enough to do for now: their next images are at hand, and those after them too or on their way.
    is_ahead: bool,
    /// By the time that one more load is over, there will be a place for its image.
    has_place: bool,
    /// How many images may wait for their loads because the threads have enough to do.
    places: usize,
}

/// The mean of the last eight or so.
fn mean(before: Duration, last: Duration) -> Duration {
    before.saturating_mul(7).saturating_add(last) / 8
}

/// A load that is under way, until its image is submitted or waits for other sources.
pub(in crate::transform) struct Loading {
    shared: Arc<Shared>,
    /// `None`: the source has come.
    began: Option<Instant>,
}

impl Loading {
    /// The source has come.
    pub(in crate::transform) fn came(&mut self) {
        if let Some(began) = self.began.take() {
            self.shared.lock().loads.heed_load(began.elapsed());
        }
    }
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
        // Dropped after the lock.
        let mut left = Vec::new();
        let mut state = shared.lock();
        shared.has_place(&mut state, &mut left)
            && state.loads.images < shared.outlook(&state).places
    }

    /// Comes when one more load may begin. As long as a thread has nothing to do, that is when fewer run than may at a time;
    /// else when its image is one of the next.
    ///
    /// # Errors
    ///
    /// [`Refused::Full`] when there is no place left for the image, so that the load would most likely be in vain.
    pub(in crate::transform) async fn admit(&self, part: Part) -> Verdict {
        let mut place = self.shared.enter(part);
        self.shared.call_next();
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
    fn outlook(&self, state: &State) -> Outlook {
        let (threads, room) = (self.threads.get(), self.room());
        let (taken, waiting) = (state.taken, state.waiting.len());
        let Loads { running, .. } = state.loads;
        let made = state.loads.made_meanwhile(threads, Instant::now());
        // As many as are made in the time of a load, and a half more; and a few, for neither takes the same time always.
        let ahead = threads
            .saturating_mul(4)
            .saturating_add(made)
            .saturating_add(made / 2);
        let is_ahead = waiting >= threads && waiting + running >= ahead;
        let then = room.saturating_add(made);
        let places = if taken >= then {
            0
        } else if is_ahead {
            room.saturating_sub(taken)
        } else {
            usize::MAX
        };
        Outlook {
            is_ahead,
            has_place: taken + running < then,
            places,
        }
    }

    fn may_load(&self, state: &State) -> bool {
        let is_idle = state.taken < self.threads.get();
        let is_wanted = || {
            let outlook = self.outlook(state);
            !outlook.is_ahead && outlook.has_place
        };
        state.loads.running < state.loads.limit && (is_idle || is_wanted())
    }

    /// How many images wait for their turn to load because the threads have enough to do: it is them that these wait for, not
    /// the origin.
    pub(super) fn held(&self, state: &State) -> usize {
        if self.outlook(state).is_ahead {
            state.loads.images
        } else {
            0
        }
    }

    /// Takes a place in the line.
    fn enter(self: &Arc<Self>, part: Part) -> Place {
        let (sender, verdict) = oneshot::channel();
        let mut state = self.lock();
        let loads = &mut state.loads;
        let number = loads.next;
        loads.next += 1;
        loads.images += usize::from(part == Part::Main);
        loads.line.insert(number, Waiter { part, sender });
        Place {
            shared: Arc::clone(self),
            number,
            verdict,
        }
    }

    fn begin(self: &Arc<Self>, state: &mut State) -> Loading {
        state.loads.running += 1;
        Loading {
            shared: Arc::clone(self),
            began: Some(Instant::now()),
        }
    }

    /// Has those load whose turn it is, and refuses the images for which there is no place any more, the last first.
    pub(super) fn call_next(self: &Arc<Self>) {
        let mut called = Vec::new();
        let mut left = Vec::new();
        let mut state = self.lock();
        while self.may_load(&state)
            && let Some(&first) = state.loads.line.keys().next()
            && let Some(waiter) = state.loads.leave_line(first)
        {
            called.push((waiter, Ok(self.begin(&mut state))));
        }
        if state.loads.images > self.outlook(&state).places {
            left = state.take_abandoned();
        }
        let over = state
            .loads
            .images
            .saturating_sub(self.outlook(&state).places);
        let line = state.loads.line.iter().rev();
        let images = line.filter(|(_, waiter)| waiter.part == Part::Main);
        let last: Vec<u64> = images.map(|(&number, _)| number).take(over).collect();
        for number in last {
            let waiter = state.loads.leave_line(number);
            called.extend(waiter.map(|waiter| (waiter, Err(Refused::Full))));
        }
        // Who hears of it may be woken at once, or gone, so that its load is over: both take the lock. What a job held is let
        // go of without it, too.
        drop(state);
        drop(left);
        for (waiter, verdict) in called {
            drop(waiter.sender.send(verdict));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let waiter = self.shared.lock().loads.leave_line(self.number);
        drop(waiter);
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.came();
        self.shared.lock().loads.running -= 1;
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
        let Ok(loading) = pool.admit(Part::Main).await else {
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

    #[tokio::test]
    async fn who_waits_for_a_load_is_not_refused_while_images_are_made_faster_than_loaded() {
        let pool = Arc::new(Pool::new(NonZeroUsize::MIN, 0, 1));
        let admit = || {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.admit(Part::Main).await })
        };
        let first = admit().await.unwrap().ok();
        let waiting = [admit(), admit()];
        tokio::task::yield_now().await;
        let job_takes = |time: Duration| {
            let mut state = pool.shared.lock();
            state.loads.load_time = Duration::from_secs(3600);
            state.loads.job_time = time;
            state.loads.last_begun = None;
        };
        // The only place is taken, but most likely no more when the next load is over.
        job_takes(Duration::from_secs(1));
        pool.shared.lock().taken += 1;
        drop(first);
        tokio::task::yield_now().await;
        assert_eq!(pool.loads_running(), 1);
        // Now it will be.
        job_takes(Duration::from_secs(36_000));
        pool.shared.call_next();
        let [second, third] = waiting;
        assert!(second.await.unwrap().is_ok());
        assert_eq!(third.await.unwrap().err(), Some(Refused::Full));
    }

    #[test]
    fn what_is_made_in_the_time_of_a_load_follows_from_both() {
        let ms = Duration::from_millis;
        let now = Instant::now();
        let mut loads = Loads::new(64);
        // As long as nothing is known.
        assert_eq!(loads.made_meanwhile(2, now), 0);
        loads.heed_load(ms(100));
        assert_eq!(loads.made_meanwhile(2, now), usize::MAX);
        // The job that runs takes at least as long as it has.
        loads.begin_turn(now);
        assert_eq!(loads.made_meanwhile(2, now + ms(10)), 20);
        loads.end_turn();
        loads.heed_job(ms(20));
        assert_eq!(loads.made_meanwhile(2, now + ms(100)), 10);
        loads.begin_turn(now);
        assert_eq!(loads.made_meanwhile(2, now), 10);
        assert_eq!(loads.made_meanwhile(4, now), 20);
        assert_eq!(loads.made_meanwhile(2, now + ms(40)), 5);
        // A longer load holds at once, a shorter one by and by.
        loads.heed_load(ms(200));
        assert_eq!(loads.made_meanwhile(2, now), 20);
        loads.heed_load(ms(120));
        assert_eq!(loads.made_meanwhile(2, now), 19);
        for _ in 0..100 {
            loads.heed_load(ms(1));
            loads.heed_job(ms(1));
        }
        assert_eq!(loads.made_meanwhile(2, now), 2);
        loads.heed_load(Duration::MAX);
        assert_eq!(loads.made_meanwhile(usize::MAX, now), usize::MAX);
    }
}
