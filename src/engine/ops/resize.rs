use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Plan, Size};
use crate::engine::{Layout, Picture, RenderError};

/// Crops, scales and cuts in one pass; `plan` is in the picture's own coordinates.
///
/// The filter is Lanczos with three lobes, applied to the samples as they are (gamma-encoded, as libvips does by
/// default), with alpha premultiplied so that the colour of transparent pixels does not bleed into their neighbours.
pub(in crate::engine) fn resize(picture: Picture, plan: &Plan) -> Result<Picture, RenderError> {
    let size = Size {
        width: picture.width(),
        height: picture.height(),
    };
    if plan.crop == Area::whole(size) && plan.cut == plan.crop && plan.scaled == size {
        return Ok(picture);
    }

    let pixel_type = match picture.layout() {
        Layout::Gray => PixelType::U8,
        Layout::GrayAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    };
    let source = ImageRef::new(size.width, size.height, picture.data(), pixel_type)
        .map_err(|error| failed(&error))?;
    // The crop is a view: what was cropped away has no part in the pixels at its edge.
    let Area {
        left,
        top,
        width,
        height,
    } = plan.crop;
    let cropped =
        CroppedImage::new(&source, left, top, width, height).map_err(|error| failed(&error))?;

    // The cut is in pixels of the scaled image. Only what it keeps is computed.
    let (cut_left, cut_width) = unscaled(plan.cut.left, plan.cut.width, plan.scaled.width, width);
    let (cut_top, cut_height) = unscaled(plan.cut.top, plan.cut.height, plan.scaled.height, height);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(picture.layout().has_alpha())
        .crop(cut_left, cut_top, cut_width, cut_height);

    let mut data = vec![0; byte_len(plan.cut.width, plan.cut.height, picture.layout())?];
    let mut target = Image::from_slice_u8(plan.cut.width, plan.cut.height, &mut data, pixel_type)
        .map_err(|error| failed(&error))?;
    Resizer::new()
        .resize(&cropped, &mut target, &options)
        .map_err(|error| failed(&error))?;
    picture.remade(plan.cut.width, plan.cut.height, data)
}

/// Where a stretch of a scaled axis begins, and how long it is, before the axis was scaled from `length` to `scaled`.
fn unscaled(start: u32, stretch: u32, scaled: u32, length: u32) -> (f64, f64) {
    let factor = f64::from(length) / f64::from(scaled);
    let start = f64::from(start) * factor;
    // Rounding must not take the end past the image's.
    let stretch = (f64::from(stretch) * factor).min(f64::from(length) - start);
    (start, stretch)
}

fn failed(error: &dyn std::error::Error) -> RenderError {
    RenderError::internal(format!("resizing: {error}"))
}
