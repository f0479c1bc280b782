use std::time::Duration;

use image_webp::LoopCount;

use super::super::animation::AnimationWriter;
use super::super::encode::{WebPOptions, rgba};
use super::super::frames::{AnimationInfo, AnimationReader};
use super::super::mux::Metadata;
use super::*;
use crate::engine::RenderErrorKind;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn lossless() -> WebPOptions<'static> {
    WebPOptions {
        lossless: true,
        exact: true,
        ..WebPOptions::default()
    }
}

fn written(pictures: &[Picture], options: WebPOptions<'_>) -> Vec<u8> {
    let (width, height) = (pictures[0].width(), pictures[0].height());
    let mut writer = AnimationWriter::new(width, height, 3, options).unwrap();
    for picture in pictures {
        writer.push(picture, ms(40)).unwrap();
    }
    writer.finish().unwrap()
}

/// What a player shows, and for how long, frame by frame.
fn played(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let info = AnimationInfo::of(file).unwrap().unwrap();
    let mut reader = AnimationReader::new(file, info);
    let mut frames = Vec::new();
    while let Some((picture, delay)) = reader.next_frame().unwrap() {
        let duration = u32::try_from(delay.as_millis()).unwrap();
        frames.push((duration, picture.data().to_vec()));
    }
    assert_eq!(frames.len(), info.frames as usize);
    check_by_another_reader(file, &frames);
    frames
}

/// `image-webp` shows the same, but for its rounding.
fn check_by_another_reader(file: &[u8], frames: &[(u32, Vec<u8>)]) {
    let mut decoder = decoder(file);
    assert_eq!(decoder.num_frames() as usize, frames.len());
    for (duration, ours) in frames {
        let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
        assert_eq!(decoder.read_frame(&mut pixels).unwrap(), *duration);
        if !decoder.has_alpha() {
            let rgb = pixels.chunks_exact(3);
            pixels = rgb.flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
        }
        for (at, (ours, theirs)) in ours.chunks(4).zip(pixels.chunks(4)).enumerate() {
            let near = ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= 8);
            assert!(near, "pixel {at}: {ours:?}, {theirs:?}");
        }
    }
}

/// A picture with a box painted over it.
fn painted(picture: &Picture, at: (u32, u32), side: u32, color: [u8; 4]) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let mut data = rgba(picture).into_owned();
    for y in at.1..(at.1 + side).min(height) {
        for x in at.0..(at.0 + side).min(width) {
            let index = (y * width + x) as usize * 4;
            data[index..index + 4].copy_from_slice(&color);
        }
    }
    Picture::new(width, height, Layout::Rgba, data).unwrap()
}

/// Sequences that need each way to write a frame.
fn sequences() -> Vec<(&'static str, Vec<Picture>)> {
    let (opaque, glass) = (scene(61, 45, Layout::Rgb), scene(61, 45, Layout::Rgba));
    let (red, clear, veil) = ([255, 0, 0, 255], [0, 0, 0, 0], [9, 200, 30, 90]);
    let walk = |base: &Picture, color| -> Vec<Picture> {
        let steps = (0..6).map(|i| painted(base, (i * 11, i * 7), 9, color));
        steps.collect()
    };
    let far = painted(&painted(&opaque, (0, 0), 3, red), (58, 42), 3, red);
    vec![
        ("a box walks", walk(&opaque, red)),
        ("a box walks over glass", walk(&glass, red)),
        ("a hole walks", walk(&opaque, clear)),
        ("a veil walks over glass", walk(&glass, veil)),
        (
            "two corners",
            vec![opaque.clone(), far.clone(), opaque.clone()],
        ),
        (
            "everything",
            vec![
                opaque.clone(),
                glass.clone(),
                painted(&opaque, (0, 0), 99, red),
                painted(&opaque, (0, 0), 99, clear),
                scene(61, 45, Layout::Gray),
                scene(61, 45, Layout::GrayAlpha),
            ],
        ),
        (
            "one pixel",
            vec![opaque.clone(), painted(&opaque, (60, 44), 1, red)],
        ),
    ]
}

#[test]
fn lossless_frames_are_played_as_they_were() {
    for (name, pictures) in sequences() {
        let file = written(&pictures, lossless());
        let played = played(&file);
        assert_eq!(played.len(), pictures.len(), "{name}");
        for (at, (picture, (duration, pixels))) in pictures.iter().zip(played).enumerate() {
            assert_eq!(duration, 40, "{name}");
            assert!(*rgba(picture) == pixels, "{name}, frame {at}");
        }
    }
}

#[test]
fn random_boxes_on_canvases_of_all_sizes_are_played_as_they_were() {
    let mut state = 7_u32;
    let mut below = |end: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % end
    };
    for _ in 0..60 {
        let (width, height) = (1 + below(27), 1 + below(27));
        let layout = [Layout::Rgb, Layout::Rgba][below(2) as usize];
        let mut pictures = vec![scene(width, height, layout)];
        for _ in 0..5 {
            let alpha = [255, 255, 0, 100][below(4) as usize];
            let color = [below(256), below(256), below(256), alpha];
            let color = color.map(|sample| u8::try_from(sample).unwrap());
            let at = (below(width), below(height));
            let next = painted(pictures.last().unwrap(), at, 1 + below(12), color);
            pictures.push(next);
        }
        // Two that are the same make one frame.
        pictures.dedup_by(|a, b| rgba(a) == rgba(b));
        if pictures.len() > 1 {
            let played = played(&written(&pictures, lossless()));
            assert_eq!(played.len(), pictures.len());
            for (picture, (_, pixels)) in pictures.iter().zip(played) {
                assert!(*rgba(picture) == pixels, "{width}x{height}");
            }
        }
    }
}

#[test]
fn lossy_frames_look_alike() {
    for (name, pictures) in sequences() {
        let options = WebPOptions {
            quality: 90,
            ..WebPOptions::default()
        };
        let played = played(&written(&pictures, options));
        assert_eq!(played.len(), pictures.len(), "{name}");
        for (at, (picture, (_, pixels))) in pictures.iter().zip(played).enumerate() {
            // What is under transparent pixels is nobody's.
            let visible = |data: &[u8]| -> Vec<u8> {
                let pixels = data.chunks_exact(4);
                let over_black = |c: u8, a: u8| u16::from(c) * u16::from(a) / 255;
                let pixels = pixels.flat_map(|p| {
                    [
                        over_black(p[0], p[3]),
                        over_black(p[1], p[3]),
                        over_black(p[2], p[3]),
                        p[3].into(),
                    ]
                });
                pixels.map(|c| u8::try_from(c).unwrap()).collect()
            };
            let psnr = psnr(&visible(&rgba(picture)), &visible(&pixels));
            assert!(psnr > 30.0, "{name}, frame {at}: {psnr}");
        }
    }
}

#[test]
fn only_what_changes_is_written() {
    // Not smooth, so that a picture is more bytes than a header.
    let mut base = scene(160, 120, Layout::Rgb).data().to_vec();
    for (at, sample) in base.iter_mut().enumerate() {
        *sample = sample.wrapping_add(u8::try_from(at * at % 37).unwrap());
    }
    let base = Picture::new(160, 120, Layout::Rgb, base).unwrap();
    let boxes: Vec<_> = (0..5)
        .map(|i| painted(&base, (i * 16, 32), 16, [255, 0, 0, 255]))
        .collect();
    for options in [lossless(), WebPOptions::default()] {
        let one = written(&boxes[..1], options).len();
        let all = written(&boxes, options).len();
        assert!(all < one * 2, "{all} bytes, {one} for the first");
    }
}

#[test]
fn noise_below_the_loss_is_no_change() {
    let base = scene(64, 64, Layout::Rgb);
    let noisy: Vec<u8> = base.data().iter().map(|&c| c ^ (c & 1)).collect();
    let noisy = Picture::new(64, 64, Layout::Rgb, noisy).unwrap();
    let file = written(
        &[base.clone(), noisy.clone(), base.clone()],
        WebPOptions::default(),
    );
    assert_eq!(decoder(&file).num_frames(), 0, "it is a still picture");
    assert_eq!(played(&written(&[base, noisy], lossless())).len(), 2);
}

#[test]
fn a_frame_that_repeats_the_one_before_prolongs_it() {
    let (a, b) = (scene(9, 9, Layout::Rgb), scene(9, 9, Layout::Gray));
    let mut writer = AnimationWriter::new(9, 9, 0, lossless()).unwrap();
    let frames = [(&a, 30), (&a, 50), (&b, 10), (&b, 16_777_210), (&a, 5)];
    for (picture, delay) in frames {
        writer.push(picture, ms(delay)).unwrap();
    }
    let file = writer.finish().unwrap();
    let durations: Vec<u32> = played(&file)
        .iter()
        .map(|&(duration, _)| duration)
        .collect();
    assert_eq!(durations, [80, 10, 16_777_210, 5]);
    let shown = played(&file);
    assert!(shown[1].1 == shown[2].1 && shown[2].1 == *rgba(&b));
}

#[test]
fn loops_and_delays_are_kept() {
    let pictures = sequences().remove(0).1;
    for loops in [0, 1, 7, u16::MAX] {
        let mut writer = AnimationWriter::new(61, 45, loops, lossless()).unwrap();
        let delays = [
            Duration::ZERO,
            Duration::from_micros(1499),
            Duration::from_micros(1500),
            ms(33),
            ms(16_777_215),
            Duration::MAX,
        ];
        for (picture, delay) in pictures.iter().zip(delays) {
            writer.push(picture, delay).unwrap();
        }
        let file = writer.finish().unwrap();
        match decoder(&file).loop_count() {
            LoopCount::Forever => assert_eq!(loops, 0),
            LoopCount::Times(times) => assert_eq!(times.get(), loops),
        }
        let durations: Vec<u32> = played(&file)
            .iter()
            .map(|&(duration, _)| duration)
            .collect();
        assert_eq!(durations, [0, 1, 2, 33, 0xFF_FFFF, 0xFF_FFFF]);
    }
}

#[test]
fn metadata_is_written_with_frames() {
    let metadata = Metadata {
        icc: Some(b"profile"),
        exif: Some(b"MM\0*"),
        xmp: Some(b"<x/>"),
    };
    for frames in [1, 3] {
        let options = WebPOptions {
            metadata,
            ..lossless()
        };
        let pictures = &sequences().remove(0).1[..frames];
        let file = written(pictures, options);
        let mut decoder = decoder(&file);
        assert_eq!(decoder.is_animated(), frames > 1);
        assert_eq!(decoder.icc_profile().unwrap().as_deref(), metadata.icc);
        assert_eq!(decoder.exif_metadata().unwrap().as_deref(), metadata.exif);
        assert_eq!(decoder.xmp_metadata().unwrap().as_deref(), metadata.xmp);
    }
}

#[test]
fn a_single_frame_is_a_still_picture() {
    for layout in [Layout::Rgb, Layout::Rgba] {
        let picture = scene(20, 10, layout);
        let file = written(std::slice::from_ref(&picture), lossless());
        assert!(!decoder(&file).is_animated());
        assert_eq!(decoded(&file), (20, 10, rgba(&picture).into_owned()));
    }
}

#[test]
fn what_is_no_animation_is_an_error() {
    let empty = AnimationWriter::new(4, 4, 0, lossless()).unwrap().finish();
    assert_eq!(empty.unwrap_err().kind(), RenderErrorKind::Internal);
    let mut writer = AnimationWriter::new(4, 4, 0, lossless()).unwrap();
    let other = writer.push(&scene(4, 5, Layout::Rgb), ms(1));
    assert_eq!(other.unwrap_err().kind(), RenderErrorKind::Internal);
    for (width, height) in [(16_384, 1), (1, 16_384)] {
        let large = AnimationWriter::new(width, height, 0, lossless());
        assert_eq!(large.unwrap_err().kind(), RenderErrorKind::ImageTooLarge);
    }
}
