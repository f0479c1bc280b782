//! What Prometheus is told.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imgward::transform::{TransformLayer, Usage};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::pools::Pools;
use crate::traces::Finished;

/// From a hit in memory to what takes as long as it may.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// How often the histograms' samples are put in their buckets, where nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count. Without it, whatever is counted is lost.
pub(crate) fn install() -> Result<PrometheusHandle, Box<dyn std::error::Error>> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    describe();
    gauge!("imgward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    gauge!("process_start_time_seconds").set(now());
    reloaded(true);
    Ok(handle)
}

fn recorder() -> Result<metrics_exporter_prometheus::PrometheusRecorder, BuildError> {
    let seconds = Matcher::Suffix(String::from("_seconds"));
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?;
    Ok(builder.build_recorder())
}

/// Keeps what is counted small.
pub(crate) async fn keep_up(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

/// A request is over.
pub(crate) fn count(request: &Finished<'_>) {
    let method = request.method;
    let Some(status) = request.status else {
        counter!("imgward_http_requests_given_up_total", "method" => method).increment(1);
        return;
    };
    let (status, code) = (status.to_string(), request.code.unwrap_or_default());
    counter!("imgward_http_requests_total", "method" => method, "status" => status, "code" => code)
        .increment(1);
    histogram!("imgward_http_request_duration_seconds").record(request.time.as_secs_f64());
}

/// The configuration was read again.
pub(crate) fn reloaded(is_in_force: bool) {
    gauge!("imgward_config_last_reload_successful").set(f64::from(u8::from(is_in_force)));
    if is_in_force {
        gauge!("imgward_config_last_reload_success_timestamp_seconds").set(now());
    }
}

/// Everything, in Prometheus' text format.
pub(crate) fn render(handle: &PrometheusHandle, pools: &Pools, connections: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    let set = |name: &'static str, value: u64| gauge!(name).set(value as f64);
    let usage = pools.in_force();
    let usage: Vec<_> = usage.iter().map(TransformLayer::usage).collect();
    let count = |count: fn(&Usage) -> usize| {
        u64::try_from(usage.iter().map(count).sum::<usize>()).unwrap_or(u64::MAX)
    };
    set("imgward_jobs_running", count(|usage| usage.jobs_running));
    set("imgward_jobs_waiting", count(|usage| usage.jobs_waiting));
    set("imgward_loads_running", count(|usage| usage.loads_running));
    let bytes = |bytes: fn(&Usage) -> u64| usage.iter().map(bytes).fold(0, u64::saturating_add);
    set(
        "imgward_memory_used_bytes",
        bytes(|usage| usage.memory_used),
    );
    set(
        "imgward_memory_budget_bytes",
        bytes(|usage| usage.memory_budget),
    );
    set(
        "imgward_connections_open",
        u64::try_from(connections).unwrap_or(u64::MAX),
    );
    if let Some((resident, virtual_memory)) = process_memory() {
        set("process_resident_memory_bytes", resident);
        set("process_virtual_memory_bytes", virtual_memory);
    }
    handle.render()
}

/// The memory of this process, resident and virtual, in bytes. Only Linux tells.
fn process_memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        number.checked_mul(1024)
    };
    Some((kibibytes("VmRSS:")?, kibibytes("VmSize:")?))
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |time| time.as_secs_f64())
}

fn describe() {
    for (name, what) in [
        (
            "imgward_http_requests_total",
            "Requests that were answered, by method, status and the code of the refusal.",
        ),
        (
            "imgward_http_requests_given_up_total",
            "Requests whose client did not wait for the answer.",
        ),
        (
            "imgward_rejections_total",
            "Verdicts against a request, by their code, and whether they were only reported.",
        ),
        (
            "imgward_cache_requests_total",
            "Requests that the cache answered, by the result: hit, miss, coalesced.",
        ),
    ] {
        describe_counter!(name, what);
    }
    for (name, what) in [
        (
            "imgward_http_request_duration_seconds",
            "From a request's head to the end of its answer.",
        ),
        (
            "imgward_stage_duration_seconds",
            "The stages of an image: load, decode, process, encode, cache.",
        ),
    ] {
        describe_histogram!(name, Unit::Seconds, what);
    }
    for (name, what) in [
        ("imgward_build_info", "The version that runs."),
        ("imgward_jobs_running", "Images that are being made."),
        ("imgward_jobs_waiting", "Images that wait to be made."),
        ("imgward_loads_running", "Sources that are being loaded."),
        (
            "imgward_memory_used_bytes",
            "Bytes of the memory budget that are taken.",
        ),
        ("imgward_memory_budget_bytes", "The memory budget."),
        ("imgward_connections_open", "Open connections."),
        (
            "imgward_config_last_reload_successful",
            "Whether the configuration that was read last is in force.",
        ),
        (
            "imgward_config_last_reload_success_timestamp_seconds",
            "When the configuration in force was read.",
        ),
        (
            "process_resident_memory_bytes",
            "Resident memory size in bytes.",
        ),
        (
            "process_virtual_memory_bytes",
            "Virtual memory size in bytes.",
        ),
        (
            "process_start_time_seconds",
            "Start time of the process since the Unix epoch in seconds.",
        ),
    ] {
        describe_gauge!(name, what);
    }
}
