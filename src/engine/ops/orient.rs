use crate::engine::plan::Size;
use crate::engine::{Layout, Orientation, Picture, RenderError};

/// Turns a picture upright.
pub(in crate::engine) fn orient(
    picture: Picture,
    orientation: Orientation,
) -> Result<Picture, RenderError> {
    if orientation == Orientation::default() {
        return Ok(picture);
    }
    match picture.layout() {
        Layout::Gray => turned::<1>(picture, orientation),
        Layout::GrayAlpha => turned::<2>(picture, orientation),
        Layout::Rgb => turned::<3>(picture, orientation),
        Layout::Rgba => turned::<4>(picture, orientation),
    }
}

fn turned<const SAMPLES: usize>(
    picture: Picture,
    orientation: Orientation,
) -> Result<Picture, RenderError> {
    let stored = Size {
        width: picture.width(),
        height: picture.height(),
    };
    let upright = orientation.turn_size(stored);
    let (pixels, _) = picture.data().as_chunks::<SAMPLES>();
    let mut data = Vec::with_capacity(picture.data().len());
    let width = stored.width as usize;
    for y in 0..upright.height as usize {
        let y = mirrored(y, upright.height, orientation.flip_vertical);
        for x in 0..upright.width as usize {
            let x = mirrored(x, upright.width, orientation.flip_horizontal);
            let (column, row) = if orientation.transpose {
                (y, x)
            } else {
                (x, y)
            };
            let pixel = pixels.get(row * width + column).unwrap_or(&[0; SAMPLES]);
            data.extend_from_slice(pixel);
        }
    }
    picture.remade(upright.width, upright.height, data)
}

fn mirrored(at: usize, length: u32, mirror: bool) -> usize {
    if mirror { length as usize - 1 - at } else { at }
}
