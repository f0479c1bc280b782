//! One pipeline: what its options say, and the steps that come of it, in the order that imgproxy has.

use super::args::pixels_or_fraction;
use crate::recipe::{
    Backdrop, Color, Content, Extend, Extract, Factors, Gradient, Gravity, Kernel, Length,
    Modulation, Overlay, Position, Resize, ResizeMode, Rotate, Sharpen, Step, Trim, UnsharpMask,
};

/// What the options of a pipeline say.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) mode: ResizeMode,
    /// `fill-down`.
    pub(super) down: bool,
    pub(super) kernel: Kernel,
    pub(super) size: [u32; 2],
    pub(super) least: [u32; 2],
    pub(super) zoom: [f64; 2],
    pub(super) dpr: f64,
    pub(super) enlarge: bool,
    pub(super) extend: Extension,
    pub(super) extend_ratio: Extension,
    pub(super) gravity: Gravity,
    pub(super) crop: [f64; 2],
    pub(super) crop_gravity: Option<Gravity>,
    pub(super) trim: Option<Trim>,
    /// Top, right, bottom, left.
    pub(super) padding: [u32; 4],
    /// Quarter turns, clockwise.
    pub(super) turns: u8,
    pub(super) flip: [bool; 2],
    pub(super) background: Option<Color>,
    pub(super) background_alpha: u8,
    pub(super) blur: f64,
    pub(super) sharpen: f64,
    pub(super) pixelate: u32,
    pub(super) unsharp: Option<Unsharp>,
    /// -255 to 255.
    pub(super) brightness: f64,
    pub(super) contrast: f64,
    pub(super) saturation: f64,
    pub(super) colorize: Option<Colorize>,
    pub(super) gradient: Option<Gradient>,
    pub(super) watermark: Option<Watermark>,
    /// The place of the watermark among the sources, where it is not the configured one.
    pub(super) watermark_source: Option<usize>,
}

/// Whether, and where, an image is put onto a canvas of the box's size or ratio.
#[derive(Clone, Debug, Default)]
pub(super) struct Extension {
    pub(super) on: bool,
    pub(super) gravity: Gravity,
}

/// A sharpening after the resize.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unsharp {
    /// Whether only what was resized is sharpened.
    pub(super) auto: bool,
    pub(super) weight: f64,
    pub(super) divider: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colorize {
    pub(super) color: Color,
    pub(super) amount: f64,
    pub(super) keep_alpha: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Watermark {
    pub(super) opacity: f64,
    pub(super) place: Place,
    pub(super) offset: [f64; 2],
    /// Of the image's size; 0: the watermark's own.
    pub(super) scale: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Side(crate::recipe::Align, crate::recipe::Align),
    Tiles,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            mode: ResizeMode::Fit,
            down: false,
            kernel: Kernel::default(),
            size: [0; 2],
            least: [0; 2],
            zoom: [1.0; 2],
            dpr: 1.0,
            enlarge: false,
            extend: Extension::default(),
            extend_ratio: Extension::default(),
            gravity: Gravity::default(),
            crop: [0.0; 2],
            crop_gravity: None,
            trim: None,
            padding: [0; 4],
            turns: 0,
            flip: [false; 2],
            background: None,
            background_alpha: u8::MAX,
            blur: 0.0,
            sharpen: 0.0,
            pixelate: 0,
            unsharp: None,
            brightness: 0.0,
            contrast: 1.0,
            saturation: 1.0,
            colorize: None,
            gradient: None,
            watermark: None,
            watermark_source: None,
        }
    }
}

impl Pipeline {
    /// The steps. `watermark` is the place of the watermark among the sources, where there is one to be drawn.
    pub(super) fn steps(self, watermark: Option<usize>, steps: &mut Vec<Step>) {
        if let Some(trim) = self.trim {
            steps.push(Step::Trim(trim));
        }
        if self.turns != 0 {
            steps.push(Step::Rotate(Rotate {
                degrees: f64::from(self.turns) * 90.0,
                background: Color::TRANSPARENT,
            }));
        }
        if self.flip != [false; 2] {
            steps.push(Step::Flip {
                horizontal: self.flip[0],
                vertical: self.flip[1],
            });
        }
        self.crop(steps);
        self.resize(steps);
        self.filters(steps);
        self.canvas(steps);
        self.flatten(steps);
        if let (Some(mark), Some(source)) = (self.watermark, watermark) {
            steps.push(Step::Overlay(Box::new(mark.overlay(source, self.dpr))));
        }
    }

    fn crop(&self, steps: &mut Vec<Step>) {
        if self.crop.iter().all(|&length| length <= 0.0) {
            return;
        }
        let side = |length: f64| (length > 0.0).then(|| pixels_or_fraction(length));
        let gravity = self.crop_gravity.as_ref().unwrap_or(&self.gravity);
        steps.push(Step::Extract(Extract {
            width: side(self.crop[0]),
            height: side(self.crop[1]),
            gravity: gravity.clone(),
            inside: true,
        }));
    }

    fn scales(&self) -> bool {
        let factors = [self.zoom[0], self.zoom[1], self.dpr];
        self.size != [0; 2]
            || self.least != [0; 2]
            || factors.iter().any(|factor| (factor - 1.0).abs() > 1e-9)
    }

    fn resize(&self, steps: &mut Vec<Step>) {
        if !self.scales() {
            return;
        }
        let least = self.least.map(|length| (length > 0).then_some(length));
        steps.push(Step::Resize(Resize {
            min_width: least[0],
            min_height: least[1],
            zoom: self.zoom,
            enlarge: self.enlarge,
            shrink_box: self.down,
            gravity: self.gravity.clone(),
            kernel: self.kernel,
            factors: Some(Factors {
                pixel_ratio: self.dpr,
                extended: self.extend.on,
            }),
            ..Resize::to(self.size[0], self.size[1], self.mode)
        }));
    }

    fn filters(&self, steps: &mut Vec<Step>) {
        if self.blur > 0.0 {
            steps.push(Step::Blur { sigma: self.blur });
        }
        if self.sharpen > 0.0 {
            steps.push(Step::Sharpen(Sharpen::by(self.sharpen)));
        }
        if self.pixelate > 1 {
            steps.push(Step::Pixelate {
                size: self.pixelate,
                whole: false,
            });
        }
        let unsharp = self
            .unsharp
            .filter(|unsharp| !unsharp.auto || self.scales() && self.sharpen <= 0.0);
        if let Some(unsharp) = unsharp {
            steps.push(Step::UnsharpMask(UnsharpMask {
                // The nine pixels around a pixel; what they weigh more than its centre is taken away.
                radius: 1.0,
                sigma: (2.0_f64 / 3.0).sqrt(),
                amount: 9.0 * unsharp.weight / unsharp.divider,
                threshold: 0.0,
            }));
        }
        if self.brightness != 0.0 {
            let percent = self.brightness / 2.55;
            steps.push(Step::Rgb {
                red: percent,
                green: percent,
                blue: percent,
            });
        }
        if (self.contrast - 1.0).abs() > 1e-9 {
            steps.push(Step::Contrast(contrast(self.contrast)));
        }
        if (self.saturation - 1.0).abs() > 1e-9 {
            steps.push(Step::Modulate(Modulation {
                saturation: self.saturation,
                ..Modulation::default()
            }));
        }
        match self.colorize {
            Some(Colorize {
                color,
                amount,
                keep_alpha: true,
            }) => steps.push(Step::Colorize { color, amount }),
            Some(Colorize { color, amount, .. }) => {
                let all = Length::Fraction(1.0);
                let mut overlay = Overlay::new(Content::Canvas {
                    width: all,
                    height: all,
                    color,
                });
                overlay.opacity = amount;
                steps.push(Step::Overlay(Box::new(overlay)));
            }
            None => {}
        }
        if let Some(gradient) = self.gradient {
            steps.push(Step::Gradient(gradient));
        }
    }

    /// The canvas and the padding.
    fn canvas(&self, steps: &mut Vec<Step>) {
        let at_pixel_ratio = (self.dpr - 1.0).abs() > 1e-9;
        let canvas = |gravity: &Gravity| Extend {
            gravity: gravity.clone(),
            inside: true,
            at_pixel_ratio,
            backdrop: Backdrop::Color(Color::TRANSPARENT),
            ..Extend::default()
        };
        let lengths = [0, 1].map(|axis| f64::from(self.size[axis]) * self.zoom[axis]);
        let [width, height] =
            lengths.map(|length| (length > 0.0).then_some(Length::Pixels(length)));
        if self.extend.on && (width.is_some() || height.is_some()) {
            steps.push(Step::Extend(Extend {
                width,
                height,
                ..canvas(&self.extend.gravity)
            }));
        }
        if self.extend_ratio.on && width.is_some() && height.is_some() {
            steps.push(Step::Extend(Extend {
                ratio: Some((lengths[0], lengths[1])),
                ..canvas(&self.extend_ratio.gravity)
            }));
        }
        if self.padding != [0; 4] {
            let [top, right, bottom, left] = self.padding.map(Length::from);
            steps.push(Step::Extend(Extend {
                left,
                top,
                right,
                bottom,
                ..canvas(&Gravity::default())
            }));
        }
    }

    fn flatten(&self, steps: &mut Vec<Step>) {
        let Some(color) = self.background else {
            return;
        };
        let alpha = self.background_alpha;
        if alpha == u8::MAX {
            steps.push(Step::Flatten(Backdrop::Color(color)));
            return;
        }
        steps.push(Step::Extend(Extend {
            backdrop: Backdrop::Color(Color { alpha, ..color }),
            flatten: true,
            ..Extend::default()
        }));
    }
}

/// A factor around the middle, as the step's percentage.
pub(in crate::dialect) fn contrast(factor: f64) -> f64 {
    let level = 255.0 * 259.0 * (factor - 1.0) / (259.0 + 255.0 * factor);
    (level / 2.55).clamp(-100.0, 100.0)
}

impl Watermark {
    fn overlay(self, source: usize, dpr: f64) -> Overlay {
        use crate::recipe::Align;

        let [x, y] = self.offset.map(|offset| match pixels_or_fraction(offset) {
            Length::Pixels(pixels) => Length::Pixels(pixels * dpr),
            length => length,
        });
        let along = |align: Align, distance: Length| match align {
            Align::Start => Position::Start(distance),
            Align::Center => Position::Center(distance),
            Align::End => Position::End(distance),
        };
        let mut overlay = Overlay::new(Content::Source(source));
        (overlay.x, overlay.y) = match self.place {
            Place::Side(horizontal, vertical) => (along(horizontal, x), along(vertical, y)),
            Place::Tiles => (Position::Repeat(x), Position::Repeat(y)),
        };
        overlay.opacity = self.opacity;
        overlay.fit = (self.scale > 0.0).then_some((self.scale, self.scale));
        overlay
    }
}
