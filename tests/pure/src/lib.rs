//! What imgward's feature `transform` does by itself, as a package whose tests need no C compiler either: those of the
//! library bring servers with TLS.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use imgward::engine::Engine;
use imgward::recipe::{Format, Recipe, Resize, ResizeMode, Step};

const PHOTO: &[u8] = include_bytes!("../../../examples/reference-server/images/coffee.jpg");

/// The formats that are written by it, each read again and written as each.
#[test]
fn images_are_read_and_written() {
    let formats = [Format::Jpeg, Format::Png, Format::WebP, Format::Gif];
    let engine = Engine::default();
    let made = |source: &[u8], format, width| {
        let mut recipe = Recipe::default();
        let resize = Resize::to(width, 0, ResizeMode::Fit);
        recipe.steps.push(Step::Resize(resize));
        recipe.output.format = Some(format);
        let made = engine.render(&[source], &recipe).unwrap();
        assert_eq!((made.format, made.width), (format, width));
        made.bytes
    };
    for from in formats {
        let source = made(PHOTO, from, 60);
        assert_eq!(engine.probe(&source).unwrap().format, from);
        for to in formats {
            made(&source, to, 30);
        }
    }
}
