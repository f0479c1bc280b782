//! Between packed pixels and planes.

use proptest::prelude::*;

use super::*;
use crate::engine::{Layout, Picture, Plane};

fn noise(length: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        u8::try_from(state >> 24).unwrap()
    };
    (0..length).map(|_| next()).collect()
}

/// JFIF's formulas.
fn ycbcr([r, g, b]: [f64; 3]) -> [f64; 3] {
    [
        0.299 * r + 0.587 * g + 0.114 * b,
        128.0 - 0.168_735_9 * r - 0.331_264_1 * g + 0.5 * b,
        128.0 + 0.5 * r - 0.418_687_6 * g - 0.081_312_4 * b,
    ]
}

proptest! {
    #[test]
    fn planes_are_by_the_formulas_and_means(w in 1..9u32, h in 1..9u32, seed in 1..1000u32) {
        let data = noise(w * 3 * h, seed);
        let picture = Picture::new(w, h, Layout::Rgb, data.clone()).unwrap();
        let pixel = |x: u32, y: u32| {
            let at = (y.min(h - 1) * w + x.min(w - 1)) as usize * 3;
            ycbcr([data[at], data[at + 1], data[at + 2]].map(f64::from))
        };
        for (halves_chroma, across, down) in [(false, 1, 1), (true, 2, 2)] {
            let planar = to_planar(&picture, halves_chroma).unwrap();
            for (at, &got) in (0..).zip(planar.luma().data()) {
                prop_assert!((f64::from(got) - pixel(at % w, at / w)[0]).abs() < 0.51);
            }
            for (channel, plane) in (1..).zip(planar.chroma().unwrap()) {
                for (at, &got) in (0..).zip(plane.data()) {
                    let (x, y) = (at % plane.width() * across, at / plane.width() * down);
                    let sum: f64 = (0..across * down).map(|n| pixel(x + n % across, y + n / across)[channel]).sum();
                    let mean = (sum / f64::from(across * down)).min(255.0);
                    prop_assert!((f64::from(got) - mean).abs() < 0.52, "{} {}", got, mean);
                }
            }
        }
    }

    #[test]
    fn there_and_back_is_the_same(w in 1..9u32, h in 1..9u32, seed in 1..1000u32) {
        let data = noise(w * 3 * h, seed);
        let picture = Picture::new(w, h, Layout::Rgb, data.clone()).unwrap().with_profile(Some(vec![1]));
        let back = to_packed(&to_planar(&picture, false).unwrap()).unwrap();
        prop_assert_eq!(back.profile(), Some(&[1u8][..]));
        for (&a, &b) in data.iter().zip(back.data()) {
            prop_assert!(a.abs_diff(b) <= 2, "{} {}", a, b);
        }
    }

    #[test]
    fn one_color_stays_so_at_every_sampling(w in 1..20u32, h in 1..20u32, color: u8, from in 0..9usize, to in 0..9usize) {
        let ratio = |n: usize| [1, 2, 4][n];
        let plane = |sample: u8, (x, y): (u32, u32)| {
            let (w, h) = (w.div_ceil(x), h.div_ceil(y));
            Plane::new(w, h, vec![sample; (w * h) as usize]).unwrap()
        };
        let from = (ratio(from / 3), ratio(from % 3));
        let to = (ratio(to / 3), ratio(to % 3));
        let fitted = fit_chroma(&plane(color, from), (w, h), to).unwrap().into_owned();
        prop_assert!(fitted.data().iter().all(|&sample| sample == color));
        prop_assert_eq!((fitted.width(), fitted.height()), (w.div_ceil(to.0), h.div_ceil(to.1)));
    }
}

#[test]
fn chroma_is_interpolated_between_neighbours() {
    let chroma = Plane::new(3, 2, vec![0, 100, 200, 40, 140, 240]).unwrap();
    let fitted = fit_chroma(&chroma, (5, 3), (1, 1)).unwrap();
    assert_eq!(
        fitted.data(),
        [
            0, 25, 75, 125, 175, //
            10, 35, 85, 135, 185, //
            30, 55, 105, 155, 205,
        ]
    );
}

#[test]
fn grey_has_no_chroma_and_alpha_no_planes() {
    let gray = Picture::new(2, 1, Layout::Gray, vec![7, 9]).unwrap();
    let planar = to_planar(&gray, true).unwrap();
    assert!(planar.chroma().is_none());
    let back = to_packed(&planar).unwrap();
    assert_eq!((back.layout(), back.data()), (Layout::Gray, &[7, 9][..]));
    for (layout, length) in [(Layout::GrayAlpha, 2), (Layout::Rgba, 4)] {
        let picture = Picture::new(1, 1, layout, vec![0; length]).unwrap();
        assert!(to_planar(&picture, false).is_err());
    }
}
