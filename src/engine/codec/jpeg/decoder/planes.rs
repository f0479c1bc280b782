//! From the planes of a file to those of a picture.

use super::frame::{Channel, Frame};
use super::header::{Colors, Header};
use super::{Decoded, Scale};
use crate::engine::{Planar, Plane, RenderError};

/// Puts the planes together, which are complete.
pub(super) fn assemble(
    source: &[u8],
    header: &Header,
    scale: Scale,
    frame: Frame,
) -> Result<Decoded, RenderError> {
    let size = (
        scale.apply(header.width) as usize,
        scale.apply(header.height) as usize,
    );
    let mut channels = frame.channels.into_iter();
    let mut next = || {
        let channel = channels.next();
        channel.ok_or_else(|| RenderError::internal("a JPEG has fewer planes than components"))
    };
    if header.colors == Colors::Gray {
        let planar = Planar::gray(plane(next()?, size)?);
        return Ok(Decoded::Planar(
            planar.with_profile(header.icc_profile(source)),
        ));
    }
    let [first, mut second, mut third] = [next()?, next()?, next()?];
    if header.colors == Colors::YCbCr {
        let held = (second.width, second.height) == (third.width, third.height)
            && reduced(size.0, second.width)
            && reduced(size.1, second.height);
        if !held {
            enlarge(&mut second, size);
            enlarge(&mut third, size);
        }
        let luma = plane(first, size)?;
        let planar = Planar::new(luma, as_plane(second)?, as_plane(third)?)?;
        return Ok(Decoded::Planar(
            planar.with_profile(header.icc_profile(source)),
        ));
    }
    let mut planes = [
        plane(first, size)?,
        plane(second, size)?,
        plane(third, size)?,
    ];
    if header.colors == Colors::Rgb {
        return Ok(Decoded::Rgb(planes));
    }
    if header.colors == Colors::Ycck {
        planes = to_cmy(planes)?;
    }
    let [cyan, magenta, yellow] = planes;
    Ok(Decoded::Cmyk([
        cyan,
        magenta,
        yellow,
        plane(next()?, size)?,
    ]))
}

/// Whether a [`Planar`] of this length can hold chroma of that one.
fn reduced(length: usize, chroma: usize) -> bool {
    [1, 2, 4].iter().any(|&by| length.div_ceil(by) == chroma)
}

/// The plane of a channel, enlarged if it is not of this size.
fn plane(mut channel: Channel, size: (usize, usize)) -> Result<Plane, RenderError> {
    enlarge(&mut channel, size);
    as_plane(channel)
}

fn as_plane(channel: Channel) -> Result<Plane, RenderError> {
    let side = |length: usize| {
        u32::try_from(length).map_err(|_| RenderError::internal("a plane of a JPEG is too large"))
    };
    Plane::new(side(channel.width)?, side(channel.height)?, channel.samples)
}

/// Enlarges a channel to this size, each sample being the one that it lies in.
fn enlarge(channel: &mut Channel, (width, height): (usize, usize)) {
    if (channel.width, channel.height) == (width, height) {
        return;
    }
    // Samples are counted on one raster that both have.
    let of = |at: usize, from: usize, to: usize| ((2 * at + 1) * from / (2 * to)).min(from - 1);
    let columns: Vec<usize> = (0..width).map(|x| of(x, channel.width, width)).collect();
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        let start = of(y, channel.height, height) * channel.width;
        let row = &channel.samples[start..start + channel.width];
        samples.extend(columns.iter().map(|&x| row[x]));
    }
    channel.width = width;
    channel.height = height;
    channel.samples = samples;
}

/// Cyan, magenta and yellow, the other way round, of luma and chroma: the complement of what would be red, green and blue.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn to_cmy([luma, cb, cr]: [Plane; 3]) -> Result<[Plane; 3], RenderError> {
    let (width, height) = (luma.width(), luma.height());
    let mut inks = [const { Vec::new() }; 3];
    for ink in &mut inks {
        ink.reserve_exact(luma.data().len());
    }
    for ((&y, &cb), &cr) in luma.data().iter().zip(cb.data()).zip(cr.data()) {
        let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
        let colors = [
            y + 1.402 * cr,
            y - 0.344_136_3 * cb - 0.714_136_3 * cr,
            y + 1.772 * cb,
        ];
        for (ink, color) in inks.iter_mut().zip(colors) {
            ink.push((255.5 - color.round()).clamp(0.0, 255.0) as u8);
        }
    }
    let [cyan, magenta, yellow] = inks.map(|ink| Plane::new(width, height, ink));
    Ok([cyan?, magenta?, yellow?])
}
