//! PNG files of every kind, made here sample by sample, and what is written.

use super::*;

/// Numbers that look random.
pub(super) struct Noise(pub(super) u32);

impl Noise {
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % bound
    }

    pub(super) fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// A zlib stream that is not compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x78, 0x01];
    for (index, block) in data.chunks(60_000).enumerate() {
        bytes.push(u8::from(index == data.len().saturating_sub(1) / 60_000));
        let length = u16::try_from(block.len()).unwrap();
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    bytes.extend((b << 16 | a).to_be_bytes());
    bytes
}

#[derive(Clone, Copy)]
struct Kind {
    color: u8,
    depth: u8,
    interlaced: bool,
}

impl Kind {
    fn channels(self) -> usize {
        [1, 0, 3, 1, 2, 0, 4][usize::from(self.color)]
    }

    /// The image data of samples, row by row. With Adam7, pass by pass.
    fn pixels(self, width: u32, height: u32, sample: &dyn Fn(u32, u32, usize) -> u16) -> Vec<u8> {
        const PASSES: [(u32, u32, u32, u32); 7] = [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ];
        let passes: &[_] = if self.interlaced {
            &PASSES
        } else {
            &[(0, 0, 1, 1)]
        };
        let mut raw = Vec::new();
        for &(left, top, across, down) in passes {
            if left >= width {
                continue;
            }
            for y in (top..height).step_by(down as usize) {
                raw.push(0);
                let (mut byte, mut bits) = (0_u8, 0);
                for x in (left..width).step_by(across as usize) {
                    for channel in 0..self.channels() {
                        let value = sample(x, y, channel);
                        match self.depth {
                            16 => raw.extend(value.to_be_bytes()),
                            8 => raw.push(u8::try_from(value).unwrap()),
                            depth => {
                                bits += depth;
                                byte |= u8::try_from(value).unwrap() << (8 - bits);
                                if bits == 8 {
                                    raw.push(byte);
                                    (byte, bits) = (0, 0);
                                }
                            }
                        }
                    }
                }
                if bits > 0 {
                    raw.push(byte);
                }
            }
        }
        stored(&raw)
    }

    fn header(self, width: u32, height: u32) -> Vec<u8> {
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([self.depth, self.color, 0, 0, u8::from(self.interlaced)]);
        [b"\x89PNG\r\n\x1a\n", &chunk(*b"IHDR", &header)[..]].concat()
    }

    fn file(
        self,
        (width, height): (u32, u32),
        chunks: &[([u8; 4], &[u8])],
        sample: &dyn Fn(u32, u32, usize) -> u16,
    ) -> Vec<u8> {
        let mut file = self.header(width, height);
        for (kind, payload) in chunks {
            file.extend(chunk(*kind, payload));
        }
        file.extend(chunk(*b"IDAT", &self.pixels(width, height, sample)));
        file.extend(chunk(*b"IEND", &[]));
        file
    }
}

/// The first frame as red, green, blue and alpha. What is not seen is black.
fn first_frame(source: &[u8]) -> Result<RgbaImage, RenderError> {
    let limits = Limits::default();
    let probe = Png.probe(source, &limits)?;
    let mut frames = Png.decode(source, &Wanted::default(), &limits)?;
    let image = seen(&frames.next_frame()?.unwrap().pixels);
    assert_eq!(image.dimensions(), (probe.width, probe.height));
    Ok(image)
}

/// What is seen of pixels.
pub(super) fn seen(pixels: &Pixels) -> RgbaImage {
    let picture = ops::as_packed(pixels).unwrap();
    let layout = picture.layout();
    let data = picture
        .data()
        .chunks_exact(layout.samples())
        .flat_map(|pixel| match (layout, pixel) {
            (Layout::Gray, &[gray]) => [gray, gray, gray, 255],
            (Layout::GrayAlpha, &[gray, alpha]) => [gray, gray, gray, alpha],
            (Layout::Rgb, &[red, green, blue]) => [red, green, blue, 255],
            (_, &[red, green, blue, alpha]) => [red, green, blue, alpha],
            _ => unreachable!(),
        });
    blanked(RgbaImage::from_raw(picture.width(), picture.height(), data.collect()).unwrap())
}

fn blanked(mut image: RgbaImage) -> RgbaImage {
    for pixel in image.pixels_mut() {
        if pixel[3] == 0 {
            *pixel = Rgba([0; 4]);
        }
    }
    image
}

#[test]
fn every_kind_is_read() {
    let kinds = [
        (0, &[1, 2, 4, 8, 16][..]),
        (2, &[8, 16]),
        (3, &[1, 2, 4, 8]),
        (4, &[8, 16]),
        (6, &[8, 16]),
    ];
    let palette: Vec<u8> = (0..=255_u8).flat_map(|i| [i, 255 - i, i ^ 0x55]).collect();
    let palette_alpha: Vec<u8> = (0..=99).map(|i| i * 2).collect();
    let mut cases = 0;
    for (color, depths) in kinds {
        for &depth in depths {
            for interlaced in [false, true] {
                for see_through in [false, true] {
                    for size in [(13, 9), (1, 1), (3, 20)] {
                        let kind = Kind {
                            color,
                            depth,
                            interlaced,
                        };
                        let max = (1_u32 << depth) - 1;
                        // Values near each other, so that a colour that is see-through differs in its low byte alone.
                        let sample = |x: u32, y: u32, channel: usize| {
                            let value =
                                x * 7919 + y * 104_729 + u32::try_from(channel).unwrap() * 31;
                            u16::try_from(if depth == 16 && y & 1 == 0 {
                                0x1234 + value % 3
                            } else {
                                value % (max + 1)
                            })
                            .unwrap()
                        };
                        let key: Vec<u16> = (0..kind.channels()).map(|c| sample(0, 0, c)).collect();
                        let key_bytes: Vec<u8> = key.iter().flat_map(|k| k.to_be_bytes()).collect();
                        let mut chunks: Vec<([u8; 4], &[u8])> = Vec::new();
                        if color == 3 {
                            chunks.push((*b"PLTE", &palette[..3 * (max as usize + 1)]));
                        }
                        if see_through {
                            match color {
                                3 => chunks.push((
                                    *b"tRNS",
                                    &palette_alpha[..(max as usize + 1).min(100)],
                                )),
                                0 | 2 => chunks.push((*b"tRNS", &key_bytes)),
                                _ => continue,
                            }
                        }
                        let source = kind.file(size, &chunks, &sample);
                        let to_8 =
                            |value: u16| sample_of(f64::from(value) * 255.0 / f64::from(max));
                        let expected = RgbaImage::from_fn(size.0, size.1, |x, y| {
                            let of = |channel| sample(x, y, channel);
                            let is_key = see_through && (0..key.len()).all(|c| of(c) == key[c]);
                            let alpha = if is_key { 0 } else { 255 };
                            Rgba(match color {
                                0 => [to_8(of(0)), to_8(of(0)), to_8(of(0)), alpha],
                                2 => [to_8(of(0)), to_8(of(1)), to_8(of(2)), alpha],
                                3 => {
                                    let index = usize::from(of(0));
                                    let alpha = if see_through {
                                        palette_alpha.get(index).copied().unwrap_or(255)
                                    } else {
                                        255
                                    };
                                    let color = &palette[3 * index..][..3];
                                    [color[0], color[1], color[2], alpha]
                                }
                                4 => [to_8(of(0)), to_8(of(0)), to_8(of(0)), to_8(of(1))],
                                _ => [to_8(of(0)), to_8(of(1)), to_8(of(2)), to_8(of(3))],
                            })
                        });
                        let case = format!("{color} {depth} {interlaced} {see_through} {size:?}");
                        assert_eq!(first_frame(&source).unwrap(), blanked(expected), "{case}");
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, (11 * 2 + 4) * 2 * 3);
}

use super::sample as sample_of;

const RGBA: Kind = Kind {
    color: 6,
    depth: 8,
    interlaced: false,
};

const RGB: Kind = Kind { color: 2, ..RGBA };

const INTERLACED: Kind = Kind {
    interlaced: true,
    ..RGBA
};

/// A frame of an animation: its area, what becomes of it, how it is drawn, its delay, its pixels.
struct Part {
    area: [u32; 4],
    dispose: u8,
    blend: u8,
    delay: [u16; 2],
    image: RgbaImage,
}

fn animated(kind: Kind, size: (u32, u32), still: Option<&RgbaImage>, parts: &[Part]) -> Vec<u8> {
    let mut file = kind.header(size.0, size.1);
    let frames = u32::try_from(parts.len()).unwrap();
    file.extend(chunk(
        *b"acTL",
        &[frames.to_be_bytes(), 3_u32.to_be_bytes()].concat(),
    ));
    let pixels = |image: &RgbaImage| {
        kind.pixels(image.width(), image.height(), &|x, y, channel| {
            image.get_pixel(x, y)[channel].into()
        })
    };
    if let Some(still) = still {
        file.extend(chunk(*b"IDAT", &pixels(still)));
    }
    let mut number = 0_u32;
    for (index, part) in parts.iter().enumerate() {
        let [left, top, width, height] = part.area;
        let mut control = Vec::new();
        for value in [number, width, height, left, top] {
            control.extend(value.to_be_bytes());
        }
        for value in part.delay {
            control.extend(value.to_be_bytes());
        }
        control.extend([part.dispose, part.blend]);
        file.extend(chunk(*b"fcTL", &control));
        number += 1;
        if index == 0 && still.is_none() {
            file.extend(chunk(*b"IDAT", &pixels(&part.image)));
        } else {
            let data = [&number.to_be_bytes(), &pixels(&part.image)[..]].concat();
            file.extend(chunk(*b"fdAT", &data));
            number += 1;
        }
    }
    file.extend(chunk(*b"IEND", &[]));
    file
}

fn all_frames(codec: &dyn Codec, source: &[u8]) -> Vec<Frame> {
    let mut frames = codec
        .decode(source, &Wanted::default(), &Limits::default())
        .unwrap();
    std::iter::from_fn(|| frames.next_frame().unwrap()).collect()
}

/// The frames, drawn with fractions on a canvas that is copied whole.
fn composed(size: (u32, u32), parts: &[Part]) -> Vec<RgbaImage> {
    let mut canvas = vec![[0.0_f64; 4]; (size.0 * size.1) as usize];
    let mut pictures = Vec::new();
    for part in parts {
        let before = canvas.clone();
        let [left, top, width, height] = part.area;
        let at = |x: u32, y: u32| ((top + y) * size.0 + left + x) as usize;
        for (x, y, pixel) in part.image.enumerate_pixels() {
            let over = pixel.0.map(f64::from);
            let under = canvas[at(x, y)];
            canvas[at(x, y)] = if part.blend == 0 {
                over
            } else {
                let (a, b) = (over[3] / 255.0, under[3] / 255.0 * (1.0 - over[3] / 255.0));
                let mix = |c: usize| {
                    if a + b == 0.0 {
                        0.0
                    } else {
                        (over[c] * a + under[c] * b) / (a + b)
                    }
                };
                [mix(0), mix(1), mix(2), (a + b) * 255.0]
            };
        }
        let flat = canvas.iter().flat_map(|p| p.map(sample_of)).collect();
        pictures.push(blanked(RgbaImage::from_raw(size.0, size.1, flat).unwrap()));
        for y in 0..height {
            for x in 0..width {
                match part.dispose {
                    1 => canvas[at(x, y)] = [0.0; 4],
                    2 => canvas[at(x, y)] = before[at(x, y)],
                    _ => {}
                }
            }
        }
    }
    pictures
}

/// The greatest difference, each sample weighted by how opaque it is.
fn visible_error(a: &RgbaImage, b: &RgbaImage) -> f64 {
    a.pixels()
        .zip(b.pixels())
        .flat_map(|(a, b)| {
            let alpha = f64::from(a[3].max(b[3])) / 255.0;
            (0..4).map(move |c| f64::from(a[c].abs_diff(b[c])) * if c < 3 { alpha } else { 1.0 })
        })
        .fold(0.0, f64::max)
}

fn random_parts(noise: &mut Noise, size: (u32, u32), ops: &[(u8, u8)], opaque: bool) -> Vec<Part> {
    ops.iter()
        .enumerate()
        .map(|(index, &(dispose, blend))| {
            let area = if index == 0 {
                [0, 0, size.0, size.1]
            } else {
                let (left, top) = (noise.below(size.0), noise.below(size.1));
                let width = 1 + noise.below(size.0 - left);
                [left, top, width, 1 + noise.below(size.1 - top)]
            };
            let image = RgbaImage::from_fn(area[2], area[3], |_, _| {
                let alpha = [0, 255, noise.byte()][noise.below(3) as usize];
                let alpha = if opaque { 255 } else { alpha };
                Rgba([noise.byte(), noise.byte(), noise.byte(), alpha])
            });
            Part {
                area,
                dispose,
                blend,
                delay: [u16::try_from(index).unwrap() * 10, 1000],
                image,
            }
        })
        .collect()
}

#[test]
fn animations_are_composed_as_the_standard_says() {
    let mut noise = Noise(7);
    let size = (7, 5);
    let ways: Vec<(u8, u8)> = (0..3).flat_map(|d| [(d, 0), (d, 1)]).collect();
    for &first in &ways {
        for &second in &ways {
            for &third in &ways {
                for kind in [RGBA, RGB, INTERLACED] {
                    let ops = [first, second, third, (0, 0)];
                    let parts = random_parts(&mut noise, size, &ops, kind.color == 2);
                    let source = animated(kind, size, None, &parts);
                    let frames = all_frames(&Png, &source);
                    let expected = composed(size, &parts);
                    assert_eq!(frames.len(), 4);
                    for (frame, expected) in frames.iter().zip(&expected) {
                        let error = visible_error(&seen(&frame.pixels), expected);
                        // Each blending rounds once more.
                        assert!(error <= 2.0, "{ops:?}: {error}");
                    }
                    let kept = ops.iter().all(|&(dispose, _)| dispose == 0);
                    let opaque = kind.color == 2 && kept;
                    assert!(
                        frames
                            .iter()
                            .all(|frame| frame.pixels.has_alpha() != opaque)
                    );
                }
            }
        }
    }
}

#[test]
fn the_still_image_may_be_outside_of_the_animation() {
    let mut noise = Noise(1);
    let parts = random_parts(&mut noise, (4, 4), &[(0, 0), (0, 0)], true);
    let still = RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 255]));
    let source = animated(RGBA, (4, 4), Some(&still), &parts);
    let probe = Png.probe(&source, &Limits::default()).unwrap();
    assert_eq!((probe.frames, probe.loops), (2, 3));
    let frames = all_frames(&Png, &source);
    assert_eq!(frames.len(), 2);
    let expected = composed((4, 4), &parts);
    assert_eq!(seen(&frames[0].pixels), expected[0]);
    assert_eq!(seen(&frames[1].pixels), expected[1]);
}

#[test]
fn some_of_the_frames_can_be_asked_for() {
    let parts = random_parts(&mut Noise(3), (5, 4), &[(0, 1); 5], false);
    let source = animated(RGBA, (5, 4), None, &parts);
    let expected = composed((5, 4), &parts);
    for (first, count, range) in [(0, 2, 0..2), (3, 9, 3..5), (4, 1, 4..5), (99, 2, 4..5)] {
        let wanted = Wanted {
            first,
            frames: count,
            ..Wanted::default()
        };
        let mut frames = Png.decode(&source, &wanted, &Limits::default()).unwrap();
        for expected in &expected[range] {
            let frame = frames.next_frame().unwrap().unwrap();
            assert!(visible_error(&seen(&frame.pixels), expected) <= 2.0);
        }
        assert!(frames.next_frame().unwrap().is_none());
    }
}

#[test]
fn delays_are_fractions_of_seconds() {
    for (delay, milliseconds) in [
        ([50, 1000], 50),
        ([5, 0], 50),
        ([3, 100], 30),
        ([1, 1], 1000),
        ([0, 7], 0),
        ([u16::MAX, 1], 65_535_000),
    ] {
        let mut parts = random_parts(&mut Noise(3), (2, 2), &[(0, 0)], true);
        parts[0].delay = delay;
        let frames = all_frames(&Png, &animated(RGBA, (2, 2), None, &parts));
        assert_eq!(frames[0].delay, Duration::from_millis(milliseconds));
    }
}

/// Frames that are there already.
pub(super) struct Ready(pub(super) std::vec::IntoIter<Frame>);

impl Frames for Ready {
    fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        Ok(self.0.next())
    }
}

pub(super) fn picture(image: &RgbaImage, alpha: bool) -> Picture {
    let (width, height) = image.dimensions();
    let (layout, data) = if alpha {
        (Layout::Rgba, image.as_raw().clone())
    } else {
        let rgb = DynamicImage::from(image.clone()).to_rgb8();
        (Layout::Rgb, rgb.into_raw())
    };
    Picture::new(width, height, layout, data).unwrap()
}

#[test]
fn an_animation_that_is_written_reads_the_same() {
    for alpha in [false, true] {
        let parts = random_parts(
            &mut Noise(9),
            (6, 5),
            &[(0, 0), (0, 0), (0, 1), (1, 1)],
            !alpha,
        );
        let mut pictures = composed((6, 5), &parts);
        pictures.push(pictures.last().unwrap().clone());
        let delays = [0, 40, 1001, 70_000, 9_000_000].map(Duration::from_millis);
        let frames: Vec<_> = pictures
            .iter()
            .zip(delays)
            .map(|(image, delay)| Frame {
                pixels: picture(image, alpha).into(),
                delay,
            })
            .collect();
        let options = EncodeOptions {
            loops: 5,
            ..EncodeOptions::new(80)
        };
        let bytes = Png
            .encode_animation(&mut Ready(frames.into_iter()), &options)
            .unwrap();
        let probe = Png.probe(&bytes, &Limits::default()).unwrap();
        assert_eq!((probe.frames, probe.loops), (5, 5));
        let read = all_frames(&Png, &bytes);
        assert_eq!(read.len(), 5);
        for ((frame, image), delay) in read.iter().zip(&pictures).zip(delays) {
            assert_eq!(seen(&frame.pixels), *image);
            assert_eq!(frame.delay, delay);
        }
        // The first frame is what a reader sees that knows no animations.
        assert_eq!(blanked(decoded(&bytes)), pictures[0]);
    }
}

#[test]
fn an_animation_stays_one() {
    let parts = random_parts(&mut Noise(5), (8, 6), &[(0, 0), (0, 0), (0, 1)], true);
    let source = animated(RGB, (8, 6), None, &parts);
    let rendered = render(&source, &to_size(ResizeMode::Force, 4, 3));
    assert_eq!(rendered.frames, 3);
    let probe = Engine::default().probe(&rendered.bytes).unwrap();
    assert_eq!(
        (probe.width, probe.height, probe.frames, probe.loops),
        (4, 3, 3, 3)
    );
}

fn ihdr(bytes: &[u8]) -> (u8, u8) {
    (bytes[24], bytes[25])
}

#[test]
fn pixels_are_written_in_the_smallest_kind() {
    let few = |count: u32, see_through: bool| {
        let mut noise = Noise(count);
        RgbaImage::from_fn(40, 30, |_, _| {
            let index = noise.below(count);
            let alpha = if see_through && index == 1 { 128 } else { 255 };
            let byte = u8::try_from(index % 256).unwrap();
            Rgba([byte.wrapping_mul(83), 255 - byte, byte ^ 0x63, alpha])
        })
    };
    let gray = |count: u32, alpha: u8| {
        RgbaImage::from_fn(40, 30, |x, y| {
            let value = u8::try_from((x * 5 + y * 3) % count * 255 / (count - 1)).unwrap();
            Rgba([value, value, value, alpha])
        })
    };
    let rows = [
        ("one colour", few(1, false), Some((1, 3))),
        ("two", few(2, false), Some((1, 3))),
        ("four, one see-through", few(4, true), Some((2, 3))),
        ("sixteen", few(16, false), Some((4, 3))),
        ("seventeen", few(17, true), Some((8, 3))),
        ("many", scene(40, 30), Some((8, 2))),
        ("many, see-through", glass(40, 30), Some((8, 6))),
        ("greys", gray(200, 255), Some((8, 0))),
        ("two greys", gray(2, 255), Some((1, 3))),
        ("glassy greys", gray(256, 77), None),
    ];
    for (name, image, kind) in rows {
        for effort in [None, Some(0), Some(5), Some(7), Some(9)] {
            let options = EncodeOptions {
                effort,
                ..EncodeOptions::new(80)
            };
            let bytes = Png.encode(&picture(&image, true).into(), &options).unwrap();
            assert_eq!(decoded(&bytes), image, "{name} {effort:?}");
            if let (None, Some(kind)) = (effort, kind) {
                assert_eq!(ihdr(&bytes), kind, "{name}");
            }
        }
    }
}

#[test]
fn colors_can_be_reduced() {
    let image = glass(64, 48);
    for (colors, depth, error) in [(2, 1, 9.0), (16, 4, 21.0), (256, 8, 30.0), (1000, 8, 30.0)] {
        let options = EncodeOptions {
            colors: Some(colors),
            ..EncodeOptions::new(80)
        };
        let bytes = Png.encode(&picture(&image, true).into(), &options).unwrap();
        assert_eq!(ihdr(&bytes), (depth, 3));
        let back = decoded(&bytes);
        let distinct: std::collections::HashSet<_> = back.pixels().collect();
        assert!(distinct.len() <= usize::from(colors.min(256)));
        let psnr = psnr(&back, &image);
        assert!(psnr > error, "{colors}: {psnr}");
    }
}

#[test]
fn what_a_file_carries_is_kept_if_asked() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let gray = RgbaImage::from_pixel(30, 20, Rgba([90, 90, 90, 255]));
    let options = EncodeOptions {
        metadata: MetadataBlocks {
            exif: Some(exif(1, true)),
            xmp: Some(b"<x:xmpmeta/>".to_vec()),
        },
        ..EncodeOptions::new(80)
    };
    let pixels = picture(&gray, true).with_profile(Some(profile.clone()));
    let bytes = Png.encode(&pixels.into(), &options).unwrap();
    let limits = Limits::default();
    assert_eq!(Png.metadata(&bytes, &limits).unwrap(), options.metadata);
    let mut frames = Png.decode(&bytes, &Wanted::default(), &limits).unwrap();
    let back = frames.next_frame().unwrap().unwrap().pixels;
    // A profile for colours does not fit greys.
    assert_eq!(back.profile(), Some(&profile[..]));
    assert_eq!(seen(&back), gray);
}

#[test]
fn colours_are_what_the_chunks_say() {
    let four =
        |values: &[u32]| -> Vec<u8> { values.iter().flat_map(|v| v.to_be_bytes()).collect() };
    let srgb = four(&[
        31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
    ]);
    let p3 = four(&[
        31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000,
    ]);
    let color = [200, 60, 90];
    let with = |chunks: &[([u8; 4], &[u8])]| {
        let source = RGB.file((2, 2), chunks, &|_, _, channel| color[channel]);
        *decoded(&render(&source, &to_png([])).bytes).get_pixel(0, 0)
    };
    let plain = with(&[]);
    assert_eq!(plain.0, [200, 60, 90, 255]);
    let gamma = |value: u32| value.to_be_bytes();
    for chunks in [
        // Gamma alone is not used.
        vec![(*b"gAMA", gamma(100_000).to_vec())],
        vec![(*b"gAMA", gamma(45_455).to_vec()), (*b"cHRM", srgb.clone())],
        // sRGB goes before them, and code points before that.
        vec![
            (*b"sRGB", vec![0]),
            (*b"gAMA", gamma(100_000).to_vec()),
            (*b"cHRM", p3.clone()),
        ],
        vec![
            (*b"cICP", vec![1, 13, 0, 1]),
            (*b"gAMA", gamma(100_000).to_vec()),
            (*b"cHRM", p3.clone()),
        ],
        // What makes no sense is as if it was not there.
        vec![(*b"gAMA", gamma(0).to_vec()), (*b"cHRM", p3.clone())],
        vec![
            (*b"gAMA", gamma(45_455).to_vec()),
            (*b"cHRM", four(&[0; 8])),
        ],
        // A range beyond what is seen here.
        vec![(*b"cICP", vec![9, 16, 0, 1])],
    ] {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|(kind, data)| (*kind, &data[..]))
            .collect();
        assert_eq!(with(&chunks), plain, "{chunks:?}");
    }
    // Linear light: 200 of 255 is 229 in sRGB.
    let linear = with(&[(*b"gAMA", &gamma(100_000)), (*b"cHRM", &srgb)]);
    for (ours, value) in linear.0.iter().zip(color) {
        let light = f64::from(value) / 255.0;
        let encoded = 255.0 * (1.055 * light.powf(1.0 / 2.4) - 0.055);
        assert!((f64::from(*ours) - encoded).abs() <= 1.5, "{linear:?}");
    }
    // Display P3, told in two ways.
    let converted = |profile: &moxcms::ColorProfile| {
        let (layout, srgb) = (moxcms::Layout::Rgb, moxcms::ColorProfile::new_srgb());
        let options = moxcms::TransformOptions::default();
        let transform = profile.create_transform_8bit(layout, &srgb, layout, options);
        let mut expected = [0; 3];
        transform
            .unwrap()
            .transform(&[200, 60, 90], &mut expected)
            .unwrap();
        assert!(expected[0] > 210);
        expected
    };
    let mut profile = moxcms::ColorProfile::new_display_p3();
    let with_curve = converted(&profile);
    let curve = moxcms::ToneReprCurve::Parametric(vec![2.2]);
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile.cicp = None;
    let with_gamma = converted(&profile);
    for (chunks, expected) in [
        (vec![(*b"cICP", &[12, 13, 0, 1][..])], with_curve),
        (
            vec![(*b"gAMA", &gamma(45_455)[..]), (*b"cHRM", &p3[..])],
            with_gamma,
        ),
    ] {
        let ours = with(&chunks);
        for (ours, expected) in ours.0.iter().zip(expected) {
            assert!(ours.abs_diff(expected) <= 1, "{chunks:?} {ours:?}");
        }
    }
}

#[test]
fn an_animation_that_lies_is_corrupt_or_too_large() {
    let parts = random_parts(&mut Noise(2), (4, 4), &[(0, 0), (0, 0)], true);
    let good = animated(RGBA, (4, 4), None, &parts);
    let with_count = |frames: u32| {
        let mut bytes = good.clone();
        let at = 33;
        let control = chunk(*b"acTL", &[frames.to_be_bytes(), [0; 4]].concat());
        bytes[at..at + control.len()].copy_from_slice(&control);
        bytes
    };
    let limits = Limits::default();
    for (count, kind) in [
        (201, RenderErrorKind::ImageTooLarge),
        (u32::MAX, RenderErrorKind::ImageTooLarge),
    ] {
        let error = refusal(&with_count(count), &to_format(Format::Png));
        assert_eq!(error.kind(), kind);
    }
    let source = with_count(3);
    let mut frames = Png.decode(&source, &Wanted::default(), &limits).unwrap();
    assert!(frames.next_frame().unwrap().is_some());
    assert!(frames.next_frame().unwrap().is_some());
    let error = frames.next_frame().unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
    assert!(frames.next_frame().unwrap().is_none());

    // No frame, or none beyond the still image: a still image.
    assert_eq!(Png.probe(&with_count(0), &limits).unwrap().frames, 1);

    let mut parts = parts;
    parts[1].area = [3, 3, 2, 2];
    parts[1].image = scene(2, 2);
    let source = animated(RGBA, (4, 4), None, &parts);
    let error = refusal(&source, &to_format(Format::Png));
    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
}

#[test]
fn an_animation_cut_off_anywhere_does_no_harm() {
    let parts = random_parts(&mut Noise(2), (4, 4), &[(0, 0), (1, 1), (2, 0)], false);
    let source = animated(RGBA, (4, 4), None, &parts);
    let expected = composed((4, 4), &parts);
    let limits = Limits::default();
    for length in 8..source.len() {
        let source = &source[..length];
        let Ok(mut frames) = Png.decode(source, &Wanted::default(), &limits) else {
            continue;
        };
        for expected in &expected {
            match frames.next_frame() {
                Ok(Some(frame)) => {
                    assert!(visible_error(&seen(&frame.pixels), expected) <= 2.0);
                }
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
                    break;
                }
            }
        }
    }
}

#[test]
fn row_71_chunks_that_inflate_take_no_memory() {
    let zeros = {
        let image = RgbaImage::new(2_000, 2_000);
        let file = png(&image);
        let at = file.windows(4).position(|kind| kind == b"IDAT").unwrap();
        file[at + 4..file.len() - 16].to_vec()
    };
    let profile = [&b"bomb\0\0"[..], &zeros].concat();
    let text = [&b"Comment\0\0"[..], &zeros].concat();
    let chunks = [(*b"iCCP", &profile[..]), (*b"zTXt", &text[..])];
    let source = RGB.file((2, 2), &chunks, &|_, _, _| 9);
    // 16 MB of profile is beyond what is read, and pixels stand without it; or the whole is refused.
    match Engine::default().render(&[&source], &to_format(Format::Png)) {
        Ok(rendered) => assert_eq!(decoded(&rendered.bytes).get_pixel(0, 0).0, [9, 9, 9, 255]),
        Err(error) => assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge),
    }
    let source = RGB.file(
        (2, 2),
        &vec![(*b"zTXt", &text[..1000]); 2_000],
        &|_, _, _| 9,
    );
    assert!(
        Engine::default()
            .render(&[&source], &to_format(Format::Png))
            .is_ok()
    );
}
