use super::plan::{Area, Size};

/// How the stored pixels have to be turned to be upright: transposed first, then mirrored.
///
/// The eight values of EXIF's tag (CIPA DC-008, 4.6.5) are just the eight combinations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Orientation {
    /// Whether rows become columns.
    pub transpose: bool,
    /// Whether left and right are swapped, after that.
    pub flip_horizontal: bool,
    /// Whether top and bottom are swapped, after that.
    pub flip_vertical: bool,
}

impl Orientation {
    /// The orientation of an EXIF tag's value; upright for what is no valid value.
    pub fn from_tag(value: u16) -> Self {
        let (transpose, flip_horizontal, flip_vertical) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self {
            transpose,
            flip_horizontal,
            flip_vertical,
        }
    }

    /// The orientation that a block of EXIF data names, with or without the `Exif` mark in front of its TIFF header. Upright
    /// if there is none, or if the block is damaged.
    pub fn from_exif(block: &[u8]) -> Self {
        Self::from_tag(Self::tag_of(block).unwrap_or(1))
    }

    /// The value itself.
    pub(super) fn tag_of(block: &[u8]) -> Option<u16> {
        exif_tag(block)
    }

    /// The size that an image of this size has when it is upright. (It is its own inverse.)
    pub(super) fn turn_size(self, size: Size) -> Size {
        if self.transpose { size.turned() } else { size }
    }

    /// Where an area of the upright image, whose size is `upright`, is found in the stored one.
    pub(super) fn to_stored(self, area: Area, upright: Size) -> Area {
        let mut stored = area;
        if self.flip_horizontal {
            stored.left = upright.width.saturating_sub(area.left + area.width);
        }
        if self.flip_vertical {
            stored.top = upright.height.saturating_sub(area.top + area.height);
        }
        if self.transpose {
            stored = Area {
                left: stored.top,
                top: stored.left,
                width: stored.height,
                height: stored.width,
            };
        }
        stored
    }

    /// So many quarter turns clockwise.
    pub(super) fn quarter_turns(turns: usize) -> Self {
        Self::from_tag(match turns % 4 {
            1 => 6,
            2 => 3,
            3 => 8,
            _ => 1,
        })
    }

    /// This, and then another.
    pub(super) fn then(self, next: Self) -> Self {
        let (horizontal, vertical) = if next.transpose {
            (self.flip_vertical, self.flip_horizontal)
        } else {
            (self.flip_horizontal, self.flip_vertical)
        };
        Self {
            transpose: self.transpose ^ next.transpose,
            flip_horizontal: horizontal ^ next.flip_horizontal,
            flip_vertical: vertical ^ next.flip_vertical,
        }
    }

    /// This, and then the mirrorings.
    pub(super) fn then_flip(mut self, horizontal: bool, vertical: bool) -> Self {
        self.flip_horizontal ^= horizontal;
        self.flip_vertical ^= vertical;
        self
    }
}

/// The value of the orientation tag in the first directory of a TIFF structure.
fn exif_tag(block: &[u8]) -> Option<u16> {
    const ORIENTATION: u16 = 0x0112;
    const SHORT: u16 = 3;

    let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let big_endian = match tiff.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk()?.to_owned();
        Some(if big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let u32_at = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk()?.to_owned();
        Some(if big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    };

    let directory = usize::try_from(u32_at(4)?).ok()?;
    let entries = usize::from(u16_at(directory)?);
    (0..entries)
        .map_while(|index| {
            let entry = directory.checked_add(2 + 12 * index)?;
            Some((entry, u16_at(entry)?))
        })
        .find(|&(_, tag)| tag == ORIENTATION)
        .filter(|&(entry, _)| u16_at(entry + 2) == Some(SHORT) && u32_at(entry + 4) == Some(1))
        .and_then(|(entry, _)| u16_at(entry + 8))
}
