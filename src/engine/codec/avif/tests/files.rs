//! Files that other encoders made (avifenc with libaom, Pillow, libvips), all of one picture: four quarters, red, green,
//! blue and nearly white.

use super::*;

const RED: [u8; 3] = [200, 40, 40];
const GREEN: [u8; 3] = [40, 180, 60];
const BLUE: [u8; 3] = [40, 60, 200];
const WHITE: [u8; 3] = [240, 240, 240];
const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, WHITE];
const GRAYS: [[u8; 1]; 4] = [[88], [124], [70], [240]];

fn corners(picture: &Picture) -> [&[u8]; 4] {
    let (right, bottom) = (picture.width() - 3, picture.height() - 3);
    [(2, 2), (right, 2), (2, bottom), (right, bottom)].map(|(x, y)| pixel(picture, x, y))
}

fn assert_corners<const N: usize>(name: &str, picture: &Picture, expected: [[u8; N]; 4]) {
    let found = corners(picture);
    for (found, expected) in found.iter().zip(expected) {
        let near = found.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= 2);
        assert!(
            near && found.len() == N,
            "{name}: {:?} should be {expected:?}",
            corners(picture)
        );
    }
}

#[test]
fn every_depth_sampling_range_and_matrix_is_read() {
    let files = [
        sample!("full-8-420"),
        sample!("full-8-422"),
        sample!("full-8-444"),
        sample!("full-10-420"),
        sample!("full-10-422"),
        sample!("full-10-444"),
        sample!("full-12-420"),
        sample!("full-12-422"),
        sample!("full-12-444"),
        sample!("limited-8"),
        sample!("limited-10"),
        sample!("limited-12"),
        sample!("bt709"),
        sample!("bt2020-matrix"),
        sample!("identity"),
        sample!("lossless"),
        sample!("ycgco"),
        sample!("unspecified"),
    ];
    for (name, bytes) in files {
        let picture = upright(bytes);
        assert_eq!((picture.width(), picture.height()), (24, 16), "{name}");
        assert_corners(name, &picture, UPRIGHT);
    }
}

#[test]
fn greys_stay_grey() {
    let files = [
        sample!("full-8-400"),
        sample!("full-10-400"),
        sample!("full-12-400"),
        sample!("limited-gray"),
    ];
    for (name, bytes) in files {
        let picture = upright(bytes);
        assert_eq!(picture.layout(), Layout::Gray, "{name}");
        assert_corners(name, &picture, GRAYS);
    }
}

#[test]
fn odd_sides_and_grids_are_whole() {
    let table = [(sample!("odd"), (23, 15)), (sample!("grid"), (128, 64))];
    for ((name, bytes), size) in table {
        let picture = upright(bytes);
        assert_eq!((picture.width(), picture.height()), size, "{name}");
        assert_corners(name, &picture, UPRIGHT);
    }
}

#[test]
fn transforms_are_applied_in_their_order() {
    let table = [
        (sample!("irot1"), (16, 24), [GREEN, WHITE, RED, BLUE]),
        (sample!("irot2"), (24, 16), [WHITE, BLUE, GREEN, RED]),
        (sample!("irot3"), (16, 24), [BLUE, RED, WHITE, GREEN]),
        (sample!("imir0"), (24, 16), [BLUE, WHITE, RED, GREEN]),
        (sample!("imir1"), (24, 16), [GREEN, RED, WHITE, BLUE]),
        (sample!("irot1-imir0"), (16, 24), [RED, BLUE, GREEN, WHITE]),
        (sample!("crop"), (12, 8), [GREEN; 4]),
        (sample!("crop-irot"), (16, 12), [GREEN, WHITE, GREEN, WHITE]),
        // Its EXIF data says the same as its `irot`. It is turned once.
        (sample!("exif"), (16, 24), [BLUE, RED, WHITE, GREEN]),
    ];
    for ((name, bytes), size, expected) in table {
        let picture = upright(bytes);
        assert_eq!((picture.width(), picture.height()), size, "{name}");
        assert_corners(name, &picture, expected);
    }
}

#[test]
fn alpha_is_read_and_colours_are_divided_by_it() {
    let with = |[r, g, b]: [u8; 3], alpha| [r, g, b, alpha];
    let expected = [
        with(RED, 255),
        with(GREEN, 128),
        with(BLUE, 64),
        with(WHITE, 255),
    ];
    for (name, bytes) in [
        sample!("alpha"),
        sample!("libvips"),
        sample!("premultiplied"),
    ] {
        let picture = upright(bytes);
        let found = corners(&picture);
        for (found, expected) in found.iter().zip(expected) {
            // A quarter of the brightness has a quarter of the steps.
            let near = found.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= 6);
            assert!(near && found.len() == 4, "{name}: {found:?}");
        }
    }
}

#[test]
fn colours_that_are_not_srgb_keep_their_meaning() {
    // Computed from the chromaticities of the primaries, with the curve of sRGB.
    let p3 = [[218, 0, 26], [0, 183, 30], [34, 61, 208], WHITE];
    let bt2020 = [[249, 0, 27], [0, 190, 14], [0, 59, 210], WHITE];
    let table = [(sample!("p3"), p3), (sample!("bt2020"), bt2020)];
    for ((name, bytes), expected) in table {
        assert_corners(name, &upright(bytes), expected);
    }
}

#[test]
fn an_hdr_image_keeps_its_order_of_tones() {
    for (name, bytes) in [sample!("pq"), sample!("hlg")] {
        let picture = upright(bytes);
        let [red, green, blue, white] = corners(&picture);
        // A signal of 94 % is far brighter than a page.
        assert!(
            white.iter().all(|&sample| sample >= 250),
            "{name}: {white:?}"
        );
        // One of 16 % is nearly black (PQ: 1 cd/m²; HLG: 6), one of 78 % bright.
        assert!(
            red[0] > 200 && red[1] < 60 && red[2] < 60,
            "{name}: {red:?}"
        );
        assert!(green[1] > 150 && green[0] < 60, "{name}: {green:?}");
        assert!(blue[2] > 200 && blue[0] < 60, "{name}: {blue:?}");
    }
}

#[test]
fn the_probe_tells_how_the_pixels_are_stored() {
    let table = [
        (sample!("full-8-420"), (24, 16), 1),
        (sample!("irot1"), (24, 16), 8),
        (sample!("imir1"), (24, 16), 2),
        (sample!("irot1-imir0"), (24, 16), 5),
        (sample!("crop-irot"), (12, 16), 8),
        (sample!("grid"), (128, 64), 1),
    ];
    for ((name, bytes), size, tag) in table {
        let probe = probe(bytes, &limits()).expect("it is an AVIF");
        assert_eq!((probe.width, probe.height), size, "{name}");
        assert_eq!(probe.orientation, Orientation::from_tag(tag), "{name}");
    }
}

#[test]
fn planes_are_handed_on_where_they_are_those_of_jpeg() {
    let table = [
        (sample!("full-8-420"), Some((24, 16, Some((12, 8))))),
        (sample!("full-8-444"), Some((24, 16, Some((24, 16))))),
        (sample!("full-8-422"), Some((24, 16, Some((12, 16))))),
        (sample!("full-8-400"), Some((24, 16, None))),
        (sample!("limited-8"), Some((24, 16, Some((12, 8))))),
        (sample!("limited-gray"), Some((24, 16, None))),
        (sample!("grid"), Some((128, 64, Some((64, 32))))),
        (sample!("odd"), Some((23, 15, Some((12, 8))))),
        (sample!("full-10-420"), None),
        (sample!("alpha"), None),
        (sample!("bt709"), None),
        (sample!("p3"), None),
        (sample!("crop"), None),
    ];
    for ((name, bytes), expected) in table {
        let planar = decode_planar(bytes, &limits()).expect("it decodes");
        let found = planar.as_ref().map(|planar| {
            let chroma = planar.chroma().map(|[cb, _]| (cb.width(), cb.height()));
            (planar.width(), planar.height(), chroma)
        });
        assert_eq!(found, expected, "{name}");
        // The planes are right if the luma is: that of red in BT.601, in the full range.
        if let Some(planar) = planar {
            assert!(planar.luma().data()[0].abs_diff(88) <= 1, "{name}");
            if let Some([cb, cr]) = planar.chroma() {
                let first = (cb.data()[0], cr.data()[0]);
                assert!(
                    first.0.abs_diff(101) <= 1 && first.1.abs_diff(208) <= 1,
                    "{name}: {first:?}"
                );
            }
        }
    }
}

#[test]
fn a_sequence_is_refused() {
    let (_, bytes) = sample!("sequence");
    assert!(Avif.recognizes(bytes));
    let refused = Some(RenderErrorKind::UnsupportedFormat);
    assert_eq!(kind_of(probe(bytes, &limits())), refused);
    assert_eq!(kind_of(decode(bytes, &limits())), refused);
}
