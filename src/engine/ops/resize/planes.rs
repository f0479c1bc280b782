use fast_image_resize::PixelType;
use fast_image_resize::images::{Image, ImageRef, TypedImageRef};
use fast_image_resize::pixels::U16;

use super::convolution::{View, convolve, failed, nearest};
use super::shrink::shrunk_plane;
use super::transfer::Transfer;
use super::{Region, Sampling, Window};
use crate::engine::picture::byte_len;
use crate::engine::plan::Size;
use crate::engine::{Layout, Planar, Plane, RenderError};
use crate::recipe::Kernel;

/// Resizes a plane.
///
/// With `linear` its samples count as sRGB's grey: right for luma where there is little colour, and wrong for chroma.
pub(in crate::engine) fn resize_plane(
    plane: &Plane,
    window: Window,
    to: Size,
    sampling: Sampling,
) -> Result<Plane, RenderError> {
    let size = size(plane);
    let view = View::new(window, size)?;
    if view.is_identity(size, to) {
        return Ok(plane.clone());
    }
    if sampling.linear
        && sampling.kernel != Kernel::Nearest
        && let Some((smaller, window)) = shrunk_plane(plane, window, &view, to)?
    {
        return resize_plane(&smaller, window, to, sampling);
    }
    let length = byte_len(to.width, to.height, Layout::Gray)?;
    let data = if sampling.kernel == Kernel::Nearest {
        nearest(plane.data(), size.width, 1, &view, to)
    } else if sampling.linear {
        let transfer = Transfer::srgb();
        let light: Vec<U16> = plane
            .data()
            .iter()
            .map(|&byte| U16::new(transfer.light(byte)))
            .collect();
        let source = ImageRef::from_pixels(size.width, size.height, &light)
            .map_err(|error| failed(&error))?;
        let mut target = Image::new(to.width, to.height, PixelType::U16);
        convolve(&source, &view, sampling.kernel, false, &mut target)?;
        let target = target.typed_image::<U16>();
        let pixels = target.as_ref().map(TypedImageRef::pixels);
        pixels
            .unwrap_or_default()
            .iter()
            .map(|pixel| transfer.byte(pixel.0))
            .collect()
    } else {
        let source = ImageRef::new(size.width, size.height, plane.data(), PixelType::U8)
            .map_err(|error| failed(&error))?;
        let mut data = vec![0; length];
        let mut target = Image::from_slice_u8(to.width, to.height, &mut data, PixelType::U8)
            .map_err(|error| failed(&error))?;
        convolve(&source, &view, sampling.kernel, false, &mut target)?;
        data
    };
    Plane::new(to.width, to.height, data)
}

/// Resizes the planes of an image, the window and the size in pixels. Of the new image's chroma there is a sample for so
/// many pixels each way as `ratios` says, 1, 2 or 4, whatever there was before: chroma is not made finer in between.
pub(in crate::engine) fn resize_planar(
    picture: &Planar,
    window: Window,
    to: Size,
    ratios: (u32, u32),
    sampling: Sampling,
) -> Result<Planar, RenderError> {
    let luma = resize_plane(picture.luma(), window, to, sampling)?;
    let Some(chroma) = picture.chroma() else {
        return Ok(Planar::gray(luma).with_profile(picture.profile().map(<[u8]>::to_vec)));
    };
    let gamma = Sampling {
        linear: false,
        ..sampling
    };
    let resized = |plane: &Plane| {
        let across = ratio(picture.width(), plane.width());
        let down = ratio(picture.height(), plane.height());
        let mut window = window.scaled(1.0 / across, 1.0 / down);
        let to_chroma = Size {
            width: to.width.div_ceil(ratios.0),
            height: to.height.div_ceil(ratios.1),
        };
        // The last sample may stand for more than is left of the new image.
        let beyond = |pixels: u32, samples: u32, ratio: u32| {
            f64::from(samples) * f64::from(ratio) / f64::from(pixels)
        };
        window.part.width *= beyond(to.width, to_chroma.width, ratios.0);
        window.part.height *= beyond(to.height, to_chroma.height, ratios.1);
        match extended(plane, window)? {
            Some((plane, window)) => resize_plane(&plane, window, to_chroma, gamma),
            None => resize_plane(plane, window, to_chroma, gamma),
        }
    };
    let [cb, cr] = chroma;
    let resized = Planar::new(luma, resized(cb)?, resized(cr)?)?;
    Ok(resized.with_profile(picture.profile().map(<[u8]>::to_vec)))
}

/// What a window shows of a plane, repeated at the right and the bottom as far as its part sticks out; and the window on that.
/// `None` where it does not.
fn extended(plane: &Plane, window: Window) -> Result<Option<(Plane, Window)>, RenderError> {
    let crop = View::new(window, size(plane))?.crop;
    let sticks_out = |start: f64, length: f64, begin: u32, of: u32| {
        let missing = start + length - f64::from(begin) - f64::from(of);
        // No more than a new sample stands for, which is no more than there are.
        if missing > 1e-6 {
            whole(missing).min(of)
        } else {
            0
        }
    };
    let Region {
        left,
        top,
        width,
        height,
    } = window.part;
    let right = sticks_out(left, width, crop.left, crop.width);
    let below = sticks_out(top, height, crop.top, crop.height);
    if right == 0 && below == 0 {
        return Ok(None);
    }
    let to = Size {
        width: crop.width + right,
        height: crop.height + below,
    };
    let mut data = Vec::with_capacity(byte_len(to.width, to.height, Layout::Gray)?);
    let rows = plane.data().chunks_exact(plane.width() as usize);
    let (first, length) = (crop.left as usize, crop.width as usize);
    for row in rows.skip(crop.top as usize).take(crop.height as usize) {
        let row = &row[first..first + length];
        data.extend_from_slice(row);
        let last = row.last().copied().unwrap_or_default();
        data.extend(std::iter::repeat_n(last, right as usize));
    }
    let last_row = data.len() - to.width as usize..;
    for _ in 0..below {
        data.extend_from_within(last_row.start..last_row.start + to.width as usize);
    }
    let window = Window {
        crop: Region::whole(to),
        part: Region {
            left: left - f64::from(crop.left),
            top: top - f64::from(crop.top),
            width,
            height,
        },
    };
    Ok(Some((Plane::new(to.width, to.height, data)?, window)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and where it is more than a u32 holds, its greatest"
)]
fn whole(length: f64) -> u32 {
    length.ceil() as u32
}

fn size(plane: &Plane) -> Size {
    Size {
        width: plane.width(),
        height: plane.height(),
    }
}

/// How many of so many pixels there are to a sample: as [`Planar::new`] has it.
fn ratio(pixels: u32, samples: u32) -> f64 {
    let ratio = [1, 2, 4]
        .into_iter()
        .find(|&by| pixels.div_ceil(by) == samples);
    f64::from(ratio.unwrap_or(1))
}
