//! Pictures of the `image` crate.

use image::DynamicImage;

use super::{Layout, Picture, RenderError};

/// The pixels in 8 bits a sample.
pub(super) fn picture(image: DynamicImage) -> Result<Picture, RenderError> {
    let (width, height) = (image.width(), image.height());
    let color = image.color();
    let (layout, data) = match (color.has_color(), color.has_alpha()) {
        (false, false) => (Layout::Gray, image.into_luma8().into_raw()),
        (false, true) => (Layout::GrayAlpha, image.into_luma_alpha8().into_raw()),
        (true, false) => (Layout::Rgb, image.into_rgb8().into_raw()),
        (true, true) => (Layout::Rgba, image.into_rgba8().into_raw()),
    };
    Picture::new(width, height, layout, data)
}

/// Samples of more than 8 bits are rounded. The profile is not known. An image without pixels is an error.
#[cfg(feature = "image")]
impl TryFrom<DynamicImage> for Picture {
    type Error = RenderError;

    fn try_from(image: DynamicImage) -> Result<Self, RenderError> {
        picture(image)
    }
}

/// The profile is lost: the pixels are as they are.
#[cfg(feature = "image")]
impl From<Picture> for DynamicImage {
    fn from(picture: Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let layout = picture.layout();
        let data = picture.into_data();
        // The data have the length that the size says, so there is always an image.
        let image = match layout {
            Layout::Gray => image::GrayImage::from_raw(width, height, data).map(Self::from),
            Layout::GrayAlpha => {
                image::GrayAlphaImage::from_raw(width, height, data).map(Self::from)
            }
            Layout::Rgb => image::RgbImage::from_raw(width, height, data).map(Self::from),
            Layout::Rgba => image::RgbaImage::from_raw(width, height, data).map(Self::from),
        };
        image.unwrap_or_default()
    }
}
