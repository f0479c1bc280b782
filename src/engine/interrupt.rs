use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::{RenderError, RenderErrorKind};

/// Ends a rendering early: at a moment, or when it is told to. Looked at between the passes over the pixels.
///
/// Clones are one interrupt.
///
/// ```
/// use imgward::engine::Interrupt;
///
/// let interrupt = Interrupt::default();
/// assert!(interrupt.check().is_ok());
/// interrupt.cancel();
/// assert!(interrupt.check().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    deadline: Option<Instant>,
    cancelled: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that comes at a moment.
    pub fn at(deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            cancelled: Arc::default(),
        }
    }

    /// The same interrupt, which comes at this moment at the latest.
    pub fn no_later_than(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(self.deadline.map_or(deadline, |own| own.min(deadline))),
            cancelled: Arc::clone(&self.cancelled),
        }
    }

    /// Makes it come.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// An error of the kind [`Interrupted`](RenderErrorKind::Interrupted) when it has come.
    pub fn check(&self) -> Result<(), RenderError> {
        let reason = if self.cancelled.load(Ordering::Relaxed) {
            "nobody waits for the image any more"
        } else if self.deadline.is_some_and(|at| Instant::now() >= at) {
            "making the image took too long"
        } else {
            return Ok(());
        };
        Err(RenderError::new(RenderErrorKind::Interrupted, reason))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_earlier_moment_counts_and_a_cancelled_one_is_cancelled_for_all() {
        let past = Instant::now();
        let future = past + Duration::from_secs(3600);
        for (first, second, comes) in [
            (future, future, false),
            (past, future, true),
            (future, past, true),
        ] {
            let interrupt = Interrupt::at(first);
            let both = interrupt.no_later_than(second);
            assert_eq!(both.check().is_err(), comes);
            interrupt.cancel();
            assert!(both.check().is_err());
        }
        let limited = Interrupt::default().no_later_than(past);
        let error = limited.check().unwrap_err();
        assert_eq!(error.kind(), RenderErrorKind::Interrupted);
    }
}
