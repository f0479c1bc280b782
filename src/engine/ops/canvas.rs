use crate::engine::plan::Canvas;
use crate::engine::{Picture, RenderError};
use crate::recipe::{Color, Extend};

/// Puts a picture onto a canvas.
pub(in crate::engine) fn extend(
    _picture: Picture,
    _canvas: Canvas,
    _extend: &Extend,
) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported("this build has no canvas"))
}

/// Draws a border around a picture.
pub(in crate::engine) fn border(
    _picture: Picture,
    _width: u32,
    _color: Color,
) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported("this build has no borders"))
}
