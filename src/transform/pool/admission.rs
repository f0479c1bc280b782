//! Loads are for images: one whose image would find no place in the pool is not begun.

use std::pin::pin;
use std::sync::Arc;

use super::{Pool, Refused, Shared};

/// A load that is under way.
pub(in crate::transform) struct Coming(Arc<Shared>);

impl Pool {
    /// Comes when one more load may begin. As long as a thread has nothing to do, that is at once; else as many are under
    /// way as images may still wait, and who is beyond that waits too, until there is a place again.
    ///
    /// # Errors
    ///
    /// [`Refused::Full`] when there is none left, so that the load would most likely be in vain.
    pub(in crate::transform) async fn admit(&self) -> Result<Coming, Refused> {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            // Ahead of the look, so that no change is missed between.
            changed.as_mut().enable();
            match self.shared.admit() {
                Some(admitted) => return admitted,
                None => changed.await,
            }
        }
    }
}

impl Shared {
    /// `None`: not yet.
    fn admit(self: &Arc<Self>) -> Option<Result<Coming, Refused>> {
        let mut state = self.lock();
        if !self.has_room(&mut state) {
            return Some(Err(Refused::Full));
        }
        let is_idle = state.taken < self.threads.get();
        if !is_idle && state.taken + state.coming >= self.room() {
            // One that is under way wakes this one when it ends.
            return None;
        }
        state.coming += 1;
        Some(Ok(Coming(Arc::clone(self))))
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.lock().coming -= 1;
        self.0.changed.notify_one();
    }
}
