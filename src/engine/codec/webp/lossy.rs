use super::WebP;
use super::animation::AnimationWriter;
use super::encode::{WebPOptions, encode_picture, encode_planar};
use super::mux::Metadata;
use crate::engine::codec::{Codec, EncodeOptions, MetadataBlocks, Wanted, Writes};
use crate::engine::{Frames, Limits, Pixels, Probe, RenderError, ops};
use crate::recipe::Format;

/// WebP that is written by libwebp (C), lossy too, still and animated, and read as [`WebP`] does.
///
/// ```
/// use imgward::engine::{Codecs, Engine, LossyWebP};
///
/// let engine = Engine::new(Codecs::new().with(LossyWebP));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LossyWebP;

impl Codec for LossyWebP {
    fn format(&self) -> Format {
        WebP.format()
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        WebP.recognizes(source)
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        WebP.probe(source, limits)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        WebP.decode(source, wanted, limits)
    }

    fn metadata(&self, source: &[u8], limits: &Limits) -> Result<MetadataBlocks, RenderError> {
        WebP.metadata(source, limits)
    }

    fn writes(&self) -> Writes {
        Writes::Animations
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let written = written(options, picture.profile());
        match picture {
            Pixels::Planar(planar) if !options.lossless => encode_planar(planar, &written),
            picture => encode_picture(&*ops::as_packed(picture)?, &written),
        }
    }

    fn halves_chroma(&self, options: &EncodeOptions) -> bool {
        !options.lossless
    }

    fn encode_animation(
        &self,
        frames: &mut dyn Frames,
        options: &EncodeOptions,
    ) -> Result<Vec<u8>, RenderError> {
        let Some(first) = frames.next_frame()? else {
            return Err(RenderError::internal("an animation has no frame"));
        };
        let profile = first.pixels.profile().map(<[u8]>::to_vec);
        let mut writer = AnimationWriter::new(
            first.pixels.width(),
            first.pixels.height(),
            u16::try_from(options.loops).unwrap_or(u16::MAX),
            written(options, profile.as_deref()),
        )?;
        let mut next = Some(first);
        while let Some(frame) = next {
            writer.push(&*ops::as_packed(&frame.pixels)?, frame.delay)?;
            next = frames.next_frame()?;
        }
        writer.finish()
    }
}

fn written<'a>(options: &'a EncodeOptions, profile: Option<&'a [u8]>) -> WebPOptions<'a> {
    WebPOptions {
        quality: options.quality,
        lossless: options.lossless,
        // libwebp's scale ends at 6.
        effort: options.effort.map(|effort| effort.min(9) * 2 / 3),
        metadata: Metadata {
            icc: profile,
            exif: options.metadata.exif.as_deref(),
            xmp: options.metadata.xmp.as_deref(),
        },
        ..WebPOptions::default()
    }
}
