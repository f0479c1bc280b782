//! Requests that IPX can ask for, and those of them that `OptStuff` lets pass.

use super::draw::Draw;
use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Format, Gravity, ImageRequest, Kernel, Length,
    Modulation, Recipe, Resize, ResizeMode, Rotate, Sharpen, Step, Trim, TrimColor,
};

pub(super) fn request(draw: &mut Draw) -> ImageRequest {
    let background = draw.pick(&[Color::BLACK, Color::opaque(1, 2, 3), Color::TRANSPARENT]);
    let degrees = draw.maybe(|draw| draw.pick(&[90.0, 45.5]));
    let box_of = draw.maybe(|draw| [draw.from(1, 900), draw.from(1, 900)]);
    let alone = draw.once_in(3).then(|| draw.from(1, 900));
    let trim = draw.maybe(|draw| draw.whole(0, 255));
    let sized = box_of.is_some() || alone.is_some();
    let turns_first = degrees.is_some() && (sized || trim.is_some());
    let gamma = draw.maybe(|draw| (draw.pick(&[1.5, 2.2]), draw.pick(&[1.0, 2.2, 3.0])));

    let mut turn = Vec::new();
    if draw.flag() {
        turn.push(Step::Flip {
            horizontal: draw.flag(),
            vertical: true,
        });
    }
    turn.extend(degrees.map(|degrees| {
        Step::Rotate(Rotate {
            degrees,
            background,
        })
    }));
    let mut shade = Vec::new();
    if draw.flag() {
        shade.push(Step::Flatten(Backdrop::Color(background)));
    }
    shade.extend(gamma.map(|(gamma, _)| Step::Gamma(1.0 / gamma)));
    if draw.flag() {
        shade.push(Step::Grayscale);
    }
    let shades_first = gamma.is_some() || (degrees.is_some() && !turns_first);

    let mut steps = Vec::new();
    if turns_first {
        steps.append(&mut turn);
    }
    steps.extend(trim.map(|tolerance| {
        Step::Trim(Trim {
            tolerance,
            color: TrimColor::TopLeft,
            crop: None,
            equal_horizontal: false,
            equal_vertical: false,
        })
    }));
    let cuts = draw.below(3);
    if cuts > 0 {
        steps.push(extract(draw));
    }
    if shades_first {
        steps.append(&mut shade);
    }
    steps.append(&mut turn);
    let mut resized = resize(draw, box_of, alone, background);
    let pad = (resized.len() > 1).then(|| resized.pop()).flatten();
    steps.append(&mut resized);
    steps.append(&mut shade);
    steps.extend(pad);
    if cuts > 1 {
        steps.push(extract(draw));
    }
    filters(draw, background, gamma, &mut steps);

    let mut request = with_output(draw, steps);
    request.recipe.output.format = draw.maybe(|draw| {
        draw.pick(&[
            Format::Jpeg,
            Format::Png,
            Format::WebP,
            Format::Avif,
            Format::Gif,
            Format::Tiff,
        ])
    });
    request
}

pub(super) fn request_of_optstuff(draw: &mut Draw) -> ImageRequest {
    let mut steps = Vec::new();
    match draw.below(3) {
        0 => {
            let side = draw.from(1, 8192);
            let (width, height) = draw.pick(&[(side, 0), (0, side)]);
            steps.push(Step::Resize(Resize::to(width, height, ResizeMode::Fit)));
        }
        1 => {
            let mode = draw.pick(&[ResizeMode::Fill, ResizeMode::Force]);
            let size = [draw.from(1, 8192), draw.from(1, 8192)];
            steps.push(Step::Resize(boxed(size, mode, false, &Gravity::default())));
        }
        _ => {
            let size = [draw.from(1, 8192), draw.from(1, 8192)];
            let center = Gravity::default();
            steps.push(Step::Resize(boxed(size, ResizeMode::Fit, false, &center)));
            steps.push(pad(size, false, center, Color::BLACK));
        }
    }
    let mut request = with_output(draw, steps);
    request.recipe.output.format =
        draw.maybe(|draw| draw.pick(&[Format::Jpeg, Format::Png, Format::WebP, Format::Avif]));
    request
}

fn with_output(draw: &mut Draw, steps: Vec<Step>) -> ImageRequest {
    let mut request = ImageRequest::new(draw.name(), Recipe::default());
    request.recipe.steps = steps;
    let output = &mut request.recipe.output;
    output.progressive_jpeg = true;
    output.quality = draw.maybe(|draw| draw.pick(&[1, 80, 100]));
    output.colors = output.quality.map(|_| 256);
    request
}

fn extract(draw: &mut Draw) -> Step {
    Step::Extract(Extract {
        width: Some(draw.pixels(1, 500)),
        height: Some(draw.pixels(1, 500)),
        gravity: Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: draw.pixels(0, 50),
            y: draw.pixels(0, 50),
        },
        inside: false,
    })
}

fn boxed([width, height]: [u32; 2], mode: ResizeMode, enlarge: bool, at: &Gravity) -> Resize {
    let part = |align: Align| {
        Length::Fraction(match align {
            Align::Start => 0.0,
            Align::Center => 0.5,
            Align::End => 1.0,
        })
    };
    Resize {
        enlarge: true,
        within_source: !enlarge,
        gravity: match *at {
            Gravity::Anchor {
                horizontal,
                vertical,
                ..
            } => Gravity::Point {
                x: part(horizontal),
                y: part(vertical),
            },
            ref smart => smart.clone(),
        },
        ..Resize::to(width, height, mode)
    }
}

fn pad([width, height]: [u32; 2], enlarge: bool, gravity: Gravity, color: Color) -> Step {
    Step::Extend(Extend {
        width: Some(width.into()),
        height: Some(height.into()),
        within_source: !enlarge,
        gravity,
        backdrop: Backdrop::Color(color),
        ..Extend::default()
    })
}

/// The resize, and what fills its box.
fn resize(
    draw: &mut Draw,
    box_of: Option<[u32; 2]>,
    alone: Option<u32>,
    background: Color,
) -> Vec<Step> {
    let enlarge = draw.flag();
    if let Some(size) = box_of {
        let gravity = if draw.once_in(4) {
            Gravity::Smart
        } else {
            draw.anchor()
        };
        let mode = draw.pick(&[
            ResizeMode::Fill,
            ResizeMode::Fit,
            ResizeMode::Cover,
            ResizeMode::Force,
        ]);
        let resize = Resize {
            kernel: draw.pick(&[
                Kernel::Nearest,
                Kernel::Linear,
                Kernel::Cubic,
                Kernel::Mitchell,
                Kernel::Lanczos2,
                Kernel::Lanczos3,
            ]),
            ..boxed(size, mode, enlarge, &gravity)
        };
        let mut steps = vec![Step::Resize(resize)];
        if mode == ResizeMode::Fit && draw.flag() {
            steps.push(pad(size, enlarge, gravity, background));
        }
        return steps;
    }
    let alone = alone.map(|side| {
        let (width, height) = draw.pick(&[(side, 0), (0, side)]);
        Step::Resize(Resize {
            enlarge,
            ..Resize::to(width, height, ResizeMode::Fit)
        })
    });
    alone.into_iter().collect()
}

fn filters(draw: &mut Draw, background: Color, gamma: Option<(f64, f64)>, steps: &mut Vec<Step>) {
    if draw.flag() {
        steps.push(Step::Extend(Extend {
            left: draw.pixels(0, 20),
            top: draw.pixels(0, 20),
            right: draw.pixels(0, 20),
            bottom: draw.pixels(0, 20),
            backdrop: Backdrop::Color(background),
            ..Extend::default()
        }));
    }
    if draw.flag() {
        steps.push(Step::Median {
            size: draw.from(1, 15),
        });
    }
    if draw.flag() {
        steps.push(Step::Threshold(draw.pick(&[1, 128, 255])));
    }
    if draw.flag() {
        steps.push(Step::Blur {
            sigma: 0.3 + draw.part() * 9.0,
        });
    }
    if draw.flag() {
        steps.push(Step::Modulate(Modulation {
            lightness: draw.part() * 2.0,
            saturation: draw.part() * 2.0,
            hue: draw.signed(360),
        }));
    }
    if draw.flag() {
        steps.push(Step::Sharpen(Sharpen {
            flat: draw.part(),
            jagged: draw.part(),
            ..Sharpen::by(draw.part() * 4.0)
        }));
    }
    steps.extend(gamma.map(|(_, after)| Step::Gamma(after)));
    if draw.flag() {
        steps.push(Step::Normalize);
    }
    if draw.flag() {
        let alpha = draw.pick(&[255, 128]);
        steps.push(Step::Tint(Color {
            alpha,
            ..draw.opaque()
        }));
    }
    if draw.flag() {
        steps.push(Step::Negate);
    }
}
