//! The filters of an imagor URL.

use super::Segments;

/// One `name(args)` of the filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filter<'a> {
    pub(crate) name: &'a str,
    /// The text between the parentheses; empty where they do not close.
    pub(crate) args: &'a str,
}

impl<'a> Segments<'a> {
    /// The filters, in order. A name without parentheses is none; of `a()b()` only the last counts.
    pub(crate) fn filters(&self) -> impl Iterator<Item = Filter<'a>> + use<'a> {
        let mut rest = self.filters;
        std::iter::from_fn(move || {
            loop {
                let (element, after) = split_outside(rest?, b':');
                rest = after;
                if let Some(filter) = last_filter(element) {
                    return Some(filter);
                }
            }
        })
    }

    /// The texts among the filters that are none, for they have no parentheses.
    #[cfg_attr(
        not(feature = "transform"),
        allow(dead_code, reason = "only the dialect is strict")
    )]
    pub(crate) fn strays(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = self.filters;
        std::iter::from_fn(move || {
            let (element, after) = split_outside(rest?, b':');
            rest = after;
            Some(element)
        })
        .filter(|element| !element.is_empty() && !element.contains('('))
    }

    /// When the URL expires, in milliseconds since 1970: the earliest of its `expire(ms)` filters.
    pub(crate) fn expiry_ms(&self) -> Result<Option<u64>, InvalidExpiry> {
        let mut earliest = None;
        for filter in self.filters().filter(|filter| filter.name == "expire") {
            let digits = filter.args.bytes().all(|byte| byte.is_ascii_digit());
            let expiry = filter.args.parse().ok().filter(|_| digits);
            let expiry: u64 = expiry.ok_or(InvalidExpiry)?;
            earliest = Some(earliest.map_or(expiry, |earliest: u64| earliest.min(expiry)));
        }
        Ok(earliest)
    }
}

/// An `expire` filter whose argument is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidExpiry;

/// Splits at the first `separator` outside parentheses. A closing parenthesis too many ends the splitting.
pub(crate) fn split_outside(text: &str, separator: u8) -> (&str, Option<&str>) {
    let mut depth = 0_i64;
    let at = text.bytes().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        byte == separator && depth == 0
    });
    match at.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// The last `name(args)` of a text between colons.
fn last_filter(element: &str) -> Option<Filter<'_>> {
    let mut filter = None;
    let mut rest = element;
    while let Some((name, after)) = rest.split_once('(') {
        let mut depth = 1_i64;
        let end = after.bytes().position(|byte| {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let closed = end.and_then(|end| Some((after.get(..end)?, after.get(end + 1..)?)));
        let (args, after) = closed.unwrap_or(("", ""));
        filter = Some(Filter { name, args });
        rest = after;
    }
    filter
}
