//! imgproxy: section 1 of its sheet.

use imgward::dialect::Imgproxy;

use crate::stack::Stack;
use crate::table;

fn stack() -> Stack {
    let settings = Imgproxy::new()
        .presets([("thumb", "rs:fill:120:80"), ("none", "el:0")])
        .unwrap()
        .watermark("ff0000-20x10.png")
        .unwrap();
    Stack::new(settings.into())
}

#[test]
fn urls_that_ask_for_the_same() {
    table::check(include_str!("imgproxy/same.tsv"), 137, |row| {
        stack().same(row)
    });
}

#[test]
fn names() {
    table::check(include_str!("imgproxy/names.tsv"), 6, |row| {
        stack().names(row)
    });
}

#[test]
fn refusals() {
    table::check(include_str!("imgproxy/refused.tsv"), 225, |row| {
        stack().refused(row)
    });
}

#[test]
fn expiries() {
    table::check(include_str!("imgproxy/expiry.tsv"), 8, |row| {
        stack().expiry(row)
    });
}

#[test]
fn sizes() {
    table::check(include_str!("imgproxy/sizes.tsv"), 207, |row| {
        stack().size(row)
    });
}

#[test]
fn content() {
    table::check(include_str!("imgproxy/content.tsv"), 75, |row| {
        stack().content(row)
    });
}

#[test]
fn differences() {
    table::check_differences(include_str!("imgproxy/differences.tsv"), 7, |row| {
        stack().differs(row)
    });
}
