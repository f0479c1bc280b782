use std::borrow::Cow;
use std::io::Cursor;
use std::time::Duration;

use png::chunk::{ChunkType, acTL, fcTL, fdAT, iTXt};
use png::{
    BitDepth, ColorType, Compression, Decoder, DeflateCompression, Encoder, Filter, Info, Writer,
};

use super::chunks::{Chunks, xmp_chunk};
use crate::engine::codec::canvas::{changed, cut};
use crate::engine::codec::{EncodeOptions, palette};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Size};
use crate::engine::{Frames, Layout, Picture, RenderError, ops};

/// Pixels in one of the kinds that a PNG can have.
struct Image<'a> {
    size: Size,
    color: ColorType,
    depth: BitDepth,
    /// Of three samples a colour.
    palette: Vec<u8>,
    /// The alpha of the first colours.
    alpha: Vec<u8>,
    data: Cow<'a, [u8]>,
}

pub(super) fn still(picture: &Picture, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
    let mut best: Option<Vec<u8>> = None;
    for image in kinds(picture, options)? {
        for (compression, filter) in attempts(&image, options.effort) {
            // Most of the time what was fast is nearly as small as it gets. It is not for what repeats itself.
            let small = |bytes: &Vec<u8>| bytes.len() > image.data.len() / 3;
            if options.effort.is_none_or(|effort| effort <= 5)
                && image.color != ColorType::Indexed
                && best.as_ref().is_some_and(small)
            {
                break;
            }
            let bytes = written(&image, compression, filter, picture.profile(), options)?;
            if best.as_ref().is_none_or(|best| bytes.len() < best.len()) {
                best = Some(bytes);
            }
        }
    }
    best.ok_or_else(|| RenderError::internal("a PNG was written in no way"))
}

/// How to compress, the fastest first.
fn attempts(image: &Image<'_>, effort: Option<u8>) -> Vec<(DeflateCompression, Filter)> {
    const FAST: DeflateCompression = DeflateCompression::FdeflateUltraFast;
    let level = DeflateCompression::Level;
    match (image.color, effort) {
        // Neighbours in a palette have nothing to do with each other.
        (ColorType::Indexed, Some(..=2)) => vec![(level(1), Filter::NoFilter)],
        (ColorType::Indexed, Some(8..)) => vec![(level(9), Filter::NoFilter)],
        (ColorType::Indexed, _) => vec![(level(6), Filter::NoFilter)],
        (_, Some(..=2)) => vec![(FAST, Filter::Adaptive)],
        (_, None | Some(..=5)) => vec![(FAST, Filter::MinEntropy), (level(5), Filter::Adaptive)],
        (_, Some(..=7)) => vec![(level(6), Filter::MinEntropy)],
        (_, Some(_)) => vec![
            (level(9), Filter::MinEntropy),
            (level(9), Filter::Adaptive),
            (level(9), Filter::NoFilter),
        ],
    }
}

/// The smallest kinds that hold a picture; which of them is the smallest, compression decides.
fn kinds<'a>(picture: &'a Picture, options: &EncodeOptions) -> Result<Vec<Image<'a>>, RenderError> {
    // A profile is either for greys or for colours, and a palette holds colours.
    let gray = matches!(picture.layout(), Layout::Gray | Layout::GrayAlpha);
    let may_have_palette = picture.profile().is_none() || !gray;
    if let Some(colors) = options.colors
        && may_have_palette
    {
        let most = colors.clamp(2, 256);
        let palette = match palette::exact(picture, most.into()) {
            Some(palette) => palette,
            None => palette::quantized(picture, most)?,
        };
        return Ok(vec![indexed(picture, palette)]);
    }
    let direct = direct(picture);
    if !may_have_palette {
        return Ok(vec![direct]);
    }
    let Some(palette) = palette::exact(picture, 256) else {
        return Ok(vec![direct]);
    };
    let indexed = indexed(picture, palette);
    Ok(match (direct.color, indexed.depth) {
        // As many bits a pixel, without a palette.
        (ColorType::Grayscale, BitDepth::Eight) => vec![direct],
        _ => vec![direct, indexed],
    })
}

fn indexed<'a>(picture: &Picture, palette: palette::Palette) -> Image<'a> {
    let palette::Palette { colors, indices } = palette;
    let (depth, bits) = match colors.len() {
        0..=2 => (BitDepth::One, 1),
        3..=4 => (BitDepth::Two, 2),
        5..=16 => (BitDepth::Four, 4),
        _ => (BitDepth::Eight, 8),
    };
    let packed = |pixels: &[u8]| {
        let first = pixels.iter().zip((0..8).step_by(bits).rev());
        first.fold(0, |byte, (index, shift)| byte | index << shift)
    };
    let data = if bits == 8 {
        indices
    } else {
        let rows = indices.chunks(picture.width() as usize);
        rows.flat_map(|row| row.chunks(8 / bits).map(packed))
            .collect()
    };
    let see_through = colors.iter().rposition(|color| color[3] < u8::MAX);
    Image {
        size: picture.size(),
        color: ColorType::Indexed,
        depth,
        alpha: colors
            .iter()
            .take(see_through.map_or(0, |last| last + 1))
            .map(|color| color[3])
            .collect(),
        palette: colors
            .iter()
            .flat_map(|&[red, green, blue, _]| [red, green, blue])
            .collect(),
        data: data.into(),
    }
}

/// Without alpha if it is opaque everywhere, and as greys if it has no colours.
fn direct(picture: &Picture) -> Image<'_> {
    let (data, layout) = (picture.data(), picture.layout());
    let pixels = || data.chunks_exact(layout.samples());
    let opaque = !layout.has_alpha() || pixels().all(|pixel| pixel.last() == Some(&u8::MAX));
    let gray = match layout {
        Layout::Gray | Layout::GrayAlpha => true,
        Layout::Rgb | Layout::Rgba => {
            let gray = |pixel: &[u8]| matches!(pixel, [r, g, b, ..] if r == g && g == b);
            picture.profile().is_none() && pixels().all(gray)
        }
    };
    let kept = |keep: fn(&[u8]) -> Option<&[u8]>| -> Cow<'_, [u8]> {
        pixels().filter_map(keep).flatten().copied().collect()
    };
    let (color, data) = match (layout, gray, opaque) {
        (Layout::Gray, ..) => (ColorType::Grayscale, data.into()),
        (Layout::GrayAlpha, _, false) => (ColorType::GrayscaleAlpha, data.into()),
        (_, true, true) => (ColorType::Grayscale, kept(|pixel| pixel.get(..1))),
        (Layout::Rgba, true, false) => (ColorType::GrayscaleAlpha, kept(|pixel| pixel.get(2..))),
        (Layout::Rgba, false, false) => (ColorType::Rgba, data.into()),
        (Layout::Rgba, false, true) => (ColorType::Rgb, kept(|pixel| pixel.get(..3))),
        _ => (ColorType::Rgb, data.into()),
    };
    Image {
        size: picture.size(),
        color,
        depth: BitDepth::Eight,
        palette: Vec::new(),
        alpha: Vec::new(),
        data,
    }
}

/// The whole file.
fn written(
    image: &Image<'_>,
    compression: DeflateCompression,
    filter: Filter,
    profile: Option<&[u8]>,
    options: &EncodeOptions,
) -> Result<Vec<u8>, RenderError> {
    let mut bytes = Vec::new();
    let mut encoder = encoder(&mut bytes, image, profile, options)?;
    encoder.set_deflate_compression(compression);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().map_err(failed)?;
    write_xmp(&mut writer, options)?;
    writer.write_image_data(&image.data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

fn encoder<'a>(
    bytes: &'a mut Vec<u8>,
    image: &'a Image<'_>,
    profile: Option<&'a [u8]>,
    options: &'a EncodeOptions,
) -> Result<Encoder<'a, &'a mut Vec<u8>>, RenderError> {
    let mut info = Info::with_size(image.size.width, image.size.height);
    info.color_type = image.color;
    info.bit_depth = image.depth;
    info.palette = (!image.palette.is_empty()).then(|| image.palette.as_slice().into());
    info.trns = (!image.alpha.is_empty()).then(|| image.alpha.as_slice().into());
    info.icc_profile = profile.map(Cow::Borrowed);
    info.exif_metadata = options.metadata.exif.as_deref().map(Cow::Borrowed);
    Encoder::with_info(bytes, info).map_err(failed)
}

fn write_xmp(
    writer: &mut Writer<&mut Vec<u8>>,
    options: &EncodeOptions,
) -> Result<(), RenderError> {
    match &options.metadata.xmp {
        Some(packet) => chunk(writer, iTXt, &xmp_chunk(packet)),
        None => Ok(()),
    }
}

fn chunk(
    writer: &mut Writer<&mut Vec<u8>>,
    kind: ChunkType,
    payload: &[u8],
) -> Result<(), RenderError> {
    writer.write_chunk(kind, payload).map_err(failed)
}

/// A frame that is compressed, and waits until it is known how many there are.
struct Waiting {
    area: Area,
    delay: Duration,
    /// What it draws, as a file of its own.
    file: Vec<u8>,
}

/// Frames of one size. Each but the first holds what differs from the one before.
pub(super) fn animation(
    frames: &mut dyn Frames,
    options: &EncodeOptions,
) -> Result<Vec<u8>, RenderError> {
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut last: Option<Picture> = None;
    while let Some(frame) = frames.next_frame()? {
        let packed = ops::as_packed(&frame.pixels)?;
        let colored = ops::colored(&packed)?;
        let picture = match &last {
            Some(last) if last.layout() == Layout::Rgba => with_alpha(&colored)?,
            _ => colored,
        };
        // All have alpha, or none: where it comes late, those before get it too.
        if let Some(before) = &mut last
            && before.layout() != picture.layout()
        {
            *before = with_alpha(before)?.into_owned();
            for frame in &mut waiting {
                frame.widen(options.effort)?;
            }
        }
        let area = match &last {
            None => Area::whole(picture.size()),
            Some(last) if last.size() == picture.size() => changed(last, &picture),
            Some(_) => {
                return Err(RenderError::internal(
                    "an animation's frames are not of one size",
                ));
            }
        };
        waiting.push(Waiting {
            area,
            delay: frame.delay,
            file: compressed(&picture, area, options.effort)?,
        });
        last = Some(picture.into_owned());
    }
    let first = last.ok_or_else(|| RenderError::corrupt("the animation has no frame"))?;
    assembled(&waiting, &first, options)
}

fn with_alpha(picture: &Picture) -> Result<Cow<'_, Picture>, RenderError> {
    if picture.layout() == Layout::Rgba {
        return Ok(Cow::Borrowed(picture));
    }
    let data = palette::colors(picture).flatten().collect();
    Picture::new(picture.width(), picture.height(), Layout::Rgba, data).map(Cow::Owned)
}

fn kind(picture: &Picture) -> ColorType {
    match picture.layout() {
        Layout::Rgba => ColorType::Rgba,
        _ => ColorType::Rgb,
    }
}

impl Waiting {
    /// Adds alpha.
    fn widen(&mut self, effort: Option<u8>) -> Result<(), RenderError> {
        let again = |error| RenderError::internal(format!("reading a frame again: {error}"));
        let Size { width, height } = self.area.size();
        let mut data = vec![0; byte_len(width, height, Layout::Rgb)?];
        let mut decoder = Decoder::new(Cursor::new(&self.file));
        decoder.set_limits(png::Limits { bytes: usize::MAX });
        let mut reader = decoder.read_info().map_err(again)?;
        reader.next_frame(&mut data).map_err(again)?;
        let opaque = Picture::new(width, height, Layout::Rgb, data)?;
        self.file = compressed(&*with_alpha(&opaque)?, Area::whole(opaque.size()), effort)?;
        Ok(())
    }

    /// The image data.
    fn data(&self) -> Vec<u8> {
        let data = Chunks::of(&self.file).filter(|chunk| chunk.kind == *b"IDAT");
        data.flat_map(|chunk| chunk.payload).copied().collect()
    }
}

/// A part of a picture, as a file.
fn compressed(picture: &Picture, area: Area, effort: Option<u8>) -> Result<Vec<u8>, RenderError> {
    let image = Image {
        size: area.size(),
        color: kind(picture),
        depth: BitDepth::Eight,
        palette: Vec::new(),
        alpha: Vec::new(),
        data: cut(picture, area).into(),
    };
    let (compression, filter) = match effort {
        None | Some(..=5) => (DeflateCompression::FdeflateUltraFast, Filter::Adaptive),
        Some(_) => (DeflateCompression::Level(6), Filter::Adaptive),
    };
    written(&image, compression, filter, None, &EncodeOptions::new(100))
}

/// The file (W3C PNG, 11.3.6), of frames whose pixels are like those of `like`.
fn assembled(
    frames: &[Waiting],
    like: &Picture,
    options: &EncodeOptions,
) -> Result<Vec<u8>, RenderError> {
    let mut bytes = Vec::new();
    let image = Image {
        size: like.size(),
        color: kind(like),
        depth: BitDepth::Eight,
        palette: Vec::new(),
        alpha: Vec::new(),
        data: Cow::Borrowed(&[]),
    };
    let mut encoder = encoder(&mut bytes, &image, like.profile(), options)?;
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    write_xmp(&mut writer, options)?;
    let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
    let control = [count.to_be_bytes(), options.loops.to_be_bytes()].concat();
    chunk(&mut writer, acTL, &control)?;
    let mut numbers = 0_u32..;
    let mut number = || numbers.next().unwrap_or_default().to_be_bytes();
    for (index, frame) in frames.iter().enumerate() {
        let Area {
            left,
            top,
            width,
            height,
        } = frame.area;
        let mut control = number().to_vec();
        for length in [width, height, left, top] {
            control.extend(length.to_be_bytes());
        }
        let (numerator, denominator) = fraction(frame.delay);
        control.extend(numerator.to_be_bytes());
        control.extend(denominator.to_be_bytes());
        control.extend([0, 0]); // it stays, and takes the place of what was there
        chunk(&mut writer, fcTL, &control)?;
        if index == 0 {
            chunk(&mut writer, png::chunk::IDAT, &frame.data())?;
        } else {
            chunk(
                &mut writer,
                fdAT,
                &[number().as_slice(), &frame.data()].concat(),
            )?;
        }
    }
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// A delay in seconds: to the millisecond, up to a minute; longer ones less finely.
fn fraction(delay: Duration) -> (u16, u16) {
    let in_parts = |parts: u16| {
        let whole = delay.as_secs_f64() * f64::from(parts);
        (whole.round() <= f64::from(u16::MAX)).then(|| rounded(whole))
    };
    [1000, 100, 1]
        .into_iter()
        .find_map(|parts| Some((in_parts(parts)?, parts)))
        .unwrap_or((u16::MAX, 1))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has compared it"
)]
fn rounded(value: f64) -> u16 {
    value.round() as u16
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn failed(error: png::EncodingError) -> RenderError {
    RenderError::internal(format!("writing a PNG: {error}"))
}
