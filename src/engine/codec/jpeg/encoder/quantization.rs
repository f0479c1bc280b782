use super::dct::{self, Matrix};
use super::steps::Steps;

/// The order in which coefficients are stored: for each place, the row and column in a byte's two digits base eight
/// (T.81, figure A.6).
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The quantised coefficients of a block, in zigzag order, and which of them are not zero: a bit each, from the lowest.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) coefficients: [i16; 64],
    pub(super) nonzero: u64,
}

impl Block {
    pub(super) const ZERO: Self = Self {
        coefficients: [0; 64],
        nonzero: 0,
    };

    /// A block that is all of one brightness.
    pub(super) fn flat(dc: i16) -> Self {
        let mut block = Self::ZERO;
        block.coefficients[0] = dc;
        block.nonzero = u64::from(dc != 0);
        block
    }

    pub(super) fn dc(&self) -> i16 {
        self.coefficients[0]
    }
}

/// The places whose bits are set, in rising order.
pub(super) struct Places(pub(super) u64);

impl Iterator for Places {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let place = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (place < 64).then_some(place)
    }
}

/// The steps of one table, ready for use, and what the transform's output is multiplied by.
pub(super) struct Quantizer {
    /// The steps in zigzag order, as the file has them.
    pub(super) steps: [u8; 64],
    /// As [`dct::forward`] orders its output.
    factors: Matrix,
}

impl Quantizer {
    /// A table of steps.
    pub(super) fn new(steps: &Steps) -> Self {
        let step = |place: usize| steps[place / 8][place % 8];
        let mut factors = [[0.0; 8]; 8];
        for (x, column) in factors.iter_mut().enumerate() {
            for (y, factor) in column.iter_mut().enumerate() {
                *factor = 1.0 / (f32::from(step(y * 8 + x)) * dct::scale(x) * dct::scale(y));
            }
        }
        Self {
            steps: ZIGZAG.map(|place| step(place.into())),
            factors,
        }
    }

    /// The block of some samples from 0 to 255.
    pub(super) fn block(&self, samples: &Matrix) -> Block {
        let transformed = dct::forward(samples);
        let mut rounded = [[0i16; 8]; 8];
        for ((rounded, values), factors) in rounded.iter_mut().zip(&transformed).zip(&self.factors)
        {
            for ((rounded, value), factor) in rounded.iter_mut().zip(values).zip(factors) {
                *rounded = round(value * factor);
            }
        }
        let rounded = rounded.as_flattened();
        let mut block = Block::ZERO;
        for (place, &from) in TURNED_ZIGZAG.iter().enumerate() {
            let value = rounded[usize::from(from % 64)];
            block.coefficients[place] = value;
            block.nonzero |= u64::from(value != 0) << place;
        }
        block
    }
}

/// [`ZIGZAG`], with rows and columns exchanged.
const TURNED_ZIGZAG: [u8; 64] = {
    let mut turned = [0; 64];
    let mut place = 0;
    while place < 64 {
        turned[place] = ZIGZAG[place] % 8 * 8 + ZIGZAG[place] / 8;
        place += 1;
    }
    turned
};

/// To the nearest, of values far below 2^15. Adding moves the fraction out of the number, and what is left stands in its
/// lowest bits: two operations that every processor has for vectors.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low bits are the number"
)]
fn round(value: f32) -> i16 {
    const TO_INTEGER: f32 = 12_582_912.0; // 1.5 * 2^23
    (value + TO_INTEGER).to_bits() as i16
}
