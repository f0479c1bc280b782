//! Reading an option's arguments into their places.

use super::args::{self, Args};
use crate::dialect::not_supported;
use crate::guard::Rejection;

/// What came of an option.
pub(super) enum Read {
    Taken,
    /// Its arguments make no sense.
    Unreadable,
    Refused(Rejection),
}

impl Read {
    pub(super) fn of(read: Option<()>) -> Self {
        match read {
            Some(()) => Self::Taken,
            None => Self::Unreadable,
        }
    }
}

/// Puts the only argument into its place.
pub(super) fn set<T>(to: &mut T, args: &Args<'_>, read: fn(&str) -> Option<T>) -> Option<()> {
    *to = read(args.only()?)?;
    Some(())
}

/// Puts an argument into its place, where it is given.
pub(super) fn put<T>(
    to: &mut T,
    args: &Args<'_>,
    at: usize,
    read: fn(&str) -> Option<T>,
) -> Option<()> {
    if let Some(value) = args.given(at, read)? {
        *to = value;
    }
    Some(())
}

/// A number of bytes. The inner `None`: 0, which is no limit.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
pub(super) fn bytes(text: &str) -> Option<Option<u64>> {
    let bytes: u64 = text.parse().ok().filter(|_| !text.starts_with('+'))?;
    Some((bytes > 0).then_some(bytes))
}

/// A switch that can only be off.
pub(super) fn only_off(name: &str, args: &Args<'_>) -> Read {
    match args.only().and_then(args::boolean) {
        Some(false) => Read::Taken,
        Some(true) => Read::Refused(not_supported(&format!("the option {name}"))),
        None => Read::Unreadable,
    }
}
