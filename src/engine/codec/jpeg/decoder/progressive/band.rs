//! Scans of coefficients after the first.

#![expect(
    clippy::cast_possible_truncation,
    reason = "coefficients of a file that has sense fit into 16 bits"
)]

use super::super::Damage;
use super::super::bits::{Bits, Cursor};
use super::super::huffman::{Entry, Table};
use super::super::scan::{Pace, Turn};
use super::coefficients::{Coefficients, Set};

/// A scan of coefficients after the first.
pub(super) struct Band {
    pub(super) table: Table,
    pub(super) first: u32,
    pub(super) last: u32,
    /// All from the first to the last.
    pub(super) all: Set,
    pub(super) low: u8,
}

/// Goes over the blocks of a component. Whether one could be read. What reads a block is told its row, its column and how
/// many blocks, from this one on, have ended.
pub(super) fn walk_band(
    bits: &mut Bits<'_>,
    mut pace: Pace,
    (width, height): (u32, u32),
    mut read: impl FnMut(&mut Bits<'_>, usize, usize, &mut u32) -> Result<(), Damage>,
) -> bool {
    let mut found = false;
    let mut ended = 0;
    for row in 0..height as usize {
        for column in 0..width as usize {
            match pace.turn(bits) {
                Turn::Read => {}
                Turn::Restart => ended = 0,
                Turn::Lost if pace.over() => return found,
                Turn::Lost => continue,
            }
            match read(bits, row, column, &mut ended) {
                Ok(()) => found = true,
                Err(Damage) => pace.damage(),
            }
        }
    }
    found
}

impl Band {
    /// Reads a block of a first scan.
    pub(super) fn read(
        &self,
        bits: &mut Bits<'_>,
        held: &mut Coefficients,
        block: usize,
        ended: &mut u32,
    ) -> Result<(), Damage> {
        if *ended > 0 {
            *ended -= 1;
            return Ok(());
        }
        bits.ready()?;
        let mut cursor = bits.cursor();
        let mut set = 0;
        let mut k = self.first - 1;
        while k < self.last {
            cursor.refill();
            let entry = self.table.read(&mut cursor)?;
            if entry.kind() == Entry::END {
                *ended = end(&mut cursor, entry);
                break;
            }
            k += entry.ahead();
            if k > self.last {
                return Err(Damage);
            }
            let value = entry.value();
            if value != 0 {
                set |= 1 << k;
                if let Some(place) = held.get(block, k) {
                    *place = (value << self.low) as i16;
                }
            }
        }
        let state = cursor.state();
        bits.resume(state);
        if let Some(place) = held.set.get_mut(block) {
            *place |= set;
        }
        Ok(())
    }

    /// Reads a block of a scan that adds a bit to coefficients.
    pub(super) fn refine(
        &self,
        bits: &mut Bits<'_>,
        held: &mut Coefficients,
        block: usize,
        ended: &mut u32,
    ) -> Result<(), Damage> {
        let before = held.set.get(block).copied().unwrap_or_default() & self.all;
        if *ended > 0 && before == 0 {
            *ended -= 1;
            return Ok(());
        }
        bits.ready()?;
        let mut cursor = bits.cursor();
        let start = block * held.held;
        let values = held
            .values
            .get_mut(start..start + held.held)
            .unwrap_or_default();
        let (slots, mut set) = (&held.slots, 0);
        // What is still to come.
        let mut rest = self.all;
        while *ended == 0 && rest != 0 {
            cursor.refill();
            let entry = self.table.read(&mut cursor)?;
            if entry.kind() == Entry::END {
                *ended = end(&mut cursor, entry) + 1;
                break;
            }
            // The place is behind so many zeros, or is the last of them.
            let mut zeros = rest & !before;
            for _ in 1..entry.ahead() {
                zeros &= zeros.wrapping_sub(1);
            }
            let place = zeros & zeros.wrapping_neg();
            let passed = rest & before & place.wrapping_sub(1);
            self.correct(&mut cursor, passed, held.used, slots, values);
            if entry.value() != 0 {
                if place == 0 {
                    return Err(Damage);
                }
                set |= place;
                let slot = slots[place.trailing_zeros() as usize & 63];
                if let Some(value) = values.get_mut(usize::from(slot)) {
                    *value = (entry.value() << self.low) as i16;
                }
            }
            // None if there was no place.
            rest &= !place.wrapping_sub(1) & !place;
        }
        if *ended > 0 {
            *ended -= 1;
            self.correct(&mut cursor, rest & before, held.used, slots, values);
        }
        let state = cursor.state();
        bits.resume(state);
        if let Some(place) = held.set.get_mut(block) {
            *place |= set;
        }
        Ok(())
    }

    /// Reads a bit for each of these coefficients, all of which are set.
    #[inline]
    fn correct(
        &self,
        cursor: &mut Cursor<'_>,
        these: Set,
        used: Set,
        slots: &[u8; 64],
        values: &mut [i16],
    ) {
        let count = these.count_ones();
        if count == 0 {
            return;
        }
        let mut corrections = cursor.take_many(count);
        let mut rest = these;
        if these & !used != 0 {
            // Those that are not held have bits, too.
            rest &= used;
            if corrections == 0 {
                return;
            }
        }
        let mut passed = 0;
        while rest != 0 {
            let place = rest & rest.wrapping_neg();
            rest ^= place;
            let bits_before = (these & (place - 1)).count_ones();
            corrections <<= bits_before - passed;
            passed = bits_before;
            let slot = slots[place.trailing_zeros() as usize & 63];
            if let Some(value) = values.get_mut(usize::from(slot)) {
                // Away from zero.
                let bit = i16::from(corrections >> 63 != 0) << self.low;
                *value = value.wrapping_add(if *value < 0 { -bit } else { bit });
            }
        }
    }
}

/// How many blocks end, after the present one.
#[inline]
fn end(cursor: &mut Cursor<'_>, entry: Entry) -> u32 {
    cursor.refill();
    let bits = entry.ahead();
    (1 << bits) - 1 + cursor.take(bits)
}
