//! The log, on standard error.

use std::sync::Arc;

use imgward::config::{Log, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt, reload};

/// Changes what is logged.
#[derive(Clone)]
pub(crate) struct Handle {
    format: LogFormat,
    filter: Arc<dyn Fn(Targets) + Send + Sync>,
}

pub(crate) fn init(log: Log) -> Handle {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Json => Box::new(lines.json().flatten_event(true)),
        _ => Box::new(lines),
    };
    let (filter, handle) = reload::Layer::new(filter(log.level));
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    Handle {
        format: log.format,
        filter: Arc::new(move |filter| {
            // It fails where there is no log any more.
            let _ = handle.reload(filter);
        }),
    }
}

/// What others tell in detail may be what a client sent, so that of it no more is logged than what happens.
fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    };
    Targets::new()
        .with_target("imgward", level)
        .with_default(level.min(LevelFilter::INFO))
}

impl Handle {
    /// Logs as another configuration says.
    pub(crate) fn set(&self, log: Log) {
        if log.format != self.format {
            tracing::warn!("log.format: another one needs a restart; all else is in force");
        }
        (self.filter)(filter(log.level));
    }
}
