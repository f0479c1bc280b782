//! What the printers of all dialects share. A printer writes what a request looks most like; whether that is what the request
//! says is for the dialect's parser to tell, to which every printed URL is given back.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::recipe::key::WriteKey;
use crate::recipe::{Color, Length};

/// A dialect has no words for a field of the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsayable {
    pub(super) field: &'static str,
    pub(super) why: Cow<'static, str>,
}

pub(super) type Printed<T = String> = Result<T, Unsayable>;

/// That a dialect has no words for a field.
pub(super) fn unsayable<T>(field: &'static str, why: &'static str) -> Printed<T> {
    Err(Unsayable {
        field,
        why: why.into(),
    })
}

/// That a dialect has nothing like it.
pub(super) fn missing<T>(field: &'static str) -> Printed<T> {
    unsayable(field, "there is no such thing")
}

/// That a dialect has not this variant.
pub(super) fn no_such<T>(variant: &dyn WriteKey) -> Printed<T> {
    let mut parts = Vec::new();
    variant.parts(&mut parts);
    missing(parts.first().map_or("Recipe.steps", |part| part.name))
}

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// All but unreserved characters and what names of images are full of.
const NOT_IN_NAMES: &AsciiSet = &RESERVED.remove(b'/').remove(b':');

/// Percent-encodes all but unreserved characters.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Percent-encodes the name of an image, but for its slashes and colons.
pub(super) fn encoded_name(name: &str) -> String {
    utf8_percent_encode(name, NOT_IN_NAMES).to_string()
}

/// The six digits of a colour; alpha is left out.
pub(super) fn hex(color: Color) -> String {
    let Color {
        red, green, blue, ..
    } = color;
    format!("{red:02x}{green:02x}{blue:02x}")
}

/// The pixels of a length, where they are whole.
pub(super) fn pixels(length: Length, field: &'static str) -> Printed<f64> {
    match length {
        Length::Pixels(pixels) if pixels.fract() == 0.0 => Ok(tidy(pixels)),
        _ => unsayable(field, "it is in whole pixels there"),
    }
}

/// The pixels of a length that may be left out; 0 where it is.
pub(super) fn pixels_or_none(length: Option<Length>, field: &'static str) -> Printed<f64> {
    length.map_or(Ok(0.0), |length| pixels(length, field))
}

/// Without the sign of zero.
pub(super) fn tidy(number: f64) -> f64 {
    number + 0.0
}

/// What `forward` makes `target` of, in few digits. `guess` is near to it. Where nothing comes out as `target` it is the
/// guess.
pub(super) fn inverse(target: f64, guess: f64, forward: impl Fn(f64) -> f64) -> f64 {
    /// How many neighbours of the guess are tried.
    const NEIGHBOURS: usize = 8;

    let hits = |number: &f64| forward(*number).to_bits() == target.to_bits();
    let rounded = [1.0, 1e2, 1e4, 1e6, 1e9, 1e12].map(|scale| (guess * scale).round() / scale);
    let up = std::iter::successors(Some(guess), |number| Some(number.next_up()));
    let down = std::iter::successors(Some(guess), |number| Some(number.next_down()));
    let found = rounded
        .into_iter()
        .chain(up.take(NEIGHBOURS))
        .chain(down.take(NEIGHBOURS))
        .find(hits);
    tidy(found.unwrap_or(guess))
}

/// The percentage of a fraction, as it is read back: divided by 100.
pub(super) fn percent(fraction: f64) -> f64 {
    inverse(tidy(fraction), fraction * 100.0, |percent| percent / 100.0)
}
