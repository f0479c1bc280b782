use std::io::{self, Cursor};
use std::time::Duration;

use gif::{DecodeOptions, Decoder, DecodingError, DisposalMethod, MemoryLimit};

use super::blocks::Facts;
use crate::engine::codec::Wanted;
use crate::engine::codec::canvas::{Canvas, Dispose};
use crate::engine::plan::{Area, Size};
use crate::engine::{Frame, Frames, Layout, RenderError};

/// The frames of a GIF, composed.
pub(super) struct Composed<'a> {
    decoder: Decoder<Cursor<&'a [u8]>>,
    canvas: Canvas,
    /// The indices of a frame.
    indices: Vec<u8>,
    /// How long the frame is seen that is drawn already, and not handed out.
    drawn: Option<Duration>,
    left: u32,
}

impl<'a> Composed<'a> {
    pub(super) fn new(
        source: &'a [u8],
        facts: &Facts,
        wanted: &Wanted,
    ) -> Result<Self, RenderError> {
        let mut options = DecodeOptions::new();
        options.set_memory_limit(MemoryLimit::Unlimited); // the frames are held to the canvas below
        let decoder = options
            .read_info(Cursor::new(source))
            .map_err(|error| damage(&error))?;
        let size = Size::new(facts.width.into(), facts.height.into());
        let first = wanted.first.min(facts.frames - 1);
        let mut composed = Self {
            decoder,
            canvas: Canvas::new(size, Layout::Rgb)?,
            indices: Vec::new(),
            drawn: None,
            left: (facts.frames - first).min(wanted.frames),
        };
        composed.start(facts)?;
        for _ in 0..first {
            // A tail that is damaged leaves the last picture before it.
            match composed.draw() {
                Ok(Some(delay)) => composed.drawn = Some(delay),
                Ok(None) | Err(_) => break,
            }
        }
        Ok(composed)
    }

    /// Draws the first frame, which tells whether the canvas can be seen through.
    fn start(&mut self, facts: &Facts) -> Result<(), RenderError> {
        let size = self.canvas.size();
        let frame = self.next_frame_data().map_err(|error| damage(&error))?;
        let frame = frame.ok_or_else(|| RenderError::corrupt("the GIF has no frame"))?;
        let covers = frame.seen == Area::whole(size);
        let bare = frame
            .transparent
            .is_some_and(|index| self.indices.contains(&index));
        let opaque = covers && !bare && !facts.clears && frame.dispose == Dispose::Keep;
        if !opaque {
            self.canvas = Canvas::new(size, Layout::Rgba)?;
        }
        self.compose(&frame);
        self.drawn = Some(frame.delay);
        Ok(())
    }

    /// Draws the next frame, and tells how long it is seen.
    fn draw(&mut self) -> Result<Option<Duration>, DecodingError> {
        let Some(frame) = self.next_frame_data()? else {
            return Ok(None);
        };
        self.compose(&frame);
        Ok(Some(frame.delay))
    }

    /// Reads a frame's indices. What is larger than the canvas twice over is damage: memory would be taken for it.
    fn next_frame_data(&mut self) -> Result<Option<Data>, DecodingError> {
        let Some(frame) = self.decoder.next_frame_info()? else {
            return Ok(None);
        };
        let [left, top, width, height] =
            [frame.left, frame.top, frame.width, frame.height].map(u32::from);
        let canvas = self.canvas.size();
        let (transparent, interlaced) = (frame.transparent, frame.interlaced);
        let dispose = match frame.dispose {
            DisposalMethod::Background => Dispose::Clear,
            DisposalMethod::Previous => Dispose::Restore,
            DisposalMethod::Any | DisposalMethod::Keep => Dispose::Keep,
        };
        let delay = match frame.delay {
            0 | 1 => 10,
            hundredths => hundredths,
        };
        if Size::new(width, height).pixels() > canvas.pixels().saturating_mul(2).max(1 << 16) {
            return Err(DecodingError::MemoryLimit);
        }
        self.indices.resize(self.decoder.buffer_size(), 0);
        // This leaves the rows of an interlaced frame in their order in the file. (What brings them into the right one
        // loses the last of them, at times, when rows are short.)
        if !self.decoder.fill_buffer(&mut self.indices)? {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(Some(Data {
            seen: Area {
                left: left.min(canvas.width),
                top: top.min(canvas.height),
                width: width.min(canvas.width.saturating_sub(left)),
                height: height.min(canvas.height.saturating_sub(top)),
            },
            width: width as usize,
            height: height as usize,
            interlaced,
            transparent,
            dispose,
            delay: Duration::from_millis(10) * u32::from(delay),
        }))
    }

    fn compose(&mut self, frame: &Data) {
        self.canvas.begin(frame.seen, frame.dispose);
        // An index beyond the palette is black.
        let mut colors = [[0, 0, 0, u8::MAX]; 256];
        let (palette, _) = self.decoder.palette().unwrap_or_default().as_chunks();
        for (color, &[red, green, blue]) in colors.iter_mut().zip(palette) {
            *color = [red, green, blue, u8::MAX];
        }
        let seen = frame.seen.width as usize;
        let layout = self.canvas.layout();
        for (y, target) in self.canvas.rows(frame.seen).enumerate() {
            let start = frame.place(y) * frame.width;
            let source = self.indices.get(start..start + seen).unwrap_or_default();
            match layout {
                Layout::Rgb => paint::<3>(source, target, &colors, frame.transparent),
                _ => paint::<4>(source, target, &colors, frame.transparent),
            }
        }
    }
}

/// A frame, without its indices.
struct Data {
    /// The part of the canvas that it covers.
    seen: Area,
    /// Its own size, all of it.
    width: usize,
    height: usize,
    interlaced: bool,
    transparent: Option<u8>,
    dispose: Dispose,
    delay: Duration,
}

impl Data {
    /// Where a row is found in the file (the standard's appendix E): every eighth comes first, then those half way between, then
    /// those between these, then all others.
    fn place(&self, y: usize) -> usize {
        if !self.interlaced {
            return y;
        }
        let eighths = self.height.div_ceil(8);
        let fourths = eighths + self.height.saturating_sub(4).div_ceil(8);
        let halves = fourths + self.height.saturating_sub(2).div_ceil(4);
        match y % 8 {
            0 => y / 8,
            4 => eighths + y / 8,
            2 | 6 => fourths + y / 4,
            _ => halves + y / 2,
        }
    }
}

fn paint<const N: usize>(
    source: &[u8],
    target: &mut [u8],
    colors: &[[u8; 4]; 256],
    transparent: Option<u8>,
) {
    let (target, _) = target.as_chunks_mut::<N>();
    let color = |index: u8| colors[usize::from(index)].first_chunk().copied();
    let pixels = source.iter().zip(target);
    if let Some(transparent) = transparent {
        for (&index, target) in pixels.filter(|&(&index, _)| index != transparent) {
            *target = color(index).unwrap_or(*target);
        }
    } else {
        for (&index, target) in pixels {
            *target = color(index).unwrap_or(*target);
        }
    }
}

impl Frames for Composed<'_> {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        if self.left == 0 {
            return Ok(None);
        }
        let delay = match self.drawn.take() {
            Some(delay) => Some(delay),
            // A tail that is damaged is left out.
            None => self.draw().unwrap_or_default(),
        };
        let Some(delay) = delay else {
            self.left = 0;
            return Ok(None);
        };
        self.left -= 1;
        Ok(Some(Frame {
            pixels: self.canvas.picture()?.into(),
            delay,
        }))
    }
}

fn damage(error: &DecodingError) -> RenderError {
    RenderError::corrupt(format!("reading a GIF: {error}"))
}
