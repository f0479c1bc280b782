//! Progressive files: coefficients first, in several scans, then the planes.

#![expect(
    clippy::cast_possible_truncation,
    reason = "coefficients of a file that has sense fit into 16 bits"
)]

use super::bits::{Bits, Cursor};
use super::frame::{Channel, Frame};
use super::huffman::{Class, Definition, Entry, Table};
use super::idct::{self, Block};
use super::scan::{Pace, Scan, Turn};
use super::segments::{Definitions, EOI, SOS, next_segment};
use super::{Damage, MAX_SCANS};
use crate::engine::RenderError;

/// Which coefficients are set or taken from, a bit each, in the order of a file.
type Set = u64;

/// A coefficient that is not held.
const NOT_HELD: u8 = u8::MAX;

/// The coefficients of a component.
struct Coefficients {
    /// How many blocks there are in a row.
    stride: usize,
    /// How many coefficients of a block are held.
    held: usize,
    /// Where in those of a block each is.
    slots: [u8; 64],
    /// Which are held.
    used: Set,
    values: Vec<i16>,
    /// Which of all of a block are not zero.
    set: Vec<Set>,
}

/// Decodes the scans of a file. Whether there was anything in them.
pub(super) fn decode(source: &[u8], frame: &mut Frame) -> Result<bool, RenderError> {
    let mut needs = needs(source, frame)?.into_iter();
    let mut definitions = Definitions::default();
    let mut held: Vec<Coefficients> = Vec::new();
    let mut found = false;
    let mut at = 2;
    while let Some(segment) = next_segment(source, at) {
        at = segment.end();
        if segment.marker == EOI {
            break;
        }
        let result = if segment.marker == SOS {
            let Some(need) = needs.next() else { break };
            if need {
                if held.is_empty() {
                    held = frame
                        .channels
                        .iter()
                        .map(|channel| Coefficients::new(channel, frame))
                        .collect();
                }
                let mut bits = Bits::new(source, at);
                let result =
                    decode_scan(&mut bits, segment.payload, &definitions, frame, &mut held);
                at = bits.after();
                result
            } else {
                at = Bits::new(source, at).after();
                Ok(false)
            }
        } else {
            definitions.take(&segment).map(|()| false)
        };
        match result {
            Ok(any) => found |= any,
            Err(_) if found => break,
            Err(error) => return Err(error),
        }
    }
    for (channel, coefficients) in frame.channels.iter_mut().zip(held) {
        render(channel, &coefficients);
    }
    Ok(found)
}

/// Which scans have to be read: those of coefficients that are held, and those that tell a later one which are set.
fn needs(source: &[u8], frame: &Frame) -> Result<Vec<bool>, RenderError> {
    let mut scans = Vec::new();
    let mut at = 2;
    while let Some(segment) = next_segment(source, at) {
        at = segment.end();
        if segment.marker == EOI {
            break;
        }
        if segment.marker == SOS {
            if scans.len() == MAX_SCANS {
                return Err(RenderError::corrupt("the JPEG has too many scans"));
            }
            scans.push(Scan::read(segment.payload, frame));
        }
    }
    let mut history = vec![0; frame.channels.len()];
    let mut needs: Vec<bool> = scans
        .iter()
        .rev()
        .map(|scan| {
            // One that makes no sense has to be found where it is.
            let Some(scan) = scan else { return true };
            let mut need = scan.first == 0;
            for member in &scan.components {
                let used = used_set(frame.channels[member.channel].side.into());
                let history = &mut history[member.channel];
                if scan.band() & (used | *history) != 0 {
                    need = true;
                    if scan.high > 0 {
                        *history |= scan.band();
                    }
                }
            }
            need
        })
        .collect();
    needs.reverse();
    Ok(needs)
}

impl Scan {
    /// The coefficients of the scan.
    fn band(&self) -> Set {
        (Set::MAX >> (63 - (self.last & 63))) & (Set::MAX << (self.first & 63))
    }

    fn valid(&self) -> bool {
        let band = if self.first == 0 {
            self.last == 0
        } else {
            self.first <= self.last && self.last < 64 && self.components.len() == 1
        };
        band && self.low < 14 && (self.high == 0 || self.high == self.low + 1)
    }
}

impl Coefficients {
    fn new(channel: &Channel, frame: &Frame) -> Self {
        let component = channel.component;
        let stride = frame.units.0 as usize * usize::from(component.horizontal);
        let blocks = stride * frame.units.1 as usize * usize::from(component.vertical);
        let mut slots = [NOT_HELD; 64];
        let mut held = 0;
        for (slot, place) in slots.iter_mut().zip(idct::places(channel.side.into())) {
            if idct::used(place) {
                *slot = held;
                held += 1;
            }
        }
        let held = held.into();
        Self {
            stride,
            held,
            slots,
            used: used_set(channel.side.into()) | 1,
            values: vec![0; blocks * held],
            set: vec![0; blocks],
        }
    }

    /// A coefficient of a block, if it is held.
    #[inline]
    fn get(&mut self, block: usize, k: u32) -> Option<&mut i16> {
        let slot = self.slots[(k & 63) as usize];
        if slot == NOT_HELD {
            return None;
        }
        self.values.get_mut(block * self.held + usize::from(slot))
    }
}

/// Decodes a scan. Whether there was anything in it.
fn decode_scan(
    bits: &mut Bits<'_>,
    header: &[u8],
    definitions: &Definitions,
    frame: &mut Frame,
    held: &mut [Coefficients],
) -> Result<bool, RenderError> {
    let scan = Scan::read(header, frame)
        .filter(Scan::valid)
        .ok_or_else(|| RenderError::corrupt("a scan of the JPEG makes no sense"))?;
    for member in &scan.components {
        frame.channels[member.channel].settle(definitions)?;
    }
    let table = |class: Class, definition: &Option<Definition>| {
        let definition = definition.as_ref();
        let missing = || RenderError::corrupt("a table of the JPEG is missing");
        Table::new(class, definition.ok_or_else(missing)?)
    };
    let pace = Pace::new(definitions.restart_interval);
    if let ([member], 1..) = (&*scan.components, scan.first) {
        let band = Band {
            table: table(Class::Band, &definitions.ac[member.ac])?,
            first: scan.first.into(),
            last: scan.last.into(),
            all: scan.band(),
            low: scan.low,
        };
        let held = &mut held[member.channel];
        let read = if scan.high == 0 {
            Band::read
        } else {
            Band::refine
        };
        return Ok(walk_band(
            bits,
            pace,
            scan.units(frame),
            |bits, row, column, blocks| {
                let block = row * held.stride + column;
                read(&band, bits, held, block, blocks)
            },
        ));
    }
    let tables = scan.components.iter().map(|member| {
        // The bits of a refinement have no codes.
        (scan.high == 0)
            .then(|| table(Class::Dc, &definitions.dc[member.dc]))
            .transpose()
    });
    let tables = tables.collect::<Result<Vec<_>, _>>()?;
    Ok(decode_means(bits, pace, &scan, &tables, frame, held))
}

/// Decodes a scan of first coefficients. Whether there was anything in it.
fn decode_means(
    bits: &mut Bits<'_>,
    mut pace: Pace,
    scan: &Scan,
    tables: &[Option<Table>],
    frame: &Frame,
    held: &mut [Coefficients],
) -> bool {
    let mut found = false;
    let mut before = vec![0; scan.components.len()];
    let (width, height) = scan.units(frame);
    for row in 0..height as usize {
        for column in 0..width as usize {
            match pace.turn(bits) {
                Turn::Read => {}
                Turn::Restart => before.fill(0),
                Turn::Lost if pace.over() => return found,
                Turn::Lost => continue,
            }
            let mut read = || {
                for ((member, table), before) in scan.components.iter().zip(tables).zip(&mut before)
                {
                    let component = frame.channels[member.channel].component;
                    let (across, down) = match *scan.components {
                        [_] => (1, 1),
                        _ => (component.horizontal.into(), component.vertical.into()),
                    };
                    let held = &mut held[member.channel];
                    for at in 0..across * down {
                        let block = (row * down + at / across) * held.stride
                            + column * across
                            + at % across;
                        let mean = held.get(block, 0);
                        read_mean(bits, table.as_ref(), scan.low, before, mean)?;
                    }
                }
                Ok::<_, Damage>(())
            };
            match read() {
                Ok(()) => found = true,
                Err(Damage) => pace.damage(),
            }
        }
    }
    found
}

/// Reads the first coefficient of a block, or, where there is no table, a bit of it.
fn read_mean(
    bits: &mut Bits<'_>,
    table: Option<&Table>,
    low: u8,
    before: &mut i32,
    mean: Option<&mut i16>,
) -> Result<(), Damage> {
    bits.ready()?;
    let mut cursor = bits.cursor();
    cursor.refill();
    let value = if let Some(table) = table {
        *before = before.wrapping_add(table.read(&mut cursor)?.value());
        *before
    } else {
        cursor.take(1).cast_signed()
    };
    let state = cursor.state();
    bits.resume(state);
    if let Some(mean) = mean {
        *mean |= (value << low) as i16;
    }
    Ok(())
}

/// A scan of coefficients after the first.
struct Band {
    table: Table,
    first: u32,
    last: u32,
    /// All from the first to the last.
    all: Set,
    low: u8,
}

/// Goes over the blocks of a component. Whether one could be read. What reads a block is told its row, its column and how
/// many blocks, from this one on, have ended.
fn walk_band(
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
    fn read(
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
    fn refine(
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

/// Makes the plane of a component.
fn render(channel: &mut Channel, coefficients: &Coefficients) {
    let side = usize::from(channel.side);
    let (width, height) = (channel.blocks.0 as usize, channel.blocks.1 as usize);
    let stride = width * side;
    let mut rows = vec![0; stride * side];
    let mut scratch = [0.0; 128];
    let render = match side {
        1 => render_block::<1>,
        2 => render_block::<2>,
        3 => render_block::<3>,
        4 => render_block::<4>,
        5 => render_block::<5>,
        6 => render_block::<6>,
        7 => render_block::<7>,
        _ => render_block::<8>,
    };
    channel.reserve();
    for row in 0..height {
        for column in 0..width {
            let block = row * coefficients.stride + column;
            let out = rows.get_mut(column * side..).unwrap_or_default();
            render(channel, coefficients, &mut scratch, block, out, stride);
        }
        channel.append(&rows, stride);
    }
    channel.complete();
}

/// Makes the samples of a block.
#[inline]
fn render_block<const N: usize>(
    channel: &Channel,
    coefficients: &Coefficients,
    block: &mut Block,
    at: usize,
    out: &mut [u8],
    stride: usize,
) {
    let (Some(scaling), Some(&set)) = (&channel.scaling, coefficients.set.get(at)) else {
        return;
    };
    let start = at * coefficients.held;
    let values = coefficients
        .values
        .get(start..start + coefficients.held)
        .unwrap_or_default();
    let mean = values.first().copied().unwrap_or_default().into();
    let mut rest = set & const { used_set(N) };
    if rest == 0 {
        idct::fill::<N>(scaling.mean(mean), out, stride);
        return;
    }
    let last = rest.ilog2();
    block[..8 * N].fill(0.0);
    block[0] = scaling.scale(0, mean);
    while rest != 0 {
        let k = rest.trailing_zeros();
        rest &= rest - 1;
        let value = values.get(usize::from(coefficients.slots[(k & 63) as usize]));
        let place = const { &idct::places(N) }[(k & 63) as usize];
        block[usize::from(place & 127)] =
            scaling.scale(k, value.copied().unwrap_or_default().into());
    }
    idct::transform::<N>(block, last, out, stride);
}

/// The coefficients after the first that a block reduced to `side` has use for.
const fn used_set(side: usize) -> Set {
    let places = idct::places(side);
    let mut set = 0;
    let mut k = 1;
    while k < 64 {
        if idct::used(places[k]) {
            set |= 1 << k;
        }
        k += 1;
    }
    set
}
