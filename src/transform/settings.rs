//! What all requests of a layer have in common.

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderName;

use super::budget::Budget;
use super::pool::Pool;
use crate::engine::Engine;
use crate::mount::MountPath;
use crate::recipe::Format;
use crate::timer::Timer;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) engine: Arc<Engine>,
    pub(super) pool: Arc<Pool>,
    pub(super) mount: MountPath,
    pub(super) auto_format: Box<[Format]>,
    pub(super) max_source_bytes: u64,
    pub(super) budget: Arc<Budget>,
    pub(super) max_age: Option<Duration>,
    /// The client's headers that the inner service is asked with.
    pub(super) forwarded: Arc<[HeaderName]>,
    pub(super) timer: Arc<Timer>,
    pub(super) request_timeout: Option<Duration>,
    pub(super) load_timeout: Option<Duration>,
    pub(super) process_timeout: Option<Duration>,
    pub(super) share_decodes: bool,
}
