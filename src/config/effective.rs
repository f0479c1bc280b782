//! The configuration in force, as TOML.

use std::fmt::Write as _;

/// The keys of a table, as they are printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Effective {
    keys: Vec<(&'static str, String)>,
}

impl Effective {
    /// Notes a key's value, which is TOML. The last one counts.
    pub(super) fn set(&mut self, key: &'static str, value: String) {
        match self.keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.keys.push((key, value)),
        }
    }

    /// A line a key.
    pub(super) fn lines(&self) -> String {
        let mut lines = String::new();
        for (key, value) in &self.keys {
            lines.extend([key, " = ", value, "\n"]);
        }
        lines
    }

    /// As an inline table.
    pub(super) fn inline(&self) -> String {
        let keys = self.keys.iter();
        let keys: Vec<_> = keys
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        format!("{{ {} }}", keys.join(", "))
    }
}

pub(super) fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

/// A text as a basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_quoted_is_read_again(text in any::<String>()) {
            let toml = format!("key = {}", quoted(&text));
            let table = toml::de::DeTable::parse(&toml).unwrap();
            let value = table.get_ref().get("key").unwrap().get_ref().as_str();
            prop_assert_eq!(value, Some(text.as_str()));
        }
    }
}
