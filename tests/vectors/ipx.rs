//! IPX, and OptStuff, which is IPX behind a gate: part A of the latter's sheet.

use imgward::dialect::Dialect;

use crate::stack::Stack;
use crate::table;

/// IPX at the root, and OptStuff's project `p` where its projects are.
fn stack(url: &str) -> Stack {
    const PROJECT: &str = "/api/v1/p";

    if url.starts_with(PROJECT) {
        Stack::new(Dialect::ipx().optstuff(true)).at(PROJECT)
    } else {
        Stack::new(Dialect::ipx())
    }
}

#[test]
fn urls_that_ask_for_the_same() {
    table::check(include_str!("ipx/same.tsv"), 34, |row| {
        stack(row[0]).same(row)
    });
}

#[test]
fn names() {
    table::check(include_str!("ipx/names.tsv"), 12, |row| {
        stack(row[0]).names(row)
    });
}

#[test]
fn refusals() {
    table::check(include_str!("ipx/refused.tsv"), 144, |row| {
        stack(row[0]).refused(row)
    });
}

#[test]
fn expiries() {
    table::check(include_str!("ipx/expiry.tsv"), 8, |row| {
        stack(row[0]).expiry(row)
    });
}

#[test]
fn sizes() {
    table::check(include_str!("ipx/sizes.tsv"), 32, |row| {
        stack(row[0]).size(row)
    });
}

#[test]
fn content() {
    table::check(include_str!("ipx/content.tsv"), 31, |row| {
        stack(row[0]).content(row)
    });
}

#[test]
fn differences() {
    table::check_differences(include_str!("ipx/differences.tsv"), 12, |row| {
        stack(row[1]).differs(row)
    });
}
