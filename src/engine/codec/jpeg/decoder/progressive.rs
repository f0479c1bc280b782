//! Progressive files: coefficients first, in several scans, then the planes.

#![expect(
    clippy::cast_possible_truncation,
    reason = "coefficients of a file that has sense fit into 16 bits"
)]

mod band;
mod coefficients;

use self::band::{Band, walk_band};
use self::coefficients::{Coefficients, Set, used_set};
use super::bits::Bits;
use super::frame::Frame;
use super::huffman::{Class, Definition, Table};
use super::marker::{EOI, SOS};
use super::scan::{Pace, Scan, Turn};
use super::segments::{Definitions, next_segment};
use super::{Damage, MAX_SCANS};
use crate::engine::RenderError;

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
        coefficients.render(channel);
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
