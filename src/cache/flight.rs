//! One making for all requests that want the same at the same time.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use super::State;
use super::entry::Entry;
use super::key::Key;
use crate::guard::{Rejection, RejectionKind};
use crate::joint::{Joint, Registry, lock};

/// Comes to what a request is answered with.
pub(super) type Making = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Begins it once more.
pub(super) type Again = Box<dyn FnMut() -> Making + Send>;

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// For everybody. `found`: it was kept from before.
    Image { entry: Arc<Entry>, found: bool },
    /// For one request alone.
    Private(Arc<Entry>),
    /// For everybody who asked meanwhile.
    Refused { why: Rejection, found: bool },
}

/// What is being made.
#[derive(Debug, Default)]
pub(super) struct Flights(Registry<Key, Flight>);

pub(super) struct Flight {
    joint: Joint<Stage>,
    again: Mutex<Again>,
    /// How often something was removed before it began: what came later must not join.
    purges: u64,
    over: AtomicBool,
    /// Whether a request has been told that it was made for it.
    claimed: AtomicBool,
}

enum Stage {
    Running(Attempt),
    Done(Outcome),
    /// It was for one request alone, which has it.
    Taken,
}

/// What panics is tried once more.
struct Attempt {
    making: Making,
    retried: bool,
}

impl Attempt {
    fn new(making: Making) -> Self {
        Self {
            making,
            retried: false,
        }
    }

    fn poll(&mut self, again: &Mutex<Again>, cx: &mut Context<'_>) -> Poll<Outcome> {
        loop {
            let making = self.making.as_mut();
            match catch_unwind(AssertUnwindSafe(|| making.poll(cx))) {
                Ok(polled) => return polled,
                Err(_) if self.retried => return Poll::Ready(panicked()),
                Err(_) => {
                    *self = Self {
                        making: lock(again)(),
                        retried: true,
                    }
                }
            }
        }
    }
}

fn panicked() -> Outcome {
    let why = Rejection::new(RejectionKind::Internal, "the inner service panicked twice");
    Outcome::Refused { why, found: false }
}

impl Flights {
    /// Joins a making, or begins one; tells whether it did.
    pub(super) fn join(
        &self,
        key: Key,
        purges: u64,
        begin: impl FnOnce() -> (Making, Again),
    ) -> (Ticket, bool) {
        let mut is_new = false;
        let may_join =
            |flight: &Flight| flight.purges == purges && !flight.over.load(Ordering::Acquire);
        let flight = self.0.join(key, may_join, |_| {
            is_new = true;
            let (making, again) = begin();
            Flight {
                joint: Joint::new(Stage::Running(Attempt::new(making))),
                again: Mutex::new(again),
                purges,
                over: AtomicBool::new(false),
                claimed: AtomicBool::new(false),
            }
        });
        let ticket = Ticket {
            waiter: flight.joint.enter(),
            flight,
            own: None,
        };
        (ticket, is_new)
    }
}

impl Flight {
    /// `None`: somebody else has it for himself alone.
    fn poll(&self, stage: &mut Stage, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        if let Stage::Running(attempt) = stage {
            let outcome = ready!(attempt.poll(&self.again, cx));
            self.over.store(true, Ordering::Release);
            if matches!(outcome, Outcome::Private(_)) {
                *stage = Stage::Taken;
                return Poll::Ready(Some(outcome));
            }
            *stage = Stage::Done(outcome);
        }
        Poll::Ready(match stage {
            Stage::Done(outcome) => Some(outcome.clone()),
            Stage::Running(_) | Stage::Taken => None,
        })
    }

    fn recover(&self, stage: &mut Stage) {
        if matches!(stage, Stage::Running(_)) {
            self.over.store(true, Ordering::Release);
            *stage = Stage::Done(panicked());
        }
    }

    /// Of those that share it, one is told that it was made for it.
    fn state(&self, outcome: &Outcome) -> State {
        match outcome {
            Outcome::Image { found: true, .. } | Outcome::Refused { found: true, .. } => State::Hit,
            Outcome::Private(_) => State::Miss,
            _ if self.claimed.swap(true, Ordering::Relaxed) => State::Coalesced,
            _ => State::Miss,
        }
    }
}

/// A request's part in a making. With the last of them, it is dropped.
pub(super) struct Ticket {
    flight: Arc<Flight>,
    waiter: u64,
    /// What is made for this request alone, where it may not be shared.
    own: Option<Attempt>,
}

impl Ticket {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Outcome, State)> {
        let flight = &*self.flight;
        loop {
            if let Some(own) = &mut self.own {
                let outcome = ready!(own.poll(&flight.again, cx));
                let state = match &outcome {
                    Outcome::Image { found: true, .. } => State::Hit,
                    _ => State::Miss,
                };
                return Poll::Ready((outcome, state));
            }
            let go_on = |stage: &mut Stage, cx: &mut Context<'_>| flight.poll(stage, cx);
            let recover = |stage: &mut Stage| flight.recover(stage);
            let shared = flight.joint.poll(self.waiter, cx, go_on, recover);
            match ready!(shared) {
                Some(outcome) => {
                    let state = flight.state(&outcome);
                    return Poll::Ready((outcome, state));
                }
                None => self.own = Some(Attempt::new(lock(&flight.again)())),
            }
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.flight.joint.leave(self.waiter);
    }
}
