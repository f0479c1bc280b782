//! imagor: sections 1 to 5 of its sheet. (What a path is cut into is tested beside the lexer, from `urls` and `args`.)

use imgward::dialect::Dialect;

use crate::stack::Stack;
use crate::table;

fn stack() -> Stack {
    Stack::new(Dialect::imagor())
}

#[test]
fn urls_that_ask_for_the_same() {
    table::check(include_str!("imagor/same.tsv"), 168, |row| {
        stack().same(row)
    });
}

#[test]
fn refusals() {
    table::check(include_str!("imagor/refused.tsv"), 9, |row| {
        stack().refused(row)
    });
}

#[test]
fn expiries() {
    table::check(include_str!("imagor/expiry.tsv"), 9, |row| {
        stack().expiry(row)
    });
}

#[test]
fn sizes() {
    table::check(include_str!("imagor/sizes.tsv"), 104, |row| {
        stack().size(row)
    });
}

#[test]
fn content() {
    table::check(include_str!("imagor/content.tsv"), 116, |row| {
        stack().content(row)
    });
}

#[test]
fn what_is_not_built_yet() {
    table::check(include_str!("imagor/pending.tsv"), 7, |row| {
        stack().pending(row)
    });
}

#[test]
fn differences() {
    table::check_differences(include_str!("imagor/differences.tsv"), 5, |row| {
        stack().differs(row)
    });
}

/// thumbor has no dialect of its own: its URLs are read as imagor reads them.
#[test]
fn thumbor() {
    table::check(include_str!("imagor/thumbor.tsv"), 15, |row| {
        stack().differs(row)
    });
}
