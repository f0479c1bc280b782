//! What operations come to, which are refused, and how names are read. (Which arguments are refused is in `tests/vectors`.)

use super::*;
use crate::guard::RejectionKind;
use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Format, Gravity, Kernel, Length, Modulation, Resize,
    ResizeMode, Rotate, Sharpen, Step, Trim, TrimColor,
};

mod gate;
mod hostile;
mod names;
mod order;

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
