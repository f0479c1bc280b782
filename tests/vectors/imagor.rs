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
    table::check(include_str!("imagor/sizes.tsv"), 108, |row| {
        stack().size(row)
    });
}

#[test]
fn content() {
    table::check(include_str!("imagor/content.tsv"), 119, |row| {
        stack().content(row)
    });
}

#[test]
fn differences() {
    table::check_differences(include_str!("imagor/differences.tsv"), 7, |row| {
        stack().differs(row)
    });
}

/// thumbor's URLs are imagor's, with an option for what thumbor means by them.
#[test]
fn thumbor() {
    let stack = Stack::new(Dialect::imagor().thumbor(true));
    table::check(include_str!("imagor/thumbor.tsv"), 9, |row| {
        stack.makes(row)
    });
    let differences = include_str!("imagor/thumbor_differences.tsv");
    table::check(differences, 9, |row| stack.differs(row));
    // What imagor and thumbor were seen to make alike.
    let shared = |table| {
        let rows: Vec<&str> = table::lines(table)
            .filter(|row| row.starts_with("4.4\t"))
            .collect();
        rows.join("\n")
    };
    let sizes = shared(include_str!("imagor/sizes.tsv"));
    table::check(&sizes, 14, |row| stack.size(row));
    let content = shared(include_str!("imagor/content.tsv"));
    table::check(&content, 6, |row| stack.content(row));
}
