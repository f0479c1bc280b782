//! Rules that can be swapped while requests run.
//!
//! [`handle`] puts a guard behind a [`Handle`], which is itself a guard. Every request is judged from its beginning to
//! its end by the rules that were in force when it came; nobody waits, and no request sees half a change.
//!
//! ```
//! use http::Request;
//! use imgward::guard::{Guard, GuardLayer};
//! use imgward::ip_filter::IpFilter;
//! use imgward::reload;
//! use imgward::request_facts::RequestFacts;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = reload::handle(IpFilter::block(["192.0.2.0/24"])?);
//! let layer = GuardLayer::new(rules.clone()); // goes into the stack
//!
//! let (mut head, ()) = Request::new(()).into_parts();
//! head.extensions.insert(RequestFacts::from_client_ip("198.51.100.7".parse()?));
//! assert!(rules.check(&head).is_ok());
//!
//! rules.swap(IpFilter::block(["192.0.2.0/24", "198.51.100.0/24"])?);
//! assert!(rules.check(&head).is_err());
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;

use arc_swap::ArcSwap;
use http::request;

use crate::guard::{Caching, Guard, Rejection};

/// Puts a guard behind a handle that can swap it.
pub fn handle<G: Guard>(guard: G) -> Handle<G> {
    Handle {
        current: Arc::new(ArcSwap::from_pointee(guard)),
    }
}

/// A guard that can be swapped. Clones share what they hold.
#[derive(Debug)]
pub struct Handle<G> {
    current: Arc<ArcSwap<G>>,
}

impl<G> Handle<G> {
    /// Puts `guard` in force for every request that comes from now on, and hands out the one that was.
    pub fn swap(&self, guard: G) -> Arc<G> {
        self.current.swap(Arc::new(guard))
    }

    /// The guard in force.
    pub fn current(&self) -> Arc<G> {
        self.current.load_full()
    }
}

impl<G> Clone for Handle<G> {
    fn clone(&self) -> Self {
        Self {
            current: Arc::clone(&self.current),
        }
    }
}

impl<G: Guard> Guard for Handle<G> {
    type Pass = (Arc<G>, G::Pass);

    fn check(&self, head: &request::Parts) -> Result<Self::Pass, Rejection> {
        let guard = self.current();
        let pass = guard.check(head)?;
        Ok((guard, pass))
    }

    fn apply(&self, head: &mut request::Parts, (guard, pass): &mut Self::Pass) {
        guard.apply(head, pass);
    }

    fn apply_reported(&self, head: &mut request::Parts, why: &Rejection) {
        self.current().apply_reported(head, why);
    }

    fn respond(&self, (guard, pass): Self::Pass, caching: &mut Caching<'_>) {
        guard.respond(pass, caching);
    }
}
