//! ImageKit: part B of its sheet.

use imgward::dialect::Dialect;

use crate::stack::Stack;
use crate::table;

fn stack() -> Stack {
    let dialect = Dialect::imagekit().preset("thumb", "w-100,h-50,q-40:e-grayscale");
    Stack::new(dialect.unwrap())
}

#[test]
fn urls_that_ask_for_the_same() {
    table::check(include_str!("imagekit/same.tsv"), 57, |row| {
        stack().same(row)
    });
}

#[test]
fn names() {
    table::check(include_str!("imagekit/names.tsv"), 15, |row| {
        stack().names(row)
    });
}

#[test]
fn refusals() {
    table::check(include_str!("imagekit/refused.tsv"), 106, |row| {
        stack().refused(row)
    });
}

#[test]
fn expiries() {
    table::check(include_str!("imagekit/expiry.tsv"), 6, |row| {
        stack().expiry(row)
    });
}

#[test]
fn sizes() {
    table::check(include_str!("imagekit/sizes.tsv"), 43, |row| {
        stack().size(row)
    });
}

#[test]
fn content() {
    table::check(include_str!("imagekit/content.tsv"), 57, |row| {
        stack().content(row)
    });
}

#[test]
fn differences() {
    table::check_differences(include_str!("imagekit/differences.tsv"), 6, |row| {
        stack().differs(row)
    });
}
