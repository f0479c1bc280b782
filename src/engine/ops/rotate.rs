use crate::engine::plan::Size;
use crate::engine::{Picture, RenderError};
use crate::recipe::Rotate;

/// Turns a picture by any angle, onto a canvas of a size.
pub(in crate::engine) fn rotate(
    _picture: Picture,
    _rotate: Rotate,
    _size: Size,
) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported(
        "this build turns by quarters only",
    ))
}
