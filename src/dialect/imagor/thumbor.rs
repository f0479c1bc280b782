//! thumbor's filters, where they are not imagor's.

use super::args::Args;
use super::{Request, not_supported, pixels};
use crate::guard::Rejection;
use crate::recipe::{
    Color, Content, Extend, Length, Modulation, Overlay, Resize, ResizeMode, Rotate, RoundCorners,
    Step, UnsharpMask,
};
use crate::url_lex::imagor::{Filter, Segments};

/// The filters that thumbor has and imagor means the same by.
const SHARED: [&str; 15] = [
    "background_color",
    "brightness",
    "contrast",
    "rgb",
    "focal",
    "format",
    "grayscale",
    "max_age",
    "max_bytes",
    "no_upscale",
    "quality",
    "stretch",
    "strip_exif",
    "upscale",
    "expire",
];

/// Those that change nothing here, or do nothing without a detector.
const WITHOUT_EFFECT: [&str; 2] = ["extract_focal", "strip_icc"];

/// Those without which the answer would be another.
const NOT_BUILT: [&str; 6] = [
    "colorize",
    "convolution",
    "curve",
    "equalize",
    "frame",
    "noise",
];

/// The most that thumbor blurs by.
const MAX_RADIUS: f64 = 150.0;

/// What is made of a filter.
pub(super) enum Read {
    /// It is imagor's too.
    Shared,
    Step(Step),
    /// It does nothing; whether thumbor knows it.
    Nothing(bool),
}

impl Request {
    pub(super) fn thumbor(
        &mut self,
        filter: Filter<'_>,
        args: &Args<'_>,
        parts: &Segments<'_>,
    ) -> Result<Read, Rejection> {
        let step = match filter.name {
            name if SHARED.contains(&name) => return Ok(Read::Shared),
            name if WITHOUT_EFFECT.contains(&name) => return Ok(Read::Nothing(true)),
            name if NOT_BUILT.contains(&name) => {
                return Err(not_supported(&format!("the filter {name}")));
            }
            // The first frame of an animation.
            "cover" => {
                self.image.recipe.input.page = Some(0);
                return Ok(Read::Nothing(true));
            }
            "blur" => {
                let radius = args.number(0).min(MAX_RADIUS);
                let sigma = if args.len() > 1 {
                    args.number(1)
                } else {
                    radius
                };
                (radius >= 1.0 && sigma > 0.0).then_some(Step::Blur { sigma })
            }
            "fill" => Some(fill(args, parts, self.sides)?),
            "proportion" => {
                let factor = args.number(0);
                (factor > 0.0 && factor <= 1.0).then(|| {
                    Step::Resize(Resize {
                        zoom: [factor, factor],
                        truncate: true,
                        ..Resize::to(0, 0, ResizeMode::Force)
                    })
                })
            }
            "rotate" => rotate(args.integer(0)),
            "round_corner" => round_corner(args),
            "saturation" => {
                let saturation = args.number(0);
                (saturation >= 0.0 && args.len() > 0).then(|| {
                    Step::Modulate(Modulation {
                        saturation,
                        ..Modulation::default()
                    })
                })
            }
            "sharpen" => {
                let (amount, radius) = (args.number(0), args.number(1));
                (amount > 0.0 && radius > 0.0).then_some(Step::UnsharpMask(UnsharpMask {
                    radius: 0.0,
                    sigma: radius,
                    amount,
                    threshold: 0.0,
                }))
            }
            "watermark" => self.watermark_of_thumbor(args)?,
            _ => None,
        };
        Ok(step.map_or(Read::Nothing(false), Read::Step))
    }

    /// `watermark(image,x,y,alpha[,width[,height]])`: one of the sizes is enough.
    fn watermark_of_thumbor(&mut self, args: &Args<'_>) -> Result<Option<Step>, Rejection> {
        /// What is not said does not hold it back.
        const ANY: f64 = 1e3;

        let Some(name) = args.decoded(0).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        if args.len() < 4 {
            return Ok(None);
        }
        let mut overlay = Overlay::new(Content::Source(self.add_source(&name)?));
        (overlay.x, overlay.y) = args.place(1);
        overlay.opacity = 1.0 - (args.number(3) / 100.0).clamp(0.0, 1.0);
        let ratio = |at: usize| match args.text(at) {
            "" | "none" => None,
            _ => Some(args.number(at) / 100.0).filter(|ratio| *ratio > 0.0),
        };
        overlay.fit = match (ratio(4), ratio(5)) {
            (None, None) => None,
            (width, height) => Some((width.unwrap_or(ANY), height.unwrap_or(ANY))),
        };
        Ok(Some(Step::Overlay(Box::new(overlay))))
    }
}

/// `fill(color[,fill_transparent])`.
fn fill(
    args: &Args<'_>,
    parts: &Segments<'_>,
    sides: [Option<Length>; 2],
) -> Result<Step, Rejection> {
    let size = parts.size.map_or([0, 0], |size| [size.width, size.height]);
    Ok(Step::Extend(Extend {
        width: Some(sides[0].unwrap_or(pixels(size[0])?)),
        height: Some(sides[1].unwrap_or(pixels(size[1])?)),
        backdrop: args.backdrop(0),
        flatten: matches!(args.text(1), "true" | "True" | "1"),
        ..Extend::default()
    }))
}

/// Multiples of 90 degrees, counter-clockwise.
fn rotate(degrees: i64) -> Option<Step> {
    let turns = u8::try_from((-degrees / 90).rem_euclid(4)).ok()?;
    (degrees % 90 == 0 && turns > 0).then(|| {
        Step::Rotate(Rotate {
            degrees: f64::from(turns) * 90.0,
            background: Color::TRANSPARENT,
        })
    })
}

/// `round_corner(RADIUS[|RADIUS],red,green,blue[,transparent])`.
fn round_corner(args: &Args<'_>) -> Option<Step> {
    let (across, down) = args
        .text(0)
        .split_once('|')
        .unwrap_or((args.text(0), args.text(0)));
    let radius = |text: &str| {
        let radius: u32 = text.parse().ok()?;
        Some(Length::from(radius.min(crate::dialect::MAX_LENGTH)))
    };
    let sample = |at: usize| args.text(at).parse::<u8>().ok();
    let radii = (radius(across)?, radius(down)?);
    let color = Color::opaque(sample(1)?, sample(2)?, sample(3)?);
    let transparent = matches!(args.text(4), "true" | "True" | "1");
    Some(Step::RoundCorners(RoundCorners {
        radii: [radii; 4],
        background: (!transparent).then_some(color),
    }))
}
