use crate::engine::plan::Size;
use crate::engine::{Limits, Picture, RenderError};
use crate::recipe::Overlay;

/// Draws a picture over another.
pub(in crate::engine) fn compose(
    _base: Picture,
    _over: &Picture,
    _overlay: &Overlay,
) -> Result<Picture, RenderError> {
    Err(RenderError::unsupported("this build draws no overlays"))
}

/// Scales an overlay into its box, in fractions of the base's size.
pub(in crate::engine) fn fitted(
    over: Picture,
    _fit: Option<(f64, f64)>,
    _base: Size,
    _limits: &Limits,
) -> Result<Picture, RenderError> {
    Ok(over)
}
