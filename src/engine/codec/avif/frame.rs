use re_rav1d::{Decoder, PixelLayout, PlanarImageComponent, Settings};

use super::container::Coded;
use super::stream::{self, MAX_FRAMES_OF_STILL, Sampling, Sequence};
use crate::engine::{Limits, Probe, RenderError};
use crate::recipe::Format;

/// The most pixels of an image, whatever the limits are: the decoder counts the bytes of a plane in 32 bits.
const MAX_PIXELS: u64 = 1 << 30;

/// The decoded samples of an image, in planes without padding.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    /// 8, 10 or 12.
    pub(super) depth: u8,
    pub(super) sampling: Sampling,
    pub(super) full_range: bool,
    /// Luma, and unless it is monochrome two planes of chroma.
    pub(super) planes: Vec<Samples>,
}

/// The samples of a plane, row by row.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) data: Data,
}

#[derive(Debug)]
pub(super) enum Data {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

/// Reads the headers of all tiles: they must be of the size that the container says, of one kind, and within the limits.
pub(super) fn check(coded: &Coded<'_>, limits: &Limits) -> Result<Sequence, RenderError> {
    let mut first = None;
    for tile in &coded.tiles {
        if u64::from(tile.width) * u64::from(tile.height) > MAX_PIXELS {
            return Err(RenderError::too_large("an image of the AVIF is too large"));
        }
        limits.check_source(&Probe::new(Format::Avif, tile.width, tile.height))?;
        let sequence = stream::header(&tile.stream)?;
        if (sequence.width, sequence.height) != (tile.width, tile.height) {
            return Err(RenderError::corrupt(
                "an image of the AVIF is of another size than it says",
            ));
        }
        let meaning = |sequence: &Sequence| Sequence {
            configuration: [0; 4],
            ..*sequence
        };
        match &first {
            None => first = Some(sequence),
            Some(first) if meaning(first) == meaning(&sequence) => {}
            Some(_) => {
                return Err(RenderError::corrupt("the tiles of the AVIF are not alike"));
            }
        }
    }
    let sequence = first.ok_or_else(|| RenderError::corrupt("the AVIF has no image"))?;
    let in_grid = coded.tiles.len() > 1;
    let cuts_chroma = match (sequence.sampling.chroma(2, 2), coded.tiles.first()) {
        (Some((across, down)), Some(tile)) => {
            across == 1 && !tile.width.is_multiple_of(2)
                || down == 1 && !tile.height.is_multiple_of(2)
        }
        _ => false,
    };
    if in_grid && cuts_chroma {
        return Err(RenderError::corrupt(
            "the tiles of the AVIF cut through samples of chroma",
        ));
    }
    Ok(sequence)
}

/// Decodes an image. Memory is taken for it after [`check`].
pub(super) fn decode(coded: &Coded<'_>, limits: &Limits) -> Result<Frame, RenderError> {
    limits.check_source(&Probe::new(Format::Avif, coded.width, coded.height))?;
    let sequence = check(coded, limits)?;
    let mut frame = Frame::new(coded, sequence)?;
    let columns = usize::try_from(coded.columns).unwrap_or(usize::MAX).max(1);
    for (number, tile) in coded.tiles.iter().enumerate() {
        let units = stream::read(&tile.stream, MAX_FRAMES_OF_STILL)?;
        let picture = first_picture(units, limits)?;
        if (picture.width(), picture.height()) != (tile.width, tile.height) {
            return Err(RenderError::corrupt(
                "an image of the AVIF is of another size than it says",
            ));
        }
        let (left, top) = (number % columns, number / columns);
        frame.place(&picture, left, top)?;
    }
    Ok(frame)
}

/// The picture that a stream shows. `re_rav1d` 0.1.3 loses 48 bytes of memory for each.
fn first_picture(units: Vec<u8>, limits: &Limits) -> Result<re_rav1d::Picture, RenderError> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_operating_point(0);
    settings.set_frame_size_limit(u32::try_from(limits.max_source_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings)
        .map_err(|error| RenderError::internal(format!("starting the AV1 decoder: {error}")))?;
    match decoder.send_data(units, None, None, None) {
        Ok(()) | Err(re_rav1d::Error::Again) => {}
        Err(error) => return Err(damage(error)),
    }
    decoder.get_picture().map_err(damage)
}

fn damage(error: re_rav1d::Error) -> RenderError {
    match error {
        re_rav1d::Error::UnsupportedBitstream => {
            RenderError::unsupported("the AV1 stream in the AVIF is of a kind that is not read")
        }
        error => RenderError::corrupt(format!("reading an AVIF: {error}")),
    }
}

impl Frame {
    fn new(coded: &Coded<'_>, sequence: Sequence) -> Result<Self, RenderError> {
        let (width, height) = (coded.width, coded.height);
        let mut planes = vec![Samples::new(width, height, sequence.depth)?];
        if let Some((width, height)) = sequence.sampling.chroma(width, height) {
            planes.push(Samples::new(width, height, sequence.depth)?);
            planes.push(Samples::new(width, height, sequence.depth)?);
        }
        Ok(Self {
            width,
            height,
            depth: sequence.depth,
            sampling: sequence.sampling,
            full_range: coded.full_range.unwrap_or(sequence.full_range),
            planes,
        })
    }

    /// Copies a tile, the one in this column and row, to where it belongs. What reaches over the edge is left out.
    fn place(
        &mut self,
        picture: &re_rav1d::Picture,
        column: usize,
        row: usize,
    ) -> Result<(), RenderError> {
        let sampling = match picture.pixel_layout() {
            PixelLayout::I400 => Sampling::Monochrome,
            PixelLayout::I420 => Sampling::Quarter,
            PixelLayout::I422 => Sampling::Half,
            PixelLayout::I444 => Sampling::Full,
        };
        if sampling != self.sampling || picture.bit_depth() != usize::from(self.depth) {
            return Err(RenderError::corrupt(
                "an image of the AVIF is not what its header says",
            ));
        }
        let size = (picture.width(), picture.height());
        let chroma = sampling.chroma(size.0, size.1).unwrap_or(size);
        let components = [
            (PlanarImageComponent::Y, size),
            (PlanarImageComponent::U, chroma),
            (PlanarImageComponent::V, chroma),
        ];
        for (plane, (component, (width, height))) in self.planes.iter_mut().zip(components) {
            let samples = picture.plane(component);
            let tile = Tile {
                bytes: &samples,
                stride: picture.stride(component) as usize,
                width: width as usize,
                height: height as usize,
            };
            plane.place(&tile, column, row).ok_or_else(|| {
                RenderError::internal("the AV1 decoder gave fewer samples than it said")
            })?;
        }
        Ok(())
    }
}

struct Tile<'a> {
    bytes: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

impl Samples {
    fn new(width: u32, height: u32, depth: u8) -> Result<Self, RenderError> {
        let count = u64::from(width) * u64::from(height);
        let count = usize::try_from(count)
            .map_err(|_| RenderError::too_large("the pixels do not fit into memory"))?;
        Ok(Self {
            width,
            height,
            data: if depth > 8 {
                Data::Words(vec![0; count])
            } else {
                Data::Bytes(vec![0; count])
            },
        })
    }

    fn place(&mut self, tile: &Tile<'_>, column: usize, row: usize) -> Option<()> {
        let (whole, whole_height) = (self.width as usize, self.height as usize);
        let (left, top) = (column * tile.width, row * tile.height);
        let width = tile.width.min(whole.checked_sub(left)?);
        let height = tile.height.min(whole_height.checked_sub(top)?);
        for y in 0..height {
            let from = tile.bytes.get(y * tile.stride..)?;
            let at = (top + y) * whole + left;
            match &mut self.data {
                Data::Bytes(data) => {
                    data.get_mut(at..at + width)?
                        .copy_from_slice(from.get(..width)?);
                }
                Data::Words(data) => {
                    let samples = from.get(..2 * width)?.chunks_exact(2);
                    for (to, from) in data.get_mut(at..at + width)?.iter_mut().zip(samples) {
                        *to = u16::from_ne_bytes(*from.first_chunk()?);
                    }
                }
            }
        }
        Some(())
    }

    /// Copies a row, the last one if there is none so far down, as wider numbers.
    pub(super) fn read_row(&self, y: u32, row: &mut [i32]) {
        let width = self.width as usize;
        let at = y.min(self.height.saturating_sub(1)) as usize * width;
        match &self.data {
            Data::Bytes(data) => widen(data, at, width, row),
            Data::Words(data) => widen(data, at, width, row),
        }
    }
}

fn widen<T: Copy + Into<i32>>(data: &[T], at: usize, width: usize, row: &mut [i32]) {
    let samples = data.get(at..at + width).unwrap_or_default();
    for (to, &from) in row.iter_mut().zip(samples) {
        *to = from.into();
    }
}
