//! What operations come to: sharp keeps what it is told, and does it in an order of its own.

use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Gravity, Kernel, Length, Modulation, Output, Resize,
    ResizeMode, Rotate, Sharpen, Step, Trim, TrimColor,
};

/// What was asked for so far.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an operation of its own"
)]
pub(super) struct Pipeline {
    pub(super) output: Output,
    pub(super) fit: Option<Fit>,
    pub(super) embed: bool,
    pub(super) position: Gravity,
    pub(super) background: Option<Color>,
    pub(super) kernel: Kernel,
    pub(super) enlarge: bool,
    pub(super) height: Option<u32>,
    pub(super) target: Option<Target>,
    pub(super) trim: Option<f64>,
    /// The first is cut out of the source, the last of what was made of that.
    pub(super) extracts: Vec<[u32; 4]>,
    /// Top, right, bottom, left.
    pub(super) margins: Option<[u32; 4]>,
    pub(super) degrees: f64,
    pub(super) flip: bool,
    pub(super) flop: bool,
    pub(super) flatten: bool,
    pub(super) grayscale: bool,
    /// Before the resize, and at the end.
    pub(super) gamma: Option<(f64, f64)>,
    pub(super) median: Option<u32>,
    pub(super) threshold: Option<u8>,
    pub(super) blur: Option<f64>,
    pub(super) modulate: Option<Modulation>,
    pub(super) sharpen: Option<Sharpen>,
    pub(super) normalize: bool,
    pub(super) tint: Option<Color>,
    pub(super) negate: bool,
}

/// The resize that counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Width(u32),
    Height(u32),
    Box(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fit {
    Cover,
    Contain,
    Fill,
    Inside,
    Outside,
}

impl Pipeline {
    /// The recipe's steps in sharp's order, and how the result is written.
    pub(super) fn finish(self) -> (Vec<Step>, Output) {
        let mut steps = Vec::new();
        let extract = |at: usize| self.extracts.get(at).map(|&area| extracted(area));
        let turns = self.degrees != 0.0;
        // A turn comes before everything, unless nothing is left to scale.
        let turns_first = turns && (self.target.is_some() || self.trim.is_some());
        if turns_first {
            steps.extend(self.turn());
        }
        steps.extend(self.trim.map(|tolerance| {
            Step::Trim(Trim {
                tolerance,
                color: TrimColor::TopLeft,
                crop: None,
                equal_horizontal: false,
                equal_vertical: false,
            })
        }));
        steps.extend(extract(0));
        // Sharp flattens and takes the colour away before it scales. Where gamma is left alone, the other way round
        // gives the same for less.
        let shades_first = self.gamma.is_some() || (turns && !turns_first);
        if shades_first {
            steps.extend(self.shade());
        }
        if !turns_first {
            steps.extend(self.turn());
        }
        let (resize, pad) = self.resize();
        steps.extend(resize.map(Step::Resize));
        if !shades_first {
            steps.extend(self.shade());
        }
        steps.extend(pad.map(Step::Extend));
        steps.extend(extract(1));
        steps.extend(self.margins.map(|margins| {
            let [top, right, bottom, left] = margins.map(Length::from);
            Step::Extend(Extend {
                left,
                top,
                right,
                bottom,
                backdrop: Backdrop::Color(self.background()),
                ..Extend::default()
            })
        }));
        steps.extend(self.median.map(|size| Step::Median { size }));
        // sharp takes 0 for none.
        let threshold = self.threshold.filter(|&least| least > 0);
        steps.extend(threshold.map(Step::Threshold));
        steps.extend(self.blur.map(|sigma| Step::Blur { sigma }));
        steps.extend(self.modulate.map(Step::Modulate));
        steps.extend(self.sharpen.map(Step::Sharpen));
        steps.extend(self.gamma.map(|(_, out)| Step::Gamma(out)));
        steps.extend(self.normalize.then_some(Step::Normalize));
        steps.extend(self.tint.map(Step::Tint));
        steps.extend(self.negate.then_some(Step::Negate));
        let output = Output {
            progressive_jpeg: true,
            ..self.output
        };
        (steps, output)
    }

    fn background(&self) -> Color {
        self.background.unwrap_or(Color::BLACK)
    }

    /// Mirroring, and then the turn.
    fn turn(&self) -> impl Iterator<Item = Step> {
        let flip = (self.flip || self.flop).then_some(Step::Flip {
            horizontal: self.flop,
            vertical: self.flip,
        });
        let rotate = (self.degrees != 0.0).then(|| {
            Step::Rotate(Rotate {
                degrees: self.degrees.rem_euclid(360.0),
                background: self.background(),
            })
        });
        flip.into_iter().chain(rotate)
    }

    fn shade(&self) -> impl Iterator<Item = Step> {
        let flatten = Step::Flatten(Backdrop::Color(self.background()));
        let darken = self.gamma.map(|(gamma, _)| Step::Gamma(1.0 / gamma));
        let flatten = self.flatten.then_some(flatten);
        let grayscale = self.grayscale.then_some(Step::Grayscale);
        flatten.into_iter().chain(darken).chain(grayscale)
    }

    /// The resize, and what fills its box.
    fn resize(&self) -> (Option<Resize>, Option<Extend>) {
        let alone = |width, height| Resize {
            enlarge: self.enlarge,
            ..Resize::to(width, height, ResizeMode::Fit)
        };
        let (width, height) = match (self.target, self.height) {
            (None, _) => return (None, None),
            (Some(Target::Width(width)), Some(height)) | (Some(Target::Box(width, height)), _) => {
                (width, height)
            }
            (Some(Target::Width(width)), None) => return (Some(alone(width, 0)), None),
            (Some(Target::Height(height)), _) => return (Some(alone(0, height)), None),
        };
        let default = if self.embed { Fit::Contain } else { Fit::Cover };
        let fit = self.fit.unwrap_or(default);
        let mode = match fit {
            Fit::Cover => ResizeMode::Fill,
            Fit::Contain | Fit::Inside => ResizeMode::Fit,
            Fit::Fill => ResizeMode::Force,
            Fit::Outside => ResizeMode::Cover,
        };
        let resize = Resize {
            enlarge: true,
            within_source: !self.enlarge,
            gravity: kept(&self.position),
            kernel: self.kernel,
            ..Resize::to(width, height, mode)
        };
        let pad = (fit == Fit::Contain).then(|| Extend {
            width: Some(width.into()),
            height: Some(height.into()),
            within_source: !self.enlarge,
            gravity: self.position.clone(),
            backdrop: Backdrop::Color(self.background()),
            ..Extend::default()
        });
        (Some(resize), pad)
    }
}

/// Which part of an image is kept where something is cut off. An odd pixel in the middle is cut off at the low end, unlike
/// where an image is put onto a canvas.
fn kept(position: &Gravity) -> Gravity {
    let point = |align: Align| {
        Length::Fraction(match align {
            Align::Start => 0.0,
            Align::Center => 0.5,
            Align::End => 1.0,
        })
    };
    match *position {
        Gravity::Anchor {
            horizontal,
            vertical,
            ..
        } => Gravity::Point {
            x: point(horizontal),
            y: point(vertical),
        },
        _ => position.clone(),
    }
}

fn extracted([left, top, width, height]: [u32; 4]) -> Step {
    Step::Extract(Extract {
        width: Some(width.into()),
        height: Some(height.into()),
        gravity: Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: left.into(),
            y: top.into(),
        },
        inside: false,
    })
}
