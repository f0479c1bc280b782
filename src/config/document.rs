//! The text of a configuration file, and the mistakes found in it so far.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, ConfigErrors};
use super::file::ConfigFile;
use super::schema::{Key, Keys};
#[cfg(feature = "object-store")]
use crate::bucket::BucketOptions;

/// Where something stands: the line, and the path of the key.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) key: String,
}

impl Spot {
    /// An entry of the list that stands here, on a line of its own.
    pub(super) fn entry(&self, index: usize, line: usize) -> Self {
        Self {
            line,
            key: format!("{}[{index}]", self.key),
        }
    }
}

pub(super) struct Document<'a> {
    text: &'a str,
    name: &'a str,
    directory: &'a Path,
    /// Instead of the environment's.
    variables: Option<&'a BTreeMap<String, String>>,
    /// Where each line begins, but the first.
    breaks: Vec<usize>,
    errors: RefCell<Vec<ConfigError>>,
    /// What it was read from, so far.
    files: RefCell<Vec<ConfigFile>>,
    /// What is asked for, where that is of interest.
    keys: Option<RefCell<Keys>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str, name: &'a str, directory: &'a Path) -> Self {
        Self {
            text,
            name,
            directory,
            variables: None,
            breaks: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            errors: RefCell::default(),
            files: RefCell::default(),
            keys: None,
        }
    }

    /// Notes the keys that are asked for.
    pub(super) fn recording(mut self) -> Self {
        self.keys = Some(RefCell::default());
        self
    }

    /// Notes that a key is asked for, and what it may hold.
    pub(super) fn record(&self, path: impl FnOnce() -> String, key: impl FnOnce() -> Key) {
        if let Some(keys) = &self.keys {
            keys.borrow_mut().add(&path(), key());
        }
    }

    /// The keys that were asked for.
    pub(super) fn into_keys(self) -> Keys {
        self.keys.map(RefCell::into_inner).unwrap_or_default()
    }

    /// What `env:` refers to, and says how buckets are reached, instead of the environment.
    pub(super) fn with_variables(mut self, variables: &'a BTreeMap<String, String>) -> Self {
        self.variables = Some(variables);
        self
    }

    /// A variable that the text refers to.
    pub(super) fn variable(&self, name: &str) -> Result<String, VarError> {
        match self.variables {
            Some(variables) => variables.get(name).cloned().ok_or(VarError::NotPresent),
            None => env::var(name),
        }
    }

    /// How buckets are reached.
    #[cfg(feature = "object-store")]
    pub(super) fn bucket_options(&self) -> BucketOptions {
        match self.variables {
            Some(variables) => BucketOptions::from_variables(variables.clone()),
            None => BucketOptions::from_env(),
        }
    }

    /// The line, from 1, in which a byte stands.
    pub(super) fn line(&self, offset: usize) -> usize {
        1 + self.breaks.partition_point(|&start| start <= offset)
    }

    /// A part of the text as it is written.
    pub(super) fn raw(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// A path of the file, which is relative to the file.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// A file that is about to be read, and belongs to the configuration from then on.
    pub(super) fn file(&self, path: PathBuf) -> ConfigFile {
        let file = ConfigFile::at(path);
        let mut files = self.files.borrow_mut();
        // Where it is read twice, what counts is how it was first.
        if files.iter().all(|known| known.path() != file.path()) {
            files.push(file.clone());
        }
        file
    }

    /// The files that were read so far.
    pub(super) fn files(&self) -> Vec<ConfigFile> {
        self.files.borrow().clone()
    }

    pub(super) fn error(&self, spot: &Spot, message: impl AsRef<str>) {
        let error = ConfigError::at(self.name, spot.line, &spot.key, message.as_ref());
        self.errors.borrow_mut().push(error);
    }

    /// What was made of the document, unless there are mistakes.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.borrow().is_empty() {
            Ok(value)
        } else {
            Err(self.into_errors())
        }
    }

    /// The mistakes.
    pub(super) fn into_errors(self) -> ConfigErrors {
        ConfigErrors::new(self.errors.into_inner(), self.files.into_inner())
    }
}
