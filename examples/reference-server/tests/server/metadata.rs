//! What a file says of its photograph: none of it is handed on, but for which way is up.

use std::fs;
use std::path::Path;

use crate::bombs::chunk;
use crate::support::{Folder, IMAGES, Server};

const CONFIG: &str = r#"
environment = "development"

[transform]
max_output_pixels = 40_000_000

[origin]
files = "images"

[[mount]]
path = "/"

[[mount]]
path = "/kept"
[mount.transform]
strip_metadata = false
"#;

/// A directory of EXIF: tag, type, count, and four bytes of value.
fn directory(little: bool, entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let short = |value: u16| {
        if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let long = |value: u32| {
        if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let mut bytes = short(u16::try_from(entries.len()).unwrap()).to_vec();
    for &(tag, kind, count, value) in entries {
        bytes.extend([short(tag), short(kind)].concat());
        bytes.extend(long(count));
        if kind == 3 {
            bytes.extend([short(u16::try_from(value).unwrap()), [0; 2]].concat());
        } else {
            bytes.extend(long(value));
        }
    }
    bytes.extend(long(next));
    bytes
}

/// A file of EXIF whose first directory is at the beginning of `rest`.
fn exif(little: bool, rest: &[u8]) -> Vec<u8> {
    let head: &[u8] = if little {
        b"II*\0\x08\0\0\0"
    } else {
        b"MM\0*\0\0\0\x08"
    };
    [head, rest].concat()
}

fn orientation(little: bool, value: u16) -> Vec<u8> {
    exif(
        little,
        &directory(little, &[(0x0112, 3, 1, value.into())], 0),
    )
}

/// Texts that must not come out.
const PRIVATE: [&str; 8] = [
    "SERIAL-0042",
    "OWNER-ADA",
    "NOTES-OF-THE-MAKER",
    "N 51 30",
    "CAPTION-OF-IPTC",
    "RATING-OF-XMP",
    "A COMMENT",
    "THUMBNAIL-OF-ALL",
];

/// What a camera writes: a serial number, an owner, a place, notes, and a small image of the whole.
fn camera() -> Vec<u8> {
    let texts = [PRIVATE[0], PRIVATE[1], PRIVATE[2], PRIVATE[3], PRIVATE[7]];
    // Three directories: 5, 2 and 2 entries; then the texts.
    let first = 8 + 2 + 5 * 12 + 4;
    let place = first;
    let next = place + 2 + 2 * 12 + 4;
    let mut at = next + 2 + 2 * 12 + 4;
    let starts = texts.map(|text| {
        let start = at;
        at += u32::try_from(text.len()).unwrap() + 1;
        start
    });
    let ascii = |tag: u16, index: usize| {
        let length = u32::try_from(texts[index].len()).unwrap() + 1;
        (tag, 2, length, starts[index])
    };
    let main = [
        (0x0112, 3, 1, 1),
        ascii(0x013b, 1),
        (0x8825, 4, 1, place),
        ascii(0x927c, 2),
        ascii(0xa431, 0),
    ];
    let thumbnail = u32::try_from(texts[4].len()).unwrap();
    let rest = [
        directory(true, &main, next),
        directory(true, &[(1, 2, 2, u32::from(b'N')), ascii(2, 3)], 0),
        directory(
            true,
            &[(0x0201, 4, 1, starts[4]), (0x0202, 4, 1, thumbnail)],
            0,
        ),
        texts.map(|text| format!("{text}\0")).concat().into_bytes(),
    ];
    exif(true, &rest.concat())
}

fn xmp() -> Vec<u8> {
    let text = PRIVATE[5];
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/'><xmp:Rating>{text}</xmp:Rating>\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    .into_bytes()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], data].concat()
}

/// A JPEG with segments right after its beginning.
fn jpeg_with(segments: &[u8]) -> Vec<u8> {
    let mut jpeg = fs::read(Path::new(IMAGES).join("cat.jpg")).unwrap();
    jpeg.splice(2..2, segments.iter().copied());
    jpeg
}

/// A PNG of these pixels, with chunks after its header.
fn png_with(width: u32, height: u32, pixels: &[u8], chunks: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes.splice(33..33, chunks.iter().copied());
    bytes
}

/// A WebP with chunks at its end, as its first chunk says.
fn webp_with(webp: &[u8], chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let (_, width, height) = crate::support::size_of(webp);
    let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
    // EXIF and XMP.
    body.extend([0x0c, 0, 0, 0]);
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    body.extend(&webp[12..]);
    for (name, data) in chunks {
        body.extend(name);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(data);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}

#[test]
fn row_82_nothing_is_told_of_who_took_a_photo_and_where() {
    let folder = Folder::new("metadata");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let server = Server::start(&folder.config(CONFIG));

    let comment = PRIVATE[6].as_bytes();
    let caption = PRIVATE[4].as_bytes();
    let iptc = [
        b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x14\x1c\x02\x78\0\x0f",
        caption,
    ]
    .concat();
    let jpeg = jpeg_with(
        &[
            segment(0xe1, &[b"Exif\0\0", &camera()[..]].concat()),
            segment(
                0xe1,
                &[b"http://ns.adobe.com/xap/1.0/\0", &xmp()[..]].concat(),
            ),
            segment(0xed, &iptc),
            segment(0xfe, comment),
        ]
        .concat(),
    );
    let pixels: Vec<u8> = (0..60 * 40 * 3_u32).map(|n| (n % 251) as u8).collect();
    let texts = [b"Comment\0", comment].concat();
    let international = [b"XML:com.adobe.xmp\0\0\0\0\0", &xmp()[..]].concat();
    let chunks = [
        chunk(*b"eXIf", &camera()),
        chunk(*b"tEXt", &texts),
        chunk(*b"iTXt", &international),
    ];
    let png = png_with(60, 40, &pixels, &chunks.concat());
    fs::write(images.join("a.jpg"), &jpeg).unwrap();
    fs::write(images.join("a.png"), &png).unwrap();
    let plain = server.get("/unsafe/filters:format(webp)/a.png", &[]);
    let blocks = [(*b"EXIF", camera()), (*b"XMP ", xmp())];
    fs::write(images.join("a.webp"), webp_with(&plain.body, &blocks)).unwrap();

    let contains =
        |body: &[u8], text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
    for name in ["a.jpg", "a.png", "a.webp"] {
        let source = fs::read(images.join(name)).unwrap();
        // What is looked for is there.
        assert!(
            contains(&source, PRIVATE[0]) && contains(&source, PRIVATE[5]),
            "{name}"
        );
        for size in ["", "20x10/", "5x5:25x20/"] {
            for format in ["", "jpeg", "png", "webp", "gif", "avif"] {
                let filter = match format {
                    "" => String::new(),
                    format => format!("filters:format({format})/"),
                };
                let target = format!("/unsafe/{size}{filter}{name}");
                let answer = server.get(&target, &[]);
                assert_eq!(answer.code(), "ok", "{target}");
                for text in PRIVATE {
                    assert!(!contains(&answer.body, text), "{target}: {text}");
                }
                for text in [
                    "Exif", "EXIF", "eXIf", "adobe", "XMP", "8BIM", "tEXt", "iTXt",
                ] {
                    assert!(!contains(&answer.body, text), "{target}: {text}");
                }
            }
            // Who wants it kept can have it; never the image of the whole.
            let kept = server.get(&format!("/kept/unsafe/{size}{name}"), &[]);
            assert!(contains(&kept.body, PRIVATE[1]), "{size}{name}");
            assert!(!contains(&kept.body, PRIVATE[7]), "{size}{name}");
        }
    }
}

/// Where a pixel of the upright picture is in one that is stored by an orientation (TIFF 6.0, section 8).
fn stored(
    orientation: u16,
    (x, y): (usize, usize),
    (width, height): (usize, usize),
) -> (usize, usize) {
    let (right, bottom) = (width - 1 - x, height - 1 - y);
    match orientation {
        2 => (right, y),
        3 => (right, bottom),
        4 => (x, bottom),
        5 => (y, x),
        6 => (y, right),
        7 => (bottom, right),
        8 => (bottom, x),
        _ => (x, y),
    }
}

/// The pixels of a PNG, a byte a sample.
fn samples(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file))
        .read_info()
        .unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut samples).unwrap();
    samples
}

#[test]
fn row_84_every_orientation_is_made_upright() {
    const SIZE: (usize, usize) = (30, 20);
    let folder = Folder::new("orientation");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let write = |name: &str, orientation: u16, exif: Option<Vec<u8>>| {
        let is_turned = (5..=8).contains(&orientation);
        let (width, height) = if is_turned { (SIZE.1, SIZE.0) } else { SIZE };
        let mut pixels = vec![0; width * height * 3];
        for y in 0..SIZE.1 {
            for x in 0..SIZE.0 {
                let (to_x, to_y) = stored(orientation, (x, y), SIZE);
                let at = (to_y * width + to_x) * 3;
                let level = |n: usize| u8::try_from(n).unwrap();
                pixels[at..at + 3].copy_from_slice(&[
                    level(x * 8),
                    level(y * 12),
                    level(x * y % 7),
                ]);
            }
        }
        let chunks = exif.map(|exif| chunk(*b"eXIf", &exif)).unwrap_or_default();
        let size = [width, height].map(|side| u32::try_from(side).unwrap());
        fs::write(
            images.join(name),
            png_with(size[0], size[1], &pixels, &chunks),
        )
        .unwrap();
    };
    let mut names = Vec::new();
    let mut add = |name: String, stored: u16, exif: Option<Vec<u8>>| {
        write(&name, stored, exif);
        names.push(name);
    };
    add("upright.png".into(), 1, None);
    for little in [true, false] {
        for value in 1..=8 {
            let name = format!("{value}-{little}.png");
            add(name, value, Some(orientation(little, value)));
        }
        // What means nothing means upright.
        for value in [0, 9, 255, 65_535] {
            let name = format!("{value}-{little}.png");
            add(name, 1, Some(orientation(little, value)));
        }
    }
    let whole = orientation(true, 6);
    for length in [0, 4, 8, 10, 14] {
        add(
            format!("cut-{length}.png"),
            1,
            Some(whole[..length].to_vec()),
        );
    }
    let mut outside = orientation(true, 6);
    outside[4..8].copy_from_slice(&1_000_000_u32.to_le_bytes());
    add("outside.png".into(), 1, Some(outside));

    let server = Server::start(&folder.config(CONFIG));
    for target in [
        "",
        "12x8/",
        "-30x20/",
        "30x-20/",
        "3x2:24x15/-14x9/",
        "fit-in/9x9/",
        "0x0:10x10/filters:rotate(90)/",
    ] {
        let of = |name: &str| server.get(&format!("/unsafe/{target}{name}"), &[]);
        let upright = of("upright.png");
        let (_, width, height) = upright.image();
        assert!(
            target
                .is_empty()
                .then_some((30, 20))
                .is_none_or(|size| size == (width, height))
        );
        let expected = samples(&upright.body);
        for name in &names {
            let answer = of(name);
            assert_eq!(answer.image(), upright.image(), "{target}{name}");
            // Which direction is resized first can be seen in the last bit.
            let mut both = samples(&answer.body).into_iter().zip(&expected);
            let is_same = both.all(|(found, &expected)| found.abs_diff(expected) <= 1);
            assert!(is_same, "{target}{name}");
        }
    }
}

#[test]
fn row_84_a_jpeg_is_turned_as_it_says() {
    let folder = Folder::new("turned");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let server = Server::start(&folder.config(CONFIG));
    let size = |name: &str| {
        let (_, width, height) = server.get(&format!("/unsafe/{name}"), &[]).image();
        (width, height)
    };
    fs::write(images.join("a.jpg"), jpeg_with(&[])).unwrap();
    let (width, height) = size("a.jpg");
    assert_ne!(width, height);
    for value in 0..=9 {
        let exif = [b"Exif\0\0", &orientation(false, value)[..]].concat();
        let name = format!("{value}.jpg");
        fs::write(images.join(&name), jpeg_with(&segment(0xe1, &exif))).unwrap();
        let is_turned = (5..=8).contains(&value);
        let expected = if is_turned {
            (height, width)
        } else {
            (width, height)
        };
        assert_eq!(size(&name), expected, "{value}");
    }
}
