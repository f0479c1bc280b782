//! From sources and a recipe to a file.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::codec::{Codec, EncodeOptions, MetadataBlocks, Wanted, Writes};
use super::encode::Encoding;
use super::plan::{Plan, Size, Stage, plan, plan_over};
use super::run::{Run, orientation};
use super::{
    Engine, Frame, Frames, Interrupt, Limits, Orientation, Picture, Pixels, Probe, RenderError,
    Rendered, Timings, ops, probe,
};
use crate::recipe::{Format, Metadata, Recipe, Step};

/// What a recipe needs of a source, known from its header.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// The fraction of its size that the source has to be decoded at, above 0 and up to 1.
    pub scale: f64,
    /// Whether the result is made of several frames, which are decoded one by one: there is nothing to share.
    pub animated: bool,
    /// About how many bytes of memory the pixels take at their most.
    pub memory: u64,
    /// How many of these are for the source's pixels, which a source that is decoded already does not need.
    pub decoding: u64,
}

/// A source whose pixels are decoded, for [`Engine::render_decoded`]: several images can be made of it.
#[derive(Debug)]
pub struct Decoded {
    probe: Probe,
    scale: f64,
    pixels: Pixels,
    metadata: MetadataBlocks,
    time: Duration,
}

impl Decoded {
    /// What its header said.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Whether it has all the pixels that are needed.
    pub fn serves(&self, needs: &Needs) -> bool {
        !needs.animated && needs.scale <= self.scale
    }

    /// How many bytes its pixels take.
    pub fn bytes(&self) -> u64 {
        self.pixels.bytes()
    }
}

impl Engine {
    /// Makes an image of `sources`: the main one first, then those of overlays, as the recipe numbers them.
    ///
    /// It is decoded, processed and encoded on the calling thread.
    pub fn render(&self, sources: &[&[u8]], recipe: &Recipe) -> Result<Rendered, RenderError> {
        self.render_until(sources, recipe, &Interrupt::default())
    }

    /// The same, unless it is interrupted.
    pub fn render_until(
        &self,
        sources: &[&[u8]],
        recipe: &Recipe,
        interrupt: &Interrupt,
    ) -> Result<Rendered, RenderError> {
        let job = Job::of(self, main(sources)?, recipe)?;
        let run = Run {
            engine: self,
            sources,
            interrupt,
            animated: job.animated,
            chroma: job.chroma(),
            depth: 0,
            base: None,
        };
        if job.animated {
            return job.animation(&run);
        }
        interrupt.check()?;
        let decoded = job.decode(job.scale())?;
        interrupt.check()?;
        job.still(&decoded, &run)
    }

    /// What a recipe needs of a source.
    pub fn needs(&self, source: &[u8], recipe: &Recipe) -> Result<Needs, RenderError> {
        let job = Job::of(self, source, recipe)?;
        Ok(Needs {
            scale: job.scale(),
            animated: job.animated,
            memory: job.decoding().saturating_add(job.processing()),
            decoding: job.decoding(),
        })
    }

    /// Decodes a source, once for several recipes: `scale` is the largest [that they need](Needs::scale).
    pub fn decode(&self, source: &[u8], scale: f64) -> Result<Decoded, RenderError> {
        let (reader, probe) = probe::probe(&self.codecs, source, &self.limits)?;
        let wanted = Wanted {
            scale,
            frames: 1,
            ..Wanted::default()
        };
        decode(reader, source, probe, &wanted, &self.limits, false)
    }

    /// Makes an image of a source that is decoded already. The first of `sources` is not looked at: it may be empty.
    pub fn render_decoded(
        &self,
        decoded: &Decoded,
        sources: &[&[u8]],
        recipe: &Recipe,
        interrupt: &Interrupt,
    ) -> Result<Rendered, RenderError> {
        let writer = self.writer(decoded.probe.format, recipe)?;
        let (plan, turn) = planned(&decoded.probe, recipe, &self.limits)?;
        let job = Job {
            engine: self,
            source: &[],
            reader: None,
            writer,
            probe: decoded.probe,
            recipe,
            plan,
            turn,
            animated: false,
        };
        job.still(
            decoded,
            &Run {
                engine: self,
                sources,
                interrupt,
                animated: false,
                chroma: job.chroma(),
                depth: 0,
                base: None,
            },
        )
    }

    /// A still picture of a source, after `steps`, upright and in sRGB.
    pub(super) fn still(
        &self,
        source: &[u8],
        steps: &[Step],
        run: &Run<'_>,
    ) -> Result<Picture, RenderError> {
        let (reader, probe) = probe::probe(&self.codecs, source, &self.limits)?;
        let size = probe.upright_size();
        let plan = plan_over(run.base, size, steps, &self.limits)?;
        let wanted = Wanted {
            scale: scale(&plan),
            frames: 1,
            ..Wanted::default()
        };
        let decoded = decode(reader, source, probe, &wanted, &self.limits, false)?;
        let pixels = Cow::Owned(decoded.pixels);
        let pixels = run.steps(pixels, size, probe.orientation, steps, &plan)?;
        ops::to_srgb(ops::packed(pixels)?)
    }

    fn writer(&self, source: Format, recipe: &Recipe) -> Result<&dyn Codec, RenderError> {
        let encoder = match recipe.output.format {
            Some(format) => self.codecs.encoder(format),
            // PNG keeps whatever the pixels hold.
            None => self
                .codecs
                .encoder(source)
                .or_else(|| self.codecs.encoder(Format::Png)),
        };
        encoder.ok_or_else(|| {
            let format = recipe.output.format.unwrap_or(source);
            RenderError::unsupported(format!("{format} is not a format that is written"))
        })
    }

    fn quality_of(&self, format: Format, recipe: &Recipe) -> u8 {
        let of_format = || {
            let quality = self.quality.iter().find(|&&(other, _)| other == format);
            quality.map(|&(_, quality)| quality)
        };
        let quality = recipe.output.quality.or_else(of_format);
        quality.unwrap_or(80).clamp(1, 100)
    }
}

fn main<'a>(sources: &[&'a [u8]]) -> Result<&'a [u8], RenderError> {
    let main = sources.first().copied();
    main.ok_or_else(|| RenderError::internal("there is no source"))
}

/// Everything that is known before a pixel is decoded.
struct Job<'a> {
    engine: &'a Engine,
    source: &'a [u8],
    reader: Option<&'a dyn Codec>,
    writer: &'a dyn Codec,
    probe: Probe,
    recipe: &'a Recipe,
    plan: Plan<'a>,
    turn: Orientation,
    animated: bool,
}

impl<'a> Job<'a> {
    fn of(engine: &'a Engine, source: &'a [u8], recipe: &'a Recipe) -> Result<Self, RenderError> {
        let (reader, probe) = probe::probe(&engine.codecs, source, &engine.limits)?;
        let writer = engine.writer(probe.format, recipe)?;
        let (plan, turn) = planned(&probe, recipe, &engine.limits)?;
        let input = &recipe.input;
        let animated = probe.frames > 1
            && writer.writes() == Writes::Animations
            && input.page.is_none()
            && input.max_frames != Some(1);
        if animated {
            let frames = probe.frames.min(input.max_frames.unwrap_or(u32::MAX));
            engine.limits.check_output_frames(plan.size, frames)?;
        }
        Ok(Self {
            engine,
            source,
            reader: Some(reader),
            writer,
            probe,
            recipe,
            plan,
            turn,
            animated,
        })
    }

    fn scale(&self) -> f64 {
        scale(&self.plan)
    }

    /// The bytes of the source's pixels, as they are decoded; twice, since a pass reads one picture and writes another.
    fn decoding(&self) -> u64 {
        let scale = self.scale();
        let scale = self
            .reader
            .map_or(1.0, |reader| reader.decoded_scale(scale));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an estimate"
        )]
        let pixels = (self.probe.upright_size().pixels() as f64 * scale * scale) as u64;
        pixels.saturating_mul(8)
    }

    /// Those of the largest picture on the way to the result; twice again.
    fn processing(&self) -> u64 {
        self.plan.size.pixels().saturating_mul(8)
    }

    /// How much chroma the result needs: where scaling and turning are all that is done to the pixels, no more than is
    /// written.
    fn chroma(&self) -> (u32, u32) {
        let only_scaled = self.plan.stages.iter().all(|stage| {
            matches!(stage, Stage::Scale(scale) if !scale.smart) || matches!(stage, Stage::Turn(_))
        });
        let options = self.options(&MetadataBlocks::default());
        if only_scaled && self.writer.halves_chroma(&options) {
            (2, 2)
        } else {
            (1, 1)
        }
    }

    fn wanted(&self, scale: f64) -> Wanted {
        let input = &self.recipe.input;
        Wanted {
            scale,
            first: input.page.unwrap_or(0).min(self.probe.frames - 1),
            frames: if self.animated {
                input.max_frames.unwrap_or(u32::MAX)
            } else {
                1
            },
            density: input.density,
        }
    }

    fn reader(&self) -> Result<&'a dyn Codec, RenderError> {
        self.reader
            .ok_or_else(|| RenderError::internal("the source is decoded already"))
    }

    fn decode(&self, scale: f64) -> Result<Decoded, RenderError> {
        decode(
            self.reader()?,
            self.source,
            self.probe,
            &self.wanted(scale),
            &self.engine.limits,
            self.recipe.output.metadata != Metadata::Strip,
        )
    }

    fn still(&self, decoded: &Decoded, run: &Run<'_>) -> Result<Rendered, RenderError> {
        let start = Instant::now();
        let pixels = Cow::Borrowed(&decoded.pixels);
        let pixels = self.processed(pixels, run)?;
        let process = start.elapsed();

        let start = Instant::now();
        run.interrupt.check()?;
        let options = self.options(&decoded.metadata);
        let encoding = Encoding {
            writer: self.writer,
            codecs: &self.engine.codecs,
            limits: &self.engine.limits,
            output: &self.recipe.output,
            interrupt: run.interrupt,
        };
        let bytes = encoding.encode(&pixels, options)?;
        Ok(Rendered {
            bytes: bytes.into(),
            format: self.writer.format(),
            width: pixels.width(),
            height: pixels.height(),
            frames: 1,
            timings: Timings {
                decode: decoded.time,
                process,
                encode: start.elapsed(),
            },
        })
    }

    /// A frame's pixels, ready to be encoded.
    fn processed<'p>(
        &self,
        pixels: Cow<'p, Pixels>,
        run: &Run<'_>,
    ) -> Result<Cow<'p, Pixels>, RenderError> {
        let size = self.turn.turn_size(self.probe.stored_size());
        let pixels = run.steps(pixels, size, self.turn, &self.recipe.steps, &self.plan)?;
        if pixels.profile().is_none() || self.recipe.output.keep_profile {
            return Ok(pixels);
        }
        Ok(Cow::Owned(ops::to_srgb(ops::packed(pixels)?)?.into()))
    }

    fn animation(&self, run: &Run<'_>) -> Result<Rendered, RenderError> {
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
            bytes: bytes.into(),
            format: self.writer.format(),
            width: size.width,
            height: size.height,
            frames: count,
            timings,
        })
    }

    fn options(&self, metadata: &MetadataBlocks) -> EncodeOptions {
        let output = &self.recipe.output;
        let format = self.writer.format();
        EncodeOptions {
            lossless: output.lossless,
            progressive: output.progressive.unwrap_or(false),
            colors: output.colors,
            effort: output.effort,
            loops: self.probe.loops,
            metadata: metadata.clone(),
            ..EncodeOptions::new(self.engine.quality_of(format, self.recipe))
        }
    }
}

fn planned<'a>(
    probe: &Probe,
    recipe: &'a Recipe,
    limits: &Limits,
) -> Result<(Plan<'a>, Orientation), RenderError> {
    let turn = orientation(probe, recipe);
    let size = turn.turn_size(probe.stored_size());
    Ok((plan(size, &recipe.steps, limits)?, turn))
}

/// The fraction of its size that a source has to be decoded at: what its first pass makes of it.
fn scale(plan: &Plan<'_>) -> f64 {
    let first = plan
        .stages
        .iter()
        .find(|stage| !matches!(stage, Stage::Turn(_)));
    match first {
        Some(Stage::Scale(scale)) => scale.factor().min(1.0),
        _ => 1.0,
    }
}

fn decode(
    reader: &dyn Codec,
    source: &[u8],
    probe: Probe,
    wanted: &Wanted,
    limits: &Limits,
    with_metadata: bool,
) -> Result<Decoded, RenderError> {
    let start = Instant::now();
    let frame = reader.decode(source, wanted, limits)?.next_frame()?;
    let frame = frame.ok_or_else(|| RenderError::corrupt("the source has no picture"))?;
    Ok(Decoded {
        probe,
        scale: wanted.scale,
        pixels: checked(frame.pixels, &probe, wanted)?,
        metadata: if with_metadata {
            reader.metadata(source, limits)?
        } else {
            MetadataBlocks::default()
        },
        time: start.elapsed(),
    })
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

/// Pixels of the size that was announced, or of one that was wanted. A profile that says no more than that they are sRGB
/// is dropped.
fn checked(pixels: Pixels, probe: &Probe, wanted: &Wanted) -> Result<Pixels, RenderError> {
    let stored = probe.stored_size();
    let size = pixels.size();
    let smaller = |length: u32, of: u32| {
        length == of || (length < of && f64::from(length) >= (f64::from(of) * wanted.scale).floor())
    };
    if !(probe.vector || smaller(size.width, stored.width) && smaller(size.height, stored.height)) {
        return Err(RenderError::corrupt(
            "the pixels are not as many as the header says",
        ));
    }
    if pixels.profile().is_some_and(ops::is_srgb) {
        return Ok(pixels.with_profile(None));
    }
    Ok(pixels)
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
