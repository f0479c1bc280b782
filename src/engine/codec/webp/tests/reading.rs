//! Animations made by hand, one property of a frame at a time.

use image_webp::{ColorType, WebPEncoder};

use super::super::frames::{AnimationInfo, AnimationReader};
use super::*;
use crate::engine::codec::{Codec, WebP};
use crate::engine::{Limits, Orientation, RenderError, RenderErrorKind};

const RED: [u8; 4] = [255, 0, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const NONE: [u8; 4] = [0, 0, 0, 0];

const DISPOSE: u8 = 0x01;
const REPLACE: u8 = 0x02;

fn chunk(kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.extend(u32::try_from(payload.len()).unwrap().to_le_bytes());
    bytes.extend(payload);
    bytes.extend(&[0][..payload.len() % 2]);
    bytes
}

fn three(number: u32) -> [u8; 3] {
    *number.to_le_bytes().first_chunk().unwrap()
}

/// A frame in one colour.
fn frame(at: (u32, u32), size: (u32, u32), flags: u8, color: [u8; 4]) -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = color.repeat((size.0 * size.1) as usize);
    WebPEncoder::new(&mut file)
        .encode(&pixels, size.0, size.1, ColorType::Rgba8)
        .unwrap();
    frame_of(at, size, flags, &file[12..])
}

fn frame_of(at: (u32, u32), size: (u32, u32), flags: u8, chunks: &[u8]) -> Vec<u8> {
    let numbers = [at.0 / 2, at.1 / 2, size.0 - 1, size.1 - 1, 70];
    let mut payload: Vec<u8> = numbers.into_iter().flat_map(three).collect();
    payload.push(flags);
    payload.extend(chunks);
    chunk(*b"ANMF", &payload)
}

fn animation(size: (u32, u32), frames: &[Vec<u8>]) -> Vec<u8> {
    let mut header = vec![0x12, 0, 0, 0];
    header.extend([size.0 - 1, size.1 - 1].into_iter().flat_map(three));
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(*b"VP8X", &header));
    // The colour of the background is nothing to us.
    body.extend(chunk(*b"ANIM", &[9, 9, 9, 9, 5, 0]));
    body.extend(frames.concat());
    chunk(*b"RIFF", &body)
}

fn read(file: &[u8]) -> Result<Vec<Picture>, RenderError> {
    let info = AnimationInfo::of(file)?.unwrap();
    let mut reader = AnimationReader::new(file, info);
    let mut pictures = Vec::new();
    while let Some((picture, delay)) = reader.next_frame()? {
        assert_eq!(delay.as_millis(), 70);
        pictures.push(picture);
    }
    Ok(pictures)
}

/// The pixels of a canvas 4 wide and 3 high, a letter each.
fn drawn(picture: &Picture) -> String {
    let letters =
        picture
            .data()
            .chunks_exact(4)
            .map(|pixel| match <[u8; 4]>::try_from(pixel).unwrap() {
                RED => 'r',
                BLUE => 'b',
                NONE => '.',
                _ => '?',
            });
    let letters: Vec<char> = letters.collect();
    let rows: Vec<String> = letters.chunks(4).map(|row| row.iter().collect()).collect();
    rows.join(" ")
}

#[test]
fn frames_are_laid_on_the_canvas() {
    let full = |flags, color| frame((0, 0), (4, 3), flags, color);
    let part = |flags, color| frame((2, 0), (2, 2), flags, color);
    let rows = [
        ("offset", vec![part(0, RED)], "..rr ..rr ...."),
        ("kept", vec![full(0, RED), part(0, BLUE)], "rrbb rrbb rrrr"),
        (
            "shown through",
            vec![full(0, RED), part(0, NONE)],
            "rrrr rrrr rrrr",
        ),
        (
            "replaced",
            vec![full(0, RED), part(REPLACE, NONE)],
            "rr.. rr.. rrrr",
        ),
        (
            "disposed of",
            vec![
                full(0, RED),
                part(DISPOSE, BLUE),
                frame((0, 2), (1, 1), 0, BLUE),
            ],
            "rr.. rr.. brrr",
        ),
        (
            "disposed of under all",
            vec![full(0, RED), part(DISPOSE, BLUE), full(0, NONE)],
            "rr.. rr.. rrrr",
        ),
        (
            "disposed of whole",
            vec![full(DISPOSE, RED), part(0, BLUE)],
            "..bb ..bb ....",
        ),
        (
            "disposed of once",
            vec![part(DISPOSE, RED), full(0, BLUE), full(0, NONE)],
            "bbbb bbbb bbbb",
        ),
        (
            "disposed of last",
            vec![full(0, RED), part(DISPOSE, BLUE)],
            "rrbb rrbb rrrr",
        ),
    ];
    for (name, frames, last) in rows {
        let pictures = read(&animation((4, 3), &frames)).unwrap();
        assert_eq!(pictures.len(), frames.len(), "{name}");
        assert_eq!(drawn(pictures.last().unwrap()), last, "{name}");
    }
}

#[test]
fn translucent_pixels_are_blended() {
    let rows = [
        ([200, 100, 0, 128], [100, 200, 50, 255], [150, 150, 25, 255]),
        ([200, 100, 0, 128], NONE, [200, 100, 0, 128]),
        // Half over half is three quarters, of which the upper makes two thirds.
        ([240, 0, 0, 128], [0, 240, 0, 128], [161, 79, 0, 192]),
        ([1, 2, 3, 255], [9, 9, 9, 77], [1, 2, 3, 255]),
    ];
    for (over, under, expected) in rows {
        let frames = [
            frame((0, 0), (2, 2), 0, under),
            frame((0, 0), (2, 2), 0, over),
        ];
        let pictures = read(&animation((2, 2), &frames)).unwrap();
        for pixel in pictures[1].data().chunks(4) {
            let near = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(near, "{over:?} over {under:?}: {pixel:?}");
        }
    }
}

#[test]
fn the_header_tells_of_all_frames() {
    let frames = [RED, BLUE, NONE].map(|color| frame((0, 0), (1, 1), 0, color));
    let file = animation((7, 9), &frames);
    let info = AnimationInfo::of(&file).unwrap().unwrap();
    let expected = AnimationInfo {
        width: 7,
        height: 9,
        frames: 3,
        loops: 5,
    };
    assert_eq!(info, expected);
    let probe = WebP.probe(&file, &Limits::default()).unwrap();
    assert_eq!((probe.width, probe.height, probe.frames), (7, 9, 3));
    assert_eq!(probe.orientation, Orientation::default());
    assert_eq!(AnimationInfo::of(&file[..11]).unwrap(), None);
    let empty = AnimationInfo::of(&animation((7, 9), &[]));
    assert_eq!(empty.unwrap_err().kind(), RenderErrorKind::ImageCorrupt);
}

#[test]
fn a_frame_that_lies_about_its_size_is_corrupt() {
    let vp8 = |width: u16, height: u16| {
        let mut payload = vec![0x10, 0, 0, 0x9D, 0x01, 0x2A];
        payload.extend(width.to_le_bytes());
        payload.extend(height.to_le_bytes());
        payload.extend([0; 40]);
        chunk(*b"VP8 ", &payload)
    };
    let good = frame((0, 0), (4, 3), 0, RED);
    let pixels = &good[24..];
    let (beyond, other, missing) = (
        "a frame of the WebP is larger than its canvas",
        "a frame of the WebP is not of the size that it says",
        "a frame of the WebP has no pixels",
    );
    let rows = [
        (frame((2, 0), (4, 3), 0, RED), beyond),
        (frame((0, 2), (4, 3), 0, RED), beyond),
        (frame_of((0, 0), (1 << 24, 1 << 24), 0, pixels), beyond),
        (frame_of(((1 << 24) * 2 - 2, 0), (4, 3), 0, pixels), beyond),
        (frame_of((0, 0), (3, 3), 0, pixels), other),
        (frame_of((0, 0), (4, 3), 0, &vp8(16_383, 16_383)), other),
        (frame_of((0, 0), (4, 3), 0, &vp8(0, 0)), other),
        (frame_of((0, 0), (4, 3), 0, &chunk(*b"VP8L", &[])), other),
        (frame_of((0, 0), (4, 3), 0, &[]), missing),
        (frame_of((0, 0), (4, 3), 0, &pixels[..20]), missing),
        (
            frame_of((0, 0), (4, 3), 0, &chunk(*b"ALPH", &[0; 12])),
            missing,
        ),
    ];
    for (frame, reason) in rows {
        let error = read(&animation((4, 3), &[good.clone(), frame])).unwrap_err();
        assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
        assert_eq!(error.to_string(), reason);
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let frames = [
        frame((0, 0), (4, 3), DISPOSE, RED),
        frame((2, 2), (2, 1), REPLACE, BLUE),
    ];
    let file = animation((4, 3), &frames);
    for length in 0..file.len() {
        if let Ok(Some(info)) = AnimationInfo::of(&file[..length]) {
            let mut reader = AnimationReader::new(&file[..length], info);
            while let Ok(Some(_)) = reader.next_frame() {}
        }
    }
    for at in 0..file.len() {
        for change in [0x01, 0x80, 0xFF] {
            let mut file = file.clone();
            file[at] ^= change;
            let Ok(Some(info)) = AnimationInfo::of(&file) else {
                continue;
            };
            // As the limits would have it.
            if info.width * info.height > 10_000 {
                continue;
            }
            let mut reader = AnimationReader::new(&file, info);
            while let Ok(Some((picture, _))) = reader.next_frame() {
                assert_eq!(
                    (picture.width(), picture.height()),
                    (info.width, info.height)
                );
            }
        }
    }
}
