//! The samples at the edges of blocks, out of planes and back.

/// A byte for each place of an edge.
pub(super) type Lanes = [u8; 16];

/// Samples across an edge: four before it and four behind, each of 16 places along it.
pub(super) type Edge = [Lanes; 8];

/// Filters an edge between rows, of 16 samples from an offset on.
#[inline(always)]
pub(super) fn down(plane: &mut [u8], stride: usize, at: usize, filter: impl Fn(&mut Edge) -> bool) {
    let Some(rows) = plane.get_mut(at - 4 * stride..at + 3 * stride + 16) else {
        return;
    };
    let mut edge = [[0; 16]; 8];
    for (i, edge) in edge.iter_mut().enumerate() {
        edge.copy_from_slice(&rows[i * stride..][..16]);
    }
    if filter(&mut edge) {
        for i in 1..7 {
            rows[i * stride..][..16].copy_from_slice(&edge[i]);
        }
    }
}

/// The same of 8 samples in two planes.
#[inline(always)]
pub(super) fn down_both(
    planes: &mut [&mut [u8]; 2],
    stride: usize,
    at: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let [cb, cr] = planes;
    let range = at - 4 * stride..at + 3 * stride + 8;
    let (Some(cb), Some(cr)) = (cb.get_mut(range.clone()), cr.get_mut(range)) else {
        return;
    };
    let mut edge = [[0; 16]; 8];
    for (i, edge) in edge.iter_mut().enumerate() {
        edge[..8].copy_from_slice(&cb[i * stride..][..8]);
        edge[8..].copy_from_slice(&cr[i * stride..][..8]);
    }
    if filter(&mut edge) {
        for i in 1..7 {
            cb[i * stride..][..8].copy_from_slice(&edge[i][..8]);
            cr[i * stride..][..8].copy_from_slice(&edge[i][8..]);
        }
    }
}

/// Filters an edge between columns, of 16 rows from an offset on.
#[inline(always)]
pub(super) fn across(
    plane: &mut [u8],
    stride: usize,
    at: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let Some(rows) = plane.get_mut(at - 4..at + 15 * stride + 4) else {
        return;
    };
    let (upper, lower) = rows.split_at_mut(8 * stride);
    across_halves(upper, lower, stride, filter);
}

/// The same of 8 rows in two planes.
#[inline(always)]
pub(super) fn across_both(
    planes: &mut [&mut [u8]; 2],
    stride: usize,
    at: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let [cb, cr] = planes;
    let range = at - 4..at + 7 * stride + 4;
    let (Some(cb), Some(cr)) = (cb.get_mut(range.clone()), cr.get_mut(range)) else {
        return;
    };
    across_halves(cb, cr, stride, filter);
}

#[inline(always)]
fn across_halves(
    upper: &mut [u8],
    lower: &mut [u8],
    stride: usize,
    filter: impl Fn(&mut Edge) -> bool,
) {
    let (a, b) = (load(upper, stride), load(lower, stride));
    let mut edge = [[0; 16]; 8];
    for ((edge, a), b) in edge.iter_mut().zip(a).zip(b) {
        edge[..8].copy_from_slice(&a.to_le_bytes());
        edge[8..].copy_from_slice(&b.to_le_bytes());
    }
    if filter(&mut edge) {
        let (mut a, mut b) = ([0; 8], [0; 8]);
        for ((edge, a), b) in edge.iter().zip(&mut a).zip(&mut b) {
            if let &[upper, lower] = edge.as_chunks::<8>().0 {
                *a = u64::from_le_bytes(upper);
                *b = u64::from_le_bytes(lower);
            }
        }
        store(upper, stride, a);
        store(lower, stride, b);
    }
}

/// Eight rows of eight samples, as columns.
#[inline(always)]
fn load(rows: &[u8], stride: usize) -> [u64; 8] {
    let mut square = [0; 8];
    for (i, row) in square.iter_mut().enumerate() {
        if let Some(bytes) = rows.get(i * stride..).and_then(<[u8]>::first_chunk) {
            *row = u64::from_le_bytes(*bytes);
        }
    }
    transposed(square)
}

#[inline(always)]
fn store(rows: &mut [u8], stride: usize, columns: [u64; 8]) {
    for (i, row) in transposed(columns).into_iter().enumerate() {
        if let Some(bytes) = rows.get_mut(i * stride..).and_then(<[u8]>::first_chunk_mut) {
            *bytes = row.to_le_bytes();
        }
    }
}

/// A square of bytes with rows and columns changed.
#[inline(always)]
fn transposed(mut rows: [u64; 8]) -> [u64; 8] {
    const HALVES: u64 = 0x0000_0000_FFFF_FFFF;
    const QUARTERS: u64 = 0x0000_FFFF_0000_FFFF;
    const BYTES: u64 = 0x00FF_00FF_00FF_00FF;

    // What is right in one row changes places with what is left in another. (As a loop it would not be unrolled.)
    let mut exchange = |row: usize, other: usize, bits: u32, left: u64| {
        let both = ((rows[row] >> bits) ^ rows[other]) & left;
        rows[row] ^= both << bits;
        rows[other] ^= both;
    };
    exchange(0, 4, 32, HALVES);
    exchange(1, 5, 32, HALVES);
    exchange(2, 6, 32, HALVES);
    exchange(3, 7, 32, HALVES);
    exchange(0, 2, 16, QUARTERS);
    exchange(1, 3, 16, QUARTERS);
    exchange(4, 6, 16, QUARTERS);
    exchange(5, 7, 16, QUARTERS);
    exchange(0, 1, 8, BYTES);
    exchange(2, 3, 8, BYTES);
    exchange(4, 5, 8, BYTES);
    exchange(6, 7, 8, BYTES);
    rows
}
