//! The transfer curve of sRGB (IEC 61966-2-1), in tables.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "samples and table places, clamped"
)]

use std::sync::LazyLock;

/// How much of red, green and blue light makes luminance.
pub(in crate::engine) const LUMINANCE: [f64; 3] = [0.212_672_9, 0.715_152_2, 0.072_175_0];

/// The places of the table from light to samples. The steepest part of the curve moves a fifth of a sample from one to the
/// next.
const STEPS: usize = 1 << 14;

/// The curve both ways.
#[derive(Debug)]
pub(in crate::engine) struct Srgb {
    linear: [f32; 256],
    encoded: Vec<u8>,
}

/// The tables, made when they are first used.
pub(in crate::engine) fn srgb() -> &'static Srgb {
    static SRGB: LazyLock<Srgb> = LazyLock::new(|| {
        let mut linear = [0.0; 256];
        for (sample, light) in linear.iter_mut().enumerate() {
            *light = decode(sample as f64 / 255.0) as f32;
        }
        let encoded = (0..STEPS)
            .map(|step| (encode(step as f64 / (STEPS - 1) as f64) * 255.0).round() as u8)
            .collect();
        Srgb { linear, encoded }
    });
    &SRGB
}

impl Srgb {
    /// The light of a sample, 0 to 1.
    pub(in crate::engine) fn linear(&self, sample: u8) -> f32 {
        self.linear.get(usize::from(sample)).copied().unwrap_or(1.0)
    }

    /// The sample of a light, clamped.
    pub(in crate::engine) fn encoded(&self, light: f32) -> u8 {
        // Of what is not a number, the place is 0.
        let place = (light * (STEPS - 1) as f32 + 0.5).max(0.0) as usize;
        self.encoded.get(place).copied().unwrap_or(u8::MAX)
    }

    /// The grey of a colour's luminance.
    pub(in crate::engine) fn gray(&self, [red, green, blue]: [u8; 3]) -> u8 {
        let [r, g, b] = LUMINANCE.map(|weight| weight as f32);
        self.encoded(r * self.linear(red) + g * self.linear(green) + b * self.linear(blue))
    }
}

/// From a sample, 0 to 1, to light.
pub(in crate::engine) fn decode(sample: f64) -> f64 {
    if sample <= 0.040_45 {
        sample / 12.92
    } else {
        ((sample + 0.055) / 1.055).powf(2.4)
    }
}

/// From light to a sample, 0 to 1.
pub(in crate::engine) fn encode(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}
