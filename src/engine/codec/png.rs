use std::io::Cursor;

use png::{
    BitDepth, ColorType, Compression, Decoder, DecodingError, Encoder, Filter, Reader,
    Transformations,
};

use super::{Codec, EncodeOptions, Wanted};
use crate::engine::picture::byte_len;
use crate::engine::{
    Frames, Layout, Limits, Orientation, Picture, Pixels, Probe, RenderError, Still, ops,
};
use crate::recipe::Format;

/// PNG: reads all kinds, reduced to 8 bits a sample; of an animated one it reads the still picture that every PNG has.
/// Writes 8 bits a sample, fast.
#[derive(Clone, Copy, Debug)]
pub struct Png;

impl Codec for Png {
    fn format(&self) -> Format {
        Format::Png
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(b"\x89PNG\r\n\x1a\n")
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        let mut decoder = decoder(source);
        let info = decoder.read_header_info().map_err(damage)?;
        let mut probe = Probe::new(Format::Png, info.width, info.height);
        limits.check_source(&probe)?;
        let reader = decoder.read_info().map_err(damage)?;
        if let Some(exif) = &reader.info().exif_metadata {
            probe.orientation = Orientation::from_exif(exif);
        }
        Ok(probe)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        _wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let mut decoder = decoder(source);
        let info = decoder.read_header_info().map_err(damage)?;
        let (width, height) = (info.width, info.height);
        limits.check_source(&Probe::new(Format::Png, width, height))?;
        let mut reader = decoder.read_info().map_err(damage)?;
        let layout = layout(&reader)?;
        let mut data = vec![0; byte_len(width, height, layout)?];
        reader.next_frame(&mut data).map_err(damage)?;
        let profile = reader.info().icc_profile.as_deref().map(<[u8]>::to_vec);
        let picture = Picture::new(width, height, layout, data)?.with_profile(profile);
        Ok(Box::new(Still::new(picture)))
    }

    fn encode(&self, picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let picture = ops::as_packed(picture)?;
        let failed =
            |error: png::EncodingError| RenderError::internal(format!("writing a PNG: {error}"));
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, picture.width(), picture.height());
        encoder.set_color(match picture.layout() {
            Layout::Gray => ColorType::Grayscale,
            Layout::GrayAlpha => ColorType::GrayscaleAlpha,
            Layout::Rgb => ColorType::Rgb,
            Layout::Rgba => ColorType::Rgba,
        });
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::Adaptive);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(picture.data()).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

/// A decoder whose own limit, of 64 MiB, holds for profiles and the like; pixels are the engine's business.
fn decoder(source: &[u8]) -> Decoder<Cursor<&[u8]>> {
    let mut decoder = Decoder::new(Cursor::new(source));
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder
}

fn layout(reader: &Reader<Cursor<&[u8]>>) -> Result<Layout, RenderError> {
    match reader.output_color_type() {
        (ColorType::Grayscale, BitDepth::Eight) => Ok(Layout::Gray),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Ok(Layout::GrayAlpha),
        (ColorType::Rgb, BitDepth::Eight) => Ok(Layout::Rgb),
        (ColorType::Rgba, BitDepth::Eight) => Ok(Layout::Rgba),
        other => Err(RenderError::internal(format!(
            "a PNG was decoded to {other:?}"
        ))),
    }
}

fn damage(error: DecodingError) -> RenderError {
    match error {
        DecodingError::LimitsExceeded => {
            RenderError::too_large("the PNG needs too much memory beside its pixels")
        }
        error => RenderError::corrupt(format!("reading a PNG: {error}")),
    }
}
