mod canvas;
mod dialects;
mod imagekit;
mod imgproxy;
mod ipx;
mod vectors;

use proptest::prelude::*;

use super::length::exact;
use super::*;
use crate::recipe::{Align, Crop, Length, ResizeMode, Unit};

fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

fn area(left: u32, top: u32, width: u32, height: u32) -> Area {
    Area {
        left,
        top,
        width,
        height,
    }
}

/// A resize as imagor's URL has it: 0 is no length.
fn resize(mode: ResizeMode, width: u32, height: u32) -> Resize {
    Resize::to(width, height, mode)
}

fn steps(crop: Option<Crop>, resize: Option<Resize>) -> Vec<Step> {
    let crop = crop.map(Step::Crop);
    crop.into_iter().chain(resize.map(Step::Resize)).collect()
}

/// The one pass that a plan has, if any.
fn only_pass(source: Size, plan: &Plan<'_>) -> Scale {
    match plan.stages.as_slice() {
        [] => Scale::crop(Area::whole(source)),
        [Stage::Scale(scale)] => *scale,
        stages => panic!("{stages:?}"),
    }
}

fn planned(source: Size, crop: Option<Crop>, resize: Option<Resize>) -> Scale {
    let steps = steps(crop, resize);
    let limits = Limits {
        max_output_pixels: u64::MAX,
        ..Limits::default()
    };
    let plan = plan(source, &steps, &limits).unwrap();
    let pass = only_pass(source, &plan);
    assert_eq!(plan.size, pass.cut.size());
    pass
}

const GOPHER: Size = Size {
    width: 1634,
    height: 2224,
};
const FRONT: Size = Size {
    width: 202,
    height: 259,
};
const CANON: Size = Size {
    width: 100,
    height: 68,
};
const BANANA: Size = Size {
    width: 121,
    height: 128,
};

#[test]
fn sizes_are_imagors() {
    use ResizeMode::{Cover, Fill, Fit, Force};

    let upscale = |resize| Resize {
        enlarge: true,
        ..resize
    };
    let no_upscale = |resize| Resize {
        enlarge: false,
        ..resize
    };
    let adaptive = |resize| Resize {
        adaptive: true,
        ..resize
    };
    let rows = [
        // default: cover, then cut
        (GOPHER, resize(Fill, 100, 100), (100, 100)),
        (GOPHER, resize(Fill, 100, 200), (100, 200)),
        (CANON, resize(Fill, 50, 0), (50, 34)),
        (CANON, resize(Fill, 0, 50), (74, 50)),
        (FRONT, resize(Fill, 500, 400), (500, 400)),
        (FRONT, no_upscale(resize(Fill, 500, 400)), (202, 259)),
        (FRONT, no_upscale(resize(Fill, 500, 0)), (202, 259)),
        (FRONT, no_upscale(resize(Fill, 500, 200)), (202, 200)),
        (FRONT, resize(Fill, 0, 0), (202, 259)),
        // fit-in
        (GOPHER, resize(Fit, 500, 500), (367, 500)),
        (GOPHER, resize(Fit, 300, 300), (220, 300)),
        (FRONT, resize(Fit, 67, 67), (52, 67)),
        (size(200, 100), resize(Fit, 67, 67), (67, 34)),
        (BANANA, resize(Fit, 67, 67), (63, 67)),
        (size(70, 87), resize(Fit, 100, 100), (70, 87)),
        (GOPHER, upscale(resize(Fit, 200, 0)), (200, 272)),
        (FRONT, upscale(resize(Fit, 500, 500)), (390, 500)),
        (GOPHER, resize(Fit, 300, 0), (300, 408)),
        (FRONT, resize(Fit, 0, 210), (164, 210)),
        (FRONT, resize(Fit, 0, 0), (202, 259)),
        // full-fit-in
        (GOPHER, resize(Cover, 300, 200), (300, 408)),
        (FRONT, resize(Cover, 200, 300), (234, 300)),
        (FRONT, resize(Cover, 500, 400), (500, 641)),
        (FRONT, resize(Cover, 74, 11), (74, 95)),
        (FRONT, resize(Cover, 30, 39), (30, 39)),
        (size(1900, 1263), resize(Cover, 100, 65), (100, 66)),
        (CANON, resize(Cover, 102, 30), (102, 69)),
        (FRONT, no_upscale(resize(Cover, 500, 400)), (202, 259)),
        // adaptive-*
        (GOPHER, adaptive(resize(Fit, 200, 100)), (100, 136)),
        (FRONT, adaptive(resize(Fit, 200, 100)), (100, 128)),
        (GOPHER, adaptive(resize(Cover, 100, 200)), (147, 200)),
        (FRONT, adaptive(resize(Cover, 500, 400)), (400, 513)),
        (GOPHER, adaptive(resize(Cover, 200, 300)), (220, 300)),
        (size(500, 500), adaptive(resize(Fill, 80, 40)), (40, 80)),
        (size(800, 400), adaptive(resize(Fill, 80, 80)), (80, 80)),
        (GOPHER, adaptive(resize(Fill, 200, 0)), (147, 200)),
        // stretch
        (GOPHER, resize(Force, 100, 100), (100, 100)),
        (FRONT, resize(Force, 500, 20), (500, 20)),
        (FRONT, no_upscale(resize(Force, 100, 20)), (100, 20)),
        (FRONT, no_upscale(resize(Force, 500, 20)), (202, 259)),
        (FRONT, no_upscale(resize(Force, 202, 20)), (202, 259)),
        (CANON, resize(Force, 50, 0), (50, 34)),
        (CANON, resize(Force, 0, 0), (100, 68)),
        // no side below a pixel
        (size(10_000, 2), resize(Fit, 10, 10), (10, 1)),
        (size(2, 10_000), resize(Fill, 0, 10), (1, 10)),
    ];
    for (source, resize, expected) in rows {
        let cut = planned(source, None, Some(resize.clone())).cut;
        assert_eq!((cut.width, cut.height), expected, "{source:?}: {resize:?}");
    }
}

#[test]
fn what_sticks_out_is_cut_by_the_alignment() {
    use Align::{Center, End, Start};

    let rows = [
        // 400 x 200 covers 100 x 100 as 200 x 100
        (
            size(400, 200),
            100,
            100,
            Center,
            Center,
            area(50, 0, 100, 100),
        ),
        (size(400, 200), 100, 100, Start, End, area(0, 0, 100, 100)),
        (size(400, 200), 100, 100, End, Start, area(100, 0, 100, 100)),
        // 101 x 200: the odd pixel is cut off at the high end
        (
            size(101, 200),
            100,
            100,
            Center,
            Center,
            area(0, 49, 100, 100),
        ),
        (size(101, 200), 100, 100, Start, Start, area(0, 0, 100, 100)),
        (size(101, 200), 100, 100, Center, End, area(0, 98, 100, 100)),
    ];
    for (source, width, height, horizontal, vertical, expected) in rows {
        let resize = Resize {
            gravity: Gravity::anchor(horizontal, vertical),
            ..resize(ResizeMode::Fill, width, height)
        };
        assert_eq!(
            planned(source, None, Some(resize.clone())).cut,
            expected,
            "{source:?} {resize:?}"
        );
    }
}

#[test]
fn crops() {
    let crop = |left, top, right, bottom, unit, one_short| Crop {
        left,
        top,
        right,
        bottom,
        unit,
        one_short,
    };
    let imagor = |left, top, right, bottom| crop(left, top, right, bottom, Unit::Pixels, true);
    let fraction = |left, top, right, bottom| crop(left, top, right, bottom, Unit::Fraction, true);
    let plain = |left, top, right, bottom| crop(left, top, right, bottom, Unit::Pixels, false);
    let whole = area(0, 0, 121, 128);
    let rows = [
        (imagor(30.0, 20.0, 100.0, 150.0), area(30, 20, 70, 107)),
        (imagor(0.0, 0.0, 0.0, 0.0), area(0, 0, 120, 127)),
        (imagor(10.0, 0.0, 0.0, 50.0), area(10, 0, 110, 50)),
        (imagor(120.0, 0.0, 121.0, 50.0), whole),
        (fraction(0.1, 0.2, 0.89, 0.72), area(12, 26, 96, 66)),
        (plain(30.0, 20.0, 100.0, 150.0), area(30, 20, 70, 108)),
        (plain(0.0, 0.0, 121.0, 128.0), whole),
        (plain(1.9, 0.0, 2.1, 1.0), area(1, 0, 1, 1)),
        // no pixel: no crop
        (plain(0.0, 0.0, 0.0, 0.0), whole),
        (plain(50.0, 50.0, 50.0, 60.0), whole),
        (plain(60.0, 50.0, 50.0, 60.0), whole),
        (plain(121.0, 0.0, 130.0, 10.0), whole),
        // nonsense
        (plain(f64::NAN, 0.0, f64::NAN, 10.0), whole),
        (plain(-5.0, f64::NEG_INFINITY, f64::INFINITY, 1e300), whole),
        (plain(f64::MAX, 0.0, f64::MAX, 10.0), whole),
    ];
    for (crop, expected) in rows {
        assert_eq!(planned(BANANA, Some(crop), None).crop, expected, "{crop:?}");
    }
    let row = imagor(0.0, 0.0, 1.0, 1.0);
    assert_eq!(planned(size(1, 1), Some(row), None).crop, area(0, 0, 1, 1));
}

#[test]
fn the_resize_sees_the_cropped_image() {
    let crop = Crop {
        left: 0.0,
        top: 0.0,
        right: 0.5,
        bottom: 1.0,
        unit: Unit::Fraction,
        one_short: false,
    };
    let plan = planned(
        size(400, 100),
        Some(crop),
        Some(resize(ResizeMode::Fit, 50, 50)),
    );
    assert_eq!(plan.crop, area(0, 0, 200, 100));
    assert_eq!(plan.scaled, size(50, 25));
    assert_eq!(plan.cut, area(0, 0, 50, 25));
}

#[test]
fn an_output_over_the_limit_is_refused() {
    let limits = Limits {
        max_output_pixels: 10_000,
        ..Limits::default()
    };
    let rows = [
        (resize(ResizeMode::Force, 100, 100), true),
        (resize(ResizeMode::Force, 101, 100), false),
        (resize(ResizeMode::Cover, 100, 1), true),
        (resize(ResizeMode::Cover, 101, 1), false),
        (resize(ResizeMode::Force, u32::MAX, u32::MAX), false),
        (resize(ResizeMode::Fill, 1, u32::MAX), false),
    ];
    for (resize, allowed) in rows {
        let steps = [Step::Resize(resize)];
        let result = plan(size(50, 50), &steps, &limits);
        assert_eq!(result.is_ok(), allowed, "{steps:?}");
    }
    // Without a resize the limit holds too.
    assert!(plan(size(101, 100), &[], &limits).is_err());
}

/// The size by the text of the rule, in floating point.
fn naive(source: Size, resize: &Resize) -> (f64, f64) {
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let factors = [
        resize.width.map(|to| exact(to, source.width) / width),
        resize.height.map(|to| exact(to, source.height) / height),
    ];
    let factors = factors.into_iter().flatten();
    let factor = match resize.mode {
        ResizeMode::Fit => factors.fold(f64::INFINITY, f64::min),
        _ => factors.fold(0.0, f64::max),
    };
    let factor = if resize.enlarge {
        factor
    } else {
        factor.min(1.0)
    };
    ((width * factor).max(1.0), (height * factor).max(1.0))
}

proptest! {
    #[test]
    fn scaled_sizes_are_those_of_the_naive_rule(
        source in (1..10_000_u32, 1..10_000_u32),
        target in (1..4_000_u32, 1..4_000_u32),
        mode in prop::sample::select(vec![ResizeMode::Fit, ResizeMode::Cover, ResizeMode::Fill]),
        enlarge: bool,
    ) {
        let source = size(source.0, source.1);
        let resize = Resize { enlarge, ..resize(mode, target.0, target.1) };
        let Scale { scaled, cut, .. } = planned(source, None, Some(resize.clone()));
        let (width, height) = naive(source, &resize);
        prop_assert!((f64::from(scaled.width) - width).abs() <= 0.5 + 1e-6);
        prop_assert!((f64::from(scaled.height) - height).abs() <= 0.5 + 1e-6);
        prop_assert!(cut.width >= 1 && cut.left + cut.width <= scaled.width);
        prop_assert!(cut.height >= 1 && cut.top + cut.height <= scaled.height);
        if mode == ResizeMode::Fit {
            prop_assert!(scaled.width <= target.0 && scaled.height <= target.1 || scaled == source);
        }
    }

    #[test]
    fn plans_lie_within_the_image(
        source in (1..20_000_u32, 1..20_000_u32),
        edges: [f64; 4],
        fraction: bool,
        one_short: bool,
        target: (Option<u32>, Option<u32>),
        mode in prop::sample::select(vec![ResizeMode::Fit, ResizeMode::Cover, ResizeMode::Fill, ResizeMode::Force]),
        enlarge: bool,
        adaptive: bool,
    ) {
        let source = size(source.0, source.1);
        let [left, top, right, bottom] = edges;
        let unit = if fraction { Unit::Fraction } else { Unit::Pixels };
        let steps = steps(
            Some(Crop { left, top, right, bottom, unit, one_short }),
            Some(Resize {
                width: target.0.map(Length::from),
                height: target.1.map(Length::from),
                enlarge,
                adaptive,
                ..resize(mode, 1, 1)
            }),
        );
        if let Ok(plan) = plan(source, &steps, &Limits::default()) {
            let Scale { crop, scaled, cut, .. } = only_pass(source, &plan);
            prop_assert!(crop.width >= 1 && crop.left + crop.width <= source.width);
            prop_assert!(crop.height >= 1 && crop.top + crop.height <= source.height);
            prop_assert!(cut.width >= 1 && cut.left + cut.width <= scaled.width);
            prop_assert!(cut.height >= 1 && cut.top + cut.height <= scaled.height);
        }
    }
}
