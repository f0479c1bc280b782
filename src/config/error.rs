use std::fmt::{self, Write as _};

use super::file::ConfigFile;

/// One mistake in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    file: Box<str>,
    line: Option<usize>,
    key: Box<str>,
    message: Box<str>,
}

impl ConfigError {
    /// A mistake at a key of a line.
    pub(super) fn at(file: &str, line: usize, key: &str, message: &str) -> Self {
        Self {
            file: file.into(),
            line: Some(line),
            key: key.into(),
            message: message.into(),
        }
    }

    /// A mistake in a variable of the environment, or in all of it.
    pub(super) fn of_variable(name: &str, message: &str) -> Self {
        Self {
            file: "environment".into(),
            line: None,
            key: name.into(),
            message: message.into(),
        }
    }

    /// A mistake that concerns the whole file.
    pub(super) fn of_file(file: &str, message: &str) -> Self {
        Self {
            file: file.into(),
            line: None,
            key: "".into(),
            message: message.into(),
        }
    }

    /// The line, from 1. `None` where the file could not be read, and for the environment.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The path of the key, such as `ip.block[3]`, or the name of a variable. Empty where the file is no TOML.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Prints as one line, whatever the names of keys and files are made of: control characters are escaped.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, &self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            f.write_str(": ")?;
            write_escaped(f, &self.key)?;
        }
        f.write_str(": ")?;
        write_escaped(f, &self.message)
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|char| {
        if char.is_control() {
            write!(f, "{}", char.escape_default())
        } else {
            f.write_char(char)
        }
    })
}

impl std::error::Error for ConfigError {}

/// Every mistake of a configuration file, in the order of its lines. Prints as a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    errors: Vec<ConfigError>,
    files: Vec<ConfigFile>,
}

impl ConfigErrors {
    pub(super) fn new(mut errors: Vec<ConfigError>, files: Vec<ConfigFile>) -> Self {
        errors.sort();
        errors.dedup();
        Self { errors, files }
    }

    /// The mistakes, in the order of their lines.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.errors.iter()
    }

    /// That the configuration itself is such a file.
    pub(super) fn with_file(mut self, file: ConfigFile) -> Self {
        self.files.insert(0, file);
        self
    }

    /// The files that were read, any of which may hold a mistake.
    pub fn files(&self) -> &[ConfigFile] {
        &self.files
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
