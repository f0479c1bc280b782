//! One value of a configuration file, read as what a key needs.

use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use super::document::{Document, Spot};
use super::units;

/// A value and where it stands. The readers report what is wrong, and give `None`.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) spot: Spot,
    pub(super) span: Range<usize>,
    pub(super) toml: &'a DeValue<'a>,
}

/// A text of a list, and where it stands.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) spot: Spot,
}

impl AsRef<str> for Entry<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<'a> Value<'a> {
    pub(super) fn error(&self, message: impl AsRef<str>) {
        self.document.error(&self.spot, message);
    }

    pub(super) fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        let found = match self.toml {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(format!("must be {wanted}, not {found}"));
        None
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        match self.toml {
            DeValue::String(text) => Some(text),
            _ => self.wrong_type("a string"),
        }
    }

    pub(super) fn flag(&self) -> Option<bool> {
        match self.toml {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.wrong_type("true or false"),
        }
    }

    /// An integer of `range`.
    pub(super) fn integer(&self, range: Range<u64>) -> Option<u64> {
        let DeValue::Integer(integer) = self.toml else {
            return self.wrong_type("an integer");
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let last = range.end - 1;
            self.error(format!("{integer} is not from {} to {last}", range.start));
        }
        number
    }

    /// A number of bytes: an integer, or a text such as `256MiB`. None at all is a mistake: it would let nothing pass,
    /// and elsewhere it means that there is no limit.
    pub(super) fn size(&self) -> Option<u64> {
        let DeValue::String(text) = self.toml else {
            return self.integer(1..u64::MAX);
        };
        let size = units::parse_size(text).filter(|&size| size > 0);
        if size.is_none() {
            self.error(format!("{text:?} is not a size such as \"256MiB\""));
        }
        size
    }

    /// A time such as `30s`.
    pub(super) fn duration(&self) -> Option<Duration> {
        let DeValue::String(text) = self.toml else {
            return self.wrong_type("a time such as \"30s\"");
        };
        let duration = units::parse_duration(text);
        if duration.is_none() {
            self.error(format!("{text:?} is not a time such as \"30s\""));
        }
        duration
    }

    /// A moment in RFC 3339, as a text or as TOML has it, in seconds since 1970-01-01T00:00:00Z.
    pub(super) fn unix_seconds(&self) -> Option<u64> {
        let moment = match self.toml {
            DeValue::Datetime(moment) => Some(*moment),
            DeValue::String(text) => text.parse().ok(),
            _ => return self.wrong_type("a moment such as \"2027-01-01T00:00:00Z\""),
        };
        let seconds = moment.as_ref().and_then(units::unix_seconds);
        if seconds.is_none() {
            self.error("not a moment such as \"2027-01-01T00:00:00Z\"");
        }
        seconds
    }

    /// A path, relative to the file.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let text = self.text()?;
        if text.is_empty() {
            self.error("the path is empty");
            return None;
        }
        Some(self.document.resolve(text))
    }

    /// The values of an array.
    pub(super) fn elements(&self) -> Option<impl Iterator<Item = Value<'a>> + use<'a>> {
        let DeValue::Array(array) = self.toml else {
            return self.wrong_type("a list");
        };
        let list = self.clone();
        Some(array.iter().enumerate().map(move |(index, element)| {
            let span = element.span();
            Value {
                document: list.document,
                spot: list.spot.entry(index, list.document.line(span.start)),
                span,
                toml: element.get_ref(),
            }
        }))
    }

    /// A list of texts: an array, or one text with an entry a line, where `#` at the beginning of a line or after a
    /// blank begins a comment.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        if let DeValue::String(text) = self.toml {
            return self.lines(text);
        }
        let Some(elements) = self.elements() else {
            return Vec::new();
        };
        let entry = |element: Value<'a>| {
            let text = Cow::Borrowed(element.text()?);
            let spot = element.spot;
            Some(Entry { text, spot })
        };
        elements.filter_map(entry).collect()
    }

    fn lines(&self, text: &'a str) -> Vec<Entry<'a>> {
        let line = self.line_numbers(text);
        text.lines()
            .enumerate()
            .map(|(number, text)| (number, without_comment(text).trim()))
            .filter(|(_, text)| !text.is_empty())
            .enumerate()
            .map(|(index, (number, text))| Entry {
                text: text.into(),
                spot: self.spot.entry(index, line(number)),
            })
            .collect()
    }

    /// From the lines of a text to those of the file.
    fn line_numbers(&self, text: &str) -> impl Fn(usize) -> usize {
        let raw = self.document.raw(self.span.clone());
        let body = raw
            .strip_prefix("\"\"\"")
            .or_else(|| raw.strip_prefix("'''"));
        // TOML drops a line break that directly follows the opening quotes.
        let dropped = body.is_some_and(|body| body.starts_with(['\n', '\r']));
        // With escaped line breaks the lines do not correspond, and the value's first has to do.
        let breaks = |text: &str| text.matches('\n').count();
        let correspond =
            body.is_some_and(|body| breaks(body) == breaks(text) + usize::from(dropped));
        let first = self.spot.line;
        move |number| {
            if correspond {
                first + usize::from(dropped) + number
            } else {
                first
            }
        }
    }
}

fn without_comment(line: &str) -> &str {
    let is_comment = |&(at, _): &(usize, &str)| {
        let before = line.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with(char::is_whitespace)
    };
    match line.match_indices('#').find(is_comment) {
        Some((at, _)) => line.get(..at).unwrap_or_default(),
        None => line,
    }
}
