//! How many bytes of sources and pixels may be in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::guard::{Rejection, RejectionKind};

/// Bytes that all requests share.
#[derive(Debug)]
pub(super) struct Budget {
    limit: AtomicU64,
    taken: AtomicU64,
}

impl Budget {
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            limit: AtomicU64::new(bytes),
            taken: AtomicU64::new(0),
        }
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Sets another limit. Who has taken more keeps it.
    pub(super) fn set_limit(&self, bytes: u64) {
        self.limit.store(bytes, Ordering::Relaxed);
    }
}

/// The refusal of what finds too little left.
pub(super) fn spent() -> Rejection {
    Rejection::new(
        RejectionKind::Overloaded,
        "sources and pixels take all the memory that they may",
    )
}

/// What one request has taken of the budget. It gives it back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    taken: u64,
}

impl Share {
    /// Nothing yet.
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self {
            budget: Arc::clone(budget),
            taken: 0,
        }
    }

    /// Takes so many bytes more; `false` where they are not there.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let limit = self.budget.limit();
        let taken = self
            .budget
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                let taken = taken.checked_add(bytes)?;
                (bytes == 0 || taken <= limit).then_some(taken)
            })
            .is_ok();
        if taken {
            self.taken += bytes;
        }
        taken
    }

    /// Gives back what is more than so many bytes.
    pub(super) fn keep(&mut self, bytes: u64) {
        let over = self.taken.saturating_sub(bytes);
        self.taken -= over;
        self.budget.taken.fetch_sub(over, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back() {
        let budget = Arc::new(Budget::new(10));
        let mut first = Share::of(&budget);
        let mut second = Share::of(&budget);
        assert!(first.take(4) && second.take(4) && first.take(2));
        assert!(!second.take(1));
        assert!(second.take(0));
        drop(first);
        assert!(second.take(6));
        assert!(!second.take(1));
        second.keep(8);
        second.keep(3);
        let mut third = Share::of(&budget);
        assert!(third.take(7) && !third.take(1));
        drop((second, third));
        assert!(Share::of(&budget).take(10));
        assert!(!Share::of(&budget).take(11));
    }

    #[test]
    fn another_limit_holds_for_what_is_taken_from_then_on() {
        let budget = Arc::new(Budget::new(10));
        let mut first = Share::of(&budget);
        assert!(first.take(8));
        budget.set_limit(5);
        assert!(!Share::of(&budget).take(1));
        assert!(Share::of(&budget).take(0));
        first.keep(4);
        assert!(first.take(1) && !first.take(1));
        budget.set_limit(20);
        assert!(Share::of(&budget).take(15));
        drop(first);
        assert_eq!(budget.taken(), 0);
    }
}
