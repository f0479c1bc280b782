//! GIF files, written block by block with the `gif` crate, and what is made of them.

use ::gif::{DisposalMethod, Encoder, Frame as GifFrame, Repeat};

use super::png::{Noise, Ready, picture, seen};
use super::*;

/// A frame: its area, of which the part on the canvas is seen; what becomes of it; the index that is transparent.
struct Part {
    area: [u16; 4],
    dispose: DisposalMethod,
    transparent: Option<u8>,
    delay: u16,
    interlaced: bool,
    palette: Option<Vec<u8>>,
    indices: Vec<u8>,
}

fn global_palette() -> Vec<u8> {
    (0..8_u8)
        .flat_map(|i| [i * 30, 255 - i * 20, i * 7])
        .collect()
}

fn file(size: (u16, u16), repeat: Option<Repeat>, parts: &[Part]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, size.0, size.1, &global_palette()).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for part in parts {
        let [left, top, width, height] = part.area;
        // An interlaced frame's rows are written in another order: every eighth, those between, and so on.
        let rows: Vec<&[u8]> = part.indices.chunks(width.into()).collect();
        let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
        let buffer = if part.interlaced {
            passes
                .iter()
                .flat_map(|&(start, step)| rows.iter().skip(start).step_by(step))
                .flat_map(|row| row.iter().copied())
                .collect()
        } else {
            part.indices.clone()
        };
        encoder
            .write_frame(&GifFrame {
                delay: part.delay,
                dispose: part.dispose,
                transparent: part.transparent,
                left,
                top,
                width,
                height,
                interlaced: part.interlaced,
                palette: part.palette.clone(),
                buffer: buffer.into(),
                ..GifFrame::default()
            })
            .unwrap();
    }
    encoder.into_inner().unwrap();
    bytes
}

/// The frames, drawn pixel by pixel on a canvas that is copied whole.
fn composed(size: (u16, u16), parts: &[Part]) -> Vec<RgbaImage> {
    let mut canvas = RgbaImage::new(size.0.into(), size.1.into());
    let global = global_palette();
    parts
        .iter()
        .map(|part| {
            let before = canvas.clone();
            let [left, top, width, height] = part.area.map(u32::from);
            let palette = part.palette.as_ref().unwrap_or(&global);
            let places: Vec<_> = (0..height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .filter(|(x, y)| left + x < canvas.width() && top + y < canvas.height())
                .collect();
            for &(x, y) in &places {
                let index = part.indices[(y * width + x) as usize];
                if part.transparent != Some(index) {
                    let color = &palette[3 * usize::from(index)..][..3];
                    let color = Rgba([color[0], color[1], color[2], 255]);
                    canvas.put_pixel(left + x, top + y, color);
                }
            }
            let shown = canvas.clone();
            match part.dispose {
                DisposalMethod::Background => {
                    for &(x, y) in &places {
                        canvas.put_pixel(left + x, top + y, Rgba([0; 4]));
                    }
                }
                DisposalMethod::Previous => canvas = before,
                _ => {}
            }
            shown
        })
        .collect()
}

fn frames(source: &[u8]) -> Vec<Frame> {
    let mut frames = Gif
        .decode(source, &Wanted::default(), &Limits::default())
        .unwrap();
    std::iter::from_fn(|| frames.next_frame().unwrap()).collect()
}

const DISPOSALS: [DisposalMethod; 4] = [
    DisposalMethod::Any,
    DisposalMethod::Keep,
    DisposalMethod::Background,
    DisposalMethod::Previous,
];

fn random_part(noise: &mut Noise, area: [u16; 4], dispose: DisposalMethod) -> Part {
    let palette: Option<Vec<u8>> =
        (noise.below(2) == 0).then(|| (0..12).map(|_| noise.byte()).collect());
    let colors = if palette.is_some() { 4 } else { 8 };
    let index = |noise: &mut Noise| u8::try_from(noise.below(colors)).unwrap();
    Part {
        area,
        dispose,
        transparent: (noise.below(2) == 0).then(|| index(noise)),
        delay: 5,
        interlaced: noise.below(2) == 0,
        indices: (0..area[2] * area[3]).map(|_| index(noise)).collect(),
        palette,
    }
}

#[test]
fn animations_are_composed_as_browsers_do() {
    let mut noise = Noise(11);
    let size = (9, 11);
    let stretch = |noise: &mut Noise, length: u16| {
        let start = u16::try_from(noise.below(u32::from(length) + 2)).unwrap();
        (start, 1 + u16::try_from(noise.below(12)).unwrap())
    };
    let mut opaque = 0;
    for round in 0..4 {
        for first in DISPOSALS {
            for second in DISPOSALS {
                for third in DISPOSALS {
                    let mut parts = Vec::new();
                    for (index, dispose) in [first, second, third, DisposalMethod::Keep]
                        .into_iter()
                        .enumerate()
                    {
                        let area = if index == 0 && round > 0 {
                            [0, 0, size.0, size.1]
                        } else {
                            let (left, width) = stretch(&mut noise, size.0);
                            let (top, height) = stretch(&mut noise, size.1);
                            [left, top, width, height]
                        };
                        let mut part = random_part(&mut noise, area, dispose);
                        if index == 0 && round == 3 {
                            part.transparent = Some(200); // which no pixel is
                        }
                        parts.push(part);
                    }
                    let source = file(size, None, &parts);
                    let frames = frames(&source);
                    let expected = composed(size, &parts);
                    assert_eq!(frames.len(), 4);
                    for (frame, expected) in frames.iter().zip(&expected) {
                        assert_eq!(seen(&frame.pixels), *expected);
                        opaque += u32::from(!frame.pixels.has_alpha());
                    }
                }
            }
        }
    }
    assert!(opaque > 20);
}

#[test]
fn timing_is_as_browsers_see_it() {
    let mut noise = Noise(4);
    for (hundredths, milliseconds) in [
        (0, 100),
        (1, 100),
        (2, 20),
        (300, 3000),
        (u16::MAX, 655_350),
    ] {
        let mut part = random_part(&mut noise, [0, 0, 2, 2], DisposalMethod::Keep);
        part.delay = hundredths;
        let frames = frames(&file((2, 2), None, &[part]));
        assert_eq!(frames[0].delay, Duration::from_millis(milliseconds));
    }
    for (repeat, loops) in [
        (None, 1),
        (Some(Repeat::Infinite), 0),
        (Some(Repeat::Finite(1)), 2),
        (Some(Repeat::Finite(9)), 10),
        (Some(Repeat::Finite(u16::MAX)), 65_536),
    ] {
        let parts = [random_part(&mut noise, [0, 0, 2, 2], DisposalMethod::Keep)];
        let source = file((2, 2), repeat, &parts);
        let probe = Gif.probe(&source, &Limits::default()).unwrap();
        assert_eq!(probe.loops, loops);
    }
}

#[test]
fn some_of_the_frames_can_be_asked_for() {
    let mut noise = Noise(8);
    let parts: Vec<_> = (0..5)
        .map(|_| random_part(&mut noise, [0, 0, 4, 3], DisposalMethod::Keep))
        .collect();
    let source = file((4, 3), None, &parts);
    let expected = composed((4, 3), &parts);
    for (first, count, range) in [(0, 2, 0..2), (3, 9, 3..5), (4, 1, 4..5), (99, 2, 4..5)] {
        let wanted = Wanted {
            first,
            frames: count,
            ..Wanted::default()
        };
        let mut frames = Gif.decode(&source, &wanted, &Limits::default()).unwrap();
        for expected in &expected[range] {
            assert_eq!(
                seen(&frames.next_frame().unwrap().unwrap().pixels),
                *expected
            );
        }
        assert!(frames.next_frame().unwrap().is_none());
    }
}

#[test]
fn what_is_written_reads_the_same() {
    // Few colours, so that nothing is lost.
    let image = |shift: u32, see_through: bool| {
        RgbaImage::from_fn(17, 9, |x, y| {
            if see_through && (x + shift).is_multiple_of(5) {
                Rgba([0; 4])
            } else {
                let index =
                    u8::try_from((x / 4 + y / 3 * 2 + u32::from(x > 8) * shift) % 8).unwrap();
                Rgba([index * 30, 255 - index, index ^ 0x5A, 255])
            }
        })
    };
    for see_through in [false, true] {
        for loops in [0, 1, 2, 7] {
            let images = [0, 1, 1, 3].map(|shift| image(shift, see_through));
            let delays = [33, 33, 34, 1006].map(Duration::from_millis);
            let frames: Vec<_> = images
                .iter()
                .zip(delays)
                .map(|(image, delay)| Frame {
                    pixels: picture(image, see_through).into(),
                    delay,
                })
                .collect();
            let options = EncodeOptions {
                loops,
                ..EncodeOptions::new(80)
            };
            let bytes = Gif
                .encode_animation(&mut Ready(frames.into_iter()), &options)
                .unwrap();
            let probe = Gif.probe(&bytes, &Limits::default()).unwrap();
            assert_eq!((probe.frames, probe.loops), (4, loops));
            let back = self::frames(&bytes);
            for (frame, image) in back.iter().zip(&images) {
                assert_eq!(seen(&frame.pixels), *image);
            }
            // Each is rounded such that the sum is right.
            let delays: Vec<_> = back.iter().map(|frame| frame.delay.as_millis()).collect();
            assert_eq!(delays, [30, 40, 30, 1010]);
        }
    }
}

#[test]
fn many_colours_are_dithered() {
    let image = scene(80, 60);
    for (colors, least) in [(None, 33.0), (Some(16), 22.0)] {
        let options = EncodeOptions {
            colors,
            ..EncodeOptions::new(80)
        };
        let bytes = Gif
            .encode(&picture(&image, false).into(), &options)
            .unwrap();
        let probe = Gif.probe(&bytes, &Limits::default()).unwrap();
        assert_eq!((probe.frames, probe.loops), (1, 1));
        let back = seen(&frames(&bytes)[0].pixels);
        let distinct: std::collections::HashSet<_> = back.pixels().collect();
        assert!(distinct.len() <= usize::from(colors.unwrap_or(256)));
        let psnr = psnr(&back, &image);
        assert!(psnr > least, "{colors:?}: {psnr}");
    }
}

#[test]
fn half_transparent_pixels_are_there_or_not() {
    let image = RgbaImage::from_fn(8, 1, |x, _| Rgba([9, 8, 7, u8::try_from(x * 36).unwrap()]));
    let bytes = Gif
        .encode(&picture(&image, true).into(), &EncodeOptions::new(80))
        .unwrap();
    let alphas: Vec<_> = seen(&frames(&bytes)[0].pixels)
        .pixels()
        .map(|p| p[3])
        .collect();
    assert_eq!(alphas, [0, 0, 0, 0, 255, 255, 255, 255]);
}

#[test]
fn a_gif_stays_one_and_becomes_other_formats() {
    let mut noise = Noise(12);
    let parts: Vec<_> = (0..3)
        .map(|_| random_part(&mut noise, [0, 0, 8, 6], DisposalMethod::Keep))
        .collect();
    let source = file((8, 6), Some(Repeat::Infinite), &parts);
    let mut recipe = Recipe::default();
    recipe.steps.push(resize(ResizeMode::Force, 4, 3));
    let rendered = render(&source, &recipe);
    assert_eq!((rendered.format, rendered.frames), (Format::Gif, 3));
    let rendered = render(&source, &to_format(Format::Png));
    assert_eq!((rendered.format, rendered.frames), (Format::Png, 3));
    let probe = Engine::default().probe(&rendered.bytes).unwrap();
    assert_eq!((probe.frames, probe.loops), (3, 0));
    let rendered = render(&source, &to_format(Format::Jpeg));
    assert_eq!((rendered.format, rendered.frames), (Format::Jpeg, 1));
}

#[test]
fn a_file_cut_off_keeps_the_frames_that_are_whole() {
    let mut noise = Noise(21);
    let parts: Vec<_> = (0..3)
        .map(|_| random_part(&mut noise, [0, 0, 6, 6], DisposalMethod::Keep))
        .collect();
    let source = file((6, 6), Some(Repeat::Infinite), &parts);
    let expected = composed((6, 6), &parts);
    let mut most = 0;
    for length in 6..source.len() {
        let source = &source[..length];
        match Gif.decode(source, &Wanted::default(), &Limits::default()) {
            Ok(_) => {
                let probe = Gif.probe(source, &Limits::default()).unwrap();
                let frames = frames(source);
                assert_eq!(frames.len(), probe.frames as usize);
                assert!(frames.len() >= most);
                most = frames.len();
                for (frame, expected) in frames.iter().zip(&expected) {
                    assert_eq!(seen(&frame.pixels), *expected);
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
                assert_eq!(most, 0);
            }
        }
    }
    assert_eq!(most, 3);
}

#[test]
fn damaged_pixels_end_the_animation() {
    let mut noise = Noise(21);
    let parts: Vec<_> = (0..2)
        .map(|_| random_part(&mut noise, [0, 0, 20, 20], DisposalMethod::Keep))
        .collect();
    let source = file((20, 20), None, &parts);
    let expected = composed((20, 20), &parts);
    for at in 0..source.len() {
        for value in [0, 0xFF, source[at] ^ 1] {
            let mut source = source.clone();
            source[at] = value;
            let rendered = Engine::default().render(&[&source], &to_format(Format::Png));
            if let Err(error) = rendered {
                assert_ne!(error.kind(), RenderErrorKind::Internal, "{at}: {error}");
            }
        }
    }
    assert_eq!(frames(&source).len(), expected.len());
}

#[test]
fn row_72_bombs_are_refused_by_their_headers() {
    let screen = |width: u16, height: u16, frames: usize| {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        for _ in 0..frames {
            bytes.extend([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
        }
        bytes.push(0x3B);
        bytes
    };
    let rows = [
        (
            screen(65_535, 65_535, 1),
            Some(RenderErrorKind::ImageTooLarge),
        ),
        (screen(1, 1, 100_000), Some(RenderErrorKind::ImageTooLarge)),
        (
            screen(1_000, 1_000, 17),
            Some(RenderErrorKind::ImageTooLarge),
        ),
        (screen(0, 10, 1), Some(RenderErrorKind::ImageCorrupt)),
        (screen(10, 10, 0), Some(RenderErrorKind::ImageCorrupt)),
        (
            b"GIF89a=alert(1)/*".to_vec(),
            Some(RenderErrorKind::ImageCorrupt),
        ),
        (screen(1, 1, 200), None),
    ];
    for (source, kind) in rows {
        let result = Engine::default().render(&[&source], &to_format(Format::Png));
        assert_eq!(result.err().map(|error| error.kind()), kind);
    }
    // A frame that is much larger than its canvas.
    let mut source = screen(2, 2, 1);
    source[19 + 5..][..4].copy_from_slice(&[0xFF; 4]);
    let error = refusal(&source, &to_format(Format::Png));
    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
}

#[test]
fn opaque_frames_and_others_make_one_animation() {
    let bare = |x: u32, y: u32| (x + y).is_multiple_of(3);
    let image = |see_through: bool, shift: u32| {
        RgbaImage::from_fn(9, 7, |x, y| match see_through && bare(x, y) {
            true => Rgba([0; 4]),
            false if x < 3 => Rgba([90, 9, u8::try_from(shift).unwrap(), 255]),
            false => Rgba([8, 80, 8, 255]),
        })
    };
    for order in 0..16_u32 {
        let kinds = [0, 1, 2, 3].map(|at| order >> at & 1 == 1);
        let images = [0, 1, 2, 3].map(|at| image(kinds[at], u32::try_from(at).unwrap()));
        let codecs: &[&dyn Codec] = &[
            &Gif,
            &Png,
            #[cfg(feature = "webp")]
            &LossyWebP,
        ];
        let options = EncodeOptions {
            lossless: true,
            ..EncodeOptions::new(80)
        };
        for &codec in codecs {
            let pictures = images.iter().zip(kinds);
            let frames: Vec<_> = pictures
                .map(|(image, alpha)| Frame {
                    pixels: picture(image, alpha).into(),
                    delay: Duration::from_millis(50),
                })
                .collect();
            let bytes = codec
                .encode_animation(&mut Ready(frames.into_iter()), &options)
                .unwrap();
            let wanted = Wanted::default();
            let mut back = codec.decode(&bytes, &wanted, &Limits::default()).unwrap();
            for (at, image) in images.iter().enumerate() {
                let frame = back.next_frame().unwrap().unwrap();
                let format = codec.format();
                assert_eq!(
                    seen(&frame.pixels),
                    *image,
                    "{format}, {kinds:?}, frame {at}"
                );
            }
        }
    }
}
