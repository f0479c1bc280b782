//! The coefficients of a component, and the plane that they make.

use super::super::frame::{Channel, Frame};
use super::super::idct::{self, Block};

/// Which coefficients are set or taken from, a bit each, in the order of a file.
pub(super) type Set = u64;

/// A coefficient that is not held.
const NOT_HELD: u8 = u8::MAX;

/// The coefficients of a component.
pub(super) struct Coefficients {
    /// How many blocks there are in a row.
    pub(super) stride: usize,
    /// How many coefficients of a block are held.
    pub(super) held: usize,
    /// Where in those of a block each is.
    pub(super) slots: [u8; 64],
    /// Which are held.
    pub(super) used: Set,
    pub(super) values: Vec<i16>,
    /// Which of all of a block are not zero.
    pub(super) set: Vec<Set>,
}

impl Coefficients {
    pub(super) fn new(channel: &Channel, frame: &Frame) -> Self {
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
    pub(super) fn get(&mut self, block: usize, k: u32) -> Option<&mut i16> {
        let slot = self.slots[(k & 63) as usize];
        if slot == NOT_HELD {
            return None;
        }
        self.values.get_mut(block * self.held + usize::from(slot))
    }

    /// Makes the plane of a component.
    pub(super) fn render(&self, channel: &mut Channel) {
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
                let block = row * self.stride + column;
                let out = rows.get_mut(column * side..).unwrap_or_default();
                render(channel, self, &mut scratch, block, out, stride);
            }
            channel.append(&rows, stride);
        }
        channel.complete();
    }
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
pub(super) const fn used_set(side: usize) -> Set {
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
