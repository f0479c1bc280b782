//! WebP: read by safe Rust; written lossless by it as well, and in all other ways by libwebp.

#[cfg(feature = "webp")]
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
mod vp8;

use std::io::Cursor;

use image_webp::{ColorType, DecodingError, WebPDecoder, WebPEncoder};

use self::chunks::{Chunk, Chunks};
use self::frames::{AnimationInfo, AnimationReader};
#[cfg(feature = "webp")]
pub use self::lossy::LossyWebP;
use super::{Codec, EncodeOptions, MetadataBlocks, Wanted};
use crate::engine::picture::byte_len;
use crate::engine::{
    Frame, Frames, Layout, Limits, Orientation, Picture, Pixels, Probe, RenderError, Still, ops,
};
use crate::recipe::Format;

/// The longest side that a WebP can have.
pub(super) const MAX_SIDE: u32 = 16_383;

/// WebP: reads lossy and lossless files and animations, writes lossless still pictures.
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
            probe.loops = info.loops.into();
        } else {
            let (width, height) = decoder(source, limits)?.dimensions();
            probe = Probe::new(Format::WebP, width, height);
        }
        if let Some(exif) = chunk(source, *b"EXIF") {
            probe.orientation = Orientation::from_exif(exif);
        }
        Ok(probe)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        limits.check_source(&self.probe(source, limits)?)?;
        let profile = chunk(source, *b"ICCP").map(<[u8]>::to_vec);
        if let Some(info) = AnimationInfo::of(source)? {
            let reader = AnimationReader::new(source, info);
            return Ok(Box::new(Animation::new(reader, profile, wanted)));
        }
        let size = decoder(source, limits)?.dimensions();
        check_frames(source, size)?;
        let pixels: Pixels = match opaque_lossy(source) {
            Some(payload) => vp8::decode(payload, size)?.into(),
            None => decode_still(source, size)?.into(),
        };
        Ok(Box::new(Still::new(pixels.with_profile(profile))))
    }

    fn metadata(&self, source: &[u8], _limits: &Limits) -> Result<MetadataBlocks, RenderError> {
        let block = |kind| chunk(source, kind).map(<[u8]>::to_vec);
        let exif = block(*b"EXIF").map(|exif| match exif.strip_prefix(b"Exif\0\0") {
            Some(exif) => exif.to_vec(),
            None => exif,
        });
        Ok(MetadataBlocks {
            exif,
            xmp: block(*b"XMP "),
        })
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let profile = picture.profile();
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
        let mut encoder = WebPEncoder::new(&mut bytes);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile.to_vec());
        }
        if let Some(exif) = &options.metadata.exif {
            encoder.set_exif_metadata(exif.clone());
        }
        if let Some(xmp) = &options.metadata.xmp {
            encoder.set_xmp_metadata(xmp.clone());
        }
        encoder
            .encode(picture.data(), picture.width(), picture.height(), color)
            .map_err(|error| RenderError::internal(format!("writing a WebP: {error}")))?;
        Ok(bytes)
    }
}

/// The frames of an animation that are wanted.
struct Animation<'a> {
    reader: AnimationReader<'a>,
    profile: Option<Vec<u8>>,
    /// How many are passed over first.
    skip: u32,
    left: u32,
}

impl<'a> Animation<'a> {
    fn new(reader: AnimationReader<'a>, profile: Option<Vec<u8>>, wanted: &Wanted) -> Self {
        Self {
            reader,
            profile,
            skip: wanted.first,
            left: wanted.frames,
        }
    }
}

impl Frames for Animation<'_> {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        if self.left == 0 {
            return Ok(None);
        }
        while self.skip > 0 {
            self.skip -= 1;
            if self.reader.next_frame()?.is_none() {
                return Ok(None);
            }
        }
        self.left -= 1;
        let frame = self.reader.next_frame()?;
        Ok(frame.map(|(picture, delay)| Frame {
            pixels: picture.with_profile(self.profile.clone()).into(),
            delay,
        }))
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

/// That all pixels are there, and no lossy frame is larger than its canvas. Decoders take memory for it before they compare
/// its size.
fn check_frames(source: &[u8], (width, height): (u32, u32)) -> Result<(), RenderError> {
    for chunk in Chunks::of_file(source).filter(holds_pixels) {
        let larger = |(w, h)| w > width || h > height;
        if chunk.kind == *b"VP8 " && chunk.size().is_none_or(larger) {
            return Err(corrupt("a frame of the WebP is larger than its canvas"));
        }
        if !chunk.complete {
            return Err(corrupt("the pixels of the WebP are cut off"));
        }
    }
    Ok(())
}

fn holds_pixels(chunk: &Chunk<'_>) -> bool {
    matches!(&chunk.kind, b"VP8 " | b"VP8L" | b"ALPH")
}

/// The lossy pixels of a file that is no animation, if they have no alpha beside them.
fn opaque_lossy(source: &[u8]) -> Option<&[u8]> {
    let first = Chunks::of_file(source).find(holds_pixels)?;
    (first.kind == *b"VP8 ").then_some(first.payload)
}

/// The pixels of a file that is no animation, which should be of this size, with no lossy frame larger than that.
fn decode_still(source: &[u8], (width, height): (u32, u32)) -> Result<Picture, RenderError> {
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
