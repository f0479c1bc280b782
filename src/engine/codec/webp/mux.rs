//! Writing what is around the pixels: a WebP file of a picture or of frames, with its metadata.

use super::changes::Area;
use super::chunks::{CHUNK_HEADER, Chunks, FRAME_HEADER};
use crate::engine::RenderError;

/// What a file says besides its pixels.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Metadata<'a> {
    /// An ICC profile.
    pub(in crate::engine) icc: Option<&'a [u8]>,
    /// EXIF: a TIFF structure, with nothing before it.
    pub(in crate::engine) exif: Option<&'a [u8]>,
    /// An XMP packet.
    pub(in crate::engine) xmp: Option<&'a [u8]>,
}

impl Metadata<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.icc.is_none() && self.exif.is_none() && self.xmp.is_none()
    }
}

const ANIMATION: u8 = 0x02;
const XMP: u8 = 0x04;
const EXIF: u8 = 0x08;
const ALPHA: u8 = 0x10;
const ICC: u8 = 0x20;

/// The chunks of one picture, as libwebp writes them into a file.
pub(super) struct Bitstream {
    chunks: Vec<u8>,
    alpha: bool,
}

impl Bitstream {
    /// That of a file of a still picture.
    pub(super) fn of_file(file: &[u8]) -> Result<Self, RenderError> {
        let mut stream = Self {
            chunks: Vec::with_capacity(file.len()),
            alpha: false,
        };
        for chunk in Chunks::of_file(file) {
            match &chunk.kind {
                b"ALPH" => stream.alpha = true,
                b"VP8 " => {}
                b"VP8L" => stream.alpha = chunk.has_lossless_alpha(),
                _ => continue,
            }
            push_chunk(&mut stream.chunks, chunk.kind, chunk.payload)?;
        }
        Ok(stream)
    }
}

/// Frames, in the order of time.
#[derive(Default)]
pub(super) struct Frames {
    chunks: Vec<u8>,
    /// Where the duration of the last one is.
    last_duration: Option<usize>,
    count: usize,
    alpha: bool,
}

impl Frames {
    /// The longest that a frame can last, in milliseconds.
    const LONGEST: u32 = 0xFF_FFFF;

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds a frame that stays for `duration` milliseconds. Its place is even. Where it is to `blend`, the canvas shows through
    /// what is transparent in it.
    pub(super) fn push(
        &mut self,
        frame: &Bitstream,
        area: Area,
        blend: bool,
        duration: u32,
    ) -> Result<(), RenderError> {
        let mut payload = Vec::with_capacity(FRAME_HEADER + frame.chunks.len());
        for number in [area.x / 2, area.y / 2, area.width - 1, area.height - 1] {
            payload.extend_from_slice(&three_bytes(u32::try_from(number).unwrap_or(u32::MAX)));
        }
        payload.extend_from_slice(&three_bytes(duration.min(Self::LONGEST)));
        // The frame stays when its time is over.
        payload.push(if blend { 0 } else { 0x02 });
        payload.extend_from_slice(&frame.chunks);
        self.last_duration = Some(self.chunks.len() + CHUNK_HEADER + 12);
        self.count += 1;
        self.alpha |= frame.alpha;
        push_chunk(&mut self.chunks, *b"ANMF", &payload)
    }

    /// The frame, if there is one alone.
    pub(super) fn single(&self) -> Option<Bitstream> {
        let chunks = self.chunks.get(CHUNK_HEADER + FRAME_HEADER..)?;
        (self.count == 1).then(|| Bitstream {
            chunks: chunks.to_vec(),
            alpha: self.alpha,
        })
    }

    /// Lets the last frame stay longer. False if it cannot.
    pub(super) fn prolong(&mut self, milliseconds: u32) -> bool {
        let Some(bytes) = self
            .last_duration
            .and_then(|at| self.chunks.get_mut(at..at + 3))
        else {
            return false;
        };
        let mut duration = [0; 4];
        duration[..3].copy_from_slice(bytes);
        let sum = u32::from_le_bytes(duration).saturating_add(milliseconds);
        if sum > Self::LONGEST {
            return false;
        }
        bytes.copy_from_slice(&three_bytes(sum));
        true
    }
}

/// A file of one picture.
pub(super) fn still(
    picture: &Bitstream,
    (width, height): (u32, u32),
    metadata: Metadata<'_>,
) -> Result<Vec<u8>, RenderError> {
    let flags = if picture.alpha { ALPHA } else { 0 };
    file(flags, (width, height), metadata, |chunks| {
        chunks.extend_from_slice(&picture.chunks);
        Ok(())
    })
}

/// A file of frames, which are played `loops` times, or for ever if that is 0.
pub(super) fn animation(
    frames: &Frames,
    (width, height): (u32, u32),
    loops: u16,
    metadata: Metadata<'_>,
) -> Result<Vec<u8>, RenderError> {
    let flags = ANIMATION | if frames.alpha { ALPHA } else { 0 };
    file(flags, (width, height), metadata, |chunks| {
        // The background is transparent. (Nobody looks at it.)
        let [a, b] = loops.to_le_bytes();
        push_chunk(chunks, *b"ANIM", &[0, 0, 0, 0, a, b])?;
        chunks.extend_from_slice(&frames.chunks);
        Ok(())
    })
}

fn file(
    mut flags: u8,
    (width, height): (u32, u32),
    metadata: Metadata<'_>,
    pixels: impl FnOnce(&mut Vec<u8>) -> Result<(), RenderError>,
) -> Result<Vec<u8>, RenderError> {
    let Metadata { icc, exif, xmp } = metadata;
    for (there, flag) in [(icc, ICC), (exif, EXIF), (xmp, XMP)] {
        if there.is_some() {
            flags |= flag;
        }
    }
    let mut header = [flags, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    header[4..7].copy_from_slice(&three_bytes(width - 1));
    header[7..10].copy_from_slice(&three_bytes(height - 1));

    let mut chunks = b"WEBP".to_vec();
    push_chunk(&mut chunks, *b"VP8X", &header)?;
    if let Some(icc) = icc {
        push_chunk(&mut chunks, *b"ICCP", icc)?;
    }
    pixels(&mut chunks)?;
    if let Some(exif) = exif {
        push_chunk(&mut chunks, *b"EXIF", exif)?;
    }
    if let Some(xmp) = xmp {
        push_chunk(&mut chunks, *b"XMP ", xmp)?;
    }
    let mut file = Vec::with_capacity(8 + chunks.len());
    push_chunk(&mut file, *b"RIFF", &chunks)?;
    Ok(file)
}

fn push_chunk(to: &mut Vec<u8>, kind: [u8; 4], payload: &[u8]) -> Result<(), RenderError> {
    // The length of all must fit as well.
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|&length| length <= u32::MAX - 10)
        .ok_or_else(|| RenderError::too_large("a WebP file has at most 4 GiB"))?;
    to.extend_from_slice(&kind);
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(payload);
    if payload.len() % 2 == 1 {
        to.push(0);
    }
    Ok(())
}

fn three_bytes(number: u32) -> [u8; 3] {
    let [a, b, c, _] = number.to_le_bytes();
    [a, b, c]
}
