use std::borrow::Cow;

use super::to_packed;
use crate::engine::{Picture, Pixels, RenderError};

/// Pixels sample by sample.
pub(in crate::engine) fn packed(pixels: Cow<'_, Pixels>) -> Result<Picture, RenderError> {
    match pixels {
        Cow::Owned(Pixels::Packed(picture)) => Ok(picture),
        pixels => as_packed(&pixels).map(Cow::into_owned),
    }
}

/// The same, for who only looks at them.
pub(in crate::engine) fn as_packed(pixels: &Pixels) -> Result<Cow<'_, Picture>, RenderError> {
    match pixels {
        Pixels::Packed(picture) => Ok(Cow::Borrowed(picture)),
        Pixels::Planar(planar) => to_packed(planar).map(Cow::Owned),
    }
}
