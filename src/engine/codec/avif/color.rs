//! What the samples mean (ITU-T H.273).

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

use super::container::Nclx;
use crate::engine::RenderError;

/// A table from a sample of 12 bits to one of 8.
pub(super) type Tone = [u8; 4096];

/// How luma and chroma make colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Matrix {
    /// Luma is a sum of the colours, with these parts of red and blue.
    Luminance {
        /// The part of red.
        red: f64,
        /// The part of blue.
        blue: f64,
    },
    /// The planes are green, blue and red.
    Identity,
    /// `YCgCo`.
    GreenOrange,
}

/// BT.601.
const BT601: Matrix = Matrix::Luminance {
    red: 0.299,
    blue: 0.114,
};

const UNSPECIFIED: u16 = 2;

impl Matrix {
    /// The matrix of a code point. What is not specified is BT.601, as other readers have it.
    pub(super) fn of(nclx: Nclx) -> Result<Self, RenderError> {
        const FROM_PRIMARIES: u16 = 12;

        let luminance = |red, blue| Self::Luminance { red, blue };
        Ok(match (nclx.matrix, nclx.primaries) {
            (0, _) => Self::Identity,
            (1, _) | (FROM_PRIMARIES, 1) => luminance(0.2126, 0.0722),
            (UNSPECIFIED | 5 | 6, _) => BT601,
            (4, _) => luminance(0.30, 0.11),
            (7, _) => luminance(0.212, 0.087),
            (8, _) => Self::GreenOrange,
            (9, _) | (FROM_PRIMARIES, 9) => luminance(0.2627, 0.0593),
            _ => {
                return Err(RenderError::unsupported(
                    "the AVIF's matrix of colours is not known",
                ));
            }
        })
    }

    pub(super) fn is_bt601(self) -> bool {
        self == BT601
    }
}

/// Whether the colours are those of sRGB, or near enough: the curves of BT.709, BT.601 and BT.2020 are meant for the same
/// screens, and others show them without a conversion too.
pub(super) fn is_srgb(nclx: Nclx) -> bool {
    matches!(nclx.primaries, 1 | UNSPECIFIED) && is_srgb_curve(nclx.transfer)
}

fn is_srgb_curve(transfer: u16) -> bool {
    !matches!(transfer, 4 | 5 | 8 | PQ | HLG)
}

const PQ: u16 = 16;
const HLG: u16 = 18;

/// The ICC profile of colours that are not those of sRGB. None where they are, and where the primaries are not known.
///
/// An HDR image gets the profile that it has after [`tone`].
pub(super) fn profile(nclx: Nclx) -> Option<Vec<u8>> {
    if is_srgb(nclx) || is_hdr(nclx) && matches!(nclx.primaries, 1 | UNSPECIFIED) {
        return None;
    }
    let color_primaries = match nclx.primaries {
        1 | UNSPECIFIED => CicpColorPrimaries::Bt709,
        4 => CicpColorPrimaries::Bt470M,
        5 => CicpColorPrimaries::Bt470Bg,
        6 => CicpColorPrimaries::Bt601,
        7 => CicpColorPrimaries::Smpte240,
        8 => CicpColorPrimaries::GenericFilm,
        9 => CicpColorPrimaries::Bt2020,
        11 => CicpColorPrimaries::Smpte431,
        12 => CicpColorPrimaries::Smpte432,
        22 => CicpColorPrimaries::Ebu3213,
        _ => return None,
    };
    let transfer_characteristics = match nclx.transfer {
        4 => TransferCharacteristics::Bt470M,
        5 => TransferCharacteristics::Bt470Bg,
        8 => TransferCharacteristics::Linear,
        _ => TransferCharacteristics::Srgb,
    };
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries,
        transfer_characteristics,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.encode().ok()
}

fn is_hdr(nclx: Nclx) -> bool {
    matches!(nclx.transfer, PQ | HLG)
}

/// For an HDR image: the table that makes samples of sRGB's curve of it.
///
/// The white of a page, 203 cd/m² (ITU-R BT.2408), becomes 82 % of the screen's white. Up to half of it tones stay as they
/// are; what is above is compressed, with highlights towards white. HLG is shown as on a screen of 1000 cd/m².
pub(super) fn tone(nclx: Nclx) -> Option<Box<Tone>> {
    let luminance = match nclx.transfer {
        PQ => pq,
        HLG => hlg,
        _ => return None,
    };
    let mut table = Box::new([0; 4096]);
    for (sample, to) in (0u16..).zip(table.iter_mut()) {
        let linear = compress(luminance(f64::from(sample) / 4095.0) / 203.0);
        let encoded = if linear <= 0.003_130_8 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is within 0 and 255"
        )]
        let rounded = (encoded.clamp(0.0, 1.0) * 255.0).round() as u8;
        *to = rounded;
    }
    Some(table)
}

fn compress(linear: f64) -> f64 {
    const KNEE: f64 = 0.5;
    if linear <= KNEE {
        linear
    } else {
        KNEE + (1.0 - KNEE) * (1.0 - (-(linear - KNEE) / (1.0 - KNEE)).exp())
    }
}

/// The luminance in cd/m² of a PQ signal (ITU-R BT.2100, table 4).
fn pq(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let root = signal.powf(1.0 / M2);
    10_000.0 * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// The luminance in cd/m² of an HLG signal (ITU-R BT.2100, table 5), on a screen of 1000 cd/m², each colour for itself.
fn hlg(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    const C: f64 = 0.559_910_73;
    let scene = if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    };
    1000.0 * scene.powf(1.2)
}
