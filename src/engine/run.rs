//! What happens between decoding and encoding: a plan's stages, done to the pixels of a frame.
//!
//! Pixels stay as they are stored while there are many of them: scaling is turned to them, and they are turned, made
//! packed and converted to sRGB when they are few.

use std::borrow::Cow;

use super::plan::{Area, Plan, Planner, Scale, Size, Stage, Walk, content, placed, plan_over};
use super::{Engine, Interrupt, Limits, Orientation, Picture, Pixels, Probe, RenderError, ops};
use crate::recipe::{Orient, Recipe, Step};

/// How deep overlays may lie in overlays.
pub(super) const MAX_DEPTH: u32 = 3;

/// What a frame's stages need beside its pixels.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    /// All sources of the request.
    pub(super) sources: &'a [&'a [u8]],
    pub(super) interrupt: &'a Interrupt,
    /// Whether the frame is one of several.
    pub(super) animated: bool,
    /// How many pixels there are to a sample of chroma each way, in a scaled picture that has planes.
    pub(super) chroma: (u32, u32),
    /// How many overlays this is in.
    pub(super) depth: u32,
    /// The size of the image that this overlay is drawn over.
    pub(super) base: Option<Size>,
}

/// The orientation that a source is taken to have.
pub(super) fn orientation(probe: &Probe, recipe: &Recipe) -> Orientation {
    match recipe.input.orient {
        Orient::Exif => probe.orientation,
        Orient::Stored => Orientation::default(),
        Orient::Turns(turns) => Orientation::quarter_turns(usize::from(turns % 4)),
    }
}

/// A frame on its way.
struct Frame<'p> {
    pixels: Cow<'p, Pixels>,
    /// The size that the pixels stand for, once they are turned: more than they are, where the source was decoded smaller.
    size: Size,
    /// How the pixels still have to be turned.
    turn: Orientation,
}

impl Run<'_> {
    /// Does `steps` to the pixels of a source, whose upright size is `size`. `plan` is the plan for that size.
    pub(super) fn steps<'p>(
        &self,
        pixels: Cow<'p, Pixels>,
        size: Size,
        turn: Orientation,
        steps: &[Step],
        plan: &Plan<'_>,
    ) -> Result<Cow<'p, Pixels>, RenderError> {
        let mut frame = Frame { pixels, size, turn };
        let trims = plan
            .stages
            .iter()
            .position(|stage| matches!(stage, Stage::Trim(_)));
        let Some(trim) = trims else {
            for stage in &plan.stages {
                frame = self.stage(frame, stage)?;
            }
            return frame.upright(self);
        };
        // The sizes after a trim are known when it is done.
        for stage in plan.stages.get(..trim).unwrap_or_default() {
            frame = self.stage(frame, stage)?;
        }
        let mut sizes = Planner::new(size, self.base);
        let limits = &self.engine.limits;
        let mut walk = Walk::new(steps);
        let mut trimmed = false;
        while let Some(step) = walk.next(&sizes)? {
            if let Step::Trim(trim) = *step {
                trimmed = true;
                if self.animated {
                    continue;
                }
                let picture = frame.into_packed(self)?;
                let area = sizes.trim(&trim, ops::trim_area(&picture, &trim));
                frame = Frame::of(ops::crop(picture, area)?);
            } else if let Some(stage) = sizes.step(step, limits)?
                && trimmed
            {
                frame = self.stage(frame, &stage)?;
            }
        }
        frame.upright(self)
    }

    fn stage<'p>(&self, frame: Frame<'p>, stage: &Stage<'_>) -> Result<Frame<'p>, RenderError> {
        self.interrupt.check()?;
        Ok(match stage {
            Stage::Scale(scale) => frame.scaled(scale, self)?,
            Stage::Turn(turn) => Frame {
                turn: frame.turn.then(*turn),
                size: turn.turn_size(frame.size),
                ..frame
            },
            // Trims are done where the plan is made again.
            Stage::Trim(_) => frame,
            Stage::Extend(canvas, extend) => {
                Frame::of(ops::extend(frame.into_packed(self)?, *canvas, extend)?)
            }
            Stage::Rotate(rotate, size) => {
                Frame::of(ops::rotate(&frame.into_packed(self)?, *rotate, *size)?)
            }
            Stage::Pixelate { size, to } => {
                Frame::of(ops::pixelate(frame.into_packed(self)?, *size, *to)?)
            }
            Stage::Border(width, color) => {
                Frame::of(ops::border(frame.into_packed(self)?, *width, *color)?)
            }
            Stage::Overlay(overlay) => {
                let picture = frame.into_packed(self)?;
                let over = self.overlay(overlay, &picture)?;
                Frame::of(match over {
                    Some(over) => {
                        let overlay = placed(overlay, over.size(), picture.size())?;
                        ops::compose(picture, &over, &overlay)?
                    }
                    None => picture,
                })
            }
            Stage::Filter(step) => {
                let picture = frame.into_packed(self)?;
                Frame::of(match &**step {
                    Step::Flatten(backdrop) => ops::flatten_on(picture, *backdrop)?,
                    Step::Opacity(factor) => ops::opacity(picture, *factor)?,
                    Step::RoundCorners(round) => ops::round_corners(picture, round)?,
                    Step::Shadow(shadow) => ops::shadow(picture, shadow)?,
                    Step::Gradient(gradient) => ops::gradient(picture, gradient)?,
                    Step::Distort(distortion) => ops::distort(picture, *distortion)?,
                    step => ops::filter(picture, step)?,
                })
            }
        })
    }
}

impl<'p> Frame<'p> {
    /// Upright pixels.
    fn of(picture: Picture) -> Self {
        Self {
            size: picture.size(),
            pixels: Cow::Owned(picture.into()),
            turn: Orientation::default(),
        }
    }

    fn scaled(self, scale: &Scale, run: &Run<'_>) -> Result<Self, RenderError> {
        let upright = self.size;
        let smart = scale.smart && !run.animated;
        let turned = |area, size| self.turn.to_stored(area, size);
        let stored = Scale {
            crop: turned(scale.crop, upright),
            scaled: self.turn.turn_size(scale.scaled),
            cut: if smart {
                Area::whole(self.turn.turn_size(scale.scaled))
            } else {
                turned(scale.cut, scale.scaled)
            },
            ..*scale
        };
        let nominal = self.turn.turn_size(upright);
        let pixels = ops::scale(self.pixels, nominal, &stored, run.engine.linear, run.chroma)?;
        let mut frame = Frame {
            pixels,
            size: if smart {
                scale.scaled
            } else {
                scale.cut.size()
            },
            turn: self.turn,
        };
        if smart {
            let picture = frame.into_packed(run)?;
            let area = ops::attention(&picture, scale.cut.size());
            frame = Frame::of(ops::crop(picture, area)?);
        }
        Ok(frame)
    }

    /// Upright, with as many pixels as they stand for.
    fn upright(self, run: &Run<'_>) -> Result<Cow<'p, Pixels>, RenderError> {
        let stored = self.turn.turn_size(self.size);
        let pixels = if self.pixels.size() == stored {
            self.pixels
        } else {
            let whole = Scale::crop(Area::whole(stored));
            ops::scale(self.pixels, stored, &whole, run.engine.linear, run.chroma)?
        };
        if self.turn == Orientation::default() {
            return Ok(pixels);
        }
        ops::orient(pixels.into_owned(), self.turn).map(Cow::Owned)
    }

    /// Upright, packed, and in sRGB: what everything but scaling and turning works on.
    fn into_packed(self, run: &Run<'_>) -> Result<Picture, RenderError> {
        ops::to_srgb(ops::packed(self.upright(run)?)?)
    }
}

impl Run<'_> {
    /// What an overlay shows, or `None` where that is nothing.
    fn overlay(
        &self,
        overlay: &crate::recipe::Overlay,
        base: &Picture,
    ) -> Result<Option<Picture>, RenderError> {
        use crate::recipe::Content;

        if self.depth >= MAX_DEPTH {
            return Err(RenderError::unsupported(
                "overlays lie too deep in overlays",
            ));
        }
        let size = base.size();
        let run = Run {
            depth: self.depth + 1,
            animated: false,
            base: Some(size),
            ..*self
        };
        let steps = overlay.steps.as_slice();
        let limits: &Limits = &self.engine.limits;
        let shown = match &*content(overlay, size)? {
            Content::Source(index) => {
                let source = self.sources.get(*index).ok_or_else(|| {
                    RenderError::internal(format!("the overlay's source {index} is not there"))
                })?;
                self.engine.still(source, steps, &run)?
            }
            #[cfg(feature = "text")]
            Content::Text(text) => match ops::text(text, &self.engine.fonts, size, limits)? {
                Some(picture) => run.on_picture(picture, steps)?,
                None => return Ok(None),
            },
            #[cfg(not(feature = "text"))]
            Content::Text(_) => {
                return Err(RenderError::unsupported("this build draws no text"));
            }
            Content::Canvas {
                width,
                height,
                color,
            } => {
                let width = super::plan::pixels(*width, size.width).max(1);
                let height = super::plan::pixels(*height, size.height).max(1);
                limits.check_output(width, height)?;
                run.on_picture(Picture::filled(width, height, *color)?, steps)?
            }
        };
        ops::fitted(shown, overlay.fit, size, limits).map(Some)
    }

    /// Does `steps` to an upright picture.
    fn on_picture(&self, picture: Picture, steps: &[Step]) -> Result<Picture, RenderError> {
        let size = picture.size();
        let planned = plan_over(self.base, size, steps, &self.engine.limits)?;
        let pixels = Cow::Owned(Pixels::from(picture));
        let pixels = self.steps(pixels, size, Orientation::default(), steps, &planned)?;
        ops::to_srgb(ops::packed(pixels)?)
    }
}
