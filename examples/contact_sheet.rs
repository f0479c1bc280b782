//! Every operation of the engine on one sheet, to be looked at: `cargo run --bin contact_sheet -- sheet.png`.
//!
//! Each tile is a rendering of a sample photograph. The sheet is one too: a white canvas, with the tiles and their names as
//! overlays.
#![expect(clippy::print_stdout, reason = "it says what it wrote")]

use std::error::Error;

use imgward::engine::{Codecs, Engine, LossyWebP};
use imgward::recipe::{
    Align, Backdrop, Blend, Border, Color, Content, Crop, Distortion, Extend, Extract, Format,
    Gradient, Gravity, Length, Modulation, Overlay, Position, Recipe, ReplaceColor, Resize,
    ResizeMode, Rotate, RoundCorners, Shadow, Sharpen, Step, Text, Trim, TrimColor, Unit,
    UnsharpMask,
};

const COFFEE: &[u8] = include_bytes!("reference-server/images/coffee.jpg");
const SHIELD: &[u8] = include_bytes!("reference-server/images/shield.png");

const COLUMNS: u32 = 7;
/// The size of a tile, and how much room it has for that and its name.
const TILE: (u32, u32) = (180, 120);
const CELL: (u32, u32) = (200, 150);

const RED: Color = Color::opaque(200, 30, 30);
const BLUE: Color = Color::opaque(30, 60, 200);

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(Codecs::new().with(LossyWebP));
    let mut sources = vec![COFFEE.to_vec()];
    let mut names = Vec::new();
    for (name, steps) in tiles() {
        let mut recipe = Recipe::default();
        recipe
            .steps
            .push(Step::Resize(Resize::to(TILE.0, TILE.1, ResizeMode::Fill)));
        recipe.steps.extend(steps);
        recipe.output.format = Some(Format::Png);
        let rendered = engine.render(&[COFFEE, SHIELD], &recipe);
        let rendered = rendered.map_err(|error| format!("{name}: {error}"))?;
        sources.push(rendered.bytes.to_vec());
        names.push(name);
    }

    let rows = u32::try_from(names.len())?.div_ceil(COLUMNS);
    let mut sheet = Recipe::default();
    sheet.steps = vec![
        Step::Resize(Resize::to(1, 1, ResizeMode::Force)),
        Step::Colorize {
            color: Color::WHITE,
            amount: 1.0,
        },
        Step::Extend(extended(
            COLUMNS * CELL.0,
            rows * CELL.1,
            Backdrop::Color(Color::WHITE),
        )),
    ];
    for (name, place) in names.into_iter().zip(0..) {
        let (left, top) = (place % COLUMNS * CELL.0 + 10, place / COLUMNS * CELL.1 + 8);
        let source = usize::try_from(place)? + 1;
        let mut tile = overlay(Content::Source(source), left, top);
        tile.steps
            .push(Step::Resize(Resize::to(TILE.0, TILE.1, ResizeMode::Fit)));
        let mut text = Text::new(name);
        text.size = 13.0;
        let label = overlay(Content::Text(text), left, top + TILE.1 + 2);
        sheet
            .steps
            .extend([tile, label].map(|overlay| Step::Overlay(Box::new(overlay))));
    }
    sheet.output.format = Some(Format::Png);
    let sources: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    let rendered = engine.render(&sources, &sheet)?;
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "contact-sheet.png".to_owned());
    std::fs::write(&path, &rendered.bytes)?;
    println!("{path}: {} by {} pixels", rendered.width, rendered.height);
    Ok(())
}

/// What each tile is called, and what is done to it.
fn tiles() -> Vec<(&'static str, Vec<Step>)> {
    let mut tiles = vec![("the photograph", vec![])];
    tiles.extend(shapes());
    tiles.extend(backdrops());
    tiles.extend(filters());
    tiles.extend(colors());
    tiles.extend(overlays());
    tiles
}

fn shapes() -> Vec<(&'static str, Vec<Step>)> {
    let to = |mode| vec![Step::Resize(Resize::to(60, 90, mode))];
    let smart = Resize {
        gravity: Gravity::Smart,
        ..Resize::to(80, 80, ResizeMode::Fill)
    };
    let point = Gravity::Point {
        x: Length::Fraction(0.8),
        y: Length::Fraction(0.8),
    };
    let focal = Resize {
        gravity: point,
        ..Resize::to(60, 110, ResizeMode::Fill)
    };
    let crop = Crop {
        left: 0.25,
        top: 0.25,
        right: 0.75,
        bottom: 0.75,
        unit: Unit::Fraction,
        one_short: false,
    };
    let extract = Extract {
        width: Some(100.into()),
        height: Some(60.into()),
        gravity: Gravity::anchor(Align::End, Align::Start),
        inside: true,
    };
    let trim = Trim {
        tolerance: 10.0,
        color: TrimColor::TopLeft,
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    };
    let turned = |degrees| {
        vec![Step::Rotate(Rotate {
            degrees,
            background: BLUE,
        })]
    };
    let flip = |horizontal| {
        vec![Step::Flip {
            horizontal,
            vertical: !horizontal,
        }]
    };
    let border = Border {
        width: 8.into(),
        color: RED,
    };
    let round = |radius: f64, background| RoundCorners {
        radii: [(Length::Fraction(radius), Length::Fraction(radius)); 4],
        background,
    };
    vec![
        ("fill 60x90", to(ResizeMode::Fill)),
        ("fit 60x90", to(ResizeMode::Fit)),
        ("cover 60x90", to(ResizeMode::Cover)),
        ("force 60x90", to(ResizeMode::Force)),
        ("smart 80x80", vec![Step::Resize(smart)]),
        ("focal point 60x110", vec![Step::Resize(focal)]),
        ("crop to the middle", vec![Step::Crop(crop)]),
        ("extract at the top right", vec![Step::Extract(extract)]),
        (
            "trim its red border",
            vec![Step::Border(border), Step::Trim(trim)],
        ),
        ("flip horizontally", flip(true)),
        ("flip vertically", flip(false)),
        ("rotate by 90", turned(90.0)),
        ("rotate by 20", turned(20.0)),
        ("border", vec![Step::Border(border)]),
        ("round corners", vec![Step::RoundCorners(round(0.25, None))]),
        (
            "an ellipse on red",
            vec![Step::RoundCorners(round(0.5, Some(RED)))],
        ),
        (
            "perspective",
            vec![Step::Distort(Distortion::Perspective([
                (30.0, 10.0),
                (150.0, 0.0),
                (180.0, 120.0),
                (0.0, 100.0),
            ]))],
        ),
        ("arc of 90", vec![Step::Distort(Distortion::Arc(90.0))]),
    ]
}

fn backdrops() -> Vec<(&'static str, Vec<Step>)> {
    let on = |backdrop| {
        vec![
            Step::Resize(Resize::to(90, 90, ResizeMode::Fill)),
            Step::Extend(extended(180, 120, backdrop)),
        ]
    };
    vec![
        ("on a colour", on(Backdrop::Color(BLUE))),
        ("on its average", on(Backdrop::Average)),
        ("on its dominant colour", on(Backdrop::Dominant)),
        (
            "on itself, blurred",
            on(Backdrop::Blurred {
                sigma: 12.0,
                brightness: -40,
            }),
        ),
        (
            "on a gradient of its colours",
            on(Backdrop::DominantGradient { colors: 4 }),
        ),
    ]
}

fn filters() -> Vec<(&'static str, Vec<Step>)> {
    let mask = UnsharpMask {
        radius: 0.0,
        sigma: 1.5,
        amount: 1.5,
        threshold: 0.0,
    };
    vec![
        ("blur 1", vec![Step::Blur { sigma: 1.0 }]),
        ("blur 8", vec![Step::Blur { sigma: 8.0 }]),
        ("sharpen", vec![Step::Sharpen(Sharpen::by(1.0))]),
        ("unsharp mask", vec![Step::UnsharpMask(mask)]),
        ("median of 7", vec![Step::Median { size: 7 }]),
        (
            "pixelate 10",
            vec![Step::Pixelate {
                size: 10,
                whole: false,
            }],
        ),
    ]
}

fn colors() -> Vec<(&'static str, Vec<Step>)> {
    let modulate = |saturation, hue| {
        vec![Step::Modulate(Modulation {
            saturation,
            hue,
            ..Modulation::default()
        })]
    };
    let replace = ReplaceColor {
        to: BLUE,
        tolerance: 20.0,
        from: None,
    };
    vec![
        (
            "brighter",
            vec![Step::Rgb {
                red: 20.0,
                green: 20.0,
                blue: 20.0,
            }],
        ),
        (
            "more red, less blue",
            vec![Step::Rgb {
                red: 20.0,
                green: 0.0,
                blue: -20.0,
            }],
        ),
        ("contrast", vec![Step::Contrast(50.0)]),
        ("less contrast", vec![Step::Contrast(-50.0)]),
        ("saturation", modulate(2.0, 0.0)),
        ("hue by 120", modulate(1.0, 120.0)),
        ("greyscale", vec![Step::Grayscale]),
        ("negate", vec![Step::Negate]),
        ("tint", vec![Step::Tint(RED)]),
        (
            "colorize",
            vec![Step::Colorize {
                color: BLUE,
                amount: 0.4,
            }],
        ),
        ("gamma 2.2", vec![Step::Gamma(2.2)]),
        (
            "less contrast, normalized",
            vec![Step::Contrast(-50.0), Step::Normalize],
        ),
        ("threshold", vec![Step::Threshold(128)]),
        (
            "replace the dominant colour",
            vec![Step::ReplaceColor(replace)],
        ),
    ]
}

fn overlays() -> Vec<(&'static str, Vec<Step>)> {
    let shield = |blend| {
        let mut shield = overlay(Content::Source(1), 0, 0);
        shield.fit = Some((1.0, 1.0));
        (shield.x, shield.y) = (
            Position::Center(Length::default()),
            Position::Center(Length::default()),
        );
        shield.blend = blend;
        vec![Step::Overlay(Box::new(shield))]
    };
    let mut mark = overlay(Content::Source(1), 0, 0);
    mark.fit = Some((0.2, 0.2));
    (mark.x, mark.y) = (Position::Repeat(10.into()), Position::Repeat(10.into()));
    mark.opacity = 0.6;
    let mut text = Text::new("Καφές, кофе,\ncoffee");
    text.color = Color::WHITE;
    text.background = Color {
        alpha: 140,
        ..Color::BLACK
    };
    (text.padding, text.radius) = ([6; 4], 8);
    let mut text = overlay(Content::Text(text), 0, 0);
    (text.x, text.y) = (Position::Center(Length::default()), Position::End(8.into()));
    let gradient = Gradient {
        degrees: 180.0,
        from: Color::TRANSPARENT,
        to: Color::BLACK,
        stop: Length::Fraction(1.0),
    };
    let shadow = Shadow {
        sigma: 4.0,
        opacity: 0.7,
        x: 0.04,
        y: 0.06,
    };
    let small = Step::Resize(Resize::to(120, 80, ResizeMode::Fill));
    let glass = Extend {
        backdrop: Backdrop::Color(Color::TRANSPARENT),
        ..extended(180, 120, Backdrop::default())
    };
    vec![
        ("opacity", vec![Step::Opacity(0.5)]),
        (
            "opacity, flattened on red",
            vec![Step::Opacity(0.5), Step::Flatten(Backdrop::Color(RED))],
        ),
        ("gradient", vec![Step::Gradient(gradient)]),
        (
            "shadow",
            vec![small, Step::Extend(glass), Step::Shadow(shadow)],
        ),
        ("overlay", shield(Blend::Normal)),
        ("overlay, multiplied", shield(Blend::Multiply)),
        ("overlay, screened", shield(Blend::Screen)),
        ("overlay as a mask", shield(Blend::Mask)),
        ("overlay, repeated", vec![Step::Overlay(Box::new(mark))]),
        ("text", vec![Step::Overlay(Box::new(text))]),
    ]
}

fn extended(width: u32, height: u32, backdrop: Backdrop) -> Extend {
    Extend {
        width: Some(width.into()),
        height: Some(height.into()),
        backdrop,
        ..Extend::default()
    }
}

fn overlay(content: Content, left: u32, top: u32) -> Overlay {
    let mut overlay = Overlay::new(content);
    overlay.x = Position::Start(left.into());
    overlay.y = Position::Start(top.into());
    overlay
}
