//! Writing pixels, by libwebp.

use std::borrow::Cow;

use imgward_libwebp::{Config, Error, Packed, Pixels};

use super::mux::{self, Bitstream, Metadata};
use super::studio;
use crate::engine::{Layout, Picture, Planar, RenderError, ops};

/// How a WebP is written.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct WebPOptions<'a> {
    /// From 0 to 100, on the scale of libwebp's default effort. For lossy pictures.
    pub(in crate::engine) quality: u8,
    /// From 0 (fast) to 6 (small), or what is best for the kind of picture.
    pub(in crate::engine) effort: Option<u8>,
    /// Whether the pixels are kept as they are.
    pub(in crate::engine) lossless: bool,
    /// How much a lossless picture may be changed: from 0 (most) to 100, not at all.
    pub(in crate::engine) near_lossless: u8,
    /// From 0 to 100, which keeps alpha as it is. For lossy pictures.
    pub(in crate::engine) alpha_quality: u8,
    /// Whether the colour under transparent pixels is kept.
    pub(in crate::engine) exact: bool,
    /// What else the file says.
    pub(in crate::engine) metadata: Metadata<'a>,
}

impl Default for WebPOptions<'_> {
    fn default() -> Self {
        Self {
            quality: 80,
            effort: None,
            lossless: false,
            near_lossless: 100,
            alpha_quality: 100,
            exact: false,
            metadata: Metadata::default(),
        }
    }
}

impl WebPOptions<'_> {
    /// Below this, libwebp's methods choose how a block is predicted without counting bits.
    const COUNTING: u8 = 3;
    /// Less than half the work of libwebp's default, 4, for about a point of SSIMULACRA2 in files of the same size.
    const LOSSY: u8 = 2;
    const LOSSLESS: u8 = 4;

    pub(super) fn config(&self) -> Config {
        let mut config = Config::default();
        let best = if self.lossless {
            Self::LOSSLESS
        } else {
            Self::LOSSY
        };
        config.method = self.effort.unwrap_or(best).min(6);
        if !self.lossless {
            config.quality = f32::from(self.quality.min(100));
            if config.method < Self::COUNTING {
                config.quality = of_equal_size(config.quality);
            }
        }
        config.lossless = self.lossless;
        config.near_lossless = self.near_lossless.min(100);
        config.alpha_quality = self.alpha_quality.min(100);
        config.exact = self.exact;
        config
    }
}

/// The quality at which the methods that do not count bits make files as large as the others do at `quality`. Measured on
/// photographs.
fn of_equal_size(quality: f32) -> f32 {
    let less = match quality {
        // The scale has a knee at 75: above it a step is worth several of those below.
        ..16.0 => quality / 4.0,
        ..70.0 => 4.0,
        ..80.0 => 4.0 - (quality - 70.0) * 0.21,
        _ => (100.0 - quality) * 0.095,
    };
    quality - less
}

/// Writes an image that is held in planes.
pub(in crate::engine) fn encode_planar(
    image: &Planar,
    options: &WebPOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (image.width(), image.height());
    let y = studio::luma(image.luma().data());
    let (u, v) = if let Some([cb, cr]) = image.chroma() {
        let half = |plane| studio::chroma(plane, (width, height));
        (half(cb)?, half(cr)?)
    } else {
        let neutral = studio::neutral(width, height);
        (neutral.clone(), neutral)
    };
    finish(
        width,
        height,
        yuv((width, height), [&y, &u, &v], None),
        options,
    )
}

/// Writes a picture.
pub(in crate::engine) fn encode_picture(
    picture: &Picture,
    options: &WebPOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    if options.lossless || !matches!(picture.layout(), Layout::Gray | Layout::GrayAlpha) {
        let color = ops::colored(picture)?;
        return finish(width, height, packed(&color), options);
    }
    // Grey needs no conversion.
    let neutral = studio::neutral(width, height);
    let samples = picture.layout().samples();
    let plane = |at: usize| -> Vec<u8> {
        let pixels = picture.data().chunks_exact(samples);
        pixels.filter_map(|pixel| pixel.get(at).copied()).collect()
    };
    let y = if samples == 1 {
        studio::luma(picture.data())
    } else {
        studio::luma(&plane(0))
    };
    let alpha = (samples == 2)
        .then(|| plane(1))
        .filter(|alpha| alpha.iter().any(|&alpha| alpha != u8::MAX));
    let pixels = yuv((width, height), [&y, &neutral, &neutral], alpha.as_deref());
    finish(width, height, pixels, options)
}

fn packed(picture: &Picture) -> Pixels<'_> {
    let packed = Packed {
        data: picture.data(),
        stride: picture.width() as usize * picture.layout().samples(),
    };
    match picture.layout() {
        Layout::Rgba => Pixels::Rgba(packed),
        _ => Pixels::Rgb(packed),
    }
}

fn yuv<'a>(
    (width, _): (u32, u32),
    [y, u, v]: [&'a [u8]; 3],
    alpha: Option<&'a [u8]>,
) -> Pixels<'a> {
    let full = |data| Packed {
        data,
        stride: width as usize,
    };
    let half = |data| Packed {
        data,
        stride: width.div_ceil(2) as usize,
    };
    Pixels::Yuv {
        y: full(y),
        u: half(u),
        v: half(v),
        alpha: alpha.map(full),
    }
}

fn finish(
    width: u32,
    height: u32,
    pixels: Pixels<'_>,
    options: &WebPOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let file = bytes(width, height, pixels, &options.config())?;
    if options.metadata.is_empty() {
        return Ok(file);
    }
    let stream = Bitstream::of_file(&file)?;
    mux::still(&stream, (width, height), options.metadata)
}

/// A file without metadata.
pub(super) fn bytes(
    width: u32,
    height: u32,
    pixels: Pixels<'_>,
    config: &Config,
) -> Result<Vec<u8>, RenderError> {
    imgward_libwebp::encode(width, height, pixels, config).map_err(|error| match error {
        Error::Dimensions => super::too_long(),
        Error::TooLarge => RenderError::too_large(format!("writing a WebP: {error}")),
        _ => RenderError::internal(format!("writing a WebP: {error}")),
    })
}

/// The picture's pixels as red, green, blue and alpha.
pub(super) fn rgba(picture: &Picture) -> Cow<'_, [u8]> {
    match picture.layout() {
        Layout::Rgba => Cow::Borrowed(picture.data()),
        Layout::Rgb => widened(picture, |&[r, g, b]: &[u8; 3]| [r, g, b, u8::MAX]),
        Layout::GrayAlpha => widened(picture, |&[gray, alpha]: &[u8; 2]| {
            [gray, gray, gray, alpha]
        }),
        Layout::Gray => widened(picture, |&[gray]: &[u8; 1]| [gray, gray, gray, u8::MAX]),
    }
}

fn widened<const N: usize>(
    picture: &Picture,
    widen: impl Fn(&[u8; N]) -> [u8; 4],
) -> Cow<'_, [u8]> {
    let pixels = picture.data().chunks_exact(N);
    let widened = pixels.filter_map(<[u8]>::first_chunk).flat_map(widen);
    Cow::Owned(widened.collect())
}
