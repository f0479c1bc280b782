//! Requests that imgproxy can ask for.

use super::draw::Draw;
use crate::dialect::imgproxy::{contrast, likeness};
use crate::recipe::{
    Align, Answer, Backdrop, Checksum, Color, Content, Description, Digest, Extend, Extract, Fact,
    Factors, Format, Gradient, Gravity, ImageRequest, Kernel, Length, Metadata, Modulation, Orient,
    Overlay, Position, Recipe, Resize, ResizeMode, Rotate, Sharpen, Step, Trim, TrimColor,
    UnsharpMask, Words,
};

pub(super) fn request(draw: &mut Draw) -> ImageRequest {
    let mut request = ImageRequest::new(draw.name(), Recipe::default());
    request.recipe.input.checksum = draw.maybe(checksum);
    if draw.once_in(6) {
        request.recipe.input.page = draw.maybe(|draw| draw.below(9));
        request.recipe.output.answer = Answer::Description(description(draw));
        request.recipe.output.keep_format = true;
        return request;
    }
    request.attachment = draw.maybe(|draw| draw.pick(&["", "a b/c:d.png"]).into());
    request.fallback = draw.maybe(Draw::name);
    if draw.once_in(12) {
        request.recipe.output.answer = Answer::Original;
        request.recipe.output.keep_format = true;
        return request;
    }
    for at in 0..draw.from(1, 3) {
        let before = (request.recipe.steps.len(), request.sources.len());
        pipeline(draw, &mut request);
        // What begins later than the first ends becomes one with it, with one pixel ratio for both.
        let begins_anew = matches!(
            request.recipe.steps.get(before.0),
            Some(Step::Trim(_) | Step::Rotate(_))
        );
        if at > 0 && !begins_anew {
            request.recipe.steps.truncate(before.0);
            request.sources.truncate(before.1);
        }
    }
    let input = &mut request.recipe.input;
    input.page = draw.maybe(|draw| draw.below(9));
    if draw.flag() {
        input.orient = Orient::Stored;
    }
    let output = &mut request.recipe.output;
    if draw.flag() {
        let formats = draw.pick(&[&[Format::Gif][..], &[Format::Svg, Format::Jpeg]]);
        output.answer = Answer::OriginalOf(formats.to_vec());
    }
    output.format = draw.maybe(|draw| draw.pick(Format::ALL));
    output.otherwise = Some(Format::Jpeg);
    output.quality = draw.maybe(|draw| draw.pick(&[1, 80, 100]));
    if draw.flag() {
        output.format_quality = vec![(Format::WebP, draw.pick(&[60, 70])), (Format::Avif, 50)];
    }
    output.max_bytes = draw.maybe(|draw| u64::from(draw.from(1, 99_999)));
    output.likeness = draw.maybe(|draw| likeness(draw.whole(1, 99) / 1000.0));
    if output.likeness.is_some() || output.max_bytes.is_some() {
        output.quality_range = draw.maybe(|draw| draw.pick(&[(1, 100), (40, 40), (50, 80)]));
    }
    output.lossless = draw.flag();
    output.progressive = draw.maybe(|_| true);
    output.colors = draw.maybe(|draw| draw.pick(&[2, 16, 256]));
    output.metadata = draw.pick(&[Metadata::Strip, Metadata::Copyright, Metadata::Keep]);
    output.keep_profile = draw.flag();
    request
}

fn checksum(draw: &mut Draw) -> Checksum {
    let (digest, length) = draw.pick(&[
        (Digest::Sha1, 20),
        (Digest::Sha256, 32),
        (Digest::Sha512, 64),
    ]);
    let value = (0..length).map(|_| u8::try_from(draw.below(256)).unwrap());
    Checksum {
        digest,
        value: value.collect(),
    }
}

fn description(draw: &mut Draw) -> Description {
    let mut small = |low, high| u8::try_from(draw.from(low, high)).unwrap();
    let (palette, across, down) = (small(2, 16), small(1, 9), small(1, 9));
    let mut facts = vec![
        Fact::Bytes,
        Fact::Format,
        Fact::Dimensions,
        Fact::Exif,
        Fact::Frames,
        Fact::ColorSpace,
        Fact::Samples,
        Fact::SampleFormat,
        Fact::Alpha,
        Fact::Average,
        Fact::Palette(palette),
        Fact::BlurHash(across, down),
        Fact::ThumbHash,
        Fact::Digest(Digest::Sha512),
        Fact::Digest(Digest::Sha1),
        Fact::Digest(Digest::Sha256),
    ];
    facts.retain(|_| draw.flag());
    Description {
        words: Words::Imgproxy,
        facts,
    }
}

fn pipeline(draw: &mut Draw, request: &mut ImageRequest) {
    let mut steps = Vec::new();
    if draw.flag() {
        steps.push(Step::Trim(Trim {
            tolerance: draw.whole(0, 2550) / 10.0,
            color: if draw.flag() {
                TrimColor::TopLeft
            } else {
                TrimColor::Color(draw.opaque())
            },
            crop: None,
            equal_horizontal: draw.flag(),
            equal_vertical: draw.flag(),
        }));
    }
    if draw.flag() {
        steps.push(Step::Rotate(Rotate {
            degrees: draw.pick(&[90.0, 180.0, 270.0]),
            background: Color::TRANSPARENT,
        }));
    }
    if draw.once_in(3) {
        steps.push(Step::Flip {
            horizontal: draw.flag(),
            vertical: true,
        });
    }
    if draw.flag() {
        let mut side = || draw.maybe(length);
        let (width, height) = (side(), side());
        if width.is_some() || height.is_some() {
            steps.push(Step::Extract(Extract {
                width,
                height,
                gravity: gravity(draw, true),
                inside: true,
            }));
        }
    }
    let mut canvases = Vec::new();
    let mut ratio = 1.0;
    if !draw.once_in(4) {
        let resize = resize(draw);
        ratio = resize.factors.unwrap().pixel_ratio;
        canvases = self::canvases(draw, &resize);
        steps.push(Step::Resize(resize));
    }
    filters(draw, &mut steps);
    steps.append(&mut canvases);
    let canvas = canvas(draw, ratio);
    if draw.once_in(3) {
        steps.push(Step::Extend(Extend {
            left: draw.pixels(0, 20),
            top: draw.pixels(0, 20),
            right: draw.pixels(0, 20),
            bottom: draw.pixels(1, 20),
            gravity: Gravity::default(),
            ..canvas
        }));
    }
    let background = draw.opaque();
    match draw.below(4) {
        0 => steps.push(Step::Flatten(Backdrop::Color(background))),
        1 => steps.push(Step::Extend(Extend {
            backdrop: Backdrop::Color(Color {
                alpha: draw.pick(&[0, 1, 127, 254]),
                ..background
            }),
            flatten: true,
            ..Extend::default()
        })),
        _ => {}
    }
    if draw.once_in(3) {
        let source = request.sources.len();
        request.sources.push(format!("mark {source}.png").into());
        steps.push(Step::Overlay(Box::new(watermark(draw, source, ratio))));
    }
    request.recipe.steps.append(&mut steps);
}

fn length(draw: &mut Draw) -> Length {
    if draw.flag() {
        Length::Fraction(draw.part())
    } else {
        draw.pixels(1, 400)
    }
}

fn gravity(draw: &mut Draw, smart: bool) -> Gravity {
    match draw.below(if smart { 4 } else { 3 }) {
        0 => draw.anchor(),
        1 => Gravity::Anchor {
            horizontal: draw.align(),
            vertical: draw.align(),
            x: Length::Pixels(-draw.whole(1, 30)),
            y: Length::Fraction(draw.part()),
        },
        2 => Gravity::Point {
            x: Length::Fraction(draw.part()),
            y: Length::Fraction(draw.part()),
        },
        _ => Gravity::Smart,
    }
}

fn resize(draw: &mut Draw) -> Resize {
    let (width, height) = (draw.below(900), draw.from(1, 900));
    let mode = draw.pick(&[
        ResizeMode::Fit,
        ResizeMode::Fill,
        ResizeMode::Force,
        ResizeMode::Auto,
    ]);
    Resize {
        min_width: draw.maybe(|draw| draw.from(1, 300)),
        min_height: draw.maybe(|draw| draw.from(1, 300)),
        zoom: draw.pick(&[[1.0, 1.0], [0.5, 2.0]]),
        enlarge: draw.flag(),
        shrink_box: mode == ResizeMode::Fill && draw.flag(),
        gravity: gravity(draw, true),
        kernel: draw.pick(&[
            Kernel::Nearest,
            Kernel::Linear,
            Kernel::Cubic,
            Kernel::Lanczos2,
            Kernel::Lanczos3,
        ]),
        factors: Some(Factors {
            pixel_ratio: draw.pick(&[1.0, 2.0, 1.5]),
            extended: draw.flag(),
        }),
        ..Resize::to(width, height, mode)
    }
}

fn canvas(draw: &mut Draw, ratio: f64) -> Extend {
    Extend {
        gravity: gravity(draw, false),
        inside: true,
        at_pixel_ratio: ratio > 1.0,
        backdrop: Backdrop::Color(Color::TRANSPARENT),
        ..Extend::default()
    }
}

/// The canvas of the box's size, and that of its ratio.
fn canvases(draw: &mut Draw, resize: &Resize) -> Vec<Step> {
    let factors = resize.factors.unwrap();
    let side = |length: Option<Length>, axis: usize| match length {
        Some(Length::Pixels(pixels)) => Some(pixels * resize.zoom[axis]),
        _ => None,
    };
    let (width, height) = (side(resize.width, 0), side(resize.height, 1));
    let mut steps = Vec::new();
    if factors.extended {
        steps.push(Step::Extend(Extend {
            width: width.map(Length::Pixels),
            height: height.map(Length::Pixels),
            ..canvas(draw, factors.pixel_ratio)
        }));
    }
    if let Some(ratio) = width.zip(height)
        && draw.flag()
    {
        steps.push(Step::Extend(Extend {
            ratio: Some(ratio),
            ..canvas(draw, factors.pixel_ratio)
        }));
    }
    steps
}

fn filters(draw: &mut Draw, steps: &mut Vec<Step>) {
    if draw.once_in(3) {
        steps.push(Step::Blur {
            sigma: draw.part() * 10.0,
        });
    }
    if draw.once_in(3) {
        steps.push(Step::Sharpen(Sharpen::by(draw.part() * 10.0)));
    }
    if draw.once_in(3) {
        steps.push(Step::Pixelate {
            size: draw.from(2, 40),
            whole: false,
        });
    }
    if draw.once_in(3) {
        steps.push(Step::UnsharpMask(UnsharpMask {
            radius: 1.0,
            sigma: (2.0_f64 / 3.0).sqrt(),
            amount: 9.0 * draw.part() / 24.0,
            threshold: 0.0,
        }));
    }
    if draw.once_in(3) {
        let percent = (draw.signed(254) + 0.5) / 2.55;
        steps.push(Step::Rgb {
            red: percent,
            green: percent,
            blue: percent,
        });
    }
    if draw.once_in(3) {
        let factor = draw.whole(2, 90) / 50.0 + 0.01;
        steps.push(Step::Contrast(contrast(factor)));
    }
    if draw.once_in(3) {
        steps.push(Step::Modulate(Modulation {
            saturation: draw.part() * 2.0 + 0.005,
            ..Modulation::default()
        }));
    }
    match draw.below(6) {
        0 => steps.push(Step::Colorize {
            color: draw.opaque(),
            amount: draw.part(),
        }),
        1 => {
            let mut overlay = Overlay::new(Content::Canvas {
                width: Length::Fraction(1.0),
                height: Length::Fraction(1.0),
                color: draw.opaque(),
            });
            overlay.opacity = draw.part();
            steps.push(Step::Overlay(Box::new(overlay)));
        }
        _ => {}
    }
    if draw.once_in(3) {
        let color = draw.opaque();
        steps.push(Step::Gradient(Gradient {
            degrees: draw.whole(0, 359),
            from: Color { alpha: 0, ..color },
            to: Color {
                alpha: draw.pick(&[1, 77, 255]),
                ..color
            },
            stop: Length::Fraction(draw.part()),
        }));
    }
}

fn watermark(draw: &mut Draw, source: usize, ratio: f64) -> Overlay {
    let mut overlay = Overlay::new(Content::Source(source));
    overlay.opacity = draw.part();
    overlay.fit = draw.maybe(|draw| {
        let scale = draw.part();
        (scale, scale)
    });
    let mut distance = || match draw.below(3) {
        0 => Length::default(),
        1 => Length::Fraction(-draw.part()),
        _ => Length::Pixels(draw.whole(1, 90) * ratio),
    };
    let (x, y) = (distance(), distance());
    if draw.once_in(4) {
        (overlay.x, overlay.y) = (Position::Repeat(x), Position::Repeat(y));
        return overlay;
    }
    let mut along = |distance| match draw.align() {
        Align::Start => Position::Start(distance),
        Align::Center => Position::Center(distance),
        Align::End => Position::End(distance),
    };
    (overlay.x, overlay.y) = (along(x), along(y));
    overlay
}
