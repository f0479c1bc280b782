//! What is answered with instead of an image: descriptions, parameters, originals.

use super::*;
use crate::recipe::{Answer, Blank, Description, Fact, Property, Variable, Words};

fn parsed_by(options: Options, path: &str) -> Result<ImageRequest, Rejection> {
    let path: &'static str = path.to_owned().leak();
    parse(&VerifiedTarget::for_test(path, true), options)
}

fn refusal(options: Options, path: &str) -> String {
    match parsed_by(options, path) {
        Ok(request) => panic!("{path}: {request:?}"),
        Err(why) => why.detail().to_owned(),
    }
}

fn originals() -> Options {
    Options {
        site: Site {
            originals: true,
            ..Site::default()
        },
        ..Options::default()
    }
}

#[test]
fn meta_asks_for_a_description_of_what_would_be_made() {
    let facts = |path: &'static str| match parsed(path).recipe.output.answer {
        Answer::Description(Description {
            words: Words::Imagor,
            facts,
        }) => facts,
        answer => panic!("{path}: {answer:?}"),
    };
    let usual = [
        Fact::Format,
        Fact::Dimensions,
        Fact::Orientation,
        Fact::Frames,
        Fact::Samples,
    ];
    let with = |more: &[Fact]| [&usual, more].concat();
    for (path, expected) in [
        ("meta/a.jpg", with(&[Fact::Exif])),
        ("meta/filters:strip_exif()/a.jpg", with(&[])),
        ("meta/filters:strip_metadata()/a.jpg", with(&[])),
        (
            "meta/filters:blurhash(4,3):thumbhash():avgcolor():blurhash(1,9)/a.jpg",
            with(&[
                Fact::Exif,
                Fact::ThumbHash,
                Fact::Average,
                Fact::BlurHash(1, 9),
            ]),
        ),
    ] {
        assert_eq!(facts(path), expected, "{path}");
    }
    // All else is as for the image.
    let request = parsed("meta/fit-in/30x20/filters:format(webp):attachment(a):max_age(9)/a.jpg");
    assert_eq!(
        request.recipe.steps,
        [Step::Resize(Resize::to(30, 20, ResizeMode::Fit))]
    );
    assert_eq!(request.recipe.output.format, Some(Format::WebP));
    assert_eq!((request.attachment, request.max_age), (None, Some(9)));
    // Without `meta/` they say nothing.
    let answer = parsed("filters:blurhash(0,1):thumbhash(1):avgcolor()/a.jpg");
    assert_eq!(answer.recipe.output.answer, Answer::Image);
}

#[test]
fn a_hash_with_wrong_arguments_is_refused() {
    for filter in [
        "blurhash()",
        "blurhash(4)",
        "blurhash(4,3,2)",
        "blurhash(0,3)",
        "blurhash(4,10)",
        "blurhash(x,3)",
        "thumbhash(1)",
        "avgcolor(red)",
        "blurhash(4,3):blurhash(4)",
    ] {
        let path = format!("meta/filters:{filter}/a.jpg");
        assert!(
            refusal(Options::default(), &path).contains("blurhash has two numbers"),
            "{filter}"
        );
    }
}

/// The document that `params/` answers with.
fn document(path: &'static str, signed: bool) -> String {
    let target = VerifiedTarget::params_for_test(path, signed);
    match parse(&target, Options::default()) {
        Ok(ImageRequest { recipe, .. }) => match recipe.output.answer {
            Answer::Document(text) => text.into(),
            answer => panic!("{path}: {answer:?}"),
        },
        Err(why) => panic!("{path}: {why}"),
    }
}

#[test]
fn params_are_told_by_imagors_names() {
    // Each row: the path, and all lines between the braces, joined.
    let rows = [
        (
            "300x200/img.jpg",
            r#""path": "300x200/img.jpg","image": "img.jpg","width": 300,"height": 200"#,
        ),
        ("x/a.jpg", r#""path": "x/a.jpg","image": "a.jpg""#),
        (
            "-x-/a.jpg",
            r#""path": "-x-/a.jpg","image": "a.jpg","h_flip": true,"v_flip": true"#,
        ),
        (
            "5x6:7x8/9x10:11x12/a.jpg",
            concat!(
                r#""path": "5x6:7x8/9x10:11x12/a.jpg","image": "a.jpg","#,
                r#""crop_left": 5,"crop_top": 6,"crop_right": 7,"crop_bottom": 8,"#,
                r#""padding_left": 9,"padding_top": 10,"padding_right": 11,"padding_bottom": 12"#,
            ),
        ),
        (
            "0.1x0.2:0.9x1.0/a.jpg",
            r#""path": "0.1x0.2:0.9x1.0/a.jpg","image": "a.jpg","crop_left": 0.1,"crop_top": 0.2,"crop_right": 0.9,"crop_bottom": 1"#,
        ),
        (
            "trim/a.jpg",
            r#""path": "trim/a.jpg","image": "a.jpg","trim": true,"trim_by": "top-left""#,
        ),
        (
            "meta/trim:bottom-right:100/10x11:12x13/adaptive-full-fit-in/stretch/-300x-200/5x6/left/top/smart/filters:a():b(c,d)/img",
            concat!(
                r#""path": "meta/trim:bottom-right:100/10x11:12x13/adaptive-full-fit-in/stretch/-300x-200/5x6/left/top/smart/filters:a():b(c,d)/img","#,
                r#""image": "img","meta": true,"trim": true,"trim_by": "bottom-right","trim_tolerance": 100,"#,
                r#""crop_left": 10,"crop_top": 11,"crop_right": 12,"crop_bottom": 13,"#,
                r#""fit_in": true,"adaptive_fit_in": true,"full_fit_in": true,"stretch": true,"width": 300,"height": 200,"#,
                r#""padding_left": 5,"padding_top": 6,"padding_right": 5,"padding_bottom": 6,"h_flip": true,"v_flip": true,"#,
                r#""h_align": "left","v_align": "top","smart": true,"#,
                r#""filters": [{"name": "a"},{"name": "b","args": "c,d"}]"#,
            ),
        ),
        (
            "b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZz94PTEmeT0y",
            r#""path": "b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZz94PTEmeT0y","image": "https://example.com/a.jpg?x=1\u0026y=2","base64_image": true"#,
        ),
        (
            "99999999999999999999x1/a+b.jpg",
            r#""path": "99999999999999999999x1/a+b.jpg","image": "a b.jpg","width": 9223372036854775807,"height": 1"#,
        ),
        (
            "10x10/color:red",
            r#""path": "10x10/color:red","image": "color:red","width": 10,"height": 10"#,
        ),
        // No image, and a filter that nobody knows.
        (
            "filters:sepia()/",
            r#""path": "filters:sepia()/","filters": [{"name": "sepia"}]"#,
        ),
    ];
    for (path, lines) in rows {
        let document = document(path, true);
        let joined: String = document.lines().map(str::trim_start).collect();
        assert_eq!(joined, format!("{{{lines}}}"), "{path}");
    }
    assert_eq!(
        document("30x/a.jpg", false),
        "{\n  \"path\": \"30x/a.jpg\",\n  \"image\": \"a.jpg\",\n  \"unsafe\": true,\n  \"width\": 30\n}"
    );
    let target = VerifiedTarget::params_for_test("..%2Fa.jpg", true);
    assert!(parse(&target, Options::default()).is_err());
}

#[test]
fn originals_are_for_those_who_allow_them() {
    let path = "30x20/filters:raw():format(webp):watermark(b.png)/a.jpg";
    assert_eq!(
        refusal(Options::default(), path),
        "the filter raw is not allowed here: see allow_original"
    );
    let request = parsed_by(originals(), path).unwrap();
    assert_eq!(*request.sources, ["a.jpg".into()]);
    assert_eq!(request.recipe.output.answer, Answer::Original);
    assert_eq!(
        (&*request.recipe.steps, request.recipe.output.format),
        (&[][..], None)
    );
    // An image within an image is an image.
    let nested = "filters:image(/filters:raw()/b.png,0,0)/a.jpg";
    let request = parsed_by(originals(), nested).unwrap();
    assert_eq!(request.recipe.output.answer, Answer::Image);

    let preview = "filters:max_age(60):preview()/a.jpg";
    let age = |options| parsed_by(options, preview).unwrap().max_age;
    assert_eq!(
        (age(Options::default()), age(originals())),
        (Some(60), Some(0))
    );
}

#[test]
fn a_color_is_an_image() {
    let blank = |path: &'static str| {
        let request = parsed(path);
        assert_eq!(request.sources.len(), 0, "{path}");
        let Blank {
            width,
            height,
            color,
        } = request.recipe.input.blank.unwrap();
        (width, height, color)
    };
    let red = Color::opaque(255, 0, 0);
    for (path, expected) in [
        ("color:red", (1, 1, red)),
        ("200x100/color:red", (200, 100, red)),
        ("200x/COLOR:f00", (200, 200, red)),
        ("fit-in/0x30/color:ff0000", (30, 30, red)),
        ("3x4/color:ff000080", (3, 4, Color { alpha: 128, ..red })),
        ("3x4/color:none", (3, 4, Color::TRANSPARENT)),
        ("3x4/color:transparent", (3, 4, Color::TRANSPARENT)),
        ("3x4/color%3Ared", (3, 4, red)),
    ] {
        assert_eq!(blank(path), expected, "{path}");
    }
    for path in ["color:xyz1", "3x4/color:", "3x4/color:auto"] {
        assert_eq!(
            refusal(Options::default(), path),
            "what follows color: is no color",
            "{path}"
        );
    }
    // What is drawn over it is the first source.
    let (over, sources) = overlay("30x20/filters:watermark(b.png)/color:red");
    assert_eq!(over.content, Content::Source(0));
    assert_eq!(*sources, ["b.png".into()]);
    let (over, _) = overlay("filters:image(/20x10/color:red,0,0)/a.jpg");
    let canvas = Content::Canvas {
        width: 20.into(),
        height: 10.into(),
        color: red,
    };
    assert_eq!(over.content, canvas);
}

#[test]
fn sides_within_an_image_are_those_of_the_image_beneath() {
    let computed = |path| match overlay(path).0.steps.pop() {
        Some(Step::Computed(computed)) => *computed,
        step => panic!("{path}: {step:?}"),
    };
    let base = |of, less| shorter(Variable::Base(of), less);
    let found = computed("filters:image(/fit-in/-f-20xfull/b.png,0,0)/a.jpg");
    assert_eq!(
        found.lengths,
        [base(Property::Width, 20), base(Property::Height, 0)]
    );
    let resize = Resize {
        width: Some(Length::Computed(0)),
        height: Some(Length::Computed(1)),
        ..Resize::to(0, 0, ResizeMode::Fit)
    };
    let flip = Step::Flip {
        horizontal: true,
        vertical: false,
    };
    assert_eq!(found.steps, [Step::Resize(resize), flip]);
    let found = computed("filters:image(/30xf-5/filters:fill(red)/b.png,0,0)/a.jpg");
    assert_eq!(found.lengths, [base(Property::Height, 5)]);
    let fill = Step::Extend(Extend {
        width: Some(30.into()),
        height: Some(Length::Computed(0)),
        ..margins([0; 4], colored(255, 0, 0), true)
    });
    assert_eq!(found.steps[1], fill);
    // Elsewhere they are part of the name.
    assert_eq!(*parsed("fx20/a.jpg").sources, ["fx20/a.jpg".into()]);

    let (over, _) = overlay("filters:text(hello,0,0,sans-20,red,0,normal,f-30)/a.jpg");
    assert_eq!(over.lengths, [base(Property::Width, 30)]);
    let Content::Text(text) = over.content else {
        panic!("no text");
    };
    assert_eq!(text.width, Some(Length::Computed(0)));
}

#[test]
fn encoder_settings_of_png_are_palettes() {
    let colors = |filters: &str| {
        let path = format!("filters:{filters}/a.png");
        let request = parsed_by(Options::default(), &path).unwrap();
        request.recipe.output.colors
    };
    for (filters, expected) in [
        ("palette()", Some(256)),
        ("bitdepth(1)", Some(2)),
        ("bitdepth(2):palette()", Some(4)),
        ("palette():bitdepth(4)", Some(16)),
        ("palette():bitdepth(8)", Some(256)),
        ("bitdepth(8)", None),
        ("bitdepth(16)", None),
        ("bitdepth(3)", None),
        ("bitdepth(x):compression(9)", None),
    ] {
        assert_eq!(colors(filters), expected, "{filters}");
    }
    for filters in ["to_colorspace()", "to_colorspace(srgb)"] {
        assert_eq!(colors(filters), None);
    }
    for space in ["p3", "cmyk"] {
        let path = format!("filters:to_colorspace({space})/a.png");
        assert_eq!(
            refusal(Options::default(), &path),
            format!("to_colorspace({space}) is not supported by this version")
        );
    }
}

#[test]
fn strict_names_whatever_cannot_be_read() {
    let strict = Options {
        site: Site {
            strict: true,
            ..Site::default()
        },
        ..Options::default()
    };
    for filter in [
        "brightness(x)",
        "rgb(1,2,x)",
        "contrast(high)",
        "hue(1e400)",
        "blur(x)",
        "fill(nocolor)",
        "padding(nocolor,1)",
        "padding(red,x)",
        "background_color(nocolor)",
        "round_corner(x)",
        "round_corner(3,3,nocolor)",
        "rotate(45)",
        "proportion(x)",
        "crop(0,0,x,1)",
        "trim(x)",
        "pixelate(x)",
        "focal(1)",
        "focal(axb)",
        "watermark(b.png,x,0,0)",
        "watermark(b.png,0,0,x)",
        "image(b.png,0,0,0,bright)",
        "text(a,0,0,sans,nocolor)",
        "text(a,0,0,sans,red,0,normal,wide)",
        "text(a,0,0,sans,red,0,normal,30,sideways)",
        "label(a,0,0,x)",
        "bitdepth(3)",
        "to_colorspace(lab)",
        "thumbhash(1)",
        "max_frames(x)",
        "dpi(x)",
        "sepia()",
        "grayscale",
        "quality(80):blurred:blur(3)",
    ] {
        let path = format!("filters:{filter}/a.jpg");
        let name = if filter.contains("blurred") {
            "blurred"
        } else {
            filter.split('(').next().unwrap()
        };
        assert_eq!(
            refusal(strict, &path),
            format!("the filter {name:?} is unknown, or its arguments are"),
            "{filter}"
        );
        assert!(parsed_by(Options::default(), &path).is_ok(), "{filter}");
    }
    for filter in [
        "fill()",
        "fill(FFFFFF,true)",
        "sharpen()",
        "pixelate()",
        "watermark(b.png,center,-10p,0)",
        "watermark(b.png,left-5,0.25,0,none,20)",
        "text(a,0,0,sans-20,red,0,screen,80p,centre,true,char,2,72)",
        "focal(1,2):focal(0.1x0.2:0.3x0.4)",
        "preview():strip_exif():strip_icc():strip_metadata():compression(3)",
        "attachment():max_age(9):page(2)",
    ] {
        let path = format!("filters:{filter}/a.jpg");
        if let Err(why) = parsed_by(strict, &path) {
            panic!("{filter}: {why}");
        }
    }
}
