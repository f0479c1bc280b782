//! As much of JSON as a schema needs.

use std::fmt::{self, Write as _};

#[derive(Clone, Debug, PartialEq)]
pub(in crate::config) enum Json {
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

pub(super) type Members = Vec<(String, Json)>;

pub(super) fn members<const N: usize>(members: [(&str, Json); N]) -> Members {
    members.map(|(name, value)| (name.into(), value)).into()
}

pub(super) fn object<const N: usize>(list: [(&str, Json); N]) -> Json {
    Json::Object(members(list))
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Json {
    /// Lists stand on one line where they hold no objects; objects on a line a member.
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let is_simple = |value: &Self| !matches!(value, Self::List(_) | Self::Object(_));
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(f, text),
            Self::List(values) if values.iter().all(is_simple) => {
                f.write_char('[')?;
                for (index, value) in values.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    value.write(f, depth)?;
                }
                f.write_char(']')
            }
            Self::List(values) => write_lines(f, depth, ['[', ']'], values, |f, value| {
                value.write(f, depth + 1)
            }),
            Self::Object(members) if members.is_empty() => f.write_str("{}"),
            Self::Object(members) => {
                write_lines(f, depth, ['{', '}'], members, |f, (name, value)| {
                    write_text(f, name)?;
                    f.write_str(": ")?;
                    value.write(f, depth + 1)
                })
            }
        }
    }
}

fn write_lines<T>(
    f: &mut fmt::Formatter<'_>,
    depth: usize,
    [open, close]: [char; 2],
    values: &[T],
    write_one: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, value) in values.iter().enumerate() {
        f.write_str(if index == 0 { "\n" } else { ",\n" })?;
        write!(f, "{:1$}", "", 2 * (depth + 1))?;
        write_one(f, value)?;
    }
    write!(f, "\n{:1$}", "", 2 * depth)?;
    f.write_char(close)
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
