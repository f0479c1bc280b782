//! How colours meet. The formulas are those of W3C's "Compositing and Blending Level 1".

use std::sync::OnceLock;

use super::{byte, over};
use crate::recipe::Blend;

/// What two samples blend to.
pub(super) struct Table(Box<[u8]>);

/// What a sample of the image and one of the overlay make, from 0 to 1.
type Formula = fn(f64, f64) -> f64;

/// The modes that mix samples.
const MODES: [(Blend, Formula); 12] = [
    (Blend::Multiply, |b, s| b * s),
    (Blend::Screen, screen),
    (Blend::Overlay, |b, s| hard_light(s, b)),
    (Blend::Darken, f64::min),
    (Blend::Lighten, f64::max),
    (Blend::ColorDodge, color_dodge),
    (Blend::ColorBurn, color_burn),
    (Blend::HardLight, hard_light),
    (Blend::SoftLight, soft_light),
    (Blend::Difference, |b, s| (b - s).abs()),
    (Blend::Exclusion, |b, s| b + s - 2.0 * b * s),
    (Blend::Add, |b, s| b + s),
];

impl Table {
    /// The table of a mode, or `None` where the overlay's colour stays.
    pub(super) fn of(blend: Blend) -> Option<&'static Self> {
        static TABLES: [OnceLock<Table>; MODES.len()] = [const { OnceLock::new() }; MODES.len()];

        let modes = MODES.iter().zip(&TABLES);
        let mut found = modes.filter(|((mode, _), _)| *mode == blend);
        let ((_, formula), table) = found.next()?;
        Some(table.get_or_init(|| {
            let values = |of_image: u8| {
                (0..=u8::MAX).map(move |of_overlay| {
                    let unit = |sample: u8| f64::from(sample) / 255.0;
                    byte(formula(unit(of_image), unit(of_overlay)) * 255.0)
                })
            };
            Self((0..=u8::MAX).flat_map(values).collect())
        }))
    }

    /// The overlay's pixel, blended with the image's as far as that is opaque.
    #[inline]
    pub(super) fn blended(&self, top: [u8; 4], bottom: [u8; 4]) -> [u8; 4] {
        let [.., opacity] = bottom;
        let mix = |i: usize| {
            let at = usize::from(bottom[i]) << 8 | usize::from(top[i]);
            let blended = self.0.get(at).copied().unwrap_or(top[i]);
            over::mixed(blended, top[i], opacity)
        };
        [mix(0), mix(1), mix(2), top[3]]
    }
}

fn screen(b: f64, s: f64) -> f64 {
    b + s - b * s
}

fn hard_light(b: f64, s: f64) -> f64 {
    if s <= 0.5 {
        b * 2.0 * s
    } else {
        screen(b, 2.0 * s - 1.0)
    }
}

fn color_dodge(b: f64, s: f64) -> f64 {
    if b <= 0.0 {
        0.0
    } else if s >= 1.0 {
        1.0
    } else {
        (b / (1.0 - s)).min(1.0)
    }
}

fn color_burn(b: f64, s: f64) -> f64 {
    if b >= 1.0 {
        1.0
    } else if s <= 0.0 {
        0.0
    } else {
        1.0 - ((1.0 - b) / s).min(1.0)
    }
}

fn soft_light(b: f64, s: f64) -> f64 {
    if s <= 0.5 {
        b - (1.0 - 2.0 * s) * b * (1.0 - b)
    } else {
        let d = if b <= 0.25 {
            ((16.0 * b - 12.0) * b + 4.0) * b
        } else {
            b.sqrt()
        };
        b + (2.0 * s - 1.0) * (d - b)
    }
}
