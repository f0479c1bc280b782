//! A fixed number of threads for image jobs, and a queue with an end.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use self::admission::Loads;
pub(super) use self::admission::{Loading, Part};
use crate::guard::{Rejection, RejectionKind};

mod admission;

/// The stack of a worker: as large as a main thread's usually is, for decoders that recurse.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Runs jobs on threads of its own. The threads are started as jobs come, and end after the pool is dropped and the
/// jobs in its queue are done.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    threads: NonZeroUsize,
    queue: AtomicUsize,
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    waiting: VecDeque<BoxedJob>,
    /// How many were submitted and are not over.
    taken: usize,
    loads: Loads,
    started: usize,
    closed: bool,
}

impl State {
    /// Takes the jobs out that nobody waits for any more.
    fn take_abandoned(&mut self) -> Vec<BoxedJob> {
        // Most often there are none, and it is asked for every request that is refused.
        if !self.waiting.iter().any(|job| job.is_abandoned()) {
            return Vec::new();
        }
        let all = std::mem::take(&mut self.waiting);
        let (left, waiting): (Vec<_>, Vec<_>) = all.into_iter().partition(|job| job.is_abandoned());
        self.waiting = waiting.into();
        self.taken -= left.len();
        left
    }
}

/// What a thread of the pool does, in one turn or in several.
pub(super) trait Job: Send {
    /// Whether nobody waits for it any more: it may then be dropped.
    fn is_abandoned(&self) -> bool;

    /// Its turn.
    fn run(self: Box<Self>, queue: &Queue<'_>) -> Turn;
}

pub(super) type BoxedJob = Box<dyn Job>;

/// How a job's turn ended.
pub(super) enum Turn {
    /// The job is over. What tells its result is called when its room is free again, for whoever hears it may come with
    /// the next.
    Over(Box<dyn FnOnce() + Send>),
    /// It was put where somebody will [resume](Queue::resume) it, and keeps its room until then.
    Parked,
}

/// The queue, as a job sees it.
pub(super) struct Queue<'a>(&'a Shared);

impl Queue<'_> {
    /// Gives jobs that were parked their next turn, before all that had none.
    pub(super) fn resume(&self, jobs: Vec<BoxedJob>) {
        let mut state = self.0.lock();
        for job in jobs.into_iter().rev() {
            state.waiting.push_front(job);
        }
        drop(state);
        self.0.wake.notify_all();
    }
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// As many jobs wait as may.
    Full,
    /// The system gave us no thread to run it on.
    NoThread,
}

impl Refused {
    pub(super) fn rejection(self) -> Rejection {
        let reason = match self {
            Self::Full => "the queue of image jobs is full",
            Self::NoThread => "the system has no thread for an image job",
        };
        Rejection::new(RejectionKind::Overloaded, reason)
    }
}

/// Something panicked, and panicked again when it was tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

impl Pool {
    /// A pool of so many threads, with room for so many jobs to wait, and that many loads at a time.
    pub(super) fn new(threads: NonZeroUsize, queue: usize, loads: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                threads,
                queue: AtomicUsize::new(queue),
                state: Mutex::new(State {
                    waiting: VecDeque::new(),
                    taken: 0,
                    loads: Loads::new(loads),
                    started: 0,
                    closed: false,
                }),
                wake: Condvar::new(),
            }),
        }
    }

    pub(super) fn threads(&self) -> NonZeroUsize {
        self.shared.threads
    }

    pub(super) fn queue(&self) -> usize {
        self.shared.queue.load(Ordering::Relaxed)
    }

    /// Lets so many jobs wait from now on. Those that wait stay.
    pub(super) fn set_queue(&self, queue: usize) {
        self.shared.queue.store(queue, Ordering::Relaxed);
        self.shared.call_next();
    }

    /// How many jobs run, and how many wait, with those whose sources are not loaded yet because of these.
    pub(super) fn usage(&self) -> (usize, usize) {
        let state = self.shared.lock();
        let running = state.taken.min(self.shared.threads.get());
        let held = self.shared.held(&state);
        (running, state.taken - running + held)
    }

    /// Has a job done. One that is abandoned before its turn comes is skipped.
    pub(super) fn submit(&self, job: impl Job + 'static) -> Result<(), Refused> {
        let shared = &self.shared;
        // Dropped after the lock.
        let mut left = Vec::new();
        let mut state = shared.lock();
        if !shared.has_place(&mut state, &mut left) {
            return Err(Refused::Full);
        }
        if state.started < shared.threads.get() && state.started <= state.taken {
            match Self::start_thread(shared) {
                Ok(()) => state.started += 1,
                // Those that run already will come to it.
                Err(_) if state.started > 0 => {}
                Err(_) => return Err(Refused::NoThread),
            }
        }
        state.taken += 1;
        state.waiting.push_back(Box::new(job));
        drop(state);
        shared.wake.notify_one();
        shared.call_next();
        Ok(())
    }

    /// Lets go of the jobs that nobody waits for any more, and of what they hold.
    pub(super) fn drop_abandoned(&self) {
        let left = self.shared.lock().take_abandoned();
        if !left.is_empty() {
            drop(left);
            self.shared.call_next();
        }
    }

    fn start_thread(shared: &Arc<Shared>) -> std::io::Result<()> {
        let shared = Arc::clone(shared);
        thread::Builder::new()
            .name(String::from("imgward-image"))
            .stack_size(STACK_BYTES)
            .spawn(move || shared.work())
            .map(drop)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.shared.threads)
            .field("queue", &self.queue())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a poisoned state is still a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many jobs may run and wait.
    fn room(&self) -> usize {
        let queue = self.queue.load(Ordering::Relaxed);
        self.threads.get().saturating_add(queue)
    }

    /// Whether one more job is taken. What is abandoned takes no room; it is left to be dropped without the lock.
    fn has_place(&self, state: &mut State, left: &mut Vec<BoxedJob>) -> bool {
        let room = self.room();
        if state.taken >= room {
            left.extend(state.take_abandoned());
        }
        state.taken < room
    }

    /// The life of a thread.
    fn work(self: &Arc<Self>) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                let began = Instant::now();
                state.loads.begin_turn(began);
                drop(state);
                self.call_next();
                // What a job must not let out costs that job.
                let turn = catch_unwind(AssertUnwindSafe(|| {
                    (!job.is_abandoned()).then(|| job.run(&Queue(self)))
                }));
                state = self.lock();
                state.loads.end_turn();
                let tell = match turn {
                    Ok(Some(Turn::Parked)) => continue,
                    Ok(Some(Turn::Over(tell))) => {
                        state.loads.heed_job(began.elapsed());
                        Some(tell)
                    }
                    Ok(None) | Err(_) => None,
                };
                state.taken -= 1;
                drop(state);
                self.call_next();
                if let Some(tell) = tell {
                    let _ = catch_unwind(AssertUnwindSafe(tell));
                }
                state = self.lock();
            } else if state.closed {
                return;
            } else {
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// Does `work`, once more where it panics.
pub(super) fn twice<T>(work: impl Fn() -> T) -> Result<T, Panicked> {
    // A job only reads what it shares with others, so nothing is left half done where it panics.
    let attempt = || catch_unwind(AssertUnwindSafe(&work));
    attempt().or_else(|_| attempt()).map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    type Receiver<T> = oneshot::Receiver<Result<T, Panicked>>;

    struct Task<W, T> {
        work: W,
        answer: oneshot::Sender<Result<T, Panicked>>,
    }

    impl<W: Fn() -> T + Send, T: Send + 'static> Job for Task<W, T> {
        fn is_abandoned(&self) -> bool {
            self.answer.is_closed()
        }

        fn run(self: Box<Self>, _queue: &Queue<'_>) -> Turn {
            let result = twice(self.work);
            let answer = self.answer;
            Turn::Over(Box::new(move || drop(answer.send(result))))
        }
    }

    impl Pool {
        fn task<T: Send + 'static>(
            &self,
            work: impl Fn() -> T + Send + 'static,
        ) -> Result<Receiver<T>, Refused> {
            let (answer, receiver) = oneshot::channel();
            self.submit(Task { work, answer }).map(|()| receiver)
        }
    }

    fn pool(threads: usize, queue: usize) -> Pool {
        Pool::new(NonZeroUsize::new(threads).unwrap(), queue, usize::MAX)
    }

    /// A job that runs until the sender is dropped, and a receiver that hears when it begins.
    fn blocker(pool: &Pool) -> (mpsc::Sender<()>, Receiver<()>) {
        let (release, blocked) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        let blocked = Mutex::new(blocked);
        let receiver = pool
            .task(move || {
                begun.send(()).unwrap();
                let _ = blocked
                    .lock()
                    .unwrap()
                    .recv_timeout(Duration::from_secs(30));
            })
            .unwrap();
        begins.recv().unwrap();
        (release, receiver)
    }

    #[test]
    fn a_job_is_answered() {
        let pool = pool(2, 0);
        assert_eq!(pool.task(|| 42).unwrap().blocking_recv(), Ok(Ok(42)));
    }

    #[test]
    fn a_full_queue_refuses() {
        let pool = pool(1, 1);
        let (release, first) = blocker(&pool);
        assert!(pool.has_room());
        let second = pool.task(|| 2).unwrap();
        assert!(!pool.has_room());
        assert_eq!(pool.task(|| 3).unwrap_err(), Refused::Full);
        drop(release);
        assert_eq!(first.blocking_recv(), Ok(Ok(())));
        assert_eq!(second.blocking_recv(), Ok(Ok(2)));
    }

    #[test]
    fn another_queue_holds_from_then_on() {
        let pool = pool(1, 0);
        let (release, first) = blocker(&pool);
        assert_eq!(pool.task(|| 2).unwrap_err(), Refused::Full);
        pool.set_queue(1);
        let second = pool.task(|| 2).unwrap();
        assert_eq!(pool.usage(), (1, 1));
        pool.set_queue(0);
        assert_eq!(pool.task(|| 3).unwrap_err(), Refused::Full);
        drop(release);
        assert_eq!(first.blocking_recv(), Ok(Ok(())));
        assert_eq!(second.blocking_recv(), Ok(Ok(2)));
    }

    #[test]
    fn without_a_queue_as_many_run_as_there_are_threads() {
        let pool = pool(2, 0);
        let _first = blocker(&pool);
        let _second = blocker(&pool);
        assert_eq!(pool.task(|| ()).unwrap_err(), Refused::Full);
    }

    #[test]
    fn who_has_the_answer_has_its_room() {
        let pool = pool(1, 0);
        for turn in 0..1_000 {
            let job = pool.task(move || turn).unwrap();
            assert_eq!(job.blocking_recv(), Ok(Ok(turn)));
        }
    }

    #[test]
    fn a_job_that_nobody_waits_for_is_skipped_and_takes_no_room() {
        let pool = pool(1, 1);
        let (release, first) = blocker(&pool);
        let runs = Arc::new(AtomicUsize::new(0));
        let count = |by: usize| {
            let runs = Arc::clone(&runs);
            move || runs.fetch_add(by, Ordering::Relaxed)
        };
        drop(pool.task(count(100)).unwrap());
        let wanted = pool.task(count(1)).unwrap();
        drop(release);
        assert_eq!(first.blocking_recv(), Ok(Ok(())));
        assert_eq!(wanted.blocking_recv(), Ok(Ok(0)));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn row_95_a_panic_is_tried_again_once_and_costs_one_job() {
        let pool = pool(1, 8);
        for (panics, answer) in [(1, Ok(2)), (2, Err(Panicked))] {
            let runs = AtomicUsize::new(0);
            let result = pool.task(move || {
                let run = runs.fetch_add(1, Ordering::Relaxed) + 1;
                assert!(run > panics, "a codec panics");
                run
            });
            assert_eq!(result.unwrap().blocking_recv(), Ok(answer), "{panics}");
        }
        assert_eq!(pool.task(|| 7).unwrap().blocking_recv(), Ok(Ok(7)));
    }

    #[test]
    fn the_threads_end_with_the_pool_and_what_waits_is_done_first() {
        struct Gone(mpsc::Sender<()>);
        impl Drop for Gone {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        thread_local!(static GONE: std::cell::RefCell<Option<Gone>> = const { std::cell::RefCell::new(None) });

        let pool = pool(1, 2);
        let (ended, ends) = mpsc::channel();
        let marked = pool.task(move || {
            GONE.with(|gone| *gone.borrow_mut() = Some(Gone(ended.clone())));
        });
        assert_eq!(marked.unwrap().blocking_recv(), Ok(Ok(())));
        let (release, _first) = blocker(&pool);
        let waiting = pool.task(|| 5).unwrap();
        drop(pool);
        assert_eq!(ends.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop(release);
        assert_eq!(waiting.blocking_recv(), Ok(Ok(5)));
        assert_eq!(ends.recv_timeout(Duration::from_secs(30)), Ok(()));
    }
}
