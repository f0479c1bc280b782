//! What cannot be said is an error that names it.

use super::*;
use crate::recipe::{
    Blank, Checksum, ClientHints, Color, Comparator, Comparison, Computed, Condition, Description,
    Digest, Expression, Extract, Fact, Factors, Format, Gravity, Kernel, Length, Operator, Orient,
    Property, Resize, ResizeMode, Step, Term, Variable, Words,
};

fn field(url: &ImageUrl) -> &'static str {
    match url.unsigned() {
        Err(why) => why.field().unwrap_or_else(|| panic!("{why}")),
        Ok(written) => panic!("{written}"),
    }
}

fn resized(resize: Resize) -> ImageRequest {
    let mut request = ImageUrl::plain("a.jpg");
    request.recipe.steps.push(Step::Resize(resize));
    request
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn the_field_is_named() {
    let fill = || Resize::to(300, 200, ResizeMode::Fill);
    let factors = Some(Factors {
        pixel_ratio: 2.0,
        extended: false,
    });
    let output = |edit: fn(&mut crate::recipe::Output)| {
        let mut request = ImageUrl::plain("a.jpg");
        edit(&mut request.recipe.output);
        request
    };
    let request = |edit: fn(&mut ImageRequest)| {
        let mut request = ImageUrl::plain("a.jpg");
        edit(&mut request);
        request
    };
    let [imagor, imagekit, imgproxy, ipx] = [
        Dialect::imagor(),
        Dialect::imagekit(),
        Dialect::imgproxy(),
        Dialect::ipx(),
    ];
    let cases = [
        (
            &imagor,
            resized(Resize { factors, ..fill() }),
            "Resize.factors",
        ),
        (
            &imagor,
            resized(Resize {
                kernel: Kernel::Box,
                ..fill()
            }),
            "Kernel::Box",
        ),
        (
            &imagor,
            resized(Resize {
                min_width: Some(1),
                ..fill()
            }),
            "Resize.min_width",
        ),
        (
            &imagor,
            resized(Resize {
                linear: Some(true),
                ..fill()
            }),
            "Resize.linear",
        ),
        (
            &imagor,
            resized(Resize {
                width: Some(Length::Fraction(0.5)),
                ..fill()
            }),
            "Resize.width",
        ),
        (
            &imagor,
            resized(Resize {
                width: Some(Length::Pixels(0.5)),
                ..fill()
            }),
            "Resize.width",
        ),
        (
            &imagor,
            output(|output| output.likeness = Some(70.0)),
            "Output.likeness",
        ),
        (
            &imagor,
            output(|output| output.colors = Some(17)),
            "Output.colors",
        ),
        (
            &imagor,
            output(|output| output.format = Some(Format::Bmp)),
            "Format::Bmp",
        ),
        (
            &imagekit,
            resized(Resize {
                adaptive: true,
                ..fill()
            }),
            "Resize.adaptive",
        ),
        (
            &imagekit,
            output(|output| output.effort = Some(1)),
            "Output.effort",
        ),
        (
            &imagekit,
            output(|output| output.format = Some(Format::Ico)),
            "Format::Ico",
        ),
        (
            &imgproxy,
            resized(Resize {
                enlarge: false,
                ..fill()
            }),
            "Resize.factors",
        ),
        (
            &imgproxy,
            resized(Resize {
                factors,
                kernel: Kernel::Mitchell,
                ..fill()
            }),
            "Kernel::Mitchell",
        ),
        (
            &imgproxy,
            output(|output| output.progressive = Some(false)),
            "Output.progressive",
        ),
        (
            &ipx,
            resized(Resize {
                enlarge: false,
                ..fill()
            }),
            "Resize.enlarge",
        ),
        (
            &ipx,
            output(|output| output.keep_profile = true),
            "Output.keep_profile",
        ),
        (
            &imagor,
            output(|output| output.quality_range = Some((40, 80))),
            "Output.quality_range",
        ),
        (
            &imagor,
            output(|output| output.answer = Answer::OriginalOf(vec![Format::Gif])),
            "Answer::OriginalOf",
        ),
        (
            &imagor,
            output(|output| output.answer = Answer::Document("{}".into())),
            "Answer::Document",
        ),
        (
            &imagor,
            request(|request| request.fallback = Some("b.jpg".into())),
            "ImageRequest.fallback",
        ),
        (
            &imagor,
            request(|request| request.recipe.input.page = Some(0)),
            "Input.page",
        ),
        (
            &imagekit,
            output(|output| output.answer = Answer::Document("{}".into())),
            "Answer::Document",
        ),
        (
            &imagekit,
            request(|request| request.client_hints = Some(ClientHints::default())),
            "ImageRequest.client_hints",
        ),
        (
            &imagekit,
            request(|request| request.fallback = Some("a:b.jpg".into())),
            "ImageRequest.fallback",
        ),
        (
            &imgproxy,
            output(|output| output.answer = Answer::Document("{}".into())),
            "Answer::Document",
        ),
        (
            &imgproxy,
            output(|output| {
                output.answer = Answer::Description(Description {
                    words: Words::Imgproxy,
                    facts: vec![Fact::Orientation],
                });
            }),
            "Fact::Orientation",
        ),
        (
            &imgproxy,
            request(|request| {
                request.recipe.input.blank = Some(Blank {
                    width: 1,
                    height: 1,
                    color: Color::BLACK,
                });
            }),
            "Input.blank",
        ),
        (
            &ipx,
            output(|output| output.answer = Answer::Original),
            "Answer::Original",
        ),
        (
            &ipx,
            request(|request| {
                request.recipe.input.checksum = Some(Checksum {
                    digest: Digest::Sha1,
                    value: [0; 20].into(),
                });
            }),
            "Input.checksum",
        ),
    ];
    for (dialect, request, expected) in cases {
        let url = ImageUrl::of(dialect, request);
        assert_eq!(field(&url), expected, "{url:?}");
    }
}

#[test]
fn numbers_that_are_none_are_no_urls() {
    for dialect in [
        Dialect::imagor(),
        Dialect::imagekit(),
        Dialect::imgproxy(),
        Dialect::ipx(),
    ] {
        for number in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            let mut request = ImageUrl::plain("a.jpg");
            request.recipe.steps.push(Step::Blur { sigma: number });
            let written = ImageUrl::of(&dialect, request).unsigned();
            if number < 1e300
                || number.is_nan()
                || !matches!(dialect.grammar, Grammar::Imagor { .. })
            {
                assert!(written.is_err(), "{written:?}");
            }
        }
    }
}

#[test]
fn orders_that_a_grammar_has_not_are_errors() {
    let steps = |steps: Vec<Step>| {
        let mut request = ImageUrl::plain("a.jpg");
        request.recipe.steps = steps;
        request
    };
    let resize = || Step::Resize(Resize::to(30, 20, ResizeMode::Fill));
    let late = steps(vec![Step::Blur { sigma: 2.0 }, resize()]);
    assert!(
        ImageUrl::of(&Dialect::imagor(), late.clone())
            .unsigned()
            .is_err()
    );
    assert!(
        ImageUrl::of(&Dialect::ipx(), late.clone())
            .unsigned()
            .is_err()
    );
    // Where there are chains, all orders can be said.
    assert_eq!(
        ImageUrl::of(&Dialect::imagekit(), late.clone())
            .unsigned()
            .unwrap(),
        "/tr:bl-4:w-30,h-20/a.jpg"
    );
    assert_eq!(
        ImageUrl::of(&Dialect::imgproxy(), late).unsigned().unwrap(),
        "/insecure/bl:2/-/rs:fill:30:20:1/kcr:0/plain/a.jpg"
    );
}

#[test]
fn expressions_that_need_parentheses_are_errors() {
    let number = |number| Term::Number(number);
    let width = Term::Variable(Variable::Current(Property::Width));
    let operator = Term::Operator;
    let cases = [
        (
            vec![width, number(2.0), operator(Operator::Divide)],
            Some("cw_div_2"),
        ),
        (
            vec![
                number(1.0),
                width,
                number(2.0),
                operator(Operator::Add),
                operator(Operator::Divide),
            ],
            None,
        ),
        (vec![width, number(-2.0), operator(Operator::Add)], None),
        (vec![width, number(2.0), operator(Operator::Min)], None),
    ];
    for (terms, expected) in cases {
        let mut request = ImageUrl::plain("a.jpg");
        request.recipe.steps.push(Step::Computed(Box::new(Computed {
            lengths: vec![Expression::postfix(terms).unwrap()],
            steps: vec![Step::Resize(Resize {
                width: Some(Length::Computed(0)),
                ..Resize::to(0, 0, ResizeMode::Fill)
            })],
        })));
        let written = ImageUrl::of(&Dialect::imagekit(), request).unsigned().ok();
        let expected = expected.map(|text| format!("/tr:w-{text}/a.jpg"));
        assert_eq!(written, expected);
    }
}

#[test]
fn what_no_origin_can_be_asked_for_is_refused() {
    for name in ["", "../a.jpg", "a\nb.jpg"] {
        for url in [
            ImageUrl::imagor(name),
            ImageUrl::imagekit(name),
            ImageUrl::imgproxy(name),
            ImageUrl::ipx(name),
        ] {
            let why = url.fit_in(9, 0).unsigned().unwrap_err();
            assert!(
                matches!(why, ImageUrlError::Refused { .. }),
                "{name:?}: {why}"
            );
        }
    }
}

#[test]
fn names_that_are_changed_on_the_way_are_errors() {
    let url = ImageUrl::ipx("/a.jpg");
    assert_eq!(field(&url), "ImageRequest.sources");
    let mut request = ImageUrl::plain("a.jpg");
    request.recipe.input.orient = Orient::Stored;
    assert_eq!(
        field(&ImageUrl::of(&Dialect::imagor(), request)),
        "Orient::Stored"
    );
}

#[test]
fn what_has_no_place_is_an_error() {
    let mut request = ImageUrl::plain("a.jpg");
    request.recipe.steps.push(Step::Extract(Extract {
        width: None,
        height: None,
        gravity: Gravity::Focus(Vec::new()),
        inside: false,
    }));
    for dialect in [
        Dialect::imagor(),
        Dialect::imgproxy(),
        Dialect::imagekit(),
        Dialect::ipx(),
    ] {
        assert!(ImageUrl::of(&dialect, request.clone()).unsigned().is_err());
    }
    let unordered = Comparison {
        left: 1.0.into(),
        comparator: Comparator::Less,
        right: 2.0.into(),
    };
    let mut request = ImageUrl::plain("a.jpg");
    request
        .recipe
        .steps
        .push(Step::If(Box::new(crate::recipe::Choice {
            condition: Condition {
                any: vec![vec![unordered]],
            },
            then: vec![Step::Grayscale],
            otherwise: Vec::new(),
        })));
    assert_eq!(
        field(&ImageUrl::of(&Dialect::imagekit(), request)),
        "Comparison.left"
    );
}
