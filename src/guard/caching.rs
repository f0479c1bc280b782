use std::borrow::Cow;

use http::header::{CACHE_CONTROL, EXPIRES, HeaderMap, HeaderName, HeaderValue, VARY};

use crate::header_list::elements;

/// The caching of an answer, as far as a guard may change it: it can be tightened, never loosened.
#[derive(Debug)]
pub struct Caching<'a> {
    headers: &'a mut HeaderMap,
}

impl<'a> Caching<'a> {
    /// The caching that the headers of an answer state.
    pub fn of(headers: &'a mut HeaderMap) -> Self {
        Self { headers }
    }

    /// Adds a header's name to `Vary`, unless it is there or `Vary` is `*`.
    pub fn add_vary(&mut self, name: &HeaderName) {
        if !self.lists_in_vary(name.as_str()) && !self.lists_in_vary("*") {
            self.headers.append(VARY, HeaderValue::from(name.clone()));
        }
    }

    /// Whether `Vary` lists a header by its name.
    pub fn varies_on(&self, name: &HeaderName) -> bool {
        self.lists_in_vary(name.as_str())
    }

    fn lists_in_vary(&self, wanted: &str) -> bool {
        elements(self.headers, VARY).any(|element| is(element, wanted))
    }

    /// Lowers `max-age` and `s-maxage` to `seconds`, and drops what lets a cache serve the answer stale. An answer
    /// without a lifetime gets none, except that an `Expires` that nothing overrides is made to say "already".
    pub fn cap_max_age(&mut self, seconds: u64) {
        let mut lifetime = false;
        rewrite(self.headers, |name, value| {
            if is(name, "stale-while-revalidate") || is(name, "stale-if-error") {
                return Directive::Drop;
            }
            if !is(name, "max-age") && !is(name, "s-maxage") {
                return Directive::Keep;
            }
            lifetime = true;
            // A value too large for u64, or none at all, is as good as "longer than allowed".
            match value.and_then(delta_seconds) {
                Some(stated) if stated <= seconds => Directive::Keep,
                _ if is(name, "max-age") => Directive::Replace(format!("max-age={seconds}")),
                _ => Directive::Replace(format!("s-maxage={seconds}")),
            }
        });
        if !lifetime && self.headers.contains_key(EXPIRES) {
            self.headers.insert(EXPIRES, HeaderValue::from_static("0"));
        }
    }

    /// Makes an answer that shared caches may keep one that only the client's own cache may keep.
    pub fn make_private(&mut self) {
        let mut stated = false;
        rewrite(self.headers, |name, value| {
            // With a value, `private` is about the fields it lists alone (RFC 9111, section 5.2.2.7).
            stated |= is(name, "no-store") || is(name, "private") && value.is_none();
            if is(name, "public") || is(name, "s-maxage") {
                Directive::Drop
            } else {
                Directive::Keep
            }
        });
        if !stated {
            let stated = elements(self.headers, CACHE_CONTROL);
            let line: Vec<_> = stated.chain([b"private".as_slice()]).collect();
            let line = HeaderValue::try_from(line.join(b", ".as_slice()));
            let line = line.unwrap_or(HeaderValue::from_static("private"));
            self.headers.insert(CACHE_CONTROL, line);
        }
    }

    /// Forbids every cache to keep the answer.
    pub fn forbid_store(&mut self) {
        self.headers.remove(EXPIRES);
        self.headers
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    /// Whether the answer forbids every cache to keep it.
    pub fn forbids_store(&self) -> bool {
        self.states("no-store")
    }

    /// Whether the answer forbids shared caches to keep it: `private` or `no-store`. An answer that says nothing does not.
    pub fn forbids_shared_store(&self) -> bool {
        self.states("private") || self.forbids_store()
    }

    /// Whether `Cache-Control` has a directive, without an argument.
    fn states(&self, wanted: &str) -> bool {
        elements(self.headers, CACHE_CONTROL).any(|directive| is(directive, wanted))
    }
}

enum Directive {
    Keep,
    Drop,
    Replace(String),
}

/// Passes the name and the value of every directive of `Cache-Control` through `change`, and writes what is left as one
/// line. Where nothing changes, nothing is written.
fn rewrite(headers: &mut HeaderMap, mut change: impl FnMut(&[u8], Option<&[u8]>) -> Directive) {
    let mut change = |directive: &[u8]| {
        let mut halves = directive.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default().trim_ascii_end();
        change(name, halves.next().map(<[u8]>::trim_ascii_start))
    };
    if elements(headers, CACHE_CONTROL)
        .all(|directive| matches!(change(directive), Directive::Keep))
    {
        return;
    }
    let mut line = Vec::new();
    for directive in elements(headers, CACHE_CONTROL) {
        let kept = match change(directive) {
            Directive::Keep => Cow::Borrowed(directive),
            Directive::Drop => continue,
            Directive::Replace(directive) => Cow::Owned(directive.into_bytes()),
        };
        if !line.is_empty() {
            line.extend_from_slice(b", ");
        }
        line.extend_from_slice(&kept);
    }
    match HeaderValue::try_from(line) {
        Ok(value) if !value.is_empty() => headers.insert(CACHE_CONTROL, value),
        _ => headers.remove(CACHE_CONTROL),
    };
}

fn is(name: &[u8], wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted.as_bytes())
}

/// A number of seconds, which some write as a quoted string (RFC 9111, section 5.2).
fn delta_seconds(value: &[u8]) -> Option<u64> {
    str::from_utf8(value).ok()?.trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|&(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn joined(headers: &HeaderMap, name: HeaderName) -> String {
        let lines: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|line| line.to_str().unwrap())
            .collect();
        lines.join(", ")
    }

    #[test]
    fn vary_is_appended_once() {
        let cases = [
            ("", "accept"),
            ("Origin", "Origin, accept"),
            ("Accept", "Accept"),
            ("origin, ACCEPT ", "origin, ACCEPT"),
            ("*", "*"),
        ];
        for (before, after) in cases {
            let mut map = if before.is_empty() {
                HeaderMap::new()
            } else {
                headers(&[("vary", before)])
            };
            Caching::of(&mut map).add_vary(&http::header::ACCEPT);
            assert_eq!(joined(&map, VARY).trim_end(), after, "{before:?}");
        }
    }

    #[test]
    fn vary_is_read_by_name() {
        let cases = [
            ("Accept", true),
            ("Origin , ACCEPT", true),
            ("*", false),
            ("Accept-Encoding", false),
            ("", false),
        ];
        for (vary, varies) in cases {
            let mut map = headers(&[("vary", vary)]);
            assert_eq!(
                Caching::of(&mut map).varies_on(&http::header::ACCEPT),
                varies,
                "{vary:?}"
            );
        }
    }

    #[test]
    fn shared_caches_are_kept_out_by_private_and_no_store() {
        let cases = [
            ("max-age=9, Private", true),
            ("no-store", true),
            ("public, max-age=9", false),
            ("private=\"set-cookie\"", false),
            ("no-cache", false),
        ];
        for (cache_control, forbids) in cases {
            let mut map = headers(&[("cache-control", cache_control)]);
            assert_eq!(
                Caching::of(&mut map).forbids_shared_store(),
                forbids,
                "{cache_control:?}"
            );
        }
        assert!(!Caching::of(&mut HeaderMap::new()).forbids_shared_store());
    }

    #[test]
    fn a_lifetime_is_lowered_and_never_set() {
        let cases = [
            ("public, max-age=100", "public, max-age=60"),
            ("max-age=30", "max-age=30"),
            ("max-age=99999999999999999999999", "max-age=60"),
            ("max-age", "max-age=60"),
            ("Max-Age=\"90\", S-MaxAge=90", "max-age=60, s-maxage=60"),
            (
                "max-age=90, stale-while-revalidate=900, stale-if-error=9",
                "max-age=60",
            ),
            ("public", "public"),
        ];
        for (before, after) in cases {
            let mut map = headers(&[("cache-control", before)]);
            Caching::of(&mut map).cap_max_age(60);
            assert_eq!(joined(&map, CACHE_CONTROL), after, "{before:?}");
        }
        let mut map = HeaderMap::new();
        Caching::of(&mut map).cap_max_age(60);
        assert!(map.is_empty());
    }

    #[test]
    fn an_expires_alone_is_brought_to_an_end() {
        let mut map = headers(&[("expires", "Fri, 01 Jan 2100 00:00:00 GMT")]);
        Caching::of(&mut map).cap_max_age(60);
        assert_eq!(map[EXPIRES], "0");
    }

    #[test]
    fn public_becomes_private() {
        let cases = [
            ("public, max-age=9", "max-age=9, private"),
            ("max-age=9, s-maxage=99", "max-age=9, private"),
            ("private, max-age=9", "private, max-age=9"),
            ("private=\"set-cookie\"", "private=\"set-cookie\", private"),
            ("no-store", "no-store"),
        ];
        for (before, after) in cases {
            let mut map = headers(&[("cache-control", before)]);
            Caching::of(&mut map).make_private();
            assert_eq!(map[CACHE_CONTROL], after, "{before:?}");
            assert_eq!(map.get_all(CACHE_CONTROL).iter().count(), 1, "{before:?}");
        }
        let mut map = HeaderMap::new();
        Caching::of(&mut map).make_private();
        assert_eq!(map[CACHE_CONTROL], "private");
    }
}
