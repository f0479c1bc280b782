//! From pixels to a file that is small enough, or alike enough.

#[cfg(feature = "likeness")]
mod likeness;

use super::codec::{Codec, Codecs, EncodeOptions};
use super::{Interrupt, Limits, Pixels, RenderError};
use crate::recipe::{Format, Output};

/// The quality below which no file is made smaller, unless the request says otherwise: imagor's.
const LOWEST: u8 = 10;
/// How often a picture is encoded until it is small enough.
const MOST_FOR_BYTES: u32 = 8;
/// A file that has so much of the bytes that it may have is not made again for a little more quality.
const ENOUGH: f64 = 0.95;

/// What encodes a still picture as an output says.
pub(super) struct Encoding<'a> {
    pub(super) writer: &'a dyn Codec,
    /// What reads the file again, to be compared.
    #[cfg_attr(
        not(feature = "likeness"),
        expect(dead_code, reason = "nothing is compared")
    )]
    pub(super) codecs: &'a Codecs,
    #[cfg_attr(
        not(feature = "likeness"),
        expect(dead_code, reason = "nothing is compared")
    )]
    pub(super) limits: &'a Limits,
    pub(super) output: &'a Output,
    pub(super) interrupt: &'a Interrupt,
}

/// An attempt.
struct Attempt {
    quality: u8,
    bytes: Vec<u8>,
}

impl Attempt {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl Encoding<'_> {
    /// The file. Where it has to look like the picture and to have few bytes, the bytes win.
    pub(super) fn encode(
        &self,
        pixels: &Pixels,
        mut options: EncodeOptions,
    ) -> Result<Vec<u8>, RenderError> {
        let has_quality = matches!(
            self.writer.format(),
            Format::Jpeg | Format::WebP | Format::Avif | Format::Jxl
        ) && !options.lossless;
        if !has_quality {
            return self.writer.encode(pixels, &options);
        }
        let quality = self.first_quality(&options);
        let mut first = None;
        if let Some(target) = self.output.likeness {
            first = self.alike(pixels, &mut options, target)?;
        }
        let first = match first {
            Some(first) => first,
            None => self.attempt(pixels, &mut options, quality)?,
        };
        match self.output.max_bytes {
            Some(most) if first.len() > most && first.quality > self.range().0 => {
                self.small_enough(pixels, &mut options, first, most)
            }
            _ => Ok(first.bytes),
        }
    }

    /// The least quality and the best of a search.
    fn range(&self) -> (u8, u8) {
        let (least, most) = self.output.quality_range.unwrap_or((LOWEST, 100));
        let least = least.clamp(1, 100);
        (least, most.clamp(least, 100))
    }

    fn first_quality(&self, options: &EncodeOptions) -> u8 {
        if self.output.max_bytes.is_some() && self.output.quality_range.is_some() {
            return self.range().1;
        }
        // imagor's rule begins at 80 where the request has no quality; a better one would be in vain.
        if self.output.max_bytes.is_some()
            && self.output.quality.is_none()
            && self.output.format_quality.is_empty()
        {
            options.quality.min(80)
        } else {
            options.quality
        }
    }

    fn attempt(
        &self,
        pixels: &Pixels,
        options: &mut EncodeOptions,
        quality: u8,
    ) -> Result<Attempt, RenderError> {
        self.interrupt.check()?;
        options.quality = quality;
        let bytes = self.writer.encode(pixels, options)?;
        Ok(Attempt { quality, bytes })
    }

    /// The highest quality that is found to fit, or the lowest there is.
    fn small_enough(
        &self,
        pixels: &Pixels,
        options: &mut EncodeOptions,
        first: Attempt,
        most: u64,
    ) -> Result<Vec<u8>, RenderError> {
        let least = self.range().0;
        let mut large = first;
        let mut fits: Option<Attempt> = None;
        for attempts in 2..=MOST_FOR_BYTES {
            let lowest = fits.as_ref().map_or(least, |fits| fits.quality + 1);
            if lowest >= large.quality {
                break;
            }
            let quality = if fits.is_none() && attempts == MOST_FOR_BYTES {
                least
            } else {
                guess(fits.as_ref(), &large, most, attempts % 2 == 0)
                    .clamp(lowest, large.quality - 1)
            };
            let attempt = self.attempt(pixels, options, quality)?;
            if attempt.len() <= most {
                let enough = ratio(attempt.len(), most) >= ENOUGH;
                fits = Some(attempt);
                if enough {
                    break;
                }
            } else {
                // What does not shrink with the quality has none.
                let stuck = attempt.len() == large.len();
                large = attempt;
                if stuck {
                    break;
                }
            }
        }
        Ok(fits.unwrap_or(large).bytes)
    }

    /// The file of the lowest quality that looks like the picture, by a sample of a large one, or `None` where that cannot be measured.
    #[cfg(feature = "likeness")]
    fn alike(
        &self,
        pixels: &Pixels,
        options: &mut EncodeOptions,
        target: f64,
    ) -> Result<Option<Attempt>, RenderError> {
        let Some(reader) = self.codecs.for_format(self.writer.format()) else {
            return Ok(None);
        };
        let sample = likeness::sampled(pixels)?;
        let seen = sample.as_ref().unwrap_or(pixels);
        let Some(reference) = likeness::Reference::of(seen)? else {
            return Ok(None);
        };
        let (mut low, mut high) = self.range();
        let mut best: Option<Attempt> = None;
        // 91 qualities are halved seven times. Most pictures need about the middle of what is left.
        while low <= high {
            let quality = low + (high - low) / 2;
            let attempt = self.attempt(seen, options, quality)?;
            let wanted = super::Wanted {
                frames: 1,
                ..super::Wanted::default()
            };
            let frame = reader
                .decode(&attempt.bytes, &wanted, self.limits)?
                .next_frame()?;
            let frame = frame.ok_or_else(|| {
                RenderError::internal("what was encoded does not decode to a picture")
            })?;
            self.interrupt.check()?;
            if reference.likeness(&frame.pixels)? >= target {
                best = Some(attempt);
                high = quality - 1;
            } else {
                low = quality + 1;
                if best.is_none() && low > high {
                    best = Some(attempt);
                }
            }
        }
        match best {
            Some(best) if sample.is_some() => self.attempt(pixels, options, best.quality).map(Some),
            best => Ok(best),
        }
    }

    #[cfg(not(feature = "likeness"))]
    #[expect(clippy::unused_self, reason = "like its other half")]
    fn alike(
        &self,
        _pixels: &Pixels,
        _options: &mut EncodeOptions,
        _target: f64,
    ) -> Result<Option<Attempt>, RenderError> {
        Err(RenderError::unsupported("this build measures no likeness"))
    }
}

/// The quality that might just fit: between two attempts by their sizes or, every other time, in the middle; below one by
/// imagor's rule.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller clamps it"
)]
fn guess(fits: Option<&Attempt>, large: &Attempt, most: u64, halve: bool) -> u8 {
    let over = ratio(large.len(), most);
    let quality = f64::from(large.quality);
    let guess = match fits {
        Some(fits) => {
            // Aimed a little below the limit. The logarithm of the size is nearly a line over short ways.
            let (low, high) = (ratio(fits.len(), most).ln(), over.ln());
            let part = (0.97_f64.ln() - low) / (high - low);
            let part = if part.is_finite() && !halve {
                part.clamp(0.1, 0.9)
            } else {
                0.5
            };
            let from = f64::from(fits.quality);
            from + (quality - from) * part
        }
        None if over > 3.0 => quality * 0.25,
        None if over > 1.5 => quality * 0.5,
        None => quality * 0.75,
    };
    guess as u8
}

#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}
