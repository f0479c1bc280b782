//! Files that mean harm, or were harmed.

use proptest::prelude::*;

use super::writer::segment;
use super::*;
use crate::engine::RenderErrorKind::{self, ImageCorrupt, ImageTooLarge, UnsupportedFormat};

const SAMPLING: &[(u32, u32)] = &[(2, 2), (1, 1), (1, 1)];

fn image() -> Image {
    Image::new((50, 43), SAMPLING, natural(3))
}

fn baseline() -> Script {
    Script::new(false, vec![Scan::sequential(&[0, 1, 2])])
}

/// A small file of every kind.
fn files() -> Vec<Vec<u8>> {
    let apart = vec![Scan::sequential(&[2]), Scan::sequential(&[0, 1])];
    let scripts = [
        baseline(),
        baseline().restarting(3),
        Script::new(false, apart).restarting(1),
        Script::new(true, scripts::libjpeg()),
        Script::new(true, scripts::libjpeg()).restarting(2),
    ];
    scripts
        .iter()
        .map(|script| write(&image(), script))
        .collect()
}

fn limits() -> Limits {
    Limits {
        max_source_pixels: 40_000,
        ..Limits::default()
    }
}

fn kind(file: &[u8]) -> Option<RenderErrorKind> {
    let scale = Scale::eighths(2);
    decode(file, scale, &limits())
        .err()
        .map(|error| error.kind())
}

/// Where a marker is.
fn find(file: &[u8], marker: u8) -> usize {
    file.windows(2)
        .position(|pair| pair == [0xFF, marker])
        .unwrap()
}

/// Where the bits of the first scan are.
fn data(file: &[u8]) -> usize {
    let scan = find(file, 0xDA);
    scan + 2 + usize::from(file[scan + 3])
}

/// The file with the payload of its first segment of a marker changed.
fn changed(file: &[u8], marker: u8, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let at = find(file, marker);
    let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
    let mut payload = file[at + 4..at + 2 + length].to_vec();
    change(&mut payload);
    let mut bytes = file[..at].to_vec();
    segment(&mut bytes, marker, &payload);
    bytes.extend(&file[at + 2 + length..]);
    bytes
}

#[test]
fn a_file_that_ends_early_keeps_what_there_is() {
    for file in files() {
        let whole = planes(decode(&file, Scale::FULL, &limits()).unwrap());
        let pixels = data(&file);
        for length in 0..file.len() {
            match decode(&file[..length], Scale::FULL, &limits()) {
                Ok(decoded) => {
                    assert!(length > pixels, "{length}");
                    let cut = planes(decoded);
                    for (cut, whole) in cut.iter().zip(&whole) {
                        assert_eq!((cut.width(), cut.height()), (whole.width(), whole.height()));
                    }
                }
                Err(error) => assert!(
                    error.kind() == ImageCorrupt && length < pixels + 200,
                    "{error}"
                ),
            }
        }
        // The end marker is no part of the picture.
        let cut = planes(decode(&file[..file.len() - 2], Scale::FULL, &limits()).unwrap());
        assert!(
            cut.iter()
                .zip(&whole)
                .all(|(cut, whole)| cut.data() == whole.data())
        );
    }
}

#[test]
fn what_is_cut_off_is_grey_and_what_is_before_is_not_touched() {
    let file = write(&image(), &baseline());
    let whole = planes(decode(&file, Scale::FULL, &limits()).unwrap());
    let start = data(&file);
    let cut = planes(
        decode(
            &file[..start + (file.len() - start) / 2],
            Scale::FULL,
            &limits(),
        )
        .unwrap(),
    );
    let [luma, whole] = [cut[0].data(), whole[0].data()];
    assert_eq!(luma[..16 * 50], whole[..16 * 50]);
    assert!(
        luma[luma.len() - 50 * 11..]
            .iter()
            .all(|&sample| sample == 128)
    );
}

#[test]
fn after_damage_it_goes_on_at_the_next_restart() {
    // Units of 16 pixels: 4 in a row, 3 rows; a restart after each row.
    for progressive in [false, true] {
        let script = if progressive {
            // A scan each, so that there is one place for a restart's number.
            let rest = |index| Scan::band(&[index], (1, 63), 0, 0);
            let scans = vec![
                Scan::band(&[0, 1, 2], (0, 0), 0, 0),
                rest(0),
                rest(1),
                rest(2),
            ];
            Script::new(true, scans).restarting(4)
        } else {
            baseline().restarting(4)
        };
        let file = write(&image(), &script);
        let whole = planes(decode(&file, Scale::FULL, &limits()).unwrap());
        let row = |plane: &Plane, row: usize| plane.data()[row * 16 * 50..][..8 * 50].to_vec();
        let (first, second) = (find(&file, 0xD0), find(&file, 0xD1));

        // The second row has no sense, is missing, or is missing with its marker.
        let filled = [&file[..first + 2], &[0xFE; 20], &file[second..]].concat();
        let empty = [&file[..first + 2], &file[second..]].concat();
        let lost = [&file[..first], &file[second..]].concat();
        for broken in [filled, empty, lost] {
            let broken = planes(decode(&broken, Scale::FULL, &limits()).unwrap());
            if progressive {
                // Only the means are broken, and those only there.
                assert_eq!(row(&broken[0], 2), row(&whole[0], 2));
            } else {
                assert_eq!(row(&broken[0], 0), row(&whole[0], 0));
                assert_ne!(row(&broken[0], 1), row(&whole[0], 1));
                assert_eq!(row(&broken[0], 2), row(&whole[0], 2));
            }
        }
        // A marker of before comes again.
        let again = [&file[..second], &[0xFF, 0xD7], &file[second..]].concat();
        let again = planes(decode(&again, Scale::FULL, &limits()).unwrap());
        assert_eq!(again[0].data(), whole[0].data());
    }
}

#[test]
fn fill_bytes_and_bytes_between_segments_do_not_matter() {
    let file = write(&image(), &baseline().restarting(2));
    let whole = planes(decode(&file, Scale::FULL, &limits()).unwrap());
    let mut filled = vec![0xFF, 0xD8];
    let mut at = 2;
    while at < file.len() {
        if file[at] == 0xFF && file[at + 1] != 0 {
            filled.extend([0xFF; 3]);
        }
        filled.push(file[at]);
        at += 1;
    }
    let table = find(&filled, 0xDB);
    filled.splice(table..table, [1, 2, 3, 0xFF, 0x01, 0xFF, 0xD3]);
    let planes = planes(decode(&filled, Scale::FULL, &limits()).unwrap());
    assert!(
        planes
            .iter()
            .zip(&whole)
            .all(|(filled, whole)| filled.data() == whole.data())
    );
}

#[test]
#[expect(clippy::too_many_lines)]
fn headers_that_are_not_read_are_refused() {
    let file = write(&image(), &baseline());
    let progressive = write(&image(), &Script::new(true, scripts::libjpeg()));
    let frame = |at: usize, value: u8| changed(&file, 0xC0, |payload| payload[at] = value);
    let scan = |at: usize, value: u8| changed(&file, 0xDA, |payload| payload[at] = value);
    let marker = |marker: u8| {
        let mut file = file.clone();
        let at = find(&file, 0xC0);
        file[at + 1] = marker;
        file
    };
    let rows = [
        ("nothing", vec![], ImageCorrupt),
        ("no frame", file[..20].to_vec(), ImageCorrupt),
        ("12 bits", frame(0, 12), UnsupportedFormat),
        (
            "no width",
            changed(&file, 0xC0, |p| p[3..5].fill(0)),
            ImageCorrupt,
        ),
        (
            "no height",
            changed(&file, 0xC0, |p| p[1..3].fill(0)),
            UnsupportedFormat,
        ),
        (
            "huge",
            changed(&file, 0xC0, |p| p[1..5].fill(0xFF)),
            ImageTooLarge,
        ),
        (
            "a pixel more",
            changed(&file, 0xC0, |p| {
                p[1..5].copy_from_slice(&[0, 1, 0x9C, 0x41]);
            }),
            ImageTooLarge,
        ),
        ("no components", frame(5, 0), ImageCorrupt),
        ("five components", frame(5, 5), ImageCorrupt),
        (
            "fewer components",
            changed(&file, 0xC0, |p| p.truncate(12)),
            ImageCorrupt,
        ),
        (
            "two components",
            changed(&file, 0xC0, |p| {
                p[5] = 2;
                p.truncate(12);
            }),
            UnsupportedFormat,
        ),
        ("a component twice", frame(9, 1), ImageCorrupt),
        ("factor 0", frame(7, 0x20), ImageCorrupt),
        ("factor 5", frame(7, 0x51), ImageCorrupt),
        ("table 4", frame(8, 4), ImageCorrupt),
        ("lossless", marker(0xC3), UnsupportedFormat),
        ("hierarchical", marker(0xC5), UnsupportedFormat),
        ("arithmetic", marker(0xC9), UnsupportedFormat),
        ("arithmetic, progressive", marker(0xCA), UnsupportedFormat),
        (
            "two frames",
            [&file[..find(&file, 0xC4)], &file[find(&file, 0xC0)..]].concat(),
            ImageCorrupt,
        ),
        ("no scan", file[..find(&file, 0xDA)].to_vec(), ImageCorrupt),
        (
            "an empty scan",
            [&file[..data(&file)], &[0xFF, 0xD9]].concat(),
            ImageCorrupt,
        ),
        ("no components in the scan", scan(0, 0), ImageCorrupt),
        ("more than it names", scan(0, 4), ImageCorrupt),
        ("a component that is none", scan(1, 9), ImageCorrupt),
        ("a component twice in the scan", scan(3, 1), ImageCorrupt),
        ("a table that is none", scan(2, 0x44), ImageCorrupt),
        ("a table that is missing", scan(2, 0x10), ImageCorrupt),
        (
            "no quantisation",
            changed(&file, 0xDB, Vec::clear),
            ImageCorrupt,
        ),
        (
            "half a quantisation",
            changed(&file, 0xDB, |p| p.truncate(30)),
            ImageCorrupt,
        ),
        (
            "quantisation 4",
            changed(&file, 0xDB, |p| p[0] = 4),
            ImageCorrupt,
        ),
        (
            "quantisation of 24 bits",
            changed(&file, 0xDB, |p| p[0] = 0x20),
            ImageCorrupt,
        ),
        (
            "half a Huffman table",
            changed(&file, 0xC4, |p| p.truncate(20)),
            ImageCorrupt,
        ),
        (
            "too many codes",
            changed(&file, 0xC4, |p| p[1] = 3),
            ImageCorrupt,
        ),
        (
            "far too many codes",
            changed(&file, 0xC4, |p| p[1..17].fill(255)),
            ImageCorrupt,
        ),
        (
            "no codes",
            changed(&file, 0xC4, |p| {
                p.truncate(17);
                p[1..].fill(0);
            }),
            ImageCorrupt,
        ),
        (
            "a difference of 16 bits",
            changed(&file, 0xC4, |p| p[17] = 16),
            ImageCorrupt,
        ),
        (
            "a band with the mean",
            changed(&progressive, 0xDA, |p| p[8] = 5),
            ImageCorrupt,
        ),
        (
            "a band of several",
            changed(&progressive, 0xDA, |p| p[7..9].fill(5)),
            ImageCorrupt,
        ),
        (
            "14 bits lower",
            changed(&progressive, 0xDA, |p| p[9] = 14),
            ImageCorrupt,
        ),
    ];
    for (case, file, expected) in rows {
        assert_eq!(kind(&file), Some(expected), "{case}");
    }
}

#[test]
fn row_73_more_scans_than_any_encoder_writes_are_refused() {
    let mut scans = vec![Scan::band(&[0, 1, 2], (0, 0), 0, 0)];
    scans.extend(std::iter::repeat_n(Scan::band(&[0], (1, 1), 0, 0), 31));
    let file = write(&image(), &Script::new(true, scans.clone()));
    assert_eq!(kind(&file), None);
    scans.push(Scan::band(&[0], (1, 1), 0, 0));
    let file = write(&image(), &Script::new(true, scans));
    assert_eq!(kind(&file), Some(ImageCorrupt));
}

#[test]
fn a_second_scan_of_a_component_does_not_count() {
    let twice = Script::new(
        false,
        vec![Scan::sequential(&[0, 1, 2]), Scan::sequential(&[0])],
    );
    let file = write(&image(), &twice);
    check(&file, &image(), "twice");
}

#[test]
fn row_73_many_markers_cost_no_more_than_their_bytes() {
    let file = write(&image(), &baseline().restarting(1));
    let at = find(&file, 0xDA);
    let many = |marker: [u8; 4]| [&file[..at], &marker.repeat(50_000), &file[at..]].concat();
    for marker in [
        [0xFF, 0xD0, 0xFF, 0xD1],
        [0xFF, 0xDD, 0, 2],
        [0xFF, 0xFE, 0, 2],
    ] {
        let expected = if marker[1] == 0xDD {
            Some(ImageCorrupt)
        } else {
            None
        };
        assert_eq!(kind(&many(marker)), expected);
    }
    let storm = [
        &file[..at + 14],
        &[0xFF, 0xD0].repeat(100_000),
        &[0xFF, 0xD9],
    ]
    .concat();
    assert_eq!(kind(&storm), Some(ImageCorrupt));
    // Units that are lost, each with no marker up to the end of a long file.
    let file = changed(&file, 0xC0, |payload| {
        payload[1..5].copy_from_slice(&[0, 4, 0x25, 0x00]);
    });
    let barren = [&file[..data(&file)], &vec![0x00; 2_000_000][..]].concat();
    kind(&barren);
    // Blocks that end without an end.
    let progressive = write(&image(), &Script::new(true, scripts::libjpeg()));
    let at = data(&progressive);
    for byte in [0x00, 0x55, 0xAA, 0xFE] {
        let filled = [&progressive[..at], &[byte; 5_000]].concat();
        kind(&filled);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn damaged_files_do_no_harm(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        eighths in 1..9_u8,
    ) {
        let files = files();
        let mut file = files[which.index(files.len())].clone();
        for (at, value) in damage {
            let at = at.index(file.len());
            file[at] = value;
        }
        if let Err(error) = decode(&file, Scale::eighths(eighths), &limits()) {
            prop_assert!(error.kind() != RenderErrorKind::Internal, "{}", error);
        }
    }

    #[test]
    fn nonsense_in_a_scan_does_no_harm(
        progressive in any::<bool>(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        eighths in 1..9_u8,
    ) {
        let scans = if progressive { scripts::libjpeg() } else { baseline().scans };
        let file = write(&image(), &Script::new(progressive, scans));
        let file = [&file[..data(&file)], &bytes].concat();
        if let Err(error) = decode(&file, Scale::eighths(eighths), &limits()) {
            prop_assert_eq!(error.kind(), ImageCorrupt);
        }
    }
}
