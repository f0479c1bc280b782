//! The name of the image that an imagor URL ends with.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;

use super::form::form_decoded_bytes;

/// The name of the image: form-decoded once (`%XX`, and `+` for a space), then `b64:` decoded (unpadded base64url).
/// What does not decode is a name as it stands; `None` is a name that is no UTF-8.
pub(crate) fn decode_image(image: &str) -> Option<Cow<'_, str>> {
    Some(decode_image_and_how(image)?.0)
}

/// The same, and whether it was `b64:` decoded.
pub(crate) fn decode_image_and_how(image: &str) -> Option<(Cow<'_, str>, bool)> {
    let decoded = match form_decode(image)? {
        Some(decoded) => Cow::Owned(decoded),
        None => Cow::Borrowed(image),
    };
    let Some(encoded) = decoded.strip_prefix("b64:") else {
        return Some((decoded, false));
    };
    match BASE64URL_NOPAD.decode(encoded.as_bytes()) {
        Ok(bytes) => Some((Cow::Owned(String::from_utf8(bytes).ok()?), true)),
        Err(_) => Some((decoded, false)),
    }
}

/// Decodes `%XX`, and `+` as a space. The inner `None`: nothing to decode, or an escape that is none. The outer `None`:
/// what it decodes to is no UTF-8.
#[expect(
    clippy::option_option,
    reason = "the two are told apart by the one caller"
)]
fn form_decode(text: &str) -> Option<Option<String>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(None);
    }
    let Some(bytes) = form_decoded_bytes(text) else {
        return Some(None);
    };
    String::from_utf8(bytes).ok().map(Some)
}
