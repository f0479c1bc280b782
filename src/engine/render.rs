//! From sources and a recipe to a file.

mod animation;
mod job;
mod overlays;

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use self::job::{Job, decode, planned, scale};
use super::codec::{Codec, MetadataBlocks, Wanted};
use super::plan::plan_over;
use super::run::Run;
use super::{
    Engine, Interrupt, Orientation, Picture, Pixels, Probe, RenderError, Rendered, Timings,
    describe, ops, probe,
};
use crate::recipe::{Answer, Format, Recipe, Step};

/// What a recipe needs of a source, known from its header.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// The fraction of its size that the source has to be decoded at, above 0 and up to 1.
    pub scale: f64,
    /// Whether the result is made of several frames, which are decoded one by one: there is nothing to share.
    pub animated: bool,
    /// About how many bytes of memory the pixels take at their most, but for those of overlays.
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

/// What is known of an image before it is encoded.
pub(super) struct Unencoded {
    pub(super) pixels: Cow<'static, Pixels>,
    pub(super) format: Format,
    pub(super) frames: u32,
    pub(super) orientation: Orientation,
    pub(super) metadata: MetadataBlocks,
}

impl Engine {
    /// Makes an image of `sources`: the main one first, then those of overlays, as the recipe numbers them. Where the recipe
    /// asks for another [answer](crate::recipe::Answer), that is made.
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
        match &recipe.output.answer {
            Answer::Image => {}
            Answer::Description(wanted) => {
                return self.document(sources, recipe, wanted, interrupt);
            }
            Answer::Document(_) => {
                return Err(RenderError::internal("a document is not made of an image"));
            }
            Answer::Original | Answer::OriginalOf(_) => {
                let source = main(sources, recipe)?;
                if let Some(probe) = self.untouched(source, recipe)? {
                    return Ok(original(source, &probe));
                }
            }
        }
        let job = Job::of(self, main(sources, recipe)?, recipe)?;
        let run = job.run(sources, interrupt);
        if job.animated {
            return job.animation(&run);
        }
        interrupt.check()?;
        let decoded = job.decode(job.scale())?;
        interrupt.check()?;
        job.still(&decoded, &run)
    }

    /// What would be encoded: of an animation, the first frame.
    pub(super) fn unencoded(
        &self,
        sources: &[&[u8]],
        recipe: &Recipe,
        interrupt: &Interrupt,
    ) -> Result<Unencoded, RenderError> {
        let job = Job::of(self, main(sources, recipe)?, recipe)?;
        let run = job.run(sources, interrupt);
        interrupt.check()?;
        let decoded = job.decode_with(job.scale(), true)?;
        interrupt.check()?;
        let pixels = job.processed(Cow::Owned(decoded.pixels), &run)?;
        let most = recipe.input.max_frames.unwrap_or(u32::MAX);
        Ok(Unencoded {
            pixels: Cow::Owned(pixels.into_owned()),
            format: job.writer.format(),
            frames: if job.animated {
                job.probe.frames.min(most)
            } else {
                1
            },
            orientation: job.probe.orientation,
            metadata: decoded.metadata,
        })
    }

    /// What a recipe needs of a source.
    pub fn needs(&self, source: &[u8], recipe: &Recipe) -> Result<Needs, RenderError> {
        let of_header = match &recipe.output.answer {
            Answer::Description(wanted) => wanted.is_of_header(),
            _ => self.untouched(source, recipe)?.is_some(),
        };
        if of_header {
            return Ok(Needs {
                scale: 1.0,
                animated: false,
                // The answer's bytes, at most.
                memory: source.len() as u64,
                decoding: 0,
            });
        }
        let job = Job::of(self, source, recipe)?;
        Ok(Needs {
            scale: job.scale(),
            animated: job.animated,
            memory: job.decoding().saturating_add(job.processing()),
            decoding: job.decoding(),
        })
    }

    /// Decodes a source, once for several recipes: `scale` is the largest [that they need](Needs::scale). Whether it will be
    /// resized in linear light is what [`linear`](Self::linear) says.
    pub fn decode(&self, source: &[u8], scale: f64) -> Result<Decoded, RenderError> {
        let (reader, probe) = probe::probe(&self.codecs, source, &self.limits)?;
        let wanted = Wanted {
            scale,
            frames: 1,
            linear: self.linear,
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
        job.still(decoded, &job.run(sources, interrupt))
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
            scale: scale(&plan, &probe, &self.limits),
            frames: 1,
            linear: self.linear,
            ..Wanted::default()
        };
        let decoded = decode(reader, source, probe, &wanted, &self.limits, false)?;
        let pixels = Cow::Owned(decoded.pixels);
        let pixels = run.steps(pixels, size, probe.orientation, steps, &plan)?;
        ops::to_srgb(ops::packed(pixels)?)
    }

    /// The header of a source that is to be answered with as it is.
    fn untouched(&self, source: &[u8], recipe: &Recipe) -> Result<Option<Probe>, RenderError> {
        let formats = match &recipe.output.answer {
            Answer::Original => None,
            Answer::OriginalOf(formats) => Some(formats),
            _ => return Ok(None),
        };
        describe::check(source, recipe.input.checksum.as_ref())?;
        let probe = self.probe(source)?;
        match formats {
            // To a browser it is a page, and not a picture.
            None if probe.vector => Err(RenderError::unsupported(
                "the source is a drawing, which is not handed on as it is",
            )),
            None => Ok(Some(probe)),
            Some(formats) => {
                let wanted = recipe.output.format.unwrap_or(probe.format);
                let as_it_is = formats.contains(&probe.format) && wanted == probe.format;
                Ok((as_it_is && !probe.vector).then_some(probe))
            }
        }
    }

    fn writer(&self, source: Format, recipe: &Recipe) -> Result<&dyn Codec, RenderError> {
        let encoder = match recipe.output.format {
            Some(format) => self.codecs.encoder(format),
            // PNG keeps whatever the pixels hold.
            None => self.codecs.encoder(source).or_else(|| {
                let format = recipe.output.otherwise.unwrap_or(Format::Png);
                self.codecs.encoder(format)
            }),
        };
        encoder.ok_or_else(|| {
            let format = recipe.output.format.unwrap_or(source);
            RenderError::unsupported(format!("{format} is not a format that is written"))
        })
    }

    fn quality_of(&self, format: Format, recipe: &Recipe) -> u8 {
        let of = |qualities: &[(Format, u8)]| {
            let quality = qualities.iter().find(|&&(other, _)| other == format);
            quality.map(|&(_, quality)| quality)
        };
        let output = &recipe.output;
        let quality = output.quality.or_else(|| of(&output.format_quality));
        let quality = quality.or_else(|| of(&self.quality));
        quality.unwrap_or(80).clamp(1, 100)
    }
}

/// The main source; of what begins with a blank picture, nothing.
fn main<'a>(sources: &[&'a [u8]], recipe: &Recipe) -> Result<&'a [u8], RenderError> {
    if recipe.input.blank.is_some() {
        return Ok(&[]);
    }
    let main = sources.first().copied();
    main.ok_or_else(|| RenderError::internal("there is no source"))
}

fn original(source: &[u8], probe: &Probe) -> Rendered {
    let size = probe.upright_size();
    Rendered {
        bytes: Bytes::copy_from_slice(source),
        media_type: probe.format.media_type(),
        format: probe.format,
        width: size.width,
        height: size.height,
        frames: probe.frames,
        timings: Timings::default(),
    }
}
