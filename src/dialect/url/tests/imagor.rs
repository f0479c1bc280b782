//! Requests that imagor can ask for.

use super::draw::Draw;
use crate::recipe::{
    Align, Answer, Backdrop, Blank, Blend, Color, Computed, Content, Crop, Description, Expression,
    Extend, Extract, Fact, Focus, Format, Gravity, ImageRequest, Length, Metadata, Modulation,
    Operator, Orient, Overlay, Position, Property, Resize, ResizeMode, Rotate, RoundCorners,
    Sharpen, Step, Term, Text, TextAlign, TextWrap, Trim, TrimColor, Unit, Variable, Words,
};

pub(super) fn request(draw: &mut Draw) -> ImageRequest {
    let mut request = ImageRequest {
        attachment: draw.maybe(|draw| draw.pick(&["", "a b.png", "b64:x"]).into()),
        max_age: draw.maybe(|draw| draw.below(9999).into()),
        ..ImageRequest::default()
    };
    if draw.once_in(12) {
        request.sources.push(draw.name());
        request.recipe.output.answer = Answer::Original;
        request.recipe.output.keep_format = true;
        return request;
    }
    let blank = draw.once_in(6);
    if !blank {
        request.sources.push(draw.name());
    }
    let made = steps(draw, &mut request.sources, 0);
    request.recipe.steps = made.steps;
    let input = &mut request.recipe.input;
    if blank {
        let (width, height) = square(made.size);
        input.blank = Some(Blank {
            width,
            height,
            color: color(draw),
        });
    }
    input.page = draw.maybe(|draw| draw.from(1, 9));
    input.max_frames = draw.maybe(|draw| draw.from(1, 99));
    input.density = draw.maybe(|draw| draw.whole(1, 600));
    if draw.flag() {
        input.orient = Orient::Turns(draw.pick(&[1, 2, 3]));
    }
    let output = &mut request.recipe.output;
    output.format = draw.maybe(|draw| {
        draw.pick(&[
            Format::Jpeg,
            Format::Png,
            Format::WebP,
            Format::Avif,
            Format::Gif,
            Format::Tiff,
            Format::Jxl,
        ])
    });
    output.quality = draw.maybe(|draw| draw.pick(&[1, 80, 100]));
    output.max_bytes = draw.maybe(|draw| u64::from(draw.from(1, 99_999)));
    output.lossless = draw.flag();
    output.colors = draw.maybe(|draw| draw.pick(&[2, 4, 16, 256]));
    output.otherwise = Some(Format::Jpeg);
    if draw.flag() {
        output.metadata = Metadata::Keep;
    }
    if draw.once_in(6) {
        output.answer = Answer::Description(description(draw));
        request.attachment = None;
    }
    request
}

fn description(draw: &mut Draw) -> Description {
    let mut facts = vec![
        Fact::Format,
        Fact::Dimensions,
        Fact::Orientation,
        Fact::Frames,
        Fact::Samples,
    ];
    facts.extend(draw.maybe(|_| Fact::Exif));
    let (across, down) = (draw.from(1, 9), draw.from(1, 9));
    let hash = [across, down].map(|waves| u8::try_from(waves).unwrap());
    facts.extend(draw.maybe(|_| Fact::ThumbHash));
    facts.extend(draw.maybe(|_| Fact::BlurHash(hash[0], hash[1])));
    facts.extend(draw.maybe(|_| Fact::Average));
    Description {
        words: Words::Imagor,
        facts,
    }
}

fn color(draw: &mut Draw) -> Color {
    Color {
        alpha: draw.pick(&[0, 9, 255]),
        ..draw.opaque()
    }
}

/// The size of an image of one colour.
fn square([width, height]: [u32; 2]) -> (u32, u32) {
    match (width, height) {
        (0, 0) => (1, 1),
        (0, side) | (side, 0) => (side, side),
        size => size,
    }
}

/// Steps, and the size of their URL.
#[derive(Default)]
struct Made {
    steps: Vec<Step>,
    size: [u32; 2],
    /// Which sides are those of the image beneath.
    full: [bool; 2],
}

/// A side of an image, less so many pixels.
fn shorter(draw: &mut Draw, side: Variable) -> Expression {
    Expression::postfix(vec![
        Term::Variable(side),
        Term::Number(draw.pick(&[0.0, 20.0])),
        Term::Operator(Operator::Subtract),
    ])
    .unwrap()
}

fn steps(draw: &mut Draw, sources: &mut Vec<Box<str>>, depth: u32) -> Made {
    let mut steps = Vec::new();
    match draw.below(4) {
        0 => steps.push(Step::Trim(Trim {
            crop: draw.maybe(crop),
            ..trim(draw)
        })),
        1 => steps.push(Step::Crop(crop(draw))),
        _ => {}
    }
    let mut size = [0; 2];
    let mut sides = [Length::default(); 2];
    let mut full = [false; 2];
    let mut lengths = Vec::new();
    if !draw.once_in(3) {
        size = [draw.below(900), draw.from(1, 900)];
        if draw.flag() {
            size.swap(0, 1);
        }
        sides = size.map(Length::from);
        for (at, of) in [Property::Width, Property::Height].into_iter().enumerate() {
            if depth > 0 && draw.once_in(3) {
                (full[at], size[at]) = (true, 0);
                sides[at] = Length::Computed(u8::try_from(lengths.len()).unwrap());
                lengths.push(shorter(draw, Variable::Base(of)));
            }
        }
        let given = |side: Length| Some(side).filter(|side| *side != Length::default());
        steps.push(Step::Resize(Resize {
            width: given(sides[0]),
            height: given(sides[1]),
            ..resize(draw, size)
        }));
    }
    if draw.once_in(3) {
        steps.push(Step::Flip {
            horizontal: true,
            vertical: draw.flag(),
        });
    }
    let margins = if draw.flag() {
        [0; 4]
    } else {
        [0; 4].map(|_| draw.below(40))
    };
    let mut turned = false;
    for _ in 0..draw.below(5) {
        let step = match draw.below(9) {
            0 => fill(draw, sides, margins, turned),
            1 | 2 => overlay(draw, sources, depth),
            _ => filter(draw),
        };
        if let Step::Rotate(rotate) = &step {
            turned ^= rotate.degrees.rem_euclid(180.0) != 0.0;
        }
        steps.push(step);
    }
    if !lengths.is_empty() {
        steps = vec![Step::Computed(Box::new(Computed { lengths, steps }))];
    }
    Made { steps, size, full }
}

fn trim(draw: &mut Draw) -> Trim {
    Trim {
        tolerance: draw.whole(1, 255),
        color: draw.pick(&[TrimColor::TopLeft, TrimColor::BottomRight]),
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    }
}

fn crop(draw: &mut Draw) -> Crop {
    let unit = draw.pick(&[Unit::Pixels, Unit::Fraction]);
    let mut edge = |low| match unit {
        Unit::Pixels => draw.whole(low, 99),
        Unit::Fraction => draw.part(),
    };
    Crop {
        left: edge(0),
        top: edge(0),
        right: edge(2),
        bottom: edge(2),
        unit,
        one_short: true,
    }
}

fn resize(draw: &mut Draw, [width, height]: [u32; 2]) -> Resize {
    let mode = draw.pick(&[
        ResizeMode::Fill,
        ResizeMode::Fit,
        ResizeMode::Cover,
        ResizeMode::Force,
    ]);
    let fits = matches!(mode, ResizeMode::Fit | ResizeMode::Cover);
    Resize {
        enlarge: draw.flag(),
        adaptive: fits && draw.flag(),
        gravity: match draw.below(4) {
            0 => Gravity::Smart,
            1 => Gravity::Focus((0..draw.from(1, 2)).map(|_| focus(draw)).collect()),
            _ => draw.anchor(),
        },
        ..Resize::to(width, height, mode)
    }
}

fn focus(draw: &mut Draw) -> Focus {
    let unit = draw.pick(&[Unit::Pixels, Unit::Fraction]);
    let mut edges = || match unit {
        Unit::Pixels => (draw.whole(2, 40), draw.whole(50, 90)),
        Unit::Fraction => (draw.whole(1, 40) / 100.0, draw.whole(50, 90) / 100.0),
    };
    let ((left, right), (top, bottom)) = (edges(), edges());
    if draw.flag() {
        return Focus {
            left,
            top,
            right: left,
            bottom: top,
            unit,
        };
    }
    Focus {
        left,
        top,
        right,
        bottom,
        unit,
    }
}

fn backdrop(draw: &mut Draw) -> (Backdrop, bool) {
    match draw.below(4) {
        0 => (Backdrop::Average, true),
        1 => (
            Backdrop::Blurred {
                sigma: 50.0,
                brightness: 0,
            },
            false,
        ),
        2 => (Backdrop::Color(Color::TRANSPARENT), false),
        _ => (Backdrop::Color(draw.opaque()), true),
    }
}

fn fill(draw: &mut Draw, mut size: [Length; 2], mut margins: [u32; 4], turned: bool) -> Step {
    if turned {
        size.swap(0, 1);
        margins.swap(0, 1);
        margins.swap(2, 3);
    }
    let [left, top, right, bottom] = margins.map(Length::from);
    let (backdrop, flatten) = backdrop(draw);
    Step::Extend(Extend {
        width: Some(size[0]),
        height: Some(size[1]),
        left,
        top,
        right,
        bottom,
        backdrop,
        flatten,
        ..Extend::default()
    })
}

fn length(draw: &mut Draw) -> Length {
    if draw.flag() {
        Length::Fraction(draw.part())
    } else {
        draw.pixels(1, 99)
    }
}

fn filter(draw: &mut Draw) -> Step {
    match draw.below(17) {
        0 => Step::Trim(trim(draw)),
        1 => Step::Extract(Extract {
            width: Some(length(draw)),
            height: Some(length(draw)),
            gravity: Gravity::Anchor {
                horizontal: Align::Start,
                vertical: Align::Start,
                x: length(draw),
                y: length(draw),
            },
            inside: false,
        }),
        2 => {
            let zoom = draw.part();
            Step::Resize(Resize {
                zoom: [zoom, zoom],
                truncate: true,
                ..Resize::to(0, 0, ResizeMode::Force)
            })
        }
        3 => {
            let (backdrop, flatten) = backdrop(draw);
            Step::Extend(Extend {
                left: draw.pixels(0, 30),
                top: draw.pixels(0, 30),
                right: draw.pixels(0, 30),
                bottom: draw.pixels(0, 30),
                backdrop,
                flatten,
                ..Extend::default()
            })
        }
        4 => Step::Rotate(Rotate {
            degrees: draw.pick(&[90.0, 180.0, 270.0]),
            background: Color::TRANSPARENT,
        }),
        5 => Step::Flatten(Backdrop::Color(draw.opaque())),
        6 => Step::Blur {
            sigma: draw.part() * 10.0,
        },
        7 => Step::Sharpen(Sharpen {
            jagged: 2.0,
            threshold: 1.0,
            ..Sharpen::by(1.0 + draw.part() * 3.0)
        }),
        8 => Step::Pixelate {
            size: draw.from(2, 40),
            whole: true,
        },
        9 => Step::Rgb {
            red: draw.signed(100),
            green: draw.signed(100),
            blue: draw.signed(100),
        },
        10 => {
            let all = draw.signed(100);
            Step::Rgb {
                red: all,
                green: all,
                blue: all,
            }
        }
        11 => Step::Contrast(draw.signed(100)),
        12 => Step::Modulate(Modulation {
            lightness: 1.0 + draw.signed(100) / 100.0,
            saturation: 1.0 + draw.signed(100) / 100.0,
            hue: draw.signed(360),
        }),
        13 => Step::Modulate(Modulation {
            saturation: 1.0 + draw.signed(100) / 100.0,
            ..Modulation::default()
        }),
        14 => Step::Grayscale,
        15 => Step::Negate,
        _ => Step::RoundCorners(RoundCorners {
            radii: [(draw.pixels(1, 40), draw.pixels(0, 40)); 4],
            background: draw.maybe(Draw::opaque),
        }),
    }
}

fn position(draw: &mut Draw) -> Position {
    match draw.below(7) {
        0 => Position::Center(Length::default()),
        1 => Position::Repeat(Length::default()),
        2 => Position::Start(Length::Pixels(draw.signed(50))),
        3 => Position::End(Length::Pixels(draw.signed(50))),
        4 => Position::End(Length::Fraction(draw.part())),
        5 => Position::Start(Length::Fraction(draw.whole(100, 300) / 100.0)),
        _ => Position::Start(Length::Fraction(draw.part())),
    }
}

fn overlay(draw: &mut Draw, sources: &mut Vec<Box<str>>, depth: u32) -> Step {
    let text = draw.once_in(3);
    // There are at most eight, and they lie at most two deep.
    let nested = depth < 2 && sources.len() < 6 && draw.once_in(3);
    let made = if nested && !text {
        steps(draw, sources, depth + 1)
    } else {
        Made::default()
    };
    let mut overlay = if text || sources.len() > 8 {
        let mut text = self::text(draw);
        let shorter = shorter(draw, Variable::Base(Property::Width));
        let computed = draw.once_in(4);
        if computed {
            text.width = Some(Length::Computed(0));
        }
        let mut overlay = Overlay::new(Content::Text(text));
        overlay.lengths.extend(computed.then_some(shorter));
        overlay
    } else if depth < 2 && draw.once_in(4) {
        let (width, height) = square(made.size);
        let side = |at: usize, side| if made.full[at] { 1 } else { side }.into();
        Overlay::new(Content::Canvas {
            width: side(0, width),
            height: side(1, height),
            color: color(draw),
        })
    } else {
        sources.push(draw.name());
        Overlay::new(Content::Source(sources.len() - 1))
    };
    if !matches!(overlay.content, Content::Text(_)) {
        overlay.steps = made.steps;
    }
    (overlay.x, overlay.y) = (position(draw), position(draw));
    overlay.opacity = 1.0 - draw.whole(0, 100) / 100.0;
    let blends = depth < 2 || matches!(overlay.content, Content::Text(_));
    if blends && draw.flag() {
        overlay.blend = blend(draw);
    } else if overlay.steps.is_empty() && matches!(overlay.content, Content::Source(_)) {
        overlay.fit = draw.maybe(|draw| (draw.part(), draw.pick(&[1.0, 0.5])));
    }
    Step::Overlay(Box::new(overlay))
}

fn blend(draw: &mut Draw) -> Blend {
    draw.pick(&[
        Blend::Multiply,
        Blend::Screen,
        Blend::Overlay,
        Blend::Darken,
        Blend::Lighten,
        Blend::ColorDodge,
        Blend::ColorBurn,
        Blend::HardLight,
        Blend::SoftLight,
        Blend::Difference,
        Blend::Exclusion,
        Blend::Add,
        Blend::Mask,
        Blend::MaskOut,
    ])
}

fn text(draw: &mut Draw) -> Text {
    let mut text = Text::new(draw.letters());
    text.family = draw.pick(&["", "sans", "DejaVu Sans bold"]).into();
    text.size = draw.whole(6, 90);
    text.color = draw.opaque();
    text.width = draw.maybe(|draw| match draw.below(3) {
        0 => draw.pixels(1, 400),
        1 => Length::Fraction(1.0),
        _ => Length::Fraction(draw.part()),
    });
    text.align = draw.pick(&[
        TextAlign::Start,
        TextAlign::Center,
        TextAlign::End,
        TextAlign::Justify,
    ]);
    text.wrap = draw.pick(&[
        TextWrap::Word,
        TextWrap::Char,
        TextWrap::WordChar,
        TextWrap::Never,
    ]);
    if draw.flag() {
        text.line_height = 1.2 + draw.whole(1, 20) / text.size;
    }
    text
}
