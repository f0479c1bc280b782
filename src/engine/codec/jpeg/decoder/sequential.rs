//! Baseline and extended sequential files: block by block into the planes.

use super::Damage;
use super::bits::{Bits, Cursor};
use super::frame::{Frame, NEUTRAL};
use super::huffman::{Class, Entry, Table};
use super::idct::{self, Block, Scaling};
use super::marker::{EOI, SOS};
use super::scan::{Pace, Scan, Turn};
use super::segments::{Definitions, next_segment};
use crate::engine::RenderError;

/// Decodes the scans of a file. Whether there was anything in them.
pub(super) fn decode(source: &[u8], frame: &mut Frame) -> Result<bool, RenderError> {
    let mut definitions = Definitions::default();
    let mut found = false;
    let mut at = 2;
    while let Some(segment) = next_segment(source, at) {
        at = segment.end();
        if segment.marker == EOI {
            break;
        }
        if segment.marker != SOS {
            match definitions.take(&segment) {
                Err(_) if found => break,
                taken => taken?,
            }
            continue;
        }
        let scan = Scan::read(segment.payload, frame).filter(|scan| {
            // Each component comes once.
            scan.components
                .iter()
                .all(|member| frame.channels[member.channel].samples.is_empty())
        });
        let units = match scan.as_ref() {
            Some(scan) => units(scan, &definitions, frame),
            None => Err(RenderError::corrupt("a scan of the JPEG makes no sense")),
        };
        let (scan, mut units) = match (scan, units) {
            (Some(scan), Ok(units)) => (scan, units),
            (_, Err(_)) if found => break,
            (_, Err(error)) => return Err(error),
            (None, Ok(_)) => break,
        };
        let mut bits = Bits::new(source, at);
        let pace = Pace::new(definitions.restart_interval);
        found |= decode_scan(&mut bits, pace, &scan, &mut units, frame);
        at = bits.after();
        if frame
            .channels
            .iter()
            .all(|channel| !channel.samples.is_empty())
        {
            break;
        }
    }
    for channel in &mut frame.channels {
        channel.complete();
    }
    Ok(found)
}

/// A component of a scan that is being decoded.
struct Unit {
    channel: usize,
    /// How many blocks there are of it in a unit.
    across: usize,
    down: usize,
    tables: Tables,
    read: ReadBlock,
    /// The value before.
    dc: i32,
    /// A row of units, and how long its rows are.
    stripe: Vec<u8>,
    stride: usize,
    side: usize,
}

/// What a block is decoded with.
struct Tables {
    dc: Table,
    ac: Table,
    scaling: Scaling,
}

type ReadBlock =
    fn(&mut Bits<'_>, &Tables, &mut i32, &mut Block, &mut [u8], usize) -> Result<(), Damage>;

fn units(
    scan: &Scan,
    definitions: &Definitions,
    frame: &mut Frame,
) -> Result<Vec<Unit>, RenderError> {
    let missing = || RenderError::corrupt("a table of the JPEG is missing");
    let alone = scan.components.len() == 1;
    let (width, _) = scan.units(frame);
    let mut units = Vec::new();
    for member in &scan.components {
        let channel = &mut frame.channels[member.channel];
        let scaling = channel.settle(definitions)?.clone();
        let tables = Tables {
            dc: Table::new(
                Class::Dc,
                definitions.dc[member.dc].as_ref().ok_or_else(missing)?,
            )?,
            ac: Table::new(
                Class::Ac,
                definitions.ac[member.ac].as_ref().ok_or_else(missing)?,
            )?,
            scaling,
        };
        let (across, down) = if alone {
            (1, 1)
        } else {
            let component = channel.component;
            (component.horizontal.into(), component.vertical.into())
        };
        let side = usize::from(channel.side);
        let stride = width as usize * across * side;
        units.push(Unit {
            channel: member.channel,
            across,
            down,
            tables,
            read: if channel.light {
                reader::<true>(side)
            } else {
                reader::<false>(side)
            },
            dc: 0,
            stripe: vec![NEUTRAL; stride * down * side],
            stride,
            side,
        });
    }
    Ok(units)
}

/// What reads a block that is reduced to `side`.
fn reader<const LIGHT: bool>(side: usize) -> ReadBlock {
    match side {
        1 => read_mean::<LIGHT>,
        2 => read::<2, LIGHT>,
        3 => read::<3, LIGHT>,
        4 => read::<4, LIGHT>,
        5 => read::<5, LIGHT>,
        6 => read::<6, LIGHT>,
        7 => read::<7, LIGHT>,
        _ => read::<8, false>,
    }
}

/// Decodes a scan. Whether there was anything in it.
fn decode_scan(
    bits: &mut Bits<'_>,
    mut pace: Pace,
    scan: &Scan,
    units: &mut [Unit],
    frame: &mut Frame,
) -> bool {
    let mut found = false;
    let mut block = [0.0; 128];
    let (width, height) = scan.units(frame);
    for unit in &*units {
        frame.channels[unit.channel].reserve();
    }
    for _ in 0..height {
        for column in 0..width as usize {
            let turn = pace.turn(bits);
            if turn == Turn::Restart {
                for unit in &mut *units {
                    unit.dc = 0;
                }
            }
            let lost = turn == Turn::Lost
                || units
                    .iter_mut()
                    .any(|unit| unit.read(bits, column, &mut block).is_err());
            if lost {
                pace.damage();
                for unit in &mut *units {
                    unit.clear(column);
                }
            } else {
                found = true;
            }
        }
        for unit in &*units {
            frame.channels[unit.channel].append(&unit.stripe, unit.stride);
        }
        if pace.over() {
            break;
        }
    }
    for unit in &*units {
        frame.channels[unit.channel].complete();
    }
    found
}

impl Unit {
    /// Reads the blocks of a unit.
    #[inline]
    fn read(
        &mut self,
        bits: &mut Bits<'_>,
        column: usize,
        block: &mut Block,
    ) -> Result<(), Damage> {
        for y in 0..self.down {
            for x in 0..self.across {
                let at = y * self.side * self.stride + (column * self.across + x) * self.side;
                let out = self.stripe.get_mut(at..).unwrap_or_default();
                (self.read)(bits, &self.tables, &mut self.dc, block, out, self.stride)?;
            }
        }
        Ok(())
    }

    /// Makes a unit grey.
    fn clear(&mut self, column: usize) {
        let length = self.across * self.side;
        for row in self.stripe.chunks_exact_mut(self.stride) {
            row[column * length..(column + 1) * length].fill(NEUTRAL);
        }
    }
}

/// Reads a block that becomes a sample.
fn read_mean<const LIGHT: bool>(
    bits: &mut Bits<'_>,
    tables: &Tables,
    dc: &mut i32,
    _: &mut Block,
    out: &mut [u8],
    _: usize,
) -> Result<(), Damage> {
    bits.ready()?;
    let mut cursor = bits.cursor();
    read_dc(&mut cursor, tables, dc)?;
    let mut variance = 0.0;
    tables.ac.skip(&mut cursor, 0, |lost| {
        if LIGHT {
            variance += tables.scaling.loss_of(lost);
        }
    })?;
    let state = cursor.state();
    bits.resume(state);
    if let Some(to) = out.first_mut() {
        *to = tables.scaling.mean(*dc);
    }
    idct::brighten::<1>(variance, out, 1);
    Ok(())
}

#[inline]
fn read_dc(cursor: &mut Cursor<'_>, tables: &Tables, dc: &mut i32) -> Result<(), Damage> {
    cursor.refill();
    let difference = tables.dc.read(cursor)?.value();
    *dc = dc.wrapping_add(difference);
    Ok(())
}

/// Reads a block that becomes one of N by N samples.
fn read<const N: usize, const LIGHT: bool>(
    bits: &mut Bits<'_>,
    tables: &Tables,
    dc: &mut i32,
    block: &mut Block,
    out: &mut [u8],
    stride: usize,
) -> Result<(), Damage> {
    bits.ready()?;
    let mut cursor = bits.cursor();
    read_dc(&mut cursor, tables, dc)?;
    let mut variance = 0.0;
    let last = read_ac::<N, LIGHT>(&mut cursor, tables, block, &mut variance)?;
    let state = cursor.state();
    bits.resume(state);
    if last == 0 {
        idct::fill::<N>(tables.scaling.mean(*dc), out, stride);
    } else {
        block[0] = tables.scaling.scale(0, *dc);
        idct::transform::<N>(block, last, out, stride);
    }
    idct::brighten::<N>(variance, out, stride);
    Ok(())
}

/// Reads the coefficients after the first into a block, and passes over those without use. The number of the last read. With
/// them goes `variance`, which is counted where LIGHT is wanted.
#[inline]
fn read_ac<const N: usize, const LIGHT: bool>(
    cursor: &mut Cursor<'_>,
    tables: &Tables,
    block: &mut Block,
    variance: &mut f32,
) -> Result<u32, Damage> {
    let places = const { &idct::places(N) };
    let used = const { idct::last_used(N) };
    block[..8 * N].fill(0.0);
    let (mut k, mut last) = (0, 0);
    'refill: while k < used {
        cursor.refill();
        // No two lookups consume so much that the third could not be a code of any length.
        for _ in 0..3 {
            let mut entry = tables.ac.peek(cursor);
            let whole = entry.kind() == Entry::WHOLE;
            if whole {
                cursor.consume(entry.bits());
            } else {
                entry = tables.ac.read(cursor)?;
            }
            k += entry.ahead();
            if k > 63 {
                // Past the end, or at it.
                return if k >= Entry::BEYOND {
                    Ok(last)
                } else {
                    Err(Damage)
                };
            }
            last = k;
            let place = places[(k & 63) as usize];
            block[usize::from(place & 127)] = tables.scaling.scale(k, entry.value());
            if LIGHT {
                *variance += tables.scaling.loss(k, entry.value());
            }
            if !whole || k >= used {
                continue 'refill;
            }
        }
    }
    tables.ac.skip(cursor, k, |lost| {
        if LIGHT {
            *variance += tables.scaling.loss_of(lost);
        }
    })?;
    Ok(last)
}
