//! Writing JSON (RFC 8259).

use std::fmt::Write as _;

/// Appends `text` as a JSON string (RFC 8259, section 7).
pub(crate) fn push_string(json: &mut String, text: &str) {
    push_string_but(json, text, |_| false);
}

/// The same, with more characters as escapes than have to be.
fn push_string_but(json: &mut String, text: &str, escaped: impl Fn(char) -> bool) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c.is_control() || escaped(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// A document that is being written, by calls in its order.
///
/// Strings are escaped as Go does it: no HTML and no script can be in them.
#[cfg(feature = "transform")]
#[derive(Debug)]
pub(crate) struct Json {
    text: String,
    indented: bool,
    depth: usize,
    /// Whether nothing is in what was opened last.
    empty: bool,
}

#[cfg(feature = "transform")]
impl Json {
    /// Without white space.
    pub(crate) fn compact() -> Self {
        Self {
            text: String::new(),
            indented: false,
            depth: 0,
            empty: true,
        }
    }

    /// On lines, indented by two spaces a level.
    pub(crate) fn indented() -> Self {
        Self {
            indented: true,
            ..Self::compact()
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.within(['{', '}'], members);
    }

    pub(crate) fn array(&mut self, elements: impl FnOnce(&mut Self)) {
        self.within(['[', ']'], elements);
    }

    /// Begins a member: its value is to be written next.
    pub(crate) fn member(&mut self, name: &str) -> &mut Self {
        self.next();
        self.string(name);
        self.text.push_str(if self.indented { ": " } else { ":" });
        self
    }

    /// Begins an element of an array.
    pub(crate) fn element(&mut self) -> &mut Self {
        self.next();
        self
    }

    pub(crate) fn string(&mut self, text: &str) {
        let of_html = |c| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        push_string_but(&mut self.text, text, of_html);
    }

    pub(crate) fn number(&mut self, number: impl Into<f64>) {
        // The shortest digits that read as the number again; what is no number has no place in JSON.
        let number = number.into();
        let number = if number.is_finite() { number } else { 0.0 };
        let _ = write!(self.text, "{number}");
    }

    pub(crate) fn integer(&mut self, number: u64) {
        let _ = write!(self.text, "{number}");
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn within(&mut self, [open, close]: [char; 2], inside: impl FnOnce(&mut Self)) {
        self.text.push(open);
        self.depth += 1;
        self.empty = true;
        inside(self);
        self.depth -= 1;
        if !self.empty {
            self.new_line();
        }
        self.empty = false;
        self.text.push(close);
    }

    fn next(&mut self) {
        if !std::mem::replace(&mut self.empty, false) {
            self.text.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if self.indented {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.depth));
        }
    }
}

#[cfg(all(test, feature = "transform"))]
mod tests {
    use super::*;

    fn write(json: &mut Json) {
        json.object(|json| {
            json.member("a").string("<\"\\\u{1}\u{1F600}&>");
            json.member("b").array(|json| {
                json.element().number(0.5);
                json.element().object(|json| json.member("c").boolean(true));
                json.element().object(|_| {});
            });
            json.member("d").array(|_| {});
            json.member("e").integer(u64::MAX);
            json.member("f").number(f64::NAN);
        });
    }

    #[test]
    fn a_document_is_written_compact_or_indented() {
        let mut compact = Json::compact();
        write(&mut compact);
        assert_eq!(
            compact.finish(),
            "{\"a\":\"\\u003c\\\"\\\\\\u0001\u{1F600}\\u0026\\u003e\",\"b\":[0.5,{\"c\":true},{}],\"d\":[],\
             \"e\":18446744073709551615,\"f\":0}"
        );
        let mut indented = Json::indented();
        write(&mut indented);
        assert_eq!(
            indented.finish(),
            "{\n  \"a\": \"\\u003c\\\"\\\\\\u0001\u{1F600}\\u0026\\u003e\",\n  \"b\": [\n    0.5,\n    {\n      \
             \"c\": true\n    },\n    {}\n  ],\n  \"d\": [],\n  \"e\": 18446744073709551615,\n  \"f\": 0\n}"
        );
    }
}
