//! Values as imagor reads them: Go's flags, globs on hosts, and expressions over URLs.

use std::time::Duration;

/// A flag, as Go's `strconv.ParseBool` has it.
pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("{text:?} is neither true (1) nor false (0)")),
    }
}

/// A whole number. imagor's take a sign.
pub(super) fn integer(text: &str) -> Result<i64, String> {
    let number = text.parse();
    number.map_err(|_| format!("{text:?} is not a whole number"))
}

/// A time, as Go's `time.ParseDuration` has it, such as `1h30m` or `1.5s`. What is below a millisecond counts as one.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| format!("{text:?} is not a time such as 30s or 1h30m"))
}

fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut milliseconds = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(unit_at);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let factor = match unit {
            "ns" => 1e-6,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            "m" => 60e3,
            "h" => 3_600e3,
            _ => return None,
        };
        milliseconds += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    // What Go can hold: about 292 years.
    if milliseconds > 9.2e12 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is neither negative nor large"
    )]
    Some(Duration::from_millis(milliseconds.ceil() as u64))
}

/// The values of a list, which are separated by commas.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// What an allowed source comes to here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An entry of `source.allow`.
    Entry(String),
    /// A regular expression for a whole host.
    Regex(String),
    Wrong(&'static str),
}

/// Reads a glob, which imagor matches against host and port (Go's `path.Match`): `*` stands for anything, dots included,
/// `?` for a character, `[a-z]` for one of several, and a backslash takes the meaning from what follows.
pub(super) fn source(glob: &str) -> Source {
    if glob == "*" {
        return Source::Entry("*:*".into());
    }
    let below = glob.strip_prefix("*.").unwrap_or(glob);
    let host = below.strip_suffix(":*").unwrap_or(below);
    if !has_wildcard(host) {
        // An IPv6 address stands in brackets, which imagor needs escaped.
        return Source::Entry(glob.replace('\\', ""));
    }
    if glob.contains([':', '/']) {
        return Source::Wrong("a wildcard within a host goes without a scheme and a port");
    }
    host_regex(glob).map_or(Source::Wrong("it is no glob"), Source::Regex)
}

/// Whether a glob has a wildcard whose meaning is not taken from it.
fn has_wildcard(glob: &str) -> bool {
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

fn host_regex(glob: &str) -> Option<String> {
    let mut regex = String::new();
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let class: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let (sign, members) = match class.strip_prefix('^') {
                    Some(members) => ("^", members),
                    None => ("", &*class),
                };
                let is_member = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
                if members.is_empty() || !members.chars().all(is_member) {
                    return None;
                }
                regex.extend(["[", sign, &members.to_ascii_lowercase(), "]"]);
            }
            '\\' => push_literal(&mut regex, chars.next()?),
            c => push_literal(&mut regex, c),
        }
    }
    Some(regex)
}

fn push_literal(regex: &mut String, c: char) {
    if !c.is_ascii_alphanumeric() {
        regex.push('\\');
    }
    regex.push(c.to_ascii_lowercase());
}

/// What imagor's expression, which it looks for anywhere in a URL, says of the host: `^https?://(.+\.)?example\.com/`
/// says `(.+\.)?example\.com`. `None` where it says something of the path.
pub(super) fn host_of_regex(regex: &str) -> Option<&str> {
    const SCHEMES: [&str; 10] = [
        "https?://",
        r"https?:\/\/",
        "https://",
        r"https:\/\/",
        "http://",
        r"http:\/\/",
        "(https|http)://",
        "(http|https)://",
        "(https?)://",
        "(?:https?)://",
    ];
    let regex = regex.strip_prefix('^').unwrap_or(regex);
    let rest = SCHEMES.iter().find_map(|scheme| regex.strip_prefix(scheme));
    let rest = rest.unwrap_or(regex);
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = match path {
        "" => host.strip_suffix('$').unwrap_or(host),
        _ => host.strip_suffix('\\').unwrap_or(host),
    };
    let every_path = matches!(path, "" | "/" | "/.*" | "/.*$" | "/.+" | "/.+$" | "/?$");
    (every_path && !host.is_empty()).then_some(host)
}
