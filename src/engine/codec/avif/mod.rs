mod color;
mod container;
mod encode;
mod frame;
mod geometry;
mod pixels;
mod stream;

use std::borrow::Cow;

use self::color::Matrix;
use self::container::Nclx;
use self::encode::{AvifOptions, encode_picture, encode_planar};
use self::frame::{Data, Samples};
use self::geometry::Geometry;
use self::pixels::Range;
use self::stream::Sequence;
use super::{Codec, EncodeOptions, Wanted};
use crate::engine::plan::{Area, Scale, Size};
use crate::engine::{
    Frames, Layout, Limits, Picture, Pixels, Planar, Plane, Probe, RenderError, Still, ops,
};
use crate::recipe::Format;

/// AVIF, by `re_rav1d` and rav1e, both in Rust.
///
/// - It reads AV1 of 8, 10 and 12 bits, whole or in a grid of tiles, with alpha, in whatever range, sampling and matrix, and
///   writes 8 bits. It writes chroma at half the resolution below quality 90.
/// - The transforms of the file are applied, and not the orientation that its EXIF data tells: it says the same again.
/// - Colours that are not those of sRGB keep their meaning, by an ICC profile. Of an HDR image (PQ, HLG) an SDR image is
///   made, in which half the brightness of a white page stays as it is, and what is brighter is compressed.
/// - A file that lacks part of its pixels is corrupt. A sequence of images is refused as not supported: its first frame
///   would be another picture than the one that was asked for.
///
/// # Deployment
///
/// The decoder's entry points are those of a C library: where it panics, the process ends, and nothing can be done about
/// that around it. Damaged headers do not reach it, and damaged pixels were not found to make it panic; a service that
/// must outlive whatever is left reads AVIF in a process of its own, or not at all.
///
/// ```
/// use imgward::engine::{Avif, Codecs, Engine};
///
/// let engine = Engine::new(Codecs::new().with(Avif));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Avif;

impl Codec for Avif {
    fn format(&self) -> Format {
        Format::Avif
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        container::recognizes(source)
    }

    /// The size is that of the part that is shown, before it is turned.
    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        Opened::new(source, limits).map(|opened| opened.probe())
    }

    /// The part that is shown, not turned: in the planes that it is stored in, where [`Planar`] has such.
    fn decode<'a>(
        &self,
        source: &'a [u8],
        _wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let opened = Opened::new(source, limits)?;
        let pixels = match opened.planar(limits)? {
            Some(planar) => Pixels::Planar(planar),
            None => Pixels::Packed(opened.picture(limits)?),
        };
        Ok(Box::new(Still::new(pixels)))
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let options = AvifOptions {
            quality: options.quality,
            effort: options.effort.unwrap_or(AvifOptions::default().effort),
            icc: picture.profile(),
            exif: options.metadata.exif.as_deref(),
        };
        match picture {
            Pixels::Planar(planar) => encode_planar(planar, &options),
            Pixels::Packed(picture) => encode_picture(picture, &options),
        }
    }

    fn halves_chroma(&self, options: &EncodeOptions) -> bool {
        options.quality < 90
    }
}

/// A file whose headers were read and found within the limits.
struct Opened<'a> {
    still: container::Still<'a>,
    geometry: Geometry,
    meaning: Nclx,
    matrix: Matrix,
    depth: u8,
}

impl<'a> Opened<'a> {
    fn new(source: &'a [u8], limits: &Limits) -> Result<Self, RenderError> {
        if container::is_sequence(source) {
            return Err(RenderError::unsupported("the AVIF is a sequence of images"));
        }
        let still = container::still(source)?;
        let stored = Size {
            width: still.color.width,
            height: still.color.height,
        };
        limits.check_source(&Probe::new(Format::Avif, stored.width, stored.height))?;
        let sequence = frame::check(&still.color, limits)?;
        if let Some(alpha) = &still.alpha {
            limits.check_source(&Probe::new(Format::Avif, alpha.width, alpha.height))?;
            frame::check(alpha, limits)?;
        }
        let meaning = still.nclx.unwrap_or_else(|| meaning_of(&sequence));
        let matrix = Matrix::of(meaning)?;
        if matrix == Matrix::Identity && sequence.sampling.chroma(2, 2) == Some((1, 1)) {
            return Err(RenderError::corrupt("the AVIF's colours are not all there"));
        }
        Ok(Self {
            geometry: Geometry::new(stored, &still.transforms)?,
            matrix,
            meaning,
            depth: sequence.depth,
            still,
        })
    }

    fn probe(&self) -> Probe {
        let Size { width, height } = self.geometry.shown.size();
        let mut probe = Probe::new(Format::Avif, width, height);
        probe.orientation = self.geometry.orientation;
        probe
    }

    fn picture(&self, limits: &Limits) -> Result<Picture, RenderError> {
        let frame = frame::decode(&self.still.color, limits)?;
        let tone = match self.still.icc {
            None => color::tone(self.meaning),
            Some(_) => None,
        };
        let (layout, data) = pixels::convert(&frame, self.matrix, tone.as_deref())?;
        drop(frame);
        let profile = match self.still.icc {
            Some(icc) => Some(icc.to_vec()),
            None if layout == Layout::Rgb => color::profile(self.meaning),
            None => None,
        };
        let size = Size {
            width: self.still.color.width,
            height: self.still.color.height,
        };
        let mut picture = Picture::new(size.width, size.height, layout, data)?;
        if self.still.alpha.is_some() {
            let alpha = self.alpha(size, limits)?;
            picture = with_alpha(&picture, &alpha, self.still.premultiplied)?;
        }
        let picture = ops::crop(picture, self.geometry.shown)?;
        Ok(picture.with_profile(profile))
    }

    /// The samples of alpha, as many as there are pixels.
    fn alpha(&self, size: Size, limits: &Limits) -> Result<Vec<u8>, RenderError> {
        let Some(coded) = &self.still.alpha else {
            return Err(RenderError::internal("there is no alpha"));
        };
        let mut frame = frame::decode(coded, limits)?;
        // Alpha is the luma: whatever chroma there is does not count.
        frame.planes.truncate(1);
        frame.sampling = stream::Sampling::Monochrome;
        let (layout, data) = pixels::convert(&frame, self.matrix, None)?;
        let alpha = Picture::new(frame.width, frame.height, layout, data)?;
        let stored = alpha.size();
        let scale = Scale {
            scaled: size,
            cut: Area::whole(size),
            ..Scale::crop(Area::whole(stored))
        };
        let pixels = Cow::Owned(Pixels::from(alpha));
        let scaled = ops::scale(pixels, stored, &scale, false, (1, 1))?;
        Ok(ops::packed(scaled)?.into_data())
    }

    fn planar(&self, limits: &Limits) -> Result<Option<Planar>, RenderError> {
        let whole = Area::whole(Size {
            width: self.still.color.width,
            height: self.still.color.height,
        });
        let plain = self.still.alpha.is_none()
            && self.depth == 8
            && self.geometry.shown == whole
            && self.matrix.is_bt601()
            && (self.still.icc.is_some() || color::is_srgb(self.meaning));
        if !plain {
            return Ok(None);
        }
        let frame = frame::decode(&self.still.color, limits)?;
        let range = Range::of(8, frame.full_range);
        let full_range = frame.full_range;
        let planes = frame
            .planes
            .into_iter()
            .enumerate()
            .map(|(number, samples)| {
                let Samples {
                    width,
                    height,
                    data,
                } = samples;
                let Data::Bytes(mut data) = data else {
                    return Err(RenderError::internal("the samples are not bytes"));
                };
                if !full_range {
                    range.widen(&mut data, number > 0);
                }
                Plane::new(width, height, data)
            });
        let planes = planes.collect::<Result<Vec<_>, _>>()?;
        let planar = match <[Plane; 3]>::try_from(planes) {
            Ok([luma, cb, cr]) => Planar::new(luma, cb, cr)?,
            Err(planes) => match planes.into_iter().next() {
                Some(luma) => Planar::gray(luma),
                None => return Ok(None),
            },
        };
        Ok(Some(
            planar.with_profile(self.still.icc.map(<[u8]>::to_vec)),
        ))
    }
}

fn meaning_of(sequence: &Sequence) -> Nclx {
    Nclx {
        primaries: sequence.primaries.into(),
        transfer: sequence.transfer.into(),
        matrix: sequence.matrix.into(),
        full_range: sequence.full_range,
    }
}

fn with_alpha(opaque: &Picture, alpha: &[u8], premultiplied: bool) -> Result<Picture, RenderError> {
    let (samples, layout) = match opaque.layout() {
        Layout::Gray | Layout::GrayAlpha => (1, Layout::GrayAlpha),
        Layout::Rgb | Layout::Rgba => (3, Layout::Rgba),
    };
    let mut data = Vec::with_capacity(opaque.data().len() + alpha.len());
    for (colors, &alpha) in opaque.data().chunks_exact(samples).zip(alpha) {
        if premultiplied {
            data.extend(colors.iter().map(|&color| divided(color, alpha)));
        } else {
            data.extend_from_slice(colors);
        }
        data.push(alpha);
    }
    Picture::new(opaque.width(), opaque.height(), layout, data)
}

/// `color * 255 / alpha`, to the nearest.
fn divided(color: u8, alpha: u8) -> u8 {
    let (color, alpha) = (u16::from(color), u16::from(alpha));
    let full = (color * 255 + alpha / 2).checked_div(alpha);
    u8::try_from(full.unwrap_or(0)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
