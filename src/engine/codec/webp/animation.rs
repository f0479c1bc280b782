//! Writing frames: each is compared with what is on the canvas, and only what changed is written.

use std::fmt;
use std::time::Duration;

use imgward_libwebp::{Config, Packed, Pixels};

use super::changes::{Area, Blocks, Likeness, Pair};
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

        let pair = Pair::new(width, &self.canvas, &pixels, self.likeness());
        let Some(area) = pair.bounds() else {
            if self.frames.prolong(duration) {
                return Ok(());
            }
            return self.push_nothing(duration);
        };
        let blocks = Blocks::new(pair, area);
        let blend = blocks.can_show_through();
        let stream = if blend {
            let masked = blocks.masked(self.options.lossless);
            encode(area, &masked, area.width * 4, &self.config)?
        } else {
            let begin = (area.y * width + area.x) * 4;
            let data = pixels.get(begin..).unwrap_or_default();
            encode(area, data, width * 4, &self.config)?
        };
        let spans = blocks.spans(!blend);
        self.frames.push(&stream, area, blend, duration)?;
        for span in spans {
            if let (Some(to), Some(from)) = (self.canvas.get_mut(span.clone()), pixels.get(span)) {
                to.copy_from_slice(from);
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

    /// Pixels that differ by less than what the loss hides have not changed.
    fn likeness(&self) -> Likeness {
        let tolerance = if self.options.lossless {
            0
        } else {
            (100 - self.options.quality.min(100)) / 5
        };
        Likeness {
            tolerance,
            exact: self.options.exact,
        }
    }

    /// The file. Of a single frame it is a still picture.
    pub(in crate::engine) fn finish(self) -> Result<Vec<u8>, RenderError> {
        let metadata = self.options.metadata;
        match self.frames.single() {
            _ if self.frames.count() == 0 => {
                Err(RenderError::internal("an animation has no frame"))
            }
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
