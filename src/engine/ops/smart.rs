use crate::engine::plan::{Area, Size};
use crate::engine::{Picture, RenderError};

/// Where a window of a size shows most of what draws the eye.
pub(in crate::engine) fn attention(picture: &Picture, window: Size) -> Result<Area, RenderError> {
    let size = picture.size();
    Ok(Area {
        left: (size.width - window.width) / 2,
        top: (size.height - window.height) / 2,
        width: window.width,
        height: window.height,
    })
}
