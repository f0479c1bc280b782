//! The parameters of a step of a chain.

#[derive(Default)]
pub(super) struct Params(Vec<(&'static str, String)>);

impl Params {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(other, _)| *other == key)
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is made to be passed")]
    pub(super) fn add(&mut self, key: &'static str, value: impl ToString) {
        self.0.push((key, value.to_string()));
    }

    /// Adds what may be there once. What else it should be is for the parser to notice.
    pub(super) fn set(&mut self, key: &'static str, value: impl ToString) {
        if !self.has(key) {
            self.add(key, value);
        }
    }

    /// Replaces a parameter, where it has this value.
    pub(super) fn replace(&mut self, (key, value): (&str, &str), with: (&'static str, &str)) {
        let pair = self.0.iter_mut();
        let pair = pair.filter(|(other, text)| *other == key && text == value);
        for pair in pair {
            *pair = (with.0, with.1.to_owned());
        }
    }

    pub(super) fn print(&self) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("{key}-{value}"));
        pairs.collect::<Vec<_>>().join(",")
    }
}
