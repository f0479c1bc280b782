//! thumbor's URLs, where they are not imagor's.

use super::*;
use crate::recipe::{UnsharpMask, Variable};

fn thumbor(path: &str) -> Result<ImageRequest, Rejection> {
    let path: &'static str = path.to_owned().leak();
    let options = Options {
        thumbor: true,
        ..Options::default()
    };
    parse(&VerifiedTarget::for_test(path, true), options)
}

fn steps_of(path: &str) -> Vec<Step> {
    match thumbor(path) {
        Ok(request) => request.recipe.steps,
        Err(why) => panic!("{path}: {why}"),
    }
}

#[test]
fn names_begin_where_thumbor_says() {
    for (path, name) in [
        ("debug/300x200/img.jpg", "img.jpg"),
        ("300x200/debug/img.jpg", "debug/img.jpg"),
        ("stretch/300x200/img.jpg", "stretch/300x200/img.jpg"),
        ("100x100/10x5/img.jpg", "10x5/img.jpg"),
        ("0.1x0.2:0.9x0.8/img.jpg", "0.1x0.2:0.9x0.8/img.jpg"),
        ("fit-in/stretch/300x200/img.jpg", "stretch/300x200/img.jpg"),
        (
            "filters:quality(80):/img.jpg",
            "filters:quality(80):/img.jpg",
        ),
        ("filters:/img.jpg", "filters:/img.jpg"),
        ("filters:quality(80)/img.jpg", "img.jpg"),
        ("a+b%20c.jpg", "a+b c.jpg"),
        (
            "b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZw",
            "b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZw",
        ),
        ("color:red", "color:red"),
    ] {
        let request = thumbor(path).unwrap();
        assert_eq!(*request.sources, [name.into()], "{path}");
    }
    assert!(thumbor("..%2Fa.jpg").is_err());
}

#[test]
fn sizes_crops_and_trims_are_thumbors() {
    let Some(Step::Crop(crop)) = steps_of("30x20:100x150/a.jpg").pop() else {
        panic!("no crop");
    };
    assert_eq!((crop.unit, crop.one_short), (Unit::Pixels, false));
    let Some(Step::Crop(crop)) = steps_of("0x0:1x1/a.jpg").pop() else {
        panic!("no crop");
    };
    assert_eq!((crop.right, crop.unit), (1.0, Unit::Pixels));
    for (path, tolerance, color) in [
        ("trim/a.jpg", 1.0, TrimColor::TopLeft),
        ("trim:top-left:50/a.jpg", 50.0, TrimColor::TopLeft),
        ("trim:bottom-right:50/a.jpg", 50.0, TrimColor::BottomRight),
        ("trim:50/a.jpg", 1.0, TrimColor::BottomRight),
    ] {
        let Some(Step::Trim(trim)) = steps_of(path).pop() else {
            panic!("{path}");
        };
        assert_eq!((trim.tolerance, trim.color), (tolerance, color), "{path}");
    }
    let Some(Step::Computed(computed)) = steps_of("-400xorig/a.jpg").pop() else {
        panic!("no size of the source");
    };
    assert_eq!(
        computed.lengths,
        [shorter(Variable::Initial(Property::Height), 0)]
    );
    let resize = Resize {
        height: Some(Length::Computed(0)),
        ..Resize::to(400, 0, ResizeMode::Fill)
    };
    let flip = Step::Flip {
        horizontal: true,
        vertical: false,
    };
    assert_eq!(computed.steps, [Step::Resize(resize), flip]);
}

#[test]
fn filters_have_thumbors_arguments() {
    let factor = |saturation| {
        Step::Modulate(Modulation {
            saturation,
            ..Modulation::default()
        })
    };
    let unsharp = Step::UnsharpMask(UnsharpMask {
        radius: 0.0,
        sigma: 1.5,
        amount: 2.0,
        threshold: 0.0,
    });
    for (filters, expected) in [
        ("blur(7)", vec![blur(7.0)]),
        ("blur(7,2)", vec![blur(2.0)]),
        ("blur(900)", vec![blur(150.0)]),
        ("blur(0)", vec![]),
        ("saturation(1.5)", vec![factor(1.5)]),
        ("saturation(-1)", vec![]),
        ("sharpen(2,1.5,true)", vec![unsharp]),
        ("sharpen(2)", vec![]),
        ("rotate(90)", vec![turn(270.0)]),
        ("rotate(-90)", vec![turn(90.0)]),
        ("rotate(450)", vec![turn(270.0)]),
        ("rotate(360)", vec![]),
        ("rotate(45)", vec![]),
        (
            "round_corner(10|20,255,0,0)",
            vec![corners(10.0, 20.0, Some(Color::opaque(255, 0, 0)))],
        ),
        ("round_corner(10,0,0,0,1)", vec![corners(10.0, 10.0, None)]),
        ("round_corner(10)", vec![]),
        ("round_corner(10,256,0,0)", vec![]),
        ("proportion(10)", vec![]),
        (
            "fill(red)",
            vec![canvas(0, 0, margins([0; 4], colored(255, 0, 0), false))],
        ),
        (
            "fill(red,1)",
            vec![canvas(0, 0, margins([0; 4], colored(255, 0, 0), true))],
        ),
        ("brightness(10)", vec![rgb(10.0, 10.0, 10.0)]),
        // Not thumbor's.
        ("pixelate(9):hue(30):raw():orient(90):invert()", vec![]),
        ("strip_exif():strip_icc():redeye():extract_focal()", vec![]),
    ] {
        let path = format!("filters:{filters}/a.jpg");
        assert_eq!(steps_of(&path), expected, "{filters}");
    }
    let output = |filters: &str| {
        let request = thumbor(&format!("filters:{filters}/a.jpg")).unwrap();
        (request.recipe.output.format, request.recipe.output.quality)
    };
    assert_eq!(
        output("format(WEBP):quality(70)"),
        (Some(Format::WebP), Some(70))
    );
    let why = thumbor("filters:format(heic)/a.jpg").unwrap_err();
    assert_eq!(why.kind(), crate::guard::RejectionKind::UnsupportedFormat);
    let page = thumbor("filters:cover()/a.gif").unwrap().recipe.input.page;
    assert_eq!(page, Some(0));
    for name in [
        "colorize",
        "convolution",
        "curve",
        "equalize",
        "frame",
        "noise",
    ] {
        let why = thumbor(&format!("filters:{name}(1)/a.jpg")).unwrap_err();
        assert_eq!(
            why.detail(),
            format!("the filter {name} is not supported by this version")
        );
    }
}

#[test]
fn a_watermark_needs_one_size_alone() {
    let overlay = |filter: &str| match steps_of(&format!("filters:{filter}/a.jpg")).pop() {
        Some(Step::Overlay(overlay)) => *overlay,
        step => panic!("{filter}: {step:?}"),
    };
    let over = overlay("watermark(b.png,-10,20p,50,40)");
    assert_eq!(over.x, Position::End(Length::Pixels(10.0)));
    assert_eq!((over.opacity, over.fit), (0.5, Some((0.4, 1e3))));
    assert_eq!(
        overlay("watermark(b.png,0,0,0,none,40)").fit,
        Some((1e3, 0.4))
    );
    assert_eq!(overlay("watermark(b.png,0,0,0)").fit, None);
    assert_eq!(steps_of("filters:watermark(b.png,0,0)/a.jpg"), []);
}

#[test]
fn strict_names_what_thumbor_drops() {
    let options = Options {
        thumbor: true,
        site: Site {
            strict: true,
            ..Site::default()
        },
    };
    for filter in [
        "pixelate(9)",
        "rotate(45)",
        "blur(x)",
        "brightness(x)",
        "round_corner(1)",
    ] {
        let path: &'static str = format!("filters:{filter}/a.jpg").leak();
        let why = parse(&VerifiedTarget::for_test(path, true), options).unwrap_err();
        let name = filter.split('(').next().unwrap();
        assert!(
            why.detail().contains(&format!("{name:?} is unknown")),
            "{why}"
        );
    }
}
