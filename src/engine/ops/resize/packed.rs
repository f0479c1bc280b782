use fast_image_resize::images::{Image, ImageRef, TypedImageRef};
use fast_image_resize::pixels::{U16, U16x2, U16x3, U16x4};
use fast_image_resize::{PixelTrait, PixelType};

use super::convolution::{View, convolve, failed, nearest};
use super::shrink::shrunk;
use super::transfer::Transfer;
use super::{Sampling, Window};
use crate::engine::picture::byte_len;
use crate::engine::plan::Size;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Kernel;

/// Resizes a picture. Alpha is premultiplied, so that the colour of transparent pixels does not bleed into their
/// neighbours.
pub(in crate::engine) fn resize_picture(
    picture: &Picture,
    window: Window,
    to: Size,
    sampling: Sampling,
) -> Result<Picture, RenderError> {
    let size = Size {
        width: picture.width(),
        height: picture.height(),
    };
    let layout = picture.layout();
    let view = View::new(window, size)?;
    if view.is_identity(size, to) {
        return Ok(picture.clone());
    }
    if sampling.linear
        && sampling.kernel != Kernel::Nearest
        && let Some((smaller, window)) = shrunk(picture, window, &view, to)?
    {
        let smaller = smaller.with_profile(picture.profile().map(<[u8]>::to_vec));
        return resize_picture(&smaller, window, to, sampling);
    }
    let length = byte_len(to.width, to.height, layout)?;
    let data = if sampling.kernel == Kernel::Nearest {
        nearest(picture.data(), size.width, layout.samples(), &view, to)
    } else if sampling.linear {
        match layout {
            Layout::Gray => in_light::<1, U16>(picture, &view, to, sampling.kernel),
            Layout::GrayAlpha => in_light::<2, U16x2>(picture, &view, to, sampling.kernel),
            Layout::Rgb => in_light::<3, U16x3>(picture, &view, to, sampling.kernel),
            Layout::Rgba => in_light::<4, U16x4>(picture, &view, to, sampling.kernel),
        }?
    } else {
        let pixel_type = match layout {
            Layout::Gray => PixelType::U8,
            Layout::GrayAlpha => PixelType::U8x2,
            Layout::Rgb => PixelType::U8x3,
            Layout::Rgba => PixelType::U8x4,
        };
        let source = ImageRef::new(size.width, size.height, picture.data(), pixel_type)
            .map_err(|error| failed(&error))?;
        let mut data = vec![0; length];
        let mut target = Image::from_slice_u8(to.width, to.height, &mut data, pixel_type)
            .map_err(|error| failed(&error))?;
        convolve(
            &source,
            &view,
            sampling.kernel,
            layout.has_alpha(),
            &mut target,
        )?;
        data
    };
    let resized = Picture::new(to.width, to.height, layout, data)?;
    Ok(resized.with_profile(picture.profile().map(<[u8]>::to_vec)))
}

/// Pixels of 16 bits a sample.
trait Light<const SAMPLES: usize>: PixelTrait {
    fn new(samples: [u16; SAMPLES]) -> Self;

    fn samples(&self) -> [u16; SAMPLES];
}

impl Light<1> for U16 {
    fn new([sample]: [u16; 1]) -> Self {
        Self::new(sample)
    }

    fn samples(&self) -> [u16; 1] {
        [self.0]
    }
}

impl Light<2> for U16x2 {
    fn new(samples: [u16; 2]) -> Self {
        Self::new(samples)
    }

    fn samples(&self) -> [u16; 2] {
        self.0
    }
}

impl Light<3> for U16x3 {
    fn new(samples: [u16; 3]) -> Self {
        Self::new(samples)
    }

    fn samples(&self) -> [u16; 3] {
        self.0
    }
}

impl Light<4> for U16x4 {
    fn new(samples: [u16; 4]) -> Self {
        Self::new(samples)
    }

    fn samples(&self) -> [u16; 4] {
        self.0
    }
}

/// Resizes in linear light. Alpha is no light, and stays what it is.
fn in_light<const SAMPLES: usize, Pixel: Light<SAMPLES>>(
    picture: &Picture,
    view: &View,
    to: Size,
    kernel: Kernel,
) -> Result<Vec<u8>, RenderError> {
    const ALPHA_STEP: u16 = 257; // from 8 bits to 16

    let transfer = Transfer::srgb();
    let has_alpha = picture.layout().has_alpha();
    let (pixels, _) = picture.data().as_chunks::<SAMPLES>();
    let light: Vec<Pixel> = pixels
        .iter()
        .map(|pixel| {
            let mut samples = pixel.map(|byte| transfer.light(byte));
            if has_alpha && let (Some(to), Some(&from)) = (samples.last_mut(), pixel.last()) {
                *to = u16::from(from) * ALPHA_STEP;
            }
            <Pixel as Light<SAMPLES>>::new(samples)
        })
        .collect();
    let source = ImageRef::from_pixels(picture.width(), picture.height(), &light)
        .map_err(|error| failed(&error))?;
    let mut target = Image::new(to.width, to.height, Pixel::pixel_type());
    convolve(&source, view, kernel, has_alpha, &mut target)?;

    let target = target.typed_image::<Pixel>();
    let pixels = target.as_ref().map(TypedImageRef::pixels);
    let mut data = Vec::with_capacity(byte_len(to.width, to.height, picture.layout())?);
    for pixel in pixels.unwrap_or_default() {
        let samples = pixel.samples();
        let mut bytes = samples.map(|light| transfer.byte(light));
        if has_alpha && let (Some(to), Some(&from)) = (bytes.last_mut(), samples.last()) {
            *to = u8::try_from((u32::from(from) + 128) / 257).unwrap_or(u8::MAX);
        }
        data.extend_from_slice(&bytes);
    }
    Ok(data)
}
