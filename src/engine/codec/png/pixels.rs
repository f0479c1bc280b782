//! The pixels of the PNGs that most are: still, of 8 bits a sample, neither interlaced nor with a palette nor with a colour
//! that is transparent.

use fdeflate::Decompressor;

use super::chunks::{Chunk, Chunks};
use super::filter::{self, TOGETHER};
use crate::engine::picture::byte_len;
use crate::engine::plan::Size;
use crate::engine::{Layout, ops};

/// How far back what was inflated is referred to (RFC 1950, 2.2).
const WINDOW: usize = 32 << 10;

/// How much is inflated at once, about: it stays in the cache until its filters are undone.
const BATCH: usize = 64 << 10;

/// The pixels, or the means of squares of them, row by row: whole squares have to cover the picture. `None` where the file is
/// damaged: what it can still be read as, or which error it is, the `png` crate says.
pub(super) fn read(source: &[u8], size: Size, layout: Layout, square: u32) -> Option<Vec<u8>> {
    let length = byte_len(size.width / square, size.height / square, layout);
    let mut pixels = Vec::with_capacity(length.ok()?);
    let keep = |rows: &[u8], height| match (square, Size { height, ..size }) {
        (1, _) => pixels.extend_from_slice(rows),
        (_, part) => pixels.extend(ops::shrink_rows(rows, part, layout, square)),
    };
    let unit = square as usize;
    match layout {
        Layout::Gray => unfiltered::<1>(source, size, unit, keep),
        Layout::GrayAlpha => unfiltered::<2>(source, size, unit, keep),
        Layout::Rgb => unfiltered::<3>(source, size, unit, keep),
        Layout::Rgba => unfiltered::<4>(source, size, unit, keep),
    }?;
    Some(pixels)
}

/// Gives some rows at a time, and how many. They are a multiple of `unit` rows, but the last.
fn unfiltered<const BYTES: usize>(
    source: &[u8],
    size: Size,
    unit: usize,
    mut keep: impl FnMut(&[u8], u32),
) -> Option<()> {
    // None of the rows that are undone together are torn apart.
    let unit = match unit % TOGETHER {
        0 => unit,
        _ => unit * TOGETHER,
    };
    let length = size.width as usize * BYTES;
    let filtered = length + 1; // with the filter's kind
    let mut inflated = Inflated::new(source, BATCH.max(unit * filtered));
    // The last of the rows before comes first.
    let mut rows = vec![0; length];
    let mut kinds = Vec::new();
    let mut left = size.height;
    while left > 0 {
        let batch = inflated.rows(filtered, unit, left)?;
        kinds.clear();
        rows.truncate(length);
        for row in batch.chunks_exact(filtered) {
            let (&kind, samples) = row.split_first()?;
            kinds.push(kind);
            rows.extend_from_slice(samples);
        }
        let (above, new) = rows.split_at_mut(length);
        filter::undo::<BYTES>(above, new, &kinds)?;
        let height = u32::try_from(kinds.len()).ok()?;
        keep(new, height);
        left -= height;
        let last = rows.len() - length;
        rows.copy_within(last.., 0);
    }
    Some(())
}

/// What the chunks of pixels hold, inflated as it is asked for.
struct Inflated<'a> {
    chunks: Box<dyn Iterator<Item = Chunk<'a>> + 'a>,
    payload: &'a [u8],
    inflate: Decompressor,
    /// What was inflated: the window, and what was not asked for yet.
    buffer: Vec<u8>,
    asked: usize,
    end: usize,
}

impl<'a> Inflated<'a> {
    /// So many bytes can be asked for at once.
    fn new(source: &'a [u8], most: usize) -> Self {
        let holds_pixels = |chunk: &Chunk<'_>| chunk.kind == *b"IDAT";
        let chunks = Chunks::of(source)
            .skip_while(move |chunk| !holds_pixels(chunk))
            .take_while(holds_pixels);
        let mut inflate = Decompressor::new();
        // Nearly all decoders pass it over, and files live on in which it is wrong.
        inflate.ignore_adler32();
        Self {
            chunks: Box::new(chunks),
            payload: &[],
            inflate,
            buffer: vec![0; WINDOW + 2 * most],
            asked: 0,
            end: 0,
        }
    }

    /// The next rows of so many bytes, a multiple of `unit`, or the `left` ones that are the last.
    fn rows(&mut self, length: usize, unit: usize, left: u32) -> Option<&[u8]> {
        let kept = self.asked.min(self.end.saturating_sub(WINDOW));
        self.buffer.copy_within(kept..self.end, 0);
        (self.asked, self.end) = (self.asked - kept, self.end - kept);
        while self.end < self.buffer.len() && !self.inflate.is_done() {
            let mut was_last = false;
            if self.payload.is_empty() {
                match self.chunks.next() {
                    Some(chunk) if chunk.is_sound() => self.payload = chunk.payload,
                    Some(_) => return None,
                    None => was_last = true,
                }
            }
            let read = self
                .inflate
                .read(self.payload, &mut self.buffer, self.end, false);
            let (consumed, produced) = read.ok()?;
            self.payload = self.payload.get(consumed..)?;
            self.end += produced;
            if was_last && produced == 0 {
                break;
            }
        }
        let rows = match (self.end - self.asked) / length {
            rows if rows >= left as usize => left as usize,
            rows => rows - rows % unit,
        };
        let begin = self.asked;
        self.asked += rows * length;
        (rows > 0).then(|| &self.buffer[begin..self.asked])
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter};
    use proptest::prelude::*;

    use super::*;

    const KINDS: [(Layout, ColorType); 4] = [
        (Layout::Gray, ColorType::Grayscale),
        (Layout::GrayAlpha, ColorType::GrayscaleAlpha),
        (Layout::Rgb, ColorType::Rgb),
        (Layout::Rgba, ColorType::Rgba),
    ];

    fn written(size: Size, kind: ColorType, pixels: &[u8], filter: Filter) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, size.width, size.height);
        encoder.set_color(kind);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Balanced);
        encoder.set_filter(filter);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(pixels).unwrap();
        drop(writer);
        file
    }

    fn read_by_the_crate(file: &[u8]) -> Option<Vec<u8>> {
        let mut reader = Decoder::new(Cursor::new(file)).read_info().ok()?;
        let mut pixels = vec![0; reader.output_buffer_size()?];
        reader.next_frame(&mut pixels).ok()?;
        Some(pixels)
    }

    /// Pixels that repeat themselves and pixels that do not.
    fn scene(length: usize, seed: u32) -> Vec<u8> {
        let mut state = seed | 1;
        let sample = |at: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [noise, ..] = state.to_be_bytes();
            match at / 700 % 3 {
                0 => noise,
                1 => noise % 5,
                _ => u8::try_from(at % 251).unwrap(),
            }
        };
        (0..length).map(sample).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn pixels_are_those_that_were_written(
            width in 1..400_u32,
            height in 1..300_u32,
            kind in 0..4_usize,
            filter in prop::sample::select(vec![
                Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive,
            ]),
            seed: u32,
        ) {
            let (size, (layout, kind)) = (Size::new(width, height), KINDS[kind]);
            let pixels = scene((width * height) as usize * layout.samples(), seed);
            let file = written(size, kind, &pixels, filter);
            prop_assert!(read(&file, size, layout, 1).as_ref() == Some(&pixels));
        }

        /// It may give up, and never shows what the `png` crate does not.
        #[test]
        fn damage_is_left_to_the_crate(
            at in 33..2_000_usize,
            to: u8,
            cut in any::<bool>(),
            seed: u32,
        ) {
            let size = Size::new(40, 30);
            let pixels = scene(3_600, seed);
            let mut file = written(size, ColorType::Rgb, &pixels, Filter::Adaptive);
            let at = at % file.len();
            if cut {
                file.truncate(at);
            } else {
                file[at] = to;
            }
            if let Some(pixels) = read(&file, size, Layout::Rgb, 1) {
                prop_assert!(read_by_the_crate(&file).is_none_or(|other| pixels == other));
            }
        }
    }

    #[test]
    fn squares_are_those_of_the_whole_picture() {
        for (at, square) in [2, 3, 4, 5, 16].into_iter().enumerate() {
            let (layout, kind) = KINDS[at % 4];
            let size = Size::new(square * 61, square * 40);
            let pixels = scene(
                (size.width * size.height) as usize * layout.samples(),
                square,
            );
            let file = written(size, kind, &pixels, Filter::Adaptive);
            let expected = ops::shrink_rows(&pixels, size, layout, square);
            assert!(
                read(&file, size, layout, square).as_ref() == Some(&expected),
                "{square}"
            );
        }
    }

    #[test]
    fn chunks_can_be_of_any_length() {
        let size = Size::new(300, 200);
        let pixels = scene(180_000, 7);
        let file = written(size, ColorType::Rgb, &pixels, Filter::Paeth);
        for length in [1, 2, 1_000, 70_000] {
            let mut split = file[..8].to_vec();
            let add = |split: &mut Vec<u8>, kind: [u8; 4], payload: &[u8]| {
                split.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
                let begin = split.len();
                split.extend(kind);
                split.extend(payload);
                split.extend(crc32fast::hash(&split[begin..]).to_be_bytes());
            };
            for chunk in Chunks::of(&file) {
                if chunk.kind == *b"IDAT" {
                    add(&mut split, chunk.kind, &[]);
                    chunk
                        .payload
                        .chunks(length)
                        .for_each(|part| add(&mut split, *b"IDAT", part));
                } else {
                    add(&mut split, chunk.kind, chunk.payload);
                }
            }
            assert!(
                read(&split, size, Layout::Rgb, 1).as_ref() == Some(&pixels),
                "{length}"
            );
        }
    }
}
