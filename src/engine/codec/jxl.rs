use jxl_oxide::color::{ColourEncoding, ColourSpace, TransferFunction};
use jxl_oxide::{
    AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, JxlThreadPool, PixelFormat,
    RenderingIntent,
};

use super::{Codec, EncodeOptions, Wanted, Writes};
use crate::engine::picture::byte_len;
use crate::engine::{Frames, Layout, Limits, Picture, Pixels, Probe, RenderError, Still};
use crate::recipe::Format;

/// JPEG XL: reads stills, and the first frame of animations. It is not written.
///
/// Samples are rounded to 8 bits, and a high dynamic range is mapped to that of sRGB. CMYK is refused.
#[derive(Clone, Copy, Debug)]
pub struct Jxl;

impl Codec for Jxl {
    fn format(&self) -> Format {
        Format::Jxl
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(&[0xFF, 0x0A]) || source.starts_with(b"\0\0\0\x0CJXL \r\n\x87\n")
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        // The codestream comes soon, or after boxes: a prefix is enough, most of the time.
        const PREFIX: usize = 4096;
        let prefix = source.get(..PREFIX).unwrap_or(source);
        let image = match header(prefix, limits)? {
            Some(image) => image,
            None => header(source, limits)?.ok_or_else(cut_off)?,
        };
        Ok(probe_of(&image))
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        _wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        limits.check_source(&self.probe(source, limits)?)?;
        let mut image = header(source, limits)?.ok_or_else(cut_off)?;
        let (width, height) = (image.width(), image.height());
        if image.num_loaded_keyframes() == 0 {
            return Err(cut_off());
        }
        let layout = match image.pixel_format() {
            PixelFormat::Gray => Layout::Gray,
            PixelFormat::Graya => Layout::GrayAlpha,
            PixelFormat::Rgb => Layout::Rgb,
            PixelFormat::Rgba => Layout::Rgba,
            PixelFormat::Cmyk | PixelFormat::Cmyka => {
                return Err(RenderError::unsupported("the JPEG XL is in CMYK"));
            }
        };
        check_colors(&image)?;
        let gray = matches!(layout, Layout::Gray | Layout::GrayAlpha);
        if image.hdr_type().is_some() {
            let intent = RenderingIntent::Relative;
            image.request_color_encoding(if gray {
                EnumColourEncoding::gray_srgb(intent)
            } else {
                EnumColourEncoding::srgb(intent)
            });
        }
        let render = image.render_frame(0).map_err(damage)?;
        let mut stream = render.stream();
        if (stream.width(), stream.height()) != (width, height)
            || stream.channels() as usize != layout.samples()
        {
            return Err(RenderError::corrupt(
                "the pixels are not as many as the header says",
            ));
        }
        let mut data = vec![0_u8; byte_len(width, height, layout)?];
        stream.write_to_buffer(&mut data);
        let profile = match image.rendered_cicp() {
            Some([1, 13, ..]) => None,
            _ => Some(image.rendered_icc()),
        };
        let picture = Picture::new(width, height, layout, data)?.with_profile(profile);
        Ok(Box::new(Still::new(picture)))
    }

    fn writes(&self) -> Writes {
        Writes::Nothing
    }

    fn encode(&self, _picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        Err(RenderError::unsupported("jxl is not written"))
    }
}

/// An image whose header is read. `None` if the source ends before that.
fn header(source: &[u8], limits: &Limits) -> Result<Option<JxlImage>, RenderError> {
    /// The bytes of a pixel while it is decoded: several planes of floating point.
    const MEMORY: u64 = 64;

    let memory = limits.max_source_pixels.saturating_mul(MEMORY);
    let mut image = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(
            usize::try_from(memory).unwrap_or(usize::MAX),
        ))
        .build_uninit();
    image.feed_bytes(source).map_err(damage)?;
    match image.try_init().map_err(damage)? {
        InitializeResult::NeedMoreData(_) => Ok(None),
        InitializeResult::Initialized(image) => Ok(Some(image)),
    }
}

/// Refuses colours of which jxl-oxide would make a profile without knowing what they are, or of a profile that is not there.
fn check_colors(image: &JxlImage) -> Result<(), RenderError> {
    match &image.image_header().metadata.colour_encoding {
        ColourEncoding::IccProfile(_) if image.original_icc().is_none() => {
            Err(RenderError::corrupt("the JPEG XL's profile is empty"))
        }
        ColourEncoding::IccProfile(_) => Ok(()),
        ColourEncoding::Enum(colors) => {
            let space = matches!(colors.colour_space, ColourSpace::Rgb | ColourSpace::Grey);
            let curve = !matches!(
                colors.tf,
                TransferFunction::Unknown | TransferFunction::Gamma { g: 0, .. }
            );
            if space && curve {
                return Ok(());
            }
            Err(RenderError::unsupported(
                "the JPEG XL does not say what its colours are",
            ))
        }
    }
}

fn probe_of(image: &JxlImage) -> Probe {
    Probe::new(Format::Jxl, image.width(), image.height())
}

fn cut_off() -> RenderError {
    RenderError::corrupt("the JPEG XL ends before its first frame")
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn damage(error: Box<dyn std::error::Error + Send + Sync>) -> RenderError {
    RenderError::corrupt(format!("reading a JPEG XL: {error}"))
}
