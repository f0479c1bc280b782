//! The grammar of imagor (and thumbor) URLs:
//! `[params/][unsafe/|HASH/][meta/][trim/][AxB:CxD/][fit-in/][stretch/][WxH/][padding/][halign/][valign/][smart/][filters:.../]IMAGE`
//!
//! The order is strict, and every part is matched on the text as sent: `300x200%2Fa.jpg` is the name of an image. What
//! does not match in its place is the beginning of IMAGE.

mod filters;
mod form;
#[cfg(feature = "transform")]
mod name;

#[cfg(feature = "transform")]
pub(crate) use self::filters::{Filter, split_outside};
pub(crate) use self::form::form_decoded_bytes;
#[cfg(feature = "transform")]
pub(crate) use self::name::{decode_image, decode_image_and_how};

/// The shortest text that counts as a signature; any first segment of its alphabet and this length does.
pub(crate) const MIN_HASH_LEN: usize = 17;

/// What comes before the signed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix<'a> {
    /// `params/`: the request wants its parameters described, not an image.
    pub(crate) params: bool,
    pub(crate) access: Access<'a>,
    /// The text that is signed, byte for byte.
    pub(crate) rest: &'a str,
}

/// What a URL says of its own signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access<'a> {
    /// Neither a signature nor `unsafe/`.
    None,
    /// `unsafe/`: it says that it is not signed.
    Unsafe,
    /// A signature.
    Hash(&'a str),
}

/// Splits a path into what comes before the signed text, and that text.
pub(crate) fn prefix(path: &str) -> Prefix<'_> {
    let mut cursor = Cursor::new(path.trim_start_matches('/'));
    let params = cursor.take("params");
    let access = if cursor.take("unsafe") {
        Access::Unsafe
    } else {
        match cursor.take_if(|segment| is_hash(segment).then_some(segment)) {
            Some(hash) => Access::Hash(hash),
            None => Access::None,
        }
    };
    Prefix {
        params,
        access,
        rest: cursor.left,
    }
}

fn is_hash(segment: &str) -> bool {
    segment.len() >= MIN_HASH_LEN
        && segment != "adaptive-full-fit-in"
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'=' | b'-'))
}

/// The parts of a signed text. A number is at most 2^63 - 1, as imagor has it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Segments<'a> {
    pub(crate) meta: bool,
    pub(crate) trim: Option<Trim>,
    pub(crate) crop: Option<[f64; 4]>,
    pub(crate) fit: Option<Fit>,
    pub(crate) stretch: bool,
    pub(crate) size: Option<Size>,
    /// Left, top, right, bottom.
    pub(crate) padding: Option<[u64; 4]>,
    pub(crate) horizontal: Option<Horizontal>,
    pub(crate) vertical: Option<Vertical>,
    pub(crate) smart: bool,
    /// The text between `filters:` and the slash that ends it.
    pub(crate) filters: Option<&'a str>,
    /// The rest, still encoded: see [`decode_image`].
    pub(crate) image: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trim {
    pub(crate) bottom_right: bool,
    pub(crate) tolerance: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) adaptive: bool,
    pub(crate) full: bool,
}

/// `[-]Wx[-]H`; an empty number is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u64,
    pub(crate) height: u64,
    /// Where a side is that of the image beneath: how much shorter. Only in a URL within a URL.
    pub(crate) full: [Option<u64>; 2],
    pub(crate) flip_horizontal: bool,
    pub(crate) flip_vertical: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Horizontal {
    Left,
    Center,
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vertical {
    Top,
    Middle,
    Bottom,
}

/// Cuts a signed text into its parts.
pub(crate) fn lex(signed: &str) -> Segments<'_> {
    lex_with(signed, |_| None)
}

/// The same of a URL within a URL, where `f` or `full` is a side of the image beneath, and `f-20` is that less 20.
#[cfg_attr(
    not(feature = "transform"),
    allow(dead_code, reason = "only the dialect looks into filters")
)]
pub(crate) fn lex_nested(signed: &str) -> Segments<'_> {
    lex_with(signed, full)
}

/// The same of a URL of thumbor's: `debug/` may stand first, crops are in pixels, `orig` is a side of the source, and filters end
/// at the first `)/`. There is neither `stretch/` nor padding.
#[cfg_attr(
    not(feature = "transform"),
    allow(dead_code, reason = "only the dialect knows whose URL it is")
)]
pub(crate) fn lex_thumbor(signed: &str) -> Segments<'_> {
    let mut cursor = Cursor::new(signed.trim_start_matches('/'));
    cursor.take("debug");
    Segments {
        meta: cursor.take("meta"),
        trim: cursor.take_if(|segment| match trim(segment)? {
            // What stands for the corner is none, and so counts as the other one.
            Trim { tolerance, .. } if tolerance > 0 && !segment.contains('-') => Some(Trim {
                bottom_right: true,
                tolerance: 0,
            }),
            trim => Some(trim),
        }),
        crop: cursor.take_if(|segment| crop(segment).filter(|_| !segment.contains('.'))),
        fit: cursor.take_if(fit),
        stretch: false,
        size: cursor.take_if(|segment| size(segment, |text| (text == "orig").then_some(0))),
        padding: None,
        horizontal: cursor.take_if(horizontal),
        vertical: cursor.take_if(vertical),
        smart: cursor.take("smart"),
        filters: cursor.take_filters_of_thumbor(),
        image: cursor.left,
    }
}

/// `full` reads a side that is a word.
fn lex_with(signed: &str, full: fn(&str) -> Option<u64>) -> Segments<'_> {
    let mut cursor = Cursor::new(signed.trim_start_matches('/'));
    // The fields stand in the order of the grammar, and are evaluated in it.
    Segments {
        meta: cursor.take("meta"),
        trim: cursor.take_if(trim),
        crop: cursor.take_if(crop),
        fit: cursor.take_if(fit),
        stretch: cursor.take("stretch"),
        size: cursor.take_if(|segment| size(segment, full)),
        padding: cursor.take_if(padding),
        horizontal: cursor.take_if(horizontal),
        vertical: cursor.take_if(vertical),
        smart: cursor.take("smart"),
        filters: cursor.take_filters(),
        image: cursor.left,
    }
}

/// What is left to cut.
struct Cursor<'a> {
    left: &'a str,
    /// Its first segment, and what follows the slash of that: looked for once for all parts that it may be.
    next: Option<(&'a str, &'a str)>,
}

impl<'a> Cursor<'a> {
    fn new(left: &'a str) -> Self {
        Self {
            left,
            next: left.split_once('/'),
        }
    }

    /// Takes the next segment and its slash, where `read` makes something of it.
    fn take_if<T>(&mut self, read: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        let (segment, rest) = self.next?;
        let value = read(segment)?;
        *self = Self::new(rest);
        Some(value)
    }

    /// Takes the next segment and its slash, where it is `word`.
    fn take(&mut self, word: &str) -> bool {
        self.take_if(|segment| (segment == word).then_some(()))
            .is_some()
    }

    /// Takes `filters:` up to the first slash outside parentheses, or all there is where no such slash comes.
    fn take_filters(&mut self) -> Option<&'a str> {
        let text = self.left.strip_prefix("filters:")?;
        let mut depth = 0_i64;
        let end = text.bytes().position(|byte| {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            byte == b'/' && depth == 0
        });
        let (filters, rest) = match end {
            Some(end) => (text.get(..end)?, text.get(end + 1..)?),
            None => (text, ""),
        };
        *self = Self::new(rest);
        Some(filters)
    }

    /// Takes `filters:` up to the first `)/`.
    fn take_filters_of_thumbor(&mut self) -> Option<&'a str> {
        let text = self.left.strip_prefix("filters:")?;
        let end = text.find(")/")?;
        *self = Self::new(text.get(end + 2..)?);
        text.get(..=end)
    }
}

fn horizontal(segment: &str) -> Option<Horizontal> {
    Some(match segment {
        "left" => Horizontal::Left,
        "center" => Horizontal::Center,
        "right" => Horizontal::Right,
        _ => return None,
    })
}

fn vertical(segment: &str) -> Option<Vertical> {
    Some(match segment {
        "top" => Vertical::Top,
        "middle" => Vertical::Middle,
        "bottom" => Vertical::Bottom,
        _ => return None,
    })
}

fn trim(segment: &str) -> Option<Trim> {
    let mut rest = segment.strip_prefix("trim")?;
    let mut bottom_right = false;
    for (corner, is_bottom_right) in [(":top-left", false), (":bottom-right", true)] {
        if let Some(after) = rest.strip_prefix(corner) {
            (rest, bottom_right) = (after, is_bottom_right);
            break;
        }
    }
    let tolerance = match rest.strip_prefix(':') {
        Some(digits) => number(digits)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    Some(Trim {
        bottom_right,
        tolerance,
    })
}

fn crop(segment: &str) -> Option<[f64; 4]> {
    let (start, end) = segment.split_once(':')?;
    let (left, top) = start.split_once('x')?;
    let (right, bottom) = end.split_once('x')?;
    Some([
        edge(left, &["0"])?,
        edge(top, &["0"])?,
        edge(right, &["0", "1"])?,
        edge(bottom, &["0", "1"])?,
    ])
}

/// An edge of a crop: digits, or a fraction whose whole part is nothing or one of `whole_parts`.
fn edge(text: &str, whole_parts: &[&str]) -> Option<f64> {
    let digits = match text.split_once('.') {
        Some((whole, fraction)) if whole.is_empty() || whole_parts.contains(&whole) => fraction,
        Some(_) => return None,
        None => text,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn fit(segment: &str) -> Option<Fit> {
    let (adaptive, full) = match segment {
        "fit-in" => (false, false),
        "full-fit-in" => (false, true),
        "adaptive-fit-in" => (true, false),
        "adaptive-full-fit-in" => (true, true),
        _ => return None,
    };
    Some(Fit { adaptive, full })
}

/// `f` or `full`: a side of the image beneath. `f-20` is that less 20.
fn full(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('f')?;
    let rest = rest.strip_prefix("ull").unwrap_or(rest);
    match rest.strip_prefix('-') {
        Some(digits) => number(digits),
        None => rest.is_empty().then_some(0),
    }
}

/// A size of which a side may be a word, which `word` reads.
fn size(segment: &str, word: fn(&str) -> Option<u64>) -> Option<Size> {
    let (width, height) = segment.split_once('x')?;
    let side = |text: &str| {
        let rest = text.strip_prefix('-').unwrap_or(text);
        let flips = rest.len() < text.len();
        let full = word(rest);
        let length = if rest.is_empty() || full.is_some() {
            0
        } else {
            number(rest)?
        };
        Some((flips, length, full))
    };
    let (flip_horizontal, width, full_width) = side(width)?;
    let (flip_vertical, height, full_height) = side(height)?;
    Some(Size {
        width,
        height,
        full: [full_width, full_height],
        flip_horizontal,
        flip_vertical,
    })
}

fn padding(segment: &str) -> Option<[u64; 4]> {
    let (start, end) = match segment.split_once(':') {
        Some((start, end)) => (start, Some(end)),
        None => (segment, None),
    };
    let pair = |text: &str| {
        let (x, y) = text.split_once('x')?;
        Some((number(x)?, number(y)?))
    };
    let (left, top) = pair(start)?;
    let (right, bottom) = end.map_or(Some((left, top)), pair)?;
    Some([left, top, right, bottom])
}

/// A number of one digit or more.
fn number(digits: &str) -> Option<u64> {
    const MOST: u64 = i64::MAX as u64;

    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit).min(MOST))
    })
}

#[cfg(test)]
mod tests;
