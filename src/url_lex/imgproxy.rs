//! The grammar of imgproxy URLs below the signature: `OPTION/OPTION/.../SOURCE`, where an option is
//! `name:arg:arg`, or a `-` between chained pipelines, and SOURCE (`plain/...`, or base64) begins at the first other
//! segment without a colon.

use super::canonical_number;

/// One `name:arg:arg`, as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessingOption<'a> {
    pub(crate) name: &'a str,
    /// What follows the first colon.
    pub(crate) args: &'a str,
}

/// What stands before the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Option(ProcessingOption<'a>),
    /// `-`: what follows is done to what comes of what precedes.
    Chain,
}

/// The parts before the source, in order.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    /// What is not read yet; when there are no more parts, the source.
    rest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(path: &'a str) -> Self {
        Self { rest: Some(path) }
    }

    /// What follows the parts that were read: `None` where the path has ended.
    #[cfg_attr(
        not(feature = "transform"),
        allow(dead_code, reason = "only the dialect looks at what is left")
    )]
    pub(crate) fn rest(&self) -> Option<&'a str> {
        self.rest
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let path = self.rest?;
        let (segment, rest) = match path.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (path, None),
        };
        let part = match segment.split_once(':') {
            Some((name, args)) => Part::Option(ProcessingOption { name, args }),
            None if segment == "-" => Part::Chain,
            None => return None,
        };
        self.rest = rest;
        Some(part)
    }
}

/// The options before the source, in order.
pub(crate) fn options(path: &str) -> impl Iterator<Item = ProcessingOption<'_>> {
    Parts::of(path).filter_map(|part| match part {
        Part::Option(option) => Some(option),
        Part::Chain => None,
    })
}

/// When the URL expires, in seconds since 1970: the earliest of its `expires:` (`exp:`) options. 0 is no expiry, as in
/// imgproxy.
pub(crate) fn expiry(path: &str) -> Result<Option<u64>, InvalidExpiry> {
    let mut earliest = None;
    for option in options(path).filter(|option| matches!(option.name, "expires" | "exp")) {
        let expiry = canonical_number(option.args).ok_or(InvalidExpiry)?;
        if expiry != 0 {
            earliest = Some(earliest.map_or(expiry, |earliest: u64| earliest.min(expiry)));
        }
    }
    Ok(earliest)
}

/// An `expires` option whose argument is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidExpiry;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_where_the_source_begins() {
        let names = |path| {
            options(path)
                .map(|option| option.name)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let cases = [
            ("rs:fill:300:400:0/g:sm/aHR0/cDov", "rs g"),
            ("w:1/plain/http://example.com/exp:1/a.jpg", "w"),
            ("plain/exp:1", ""),
            ("", ""),
            ("w:1//exp:1/plain/a", "w"),
            ("e%78p:1/plain/a", "e%78p"),
            ("w:1/-/exp:1/plain/a", "w exp"),
            ("w:1/-x/exp:1/plain/a", "w"),
        ];
        for (path, expected) in cases {
            assert_eq!(names(path), expected, "{path}");
        }
    }

    #[test]
    fn the_earliest_expiry_counts() {
        let cases = [
            ("w:1/plain/a", Ok(None)),
            ("exp:1700000000/plain/a", Ok(Some(1_700_000_000))),
            ("expires:20/exp:10/exp:30/plain/a", Ok(Some(10))),
            ("exp:0/plain/a", Ok(None)),
            ("exp:20/-/exp:10/plain/a", Ok(Some(10))),
            ("exp:0/exp:5/plain/a", Ok(Some(5))),
            ("exp:18446744073709551615/plain/a", Ok(Some(u64::MAX))),
            ("plain/exp:abc", Ok(None)),
            ("exp:/plain/a", Err(InvalidExpiry)),
            ("exp:-1/plain/a", Err(InvalidExpiry)),
            ("exp:+1/plain/a", Err(InvalidExpiry)),
            ("exp:%201/plain/a", Err(InvalidExpiry)),
            ("exp:007/plain/a", Err(InvalidExpiry)),
            ("exp:1e10/plain/a", Err(InvalidExpiry)),
            ("exp:1:2/plain/a", Err(InvalidExpiry)),
            ("exp:1/exp:x/plain/a", Err(InvalidExpiry)),
            ("exp:18446744073709551616/plain/a", Err(InvalidExpiry)),
        ];
        for (path, expected) in cases {
            assert_eq!(expiry(path), expected, "{path}");
        }
    }
}
