use cosmic_text::fontdb::Style;
use cosmic_text::{
    Align, Attrs, Buffer, CacheKeyFlags, Family, FontSystem, Metrics, Shaping, Wrap,
};

use crate::engine::Fonts;
use crate::engine::plan::{Size, whole};
use crate::recipe::{Text, TextAlign, TextWrap};

/// A text, laid out.
pub(super) struct Lines {
    pub(super) system: FontSystem,
    pub(super) buffer: Buffer,
    pub(super) stroke: Stroke,
    /// How far glyphs are smeared to be bold, in pixels, where no font is.
    pub(super) smear: u32,
    width: Option<u32>,
}

/// The line through a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    /// Its top, above the base line, in pixels.
    pub(super) top: f32,
    /// How thick it is, in pixels.
    pub(super) width: f32,
}

impl Lines {
    pub(super) fn of(
        plain: &str,
        text: &Text,
        size: f64,
        width: Option<u32>,
        fonts: &Fonts,
    ) -> Self {
        // A locale that is always the same: what is drawn does not depend on the machine.
        let mut system =
            FontSystem::new_with_locale_and_db(String::from("en-US"), fonts.database());
        let face = fonts.find(&text.family, text.bold, text.italic);
        let font = face.id.and_then(|id| system.get_font(id, face.weight));
        let metrics = font.map(|font| font.as_swash().metrics(&[]));
        let em = metrics.map_or(1.0, |metrics| f32::from(metrics.units_per_em.max(1)));
        #[expect(clippy::cast_possible_truncation, reason = "at most 2000")]
        let size = size as f32;
        let of_font = metrics.map_or(1.2, |metrics| {
            (metrics.ascent + metrics.descent + metrics.leading) / em
        });
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let line_height = match text.line_height {
            height if height > 0.0 => height.clamp(0.05, 100.0) as f32,
            _ => of_font.clamp(0.5, 5.0),
        };
        let stroke = metrics.map_or((0.3, 0.05), |metrics| {
            (metrics.strikeout_offset / em, metrics.stroke_size / em)
        });

        let mut flags = CacheKeyFlags::DISABLE_HINTING;
        if text.italic && face.style == Style::Normal {
            flags |= CacheKeyFlags::FAKE_ITALIC;
        }
        let attrs = Attrs::new()
            .family(Family::Name(&face.family))
            .weight(face.weight)
            .style(face.style)
            .cache_key_flags(flags);
        let align = match text.align {
            TextAlign::Start => None,
            TextAlign::Center => Some(Align::Center),
            TextAlign::End => Some(Align::End),
            TextAlign::Justify => Some(Align::Justified),
        };
        let wrap = match text.wrap {
            _ if width.is_none() => Wrap::None,
            TextWrap::Word => Wrap::Word,
            TextWrap::Char => Wrap::Glyph,
            TextWrap::WordChar => Wrap::WordOrGlyph,
            TextWrap::Never => Wrap::None,
        };
        let mut buffer = Buffer::new_empty(Metrics::new(size, (size * line_height).max(1.0)));
        buffer.set_wrap(&mut system, wrap);
        #[expect(clippy::cast_precision_loss, reason = "of lengths that are not used")]
        buffer.set_size(&mut system, width.map(|width| width as f32), None);
        buffer.set_text(&mut system, plain, &attrs, Shaping::Advanced, align);
        buffer.shape_until_scroll(&mut system, false);
        if width.is_none() {
            // Lines are aligned within the longest.
            let longest = longest(&buffer).ceil();
            buffer.set_size(&mut system, Some(longest), None);
            buffer.shape_until_scroll(&mut system, false);
        }
        let smear = if text.bold && face.weight.0 < 600 {
            whole((size / 24.0).round().max(1.0).into())
        } else {
            0
        };
        Self {
            system,
            buffer,
            stroke: Stroke {
                top: stroke.0 * size,
                width: (stroke.1 * size).max(1.0),
            },
            smear,
            width,
        }
    }

    /// The size of the box that the lines make.
    pub(super) fn size(&self) -> Size {
        let runs = self.buffer.layout_runs();
        let bottom = runs.map(|run| run.line_top + run.line_height);
        let width = self
            .width
            .unwrap_or_else(|| whole(longest(&self.buffer).ceil().into()) + self.smear);
        let height = whole(bottom.fold(0.0, f32::max).ceil().into());
        Size::new(width.max(1), height.max(1))
    }
}

fn longest(buffer: &Buffer) -> f32 {
    let widths = buffer.layout_runs().map(|run| run.line_w);
    widths.fold(0.0, f32::max)
}
