use crate::engine::plan::Size;
use crate::engine::{Picture, RenderError};
use crate::recipe::Step;

/// A step that keeps the size.
pub(in crate::engine) fn filter(_picture: Picture, _step: &Step) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported("this build has no such filter"))
}

/// Makes squares of one colour.
pub(in crate::engine) fn pixelate(
    _picture: Picture,
    _size: u32,
    _to: Size,
) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported("this build does not pixelate"))
}
