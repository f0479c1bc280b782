//! What operations come to, which are refused, and how names are read.

use proptest::prelude::*;

use super::*;
use crate::guard::RejectionKind;
use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Format, Gravity, Kernel, Length, Modulation, Resize,
    ResizeMode, Rotate, Sharpen, Step, Trim, TrimColor,
};

mod gate;
mod names;

fn parsed(path: &str, optstuff: bool) -> Result<ImageRequest, Rejection> {
    parse(
        &VerifiedTarget::for_test(path.to_owned().leak(), true),
        optstuff,
    )
}

fn request(operations: &str) -> ImageRequest {
    match parsed(&format!("{operations}/a.jpg"), false) {
        Ok(request) => request,
        Err(why) => panic!("{operations}: {why}"),
    }
}

fn steps(operations: &str) -> Vec<Step> {
    request(operations).recipe.steps
}

/// A point of the image, in halves of its sides.
fn point(x: u8, y: u8) -> Gravity {
    let half = |halves: u8| Length::Fraction(f64::from(halves) / 2.0);
    Gravity::Point {
        x: half(x),
        y: half(y),
    }
}

fn boxed(mode: ResizeMode, width: u32, height: u32) -> Resize {
    Resize {
        enlarge: true,
        within_source: true,
        gravity: point(1, 1),
        ..Resize::to(width, height, mode)
    }
}

fn alone(width: u32, height: u32) -> Step {
    Step::Resize(Resize::to(width, height, ResizeMode::Fit))
}

fn cover(width: u32, height: u32) -> Step {
    Step::Resize(boxed(ResizeMode::Fill, width, height))
}

fn on(red: u8, green: u8, blue: u8) -> Backdrop {
    Backdrop::Color(Color::opaque(red, green, blue))
}

fn turn(degrees: f64, background: Color) -> Step {
    Step::Rotate(Rotate {
        degrees,
        background,
    })
}

fn flip(horizontal: bool, vertical: bool) -> Step {
    Step::Flip {
        horizontal,
        vertical,
    }
}

fn part([left, top, width, height]: [u32; 4]) -> Step {
    Step::Extract(Extract {
        width: Some(width.into()),
        height: Some(height.into()),
        gravity: Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: left.into(),
            y: top.into(),
        },
        inside: false,
    })
}

fn margins([top, right, bottom, left]: [u32; 4], backdrop: Backdrop) -> Step {
    Step::Extend(Extend {
        left: left.into(),
        top: top.into(),
        right: right.into(),
        bottom: bottom.into(),
        backdrop,
        ..Extend::default()
    })
}

fn blur(sigma: f64) -> Step {
    Step::Blur { sigma }
}

fn modulate(lightness: f64, saturation: f64, hue: f64) -> Step {
    Step::Modulate(Modulation {
        lightness,
        saturation,
        hue,
    })
}

fn sharpen(sigma: f64, flat: f64, jagged: f64) -> Step {
    Step::Sharpen(Sharpen {
        flat,
        jagged,
        ..Sharpen::by(sigma)
    })
}

fn trim(tolerance: f64) -> Step {
    Step::Trim(Trim {
        tolerance,
        color: TrimColor::TopLeft,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    })
}

#[test]
fn each_operation_is_a_step() {
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("_", vec![]),
        (",", vec![]),
        ("&", vec![]),
        ("_,w_300", vec![alone(300, 0)]),
        ("w_300", vec![alone(300, 0)]),
        ("width_300", vec![alone(300, 0)]),
        ("w:300", vec![alone(300, 0)]),
        ("w=300", vec![alone(300, 0)]),
        ("w_300,", vec![alone(300, 0)]),
        ("w_300_9", vec![alone(300, 0)]),
        ("w_00300", vec![alone(300, 0)]),
        ("h_200", vec![alone(0, 200)]),
        ("height_65535", vec![alone(0, 65_535)]),
        ("s_300x200", vec![cover(300, 200)]),
        ("resize_300x200", vec![cover(300, 200)]),
        ("s_300", vec![cover(300, 300)]),
        ("s_300x", vec![cover(300, 300)]),
        ("trim", vec![trim(10.0)]),
        ("trim_30", vec![trim(30.0)]),
        ("crop_1_2_3_4", vec![part([1, 2, 3, 4])]),
        ("extract_1_2_3_4", vec![part([1, 2, 3, 4])]),
        ("extract:1:2:3:4", vec![part([1, 2, 3, 4])]),
        ("extend_1_2_3_4", vec![margins([1, 2, 3, 4], on(0, 0, 0))]),
        ("extend_1", vec![margins([1, 0, 0, 0], on(0, 0, 0))]),
        (
            "extend_1_2_3_4,b_0f8",
            vec![margins([1, 2, 3, 4], on(0, 255, 136))],
        ),
        ("rotate", vec![]),
        ("rotate_360", vec![]),
        ("rotate_90", vec![turn(90.0, Color::BLACK)]),
        ("rotate_-90", vec![turn(270.0, Color::BLACK)]),
        (
            "rotate_45.5,background_ffffff",
            vec![turn(45.5, Color::WHITE)],
        ),
        (
            "rotate_45,b_transparent",
            vec![turn(45.0, Color::TRANSPARENT)],
        ),
        ("flip", vec![flip(false, true)]),
        ("flip_true", vec![flip(false, true)]),
        ("flop", vec![flip(true, false)]),
        ("flip,flop", vec![flip(true, true)]),
        ("sharpen", vec![sharpen(1.0, 1.0, 2.0)]),
        ("sharpen_2", vec![sharpen(2.0, 1.0, 2.0)]),
        ("sharpen_2_0.5_3", vec![sharpen(2.0, 0.5, 3.0)]),
        ("median", vec![Step::Median { size: 3 }]),
        ("median_15", vec![Step::Median { size: 15 }]),
        ("blur", vec![blur(0.8)]),
        ("blur_0.3", vec![blur(0.3)]),
        ("blur_1000", vec![blur(1000.0)]),
        ("flatten", vec![Step::Flatten(on(0, 0, 0))]),
        ("flatten,b_red", vec![Step::Flatten(on(255, 0, 0))]),
        ("gamma_2", vec![Step::Gamma(0.5), Step::Gamma(2.0)]),
        ("gamma_2_1.5", vec![Step::Gamma(0.5), Step::Gamma(1.5)]),
        ("gamma", vec![Step::Gamma(1.0 / 2.2), Step::Gamma(2.2)]),
        ("negate", vec![Step::Negate]),
        ("normalize", vec![Step::Normalize]),
        ("threshold", vec![Step::Threshold(128)]),
        ("threshold_1", vec![Step::Threshold(1)]),
        ("threshold_0", vec![]),
        ("modulate_1.2", vec![modulate(1.2, 1.0, 0.0)]),
        ("modulate_1.2_0.5_-90", vec![modulate(1.2, 0.5, -90.0)]),
        ("tint_ff0000", vec![Step::Tint(Color::opaque(255, 0, 0))]),
        ("tint_%2300f", vec![Step::Tint(Color::opaque(0, 0, 255))]),
        ("tint_teal", vec![Step::Tint(Color::opaque(0, 128, 128))]),
        ("grayscale", vec![Step::Grayscale]),
        ("embed", vec![]),
        ("enlarge", vec![]),
        ("a", vec![]),
        ("animated_true,kernel_cubic,pos_top,fit_fill", vec![]),
    ];
    assert_eq!(rows.len(), 63);
    for (operations, expected) in rows {
        assert_eq!(steps(operations), expected, "{operations}");
    }
}

#[test]
fn boxes_are_filled_as_fit_says() {
    let pad = |width: u32, height: u32, gravity, backdrop| {
        Step::Extend(Extend {
            width: Some(width.into()),
            height: Some(height.into()),
            within_source: true,
            gravity,
            backdrop,
            ..Extend::default()
        })
    };
    let fit = boxed(ResizeMode::Fit, 30, 20);
    let top = Gravity::anchor(Align::Center, Align::Start);
    let rows = vec![
        ("s_30x20,fit_cover", vec![cover(30, 20)]),
        ("fit_inside,s_30x20", vec![Step::Resize(fit.clone())]),
        (
            "s_30x20,fit_outside",
            vec![Step::Resize(boxed(ResizeMode::Cover, 30, 20))],
        ),
        (
            "s_30x20,fit_fill",
            vec![Step::Resize(boxed(ResizeMode::Force, 30, 20))],
        ),
        (
            "s_30x20,fit_contain",
            vec![
                Step::Resize(fit.clone()),
                pad(30, 20, Gravity::default(), on(0, 0, 0)),
            ],
        ),
        (
            "embed,s_30x20,b_white,pos_north",
            vec![
                Step::Resize(Resize {
                    gravity: point(1, 0),
                    ..fit.clone()
                }),
                pad(30, 20, top, on(255, 255, 255)),
            ],
        ),
        ("embed,s_30x20,fit_inside", vec![Step::Resize(fit.clone())]),
        (
            "s_30x20,enlarge",
            vec![Step::Resize(Resize {
                within_source: false,
                ..boxed(ResizeMode::Fill, 30, 20)
            })],
        ),
        (
            "w_30,enlarge_true",
            vec![Step::Resize(Resize {
                enlarge: true,
                ..Resize::to(30, 0, ResizeMode::Fit)
            })],
        ),
        (
            "kernel_mitchell,s_30x20",
            vec![Step::Resize(Resize {
                kernel: Kernel::Mitchell,
                ..boxed(ResizeMode::Fill, 30, 20)
            })],
        ),
    ];
    for (operations, expected) in rows {
        assert_eq!(steps(operations), expected, "{operations}");
    }
}

#[test]
fn the_last_resize_by_name_counts() {
    let rows = [
        ("h_3,w_5", cover(5, 3)),
        ("w_5,h_3", cover(5, 3)),
        ("width_5,height_3", cover(5, 3)),
        ("w_5,width_6", alone(6, 0)),
        ("width_6,w_5", alone(6, 0)),
        ("h_5,height_6", alone(0, 6)),
        ("s_3x4,resize_5x6", cover(3, 4)),
        ("s_3x4,w_5", alone(5, 0)),
        ("w_5,s_3x4", alone(5, 0)),
        ("s_3x4,h_5", cover(3, 4)),
        ("s_3x4,h_5,w_6", cover(6, 5)),
        ("w_5,w_6", alone(6, 0)),
        ("w_5&w:6,w=7", alone(7, 0)),
    ];
    for (operations, expected) in rows {
        assert_eq!(steps(operations), [expected], "{operations}");
    }
}

#[test]
fn positions_are_sharps() {
    let at = |words: [&'static str; 3], x, y| words.map(|word| (word, point(x, y)));
    let rows = [
        at(["center", "centre", "0"], 1, 1),
        at(["north", "top", "1"], 1, 0),
        at(["east", "right", "2"], 2, 1),
        at(["south", "bottom", "3"], 1, 2),
        at(["west", "left", "4"], 0, 1),
        at(["northeast", "right%20top", "5"], 2, 0),
        at(["southeast", "right bottom", "6"], 2, 2),
        at(["southwest", "left bottom", "7"], 0, 2),
        at(["northwest", "left%20top", "8"], 0, 0),
        ["attention", "entropy", "17"].map(|word| (word, Gravity::Smart)),
    ];
    for (word, gravity) in rows.into_iter().flatten() {
        for name in ["pos", "position"] {
            let expected = Resize {
                gravity: gravity.clone(),
                ..boxed(ResizeMode::Fill, 3, 4)
            };
            let operations = format!("s_3x4,{name}_{word}");
            assert_eq!(steps(&operations), [Step::Resize(expected)], "{operations}");
        }
    }
}

#[test]
fn steps_come_in_sharps_order() {
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("blur_2,w_9", vec![alone(9, 0), blur(2.0)]),
        (
            "extend_1_2_3_4,w_9",
            vec![alone(9, 0), margins([1, 2, 3, 4], on(0, 0, 0))],
        ),
        ("w_9,trim", vec![trim(10.0), alone(9, 0)]),
        ("w_9,crop_1_2_3_4", vec![part([1, 2, 3, 4]), alone(9, 0)]),
        (
            "w_9,extract_5_6_7_8,crop_1_2_3_4",
            vec![part([1, 2, 3, 4]), alone(9, 0), part([5, 6, 7, 8])],
        ),
        (
            "rotate_90,crop_1_2_3_4",
            vec![part([1, 2, 3, 4]), turn(90.0, Color::BLACK)],
        ),
        (
            "rotate_90,crop_1_2_3_4,w_9",
            vec![turn(90.0, Color::BLACK), part([1, 2, 3, 4]), alone(9, 0)],
        ),
        (
            "rotate_9,flip,trim",
            vec![flip(false, true), turn(9.0, Color::BLACK), trim(10.0)],
        ),
        (
            "rotate_9,flatten,grayscale",
            vec![
                Step::Flatten(on(0, 0, 0)),
                Step::Grayscale,
                turn(9.0, Color::BLACK),
            ],
        ),
        (
            "flatten,grayscale,w_9,flop",
            vec![
                flip(true, false),
                alone(9, 0),
                Step::Flatten(on(0, 0, 0)),
                Step::Grayscale,
            ],
        ),
        (
            "flatten,grayscale,gamma_2,w_9",
            vec![
                Step::Flatten(on(0, 0, 0)),
                Step::Gamma(0.5),
                Step::Grayscale,
                alone(9, 0),
                Step::Gamma(2.0),
            ],
        ),
        (
            "blur_2,gamma_2,median,modulate_2,negate,normalize,sharpen_3,threshold,tint_red",
            vec![
                Step::Gamma(0.5),
                Step::Median { size: 3 },
                Step::Threshold(128),
                blur(2.0),
                modulate(2.0, 1.0, 0.0),
                sharpen(3.0, 1.0, 2.0),
                Step::Gamma(2.0),
                Step::Normalize,
                Step::Tint(Color::opaque(255, 0, 0)),
                Step::Negate,
            ],
        ),
    ];
    for (operations, expected) in rows {
        assert_eq!(steps(operations), expected, "{operations}");
    }
}

#[test]
fn formats_and_qualities() {
    let rows = [
        ("_", None, None),
        ("f_jpg", Some(Format::Jpeg), None),
        ("format_jpeg", Some(Format::Jpeg), None),
        ("f_png,q_80", Some(Format::Png), Some(80)),
        ("f_webp,quality_1", Some(Format::WebP), Some(1)),
        ("f_avif,q_080", Some(Format::Avif), Some(80)),
        ("f:gif&q:100", Some(Format::Gif), Some(100)),
        ("f_tiff", Some(Format::Tiff), None),
        ("f_auto", None, None),
        ("f_jpg,format_png", Some(Format::Png), None),
        ("q_10,quality_20", None, Some(20)),
        ("quality_20,q_10", None, Some(10)),
    ];
    for (operations, format, quality) in rows {
        let output = request(operations).recipe.output;
        assert_eq!(
            (output.format, output.quality),
            (format, quality),
            "{operations}"
        );
        // A PNG with a quality has a palette.
        assert_eq!(output.colors, quality.map(|_| 256), "{operations}");
        assert!(output.progressive_jpeg, "{operations}");
        assert_eq!(output.progressive, None, "{operations}");
    }
    for operations in ["f_heif", "f_heic"] {
        let why = parsed(&format!("{operations}/a.jpg"), false).unwrap_err();
        assert_eq!(why.kind(), RejectionKind::UnsupportedFormat, "{operations}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let rows = [
        "w",
        "w_0",
        "w_-5",
        "w_10.5",
        "w_abc",
        "w_+8",
        "w_65536",
        "w_99999999999999999999",
        "h_0",
        "h_1e3",
        "s",
        "s_x200",
        "s_0x100",
        "s_300X200",
        "s_100.6x50",
        "s_-100x50",
        "s_65536x1",
        "s_1x65536",
        "s_1x2x3",
        "resize_x",
        "extend",
        "extend_1_x",
        "extend_-1",
        "extend_65536",
        "crop",
        "crop_1_2_3",
        "crop_-1_0_2_2",
        "extract_0_0_0_5",
        "extract_0_0_5_70000",
        "rotate_x",
        "rotate_NaN",
        "rotate_inf",
        "rotate_1e9",
        "trim_x",
        "trim_256",
        "sharpen_0",
        "sharpen_1_x",
        "sharpen_-1",
        "median_0",
        "median_16",
        "median_2.5",
        "blur_0.1",
        "blur_1001",
        "blur_x",
        "gamma_0.9",
        "gamma_5",
        "gamma_2_5",
        "threshold_256",
        "threshold_-1",
        "modulate",
        "modulate_-1",
        "modulate_1_x",
        "tint",
        "tint_zzz",
        "b_zzz",
        "background",
        "q_0",
        "q_101",
        "q",
        "q_abc",
        "f",
        "f_bmp",
        "f_JPG",
        "f_svg",
        "fit",
        "fit_foo",
        "pos_foo",
        "pos_9",
        "kernel_foo",
        "kernel_mks2013",
    ];
    assert_eq!(rows.len(), 70);
    for operations in rows {
        let why = parsed(&format!("{operations}/a.jpg"), false).unwrap_err();
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{operations}");
        let segment: String = operations.chars().take(32).collect();
        assert!(why.detail().starts_with(&segment), "{operations}: {why}");
    }
}

#[test]
fn what_is_unknown_is_refused_by_name() {
    for operations in [
        "foo_1",
        "W_100",
        "w-800",
        "w",
        "__proto__",
        "toString",
        "greyscale",
    ] {
        let why = parsed(&format!("{operations}/a.jpg"), false).unwrap_err();
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{operations}");
    }
    let rows = [
        ("foo_1", "unknown operation: foo_1"),
        ("w_8,W_9,h_7", "unknown operation: W_9"),
        ("w_%zz", "w_%zz: does not decode"),
        (
            "f\u{e9}\u{200b}\"",
            "unknown operation: f\u{e9}\\u{200b}\\\"",
        ),
        (
            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
            "unknown operation: abcdefghijklmnopqrstuvwxyzabcdef",
        ),
    ];
    for (operations, detail) in rows {
        let why = parsed(&format!("{operations}/a.jpg"), false).unwrap_err();
        assert_eq!(why.detail(), detail, "{operations}");
    }
}

/// Texts that the grammar is made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "w",
        "h",
        "s",
        "resize",
        "fit",
        "crop",
        "extract",
        "extend",
        "rotate",
        "trim",
        "gamma",
        "blur",
        "modulate",
        "q",
        "f",
        "b",
        "tint",
        "pos",
        "kernel",
        "embed",
        "enlarge",
        "threshold",
        "_",
        ":",
        "=",
        ",",
        "&",
        "x",
        "-",
        ".",
        "0",
        "1",
        "08",
        "255",
        "65535",
        "65536",
        "1e3",
        "NaN",
        "contain",
        "attention",
        "red",
        "%2C",
        "%",
        "%25",
        "/",
        "//",
        "..",
        "https:/",
        "a.jpg",
        "\u{e9}",
        "auto",
        "heif",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), pieces()], optstuff: bool, decoded: bool) {
        let text = text.leak();
        let target = if decoded {
            VerifiedTarget::decoded_for_test(text)
        } else {
            VerifiedTarget::for_test(text, true)
        };
        match parse(&target, optstuff) {
            Ok(request) => {
                prop_assert!(request.recipe.steps.len() <= 64);
                prop_assert!(check_name(&request.sources[0]).is_ok());
            }
            Err(why) => {
                prop_assert!(matches!(
                    why.kind(),
                    RejectionKind::BadRequest | RejectionKind::UnsupportedFormat
                ));
                prop_assert!(why.detail().len() < 500);
            }
        }
    }

    /// Whatever the order in the URL is.
    #[test]
    fn the_order_of_different_operations_does_not_matter(
        operations in Just(vec![
            "w_9", "h_8", "s_7x6", "crop_1_2_3_4", "extract_5_6_7_8", "rotate_90", "flip", "b_red",
            "fit_contain", "gamma_2", "blur_2", "extend_1_2_3_4", "trim_3", "q_7", "kernel_cubic",
            "enlarge", "pos_top",
        ]).prop_shuffle(),
        count in 0_usize..17,
    ) {
        let mut some = operations[..count].to_vec();
        let given = some.join(",");
        some.sort_unstable();
        let sorted = some.join("&");
        let [given, sorted] = [given, sorted].map(|text| if text.is_empty() { "_".into() } else { text });
        prop_assert_eq!(request(&given), request(&sorted));
    }
}
