//! That a smaller picture has the light of the whole one, by adding that up.

use jpeg_encoder::{ColorType, Encoder};

use super::*;

const SIDE: u16 = 64;

/// How much light a sample stands for (IEC 61966-2-1).
fn light(sample: u8) -> f64 {
    let x = f64::from(sample) / 255.0;
    if x <= 0.040_45 {
        x / 12.92
    } else {
        ((x + 0.055) / 1.055).powf(2.4)
    }
}

fn sample(light: f64) -> f64 {
    let x = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    x * 255.0
}

/// The samples of mean light of what are blocks of the file, which have so many samples a side.
fn blocks(planes: &[Plane], side: usize) -> Vec<f64> {
    let [plane] = planes else {
        panic!("a grey picture has one plane")
    };
    let width = plane.width() as usize;
    let across = width / side;
    (0..across * across)
        .map(|block| {
            let (top, left) = (block / across * side, block % across * side);
            let samples = (0..side * side)
                .map(|at| plane.data()[(top + at / side) * width + left + at % side]);
            sample(samples.map(light).sum::<f64>() / f64::from(u32::try_from(side * side).unwrap()))
        })
        .collect()
}

fn worst(ours: &[f64], exact: &[f64]) -> f64 {
    let errors = ours.iter().zip(exact).map(|(a, b)| (a - b).abs());
    errors.fold(0.0, f64::max)
}

/// Fine detail of which the mean of the encoding is darker than it looks: how dark is told by the test itself.
#[test]
fn fine_detail_keeps_its_light() {
    let mut next = numbers(4);
    let mut noise = |middle: u32, reach: u32| {
        (0..usize::from(SIDE) * usize::from(SIDE))
            .map(|_| u8::try_from(middle - reach + next() % (2 * reach + 1)).unwrap())
            .collect::<Vec<u8>>()
    };
    let pattern = |dark: u8, bright: u8, is_bright: fn(usize, usize) -> bool| {
        let side = usize::from(SIDE);
        (0..side * side)
            .map(|at| {
                if is_bright(at / side, at % side) {
                    bright
                } else {
                    dark
                }
            })
            .collect::<Vec<u8>>()
    };
    let stripes = |_, x| x % 2 == 0;
    let checks = |y, x| (x + y) % 2 == 0;
    let dots = |y, x| x % 3 == 0 && y % 3 == 0;
    for (name, samples, darker) in [
        ("noise", noise(120, 60), 5.0),
        ("dark noise", noise(50, 40), 4.0),
        ("bright noise", noise(200, 50), 1.5),
        ("stripes", pattern(60, 180, stripes), 15.0),
        ("checks", pattern(0, 255, checks), 50.0),
        ("dots", pattern(40, 200, dots), 12.0),
    ] {
        let mut file = Vec::new();
        Encoder::new(&mut file, 95)
            .encode(&samples, SIDE, SIDE, ColorType::Luma)
            .unwrap();
        let decoded = |scale| planes(decode(&file, scale, &Limits::default()).unwrap());
        let exact = blocks(&decoded(Scale::FULL), 8);
        // At more eighths than these some of the detail is in the samples.
        for side in [1, 2] {
            let case = format!("{name}, {side}/8");
            let scale = Scale::eighths(side);
            let of_encoding = worst(&blocks(&decoded(scale), side.into()), &exact);
            assert!(of_encoding > darker, "{case}: {of_encoding:.1} darker");
            let of_light = blocks(&decoded(scale.of_light(true)), side.into());
            let error = worst(&of_light, &exact);
            assert!(
                error < 1.5 + 0.2 * of_encoding,
                "{case}: {error:.1} of {of_encoding:.1} is left"
            );
        }
    }
}

#[test]
fn what_is_flat_or_whole_stays_as_it_is() {
    let image = Image::new((40, 24), &[(2, 2), (1, 1), (1, 1)], |place| {
        if place == 0 { 77 } else { 0 }
    });
    let flat = write(
        &image,
        &Script::new(false, vec![Scan::sequential(&[0, 1, 2])]),
    );
    let image = Image::new((40, 24), &[(2, 2), (1, 1), (1, 1)], natural(3));
    let busy = write(
        &image,
        &Script::new(false, vec![Scan::sequential(&[0, 1, 2])]),
    );
    for (file, scale) in (1..=8)
        .map(|eighths| (&flat, Scale::eighths(eighths)))
        .chain([(&busy, Scale::FULL)])
    {
        let decoded = |scale| planes(decode(file, scale, &Limits::default()).unwrap());
        let same = decoded(scale)
            .iter()
            .zip(decoded(scale.of_light(true)))
            .all(|(a, b)| a.data() == b.data());
        assert!(same, "{scale:?}");
    }
}
