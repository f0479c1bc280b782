//! All samplings and sizes, in one scan and in several.

use super::*;

/// What the file holds, and what can be held by three planes.
const SAMPLINGS: &[[(u32, u32); 3]] = &[
    [(1, 1), (1, 1), (1, 1)],
    [(2, 1), (1, 1), (1, 1)],
    [(1, 2), (1, 1), (1, 1)],
    [(2, 2), (1, 1), (1, 1)],
    [(4, 1), (1, 1), (1, 1)],
    [(1, 4), (1, 1), (1, 1)],
    [(4, 2), (1, 1), (1, 1)],
    [(2, 4), (1, 1), (1, 1)],
    [(4, 4), (1, 1), (1, 1)],
    [(2, 2), (2, 1), (2, 1)],
    [(2, 2), (1, 2), (1, 2)],
    [(4, 2), (2, 1), (2, 1)],
    [(2, 2), (2, 2), (2, 2)],
    [(3, 2), (3, 1), (3, 1)],
];

fn sequential(several: bool, components: usize) -> Vec<Scan> {
    match (several, components) {
        (true, 3) => vec![Scan::sequential(&[1]), Scan::sequential(&[0, 2])],
        (true, count) => (0..count).map(|index| Scan::sequential(&[index])).collect(),
        (false, count) => vec![Scan::sequential(&(0..count).collect::<Vec<_>>())],
    }
}

#[test]
fn baseline_files_of_all_samplings_are_read() {
    let mut seed = 0;
    for sampling in SAMPLINGS {
        for size in [(1, 1), (8, 9), (17, 16), (33, 31)] {
            seed += 1;
            let image = Image::new(size, sampling, natural(seed));
            for several in [false, true] {
                let script = Script::new(false, sequential(several, 3));
                let script = script.restarting([0, 1, 2, 5][seed as usize % 4]);
                let case = format!(
                    "{sampling:?} of {size:?}, {several}, {}",
                    script.restart_interval
                );
                check(&write(&image, &script), &image, &case);
            }
        }
    }
}

#[test]
fn all_sizes_around_a_unit_are_read() {
    for height in [1, 2, 8, 15, 16, 17, 24, 33] {
        for width in 1..=33 {
            let image = Image::new((width, height), &SAMPLINGS[3], natural(width * 64 + height));
            let script = Script::new(false, sequential(false, 3));
            let decoded = decode(
                &write(&image, &script),
                Scale::eighths(4),
                &Limits::default(),
            );
            let planes = planes(decoded.unwrap());
            for (plane, (width, height, samples)) in planes.iter().zip(reference(&image, 4)) {
                assert_eq!(
                    (plane.width() as usize, plane.height() as usize),
                    (width, height)
                );
                let close = |(&ours, exact): (&u8, &f64)| (f64::from(ours) - exact).abs() < 0.51;
                assert!(
                    plane.data().iter().zip(&samples).all(close),
                    "{width} by {height}"
                );
            }
        }
    }
}

#[test]
fn grey_is_read_whatever_its_factors_are() {
    for factors in [(1, 1), (2, 2), (4, 3)] {
        for size in [(1, 1), (20, 30), (33, 9)] {
            let mut image = Image::new(size, &[factors], natural(size.0));
            let file = write(
                &image,
                &Script::new(false, sequential(false, 1)).restarting(3),
            );
            // The blocks of a component alone lie in rows, without units.
            image.components[0].factors = factors;
            check(&file, &image, &format!("{factors:?} of {size:?}"));
        }
    }
}

#[test]
fn wide_quantisation_and_large_values_are_read() {
    let mut next = numbers(7);
    let mut image = Image::new((24, 24), &SAMPLINGS[0], |place| {
        let value = (next() % 4).cast_signed() - 2;
        if place % 5 == 0 { value } else { 0 }
    });
    for component in &mut image.components {
        component.quantization = std::array::from_fn(|at| u16::try_from(at * 20 + 5).unwrap());
    }
    check(
        &write(&image, &Script::new(false, sequential(false, 3))),
        &image,
        "16 bits",
    );

    let image = Image::new((24, 24), &SAMPLINGS[0], |place| match place {
        0 => (next() % 2047).cast_signed() - 1023,
        63 => (next() % 32_767).cast_signed() - 16_383,
        _ => 0,
    });
    check(
        &write(&image, &Script::new(false, sequential(false, 3))),
        &image,
        "large",
    );
}

#[test]
fn what_three_planes_cannot_hold_is_enlarged_to_the_full_size() {
    for (sampling, kept) in [
        ([(1, 1), (2, 2), (2, 2)], [false, true, true]),
        ([(3, 1), (1, 1), (1, 1)], [true, false, false]),
        ([(2, 2), (1, 1), (2, 1)], [true, false, false]),
        ([(3, 2), (2, 1), (2, 1)], [true, false, false]),
        ([(1, 2), (2, 1), (1, 1)], [false, false, false]),
    ] {
        let image = Image::new((35, 29), &sampling, natural(5));
        let file = write(&image, &Script::new(false, sequential(false, 3)));
        for side in [8_u8, 3] {
            let scale = Scale::eighths(side);
            let size = (scale.apply(35) as usize, scale.apply(29) as usize);
            let planes = planes(decode(&file, scale, &Limits::default()).unwrap());
            let expected = reference(&image, side.into());
            for ((plane, (width, height, samples)), kept) in planes.iter().zip(expected).zip(kept) {
                if !kept {
                    assert_eq!((plane.width() as usize, plane.height() as usize), size);
                }
                for (at, &ours) in plane.data().iter().enumerate() {
                    let wide = plane.width() as usize;
                    // Where the middle of the sample is, in halves of one.
                    let from = |at: usize, to: usize, from: usize| (2 * at + 1) * from / to / 2;
                    let x = from(at % wide, wide, width);
                    let y = from(at / wide, plane.height() as usize, height);
                    let exact = samples[y * width + x];
                    assert!(
                        (f64::from(ours) - exact).abs() < 0.51,
                        "{sampling:?} at {at}"
                    );
                }
            }
        }
    }
}
