//! Reading an animation: its frames are laid on the canvas here, and what they hold is decoded elsewhere.

use std::fmt;
use std::time::Duration;

use super::chunks::{CHUNK_HEADER, Chunks, three_bytes};
use super::{corrupt, vp8};

use crate::engine::picture::byte_len;
use crate::engine::{Layout, Picture, RenderError, ops};

/// What the header of an animation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct AnimationInfo {
    /// The width of the canvas in pixels.
    pub(in crate::engine) width: u32,
    /// The height of the canvas in pixels.
    pub(in crate::engine) height: u32,
    /// How many frames there are.
    pub(in crate::engine) frames: u32,
    /// How often it is played; 0 is for ever.
    pub(in crate::engine) loops: u16,
}

impl AnimationInfo {
    /// That of a file, or `None` if it is no animation.
    pub(in crate::engine) fn of(source: &[u8]) -> Result<Option<Self>, RenderError> {
        const ANIMATED: u8 = 0x02;

        let mut chunks = Chunks::of_file(source);
        let header = chunks.next().filter(|chunk| chunk.kind == *b"VP8X");
        let Some([flags, _, _, _, sides @ ..]) =
            header.and_then(|header| header.payload.first_chunk::<10>())
        else {
            return Ok(None);
        };
        if flags & ANIMATED == 0 {
            return Ok(None);
        }
        let side = |at: usize| sides.get(at..).and_then(three_bytes);
        let (Some(width), Some(height)) = (side(0), side(3)) else {
            return Ok(None);
        };
        let (mut frames, mut loops) = (0_u32, None);
        for chunk in chunks {
            match &chunk.kind {
                b"ANMF" => frames = frames.saturating_add(1),
                b"ANIM" if loops.is_none() => {
                    let bytes = chunk.payload.get(4..).and_then(<[u8]>::first_chunk);
                    loops = bytes.map(|bytes| u16::from_le_bytes(*bytes));
                }
                _ => {}
            }
        }
        let (Some(loops), 1..) = (loops, frames) else {
            return Err(corrupt("the WebP is an animation without frames"));
        };
        Ok(Some(Self {
            width: width + 1,
            height: height + 1,
            frames,
            loops,
        }))
    }
}

/// Reads the frames of an animation, each as the picture that it makes of the whole canvas.
pub(in crate::engine) struct AnimationReader<'a> {
    info: AnimationInfo,
    chunks: Chunks<'a>,
    /// Red, green, blue and alpha. Empty before the first frame.
    canvas: Vec<u8>,
    /// What the last frame leaves to be cleared.
    dispose: Option<Frame>,
}

/// The header of a frame.
#[derive(Clone, Copy, Debug)]
struct Frame {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    milliseconds: u32,
    blend: bool,
    dispose: bool,
}

impl<'a> AnimationReader<'a> {
    /// A reader of a file of which this is the [`AnimationInfo`]. Whether so large a canvas may be has been decided by it: the
    /// first frame takes memory for four bytes a pixel, and each for as much again.
    pub(in crate::engine) fn new(source: &'a [u8], info: AnimationInfo) -> Self {
        Self {
            info,
            chunks: Chunks::of_file(source),
            canvas: Vec::new(),
            dispose: None,
        }
    }

    /// The canvas after the next frame, and how long it is shown; `None` after the last.
    pub(in crate::engine) fn next_frame(
        &mut self,
    ) -> Result<Option<(Picture, Duration)>, RenderError> {
        let Some(chunk) = self.chunks.find(|chunk| chunk.kind == *b"ANMF") else {
            return Ok(None);
        };
        let AnimationInfo { width, height, .. } = self.info;
        let frame = Frame::read(chunk.payload)
            .filter(|_| chunk.complete)
            .ok_or_else(|| corrupt("a frame of the WebP is cut off"))?;
        // Both sums are of numbers of 25 bits at most.
        if frame.x + frame.width > width || frame.y + frame.height > height {
            return Err(corrupt("a frame of the WebP is larger than its canvas"));
        }
        let pixels = decode(chunk.payload, frame)?;

        if self.canvas.is_empty() {
            self.canvas = vec![0; byte_len(width, height, Layout::Rgba)?];
        }
        if let Some(last) = self.dispose.take() {
            for row in rows(&mut self.canvas, width, last) {
                row.fill(0);
            }
        }
        let samples = pixels.layout().samples();
        let new = pixels.data().chunks_exact(frame.width as usize * samples);
        for (row, new) in rows(&mut self.canvas, width, frame).zip(new) {
            lay(row, new, pixels.layout(), frame.blend);
        }
        if frame.dispose {
            self.dispose = Some(frame);
        }
        let picture = Picture::new(width, height, Layout::Rgba, self.canvas.clone())?;
        let delay = Duration::from_millis(frame.milliseconds.into());
        Ok(Some((picture, delay)))
    }
}

impl Frame {
    fn read(payload: &[u8]) -> Option<Self> {
        let number = |at: usize| payload.get(at..).and_then(three_bytes);
        let flags = *payload.get(15)?;
        Some(Self {
            x: number(0)? * 2,
            y: number(3)? * 2,
            width: number(6)? + 1,
            height: number(9)? + 1,
            milliseconds: number(12)?,
            blend: flags & 0x02 == 0,
            dispose: flags & 0x01 != 0,
        })
    }
}

/// The part of each row of a canvas that a frame covers.
fn rows(canvas: &mut [u8], width: u32, frame: Frame) -> impl Iterator<Item = &mut [u8]> {
    let from = frame.x as usize * 4;
    let to = from + frame.width as usize * 4;
    canvas
        .chunks_exact_mut(width as usize * 4)
        .skip(frame.y as usize)
        .take(frame.height as usize)
        .filter_map(move |row| row.get_mut(from..to))
}

/// The pixels of a frame, decoded as the still picture that its chunks make.
fn decode(payload: &[u8], frame: Frame) -> Result<Picture, RenderError> {
    let mut alpha = None;
    for chunk in Chunks::of_frame(payload) {
        if chunk.kind == *b"ALPH" && alpha.is_none() {
            alpha = Some(chunk);
        }
        if !matches!(&chunk.kind, b"VP8 " | b"VP8L") {
            continue;
        }
        if !chunk.complete {
            break;
        }
        // Before memory is taken for it.
        if chunk.size() != Some((frame.width, frame.height)) {
            return Err(corrupt(
                "a frame of the WebP is not of the size that it says",
            ));
        }
        if chunk.kind == *b"VP8 " && alpha.is_none() {
            let planar = vp8::decode(chunk.payload, (frame.width, frame.height))?;
            return ops::to_packed(&planar);
        }
        let alpha = alpha.filter(|_| chunk.kind == *b"VP8 ");
        let header = alpha.map(|_| {
            let mut header = [0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            header[4..8].copy_from_slice(&(frame.width - 1).to_le_bytes());
            header[7..10].copy_from_slice(&(frame.height - 1).to_le_bytes()[..3]);
            header
        });
        let parts = [
            header.as_ref().map(|header| (*b"VP8X", header.as_slice())),
            alpha.map(|alpha| (alpha.kind, alpha.payload)),
            Some((chunk.kind, chunk.payload)),
        ];
        return super::decode_still(&file_of(&parts), (frame.width, frame.height));
    }
    Err(corrupt("a frame of the WebP has no pixels"))
}

/// A file of some chunks.
pub(super) fn file_of(parts: &[Option<([u8; 4], &[u8])>]) -> Vec<u8> {
    let lengths = parts.iter().flatten().map(|(_, payload)| payload.len());
    let size = lengths
        .map(|length| CHUNK_HEADER + length + 1)
        .sum::<usize>()
        + 12;
    let mut file = Vec::with_capacity(size);
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&length(size));
    file.extend_from_slice(b"WEBP");
    for (kind, payload) in parts.iter().flatten() {
        file.extend_from_slice(kind);
        file.extend_from_slice(&length(payload.len()));
        file.extend_from_slice(payload);
        if payload.len() % 2 == 1 {
            file.push(0);
        }
    }
    file
}

/// Lays a row of a frame on that of the canvas.
fn lay(canvas: &mut [u8], row: &[u8], layout: Layout, blend: bool) {
    let (canvas, _) = canvas.as_chunks_mut::<4>();
    match layout {
        Layout::Rgba if blend => {
            for (under, over) in canvas.iter_mut().zip(row.as_chunks::<4>().0) {
                *under = blended(*over, *under);
            }
        }
        Layout::Rgba => canvas.as_flattened_mut().copy_from_slice(row),
        _ => {
            for (pixel, &[r, g, b]) in canvas.iter_mut().zip(row.as_chunks::<3>().0) {
                *pixel = [r, g, b, u8::MAX];
            }
        }
    }
}

/// A pixel over another, neither premultiplied.
fn blended(over: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    match (over[3], under[3]) {
        (u8::MAX, _) | (_, 0) => return over,
        (0, _) => return under,
        _ => {}
    }
    // The parts of both in the result, of 255 * 255.
    let upper = u32::from(over[3]) * 255;
    let lower = u32::from(under[3]) * (255 - u32::from(over[3]));
    let whole = upper + lower;
    let mix = |at: usize| {
        let sum = u32::from(over[at]) * upper + u32::from(under[at]) * lower;
        u8::try_from((sum + whole / 2) / whole).unwrap_or(u8::MAX)
    };
    let alpha = u8::try_from((whole + 127) / 255).unwrap_or(u8::MAX);
    [mix(0), mix(1), mix(2), alpha]
}

impl fmt::Debug for AnimationReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnimationReader")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
