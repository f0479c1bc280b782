mod blocks;
mod read;
mod write;

use super::{Codec, EncodeOptions, Wanted, Writes};
use crate::engine::{Frames, Limits, Pixels, Probe, RenderError, Still};
use crate::recipe::Format;

/// GIF: reads and writes still and animated ones.
///
/// - Frames are composed on the canvas, as in browsers; what lies outside of it is not seen. Delays below 20 ms count as
///   100 ms, as there.
/// - A file that is damaged keeps the frames before the damage; the first has to be whole.
/// - It writes a palette for each frame, of at most [`EncodeOptions::colors`], dithered. A pixel is opaque or is not; of
///   opaque frames it writes what changes.
#[derive(Clone, Copy, Debug)]
pub struct Gif;

impl Codec for Gif {
    fn format(&self) -> Format {
        Format::Gif
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(b"GIF87a") || source.starts_with(b"GIF89a")
    }

    fn probe(&self, source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
        blocks::Facts::of(source)?.probe()
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let facts = blocks::Facts::of(source)?;
        limits.check_source(&facts.probe()?)?;
        Ok(Box::new(read::Composed::new(source, &facts, wanted)?))
    }

    fn writes(&self) -> Writes {
        Writes::Animations
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let once = EncodeOptions {
            loops: 1,
            ..options.clone()
        };
        write::animation(&mut Still::new(picture.clone()), &once)
    }

    fn encode_animation(
        &self,
        frames: &mut dyn Frames,
        options: &EncodeOptions,
    ) -> Result<Vec<u8>, RenderError> {
        write::animation(frames, options)
    }
}
