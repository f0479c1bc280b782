//! What the options of size and place come to. (Which arguments they cannot have is in `tests/vectors`.)

use super::*;
use crate::recipe::{Backdrop, Color, Extend, Extract, Factors, Kernel};

/// imgproxy's resize, before it is changed.
fn resize(width: u32, height: u32, mode: ResizeMode) -> Resize {
    Resize {
        enlarge: false,
        factors: Some(Factors {
            pixel_ratio: 1.0,
            extended: false,
        }),
        ..Resize::to(width, height, mode)
    }
}

fn canvas() -> Extend {
    Extend {
        inside: true,
        backdrop: Backdrop::Color(Color::TRANSPARENT),
        ..Extend::default()
    }
}

fn side(horizontal: Align, vertical: Align, x: Length, y: Length) -> Gravity {
    Gravity::Anchor {
        horizontal,
        vertical,
        x,
        y,
    }
}

#[test]
fn resizes() {
    use ResizeMode::{Auto, Fill, Fit, Force};

    let down = Resize {
        shrink_box: true,
        ..resize(30, 20, Fill)
    };
    let enlarging = |resize| Resize {
        enlarge: true,
        ..resize
    };
    for (options, expected) in [
        ("rs:fill:30:20", resize(30, 20, Fill)),
        ("resize:fill:30:20:0:0", resize(30, 20, Fill)),
        ("rs:fill:30:20:f", resize(30, 20, Fill)),
        ("rs::30", resize(30, 0, Fit)),
        ("rs:::20", resize(0, 20, Fit)),
        ("rs:fit:30:20:1", enlarging(resize(30, 20, Fit))),
        ("rs:fill-down:30:20", down),
        ("rs:force:30:20:t", enlarging(resize(30, 20, Force))),
        ("rs:auto:30:20", resize(30, 20, Auto)),
        ("s:30:20", resize(30, 20, Fit)),
        ("size:30:20:true", enlarging(resize(30, 20, Fit))),
        ("w:30", resize(30, 0, Fit)),
        ("width:30/height:20", resize(30, 20, Fit)),
        ("rt:fill/w:30/h:20", resize(30, 20, Fill)),
        ("h:20/resizing_type:fill/w:99/w:30", resize(30, 20, Fill)),
        ("w:30/el:1", enlarging(resize(30, 0, Fit))),
        ("w:30/enlarge:1/el:0", resize(30, 0, Fit)),
        (
            "mw:30/min-height:20",
            Resize {
                min_width: Some(30),
                min_height: Some(20),
                ..resize(0, 0, Fit)
            },
        ),
        (
            "z:1.5",
            Resize {
                zoom: [1.5, 1.5],
                ..resize(0, 0, Fit)
            },
        ),
        (
            "w:30/zoom:1.5:2",
            Resize {
                zoom: [1.5, 2.0],
                ..resize(30, 0, Fit)
            },
        ),
        (
            "w:30/dpr:2",
            Resize {
                factors: Some(Factors {
                    pixel_ratio: 2.0,
                    extended: false,
                }),
                ..resize(30, 0, Fit)
            },
        ),
        (
            "w:30/ra:cubic",
            Resize {
                kernel: Kernel::Cubic,
                ..resize(30, 0, Fit)
            },
        ),
        (
            "w:30/resizing_algorithm:nearest",
            Resize {
                kernel: Kernel::Nearest,
                ..resize(30, 0, Fit)
            },
        ),
    ] {
        assert_eq!(steps(options), [Step::Resize(expected)], "{options}");
    }
    for options in [
        "w:0",
        "rs:fit",
        "rs:fit:0:0",
        "s::",
        "dpr:1",
        "z:1",
        "el:1",
        "ex:1",
        "g:no",
    ] {
        assert_eq!(steps(options), [], "{options}");
    }
}

#[test]
fn gravities() {
    use Align::{Center, End, Start};

    let none = Length::default();
    let pixels = Length::Pixels;
    let part = Length::Fraction;
    for (text, expected) in [
        ("ce", side(Center, Center, none, none)),
        ("no", side(Center, Start, none, none)),
        ("so", side(Center, End, none, none)),
        ("ea", side(End, Center, none, none)),
        ("we", side(Start, Center, none, none)),
        ("noea", side(End, Start, none, none)),
        ("nowe", side(Start, Start, none, none)),
        ("soea", side(End, End, none, none)),
        ("sowe", side(Start, End, none, none)),
        ("ce:10:0.5", side(Center, Center, pixels(10.0), part(0.5))),
        ("no:-1:-0.5", side(Center, Start, pixels(-1.0), part(-0.5))),
        ("ea:0:1", side(End, Center, none, pixels(1.0))),
        ("sm", Gravity::Smart),
        (
            "fp:0.25:1",
            Gravity::Point {
                x: part(0.25),
                y: part(1.0),
            },
        ),
    ] {
        let Some(Step::Resize(resize)) = steps(&format!("w:30/g:{text}")).pop() else {
            panic!("{text}");
        };
        assert_eq!(resize.gravity, expected, "{text}");
        let Some(Step::Extract(extract)) = steps(&format!("c:30:0.5:{text}/g:no")).pop() else {
            panic!("{text}");
        };
        assert_eq!(extract.gravity, expected, "{text}");
        assert_eq!(
            (extract.width, extract.height),
            (Some(pixels(30.0)), Some(part(0.5)))
        );
    }
    // Without one of its own a crop has the other's.
    let extract = Extract {
        width: Some(pixels(30.0)),
        height: None,
        gravity: side(Center, Start, none, none),
        inside: true,
    };
    assert_eq!(steps("c:30/g:no"), [Step::Extract(extract)]);
    assert_eq!(steps("c:0:0:no"), []);
}

#[test]
fn canvases() {
    let extended = |options: &str| {
        let steps = steps(options);
        let Some(Step::Resize(resize)) = steps.first() else {
            panic!("{options}");
        };
        assert!(resize.factors.unwrap().extended, "{options}");
        steps.last().cloned().unwrap()
    };
    let to = |width, height| Extend {
        width,
        height,
        ..canvas()
    };
    let box_of = to(Some(Length::Pixels(30.0)), Some(Length::Pixels(20.0)));
    let north = Gravity::Anchor {
        horizontal: Align::Center,
        vertical: Align::Start,
        x: Length::default(),
        y: Length::Pixels(5.0),
    };
    for (options, expected) in [
        ("rs:fit:30:20:0:1", box_of.clone()),
        ("s:30:20:0:1", box_of.clone()),
        ("s:30:20/ex:1", box_of.clone()),
        ("s:30:20/extend:t:ce", box_of.clone()),
        ("w:30/ex:1", to(Some(Length::Pixels(30.0)), None)),
        (
            "s:30:20:0:1:no:0:5",
            Extend {
                gravity: north.clone(),
                ..box_of.clone()
            },
        ),
        (
            "s:30:20/ex:1:no:0:5",
            Extend {
                gravity: north,
                ..box_of.clone()
            },
        ),
        (
            "s:15:10/z:2/dpr:3/ex:1",
            Extend {
                at_pixel_ratio: true,
                ..box_of
            },
        ),
    ] {
        assert_eq!(extended(options), Step::Extend(expected), "{options}");
    }
    for options in [
        "s:30:20/exar:1",
        "s:30:20/extend_ar:1:ce",
        "s:30:20/extend_aspect_ratio:1",
    ] {
        let ratio = Extend {
            ratio: Some((30.0, 20.0)),
            ..canvas()
        };
        assert_eq!(
            steps(options).last(),
            Some(&Step::Extend(ratio)),
            "{options}"
        );
    }
    for (options, [top, right, bottom, left]) in [
        ("pd:10", [10; 4]),
        ("padding:1:2", [1, 2, 1, 2]),
        ("pd:1:2:3", [1, 2, 3, 2]),
        ("pd:1:2:3:4", [1, 2, 3, 4]),
        ("pd::2", [0, 2, 0, 2]),
        ("pd:::3", [0, 0, 3, 0]),
        ("pd:10:::4", [10, 10, 10, 4]),
    ] {
        let [top, right, bottom, left] = [top, right, bottom, left].map(Length::from);
        let padding = Extend {
            left,
            top,
            right,
            bottom,
            ..canvas()
        };
        assert_eq!(steps(options), [Step::Extend(padding)], "{options}");
    }
}
