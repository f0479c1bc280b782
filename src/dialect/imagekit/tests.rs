use http::Request;
use proptest::prelude::*;

use crate::dialect::{Dialect, MAX_LENGTH};
use crate::guard::{Guard, Rejection, RejectionKind};
use crate::recipe::{
    Align, Backdrop, Blend, Border, Color, Content, Distortion, Extend, Format, Gradient, Gravity,
    ImageRequest, Length, Metadata, Overlay, Position, ReplaceColor, Resize, ResizeMode, Rotate,
    RoundCorners, Shadow, Sharpen, Step, Text, TextAlign, Trim, TrimColor, UnsharpMask,
};
use crate::signature::{Scheme, Verifier};

/// What a URL below the mount asks for.
fn parse(dialect: &Dialect, url: &str) -> Result<ImageRequest, Rejection> {
    let request = Request::get(format!("/{url}")).body(());
    let (mut head, ()) = request.unwrap().into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    let request = dialect.check(&head)?;
    Ok((*request.unwrap()).clone())
}

fn request(url: &str) -> ImageRequest {
    match parse(&Dialect::imagekit(), url) {
        Ok(request) => request,
        Err(why) => panic!("{url}: {why}"),
    }
}

fn steps(chain: &str) -> Vec<Step> {
    request(&format!("tr:{chain}/a.jpg")).recipe.steps
}

fn refusal(dialect: &Dialect, url: &str) -> String {
    match parse(dialect, url) {
        Ok(request) => panic!("{url}: {request:?}"),
        Err(why) => {
            assert_eq!(why.kind(), RejectionKind::BadRequest, "{url}");
            why.detail().into()
        }
    }
}

fn overlay(chain: &str) -> Overlay {
    match steps(chain).pop() {
        Some(Step::Overlay(overlay)) => *overlay,
        step => panic!("{chain}: {step:?}"),
    }
}

fn fill(width: u32, height: u32) -> Step {
    Step::Resize(Resize::to(width, height, ResizeMode::Fill))
}

const TRIM: Trim = Trim {
    tolerance: 10.0,
    color: TrimColor::TopLeft,
    crop: None,
    equal_horizontal: false,
    equal_vertical: false,
};

#[test]
fn a_chain_is_in_the_path_or_in_the_query() {
    let sized = vec![fill(400, 300)];
    for (url, name) in [
        ("tr:h-300,w-400/default-image.jpg", "default-image.jpg"),
        ("default-image.jpg?tr=h-300,w-400", "default-image.jpg"),
        ("default-image.jpg?tr=h-300%2Cw-400", "default-image.jpg"),
        ("a/b.jpg?v=123&tr=h-300,w-400", "a/b.jpg"),
        (
            "tr:h-300,w-400/default-image.jpg?v=123",
            "default-image.jpg",
        ),
        ("tr%3Ah-300,w-400/a%20b.jpg", "a b.jpg"),
        ("caf%C3%A9.jpg?tr=h-300,w-400&ik-t=4102444800", "café.jpg"),
        (
            "tr:h-300,w-400/https%3A%2F%2Fexample.com%2Fimage.jpg",
            "https://example.com/image.jpg",
        ),
        ("ik-seo/tr:h-300,w-400/a/photo/nice-name.jpg", "a/photo.jpg"),
        ("tr:h-300,w-400/ik-seo/photo/nice-name.webp", "photo.webp"),
    ] {
        let request = request(url);
        assert_eq!(&*request.sources, [name.into()], "{url}");
        assert_eq!(request.recipe.steps, sized, "{url}");
    }
    for url in [
        "a.jpg",
        "a.jpg?tr=",
        "tr:/a.jpg",
        "a.jpg?TR=w-1",
        "tr-w-1.jpg",
    ] {
        assert_eq!(request(url).recipe.steps, [], "{url}");
    }
}

/// The URLs of the signature vectors that are answered, without their signatures.
#[test]
fn what_the_clients_sign_is_read() {
    let urls = [
        "default-image.jpg",
        "default-image.jpg?tr=h-300,w-400",
        "tr:h-300,w-400/default-image.jpg",
        "tr:w-400:rt-91/sample/testing-file.jpg",
        "default-image.jpg?v=123&tr=h-300,w-400",
        "a%20b.jpg",
        "caf%C3%A9.jpg",
        "tr:w-100/caf%C3%A9.jpg",
        "base.jpg?tr=l-text,ie-aGkgJiBieWU%3D,l-end",
        "tr:w-300,l-image,i-a@@b@@logo.png,lx-10,ly-N5,lfo-top_left,w-50,l-end/base.jpg",
        "x.jpg?tr=w-1",
        "https%3A%2F%2Fexample.com%2Fimage.jpg",
        "tr:if-ar_gt_1,w-200,if-else,w-300,if-end/x.jpg",
        "tr:h-300,w-400/default-image.jpg?v=123",
        "default-image.jpg?tr=h-300%2Cw-400",
        "x.jpg?v=1",
    ];
    assert_eq!(urls.len(), 16);
    for url in urls {
        request(url);
    }
    assert_eq!(
        refusal(&Dialect::imagekit(), "tr:di-path@@to@@d.jpg/x.jpg"),
        "di is not supported by this version"
    );
    assert_eq!(
        overlay("l-text,ie-aGkgJiBieWU%3D,l-end").content,
        Content::Text(Text {
            size: 45.0,
            align: TextAlign::Center,
            ..Text::new("hi & bye")
        })
    );
}

#[test]
fn crops_are_resizes() {
    let sized = |mode, enlarge| {
        vec![Step::Resize(Resize {
            enlarge,
            ..Resize::to(300, 200, mode)
        })]
    };
    for (crop, steps_of_crop) in [
        ("c-maintain_ratio", sized(ResizeMode::Fill, true)),
        ("c-force", sized(ResizeMode::Force, true)),
        ("c-at_max", sized(ResizeMode::Fit, false)),
        ("c-at_max_enlarge", sized(ResizeMode::Fit, true)),
        ("c-at_least", sized(ResizeMode::Cover, true)),
    ] {
        assert_eq!(
            steps(&format!("w-300,h-200,{crop}")),
            steps_of_crop,
            "{crop}"
        );
    }
    use Align::{Center, End, Start};
    for (focus, horizontal, vertical) in [
        ("center", Center, Center),
        ("top", Center, Start),
        ("bottom", Center, End),
        ("left", Start, Center),
        ("right", End, Center),
        ("top_left", Start, Start),
        ("top_right", End, Start),
        ("bottom_left", Start, End),
        ("bottom_right", End, End),
    ] {
        let cut = Step::Resize(Resize {
            gravity: Gravity::anchor(horizontal, vertical),
            ..Resize::to(300, 200, ResizeMode::Fill)
        });
        assert_eq!(steps(&format!("w-300,h-200,fo-{focus}")), [cut], "{focus}");
    }
    for focus in ["auto", "face", "auto-custom_override"] {
        let cut = Step::Resize(Resize {
            gravity: Gravity::Smart,
            ..Resize::to(300, 200, ResizeMode::Fill)
        });
        assert_eq!(steps(&format!("w-300,h-200,fo-{focus}")), [cut], "{focus}");
    }
}

#[test]
fn settings_are_those_of_the_answer() {
    let recipe = request("tr:w-1,f-webp,q-50,pr-true:lo-true,md-true,cp-true,pg-3/a.jpg").recipe;
    assert_eq!(recipe.steps, [fill(1, 0)]);
    assert_eq!(recipe.output.format, Some(Format::WebP));
    assert_eq!(recipe.output.quality, Some(50));
    assert_eq!(recipe.output.progressive, Some(true));
    assert!(recipe.output.lossless && recipe.output.keep_profile);
    assert_eq!(recipe.output.metadata, Metadata::Keep);
    assert_eq!(recipe.input.page, Some(2));
    for (text, format, keep) in [
        ("f-auto", None, false),
        ("f-orig", None, true),
        ("f-jpg", Some(Format::Jpeg), false),
        ("f-jpeg", Some(Format::Jpeg), false),
        ("f-png", Some(Format::Png), false),
        ("f-avif", Some(Format::Avif), false),
        ("f-gif", Some(Format::Gif), false),
        ("f-orig:f-png", Some(Format::Png), false),
        ("orig-false", None, false),
    ] {
        let output = request(&format!("tr:{text}/a.jpg")).recipe.output;
        assert_eq!(
            (output.format, output.keep_format),
            (format, keep),
            "{text}"
        );
    }
}

#[test]
fn attachments_have_names() {
    for (url, attachment) in [
        ("a.jpg", None),
        ("a.jpg?ik-attachment=true", Some("")),
        ("a.jpg?ik-attachment=false", None),
        ("a.jpg?ik-attachment-filename=b.jpg", None),
        (
            "a.jpg?ik-attachment=true&ik-attachment-filename=my%20cat.jpg",
            Some("my cat.jpg"),
        ),
    ] {
        assert_eq!(request(url).attachment.as_deref(), attachment, "{url}");
    }
}

#[test]
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

#[test]
fn layers_are_overlays() {
    let middle = overlay("l-image,i-logo.png,l-end");
    assert_eq!(middle.content, Content::Source(1));
    assert_eq!(middle.steps, [Step::Trim(TRIM)]);
    assert_eq!(middle.x, Position::Center(Length::default()));
    assert!(middle.inside && middle.lengths.is_empty());

    let chain = "w-300,l-image,i-a@@b@@logo.png,lx-10,ly-N5,lfo-top_left,w-50,l-end";
    let request = request(&format!("tr:{chain}/base.jpg"));
    assert_eq!(
        &*request.sources,
        ["base.jpg".into(), "a/b/logo.png".into()]
    );
    let logo = overlay(chain);
    assert_eq!(logo.steps, [Step::Trim(TRIM), fill(50, 0)]);
    assert_eq!(logo.x, Position::Start(Length::Pixels(10.0)));
    assert_eq!(logo.y, Position::End(Length::Pixels(5.0)));

    // What is said of the layer itself may stand in any of its steps; `ie` wins.
    let chained = overlay("l-image,i-x.png,ie-YS9iLnBuZw==,t-false:w-10:rt-90,lfo-right,l-end");
    assert_eq!(chained.steps.len(), 2);
    assert_eq!(chained.x, Position::End(Length::default()));
    assert_eq!(chained.y, Position::Center(Length::default()));

    for (mode, blend) in [
        ("multiply", Blend::Multiply),
        ("cutter", Blend::Mask),
        ("cutout", Blend::MaskOut),
    ] {
        let layer = overlay(&format!("l-image,i-a.png,lm-{mode},l-end"));
        assert_eq!(layer.blend, blend, "{mode}");
    }
}

#[test]
fn canvases_and_texts() {
    let block = overlay("l-image,i-ik_canvas,bg-FF0000,w-20,h-10,al-5,r-3,l-end");
    assert_eq!(
        block.content,
        Content::Canvas {
            width: 20.into(),
            height: 10.into(),
            color: Color::opaque(255, 0, 0),
        }
    );
    assert_eq!(block.opacity, 0.5);
    assert!(matches!(*block.steps, [Step::RoundCorners(_)]));
    let whole = overlay("l-image,i-ik_canvas,e-gradient,l-end");
    assert_eq!(
        whole.content,
        Content::Canvas {
            width: Length::Fraction(1.0),
            height: Length::Fraction(1.0),
            color: Color::TRANSPARENT,
        }
    );
    let half = overlay("l-image,i-ik_canvas,w-bw_div_2,l-end");
    assert!(matches!(
        half.content,
        Content::Canvas {
            width: Length::Computed(0),
            ..
        }
    ));
    assert_eq!(half.lengths.len(), 1);

    let text = overlay(
        "l-text,i-Hello%20World,fs-20,ff-fonts@@a.ttf,co-FF000050,ia-right,pa-1_2_3,tg-b_i_strikethrough,bg-white,r-4,lh-30,w-100,rt-90,l-end",
    );
    assert_eq!(
        text.content,
        Content::Text(Text {
            family: "fonts/a.ttf".into(),
            size: 20.0,
            color: Color {
                red: 255,
                green: 0,
                blue: 0,
                alpha: 128,
            },
            bold: true,
            italic: true,
            strikethrough: true,
            width: Some(100.into()),
            align: TextAlign::End,
            line_height: 1.5,
            background: Color::WHITE,
            padding: [1, 2, 3, 2],
            radius: 4,
            ..Text::new("Hello World")
        })
    );
    assert!(matches!(*text.steps, [Step::Rotate(_)]));
}

#[test]
fn layers_lie_in_layers() {
    let request = request(
        "tr:w-9,l-image,i-a.png,l-image,i-b.png,l-text,i-c,l-end,l-end:w-5,l-end,l-text,i-d,l-end/e.jpg",
    );
    assert_eq!(
        &*request.sources,
        ["e.jpg".into(), "b.png".into(), "a.png".into()]
    );
    let [Step::Resize(_), Step::Overlay(outer), Step::Overlay(text)] = &*request.recipe.steps
    else {
        panic!("{request:?}");
    };
    assert!(matches!(text.content, Content::Text(_)));
    assert_eq!(outer.content, Content::Source(2));
    let [Step::Trim(_), Step::Overlay(inner), Step::Resize(_)] = &*outer.steps else {
        panic!("{outer:?}");
    };
    assert_eq!(inner.content, Content::Source(1));
    assert!(matches!(*inner.steps, [Step::Trim(_), Step::Overlay(_)]));
}

#[test]
fn presets_are_chains() {
    let dialect = || {
        Dialect::imagekit()
            .preset("thumb", "w-100,h-50,q-40:e-grayscale")
            .unwrap()
            .preset("logo", "l-image,i-logo.png,l-end")
            .unwrap()
    };
    let grey = [fill(100, 50), Step::Grayscale];
    let request = parse(&dialect(), "tr:n-thumb/a.jpg").unwrap();
    assert_eq!(request.recipe.steps, grey);
    assert_eq!(request.recipe.output.quality, Some(40));
    let request = parse(&dialect(), "tr:w-200:n-thumb,bl-2:n-logo/a.jpg").unwrap();
    assert_eq!(request.recipe.steps.len(), 5);
    assert_eq!(request.recipe.steps[1..3], grey);
    assert_eq!(request.sources.len(), 2);
    assert_eq!(
        refusal(&dialect(), "tr:n-other/a.jpg"),
        "there is no named transformation \"other\""
    );

    let only = dialect().only_presets(true);
    parse(&only, "a.jpg").unwrap();
    parse(&only, "tr:n-thumb:n-logo/a.jpg").unwrap();
    for chain in [
        "w-100",
        "n-thumb,w-100",
        "l-text,i-a,l-end",
        "n-thumb:q-50",
        "orig-true",
    ] {
        let why = refusal(&only, &format!("tr:{chain}/a.jpg"));
        assert_eq!(
            why, "only named transformations may be asked for",
            "{chain}"
        );
    }

    for (name, chain, why) in [
        (
            "a",
            "w-0",
            "the preset \"a\": w is no whole number from 1 to 65535: \"0\"",
        ),
        (
            "a",
            "n-b",
            "the preset \"a\": n is for images, and not for presets and layers",
        ),
        (
            "a b",
            "w-1",
            "the preset \"a b\": a name has letters, digits, _, - and . alone",
        ),
        (
            "a",
            "l-image,i-..@@b,l-end",
            "the preset \"a\": the name of the image has a dot segment",
        ),
    ] {
        let error = Dialect::imagekit().preset(name, chain).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    assert!(Dialect::imagor().preset("a", "w-1").is_err());
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let rows = [
        (
            "e-bgremove",
            "e-bgremove needs a paid model, and is not supported",
        ),
        (
            "e-removedotbg",
            "e-removedotbg needs a paid model, and is not supported",
        ),
        (
            "e-changebg-prompt-sea",
            "e-changebg needs a paid model, and is not supported",
        ),
        (
            "e-edit-prompt-x",
            "e-edit needs a paid model, and is not supported",
        ),
        (
            "e-dropshadow",
            "e-dropshadow needs a paid model, and is not supported",
        ),
        (
            "e-retouch",
            "e-retouch needs a paid model, and is not supported",
        ),
        (
            "e-upscale",
            "e-upscale needs a paid model, and is not supported",
        ),
        (
            "e-genvar",
            "e-genvar needs a paid model, and is not supported",
        ),
        (
            "w-9,h-9,cm-pad_resize,bg-genfill",
            "bg-genfill needs a paid model, and is not supported",
        ),
        (
            "w-9,h-9,fo-dog",
            "fo-\"dog\" needs a paid model, and is not supported",
        ),
        (
            "w-9,h-9,fo-dog,ar-1_1",
            "fo-\"dog\" needs a paid model, and is not supported",
        ),
        (
            "fo-cat",
            "fo-\"cat\" needs a paid model, and is not supported",
        ),
        ("fo-custom", "fo-custom is not supported by this version"),
        ("fo-face,z-2", "z is not supported by this version"),
        (
            "orig-true",
            "orig-true, which needs allow_original, is not supported by this version",
        ),
        ("di-a.jpg", "di is not supported by this version"),
        ("dn-300", "dn is not supported by this version"),
        ("c2pa-true", "c2pa is not supported by this version"),
        ("f-svg", "f-svg is not supported by this version"),
        ("f-mp4", "f-mp4 is for videos, which are not supported"),
        ("vc-h264", "vc is for videos, which are not supported"),
        (
            "l-video,i-a.mp4,l-end",
            "l-video is for videos, which are not supported",
        ),
        (
            "l-subtitles,i-a.srt,l-end",
            "l-subtitles is for videos, which are not supported",
        ),
        (
            "l-image,i-a,lm-displace,l-end",
            "lm-displace is not supported by this version",
        ),
        (
            "if-w_gt_1,q-50,if-end",
            "q within a condition is not supported by this version",
        ),
        (
            "if-w_gt_1,pg-2,if-end",
            "pg within a condition is not supported by this version",
        ),
        ("w-0", "w is no whole number from 1 to 65535: \"0\""),
        ("w-65536", "w is no whole number from 1 to 65535: \"65536\""),
        ("w-1.5", "w is no whole number from 1 to 65535: \"1.5\""),
        ("w-N5", "w is no number or expression: \"N5\""),
        ("w--5", "w is no number or expression: \"-5\""),
        ("w-", "w is no number or expression: \"\""),
        ("h-inf", "h is no number or expression: \"inf\""),
        (
            "w-iw_times_2",
            "w is no number or expression: \"iw_times_2\"",
        ),
        ("w-iw_mul", "w is no number or expression: \"iw_mul\""),
        ("w-iw_mul_N2", "w is no number or expression: \"iw_mul_N2\""),
        ("w-1_div_0", "w is no number or expression: \"1_div_0\""),
        ("w-5_sub_5", "w is no size: \"5_sub_5\""),
        ("w-9,ar-0-1", "ar is no ratio: \"0-1\""),
        ("ar-4-3", "ar needs w or h"),
        (
            "w-9,x-1",
            "x, y, xc and yc need cm-extract or cm-pad_extract",
        ),
        ("w-9,cm-extract,xc-1", "xc and yc need each other"),
        (
            "w-9,cm-extract,xc-1,yc-1,x-1",
            "x or y and xc or yc are both there",
        ),
        ("w-9,c-force,cm-extract", "c and cm are both there"),
        ("w-9,c-crop", "c is unknown: \"crop\""),
        ("w-9,w-10", "a step has \"w\" twice"),
        ("w-9,dpr-6", "dpr is no number from 0.1 to 5: \"6\""),
        ("q-0", "q is no whole number from 1 to 100: \"0\""),
        ("q-101", "q is no whole number from 1 to 100: \"101\""),
        ("bl-101", "bl is no whole number from 1 to 100: \"101\""),
        ("b-5", "b is no width and colour: \"5\""),
        ("b-5_nocolour", "b is no colour: \"nocolour\""),
        ("bg-FFF", "bg is no colour: \"FFF\""),
        ("bg-FFFFFFFF", "bg is no whole number from 0 to 99: \"FF\""),
        ("bg-blurred", "bg-blurred needs cm-pad_resize"),
        ("r-1_2", "r is neither one radius nor four: \"1_2\""),
        ("rt-361", "rt is no number from -360 to 360: \"361\""),
        ("fl-x", "fl is unknown: \"x\""),
        ("o-101", "o is no number from 0 to 100: \"101\""),
        ("pr-yes", "pr is neither true nor false: \"yes\""),
        ("e-sepia", "there is no effect \"sepia\""),
        (
            "e-usm-1-2-3",
            "e-usm has no four numbers above 0: \"1-2-3\"",
        ),
        ("e-shadow-q-1", "e-shadow has no argument \"q-1\""),
        ("e-shadow-x-1_x-2", "e-shadow has \"x\" twice"),
        ("e-gradient-ld-1_ld-2", "e-gradient has \"ld\" twice"),
        ("e-distort-p-1_2", "e-distort is unknown: \"p-1_2\""),
        ("nonsense", "there is no parameter \"nonsense\""),
        ("nonsense-1", "there is no parameter \"nonsense\" here"),
        ("w-1,,h-1", "there is no parameter \"\""),
        ("w-1:", "there is no parameter \"\""),
        ("lx-5", "there is no parameter \"lx\" here"),
        ("l-end", "there is no layer \"end\""),
        ("l-image,i-a.png", "a layer has no l-end"),
        ("l-image", "a layer has nothing in it"),
        ("l-image,w-5,l-end", "a layer has neither i nor ie"),
        ("l-text,l-end", "a text has neither i nor ie"),
        ("l-image,ie-**,l-end", "ie is no base64: \"**\""),
        (
            "l-image,i-..@@a.png,l-end",
            "the name of the image has a dot segment",
        ),
        (
            "l-image,i-a,f-png,l-end",
            "there is no parameter \"f\" here",
        ),
        (
            "l-image,i-a,n-thumb,l-end",
            "n is for images, and not for presets and layers",
        ),
        ("l-image,i-a,lx-1,lxc-2,l-end", "lx and lxc are both there"),
        ("if-w_gt_1,w-5", "an if has no if-end"),
        ("if-w_gt_1", "an if has nothing in it"),
        ("if-w_is_1,w-5,if-end", "if is no condition: \"w_is_1\""),
        ("if-q_gt_1,w-5,if-end", "if is no condition: \"q_gt_1\""),
        ("if-w_gt,w-5,if-end", "if is no condition: \"w_gt\""),
        (
            "if-w_gt_1,w-5,if-end,h-5",
            "a step with an if has nothing else in it",
        ),
        (
            "h-5,if-w_gt_1,w-5,if-end",
            "a step with an if has nothing else in it",
        ),
        ("if-else", "if is no condition: \"else\""),
    ];
    assert_eq!(rows.len(), 89);
    for (chain, why) in rows {
        let detail = refusal(&Dialect::imagekit(), &format!("tr:{chain}/a.jpg"));
        assert_eq!(detail, why, "{chain}");
    }
    for (url, why) in [
        (
            "tr:w-1/a.jpg?tr=w-2",
            "there is more than one list of transformations",
        ),
        ("a.jpg?tr=w-1&tr=w-2", "the query has tr twice"),
        ("a.jpg?tr=%FF", "the URL is not UTF-8"),
        ("%FF.jpg", "the URL is not UTF-8"),
        ("tr:w-1/", "the URL names no image"),
        (
            "tr:w-1/a/..%2Fb.jpg",
            "the name of the image has a dot segment",
        ),
        (
            "ik-seo/photo",
            "ik-seo has no name with an extension: \"photo\"",
        ),
        (
            "a.mp4/ik-thumbnail.jpg",
            "ik-thumbnail.jpg is for videos, which are not supported",
        ),
        (
            "a.mp4/ik-master.m3u8",
            "ik-master.m3u8 is for videos, which are not supported",
        ),
        (
            "ik-genimg-prompt-a-cat/cat.jpg",
            "ik-genimg needs a paid model, and is not supported",
        ),
        (
            "a.jpg?ik-attachment=1",
            "ik-attachment is neither true nor false: \"1\"",
        ),
        (
            "a.jpg?ik-attachment=true&ik-attachment-filename=a%0Ab",
            "ik-attachment-filename is no name of a file: \"a\\nb\"",
        ),
    ] {
        assert_eq!(refusal(&Dialect::imagekit(), url), why, "{url}");
    }
}

#[test]
fn there_is_an_end_to_everything() {
    let many = |text: &str, times: usize| text.repeat(times);
    let nested = |levels: usize| {
        format!(
            "{}i-z,{}",
            many("l-image,i-a,", levels),
            many("l-end,", levels)
        )
    };
    let conditions = |levels: usize| {
        format!(
            "{}w-5{}",
            many("if-w_gt_1,", levels),
            many(",if-end", levels)
        )
    };
    let url = |chain: &str| format!("tr:{}/a.jpg", chain.trim_end_matches([',', ':']));
    let dialect = Dialect::imagekit();
    for (chain, why) in [
        (many("w-5:", 65), "there are more than 64 steps"),
        (
            many("l-image,i-a,l-end:", 9),
            "there are more than 8 overlays",
        ),
        (
            many("l-text,i-a,l-end:", 65),
            "there are more than 64 steps",
        ),
        (nested(4).replace("i-z,", ""), "layers lie more than 3 deep"),
        (conditions(17), "conditions lie more than 16 deep"),
        (
            format!("w-1{}", many("_add_1", 16)),
            "w is an expression of more than 16 numbers",
        ),
        (
            format!("if-w_gt_1{},w-5,if-end", many("_or_w_gt_1", 16)),
            "a condition has more than 16 comparisons",
        ),
        (
            many("e-grayscale,", 65),
            "a step has more than 64 parameters",
        ),
        (
            format!("l-text,i-{},l-end", many("a", 2001)),
            "i has more than 2000 characters",
        ),
        (
            format!("l-text,ie-{},l-end", many("YWFh", 626)),
            "ie has more than 2500 characters",
        ),
    ] {
        assert_eq!(refusal(&dialect, &url(&chain)), why);
    }
    for chain in [
        many("w-5:", 64),
        many("l-image,i-a,t-false,l-end:", 8),
        nested(3).replace("i-z,", ""),
        conditions(16),
        format!("w-1{}", many("_add_1", 15)),
    ] {
        parse(&dialect, &url(&chain)).unwrap();
    }
    let long = refusal(&dialect, &url(&many("é", 40).replace('é', "%C3%A9")));
    assert_eq!(long.matches('é').count(), 32);
}

/// Pieces of the grammar, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "w-100",
        "h-0.5",
        "w-iw_div_2",
        "ar-4-3",
        "c-force",
        "cm-extract",
        "cm-pad_resize",
        "x-5",
        "xc-5",
        "yc-ih_div_2",
        "dpr-2",
        "dpr-iw_div_100",
        "fo-left",
        "fo-face",
        "q-50",
        "f-webp",
        "e-grayscale",
        "e-shadow-bl-5",
        "e-gradient-sp-ih_div_2",
        "b-ih_div_20_red",
        "bg-red",
        "bg-blurred",
        "r-max",
        "rt-45",
        "fl-h",
        "o-50",
        "t-true",
        "l-image",
        "l-text",
        "l-end",
        "i-logo.png",
        "i-ik_canvas",
        "ie-YQ==",
        "lx-bw_sub_cw",
        "ly-N5",
        "lxc-5",
        "lap-center",
        "lfo-top",
        "fs-20",
        "if-ar_gt_1",
        "if-w_gt_1_and_h_lt_2",
        "if-else",
        "if-end",
        "n-thumb",
        "é",
        "",
        "-",
        "w",
        "w-",
        "%",
    ]);
    let separators = prop::sample::select(vec![",", ",", ",", ":"]);
    prop::collection::vec((pieces, separators), 0..24).prop_map(|pieces| {
        let text: String = pieces
            .iter()
            .flat_map(|(piece, separator)| [*piece, *separator])
            .collect();
        text
    })
}

/// Parses a chain, if a URL can hold it, and checks what comes of it.
fn survive(chain: &str) {
    let escaped: String = percent_encoding::utf8_percent_encode(chain, percent_encoding::CONTROLS)
        .to_string()
        .replace(
            ['?', '#', ' ', '"', '<', '>', '`', '{', '}', '\\', '^', '|'],
            "_",
        );
    let url = format!("/tr:{escaped}/a.jpg");
    if http::Uri::try_from(&*url).is_err() {
        return;
    }
    let dialect = Dialect::imagekit()
        .preset("thumb", "w-100:e-grayscale")
        .unwrap();
    match parse(&dialect, url.trim_start_matches('/')) {
        Ok(request) => assert!(request.sources.len() <= 9),
        Err(why) => {
            assert_eq!(why.kind(), RejectionKind::BadRequest);
            assert!(why.detail().chars().count() <= 400, "{why}");
        }
    }
}

proptest! {
    #[test]
    fn any_chain_is_read_or_refused(chain in any::<String>()) {
        survive(&chain);
    }

    #[test]
    fn pieces_of_the_grammar_are_read_or_refused(chain in pieces()) {
        survive(&chain);
        survive(chain.trim_end_matches([',', ':']));
    }

    #[test]
    fn whole_sizes_are_taken_as_they_are(width in 1..=MAX_LENGTH, height in 1..=MAX_LENGTH) {
        prop_assert_eq!(steps(&format!("w-{width},h-{height}")), [fill(width, height)]);
    }
}
