//! What is done to the pixels, and what is drawn over them.

use super::{chain, color, expression};
use crate::dialect::url::tests::draw::Draw;
use crate::recipe::{
    Blend, Border, Color, Content, Distortion, Expression, Gradient, Length, Overlay, Position,
    ReplaceColor, Rotate, RoundCorners, Shadow, Sharpen, Step, Text, TextAlign, Trim, TrimColor,
    UnsharpMask,
};

pub(super) fn effect(draw: &mut Draw) -> Step {
    match draw.below(16) {
        0 => Step::Trim(trim(draw)),
        1 => Step::Flip {
            horizontal: draw.flag(),
            vertical: true,
        },
        2 => Step::Rotate(Rotate {
            degrees: draw.signed(360),
            background: Color::TRANSPARENT,
        }),
        3 => Step::Blur {
            sigma: draw.whole(1, 100) / 2.0,
        },
        4 => Step::Grayscale,
        5 => Step::Normalize,
        6 => {
            let extent = draw.pick(&[(10.0, 20.0), (3.0, 3.0), (42.5, 42.5)]);
            Step::Sharpen(Sharpen {
                max_brighten: extent.0,
                max_darken: extent.1,
                ..Sharpen::by(1.0)
            })
        }
        7 => Step::UnsharpMask(UnsharpMask {
            radius: draw.whole(0, 9),
            sigma: draw.part(),
            amount: draw.part() * 3.0,
            threshold: draw.part(),
        }),
        8 => Step::Shadow(Shadow {
            sigma: draw.whole(0, 15) / 2.0,
            opacity: draw.part(),
            x: draw.signed(100) / 100.0,
            y: draw.signed(100) / 100.0,
        }),
        9 => Step::Gradient(Gradient {
            degrees: draw.whole(0, 360),
            from: color(draw),
            to: color(draw),
            stop: draw.pick(&[Length::Fraction(0.4), Length::Pixels(40.0)]),
        }),
        10 => Step::Colorize {
            color: color(draw),
            amount: draw.part(),
        },
        11 => Step::Distort(if draw.flag() {
            Distortion::Arc(draw.signed(360))
        } else {
            Distortion::Perspective([(); 4].map(|()| (draw.signed(90), draw.signed(90))))
        }),
        12 => Step::ReplaceColor(ReplaceColor {
            to: color(draw),
            tolerance: draw.whole(0, 100),
            from: draw.maybe(color),
        }),
        13 => Step::Opacity(draw.part()),
        14 => Step::Border(Border {
            width: draw.pixels(0, 40),
            color: color(draw),
        }),
        _ => {
            let mut radius = || match draw.below(3) {
                0 => Length::Fraction(0.5),
                _ => draw.pixels(0, 40),
            };
            let radii = [radius(), radius(), radius(), radius()];
            Step::RoundCorners(RoundCorners {
                radii: radii.map(|radius| (radius, radius)),
                background: None,
            })
        }
    }
}

fn trim(draw: &mut Draw) -> Trim {
    Trim {
        tolerance: draw.whole(1, 99),
        color: TrimColor::TopLeft,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    }
}

pub(super) fn layer(draw: &mut Draw, sources: &mut Vec<Box<str>>, depth: u32) -> Step {
    let mut lengths = Vec::new();
    let mut steps = chain(draw, sources, depth + 1);
    if sources.len() > 8 {
        steps.clear();
    }
    let content = match draw.below(3) {
        0 if sources.len() < 9 => {
            sources.push(draw.name());
            Content::Source(sources.len() - 1)
        }
        1 => Content::Canvas {
            width: Length::Fraction(1.0),
            height: if draw.flag() {
                lengths.push(expression(draw));
                Length::Computed(0)
            } else {
                draw.pixels(1, 90)
            },
            color: color(draw),
        },
        _ => Content::Text(text(draw, &mut lengths)),
    };
    let mut overlay = Overlay::new(content);
    if let Content::Canvas { .. } = overlay.content {
        overlay.opacity = draw.whole(1, 10) / 10.0;
    }
    overlay.steps = steps;
    overlay.inside = true;
    overlay.blend = draw.pick(&[Blend::Normal, Blend::Multiply, Blend::Mask, Blend::MaskOut]);
    let mut aligned = || {
        let none = Length::default();
        draw.pick(&[
            Position::Start(none),
            Position::Center(none),
            Position::End(none),
        ])
    };
    let sides = (aligned(), aligned());
    (overlay.x, overlay.y) = match draw.below(3) {
        0 => sides,
        1 => (
            Position::Start(draw.pixels(1, 40)),
            Position::End(draw.pixels(1, 40)),
        ),
        _ => {
            let place = Length::Computed(u8::try_from(lengths.len()).unwrap());
            lengths.push(expression(draw));
            (Position::Start(place), Position::Start(draw.pixels(0, 40)))
        }
    };
    overlay.lengths = lengths;
    Step::Overlay(Box::new(overlay))
}

fn text(draw: &mut Draw, lengths: &mut Vec<Expression>) -> Text {
    let mut text = Text::new(draw.letters());
    text.size = draw.whole(1, 90);
    text.family = draw.pick(&["", "DejaVu Sans", "fonts/a.ttf"]).into();
    text.color = color(draw);
    text.bold = draw.flag();
    text.italic = draw.flag();
    text.strikethrough = draw.flag();
    text.width = match draw.below(3) {
        0 => None,
        1 => Some(draw.pixels(1, 400)),
        _ => {
            lengths.push(expression(draw));
            Some(Length::Computed(0))
        }
    };
    text.align = draw.pick(&[TextAlign::Start, TextAlign::Center, TextAlign::End]);
    if draw.flag() {
        text.line_height = draw.whole(1, 90) / text.size;
    }
    if draw.flag() {
        text.background = color(draw);
    }
    text.padding = [(); 4].map(|()| draw.below(9));
    text.radius = draw.pick(&[0, 7, 65_535]);
    text
}
