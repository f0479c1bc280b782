use std::fmt;

use aho_corasick::{AhoCorasick, Match};
use http::HeaderMap;
use http::header::USER_AGENT;

/// The texts of a rule over the User-Agent.
#[derive(Clone)]
pub(super) struct Texts {
    texts: Box<[Box<str>]>,
    automaton: AhoCorasick,
}

impl Texts {
    pub(super) fn new<I>(texts: I) -> Result<Self, InvalidTexts>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let texts: Box<[Box<str>]> = texts.into_iter().map(|text| text.as_ref().into()).collect();
        if texts.is_empty() {
            return Err(InvalidTexts::NoText);
        }
        let invalid: Vec<_> = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| text.is_empty() || text.contains(is_no_field_char))
            .map(|(index, text)| InvalidText {
                index,
                text: text.clone(),
            })
            .collect();
        if !invalid.is_empty() {
            return Err(InvalidTexts::Texts(invalid));
        }
        // Linear in the User-Agent, however many texts there are. It looks for lower case in lower case, which lets it
        // look at many bytes at once; looking for either case does not.
        let automaton = AhoCorasick::new(texts.iter().map(|text| text.to_ascii_lowercase()))
            .map_err(|_| InvalidTexts::TooLong)?;
        Ok(Self { texts, automaton })
    }

    /// A text that the User-Agent contains.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(USER_AGENT)
            .iter()
            .find_map(|line| self.find_in(line.as_bytes()))
            .and_then(|found| self.texts.get(found.pattern().as_usize()))
            .map(|text| &**text)
    }

    fn find_in(&self, line: &[u8]) -> Option<Match> {
        let mut usual = [0; USUAL_BYTES];
        let Some(lower) = usual.get_mut(..line.len()) else {
            return self.automaton.find(&line.to_ascii_lowercase());
        };
        lower.copy_from_slice(line);
        lower.make_ascii_lowercase();
        self.automaton.find(&*lower)
    }
}

/// How long a User-Agent is put into lower case without an allocation. They have a hundred bytes or two.
const USUAL_BYTES: usize = 1024;

/// Whether the value of a header cannot contain a character.
fn is_no_field_char(char: char) -> bool {
    char.is_ascii_control() && char != '\t'
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.texts.fmt(f)
    }
}

/// Texts make no rule over the User-Agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTexts {
    /// There is no text, so that the rule would never match.
    NoText,
    /// Texts that are in every User-Agent, or in none.
    Texts(Vec<InvalidText>),
    /// The texts are more than can be looked for at once: some two billion bytes.
    TooLong,
}

impl fmt::Display for InvalidTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("there is no text to look for in a User-Agent"),
            Self::Texts(invalid) => {
                for (nth, invalid) in invalid.iter().enumerate() {
                    let separator = if nth == 0 { "" } else { "\n" };
                    write!(f, "{separator}{invalid}")?;
                }
                Ok(())
            }
            Self::TooLong => f.write_str("the texts are too many, or too long"),
        }
    }
}

impl std::error::Error for InvalidTexts {}

/// A text that is in every User-Agent, because it is empty, or in none, because a header cannot hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidText {
    index: usize,
    text: Box<str>,
}

impl InvalidText {
    /// Which of the texts it is, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, text } = self;
        let why = if text.is_empty() {
            "is empty, and every User-Agent contains it"
        } else {
            "has a control character, and no User-Agent contains it"
        };
        write!(f, "text {index}: {text:?} {why}")
    }
}

impl std::error::Error for InvalidText {}
