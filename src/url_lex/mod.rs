//! What signature and dialect both need of each URL grammar, so that a prefix, an option or an expiry means the same
//! to both: one lexer a grammar. A lexer cuts a text into its parts; it judges nothing.

pub(crate) mod imagor;
pub(crate) mod imgproxy;
pub(crate) mod query;

/// A number as programs write it: decimal digits with no sign, no space and no leading zero, at most [`u64::MAX`].
pub(crate) fn canonical_number(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| canonical && digits)
}
