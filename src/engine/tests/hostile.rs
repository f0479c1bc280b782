//! Files that mean harm, or were harmed.

use proptest::prelude::*;

use super::*;

/// A small file of every format and kind.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let opaque = DynamicImage::from(DynamicImage::from(scene(19, 13)).to_rgb8());
    let jpeg = file(&opaque, ImageFormat::Jpeg);
    let progressive = {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
        encoder.set_progressive(true);
        let pixels = opaque.to_rgb8();
        encoder
            .encode(&pixels, 19, 13, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        bytes
    };
    let files = vec![
        (
            "jpeg",
            with_segments(
                &jpeg,
                &[(0xE1, &[b"Exif\0\0", &exif(6, false)[..]].concat())],
            ),
        ),
        ("progressive jpeg", progressive),
        (
            "png",
            with_chunk(&png(&glass(19, 13)), *b"eXIf", &exif(6, false)),
        ),
        (
            "lossless webp",
            file(&glass(19, 13).into(), ImageFormat::WebP),
        ),
    ];
    #[cfg(feature = "webp")]
    let files = {
        let engine = Engine::new(Codecs::new().with(LossyWebP));
        let source = png(&glass(19, 13));
        let lossy = engine.render(&[&source], &to_format(Format::WebP)).unwrap();
        [files, vec![("lossy webp", lossy.bytes.to_vec())]].concat()
    };
    files
}

/// Limits under which nothing can take long, for files whose header may have been changed.
fn tight() -> Engine {
    let limits = Limits {
        max_source_pixels: 100_000,
        max_output_pixels: 100_000,
        ..Limits::default()
    };
    Engine::default().limits(limits)
}

#[test]
fn a_file_that_ends_early_is_corrupt_or_recovered() {
    for (name, source) in files() {
        let whole = tight().render(&[&source], &to_format(Format::Png)).unwrap();
        for length in 0..source.len() {
            let result = tight().render(&[&source[..length]], &to_format(Format::Png));
            match result {
                // What is recovered has the right size; PNG and WebP may lack what comes after the pixels, alone.
                Ok(rendered) if name.contains("jpeg") => {
                    assert_eq!(
                        (rendered.width, rendered.height),
                        (whole.width, whole.height)
                    );
                }
                Ok(rendered) => assert_eq!(rendered.bytes, whole.bytes, "{name} at {length}"),
                Err(error) => {
                    let kind = error.kind();
                    let expected = if length < 12 {
                        matches!(
                            kind,
                            RenderErrorKind::UnsupportedFormat | RenderErrorKind::ImageCorrupt
                        )
                    } else {
                        kind == RenderErrorKind::ImageCorrupt
                    };
                    assert!(expected, "{name} at {length}: {kind:?}, {error}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_do_no_harm(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let files = files();
        let (_, mut source) = files[which.index(files.len())].clone();
        for (at, value) in damage {
            let at = at.index(source.len());
            source[at] = value;
        }
        if let Err(error) = tight().render(&[&source], &to_size(ResizeMode::Fit, 16, 16)) {
            prop_assert!(error.kind() != RenderErrorKind::Internal, "{}", error);
        }
    }

    #[test]
    fn nonsense_behind_a_signature_does_no_harm(
        signature in prop::sample::select(vec![
            &b"\xFF\xD8\xFF"[..],
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\xFF\0\0\0WEBPVP8 ",
            b"RIFF\xFF\0\0\0WEBPVP8L",
            b"RIFF\xFF\0\0\0WEBPVP8X",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let source = [signature, &rest[..]].concat();
        if let Err(error) = tight().render(&[&source], &to_format(Format::Png)) {
            prop_assert!(error.kind() != RenderErrorKind::Internal, "{}", error);
        }
    }
}

#[test]
fn row_70_a_header_over_the_limits_is_enough_to_refuse() {
    let png_header = |width: u32, height: u32| {
        let mut ihdr = [width.to_be_bytes(), height.to_be_bytes()].concat();
        ihdr.extend([8, 6, 0, 0, 0]);
        let header = [b"\x89PNG\r\n\x1a\n", &chunk(*b"IHDR", &ihdr)[..]].concat();
        [header, chunk(*b"IDAT", &[0; 8])].concat()
    };
    let jpeg_header = |width: u16, height: u16| {
        let mut frame = vec![8];
        frame.extend(height.to_be_bytes());
        frame.extend(width.to_be_bytes());
        frame.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        let mut bytes = with_segments(b"\xFF\xD8", &[(0xDB, &[[0].as_slice(), &[1; 64]].concat())]);
        bytes.extend(&with_segments(b"\xFF\xD8", &[(0xC0, &frame)])[2..]);
        bytes.extend(&with_segments(b"\xFF\xD8", &[(0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0])])[2..]);
        bytes
    };
    let webp_header = |width: u32, height: u32| {
        let size = (width - 1) | (height - 1) << 14;
        let payload = [&[0x2F][..], &size.to_le_bytes(), &[0; 10]].concat();
        riff(&[(b"VP8L", &payload)])
    };
    let bombs = [
        ("png", png_header(50_000, 50_000)),
        ("wide png", png_header(u32::MAX >> 1, 1)),
        ("high png", png_header(1, 10_001)),
        ("png of too many pixels", png_header(4_100, 4_100)),
        ("jpeg", jpeg_header(65_500, 65_500)),
        ("webp", webp_header(16_383, 16_383)),
    ];
    for (name, source) in bombs {
        assert!(source.len() < 200);
        let error = refusal(&source, &to_format(Format::Png));
        assert_eq!(
            error.kind(),
            RenderErrorKind::ImageTooLarge,
            "{name}: {error}"
        );
    }
}

#[test]
fn over_the_limits_nothing_is_decoded() {
    #[derive(Debug)]
    struct Bomb(u32, u32, u32);

    impl Codec for Bomb {
        fn format(&self) -> Format {
            Format::Gif
        }
        fn recognizes(&self, source: &[u8]) -> bool {
            source == b"bomb"
        }
        fn probe(&self, _: &[u8], _: &Limits) -> Result<Probe, RenderError> {
            let mut probe = Probe::new(Format::Gif, self.0, self.1);
            probe.frames = self.2;
            Ok(probe)
        }
        fn decode<'a>(
            &self,
            _: &'a [u8],
            _: &Wanted,
            _: &Limits,
        ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
            Err(RenderError::internal("decoded"))
        }
        fn encode(&self, _: &Pixels, _: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
            Err(RenderError::internal("encoded"))
        }
    }

    use RenderErrorKind::{ImageCorrupt, ImageTooLarge, Internal};
    let small = to_size(ResizeMode::Force, 1, 1);
    let large = to_size(ResizeMode::Force, 4_100, 4_100);
    let rows = [
        (Bomb(4_000, 4_200, 1), &small, Internal),
        (Bomb(4_001, 4_200, 1), &small, ImageTooLarge),
        (Bomb(10_000, 1, 1), &small, Internal),
        (Bomb(10_001, 1, 1), &small, ImageTooLarge),
        (Bomb(1, 10_001, 1), &small, ImageTooLarge),
        (Bomb(1_000, 1_000, 16), &small, Internal),
        (Bomb(1_000, 1_000, 17), &small, ImageTooLarge),
        (Bomb(1, 1, 200), &small, Internal),
        (Bomb(1, 1, 201), &small, ImageTooLarge),
        (Bomb(u32::MAX, u32::MAX, u32::MAX), &small, ImageTooLarge),
        (Bomb(0, 10, 1), &small, ImageCorrupt),
        (Bomb(10, 10, 1), &large, ImageTooLarge),
    ];
    for (bomb, recipe, kind) in rows {
        let case = format!("{bomb:?}");
        let engine = Engine::new(Codecs::new().with(bomb));
        assert_eq!(
            engine.render(&[b"bomb"], recipe).unwrap_err().kind(),
            kind,
            "{case}"
        );
    }
}

#[test]
fn a_webp_frame_larger_than_its_canvas_is_corrupt() {
    let frame = |width: u16, height: u16| {
        let mut payload = vec![0x10, 0, 0, 0x9D, 0x01, 0x2A];
        payload.extend(width.to_le_bytes());
        payload.extend(height.to_le_bytes());
        payload.extend([0; 40]);
        payload
    };
    for (width, height) in [(16_383, 16_383), (11, 10), (10, 11)] {
        let source = riff(&[
            (b"VP8X", &canvas(0, 10, 10)),
            (b"VP8 ", &frame(width, height)),
        ]);
        let error = refusal(&source, &to_format(Format::Png));
        assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
        assert_eq!(
            error.to_string(),
            "a frame of the WebP is larger than its canvas"
        );
    }
}

#[test]
fn an_animation_of_a_single_frame_is_a_picture() {
    let pixels = file(&scene(4, 4).into(), ImageFormat::WebP);
    let frame = {
        let mut frame = vec![0; 6];
        frame.extend([3, 0, 0, 3, 0, 0, 100, 0, 0, 0]);
        frame.extend(&pixels[12..]);
        frame
    };
    let header = canvas(0b1_0010, 4, 4);
    let anim = [0; 6];
    let still = riff(&[(b"VP8X", &header), (b"ANIM", &anim), (b"ANMF", &frame)]);
    let ours = decoded(&render(&still, &to_format(Format::Png)).bytes);
    assert_eq!(ours, scene(4, 4));

    let moving = riff(&[
        (b"VP8X", &header),
        (b"ANIM", &anim),
        (b"ANMF", &frame),
        (b"ANMF", &frame),
    ]);
    // What can be animated stays so; of what cannot, the first frame is seen.
    for (format, frames) in [(Format::Png, 2), (Format::Gif, 2), (Format::Jpeg, 1)] {
        assert_eq!(
            render(&moving, &to_format(format)).frames,
            frames,
            "{format}"
        );
    }
}

#[test]
fn an_output_longer_than_its_format_can_be_is_too_large() {
    let source = png(&scene(4, 1));
    for (format, width, allowed) in [
        (Format::WebP, 16_383, true),
        (Format::WebP, 16_384, false),
        (Format::Jpeg, 65_535, true),
        (Format::Jpeg, 65_536, false),
    ] {
        let mut recipe = to_size(ResizeMode::Force, width, 1);
        recipe.output.format = Some(format);
        match Engine::default().render(&[&source], &recipe) {
            Ok(rendered) => assert!(allowed && rendered.width == width, "{format} of {width}"),
            Err(error) => {
                assert!(!allowed, "{format} of {width}: {error}");
                assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
            }
        }
    }
}
