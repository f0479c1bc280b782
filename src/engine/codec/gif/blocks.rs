//! The blocks of a GIF (the standard's appendix B), without their pixels.

use crate::engine::{Probe, RenderError};
use crate::recipe::Format;

/// What a GIF says of itself.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Those whose data are there to the end.
    pub(super) frames: u32,
    /// How often it is played. 0: for ever.
    loops: u32,
    /// Whether a frame is cleared when its time is over.
    pub(super) clears: bool,
}

impl Facts {
    pub(super) fn of(source: &[u8]) -> Result<Self, RenderError> {
        let mut bytes = Bytes(source.get(6..).unwrap_or_default());
        let (Some(width), Some(height), Some([flags, _, _])) =
            (bytes.short(), bytes.short(), bytes.take())
        else {
            return Err(RenderError::corrupt("the GIF has no header"));
        };
        let mut facts = Self {
            width,
            height,
            frames: 0,
            loops: 1,
            clears: false,
        };
        if bytes.skip(table_len(flags)).is_some() {
            while facts.block(&mut bytes).is_some() {}
        }
        Ok(facts)
    }

    /// Reads a block. `None` after the last one.
    fn block(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        const EXTENSION: u8 = 0x21;
        const IMAGE: u8 = 0x2C;
        const CONTROL: u8 = 0xF9;
        const APPLICATION: u8 = 0xFF;

        match bytes.take()? {
            [EXTENSION] => {
                let [kind] = bytes.take()?;
                let first = bytes.sub_block()?;
                let mut block = first;
                match (kind, first) {
                    (CONTROL, &[flags, ..]) => self.clears |= flags >> 2 & 7 == 2,
                    (APPLICATION, b"NETSCAPE2.0" | b"ANIMEXTS1.0") => {
                        block = bytes.sub_block()?;
                        if let &[1, low, high] = block {
                            // The file says how often it is repeated.
                            let repeats = u32::from(u16::from_le_bytes([low, high]));
                            self.loops = if repeats == 0 { 0 } else { repeats + 1 };
                        }
                    }
                    _ => {}
                }
                while !block.is_empty() {
                    block = bytes.sub_block()?;
                }
            }
            [IMAGE] => {
                bytes.skip(8)?;
                let [flags] = bytes.take()?;
                bytes.skip(table_len(flags))?;
                bytes.skip(1)?; // how many bits the first codes have
                while !bytes.sub_block()?.is_empty() {}
                self.frames = self.frames.saturating_add(1);
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn probe(&self) -> Result<Probe, RenderError> {
        if self.frames == 0 {
            return Err(RenderError::corrupt("no frame of the GIF is whole"));
        }
        let mut probe = Probe::new(Format::Gif, self.width.into(), self.height.into());
        probe.frames = self.frames;
        probe.loops = self.loops;
        Ok(probe)
    }
}

/// The bytes of the colour table that flags tell of.
fn table_len(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 * (2 << (flags & 7))
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.0 = self.0.get(length..)?;
        Some(())
    }

    /// A piece of a block's data. Empty after the last.
    fn sub_block(&mut self) -> Option<&'a [u8]> {
        let [length] = self.take()?;
        let (block, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        Some(block)
    }
}
