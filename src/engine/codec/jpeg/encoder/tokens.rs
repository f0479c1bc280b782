use super::bits::BitWriter;
use super::huffman::HuffmanCode;
use super::quantization::{Block, Places};

/// Sixteen zeros, and no coefficient after them.
pub(super) const ZERO_RUN: u8 = 0xF0;

/// Where the tables for AC begin among the four of a scan: those for DC come first.
pub(super) const AC: u8 = 2;

/// What a scan says, before it is known which codes say it best.
pub(super) struct Tokens {
    /// From the lowest bit: 16 bits that follow a symbol, their number in 5, the symbol in 8, its table in 2, and whether
    /// there is no symbol.
    tokens: Vec<u32>,
    frequencies: [[u64; 256]; 4],
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            tokens: Vec::new(),
            frequencies: [[0; 256]; 4],
        }
    }

    /// A symbol of one of the four tables, and the bits that follow it.
    pub(super) fn symbol(&mut self, table: u8, symbol: u8, bits: u16, length: u8) {
        self.frequencies[usize::from(table % 4)][usize::from(symbol)] += 1;
        self.tokens.push(
            u32::from(table % 4) << 29
                | u32::from(symbol) << 21
                | u32::from(length) << 16
                | u32::from(bits),
        );
    }

    /// Bits without a symbol.
    pub(super) fn flags(&mut self, flags: &[bool]) {
        let token = |&flag| 1 << 31 | 1 << 16 | u32::from(flag);
        self.tokens.extend(flags.iter().map(token));
    }

    /// A value that follows its size, as DC and AC are coded in T.81, F.1.2: with `upper` in the symbol's upper half.
    pub(super) fn value(&mut self, table: u8, upper: u8, value: i16) {
        let (size, bits) = magnitude(value);
        self.symbol(table, upper << 4 | size, bits, size);
    }

    /// All coefficients of a block, and the last block's DC.
    pub(super) fn block(&mut self, block: &Block, tables: u8, last_dc: &mut i16) {
        self.value(tables, 0, block.dc() - *last_dc);
        *last_dc = block.dc();

        let mut last = 0;
        for place in Places(block.nonzero & !1) {
            let run = self.zeros(AC + tables, place - last - 1);
            self.value(AC + tables, run, block.coefficients[place as usize % 64]);
            last = place;
        }
        if last < 63 {
            self.symbol(AC + tables, 0, 0, 0);
        }
    }

    /// Codes the zeros of a run that the next symbol has no room for. Returns how many are left for it.
    pub(super) fn zeros(&mut self, table: u8, run: u32) -> u8 {
        for _ in 0..run / 16 {
            self.symbol(table, ZERO_RUN, 0, 0);
        }
        u8::try_from(run % 16).unwrap_or_default()
    }

    /// The best codes: those for DC, then those for AC.
    pub(super) fn codes(&self) -> [HuffmanCode; 4] {
        self.frequencies.each_ref().map(HuffmanCode::optimal)
    }

    /// Writes it all.
    pub(super) fn write(&self, codes: &[HuffmanCode; 4], bytes: &mut Vec<u8>) {
        let mut writer = BitWriter::new(bytes);
        for &token in &self.tokens {
            let (bits, length) = (token & 0xFFFF, token >> 16 & 0x1F);
            if token >> 31 == 1 {
                writer.write(bits, length);
            } else {
                let symbol = u8::try_from(token >> 21 & 0xFF).unwrap_or_default();
                let (code, code_length) = codes[(token >> 29 & 3) as usize].of(symbol);
                writer.write(
                    u32::from(code) << length | bits,
                    u32::from(code_length) + length,
                );
            }
        }
        writer.finish();
    }
}

/// How many bits a value has, and those bits: of a negative one, those of its complement.
#[expect(clippy::cast_possible_truncation, reason = "an i16 has 16 bits")]
fn magnitude(value: i16) -> (u8, u16) {
    let size = 16 - value.unsigned_abs().leading_zeros();
    // A size of 16 would be that of -2^15 alone, which no coefficient is.
    let bits = value.cast_unsigned().wrapping_sub(u16::from(value < 0));
    (size as u8, bits & !(u16::MAX << size))
}
