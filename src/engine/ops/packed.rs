use std::borrow::Cow;

use crate::engine::{Picture, Pixels, Planar, RenderError};

/// Pixels sample by sample.
pub(in crate::engine) fn packed(pixels: Cow<'_, Pixels>) -> Result<Picture, RenderError> {
    match pixels.into_owned() {
        Pixels::Packed(picture) => Ok(picture),
        Pixels::Planar(planar) => interleaved(&planar),
    }
}

/// The same, for who only looks at them.
pub(in crate::engine) fn as_packed(pixels: &Pixels) -> Result<Cow<'_, Picture>, RenderError> {
    match pixels {
        Pixels::Packed(picture) => Ok(Cow::Borrowed(picture)),
        Pixels::Planar(planar) => interleaved(planar).map(Cow::Owned),
    }
}

fn interleaved(_planar: &Planar) -> Result<Picture, RenderError> {
    Err(RenderError::internal("planes are not made packed yet"))
}
