//! Any steps at all.

use proptest::prelude::*;

use super::*;
use crate::engine::plan::{Size, plan};
use crate::recipe::{
    Backdrop, Blend, Border, Color, Content, Distortion, Extend, Extract, Focus, Gradient, Length,
    Overlay, Position, Rotate, RoundCorners, Shadow, Trim, TrimColor,
};

/// A number, now and then one that is none.
pub(super) fn number(low: f64, high: f64) -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => low..=high,
        1 => prop::sample::select(vec![0.0, -1.0, 1e9, 1e300, -1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        number(-20.0, 80.0).prop_map(Length::Pixels),
        number(-0.5, 1.5).prop_map(Length::Fraction),
    ]
}

pub(super) fn color() -> impl Strategy<Value = Color> {
    let alpha = prop_oneof![Just(0), Just(255), any::<u8>()];
    (any::<[u8; 3]>(), alpha, any::<bool>()).prop_map(|([red, green, blue], alpha, gray)| {
        let [green, blue] = if gray { [red; 2] } else { [green, blue] };
        Color {
            red,
            green,
            blue,
            alpha,
        }
    })
}

fn align() -> impl Strategy<Value = Align> {
    prop::sample::select(vec![Align::Start, Align::Center, Align::End])
}

fn gravity() -> impl Strategy<Value = Gravity> {
    let focus = || {
        (
            number(0.0, 60.0),
            number(0.0, 60.0),
            number(0.0, 60.0),
            number(0.0, 60.0),
        )
            .prop_map(|(left, top, right, bottom)| Focus {
                left,
                top,
                right,
                bottom,
                unit: Unit::Pixels,
            })
    };
    prop_oneof![
        (align(), align(), length(), length()).prop_map(|(horizontal, vertical, x, y)| {
            Gravity::Anchor {
                horizontal,
                vertical,
                x,
                y,
            }
        }),
        (length(), length()).prop_map(|(x, y)| Gravity::Point { x, y }),
        prop::collection::vec(focus(), 0..3).prop_map(Gravity::Focus),
        Just(Gravity::Smart),
    ]
}

fn backdrop() -> impl Strategy<Value = Backdrop> {
    prop_oneof![
        color().prop_map(Backdrop::Color),
        Just(Backdrop::Average),
        Just(Backdrop::Dominant),
        (number(0.0, 60.0), any::<i16>())
            .prop_map(|(sigma, brightness)| Backdrop::Blurred { sigma, brightness }),
        any::<u8>().prop_map(|colors| Backdrop::DominantGradient { colors }),
    ]
}

fn position() -> impl Strategy<Value = Position> {
    (length(), 0..4).prop_map(|(length, kind)| match kind {
        0 => Position::Start(length),
        1 => Position::Center(length),
        2 => Position::End(length),
        _ => Position::Repeat(length),
    })
}

fn moves() -> impl Strategy<Value = Step> {
    let modes = vec![
        ResizeMode::Fill,
        ResizeMode::Fit,
        ResizeMode::Cover,
        ResizeMode::Force,
        ResizeMode::Auto,
    ];
    prop_oneof![
        (
            length(),
            length(),
            prop::sample::select(modes),
            gravity(),
            any::<[bool; 4]>()
        )
            .prop_map(
                |(width, height, mode, gravity, [enlarge, shrink_box, adaptive, truncate])| {
                    Step::Resize(Resize {
                        width: Some(width),
                        height: Some(height),
                        gravity,
                        enlarge,
                        shrink_box,
                        adaptive,
                        truncate,
                        ..Resize::to(0, 0, mode)
                    })
                }
            ),
        (length(), length(), gravity(), any::<bool>()).prop_map(
            |(width, height, gravity, inside)| {
                Step::Extract(Extract {
                    width: Some(width),
                    height: Some(height),
                    gravity,
                    inside,
                })
            }
        ),
        (
            length(),
            length(),
            length(),
            gravity(),
            backdrop(),
            any::<bool>()
        )
            .prop_map(|(width, height, left, gravity, backdrop, flatten)| {
                Step::Extend(Extend {
                    width: Some(width),
                    height: Some(height),
                    gravity,
                    left,
                    backdrop,
                    flatten,
                    ..Extend::default()
                })
            }),
        (number(-400.0, 400.0), color()).prop_map(|(degrees, background)| {
            Step::Rotate(Rotate {
                degrees,
                background,
            })
        }),
        any::<[bool; 2]>().prop_map(|[horizontal, vertical]| Step::Flip {
            horizontal,
            vertical,
        }),
        (number(0.0, 255.0), color(), any::<[bool; 2]>()).prop_map(|(tolerance, color, equal)| {
            Step::Trim(Trim {
                tolerance,
                color: TrimColor::Color(color),
                crop: None,
                equal_horizontal: equal[0],
                equal_vertical: equal[1],
            })
        }),
        (length(), color()).prop_map(|(width, color)| Step::Border(Border { width, color })),
    ]
}

fn draws() -> impl Strategy<Value = Step> {
    let point = || (number(-20.0, 80.0), number(-20.0, 80.0));
    prop_oneof![
        backdrop().prop_map(Step::Flatten),
        number(0.0, 1.0).prop_map(Step::Opacity),
        (length(), length(), prop::option::of(color())).prop_map(|(across, down, background)| {
            let radius = (across, down);
            Step::RoundCorners(RoundCorners {
                radii: [radius, (down, across), radius, radius],
                background,
            })
        }),
        (
            number(0.0, 20.0),
            number(0.0, 1.0),
            number(-1.0, 1.0),
            number(-1.0, 1.0)
        )
            .prop_map(|(sigma, opacity, x, y)| {
                Step::Shadow(Shadow {
                    sigma,
                    opacity,
                    x,
                    y,
                })
            }),
        (number(-400.0, 400.0), color(), color(), length()).prop_map(
            |(degrees, from, to, stop)| {
                Step::Gradient(Gradient {
                    degrees,
                    from,
                    to,
                    stop,
                })
            }
        ),
        (point(), point(), point(), point())
            .prop_map(|(a, b, c, d)| Step::Distort(Distortion::Perspective([a, b, c, d]))),
        number(-400.0, 400.0).prop_map(|degrees| Step::Distort(Distortion::Arc(degrees))),
    ]
}

fn overlays() -> impl Strategy<Value = Step> {
    let blends = vec![
        Blend::Normal,
        Blend::Multiply,
        Blend::SoftLight,
        Blend::Mask,
        Blend::MaskOut,
    ];
    let fit = prop::option::of((number(0.0, 2.0), number(0.0, 2.0)));
    let content =
        (1..40_u32, 1..40_u32, color()).prop_map(|(width, height, color)| Content::Canvas {
            width: width.into(),
            height: height.into(),
            color,
        });
    let blend = prop::sample::select(blends);
    (
        content,
        fit,
        position(),
        position(),
        number(0.0, 1.0),
        blend,
    )
        .prop_map(|(content, fit, x, y, opacity, blend)| {
            Step::Overlay(Box::new(Overlay {
                fit,
                x,
                y,
                opacity,
                blend,
                ..Overlay::new(content)
            }))
        })
}

/// Any step.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![3 => moves(), 2 => draws(), 1 => overlays()]
}

/// A PNG of any layout.
fn source() -> impl Strategy<Value = Vec<u8>> {
    (1..50_u32, 1..50_u32, 0..4).prop_map(|(width, height, layout)| {
        let image = DynamicImage::from(noise(width, height));
        let image = match layout {
            0 => image.into_luma8().into(),
            1 => image.into_luma_alpha8().into(),
            2 => image.into_rgb8().into(),
            _ => image,
        };
        file(&image, ImageFormat::Png)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_planned_is_made(source in source(), steps in prop::collection::vec(step(), 1..6)) {
        let limits = Limits {
            max_output_pixels: 60_000,
            ..Limits::default()
        };
        let engine = Engine::default().limits(limits);
        let probe = engine.probe(&source).unwrap();
        let size = Size::new(probe.width, probe.height);
        let trims = steps.iter().any(|step| matches!(step, Step::Trim(_)));
        let planned = plan(size, &steps, &limits).map(|plan| plan.size);
        match (planned, engine.render(&[&source], &to_png(steps.clone()))) {
            (Ok(size), Ok(rendered)) => {
                prop_assert!(trims || (rendered.width, rendered.height) == (size.width, size.height));
                let made = decoded(&rendered.bytes);
                prop_assert_eq!(made.dimensions(), (rendered.width, rendered.height));
            }
            // An overlay, or what is left by a trim, may still be too large.
            (_, Err(error)) => prop_assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge),
            (Err(_), Ok(_)) => prop_assert!(trims, "made, but not planned"),
        }
    }
}
