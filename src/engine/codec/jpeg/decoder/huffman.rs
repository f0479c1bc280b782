//! Huffman tables, as lookups by the next bits (ITU-T T.81, annexes C and F.2).

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "codes and lengths have at most 16 bits"
)]

use super::Damage;
use super::bits::Cursor;
use crate::engine::RenderError;

/// How many bits a lookup of a symbol has, and one of a sequence to pass over.
const FAST: u32 = 11;
const SKIP: u32 = 12;

/// Of bits to pass over: too far ahead, but not at an end.
const UNKNOWN: Skip = Skip(64 << 6);

/// A table as a file defines it.
#[derive(Clone)]
pub(super) struct Definition {
    /// How many codes there are of each length from 1 on.
    pub(super) counts: [u8; 16],
    /// What they stand for.
    pub(super) symbols: Vec<u8>,
}

/// What the symbols of a table mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The size of a difference.
    Dc,
    /// A run of zeros, and the size of the coefficient behind it.
    Ac,
    /// The same of a progressive scan, where a run without a size ends several blocks.
    Band,
}

/// What a lookup of a symbol finds.
///
/// From the lowest bit on: 6 bits, how many bits to consume; 2 bits, a [kind](Self::WHOLE); 8 bits, how many coefficients to
/// go ahead; 16 bits, the value, or its size.
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

impl Entry {
    /// The value is in the entry.
    pub(super) const WHOLE: u32 = 0;
    /// The value comes after the bits to consume.
    pub(super) const SIZED: u32 = 1;
    /// This block ends, and as many others as the next bits say. What would be the way ahead is how many bits.
    pub(super) const END: u32 = 2;
    /// The code is longer than the lookup, or is none.
    const LONG: u32 = 3;

    /// Further ahead than any coefficient: the block ends.
    pub(super) const BEYOND: u32 = 128;

    const fn new(bits: u32, kind: u32, ahead: u32, value: u32) -> Self {
        Self(bits | kind << 6 | ahead << 8 | value << 16)
    }

    #[inline]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0x3F
    }

    #[inline]
    pub(super) fn kind(self) -> u32 {
        self.0 >> 6 & 3
    }

    #[inline]
    pub(super) fn ahead(self) -> u32 {
        self.0 >> 8 & 0xFF
    }

    #[inline]
    pub(super) fn value(self) -> i32 {
        self.0.cast_signed() >> 16
    }

    /// What a code of so many bits means.
    fn of(class: Class, bits: u32, symbol: u8) -> Self {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let kind = if size == 0 { Self::WHOLE } else { Self::SIZED };
        match (class, run, size) {
            (Class::Dc, ..) => Self::new(bits, kind, 0, size),
            (_, 15, 0) => Self::new(bits, Self::WHOLE, 16, 0),
            (Class::Ac, _, 0) => Self::new(bits, Self::WHOLE, Self::BEYOND, 0),
            (Class::Band, _, 0) => Self::new(bits, Self::END, run, 0),
            _ => Self::new(bits, kind, run + 1, size),
        }
    }

    /// The square of the value behind a code, of which `known` bits are known from the code's first on: all of the value, or
    /// none that matters, for then it is that of a value of its size in the middle.
    fn square(self, next: u32, known: u32) -> u32 {
        if self.kind() != Self::SIZED {
            return 0;
        }
        let size = self.0 >> 16;
        let value = if self.total() <= known.min(16) {
            let bits = next >> (16 - self.total()) & ((1 << size) - 1);
            extend(bits, size).unsigned_abs()
        } else {
            3 << size >> 2
        };
        value * value
    }

    /// How many bits the code and the value have.
    fn total(self) -> u32 {
        let size = if self.kind() == Self::SIZED {
            self.0 >> 16
        } else {
            0
        };
        self.bits() + size
    }
}

/// What a lookup of symbols to pass over finds.
///
/// From the lowest bit on: 6 bits, how many bits to consume; 8 bits, how many coefficients to go ahead; 6 bits, how many to
/// the largest value; 12 bits, how much is [lost](Lost), all of it there.
#[derive(Clone, Copy)]
struct Skip(u32);

impl Skip {
    /// The sum of squares is less than that of 256.
    fn new(bits: u32, ahead: u32, largest: u32, squares: u32) -> Self {
        let root = (f64::from(squares).sqrt() * f64::from(Lost::UNIT)) as u32;
        Self(root << 20 | (largest & 63) << 14 | ahead << 6 | bits)
    }

    #[inline]
    fn bits(self) -> u32 {
        self.0 & 0x3F
    }

    #[inline]
    fn ahead(self) -> u32 {
        self.0 >> 6 & 0xFF
    }

    /// What is lost after coefficient `k`.
    #[inline]
    fn lost(self, k: u32) -> Lost {
        Lost {
            k: k + (self.0 >> 14 & 0x3F),
            value: self.0 >> 20,
        }
    }
}

/// Coefficients that are passed over, as one: where the largest is, and what it would be with the squares of all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub(super) k: u32,
    /// In sixteenths.
    pub(super) value: u32,
}

impl Lost {
    pub(super) const UNIT: u32 = 16;
}

/// A table to decode with.
pub(super) struct Table {
    fast: Box<[Entry; 1 << FAST]>,
    /// Of as many symbols as the bits show.
    skip: Box<[Skip; 1 << SKIP]>,
    class: Class,
    /// Where the codes of each length end, aligned to 16 bits.
    ends: [u32; 17],
    /// What to add to a code of a length to have the place of its symbol.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Table {
    /// Lays out a table.
    pub(super) fn new(class: Class, definition: &Definition) -> Result<Self, RenderError> {
        let mut table = Self {
            fast: Box::new([Entry::new(0, Entry::LONG, 0, 0); 1 << FAST]),
            skip: Box::new([UNKNOWN; 1 << SKIP]),
            class,
            ends: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
        };
        let mut code = 0_u32;
        let mut place = 0;
        for (bits, &count) in (1_u32..).zip(&definition.counts) {
            let length = bits as usize;
            table.offsets[length] = i32::try_from(place).unwrap_or(0) - code.cast_signed();
            for _ in 0..count {
                let (Some(&symbol), true) = (definition.symbols.get(place), code < 1 << bits)
                else {
                    return Err(RenderError::corrupt(
                        "a Huffman table of the JPEG has no sense",
                    ));
                };
                if class == Class::Dc && symbol > 15 {
                    return Err(RenderError::corrupt(
                        "a difference of the JPEG is too large",
                    ));
                }
                table.symbols[place & 0xFF] = symbol;
                if bits <= FAST {
                    table.lay(code, Entry::of(class, bits, symbol));
                }
                place += 1;
                code += 1;
            }
            table.ends[length] = code << (16 - bits);
            code <<= 1;
        }
        if class != Class::Dc {
            table.lay_skips();
        }
        Ok(table)
    }

    /// Enters a code for all that can follow it.
    fn lay(&mut self, code: u32, entry: Entry) {
        let free = FAST - entry.bits();
        let start = (code << free) as usize;
        for (following, place) in (0_u32..).zip(&mut self.fast[start..start + (1 << free)]) {
            *place = entry;
            let total = entry.total();
            if entry.kind() == Entry::SIZED && total <= FAST {
                let size = total - entry.bits();
                let value = extend((following >> (FAST - total)) & ((1 << size) - 1), size);
                *place = Entry::new(total, Entry::WHOLE, entry.ahead(), value.cast_unsigned());
            }
        }
    }

    fn lay_skips(&mut self) {
        for bits in 0..1_u32 << SKIP {
            let (mut ahead, mut total) = (0, 0);
            let (mut largest, mut at, mut squares) = (0, 0, 0);
            loop {
                // What is known of the bits behind those of the symbols so far.
                let known = SKIP.saturating_sub(total);
                if known == 0 {
                    break;
                }
                let next = bits << (16 - SKIP) << total & 0xFFFF;
                let Some(entry) = self.symbol(next) else {
                    break;
                };
                if entry.bits() > known
                    || entry.kind() == Entry::END && entry.ahead() > 0
                    || ahead + entry.ahead() > 63 + Entry::BEYOND
                {
                    break;
                }
                let square = entry.square(next, known);
                if squares + square >= 1 << 16 {
                    break;
                }
                squares += square;
                if square > largest {
                    largest = square;
                    at = ahead + entry.ahead();
                }
                let ends = entry.kind() == Entry::END || entry.ahead() == Entry::BEYOND;
                if !ends && ahead + entry.ahead() > 63 {
                    break;
                }
                total += entry.total();
                ahead += if ends { Entry::BEYOND } else { entry.ahead() };
                if ends {
                    break;
                }
            }
            if total > 0 {
                self.skip[bits as usize] = Skip::new(total, ahead, at, squares);
            }
        }
    }

    /// What the code is that 16 bits begin with.
    #[cold]
    fn symbol(&self, next: u32) -> Option<Entry> {
        let bits = (1..17).find(|&bits| next < self.ends[bits])?;
        let code = next >> (16 - bits);
        let place = code.cast_signed().wrapping_add(self.offsets[bits]);
        let symbol = self.symbols[(place & 0xFF) as usize];
        Some(Entry::of(self.class, bits as u32, symbol))
    }

    /// What the next bits seem to mean: nothing more than that they are looked up, unless it is [whole](Entry::WHOLE).
    #[inline]
    pub(super) fn peek(&self, cursor: &Cursor<'_>) -> Entry {
        self.fast[cursor.peek::<FAST>()]
    }

    /// What the next bits mean. At least 16 bits must be there.
    #[inline]
    fn look_up(&self, cursor: &Cursor<'_>) -> Result<Entry, Damage> {
        let entry = self.peek(cursor);
        if entry.kind() == Entry::LONG {
            return self.symbol(cursor.peek::<16>() as u32).ok_or(Damage);
        }
        Ok(entry)
    }

    /// Reads a symbol and its value. At least 31 bits must be there.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "as a call the cursor would go through memory"
    )]
    pub(super) fn read(&self, cursor: &mut Cursor<'_>) -> Result<Entry, Damage> {
        let entry = self.look_up(cursor)?;
        cursor.consume(entry.bits());
        if entry.kind() == Entry::SIZED {
            let size = entry.0 >> 16;
            let value = extend(cursor.take(size), size);
            return Ok(Entry::new(
                0,
                Entry::WHOLE,
                entry.ahead(),
                value.cast_unsigned(),
            ));
        }
        Ok(entry)
    }

    /// Passes over the rest of a block that ends with coefficient 63, after coefficient `k`. What is `lost` by that is told as
    /// it goes.
    // As a call the cursor would go through memory.
    #[inline(always)]
    pub(super) fn skip(
        &self,
        cursor: &mut Cursor<'_>,
        k: u32,
        mut lost: impl FnMut(Lost),
    ) -> Result<(), Damage> {
        const LAST: u32 = 63;
        let mut k = k;
        while k < LAST {
            cursor.refill();
            // No sequence has more than 11 bits, and then the longest code and value.
            let mut found = self.skip[cursor.peek::<SKIP>()];
            if k + found.ahead() < LAST {
                cursor.consume(found.bits());
                lost(found.lost(k));
                k += found.ahead();
                found = self.skip[cursor.peek::<SKIP>()];
                if k + found.ahead() < LAST {
                    cursor.consume(found.bits());
                    lost(found.lost(k));
                    k += found.ahead();
                    continue;
                }
            }
            // The end of the block, if it is not a sequence that goes on behind it, or a code that is not in the table.
            let ahead = k + found.ahead();
            if ahead == LAST || (Entry::BEYOND..Entry::BEYOND + LAST).contains(&ahead) {
                cursor.consume(found.bits());
                lost(found.lost(k));
                return Ok(());
            }
            cursor.refill();
            let entry = self.read(cursor)?;
            if entry.kind() == Entry::END || entry.ahead() == Entry::BEYOND {
                return Ok(());
            }
            k += entry.ahead();
            let value = entry.value().unsigned_abs() * Lost::UNIT;
            lost(Lost { k, value });
        }
        if k == LAST { Ok(()) } else { Err(Damage) }
    }
}

/// The value that the bits of a size stand for: those that begin with 0 are negative.
#[inline]
fn extend(bits: u32, size: u32) -> i32 {
    let half = 1 << (size & 31) >> 1;
    let low = if bits < half {
        (1 << (size & 31)) - 1
    } else {
        0
    };
    bits.cast_signed() - low
}
