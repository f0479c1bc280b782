//! What an AV1 stream says before its pixels (AV1 Bitstream & Decoding Process Specification, 5.3 to 5.5).
//!
//! The decoder does not get to see what was not read here first: it panics on some damaged headers, and has C entry points,
//! through which a panic does not unwind but ends the process.

use crate::engine::RenderError;

/// How many frame headers an image may have. A layered one has a frame for each of at most four layers.
pub(super) const MAX_FRAMES_OF_STILL: usize = 4;

/// The sequence header, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) width: u32,
    pub(super) height: u32,
    /// 8, 10 or 12.
    pub(super) depth: u8,
    pub(super) sampling: Sampling,
    pub(super) primaries: u8,
    pub(super) transfer: u8,
    pub(super) matrix: u8,
    pub(super) full_range: bool,
    /// What `av1C` tells of it.
    pub(super) configuration: [u8; 4],
}

/// How many chroma samples there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    Monochrome,
    /// 4:2:0.
    Quarter,
    /// 4:2:2.
    Half,
    /// 4:4:4.
    Full,
}

impl Sampling {
    /// The size of the chroma planes, none if there are none.
    pub(super) fn chroma(self, width: u32, height: u32) -> Option<(u32, u32)> {
        match self {
            Self::Monochrome => None,
            Self::Quarter => Some((width.div_ceil(2), height.div_ceil(2))),
            Self::Half => Some((width.div_ceil(2), height)),
            Self::Full => Some((width, height)),
        }
    }
}

const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const TILE_GROUP: u8 = 4;
const FRAME: u8 = 6;
const REDUNDANT_FRAME_HEADER: u8 = 7;

/// Reads a stream's units (OBUs), and gives those that the decoder needs: sequence header and frames. `max_frames` is how
/// many frames may be coded in it.
///
/// Metadata, padding and what is reserved is left out.
pub(super) fn read(stream: &[u8], max_frames: usize) -> Result<Vec<u8>, RenderError> {
    let mut sequence = None;
    let mut units = Vec::with_capacity(stream.len());
    let mut frames = 0;
    let mut rest = stream;
    while !rest.is_empty() {
        let unit = Unit::split(&mut rest)?;
        match unit.kind {
            SEQUENCE_HEADER => match sequence {
                None => {
                    Sequence::parse(unit.payload)?;
                    sequence = Some(unit.payload);
                }
                Some(first) if first == unit.payload => continue,
                Some(_) => return Err(corrupt()),
            },
            FRAME | FRAME_HEADER | TILE_GROUP | REDUNDANT_FRAME_HEADER => {
                if sequence.is_none() || unit.payload.is_empty() {
                    return Err(corrupt());
                }
                if matches!(unit.kind, FRAME | FRAME_HEADER) {
                    frames += 1;
                }
            }
            _ => continue,
        }
        if frames > max_frames {
            return Err(RenderError::unsupported(
                "an image of the AVIF is coded in several frames",
            ));
        }
        unit.write(&mut units);
    }
    if frames == 0 {
        return Err(corrupt());
    }
    Ok(units)
}

/// The header of a stream alone.
pub(super) fn header(stream: &[u8]) -> Result<Sequence, RenderError> {
    let mut rest = stream;
    while !rest.is_empty() {
        let unit = Unit::split(&mut rest)?;
        if unit.kind == SEQUENCE_HEADER {
            return Sequence::parse(unit.payload);
        }
    }
    Err(corrupt())
}

fn corrupt() -> RenderError {
    RenderError::corrupt("the AV1 stream in the AVIF is damaged")
}

struct Unit<'a> {
    kind: u8,
    extension: Option<u8>,
    payload: &'a [u8],
}

impl<'a> Unit<'a> {
    fn split(rest: &mut &'a [u8]) -> Result<Self, RenderError> {
        let mut bytes = *rest;
        let header = first(&mut bytes)?;
        if header & 0x80 != 0 {
            return Err(corrupt());
        }
        let extension = (header & 4 != 0).then(|| first(&mut bytes)).transpose()?;
        let length = if header & 2 != 0 {
            leb128(&mut bytes)?
        } else {
            bytes.len()
        };
        let (payload, after) = bytes.split_at_checked(length).ok_or_else(corrupt)?;
        *rest = after;
        Ok(Self {
            kind: header >> 3 & 15,
            extension,
            payload,
        })
    }

    fn write(&self, units: &mut Vec<u8>) {
        units.push(self.kind << 3 | u8::from(self.extension.is_some()) << 2 | 2);
        units.extend(self.extension);
        let mut length = self.payload.len();
        loop {
            let low = u8::try_from(length & 0x7F).unwrap_or_default();
            length >>= 7;
            units.push(low | u8::from(length > 0) << 7);
            if length == 0 {
                break;
            }
        }
        units.extend_from_slice(self.payload);
    }
}

fn first(bytes: &mut &[u8]) -> Result<u8, RenderError> {
    let (&first, rest) = bytes.split_first().ok_or_else(corrupt)?;
    *bytes = rest;
    Ok(first)
}

/// A number of up to 32 bits, seven in a byte.
fn leb128(bytes: &mut &[u8]) -> Result<usize, RenderError> {
    let mut number = 0u64;
    for shift in (0..56).step_by(7) {
        let byte = first(bytes)?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(number)
                .ok()
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(corrupt);
        }
    }
    Err(corrupt())
}

impl Sequence {
    /// The numbers are the specification's, and so is the order.
    fn parse(payload: &[u8]) -> Result<Self, RenderError> {
        let mut bits = Bits { payload, at: 0 };
        let profile = bits.byte(3)?;
        if profile > 2 {
            return Err(corrupt());
        }
        bits.take(1)?; // whether all of it is a still picture
        let reduced = bits.flag()?;
        let mut level = 0;
        let mut tier = 0;
        if reduced {
            level = bits.byte(5)?;
        } else {
            let (delay_bits, decoder_model) = timing(&mut bits)?;
            let initial_delays = bits.flag()?;
            for point in 0..=bits.take(5)? {
                bits.take(12)?; // which layers
                let level_of_point = bits.byte(5)?;
                let tier_of_point = if level_of_point > 7 { bits.byte(1)? } else { 0 };
                if point == 0 {
                    (level, tier) = (level_of_point, tier_of_point);
                }
                if decoder_model && bits.flag()? {
                    bits.take(delay_bits)?;
                    bits.take(delay_bits)?;
                    bits.take(1)?;
                }
                if initial_delays && bits.flag()? {
                    bits.take(4)?;
                }
            }
        }
        let width_bits = bits.take(4)? + 1;
        let height_bits = bits.take(4)? + 1;
        let width = bits.take(width_bits)? + 1;
        let height = bits.take(height_bits)? + 1;
        if !reduced && bits.flag()? {
            bits.take(4)?; // how long the numbers of frames are
            bits.take(3)?;
        }
        bits.take(3)?; // superblocks, filter intra, intra edge filter
        if !reduced {
            tools(&mut bits)?;
        }
        bits.take(3)?; // superres, CDEF, loop restoration
        let mut sequence = Self {
            width,
            height,
            depth: 8,
            sampling: Sampling::Monochrome,
            primaries: UNSPECIFIED,
            transfer: UNSPECIFIED,
            matrix: UNSPECIFIED,
            full_range: false,
            configuration: [0; 4],
        };
        sequence.read_color(&mut bits, profile)?;
        bits.take(1)?; // film grain
        let (subsampled, vertically) = match sequence.sampling {
            Sampling::Monochrome | Sampling::Quarter => (1, 1),
            Sampling::Half => (1, 0),
            Sampling::Full => (0, 0),
        };
        sequence.configuration = [
            0x81,
            profile << 5 | level,
            tier << 7
                | u8::from(sequence.depth > 8) << 6
                | u8::from(sequence.depth > 10) << 5
                | u8::from(sequence.sampling == Sampling::Monochrome) << 4
                | subsampled << 3
                | vertically << 2,
            0,
        ];
        Ok(sequence)
    }

    fn read_color(&mut self, bits: &mut Bits<'_>, profile: u8) -> Result<(), RenderError> {
        const SRGB_AS_RGB: (u8, u8, u8) = (1, 13, 0);

        let deep = bits.flag()?;
        self.depth = match (deep, profile) {
            (true, 2) => 10 + 2 * bits.byte(1)?,
            (true, _) => 10,
            (false, _) => 8,
        };
        let monochrome = profile != 1 && bits.flag()?;
        if bits.flag()? {
            self.primaries = bits.byte(8)?;
            self.transfer = bits.byte(8)?;
            self.matrix = bits.byte(8)?;
        }
        if monochrome {
            self.full_range = bits.flag()?;
            return Ok(());
        }
        if (self.primaries, self.transfer, self.matrix) == SRGB_AS_RGB {
            self.full_range = true;
            self.sampling = Sampling::Full;
        } else {
            self.full_range = bits.flag()?;
            self.sampling = match (profile, self.depth) {
                (0, _) => Sampling::Quarter,
                (1, _) => Sampling::Full,
                (_, 12) if !bits.flag()? => Sampling::Full,
                (_, 12) if bits.flag()? => Sampling::Quarter,
                _ => Sampling::Half,
            };
            if self.sampling == Sampling::Quarter {
                bits.take(2)?; // where the chroma samples are
            }
        }
        bits.take(1)?; // whether the two chroma planes have quantisers of their own
        if self.matrix == 0 && self.sampling != Sampling::Full {
            return Err(corrupt());
        }
        Ok(())
    }
}

const UNSPECIFIED: u8 = 2;

/// Reads how frames are timed. How long the decoder's delays are, and whether there are any.
fn timing(bits: &mut Bits<'_>) -> Result<(u32, bool), RenderError> {
    if !bits.flag()? {
        return Ok((0, false));
    }
    bits.take(32)?;
    bits.take(32)?;
    if bits.flag()? {
        // A number that tells its length by leading zeros.
        let mut zeros = 0;
        while !bits.flag()? {
            zeros += 1;
        }
        bits.take(if zeros < 32 { zeros } else { 0 })?;
    }
    if !bits.flag()? {
        return Ok((0, false));
    }
    let delay_bits = bits.take(5)? + 1;
    bits.take(32)?;
    bits.take(10)?;
    Ok((delay_bits, true))
}

/// Skips which tools frames that refer to others may use.
fn tools(bits: &mut Bits<'_>) -> Result<(), RenderError> {
    const SELECT: u32 = 2;

    bits.take(4)?;
    let order_hint = bits.flag()?;
    if order_hint {
        bits.take(2)?;
    }
    let screen_content = if bits.flag()? { SELECT } else { bits.take(1)? };
    if screen_content > 0 && !bits.flag()? {
        bits.take(1)?;
    }
    if order_hint {
        bits.take(3)?;
    }
    Ok(())
}

struct Bits<'a> {
    payload: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// A number of at most 32 bits.
    fn take(&mut self, count: u32) -> Result<u32, RenderError> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.payload.get(self.at / 8).ok_or_else(corrupt)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Ok(number)
    }

    fn byte(&mut self, count: u32) -> Result<u8, RenderError> {
        u8::try_from(self.take(count)?).map_err(|_| corrupt())
    }

    fn flag(&mut self) -> Result<bool, RenderError> {
        Ok(self.take(1)? == 1)
    }
}
