use std::io::Cursor;

use image_webp::{ColorType, DecodingError, WebPDecoder, WebPEncoder};

use super::{Codec, EncodeOptions, Wanted};
use crate::engine::picture::byte_len;
use crate::engine::{
    Frames, Layout, Limits, Orientation, Picture, Pixels, Probe, RenderError, Still, ops,
};
use crate::recipe::Format;

/// The longest side that a WebP can have.
pub(super) const MAX_SIDE: u32 = 16_383;

/// WebP: reads lossy and lossless files, writes lossless ones.
///
/// An animation is refused as not supported: its first frame would be another picture than the one that was asked for. One
/// of a single frame is a picture.
#[derive(Clone, Copy, Debug)]
pub struct WebP;

impl Codec for WebP {
    fn format(&self) -> Format {
        Format::WebP
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(b"RIFF") && source.get(8..12) == Some(b"WEBP")
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        let mut decoder = decoder(source, limits)?;
        let (width, height) = decoder.dimensions();
        let mut probe = Probe::new(Format::WebP, width, height);
        if decoder.is_animated() {
            probe.frames = decoder.num_frames();
        }
        if let Ok(Some(exif)) = decoder.exif_metadata() {
            probe.orientation = Orientation::from_exif(&exif);
        }
        Ok(probe)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        _wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let mut decoder = decoder(source, limits)?;
        if decoder.is_animated() && decoder.num_frames() > 1 {
            return Err(RenderError::unsupported("the WebP is an animation"));
        }
        let (width, height) = decoder.dimensions();
        limits.check_source(&Probe::new(Format::WebP, width, height))?;
        check_frame_sizes(source, width, height)?;
        let layout = if decoder.has_alpha() {
            Layout::Rgba
        } else {
            Layout::Rgb
        };
        let mut data = vec![0; byte_len(width, height, layout)?];
        decoder
            .read_image(&mut data)
            .map_err(|error| damage(&error))?;
        let profile = decoder.icc_profile().unwrap_or_default();
        let picture = Picture::new(width, height, layout, data)?.with_profile(profile);
        Ok(Box::new(Still::new(picture)))
    }

    fn encode(&self, picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let picture = ops::as_packed(picture)?;
        if picture.width() > MAX_SIDE || picture.height() > MAX_SIDE {
            return Err(too_long());
        }
        let color = match picture.layout() {
            Layout::Gray => ColorType::L8,
            Layout::GrayAlpha => ColorType::La8,
            Layout::Rgb => ColorType::Rgb8,
            Layout::Rgba => ColorType::Rgba8,
        };
        let mut bytes = Vec::new();
        WebPEncoder::new(&mut bytes)
            .encode(picture.data(), picture.width(), picture.height(), color)
            .map_err(|error| RenderError::internal(format!("writing a WebP: {error}")))?;
        Ok(bytes)
    }
}

pub(super) fn too_long() -> RenderError {
    RenderError::too_large("a WebP has at most 16383 pixels a side")
}

/// A decoder that has read the header.
fn decoder<'a>(
    source: &'a [u8],
    limits: &Limits,
) -> Result<WebPDecoder<Cursor<&'a [u8]>>, RenderError> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(|error| damage(&error))?;
    let memory = limits.max_source_pixels.saturating_mul(4);
    decoder.set_memory_limit(usize::try_from(memory).unwrap_or(usize::MAX));
    Ok(decoder)
}

/// Refuses a lossy frame that says it is larger than the canvas: the decoder takes memory for it before it compares.
fn check_frame_sizes(source: &[u8], width: u32, height: u32) -> Result<(), RenderError> {
    /// The bytes of a frame's own header, before its chunks.
    const FRAME_HEADER: usize = 16;

    let mut rest = source.get(12..).unwrap_or_default();
    while let Some((header, payload)) = rest.split_first_chunk::<8>() {
        let [kind @ .., a, b, c, d] = *header;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        // An animation's frame is looked into, not skipped; chunks are padded to an even length.
        let skip = match &kind {
            b"ANMF" => FRAME_HEADER,
            _ => length.saturating_add(length % 2),
        };
        if kind == *b"VP8 " {
            let side = |at: usize| {
                Some(u32::from(u16::from_le_bytes(*payload.get(at..)?.first_chunk()?)) & 0x3FFF)
            };
            let fits = side(6).is_some_and(|w| w <= width) && side(8).is_some_and(|h| h <= height);
            if !fits {
                return Err(RenderError::corrupt(
                    "a frame of the WebP is larger than its canvas",
                ));
            }
        }
        rest = payload.get(skip..).unwrap_or_default();
    }
    Ok(())
}

fn damage(error: &DecodingError) -> RenderError {
    RenderError::corrupt(format!("reading a WebP: {error}"))
}
