//! One load for all requests that want a source at the same time.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use super::load::{Answered, Coming, Load, Rest};
use super::origin::{self, Said, Sharing, Target};
use super::original::{Original, Want, Wants};
use crate::guard::Rejection;
use crate::joint::{Joint, Registry, lock};

/// The loads of a service, and of its clones.
#[derive(Debug, Default)]
pub(super) struct Inflight {
    flights: Registry<Target, Flight>,
}

impl Inflight {
    /// Joins the load of a target, or begins one. `want` is what its image is wanted for, if for a recipe of its own.
    pub(super) fn join(
        &self,
        target: Target,
        want: Option<&Arc<Want>>,
        begin: impl FnOnce(&Target) -> (Load, Again),
    ) -> Ticket {
        let flight = self.flights.join(
            target,
            |flight| flight.wants.join(want),
            |target| {
                let (load, again) = begin(target);
                let flight = Flight::new(load, again);
                flight.wants.join(want);
                flight
            },
        );
        Ticket {
            waiter: flight.joint.enter(),
            flight,
            own: None,
        }
    }
}

/// Begins the load once more, for one request alone, whether it has changed or not.
pub(super) type Again = Box<dyn FnMut() -> Load + Send>;

struct Flight {
    joint: Joint<Stage>,
    again: Mutex<Again>,
    wants: Arc<Wants>,
}

enum Stage {
    /// The origin was asked.
    Asking(Load),
    /// Its answer, which may be shared, is coming in.
    Reading(Rest),
    Done(Result<Loaded, Rejection>),
    /// Its answer may not be shared, and was taken by the request that saw it first.
    Taken,
}

/// What a source is.
#[derive(Clone)]
pub(super) enum Loaded {
    Original(Arc<Original>),
    /// What it was, by the conditions of its target.
    Unchanged(Said),
}

impl Flight {
    fn new(load: Load, again: Again) -> Self {
        Self {
            joint: Joint::new(Stage::Asking(load)),
            again: Mutex::new(again),
            wants: Arc::default(),
        }
    }

    /// Goes on with the load.
    fn poll(&self, stage: &mut Stage, cx: &mut Context<'_>) -> Poll<Shared> {
        loop {
            *stage = match stage {
                Stage::Asking(load) => match ready!(load.as_mut().poll(cx)) {
                    Ok(answered) if answered.sharing != Sharing::Public => {
                        *stage = Stage::Taken;
                        self.wants.close();
                        return Poll::Ready(Shared::Mine(answered));
                    }
                    Ok(Answered { coming, .. }) => match coming {
                        Ok(Coming::Source(rest)) => Stage::Reading(rest),
                        Ok(Coming::Unchanged(said)) => Stage::Done(Ok(Loaded::Unchanged(said))),
                        Err(why) => Stage::Done(Err(why)),
                    },
                    Err(why) => Stage::Done(Err(why)),
                },
                Stage::Reading(rest) => {
                    let source = ready!(rest.as_mut().poll(cx));
                    let original = |came| Original::new(came, &self.wants);
                    Stage::Done(source.map(original).map(Loaded::Original))
                }
                Stage::Done(result) => {
                    if !matches!(result, Ok(Loaded::Original(_))) {
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
    Everybodys(Result<Loaded, Rejection>),
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
    ) -> Poll<Result<Loaded, Rejection>> {
        loop {
            let answered = match &mut self.own {
                None => match ready!(self.poll_shared(cx)) {
                    Shared::Everybodys(result) => return Poll::Ready(result),
                    Shared::Mine(answered) => Some(answered),
                    Shared::Nobodys => None,
                },
                Some(Own::Asking(load)) => Some(ready!(load.as_mut().poll(cx))?),
                Some(Own::Reading(rest)) => {
                    let came = ready!(rest.as_mut().poll(cx))?;
                    let wants = Arc::new(Wants::default());
                    wants.join(want);
                    let original = Original::new(came, &wants);
                    return Poll::Ready(Ok(Loaded::Original(original)));
                }
            };
            match answered.map(|answered| answered.coming).transpose()? {
                Some(Coming::Source(rest)) => self.own = Some(Own::Reading(rest)),
                // What may not be shared any more is made anew, even though it is what it was.
                Some(Coming::Unchanged(_)) | None => self.reload(),
            }
        }
    }

    /// From now on comes to the source whether it has changed or not.
    pub(super) fn reload(&mut self) {
        self.own = Some(Own::Asking(lock(&self.flight.again)()));
    }

    fn poll_shared(&self, cx: &Context<'_>) -> Poll<Shared> {
        let recover = |stage: &mut Stage| {
            if matches!(*stage, Stage::Asking(_) | Stage::Reading(_)) {
                *stage = Stage::Done(Err(origin::failed("the origin's service panicked")));
            }
        };
        let flight = &self.flight;
        let go_on = |stage: &mut Stage, cx: &mut Context<'_>| flight.poll(stage, cx);
        flight.joint.poll(self.waiter, cx, go_on, recover)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.flight.joint.leave(self.waiter);
    }
}
