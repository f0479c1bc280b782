//! What each operation takes, and what it sets.

use super::args::{color, distance, kernel, length, number, position, size, whole};
use super::operation::{Kind, Operation};
use super::pipeline::{Fit, Pipeline, Target};
use crate::guard::{Rejection, RejectionKind};
use crate::recipe::{Color, Format, Modulation, Sharpen};

/// The largest neighbourhood of a median.
const MAX_MEDIAN: u32 = 15;

const LENGTH: &str = "expected a whole number from 1 to 65535";

impl Pipeline {
    /// Takes an operation. They have to come in IPX's order.
    pub(super) fn call(&mut self, operation: &Operation<'_>) -> Result<(), Rejection> {
        match operation.kind {
            Kind::Animated => {}
            Kind::Embed => self.embed = true,
            Kind::Enlarge => self.enlarge = true,
            Kind::Flatten => self.flatten = true,
            Kind::Flip => self.flip = true,
            Kind::Flop => self.flop = true,
            Kind::Grayscale => self.grayscale = true,
            Kind::Negate => self.negate = true,
            Kind::Normalize => self.normalize = true,
            Kind::Background
            | Kind::Fit
            | Kind::Format
            | Kind::Kernel
            | Kind::Position
            | Kind::Quality => self.setting(operation)?,
            Kind::Extend
            | Kind::Extract
            | Kind::Height
            | Kind::Resize
            | Kind::Rotate
            | Kind::Trim
            | Kind::Width => self.shape(operation)?,
            Kind::Blur
            | Kind::Gamma
            | Kind::Median
            | Kind::Modulate
            | Kind::Sharpen
            | Kind::Threshold
            | Kind::Tint => self.filter(operation)?,
        }
        Ok(())
    }

    /// How others are done, and how the result is written.
    fn setting(&mut self, operation: &Operation<'_>) -> Result<(), Rejection> {
        let first = operation.first();
        let refuse = |expected| operation.refuse(expected);
        match operation.kind {
            Kind::Background => self.background = Some(a_color(operation)?),
            Kind::Fit => {
                let expected = "expected cover, contain, fill, inside or outside";
                self.fit = Some(fit(first).ok_or_else(|| refuse(expected))?);
            }
            Kind::Format => self.output.format = format(first, operation)?,
            Kind::Kernel => {
                self.kernel = kernel(first).ok_or_else(|| refuse("unknown kernel"))?;
            }
            Kind::Position => {
                self.position = position(first).ok_or_else(|| refuse("unknown position"))?;
            }
            _ => {
                let quality = whole(first).and_then(|quality| u8::try_from(quality).ok());
                let quality = quality.filter(|quality| (1..=100).contains(quality));
                let expected = "expected a whole number from 1 to 100";
                self.output.quality = Some(quality.ok_or_else(|| refuse(expected))?);
                self.output.colors = Some(256);
            }
        }
        Ok(())
    }

    /// What changes the size.
    fn shape(&mut self, operation: &Operation<'_>) -> Result<(), Rejection> {
        let first = operation.first();
        let refuse = |expected| operation.refuse(expected);
        let side = || length(first).ok_or_else(|| refuse(LENGTH));
        match operation.kind {
            Kind::Extend => {
                let expected = "expected top, right, bottom and left in pixels";
                let mut margins = [0; 4];
                for (margin, text) in margins.iter_mut().zip(operation.value.split('_')) {
                    *margin = distance(text).ok_or_else(|| refuse(expected))?;
                }
                self.margins = Some(margins);
            }
            Kind::Extract => {
                let mut texts = operation.value.split('_');
                let mut next = |read: fn(&str) -> Option<u32>| texts.next().and_then(read);
                let place = next(distance).zip(next(distance));
                let area = place.zip(next(length).zip(next(length)));
                let expected = "expected left, top, width and height in pixels";
                let ((left, top), (width, height)) = area.ok_or_else(|| refuse(expected))?;
                self.extracts.push([left, top, width, height]);
            }
            Kind::Height => {
                let height = side()?;
                self.height = Some(height);
                self.target = Some(Target::Height(height));
            }
            Kind::Resize => {
                let expected = "expected WxH or W, each a whole number from 1 to 65535";
                let (width, height) = size(first).ok_or_else(|| refuse(expected))?;
                self.target = Some(Target::Box(width, height));
            }
            Kind::Rotate => {
                // Without an angle: by the source's orientation, which is done anyway.
                let degrees = operation.numbers([(-65_535.0, 65_535.0)], [0.0]);
                let [degrees] = degrees.ok_or_else(|| refuse("expected an angle in degrees"))?;
                self.degrees = degrees.rem_euclid(360.0);
            }
            Kind::Trim => {
                let tolerance = operation.numbers([(0.0, 255.0)], [10.0]);
                let [tolerance] = tolerance.ok_or_else(|| refuse("expected 0 to 255"))?;
                self.trim = Some(tolerance);
            }
            _ => self.target = Some(Target::Width(side()?)),
        }
        Ok(())
    }

    /// What changes pixels.
    fn filter(&mut self, operation: &Operation<'_>) -> Result<(), Rejection> {
        let first = operation.first();
        let refuse = |expected| operation.refuse(expected);
        let or = |default| if first.is_empty() { default } else { first };
        match operation.kind {
            Kind::Blur => {
                let sigma = operation.numbers([(0.3, 1000.0)], [0.8]);
                let [sigma] = sigma.ok_or_else(|| refuse("expected a sigma from 0.3 to 1000"))?;
                self.blur = Some(sigma);
            }
            Kind::Gamma => {
                let gammas = operation.numbers([(1.0, 3.0); 2], [2.2, 0.0]);
                let [gamma, out] =
                    gammas.ok_or_else(|| refuse("expected one gamma or two, each from 1 to 3"))?;
                self.gamma = Some((gamma, if out > 0.0 { out } else { gamma }));
            }
            Kind::Median => {
                let size = whole(or("3")).filter(|size| (1..=MAX_MEDIAN).contains(size));
                let expected = "expected a whole number from 1 to 15";
                self.median = Some(size.ok_or_else(|| refuse(expected))?);
            }
            Kind::Modulate => {
                let ranges = [(0.0, 65_535.0), (0.0, 65_535.0), (-65_535.0, 65_535.0)];
                let numbers = operation.numbers(ranges, [1.0, 1.0, 0.0]);
                let [lightness, saturation, hue] = numbers
                    .filter(|_| !first.is_empty())
                    .ok_or_else(|| refuse("expected brightness, saturation and hue"))?;
                self.modulate = Some(Modulation {
                    lightness,
                    saturation,
                    hue,
                });
            }
            Kind::Sharpen => {
                let ranges = [(0.01, 10_000.0), (0.0, 1e6), (0.0, 1e6)];
                let [sigma, flat, jagged] = operation
                    .numbers(ranges, [1.0, 1.0, 2.0])
                    .ok_or_else(|| refuse("expected a sigma from 0.01 to 10000, flat, jagged"))?;
                self.sharpen = Some(Sharpen {
                    flat,
                    jagged,
                    ..Sharpen::by(sigma)
                });
            }
            Kind::Threshold => {
                let least = whole(or("128")).and_then(|least| u8::try_from(least).ok());
                let expected = "expected a whole number from 0 to 255";
                self.threshold = Some(least.ok_or_else(|| refuse(expected))?);
            }
            _ => self.tint = Some(a_color(operation)?),
        }
        Ok(())
    }
}

impl Operation<'_> {
    /// The first argument; empty where there is none.
    fn first(&self) -> &str {
        self.value.split('_').next().unwrap_or_default()
    }

    /// The arguments, each within its range, after which the defaults go on. `None` where one is no such number.
    fn numbers<const N: usize>(
        &self,
        ranges: [(f64, f64); N],
        mut numbers: [f64; N],
    ) -> Option<[f64; N]> {
        if !self.value.is_empty() {
            let each = numbers.iter_mut().zip(ranges);
            for ((to, (least, most)), text) in each.zip(self.value.split('_')) {
                *to = number(text, least, most)?;
            }
        }
        Some(numbers)
    }
}

fn a_color(operation: &Operation<'_>) -> Result<Color, Rejection> {
    color(&operation.value).ok_or_else(|| operation.refuse("expected a colour"))
}

fn fit(name: &str) -> Option<Fit> {
    Some(match name {
        "cover" => Fit::Cover,
        "contain" => Fit::Contain,
        "fill" => Fit::Fill,
        "inside" => Fit::Inside,
        "outside" => Fit::Outside,
        _ => return None,
    })
}

/// A format by its name; `auto` leaves it open.
fn format(name: &str, operation: &Operation<'_>) -> Result<Option<Format>, Rejection> {
    Ok(Some(match name {
        "auto" => return Ok(None),
        "jpg" | "jpeg" => Format::Jpeg,
        "png" => Format::Png,
        "webp" => Format::WebP,
        "avif" => Format::Avif,
        "gif" => Format::Gif,
        "tiff" => Format::Tiff,
        "heif" | "heic" => {
            let reason = "HEIF is not a format that is written";
            return Err(Rejection::new(RejectionKind::UnsupportedFormat, reason));
        }
        _ => {
            let expected = "expected jpg, jpeg, png, webp, avif, gif, tiff or auto";
            return Err(operation.refuse(expected));
        }
    }))
}
