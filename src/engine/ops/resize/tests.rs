#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "numbers are small here, and places exact"
)]

use std::f64::consts::PI;

use proptest::prelude::*;

use super::planes::resize_plane;
use super::*;
use crate::engine::{Layout, Planar, Plane};

const KERNELS: [Kernel; 7] = [
    Kernel::Nearest,
    Kernel::Box,
    Kernel::Linear,
    Kernel::Cubic,
    Kernel::Mitchell,
    Kernel::Lanczos2,
    Kernel::Lanczos3,
];

/// A kernel's reach and its weight at a distance, by the textbook.
fn textbook(kernel: Kernel, x: f64) -> (f64, f64) {
    let a = x.abs();
    let cubic = |b: f64, c: f64| {
        let near = (12.0 - 9.0 * b - 6.0 * c) * a.powi(3)
            + (-18.0 + 12.0 * b + 6.0 * c) * a * a
            + (6.0 - 2.0 * b);
        let far = (-b - 6.0 * c) * a.powi(3)
            + (6.0 * b + 30.0 * c) * a * a
            + (-12.0 * b - 48.0 * c) * a
            + (8.0 * b + 24.0 * c);
        if a < 1.0 {
            near / 6.0
        } else if a < 2.0 {
            far / 6.0
        } else {
            0.0
        }
    };
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            (PI * x).sin() / (PI * x)
        }
    };
    let lanczos = |lobes: f64| {
        if a < lobes {
            sinc(a) * sinc(a / lobes)
        } else {
            0.0
        }
    };
    match kernel {
        Kernel::Nearest => unreachable!("it is no convolution"),
        Kernel::Box => (0.5, f64::from(x > -0.5 && x <= 0.5)),
        Kernel::Linear => (1.0, (1.0 - a).max(0.0)),
        Kernel::Cubic => (2.0, cubic(0.0, 0.5)),
        Kernel::Mitchell => (2.0, cubic(1.0 / 3.0, 1.0 / 3.0)),
        Kernel::Lanczos2 => (2.0, lanczos(2.0)),
        Kernel::Lanczos3 => (3.0, lanczos(3.0)),
    }
}

/// For each new sample, the weight of each that there is.
fn weights(kernel: Kernel, of: u32, start: f64, length: f64, to: u32) -> Vec<Vec<f64>> {
    let scale = length / f64::from(to);
    // An axis that is not scaled is left as it is, though not every kernel would do so.
    let kernel = if scale == 1.0 && start.fract() == 0.0 {
        Kernel::Nearest
    } else {
        kernel
    };
    (0..to)
        .map(|at| {
            let center = start + (f64::from(at) + 0.5) * scale;
            if kernel == Kernel::Nearest {
                return (0..of)
                    .map(|from| f64::from(f64::from(from) == center.floor()))
                    .collect();
            }
            let weight =
                |from: u32| textbook(kernel, (f64::from(from) + 0.5 - center) / scale.max(1.0)).1;
            let sum: f64 = (0..of).map(weight).sum();
            (0..of).map(|from| weight(from) / sum).collect()
        })
        .collect()
}

/// Resizes samples of `N` channels.
fn naive<const N: usize>(
    data: &[[f64; N]],
    size: Size,
    part: Region,
    to: Size,
    kernel: Kernel,
) -> Vec<[f64; N]> {
    let columns = weights(kernel, size.width, part.left, part.width, to.width);
    let rows = weights(kernel, size.height, part.top, part.height, to.height);
    let mut narrow = Vec::new();
    for row in data.chunks_exact(size.width as usize) {
        for weights in &columns {
            narrow.push(std::array::from_fn::<f64, N, _>(|channel| {
                row.iter().zip(weights).map(|(p, w)| p[channel] * w).sum()
            }));
        }
    }
    let mut resized = Vec::new();
    for weights in &rows {
        for column in 0..to.width as usize {
            resized.push(std::array::from_fn::<f64, N, _>(|channel| {
                let rows = narrow.chunks_exact(to.width as usize).zip(weights);
                rows.map(|(row, w)| row[column][channel] * w).sum()
            }));
        }
    }
    resized
}

fn to_light(byte: u8) -> f64 {
    let v = f64::from(byte) / 255.0;
    if v <= 0.04045 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

fn from_light(light: f64) -> f64 {
    255.0
        * if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        }
}

/// Of middling contrast: overshoots that the first pass has to clip are not the kernel's business.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            128 + (state >> 26) as u8
        })
        .collect()
}

fn assert_near(got: &[u8], wanted: &[f64], error: f64, what: &str) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (at, (&got, &wanted)) in got.iter().zip(wanted).enumerate() {
        assert!(
            (f64::from(got) - wanted).abs() <= error,
            "{what}: {got} at {at}, not {wanted}"
        );
    }
}

fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

fn region(left: f64, top: f64, width: f64, height: f64) -> Region {
    Region {
        left,
        top,
        width,
        height,
    }
}

/// Sizes before and after, with the part that is resized.
fn geometries() -> Vec<(Size, Region, Size)> {
    vec![
        (size(31, 23), region(0.0, 0.0, 31.0, 23.0), size(10, 9)),
        (size(31, 23), region(0.0, 0.0, 31.0, 23.0), size(3, 1)),
        (size(16, 12), region(0.0, 0.0, 16.0, 12.0), size(37, 25)),
        (size(20, 30), region(2.25, 3.5, 11.5, 17.25), size(5, 8)),
        (size(9, 7), region(1.5, 0.0, 6.0, 7.0), size(9, 7)),
        (size(1, 1), region(0.0, 0.0, 1.0, 1.0), size(4, 3)),
    ]
}

/// A window that may look at all of the image.
fn open(part: Region, size: Size) -> Window {
    Window {
        crop: Region::whole(size),
        part,
    }
}

#[test]
fn planes_are_convolved() {
    for kernel in KERNELS {
        for (at, part, to) in geometries() {
            let data = noise(7, (at.width * at.height) as usize);
            let plane = Plane::new(at.width, at.height, data.clone()).unwrap();
            let sampling = Sampling {
                kernel,
                linear: false,
            };
            let resized = resize_plane(&plane, open(part, at), to, sampling).unwrap();
            let samples: Vec<_> = data.iter().map(|&s| [f64::from(s) / 255.0]).collect();
            let wanted: Vec<_> = naive(&samples, at, part, to, kernel)
                .iter()
                .map(|s| s[0] * 255.0)
                .collect();
            assert_near(
                resized.data(),
                &wanted,
                1.5,
                &format!("{kernel:?} {at:?} {part:?} {to:?}"),
            );
        }
    }
}

#[test]
fn planes_are_convolved_in_linear_light() {
    for kernel in KERNELS {
        for (at, part, to) in geometries() {
            let data = noise(11, (at.width * at.height) as usize);
            let plane = Plane::new(at.width, at.height, data.clone()).unwrap();
            let sampling = Sampling {
                kernel,
                linear: true,
            };
            let resized = resize_plane(&plane, open(part, at), to, sampling).unwrap();
            let samples: Vec<_> = data.iter().map(|&s| [to_light(s)]).collect();
            let wanted: Vec<_> = naive(&samples, at, part, to, kernel)
                .iter()
                .map(|s| from_light(s[0]))
                .collect();
            assert_near(
                resized.data(),
                &wanted,
                1.0,
                &format!("{kernel:?} {at:?} {part:?} {to:?}"),
            );
        }
    }
}

#[test]
fn pictures_are_convolved_with_alpha_premultiplied() {
    for (kernel, linear) in KERNELS.into_iter().flat_map(|k| [(k, false), (k, true)]) {
        for (at, part, to) in geometries() {
            let data = noise(13, (at.width * at.height * 4) as usize);
            let picture = Picture::new(at.width, at.height, Layout::Rgba, data.clone()).unwrap();
            let sampling = Sampling { kernel, linear };
            let resized = resize_picture(&picture, open(part, at), to, sampling).unwrap();
            let light = |byte: u8| {
                if linear {
                    to_light(byte)
                } else {
                    f64::from(byte) / 255.0
                }
            };
            let samples: Vec<_> = data
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&[r, g, b, a]| {
                    let a = f64::from(a) / 255.0;
                    [light(r) * a, light(g) * a, light(b) * a, a]
                })
                .collect();
            let wanted = naive(&samples, at, part, to, kernel);
            let what = format!("{kernel:?} {linear} {at:?} {part:?} {to:?}");
            for (got, [r, g, b, a]) in resized.data().as_chunks::<4>().0.iter().zip(wanted) {
                assert_near(&got[3..], &[a * 255.0], 1.5, &what);
                // The less opaque, the less is known of the colour.
                if a > 0.25 {
                    let color = |c: f64| {
                        let c = (c / a).clamp(0.0, 1.0);
                        if linear { from_light(c) } else { c * 255.0 }
                    };
                    let error = if linear { 2.0 } else { 1.5 + 1.5 / a };
                    assert_near(&got[..3], &[color(r), color(g), color(b)], error, &what);
                }
            }
        }
    }
}

#[test]
fn every_layout_is_resized_as_its_planes_are() {
    let (at, to) = (size(23, 17), size(8, 11));
    for linear in [false, true] {
        let sampling = Sampling {
            kernel: Kernel::Lanczos3,
            linear,
        };
        let planes: Vec<_> = (0..3).map(|n| noise(n, 23 * 17)).collect();
        let window = Window::of(Region::whole(at));
        let resized: Vec<_> = planes
            .iter()
            .map(|data| {
                let plane = Plane::new(23, 17, data.clone()).unwrap();
                resize_plane(&plane, window, to, sampling)
                    .unwrap()
                    .data()
                    .to_vec()
            })
            .collect();
        for layout in [Layout::Gray, Layout::GrayAlpha, Layout::Rgb, Layout::Rgba] {
            let colors = layout.samples() - usize::from(layout.has_alpha());
            let interleaved = |planes: &[Vec<u8>]| -> Vec<u8> {
                (0..planes[0].len())
                    .flat_map(|at| {
                        let mut pixel: Vec<_> = planes[..colors].iter().map(|p| p[at]).collect();
                        pixel.resize(layout.samples(), 255);
                        pixel
                    })
                    .collect()
            };
            let picture = Picture::new(23, 17, layout, interleaved(&planes)).unwrap();
            let got = resize_picture(&picture, window, to, sampling).unwrap();
            let wanted: Vec<_> = interleaved(&resized)
                .iter()
                .map(|&s| f64::from(s))
                .collect();
            assert_near(got.data(), &wanted, 1.0, &format!("{layout:?} {linear}"));
        }
    }
}

#[test]
fn what_is_cropped_away_has_no_part() {
    // White around a black middle.
    let data: Vec<u8> = (0..400)
        .map(|at| {
            if (5..15).contains(&(at % 20)) && (5..15).contains(&(at / 20)) {
                0
            } else {
                255
            }
        })
        .collect();
    let plane = Plane::new(20, 20, data).unwrap();
    let window = Window::of(region(5.0, 5.0, 10.0, 10.0));
    for kernel in KERNELS {
        let sampling = Sampling {
            kernel,
            linear: false,
        };
        let resized = resize_plane(&plane, window, size(7, 4), sampling).unwrap();
        assert!(
            resized.data().iter().all(|&sample| sample == 0),
            "{kernel:?}"
        );
    }
}

#[test]
fn chroma_is_where_its_luma_is() {
    // Ramps, which every sampling of chroma meets in the same values: the colour of a place is its place.
    for (ratio, to_ratio) in [(1, 1), (1, 2), (2, 1), (2, 2), (4, 2), (4, 4), (2, 4)] {
        for to in [size(31, 17), size(32, 18), size(13, 9), size(90, 70)] {
            let ramp = |width: u32, height: u32, ratio: u32| -> Plane {
                let (width, height) = (width.div_ceil(ratio), height.div_ceil(ratio));
                let value = |x: u32| (f64::from(x) + 0.5) * f64::from(ratio) * 2.0;
                let row: Vec<u8> = (0..width).map(|x| value(x).round() as u8).collect();
                Plane::new(width, height, row.repeat(height as usize)).unwrap()
            };
            let picture =
                Planar::new(ramp(64, 48, 1), ramp(64, 48, ratio), ramp(64, 48, ratio)).unwrap();
            let sampling = Sampling {
                kernel: Kernel::Linear,
                linear: false,
            };
            let window = Window::of(Region::whole(size(64, 48)));
            let resized =
                resize_planar(&picture, window, to, (to_ratio, to_ratio), sampling).unwrap();
            let [cb, _] = resized.chroma().unwrap();
            assert_eq!(cb.width(), to.width.div_ceil(to_ratio));
            assert_eq!(cb.height(), to.height.div_ceil(to_ratio));
            // Not at the edges, where there is nothing more to interpolate with.
            let reach = f64::from(to_ratio).max(f64::from(ratio * to.width) / 64.0);
            let margin = 1.5 * reach;
            for x in 0..cb.width() {
                let place = (f64::from(x) + 0.5) * f64::from(to_ratio);
                if place > margin && place < f64::from(to.width) - margin {
                    let wanted = place / f64::from(to.width) * 128.0;
                    let got = f64::from(cb.data()[x as usize]);
                    assert!(
                        (got - wanted).abs() <= 1.5,
                        "{ratio} {to_ratio} {to:?} {x}: {got} {wanted}"
                    );
                }
            }
        }
    }
}

#[test]
fn nothing_to_resize_is_an_error() {
    let plane = Plane::new(4, 4, vec![0; 16]).unwrap();
    let parts = [
        region(0.0, 0.0, 0.0, 4.0),
        region(4.0, 0.0, 1.0, 4.0),
        region(-3.0, 0.0, 2.0, 4.0),
        region(0.0, f64::NAN, 4.0, 4.0),
        region(0.0, 0.0, f64::NAN, 4.0),
        region(f64::INFINITY, 0.0, 4.0, 4.0),
    ];
    for part in parts {
        let result = resize_plane(
            &plane,
            open(part, size(4, 4)),
            size(2, 2),
            Sampling::default(),
        );
        assert!(result.is_err(), "{part:?}");
    }
}

fn sampling() -> impl Strategy<Value = Sampling> {
    (prop::sample::select(&KERNELS), any::<bool>())
        .prop_map(|(kernel, linear)| Sampling { kernel, linear })
}

proptest! {
    #[test]
    fn the_same_size_is_the_same_picture(w in 1..20u32, h in 1..20u32, seed: u32, sampling in sampling()) {
        let data = noise(seed, (w * h) as usize);
        let plane = Plane::new(w, h, data.clone()).unwrap();
        let window = Window::of(Region::whole(size(w, h)));
        let same = resize_plane(&plane, window, size(w, h), sampling).unwrap();
        prop_assert_eq!(same.data(), data);
    }

    #[test]
    fn one_color_stays_so(
        (w, h) in (1..40u32, 1..40u32), (to_w, to_h) in (1..40u32, 1..40u32),
        part in (0.0..0.9f64, 0.0..0.9f64, 0.01..1.0f64, 0.01..1.0f64),
        pixel: [u8; 3], ratios in (prop::sample::select(&[1u32, 2, 4]), prop::sample::select(&[1u32, 2, 4])),
        to_ratios in (prop::sample::select(&[1u32, 2, 4]), prop::sample::select(&[1u32, 2, 4])),
        sampling in sampling(),
    ) {
        let (fw, fh) = (f64::from(w), f64::from(h));
        let part = region(part.0 * fw, part.1 * fh, (part.2 * fw).min(fw - part.0 * fw), (part.3 * fh).min(fh - part.1 * fh));
        let plane = |sample: u8, ratios: (u32, u32)| {
            let (w, h) = (w.div_ceil(ratios.0), h.div_ceil(ratios.1));
            Plane::new(w, h, vec![sample; (w * h) as usize]).unwrap()
        };
        let picture = Planar::new(plane(pixel[0], (1, 1)), plane(pixel[1], ratios), plane(pixel[2], ratios)).unwrap();
        for window in [Window::of(part), open(part, size(w, h))] {
            let resized = resize_planar(&picture, window, size(to_w, to_h), to_ratios, sampling).unwrap();
            prop_assert_eq!((resized.width(), resized.height()), (to_w, to_h));
            let [cb, cr] = resized.chroma().unwrap();
            prop_assert_eq!(cb.width(), to_w.div_ceil(to_ratios.0));
            prop_assert_eq!(cb.height(), to_h.div_ceil(to_ratios.1));
            for (plane, sample) in [(resized.luma(), pixel[0]), (cb, pixel[1]), (cr, pixel[2])] {
                let all = plane.data().iter().all(|&other| other.abs_diff(sample) <= 1);
                prop_assert!(all, "{:?} instead of {}", plane.data(), sample);
            }
        }
    }
}

#[test]
fn a_coarse_step_first_is_not_seen_where_pixels_are_alike() {
    let wave = |x: f64, y: f64| 128.0 + 60.0 * (x / 61.0).sin() + 40.0 * (y / 47.0).cos();
    let (width, height) = (701, 503);
    let samples: Vec<u8> = (0..width * height)
        .map(|at| wave(f64::from(at % width), f64::from(at / width)).round() as u8)
        .collect();
    let crop = Region {
        left: 3.0,
        top: 5.0,
        width: 690.0,
        height: 492.0,
    };
    let linear = Sampling {
        kernel: Kernel::Lanczos3,
        linear: true,
    };
    let opacity = |x: u32| 255 - (x / 4) as u8;
    let veiled: Vec<u8> = (0..)
        .zip(&samples)
        .flat_map(|(at, &sample)| [sample, opacity(at % width)])
        .collect();
    for to in [size(60, 41), size(113, 90), size(9, 7)] {
        let exact = |x: u32, y: u32| {
            let along = |at: u32, length: f64, of: u32| {
                (f64::from(at) + 0.5) * length / f64::from(of) - 0.5
            };
            let x = crop.left + along(x, crop.width, to.width);
            let y = crop.top + along(y, crop.height, to.height);
            (wave(x, y), 255.0 - x / 4.0)
        };
        // A new pixel of the smallest size covers a good part of a wave.
        let most = if to.width < 20 { 16.0 } else { 3.0 };
        let gray = Picture::new(width, height, Layout::Gray, samples.clone()).unwrap();
        let gray = resize_picture(&gray, Window::of(crop), to, linear).unwrap();
        let clear = Picture::new(width, height, Layout::GrayAlpha, veiled.clone()).unwrap();
        let clear = resize_picture(&clear, Window::of(crop), to, linear).unwrap();
        let plane = Plane::new(width, height, samples.clone()).unwrap();
        let plane = resize_plane(&plane, Window::of(crop), to, linear).unwrap();
        assert_eq!(plane.data(), gray.data());
        for (at, pixel) in (0..).zip(gray.data()) {
            let (value, alpha) = exact(at % to.width, at / to.width);
            let case = format!("{to:?} at {at}");
            assert!((f64::from(*pixel) - value).abs() <= most, "{case}");
            let [veiled, opacity] = clear.data().as_chunks::<2>().0[at as usize];
            assert!((f64::from(veiled) - value).abs() <= most, "{case}");
            assert!((f64::from(opacity) - alpha).abs() <= most, "{case}");
        }
    }
}
