//! What each filter comes to, by the text of imagor's documentation.

mod answers;
mod thumbor;

use super::*;
use crate::recipe::{
    Backdrop, Blend, Color, Content, Extend, Extract, Format, Modulation, Orient, Overlay,
    Position, Rotate, RoundCorners, Sharpen, Text, TextAlign, TextWrap,
};

fn parsed(path: &'static str) -> ImageRequest {
    match parse(&VerifiedTarget::for_test(path, true), Options::default()) {
        Ok(request) => request,
        Err(why) => panic!("{path}: {why}"),
    }
}

fn steps(path: &'static str) -> Vec<Step> {
    parsed(path).recipe.steps
}

fn blur(sigma: f64) -> Step {
    Step::Blur { sigma }
}

fn rgb(red: f64, green: f64, blue: f64) -> Step {
    Step::Rgb { red, green, blue }
}

fn colored(red: u8, green: u8, blue: u8) -> Backdrop {
    Backdrop::Color(Color::opaque(red, green, blue))
}

fn margins([left, top, right, bottom]: [u32; 4], backdrop: Backdrop, flatten: bool) -> Extend {
    Extend {
        left: left.into(),
        top: top.into(),
        right: right.into(),
        bottom: bottom.into(),
        backdrop,
        flatten,
        ..Extend::default()
    }
}

fn canvas(width: u32, height: u32, extend: Extend) -> Step {
    Step::Extend(Extend {
        width: Some(width.into()),
        height: Some(height.into()),
        ..extend
    })
}

fn turn(degrees: f64) -> Step {
    Step::Rotate(Rotate {
        degrees,
        background: Color::TRANSPARENT,
    })
}

fn corners(across: f64, down: f64, background: Option<Color>) -> Step {
    Step::RoundCorners(RoundCorners {
        radii: [(Length::Pixels(across), Length::Pixels(down)); 4],
        background,
    })
}

/// Each row's filters, and the steps that they are.
fn check_filters(rows: Vec<(&str, Vec<Step>)>) {
    for (filters, expected) in rows {
        let path = format!("filters:{filters}/a.jpg").leak();
        assert_eq!(steps(path), expected, "{filters}");
    }
}

#[test]
fn filters_are_steps_in_their_order() {
    let modulate = |lightness, saturation, hue| {
        Step::Modulate(Modulation {
            lightness,
            saturation,
            hue,
        })
    };
    let sharpen = |sigma| {
        Step::Sharpen(Sharpen {
            jagged: 2.0,
            threshold: 1.0,
            ..Sharpen::by(sigma)
        })
    };
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("blur(5)", vec![blur(2.5)]),
        ("blur(5,7)", vec![blur(7.0)]),
        ("blur(0)", vec![]),
        ("blur(-1)", vec![]),
        ("blur(x)", vec![]),
        ("sharpen()", vec![sharpen(1.0)]),
        ("sharpen(2)", vec![sharpen(5.0)]),
        ("sharpen(9,2,true)", vec![sharpen(5.0)]),
        ("sharpen(-1)", vec![]),
        ("brightness(-50)", vec![rgb(-50.0, -50.0, -50.0)]),
        ("contrast(20)", vec![Step::Contrast(20.0)]),
        ("rgb(1,2,-3)", vec![rgb(1.0, 2.0, -3.0)]),
        ("rgb(1,2)", vec![]),
        ("hue(290)", vec![modulate(1.0, 1.0, 290.0)]),
        ("saturation(90)", vec![modulate(1.0, 1.9, 0.0)]),
        ("modulate(25,-25,50)", vec![modulate(1.25, 0.75, 50.0)]),
        ("modulate(25,-25)", vec![]),
        ("grayscale():invert()", vec![Step::Grayscale, Step::Negate]),
        ("invert():grayscale()", vec![Step::Negate, Step::Grayscale]),
        (
            "pixelate()",
            vec![Step::Pixelate {
                size: 10,
                whole: true,
            }],
        ),
        (
            "pixelate(20)",
            vec![Step::Pixelate {
                size: 20,
                whole: true,
            }],
        ),
        ("pixelate(1)", vec![]),
        ("rotate(90)", vec![turn(270.0)]),
        ("rotate(180)", vec![turn(180.0)]),
        ("rotate(270)", vec![turn(90.0)]),
        ("rotate(-90)", vec![]),
        ("rotate(45)", vec![]),
        ("round_corner(10)", vec![corners(10.0, 10.0, None)]),
        ("round_corner(10,20)", vec![corners(10.0, 20.0, None)]),
        (
            "round_corner(10,20,red)",
            vec![corners(10.0, 20.0, Some(Color::opaque(255, 0, 0)))],
        ),
        ("round_corner(0)", vec![]),
        ("unknown(1):blur", vec![]),
        (
            "strip_exif():expire(9999999999999):preview():redact()",
            vec![],
        ),
    ];
    check_filters(rows);
}

#[test]
fn arguments_are_split_as_imagor_splits_them() {
    let table = include_str!("../../../tests/vectors/imagor/args.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let columns: Vec<_> = row.split('\t').collect();
        let [_, _, text, split] = columns.try_into().unwrap();
        let args = args::Args::of(text);
        let texts: Vec<_> = (0..args.len()).map(|at| args.text(at)).collect();
        assert_eq!(texts.join("|"), split, "{text}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn backdrops_are_steps_in_their_order() {
    let none = margins([0; 4], Backdrop::default(), true);
    check_filters(vec![
        (
            "background_color(fff)",
            vec![Step::Flatten(colored(255, 255, 255))],
        ),
        ("background_color()", vec![]),
        (
            "padding(red,10)",
            vec![Step::Extend(margins([10; 4], colored(255, 0, 0), true))],
        ),
        (
            "padding(red,10,20)",
            vec![Step::Extend(margins(
                [10, 20, 10, 20],
                colored(255, 0, 0),
                true,
            ))],
        ),
        (
            "padding(red,10,20,30)",
            vec![Step::Extend(margins(
                [10, 20, 10, 20],
                colored(255, 0, 0),
                true,
            ))],
        ),
        (
            "padding(none,10,20,30,40)",
            vec![Step::Extend(margins(
                [10, 20, 30, 40],
                Backdrop::Color(Color::TRANSPARENT),
                false,
            ))],
        ),
        ("padding(red)", vec![]),
        (
            "fill(white)",
            vec![canvas(0, 0, margins([0; 4], colored(255, 255, 255), true))],
        ),
        ("fill()", vec![canvas(0, 0, none)]),
        (
            "fill(auto)",
            vec![canvas(0, 0, margins([0; 4], Backdrop::Average, true))],
        ),
        (
            "fill(blur)",
            vec![canvas(
                0,
                0,
                margins(
                    [0; 4],
                    Backdrop::Blurred {
                        sigma: 50.0,
                        brightness: 0,
                    },
                    false,
                ),
            )],
        ),
    ]);
}

#[test]
fn colours() {
    let of = |text| color::color(text).unwrap_or(Color::BLACK);
    let rgb = Color::opaque;
    for (text, expected) in [
        ("red", rgb(255, 0, 0)),
        ("DarkSeaGreen", rgb(143, 188, 143)),
        ("#f00", rgb(255, 0, 0)),
        ("1aF", rgb(0x11, 0xAA, 0xFF)),
        ("102030", rgb(16, 32, 48)),
        ("10203080", rgb(16, 32, 48)),
        ("FFFFFF,true", rgb(255, 255, 255)),
        // What is no digit is 0, and what is no colour is black.
        ("FFO", rgb(255, 255, 0)),
        ("xyz1", rgb(0, 0, 0)),
        ("", rgb(0, 0, 0)),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn fill_is_the_urls_size_and_padding() {
    let of = |path| match steps(path).pop() {
        Some(Step::Extend(extend)) => extend,
        step => panic!("{step:?}"),
    };
    let extend = of("fit-in/100x210/10x20:15x3/filters:fill(white)/a.jpg");
    assert_eq!(
        (extend.width, extend.height),
        (Some(100.into()), Some(210.into()))
    );
    assert_eq!(
        [extend.left, extend.top, extend.right, extend.bottom],
        [10, 20, 15, 3].map(Length::from)
    );
    // An odd number of quarter turns swaps the axes.
    let extend = of("fit-in/100x210/10x20:15x3/filters:rotate(90):fill(white)/a.jpg");
    assert_eq!(
        (extend.width, extend.height),
        (Some(210.into()), Some(100.into()))
    );
    assert_eq!(
        [extend.left, extend.top, extend.right, extend.bottom],
        [20, 10, 3, 15].map(Length::from)
    );
    let extend = of("fit-in/100x210/filters:rotate(90):rotate(90):fill(white)/a.jpg");
    assert_eq!(extend.width, Some(100.into()));
}

#[test]
fn crops_trims_and_proportions() {
    let Some(Step::Trim(trim)) = steps("trim:bottom-right:50/50x50:0x0/a.jpg").pop() else {
        panic!("no trim");
    };
    assert_eq!((trim.tolerance, trim.color), (50.0, TrimColor::BottomRight));
    assert_eq!(trim.crop.map(|crop| crop.left), Some(50.0));
    for (path, tolerance, color) in [
        ("trim/a.jpg", 1.0, TrimColor::TopLeft),
        ("filters:trim(0)/a.jpg", 1.0, TrimColor::TopLeft),
        (
            "filters:trim(50,bottom-right)/a.jpg",
            50.0,
            TrimColor::BottomRight,
        ),
        ("trim:999/a.jpg", 255.0, TrimColor::TopLeft),
    ] {
        let Some(Step::Trim(trim)) = steps(path).pop() else {
            panic!("{path}");
        };
        assert_eq!((trim.tolerance, trim.color), (tolerance, color), "{path}");
    }
    let extract = Extract {
        width: Some(Length::Fraction(0.8)),
        height: Some(Length::Pixels(20.0)),
        gravity: Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: Length::Fraction(0.1),
            y: Length::Pixels(5.0),
        },
        inside: false,
    };
    assert_eq!(
        steps("filters:crop(0.1,5,0.8,20)/a.jpg"),
        [Step::Extract(extract)]
    );
    assert_eq!(steps("filters:crop(0.1,5,0.8)/a.jpg"), []);
    for (argument, factor) in [("10", 0.1), ("0.1", 0.1), ("250", 1.0), ("1", 1.0)] {
        let path = format!("filters:proportion({argument})/a.jpg").leak();
        let Some(Step::Resize(resize)) = steps(path).pop() else {
            panic!("{path}");
        };
        assert!(
            resize.zoom.iter().all(|zoom| (zoom - factor).abs() < 1e-12),
            "{path}"
        );
        assert!(resize.truncate);
    }
    assert_eq!(steps("filters:proportion(-1)/a.jpg"), []);
}

#[test]
fn focal_areas_beat_smart_and_sides() {
    let gravity = |path| match steps(path).pop() {
        Some(Step::Resize(resize)) => resize.gravity,
        step => panic!("{step:?}"),
    };
    let area = |left, top, right, bottom, unit| Focus {
        left,
        top,
        right,
        bottom,
        unit,
    };
    assert_eq!(gravity("30x20/left/smart/a.jpg"), Gravity::Smart);
    for (filters, areas) in [
        (
            "focal(10x20:30x40)",
            vec![area(10.0, 20.0, 30.0, 40.0, Unit::Pixels)],
        ),
        (
            "focal(0.1x0.2:0.5x1)",
            vec![area(0.1, 0.2, 0.5, 1.0, Unit::Fraction)],
        ),
        (
            "focal(10,20)",
            vec![area(10.0, 20.0, 10.0, 20.0, Unit::Pixels)],
        ),
        (
            "focal(0.5x0.5)",
            vec![area(0.5, 0.5, 0.5, 0.5, Unit::Fraction)],
        ),
        (
            "focal(1:2):focal(3x4:5x6):focal(5x6:3x4):focal(1)",
            vec![
                area(1.0, 2.0, 1.0, 2.0, Unit::Pixels),
                area(3.0, 4.0, 5.0, 6.0, Unit::Pixels),
            ],
        ),
    ] {
        let path = format!("30x20/left/smart/filters:{filters}/a.jpg").leak();
        assert_eq!(gravity(path), Gravity::Focus(areas), "{filters}");
    }
}

fn overlay(path: &'static str) -> (Overlay, Vec<Box<str>>) {
    let mut request = parsed(path);
    match request.recipe.steps.pop() {
        Some(Step::Overlay(overlay)) => (*overlay, request.sources),
        step => panic!("{step:?}"),
    }
}

#[test]
fn watermarks() {
    let (over, sources) = overlay("filters:watermark(logo%2Fa.png,-10,20p,50,40,none)/a.jpg");
    assert_eq!(*sources, ["a.jpg".into(), "logo/a.png".into()]);
    assert_eq!(over.content, Content::Source(1));
    assert_eq!(over.x, Position::End(Length::Pixels(10.0)));
    assert_eq!(over.y, Position::Start(Length::Fraction(0.2)));
    assert_eq!((over.opacity, over.fit), (0.5, Some((0.4, 1.0))));
    // Five arguments are too few for sizes, two too few for a place.
    assert_eq!(
        overlay("filters:watermark(b.png,1,2,0,40)/a.jpg").0.fit,
        None
    );
    let (over, _) = overlay("filters:watermark(b.png,center)/a.jpg");
    assert_eq!(over.x, Position::Start(Length::default()));
    assert_eq!(steps("filters:watermark()/a.jpg"), []);
}

#[test]
fn places_of_overlays() {
    let none = Length::default();
    for (text, expected) in [
        ("center", Position::Center(none)),
        ("repeat", Position::Repeat(none)),
        ("left", Position::Start(none)),
        ("right", Position::End(none)),
        ("left-10", Position::Start(Length::Pixels(-10.0))),
        ("l-10", Position::Start(Length::Pixels(-10.0))),
        ("right-10", Position::End(Length::Pixels(-10.0))),
        ("r-10", Position::End(Length::Pixels(-10.0))),
        ("15", Position::Start(Length::Pixels(15.0))),
        ("-15", Position::End(Length::Pixels(15.0))),
        ("-15p", Position::End(Length::Fraction(0.15))),
        ("0.25", Position::Start(Length::Fraction(0.25))),
        ("-0.25", Position::End(Length::Fraction(0.25))),
        // Numbers that are none, and bare letters, are 0.
        ("1.5", Position::Start(none)),
        ("r", Position::Start(none)),
        ("x", Position::Start(none)),
    ] {
        let args = args::Args::of(text);
        assert_eq!(args.position(0, ["left", "right"]), expected, "{text}");
    }
}

#[test]
fn images_have_steps_of_their_own() {
    let (over, sources) = overlay(
        "filters:image(/unsafe/30x20/filters:blur(4):format(png)/b.png,center,0,10,screen)/a.jpg",
    );
    assert_eq!(sources[1], "b.png".into());
    assert_eq!(
        over.steps,
        [
            Step::Resize(Resize::to(30, 20, ResizeMode::Fill)),
            blur(2.0)
        ]
    );
    assert_eq!((over.blend, over.opacity), (Blend::Screen, 0.9));
    // The output is the main image's.
    let output =
        parsed("filters:format(webp):image(/filters:format(png):quality(3)/b.png,0,0)/a.jpg")
            .recipe
            .output;
    assert_eq!((output.format, output.quality), (Some(Format::WebP), None));
}

#[test]
fn texts() {
    let (over, _) = overlay(
        "filters:text(b64:aGVsbG8,center,-5,serif-bold-30,blue,20,multiply,80p,centre,false,char,6,144)/a.jpg",
    );
    let Content::Text(text) = over.content else {
        panic!("{over:?}");
    };
    let mut expected = Text::new("hello");
    expected.family = "serif bold".into();
    expected.size = 60.0;
    expected.color = Color::opaque(0, 0, 255);
    expected.width = Some(Length::Fraction(0.8));
    expected.align = TextAlign::Center;
    expected.wrap = TextWrap::Char;
    expected.line_height = 1.3;
    assert_eq!(text, expected);
    assert_eq!((over.blend, over.opacity), (Blend::Multiply, 0.8));

    for (name, wrap) in [
        ("", TextWrap::Word),
        ("unknown", TextWrap::Word),
        ("word", TextWrap::Word),
        ("char", TextWrap::Char),
        ("wordchar", TextWrap::WordChar),
        ("none", TextWrap::Never),
    ] {
        let path = format!("filters:text(a,0,0,sans-20,red,0,normal,30,right,false,{name})/a.jpg");
        let (over, _) = overlay(path.leak());
        let Content::Text(text) = over.content else {
            panic!("{over:?}");
        };
        let width = Some(Length::from(30));
        assert_eq!((text.wrap, text.width), (wrap, width), "{name}");
    }

    let (over, _) = overlay("filters:label(a+b,10,20,40,fff)/a.jpg");
    let mut expected = Text::new("a b");
    expected.size = 40.0;
    expected.color = Color::WHITE;
    assert_eq!(over.content, Content::Text(expected));
    assert_eq!(steps("filters:label():text()/a.jpg"), []);
}

#[test]
fn settings_go_into_input_output_and_answer() {
    let request = parsed(
        "filters:page(3):max_frames(7):dpi(300):orient(90):max_bytes(5000):lossless():palette():attachment(b.png):max_age(60)/a.jpg",
    );
    let (input, output) = (request.recipe.input, request.recipe.output);
    assert_eq!(
        (input.page, input.max_frames, input.density),
        (Some(2), Some(7), Some(300.0))
    );
    assert_eq!(input.orient, Orient::Turns(3));
    assert_eq!(
        (output.max_bytes, output.lossless, output.colors),
        (Some(5000), true, Some(256))
    );
    assert_eq!(request.attachment.as_deref(), Some("b.png"));
    assert_eq!(request.max_age, Some(60));
    // What imagor cannot read says nothing.
    assert_eq!(parsed("filters:page(1)/a.gif").recipe.input.page, None);
    let request = parsed("filters:page(0):max_bytes(-1):max_age(60):max_age(x):attachment()/a.jpg");
    assert_eq!(
        (request.recipe.input.page, request.recipe.output.max_bytes),
        (None, None)
    );
    assert_eq!(
        (request.max_age, request.attachment.as_deref()),
        (Some(60), Some(""))
    );
}

#[test]
fn there_is_a_most_of_everything() {
    let refusal = |path: String| {
        let target = VerifiedTarget::for_test(path.leak(), true);
        parse(&target, Options::default())
            .unwrap_err()
            .detail()
            .to_owned()
    };
    let filters =
        |filter: &str, times: usize| format!("filters:{}/a.jpg", vec![filter; times].join(":"));
    assert_eq!(
        refusal(filters("invert()", 65)),
        "there are more than 64 steps"
    );
    assert_eq!(
        refusal(filters("watermark(b.png)", 9)),
        "there are more than 8 overlays"
    );
    let deep =
        "filters:image(/filters:image(/filters:image(/c.png,0,0)/b.png,0,0)/b.png,0,0)/a.jpg";
    assert_eq!(refusal(deep.into()), "images lie too deep in images");
    assert_eq!(
        refusal("filters:watermark(..%2Fb.png)/a.jpg".into()),
        "the name of the image has a dot segment"
    );
    assert!(refusal("filters:padding(red,70000)/a.jpg".into()).contains("is beyond 65535 pixels"));
}
