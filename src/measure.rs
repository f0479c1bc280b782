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

/// A stage that is under way. The clock is not asked where nobody can listen.
#[cfg(feature = "cache")]
pub(crate) struct Watch(#[cfg(feature = "metrics")] std::time::Instant);

#[cfg(feature = "cache")]
impl Watch {
    pub(crate) fn start() -> Self {
        Self(
            #[cfg(feature = "metrics")]
            std::time::Instant::now(),
        )
    }

    #[cfg_attr(
        not(feature = "metrics"),
        expect(
            unused_variables,
            clippy::unused_self,
            reason = "used by an optional feature"
        )
    )]
    pub(crate) fn stop(self, name: &'static str) {
        #[cfg(feature = "metrics")]
        stage(name, self.0.elapsed());
    }
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
