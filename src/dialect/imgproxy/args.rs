//! The arguments of an option: `arg:arg:...`. What cannot be read is `None`, and the caller refuses the option.

use crate::dialect::MAX_LENGTH;
use crate::recipe::{Align, Color, Format, Gravity, Length};

/// The most arguments that are looked at: more than any option has.
const MOST: usize = 32;

/// The arguments of an option, split at colons.
#[derive(Clone, Debug)]
pub(super) struct Args<'a>(Vec<&'a str>);

impl<'a> Args<'a> {
    /// `None` where there are more than any option has.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let args: Vec<&str> = text.split(':').take(MOST + 1).collect();
        (args.len() <= MOST).then_some(Self(args))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().copied()
    }

    /// The arguments from one on, where there are no more than `most`.
    pub(super) fn from(&self, at: usize, most: usize) -> Option<Self> {
        let rest = self.0.get(at..)?;
        (rest.len() <= most).then(|| Self(rest.to_vec()))
    }

    /// Whether there are no more than `most`.
    pub(super) fn at_most(&self, most: usize) -> Option<()> {
        (self.0.len() <= most).then_some(())
    }

    /// An argument; empty where there is none.
    pub(super) fn text(&self, at: usize) -> &'a str {
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The only argument.
    pub(super) fn only(&self) -> Option<&'a str> {
        match *self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// An argument as `read` reads it, where it is not empty. The outer `None`: it cannot be read.
    #[expect(
        clippy::option_option,
        reason = "none given, and none that can be read"
    )]
    pub(super) fn given<T>(&self, at: usize, read: fn(&str) -> Option<T>) -> Option<Option<T>> {
        match self.text(at) {
            "" => Some(None),
            text => read(text).map(Some),
        }
    }
}

/// As Go's `strconv` reads it.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A number that is finite and not absurd.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number: f64 = text.parse().ok().filter(|_| plain)?;
    (number.abs() <= f64::from(MAX_LENGTH)).then_some(number)
}

pub(super) fn at_least_zero(text: &str) -> Option<f64> {
    number(text).filter(|&number| number >= 0.0)
}

pub(super) fn above_zero(text: &str) -> Option<f64> {
    number(text).filter(|&number| number > 0.0)
}

/// From 0 to 1.
pub(super) fn share(text: &str) -> Option<f64> {
    number(text).filter(|number| (0.0..=1.0).contains(number))
}

/// From 0 to 1, as alpha.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 255"
)]
pub(super) fn alpha(text: &str) -> Option<u8> {
    share(text).map(|share| (share * 255.0).round() as u8)
}

/// Whole pixels.
pub(super) fn length(text: &str) -> Option<u32> {
    let length = text.parse().ok()?;
    (length <= MAX_LENGTH && !text.starts_with('+')).then_some(length)
}

/// From 1 to 100; the inner `None`: 0, which is no quality.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
pub(super) fn quality(text: &str) -> Option<Option<u8>> {
    let quality = length(text).filter(|&quality| quality <= 100)?;
    Some(u8::try_from(quality).ok().filter(|&quality| quality > 0))
}

/// Three or six hexadecimal digits.
pub(super) fn color(text: &str) -> Option<Color> {
    let digits = text.bytes().map(|byte| {
        let digit = char::from(byte).to_digit(16)?;
        u8::try_from(digit).ok()
    });
    let digits: Vec<u8> = digits.take(7).collect::<Option<_>>()?;
    let [red, green, blue] = match *digits.as_slice() {
        [r, g, b] => [r * 17, g * 17, b * 17],
        [r, r2, g, g2, b, b2] => [r * 16 + r2, g * 16 + g2, b * 16 + b2],
        _ => return None,
    };
    Some(Color::opaque(red, green, blue))
}

/// From 1 on pixels, below a fraction; 0 is no pixel.
pub(super) fn offset(text: &str) -> Option<Length> {
    number(text).map(pixels_or_fraction)
}

pub(super) fn pixels_or_fraction(number: f64) -> Length {
    if number.abs() >= 1.0 {
        Length::Pixels(number)
    } else if number == 0.0 {
        Length::default()
    } else {
        Length::Fraction(number)
    }
}

/// A side, a corner or the middle: horizontal and vertical.
pub(super) fn side(text: &str) -> Option<(Align, Align)> {
    use Align::{Center, End, Start};

    Some(match text {
        "ce" => (Center, Center),
        "no" => (Center, Start),
        "so" => (Center, End),
        "ea" => (End, Center),
        "we" => (Start, Center),
        "noea" => (End, Start),
        "nowe" => (Start, Start),
        "soea" => (End, End),
        "sowe" => (Start, End),
        _ => return None,
    })
}

/// `TYPE[:x[:y]]`; `smart` says whether it may be `sm`.
pub(super) fn gravity(args: &Args<'_>, smart: bool) -> Option<Gravity> {
    args.at_most(3)?;
    match args.text(0) {
        "sm" => (smart && args.len() == 1).then_some(Gravity::Smart),
        "fp" => Some(Gravity::Point {
            x: Length::Fraction(share(args.text(1))?),
            y: Length::Fraction(share(args.text(2))?),
        }),
        name => {
            let (horizontal, vertical) = side(name)?;
            let along = |at| Some(args.given(at, offset)?.unwrap_or_default());
            Some(Gravity::Anchor {
                horizontal,
                vertical,
                x: along(1)?,
                y: along(2)?,
            })
        }
    }
}

/// What a format's name asks for.
pub(super) enum FormatArg {
    Format(Format),
    /// One that imgproxy writes, and no build of this crate does.
    Unwritable(&'static str),
}

pub(super) fn format(name: &str) -> Option<FormatArg> {
    Some(FormatArg::Format(match name {
        "jpg" | "jpeg" => Format::Jpeg,
        "png" => Format::Png,
        "webp" => Format::WebP,
        "avif" => Format::Avif,
        "gif" => Format::Gif,
        "jxl" => Format::Jxl,
        "tiff" | "tif" => Format::Tiff,
        "bmp" => Format::Bmp,
        "ico" => Format::Ico,
        "svg" => Format::Svg,
        "heic" | "heif" => return Some(FormatArg::Unwritable("heic")),
        "mp4" => return Some(FormatArg::Unwritable("mp4")),
        "pdf" => return Some(FormatArg::Unwritable("pdf")),
        _ => return None,
    }))
}
