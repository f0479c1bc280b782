//! The frames of an animation, one by one, from decoding to encoding.

use std::borrow::Cow;
use std::time::Instant;

use super::job::{Job, checked};
use crate::engine::codec::{Codec, MetadataBlocks};
use crate::engine::plan::Size;
use crate::engine::run::Run;
use crate::engine::{Frame, Frames, Limits, RenderError, Rendered, Timings};
use crate::recipe::{Metadata, Recipe};

impl Job<'_> {
    pub(super) fn animation(&self, run: &Run<'_>) -> Result<Rendered, RenderError> {
        let limits = &self.engine.limits;
        let reader = self.reader()?;
        let start = Instant::now();
        let metadata = metadata(reader, self.source, self.recipe, limits)?;
        let frames = reader.decode(self.source, &self.wanted(self.scale()), limits)?;
        let mut processed = Processed {
            frames,
            job: self,
            run,
            size: None,
            count: 0,
            timings: Timings::default(),
        };
        let options = self.options(&metadata);
        let bytes = self.writer.encode_animation(&mut processed, &options)?;
        let Processed {
            size,
            count,
            mut timings,
            ..
        } = processed;
        let size = size.ok_or_else(|| RenderError::corrupt("the source has no frame"))?;
        timings.encode = start
            .elapsed()
            .saturating_sub(timings.decode + timings.process);
        Ok(Rendered {
            // No larger than it is: it may be kept.
            bytes: bytes.into_boxed_slice().into(),
            media_type: self.writer.format().media_type(),
            format: self.writer.format(),
            width: size.width,
            height: size.height,
            frames: count,
            timings,
        })
    }
}

fn metadata(
    reader: &dyn Codec,
    source: &[u8],
    recipe: &Recipe,
    limits: &Limits,
) -> Result<MetadataBlocks, RenderError> {
    match recipe.output.metadata {
        Metadata::Strip => Ok(MetadataBlocks::default()),
        _ => reader.metadata(source, limits),
    }
}

/// The frames of an animation, each with the recipe's steps done to it.
struct Processed<'a> {
    frames: Box<dyn Frames + Send + 'a>,
    job: &'a Job<'a>,
    run: &'a Run<'a>,
    size: Option<Size>,
    count: u32,
    timings: Timings,
}

impl Frames for Processed<'_> {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        self.run.interrupt.check()?;
        let start = Instant::now();
        let Some(frame) = self.frames.next_frame()? else {
            return Ok(None);
        };
        self.timings.decode += start.elapsed();

        let start = Instant::now();
        let wanted = self.job.wanted(self.job.scale());
        let pixels = checked(frame.pixels, &self.job.probe, &wanted)?;
        let pixels = self
            .job
            .processed(Cow::Owned(pixels), self.run)?
            .into_owned();
        let size = pixels.size();
        if *self.size.get_or_insert(size) != size {
            return Err(RenderError::internal("frames came out in different sizes"));
        }
        self.count += 1;
        self.timings.process += start.elapsed();
        Ok(Some(Frame {
            pixels,
            delay: frame.delay,
        }))
    }
}
