//! What a WebP file is made of.

/// The bytes of a chunk before its payload.
pub(super) const CHUNK_HEADER: usize = 8;
/// The bytes of a frame's own header, before its chunks.
pub(super) const FRAME_HEADER: usize = 16;

/// The chunks of a RIFF file, in their order.
#[derive(Clone, Debug)]
pub(super) struct Chunks<'a> {
    rest: &'a [u8],
}

/// A part of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    /// What there is of it.
    pub(super) payload: &'a [u8],
    /// Whether that is all.
    pub(super) complete: bool,
}

impl<'a> Chunks<'a> {
    /// Those of a WebP file.
    pub(super) fn of_file(file: &'a [u8]) -> Self {
        Self {
            rest: file.get(12..).unwrap_or_default(),
        }
    }

    /// Those in the payload of an animation's frame, after its own header.
    pub(super) fn of_frame(payload: &'a [u8]) -> Self {
        Self {
            rest: payload.get(FRAME_HEADER..).unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, after) = self.rest.split_first_chunk::<CHUNK_HEADER>()?;
        let [kind @ .., a, b, c, d] = *header;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        // Chunks are padded to an even length.
        let padded = length.saturating_add(length % 2);
        self.rest = after.get(padded..).unwrap_or_default();
        let payload = after.get(..length);
        Some(Chunk {
            kind,
            payload: payload.unwrap_or(after),
            complete: payload.is_some(),
        })
    }
}

impl Chunk<'_> {
    /// The width and height that the pixels in it have, if it holds pixels and has its header.
    pub(super) fn size(&self) -> Option<(u32, u32)> {
        match &self.kind {
            b"VP8 " => {
                let side = |at: usize| {
                    let bytes = self.payload.get(at..)?.first_chunk()?;
                    Some(u32::from(u16::from_le_bytes(*bytes)) & 0x3FFF)
                };
                Some((side(6)?, side(8)?))
            }
            b"VP8L" => {
                let bits = u32::from_le_bytes(*self.payload.get(1..)?.first_chunk()?);
                Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
            }
            _ => None,
        }
    }

    #[cfg(feature = "webp")]
    /// Whether these are lossless pixels of which some are transparent.
    pub(super) fn has_lossless_alpha(&self) -> bool {
        self.kind == *b"VP8L" && self.payload.get(4).is_some_and(|byte| byte & 0x10 != 0)
    }
}

/// A number of three bytes at the begin of a slice.
pub(super) fn three_bytes(bytes: &[u8]) -> Option<u32> {
    let [a, b, c] = *bytes.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}
