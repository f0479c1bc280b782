mod chunks;
mod color;
mod filter;
mod pixels;
mod read;
mod write;

use self::chunks::Facts;
use super::{Codec, EncodeOptions, MetadataBlocks, Wanted, Writes};
use crate::engine::{Frames, Limits, Pixels, Probe, RenderError, ops};
use crate::recipe::Format;

/// PNG, and its animations (APNG): reads and writes both.
///
/// - It reads all kinds. 16 bits a sample are rounded to 8.
/// - Colours are those of the first of these that is there: code points (cICP) of a standard range, an ICC profile, sRGB,
///   gamma with chromaticities. Gamma alone is not used, as in browsers.
/// - The still image of an animation that is no frame of it is not read.
/// - Where less than a fifth of its length [is wanted](Wanted::scale) of a still one of 8 bits a sample, in linear light, it
///   is made smaller while it is read: each pixel is the mean of a square, if squares cover it.
/// - It writes 8 bits a sample, or fewer with a palette, in the smallest kind that holds the pixels: grey, of a few colours,
///   without alpha. With [`EncodeOptions::colors`] a picture of more colours is reduced to so many, dithered.
/// - [`EncodeOptions::effort`] up to 2 is the fastest; from 6 on deflate searches longer.
/// - Frames of an animation are written in full colours: [`EncodeOptions::colors`] is for still pictures.
/// - It writes no interlaced files, which are larger: [`EncodeOptions::progressive`] is not looked at.
/// - An interlaced file of 16 bits a sample takes as much memory again while it is read, since it is narrowed at the end.
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
        read::probe(source, limits)
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        read::decode(source, wanted, limits)
    }

    fn metadata(&self, source: &[u8], _limits: &Limits) -> Result<MetadataBlocks, RenderError> {
        Ok(Facts::of(source).metadata())
    }

    fn writes(&self) -> Writes {
        Writes::Animations
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        write::still(&*ops::as_packed(picture)?, options)
    }

    fn encode_animation(
        &self,
        frames: &mut dyn Frames,
        options: &EncodeOptions,
    ) -> Result<Vec<u8>, RenderError> {
        write::animation(frames, options)
    }
}
