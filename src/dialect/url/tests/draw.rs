//! Values at random, the same ones in every run.

use crate::recipe::{Align, Color, Gravity, Length};

/// A generator of numbers: `SplitMix64`.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// From 0 on, below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        u32::try_from(mixed % u64::from(end)).unwrap()
    }

    pub(super) fn from(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    pub(super) fn flag(&mut self) -> bool {
        self.once_in(2)
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let at = self.below(u32::try_from(of.len()).unwrap());
        of[at as usize].clone()
    }

    pub(super) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    /// A whole number.
    pub(super) fn whole(&mut self, low: u32, high: u32) -> f64 {
        self.from(low, high).into()
    }

    /// Of either sign.
    pub(super) fn signed(&mut self, most: u32) -> f64 {
        self.whole(0, 2 * most) - f64::from(most)
    }

    /// Hundredths, of more than 0 and less than 1.
    pub(super) fn part(&mut self) -> f64 {
        self.whole(1, 99) / 100.0
    }

    pub(super) fn pixels(&mut self, low: u32, high: u32) -> Length {
        Length::from(self.from(low, high))
    }

    pub(super) fn opaque(&mut self) -> Color {
        let mut sample = || u8::try_from(self.below(256)).unwrap();
        Color::opaque(sample(), sample(), sample())
    }

    pub(super) fn align(&mut self) -> Align {
        self.pick(&[Align::Start, Align::Center, Align::End])
    }

    pub(super) fn anchor(&mut self) -> Gravity {
        Gravity::anchor(self.align(), self.align())
    }

    /// Names, with what grammars are made of in some.
    pub(super) fn name(&mut self) -> Box<str> {
        self.pick(&[
            "photo.jpg",
            "album/photo 1.jpg",
            "https://example.com/a.jpg?v=1&w=2",
            "smart/300x200/a.jpg",
            "filters:blur(1)/a.jpg",
            "a,b:c@d_e%f+g(h)i=j.jpg",
            "tr:w-1/a.jpg",
            "t/b.png",
            "ik-seo/a.jpg",
            "plain/a.jpg",
            "params/a.jpg",
            "unsafe/a.jpg",
            "abcdefghijklmnopqrstuv/a.jpg",
            "b64:cGhvdG8",
            "Grüße/日本.png",
            "100%.jpg",
            "a%2Fb.jpg",
            "b&c;d'e\"f<g>h|i\\j.png",
        ])
        .into()
    }

    pub(super) fn letters(&mut self) -> Box<str> {
        self.pick(&[
            "hello",
            "a, b: c (d)",
            "two\nlines",
            "100 % + 1 = größer",
            "b64:aGk",
            "日本語",
        ])
        .into()
    }
}
