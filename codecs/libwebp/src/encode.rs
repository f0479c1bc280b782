use std::ffi::c_int;
use std::slice;

use libwebp_sys::WebPEncCSP;

use crate::picture::Picture;
use crate::{Config, Error};

/// The longest side that a WebP can have, in pixels.
pub const MAX_SIDE: u32 = 16_383;

/// Rows of samples.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// The samples, from the first of the first row to at least the last of the last row.
    pub data: &'a [u8],
    /// The bytes from the begin of a row to that of the next.
    pub stride: usize,
}

/// The pixels of a picture.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// A plane of luma and two of chroma, of half the width and half the height, rounded up: the YUV of ITU-R BT.601 in the
    /// studio range (luma from 16 to 235, chroma from 16 to 240).
    Yuv {
        /// Luma.
        y: Packed<'a>,
        /// Cb.
        u: Packed<'a>,
        /// Cr.
        v: Packed<'a>,
        /// Alpha, if not all is opaque.
        alpha: Option<Packed<'a>>,
    },
    /// Red, green, blue.
    Rgb(Packed<'a>),
    /// Red, green, blue, alpha, which is not premultiplied. Where all is opaque the file has no alpha.
    Rgba(Packed<'a>),
}

/// Encodes a picture as a WebP file without metadata, on the calling thread.
///
/// # Errors
///
/// Everything that [`Error`] lists.
pub fn encode(
    width: u32,
    height: u32,
    pixels: Pixels<'_>,
    config: &Config,
) -> Result<Vec<u8>, Error> {
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(Error::Dimensions);
    }
    let mut picture = Picture::new(width, height)?;
    // What is kept as it is must not go through YUV; and the careful conversion is one of whole pictures.
    picture.raw().use_argb = c_int::from(config.lossless || config.sharp_yuv);
    let size = (width as usize, height as usize);
    let (packed, alpha) = match pixels {
        Pixels::Yuv { y, u, v, alpha } => {
            return encode_yuv(picture, size, [y, u, v], alpha, config);
        }
        Pixels::Rgb(packed) => (packed, false),
        Pixels::Rgba(packed) => (packed, true),
    };
    let config = config.to_libwebp()?;
    let bytes_per_pixel = if alpha { 4 } else { 3 };
    let stride = packed.check(size.0 * bytes_per_pixel, size.1)?;
    // SAFETY: `check` has seen that all rows are there.
    unsafe { picture.import(packed.data, stride, alpha) }?;
    // SAFETY: the samples have been copied.
    unsafe { picture.encode(&config) }
}

fn encode_yuv(
    mut picture: Picture,
    (width, height): (usize, usize),
    planes: [Packed<'_>; 3],
    alpha: Option<Packed<'_>>,
    config: &Config,
) -> Result<Vec<u8>, Error> {
    let config = config.to_libwebp()?;
    let (chroma_width, chroma_height) = (width.div_ceil(2), height.div_ceil(2));
    let [y, u, v] = planes;
    let y_stride = y.check(width, height)?;
    let u_stride = u.check(chroma_width, chroma_height)?;
    let v_stride = v.check(chroma_width, chroma_height)?;

    let raw = picture.raw();
    raw.use_argb = 0;
    raw.colorspace = WebPEncCSP::WEBP_YUV420;
    if alpha.is_none() && u_stride == v_stride {
        // libwebp takes pointers to mutable, but writes to planes only what it changes under alpha.
        raw.y = y.data.as_ptr().cast_mut();
        raw.u = u.data.as_ptr().cast_mut();
        raw.v = v.data.as_ptr().cast_mut();
        raw.y_stride = y_stride;
        raw.uv_stride = u_stride;
        // SAFETY: the planes are there in full, as `check` has seen, have no alpha, and outlive the call.
        return unsafe { picture.encode(&config) };
    }

    if let Some(alpha) = alpha {
        alpha.check(width, height)?;
        raw.colorspace = WebPEncCSP::WEBP_YUV420A;
    }
    picture.allocate()?;
    let raw = picture.raw();
    let chroma = (chroma_width, chroma_height);
    let copies = [
        (Some(y), raw.y, raw.y_stride, (width, height)),
        (Some(u), raw.u, raw.uv_stride, chroma),
        (Some(v), raw.v, raw.uv_stride, chroma),
        (alpha, raw.a, raw.a_stride, (width, height)),
    ];
    for (plane, to, stride, (width, height)) in copies {
        let Some(plane) = plane else { continue };
        let stride = usize::try_from(stride).map_err(|_| Error::Library)?;
        if to.is_null() || stride < width {
            return Err(Error::Library);
        }
        // SAFETY: libwebp has allocated `height` rows of `stride` bytes here, and nothing else refers to them.
        let to = unsafe { slice::from_raw_parts_mut(to, stride * (height - 1) + width) };
        for (to, from) in to
            .chunks_mut(stride)
            .zip(plane.data.chunks(plane.stride.max(1)))
        {
            to[..width].copy_from_slice(&from[..width]);
        }
    }
    // SAFETY: the samples have been copied into libwebp's own.
    unsafe { picture.encode(&config) }
}

impl Packed<'_> {
    /// The stride as libwebp takes it. An error unless `height` rows of `width` bytes are there.
    fn check(&self, width: usize, height: usize) -> Result<c_int, Error> {
        let needed = self
            .stride
            .checked_mul(height - 1)
            .and_then(|begin| begin.checked_add(width))
            .ok_or(Error::Samples)?;
        if self.stride < width || self.data.len() < needed {
            return Err(Error::Samples);
        }
        c_int::try_from(self.stride).map_err(|_| Error::Samples)
    }
}
