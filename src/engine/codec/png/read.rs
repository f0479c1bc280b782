use std::io::Cursor;
use std::time::Duration;

use png::{
    BitDepth, BlendOp, ColorType, Decoder, DecodingError, DisposeOp, FrameControl, Reader,
    Transformations,
};

use super::chunks::{Animation, Facts};
use super::{color, pixels};
use crate::engine::codec::Wanted;
use crate::engine::codec::canvas::{Canvas, Dispose};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Size};
use crate::engine::{Frame, Frames, Layout, Limits, Picture, Probe, RenderError, Still, ops};
use crate::recipe::Format;

/// The most memory for a profile, inflated, and all other chunks.
const MAX_CHUNKS: usize = 8 << 20;

pub(super) fn probe(source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
    let mut decoder = Decoder::new(Cursor::new(source));
    let info = decoder.read_header_info().map_err(damage)?;
    let mut probe = Probe::new(Format::Png, info.width, info.height);
    limits.check_source(&probe)?;
    let facts = Facts::of(source);
    probe.orientation = facts.orientation();
    if let Some(animation) = facts.animation {
        probe.frames = animation.frames;
        probe.loops = animation.plays;
    }
    Ok(probe)
}

pub(super) fn decode<'a>(
    source: &'a [u8],
    wanted: &Wanted,
    limits: &Limits,
) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
    limits.check_source(&probe(source, limits)?)?;
    let mut decoder = Decoder::new(Cursor::new(source));
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let info = decoder.read_header_info().map_err(damage)?;
    let size = Size::new(info.width, info.height);
    let animation = Facts::of(source).animation;
    // The decoder counts a row for each frame, and gives none back.
    let rows = u64::from(animation.map_or(1, |animation| animation.frames)) + 1;
    let memory = usize::try_from(rows * u64::from(size.width) * 8).unwrap_or(usize::MAX);
    decoder.set_limits(png::Limits {
        bytes: memory.saturating_add(MAX_CHUNKS),
    });
    let mut reader = decoder.read_info().map_err(damage)?;
    let layout = layout(&reader)?;
    let profile = color::profile(reader.info(), layout);
    let Some(animation) = animation else {
        if is_common(&reader) {
            // As a resize has it: squares come first only where what is left of them is scaled in linear light.
            let square = if wanted.linear {
                ops::square_for(wanted.scale, size)
            } else {
                1
            };
            if let Some(data) = pixels::read(source, size, layout, square) {
                let picture =
                    Picture::new(size.width / square, size.height / square, layout, data)?;
                return Ok(Box::new(Still::new(picture.with_profile(profile))));
            }
        }
        let mut data = Vec::new();
        read(&mut reader, size, size, layout, &mut data)?;
        let picture = Picture::new(size.width, size.height, layout, data)?.with_profile(profile);
        return Ok(Box::new(Still::new(picture)));
    };
    let first = wanted.first.min(animation.frames - 1);
    let mut frames = Animated {
        reader,
        layout,
        profile,
        canvas: Canvas::new(size, canvas_layout(layout, animation))?,
        pixels: Vec::new(),
        started: false,
        left: (animation.frames - first).min(wanted.frames),
    };
    if !animation.starts_with_still {
        frames.reader.next_frame_info().map_err(damage)?;
    }
    for _ in 0..first {
        frames.draw()?;
    }
    Ok(Box::new(frames))
}

/// Whether its pixels are such as [`pixels`] reads, if it is still.
fn is_common(reader: &Reader<Cursor<&[u8]>>) -> bool {
    let info = reader.info();
    info.bit_depth == BitDepth::Eight
        && info.color_type != ColorType::Indexed
        && info.trns.is_none()
        && !info.interlaced
}

fn layout(reader: &Reader<Cursor<&[u8]>>) -> Result<Layout, RenderError> {
    match reader.output_color_type() {
        (ColorType::Grayscale, _) => Ok(Layout::Gray),
        (ColorType::GrayscaleAlpha, _) => Ok(Layout::GrayAlpha),
        (ColorType::Rgb, _) => Ok(Layout::Rgb),
        (ColorType::Rgba, _) => Ok(Layout::Rgba),
        (ColorType::Indexed, _) => Err(RenderError::internal("a PNG's palette is not applied")),
    }
}

/// The layout with alpha, if there is any or if the canvas can be seen through.
fn canvas_layout(layout: Layout, animation: Animation) -> Layout {
    match layout {
        Layout::Gray if animation.bare => Layout::GrayAlpha,
        Layout::Rgb if animation.bare => Layout::Rgba,
        layout => layout,
    }
}

/// Reads the pixels of the next image, in 8 bits a sample, and tells how many bytes its rows are apart. It can be smaller
/// than the whole.
fn read(
    reader: &mut Reader<Cursor<&[u8]>>,
    whole: Size,
    size: Size,
    layout: Layout,
    data: &mut Vec<u8>,
) -> Result<usize, RenderError> {
    let length = byte_len(whole.width, whole.height, layout)?;
    let interlaced = reader.info().interlaced;
    if reader.info().bit_depth != BitDepth::Sixteen {
        data.resize(length, 0);
        reader.next_frame(data).map_err(damage)?;
    } else if interlaced {
        let mut wide = vec![0; length.saturating_mul(2)];
        reader.next_frame(&mut wide).map_err(damage)?;
        data.clear();
        data.extend(narrow(&wide));
    } else {
        data.clear();
        data.reserve_exact(byte_len(size.width, size.height, layout)?);
        while let Some(row) = reader.next_row().map_err(damage)? {
            data.extend(narrow(row.data()));
        }
    }
    let width = if interlaced { whole.width } else { size.width };
    Ok(width as usize * layout.samples())
}

/// Samples of 16 bits, each to the nearest of 8.
fn narrow(samples: &[u8]) -> impl Iterator<Item = u8> {
    let (samples, _) = samples.as_chunks();
    samples.iter().map(|&sample| {
        let value = (u32::from(u16::from_be_bytes(sample)) + 128) / 257;
        u8::try_from(value).unwrap_or(u8::MAX)
    })
}

/// The frames of an animation.
struct Animated<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    layout: Layout,
    profile: Option<Vec<u8>>,
    canvas: Canvas,
    /// Those of a frame, before it is drawn.
    pixels: Vec<u8>,
    /// Whether a frame was drawn.
    started: bool,
    left: u32,
}

impl Frames for Animated<'_> {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let result = self.draw();
        if result.is_err() {
            self.left = 0;
        }
        let delay = result?;
        let picture = self.canvas.picture()?.with_profile(self.profile.clone());
        Ok(Some(Frame {
            pixels: picture.into(),
            delay,
        }))
    }
}

impl Animated<'_> {
    /// Draws the next frame, and tells how long it is seen.
    fn draw(&mut self) -> Result<Duration, RenderError> {
        if self.started {
            self.reader.next_frame_info().map_err(damage)?;
        }
        self.started = true;
        let control = *self.reader.info().frame_control.as_ref().ok_or_else(|| {
            RenderError::corrupt("a frame of the PNG does not say what becomes of it")
        })?;
        let area = Area {
            left: control.x_offset,
            top: control.y_offset,
            width: control.width,
            height: control.height,
        };
        let (whole, size) = (self.canvas.size(), area.size());
        let stride = read(&mut self.reader, whole, size, self.layout, &mut self.pixels)?;
        self.canvas.begin(area, dispose(&control));
        let over = control.blend_op == BlendOp::Over;
        let row_len = area.width as usize * self.layout.samples();
        let rows = self.pixels.chunks(stride.max(1));
        let rows = rows.filter_map(|row| row.get(..row_len));
        let canvas = self.canvas.layout();
        for (target, source) in self.canvas.rows(area).zip(rows) {
            match (self.layout, canvas) {
                (Layout::Gray, Layout::GrayAlpha) => widen::<1, 2>(source, target),
                (Layout::Rgb, Layout::Rgba) => widen::<3, 4>(source, target),
                (Layout::GrayAlpha, _) if over => blend::<2>(source, target),
                (Layout::Rgba, _) if over => blend::<4>(source, target),
                _ => target.copy_from_slice(source),
            }
        }
        Ok(delay(&control))
    }
}

fn dispose(control: &FrameControl) -> Dispose {
    match control.dispose_op {
        DisposeOp::None => Dispose::Keep,
        DisposeOp::Background => Dispose::Clear,
        DisposeOp::Previous => Dispose::Restore,
    }
}

fn delay(control: &FrameControl) -> Duration {
    let parts = match control.delay_den {
        0 => 100,
        parts => parts,
    };
    Duration::from_secs(control.delay_num.into()) / u32::from(parts)
}

/// Adds an opaque alpha.
fn widen<const N: usize, const M: usize>(source: &[u8], target: &mut [u8]) {
    let (source, _) = source.as_chunks::<N>();
    let (target, _) = target.as_chunks_mut::<M>();
    for (source, target) in source.iter().zip(target) {
        *target = [u8::MAX; M];
        if let Some(colors) = target.first_chunk_mut() {
            *colors = *source;
        }
    }
}

/// Lays pixels, whose last sample is alpha, over others.
fn blend<const N: usize>(source: &[u8], target: &mut [u8]) {
    let (source, _) = source.as_chunks::<N>();
    let (target, _) = target.as_chunks_mut::<N>();
    for (source, target) in source.iter().zip(target) {
        let (Some(&over), Some(&under)) = (source.last(), target.last()) else {
            continue;
        };
        if over == u8::MAX || under == 0 {
            *target = *source;
        } else if over > 0 {
            // In units of 1/255²: what is seen of each.
            let over = u32::from(over) * 255;
            let under = u32::from(under) * (255 - over / 255);
            let all = over + under;
            for (source, target) in source.iter().zip(&mut *target) {
                let sum = u32::from(*source) * over + u32::from(*target) * under;
                *target = u8::try_from((sum + all / 2) / all).unwrap_or(u8::MAX);
            }
            if let Some(alpha) = target.last_mut() {
                *alpha = u8::try_from((all + 127) / 255).unwrap_or(u8::MAX);
            }
        }
    }
}

fn damage(error: DecodingError) -> RenderError {
    match error {
        DecodingError::LimitsExceeded => {
            RenderError::too_large("the PNG needs too much memory beside its pixels")
        }
        error => RenderError::corrupt(format!("reading a PNG: {error}")),
    }
}
