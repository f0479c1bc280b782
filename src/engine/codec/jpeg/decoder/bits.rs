use super::Damage;
use super::marker::next_marker;

/// How much of a scan is held at a time, stuffing removed. A power of two.
const WINDOW: usize = 1 << 14;

/// More bytes than a block can take: 64 codes of 16 bits, each with 15 bits behind it, and as many correction bits.
const BLOCK: usize = 512;

type Window = [u8; WINDOW + 8];

#[expect(
    clippy::large_stack_arrays,
    reason = "the compiler takes it from the heap at once"
)]
fn empty_window() -> Box<Window> {
    Box::new([0; WINDOW + 8])
}

/// The entropy-coded bytes of a scan, up to the next marker, as bits.
///
/// The bytes are copied into a window first, without the zeros that follow each 0xFF, so that eight of them can be loaded
/// at a time with nothing to look for. Behind the last byte there are zeros.
pub(super) struct Bits<'a> {
    source: &'a [u8],
    /// Where the byte after the window's last is. If that is `last`, it is where a marker is, or the end of the file.
    at: usize,
    window: Box<Window>,
    end: usize,
    last: bool,
    /// From which position on [`ready`](Self::ready) has to look closer.
    limit: usize,
    /// The bits to come, the first in the highest place, then what may be left of bits not counted.
    ahead: u64,
    count: u32,
    /// Where in the window the bits after `count` are.
    position: usize,
}

impl<'a> Bits<'a> {
    /// The bits from an offset on.
    pub(super) fn new(source: &'a [u8], at: usize) -> Self {
        Self {
            source,
            at,
            window: empty_window(),
            end: 0,
            last: false,
            limit: 0,
            ahead: 0,
            count: 0,
            position: 0,
        }
    }

    /// Sees to it that a whole block can be read. Damage if there is not a bit left. (A block that is cut off ends with zeros,
    /// and the one after it is damaged.)
    #[inline]
    pub(super) fn ready(&mut self) -> Result<(), Damage> {
        if self.position >= self.limit {
            self.look()?;
        }
        Ok(())
    }

    #[cold]
    fn look(&mut self) -> Result<(), Damage> {
        if !self.last {
            self.slide();
        }
        if self.position * 8 >= self.end * 8 + self.count as usize {
            return Err(Damage);
        }
        Ok(())
    }

    /// Moves the window on.
    fn slide(&mut self) {
        // The bits that are not counted would mix with others at their place.
        self.ahead &= !(u64::MAX >> self.count);
        let start = self.position.min(self.end);
        self.window.copy_within(start..self.end, 0);
        self.end -= start;
        self.position -= start;
        self.fill();
        self.window[self.end..self.end + BLOCK].fill(0);
        self.limit = if self.last { 0 } else { self.end - BLOCK };
    }

    /// Appends to the window until it is full, or there is a marker or the end of the file.
    fn fill(&mut self) {
        const STEP: usize = 16;
        // The bytes of a step that are behind a 0xFF are copied, too.
        const FULL: usize = WINDOW - BLOCK - STEP;
        while self.end < FULL {
            let rest = &self.source[self.at..];
            if let Some(step) = rest.first_chunk::<STEP>() {
                self.window[self.end..self.end + STEP].copy_from_slice(step);
                let plain = if step
                    .iter()
                    .fold(0, |any, &byte| any | u8::from(byte == 0xFF))
                    != 0
                {
                    step.iter().take_while(|&&byte| byte != 0xFF).count()
                } else {
                    STEP
                };
                self.end += plain;
                self.at += plain;
                if plain == STEP {
                    continue;
                }
            }
            match self.source[self.at..] {
                [0xFF, 0x00, ..] => {
                    self.window[self.end] = 0xFF;
                    self.end += 1;
                    self.at += 2;
                }
                [0xFF, 0xFF, ..] => self.at += 1,
                [] | [0xFF, ..] => {
                    self.last = true;
                    return;
                }
                [byte, ..] => {
                    self.window[self.end] = byte;
                    self.end += 1;
                    self.at += 1;
                }
            }
        }
    }

    /// Drops the bits that are left before the next marker. What it is, unless the file ends first.
    pub(super) fn marker(&mut self) -> Option<u8> {
        self.at = next_marker(self.source, self.at)?;
        self.source.get(self.at + 1).copied()
    }

    /// Passes over the marker, to the bits behind it.
    pub(super) fn pass_marker(&mut self) {
        self.at = (self.at + 2).min(self.source.len());
        self.end = 0;
        self.last = false;
        self.limit = 0;
        self.ahead = 0;
        self.count = 0;
        self.position = 0;
    }

    /// Where the next marker is, or the end of the file.
    pub(super) fn after(&self) -> usize {
        next_marker(self.source, self.at).unwrap_or(self.source.len())
    }

    /// What reads the bits of a block, to be given back to [`resume`](Self::resume).
    #[inline]
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor {
            window: &self.window,
            ahead: self.ahead,
            count: self.count,
            position: self.position,
        }
    }

    /// Goes on where a cursor is.
    #[inline]
    pub(super) fn resume(&mut self, (ahead, count, position): (u64, u32, usize)) {
        self.ahead = ahead;
        self.count = count;
        self.position = position;
    }
}

/// Reads bits, a block's at most.
pub(super) struct Cursor<'w> {
    window: &'w Window,
    ahead: u64,
    count: u32,
    position: usize,
}

impl Cursor<'_> {
    /// How many bits there are at least after a refill.
    pub(super) const REFILLED: u32 = 56;

    /// Where the cursor is.
    #[inline]
    pub(super) fn state(&self) -> (u64, u32, usize) {
        (self.ahead, self.count, self.position)
    }

    #[inline]
    pub(super) fn refill(&mut self) {
        let at = self.position & (WINDOW - 1);
        if let Some(bytes) = self.window[at..].first_chunk() {
            self.ahead |= u64::from_be_bytes(*bytes) >> self.count;
            self.position += ((63 - self.count) >> 3) as usize;
            self.count |= Self::REFILLED;
        }
    }

    /// The next bits, from 1 to 32 of them.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are no more than 32 bits"
    )]
    pub(super) fn peek<const BITS: u32>(&self) -> usize {
        const { assert!(BITS > 0 && BITS <= 32) };
        (self.ahead >> (64 - BITS)) as usize
    }

    #[inline]
    pub(super) fn consume(&mut self, bits: u32) {
        self.ahead <<= bits & 63;
        self.count = self.count.wrapping_sub(bits);
    }

    /// Reads a number of up to 31 bits.
    #[inline]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        let value = (self.ahead >> 32) as u32;
        self.consume(bits);
        // In two steps, as a shift by all of its bits is none.
        (value >> 1) >> (31 - (bits & 31))
    }

    /// Reads from 1 to 63 bits, refilling. The first is in the highest place.
    #[inline]
    pub(super) fn take_many(&mut self, bits: u32) -> u64 {
        self.refill();
        let first = bits.min(Self::REFILLED);
        let mut taken = self.ahead & !(u64::MAX >> first);
        self.consume(first);
        if bits > first {
            self.refill();
            let second = bits - first;
            taken |= (self.ahead & !(u64::MAX >> second)) >> first;
            self.consume(second);
        }
        taken
    }
}
