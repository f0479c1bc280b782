#[cfg_attr(not(test), expect(dead_code))]
mod decoder;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::Codec;
use crate::engine::picture::byte_len;
use crate::engine::{Layout, Limits, Orientation, Picture, Probe, RenderError, ops};
use crate::recipe::Format;

/// How many scans a progressive file may have. Each goes over all pixels, and encoders write about ten.
const MAX_SCANS: usize = 32;

/// JPEG: reads baseline and progressive files of 8 bits; writes baseline, with chroma at half the resolution below
/// quality 90, as libvips does.
///
/// - A file that ends early keeps what there is of it, as in browsers.
/// - Of the files with four components those with Adobe's mark are read, as the inverted CMYK or YCCK that Adobe writes
///   and with the plain conversion to RGB (a CMYK profile is not used). Without the mark there is no telling what the
///   numbers mean, and they are refused.
/// - Unusual samplings of chroma are refused: below half the resolution, or vertical and in several baseline scans.
/// - It writes one scan with the standard's Huffman tables: tables of the file's own would save 1 to 7 % of the bytes, but
///   the encoder takes a third more time for them, and a scan a component, which not every decoder reads right.
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
        let decoder = decoder(source)?;
        let info = decoder.info().ok_or_else(no_header)?;
        let mut probe = Probe::new(Format::Jpeg, info.width.into(), info.height.into());
        if let Some(exif) = decoder.exif() {
            probe.orientation = Orientation::from_exif(exif);
        }
        Ok(probe)
    }

    fn decode(&self, source: &[u8], limits: &Limits) -> Result<Picture, RenderError> {
        let mut decoder = decoder(source)?;
        let info = decoder.info().ok_or_else(no_header)?;
        let (width, height) = (info.width.into(), info.height.into());
        limits.check_source(&Probe::new(Format::Jpeg, width, height))?;
        let segments = Segments::of(source);
        if !segments.readable() {
            return Err(RenderError::unsupported(
                "the JPEG is of a kind that is not read",
            ));
        }
        let (space, layout) = match decoder.input_colorspace() {
            Some(ColorSpace::Luma) => (ColorSpace::Luma, Layout::Gray),
            Some(ColorSpace::YCbCr | ColorSpace::RGB) => (ColorSpace::RGB, Layout::Rgb),
            Some(ColorSpace::CMYK | ColorSpace::YCCK) if segments.adobe => {
                (ColorSpace::RGB, Layout::Rgb)
            }
            _ => return Err(RenderError::unsupported("the JPEG's colours are not known")),
        };
        decoder.set_options(decoder.options().jpeg_set_out_colorspace(space));
        let mut data = vec![0; byte_len(width, height, layout)?];
        decoder.decode_into(&mut data).map_err(damage)?;
        let profile = decoder.icc_profile();
        Ok(Picture::new(width, height, layout, data)?.with_profile(profile))
    }

    fn encode(&self, picture: &Picture, quality: u8) -> Result<Vec<u8>, RenderError> {
        let opaque = ops::flatten(picture)?;
        let (Ok(width), Ok(height)) = (
            u16::try_from(picture.width()),
            u16::try_from(picture.height()),
        ) else {
            return Err(RenderError::too_large(
                "a JPEG has at most 65535 pixels a side",
            ));
        };
        let color = match opaque.layout() {
            Layout::Gray => ColorType::Luma,
            _ => ColorType::Rgb,
        };
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, quality);
        encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
        encoder
            .encode(opaque.data(), width, height, color)
            .map_err(|error| RenderError::internal(format!("writing a JPEG: {error}")))?;
        Ok(bytes)
    }
}

/// A decoder that has read the header. Sizes are the engine's business.
fn decoder(source: &[u8]) -> Result<JpegDecoder<ZCursor<&[u8]>>, RenderError> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(source), options);
    decoder.decode_headers().map_err(damage)?;
    Ok(decoder)
}

fn no_header() -> RenderError {
    RenderError::corrupt("the JPEG has no header")
}

fn damage(error: DecodeErrors) -> RenderError {
    match error {
        DecodeErrors::Unsupported(_) => {
            RenderError::unsupported("the JPEG is of a kind that is not read")
        }
        error => RenderError::corrupt(format!("reading a JPEG: {error:?}")),
    }
}

/// What the segments before the first scan say of how the pixels are laid out.
#[derive(Default)]
struct Segments {
    adobe: bool,
    progressive: bool,
    bits: u8,
    /// The sampling factors of the components, horizontal and vertical in a byte's two halves.
    factors: Vec<u8>,
    in_first_scan: usize,
}

impl Segments {
    /// Reads them (ITU-T T.81, annex B). What is not there stays empty, and so is not readable.
    fn of(source: &[u8]) -> Self {
        const FRAMES: [u8; 3] = [0xC0, 0xC1, PROGRESSIVE];
        const PROGRESSIVE: u8 = 0xC2;
        const START_OF_SCAN: u8 = 0xDA;
        const APP14: u8 = 0xEE;

        let mut segments = Self::default();
        let mut rest = source;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            let (0xFF, Some((&marker, tail))) = (byte, tail.split_first()) else {
                continue;
            };
            if matches!(marker, 0x00 | 0x01 | 0xD0..=0xD8 | 0xFF) {
                continue; // no length follows, or this was only a fill byte
            }
            let Some((&length, tail)) = tail.split_first_chunk() else {
                break;
            };
            let length = usize::from(u16::from_be_bytes(length)).saturating_sub(2);
            let Some((segment, tail)) = tail.split_at_checked(length) else {
                break;
            };
            rest = tail;
            if marker == START_OF_SCAN {
                segments.in_first_scan = segment.first().copied().unwrap_or(0).into();
                break;
            } else if marker == APP14 {
                segments.adobe |= segment.starts_with(b"Adobe");
            } else if FRAMES.contains(&marker) {
                segments.progressive = marker == PROGRESSIVE;
                segments.bits = segment.first().copied().unwrap_or(0);
                let components = segment.get(6..).unwrap_or_default().chunks_exact(3);
                segments.factors = components.filter_map(|c| c.get(1)).copied().collect();
            }
        }
        segments
    }

    /// Whether the decoder makes the right picture of it: not so with chroma at less than half the resolution, nor with
    /// vertical subsampling in several baseline scans.
    fn readable(&self) -> bool {
        let in_one_scan = self.in_first_scan == self.factors.len();
        let sampling = match *self.factors {
            [_] => return self.bits == 8,
            [luma, 0x11, 0x11] => luma,
            [luma, 0x11, 0x11, key] if key == luma => luma,
            _ => return false,
        };
        let scans = match sampling {
            0x11 | 0x21 => self.progressive || in_one_scan || self.in_first_scan == 1,
            0x12 | 0x22 => self.progressive || in_one_scan,
            _ => false,
        };
        self.bits == 8 && scans
    }
}
