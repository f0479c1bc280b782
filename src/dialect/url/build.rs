//! What is done to the image, and how it is written.

use super::{Grammar, ImageUrl};
use crate::dialect::print::Unsayable;
use crate::recipe::{
    Align, Backdrop, Color, Content, Crop, Extend, Extract, Focus, Format, Gravity, Length,
    Metadata, Modulation, Overlay, Resize, ResizeMode, Rotate, RoundCorners, Sharpen, Step, Text,
    Trim, TrimColor, Unit,
};

impl ImageUrl {
    /// Does a step.
    pub fn step(mut self, step: Step) -> Self {
        self.request.recipe.steps.push(step);
        self
    }

    /// Fits the image into a box of so many pixels. Its ratio is kept, nothing is cut off, and it does not become larger. A
    /// side of 0 leaves that side open.
    pub fn fit_in(self, width: u32, height: u32) -> Self {
        let mut resize = Resize::to(width, height, ResizeMode::Fit);
        if let Grammar::Ipx { .. } = self.dialect.grammar
            && width > 0
            && height > 0
        {
            (resize.enlarge, resize.within_source) = (true, true);
        }
        self.step(Step::Resize(resize))
    }

    /// Fills a box of so many pixels: what sticks out is cut off, on which side [`gravity`](Self::gravity) says. The image may
    /// become larger.
    pub fn fill(self, width: u32, height: u32) -> Self {
        self.resize(width, height, ResizeMode::Fill)
    }

    /// Covers a box of so many pixels, and sticks out of it. The image may become larger.
    pub fn cover(self, width: u32, height: u32) -> Self {
        self.resize(width, height, ResizeMode::Cover)
    }

    /// Makes it exactly a box of so many pixels; its ratio is not kept.
    pub fn stretch(self, width: u32, height: u32) -> Self {
        self.resize(width, height, ResizeMode::Force)
    }

    fn resize(self, width: u32, height: u32, mode: ResizeMode) -> Self {
        let mut resize = Resize::to(width, height, mode);
        resize.within_source = matches!(self.dialect.grammar, Grammar::Ipx { optstuff: true });
        self.step(Step::Resize(resize))
    }

    /// Fits the image into a box of so many pixels, and fills that up with a colour.
    pub fn pad(self, width: u32, height: u32, color: Color) -> Self {
        let url = self.fit_in(width, height);
        let within_source = matches!(url.dialect.grammar, Grammar::Ipx { .. });
        // imgproxy's canvas is transparent, until a background is laid under it.
        if let Grammar::Imgproxy(_) = url.dialect.grammar {
            return url.extended(width, height).background(color);
        }
        url.step(Step::Extend(Extend {
            width: Some(width.into()),
            height: Some(height.into()),
            within_source,
            backdrop: Backdrop::Color(color),
            flatten: !within_source,
            ..Extend::default()
        }))
    }

    /// The box of the resize before it as imgproxy's canvas.
    fn extended(mut self, width: u32, height: u32) -> Self {
        if let Some(Step::Resize(resize)) = self.request.recipe.steps.last_mut() {
            resize.factors = Some(crate::recipe::Factors {
                pixel_ratio: 1.0,
                extended: true,
            });
        }
        self.step(Step::Extend(Extend {
            width: Some(width.into()),
            height: Some(height.into()),
            inside: true,
            backdrop: Backdrop::Color(Color::TRANSPARENT),
            ..Extend::default()
        }))
    }

    /// Which part the resize before it keeps.
    pub fn gravity(mut self, gravity: Gravity) -> Self {
        if let Some(Step::Resize(resize)) = self.request.recipe.steps.last_mut() {
            resize.gravity = gravity;
        } else {
            self.wrong.get_or_insert(Unsayable {
                field: "Resize.gravity",
                why: "there is no resize right before it".into(),
            });
        }
        self
    }

    /// That the resize before it keeps what draws the eye.
    pub fn smart(self) -> Self {
        self.gravity(Gravity::Smart)
    }

    /// The point that the resize before it keeps as near to the middle as it can, in parts of the width and the height, 0
    /// to 1.
    pub fn focal_point(self, x: f64, y: f64) -> Self {
        let gravity = match self.dialect.grammar {
            Grammar::Imagor { .. } => Gravity::Focus(vec![Focus {
                left: x,
                top: y,
                right: x,
                bottom: y,
                unit: Unit::Fraction,
            }]),
            _ => Gravity::Point {
                x: Length::Fraction(x),
                y: Length::Fraction(y),
            },
        };
        self.gravity(gravity)
    }

    /// Cuts a part out, in pixels.
    pub fn crop(self, left: u32, top: u32, width: u32, height: u32) -> Self {
        let first = self.request.recipe.steps.is_empty();
        if let Grammar::Imagor { thumbor } = self.dialect.grammar
            && first
        {
            return self.step(Step::Crop(Crop {
                left: left.into(),
                top: top.into(),
                right: f64::from(left) + f64::from(width),
                bottom: f64::from(top) + f64::from(height),
                unit: Unit::Pixels,
                one_short: !thumbor,
            }));
        }
        let inside = matches!(self.dialect.grammar, Grammar::Imgproxy(_));
        self.step(Step::Extract(Extract {
            width: Some(width.into()),
            height: Some(height.into()),
            gravity: Gravity::Anchor {
                horizontal: Align::Start,
                vertical: Align::Start,
                x: left.into(),
                y: top.into(),
            },
            inside,
        }))
    }

    /// Cuts away borders of the colour at the top left; samples may differ from it by `tolerance`, 0 to 255.
    pub fn trim(self, tolerance: u8) -> Self {
        self.step(Step::Trim(Trim {
            tolerance: tolerance.into(),
            color: TrimColor::TopLeft,
            crop: None,
            equal_horizontal: false,
            equal_vertical: false,
        }))
    }

    /// Mirrors: left and right are swapped, top and bottom, or both.
    pub fn flip(self, horizontal: bool, vertical: bool) -> Self {
        self.step(Step::Flip {
            horizontal,
            vertical,
        })
    }

    /// Turns by so many degrees clockwise. The corners are black in IPX, and else transparent.
    pub fn rotate(self, degrees: f64) -> Self {
        let background = match self.dialect.grammar {
            Grammar::Ipx { .. } => Color::BLACK,
            _ => Color::TRANSPARENT,
        };
        self.step(Step::Rotate(Rotate {
            degrees,
            background,
        }))
    }

    /// Blurs by a Gaussian of this standard deviation in pixels.
    pub fn blur(self, sigma: f64) -> Self {
        self.step(Step::Blur { sigma })
    }

    /// Sharpens what a Gaussian of this standard deviation blurs, as strongly as the dialect does.
    pub fn sharpen(self, sigma: f64) -> Self {
        let sharpen = Sharpen::by(sigma);
        let sharpen = match self.dialect.grammar {
            Grammar::Imagor { .. } => Sharpen {
                jagged: 2.0,
                threshold: 1.0,
                ..sharpen
            },
            Grammar::Ipx { .. } => Sharpen {
                flat: 1.0,
                jagged: 2.0,
                ..sharpen
            },
            Grammar::Imgproxy(_) | Grammar::ImageKit(_) => sharpen,
        };
        self.step(Step::Sharpen(sharpen))
    }

    /// Makes it lighter or darker, by percent of the full range, -100 to 100.
    pub fn brightness(self, percent: f64) -> Self {
        self.step(Step::Rgb {
            red: percent,
            green: percent,
            blue: percent,
        })
    }

    /// Stretches or squeezes the tones around the middle, -100 to 100.
    pub fn contrast(self, percent: f64) -> Self {
        self.step(Step::Contrast(percent))
    }

    /// Multiplies the chroma.
    pub fn saturation(self, factor: f64) -> Self {
        self.step(Step::Modulate(Modulation {
            saturation: factor,
            ..Modulation::default()
        }))
    }

    /// Takes the colour away.
    pub fn grayscale(self) -> Self {
        self.step(Step::Grayscale)
    }

    /// Inverts the colours.
    pub fn negate(self) -> Self {
        self.step(Step::Negate)
    }

    /// Lays the image on a colour.
    pub fn background(self, color: Color) -> Self {
        self.step(Step::Flatten(Backdrop::Color(color)))
    }

    /// Cuts off the corners along quarters of a circle of this radius in pixels.
    pub fn round_corners(self, radius: u32) -> Self {
        self.step(Step::RoundCorners(RoundCorners {
            radii: [(radius.into(), radius.into()); 4],
            background: None,
        }))
    }

    /// Draws an image over it, where and how `edit` says: in the middle and opaque where it says nothing.
    pub fn overlay(mut self, name: impl Into<Box<str>>, edit: impl FnOnce(&mut Overlay)) -> Self {
        let source = self.request.sources.len();
        self.request.sources.push(name.into());
        self.draw(Content::Source(source), edit)
    }

    /// Draws a text over it, where and how `edit` says: in the middle and opaque where it says nothing.
    pub fn text(self, text: Text, edit: impl FnOnce(&mut Overlay)) -> Self {
        self.draw(Content::Text(text), edit)
    }

    fn draw(self, content: Content, edit: impl FnOnce(&mut Overlay)) -> Self {
        let mut overlay = Overlay::new(content);
        // ImageKit's layers are moved to stay in the image.
        overlay.inside = matches!(self.dialect.grammar, Grammar::ImageKit(_));
        edit(&mut overlay);
        self.step(Step::Overlay(Box::new(overlay)))
    }

    /// Writes this format, instead of the source's or what the client accepts.
    pub fn format(mut self, format: Format) -> Self {
        self.request.recipe.output.format = Some(format);
        self
    }

    /// Encodes with this quality, 1 to 100. In IPX a PNG gets a palette by it.
    pub fn quality(mut self, quality: u8) -> Self {
        let output = &mut self.request.recipe.output;
        output.quality = Some(quality);
        if let Grammar::Ipx { .. } = self.dialect.grammar {
            output.colors = Some(256);
        }
        self
    }

    /// Lowers the quality until the file has no more than so many bytes.
    pub fn max_bytes(mut self, most: u64) -> Self {
        self.request.recipe.output.max_bytes = Some(most);
        self
    }

    /// Encodes without loss, where the format can.
    pub fn lossless(mut self) -> Self {
        self.request.recipe.output.lossless = true;
        self
    }

    /// Keeps the source's metadata, or removes them.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.request.recipe.output.metadata = metadata;
        self
    }

    /// Makes a still picture of a frame of an animation, or of a page of a document; the first is 0.
    pub fn page(mut self, page: u32) -> Self {
        self.request.recipe.input.page = Some(page);
        self
    }

    /// Lets the answer be saved under this name, instead of shown. Empty: the source's.
    pub fn attachment(mut self, name: impl Into<Box<str>>) -> Self {
        self.request.attachment = Some(name.into());
        self
    }

    /// Lets the answer be kept for so many seconds.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.request.max_age = Some(seconds);
        self
    }
}
