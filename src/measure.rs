//! What is measured, for whatever listens to the `metrics` facade.

use std::time::Duration;

/// How long a stage of an image took.
#[cfg_attr(
    not(feature = "metrics"),
    expect(unused_variables, reason = "used by an optional feature")
)]
pub(crate) fn stage(stage: &'static str, time: Duration) {
    #[cfg(feature = "metrics")]
    metrics::histogram!("imgward_stage_duration_seconds", "stage" => stage)
        .record(time.as_secs_f64());
}

/// How the cache answered a request.
#[cfg(feature = "cache")]
#[cfg_attr(
    not(feature = "metrics"),
    expect(unused_variables, reason = "used by an optional feature")
)]
pub(crate) fn cached(result: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("imgward_cache_requests_total", "result" => result).increment(1);
}
