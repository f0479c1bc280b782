//! What stays when rules are reloaded.

use crate::caches::Caches;
use crate::pools::Pools;

/// The images that were made, and the threads that make them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) caches: Caches,
    pub(crate) pools: Pools,
}
