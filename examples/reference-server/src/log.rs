//! The log, on standard error.

use imgward::config::{Log, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;

pub(crate) fn init(log: Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    };
    let log_to = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(level);
    match log.format {
        LogFormat::Json => log_to.json().init(),
        _ => log_to.init(),
    }
}
