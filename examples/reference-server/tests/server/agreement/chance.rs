//! Numbers that follow from a seed, so that what failed can be tried again.

/// `SplitMix64` (Steele, Lea and Flood, 2014).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap() % end
    }

    /// One of all numbers.
    pub(super) fn number(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A text with one character left out, doubled, replaced, or in the other case.
    pub(super) fn altered(&mut self, text: &str) -> String {
        const OTHERS: &[u8] = b"%/.:;,()[]@?&=#+~-_*!'$ aAzZ09";
        let mut bytes = text.as_bytes().to_vec();
        if bytes.is_empty() {
            return "x".into();
        }
        let at = self.below(bytes.len());
        match self.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, bytes[at]),
            2 => bytes[at] = self.one_of(OTHERS),
            _ if bytes[at].is_ascii_alphabetic() => bytes[at] ^= 0x20,
            _ => bytes.insert(at, self.one_of(OTHERS)),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
