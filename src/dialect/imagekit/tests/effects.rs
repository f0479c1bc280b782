//! What is done to the pixels.

use super::*;
use crate::recipe::{
    Backdrop, Border, Color, Distortion, Extend, Gradient, Length, ReplaceColor, Rotate,
    RoundCorners, Shadow, Sharpen, UnsharpMask,
};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn effects_are_steps() {
    let opaque = Color::opaque;
    let rows = [
        ("e-grayscale", Step::Grayscale),
        ("e-contrast", Step::Normalize),
        ("e-sharpen", Step::Sharpen(Sharpen::by(1.0))),
        (
            "e-sharpen-5",
            Step::Sharpen(Sharpen {
                max_brighten: 5.0,
                max_darken: 5.0,
                ..Sharpen::by(1.0)
            }),
        ),
        (
            "e-usm-2-2-0.8-0.024",
            Step::UnsharpMask(UnsharpMask {
                radius: 2.0,
                sigma: 2.0,
                amount: 0.8,
                threshold: 0.024,
            }),
        ),
        (
            "e-shadow",
            Step::Shadow(Shadow {
                sigma: 5.0,
                opacity: 0.3,
                x: 0.02,
                y: 0.02,
            }),
        ),
        (
            "e-shadow-y-N5_st-40_x-10_bl-15",
            Step::Shadow(Shadow {
                sigma: 7.5,
                opacity: 0.4,
                x: 0.1,
                y: -0.05,
            }),
        ),
        (
            "e-gradient",
            Step::Gradient(Gradient {
                degrees: 180.0,
                from: Color::WHITE,
                to: Color::TRANSPARENT,
                stop: Length::Fraction(1.0),
            }),
        ),
        (
            "e-gradient-ld-top_right_from-red_to-00000050_sp-0.25",
            Step::Gradient(Gradient {
                degrees: 45.0,
                from: opaque(255, 0, 0),
                to: Color {
                    alpha: 128,
                    ..Color::BLACK
                },
                stop: Length::Fraction(0.25),
            }),
        ),
        (
            "e-gradient-ld-90_sp-20",
            Step::Gradient(Gradient {
                degrees: 90.0,
                from: Color::WHITE,
                to: Color::TRANSPARENT,
                stop: Length::Pixels(20.0),
            }),
        ),
        (
            "e-colorize",
            Step::Colorize {
                color: opaque(128, 128, 128),
                amount: 1.0,
            },
        ),
        (
            "e-colorize-co-0000FF_in-35",
            Step::Colorize {
                color: opaque(0, 0, 255),
                amount: 0.35,
            },
        ),
        (
            "e-distort-p-0_1_20_N3_20_20_0_20",
            Step::Distort(Distortion::Perspective([
                (0.0, 1.0),
                (20.0, -3.0),
                (20.0, 20.0),
                (0.0, 20.0),
            ])),
        ),
        ("e-distort-a-N30", Step::Distort(Distortion::Arc(-30.0))),
        ("bl-10", Step::Blur { sigma: 5.0 }),
        (
            "cr-FF0000",
            Step::ReplaceColor(ReplaceColor {
                to: opaque(255, 0, 0),
                tolerance: 35.0,
                from: None,
            }),
        ),
        (
            "cr-blue_10_FFFFFF",
            Step::ReplaceColor(ReplaceColor {
                to: opaque(0, 0, 255),
                tolerance: 10.0,
                from: Some(Color::WHITE),
            }),
        ),
        (
            "b-5_FFF000",
            Step::Border(Border {
                width: Length::Pixels(5.0),
                color: opaque(255, 240, 0),
            }),
        ),
        ("o-50", Step::Opacity(0.5)),
        (
            "rt-N40",
            Step::Rotate(Rotate {
                degrees: -40.0,
                background: Color::TRANSPARENT,
            }),
        ),
        (
            "fl-h_v",
            Step::Flip {
                horizontal: true,
                vertical: true,
            },
        ),
        (
            "r-20",
            Step::RoundCorners(RoundCorners {
                radii: [(Length::Pixels(20.0), Length::Pixels(20.0)); 4],
                background: None,
            }),
        ),
        (
            "r-max",
            Step::RoundCorners(RoundCorners {
                radii: [(Length::Fraction(0.5), Length::Fraction(0.5)); 4],
                background: None,
            }),
        ),
        (
            "r-1_2_3_max",
            Step::RoundCorners(RoundCorners {
                radii: [
                    (Length::Pixels(1.0), Length::Pixels(1.0)),
                    (Length::Pixels(2.0), Length::Pixels(2.0)),
                    (Length::Pixels(3.0), Length::Pixels(3.0)),
                    (Length::Fraction(0.5), Length::Fraction(0.5)),
                ],
                background: None,
            }),
        ),
        ("t-true", Step::Trim(TRIM)),
        (
            "t-5",
            Step::Trim(Trim {
                tolerance: 5.0,
                ..TRIM
            }),
        ),
    ];
    assert_eq!(rows.len(), 26);
    for (chain, step) in rows {
        assert_eq!(steps(chain), [step], "{chain}");
    }
    for chain in ["rt-auto", "t-false", "dpr-2"] {
        assert_eq!(steps(chain), [], "{chain}");
    }
    // Effects keep the order of the URL; there may be several.
    assert_eq!(
        steps("e-contrast,e-grayscale,bl-2"),
        [Step::Blur { sigma: 1.0 }, Step::Normalize, Step::Grayscale]
    );
}

#[test]
fn backgrounds_are_beside_and_behind() {
    let behind = |backdrop| Extend {
        backdrop,
        flatten: true,
        ..Extend::default()
    };
    let padded = |backdrop| {
        let fit = Resize {
            enlarge: true,
            ..Resize::to(30, 20, ResizeMode::Fit)
        };
        vec![
            Step::Resize(fit),
            Step::Extend(Extend {
                width: Some(30.into()),
                height: Some(20.into()),
                ..behind(backdrop)
            }),
        ]
    };
    for (text, backdrop) in [
        ("F3F3F3", Backdrop::Color(Color::opaque(243, 243, 243))),
        ("red", Backdrop::Color(Color::opaque(255, 0, 0))),
        (
            "00FF0040",
            Backdrop::Color(Color {
                red: 0,
                green: 255,
                blue: 0,
                alpha: 102,
            }),
        ),
        (
            "blurred",
            Backdrop::Blurred {
                sigma: 20.0,
                brightness: 0,
            },
        ),
        (
            "blurred_auto_N15",
            Backdrop::Blurred {
                sigma: 20.0,
                brightness: -15,
            },
        ),
        (
            "blurred_30_255",
            Backdrop::Blurred {
                sigma: 15.0,
                brightness: 255,
            },
        ),
        ("dominant", Backdrop::Dominant),
        (
            "gradient_dominant",
            Backdrop::DominantGradient { colors: 2 },
        ),
        (
            "gradient_dominant_4",
            Backdrop::DominantGradient { colors: 4 },
        ),
    ] {
        let chain = format!("w-30,h-20,cm-pad_resize,bg-{text}");
        assert_eq!(steps(&chain), padded(backdrop), "{text}");
        if !text.starts_with("blurred") {
            let laid = Step::Extend(behind(backdrop));
            assert_eq!(steps(&format!("bg-{text}")), [laid], "{text}");
        }
    }
    let opaque = Backdrop::Color(Color::opaque(0, 255, 0));
    assert_eq!(
        steps("o-40,bg-00FF0040"),
        [Step::Opacity(0.4), Step::Extend(behind(opaque))]
    );
}
