//! A set of numbers as the edges of its ranges, searched in a few cache lines however many there are.

use std::sync::Arc;

/// What an address is as a number.
pub(super) trait Number: Copy + Ord {
    /// The number after this one. `None` after the last.
    fn next(self) -> Option<Self>;

    /// The slot in which this number lies where slots of `1 << shift` numbers begin at `first`, which is not above it.
    fn slot(self, first: Self, shift: u32) -> usize;

    /// The number of bits of the difference to `first`, which is not above it.
    fn bits_above(self, first: Self) -> u32;
}

macro_rules! number {
    ($number:ty) => {
        impl Number for $number {
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn slot(self, first: Self, shift: u32) -> usize {
                usize::try_from((self - first) >> shift).unwrap_or(usize::MAX)
            }

            fn bits_above(self, first: Self) -> u32 {
                Self::BITS - (self - first).leading_zeros()
            }
        }
    };
}

number!(u32);
number!(u64);
number!(u128);

/// A set of numbers: the first number of every range and the first one after it, in order. Ranges neither overlap nor
/// touch, so the edges strictly rise, and a number is in the set when the count of edges up to it is odd.
///
/// Halving a million edges would miss the cache some twenty times. Instead, the span of the edges is cut into slots of
/// equal width, about one for two edges, and the few edges of the slot are counted. A slot with more of them, where
/// edges crowd, is a stretch that is cut up in turn. Every cut makes what is left to search narrower, so neither the
/// levels nor the memory for slots can be blown up by a choice of edges.
#[derive(Clone)]
pub(super) struct Edges<T> {
    sorted: Arc<[T]>,
    /// The first is all of them. None where there is nothing to cut.
    stretches: Arc<[Stretch<T>]>,
    slots: Arc<[Slot]>,
}

/// Some consecutive edges, cut into slots.
#[derive(Clone, Copy)]
struct Stretch<T> {
    first: T,
    shift: u32,
    /// The position of the first edge, and that after the last.
    edges: (u32, u32),
    /// The position of the first slot, and their number.
    slots: (u32, u32),
}

/// The position of the first edge of a slot, or, with the top bit set, that of the stretch which it is.
#[derive(Clone, Copy)]
struct Slot(u32);

impl Slot {
    const STRETCH: u32 = 1 << 31;
}

/// As many edges are counted one by one.
const COUNTED: usize = 8;

/// Edges to a slot, on average.
const PER_SLOT: usize = 2;

/// More edges than these are searched by halving, so that every position fits a [`Slot`].
const MAX_CUT: usize = 1 << 26;

impl<T: Number> Edges<T> {
    /// The union of ranges, each from its first number to its last.
    pub(super) fn union(mut ranges: Vec<(T, T)>) -> Self {
        ranges.sort_unstable();
        let mut sorted = Vec::with_capacity(ranges.len().saturating_mul(2));
        let mut ranges = ranges.into_iter().peekable();
        while let Some((first, last)) = ranges.next() {
            sorted.push(first);
            // None where the range reaches the last number there is, and so takes in all that follow.
            let mut end = last.next();
            while let Some((_, last)) =
                ranges.next_if(|(first, _)| end.is_none_or(|end| *first <= end))
            {
                end = end.and_then(|end| Some(last.next()?.max(end)));
            }
            sorted.extend(end);
        }
        let mut cutter = Cutter {
            sorted: &sorted,
            stretches: Vec::new(),
            slots: Vec::new(),
        };
        if (COUNTED + 1..=MAX_CUT).contains(&sorted.len()) {
            cutter.cut(0, sorted.len());
        }
        let (stretches, slots) = (cutter.stretches.into(), cutter.slots.into());
        Self {
            sorted: sorted.into(),
            stretches,
            slots,
        }
    }

    pub(super) fn contains(&self, number: T) -> bool {
        self.count_up_to(number) % 2 == 1
    }

    /// The count of edges that are not above a number.
    fn count_up_to(&self, number: T) -> usize {
        let Some(mut stretch) = self.stretches.first() else {
            return self.sorted.partition_point(|edge| *edge <= number);
        };
        loop {
            let (from, to) = stretch.edges;
            if number < stretch.first {
                return from as usize;
            }
            let (first_slot, slots) = stretch.slots;
            let slot = number.slot(stretch.first, stretch.shift);
            if slot >= slots as usize {
                return to as usize;
            }
            let Some(Slot(position)) = self.slots.get(first_slot as usize + slot) else {
                return to as usize;
            };
            // Without the top bit set, this is past the end.
            match self.stretches.get((position ^ Slot::STRETCH) as usize) {
                Some(deeper) => stretch = deeper,
                None => return self.count_from(*position as usize, number),
            }
        }
    }

    /// The count of edges that are not above a number, where those before a position are not, and at most [`COUNTED`]
    /// from there on.
    fn count_from(&self, position: usize, number: T) -> usize {
        let count = |edges: &[T]| edges.iter().filter(|edge| **edge <= number).count();
        let rest = self.sorted.get(position..).unwrap_or_default();
        // The common case by itself, so that the compiler knows the length.
        position
            + match rest.first_chunk::<COUNTED>() {
                Some(edges) => count(edges),
                None => count(rest),
            }
    }

    /// All edges. No two sets have the same.
    #[cfg(feature = "http-origin")]
    pub(super) fn all(&self) -> &[T] {
        &self.sorted
    }

    /// The number of ranges.
    pub(super) fn ranges(&self) -> usize {
        self.sorted.len().div_ceil(2)
    }
}

/// Cuts edges into stretches and slots.
struct Cutter<'a, T> {
    sorted: &'a [T],
    stretches: Vec<Stretch<T>>,
    slots: Vec<Slot>,
}

impl<T: Number> Cutter<'_, T> {
    /// Cuts the edges between two positions. They are at least two, so the last is in another slot than the first, and
    /// a stretch within is narrower than this one.
    fn cut(&mut self, from: usize, to: usize) {
        let edges = self.sorted.get(from..to).unwrap_or_default();
        let (Some(&first), Some(&last)) = (edges.first(), edges.last()) else {
            return;
        };
        let slot_bits = (edges.len() / PER_SLOT).max(2).ilog2();
        let shift = last.bits_above(first).saturating_sub(slot_bits);
        let first_slot = self.slots.len();
        let slots = last.slot(first, shift) + 1;
        self.stretches.push(Stretch {
            first,
            shift,
            edges: (position(from), position(to)),
            slots: (position(first_slot), position(slots)),
        });
        self.slots.resize(first_slot + slots, Slot(position(to)));
        let mut start = from;
        for slot in 0..slots {
            let rest = self.sorted.get(start..to).unwrap_or_default();
            let here = rest
                .iter()
                .take_while(|edge| edge.slot(first, shift) == slot);
            let end = start + here.count();
            let content = if end - start > COUNTED {
                let stretch = position(self.stretches.len());
                self.cut(start, end);
                Slot(Slot::STRETCH | stretch)
            } else {
                Slot(position(start))
            };
            if let Some(slot) = self.slots.get_mut(first_slot + slot) {
                *slot = content;
            }
            start = end;
        }
    }
}

/// A position as it is stored. It fits, since no more than [`MAX_CUT`] edges are cut.
fn position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn touching_and_overlapping_ranges_are_one() {
        let cases = [
            (vec![], vec![]),
            (vec![(5, 5)], vec![5, 6]),
            (vec![(8, 9), (5, 7)], vec![5, 10]),
            (vec![(0, 100), (3, 4), (50, 60)], vec![0, 101]),
            (vec![(5, 7), (9, 9)], vec![5, 8, 9, 10]),
            (vec![(0, u32::MAX), (7, 7)], vec![0]),
            (vec![(7, 7), (u32::MAX, u32::MAX)], vec![7, 8, u32::MAX]),
        ];
        for (ranges, edges) in cases {
            assert_eq!(*Edges::union(ranges.clone()).sorted, *edges, "{ranges:?}");
        }
    }

    /// Numbers at ever greater distances, which no cut spreads evenly.
    #[test]
    fn crowded_edges_take_bounded_memory() {
        let powers = (1..128).map(|bit| 1_u128 << bit);
        let crowds = powers.flat_map(|power| (0..50).map(move |n| (power + 3 * n, power + 3 * n)));
        let edges = Edges::union(crowds.collect());
        let (slots, stretches) = (edges.slots.len(), edges.stretches.len());
        assert!(slots < 4 * edges.sorted.len(), "{slots} slots");
        assert!(stretches < edges.sorted.len(), "{stretches} stretches");
    }

    fn check<T: Number + std::fmt::Debug>(ranges: &[(T, T)], probes: impl IntoIterator<Item = T>) {
        let edges = Edges::union(ranges.to_vec());
        for number in probes {
            let scan = ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number));
            assert_eq!(edges.contains(number), scan, "{number:?} {ranges:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_verdict_is_that_of_a_scan(
            ranges in proptest::collection::vec((0_u32..5_000, 0_u32..9), 0..900),
            top in any::<bool>(),
        ) {
            let mut ranges: Vec<_> = ranges
                .into_iter()
                .map(|(first, length)| (first, first + length))
                .collect();
            if top {
                ranges.push((u32::MAX - 3, u32::MAX));
            }
            check(&ranges, (0..5_100).chain(u32::MAX - 5..=u32::MAX));
        }

        #[test]
        fn the_verdict_on_crowds_is_that_of_a_scan(
            ranges in proptest::collection::vec((0_u32..128, 0_u128..400, 0_u128..5), 0..600),
        ) {
            let ranges: Vec<_> = ranges
                .into_iter()
                .map(|(crowd, offset, length)| {
                    let first = (u128::MAX << crowd).saturating_add(offset);
                    (first, first.saturating_add(length))
                })
                .collect();
            let near = |number: u128| [number.saturating_sub(1), number, number.saturating_add(1)];
            check(&ranges, ranges.iter().flat_map(|(first, last)| [near(*first), near(*last)]).flatten());
        }
    }
}
