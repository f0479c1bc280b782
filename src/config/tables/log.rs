use crate::config::table::Table;

/// How the server logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// What is too detailed to be logged.
    pub level: LogLevel,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object.
    Json,
}

/// How detailed the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Nothing but errors.
    Error,
    /// Warnings too.
    Warn,
    /// What happens, too.
    Info,
    /// What helps to find a mistake, too.
    Debug,
    /// Everything.
    Trace,
}

/// `[log]`: how the server logs.
pub(in crate::config) fn read(table: &Table<'_>) -> Log {
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let levels = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    Log {
        format: table.choice("format", &formats, LogFormat::Text),
        level: table.choice("level", &levels, LogLevel::Info),
    }
}
