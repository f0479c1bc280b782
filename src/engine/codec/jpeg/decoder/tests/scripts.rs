//! Progressive files, by many scripts.

use proptest::prelude::*;

use super::*;

/// The script that libjpeg has for photographs.
pub(super) fn libjpeg() -> Vec<Scan> {
    vec![
        Scan::band(&[0, 1, 2], (0, 0), 0, 1),
        Scan::band(&[0], (1, 5), 0, 2),
        Scan::band(&[2], (1, 63), 0, 1),
        Scan::band(&[1], (1, 63), 0, 1),
        Scan::band(&[0], (6, 63), 0, 2),
        Scan::band(&[0], (1, 63), 2, 1),
        Scan::band(&[0, 1, 2], (0, 0), 1, 0),
        Scan::band(&[2], (1, 63), 1, 0),
        Scan::band(&[1], (1, 63), 1, 0),
        Scan::band(&[0], (1, 63), 1, 0),
    ]
}

fn scripts() -> Vec<Vec<Scan>> {
    let spectral = {
        let mut scans = vec![Scan::band(&[0, 1, 2], (0, 0), 0, 0)];
        for index in 0..3 {
            for band in [(1, 1), (2, 9), (10, 40), (41, 63)] {
                scans.push(Scan::band(&[index], band, 0, 0));
            }
        }
        scans
    };
    let deep = {
        let mut scans = vec![
            Scan::band(&[1], (0, 0), 0, 3),
            Scan::band(&[0, 2], (0, 0), 0, 3),
        ];
        for low in (0..3).rev() {
            scans.push(Scan::band(&[0, 1, 2], (0, 0), low + 1, low));
        }
        for index in 0..3 {
            scans.push(Scan::band(&[index], (1, 63), 0, 3));
            for low in (0..3).rev() {
                scans.push(Scan::band(&[index], (1, 20), low + 1, low));
                scans.push(Scan::band(&[index], (21, 63), low + 1, low));
            }
        }
        scans
    };
    // High coefficients come first, and one refinement goes over more than one first scan.
    let reversed = {
        let mut scans = Vec::new();
        for index in 0..3 {
            scans.push(Scan::band(&[index], (30, 63), 0, 1));
            scans.push(Scan::band(&[index], (5, 29), 0, 1));
            scans.push(Scan::band(&[index], (1, 4), 0, 1));
            scans.push(Scan::band(&[index], (1, 63), 1, 0));
        }
        scans.push(Scan::band(&[0, 1, 2], (0, 0), 0, 0));
        scans
    };
    vec![libjpeg(), spectral, deep, reversed]
}

#[test]
fn progressive_files_are_read() {
    for (index, scans) in scripts().into_iter().enumerate() {
        for (sampling, size) in [
            ([(1, 1), (1, 1), (1, 1)], (20, 9)),
            ([(2, 2), (1, 1), (1, 1)], (33, 18)),
            ([(2, 1), (1, 1), (1, 1)], (17, 16)),
            ([(4, 1), (1, 1), (1, 1)], (35, 7)),
        ] {
            for interval in [0, 3] {
                let image = Image::new(size, &sampling, natural(size.0 + u32::from(interval)));
                let script = Script::new(true, scans.clone()).restarting(interval);
                let case = format!("script {index}, {sampling:?}, restarts {interval}");
                check(&write(&image, &script), &image, &case);
            }
        }
    }
}

#[test]
fn many_blocks_that_end_together_are_read() {
    // One block in a thousand has something beside its mean.
    let mut count = 0;
    let image = Image::new((8 * 90, 8 * 40), &[(1, 1)], |place| {
        count += 1;
        match place {
            0 => 20,
            9 | 55 if count % 64_000 < 64 => 3,
            _ => 0,
        }
    });
    let scans = vec![
        Scan::band(&[0], (0, 0), 0, 0),
        Scan::band(&[0], (1, 63), 0, 1),
        Scan::band(&[0], (1, 63), 1, 0),
    ];
    let file = write(&image, &Script::new(true, scans));
    let planes = planes(decode(&file, Scale::eighths(4), &Limits::default()).unwrap());
    let (.., samples) = &reference(&image, 4)[0];
    let close = |(&ours, exact): (&u8, &f64)| (f64::from(ours) - exact).abs() < 0.51;
    assert!(planes[0].data().iter().zip(samples).all(close));
}

/// A script of up to three bands, each in steps down to its lowest bit.
fn script() -> impl Strategy<Value = Vec<Scan>> {
    let cuts = prop::collection::btree_set(2..63_usize, 0..3);
    (cuts, 0..4_u32, 0..4_u32, any::<bool>()).prop_map(|(cuts, mean, rest, together)| {
        let mut scans = vec![Scan::band(&[0], (0, 0), 0, mean)];
        for low in (0..mean).rev() {
            scans.push(Scan::band(&[0], (0, 0), low + 1, low));
        }
        let starts = std::iter::once(1).chain(cuts.iter().copied());
        let ends = cuts.iter().map(|cut| cut - 1).chain([63]);
        let bands: Vec<_> = starts.zip(ends).collect();
        for &band in &bands {
            scans.push(Scan::band(&[0], band, 0, rest));
        }
        for low in (0..rest).rev() {
            let refined = if together { &[(1, 63)][..] } else { &bands };
            for &band in refined {
                scans.push(Scan::band(&[0], band, low + 1, low));
            }
        }
        scans
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn any_script_gives_the_same_picture(
        scans in script(),
        seed in any::<u32>(),
        size in (1..30_u32, 1..20_u32),
        interval in 0..6_u16,
    ) {
        let image = Image::new(size, &[(1, 1)], natural(seed));
        let file = write(&image, &Script::new(true, scans).restarting(interval));
        check(&file, &image, "of one component");
    }
}
