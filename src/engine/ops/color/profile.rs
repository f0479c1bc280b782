use moxcms::{ColorProfile, DataColorSpace, ParsingOptions, ToneReprCurve, Xyzd};

use crate::engine::ops::encode;

/// The largest profile that is read, in bytes: those of printers have about 2 MB.
const LARGEST: usize = 4 << 20;

/// A profile that can be read, and that is not absurd.
pub(super) fn parsed(profile: &[u8]) -> Option<ColorProfile> {
    let options = ParsingOptions {
        max_profile_size: LARGEST,
        max_allowed_clut_size: LARGEST,
        max_allowed_trc_size: 40_000,
    };
    ColorProfile::new_from_slice_with_options(profile, options).ok()
}

/// Whether a profile says no more than that the pixels are sRGB, or greys of it: the primaries and curves are those of sRGB to
/// within what can be seen, and there are no tables beside them.
pub(in crate::engine) fn is_srgb(profile: &[u8]) -> bool {
    let Some(profile) = parsed(profile) else {
        return false;
    };
    let tables = [
        &profile.lut_a_to_b_perceptual,
        &profile.lut_a_to_b_colorimetric,
        &profile.lut_a_to_b_saturation,
    ];
    if tables.into_iter().any(Option::is_some) {
        return false;
    }
    match profile.color_space {
        DataColorSpace::Gray => profile.gray_trc.as_ref().is_some_and(is_srgb_curve),
        DataColorSpace::Rgb => {
            let curves = [&profile.red_trc, &profile.green_trc, &profile.blue_trc];
            let primaries = [
                (profile.red_colorant, [0.4361, 0.2225, 0.0139]),
                (profile.green_colorant, [0.3851, 0.7169, 0.0971]),
                (profile.blue_colorant, [0.1431, 0.0606, 0.7141]),
            ];
            primaries.into_iter().all(|(color, of)| near(color, of))
                && curves
                    .into_iter()
                    .all(|curve| curve.as_ref().is_some_and(is_srgb_curve))
        }
        _ => false,
    }
}

/// Whether a primary is another, adapted to D50. Profiles round them in several ways.
fn near(color: Xyzd, of: [f64; 3]) -> bool {
    let color = [color.x, color.y, color.z];
    color.iter().zip(of).all(|(a, b)| (a - b).abs() < 0.003)
}

/// Whether no sample is moved by more than one of 255 when it is taken to be sRGB.
fn is_srgb_curve(curve: &ToneReprCurve) -> bool {
    (0_u8..=32).all(|step| {
        let at = f64::from(step) / 32.0;
        light(curve, at).is_some_and(|light| (encode(light) - at).abs() <= 1.0 / 255.0)
    })
}

/// What a curve makes of a sample, 0 to 1.
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn light(curve: &ToneReprCurve, at: f64) -> Option<f64> {
    match curve {
        ToneReprCurve::Lut(table) => match table.as_slice() {
            [] => Some(at),
            &[gamma] => Some(at.powf(f64::from(gamma) / 256.0)),
            table => {
                let last = u32::try_from(table.len() - 1).ok()?;
                let place = at * f64::from(last);
                let below = (0..last).rev().find(|&below| f64::from(below) <= place)?;
                let value = |at: u32| table.get(at as usize).map(|&value| f64::from(value));
                let (low, high) = (value(below)?, value(below + 1)?);
                let part = place - f64::from(below);
                Some((low + (high - low) * part) / 65535.0)
            }
        },
        ToneReprCurve::Parametric(numbers) => {
            let numbers: Vec<f64> = numbers.iter().map(|&number| number.into()).collect();
            // ICC.1:2022, table 68. What is missing is 0, or leaves the line out.
            let (gamma, a, b, add, slope, knee, offset) = match *numbers {
                [g] => (g, 1.0, 0.0, 0.0, 0.0, f64::MIN, 0.0),
                [g, a, b] => (g, a, b, 0.0, 0.0, -b / a, 0.0),
                [g, a, b, c] => (g, a, b, c, 0.0, -b / a, c),
                [g, a, b, c, d] => (g, a, b, 0.0, c, d, 0.0),
                [g, a, b, c, d, e, f] => (g, a, b, e, c, d, f),
                _ => return None,
            };
            Some(if at >= knee {
                (a * at + b).powf(gamma) + add
            } else {
                slope * at + offset
            })
        }
    }
}

#[cfg(test)]
mod tests;
