use std::ops::Range;

use super::marker::{EOI, SOI, SOS};
use super::segments::{Segment, next_segment};
use crate::engine::RenderError;

/// What the segments before the first scan tell.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Header {
    /// The width in pixels, at least 1.
    pub(in crate::engine) width: u32,
    /// The height in pixels, at least 1.
    pub(in crate::engine) height: u32,
    /// From 1 to 4 components, in the order of the file.
    pub(in crate::engine) components: Vec<Component>,
    /// Whether the scans refine each other.
    pub(in crate::engine) progressive: bool,
    /// What the components are.
    pub(in crate::engine) colors: Colors,
    /// Where the EXIF block is, with its `Exif` mark.
    pub(in crate::engine) exif: Option<Range<usize>>,
    /// Where the XMP packet is.
    pub(in crate::engine) xmp: Option<Range<usize>>,
    /// Where the parts of the ICC profile are, by the number of the part and of parts.
    icc: Vec<(u8, u8, Range<usize>)>,
}

/// A component of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Component {
    /// The name that scans use.
    pub(in crate::engine) id: u8,
    /// The horizontal sampling factor, from 1 to 4.
    pub(in crate::engine) horizontal: u8,
    /// The vertical sampling factor, from 1 to 4.
    pub(in crate::engine) vertical: u8,
    /// Which quantisation table it has, from 0 to 3.
    pub(in crate::engine) quantization: u8,
}

/// What the components of a file stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Colors {
    /// Grey.
    Gray,
    /// Luma, Cb and Cr.
    YCbCr,
    /// Red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black, the other way round as Adobe stores them.
    Cmyk,
    /// The same, but cyan, magenta and yellow as YCbCr.
    Ycck,
    /// Two components, or four without Adobe's mark: there is no telling what they mean.
    Unknown,
}

impl Header {
    /// How many times as wide and as high as the smallest unit of blocks the largest component's are.
    pub(super) fn largest_factors(&self) -> (u32, u32) {
        let factors = |of: fn(&Component) -> u8| self.components.iter().map(of).max().unwrap_or(1);
        (
            factors(|component| component.horizontal).into(),
            factors(|component| component.vertical).into(),
        )
    }

    /// The ICC profile. None if there is none, or if a part of it is missing.
    pub(in crate::engine) fn icc_profile(&self, source: &[u8]) -> Option<Vec<u8>> {
        let &(_, parts, _) = self.icc.first()?;
        let mut profile = Vec::new();
        for number in 1..=parts {
            let mut of_number = self
                .icc
                .iter()
                .filter(|part| (part.0, part.1) == (number, parts));
            let (Some((.., range)), None) = (of_number.next(), of_number.next()) else {
                return None;
            };
            profile.extend_from_slice(source.get(range.clone())?);
        }
        (!profile.is_empty()).then_some(profile)
    }
}

/// Reads the header. What this decoder does not read is refused already here.
pub(in crate::engine) fn read_header(source: &[u8]) -> Result<Header, RenderError> {
    let mut reader = Reader::default();
    if !source.starts_with(&[0xFF, SOI]) {
        return Err(RenderError::corrupt("the JPEG has no beginning"));
    }
    let mut at = 2;
    while let Some(segment) = next_segment(source, at) {
        if matches!(segment.marker, SOS | EOI) {
            break;
        }
        reader.take(&segment)?;
        at = segment.end();
    }
    reader.finish()
}

/// What is known after some segments.
#[derive(Default)]
struct Reader {
    frame: Option<Frame>,
    jfif: bool,
    adobe: Option<u8>,
    exif: Option<Range<usize>>,
    xmp: Option<Range<usize>>,
    icc: Vec<(u8, u8, Range<usize>)>,
}

struct Frame {
    progressive: bool,
    width: u16,
    height: u16,
    components: Vec<Component>,
}

impl Reader {
    fn take(&mut self, segment: &Segment<'_>) -> Result<(), RenderError> {
        let payload = segment.payload;
        // Where the payload is, without the mark that it begins with.
        let after = |mark: &[u8]| {
            let marked = payload.starts_with(mark);
            marked.then(|| segment.start + mark.len()..segment.end())
        };
        match segment.marker {
            0xC0..=0xC2 => {
                if self.frame.is_some() {
                    return Err(RenderError::corrupt("the JPEG has several frames"));
                }
                self.frame = Some(frame(segment.marker, payload)?);
            }
            0xC9..=0xCF => {
                return Err(RenderError::unsupported("the JPEG is arithmetic-coded"));
            }
            0xC3 => return Err(RenderError::unsupported("the JPEG is a lossless one")),
            0xC5..=0xC7 | 0xDE => {
                return Err(RenderError::unsupported("the JPEG is a hierarchical one"));
            }
            0xE0 => self.jfif |= payload.starts_with(b"JFIF\0"),
            0xE1 => {
                if payload.starts_with(b"Exif\0") {
                    self.exif.get_or_insert(segment.start..segment.end());
                } else if let Some(range) = after(b"http://ns.adobe.com/xap/1.0/\0") {
                    self.xmp.get_or_insert(range);
                }
            }
            0xE2 => {
                if let (Some(range), [number, parts, ..]) = (
                    after(b"ICC_PROFILE\0"),
                    payload.get(12..).unwrap_or_default(),
                ) {
                    let range = range.start + 2..range.end;
                    // There are no more parts than their numbers can tell apart.
                    if u8::try_from(self.icc.len()).is_ok() {
                        self.icc.push((*number, *parts, range));
                    }
                }
            }
            0xEE if payload.starts_with(b"Adobe") => {
                self.adobe = self.adobe.or(payload.get(11).copied());
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Header, RenderError> {
        let frame = self
            .frame
            .ok_or_else(|| RenderError::corrupt("the JPEG has no header"))?;
        let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
        // As libjpeg and browsers tell them apart.
        let colors = match (frame.components.len(), self.adobe) {
            (1, _) => Colors::Gray,
            (3, _) if self.jfif => Colors::YCbCr,
            (3, Some(0)) => Colors::Rgb,
            (3, None) if ids == *b"RGB" => Colors::Rgb,
            (3, _) => Colors::YCbCr,
            (4, Some(0)) => Colors::Cmyk,
            (4, Some(2)) => Colors::Ycck,
            _ => Colors::Unknown,
        };
        Ok(Header {
            width: frame.width.into(),
            height: frame.height.into(),
            components: frame.components,
            progressive: frame.progressive,
            colors,
            exif: self.exif,
            xmp: self.xmp,
            icc: self.icc,
        })
    }
}

fn frame(marker: u8, payload: &[u8]) -> Result<Frame, RenderError> {
    let damaged = || RenderError::corrupt("the frame header of the JPEG is damaged");
    let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = payload else {
        return Err(damaged());
    };
    let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
    if precision != 8 {
        return Err(RenderError::unsupported("the JPEG has not 8 bits a sample"));
    }
    if height == 0 && width != 0 {
        return Err(RenderError::unsupported(
            "the JPEG tells its height after its pixels",
        ));
    }
    let components: Vec<Component> = rest
        .chunks_exact(3)
        .take(count.into())
        .map(|bytes| Component {
            id: bytes[0],
            horizontal: bytes[1] >> 4,
            vertical: bytes[1] & 15,
            quantization: bytes[2],
        })
        .collect();
    let valid = components.iter().enumerate().all(|(index, component)| {
        (1..=4).contains(&component.horizontal)
            && (1..=4).contains(&component.vertical)
            && component.quantization < 4
            && components[..index]
                .iter()
                .all(|other| other.id != component.id)
    });
    if width == 0 || !(1..=4).contains(&count) || components.len() != usize::from(count) || !valid {
        return Err(damaged());
    }
    Ok(Frame {
        progressive: marker == 0xC2,
        width,
        height,
        components,
    })
}
