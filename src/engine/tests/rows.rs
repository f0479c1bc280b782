//! Edge cases by their numbers, where they are not with the tests of a format.

use super::png::picture;
use super::*;
use crate::recipe::{
    Backdrop, Border, Color, Content, Distortion, Extend, Extract, Gradient, Length, Modulation,
    Overlay, Position, ReplaceColor, Rotate, RoundCorners, Shadow, Sharpen, Trim, TrimColor,
    UnsharpMask,
};

#[test]
fn row_72_frames_are_counted_in_the_header() {
    let many = 100_000_u32;
    let apng = {
        let control = [many.to_be_bytes(), [0; 4]].concat();
        with_chunk(&png(&scene(1, 1)), *b"acTL", &control)
    };
    let webp = {
        let lossless = file(&scene(1, 1).into(), ImageFormat::WebP);
        let frame = [&[0; 16][..], &lossless[12..]].concat();
        let header = canvas(0b10, 1, 1);
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &header), (b"ANIM", &[0; 6])];
        chunks.resize(many as usize, (b"ANMF", &frame));
        riff(&chunks)
    };
    for source in [apng, webp] {
        let error = refusal(&source, &to_format(Format::Png));
        assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge, "{error}");
    }
}

/// Every step that has numbers, with this one for all of them.
#[expect(clippy::too_many_lines, reason = "a table")]
fn absurd(number: f64) -> Vec<Step> {
    let lengths = [Length::Pixels(number), Length::Fraction(number)];
    let color = Color::WHITE;
    let mut steps = vec![
        Step::Blur { sigma: number },
        Step::Rotate(Rotate {
            degrees: number,
            background: color,
        }),
        Step::Rgb {
            red: number,
            green: number,
            blue: number,
        },
        Step::Contrast(number),
        Step::Modulate(Modulation {
            lightness: number,
            saturation: number,
            hue: number,
        }),
        Step::Colorize {
            color,
            amount: number,
        },
        Step::Gamma(number),
        Step::Opacity(number),
        Step::ReplaceColor(ReplaceColor {
            to: color,
            tolerance: number,
            from: None,
        }),
        Step::Shadow(Shadow {
            sigma: number,
            opacity: number,
            x: number,
            y: number,
        }),
        Step::Distort(Distortion::Arc(number)),
        Step::Distort(Distortion::Perspective([(number, -number); 4])),
        Step::Distort(Distortion::Perspective([
            (0.0, 0.0),
            (number, 0.0),
            (number, 9.0),
            (0.0, 9.0),
        ])),
        Step::Flatten(Backdrop::Blurred {
            sigma: number,
            brightness: i16::MAX,
        }),
        Step::Sharpen(Sharpen {
            flat: number,
            jagged: number,
            threshold: number,
            max_brighten: number,
            max_darken: number,
            ..Sharpen::by(number)
        }),
        Step::UnsharpMask(UnsharpMask {
            radius: number,
            sigma: number,
            amount: number,
            threshold: number,
        }),
        Step::Trim(Trim {
            tolerance: number,
            color: TrimColor::TopLeft,
            crop: None,
            equal_horizontal: true,
            equal_vertical: false,
        }),
        Step::Median { size: u32::MAX },
        Step::Pixelate {
            size: u32::MAX,
            whole: true,
        },
        Step::Pixelate {
            size: u32::MAX,
            whole: false,
        },
    ];
    for unit in [Unit::Pixels, Unit::Fraction] {
        let (left, top, right, bottom) = (number, -number, number, number);
        steps.push(Step::Crop(Crop {
            left,
            top,
            right,
            bottom,
            unit,
            one_short: true,
        }));
    }
    for length in lengths {
        let gravity = Gravity::Point {
            x: length,
            y: length,
        };
        steps.push(Step::Resize(Resize {
            width: Some(length),
            height: Some(length),
            zoom: [number; 2],
            gravity: gravity.clone(),
            ..Resize::to(0, 0, ResizeMode::Fill)
        }));
        steps.push(Step::Resize(Resize {
            zoom: [number, 1.0],
            min_width: Some(u32::MAX),
            ..Resize::to(3, 3, ResizeMode::Force)
        }));
        steps.push(Step::Extract(Extract {
            width: Some(length),
            height: Some(length),
            gravity: gravity.clone(),
            inside: true,
        }));
        for backdrop in [
            Backdrop::Average,
            Backdrop::Blurred {
                sigma: number,
                brightness: 0,
            },
        ] {
            let (left, bottom) = (length, length);
            let ratio = Some((number, 1.0));
            steps.push(Step::Extend(Extend {
                left,
                bottom,
                backdrop,
                ..Extend::default()
            }));
            steps.push(Step::Extend(Extend {
                ratio,
                backdrop,
                ..Extend::default()
            }));
        }
        steps.push(Step::RoundCorners(RoundCorners {
            radii: [(length, length); 4],
            background: None,
        }));
        steps.push(Step::Border(Border {
            width: length,
            color,
        }));
        steps.push(Step::Gradient(Gradient {
            degrees: number,
            from: color,
            to: color,
            stop: length,
        }));
        let content = Content::Canvas {
            width: length,
            height: length,
            color,
        };
        let mut overlay = Overlay::new(content);
        (overlay.x, overlay.y) = (Position::Repeat(length), Position::End(length));
        overlay.opacity = number;
        steps.push(Step::Overlay(Box::new(overlay.clone())));
        overlay.fit = Some((number, number));
        steps.push(Step::Overlay(Box::new(overlay)));
    }
    steps
}

#[test]
fn row_75_absurd_numbers_do_no_harm() {
    let limits = Limits {
        max_output_pixels: 10_000,
        ..Limits::default()
    };
    let engine = Engine::default().limits(limits);
    let source = png(&glass(9, 7));
    let numbers = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
        1e308,
        -1.0,
        0.0,
        999_999_999.0,
        2_147_483_647.0,
        -2_147_483_648.0,
        1e6,
    ];
    for number in numbers {
        for step in absurd(number) {
            let what = format!("{step:?}");
            match engine.render(&[&source], &to_png([step])) {
                Ok(rendered) => assert!(rendered.width * rendered.height <= 10_000, "{what}"),
                Err(error) => {
                    assert_eq!(
                        error.kind(),
                        RenderErrorKind::ImageTooLarge,
                        "{what}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn row_76_an_output_over_the_limit_is_refused_before_it_is_decoded() {
    // What follows the header is no picture: it would be corrupt, if it were looked at.
    let source = png(&scene(2, 2));
    let source = &source[..source.len() - 20];
    for (width, height) in [(10_000, 10_000), (100_000_000, 1), (u32::MAX, u32::MAX)] {
        let error = refusal(source, &to_size(ResizeMode::Force, width, height));
        assert_eq!(
            error.kind(),
            RenderErrorKind::ImageTooLarge,
            "{width} by {height}"
        );
    }
}

#[test]
fn row_77_what_is_no_pixel_does_not_come_through() {
    let payload = b"PK\x03\x04<script>alert(1)</script>%PDF-1.7";
    let opaque = DynamicImage::from(DynamicImage::from(scene(16, 16)).to_rgb8());
    let jpeg = file(&opaque, ImageFormat::Jpeg);
    let gif = Gif
        .encode(
            &picture(&scene(4, 4), false).into(),
            &EncodeOptions::new(80),
        )
        .unwrap();
    let end = gif.len() - 1;
    let comment = [
        &gif[..end],
        b"\x21\xFE",
        &[u8::try_from(payload.len()).unwrap()],
        payload,
        b"\0;",
    ];
    let sources = [
        ("jpeg and what follows", [&jpeg[..], payload].concat()),
        (
            "jpeg with a comment",
            with_segments(&jpeg, &[(0xFE, payload)]),
        ),
        (
            "png and what follows",
            [&png(&scene(9, 9))[..], payload].concat(),
        ),
        (
            "png with a text",
            with_chunk(&png(&scene(9, 9)), *b"tEXt", payload),
        ),
        (
            "png with a chunk of its own",
            with_chunk(&png(&scene(9, 9)), *b"exEc", payload),
        ),
        ("gif and what follows", [&gif[..], payload].concat()),
        ("gif with a comment", comment.concat()),
    ];
    for (name, source) in sources {
        for format in [
            None,
            Some(Format::Jpeg),
            Some(Format::Png),
            Some(Format::Gif),
            Some(Format::WebP),
        ] {
            for metadata in [
                crate::recipe::Metadata::Strip,
                crate::recipe::Metadata::Keep,
            ] {
                let mut recipe = Recipe::default();
                recipe.output.format = format;
                recipe.output.metadata = metadata;
                let bytes = render(&source, &recipe).bytes;
                for part in [&payload[4..20], &payload[payload.len() - 8..]] {
                    let found = bytes.windows(part.len()).any(|window| window == part);
                    assert!(!found, "{name} as {format:?}, {metadata:?}");
                }
            }
        }
    }
    let script = refusal(b"GIF89a=alert(1)/*", &Recipe::default());
    assert_eq!(script.kind(), RenderErrorKind::ImageCorrupt);
}

#[test]
fn row_78_and_79_what_is_no_image_of_a_known_format_is_unsupported() {
    let sources: [(&str, &[u8]); 12] = [
        ("html", b"<!DOCTYPE html><html><body>not found</body></html>"),
        ("svg where none is read", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
        ("tiff where none is read", b"II*\0\x08\0\0\0\0\0\0\0\0\0"),
        ("psd", b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x01\0\x08\0\x03"),
        ("pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
        ("mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
        ("eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        ("mvg", b"push graphic-context\nviewbox 0 0 9 9\nfill 'url(https://example.com)'\npop graphic-context"),
        ("zip", b"PK\x03\x04\x14\0\0\0\0\0"),
        ("wasm", b"\0asm\x01\0\0\0"),
        ("text", b"hello"),
        ("nothing", b""),
    ];
    for (name, source) in sources {
        let error = refusal(source, &to_format(Format::Png));
        assert_eq!(
            error.kind(),
            RenderErrorKind::UnsupportedFormat,
            "{name}: {error}"
        );
    }
}
