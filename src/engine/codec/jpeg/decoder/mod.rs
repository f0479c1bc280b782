//! The scaled decoder, of our own: it makes a picture of n eighths of a JPEG's size out of the file at once.
//!
//! - A block of 8 by 8 coefficients becomes one of n by n samples, by the DCT of that size. What is not needed for that is
//!   passed over in the file, without taking values apart.
//! - Planes stay as they are stored: chroma is not enlarged, and no colour is converted.
//! - A sample of fewer is the mean of what it stands for: of its encoding, as the DCT has it, or, in a baseline file, of its
//!   light. What that adds is known of the coefficients that are passed over: the sum of their squares is the variance.
//! - A file of baseline scans goes straight into the planes. Of a progressive one the coefficients are held that the scale
//!   needs, and scans that do not matter are passed over whole.
//! - A file that ends early or is damaged keeps what there is of it; the rest is grey.

mod bits;
mod frame;
mod header;
mod huffman;
mod idct;
mod marker;
mod planes;
mod progressive;
mod scan;
mod segments;
mod sequential;

use self::frame::Frame;
pub(in crate::engine) use self::header::{Colors, read_header};
use crate::engine::{Limits, Planar, Plane, Probe, RenderError};
use crate::recipe::Format;

/// How many scans a progressive file may have. Each goes over all pixels, and encoders write about ten.
const MAX_SCANS: usize = 32;

/// That the bits of a scan make no sense, or end.
#[derive(Clone, Copy, Debug)]
struct Damage;

/// How large the picture is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Scale {
    eighths: u8,
    light: bool,
}

impl Scale {
    /// The stored size.
    pub(in crate::engine) const FULL: Self = Self {
        eighths: 8,
        light: false,
    };

    /// So many eighths of the stored size, rounded up. Less than 1 counts as 1, more than 8 as 8.
    pub(in crate::engine) fn eighths(eighths: u8) -> Self {
        Self {
            eighths: eighths.clamp(1, 8),
            light: false,
        }
    }

    /// Whether a sample is to be of the mean light of what it stands for, and not the mean of its encoding.
    pub(in crate::engine) fn of_light(self, light: bool) -> Self {
        Self { light, ..self }
    }

    /// The fraction of the stored size.
    pub(in crate::engine) fn factor(self) -> f64 {
        f64::from(self.eighths) / 8.0
    }

    /// The length that a side of so many pixels gets.
    pub(in crate::engine) fn apply(self, pixels: u32) -> u32 {
        let eighths = u64::from(pixels) * u64::from(self.eighths);
        u32::try_from(eighths.div_ceil(8)).unwrap_or(u32::MAX)
    }
}

/// The planes of a file, at a scale.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Decoded {
    /// Grey, or luma and chroma.
    Planar(Planar),
    /// Red, green and blue.
    Rgb([Plane; 3]),
    /// Cyan, magenta, yellow and black as Adobe stores them: 255 is no ink.
    Cmyk([Plane; 4]),
}

/// Decodes a file whose header is within the limits.
pub(in crate::engine) fn decode(
    source: &[u8],
    scale: Scale,
    limits: &Limits,
) -> Result<Decoded, RenderError> {
    let header = read_header(source)?;
    limits.check_source(&Probe::new(Format::Jpeg, header.width, header.height))?;
    if header.colors == Colors::Unknown {
        return Err(RenderError::unsupported("the JPEG's colours are not known"));
    }
    let mut frame = Frame::new(&header, scale);
    let found = if header.progressive {
        progressive::decode(source, &mut frame)?
    } else {
        sequential::decode(source, &mut frame)?
    };
    if !found {
        return Err(RenderError::corrupt("the JPEG has no pixels"));
    }
    planes::assemble(source, &header, scale, frame)
}

#[cfg(test)]
mod tests;
