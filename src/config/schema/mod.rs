//! The format of the configuration file as a JSON Schema: what the tables ask for when they are read.

use std::ops::Range;

use self::descriptions::description;
use self::json::{Json, Members, members, object};

mod descriptions;
mod json;

/// A text that has every table whose keys are asked for only where it is there.
pub(super) const EVERYTHING: &str = r#"
[signature]
keys = [{}]
[transform]
presets = {}
[cache]
memory = 1
[[user_agent]]
[[mount]]
path = "/"
"#;

/// Keys whose default depends on something else, or is to be off.
const NO_DEFAULT: [&str; 5] = [
    "cache.memory",
    "geo.unknown",
    "signature.required",
    "signature.scheme",
    "transform.concurrency",
];

/// What a key may hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Any,
    Flag,
    Integer(Range<u64>),
    Size,
    Duration,
    Moment,
    Text,
    /// One of some texts, or a list of them: that depends on what the key was known as.
    OneOf(Vec<String>),
    Choice(Vec<String>),
    List,
    ListOf(Vec<String>),
    Secrets,
    Table,
    Tables,
    Texts,
    NotSupported,
}

impl Kind {
    pub(super) fn one_of(names: &[&str]) -> Self {
        Self::OneOf(names.iter().copied().map(String::from).collect())
    }

    pub(super) fn of_options<T>(options: &[(&str, T)]) -> Self {
        Self::Choice(options.iter().map(|(name, _)| (*name).into()).collect())
    }

    /// What a schema says of a value. Of tables, that is what it says of their keys.
    fn to_json(&self) -> Members {
        let of_type = |name: &str| ("type", Json::from(name));
        let text = || object([of_type("string")]);
        let list_of = |items: Json| [of_type("array"), ("items", items)];
        let pattern = |units: &str| {
            let pattern = format!("^[0-9]+({units})$");
            [of_type("string"), ("pattern", pattern.into())]
        };
        let one_of = |names: &[String]| {
            let names = names.iter().map(|name| name.as_str().into());
            [("enum", Json::List(names.collect()))]
        };
        let any_of = |kinds: [Json; 2]| members([("anyOf", Json::List(kinds.into()))]);
        match self {
            Self::Any | Self::NotSupported | Self::Table | Self::Tables => Vec::new(),
            Self::Flag => members([of_type("boolean")]),
            Self::Integer(range) => {
                let from = [of_type("integer"), ("minimum", range.start.into())];
                // Beyond, it is none that JSON and TOML agree about.
                let last = range.end.checked_sub(1).filter(|last| *last < 1 << 53);
                let last = last.map(|last| (String::from("maximum"), last.into()));
                members(from).into_iter().chain(last).collect()
            }
            Self::Size => any_of([
                object([of_type("integer"), ("minimum", 1.into())]),
                object(pattern("B|kB|MB|GB|KiB|MiB|GiB")),
            ]),
            Self::Duration => members(pattern("ms|s|m|h|d")),
            Self::Moment => members([of_type("string"), ("format", "date-time".into())]),
            Self::Text => members([of_type("string")]),
            Self::OneOf(names) | Self::Choice(names) => members(one_of(names)),
            // Or a text with an entry a line.
            Self::List => any_of([object(list_of(text())), text()]),
            Self::ListOf(names) => any_of([object(list_of(object(one_of(names)))), text()]),
            Self::Secrets => members(list_of(text())),
            Self::Texts => members([of_type("object"), ("additionalProperties", text())]),
        }
    }
}

/// A key, as it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    kind: Kind,
    default: Option<Json>,
}

impl Key {
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            kind,
            default: None,
        }
    }

    /// With a default.
    pub(super) fn or(mut self, default: impl Into<Json>) -> Self {
        self.default = Some(default.into());
        self
    }

    /// What is known of a key that is asked for once more.
    fn merge(&mut self, other: Self) {
        self.kind = match (&self.kind, other.kind) {
            (_, Kind::Any) => return,
            (Kind::List | Kind::ListOf(_), Kind::OneOf(names)) => Kind::ListOf(names),
            (_, Kind::OneOf(names)) => Kind::Choice(names),
            (_, kind) => kind,
        };
        self.default = other.default.or(self.default.take());
    }
}

/// The keys of a format, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    keys: Vec<(String, Key, Self)>,
}

impl Keys {
    /// Adds a key by its path, such as `mount[0].ip.block`. The elements of a list are all alike.
    pub(super) fn add(&mut self, path: &str, key: Key) {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let name = name.split('[').next().unwrap_or(name);
        let index = self.keys.iter().position(|(known, ..)| known == name);
        let index = index.unwrap_or_else(|| {
            self.keys
                .push((name.into(), Key::of(Kind::Any), Self::default()));
            self.keys.len() - 1
        });
        let Some((_, known, below)) = self.keys.get_mut(index) else {
            return;
        };
        match rest {
            Some(rest) => below.add(rest, key),
            None => known.merge(key),
        }
    }

    /// The schema of a file with these keys.
    pub(super) fn to_schema(&self) -> String {
        let mut json = vec![
            (
                "$schema".into(),
                "https://json-schema.org/draft/2020-12/schema".into(),
            ),
            ("title".into(), "imgward".into()),
            (
                "description".into(),
                "The configuration file of imgward".into(),
            ),
        ];
        json.extend(self.to_table("", None));
        format!("{}\n", Json::Object(json))
    }

    /// A table with these keys, below the path of one. Those that the file has too, of which it is a mount, are the same.
    fn to_table(&self, path: &str, file: Option<&Self>) -> Members {
        let supported = self
            .keys
            .iter()
            .filter(|(_, key, _)| key.kind != Kind::NotSupported);
        let properties = supported.map(|(name, key, below)| {
            let is_of_file =
                file.is_some_and(|file| file.keys.iter().any(|(known, ..)| known == name));
            if is_of_file {
                let reference = format!("#/properties/{name}");
                return (name.clone(), object([("$ref", reference.into())]));
            }
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            (name.clone(), self.to_property(&path, key, below))
        });
        vec![
            ("type".into(), "object".into()),
            ("properties".into(), Json::Object(properties.collect())),
            ("additionalProperties".into(), false.into()),
        ]
    }

    fn to_property(&self, path: &str, key: &Key, below: &Self) -> Json {
        let mut json = Vec::new();
        if let Some(text) = description(path) {
            json.push(("description".into(), text.into()));
        }
        match key.kind {
            Kind::Table => json.extend(below.to_table(path, None)),
            Kind::Tables => {
                // Only a mount has the tables of the file.
                let file = (path == "mount").then_some(self);
                let items = Json::Object(below.to_table(path, file));
                json.extend(members([("type", "array".into()), ("items", items)]));
            }
            _ => json.extend(key.kind.to_json()),
        }
        if let Some(default) = &key.default
            && !NO_DEFAULT.contains(&path)
        {
            json.push(("default".into(), default.clone()));
        }
        Json::Object(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_key_is_described() {
        let schema = Config::json_schema();
        // Each property begins with its description, or is one that the file has too.
        let lines: Vec<_> = schema.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_property = line.ends_with("\": {")
                && !line.contains("\"properties\"")
                && !line.contains("\"additionalProperties\"")
                && !line.contains("\"items\"");
            if !is_property {
                continue;
            }
            let next = lines[at + 1].trim();
            assert!(
                next.starts_with("\"description\"") || next.starts_with("\"$ref\""),
                "{line} has no description"
            );
        }
    }

    #[test]
    fn keys_are_known_by_what_they_are_last_asked_for_as() {
        let mut keys = Keys::default();
        keys.add("a[0].b", Key::of(Kind::Any));
        keys.add("a[1].b", Key::of(Kind::List));
        keys.add("a[2].b", Key::of(Kind::one_of(&["x", "y"])));
        keys.add("a", Key::of(Kind::Tables));
        keys.add("c", Key::of(Kind::Flag).or(true));
        keys.add("c", Key::of(Kind::Any));
        keys.add("d", Key::of(Kind::NotSupported));
        let (names, known): (Vec<_>, Vec<_>) = keys
            .keys
            .iter()
            .map(|(name, key, _)| (&**name, &key.kind))
            .unzip();
        assert_eq!(names, ["a", "c", "d"]);
        assert_eq!(known, [&Kind::Tables, &Kind::Flag, &Kind::NotSupported]);
        assert_eq!(
            keys.keys[0].2.keys[0].1.kind,
            Kind::ListOf(vec!["x".into(), "y".into()])
        );
        assert_eq!(keys.keys[1].1.default, Some(true.into()));
        assert!(!keys.to_schema().contains("\"d\""));
    }
}
