//! One load for all requests that want a source at the same time.
//!
//! Nobody runs a load but those who wait for it: whoever is polled takes it on, and what it is woken by wakes all. So it
//! goes on as long as one of them is there, and is dropped with the last.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Wake, Waker, ready};

use super::load::{Answered, Load, Rest};
use super::origin::{self, Sharing, Source, Target};
use super::original::{Original, Want, Wants};
use crate::guard::Rejection;

/// The loads of a service, and of its clones.
#[derive(Default)]
pub(super) struct Inflight {
    flights: Mutex<Flights>,
}

#[derive(Default)]
struct Flights {
    by_target: HashMap<Target, Weak<Flight>>,
    /// How many there may be before those that are over are cleared away.
    sweep_at: usize,
}

impl Inflight {
    /// Joins the load of a target, or begins one. `want` is what its image is wanted for, if for a recipe of its own.
    pub(super) fn join(
        &self,
        target: Target,
        want: Option<&Arc<Want>>,
        begin: impl FnOnce(&Target) -> (Load, Again),
    ) -> Ticket {
        let mut flights = lock(&self.flights);
        let found = flights.by_target.get(&target).and_then(Weak::upgrade);
        let joined = found.as_ref().filter(|flight| flight.wants.join(want));
        let flight = joined.cloned().unwrap_or_else(|| {
            let (load, again) = begin(&target);
            let flight = Arc::new(Flight::new(load, again));
            flight.wants.join(want);
            flights.insert(target, &flight);
            flight
        });
        drop(flights);
        // After the lock: this may be the last to hold a flight, whose load is not to be dropped under it.
        drop(found);
        Ticket {
            waiter: flight.waiting.enter(),
            flight,
            own: None,
        }
    }
}

impl Flights {
    fn insert(&mut self, target: Target, flight: &Arc<Flight>) {
        if self.by_target.len() >= self.sweep_at {
            self.by_target.retain(|_, flight| flight.strong_count() > 0);
            self.sweep_at = self.by_target.len() * 2 + 64;
        }
        self.by_target.insert(target, Arc::downgrade(flight));
    }
}

impl fmt::Debug for Inflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflight").finish_non_exhaustive()
    }
}

/// Begins the load once more, for one request alone.
pub(super) type Again = Box<dyn FnMut() -> Load + Send>;

struct Flight {
    stage: Mutex<Stage>,
    again: Mutex<Again>,
    wants: Arc<Wants>,
    waiting: Arc<Waiting>,
}

enum Stage {
    /// The origin was asked.
    Asking(Load),
    /// Its answer, which may be shared, is coming in.
    Reading(Rest),
    Done(Result<Arc<Original>, Rejection>),
    /// Its answer may not be shared, and was taken by the request that saw it first.
    Taken,
}

impl Flight {
    fn new(load: Load, again: Again) -> Self {
        Self {
            stage: Mutex::new(Stage::Asking(load)),
            again: Mutex::new(again),
            wants: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// Goes on with the load.
    fn poll(&self, stage: &mut Stage) -> Poll<Shared> {
        let waker = Waker::from(Arc::clone(&self.waiting));
        let cx = &mut Context::from_waker(&waker);
        loop {
            *stage = match stage {
                Stage::Asking(load) => match ready!(load.as_mut().poll(cx)) {
                    Ok(answered) if answered.sharing != Sharing::Public => {
                        *stage = Stage::Taken;
                        self.wants.close();
                        return Poll::Ready(Shared::Mine(answered));
                    }
                    Ok(Answered { rest: Ok(rest), .. }) => Stage::Reading(rest),
                    Ok(Answered { rest: Err(why), .. }) | Err(why) => Stage::Done(Err(why)),
                },
                Stage::Reading(rest) => {
                    let source = ready!(rest.as_mut().poll(cx));
                    Stage::Done(source.map(|source| Original::new(source, &self.wants)))
                }
                Stage::Done(result) => {
                    if result.is_err() {
                        self.wants.close();
                    }
                    return Poll::Ready(Shared::Everybodys(result.clone()));
                }
                Stage::Taken => return Poll::Ready(Shared::Nobodys),
            };
        }
    }
}

/// What a load came to.
enum Shared {
    Everybodys(Result<Arc<Original>, Rejection>),
    /// It is for who sees this alone.
    Mine(Answered),
    /// Somebody else has it.
    Nobodys,
}

/// A request's part in a load.
pub(super) struct Ticket {
    flight: Arc<Flight>,
    waiter: u64,
    /// The load that is not shared, where the answer may not be.
    own: Option<Own>,
}

enum Own {
    Asking(Load),
    Reading(Rest),
}

impl Ticket {
    /// Comes to the source.
    pub(super) fn poll(
        &mut self,
        want: Option<&Arc<Want>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Arc<Original>, Rejection>> {
        loop {
            let own = match &mut self.own {
                None => match ready!(self.poll_shared(cx)) {
                    Shared::Everybodys(result) => return Poll::Ready(result),
                    Shared::Mine(answered) => Own::Reading(answered.rest?),
                    Shared::Nobodys => Own::Asking(lock(&self.flight.again)()),
                },
                Some(Own::Asking(load)) => Own::Reading(ready!(load.as_mut().poll(cx))?.rest?),
                Some(Own::Reading(rest)) => {
                    let source: Source = ready!(rest.as_mut().poll(cx))?;
                    let wants = Arc::new(Wants::default());
                    wants.join(want);
                    return Poll::Ready(Ok(Original::new(source, &wants)));
                }
            };
            self.own = Some(own);
        }
    }

    fn poll_shared(&self, cx: &Context<'_>) -> Poll<Shared> {
        let Flight { stage, waiting, .. } = &*self.flight;
        // Before the load is looked at: who goes on with it meanwhile wakes us.
        waiting.register(self.waiter, cx.waker());
        // Declared before the lock, to be dropped after it, also where the load panics.
        let mut wakes = WakesAll(None);
        let mut stage = match stage.try_lock() {
            Ok(stage) => stage,
            Err(TryLockError::WouldBlock) => return Poll::Pending,
            Err(TryLockError::Poisoned(poisoned)) => {
                let mut stage = poisoned.into_inner();
                if matches!(*stage, Stage::Asking(_) | Stage::Reading(_)) {
                    *stage = Stage::Done(Err(origin::failed("the origin's service panicked")));
                }
                stage
            }
        };
        wakes.0 = Some(waiting);
        lock(&waiting.0).woken = false;
        let polled = self.flight.poll(&mut stage);
        drop(stage);
        if polled.is_ready() {
            waiting.leave(self.waiter);
        } else if !lock(&waiting.0).woken {
            wakes.0 = None;
        }
        // Otherwise it woke those who could not look at it since we did: they must not count on our doing it again.
        polled
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.flight.waiting.leave(self.waiter);
    }
}

/// Wakes all who wait when a load is over, or has panicked.
struct WakesAll<'a>(Option<&'a Arc<Waiting>>);

impl Drop for WakesAll<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = self.0 {
            waiting.wake_by_ref();
        }
    }
}

/// Those who wait for a load.
#[derive(Default)]
struct Waiting(Mutex<Waiters>);

#[derive(Default)]
struct Waiters {
    /// By when they came.
    wakers: BTreeMap<u64, Waker>,
    next: u64,
    /// Whether they were woken since the load was last looked at.
    woken: bool,
}

impl Waiting {
    fn enter(&self) -> u64 {
        let mut waiters = lock(&self.0);
        waiters.next += 1;
        waiters.next
    }

    fn register(&self, waiter: u64, waker: &Waker) {
        let mut waiters = lock(&self.0);
        let entry = waiters.wakers.entry(waiter);
        let known = entry.or_insert_with(|| waker.clone());
        known.clone_from(waker);
    }

    fn leave(&self, waiter: u64) {
        // Dropped after the lock: a waker may be the last to hold a task.
        let waker = lock(&self.0).wakers.remove(&waiter);
        drop(waker);
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Where a thread can panic under such a lock, nothing is half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
