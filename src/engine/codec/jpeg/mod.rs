mod decoder;
mod encoder;

use std::borrow::Cow;
use std::ops::Range;

use self::decoder::{Decoded, Scale};
use self::encoder::JpegOptions;
use super::{Codec, EncodeOptions, MetadataBlocks, Wanted};
use crate::engine::plan::Size;
use crate::engine::{
    Frames, Layout, Limits, Orientation, Picture, Pixels, Plane, Probe, RenderError, Still, ops,
};
use crate::recipe::Format;

/// How many times as many pixels as are wanted a picture has each way, at least, that is decoded smaller than it is stored.
/// More keeps a little more of the picture, and at 2.8 takes a third more time. `benches/README.md` has what is kept.
const MARGIN: f64 = 1.9;

/// JPEG: reads baseline, extended and progressive files of 8 bits in every sampling; writes baseline and progressive ones,
/// with chroma at half the resolution below quality 90, as libvips does.
///
/// - Where less than all of the pixels is [wanted](Wanted::scale), a picture of some eighths of the size is decoded at once.
/// - A file that ends early keeps what there is of it, as in browsers.
/// - Of the files with four components those with Adobe's mark are read. Without the mark there is no telling what the
///   numbers mean, and they are refused; so are arithmetic-coded, lossless and hierarchical files, and those of 12 bits.
/// - The Huffman tables that it writes are the file's own.
#[derive(Clone, Copy, Debug)]
pub struct Jpeg;

impl Codec for Jpeg {
    fn format(&self) -> Format {
        Format::Jpeg
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        source.starts_with(&[0xFF, 0xD8, 0xFF])
    }

    fn probe(&self, source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
        let header = decoder::read_header(source)?;
        let mut probe = Probe::new(Format::Jpeg, header.width, header.height);
        if let Some(exif) = block(source, header.exif) {
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
        let scale = eighths(wanted.scale).of_light(wanted.linear);
        let pixels = match decoder::decode(source, scale, limits)? {
            Decoded::Planar(planar) => Pixels::Planar(planar),
            Decoded::Rgb(planes) => {
                let (size, data) = interleaved(&planes);
                let picture = Picture::new(size.width, size.height, Layout::Rgb, data)?;
                let profile = decoder::read_header(source)?.icc_profile(source);
                Pixels::Packed(picture.with_profile(profile))
            }
            Decoded::Cmyk(planes) => {
                let (size, inks) = interleaved(&planes);
                let profile = decoder::read_header(source)?.icc_profile(source);
                Pixels::Packed(ops::cmyk_to_rgb(
                    size.width,
                    size.height,
                    inks,
                    true,
                    profile.as_deref(),
                )?)
            }
        };
        Ok(Box::new(Still::new(pixels)))
    }

    fn decoded_scale(&self, scale: f64) -> f64 {
        eighths(scale).factor()
    }

    fn metadata(&self, source: &[u8], _limits: &Limits) -> Result<MetadataBlocks, RenderError> {
        let header = decoder::read_header(source)?;
        let exif = block(source, header.exif);
        let exif = exif.and_then(|exif| exif.strip_prefix(b"Exif\0\0"));
        Ok(MetadataBlocks {
            exif: exif.map(<[u8]>::to_vec),
            xmp: block(source, header.xmp).map(<[u8]>::to_vec),
        })
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let planar = match picture {
            Pixels::Planar(planar) => Cow::Borrowed(planar),
            Pixels::Packed(picture) => {
                let halves_chroma = self.halves_chroma(options);
                Cow::Owned(ops::to_planar(&*ops::flatten(picture)?, halves_chroma)?)
            }
        };
        encoder::encode(
            &planar,
            &JpegOptions {
                progressive: options.progressive,
                icc: picture.profile(),
                exif: options.metadata.exif.as_deref(),
                xmp: options.metadata.xmp.as_deref(),
                ..JpegOptions::new(options.quality)
            },
        )
    }

    /// Below quality 90, as libvips does.
    fn halves_chroma(&self, options: &EncodeOptions) -> bool {
        options.quality < 90
    }
}

/// The least scale that leaves [`MARGIN`] over what is wanted.
fn eighths(wanted: f64) -> Scale {
    let enough = (1..8).find(|&eighths| f64::from(eighths) >= 8.0 * MARGIN * wanted);
    enough.map_or(Scale::FULL, Scale::eighths)
}

fn block(source: &[u8], range: Option<Range<usize>>) -> Option<&[u8]> {
    source.get(range?)
}

/// The samples of planes of one size, pixel by pixel.
fn interleaved<const PLANES: usize>(planes: &[Plane; PLANES]) -> (Size, Vec<u8>) {
    let first = planes.first();
    let size = first.map_or(Size::new(0, 0), |plane| {
        Size::new(plane.width(), plane.height())
    });
    let mut data = Vec::with_capacity(planes.iter().map(|plane| plane.data().len()).sum());
    for at in 0..first.map_or(0, |plane| plane.data().len()) {
        let samples = planes.each_ref().map(|plane| plane.data().get(at).copied());
        data.extend_from_slice(&samples.map(Option::unwrap_or_default));
    }
    (size, data)
}
