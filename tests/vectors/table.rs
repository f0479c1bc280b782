//! The tables: rows of columns between tabs, and lines of comment. Each row begins with the section of the behaviour
//! sheet that it is from, and how the fact was found there.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How a fact was found. `run` and `golden` are what the original did; nothing may differ from them.
const EVIDENCE: [&str; 6] = ["run", "golden", "src", "doc", "issue", "server"];

/// Checks every row, tells of all that fail, and that there are `count` of them, each once.
///
/// What is left of a row, behind its section and its evidence, is handed to `check`.
pub(crate) fn check<const N: usize>(
    table: &str,
    count: usize,
    check: impl Fn([&str; N]) -> Result<(), String>,
) {
    let mut failures = String::new();
    let mut known = BTreeSet::new();
    for line in lines(table) {
        let mut columns = line.split('\t');
        let section = columns.next().unwrap_or_default();
        let evidence = columns.next().unwrap_or_default();
        assert!(!section.is_empty(), "{line:?} names no section");
        assert!(EVIDENCE.contains(&evidence), "{line:?}: {evidence:?}");
        let rest: Vec<&str> = columns.collect();
        let columns = <[&str; N]>::try_from(rest);
        let columns = columns.unwrap_or_else(|rest| panic!("{line:?} has {} columns", rest.len()));
        assert!(known.insert(columns), "{line:?} is there twice");
        if let Err(why) = check(columns) {
            writeln!(failures, "{section}: {}: {why}", columns.join("  ")).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    assert_eq!(known.len(), count, "the number of rows");
}

pub(crate) fn lines(table: &str) -> impl Iterator<Item = &str> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The most differences of a dialect.
const MAX_DIFFERENCES: usize = 10;

/// Checks a table of differences: there are at most ten of them, and none is to what the original was seen to do.
pub(crate) fn check_differences(
    table: &str,
    count: usize,
    differs: impl Fn([&str; 4]) -> Result<(), String>,
) {
    let mut numbers = BTreeSet::new();
    for line in lines(table) {
        let mut columns = line.split('\t').skip(1);
        let evidence = columns.next().unwrap();
        assert!(!["run", "golden"].contains(&evidence), "{line:?}");
        numbers.insert(columns.next().unwrap());
    }
    assert!(numbers.len() <= MAX_DIFFERENCES, "{numbers:?}");
    check(table, count, differs);
}
