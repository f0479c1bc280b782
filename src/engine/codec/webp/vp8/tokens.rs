use super::bits::Bits;

/// By kind of block, band, context and place in the tree.
pub(super) type Probabilities = [[[[u8; 11]; 3]; 8]; 4];

/// Those of a kind of block by the number of a coefficient, with a place behind the last.
pub(super) type Positions = [[[u8; 11]; 3]; 17];

/// The coefficients of 4 by 4 samples, row by row.
pub(super) type Block = [i16; 16];

/// The kinds of blocks, in the order of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Luma whose first coefficients are elsewhere.
    LumaWithoutFirst,
    /// The first coefficients of luma.
    Means,
    Chroma,
    Luma,
}

/// To which band of probabilities a coefficient belongs.
const BANDS: [usize; 17] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

/// The places of coefficients in a block, in their order in a file.
const ZIGZAG: [u8; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

/// Probabilities in the order in which blocks need them.
pub(super) fn by_position(probabilities: &Probabilities) -> Box<[Positions; 4]> {
    Box::new(probabilities.map(|kind| BANDS.map(|band| kind[band])))
}

/// The coefficients of a block from number `first` on (RFC 6386, 13), dequantised. Gives how many there are, zeros between them
/// and those before `first` counted; or `first`, if there are none.
pub(super) fn read_block(
    bits: &mut Bits<'_>,
    positions: &Positions,
    context: u8,
    first: usize,
    steps: [i16; 2],
    block: &mut Block,
) -> usize {
    let mut local = *bits;
    let end = read(&mut local, positions, context, first, steps, block);
    *bits = local;
    end
}

#[inline(always)]
fn read(
    bits: &mut Bits<'_>,
    positions: &Positions,
    context: u8,
    first: usize,
    steps: [i16; 2],
    block: &mut Block,
) -> usize {
    let mut at = first;
    let mut p = &positions[at][usize::from(context.min(2))];
    while at < 16 {
        if !bits.bit(p[0]) {
            return at;
        }
        while !bits.bit(p[1]) {
            at += 1;
            if at == 16 {
                return at;
            }
            p = &positions[at][0];
        }
        let next = &positions[at + 1];
        let magnitude = if bits.bit(p[2]) {
            let magnitude = large(bits, p);
            p = &next[2];
            magnitude
        } else {
            p = &next[1];
            1
        };
        let value = bits.signed(magnitude) * i32::from(steps[usize::from(at > 0)]);
        // What does not fit is no picture; it wraps.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let value = value as i16;
        block[usize::from(ZIGZAG[at] & 15)] = value;
        at += 1;
    }
    at
}

/// A magnitude of more than one.
#[inline(always)]
fn large(bits: &mut Bits<'_>, p: &[u8; 11]) -> i32 {
    if !bits.bit(p[3]) {
        if !bits.bit(p[4]) {
            return 2;
        }
        return 3 + i32::from(bits.bit(p[5]));
    }
    if !bits.bit(p[6]) {
        if !bits.bit(p[7]) {
            return 5 + extra(bits, &[159]);
        }
        return 7 + extra(bits, &[165, 145]);
    }
    if !bits.bit(p[8]) {
        if !bits.bit(p[9]) {
            return 11 + extra(bits, &[173, 148, 140]);
        }
        return 19 + extra(bits, &[176, 155, 140, 135]);
    }
    if !bits.bit(p[10]) {
        return 35 + extra(bits, &[180, 157, 141, 134, 130]);
    }
    let longest = [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129];
    67 + extra(bits, &longest)
}

#[inline(always)]
fn extra(bits: &mut Bits<'_>, probabilities: &[u8]) -> i32 {
    let mut number = 0;
    for &probability in probabilities {
        number = number << 1 | i32::from(bits.bit(probability));
    }
    number
}
