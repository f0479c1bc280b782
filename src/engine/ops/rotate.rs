use super::warp::warped;
use crate::engine::plan::Size;
use crate::engine::{Picture, RenderError};
use crate::recipe::Rotate;

/// Turns a picture by any angle, clockwise, onto a canvas of a size: middle onto middle.
pub(in crate::engine) fn rotate(
    picture: &Picture,
    rotate: Rotate,
    size: Size,
) -> Result<Picture, RenderError> {
    let (sin, cos) = rotate.degrees.to_radians().sin_cos();
    let middle = |length: u32| f64::from(length) / 2.0;
    let (to_x, to_y) = (middle(size.width), middle(size.height));
    let (from_x, from_y) = (middle(picture.width()), middle(picture.height()));
    warped(picture, size, rotate.background, |x, y| {
        let (x, y) = (x - to_x, y - to_y);
        Some((from_x + x * cos + y * sin, from_y + y * cos - x * sin))
    })
}
