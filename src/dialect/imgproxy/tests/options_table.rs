//! What each option comes to, and which arguments it cannot have.

use super::*;
use crate::recipe::{
    Backdrop, Color, Content, Extend, Extract, Factors, Format, Gradient, Kernel, Metadata,
    Modulation, Overlay, Position, Rotate, Sharpen, Trim, TrimColor, UnsharpMask,
};

fn steps(options: &str) -> Vec<Step> {
    let settings = Imgproxy::new().watermark("local:///logo.png").unwrap();
    match parsed_by(&settings, &format!("{options}/plain/a.jpg")) {
        Ok(request) => request.recipe.steps,
        Err(why) => panic!("{options}: {why}"),
    }
}

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
        ("ea:0:1", side(End, Center, part(0.0), pixels(1.0))),
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
        x: Length::Fraction(0.0),
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
    let magenta = TrimColor::Color(Color::opaque(255, 0, 255));
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
    let zero = Length::Fraction(0.0);
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

#[test]
fn reading_and_writing() {
    let output = |options: &str| parsed(&format!("{options}/plain/a.jpg")).recipe.output;
    let none = output("cb:1");
    assert_eq!(
        none,
        Output {
            metadata: Metadata::Copyright,
            otherwise: Some(Format::Jpeg),
            ..Output::default()
        }
    );
    let with = |change: fn(&mut Output)| {
        let mut output = none.clone();
        change(&mut output);
        output
    };
    for (options, expected) in [
        ("q:70", with(|to| to.quality = Some(70))),
        ("quality:70/q:0", with(|_| ())),
        (
            "fq:jpg:70:webp:60/format_quality:jpeg:50",
            with(|to| to.format_quality = vec![(Format::WebP, 60), (Format::Jpeg, 50)]),
        ),
        ("fq:jpg:70:heic:50/fq:jpg:0", with(|_| ())),
        ("mb:5000", with(|to| to.max_bytes = Some(5000))),
        ("max_bytes:0", with(|_| ())),
        ("aq:size:5000", with(|to| to.max_bytes = Some(5000))),
        ("aq:dssim", with(|to| to.likeness = Some(75.0))),
        (
            "autoquality:dssim:0.02/q:9",
            with(|to| (to.likeness, to.quality) = (Some(75.0), Some(9))),
        ),
        ("aq:dssim:0.01:70:90/aq:none", with(|_| ())),
        (
            "aq:dssim:0.02:70:90:0.001",
            with(|to| (to.likeness, to.quality_range) = (Some(75.0), Some((70, 90)))),
        ),
        (
            "aq:size:5000:40",
            with(|to| (to.max_bytes, to.quality_range) = (Some(5000), Some((40, 100)))),
        ),
        (
            "aq:size:5000::60",
            with(|to| (to.max_bytes, to.quality_range) = (Some(5000), Some((1, 60)))),
        ),
        ("f:webp", with(|to| to.format = Some(Format::WebP))),
        ("ext:avif", with(|to| to.format = Some(Format::Avif))),
        ("format:jxl", with(|to| to.format = Some(Format::Jxl))),
        ("sm:0", with(|to| to.metadata = Metadata::Keep)),
        ("kcr:0", with(|to| to.metadata = Metadata::Strip)),
        ("strip_metadata:1/keep_copyright:1", with(|_| ())),
        ("scp:0", with(|to| to.keep_profile = true)),
        ("strip_color_profile:1", with(|_| ())),
        ("jpgo:1", with(|to| to.progressive = Some(true))),
        ("jpeg_options::0:1:1:1:3", with(|_| ())),
        (
            "pngo:1:1:64",
            with(|to| (to.progressive, to.colors) = (Some(true), Some(64))),
        ),
        ("png_options::1", with(|to| to.colors = Some(256))),
        ("pngo:0:0:64", with(|_| ())),
        ("webpo:lossless", with(|to| to.lossless = true)),
        ("webp_options:lossy", with(|_| ())),
        ("raw:0/eth:1/ph:0/hs:none/skp:/pgs:1", with(|_| ())),
        ("bc:0/ct:a:b/bypass_cache:0/cache_tags:", with(|_| ())),
        ("expires:1/exp:0", with(|_| ())),
    ] {
        assert_eq!(output(options), expected, "{options}");
    }

    let input = |options: &str| parsed(&format!("{options}/plain/a.jpg")).recipe.input;
    assert_eq!(input("cb:"), Input::default());
    assert_eq!(input("ar:0").orient, Orient::Stored);
    assert_eq!(input("auto_rotate:1").orient, Orient::Exif);
    assert_eq!(input("pg:3").page, Some(3));
    assert_eq!(input("page:3/da:1").page, Some(3));
    assert_eq!(input("disable_animation:1").page, Some(0));

    let attachment = |options: &str| parsed(&format!("{options}/plain/a.jpg")).attachment;
    assert_eq!(attachment("fn:b.png"), None);
    assert_eq!(attachment("att:1").as_deref(), Some(""));
    assert_eq!(
        attachment("fn:b%20c.png/return_attachment:1").as_deref(),
        Some("b c.png")
    );
    assert_eq!(
        attachment("filename:Yi5wbmc:1/att:t").as_deref(),
        Some("b.png")
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn arguments_that_cannot_be_read() {
    let options = [
        "rs:filled",
        "rs:fit:x",
        "rs:fit:1:1:2",
        "rs:fit:1:1:1:1:sm",
        "rs:fit:1:1:1:1:ce:1:1:1",
        "s:-1",
        "s:1:1:1:1:ce:1:1:1",
        "rt:",
        "rt:fill:1",
        "w:",
        "w:x",
        "w:-1",
        "w:+1",
        "w:1.5",
        "w:65536",
        "w:1:2",
        "h:1e3",
        "h:99999999999999999999",
        "mw:-1",
        "mh:x",
        "z:0",
        "z:-1",
        "z:1:0",
        "z:1:1:1",
        "z:inf",
        "z:nan",
        "dpr:0",
        "dpr:x",
        "dpr:65536",
        "el:",
        "el:yes",
        "el:2",
        "ex:",
        "ex:1:sm",
        "ex:1:xx",
        "exar:x",
        "g:",
        "g:xx",
        "g:sm:1",
        "g:fp",
        "g:fp:0.5",
        "g:fp:2:0",
        "g:fp:0:0:0",
        "g:no:x",
        "g:no:1:1:1",
        "g:re",
        "c:",
        "c:-1",
        "c:1:x",
        "c:1:1:xx",
        "c:1:1:ce:1:1:1",
        "c:65536",
        "t:x",
        "t:-1",
        "t:1:red",
        "t:1::x",
        "t:1::1:1:1",
        "pd:x",
        "pd:1:2:3:4:5",
        "pd:-1",
        "pd:65536",
        "ar:x",
        "rot:45",
        "rot:x",
        "rot:90:1",
        "rot:99999999999",
        "fl:x",
        "fl:1:1:1",
        "bg:red",
        "bg:1:2",
        "bg:1:2:256",
        "bg:1:2:3:4",
        "bg:#fff",
        "bg:ffff",
        "bl:0",
        "bl:-1",
        "bl:x",
        "sh:0",
        "pix:-1",
        "pix:1.5",
        "wm:",
        "wm:2",
        "wm:1:sm",
        "wm:1:fp",
        "wm:1:ce:x",
        "wm:1:ce:1:1:-1",
        "wm:1:ce:1:1:1:1",
        "sm:x",
        "kcr:",
        "scp:2",
        "eth:x",
        "ph:x",
        "q:101",
        "q:-1",
        "q:x",
        "fq:jpg",
        "fq:docx:1",
        "fq:jpg:101",
        "mb:-1",
        "mb:x",
        "f:",
        "f:docx",
        "f:jpg:1",
        "raw:x",
        "cb:1:2",
        "exp:x",
        "exp:-1",
        "exp:1:2",
        "fn:a:1:1",
        "fn:$:1",
        "fn:a%00",
        "fn:%ff",
        "att:x",
        "ra:sinc",
        "bga:2",
        "a:256",
        "a:1:1:1:1",
        "br:256",
        "co:-1",
        "sa:-1",
        "ush:sometimes",
        "ush:always:0",
        "col:2",
        "col:1:red",
        "gr:2",
        "gr:1:fff:north",
        "gr:1:fff:up:0:2",
        "pg:-1",
        "pg:x",
        "pgs:x",
        "da:x",
        "aq:best",
        "aq:size",
        "aq:size:0",
        "aq:dssim:2",
        "aq:dssim:0.02:90:70",
        "aq:dssim:0.02:101",
        "aq:size:9:x",
        "skp:docx",
        "bc:x",
        "fiu:$",
        "fiu:YQ:b",
        "hs:sha3:00",
        "hs:sha256:00",
        "hs:sha1:xx",
        "jpgo:x",
        "pngo:1:1:1",
        "pngo:1:1:257",
        "webpo:best",
        "hs:none:1:1",
        "wmu:$",
    ];
    for option in options {
        let path = format!("{option}/plain/a.jpg");
        let why = refusal(&path);
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{option}");
        let (name, _) = option.split_once(':').unwrap();
        let detail = why.detail();
        assert!(
            detail.starts_with(&format!("the option {name} ")),
            "{option}: {detail}"
        );
    }
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let named = |option: &str, what: &str| {
        let why = refusal(&format!("{option}/plain/a.jpg"));
        let detail = format!("{what} is not supported by this version");
        assert_eq!(
            (why.kind(), why.detail()),
            (RejectionKind::BadRequest, &*detail)
        );
    };
    for name in pro::NOT_BUILT {
        named(&format!("{name}:1"), &format!("the option {name}"));
    }
    for (option, what) in [
        ("ph:1", "the option ph"),
        ("f:best", "the format best"),
        ("g:obj:face", "the gravity obj"),
        ("c:1:1:objw", "the gravity objw"),
        ("wm:1:ch", "a watermark at ch"),
        ("hs:md5:1", "the hashsum md5"),
        ("bc:1", "the option bc"),
        ("pgs:2", "more than one page"),
        ("aq:ml", "the method ml of autoquality"),
        ("gr:1:fff:up:0.5", "the start of a gradient"),
        ("jpgo:1:1", "no_subsample of jpeg_options"),
        ("webpo:near_lossless", "near_lossless"),
    ] {
        named(option, what);
    }
    for name in [
        "max_src_resolution",
        "msr",
        "max_src_file_size",
        "msfs",
        "max_animation_frames",
        "maf",
        "max_animation_frame_resolution",
        "mafr",
        "max_result_dimension",
        "mrd",
    ] {
        let why = refusal(&format!("{name}:1/plain/a.jpg"));
        assert_eq!(
            why.detail(),
            format!("{name:?} is a limit of the server, and none that a URL sets")
        );
    }
}
