//! Sizes that the dialects' own documents and servers give.

use super::*;
use crate::recipe::{Extend, Extract};
use ResizeMode::{Auto, Cover, Fill, Fit, Force};

fn enlarging(resize: Resize) -> Resize {
    Resize {
        enlarge: true,
        ..resize
    }
}

fn check(rows: impl IntoIterator<Item = (Size, Resize, (u32, u32))>) {
    for (source, resize, (width, height)) in rows {
        let cut = planned(source, None, Some(resize.clone())).cut;
        assert_eq!(cut.size(), size(width, height), "{source:?}: {resize:?}");
    }
}

#[test]
fn ipx_shrinks_the_box() {
    let boxed = |mode, width, height| Resize {
        enlarge: false,
        shrink_box: true,
        ..resize(mode, width, height)
    };
    check([
        (size(1000, 800), boxed(Fill, 2000, 1000), (1000, 500)),
        (size(1000, 800), boxed(Fill, 2000, 2000), (800, 800)),
        (size(1000, 800), boxed(Fill, 2000, 400), (1000, 200)),
        (size(1000, 800), boxed(Fill, 400, 400), (400, 400)),
        (size(100, 50), boxed(Fill, 200, 200), (50, 50)),
        (size(30, 600), boxed(Fill, 200, 200), (30, 30)),
        (size(1000, 800), boxed(Fit, 2000, 0), (1000, 800)),
        (size(1001, 667), boxed(Fit, 333, 0), (333, 222)),
        (size(1001, 667), boxed(Fit, 0, 333), (500, 333)),
        (size(1001, 667), boxed(Fit, 500, 0), (500, 333)),
        (size(1001, 667), boxed(Fit, 1, 0), (1, 1)),
        // Where IPX fails, a side has a pixel.
        (size(1001, 667), boxed(Fill, 8192, 1), (1001, 1)),
    ]);
}

#[test]
fn imgproxy_sizes() {
    let fill_down = |width, height| Resize {
        enlarge: false,
        shrink_box: true,
        ..resize(Fill, width, height)
    };
    let no_enlarge = |mode, width, height| Resize {
        enlarge: false,
        ..resize(mode, width, height)
    };
    let zoomed = |across, down, resize| Resize {
        zoom: [across, down],
        ..resize
    };
    let least = |width, height, resize| Resize {
        min_width: width,
        min_height: height,
        ..resize
    };
    let source = size(1000, 500);
    check([
        (source, no_enlarge(Fill, 300, 300), (300, 300)),
        (source, no_enlarge(Fill, 2000, 400), (1000, 400)),
        (source, fill_down(2000, 1000), (1000, 500)),
        (source, fill_down(600, 600), (500, 500)),
        (source, fill_down(300, 300), (300, 300)),
        // auto: fill where both are wide, or neither
        (source, resize(Auto, 300, 200), (300, 200)),
        (source, no_enlarge(Auto, 200, 300), (200, 100)),
        (size(500, 1000), resize(Auto, 200, 300), (200, 300)),
        (size(500, 1000), no_enlarge(Auto, 300, 200), (100, 200)),
        // zoom and dpr
        (source, zoomed(2.0, 2.0, resize(Fit, 100, 100)), (200, 100)),
        (source, zoomed(2.0, 0.5, resize(Force, 100, 100)), (200, 50)),
        (source, zoomed(0.5, 0.5, resize(Fit, 0, 0)), (500, 250)),
        (source, zoomed(2.0, 2.0, resize(Fit, 0, 0)), (1000, 500)),
        (
            source,
            enlarging(zoomed(2.0, 2.0, resize(Fit, 0, 0))),
            (2000, 1000),
        ),
        (source, zoomed(1.5, 1.5, resize(Fill, 33, 33)), (50, 50)),
        // the least sizes, cut by the box
        (
            source,
            least(None, Some(150), resize(Fit, 200, 0)),
            (200, 150),
        ),
        (
            source,
            least(None, Some(150), resize(Fit, 0, 100)),
            (300, 100),
        ),
        (
            source,
            least(Some(300), None, resize(Fit, 0, 100)),
            (300, 100),
        ),
        (
            source,
            least(Some(150), None, resize(Fit, 200, 200)),
            (200, 100),
        ),
        (
            size(100, 50),
            least(Some(400), Some(100), resize(Fit, 0, 50)),
            (400, 50),
        ),
    ]);
}

#[test]
fn the_least_sizes_hold_without_a_box() {
    let least = |width, height| Resize {
        min_width: width,
        min_height: height,
        ..resize(Fit, 0, 0)
    };
    check([
        (size(100, 50), least(Some(400), None), (400, 200)),
        (size(100, 50), least(None, Some(400)), (800, 400)),
        (size(100, 50), least(Some(400), Some(400)), (800, 400)),
        (size(100, 50), least(Some(40), Some(40)), (100, 50)),
    ]);
}

#[test]
fn imagekit_sizes() {
    let source = size(640, 865);
    check([
        (source, resize(Fill, 300, 200), (300, 200)),
        (source, resize(Force, 300, 200), (300, 200)),
        (source, resize(Fit, 300, 200), (148, 200)),
        (source, enlarging(resize(Fit, 850, 1000)), (740, 1000)),
        (source, resize(Fit, 850, 1000), (640, 865)),
        (source, resize(Cover, 300, 200), (300, 405)),
    ]);
    let steps = [Step::Extract(Extract {
        width: Some(200.into()),
        height: Some(200.into()),
        gravity: Gravity::default(),
        inside: true,
    })];
    let extracted = plan(source, &steps, &Limits::default()).unwrap();
    assert_eq!(only_pass(source, &extracted).crop, area(220, 332, 200, 200));
    let padded = |source, first: Option<Resize>, width: u32, height: u32| {
        let mut steps = super::steps(None, first);
        steps.push(Step::Extend(Extend {
            width: Some(width.into()),
            height: Some(height.into()),
            ..Extend::default()
        }));
        plan(source, &steps, &Limits::default()).unwrap().size
    };
    assert_eq!(
        padded(source, Some(resize(Fit, 300, 200)), 300, 200),
        size(300, 200)
    );
    assert_eq!(padded(size(600, 600), None, 700, 700), size(700, 700));
}

#[test]
fn proportions_are_cut_off() {
    let proportion = |factor| Resize {
        width: Some(Length::Fraction(factor)),
        height: Some(Length::Fraction(factor)),
        truncate: true,
        ..resize(Force, 1, 1)
    };
    check([
        (GOPHER, proportion(0.1), (163, 222)),
        (GOPHER, proportion(1.0), (1634, 2224)),
        (size(300, 200), proportion(0.5), (150, 100)),
        (size(99, 99), proportion(0.5), (49, 49)),
        (size(9, 9), proportion(0.01), (9, 9)),
        (size(99, 200), proportion(0.01), (99, 200)),
    ]);
    let rounded = Resize {
        truncate: false,
        ..proportion(0.5)
    };
    check([(size(99, 99), rounded, (50, 50))]);
}
