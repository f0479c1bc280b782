//! Writing frames: each is compared with what is on the canvas, and only what changed is written.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use imgward_libwebp::{Config, Packed, Pixels};

use super::changes::{Area, BLOCK, Changes};
use super::encode::{WebPOptions, bytes, rgba};
use super::mux::{self, Bitstream, Frames};
use crate::engine::{Picture, RenderError};

/// Writes an animation, frame by frame.
///
/// A frame holds the smallest rectangle that has all changes in it. Where much of that stays as it is, those parts are
/// transparent, so that the canvas shows through; a picture that is itself transparent where it changes replaces the
/// rectangle instead. No frame is disposed of: what a frame leaves behind is changed by the next.
pub(in crate::engine) struct AnimationWriter<'a> {
    size: (u32, u32),
    loops: u16,
    options: WebPOptions<'a>,
    config: Config,
    /// What was written last for each pixel, as red, green, blue and alpha: what the canvas shows, but for the loss.
    canvas: Vec<u8>,
    frames: Frames,
}

impl fmt::Debug for AnimationWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnimationWriter")
            .field("size", &self.size)
            .field("frames", &self.frames.count())
            .finish_non_exhaustive()
    }
}

impl<'a> AnimationWriter<'a> {
    /// An animation that is played `loops` times, or for ever if that is 0.
    pub(in crate::engine) fn new(
        width: u32,
        height: u32,
        loops: u16,
        options: WebPOptions<'a>,
    ) -> Result<Self, RenderError> {
        if width == 0 || height == 0 || width.max(height) > super::MAX_SIDE {
            return Err(super::too_long());
        }
        Ok(Self {
            size: (width, height),
            loops,
            config: options.config(),
            options,
            canvas: Vec::new(),
            frames: Frames::default(),
        })
    }

    /// Adds a picture of the whole canvas, which is shown for `delay`.
    pub(in crate::engine) fn push(
        &mut self,
        picture: &Picture,
        delay: Duration,
    ) -> Result<(), RenderError> {
        if (picture.width(), picture.height()) != self.size {
            return Err(RenderError::internal(format!(
                "a frame of {} by {} is not of the size of its canvas",
                picture.width(),
                picture.height()
            )));
        }
        let milliseconds = delay.as_micros().saturating_add(500) / 1000;
        let duration = u32::try_from(milliseconds).unwrap_or(u32::MAX);
        let pixels = rgba(picture);
        let width = self.size.0 as usize;
        if self.canvas.is_empty() {
            self.canvas = pixels.into_owned();
            let all = Area {
                x: 0,
                y: 0,
                width,
                height: self.size.1 as usize,
            };
            let stream = encode(all, &self.canvas, width * 4, &self.config)?;
            return self.frames.push(&stream, all, false, duration);
        }

        let tolerance = self.tolerance();
        let changes = Changes::between(&self.canvas, &pixels, width, tolerance, self.options.exact);
        match changes.bounds() {
            Some(area) => self.push_changes(&pixels, &changes, area, duration),
            None if self.frames.prolong(duration) => Ok(()),
            None => self.push_nothing(duration),
        }
    }

    fn push_changes(
        &mut self,
        pixels: &[u8],
        changes: &Changes,
        area: Area,
        duration: u32,
    ) -> Result<(), RenderError> {
        let stride = self.size.0 as usize * 4;
        let at = |x: usize, y: usize| y * stride + x * 4;
        let begin = at(area.x, area.y);
        let end = at(area.x + area.width, area.y + area.height - 1);
        let rectangle = pixels.get(begin..end).unwrap_or_default();
        let blend = changes.leaves_much(area) && changes.is_opaque(pixels);
        let (data, data_stride) = if blend {
            let canvas = self.canvas.get(begin..end).unwrap_or_default();
            let lossless = self.options.lossless;
            let masked = changes.masked(rectangle, canvas, area, lossless);
            (Cow::Owned(masked), area.width * 4)
        } else {
            (Cow::Borrowed(rectangle), stride)
        };
        let stream = encode(area, &data, data_stride, &self.config)?;
        self.frames.push(&stream, area, blend, duration)?;

        for y in area.y..area.y + area.height {
            let mut x = area.x;
            while x < area.x + area.width {
                let width = BLOCK.min(area.x + area.width - x);
                if !blend || changes.at(x, y) {
                    let range = at(x, y)..at(x + width, y);
                    if let (Some(to), Some(from)) =
                        (self.canvas.get_mut(range.clone()), pixels.get(range))
                    {
                        to.copy_from_slice(from);
                    }
                }
                x += width;
            }
        }
        Ok(())
    }

    /// A frame that changes nothing, for a time that the one before it cannot have as well.
    fn push_nothing(&mut self, duration: u32) -> Result<(), RenderError> {
        let pixel = Area {
            x: 0,
            y: 0,
            width: 1,
            height: 1,
        };
        let mut config = self.config;
        config.lossless = true;
        let stream = encode(pixel, &[0; 4], 4, &config)?;
        self.frames.push(&stream, pixel, true, duration)
    }

    /// By how much a pixel may differ from what was written, and count as unchanged: less than what the loss hides.
    fn tolerance(&self) -> u8 {
        if self.options.lossless {
            0
        } else {
            (100 - self.options.quality.min(100)) / 8
        }
    }

    /// The file. Of a single frame it is a still picture.
    pub(in crate::engine) fn finish(self) -> Result<Vec<u8>, RenderError> {
        if self.canvas.is_empty() {
            return Err(RenderError::internal("an animation has no frame"));
        }
        let metadata = self.options.metadata;
        match self.frames.single() {
            Some(picture) => mux::still(&picture, self.size, metadata),
            None => mux::animation(&self.frames, self.size, self.loops, metadata),
        }
    }
}

fn encode(
    area: Area,
    data: &[u8],
    stride: usize,
    config: &Config,
) -> Result<Bitstream, RenderError> {
    let side = |length| u32::try_from(length).unwrap_or(u32::MAX);
    let pixels = Pixels::Rgba(Packed { data, stride });
    let file = bytes(side(area.width), side(area.height), pixels, config)?;
    Bitstream::of_file(&file)
}
