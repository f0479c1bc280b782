//! A table of a configuration file: typed keys with defaults, what is in force, and what nobody knows.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Display;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::document::{Document, Spot};
use super::effective::{self, Effective};
use super::file::ConfigFile;
use super::schema::{Key, Kind};
use super::secret::{self, SecretText};
use super::units;
use super::value::{Entry, Value};

/// Every getter marks its key as known, and notes the value that is in force. After a mistake it gives the default, so
/// that the rest of the table is read too: a configuration with a mistake is never used.
pub(super) struct Table<'a> {
    document: &'a Document<'a>,
    spot: Spot,
    /// `None`: not written, so every key has its default.
    entries: Option<&'a DeTable<'a>>,
    known: RefCell<Vec<&'static str>>,
    effective: RefCell<Effective>,
}

impl<'a> Table<'a> {
    pub(super) fn root(document: &'a Document<'a>, entries: &'a DeTable<'a>) -> Self {
        let spot = Spot {
            line: 1,
            key: String::new(),
        };
        Self::new(document, spot, Some(entries))
    }

    fn new(document: &'a Document<'a>, spot: Spot, entries: Option<&'a DeTable<'a>>) -> Self {
        Self {
            document,
            spot,
            entries,
            known: RefCell::default(),
            effective: RefCell::default(),
        }
    }

    /// Where the table, or one of its keys, stands or would stand.
    pub(super) fn spot(&self) -> &Spot {
        &self.spot
    }

    pub(super) fn document(&self) -> &'a Document<'a> {
        self.document
    }

    pub(super) fn is_written(&self) -> bool {
        self.entries.is_some()
    }

    /// Reports a mistake at a key, or at the table where the key is not written.
    pub(super) fn error(&self, key: &str, message: impl AsRef<str>) {
        let line = self
            .entries
            .and_then(|entries| entries.get_key_value(key))
            .map_or(self.spot.line, |(key, _)| {
                self.document.line(key.span().start)
            });
        let key = self.path_of(key);
        self.document.error(&Spot { line, key }, message);
    }

    fn path_of(&self, key: &str) -> String {
        match self.spot.key.as_str() {
            "" => key.into(),
            table => format!("{table}.{key}"),
        }
    }

    /// Whether a key is written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries
            .is_some_and(|entries| entries.contains_key(key))
    }

    /// The value of a key, where it is written.
    pub(super) fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.known.borrow_mut().push(key);
        self.record(key, || Key::of(Kind::Any));
        let value = self.entries?.get(key)?;
        let span = value.span();
        let spot = Spot {
            line: self.document.line(span.start),
            key: self.path_of(key),
        };
        Some(Value {
            document: self.document,
            spot,
            span,
            toml: value.get_ref(),
        })
    }

    /// For the schema of the format.
    fn record(&self, key: &str, describe: impl FnOnce() -> Key) {
        self.document.record(|| self.path_of(key), describe);
    }

    /// Says what a text, or the texts of a list, may be.
    pub(super) fn one_of(&self, key: &str, names: &[&str]) {
        self.record(key, || Key::of(Kind::one_of(names)));
    }

    fn note(&self, key: &'static str, value: impl Display) {
        self.effective.borrow_mut().set(key, value.to_string());
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        let flag = self.value(key).and_then(|value| value.flag());
        self.record(key, || Key::of(Kind::Flag).or(default));
        let flag = flag.unwrap_or(default);
        self.note(key, flag);
        flag
    }

    pub(super) fn size(&self, key: &'static str, default: u64) -> u64 {
        let size = self.value(key).and_then(|value| value.size());
        self.record(key, || Key::of(Kind::Size).or(units::print_size(default)));
        let size = size.unwrap_or(default);
        self.note(key, effective::quoted(&units::print_size(size)));
        size
    }

    pub(super) fn integer(&self, key: &'static str, range: Range<u64>, default: u64) -> u64 {
        let integer = self.optional_integer(key, range.clone());
        self.record(key, || Key::of(Kind::Integer(range)).or(default));
        let integer = integer.unwrap_or(default);
        self.note(key, integer);
        integer
    }

    pub(super) fn optional_integer(&self, key: &'static str, range: Range<u64>) -> Option<u64> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Integer(range.clone())));
        let integer = value?.integer(range)?;
        self.note(key, integer);
        Some(integer)
    }

    pub(super) fn duration(&self, key: &'static str, default: Duration) -> Duration {
        let duration = self.optional_duration(key).unwrap_or(default);
        self.record(key, || {
            Key::of(Kind::Duration).or(units::print_duration(default))
        });
        self.note(key, effective::quoted(&units::print_duration(duration)));
        duration
    }

    pub(super) fn optional_duration(&self, key: &'static str) -> Option<Duration> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Duration));
        let duration = value?.duration()?;
        self.note(key, effective::quoted(&units::print_duration(duration)));
        Some(duration)
    }

    pub(super) fn path(&self, key: &'static str) -> Option<PathBuf> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Text));
        let path = value?.path()?;
        self.note(key, effective::quoted(&path.to_string_lossy()));
        Some(path)
    }

    /// A file that is read next.
    pub(super) fn file(&self, key: &'static str) -> Option<ConfigFile> {
        Some(self.document.file(self.path(key)?))
    }

    /// A text, and where it stands.
    pub(super) fn text(&self, key: &'static str) -> Option<Entry<'a>> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Text));
        let value = value?;
        let text = value.text()?;
        self.note(key, effective::quoted(text));
        Some(Entry {
            text: text.into(),
            spot: value.spot,
        })
    }

    /// A text, or its default.
    pub(super) fn text_or(&self, key: &'static str, default: &'static str) -> Cow<'a, str> {
        let text = self.text(key);
        self.record(key, || Key::of(Kind::Text).or(default));
        if text.is_none() {
            self.note(key, effective::quoted(default));
        }
        text.map_or(Cow::Borrowed(default), |entry| entry.text)
    }

    /// One of the `options`.
    pub(super) fn choice<T: Copy + PartialEq>(
        &self,
        key: &'static str,
        options: &[(&str, T)],
        default: T,
    ) -> T {
        let choice = self.optional_choice(key, options);
        if let Some((name, _)) = options.iter().find(|(_, option)| *option == default) {
            if choice.is_none() {
                self.note(key, effective::quoted(name));
            }
            self.record(key, || Key::of(Kind::of_options(options)).or(*name));
        }
        choice.unwrap_or(default)
    }

    /// One of the `options`, where it is written.
    pub(super) fn optional_choice<T: Copy>(
        &self,
        key: &'static str,
        options: &[(&str, T)],
    ) -> Option<T> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::of_options(options)));
        let value = value?;
        let text = value.text()?;
        let option = options.iter().find(|(name, _)| *name == text);
        let Some(&(name, choice)) = option else {
            let names = options.iter().map(|(name, _)| format!("{name:?}"));
            let names = names.collect::<Vec<_>>().join(", ");
            value.error(format!("{text:?} is not one of {names}"));
            return None;
        };
        self.note(key, effective::quoted(name));
        Some(choice)
    }

    /// The value of a key that is a moment, where it is written.
    pub(super) fn moment(&self, key: &'static str) -> Option<Value<'a>> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Moment));
        value
    }

    /// A list of texts, empty where it is not written.
    pub(super) fn list(&self, key: &'static str) -> Vec<Entry<'a>> {
        let entries = self.value(key).map(|value| value.entries());
        self.record(key, || Key::of(Kind::List));
        let entries = entries.unwrap_or_default();
        self.note(
            key,
            effective::list(entries.iter().map(|entry| effective::quoted(&entry.text))),
        );
        entries
    }

    /// A list of secrets, empty where it is not written. `None` where one is wrong.
    pub(super) fn secrets(&self, key: &'static str) -> Option<Vec<SecretText>> {
        let elements = match self.value(key) {
            Some(value) => value.elements()?.collect(),
            None => Vec::new(),
        };
        self.record(key, || Key::of(Kind::Secrets));
        // All of them are read before one that is wrong ends it, so that every mistake is reported.
        let secrets: Vec<Option<SecretText>> = elements.iter().map(secret::read).collect();
        let secrets: Vec<SecretText> = secrets.into_iter().collect::<Option<_>>()?;
        let redacted = secrets.iter().map(SecretText::redacted);
        self.note(key, effective::list(redacted));
        Some(secrets)
    }

    /// A secret, where it is written.
    pub(super) fn secret(&self, key: &'static str) -> Option<SecretText> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Text));
        let secret = secret::read(&value?)?;
        self.note(key, secret.redacted());
        Some(secret)
    }

    /// A table within this one. Where it is not written, every key of it has its default.
    pub(super) fn table(&self, key: &'static str) -> Self {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Table));
        value
            .and_then(Self::of_value)
            .unwrap_or_else(|| self.absent(key))
    }

    /// Texts by names of the user's own, in the order of the names.
    pub(super) fn texts(&self, key: &'static str) -> Vec<(String, Entry<'a>)> {
        let value = self.value(key);
        self.record(key, || Key::of(Kind::Texts));
        let Some(value) = value else {
            return Vec::new();
        };
        let DeValue::Table(entries) = value.toml else {
            return value.wrong_type("a table").unwrap_or_default();
        };
        let mut texts = Vec::new();
        for (name, text) in entries {
            let span = text.span();
            let name = name.get_ref().to_string();
            let text = Value {
                document: self.document,
                spot: Spot {
                    line: self.document.line(span.start),
                    key: format!("{}.{name}", value.spot.key),
                },
                span,
                toml: text.get_ref(),
            };
            if let Some(entry) = text.text() {
                let entry = Entry {
                    text: entry.into(),
                    spot: text.spot,
                };
                texts.push((name, entry));
            }
        }
        let pairs = texts.iter().map(|(name, text): &(String, Entry<'a>)| {
            format!(
                "{} = {}",
                effective::quoted(name),
                effective::quoted(&text.text)
            )
        });
        self.note(
            key,
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", ")),
        );
        texts
    }

    fn absent(&self, key: &str) -> Self {
        let spot = Spot {
            line: self.spot.line,
            key: self.path_of(key),
        };
        Self::new(self.document, spot, None)
    }

    /// The tables of a list.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let elements = self.value(key).and_then(|value| value.elements());
        self.record(key, || Key::of(Kind::Tables));
        let elements = elements.into_iter().flatten();
        elements.filter_map(Self::of_value).collect()
    }

    fn of_value(value: Value<'a>) -> Option<Self> {
        let DeValue::Table(entries) = value.toml else {
            value.error("must be a table");
            return None;
        };
        Some(Self::new(value.document, value.spot, Some(entries)))
    }

    /// Notes the values in force of a table within this one.
    pub(super) fn note_inline(&self, key: &'static str, table: Table<'_>) {
        self.note(key, table.finish().inline());
    }

    /// Notes the values in force of a list of tables.
    pub(super) fn note_tables(&self, key: &'static str, tables: Vec<Table<'_>>) {
        let tables = tables.into_iter().map(|table| table.finish().inline());
        self.note(key, effective::list(tables));
    }

    /// Refuses keys that the format has and this build does not support: they must not be ignored.
    #[cfg_attr(
        all(feature = "cache", feature = "object-store"),
        expect(dead_code, reason = "a build with all features supports all keys")
    )]
    pub(super) fn not_supported(&self, keys: &[&'static str]) {
        for key in keys {
            if self.value(key).is_some() {
                self.error(key, "not supported by this build");
            }
            self.record(key, || Key::of(Kind::NotSupported));
        }
    }

    /// The keys that are written.
    pub(super) fn written(&self) -> Vec<String> {
        let entries = self.entries.into_iter().flatten();
        entries.map(|(key, _)| key.get_ref().to_string()).collect()
    }

    /// Reports the keys that nobody asked for, and gives the values in force.
    pub(super) fn finish(self) -> Effective {
        let known = self.known.borrow();
        for (key, _) in self.entries.into_iter().flatten() {
            let key = key.get_ref();
            if known.iter().any(|known| known == key) {
                continue;
            }
            match nearest(key, &known) {
                Some(near) => self.error(key, format!("unknown key (did you mean {near:?}?)")),
                None => self.error(key, "unknown key"),
            }
        }
        drop(known);
        self.effective.into_inner()
    }
}

/// The known key that was probably meant, if one is near.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|&known| (edit_distance(key, known), known))
        .filter(|&(distance, known)| distance <= 1 + known.len() / 4)
        .min()
        .map(|(_, known)| known)
}

/// How many characters must be inserted, removed or replaced to make one text of the other (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (diagonal + usize::from(from != to))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases = [
            ("", "", 0),
            ("a", "", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("refrer", "referer", 1),
            ("block", "block", 0),
        ];
        for (a, b, distance) in cases {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a), distance, "{b} {a}");
        }
    }

    #[test]
    fn the_nearest_key_is_suggested() {
        let known = ["block", "allow", "block_file", "allow_file"];
        let cases = [
            ("blocks", Some("block")),
            ("alow", Some("allow")),
            ("blockfile", Some("block_file")),
            ("countries", None),
        ];
        for (key, near) in cases {
            assert_eq!(nearest(key, &known), near, "{key}");
        }
    }
}
