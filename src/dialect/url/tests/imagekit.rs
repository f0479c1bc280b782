//! Requests that ImageKit can ask for.

mod effects;

use self::effects::{effect, layer};
use super::draw::Draw;
use crate::recipe::{
    Align, Answer, Backdrop, Border, Choice, Color, Comparator, Comparison, Computed, Condition,
    Expression, Extend, Extract, Format, Gradient, Gravity, ImageRequest, Length, Metadata,
    Operator, Property, Recipe, Resize, ResizeMode, Rotate, Step, Term, Variable,
};

pub(super) fn request(draw: &mut Draw) -> ImageRequest {
    let mut request = ImageRequest::new(draw.name(), Recipe::default());
    request.attachment = draw.maybe(|draw| draw.pick(&["", "a b&c.png"]).into());
    request.fallback = draw.maybe(|draw| draw.pick(&["none.png", "a b/c-d@e%f.png"]).into());
    if draw.once_in(12) {
        request.recipe.output.answer = Answer::Original;
        request.recipe.output.keep_format = true;
        return request;
    }
    request.recipe.steps = chain(draw, &mut request.sources, 0);
    request.recipe.input.page = draw.maybe(|draw| draw.below(9));
    let output = &mut request.recipe.output;
    output.format = draw.maybe(|draw| {
        draw.pick(&[
            Format::Jpeg,
            Format::Png,
            Format::WebP,
            Format::Avif,
            Format::Gif,
        ])
    });
    output.keep_format = output.format.is_none() && draw.flag();
    output.quality = draw.maybe(|draw| draw.pick(&[1, 80, 100]));
    output.progressive = draw.maybe(Draw::flag);
    output.lossless = draw.flag();
    output.keep_profile = draw.flag();
    if draw.flag() {
        output.metadata = Metadata::Keep;
    }
    request
}

fn chain(draw: &mut Draw, sources: &mut Vec<Box<str>>, depth: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..draw.below(if depth == 0 { 6 } else { 3 }) {
        match draw.below(10) {
            0 | 1 => steps.append(&mut sized(draw)),
            2 => steps.push(computed(draw)),
            3 if depth < 3 => steps.push(choice(draw, sources, depth)),
            4 if depth < 3 && sources.len() < 9 => steps.push(layer(draw, sources, depth)),
            5 => steps.append(&mut on_background(draw)),
            _ => steps.push(effect(draw)),
        }
    }
    steps
}

fn gravity(draw: &mut Draw) -> Gravity {
    if draw.once_in(4) {
        Gravity::Smart
    } else {
        draw.anchor()
    }
}

fn sides(draw: &mut Draw) -> [Option<Length>; 2] {
    let [width, height] = [draw.pixels(1, 900), draw.pixels(1, 900)];
    draw.pick(&[
        [Some(width), Some(height)],
        [Some(width), None],
        [None, Some(height)],
    ])
}

fn color(draw: &mut Draw) -> Color {
    // Half, in percent.
    let alpha = draw.pick(&[255, 128, 0]);
    Color {
        alpha,
        ..draw.opaque()
    }
}

fn backdrop(draw: &mut Draw, blurred: bool) -> Backdrop {
    match draw.below(5) {
        0 if blurred => Backdrop::Blurred {
            sigma: draw.whole(1, 100) / 2.0,
            brightness: draw.pick(&[-20, 0, 255]),
        },
        1 => Backdrop::Dominant,
        2 => Backdrop::DominantGradient {
            colors: draw.pick(&[2, 4]),
        },
        _ => Backdrop::Color(color(draw)),
    }
}

fn resize(draw: &mut Draw, [width, height]: [Option<Length>; 2]) -> Resize {
    let (mode, enlarge) = draw.pick(&[
        (ResizeMode::Fill, true),
        (ResizeMode::Fill, false),
        (ResizeMode::Fit, true),
        (ResizeMode::Fit, false),
        (ResizeMode::Cover, true),
        (ResizeMode::Force, true),
    ]);
    Resize {
        width,
        height,
        enlarge,
        shrink_box: mode == ResizeMode::Fill && !enlarge,
        gravity: gravity(draw),
        ..Resize::to(0, 0, mode)
    }
}

/// A new size, by numbers that are known.
fn sized(draw: &mut Draw) -> Vec<Step> {
    let sides = sides(draw);
    if draw.flag() {
        let resize = resize(draw, sides);
        let fits = resize.mode == ResizeMode::Fit;
        let canvas = draw
            .flag()
            .then(|| canvas(draw, sides, resize.gravity.clone()));
        let turn = canvas.as_ref().and_then(|canvas| turn_on(draw, canvas));
        let mut steps = vec![Step::Resize(resize)];
        if fits {
            steps.extend(canvas.map(Step::Extend));
            steps.extend(turn);
        }
        return steps;
    }
    let place = match draw.below(3) {
        0 => gravity(draw),
        1 => Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: Length::Pixels(draw.signed(40)),
            y: Length::Pixels(draw.whole(1, 40)),
        },
        _ => Gravity::Point {
            x: Length::Pixels(draw.whole(0, 40)),
            y: Length::Pixels(draw.signed(40)),
        },
    };
    let [width, height] = sides;
    let by_side = matches!(place, Gravity::Anchor { x, y, .. }
        if (x, y) == (Length::default(), Length::default()))
        || place == Gravity::Smart;
    let of_canvas = if by_side {
        place.clone()
    } else {
        Gravity::default()
    };
    let mut steps = vec![Step::Extract(Extract {
        width,
        height,
        gravity: place,
        inside: false,
    })];
    if draw.flag() {
        steps.push(Step::Extend(Extend {
            backdrop: Backdrop::Color(color(draw)),
            ..canvas(draw, sides, of_canvas)
        }));
        if let Some(Step::Extend(extend)) = steps.last_mut()
            && !extend.flatten
        {
            extend.backdrop = Backdrop::default();
        }
    }
    steps
}

fn canvas(draw: &mut Draw, [width, height]: [Option<Length>; 2], gravity: Gravity) -> Extend {
    let flatten = draw.flag();
    Extend {
        width,
        height,
        gravity,
        backdrop: if flatten {
            backdrop(draw, true)
        } else {
            Backdrop::default()
        },
        flatten,
        ..Extend::default()
    }
}

/// A turn whose corners are of the colour of the canvas.
fn turn_on(draw: &mut Draw, canvas: &Extend) -> Option<Step> {
    match canvas.backdrop {
        Backdrop::Color(background) if canvas.flatten && draw.flag() => {
            Some(Step::Rotate(Rotate {
                degrees: draw.signed(360),
                background,
            }))
        }
        _ => None,
    }
}

/// What is laid on a colour, after a turn or without.
fn on_background(draw: &mut Draw) -> Vec<Step> {
    let background = Color {
        alpha: draw.pick(&[255, 128]),
        ..draw.opaque()
    };
    let mut steps = Vec::new();
    if draw.flag() {
        steps.push(Step::Rotate(Rotate {
            degrees: draw.whole(1, 89),
            background,
        }));
        if draw.flag() {
            steps.push(Step::Grayscale);
        }
    }
    let backdrop = if steps.is_empty() {
        backdrop(draw, false)
    } else {
        Backdrop::Color(background)
    };
    steps.push(Step::Extend(Extend {
        backdrop,
        flatten: true,
        ..Extend::default()
    }));
    steps
}

fn variable(draw: &mut Draw) -> Term {
    let property = draw.pick(&[Property::Width, Property::Height, Property::Ratio]);
    Term::Variable(draw.pick(&[
        Variable::Initial(property),
        Variable::Current(property),
        Variable::Base(property),
    ]))
}

/// Of a variable and a number at least, so that it is not known.
fn terms(draw: &mut Draw) -> Vec<Term> {
    let loose = [Operator::Add, Operator::Subtract];
    let tight = [Operator::Multiply, Operator::Divide];
    let last = [Operator::Remainder, Operator::Power];
    let mut terms = vec![variable(draw), Term::Number(draw.whole(1, 40) / 4.0)];
    if draw.flag() {
        terms.push(Term::Operator(draw.pick(&tight)));
        terms.extend([variable(draw), Term::Operator(draw.pick(&loose))]);
    } else {
        terms.push(Term::Operator(draw.pick(&loose)));
        terms.extend([
            Term::Number(draw.whole(2, 9)),
            Term::Operator(draw.pick(&last)),
        ]);
    }
    terms
}

fn expression(draw: &mut Draw) -> Expression {
    Expression::postfix(terms(draw)).unwrap()
}

/// A step that has lengths which are not known.
fn computed(draw: &mut Draw) -> Step {
    let mut lengths = vec![expression(draw)];
    let first = Length::Computed(0);
    let steps = match draw.below(6) {
        0 => {
            let sides = [Some(first), draw.maybe(|draw| draw.pixels(1, 400))];
            vec![Step::Resize(resize(draw, sides))]
        }
        1 => vec![Step::Extract(Extract {
            width: Some(Length::Pixels(100.0)),
            height: None,
            gravity: Gravity::Point {
                x: first,
                y: Length::Pixels(7.0),
            },
            inside: false,
        })],
        2 => vec![Step::Border(Border {
            width: first,
            color: color(draw),
        })],
        3 => vec![Step::Gradient(Gradient {
            degrees: draw.whole(0, 360),
            from: color(draw),
            to: color(draw),
            stop: first,
        })],
        4 => {
            let grown = |mut terms: Vec<Term>, of| {
                let image = Term::Variable(Variable::Current(of));
                terms.extend([image, Term::Operator(Operator::Max)]);
                Expression::postfix(terms).unwrap()
            };
            let known = Term::Number(draw.whole(1, 400));
            lengths = vec![
                grown(terms(draw), Property::Width),
                grown(vec![known], Property::Height),
            ];
            let gravity = draw.anchor();
            let sides = [Some(first), Some(Length::Computed(1))];
            vec![Step::Extend(canvas(draw, sides, gravity))]
        }
        _ => {
            lengths.push(expression(draw));
            let sides = [Some(first), Some(Length::Computed(1))];
            let resize = Resize {
                enlarge: draw.flag(),
                ..Resize::to(0, 0, ResizeMode::Fit)
            };
            let [width, height] = sides;
            vec![
                Step::Resize(Resize {
                    width,
                    height,
                    ..resize
                }),
                Step::Extend(canvas(draw, sides, Gravity::default())),
            ]
        }
    };
    Step::Computed(Box::new(Computed { lengths, steps }))
}

fn choice(draw: &mut Draw, sources: &mut Vec<Box<str>>, depth: u32) -> Step {
    if draw.once_in(3) {
        return with_pixel_ratio(draw);
    }
    let comparator = [
        Comparator::Equal,
        Comparator::NotEqual,
        Comparator::Less,
        Comparator::LessOrEqual,
        Comparator::Greater,
        Comparator::GreaterOrEqual,
    ];
    let mut comparison = || Comparison {
        left: Expression::postfix(vec![variable(draw)]).unwrap(),
        comparator: draw.pick(&comparator),
        right: if draw.flag() {
            draw.whole(1, 900).into()
        } else {
            expression(draw)
        },
    };
    let any = vec![vec![comparison(), comparison()], vec![comparison()]];
    Step::If(Box::new(Choice {
        condition: Condition { any },
        then: chain(draw, sources, depth + 1),
        otherwise: chain(draw, sources, depth + 1),
    }))
}

/// As `w-WIDTH,dpr-RATIO` is: the height is only known when the image is there.
fn with_pixel_ratio(draw: &mut Draw) -> Step {
    let (width, ratio) = (draw.whole(1, 900), draw.pick(&[2.0, 1.5]));
    let height = Expression::postfix(vec![
        Term::Number(width * ratio),
        Term::Variable(Variable::Current(Property::Ratio)),
        Term::Operator(Operator::Divide),
    ])
    .unwrap();
    let compare = |comparator, right: f64| {
        vec![Comparison {
            left: height.clone(),
            comparator,
            right: right.into(),
        }]
    };
    let resize = resize(draw, [Some(Length::Pixels(width)), None]);
    Step::If(Box::new(Choice {
        condition: Condition {
            any: vec![
                compare(Comparator::Less, 1.0),
                compare(Comparator::Greater, 5000.0),
            ],
        },
        then: vec![Step::Resize(resize.clone())],
        otherwise: vec![Step::Resize(Resize {
            width: Some(Length::Pixels(width * ratio)),
            ..resize
        })],
    }))
}
