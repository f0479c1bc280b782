//! Frames that mean harm, or were harmed.

use proptest::prelude::*;

use super::*;
use crate::engine::RenderErrorKind;

fn file(name: &str) -> Vec<u8> {
    let (_, file) = FILES.into_iter().find(|(other, _)| *other == name).unwrap();
    payload(file).to_vec()
}

fn refused(payload: &[u8], size: (u32, u32), case: &str) {
    let error = decode(payload, size).expect_err(case);
    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt, "{case}");
}

#[test]
fn a_frame_that_ends_early_is_damaged_or_whole() {
    for (name, file) in FILES {
        let payload = payload(file);
        let whole = studio(payload).unwrap();
        let mut least = payload.len();
        while let Ok(planes) = studio(&payload[..least - 1]) {
            assert!(planes == whole, "{name} without its last bytes");
            least -= 1;
        }
        // An encoder may end with a few bits too many.
        assert!(payload.len() - least <= 3, "{name}: {least}");
        for length in 0..least {
            assert!(studio(&payload[..length]).is_err(), "{name}: {length}");
        }
    }
}

#[test]
fn a_header_that_makes_no_sense_is_corrupt() {
    let rows: [(&str, usize, u8); 7] = [
        ("not a key frame", 0, 0x01),
        ("of an unknown version", 0, 0x08),
        ("not shown", 0, 0x10),
        ("without its first mark", 3, 0xFF),
        ("without its second mark", 4, 0xFF),
        ("without its third mark", 5, 0xFF),
        ("with more in its first partition than there is", 2, 0x80),
    ];
    for (case, at, bits) in rows {
        let mut payload = file("sharp");
        payload[at] ^= bits;
        refused(&payload, (40, 40), case);
    }
}

#[test]
fn a_size_that_is_not_as_said_is_corrupt() {
    let payload = file("sharp");
    for size in [(40, 39), (39, 40), (41, 40), (16_383, 16_383), (0, 0)] {
        refused(&payload, size, "another size");
    }
    for (at, size) in [(6, (0, 40)), (8, (40, 0))] {
        let mut payload = payload.clone();
        payload[at] = 0;
        refused(&payload, size, "no pixels");
    }
    // What is asked for beyond the size is a scale, which changes nothing.
    let mut scaled = payload.clone();
    scaled[7] |= 0xC0;
    scaled[9] |= 0x40;
    assert!(studio(&scaled).unwrap() == studio(&payload).unwrap());
}

#[test]
fn partitions_that_are_not_there_are_damage() {
    for name in ["two_partitions", "eight_partitions", "noise"] {
        let whole = file(name);
        let first = u32::from_le_bytes([whole[0], whole[1], whole[2], 0]) >> 5;
        let sizes = 10 + first as usize;
        let count = Header::read(&whole).unwrap().partitions.len();
        for partition in 0..count - 1 {
            for high in [1, 0xFF] {
                let mut payload = whole.clone();
                payload[sizes + 3 * partition + 2] = high;
                refused(&payload, size(&whole), "a partition larger than the file");
            }
            let mut payload = whole.clone();
            payload[sizes + 3 * partition] = 0;
            payload[sizes + 3 * partition + 1] = 0;
            if partition < size(&whole).1.div_ceil(16) as usize {
                refused(&payload, size(&whole), "a partition without bytes");
            }
        }
        let payload = &whole[..sizes + 3 * (count - 1) - 1];
        refused(payload, size(&whole), "a size cut off");
    }
}

proptest! {
    #[test]
    fn flipped_bits_do_no_harm(
        name in 0..FILES.len(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0_u32..8), 1..6),
    ) {
        let mut payload = payload(FILES[name].1).to_vec();
        let whole = size(&payload);
        for (at, bit) in flips {
            // The size stays, for the sake of time.
            let at = 10 + at.index(payload.len() - 10);
            payload[at] ^= 1 << bit;
        }
        if let Ok(planar) = decode(&payload, whole) {
            prop_assert_eq!((planar.width(), planar.height()), whole);
        }
    }

    #[test]
    fn nonsense_behind_a_header_does_no_harm(
        (width, height) in (1_u8..50, 1_u8..50),
        first in 0_u8..8,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let tag = [0x10 | first << 5, first, 0, 0x9D, 0x01, 0x2A, width, 0, height, 0];
        let payload = [&tag, &bytes[..]].concat();
        let size = (width.into(), height.into());
        if let Ok(planar) = decode(&payload, size) {
            prop_assert_eq!((planar.width(), planar.height()), size);
        }
    }
}
