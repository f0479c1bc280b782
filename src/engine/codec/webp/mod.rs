//! WebP: read by safe Rust; written lossless by it as well, and in all other ways by libwebp.

#[cfg(feature = "webp")]
#[allow(dead_code, reason = "no codec writes frames yet")]
mod animation;
#[cfg(feature = "webp")]
mod changes;
mod chunks;
#[cfg(feature = "webp")]
mod encode;
mod frames;
#[cfg(feature = "webp")]
mod lossy;
#[cfg(feature = "webp")]
mod mux;
#[cfg(feature = "webp")]
mod studio;

use std::io::Cursor;

use image_webp::{ColorType, DecodingError, WebPDecoder, WebPEncoder};

use self::chunks::{Chunk, Chunks};
use self::frames::{AnimationInfo, AnimationReader};
#[cfg(feature = "webp")]
pub use self::lossy::LossyWebP;
use super::Codec;
use crate::engine::picture::byte_len;
use crate::engine::{Layout, Limits, Orientation, Picture, Probe, RenderError};
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
        let mut probe;
        if let Some(info) = AnimationInfo::of(source)? {
            probe = Probe::new(Format::WebP, info.width, info.height);
            probe.frames = info.frames;
        } else {
            let (width, height) = decoder(source, limits)?.dimensions();
            probe = Probe::new(Format::WebP, width, height);
        }
        if let Some(exif) = chunk(source, *b"EXIF") {
            probe.orientation = Orientation::from_exif(exif);
        }
        Ok(probe)
    }

    fn decode(&self, source: &[u8], limits: &Limits) -> Result<Picture, RenderError> {
        let profile = chunk(source, *b"ICCP").map(<[u8]>::to_vec);
        let picture = if let Some(info) = AnimationInfo::of(source)? {
            if info.frames > 1 {
                return Err(RenderError::unsupported("the WebP is an animation"));
            }
            limits.check_source(&Probe::new(Format::WebP, info.width, info.height))?;
            let frame = AnimationReader::new(source, info).next_frame()?;
            let (picture, _) = frame.ok_or_else(|| corrupt("the WebP has no frame"))?;
            picture
        } else {
            let (width, height) = decoder(source, limits)?.dimensions();
            limits.check_source(&Probe::new(Format::WebP, width, height))?;
            decode_still(source, (width, height))?
        };
        Ok(picture.with_profile(profile))
    }

    fn encode(&self, picture: &Picture, _quality: u8) -> Result<Vec<u8>, RenderError> {
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

/// The pixels of a file that is no animation, which should be of this size.
fn decode_still(source: &[u8], (width, height): (u32, u32)) -> Result<Picture, RenderError> {
    // The decoder takes memory for a lossy frame before it compares its size with the canvas.
    let larger = |chunk: Chunk<'_>| chunk.size().is_none_or(|(w, h)| w > width || h > height);
    if Chunks::of_file(source).any(|chunk| chunk.kind == *b"VP8 " && larger(chunk)) {
        return Err(corrupt("a frame of the WebP is larger than its canvas"));
    }
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(|error| damage(&error))?;
    if decoder.dimensions() != (width, height) || decoder.is_animated() {
        return Err(RenderError::internal("a WebP is not what its header said"));
    }
    let layout = if decoder.has_alpha() {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    let mut data = vec![0; byte_len(width, height, layout)?];
    decoder
        .read_image(&mut data)
        .map_err(|error| damage(&error))?;
    Picture::new(width, height, layout, data)
}

/// What is in the first chunk of a kind, if all of it is there.
fn chunk(source: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    let first = Chunks::of_file(source).find(|chunk| chunk.kind == kind);
    first
        .filter(|chunk| chunk.complete)
        .map(|chunk| chunk.payload)
}

fn corrupt(reason: &'static str) -> RenderError {
    RenderError::corrupt(reason)
}

fn damage(error: &DecodingError) -> RenderError {
    RenderError::corrupt(format!("reading a WebP: {error}"))
}

#[cfg(test)]
mod tests;
