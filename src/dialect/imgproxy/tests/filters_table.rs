//! What the options of colour and what is drawn come to, and in which order.

use super::*;
use crate::recipe::{
    Backdrop, Color, Content, Extend, Gradient, Modulation, Overlay, Position, Rotate, Sharpen,
    Trim, TrimColor, UnsharpMask,
};

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn filters() {
    let turn = |degrees| {
        Step::Rotate(Rotate {
            degrees,
            background: Color::TRANSPARENT,
        })
    };
    let flip = |horizontal, vertical| Step::Flip {
        horizontal,
        vertical,
    };
    let trim = |tolerance, color| Trim {
        tolerance,
        color,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    };
    let magenta = TrimColor::Color(Color {
        alpha: 128,
        ..Color::opaque(255, 0, 255)
    });
    let percent = |percent| Step::Rgb {
        red: percent,
        green: percent,
        blue: percent,
    };
    let saturate = |saturation| {
        Step::Modulate(Modulation {
            saturation,
            ..Modulation::default()
        })
    };
    let gradient = |degrees, alpha, color: Color, stop| {
        Step::Gradient(Gradient {
            degrees,
            from: Color { alpha: 0, ..color },
            to: Color { alpha, ..color },
            stop: Length::Fraction(stop),
        })
    };
    let red = Color::opaque(255, 0, 0);
    let mut over = Overlay::new(Content::Canvas {
        width: Length::Fraction(1.0),
        height: Length::Fraction(1.0),
        color: red,
    });
    over.opacity = 0.5;
    let unsharp = |amount| {
        Step::UnsharpMask(UnsharpMask {
            radius: 1.0,
            sigma: (2.0_f64 / 3.0).sqrt(),
            amount,
            threshold: 0.0,
        })
    };
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("t:10", vec![Step::Trim(trim(10.0, TrimColor::TopLeft))]),
        ("trim:10:FF00FF", vec![Step::Trim(trim(10.0, magenta))]),
        ("t:300", vec![Step::Trim(trim(255.0, TrimColor::TopLeft))]),
        (
            "t:10::1:t",
            vec![Step::Trim(Trim {
                equal_horizontal: true,
                equal_vertical: true,
                ..trim(10.0, TrimColor::TopLeft)
            })],
        ),
        ("t:10/t:", vec![]),
        ("rot:90", vec![turn(90.0)]),
        ("rotate:-90", vec![turn(270.0)]),
        ("rot:180", vec![turn(180.0)]),
        ("rot:450", vec![turn(90.0)]),
        ("rot:360", vec![]),
        ("fl:1", vec![flip(true, false)]),
        ("flip::1", vec![flip(false, true)]),
        ("fl:t:true", vec![flip(true, true)]),
        ("fl:0:0", vec![]),
        ("bg:255:0:0", vec![Step::Flatten(Backdrop::Color(red))]),
        ("background:f00", vec![Step::Flatten(Backdrop::Color(red))]),
        ("bg:FF0000", vec![Step::Flatten(Backdrop::Color(red))]),
        ("bg:f00/bg:", vec![]),
        (
            "bg:f00/bga:0.5",
            vec![Step::Extend(Extend {
                backdrop: Backdrop::Color(Color { alpha: 128, ..red }),
                flatten: true,
                ..Extend::default()
            })],
        ),
        ("background_alpha:0.5", vec![]),
        ("bl:2.5", vec![Step::Blur { sigma: 2.5 }]),
        ("sharpen:0.5", vec![Step::Sharpen(Sharpen::by(0.5))]),
        (
            "pix:10",
            vec![Step::Pixelate {
                size: 10,
                whole: false,
            }],
        ),
        ("pix:1", vec![]),
        ("br:51", vec![percent(20.0)]),
        ("brightness:-255", vec![percent(-100.0)]),
        ("co:1", vec![]),
        ("co:0", vec![Step::Contrast(-100.0)]),
        ("co:65535", vec![Step::Contrast(100.0)]),
        ("sa:0.5", vec![saturate(0.5)]),
        ("a:51:1:2", vec![percent(20.0), saturate(2.0)]),
        ("adjust:::2", vec![saturate(2.0)]),
        ("ush:always", vec![unsharp(0.375)]),
        ("unsharp_masking:always:2:12", vec![unsharp(1.5)]),
        ("ush:auto", vec![]),
        ("ush:always/ush:none", vec![]),
        (
            "col:0.5:f00:1",
            vec![Step::Colorize {
                color: red,
                amount: 0.5,
            }],
        ),
        ("colorize:0.5:f00", vec![Step::Overlay(Box::new(over))]),
        ("col:0:f00", vec![]),
        ("gr:1", vec![gradient(180.0, 255, Color::BLACK, 1.0)]),
        ("gr:0.5:f00:up", vec![gradient(0.0, 128, red, 1.0)]),
        ("gradient:1:f00:right", vec![gradient(90.0, 255, red, 1.0)]),
        ("gr:1:f00:left:0:0.5", vec![gradient(270.0, 255, red, 0.5)]),
        ("gr:1:f00:45", vec![gradient(225.0, 255, red, 1.0)]),
        ("gr:0", vec![]),
    ];
    for (options, expected) in rows {
        assert_eq!(steps(options), expected, "{options}");
    }
}

#[test]
fn the_order_of_options_is_not_that_of_the_steps() {
    let kinds = |options: &str| -> Vec<&str> {
        let steps = steps(options);
        let kind = |step: &Step| match step {
            Step::Trim(_) => "trim",
            Step::Rotate(_) => "rotate",
            Step::Flip { .. } => "flip",
            Step::Extract(_) => "crop",
            Step::Resize(_) => "resize",
            Step::Blur { .. } => "blur",
            Step::Sharpen(_) => "sharpen",
            Step::Pixelate { .. } => "pixelate",
            Step::UnsharpMask(_) => "unsharp",
            Step::Rgb { .. } => "brightness",
            Step::Contrast(_) => "contrast",
            Step::Modulate(_) => "saturation",
            Step::Colorize { .. } => "colorize",
            Step::Gradient(_) => "gradient",
            Step::Extend(extend) if extend.width.is_some() => "extend",
            Step::Extend(extend) if extend.ratio.is_some() => "extend_ar",
            Step::Extend(_) => "padding",
            Step::Flatten(_) => "background",
            Step::Overlay(_) => "watermark",
            step => panic!("{step:?}"),
        };
        steps.iter().map(kind).collect()
    };
    assert_eq!(
        kinds(
            "wm:1/bg:fff/pd:1/exar:1/ex:1/gr:1/col:1:fff:1/sa:2/co:2/br:2/ush:always/pix:2/sh:1/bl:1/s:9:9/c:9:9/fl:1/rot:90/t:1"
        ),
        [
            "trim",
            "rotate",
            "flip",
            "crop",
            "resize",
            "blur",
            "sharpen",
            "pixelate",
            "unsharp",
            "brightness",
            "contrast",
            "saturation",
            "colorize",
            "gradient",
            "extend",
            "extend_ar",
            "padding",
            "background",
            "watermark"
        ]
    );
    assert_eq!(
        kinds("bl:1/w:9/-/bl:1/w:9/-/w:9"),
        ["resize", "blur", "resize", "blur", "resize"]
    );
}

#[test]
fn watermarks() {
    let settings = Imgproxy::new().watermark("local:///logo.png").unwrap();
    let overlay = |options: &str| {
        let request = parsed_by(&settings, &format!("{options}/plain/a.jpg")).unwrap();
        assert_eq!(*request.sources, ["a.jpg".into(), "logo.png".into()]);
        match request.recipe.steps.last() {
            Some(Step::Overlay(overlay)) => (**overlay).clone(),
            step => panic!("{options}: {step:?}"),
        }
    };
    let zero = Length::default();
    let rows = [
        ("wm:1", Position::Center(zero), Position::Center(zero), None),
        (
            "watermark:1:soea:10:0.1:0.25",
            Position::End(Length::Pixels(10.0)),
            Position::End(Length::Fraction(0.1)),
            Some((0.25, 0.25)),
        ),
        (
            "wm:1:nowe:-10:5:0",
            Position::Start(Length::Pixels(-10.0)),
            Position::Start(Length::Pixels(5.0)),
            None,
        ),
        (
            "wm:1:re:10:20/dpr:2",
            Position::Repeat(Length::Pixels(20.0)),
            Position::Repeat(Length::Pixels(40.0)),
            None,
        ),
    ];
    for (options, x, y, fit) in rows {
        let over = overlay(options);
        assert_eq!((over.x, over.y, over.fit), (x, y, fit), "{options}");
        assert_eq!(over.content, Content::Source(1));
    }
    assert!((overlay("wm:0.5").opacity - 0.5).abs() < 1e-9);
    assert_eq!(steps("wm:0"), []);
    assert_eq!(steps("wm:1/wm:0"), []);

    // One of its own, once; and one each a pipeline.
    let own = "b3duLnBuZw";
    let request = parsed(&format!("wmu:{own}/wm:1/-/wm:1/wmu:{own}/plain/a.jpg"));
    assert_eq!(*request.sources, ["a.jpg".into(), "own.png".into()]);
    let request = format!("wmu:{own}/wm:1/-/wm:1/-/wm:1/plain/a.jpg");
    let request = parsed_by(&settings, &request).unwrap();
    assert_eq!(
        *request.sources,
        ["a.jpg".into(), "own.png".into(), "logo.png".into()]
    );
    assert_eq!(
        refusal("wm:1/plain/a.jpg").detail(),
        "the option watermark has no image: none is configured"
    );
    // ../a.png
    assert_eq!(
        refusal("wmu:Li4vYS5wbmc/plain/a.jpg").detail(),
        "the name of the image has a dot segment"
    );
}
