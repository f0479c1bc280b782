use std::borrow::Cow;

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Scale, Size, whole};
use crate::engine::{Layout, Picture, Pixels, RenderError};

/// Crops, scales and cuts in one pass. The pixels may be fewer than the `nominal` ones, which `scale` is meant for.
pub(in crate::engine) fn scale<'a>(
    pixels: Cow<'a, Pixels>,
    nominal: Size,
    scale: &Scale,
    _linear: bool,
) -> Result<Cow<'a, Pixels>, RenderError> {
    let size = pixels.size();
    if size == nominal
        && scale.is_crop()
        && scale.crop == Area::whole(size)
        && scale.cut == scale.crop
    {
        return Ok(pixels);
    }
    match &*pixels {
        Pixels::Packed(picture) => Ok(Cow::Owned(resized(picture, nominal, scale)?.into())),
        Pixels::Planar(_) => Err(RenderError::internal("planes are not scaled yet")),
    }
}

/// The filter is Lanczos with three lobes, applied to the samples as they are (gamma-encoded, as libvips does by
/// default), with alpha premultiplied so that the colour of transparent pixels does not bleed into their neighbours.
fn resized(picture: &Picture, nominal: Size, scale: &Scale) -> Result<Picture, RenderError> {
    let size = picture.size();
    let pixel_type = match picture.layout() {
        Layout::Gray => PixelType::U8,
        Layout::GrayAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    };
    let source = ImageRef::new(size.width, size.height, picture.data(), pixel_type)
        .map_err(|error| failed(&error))?;

    // The crop is a view: what was cropped away has no part in the pixels at its edge.
    let across = f64::from(size.width) / f64::from(nominal.width);
    let down = f64::from(size.height) / f64::from(nominal.height);
    let (left, width) = stored(scale.crop.left, scale.crop.width, across, size.width);
    let (top, height) = stored(scale.crop.top, scale.crop.height, down, size.height);
    let view = |start: f64, length: f64, of: u32| {
        let low = start.floor();
        let high = (start + length).ceil().min(f64::from(of));
        (low, high - low)
    };
    let ((view_left, view_width), (view_top, view_height)) = (
        view(left, width, size.width),
        view(top, height, size.height),
    );

    let cropped = CroppedImage::new(
        &source,
        whole(view_left),
        whole(view_top),
        whole(view_width),
        whole(view_height),
    )
    .map_err(|error| failed(&error))?;

    // The cut is in pixels of the scaled image. Only what it keeps is computed.
    let cut = scale.cut;
    let (cut_left, cut_width) = unscaled(cut.left, cut.width, scale.scaled.width, width);
    let (cut_top, cut_height) = unscaled(cut.top, cut.height, scale.scaled.height, height);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(picture.layout().has_alpha())
        .crop(
            left - view_left + cut_left,
            top - view_top + cut_top,
            cut_width.min(view_width),
            cut_height.min(view_height),
        );

    let mut data = vec![0; byte_len(cut.width, cut.height, picture.layout())?];
    let mut target = Image::from_slice_u8(cut.width, cut.height, &mut data, pixel_type)
        .map_err(|error| failed(&error))?;
    Resizer::new()
        .resize(&cropped, &mut target, &options)
        .map_err(|error| failed(&error))?;
    let profile = picture.profile().map(<[u8]>::to_vec);
    Ok(Picture::new(cut.width, cut.height, picture.layout(), data)?.with_profile(profile))
}

/// Cuts a part out.
pub(in crate::engine) fn crop(picture: Picture, area: Area) -> Result<Picture, RenderError> {
    let size = picture.size();
    if area == Area::whole(size) {
        return Ok(picture);
    }
    let pixel = picture.layout().samples();
    let rows = picture.data().chunks_exact(size.width as usize * pixel);
    let (left, width) = (area.left as usize * pixel, area.width as usize * pixel);
    let data = rows
        .skip(area.top as usize)
        .take(area.height as usize)
        .filter_map(|row| row.get(left..left + width))
        .flatten()
        .copied()
        .collect();
    picture.remade(area.width, area.height, data)
}

/// Where a stretch of the nominal image lies in the stored one.
fn stored(start: u32, length: u32, factor: f64, of: u32) -> (f64, f64) {
    let start = f64::from(start) * factor;
    (
        start,
        (f64::from(length) * factor).min(f64::from(of) - start),
    )
}

/// Where a stretch of a scaled axis begins, and how long it is, before the axis was scaled from `length` to `scaled`.
fn unscaled(start: u32, stretch: u32, scaled: u32, length: f64) -> (f64, f64) {
    let factor = length / f64::from(scaled);
    let start = f64::from(start) * factor;
    // Rounding must not take the end past the image's.
    let stretch = (f64::from(stretch) * factor).min(length - start);
    (start, stretch)
}

fn failed(error: &dyn std::error::Error) -> RenderError {
    RenderError::internal(format!("resizing: {error}"))
}
