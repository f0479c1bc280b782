//! How alike two pictures are.

use std::borrow::Cow;

use ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use crate::engine::ops::{self, srgb};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Scale};
use crate::engine::{Layout, Picture, Pixels, RenderError};

/// The shortest side that the measure is defined for, in pixels.
const SHORTEST: u32 = 8;

/// The side of a tile in pixels.
const TILE: u32 = 128;
/// The most tiles.
const TILES: u32 = 32;
/// Tiles begin at multiples of this, so that they have the blocks of the whole.
const BLOCK: u32 = 16;

/// Tiles that are spread over a large picture, side by side: what a quality does to them, it does to all of it, at a
/// fraction of the time. `None` where the picture is not larger than that.
pub(super) fn sampled(pixels: &Pixels) -> Result<Option<Pixels>, RenderError> {
    let size = pixels.size();
    if size.pixels() <= u64::from(TILES * TILE * TILE) {
        return Ok(None);
    }
    let fit = |length: u32| (length / TILE).max(1);
    let rows = fit(size.height).min(TILES / fit(size.width).min(8));
    let columns = fit(size.width).min(TILES / rows);
    let (width, height) = (size.width.min(TILE), size.height.min(TILE));
    let start = |at: u32, count: u32, length: u32, tile: u32| {
        let room = length - tile;
        let start = if count > 1 {
            u64::from(room) * u64::from(at) / u64::from(count - 1)
        } else {
            u64::from(room / 2)
        };
        u32::try_from(start).unwrap_or(room) / BLOCK * BLOCK
    };
    let mut sample: Option<(Layout, Vec<u8>)> = None;
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        let area = Area {
            left: start(column, columns, size.width, width),
            top: start(row, rows, size.height, height),
            width,
            height,
        };
        let tile = Cow::Borrowed(pixels);
        let tile = ops::scale(tile, size, &Scale::crop(area), false, (1, 1))?;
        let tile = ops::packed(tile)?;
        let layout = tile.layout();
        let length = byte_len(columns * width, rows * height, layout)?;
        let (_, data) = sample.get_or_insert_with(|| (layout, vec![0; length]));
        let line = width as usize * layout.samples();
        let lines = data.chunks_exact_mut(line).skip(column as usize);
        let lines = lines.step_by(columns as usize);
        let lines = lines.skip((row * height) as usize);
        for (to, from) in lines.zip(tile.data().chunks_exact(line)) {
            to.copy_from_slice(from);
        }
    }
    let Some((layout, data)) = sample else {
        return Ok(None);
    };
    let picture = Picture::new(columns * width, rows * height, layout, data)?;
    let profile = pixels.profile().map(<[u8]>::to_vec);
    Ok(Some(picture.with_profile(profile).into()))
}

/// A picture that others are compared with.
pub(super) struct Reference(LinearRgb);

impl Reference {
    /// `None` where the picture is too small to be compared.
    pub(super) fn of(pixels: &Pixels) -> Result<Option<Self>, RenderError> {
        if pixels.width().min(pixels.height()) < SHORTEST {
            return Ok(None);
        }
        linear(pixels).map(Self).map(Some)
    }

    /// How alike another is, in SSIMULACRA2: 100 is the same.
    pub(super) fn likeness(&self, pixels: &Pixels) -> Result<f64, RenderError> {
        compute_frame_ssimulacra2(self.0.clone(), linear(pixels)?)
            .map_err(|error| RenderError::internal(format!("measuring likeness: {error}")))
    }
}

/// Light, on black: both pictures are laid on the same.
fn linear(pixels: &Pixels) -> Result<LinearRgb, RenderError> {
    let packed = ops::as_packed(pixels)?;
    let opaque = ops::flatten(&packed)?;
    let srgb = srgb();
    let data = opaque.data();
    let light = if opaque.layout() == Layout::Gray {
        data.iter().map(|&gray| [srgb.linear(gray); 3]).collect()
    } else {
        let (pixels, _) = data.as_chunks::<3>();
        let light = |color: &[u8; 3]| color.map(|sample| srgb.linear(sample));
        pixels.iter().map(light).collect()
    };
    LinearRgb::new(light, pixels.width() as usize, pixels.height() as usize)
        .map_err(|error| RenderError::internal(format!("measuring likeness: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_is_sampled_evenly() {
        for (width, height, tiles) in [
            (1300, 1200, (8, 4)),
            (300, 5000, (2, 16)),
            (90, 9000, (1, 32)),
            (9000, 90, (32, 1)),
        ] {
            let samples = |x: u32, y: u32| {
                [x / 8, y / 8, x * y % 251].map(|at| u8::try_from(at % 256).unwrap())
            };
            let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
            let data = pixels.flat_map(|(x, y)| samples(x, y)).collect();
            let picture = Picture::new(width, height, Layout::Rgb, data).unwrap();
            let sample = sampled(&picture.clone().into()).unwrap().unwrap();
            let (across, down) = (width.min(TILE), height.min(TILE));
            assert_eq!(
                (sample.width(), sample.height()),
                (tiles.0 * across, tiles.1 * down)
            );
            let sample = ops::packed(Cow::Owned(sample)).unwrap();
            // Each tile is found in the picture, at a block's start; the last of them near its end.
            let line = |picture: &Picture, x: u32, y: u32| {
                let at = (y * picture.width() + x) as usize * 3;
                picture.data()[at..at + across as usize * 3].to_vec()
            };
            for (column, row) in [(0, 0), (tiles.0 - 1, tiles.1 - 1)] {
                let origin = |at: u32, length: u32, tile: u32| {
                    if at == 0 {
                        0
                    } else {
                        (length - tile) / BLOCK * BLOCK
                    }
                };
                let (left, top) = (origin(column, width, across), origin(row, height, down));
                for y in [0, down - 1] {
                    assert_eq!(
                        line(&sample, column * across, row * down + y),
                        line(&picture, left, top + y),
                        "{width} by {height}"
                    );
                }
            }
        }
        let small = Picture::new(8, 8, Layout::Gray, vec![0; 64]).unwrap();
        assert!(sampled(&small.into()).unwrap().is_none());
    }
}
