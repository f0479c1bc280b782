use super::bits::Bits;
use super::header::Steps;
use super::modes::{BlockMode, Luma, Modes};
use super::predict::{self, ChromaArea, LumaArea, START};
use super::tokens::{Block, Kind, Positions, read_block};
use super::transform;

/// Which blocks beside a macroblock have coefficients: four of luma, two each of chroma, and the means.
pub(super) type Contexts = [u8; 9];

/// The coefficients of a macroblock, which are zeros outside of its turn.
pub(super) struct Coefficients {
    /// Those of luma, and of each chroma.
    blocks: [Block; 24],
    /// How many each block has. One only if that is not zero.
    counts: [u8; 24],
}

impl Coefficients {
    pub(super) fn new() -> Self {
        Self {
            blocks: [[0; 16]; 24],
            counts: [0; 24],
        }
    }

    /// Reads those of a macroblock. Gives whether it has any.
    pub(super) fn read(
        &mut self,
        bits: &mut Bits<'_>,
        positions: &[Positions; 4],
        steps: &Steps,
        modes: &Modes,
        above: &mut Contexts,
        left: &mut Contexts,
    ) -> bool {
        let whole = !modes.in_blocks();
        if modes.skip {
            let kept = (above[8], left[8]);
            (*above, *left) = ([0; 9], [0; 9]);
            if !whole {
                (above[8], left[8]) = kept;
            }
            self.counts = [0; 24];
            return false;
        }
        let mut kind = Kind::Luma;
        if whole {
            let mut means = [0; 16];
            let positions = &positions[Kind::Means as usize];
            let context = above[8] + left[8];
            let count = read_block(bits, positions, context, 0, steps.means, &mut means);
            above[8] = u8::from(count > 0);
            left[8] = above[8];
            if count > 0 {
                let firsts = transform::means(&means);
                for (block, first) in self.blocks.iter_mut().zip(firsts) {
                    block[0] = first;
                }
            }
            kind = Kind::LumaWithoutFirst;
        }
        let first = usize::from(whole);
        let mut seen = 0;
        let mut square = |at: usize, side: usize, contexts: usize, kind: Kind, steps, first| {
            let positions = &positions[kind as usize];
            for y in 0..side {
                for x in 0..side {
                    let (above, left) = (&mut above[contexts + x], &mut left[contexts + y]);
                    let block = &mut self.blocks[at + side * y + x];
                    let count = read_block(bits, positions, *above + *left, first, steps, block);
                    *above = u8::from(count > first);
                    *left = *above;
                    let count = match count {
                        0 | 1 => u8::from(block[0] != 0),
                        _ => 2,
                    };
                    self.counts[at + side * y + x] = count;
                    seen |= count;
                }
            }
        };
        square(0, 4, 0, kind, steps.luma, first);
        square(16, 2, 4, Kind::Chroma, steps.chroma, 0);
        square(20, 2, 6, Kind::Chroma, steps.chroma, 0);
        seen > 0
    }

    /// Adds a block to the samples that were predicted for it.
    #[inline(always)]
    fn add<const W: usize>(&mut self, block: usize, rows: &mut [[u8; W]], x: usize) {
        let (Some(block), Some(count)) = (self.blocks.get_mut(block), self.counts.get(block))
        else {
            return;
        };
        let Some(rows) = rows.first_chunk_mut::<4>() else {
            return;
        };
        match count {
            0 => return,
            1 => transform::add_first(block[0], rows, START + x),
            _ => transform::add(block, rows, START + x),
        }
        *block = [0; 16];
    }
}

/// The samples of a macroblock, with what is around them.
pub(super) struct Areas {
    pub(super) luma: LumaArea,
    pub(super) chroma: [ChromaArea; 2],
}

impl Areas {
    pub(super) fn new() -> Self {
        Self {
            luma: [[0; 32]; 17],
            chroma: [[[0; 16]; 9]; 2],
        }
    }

    /// Makes the samples of a macroblock.
    pub(super) fn reconstruct(
        &mut self,
        modes: &Modes,
        coefficients: &mut Coefficients,
        has_above: bool,
        has_left: bool,
    ) {
        match &modes.luma {
            Luma::Whole(mode) => {
                predict::whole::<16, 32, 17>(&mut self.luma, *mode, has_above, has_left);
                for block in 0..16 {
                    let rows = &mut self.luma[1 + block / 4 * 4..];
                    coefficients.add(block, rows, block % 4 * 4);
                }
            }
            Luma::Blocks(blocks) => self.blocks(blocks, coefficients),
        }
        for (i, area) in self.chroma.iter_mut().enumerate() {
            predict::whole::<8, 16, 9>(area, modes.chroma, has_above, has_left);
            for block in 0..4 {
                let rows = &mut area[1 + block / 2 * 4..];
                coefficients.add(16 + 4 * i + block, rows, block % 2 * 4);
            }
        }
    }

    fn blocks(&mut self, modes: &[[BlockMode; 4]; 4], coefficients: &mut Coefficients) {
        // Blocks at the right take what is above the macroblock, wherever they are.
        let mut right = [0; 4];
        right.copy_from_slice(&self.luma[0][START + 16..START + 20]);
        for i in [4, 8, 12] {
            self.luma[i][START + 16..START + 20].copy_from_slice(&right);
        }
        for (y, modes) in modes.iter().enumerate() {
            let Some(rows) = self.luma[4 * y..].first_chunk_mut::<5>() else {
                return;
            };
            for (x, &mode) in modes.iter().enumerate() {
                let at = START + 4 * x;
                let mut edge = [0; 13];
                for (i, left) in edge[..4].iter_mut().enumerate() {
                    *left = rows[4 - i][at - 1];
                }
                edge[4..].copy_from_slice(&rows[0][at - 1..at + 8]);
                let samples = predict::block(mode, edge);
                let (_, rows) = rows.split_at_mut(1);
                for (row, samples) in rows.iter_mut().zip(samples) {
                    row[at..at + 4].copy_from_slice(&samples);
                }
                coefficients.add(4 * y + x, rows, 4 * x);
            }
        }
    }

    /// Takes the last column for that to the left of the next macroblock.
    pub(super) fn advance(&mut self) {
        for row in &mut self.luma {
            row[START - 1] = row[START + 15];
        }
        for row in self.chroma.as_flattened_mut() {
            row[START - 1] = row[START + 7];
        }
    }

    /// What is to the left of a row of macroblocks.
    pub(super) fn begin(&mut self, has_above: bool) {
        const LEFT: u8 = 129;

        let corner = if has_above { LEFT } else { ABOVE };
        for row in &mut self.luma {
            row[START - 1] = LEFT;
        }
        self.luma[0][START - 1] = corner;
        for area in &mut self.chroma {
            for row in &mut *area {
                row[START - 1] = LEFT;
            }
            area[0][START - 1] = corner;
        }
    }
}

/// What is above the frame.
pub(super) const ABOVE: u8 = 127;
