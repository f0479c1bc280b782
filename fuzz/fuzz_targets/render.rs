//! An image that anybody may have made. The first byte chooses what is asked for.

#![no_main]

use imgward::engine::{Codecs, Engine, Limits, LossyWebP, RenderErrorKind};
use imgward::recipe::{Align, Format, Gravity, Recipe, Resize, ResizeMode, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, image)) = data.split_first() else {
        return;
    };
    let mut limits = Limits::default();
    limits.max_source_pixels = 1 << 16;
    limits.max_output_pixels = 1 << 12;
    let engine = Engine::new(Codecs::new().with(LossyWebP)).limits(limits);
    let mut recipe = Recipe::default();
    let mode = [ResizeMode::Fill, ResizeMode::Fit, ResizeMode::Cover, ResizeMode::Force]
        [usize::from(choice >> 1 & 3)];
    recipe.steps.push(Step::Resize(Resize {
        enlarge: choice & 8 != 0,
        adaptive: choice & 16 != 0,
        gravity: Gravity::anchor(Align::Start, Align::End),
        ..Resize::to(choice.into(), if choice & 1 == 0 { 33 } else { 0 }, mode)
    }));
    recipe.output.format = [None, Some(Format::Jpeg), Some(Format::Png), Some(Format::WebP)]
        [usize::from(choice >> 5 & 3)];
    match engine.render(&[image], &recipe) {
        Ok(rendered) => {
            assert!(u64::from(rendered.width) * u64::from(rendered.height) <= 1 << 12);
        }
        Err(why) => assert_ne!(why.kind(), RenderErrorKind::Internal, "{why}"),
    }
});
