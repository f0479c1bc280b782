use cosmic_text::{SwashCache, SwashContent, SwashImage};

use super::super::over;
use super::lines::Lines;
use crate::engine::plan::Size;
use crate::recipe::{Color, Text};

/// Glyphs of no more pixels than this a side are kept, to be drawn again.
const KEPT: f32 = 96.0;

/// What of a text is drawn, in pixels from the top left of its box.
pub(super) struct Ink {
    box_size: Size,
    pieces: Vec<Piece>,
}

/// A glyph, or a line.
struct Piece {
    left: i64,
    top: i64,
    width: u32,
    height: u32,
    what: What,
}

enum What {
    /// How much of each pixel has the text's colour.
    Cover(Vec<u8>),
    /// Pixels with colours of their own.
    Pixels(Vec<u8>),
    /// All of it.
    Bar,
}

/// The box and what sticks out of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    left: i64,
    top: i64,
    pub(super) size: Size,
}

impl Ink {
    pub(super) fn of(lines: &mut Lines, text: &Text, box_size: Size) -> Self {
        let mut cache = SwashCache::new();
        let mut pieces = Vec::new();
        let Lines {
            system,
            buffer,
            stroke,
            smear,
            ..
        } = lines;
        for run in buffer.layout_runs() {
            for glyph in run.glyphs {
                let glyph_size = glyph.font_size;
                let glyph = glyph.physical((0.0, run.line_y), 1.0);
                let piece = |image: &SwashImage| Piece::of(image, glyph.x, glyph.y);
                let piece = if glyph_size <= KEPT {
                    let image = cache.get_image(system, glyph.cache_key).as_ref();
                    image.and_then(piece)
                } else {
                    let image = cache.get_image_uncached(system, glyph.cache_key);
                    image.as_ref().and_then(piece)
                };
                if let Some(piece) = piece {
                    pieces.push(piece.smeared(*smear));
                }
            }
            if text.strikethrough
                && let Some(bar) = bar(&run, stroke.top, stroke.width)
            {
                pieces.push(bar);
            }
        }
        Self { box_size, pieces }
    }

    pub(super) fn is_colored(&self) -> bool {
        let mut whats = self.pieces.iter().map(|piece| &piece.what);
        whats.any(|what| matches!(what, What::Pixels(_)))
    }

    pub(super) fn bounds(&self) -> Bounds {
        let (mut left, mut top) = (0, 0);
        let (mut right, mut bottom) = (
            i64::from(self.box_size.width),
            i64::from(self.box_size.height),
        );
        for piece in &self.pieces {
            left = left.min(piece.left);
            top = top.min(piece.top);
            right = right.max(piece.left + i64::from(piece.width));
            bottom = bottom.max(piece.top + i64::from(piece.height));
        }
        let length = |low: i64, high: i64| u32::try_from(high - low).unwrap_or(u32::MAX);
        Bounds {
            left,
            top,
            size: Size::new(length(left, right), length(top, bottom)),
        }
    }

    /// Says of each pixel that has ink, by its place in the bounds, which colour lies on it.
    pub(super) fn draw(&self, color: Color, mut put: impl FnMut(usize, usize, [u8; 4])) {
        let bounds = self.bounds();
        let row = bounds.size.width as usize;
        // Where glyphs lie over each other, the colour is not laid on twice.
        let mut cover = vec![0_u8; row.saturating_mul(bounds.size.height as usize)];
        for piece in &self.pieces {
            let (left, top) = piece.place(bounds);
            let from = match &piece.what {
                What::Cover(cover) => Some(cover),
                What::Bar => None,
                What::Pixels(_) => continue,
            };
            let to = cover.chunks_exact_mut(row).skip(top);
            for (to, y) in to.take(piece.height as usize).zip(0..) {
                let width = piece.width as usize;
                let Some(to) = to.get_mut(left..left + width) else {
                    continue;
                };
                match from {
                    Some(from) => {
                        let from = from.get(y * width..).unwrap_or_default();
                        for (to, from) in to.iter_mut().zip(from) {
                            *to = u8::MAX - over::product(u8::MAX - *to, u8::MAX - *from);
                        }
                    }
                    None => to.fill(u8::MAX),
                }
            }
        }
        for (line, y) in cover.chunks_exact(row).zip(0..) {
            for (&cover, x) in line.iter().zip(0..) {
                if cover > 0 {
                    let alpha = over::product(color.alpha, cover);
                    put(x, y, [color.red, color.green, color.blue, alpha]);
                }
            }
        }
        for piece in &self.pieces {
            let What::Pixels(pixels) = &piece.what else {
                continue;
            };
            let (left, top) = piece.place(bounds);
            let (pixels, _) = pixels.as_chunks::<4>();
            for (line, y) in pixels.chunks_exact(piece.width as usize).zip(top..) {
                for (&[red, green, blue, alpha], x) in line.iter().zip(left..) {
                    put(x, y, [red, green, blue, over::product(alpha, color.alpha)]);
                }
            }
        }
    }
}

impl Piece {
    fn of(image: &SwashImage, x: i32, y: i32) -> Option<Self> {
        let placement = image.placement;
        if placement.width == 0 || placement.height == 0 {
            return None;
        }
        let what = match image.content {
            SwashContent::Mask => What::Cover(image.data.clone()),
            SwashContent::Color | SwashContent::SubpixelMask => What::Pixels(image.data.clone()),
        };
        Some(Self {
            left: i64::from(x) + i64::from(placement.left),
            top: i64::from(y) - i64::from(placement.top),
            width: placement.width,
            height: placement.height,
            what,
        })
    }

    /// Made bold by laying it down again, so many pixels to the right.
    fn smeared(self, by: u32) -> Self {
        let What::Cover(cover) = &self.what else {
            return self;
        };
        if by == 0 {
            return self;
        }
        let (by, from_width) = (by as usize, self.width as usize);
        let width = from_width + by;
        let mut smeared = vec![0_u8; width * self.height as usize];
        // Each step is less than a stem is wide.
        let step = by.div_ceil(2);
        let lines = smeared.chunks_exact_mut(width);
        for (to, from) in lines.zip(cover.chunks_exact(from_width)) {
            for shift in [0, step, by] {
                for (to, from) in to.iter_mut().skip(shift).zip(from) {
                    *to = (*to).max(*from);
                }
            }
        }
        Self {
            width: u32::try_from(width).unwrap_or(u32::MAX),
            what: What::Cover(smeared),
            ..self
        }
    }

    fn place(&self, bounds: Bounds) -> (usize, usize) {
        let from = |at: i64, low: i64| usize::try_from(at - low).unwrap_or(usize::MAX / 4);
        (from(self.left, bounds.left), from(self.top, bounds.top))
    }
}

/// The line through a line of text.
fn bar(run: &cosmic_text::LayoutRun<'_>, top: f32, width: f32) -> Option<Piece> {
    let ends = run.glyphs.iter().map(|glyph| (glyph.x, glyph.x + glyph.w));
    let (left, right) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let round = |value: f32| crate::engine::plan::offset(value.round().into());
    let (left, right) = (round(left), round(right));
    Some(Piece {
        left,
        top: round(run.line_y - top),
        width: u32::try_from(right - left).ok()?,
        height: u32::try_from(round(width)).ok()?.max(1),
        what: What::Bar,
    })
}
