use http::Request;
use imgward::dialect::Dialect;
use imgward::guard::Guard as _;
use imgward::recipe::{Gravity, ImageRequest, Length, Resize, ResizeMode, Step};
use imgward::signature::{Scheme, Verifier};
use percent_encoding::utf8_percent_encode;

use super::super::query::Query;
use super::*;

fn settings(query: &str) -> Settings {
    Settings::read(&Query::parse(query)).unwrap()
}

/// What the library's dialect makes of a target, strictly.
fn parse(grammar: Grammar, target: &str) -> ImageRequest {
    let (prefix, dialect) = match grammar {
        Grammar::Imagor => ("/unsafe/", Dialect::imagor().strict(true)),
        Grammar::ImageKit => ("/", Dialect::imagekit()),
        Grammar::Imgproxy => ("/insecure/", Dialect::imgproxy()),
        Grammar::Ipx => ("/", Dialect::ipx()),
    };
    let verifier = Verifier::unsigned(dialect.scheme());
    let request = Request::get(format!("{prefix}{target}")).body(()).unwrap();
    let (mut head, ()) = request.into_parts();
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    let parsed = dialect.check(&head);
    let parsed = parsed.unwrap_or_else(|why| panic!("{target}: {}", why.detail()));
    ImageRequest::clone(&parsed.unwrap())
}

#[test]
fn targets() {
    let cases = [
        (
            "",
            [
                "coffee.jpg",
                "coffee.jpg",
                "plain/coffee.jpg",
                "_/coffee.jpg",
            ],
        ),
        (
            "w=300&h=200&format=webp&quality=70",
            [
                "fit-in/300x200/filters:quality(70):format(webp)/coffee.jpg",
                "coffee.jpg?tr=w-300,h-200,c-at_max,q-70,f-webp",
                "rs:fit:300:200/q:70/plain/coffee.jpg@webp",
                "s_300x200,fit_inside,q_70,f_webp/coffee.jpg",
            ],
        ),
        (
            "w=300&h=200&fit=fill&enlarge=1&keep=top_left",
            [
                "300x200/left/top/coffee.jpg",
                "coffee.jpg?tr=w-300,h-200,fo-top_left",
                "rs:fill:300:200:1/g:nowe/plain/coffee.jpg",
                "s_300x200,fit_cover,enlarge,pos_northwest/coffee.jpg",
            ],
        ),
        (
            "w=300&h=200&fit=fill&keep=top&rotate=90&flip_h=1",
            [
                "200x-300/left/filters:no_upscale():rotate(270)/coffee.jpg",
                "coffee.jpg?tr=fl-v,rt-90:w-300,h-200,c-maintain_ratio_no_enlarge,fo-top",
                "rot:90/fl:1:0/rs:fill:300:200/g:no/plain/coffee.jpg",
                "flip,rotate_90,s_300x200,fit_cover,pos_north/coffee.jpg",
            ],
        ),
        (
            "w=300&h=300&fit=pad&background=%23FFCC00&trim=1",
            [
                "trim:10/fit-in/300x300/filters:fill(ffcc00)/coffee.jpg",
                "coffee.jpg?tr=t-10:w-300,h-300,cm-pad_resize_no_enlarge,bg-ffcc00",
                "t:10/rs:fit:300:300/ex:1/bg:ffcc00/plain/coffee.jpg",
                "trim_10,s_300x300,fit_contain,b_ffcc00/coffee.jpg",
            ],
        ),
        (
            "blur=1.5&sharpen=2&grayscale=1&background=ffffff",
            [
                "filters:blur(3):sharpen(0.5):grayscale():background_color(ffffff)/coffee.jpg",
                "coffee.jpg?tr=bl-3,e-sharpen-10,e-grayscale,bg-ffffff",
                "bl:1.5/sh:2/sa:0/bg:ffffff/plain/coffee.jpg",
                "blur_1.5,sharpen_2,grayscale,flatten,b_ffffff/coffee.jpg",
            ],
        ),
    ];
    for (query, targets) in cases {
        for (grammar, expected) in Grammar::ALL.into_iter().zip(targets) {
            let printed = grammar.print(&settings(query), "coffee.jpg");
            assert_eq!(printed.target, expected, "{query}");
            assert_eq!(printed.left_out, [""; 0], "{query}");
        }
    }
}

/// Recipes that touch every control, in many combinations.
fn recipes() -> Vec<String> {
    let sizes = ["", "w=300", "h=200", "w=300&h=200"];
    let fits = ["inside", "fill", "pad", "stretch"];
    let keeps = [
        "center",
        "bottom_right",
        "smart",
        "point&x=100&y=0",
        "point&x=25&y=75",
    ];
    let turns = ["0", "90", "180&flip_h=1", "270&flip_v=1&flip_h=1&trim=1"];
    let filters = [
        "enlarge=1&blur=0.5&format=png",
        "sharpen=1&brightness=-20&contrast=40&saturation=-100&quality=1",
        "grayscale=1&radius=20&background=%23102030&format=avif&quality=100",
        "blur=50&sharpen=10&brightness=100&contrast=-100&saturation=100&format=gif",
        "text=Hello&text_place=bottom_right&text_size=400&text_color=%23ff0000&format=jpeg",
        "text=b64:a,b(c):d/%C3%A9%25+%2B%3F%26&format=webp",
    ];
    let mut all = Vec::new();
    for size in sizes {
        for fit in fits {
            for keep in keeps {
                for turn in turns {
                    for filter in filters {
                        all.push(format!(
                            "{size}&fit={fit}&keep={keep}&rotate={turn}&{filter}"
                        ));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_target_is_read_by_its_dialect() {
    for query in recipes() {
        for grammar in Grammar::ALL {
            for image in ["coffee.jpg", "a folder/smart/é,(1):2.jpg", "b64:x"] {
                let settings = settings(&query);
                let printed = grammar.print(&settings, image);
                let read = parse(grammar, &printed.target);
                assert_eq!(&*read.sources[0], image, "{}", printed.target);
                let output = &read.recipe.output;
                let format = output
                    .format
                    .map(|format| format.to_string().to_ascii_lowercase());
                assert_eq!(format.as_deref(), settings.format, "{}", printed.target);
                assert_eq!(output.quality, settings.quality, "{}", printed.target);
            }
        }
    }
}

fn the_text(request: &ImageRequest) -> Option<String> {
    request.recipe.steps.iter().find_map(|step| match step {
        Step::Overlay(overlay) => match &overlay.content {
            imgward::recipe::Content::Text(text) => Some(text.text.to_string()),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn texts_arrive_as_they_are() {
    for text in [
        "Hello",
        "Hello world",
        "a,b(c):d/é%+?&#@@",
        "b64:SGVsbG8",
        "%41",
        "日本 \"'",
    ] {
        let query = form_urlencoded_text(text);
        for grammar in [Grammar::Imagor, Grammar::ImageKit] {
            let printed = grammar.print(&settings(&query), "coffee.jpg");
            let read = parse(grammar, &printed.target);
            assert_eq!(the_text(&read).as_deref(), Some(text), "{}", printed.target);
        }
        for grammar in [Grammar::Imgproxy, Grammar::Ipx] {
            let printed = grammar.print(&settings(&query), "coffee.jpg");
            assert_eq!(printed.left_out, ["the text"]);
        }
    }
}

fn form_urlencoded_text(text: &str) -> String {
    format!("text={}", utf8_percent_encode(text, PLAIN))
}

/// What is kept, in every way that a dialect says it, is the same corner of the source.
#[test]
fn a_turned_box_keeps_the_same_corner() {
    let corner = |query: &str| {
        let printed = Grammar::Imagor.print(&settings(query), "coffee.jpg");
        let read = parse(Grammar::Imagor, &printed.target);
        let Step::Resize(resize) = &read.recipe.steps[0] else {
            panic!("{query}")
        };
        let Gravity::Anchor {
            horizontal,
            vertical,
            ..
        } = resize.gravity
        else {
            panic!("{query}")
        };
        (resize.width, resize.height, horizontal, vertical)
    };
    let (wide, high) = (Some(Length::from(300)), Some(Length::from(200)));
    let cases = [
        ("rotate=0", wide, high, Align::Start, Align::Start),
        ("rotate=90", high, wide, Align::Start, Align::End),
        ("rotate=180", wide, high, Align::End, Align::End),
        ("rotate=270", high, wide, Align::End, Align::Start),
        ("flip_h=1", wide, high, Align::End, Align::Start),
        ("rotate=90&flip_h=1", high, wide, Align::Start, Align::Start),
    ];
    for (turn, width, height, horizontal, vertical) in cases {
        let found = corner(&format!("w=300&h=200&fit=fill&keep=top_left&{turn}"));
        assert_eq!(found, (width, height, horizontal, vertical), "{turn}");
    }
}

#[test]
fn what_a_dialect_cannot_say_is_named() {
    let all = "w=9&h=9&fit=fill&keep=point&brightness=1&contrast=1&saturation=1&radius=1&text=a";
    let expected: [&[&str]; 4] = [
        &[],
        &["the focal point", "brightness", "contrast", "saturation"],
        &["rounded corners", "the text"],
        &["the focal point", "contrast", "rounded corners", "the text"],
    ];
    for (grammar, expected) in Grammar::ALL.into_iter().zip(expected) {
        assert_eq!(grammar.print(&settings(all), "a.jpg").left_out, expected);
    }
}

#[test]
fn the_same_size_in_every_dialect() {
    for (fit, mode) in [
        ("inside", ResizeMode::Fit),
        ("fill", ResizeMode::Fill),
        ("pad", ResizeMode::Fit),
        ("stretch", ResizeMode::Force),
    ] {
        for grammar in Grammar::ALL {
            let settings = settings(&format!("w=300&h=200&enlarge=1&fit={fit}"));
            let printed = grammar.print(&settings, "coffee.jpg");
            let read = parse(grammar, &printed.target);
            let resize = read.recipe.steps.iter().find_map(|step| match step {
                Step::Resize(resize) => Some(resize),
                _ => None,
            });
            let Resize { width, height, .. } = resize.unwrap();
            assert_eq!(resize.unwrap().mode, mode, "{}", printed.target);
            assert_eq!((*width, *height), (Some(300.into()), Some(200.into())));
        }
    }
}

#[test]
fn contrast_is_what_imgproxy_makes_of_it() {
    for percent in [-100.0, -50.0, -1.0, 25.0, 60.0] {
        let settings = settings(&format!("contrast={percent}"));
        let printed = Grammar::Imgproxy.print(&settings, "coffee.jpg");
        let read = parse(Grammar::Imgproxy, &printed.target);
        let [Step::Contrast(found)] = read.recipe.steps[..] else {
            panic!("{printed:?}")
        };
        assert!((found - percent).abs() < 0.2, "{percent}: {found}");
    }
}

#[test]
fn schemes_go_with_grammars() {
    for grammar in Grammar::ALL {
        let scheme = match grammar {
            Grammar::Ipx => "optstuff",
            other => other.name(),
        };
        assert!(scheme.parse::<Scheme>().is_ok(), "{scheme}");
    }
}
