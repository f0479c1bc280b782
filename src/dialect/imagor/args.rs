//! The arguments of a filter, as imagor reads them: what is no number is 0.

use std::borrow::Cow;
use std::cell::Cell;

use super::color;
use crate::recipe::{Backdrop, Color, Length, Position};
use crate::url_lex::imagor::{decode_image, split_outside};

/// The most arguments that are looked at: more than any filter has.
const MOST: usize = 16;

/// The arguments of a filter, split at commas outside parentheses. A last one that is empty is none.
pub(super) struct Args<'a> {
    args: Vec<&'a str>,
    unread: Cell<bool>,
}

impl<'a> Args<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut args = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest.filter(|_| args.len() < MOST) {
            let (arg, after) = split_outside(text, b',');
            rest = after;
            if after.is_some() || !arg.is_empty() {
                args.push(arg);
            }
        }
        Self {
            args,
            unread: Cell::new(false),
        }
    }

    /// Whether something was read as its default because it could not be read.
    pub(super) fn unread(&self) -> bool {
        self.unread.get()
    }

    /// What was read, or the default. An argument that is not there is read as that.
    pub(super) fn or<T>(&self, text: &str, read: Option<T>, default: T) -> T {
        if read.is_none() && !text.is_empty() {
            self.unread.set(true);
        }
        read.unwrap_or(default)
    }

    pub(super) fn len(&self) -> usize {
        self.args.len()
    }

    /// The text of an argument; empty where there is none.
    pub(super) fn text(&self, at: usize) -> &'a str {
        self.args.get(at).copied().unwrap_or_default()
    }

    /// The text, form-decoded, and then `b64:` decoded.
    pub(super) fn decoded(&self, at: usize) -> Option<Cow<'a, str>> {
        decode_image(self.text(at))
    }

    pub(super) fn number(&self, at: usize) -> f64 {
        let text = self.text(at);
        self.or(text, number(text), 0.0)
    }

    pub(super) fn integer(&self, at: usize) -> i64 {
        let text = self.text(at);
        self.or(text, text.parse().ok(), 0)
    }

    /// A colour; black where it is none.
    pub(super) fn color(&self, at: usize) -> Color {
        let text = self.text(at);
        self.or(text, color::color(text), Color::BLACK)
    }

    pub(super) fn backdrop(&self, at: usize) -> Backdrop {
        let text = self.text(at);
        self.or(text, color::backdrop(text), Backdrop::Color(Color::BLACK))
    }

    /// Pixels, or a fraction between 0 and 1.
    pub(super) fn length(&self, at: usize) -> Length {
        let value = self.number(at);
        if value > 0.0 && value < 1.0 {
            Length::Fraction(value)
        } else {
            Length::Pixels(value)
        }
    }

    /// Where an overlay is along an axis whose ends are called `start` and `end`.
    pub(super) fn position(&self, at: usize, [start, end]: [&str; 2]) -> Position {
        let text = self.text(at);
        let word = |word: &str| text == word;
        if word("center") {
            return Position::Center(Length::default());
        } else if word("repeat") {
            return Position::Repeat(Length::default());
        } else if word(start) {
            return Position::Start(Length::default());
        } else if word(end) {
            return Position::End(Length::default());
        }
        if let Some((word, digits)) = text.split_once('-')
            && let Ok(offset) = digits.parse::<u32>()
        {
            let beyond = Length::Pixels(-f64::from(offset));
            if word == start || Some(word) == start.get(..1) {
                return Position::Start(beyond);
            } else if word == end || Some(word) == end.get(..1) {
                return Position::End(beyond);
            }
        }
        let integer = |text: &str| self.or(text, text.parse::<i32>().ok().map(f64::from), 0.0);
        let length = match text.strip_suffix('p') {
            Some(percent) => Length::Fraction(integer(percent) / 100.0),
            None if text.starts_with("0.") || text.starts_with("-0.") => {
                Length::Fraction(self.number(at))
            }
            None => Length::Pixels(integer(text)),
        };
        // What is negative counts from the other end.
        match length {
            Length::Fraction(fraction) if fraction < 0.0 => {
                Position::End(Length::Fraction(-fraction))
            }
            Length::Pixels(pixels) if pixels < 0.0 => Position::End(Length::Pixels(-pixels)),
            length => Position::Start(length),
        }
    }

    /// Where an overlay is, by two arguments, horizontal and vertical.
    pub(super) fn place(&self, at: usize) -> (Position, Position) {
        (
            self.position(at, ["left", "right"]),
            self.position(at + 1, ["top", "bottom"]),
        )
    }
}

/// A number, if it is one, and is finite.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
