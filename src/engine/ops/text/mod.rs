//! Texts: laid out and made pixels.

mod glyphs;
mod lines;

use self::glyphs::Ink;
use self::lines::Lines;
use super::{layout, over};
use crate::engine::plan::{Size, pixels};
use crate::engine::{Fonts, Layout, Limits, Picture, RenderError};
use crate::recipe::{Length, RoundCorners, Text};

/// The most characters of a text.
const MAX_CHARACTERS: usize = 2_500;
/// The greatest height of a font in pixels.
const MAX_SIZE: f64 = 2_000.0;
/// How many times the largest output the boxes of all glyphs may cover: of glyphs that lie over each other, no size of the
/// result says how many there are.
const MAX_OVERLAP: f64 = 4.0;

/// A text on its background, or `None` where there is nothing to be seen. `base` is what its width may be a fraction of.
pub(in crate::engine) fn text(
    text: &Text,
    fonts: &Fonts,
    base: Size,
    limits: &Limits,
) -> Result<Option<Picture>, RenderError> {
    let count = text.text.chars().take(MAX_CHARACTERS + 1).count();
    if count > MAX_CHARACTERS {
        return Err(RenderError::too_large(format!(
            "the text has more than {MAX_CHARACTERS} characters"
        )));
    }
    if text.size > MAX_SIZE {
        return Err(RenderError::too_large(format!(
            "the text's font is higher than {MAX_SIZE} pixels"
        )));
    }
    let size = if text.size >= 1.0 { text.size } else { 1.0 };
    #[expect(clippy::cast_precision_loss, reason = "there are only a few")]
    let covered = count as f64 * size * size;
    #[expect(clippy::cast_precision_loss, reason = "a limit")]
    let most = limits.max_output_pixels as f64 * MAX_OVERLAP;
    if covered > most {
        return Err(RenderError::too_large("the text is too large"));
    }

    let plain: String = text
        .text
        .chars()
        .filter(|&character| character == '\n' || character == '\t' || !character.is_control())
        .collect();
    if plain.is_empty() {
        return Ok(None);
    }
    let width = match text.width.map(|width| pixels(width, base.width)) {
        None | Some(0) => None,
        Some(width) => {
            limits.check_output(width, 1)?;
            Some(width)
        }
    };
    let mut lines = Lines::of(&plain, text, size, width, fonts);
    let box_size = lines.size();
    limits.check_output(box_size.width, box_size.height)?;
    let ink = Ink::of(&mut lines, text, box_size);
    drawn(&ink, text, limits).map(Some)
}

/// The ink in its colour, in its box, which grows to hold what sticks out, with background and padding.
fn drawn(ink: &Ink, text: &Text, limits: &Limits) -> Result<Picture, RenderError> {
    let [top, right, bottom, left] = text.padding;
    let bounds = ink.bounds();
    let grown = |length: u32, low: u32, high: u32| length.saturating_add(low).saturating_add(high);
    let size = Size::new(
        grown(bounds.size.width, left, right),
        grown(bounds.size.height, top, bottom),
    );
    limits.check_output(size.width, size.height)?;

    let background = Picture::filled(size.width, size.height, text.background)?;
    let background = layout::converted(background, Layout::Rgba)?;
    let mut picture = if text.radius > 0 {
        let radius = Length::from(text.radius);
        let round = RoundCorners {
            radii: [(radius, radius); 4],
            background: None,
        };
        super::round_corners(background, &round)?
    } else {
        background
    };
    let row = size.width as usize;
    let (pixels, _) = picture.data_mut().as_chunks_mut::<4>();
    ink.draw(text.color, |x, y, color| {
        let at = (top as usize + y) * row + left as usize + x;
        if let Some(pixel) = pixels.get_mut(at) {
            *pixel = over::over(color, *pixel);
        }
    });
    let colored = ink.is_colored()
        || [text.color, text.background]
            .iter()
            .any(|&color| layout::colored(layout::of_color(color)));
    layout::converted(picture, layout::layout(colored, true))
}
