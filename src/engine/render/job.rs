//! Everything that is known of a rendering before a pixel is decoded, and what is made of it.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::Decoded;
use crate::engine::codec::{Codec, EncodeOptions, MetadataBlocks, Wanted, Writes};
use crate::engine::encode::Encoding;
use crate::engine::metadata::kept;
use crate::engine::plan::{Plan, Scale, Stage, plan};
use crate::engine::run::{Run, orientation};
use crate::engine::{
    Engine, Interrupt, Limits, Orientation, Picture, Pixels, Probe, RenderError, Rendered, Timings,
    describe, ops, probe,
};
use crate::recipe::{Blank, Format, Kernel, Metadata, Recipe};

/// Everything that is known before a pixel is decoded.
pub(super) struct Job<'a> {
    pub(super) engine: &'a Engine,
    pub(super) source: &'a [u8],
    pub(super) reader: Option<&'a dyn Codec>,
    pub(super) writer: &'a dyn Codec,
    pub(super) probe: Probe,
    pub(super) recipe: &'a Recipe,
    pub(super) plan: Plan<'a>,
    pub(super) turn: Orientation,
    pub(super) animated: bool,
}

impl<'a> Job<'a> {
    pub(super) fn of(
        engine: &'a Engine,
        source: &'a [u8],
        recipe: &'a Recipe,
    ) -> Result<Self, RenderError> {
        let input = &recipe.input;
        let (reader, probe) = if let Some(blank) = input.blank {
            (None, blank_probe(blank, &engine.limits)?)
        } else {
            describe::check(source, input.checksum.as_ref())?;
            let (reader, probe) = probe::probe(&engine.codecs, source, &engine.limits)?;
            (Some(reader), probe)
        };
        let writer = engine.writer(probe.format, recipe)?;
        let (plan, turn) = planned(&probe, recipe, &engine.limits)?;
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
            reader,
            writer,
            probe,
            recipe,
            plan,
            turn,
            animated,
        })
    }

    /// What the stages of its frames need.
    pub(super) fn run<'r>(&self, sources: &'r [&'r [u8]], interrupt: &'r Interrupt) -> Run<'r>
    where
        'a: 'r,
    {
        Run {
            engine: self.engine,
            sources,
            interrupt,
            animated: self.animated,
            chroma: self.chroma(),
            depth: 0,
            base: None,
        }
    }

    pub(super) fn scale(&self) -> f64 {
        scale(&self.plan, &self.probe, &self.engine.limits)
    }

    /// The bytes of the source's pixels, as they are decoded.
    pub(super) fn decoding(&self) -> u64 {
        let scale = self.scale();
        let scale = self
            .reader
            .map_or(1.0, |reader| reader.decoded_scale(scale));
        decoding(&self.probe, scale)
    }

    /// Those of the largest picture on the way to the result; twice again.
    pub(super) fn processing(&self) -> u64 {
        self.plan.most_pixels().saturating_mul(8)
    }

    /// How much chroma the result needs: where scaling and turning are all that is done to the pixels, no more than is
    /// written.
    pub(super) fn chroma(&self) -> (u32, u32) {
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

    pub(super) fn wanted(&self, scale: f64) -> Wanted {
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
            linear: self.linear(),
        }
    }

    /// Whether what comes first of scaling is done in linear light.
    fn linear(&self) -> bool {
        let first = self.plan.stages.iter().find_map(|stage| match stage {
            Stage::Scale(scale) => scale.linear,
            _ => None,
        });
        first.unwrap_or(self.engine.linear)
    }

    pub(super) fn reader(&self) -> Result<&'a dyn Codec, RenderError> {
        self.reader
            .ok_or_else(|| RenderError::internal("the source is decoded already"))
    }

    pub(super) fn decode(&self, scale: f64) -> Result<Decoded, RenderError> {
        self.decode_with(scale, self.recipe.output.metadata != Metadata::Strip)
    }

    /// The first frame that counts, and the metadata where they are asked for.
    pub(super) fn decode_with(&self, scale: f64, metadata: bool) -> Result<Decoded, RenderError> {
        if let Some(Blank {
            width,
            height,
            color,
        }) = self.recipe.input.blank
        {
            return Ok(Decoded {
                probe: self.probe,
                scale: 1.0,
                pixels: Picture::filled(width, height, color)?.into(),
                metadata: MetadataBlocks::default(),
                time: Duration::ZERO,
            });
        }
        let wanted = Wanted {
            frames: 1,
            ..self.wanted(scale)
        };
        decode(
            self.reader()?,
            self.source,
            self.probe,
            &wanted,
            &self.engine.limits,
            metadata,
        )
    }

    pub(super) fn still(&self, decoded: &Decoded, run: &Run<'_>) -> Result<Rendered, RenderError> {
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
            // No larger than it is: it may be kept.
            bytes: bytes.into_boxed_slice().into(),
            media_type: self.writer.format().media_type(),
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
    pub(super) fn processed<'p>(
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

    pub(super) fn options(&self, metadata: &MetadataBlocks) -> EncodeOptions {
        let output = &self.recipe.output;
        let format = self.writer.format();
        EncodeOptions {
            lossless: output.lossless,
            progressive: output
                .progressive
                .unwrap_or(output.progressive_jpeg && format == Format::Jpeg),
            colors: output.colors,
            effort: output.effort,
            loops: self.probe.loops,
            metadata: kept(metadata.clone(), output.metadata),
            ..EncodeOptions::new(self.engine.quality_of(format, self.recipe))
        }
    }
}

/// What there would be to read in the header of a picture of one colour. Written, it is a JPEG unless another format is
/// asked for: imagor's rule.
fn blank_probe(blank: Blank, limits: &Limits) -> Result<Probe, RenderError> {
    let probe = Probe::new(Format::Jpeg, blank.width, blank.height);
    if blank.width == 0 || blank.height == 0 {
        return Err(RenderError::impossible_size(
            "a picture has a pixel at least",
        ));
    }
    limits.check_source(&probe)?;
    limits.check_output(blank.width, blank.height)?;
    Ok(probe)
}

pub(super) fn planned<'a>(
    probe: &Probe,
    recipe: &'a Recipe,
    limits: &Limits,
) -> Result<(Plan<'a>, Orientation), RenderError> {
    let turn = orientation(probe, recipe);
    let size = turn.turn_size(probe.stored_size());
    Ok((plan(size, &recipe.steps, limits)?, turn))
}

/// The fraction of its size that a source has to be decoded at: what its first pass makes of it. One that is drawn can be
/// drawn larger than it is, up to the limits of a source.
///
/// Every pixel of a PNG is kept where a part of it is cut out, at whose edges its neighbours would show, and where pixels are
/// picked. (The blocks of a JPEG have mixed theirs.)
pub(super) fn scale(plan: &Plan<'_>, probe: &Probe, limits: &Limits) -> f64 {
    let first = plan
        .stages
        .iter()
        .find(|stage| !matches!(stage, Stage::Turn(_)));
    let factor = match first {
        Some(Stage::Scale(scale)) if probe.format == Format::Png && each_counts(scale, probe) => {
            1.0
        }
        Some(Stage::Scale(scale)) => scale.factor(),
        _ => 1.0,
    };
    let most = if probe.vector {
        limits.most_scaled(probe.stored_size())
    } else {
        1.0
    };
    factor.min(most)
}

/// Whether each pixel counts by itself.
fn each_counts(scale: &Scale, probe: &Probe) -> bool {
    let cut_out = scale.crop.size().pixels() < probe.stored_size().pixels();
    cut_out || scale.kernel == Kernel::Nearest
}

pub(super) fn decode(
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

/// Pixels of the size that was announced, or of one that was wanted. A profile that says no more than that they are sRGB
/// is dropped.
pub(super) fn checked(
    pixels: Pixels,
    probe: &Probe,
    wanted: &Wanted,
) -> Result<Pixels, RenderError> {
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

/// The bytes of a source's pixels, decoded at a scale; twice, since a pass reads one picture and writes another.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an estimate"
)]
pub(super) fn decoding(probe: &Probe, scale: f64) -> u64 {
    let pixels = (probe.upright_size().pixels() as f64 * scale * scale) as u64;
    pixels.saturating_mul(8)
}
