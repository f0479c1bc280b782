//! From the text of the first segment to operations.

use std::borrow::Cow;

use super::cut;
use crate::guard::Rejection;

/// What an operation is about, whichever of its names it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Animated,
    Background,
    Blur,
    Embed,
    Enlarge,
    Extend,
    Extract,
    Fit,
    Flatten,
    Flip,
    Flop,
    Format,
    Gamma,
    Grayscale,
    Height,
    Kernel,
    Median,
    Modulate,
    Negate,
    Normalize,
    Position,
    Quality,
    Resize,
    Rotate,
    Sharpen,
    Threshold,
    Tint,
    Trim,
    Width,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "a" | "animated" => Self::Animated,
            "b" | "background" => Self::Background,
            "blur" => Self::Blur,
            "embed" => Self::Embed,
            "enlarge" => Self::Enlarge,
            "extend" => Self::Extend,
            "crop" | "extract" => Self::Extract,
            "fit" => Self::Fit,
            "flatten" => Self::Flatten,
            "flip" => Self::Flip,
            "flop" => Self::Flop,
            "f" | "format" => Self::Format,
            "gamma" => Self::Gamma,
            "grayscale" => Self::Grayscale,
            "h" | "height" => Self::Height,
            "kernel" => Self::Kernel,
            "median" => Self::Median,
            "modulate" => Self::Modulate,
            "negate" => Self::Negate,
            "normalize" => Self::Normalize,
            "pos" | "position" => Self::Position,
            "q" | "quality" => Self::Quality,
            "resize" | "s" => Self::Resize,
            "rotate" => Self::Rotate,
            "sharpen" => Self::Sharpen,
            "threshold" => Self::Threshold,
            "tint" => Self::Tint,
            "trim" => Self::Trim,
            "w" | "width" => Self::Width,
            _ => return None,
        })
    }

    /// Whether it only says how others are to be done. Those come first, in the order of the URL.
    fn is_setter(self) -> bool {
        matches!(
            self,
            Self::Quality | Self::Fit | Self::Position | Self::Background
        )
    }
}

/// An operation as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation<'a> {
    pub(super) name: &'a str,
    /// Its arguments, separated by `_`; empty where there is none.
    pub(super) value: Cow<'a, str>,
    pub(super) kind: Kind,
}

impl Operation<'_> {
    /// A refusal that names the operation. The text is the client's, so only its beginning is repeated, escaped.
    pub(super) fn refuse(&self, expected: &str) -> Rejection {
        let separator = if self.value.is_empty() { "" } else { "_" };
        let written = format!("{}{separator}{}", self.name, self.value);
        Rejection::bad_request(format!("{}: {expected}", cut(&written)))
    }
}

/// The operations of a segment, in IPX's order: those that say how others are done, and then all by their names as they
/// are written. Of one that is there more than once, the last counts. `decode`: whether values are as sent.
pub(super) fn operations(segment: &str, decode: bool) -> Result<Vec<Operation<'_>>, Rejection> {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    let texts = segment.split([',', '&']);
    // Clients add to `_`, which is no operation.
    for text in texts.filter(|text| !matches!(*text, "" | "_")) {
        let (name, value) = text.split_once(['_', ':', '=']).unwrap_or((text, ""));
        let kind = Kind::of(name)
            .ok_or_else(|| Rejection::bad_request(format!("unknown operation: {}", cut(text))))?;
        let mut value = Cow::Borrowed(value);
        if value.contains([':', '=']) {
            value = value.replace([':', '='], "_").into();
        }
        if decode && value.contains('%') {
            let decoded = super::decode(&value)
                .ok_or_else(|| Rejection::bad_request(format!("{}: does not decode", cut(text))))?;
            value = decoded.into_owned().into();
        }
        // There are few names, so this is no search of all that came before.
        match operations.iter_mut().find(|other| other.name == name) {
            Some(other) => other.value = value,
            None => operations.push(Operation { name, value, kind }),
        }
    }
    operations.sort_by_key(|operation| {
        let setter = operation.kind.is_setter();
        (!setter, if setter { "" } else { operation.name })
    });
    Ok(operations)
}
