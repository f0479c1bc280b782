//! The chunks of a PNG (W3C PNG, 5.3), without their pixels.

use crate::engine::Orientation;
use crate::engine::codec::MetadataBlocks;

const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";

/// One that is cut off ends them.
pub(super) struct Chunks<'a>(&'a [u8]);

pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) payload: &'a [u8],
    checksum: u32,
}

impl Chunk<'_> {
    /// Whether its checksum is right.
    pub(super) fn is_sound(&self) -> bool {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&self.kind);
        checksum.update(self.payload);
        checksum.finalize() == self.checksum
    }
}

impl<'a> Chunks<'a> {
    pub(super) fn of(source: &'a [u8]) -> Self {
        Self(source.get(8..).unwrap_or_default())
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (payload, rest) = rest.split_at_checked(length)?;
        let (checksum, rest) = rest.split_first_chunk()?;
        self.0 = rest;
        Some(Chunk {
            kind: *kind,
            payload,
            checksum: u32::from_be_bytes(*checksum),
        })
    }
}

/// What a PNG says of itself, beside what its pixels need.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    pub(super) animation: Option<Animation>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
}

/// An animation (W3C PNG, 4.9).
#[derive(Clone, Copy, Debug)]
pub(super) struct Animation {
    pub(super) frames: u32,
    pub(super) plays: u32,
    /// Whether the still image is the first frame.
    pub(super) starts_with_still: bool,
    /// Whether a part of the canvas can be without a pixel, at first or later.
    pub(super) bare: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn of(source: &'a [u8]) -> Self {
        let mut facts = Self::default();
        let (mut seen_pixels, mut seen_control) = (false, false);
        let mut size = None;
        for Chunk { kind, payload, .. } in Chunks::of(source) {
            match &kind {
                b"IHDR" => size = payload.get(..8),
                b"acTL" if !seen_pixels => facts.animation = facts.animation.or(animation(payload)),
                b"fcTL" => {
                    if let Some(animation) = &mut facts.animation {
                        // Its fields: a number, the size, the place, the delay, what becomes of it, how it is drawn.
                        let whole =
                            payload.get(4..12) == size && payload.get(12..20) == Some(&[0; 8]);
                        let kept = payload.get(24) == Some(&0);
                        animation.bare |= !kept || !seen_control && !whole;
                        animation.starts_with_still |= !seen_control && !seen_pixels;
                        seen_control = true;
                    }
                }
                b"IDAT" => seen_pixels = true,
                b"eXIf" => facts.exif = facts.exif.or(Some(payload)),
                b"iTXt" => facts.xmp = facts.xmp.or_else(|| xmp(payload)),
                b"IEND" => break,
                _ => {}
            }
        }
        facts
    }

    pub(super) fn orientation(&self) -> Orientation {
        self.exif.map(Orientation::from_exif).unwrap_or_default()
    }

    pub(super) fn metadata(&self) -> MetadataBlocks {
        MetadataBlocks {
            exif: self.exif.map(<[u8]>::to_vec),
            xmp: self.xmp.map(<[u8]>::to_vec),
        }
    }
}

fn animation(payload: &[u8]) -> Option<Animation> {
    let (frames, plays) = payload.split_first_chunk()?;
    let frames = u32::from_be_bytes(*frames);
    (frames > 0).then_some(Animation {
        frames,
        plays: u32::from_be_bytes(*plays.first_chunk()?),
        starts_with_still: false,
        bare: false,
    })
}

/// The text of an international text chunk, if it is XMP and not compressed, as XMP has to be.
fn xmp(payload: &[u8]) -> Option<&[u8]> {
    let rest = payload.strip_prefix(XMP_KEYWORD)?.strip_prefix(&[0, 0])?;
    let mut parts = rest.splitn(3, |&byte| byte == 0);
    parts.nth(2)
}

/// The payload of a chunk for an XMP packet.
pub(super) fn xmp_chunk(packet: &[u8]) -> Vec<u8> {
    [XMP_KEYWORD, &[0; 4], packet].concat()
}
