//! What is kept of a source's metadata. The blocks are hostile: what does not parse is dropped.

mod tags;
mod tiff;
mod xmp;

pub(super) use self::tags::tags;
use super::codec::MetadataBlocks;
use crate::recipe::Metadata;

/// The largest block that is looked at, in bytes.
const LARGEST: usize = 4 << 20;

/// What a recipe keeps.
pub(super) fn kept(blocks: MetadataBlocks, keep: Metadata) -> MetadataBlocks {
    let small = |block: &Vec<u8>| block.len() <= LARGEST;
    let exif = blocks.exif.filter(small);
    let xmp = blocks.xmp.filter(small);
    match keep {
        Metadata::Strip => MetadataBlocks::default(),
        Metadata::Copyright => MetadataBlocks {
            exif: exif.and_then(|exif| tiff::rights(&exif)),
            xmp: xmp.and_then(|xmp| xmp::rights(&xmp)),
        },
        Metadata::Keep => MetadataBlocks {
            exif: exif.and_then(tiff::upright),
            xmp: xmp.map(xmp::upright),
        },
    }
}

#[cfg(test)]
mod tests;
