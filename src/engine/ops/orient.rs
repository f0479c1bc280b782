use crate::engine::plan::Size;
use crate::engine::{Layout, Orientation, Picture, Pixels, Planar, Plane, RenderError};

/// Turns pixels upright.
pub(in crate::engine) fn orient(
    pixels: Pixels,
    orientation: Orientation,
) -> Result<Pixels, RenderError> {
    if orientation == Orientation::default() {
        return Ok(pixels);
    }
    Ok(match pixels {
        Pixels::Planar(planar) if keeps_places(&planar, orientation) => {
            turned_planes(&planar, orientation)?.into()
        }
        pixels => {
            let picture = super::as_packed(&pixels)?;
            turned_picture(&picture, orientation)?.into()
        }
    })
}

/// Whether chroma is where it was when the planes are turned one by one: where an axis is mirrored, it must not end with a
/// sample that stands for fewer pixels than the others.
fn keeps_places(planar: &Planar, orientation: Orientation) -> bool {
    let Some([chroma, _]) = planar.chroma() else {
        return true;
    };
    let columns = planar.width().is_multiple_of(chroma.width());
    let rows = planar.height().is_multiple_of(chroma.height());
    let (columns, rows) = if orientation.transpose {
        (rows, columns)
    } else {
        (columns, rows)
    };
    (columns || !orientation.flip_horizontal) && (rows || !orientation.flip_vertical)
}

fn turned_planes(planar: &Planar, orientation: Orientation) -> Result<Planar, RenderError> {
    let turned = |plane: &Plane| {
        let size = Size::new(plane.width(), plane.height());
        let (pixels, _) = plane.data().as_chunks::<1>();
        let (size, data) = turned(pixels, size, orientation);
        Plane::new(size.width, size.height, data)
    };
    let luma = turned(planar.luma())?;
    let turned = match planar.chroma() {
        Some([cb, cr]) => Planar::new(luma, turned(cb)?, turned(cr)?)?,
        None => Planar::gray(luma),
    };
    Ok(turned.with_profile(planar.profile().map(<[u8]>::to_vec)))
}

fn turned_picture(picture: &Picture, orientation: Orientation) -> Result<Picture, RenderError> {
    fn of<const SAMPLES: usize>(picture: &Picture, orientation: Orientation) -> (Size, Vec<u8>) {
        let (pixels, _) = picture.data().as_chunks::<SAMPLES>();
        turned(pixels, picture.size(), orientation)
    }
    let (size, data) = match picture.layout() {
        Layout::Gray => of::<1>(picture, orientation),
        Layout::GrayAlpha => of::<2>(picture, orientation),
        Layout::Rgb => of::<3>(picture, orientation),
        Layout::Rgba => of::<4>(picture, orientation),
    };
    let turned = Picture::new(size.width, size.height, picture.layout(), data)?;
    Ok(turned.with_profile(picture.profile().map(<[u8]>::to_vec)))
}

fn turned<const SAMPLES: usize>(
    pixels: &[[u8; SAMPLES]],
    stored: Size,
    orientation: Orientation,
) -> (Size, Vec<u8>) {
    let upright = orientation.turn_size(stored);
    let mut data = Vec::with_capacity(pixels.len() * SAMPLES);
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
    (upright, data)
}

fn mirrored(at: usize, length: u32, mirror: bool) -> usize {
    if mirror { length as usize - 1 - at } else { at }
}
