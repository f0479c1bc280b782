//! From a recipe and the size of an image to numbers. Geometry with no image in it.
//!
//! A recipe's steps become stages, one after the other, each for the size that the one before leaves. All lengths are
//! those of the upright image. What only the pixels tell (how much a trim takes away) is planned as if it were nothing,
//! and planned again when the pixels are there.
//!
//! The recipe's first crop and resize become one pass. What it makes of the source is what a codec has to know that can
//! decode less than all of it.

mod compute;
mod crop;
mod extend;
mod factors;
mod length;
mod place;
mod resize;
mod size;

pub(super) use self::compute::{Walk, content, placed};
pub(super) use self::extend::Canvas;
pub(super) use self::length::{exact, offset, pixels, whole};
pub(super) use self::size::{Area, Size};

use std::borrow::Cow;

use self::compute::Sizes;
use self::place::{Scene, place};

use super::{Limits, RenderError};
use crate::recipe::{Extend, Gravity, Kernel, Overlay, Resize, Rotate, Step, Trim};

/// What to do with the pixels, step by step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan<'a> {
    pub(super) stages: Vec<Stage<'a>>,
    /// What each of them leaves.
    pub(super) sizes: Vec<Size>,
    /// The size of the result. Where there is a trim, one that it will not exceed is not known.
    pub(super) size: Size,
}

impl Plan<'_> {
    /// The pixels of the largest picture on the way, the result included.
    pub(super) fn most_pixels(&self) -> u64 {
        let sizes = self.sizes.iter().chain([&self.size]);
        sizes.map(|size| size.pixels()).max().unwrap_or(0)
    }
}

/// One pass over the pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage<'a> {
    /// Crop, scale and cut.
    Scale(Scale),
    /// Quarter turns and mirrorings.
    Turn(super::Orientation),
    /// Onto a canvas.
    Extend(Canvas, Cow<'a, Extend>),
    /// By another angle than a quarter; the size is that of the canvas.
    Rotate(Rotate, Size),
    /// To squares.
    Pixelate {
        /// The side of a square.
        size: u32,
        /// The size of the result.
        to: Size,
    },
    /// Another image, drawn over it.
    Overlay(Cow<'a, Overlay>),
    /// Borders are cut away: the size is known afterwards.
    Trim(Trim),
    /// A border is drawn, so many pixels wide.
    Border(u32, crate::recipe::Color),
    /// Anything that keeps the size.
    Filter(Cow<'a, Step>),
}

impl Stage<'_> {
    /// The same, of a step that does not live as long.
    fn into_owned<'b>(self) -> Stage<'b> {
        match self {
            Self::Scale(scale) => Stage::Scale(scale),
            Self::Turn(turn) => Stage::Turn(turn),
            Self::Extend(canvas, extend) => Stage::Extend(canvas, Cow::Owned(extend.into_owned())),
            Self::Rotate(rotate, size) => Stage::Rotate(rotate, size),
            Self::Pixelate { size, to } => Stage::Pixelate { size, to },
            Self::Overlay(overlay) => Stage::Overlay(Cow::Owned(overlay.into_owned())),
            Self::Trim(trim) => Stage::Trim(trim),
            Self::Border(width, color) => Stage::Border(width, color),
            Self::Filter(step) => Stage::Filter(Cow::Owned(step.into_owned())),
        }
    }
}

/// A crop, a scaling and a cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The part of the image that is used.
    pub(super) crop: Area,
    /// The size that this part is scaled to.
    pub(super) scaled: Size,
    /// The part of the scaled image that is kept. Its size is the result's.
    pub(super) cut: Area,
    /// Whether the cut is to be moved to where something is to be seen.
    pub(super) smart: bool,
    pub(super) kernel: Kernel,
    pub(super) linear: Option<bool>,
}

impl Scale {
    pub(super) fn crop(area: Area) -> Self {
        Self {
            crop: area,
            scaled: area.size(),
            cut: Area::whole(area.size()),
            smart: false,
            kernel: Kernel::default(),
            linear: None,
        }
    }

    /// Whether no pixel is scaled.
    pub(super) fn is_crop(&self) -> bool {
        self.scaled == self.crop.size()
    }

    /// The fraction of its size that the image is scaled to: of the axis that keeps more.
    pub(super) fn factor(&self) -> f64 {
        let along = |to: u32, from: u32| f64::from(to) / f64::from(from.max(1));
        along(self.scaled.width, self.crop.width).max(along(self.scaled.height, self.crop.height))
    }
}

/// Plans `steps` for an image of a size, upright, that nothing was done to.
pub(super) fn plan<'a>(
    source: Size,
    steps: &'a [Step],
    limits: &Limits,
) -> Result<Plan<'a>, RenderError> {
    plan_over(None, source, steps, limits)
}

/// Plans the steps of an overlay, for the size of what it is drawn over.
pub(super) fn plan_over<'a>(
    base: Option<Size>,
    source: Size,
    steps: &'a [Step],
    limits: &Limits,
) -> Result<Plan<'a>, RenderError> {
    let mut planner = Planner::new(source, base);
    let mut walk = Walk::new(steps);
    let mut stages: Vec<Stage<'a>> = Vec::with_capacity(steps.len());
    let mut sizes: Vec<Size> = Vec::with_capacity(steps.len());
    while let Some(step) = walk.next(&planner)? {
        let Some(stage) = planner.step(step, limits)? else {
            continue;
        };
        match (stages.last_mut(), stage) {
            // A crop, and the scaling of what it leaves.
            (Some(Stage::Scale(first)), Stage::Scale(second))
                if first.is_crop()
                    && !first.smart
                    && second.crop == Area::whole(first.cut.size()) =>
            {
                *first = Scale {
                    crop: cut_out(first.crop, first.cut),
                    ..second
                };
                sizes.pop();
            }
            (_, stage) => stages.push(stage),
        }
        sizes.push(planner.size);
    }
    let size = planner.size;
    limits.check_output(size.width, size.height)?;
    Ok(Plan {
        stages,
        sizes,
        size,
    })
}

/// A part of a part.
fn cut_out(area: Area, cut: Area) -> Area {
    Area {
        left: area.left + cut.left,
        top: area.top + cut.top,
        ..cut
    }
}

/// Where the planning has come to.
#[derive(Clone, Debug)]
pub(super) struct Planner {
    initial: Size,
    /// That of what the image is drawn over.
    base: Option<Size>,
    size: Size,
    scene: Scene,
    /// What the last resize by factors made of the device's pixel ratio.
    pixel_ratio: f64,
}

impl Planner {
    pub(super) fn new(source: Size, base: Option<Size>) -> Self {
        Self {
            initial: source,
            base,
            size: source,
            scene: Scene::of(source),
            pixel_ratio: 1.0,
        }
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            initial: self.initial,
            current: self.size,
            base: self.base.unwrap_or(self.size),
        }
    }

    /// What a trim leaves, whose borders are known now.
    pub(super) fn trim(&mut self, trim: &Trim, within: Area) -> Area {
        let crop = trim.crop.map(|crop| crop::crop(self.size, &crop));
        let area = crop.and_then(|crop| crop.common(within)).unwrap_or(within);
        self.trimmed(area);
        area
    }

    fn trimmed(&mut self, area: Area) {
        self.scene = self
            .scene
            .scaled((area.left.into(), area.top.into()), (1.0, 1.0));
        self.size = area.size();
    }

    /// What a step comes to, or `None` where that is nothing. Every size on the way has to be within the limits.
    pub(super) fn step<'a>(
        &mut self,
        step: Cow<'a, Step>,
        limits: &Limits,
    ) -> Result<Option<Stage<'a>>, RenderError> {
        match step {
            Cow::Borrowed(step) => self.stage(step, limits),
            Cow::Owned(step) => Ok(self.stage(&step, limits)?.map(Stage::into_owned)),
        }
    }

    fn stage<'a>(
        &mut self,
        step: &'a Step,
        limits: &Limits,
    ) -> Result<Option<Stage<'a>>, RenderError> {
        let size = self.size;
        let stage = match step {
            Step::Trim(trim) => Stage::Trim(*trim),
            Step::Crop(crop) => self.cropped(crop::crop(size, crop)),
            Step::Extract(extract) => {
                let area = crop::extract(size, extract, &self.scene);
                let smart = extract.gravity == Gravity::Smart && area != Area::whole(size);
                let cropped = self.cropped(area);
                match cropped {
                    Stage::Scale(scale) if smart => Stage::Scale(Scale {
                        crop: Area::whole(size),
                        scaled: size,
                        cut: area,
                        smart,
                        ..scale
                    }),
                    stage => stage,
                }
            }
            Step::Resize(resize) => self.resized(resize, limits)?,
            Step::Extend(extend) => {
                let ratio = if extend.at_pixel_ratio {
                    self.pixel_ratio
                } else {
                    1.0
                };
                let canvas = extend::extend(size, extend, ratio, &self.scene);
                self.size = canvas.size;
                Stage::Extend(canvas, Cow::Borrowed(extend))
            }
            &Step::Flip {
                horizontal,
                vertical,
            } => Stage::Turn(super::Orientation::default().then_flip(horizontal, vertical)),
            Step::Rotate(rotate) => self.rotated(rotate),
            &Step::Pixelate {
                size: square,
                whole: grow,
            } if square > 1 => {
                let to = if grow {
                    let round = |length| resize::scale(length, 1, square).saturating_mul(square);
                    Size::new(round(size.width), round(size.height))
                } else {
                    size
                };
                self.size = to;
                Stage::Pixelate { size: square, to }
            }
            Step::Pixelate { .. } => return Ok(None),
            Step::Border(border) => {
                let width = pixels(border.width, size.width.min(size.height));
                let grown = |length: u32| length.saturating_add(width.saturating_mul(2));
                self.size = Size::new(grown(size.width), grown(size.height));
                Stage::Border(width, border.color)
            }
            Step::Overlay(overlay) => Stage::Overlay(Cow::Borrowed(overlay)),
            Step::Computed(_) | Step::If(_) => {
                return Err(RenderError::internal(
                    "steps that hold steps are no stages themselves",
                ));
            }
            filter => Stage::Filter(Cow::Borrowed(filter)),
        };
        limits.check_output(self.size.width, self.size.height)?;
        Ok(match stage {
            Stage::Scale(scale)
                if scale.is_crop() && scale.cut == Area::whole(size) && scale.crop == scale.cut =>
            {
                None
            }
            Stage::Turn(turn) if turn == super::Orientation::default() => None,
            stage => Some(stage),
        })
    }

    fn cropped<'a>(&mut self, area: Area) -> Stage<'a> {
        self.trimmed(area);
        Stage::Scale(Scale::crop(area))
    }

    fn resized<'a>(&mut self, resize: &Resize, limits: &Limits) -> Result<Stage<'a>, RenderError> {
        let size = self.size;
        let mut gravity = Cow::Borrowed(&resize.gravity);
        let (scaled, kept) = match resize.factors {
            Some(by) => {
                let sizes = factors::resize(size, resize, by);
                self.pixel_ratio = sizes.pixel_ratio;
                gravity = Cow::Owned(factors::at(&resize.gravity, sizes.pixel_ratio));
                (sizes.scaled, sizes.kept)
            }
            None => resize::resize(size, self.scene.source(), resize),
        };
        let looks = *gravity == Gravity::Smart && scaled != kept;
        if looks {
            // Where to cut is seen in all of it.
            limits.check_output(scaled.width, scaled.height)?;
        }
        let along = |to: u32, from: u32| f64::from(to) / f64::from(from);
        let factors = (
            along(scaled.width, size.width),
            along(scaled.height, size.height),
        );
        let scene = self.scene.scaled((0.0, 0.0), factors);
        let (left, top) = place(kept, scaled, &gravity, &scene);
        let inside = |start: i64, kept: u32, scaled: u32| {
            let start = start.clamp(0, i64::from(scaled - kept));
            u32::try_from(start).unwrap_or(0)
        };
        let cut = Area {
            left: inside(left, kept.width, scaled.width),
            top: inside(top, kept.height, scaled.height),
            width: kept.width,
            height: kept.height,
        };
        self.scene = scene.scaled((cut.left.into(), cut.top.into()), (1.0, 1.0));
        self.size = kept;
        Ok(Stage::Scale(Scale {
            crop: Area::whole(size),
            scaled,
            cut,
            smart: looks,
            kernel: resize.kernel,
            linear: resize.linear,
        }))
    }

    fn rotated<'a>(&mut self, rotate: &Rotate) -> Stage<'a> {
        let turn = rotate.degrees.rem_euclid(360.0);
        let quarters = [0.0, 90.0, 180.0, 270.0]
            .iter()
            .position(|&degrees| (turn - degrees).abs() < 1e-9);
        if let Some(quarters) = quarters {
            let turn = super::Orientation::quarter_turns(quarters);
            self.size = turn.turn_size(self.size);
            return Stage::Turn(turn);
        }
        // What is not a number turns nothing.
        let turn = if turn.is_finite() { turn } else { 0.0 };
        let (sin, cos) = turn.to_radians().sin_cos();
        let (width, height) = (f64::from(self.size.width), f64::from(self.size.height));
        // libvips rounds to the nearest.
        let hull = |length: f64| whole(length.round()).max(1);
        let to = Size::new(
            hull((width * cos).abs() + (height * sin).abs()),
            hull((width * sin).abs() + (height * cos).abs()),
        );
        self.size = to;
        Stage::Rotate(
            Rotate {
                degrees: turn,
                ..*rotate
            },
            to,
        )
    }
}

#[cfg(test)]
mod tests;
