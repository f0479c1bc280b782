//! The segments of a file (ITU-T T.81, annex B).

use super::huffman::Definition;
use super::marker::{DHT, DQT, DRI, EOI, RST, SOI, next_marker};
use crate::engine::RenderError;

/// The places of coefficients in a block of eight rows, in the order of a file.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10,
    17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34,
    27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36,
    29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46,
    53, 60, 61, 54, 47, 55, 62, 63,
];

/// What stands between two markers: nothing, or a segment.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) payload: &'a [u8],
    /// Where the payload is.
    pub(super) start: usize,
}

impl Segment<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.payload.len()
    }
}

/// Walks over the segments from an offset on, until one is cut off. What stands before a marker is passed over.
pub(super) fn next_segment(source: &[u8], from: usize) -> Option<Segment<'_>> {
    let mut at = from;
    loop {
        at = next_marker(source, at)? + 2;
        let marker = *source.get(at - 1)?;
        match marker {
            // Without a length, and without meaning here.
            0x01 | SOI => {}
            marker if RST.contains(&marker) => {}
            EOI => {
                return Some(Segment {
                    marker,
                    payload: &[],
                    start: at,
                });
            }
            _ => {
                let length = u16::from_be_bytes(*source.get(at..)?.first_chunk()?);
                let start = at + 2;
                let end = at + usize::from(length.max(2));
                let payload = source.get(start..end)?;
                return Some(Segment {
                    marker,
                    payload,
                    start,
                });
            }
        }
    }
}

/// What segments define for the scans after them.
#[derive(Default)]
pub(super) struct Definitions {
    /// Quantisation tables, in the order of the file.
    pub(super) quantization: [Option<Box<[u16; 64]>>; 4],
    pub(super) dc: [Option<Definition>; 4],
    pub(super) ac: [Option<Definition>; 4],
    pub(super) restart_interval: u16,
}

impl Definitions {
    /// Takes what a segment defines, if it defines anything.
    pub(super) fn take(&mut self, segment: &Segment<'_>) -> Result<(), RenderError> {
        let taken = match segment.marker {
            DQT => self.take_quantization(segment.payload),
            DHT => self.take_huffman(segment.payload),
            DRI => segment.payload.first_chunk().map(|interval| {
                self.restart_interval = u16::from_be_bytes(*interval);
            }),
            _ => Some(()),
        };
        taken.ok_or_else(|| RenderError::corrupt("a table of the JPEG is damaged"))
    }

    fn take_quantization(&mut self, payload: &[u8]) -> Option<()> {
        let mut rest = payload;
        while let Some((&head, tail)) = rest.split_first() {
            let mut table = Box::new([0; 64]);
            match head >> 4 {
                0 => {
                    let (values, tail) = tail.split_first_chunk::<64>()?;
                    *table = values.map(u16::from);
                    rest = tail;
                }
                1 => {
                    let (values, tail) = tail.split_first_chunk::<128>()?;
                    for (to, pair) in table.iter_mut().zip(values.chunks_exact(2)) {
                        *to = u16::from_be_bytes(*pair.first_chunk()?);
                    }
                    rest = tail;
                }
                _ => return None,
            }
            *self.quantization.get_mut(usize::from(head & 15))? = Some(table);
        }
        Some(())
    }

    fn take_huffman(&mut self, payload: &[u8]) -> Option<()> {
        let mut rest = payload;
        while let Some((&head, tail)) = rest.split_first() {
            let (&counts, tail) = tail.split_first_chunk::<16>()?;
            let symbols = counts.iter().map(|&count| usize::from(count)).sum();
            if symbols > 256 {
                return None;
            }
            let (symbols, tail) = tail.split_at_checked(symbols)?;
            rest = tail;
            let tables = match head >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return None,
            };
            *tables.get_mut(usize::from(head & 15))? = Some(Definition {
                counts,
                symbols: symbols.to_vec(),
            });
        }
        Some(())
    }
}
