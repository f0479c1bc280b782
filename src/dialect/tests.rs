use http::{Request, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::recipe::{Align, Crop, Format, Gravity, Length, Recipe, Resize, ResizeMode, Step, Unit};

fn fill() -> Resize {
    Resize::to(300, 200, ResizeMode::Fill)
}

fn parse(dialect: &Dialect, path: &'static str) -> Result<ImageRequest, Rejection> {
    let request = Request::builder().extension(VerifiedTarget::for_test(path, true));
    let (head, ()) = request.body(()).unwrap().into_parts();
    let parsed = dialect.check(&head)?;
    Ok(Arc::unwrap_or_clone(
        parsed.expect("it is inside the mount"),
    ))
}

fn recipe(path: &'static str) -> Recipe {
    match parse(&Dialect::imagor(), path) {
        Ok(request) => request.recipe,
        Err(why) => panic!("{path}: {why}"),
    }
}

/// The only resize among the steps.
fn resize_of(recipe: &Recipe) -> Option<Resize> {
    let mut resizes = recipe.steps.iter().filter_map(|step| match step {
        Step::Resize(resize) => Some(resize.clone()),
        _ => None,
    });
    let first = resizes.next();
    assert_eq!(resizes.next(), None);
    first
}

/// The crop that the steps begin with.
fn crop_of(recipe: &Recipe) -> Option<Crop> {
    match recipe.steps.first() {
        Some(Step::Crop(crop)) => Some(*crop),
        _ => None,
    }
}

fn name(path: &'static str) -> Box<str> {
    match parse(&Dialect::imagor(), path) {
        Ok(mut request) => request.sources.remove(0),
        Err(why) => panic!("{path}: {why}"),
    }
}

fn refusal(dialect: &Dialect, path: &'static str) -> Rejection {
    match parse(dialect, path) {
        Ok(request) => panic!("{path}: {request:?}"),
        Err(why) => why,
    }
}

#[test]
fn sizes_become_resizes() {
    let sized = |width, height| Some(Resize::to(width, height, ResizeMode::Fill));
    let cases = [
        ("a.jpg", None),
        ("300x200/a.jpg", Some(fill())),
        ("/300x200/a.jpg", Some(fill())),
        ("300x/a.jpg", sized(300, 0)),
        ("x200/a.jpg", sized(0, 200)),
        ("300x0/a.jpg", sized(300, 0)),
        ("65535x65535/a.jpg", sized(65_535, 65_535)),
        ("x/a.jpg", None),
        ("0x0/a.jpg", None),
        ("fit-in/a.jpg", None),
        ("fit-in/0x0/a.jpg", None),
        ("stretch/x/a.jpg", None),
        (
            "300x200/smart/a.jpg",
            Some(Resize {
                gravity: Gravity::Smart,
                ..fill()
            }),
        ),
        ("300x200/10x5/a.jpg", Some(fill())),
    ];
    for (path, resize) in cases {
        assert_eq!(resize_of(&recipe(path)), resize, "{path}");
    }
}

#[test]
fn fit_stretch_and_their_filters_are_modes() {
    use ResizeMode::{Cover, Fill, Fit, Force};
    let cases = [
        ("300x200/a.jpg", Fill, true, false),
        ("fit-in/300x200/a.jpg", Fit, false, false),
        ("full-fit-in/300x200/a.jpg", Cover, true, false),
        ("adaptive-fit-in/300x200/a.jpg", Fit, false, true),
        ("adaptive-full-fit-in/300x200/a.jpg", Cover, true, true),
        ("stretch/300x200/a.jpg", Force, true, false),
        ("300x200/filters:stretch()/a.jpg", Force, true, false),
        ("fit-in/stretch/300x200/a.jpg", Fit, false, false),
        ("300x200/filters:no_upscale()/a.jpg", Fill, false, false),
        ("fit-in/300x200/filters:upscale()/a.jpg", Fit, true, false),
        (
            "300x200/filters:upscale():no_upscale()/a.jpg",
            Fill,
            false,
            false,
        ),
        (
            "full-fit-in/300x200/filters:no_upscale()/a.jpg",
            Cover,
            false,
            false,
        ),
    ];
    for (path, mode, enlarge, adaptive) in cases {
        let resize = Resize {
            mode,
            enlarge,
            adaptive,
            ..fill()
        };
        assert_eq!(resize_of(&recipe(path)), Some(resize), "{path}");
    }
}

#[test]
fn alignments_are_kept_parts() {
    use Align::{Center, End, Start};
    for (path, horizontal, vertical) in [
        ("300x200/left/top/a.jpg", Start, Start),
        ("300x200/right/bottom/a.jpg", End, End),
        ("300x200/center/middle/a.jpg", Center, Center),
        ("300x200/bottom/a.jpg", Center, End),
    ] {
        let resize = Resize {
            gravity: Gravity::anchor(horizontal, vertical),
            ..fill()
        };
        assert_eq!(resize_of(&recipe(path)), Some(resize), "{path}");
    }
}

#[test]
fn flips_are_signs() {
    for (path, horizontal, vertical) in [
        ("300x200/a.jpg", false, false),
        ("-300x200/a.jpg", true, false),
        ("300x-200/a.jpg", false, true),
        ("-x-/a.jpg", true, true),
        ("-0x0/a.jpg", true, false),
    ] {
        let flip = recipe(path).steps.into_iter().find_map(|step| match step {
            Step::Flip {
                horizontal,
                vertical,
            } => Some((horizontal, vertical)),
            _ => None,
        });
        let expected = (horizontal || vertical).then_some((horizontal, vertical));
        assert_eq!(flip, expected, "{path}");
    }
}

#[test]
fn crops_are_pixels_or_fractions() {
    let edges = |left, top, right, bottom, unit| {
        Some(Crop {
            left,
            top,
            right,
            bottom,
            unit,
            one_short: true,
        })
    };
    let cases = [
        (
            "10x5:70x80/a.jpg",
            edges(10.0, 5.0, 70.0, 80.0, Unit::Pixels),
        ),
        ("0x0:1x1/a.jpg", edges(0.0, 0.0, 1.0, 1.0, Unit::Fraction)),
        (
            "0.1x.2:0.9x1.0/a.jpg",
            edges(0.1, 0.2, 0.9, 1.0, Unit::Fraction),
        ),
        (
            "0.1x1:0.9x0.8/a.jpg",
            edges(0.1, 1.0, 0.9, 0.8, Unit::Pixels),
        ),
        ("0x0:2x1/a.jpg", edges(0.0, 0.0, 2.0, 1.0, Unit::Pixels)),
        ("50x50:0x0/a.jpg", edges(50.0, 50.0, 0.0, 0.0, Unit::Pixels)),
        ("0x0:0x0/a.jpg", None),
        ("a.jpg", None),
    ];
    for (path, crop) in cases {
        assert_eq!(crop_of(&recipe(path)), crop, "{path}");
    }
}

#[test]
fn filters_say_format_and_quality() {
    let cases = [
        ("filters:format(webp)/a.jpg", Some(Format::WebP), None),
        ("filters:format(jpg)/a.jpg", Some(Format::Jpeg), None),
        (
            "filters:format(jpeg):format(png)/a.jpg",
            Some(Format::Png),
            None,
        ),
        ("filters:format(avif)/a.jpg", Some(Format::Avif), None),
        ("filters:format(gif)/a.jpg", Some(Format::Gif), None),
        ("filters:format(svg)/a.jpg", Some(Format::Jpeg), None),
        ("filters:autojpg()/a.png", Some(Format::Jpeg), None),
        (
            "filters:format(heif):format(webp)/a.jpg",
            Some(Format::WebP),
            None,
        ),
        // imagor ignores what it does not know.
        (
            "filters:format(webp):format(doc)/a.jpg",
            Some(Format::WebP),
            None,
        ),
        ("filters:format(WEBP)/a.jpg", None, None),
        ("filters:format()/a.jpg", None, None),
        ("filters:sepia():quality(80)/a.jpg", None, Some(80)),
        ("filters:quality(1)/a.jpg", None, Some(1)),
        ("filters:quality(101)/a.jpg", None, Some(100)),
        ("filters:quality(300)/a.jpg", None, Some(100)),
        ("filters:quality(0)/a.jpg", None, None),
        ("filters:quality(-1)/a.jpg", None, None),
        ("filters:quality(high)/a.jpg", None, None),
        ("filters:quality()/a.jpg", None, None),
        ("filters:quality(99999999999999999999)/a.jpg", None, None),
        ("filters:quality(80):quality(60)/a.jpg", None, Some(60)),
        (
            "filters:strip_exif():strip_icc():strip_metadata():expire(9)/a.jpg",
            None,
            None,
        ),
        (
            "filters:page(2):max_frames(1):dpi(300):preview()/a.jpg",
            None,
            None,
        ),
        ("filters:/a.jpg", None, None),
    ];
    for (path, format, quality) in cases {
        let output = recipe(path).output;
        assert_eq!((output.format, output.quality), (format, quality), "{path}");
    }
}

#[test]
fn formats_that_only_imagor_writes_are_unsupported() {
    for path in [
        "filters:format(heif)/a.jpg",
        "filters:format(jp2)/a.jpg",
        "filters:format(webp):format(jp2)/a.jpg",
    ] {
        let kind = refusal(&Dialect::imagor(), path).kind();
        assert_eq!(kind, RejectionKind::UnsupportedFormat, "{path}");
    }
}

#[test]
fn what_would_make_another_picture_is_refused_by_name() {
    let cases = [
        (
            "filters:to_colorspace(p3)/a.jpg",
            "to_colorspace(p3) is not supported by this version",
        ),
        (
            "filters:raw()/a.jpg",
            "the filter raw is not allowed here: see allow_original",
        ),
    ];
    for (path, detail) in cases {
        let why = refusal(&Dialect::imagor(), path);
        assert_eq!(
            (why.kind(), why.detail()),
            (RejectionKind::BadRequest, detail),
            "{path}"
        );
    }
}

#[test]
fn a_strict_dialect_refuses_what_imagor_ignores() {
    let strict = Dialect::imagor().strict(true);
    for (path, named) in [
        ("filters:sepia()/a.jpg", "\"sepia\""),
        ("filters:format(doc)/a.jpg", "\"format\""),
        ("filters:quality(high)/a.jpg", "\"quality\""),
        ("filters:quality(0)/a.jpg", "\"quality\""),
        ("filters:a\nb()/a.jpg", "\"a\\nb\""),
    ] {
        let why = refusal(&strict, path);
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{path}");
        assert!(why.detail().contains(named), "{path}: {why}");
    }
    for path in [
        "300x200/filters:format(webp):quality(80):upscale():stretch():strip_exif():expire(9)/a.jpg",
        "fit-in/300x200/filters:/a.jpg",
    ] {
        assert!(parse(&strict, path).is_ok(), "{path}");
    }
}

#[test]
fn lengths_have_a_limit() {
    for path in [
        "65536x1/a.jpg",
        "1x65536/a.jpg",
        "-65536x/a.jpg",
        "99999999999999999999x1/a.jpg",
        "0x0:65536x1/a.jpg",
        "1x1:1x99999999999999999999/a.jpg",
    ] {
        let why = refusal(&Dialect::imagor(), path);
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{path}");
        assert!(
            why.detail().ends_with("is beyond 65535 pixels"),
            "{path}: {why}"
        );
    }
}

#[test]
fn names_are_decoded_once() {
    let cases = [
        ("300x200/a.jpg", "a.jpg"),
        ("a/b/c.jpg", "a/b/c.jpg"),
        ("a+b%20c%2Bd.jpg", "a b c+d.jpg"),
        ("100%.jpg", "100%.jpg"),
        (
            "https%3A%2F%2Fexample.com%2Fa.jpg%3Fx%3D1",
            "https://example.com/a.jpg?x=1",
        ),
        (
            "https%253A%252F%252Fexample.com",
            "https%3A%2F%2Fexample.com",
        ),
        (
            "b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZz94PTE",
            "https://example.com/a.jpg?x=1",
        ),
        ("b64:MTAweDEwMC9pbWcuanBn", "100x100/img.jpg"),
        ("300x200%2Fa.jpg", "300x200/a.jpg"),
        ("...", "..."),
        ("a..b/.c", "a..b/.c"),
        ("colors/red.png", "colors/red.png"),
    ];
    for (path, expected) in cases {
        assert_eq!(&*name(path), expected, "{path}");
    }
}

#[test]
fn names_that_could_do_harm_are_refused() {
    let cases = [
        ("300x200/", "the URL names no image"),
        ("", "the URL names no image"),
        ("filters:quality(80/a.jpg", "the URL names no image"),
        ("../a.jpg", "the name of the image has a dot segment"),
        ("a/../b.jpg", "the name of the image has a dot segment"),
        ("a/./b.jpg", "the name of the image has a dot segment"),
        ("a/..", "the name of the image has a dot segment"),
        ("..%2Fa.jpg", "the name of the image has a dot segment"),
        ("..%5Ca.jpg", "the name of the image has a dot segment"),
        (
            "%252e%252e/a.jpg",
            "the name of the image has a dot segment",
        ),
        ("a/..?x", "the name of the image has a dot segment"),
        ("b64:Li4vYS5qcGc", "the name of the image has a dot segment"),
        ("a%00.jpg", "the name of the image has a control character"),
        (
            "a%0D%0Ab.jpg",
            "the name of the image has a control character",
        ),
        ("a%7F.jpg", "the name of the image has a control character"),
        (
            "a%C2%85.jpg",
            "the name of the image has a control character",
        ),
        ("%FF.jpg", "the name of the image is not UTF-8"),
        ("b64:_w", "the name of the image is not UTF-8"),
    ];
    for (path, detail) in cases {
        let why = refusal(&Dialect::imagor(), path);
        assert_eq!(
            (why.kind(), why.detail()),
            (RejectionKind::BadRequest, detail),
            "{path}"
        );
    }
}

#[test]
fn only_what_was_verified_is_parsed() {
    let (head, ()) = Request::get("/300x200/a.jpg")
        .body(())
        .unwrap()
        .into_parts();
    let why = Dialect::imagor().check(&head).unwrap_err();
    assert_eq!(why.kind(), RejectionKind::SignatureMissing);
    assert_eq!(why.status(), StatusCode::FORBIDDEN);

    let target = VerifiedTarget::for_test("500x500/b.jpg", true);
    let request = Request::get("/300x200/a.jpg").extension(target);
    let (head, ()) = request.body(()).unwrap().into_parts();
    let parsed = Dialect::imagor().check(&head).unwrap().unwrap();
    assert_eq!(&*parsed.sources[0], "b.jpg");
}

#[test]
fn a_request_from_outside_never_survives() {
    let mount = MountPath::new("/img").unwrap();
    let dialect = Dialect::imagor().at(mount);
    let head = |path: &str| {
        let request = Request::get(path)
            .extension(VerifiedTarget::for_test("300x200/a.jpg", true))
            .extension(Arc::new(ImageRequest::new("planted", Recipe::default())));
        request.body(()).unwrap().into_parts().0
    };
    for (path, source) in [
        ("/img/300x200/a.jpg", Some("a.jpg")),
        ("/images/a.jpg", None),
        ("/", None),
    ] {
        let mut head = head(path);
        let mut pass = dialect.check(&head).unwrap();
        dialect.apply(&mut head, &mut pass);
        let found = head.extensions.get::<Arc<ImageRequest>>();
        assert_eq!(found.map(|request| &*request.sources[0]), source, "{path}");
    }
    let mut reported = head("/img/a.jpg");
    dialect.apply_reported(&mut reported, &Rejection::bad_request("x"));
    assert!(reported.extensions.get::<Arc<ImageRequest>>().is_none());
}

proptest! {
    /// What comes out can be made, whatever came in.
    #[test]
    fn a_recipe_keeps_to_the_limits(path in "([-0-9x:.]{0,12}/){0,3}(fit-in/)?([-0-9]{0,6}x[-0-9]{0,6}/)?(filters:[a-z(),0-9:]{0,24}/)?\\PC{0,12}") {
        let path: &'static str = path.leak();
        if let Ok(request) = parse(&Dialect::imagor(), path) {
            prop_assert_eq!(request.sources.len(), 1);
            prop_assert!(check_name(&request.sources[0]).is_ok());
            let recipe = request.recipe;
            prop_assert!(recipe.output.quality.is_none_or(|quality| (1..=100).contains(&quality)));
            if let Some(resize) = resize_of(&recipe) {
                for length in [resize.width, resize.height].into_iter().flatten() {
                    let Length::Pixels(length) = length else { panic!("{length:?}") };
                    prop_assert!((1.0..=f64::from(MAX_LENGTH)).contains(&length));
                }
                prop_assert!(resize.width.is_some() || resize.height.is_some());
            }
            if let Some(crop) = crop_of(&recipe) {
                for edge in [crop.left, crop.top, crop.right, crop.bottom] {
                    prop_assert!((0.0..=f64::from(MAX_LENGTH)).contains(&edge));
                }
            }
        }
    }
}

#[test]
fn what_is_kept_is_the_sites_choice_until_the_url_says_otherwise() {
    use crate::recipe::Metadata::{Copyright, Keep, Strip};
    let imagor = Dialect::imagor;
    let rows: Vec<(Dialect, &str, Metadata, Metadata)> = vec![
        (imagor(), "30x/a.jpg", Strip, Keep),
        (imagor(), "filters:strip_exif()/a.jpg", Strip, Strip),
        (imagor(), "filters:strip_metadata()/a.jpg", Strip, Strip),
        (imagor(), "filters:keep_metadata()/a.jpg", Keep, Keep),
        (
            imagor().thumbor(true),
            "filters:strip_exif()/a.jpg",
            Strip,
            Strip,
        ),
        (Dialect::imgproxy(), "w:30/plain/a.jpg", Copyright, Keep),
        (
            Dialect::imgproxy(),
            "sm:1/plain/a.jpg",
            Copyright,
            Copyright,
        ),
        (Dialect::imgproxy(), "sm:0/plain/a.jpg", Keep, Keep),
        (Dialect::imagekit(), "a.jpg", Strip, Keep),
        (Dialect::imagekit(), "tr:md-false/a.jpg", Strip, Strip),
        (Dialect::imagekit(), "tr:md-true/a.jpg", Keep, Keep),
        (Dialect::ipx(), "w_30/a.jpg", Strip, Keep),
    ];
    for (dialect, path, usual, kept) in rows {
        let of = |dialect: &Dialect| parse(dialect, path).unwrap().recipe.output.metadata;
        assert_eq!(of(&dialect), usual, "{path}");
        assert_eq!(of(&dialect.metadata(Keep)), kept, "{path}");
    }
}
