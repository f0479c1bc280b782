use std::sync::LazyLock;

/// sRGB's curve (IEC 61966-2-1), from a byte to 16 bits of light and back.
pub(super) struct Transfer {
    to_light: [u16; 256],
    from_light: Vec<u8>,
}

static SRGB: LazyLock<Transfer> = LazyLock::new(Transfer::new);

impl Transfer {
    pub(super) fn srgb() -> &'static Self {
        &SRGB
    }

    fn new() -> Self {
        let mut to_light = [0; 256];
        for (light, byte) in to_light.iter_mut().zip(0..=u8::MAX) {
            *light = rounded(65_535.0 * light_of(f64::from(byte)));
        }
        // Each byte stands for the light up to that halfway to the next.
        let mut from_light = Vec::with_capacity(1 << 16);
        for byte in 0..u8::MAX {
            let end = rounded(65_535.0 * light_of(f64::from(byte) + 0.5));
            from_light.resize(usize::from(end) + 1, byte);
        }
        from_light.resize(1 << 16, u8::MAX);
        Self {
            to_light,
            from_light,
        }
    }

    /// The light that a byte stands for.
    pub(super) fn light(&self, byte: u8) -> u16 {
        self.to_light[usize::from(byte)]
    }

    /// The byte that is nearest to some light.
    pub(super) fn byte(&self, light: u16) -> u8 {
        let byte = self.from_light.get(usize::from(light));
        byte.copied().unwrap_or(u8::MAX)
    }
}

/// From 0 to 255 to 0 to 1.
fn light_of(byte: f64) -> f64 {
    let value = byte / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 65535"
)]
fn rounded(light: f64) -> u16 {
    light.round() as u16
}
