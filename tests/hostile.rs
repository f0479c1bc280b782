//! Files that once broke something, or mean to: whatever is asked of them, there is an image or an answer, and never a
//! panic.

use std::fs;
use std::path::Path;

use imgward::engine::{
    Avif, Bmp, Codecs, Engine, Ico, Jxl, Limits, LossyWebP, RenderErrorKind, Svg, Tiff,
};
use imgward::recipe::{Color, Format, Metadata, Recipe, Resize, ResizeMode, Rotate, Step};

fn engine() -> Engine {
    let codecs = Codecs::new()
        .with(LossyWebP)
        .with(Avif)
        .with(Bmp)
        .with(Ico)
        .with(Jxl)
        .with(Svg)
        .with(Tiff);
    let mut limits = Limits::default();
    limits.max_source_pixels = 1 << 18;
    limits.max_output_pixels = 1 << 16;
    Engine::new(codecs).limits(limits)
}

fn recipes() -> Vec<Recipe> {
    let turn = Rotate {
        degrees: 30.0,
        background: Color::WHITE,
    };
    let steps = [
        vec![],
        vec![Step::Resize(Resize::to(16, 0, ResizeMode::Fit))],
        vec![
            Step::Resize(Resize::to(9, 9, ResizeMode::Fill)),
            Step::Rotate(turn),
        ],
    ];
    let formats = [Format::Jpeg, Format::Png, Format::WebP, Format::Gif].map(Some);
    let mut recipes = Vec::new();
    for steps in steps {
        for format in [None].into_iter().chain(formats) {
            let mut recipe = Recipe::default();
            recipe.steps.clone_from(&steps);
            recipe.output.format = format;
            recipe.output.metadata = Metadata::Keep;
            recipes.push(recipe);
        }
    }
    recipes
}

#[test]
fn every_file_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile");
    let engine = engine();
    let recipes = recipes();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = fs::read(&path).unwrap();
        for recipe in &recipes {
            if let Err(error) = engine.render(&[&source], recipe) {
                let kind = error.kind();
                assert_ne!(
                    kind,
                    RenderErrorKind::Internal,
                    "{}: {error}",
                    path.display()
                );
            }
        }
        files += 1;
    }
    assert!(files > 0);
}
