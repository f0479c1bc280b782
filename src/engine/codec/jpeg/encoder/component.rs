use std::borrow::Cow;
use std::ops::Range;

use super::dct::Matrix;
use super::quantization::{Block, Quantizer};
use crate::engine::Plane;

/// A component of the file: a plane, and how it is sampled and quantised.
pub(super) struct Component<'a> {
    plane: Cow<'a, Plane>,
    /// How many blocks it has in a unit of an interleaved scan, each way.
    pub(super) factors: (usize, usize),
    /// Which quantisation and Huffman tables are its own.
    pub(super) tables: u8,
    /// How many units an interleaved scan has, each way.
    pub(super) units: (usize, usize),
    /// Blocks that show a part of the image, each way.
    pub(super) shown: (usize, usize),
}

impl<'a> Component<'a> {
    /// A component of a frame of so many units.
    pub(super) fn new(
        plane: Cow<'a, Plane>,
        factors: (usize, usize),
        tables: u8,
        units: (usize, usize),
    ) -> Self {
        let shown = (
            (plane.width() as usize).div_ceil(8),
            (plane.height() as usize).div_ceil(8),
        );
        Self {
            plane,
            factors,
            tables,
            units,
            shown,
        }
    }

    /// Its own among the tables of the file.
    pub(super) fn of<'t, T>(&self, tables: &'t [T]) -> &'t T {
        &tables[usize::from(self.tables)]
    }

    /// How many blocks a row has, with those that fill its last unit.
    pub(super) fn stride(&self) -> usize {
        self.units.0 * self.factors.0
    }

    /// Appends the blocks of some rows of units.
    pub(super) fn quantize(
        &self,
        rows: Range<usize>,
        quantizer: &Quantizer,
        blocks: &mut Vec<Block>,
    ) {
        let (across, down) = self.factors;
        for y in rows.start * down..rows.end * down {
            let start = blocks.len();
            for x in 0..self.stride() {
                let block = if x < self.shown.0 && y < self.shown.1 {
                    quantizer.block(&self.samples(x, y))
                } else {
                    // Nobody sees it. It costs least if it is like the block that is coded before it.
                    let before = if y < self.shown.1 {
                        blocks.last()
                    } else {
                        let above = start.checked_sub(self.stride());
                        let last_of_unit = x / across * across + across - 1;
                        above.and_then(|above| blocks.get(above + last_of_unit))
                    };
                    Block::flat(before.map_or(0, Block::dc))
                };
                blocks.push(block);
            }
        }
    }

    /// The samples of a block, about zero. What is beyond the plane is like its last row and column.
    fn samples(&self, x: usize, y: usize) -> Matrix {
        let (width, height) = (self.plane.width() as usize, self.plane.height() as usize);
        let data = self.plane.data();
        let mut samples = [[0.0; 8]; 8];
        for (line, row) in samples.iter_mut().enumerate() {
            let start = (y * 8 + line).min(height - 1) * width;
            let left = start + x * 8;
            if let Some(&stored) = data
                .get(left..start + width)
                .and_then(<[u8]>::first_chunk::<8>)
            {
                *row = stored.map(|sample| f32::from(sample) - 128.0);
            } else {
                for (column, sample) in row.iter_mut().enumerate() {
                    let at = (left + column).min(start + width - 1);
                    *sample = f32::from(data.get(at).copied().unwrap_or(128)) - 128.0;
                }
            }
        }
        samples
    }
}

/// Goes through so many rows of units as an interleaved scan does, with the number of the component and of its block in
/// these rows (T.81, A.2.3).
pub(super) fn for_each_in_units(
    components: &[Component<'_>],
    rows: usize,
    mut visit: impl FnMut(usize, usize),
) {
    let across = components.first().map_or(0, |component| component.units.0);
    for y in 0..rows {
        for x in 0..across {
            for (number, component) in components.iter().enumerate() {
                let (width, height) = component.factors;
                for row in y * height..(y + 1) * height {
                    for column in x * width..(x + 1) * width {
                        visit(number, row * component.stride() + column);
                    }
                }
            }
        }
    }
}
