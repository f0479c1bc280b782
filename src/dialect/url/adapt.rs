//! What a dialect says in its own way, where the picture is the same, or where but the rounding of half pixels is another.

use crate::dialect::Grammar;
use crate::recipe::{
    Align, Answer, Backdrop, Content, Extend, Factors, Format, Gravity, ImageRequest, Length,
    Overlay, Resize, ResizeMode, Step,
};

/// Puts a request into the dialect's own terms.
pub(super) fn adapt(grammar: &Grammar, request: &mut ImageRequest) {
    let recipe = &mut request.recipe;
    steps(grammar, &mut recipe.steps);
    let output = &mut recipe.output;
    output.otherwise = otherwise(grammar, &output.answer);
    // What is not made has no format to be chosen.
    output.keep_format |= match output.answer {
        Answer::Original | Answer::Document(_) => true,
        Answer::Description(_) => matches!(grammar, Grammar::Imgproxy(_)),
        _ => false,
    };
    if let Grammar::Ipx { .. } = grammar {
        recipe.output.progressive_jpeg = true;
    }
}

/// The format that a dialect's service writes where the source's cannot be.
pub(super) fn otherwise(grammar: &Grammar, answer: &Answer) -> Option<Format> {
    match (grammar, answer) {
        (_, Answer::Original | Answer::Document(_))
        | (Grammar::Imgproxy(_), Answer::Description(_))
        | (Grammar::ImageKit(_) | Grammar::Ipx { .. }, _) => None,
        (Grammar::Imagor { .. } | Grammar::Imgproxy(_), _) => Some(Format::Jpeg),
    }
}

fn steps(grammar: &Grammar, steps: &mut [Step]) {
    for step in steps {
        match (grammar, step) {
            (Grammar::Imgproxy(_), Step::Resize(of)) => by_factors(of),
            (Grammar::Ipx { .. }, Step::Resize(of)) => by_point(of),
            (Grammar::ImageKit(_), step @ Step::Flatten(_)) => shown_through(step),
            (_, Step::Overlay(of)) => overlay(grammar, of),
            _ => {}
        }
    }
}

/// imgproxy's sizes come of factors that are rounded last.
fn by_factors(resize: &mut Resize) {
    let box_alone = resize.zoom.map(f64::to_bits) == [1.0_f64.to_bits(); 2]
        && (resize.enlarge || resize.mode == ResizeMode::Fit)
        && !resize.shrink_box;
    if resize.factors.is_none() && box_alone {
        resize.factors = Some(Factors {
            pixel_ratio: 1.0,
            extended: false,
        });
    }
}

/// In IPX a half pixel in the middle is cut off at the low end.
fn by_point(resize: &mut Resize) {
    let has_box = resize.width.is_some() && resize.height.is_some();
    let part = |align: Align| {
        Length::Fraction(match align {
            Align::Start => 0.0,
            Align::Center => 0.5,
            Align::End => 1.0,
        })
    };
    if let Gravity::Anchor {
        horizontal,
        vertical,
        x,
        y,
    } = resize.gravity
        && has_box
        && (x, y) == (Length::default(), Length::default())
    {
        resize.gravity = Gravity::Point {
            x: part(horizontal),
            y: part(vertical),
        };
    }
}

/// ImageKit's background is a canvas of the image's own size. What is opaque looks the same.
fn shown_through(step: &mut Step) {
    if let Step::Flatten(backdrop) = *step
        && matches!(backdrop, Backdrop::Color(color) if color.alpha == u8::MAX)
    {
        *step = Step::Extend(Extend {
            backdrop,
            flatten: true,
            ..Extend::default()
        });
    }
}

fn overlay(grammar: &Grammar, overlay: &mut Overlay) {
    steps(grammar, &mut overlay.steps);
    let canvas = matches!(overlay.content, Content::Canvas { .. });
    // What ImageKit shows is made transparent, before it is drawn.
    if let Grammar::ImageKit(_) = grammar
        && overlay.opacity < 1.0
        && !canvas
    {
        overlay.steps.push(Step::Opacity(overlay.opacity));
        overlay.opacity = 1.0;
    }
}
