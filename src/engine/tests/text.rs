//! Texts over images.

use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::recipe::{Color, Content, Length, Overlay, Position, Text, TextAlign, TextWrap};

/// A text, alone on white, in the top left corner.
fn drawn_on(base: &RgbaImage, text: Text) -> RgbaImage {
    let overlay = Overlay {
        x: Position::Start(Length::default()),
        y: Position::Start(Length::default()),
        ..Overlay::new(Content::Text(text))
    };
    made(base, [Step::Overlay(Box::new(overlay))])
}

fn drawn(text: Text) -> RgbaImage {
    let white = RgbaImage::from_pixel(400, 160, Rgba([255; 4]));
    drawn_on(&white, text)
}

fn text(characters: &str) -> Text {
    Text::new(characters)
}

/// How dark a part of an image is, in black pixels.
fn ink(image: &RgbaImage, within: impl Fn(u32, u32) -> bool) -> f64 {
    let pixels = image.enumerate_pixels().filter(|(x, y, _)| within(*x, *y));
    pixels
        .map(|(.., pixel)| f64::from(255 - pixel[0]) / 255.0)
        .sum()
}

/// The least box around all ink: left, top, right, bottom.
fn bounds(image: &RgbaImage) -> (u32, u32, u32, u32) {
    let dark = image
        .enumerate_pixels()
        .filter(|(.., pixel)| pixel[0] < 128);
    dark.fold((u32::MAX, u32::MAX, 0, 0), |box_of, (x, y, _)| {
        (
            box_of.0.min(x),
            box_of.1.min(y),
            box_of.2.max(x + 1),
            box_of.3.max(y + 1),
        )
    })
}

/// In units of the font, of which an em has 2048: a black square from (186, -252) to (1749, 1316), of a font whose
/// lines reach from -483 to 1901.
#[test]
fn a_glyph_is_what_its_outline_covers() {
    for size in [20.0, 33.0, 64.0] {
        let image = drawn(Text {
            size,
            ..text("\u{25A0}")
        });
        let scale = size / 2048.0;
        let base_line = 1901.0 * scale;
        let sides = [186.0 * scale, 1749.0 * scale];
        let heights = [base_line - 1316.0 * scale, base_line + 252.0 * scale];
        let covered = |low: f64, high: f64, at: u32| {
            let at = f64::from(at);
            (high.min(at + 1.0) - low.max(at)).clamp(0.0, 1.0)
        };
        // The base line is put on a whole row.
        let mut least = f64::MAX;
        for base_line in [base_line.floor(), base_line.ceil()] {
            let shift = base_line - 1901.0 * scale;
            let mut worst: f64 = 0.0;
            for (x, y, pixel) in image.enumerate_pixels() {
                let expected = covered(sides[0], sides[1], x)
                    * covered(heights[0] + shift, heights[1] + shift, y);
                worst = worst.max((expected * 255.0 + f64::from(pixel[0]) - 255.0).abs());
            }
            least = least.min(worst);
        }
        assert!(least <= 34.0, "{least} at {size}");
        let area = 1563.0 * 1568.0 * scale * scale;
        let ink = ink(&image, |_, _| true);
        assert!((ink - area).abs() < area / 100.0, "{ink} {area}");
    }
}

#[test]
fn the_same_text_is_drawn_the_same() {
    let image = || {
        drawn(Text {
            bold: true,
            italic: true,
            ..text("AVA fi \u{e9} \u{3b1} \u{416}")
        })
    };
    assert_eq!(image(), image());
    assert!(ink(&image(), |_, _| true) > 50.0);
}

#[test]
fn lines_end_where_they_should() {
    use TextWrap::{Char, Never, Word, WordChar};

    let rows = |characters: &str, width: Option<u32>, wrap| {
        let image = drawn(Text {
            width: width.map(Length::from),
            wrap,
            size: 16.0,
            line_height: 1.25,
            ..text(characters)
        });
        // A row of 20 pixels has ink or not.
        (0..8)
            .filter(|row| ink(&image, |_, y| y / 20 == *row) > 5.0)
            .count()
    };
    assert_eq!(rows("one two three", None, Word), 1);
    assert_eq!(rows("one\ntwo\nthree", None, Word), 3);
    assert_eq!(rows("one\r\ntwo", None, Word), 2);
    assert_eq!(rows("one two three", Some(50), Word), 3);
    assert_eq!(rows("one two three", Some(380), Word), 1);
    assert_eq!(rows("one two three", Some(50), Never), 1);
    assert_eq!(rows("one two\nthree", Some(50), Never), 2);
    assert_eq!(rows("nnnnnnnnnnnn", Some(50), Word), 1);
    assert_eq!(rows("nnnnnnnnnnnn", Some(50), Char), 3);
    assert_eq!(rows("nnnnnnnnnnnn", Some(50), WordChar), 3);
    // By characters the first line is full before the second begins.
    assert!(rows("nn nnnnnnnn nn", Some(50), Char) <= rows("nn nnnnnnnn nn", Some(50), WordChar));
}

#[test]
fn lines_are_aligned() {
    let of = |align, width: Option<u32>| {
        bounds(&drawn(Text {
            align,
            width: width.map(Length::from),
            ..text("nnn")
        }))
    };
    let (left, _, right, _) = of(TextAlign::Start, Some(300));
    assert!(left <= 3 && right < 60, "{left} {right}");
    let (left, _, right, _) = of(TextAlign::End, Some(300));
    assert!(left > 240 && (296..=300).contains(&right), "{left} {right}");
    let (left, _, right, _) = of(TextAlign::Center, Some(300));
    assert!((left + right).abs_diff(300) <= 3, "{left} {right}");

    // Without a width, the shorter line lies within the longer.
    let two = |align| {
        let image = drawn(Text {
            align,
            size: 16.0,
            line_height: 1.25,
            ..text("nnnnnnnn\nn")
        });
        let second = image::imageops::crop_imm(&image, 0, 20, 400, 20).to_image();
        (bounds(&image), bounds(&second))
    };
    let (all, second) = two(TextAlign::End);
    assert!(
        second.0 > 60 && all.2.abs_diff(second.2) <= 1,
        "{all:?} {second:?}"
    );
    let (all, second) = two(TextAlign::Center);
    assert!(
        (all.0 + all.2).abs_diff(second.0 + second.2) <= 2,
        "{all:?} {second:?}"
    );

    // All lines but the last reach from edge to edge.
    let justified = drawn(Text {
        align: TextAlign::Justify,
        width: Some(120.into()),
        size: 16.0,
        line_height: 1.25,
        ..text("nn nn nn nn nn nn nn nn nn nn nn")
    });
    let first = image::imageops::crop_imm(&justified, 0, 0, 400, 20).to_image();
    let (left, _, right, _) = bounds(&first);
    assert!(left <= 3 && (116..=120).contains(&right), "{left} {right}");
}

#[test]
fn styles_are_seen() {
    let of = |change: &dyn Fn(&mut Text)| {
        let mut text = Text {
            size: 40.0,
            ..text("lIl")
        };
        change(&mut text);
        drawn(text)
    };
    let all = |image: &RgbaImage| ink(image, |_, _| true);
    let plain = of(&|_| {});
    assert!(all(&of(&|text| text.bold = true)) > all(&plain) * 1.3);
    // Slanted, the top lies to the right.
    let slant = |image: &RgbaImage| {
        let (_, top, _, bottom) = bounds(image);
        let left = |row: u32| {
            (0..400)
                .find(|&x| image.get_pixel(x, row)[0] < 128)
                .unwrap()
        };
        i64::from(left(top + 2)) - i64::from(left(bottom - 2))
    };
    assert!(slant(&of(&|text| text.italic = true)) >= 5);
    assert!(slant(&plain).abs() <= 1);
    let struck = of(&|text| text.strikethrough = true);
    let (left, top, right, bottom) = bounds(&struck);
    let through = (top..bottom)
        .filter(|&y| (left..right).all(|x| struck.get_pixel(x, y)[0] < 128))
        .count();
    assert!((1..=4).contains(&through), "{through}");
    let red = of(&|text| text.color = Color::opaque(255, 0, 0));
    assert!(
        red.pixels()
            .all(|pixel| pixel[0] == 255 && pixel[1] == pixel[2])
    );
}

#[test]
fn a_background_has_padding_and_round_corners() {
    let yellow = Rgba([255, 255, 0, 255]);
    let of = |padding, radius| {
        drawn(Text {
            background: Color::opaque(255, 255, 0),
            padding,
            radius,
            ..text("x")
        })
    };
    let yellows = |image: &RgbaImage| {
        let yellows = image
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel[2] < 255);
        yellows.fold((0, 0), |(width, height), (x, y, _)| {
            (width.max(x + 1), height.max(y + 1))
        })
    };
    let (width, height) = yellows(&of([0; 4], 0));
    let padded = of([3, 5, 7, 11], 0);
    assert_eq!(yellows(&padded), (width + 16, height + 10));
    let (left, top, ..) = bounds(&of([0; 4], 0));
    let (padded_left, padded_top, ..) = bounds(&padded);
    // Blue is dark in yellow: what is dark in red is ink.
    assert_eq!((padded_left, padded_top), (left + 11, top + 3));
    assert_eq!(*padded.get_pixel(0, 0), yellow);
    assert_eq!(*of([9; 4], 9).get_pixel(0, 0), Rgba([255; 4]));
}

#[test]
fn fonts_are_found_by_their_names() {
    let bold = include_bytes!("../../../assets/fonts/DejaVuSans-Bold.ttf");
    assert_eq!(Fonts::new().with(Vec::new()).unwrap_err(), FontError);
    assert_eq!(
        Fonts::new().with(bold[..100].to_vec()).unwrap_err(),
        FontError
    );
    let fonts = Fonts::new().with(bold.to_vec()).unwrap();
    assert!(format!("{fonts:?}").contains("DejaVuSans-Bold"));

    let of = |family: &str| {
        drawn(Text {
            family: family.into(),
            ..text("Hamburg")
        })
    };
    let first = of("");
    for family in [
        "DejaVu Sans",
        "dejavu sans",
        "No Such, 'DejaVu Sans'",
        "No Such",
    ] {
        assert_eq!(of(family), first, "{family}");
    }
}

#[test]
fn texts_without_end_are_refused() {
    let refused = |text: Text| {
        let step = Step::Overlay(Box::new(Overlay::new(Content::Text(text))));
        Engine::default()
            .render(&[&png(&scene(20, 20))], &to_png([step]))
            .err()
            .map(|error| error.kind())
    };
    let long = "n".repeat(2_501);
    let large = Some(RenderErrorKind::ImageTooLarge);
    assert_eq!(refused(text(&long)), large);
    assert_eq!(refused(text(&long[1..])), None);
    let sized = |size, count: usize, width: Option<u32>| Text {
        size,
        width: width.map(Length::from),
        line_height: 0.01,
        wrap: TextWrap::Char,
        ..text(&long[..count])
    };
    assert_eq!(refused(sized(2_001.0, 1, None)), large);
    assert_eq!(refused(sized(f64::INFINITY, 1, None)), large);
    assert_eq!(refused(sized(2_000.0, 1, None)), None);
    assert_eq!(refused(sized(f64::NAN, 1, None)), None);
    assert_eq!(refused(sized(-5.0, 1, None)), None);
    assert_eq!(refused(sized(1_000.0, 2_500, None)), large);
    // Many large glyphs over each other are still many.
    assert_eq!(refused(sized(1_000.0, 2_500, Some(1))), large);
    assert_eq!(refused(sized(20.0, 10, Some(u32::MAX))), large);
    let padded = Text {
        padding: [u32::MAX; 4],
        ..text("n")
    };
    assert_eq!(refused(padded), large);
    // Nothing to be seen.
    let base = scene(20, 20);
    for nothing in ["", "\u{1}\u{7f}"] {
        assert_eq!(drawn_on(&base, text(nothing)), base);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_is_drawn(
        characters in "[\\PCa-z \\n\\t\u{5d0}-\u{5ea}\u{627}-\u{64a}\u{4e00}-\u{4e10}\u{1f600}\u{301}\u{200d}\u{202e}]{0,40}",
        size in 1.0..40.0_f64,
        width in prop::option::of(0..200_u32),
        wrap in prop::sample::select(vec![TextWrap::Word, TextWrap::Char, TextWrap::WordChar, TextWrap::Never]),
        align in prop::sample::select(vec![
            TextAlign::Start,
            TextAlign::Center,
            TextAlign::End,
            TextAlign::Justify,
        ]),
        [bold, italic, strikethrough]: [bool; 3],
        line_height in 0.0..3.0_f64,
        radius in 0..20_u32,
    ) {
        let base = scene(30, 20);
        let image = drawn_on(&base, Text {
            size,
            width: width.map(Length::from),
            wrap,
            align,
            bold,
            italic,
            strikethrough,
            line_height,
            radius,
            background: Color::WHITE,
            ..text(&characters)
        });
        prop_assert_eq!(image.dimensions(), (30, 20));
    }
}
