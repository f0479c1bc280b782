use std::fmt;

use http::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use http::request;

use super::texts::{InvalidTexts, Texts};
use crate::guard::{Caching, Empty, Guard, GuardLayer, Rejection};

/// Rewrites the Accept of clients by their User-Agent. See the [module docs](super) for an example.
pub type AcceptRewriteLayer<R = Empty> = GuardLayer<AcceptRewrite, R>;

impl AcceptRewriteLayer {
    /// A layer of [`AcceptRewrite::from_rules`].
    pub fn from_rules<I, T, A>(rules: I) -> Result<Self, InvalidAcceptRules>
    where
        I: IntoIterator<Item = (T, A)>,
        T: IntoIterator<Item: AsRef<str>>,
        A: AsRef<str>,
    {
        AcceptRewrite::from_rules(rules).map(Self::new)
    }
}

/// The rules of an [`AcceptRewriteLayer`]. See the [module docs](super).
#[derive(Clone, Debug)]
pub struct AcceptRewrite {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    contains: Texts,
    accept: HeaderValue,
}

impl AcceptRewrite {
    /// Rules in the order in which they are tried: texts that the User-Agent may contain, ASCII letters in any case, and
    /// the value of Accept that the request then gets.
    ///
    /// The value is a list of media ranges (RFC 9110, section 12.5.1), such as `image/webp,image/apng,*/*;q=0.8`, without
    /// quoted strings.
    ///
    /// # Errors
    ///
    /// [`InvalidAcceptRules`] where there is no rule, or with everything that is wrong in each.
    pub fn from_rules<I, T, A>(rules: I) -> Result<Self, InvalidAcceptRules>
    where
        I: IntoIterator<Item = (T, A)>,
        T: IntoIterator<Item: AsRef<str>>,
        A: AsRef<str>,
    {
        let mut valid = Vec::new();
        let mut invalid = Vec::new();
        for (index, (contains, accept)) in rules.into_iter().enumerate() {
            let accept = accept.as_ref();
            match (Texts::new(contains), media_ranges(accept)) {
                (Ok(contains), Some(accept)) => valid.push(Rule { contains, accept }),
                (contains, value) => invalid.push(InvalidAcceptRule {
                    index,
                    contains: contains.err(),
                    accept: value.is_none().then(|| accept.into()),
                }),
            }
        }
        if !invalid.is_empty() {
            return Err(InvalidAcceptRules::Rules(invalid));
        }
        if valid.is_empty() {
            return Err(InvalidAcceptRules::NoRule);
        }
        Ok(Self { rules: valid })
    }
}

impl Guard for AcceptRewrite {
    /// The index of the rule that matched.
    type Pass = Option<usize>;

    fn check(&self, head: &request::Parts) -> Result<Self::Pass, Rejection> {
        Ok(self
            .rules
            .iter()
            .position(|rule| rule.contains.find(&head.headers).is_some()))
    }

    fn apply(&self, head: &mut request::Parts, matched: &mut Self::Pass) {
        if let Some(rule) = matched.and_then(|index| self.rules.get(index)) {
            head.headers.insert(ACCEPT, rule.accept.clone());
        }
    }

    fn respond(&self, _matched: Self::Pass, caching: &mut Caching<'_>) {
        if caching.varies_on(&ACCEPT) {
            caching.add_vary(&USER_AGENT);
        }
    }
}

/// Reads a list of media ranges.
fn media_ranges(text: &str) -> Option<HeaderValue> {
    if text.split(',').all(is_media_range) {
        HeaderValue::from_str(text.trim_ascii()).ok()
    } else {
        None
    }
}

/// Whether a text is `type/subtype`, `type/*` or `*/*`, with its parameters.
fn is_media_range(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim_ascii);
    let Some((kind, subtype)) = parts.next().and_then(|range| range.split_once('/')) else {
        return false;
    };
    is_token(kind)
        && is_token(subtype)
        && (kind != "*" || subtype == "*")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, weight)) if name.eq_ignore_ascii_case("q") => is_weight(weight),
            Some((name, value)) => is_token(name) && is_token(value),
            None => false,
        })
}

/// Whether a text is a number from 0 to 1 with at most three decimals.
fn is_weight(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let allowed = match whole {
        "0" => "0123456789",
        "1" => "0",
        _ => return false,
    };
    decimals.len() <= 3 && decimals.chars().all(|digit| allowed.contains(digit))
}

/// Whether a text is a token (RFC 9110, section 5.6.2), as the name of every header is.
fn is_token(text: &str) -> bool {
    HeaderName::from_bytes(text.as_bytes()).is_ok()
}

/// Rules make no [`AcceptRewrite`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidAcceptRules {
    /// There is no rule, so that nothing would ever be rewritten.
    NoRule,
    /// Rules that are wrong in themselves.
    Rules(Vec<InvalidAcceptRule>),
}

impl fmt::Display for InvalidAcceptRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("there is no rule to rewrite Accept by"),
            Self::Rules(invalid) => {
                for (nth, invalid) in invalid.iter().enumerate() {
                    let separator = if nth == 0 { "" } else { "\n" };
                    write!(f, "{separator}{invalid}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for InvalidAcceptRules {}

/// What is wrong in a rule of an [`AcceptRewrite`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAcceptRule {
    index: usize,
    contains: Option<InvalidTexts>,
    accept: Option<Box<str>>,
}

impl InvalidAcceptRule {
    /// Which of the rules it is, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What is wrong with its texts, if anything.
    pub fn contains(&self) -> Option<&InvalidTexts> {
        self.contains.as_ref()
    }

    /// Its value of Accept, where that is no list of media ranges.
    pub fn accept(&self) -> Option<&str> {
        self.accept.as_deref()
    }
}

impl fmt::Display for InvalidAcceptRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.index;
        if let Some(contains) = &self.contains {
            write!(f, "rule {index}: {contains}")?;
        }
        if let Some(accept) = &self.accept {
            let separator = if self.contains.is_some() { "\n" } else { "" };
            write!(
                f,
                "{separator}rule {index}: {accept:?} is not a list of media ranges"
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidAcceptRule {}
