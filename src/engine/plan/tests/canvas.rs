//! Steps that give an image another canvas, and those that move what is on it.

use super::*;
use crate::recipe::{Backdrop, Border, Color, Extend, Extract, Focus};

fn limits() -> Limits {
    Limits::default()
}

fn extend(width: u32, height: u32, [left, top, right, bottom]: [u32; 4]) -> Extend {
    Extend {
        width: Some(width.into()),
        height: Some(height.into()),
        left: left.into(),
        top: top.into(),
        right: right.into(),
        bottom: bottom.into(),
        backdrop: Backdrop::Color(Color::WHITE),
        ..Extend::default()
    }
}

fn size_after(source: Size, steps: &[Step]) -> Size {
    plan(source, steps, &limits()).unwrap().size
}

#[test]
fn canvases_are_imagors() {
    use ResizeMode::{Fill, Fit, Force};

    let quarter = Step::Rotate(Rotate {
        degrees: -90.0,
        background: Color::TRANSPARENT,
    });
    let rows: [(Size, Vec<Step>, (u32, u32)); 6] = [
        (
            GOPHER,
            vec![
                Step::Resize(resize(Force, 100, 100)),
                Step::Extend(extend(100, 100, [10, 5, 10, 5])),
            ],
            (120, 110),
        ),
        (
            GOPHER,
            vec![
                Step::Resize(resize(Fit, 100, 100)),
                Step::Extend(extend(100, 100, [10, 5, 10, 5])),
            ],
            (120, 110),
        ),
        (
            FRONT,
            vec![Step::Extend(extend(0, 0, [40, 50, 40, 50]))],
            (282, 359),
        ),
        (
            size(500, 198),
            vec![
                Step::Resize(resize(Fill, 200, 0)),
                Step::Extend(extend(0, 0, [20, 20, 100, 20])),
            ],
            (320, 119),
        ),
        (
            FRONT,
            vec![
                Step::Resize(resize(Fit, 100, 210)),
                quarter,
                Step::Extend(extend(210, 100, [20, 15, 3, 10])),
            ],
            (233, 125),
        ),
        (
            GOPHER,
            vec![
                Step::Resize(resize(Fit, 180, 180)),
                Step::Extend(extend(180, 180, [10, 10, 10, 10])),
                Step::Extend(extend(0, 0, [10, 20, 30, 40])),
            ],
            (240, 260),
        ),
    ];
    for (source, steps, (width, height)) in rows {
        assert_eq!(size_after(source, &steps), size(width, height), "{steps:?}");
    }
}

#[test]
fn images_lie_on_canvases_by_gravity() {
    use Align::{Center, End, Start};

    let anchor = |horizontal, vertical, x: f64, y: f64| Gravity::Anchor {
        horizontal,
        vertical,
        x: Length::Pixels(x),
        y: Length::Pixels(y),
    };
    let wide = extend(300, 200, [0; 4]);
    let of_ratio = |ratio| Extend {
        ratio: Some(ratio),
        ..Extend::default()
    };
    let at = |gravity| Extend {
        gravity,
        ..wide.clone()
    };
    let rows = [
        (wide.clone(), (300, 200), (100, 50)),
        (at(anchor(Start, End, 0.0, 0.0)), (300, 200), (0, 100)),
        (at(anchor(End, Start, 10.0, 7.0)), (300, 200), (190, 7)),
        (at(anchor(Start, Start, -10.0, -7.0)), (300, 200), (-10, -7)),
        (at(anchor(Center, Center, 5.0, -5.0)), (300, 200), (105, 45)),
        (extend(301, 201, [0; 4]), (301, 201), (100, 50)),
        (extend(50, 51, [0; 4]), (50, 51), (-25, -25)),
        (extend(0, 150, [1, 2, 3, 4]), (104, 156), (1, 27)),
        (
            Extend {
                left: 1.into(),
                gravity: anchor(Start, Start, f64::INFINITY, f64::NEG_INFINITY),
                ..extend(300, 200, [0; 4])
            },
            (301, 200),
            (i64::MAX, i64::MIN),
        ),
        (of_ratio((16.0, 9.0)), (178, 100), (39, 0)),
        (of_ratio((9.0, 16.0)), (100, 178), (0, 39)),
        (of_ratio((1.0, 1.0)), (100, 100), (0, 0)),
        (of_ratio((0.0, 1.0)), (100, 100), (0, 0)),
        (of_ratio((f64::NAN, 1.0)), (100, 100), (0, 0)),
    ];
    for (extend, (width, height), place) in rows {
        let steps = [Step::Extend(extend.clone())];
        let plan = plan(size(100, 100), &steps, &limits()).unwrap();
        let [Stage::Extend(canvas, _)] = plan.stages.as_slice() else {
            panic!("{:?}", plan.stages);
        };
        assert_eq!(canvas.size, size(width, height), "{extend:?}");
        assert_eq!((canvas.left, canvas.top), place, "{extend:?}");
        assert_eq!(plan.size, canvas.size);
    }
}

#[test]
fn extracts() {
    use Align::{Center, End, Start};

    let from = |x: Length, y: Length, width: Length, height: Length| Extract {
        width: Some(width),
        height: Some(height),
        gravity: Gravity::Anchor {
            horizontal: Start,
            vertical: Start,
            x,
            y,
        },
        inside: false,
    };
    let fraction = Length::Fraction;
    let pixels = |value: u32| Length::from(value);
    let anchored = |horizontal, vertical, width: u32, height: u32, inside| Extract {
        width: Some(width.into()),
        height: Some(height.into()),
        gravity: Gravity::anchor(horizontal, vertical),
        inside,
    };
    let rows = [
        // imagor: 300x300/crop(0.1,0.1,0.8,0.8) and 300x300/crop(250,250,200,200)
        (
            from(fraction(0.1), fraction(0.1), fraction(0.8), fraction(0.8)),
            area(30, 30, 240, 240),
        ),
        (
            from(pixels(250), pixels(250), pixels(200), pixels(200)),
            area(250, 250, 50, 50),
        ),
        (
            Extract {
                inside: true,
                ..from(pixels(250), pixels(250), pixels(200), pixels(200))
            },
            area(100, 100, 200, 200),
        ),
        // outside: no crop
        (
            from(pixels(300), pixels(0), pixels(20), pixels(20)),
            area(0, 0, 300, 300),
        ),
        (
            anchored(Center, Center, 200, 101, true),
            area(50, 99, 200, 101),
        ),
        (anchored(End, End, 200, 100, true), area(100, 200, 200, 100)),
        (anchored(End, Center, 0, 100, true), area(0, 100, 300, 100)),
        (
            anchored(Center, Start, 900, 100, false),
            area(0, 0, 300, 100),
        ),
        (
            Extract {
                gravity: Gravity::Point {
                    x: pixels(290),
                    y: fraction(0.5),
                },
                ..anchored(Start, Start, 100, 50, true)
            },
            area(200, 125, 100, 50),
        ),
    ];
    for (extract, expected) in rows {
        let steps = [Step::Extract(extract.clone())];
        let plan = plan(size(300, 300), &steps, &limits()).unwrap();
        let pass = only_pass(size(300, 300), &plan);
        assert_eq!(pass.crop, expected, "{extract:?}");
    }
}

#[test]
fn what_is_in_focus_is_kept() {
    let point = |x: f64, y: f64| Focus {
        left: x,
        top: y,
        right: x,
        bottom: y,
        unit: Unit::Pixels,
    };
    let rect = |left, top, right, bottom, unit| Focus {
        left,
        top,
        right,
        bottom,
        unit,
    };
    // thumbor's row, and imagor's weighting by size.
    let rows = [
        (vec![point(100.0, 50.0), point(300.0, 50.0)], 150),
        (vec![point(100.0, 50.0)], 50),
        (vec![point(0.0, 50.0)], 0),
        (vec![point(399.0, 50.0)], 300),
        (vec![point(5000.0, 50.0)], 300),
        (vec![rect(0.25, 0.0, 0.75, 1.0, Unit::Fraction)], 150),
        (
            vec![
                rect(0.0, 0.0, 100.0, 90.0, Unit::Pixels),
                rect(300.0, 0.0, 400.0, 30.0, Unit::Pixels),
            ],
            75,
        ),
        // The wrong way round does not count.
        (vec![rect(300.0, 0.0, 100.0, 90.0, Unit::Pixels)], 150),
        (vec![rect(f64::NAN, 0.0, 100.0, 90.0, Unit::Pixels)], 150),
        (vec![], 150),
    ];
    for (areas, left) in rows {
        let steps = [Step::Resize(Resize {
            gravity: Gravity::Focus(areas.clone()),
            ..resize(ResizeMode::Fill, 100, 200)
        })];
        let plan = plan(size(400, 200), &steps, &limits()).unwrap();
        let pass = only_pass(size(400, 200), &plan);
        assert_eq!(pass.cut, area(left, 0, 100, 200), "{areas:?}");
    }
    // In the upright source's pixels, whatever was cut off and scaled before.
    let steps = [
        Step::Crop(Crop {
            left: 100.0,
            top: 0.0,
            right: 400.0,
            bottom: 200.0,
            unit: Unit::Pixels,
            one_short: false,
        }),
        Step::Resize(Resize {
            gravity: Gravity::Focus(vec![point(300.0, 0.0)]),
            ..resize(ResizeMode::Fill, 50, 100)
        }),
    ];
    let plan = plan(size(400, 200), &steps, &limits()).unwrap();
    let pass = only_pass(size(400, 200), &plan);
    assert_eq!(pass.scaled, size(150, 100));
    assert_eq!(pass.cut, area(75, 0, 50, 100));
}

#[test]
fn turned_images_have_room() {
    let turned = |degrees| {
        let step = Step::Rotate(Rotate {
            degrees,
            background: Color::TRANSPARENT,
        });
        size_after(size(100, 50), &[step])
    };
    let rows = [
        (0.0, (100, 50)),
        (90.0, (50, 100)),
        (-90.0, (50, 100)),
        (180.0, (100, 50)),
        (720.0, (100, 50)),
        (45.0, (106, 106)),
        (-45.0, (106, 106)),
        (30.0, (112, 93)),
        (120.0, (93, 112)),
        (90.5, (51, 100)),
        (f64::NAN, (100, 50)),
        (f64::INFINITY, (100, 50)),
    ];
    for (degrees, (width, height)) in rows {
        assert_eq!(turned(degrees), size(width, height), "{degrees}");
    }
}

#[test]
fn squares_and_borders() {
    let squares = |square, whole| {
        let step = Step::Pixelate {
            size: square,
            whole,
        };
        size_after(FRONT, &[step])
    };
    assert_eq!(squares(10, true), size(200, 260));
    assert_eq!(squares(20, true), size(200, 260));
    assert_eq!(squares(1, true), FRONT);
    assert_eq!(squares(0, true), FRONT);
    assert_eq!(squares(20, false), FRONT);
    assert_eq!(squares(1000, true), size(1000, 1000));

    let border = |width| {
        let step = Step::Border(Border {
            width,
            color: Color::BLACK,
        });
        size_after(FRONT, &[step])
    };
    assert_eq!(border(Length::Pixels(5.0)), size(212, 269));
    assert_eq!(border(Length::Fraction(0.05)), size(222, 279));
    assert_eq!(border(Length::Pixels(-5.0)), FRONT);
}

#[test]
fn canvases_over_the_limit_are_refused() {
    let rows = [
        Step::Extend(extend(u32::MAX, u32::MAX, [u32::MAX; 4])),
        Step::Extend(Extend {
            ratio: Some((1.0, 1e9)),
            ..Extend::default()
        }),
        Step::Border(Border {
            width: Length::Pixels(f64::INFINITY),
            color: Color::BLACK,
        }),
        Step::Pixelate {
            size: u32::MAX,
            whole: true,
        },
    ];
    for step in rows {
        let steps = [step];
        assert!(plan(FRONT, &steps, &limits()).is_err(), "{steps:?}");
    }
}
