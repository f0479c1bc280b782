use super::*;
use crate::engine::RenderErrorKind::{ImageCorrupt, ImageTooLarge, UnsupportedFormat};

/// With a byte string in it replaced by one of the same length.
fn replaced(source: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = source.windows(from.len()).position(|window| window == from);
    let at = at.unwrap_or_else(|| panic!("{from:?} is in the file"));
    let mut changed = source.to_vec();
    changed[at..at + to.len()].copy_from_slice(to);
    changed
}

fn kinds(source: &[u8], limits: &Limits) -> (Option<RenderErrorKind>, Option<RenderErrorKind>) {
    (
        kind_of(probe(source, limits)),
        kind_of(decode(source, limits)),
    )
}

#[test]
fn a_file_that_ends_early_is_corrupt() {
    for (name, bytes) in [
        sample!("full-8-420"),
        sample!("alpha"),
        sample!("grid"),
        sample!("exif"),
    ] {
        for length in 12..bytes.len() {
            let cut = &bytes[..length];
            let kind = kind_of(decode(cut, &limits()));
            assert_eq!(kind, Some(ImageCorrupt), "{name} of {length} bytes");
        }
    }
}

#[test]
fn changed_bytes_do_no_harm() {
    let mut limits = limits();
    limits.max_source_pixels = 128 * 64;
    for (_, bytes) in [
        sample!("full-8-420"),
        sample!("alpha"),
        sample!("grid"),
        sample!("crop-irot"),
    ] {
        let mut changed = bytes.to_vec();
        for at in 0..bytes.len() {
            for flip in [0x01, 0xFF] {
                changed[at] ^= flip;
                // Whatever it makes of it, both agree.
                if let (Ok(probe), Ok(picture)) =
                    (probe(&changed, &limits), decode(&changed, &limits))
                {
                    assert_eq!(
                        (probe.width, probe.height),
                        (picture.width(), picture.height())
                    );
                }
                changed[at] ^= flip;
            }
        }
    }
}

#[test]
fn boxes_that_lie_are_refused() {
    let (_, plain) = sample!("full-8-420");
    let (_, grid) = sample!("grid");
    let size = |width: u32, height: u32| [width.to_be_bytes(), height.to_be_bytes()].concat();
    let table: [(&str, Vec<u8>, RenderErrorKind); 9] = [
        (
            "another size",
            replaced(plain, &size(24, 16), &size(24, 15)),
            ImageCorrupt,
        ),
        (
            "no size",
            replaced(plain, &size(24, 16), &size(0, 16)),
            ImageCorrupt,
        ),
        (
            "huge",
            replaced(plain, &size(24, 16), &size(u32::MAX, u32::MAX)),
            ImageTooLarge,
        ),
        (
            "not AV1",
            replaced(plain, b"av01", b"hvc1"),
            UnsupportedFormat,
        ),
        (
            "no picture",
            replaced(plain, b"pict", b"vide"),
            ImageCorrupt,
        ),
        ("no item", replaced(plain, b"iloc", b"free"), ImageCorrupt),
        (
            "an unknown property",
            replaced(plain, b"av1C", b"xxxx"),
            UnsupportedFormat,
        ),
        (
            "too few tiles",
            replaced(grid, b"\0\0\0\x01\0\x80\0\x40", b"\0\0\x01\x01\0\x80\0\x40"),
            ImageCorrupt,
        ),
        (
            "a grid of grids",
            replaced(grid, b"av01", b"grid"),
            UnsupportedFormat,
        ),
    ];
    for (name, bytes, expected) in table {
        let (probed, decoded) = kinds(&bytes, &limits());
        assert_eq!(probed, Some(expected), "{name}");
        assert_eq!(decoded, Some(expected), "{name}");
    }
}

#[test]
fn what_is_over_the_limits_is_refused_before_it_is_decoded() {
    let mut few = limits();
    few.max_source_pixels = 24 * 16 - 1;
    for (name, bytes) in [
        sample!("full-8-420"),
        sample!("alpha"),
        sample!("grid"),
        sample!("crop"),
    ] {
        assert_eq!(
            kinds(bytes, &few),
            (Some(ImageTooLarge), Some(ImageTooLarge)),
            "{name}"
        );
    }
}

#[test]
fn a_stream_of_many_frames_is_refused() {
    let (_, bytes) = sample!("full-8-420");
    let still = container::still(bytes).expect("it is an AVIF");
    let stream = &still.color.tiles[0].stream;
    let units = stream::read(stream, 1).expect("it is one frame");
    let mut many = units.clone();
    for _ in 0..3 {
        many.extend_from_slice(&units);
    }
    assert!(stream::read(&many, 4).is_ok());
    assert_eq!(kind_of(stream::read(&many, 3)), Some(UnsupportedFormat));
}

#[test]
fn streams_that_make_the_decoder_panic_do_not_reach_it() {
    let table: [&[u8]; 6] = [
        &[],
        &[0x0A],
        // A metadata unit that ends in zeros (rav1d, issue 1476).
        &[47, 47, 5, 4, 128, 0, 0, 0],
        // A frame without a sequence header.
        &[0x32, 1, 0],
        // A length that does not end.
        &[
            0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0,
        ],
        // The bit that must not be set.
        &[0x8A, 0],
    ];
    for stream in table {
        assert_eq!(
            kind_of(stream::read(stream, 4)),
            Some(ImageCorrupt),
            "{stream:?}"
        );
    }
}
