//! The lines of a list.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// The lines that are neither empty nor a comment.
pub(super) struct Lines {
    lines: Box<dyn Iterator<Item = io::Result<String>>>,
    /// How many there are, where that can be known ahead.
    total: Option<u64>,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self {
                lines: Box::new(meant(BufReader::new(io::stdin()))),
                total: None,
            });
        }
        let is_file = std::fs::metadata(path)?.is_file();
        let total = if is_file {
            let count = meant(BufReader::new(File::open(path)?)).count();
            u64::try_from(count).ok()
        } else {
            None
        };
        let lines = meant(BufReader::new(File::open(path)?));
        Ok(Self {
            lines: Box::new(lines),
            total,
        })
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }
}

fn meant(reader: impl BufRead) -> impl Iterator<Item = io::Result<String>> {
    reader.lines().filter_map(|line| {
        let line = line.map(|line| line.trim().to_owned());
        let is_meant = |line: &String| !line.is_empty() && !line.starts_with('#');
        match line {
            Ok(line) => is_meant(&line).then_some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    })
}

impl Iterator for Lines {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lines.next()
    }
}
