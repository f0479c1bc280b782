use super::bits::Bits;
use super::tables::BLOCK_MODES;

/// How 16 by 16 samples of luma, or 8 by 8 of chroma, are predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Mean,
    Vertical,
    Horizontal,
    TrueMotion,
}

/// How 4 by 4 samples are predicted, in the order of RFC 6386, 8.1 and 11.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum BlockMode {
    Mean,
    TrueMotion,
    Vertical,
    Horizontal,
    LeftDown,
    RightDown,
    VerticalRight,
    VerticalLeft,
    HorizontalDown,
    HorizontalUp,
}

/// How luma is predicted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Luma {
    Whole(Mode),
    Blocks([[BlockMode; 4]; 4]),
}

/// What the first partition says of a macroblock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modes {
    pub(super) segment: usize,
    /// Whether it has no coefficients.
    pub(super) skip: bool,
    pub(super) luma: Luma,
    pub(super) chroma: Mode,
}

impl Modes {
    /// Those of the next macroblock (RFC 6386, 10 and 11), after the modes of the blocks above and to the left.
    pub(super) fn read(
        bits: &mut Bits<'_>,
        segments: Option<[u8; 3]>,
        skip: Option<u8>,
        above: &mut [BlockMode; 4],
        left: &mut [BlockMode; 4],
    ) -> Self {
        let segment = segments.map_or(0, |[first, low, high]| {
            if bits.bit(first) {
                2 + usize::from(bits.bit(high))
            } else {
                usize::from(bits.bit(low))
            }
        });
        let skip = skip.is_some_and(|probability| bits.bit(probability));
        let luma = if bits.bit(145) {
            let mode = match bits.bit(156) {
                true if bits.bit(128) => Mode::TrueMotion,
                true => Mode::Horizontal,
                false if bits.bit(163) => Mode::Vertical,
                false => Mode::Mean,
            };
            *above = [mode.of_blocks(); 4];
            *left = *above;
            Luma::Whole(mode)
        } else {
            Luma::Blocks(read_blocks(bits, above, left))
        };
        let chroma = match () {
            () if !bits.bit(142) => Mode::Mean,
            () if !bits.bit(114) => Mode::Vertical,
            () if bits.bit(183) => Mode::TrueMotion,
            () => Mode::Horizontal,
        };
        Self {
            segment,
            skip,
            luma,
            chroma,
        }
    }

    /// Whether luma is predicted in blocks.
    pub(super) fn in_blocks(&self) -> bool {
        matches!(self.luma, Luma::Blocks(_))
    }
}

impl Mode {
    /// What it counts as, beside blocks that have modes of their own.
    fn of_blocks(self) -> BlockMode {
        match self {
            Self::Mean => BlockMode::Mean,
            Self::Vertical => BlockMode::Vertical,
            Self::Horizontal => BlockMode::Horizontal,
            Self::TrueMotion => BlockMode::TrueMotion,
        }
    }
}

fn read_blocks(
    bits: &mut Bits<'_>,
    above: &mut [BlockMode; 4],
    left: &mut [BlockMode; 4],
) -> [[BlockMode; 4]; 4] {
    let mut local = *bits;
    let mut blocks = [[BlockMode::Mean; 4]; 4];
    for (row, left) in blocks.iter_mut().zip(left) {
        for (block, above) in row.iter_mut().zip(&mut *above) {
            let probabilities = &BLOCK_MODES[*above as usize][*left as usize];
            *block = read_block(&mut local, probabilities);
            *above = *block;
            *left = *block;
        }
    }
    *bits = local;
    blocks
}

#[inline(always)]
fn read_block(bits: &mut Bits<'_>, p: &[u8; 9]) -> BlockMode {
    if !bits.bit(p[0]) {
        return BlockMode::Mean;
    }
    if !bits.bit(p[1]) {
        return BlockMode::TrueMotion;
    }
    if !bits.bit(p[2]) {
        return BlockMode::Vertical;
    }
    if !bits.bit(p[3]) {
        return match bits.bit(p[4]) {
            false => BlockMode::Horizontal,
            true if bits.bit(p[5]) => BlockMode::VerticalRight,
            true => BlockMode::RightDown,
        };
    }
    if !bits.bit(p[6]) {
        return BlockMode::LeftDown;
    }
    match bits.bit(p[7]) {
        false => BlockMode::VerticalLeft,
        true if bits.bit(p[8]) => BlockMode::HorizontalUp,
        true => BlockMode::HorizontalDown,
    }
}
