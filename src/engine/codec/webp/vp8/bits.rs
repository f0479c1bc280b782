use super::Damage;

/// The boolean decoder (RFC 6386, 7): bits of which each had a probability when it was written.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    /// The bits to come, the first in the highest place. Less than `range` in the eight highest.
    value: u64,
    /// How many there are beyond the eight that are looked at.
    count: i32,
    /// Between 128 and 255.
    range: u32,
    /// Whether more was read than there is.
    exhausted: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(source: &'a [u8]) -> Self {
        Self {
            rest: source,
            value: 0,
            count: -8,
            range: 255,
            exhausted: false,
        }
    }

    /// The next bit, which is false by a probability of so many in 256.
    #[inline(always)]
    pub(super) fn bit(&mut self, probability: u8) -> bool {
        if self.count < 0 {
            self.refill();
        }
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        let threshold = u64::from(split) << 56;
        let bit = self.value >= threshold;
        if bit {
            self.value -= threshold;
            self.range -= split;
        } else {
            self.range = split;
        }
        // The lowest bit changes nothing but that the compiler knows it for no zero.
        let shift = (self.range | 1).leading_zeros() - 24;
        self.range <<= shift;
        self.value <<= shift;
        self.count -= shift.cast_signed();
        bit
    }

    /// A number with the sign that comes next. Not for the first bit of all.
    #[inline(always)]
    pub(super) fn signed(&mut self, magnitude: i32) -> i32 {
        if self.count < 0 {
            self.refill();
        }
        // As for a probability of 128, with no branch. The range is at most 254, so that each half is one bit shorter.
        let threshold = u64::from(self.range.div_ceil(2)) << 56;
        let negative = self.value >= threshold;
        self.value = (self.value - if negative { threshold } else { 0 }) << 1;
        self.range = (self.range + u32::from(!negative)) & !1;
        self.count -= 1;
        let mask = -i32::from(negative);
        (magnitude ^ mask) - mask
    }

    /// A number of so many bits, of which any is as likely.
    pub(super) fn number(&mut self, bits: u32) -> u8 {
        (0..bits).fold(0, |number, _| number << 1 | u8::from(self.bit(128)))
    }

    pub(super) fn flag(&mut self) -> bool {
        self.bit(128)
    }

    /// A number that may be left out, with its sign behind it.
    pub(super) fn optional(&mut self, bits: u32) -> Option<i8> {
        if !self.flag() {
            return None;
        }
        let number = self.number(bits).cast_signed();
        Some(if self.flag() { -number } else { number })
    }

    #[inline(always)]
    fn refill(&mut self) {
        if let Some((bytes, _)) = self.rest.split_first_chunk::<8>() {
            let have = (self.count + 8).unsigned_abs();
            self.value |= u64::from_be_bytes(*bytes) >> have;
            // Bits beyond the last whole byte come again with the next.
            let taken = (64 - have) / 8;
            self.rest = self.rest.get(taken as usize..).unwrap_or_default();
            self.count += (taken * 8).cast_signed();
        } else {
            *self = self.last();
        }
    }

    /// With another of the last bytes, or a zero. (By value, so that the decoder stays in registers.)
    #[cold]
    #[inline(never)]
    fn last(mut self) -> Self {
        let byte = if let Some((byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            *byte
        } else {
            self.exhausted = true;
            0
        };
        let at = 48 - self.count;
        self.value |= u64::from(byte) << at.clamp(0, 63);
        self.count += 8;
        self
    }

    /// Damage if more was read than there is. What was read is zeros then.
    pub(super) fn check(&self) -> Result<(), Damage> {
        if self.exhausted { Err(Damage) } else { Ok(()) }
    }
}
