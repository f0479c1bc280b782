use proptest::prelude::*;

use super::super::bits::Bits;
use super::super::transform;
use super::*;

/// The boolean decoder bit by bit, after the text of RFC 6386, 7.3.
struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
    value: u32,
    range: u32,
}

impl<'a> Plain<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut plain = Self {
            bytes,
            at: 0,
            value: 0,
            range: 255,
        };
        (0..8).for_each(|_| plain.shift());
        plain
    }

    fn shift(&mut self) {
        let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
        let bit = byte >> (7 - self.at % 8) & 1;
        self.value = self.value << 1 | u32::from(bit);
        self.at += 1;
    }

    fn bit(&mut self, probability: u8) -> bool {
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        let bit = self.value >= split;
        if bit {
            self.value -= split;
            self.range -= split;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.shift();
            self.range *= 2;
        }
        bit
    }
}

proptest! {
    #[test]
    fn bits_are_read_as_the_standard_says(
        mut bytes in proptest::collection::vec(any::<u8>(), 1..60),
        steps in proptest::collection::vec(any::<(u8, bool)>(), 1..500),
    ) {
        // No encoder writes more than the range begins with.
        bytes[0] = bytes[0].min(254);
        let mut plain = Plain::new(&bytes);
        let mut bits = Bits::new(&bytes);
        prop_assert_eq!(bits.bit(100), plain.bit(100));
        for (probability, sign) in steps {
            let needed = plain.at;
            if sign {
                let expected = if plain.bit(128) { -7 } else { 7 };
                prop_assert_eq!(bits.signed(7), expected);
            } else {
                prop_assert_eq!(bits.bit(probability), plain.bit(probability));
            }
            // All that a decision was made of is there.
            prop_assert_eq!(bits.check().is_ok(), needed <= 8 * bytes.len());
        }
    }

    #[test]
    fn a_block_of_one_coefficient_is_a_block(first in -2048_i16..2048, sample: u8) {
        let mut block = [0; 16];
        block[0] = first;
        let (mut all, mut one) = ([[sample; 8]; 4], [[sample; 8]; 4]);
        transform::add(&block, &mut all, 2);
        transform::add_first(first, &mut one, 2);
        prop_assert_eq!(all, one);
        let outside = |rows: [[u8; 8]; 4]| rows.map(|row| [row[0], row[1], row[6], row[7]]);
        prop_assert_eq!(outside(all), [[sample; 4]; 4]);
    }

    #[test]
    fn any_coefficients_can_be_transformed(block: [i16; 16]) {
        transform::add(&block, &mut [[0; 4]; 4], 0);
        transform::means(&block);
    }
}

#[test]
fn the_range_of_jfif_is_the_rounded_formula() {
    for sample in 0..=255_u8 {
        let (mut luma, mut chroma) = ([sample], [sample]);
        range::luma(&mut luma);
        range::chroma(&mut chroma);
        let exact = (f64::from(sample) - 16.0) * 255.0 / 219.0;
        let near = |to: u8, exact: f64| (f64::from(to) - exact.clamp(0.0, 255.0)).abs() <= 0.501;
        assert!(near(luma[0], exact), "{sample}: {}, {exact}", luma[0]);
        let exact = 128.0 + (f64::from(sample) - 128.0) * 255.0 / 224.0;
        assert!(near(chroma[0], exact), "{sample}: {}, {exact}", chroma[0]);
    }
    let mut middle = [128];
    range::chroma(&mut middle);
    assert_eq!(middle, [128]);
}
