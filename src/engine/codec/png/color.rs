use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, XyY,
};
use png::{CodingIndependentCodePoints, Info, ScaledFloat, SourceChromaticities};

use crate::engine::Layout;

/// The profile that the pixels are meant in (W3C PNG, 4.3: which chunk goes before which).
pub(super) fn profile(info: &Info<'_>, layout: Layout) -> Option<Vec<u8>> {
    let gray = matches!(layout, Layout::Gray | Layout::GrayAlpha);
    if let Some(points) = info.coding_independent_code_points
        && let Some(meaning) = of_code_points(points)
    {
        return match meaning {
            Meaning::Srgb => None,
            Meaning::Other(_) if gray => None,
            Meaning::Other(profile) => profile.encode().ok(),
        };
    }
    if let Some(profile) = &info.icc_profile {
        return Some(profile.to_vec());
    }
    let (None, Some(gamma), Some(primaries)) = (info.srgb, info.gama_chunk, info.chrm_chunk) else {
        return None;
    };
    if is_srgb(gamma, &primaries) {
        return None;
    }
    of_gamma(gamma, &primaries, gray)?.encode().ok()
}

enum Meaning {
    Srgb,
    Other(Box<ColorProfile>),
}

/// `None` for what is not known here, or is of a high dynamic range: its profile, if it has one, says what it looks like
/// in a standard one.
fn of_code_points(points: CodingIndependentCodePoints) -> Option<Meaning> {
    if points.matrix_coefficients != 0 || !points.is_video_full_range_image {
        return None;
    }
    let primaries = CicpColorPrimaries::try_from(points.color_primaries).ok()?;
    let transfer = TransferCharacteristics::try_from(points.transfer_function).ok()?;
    match transfer {
        TransferCharacteristics::Srgb if primaries == CicpColorPrimaries::Bt709 => {
            return Some(Meaning::Srgb);
        }
        TransferCharacteristics::Srgb
        | TransferCharacteristics::Bt709
        | TransferCharacteristics::Bt601
        | TransferCharacteristics::Bt470M
        | TransferCharacteristics::Bt470Bg
        | TransferCharacteristics::Linear
        | TransferCharacteristics::Bt202010bit
        | TransferCharacteristics::Bt202012bit => {}
        _ => return None,
    }
    let mut profile = ColorProfile::new_srgb();
    profile.red_trc = None;
    // What this returns is not whether it did it; that it set the curves tells.
    profile.update_rgb_colorimetry_from_cicp(CicpProfile {
        color_primaries: primaries,
        transfer_characteristics: transfer,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.cicp = None;
    profile.red_trc.as_ref()?;
    Some(Meaning::Other(Box::new(profile)))
}

/// Whether they are what the standard says to write for sRGB, or nearly.
fn is_srgb(gamma: ScaledFloat, primaries: &SourceChromaticities) -> bool {
    let near = |value: ScaledFloat, scaled: u32| value.into_scaled().abs_diff(scaled) <= 300;
    let SourceChromaticities {
        white,
        red,
        green,
        blue,
    } = *primaries;
    let points = [
        (white, (31_270, 32_900)),
        (red, (64_000, 33_000)),
        (green, (30_000, 60_000)),
        (blue, (15_000, 6_000)),
    ];
    near(gamma, 45_455)
        && points
            .iter()
            .all(|&((x, y), (srgb_x, srgb_y))| near(x, srgb_x) && near(y, srgb_y))
}

/// `None` for what makes no sense.
fn of_gamma(
    gamma: ScaledFloat,
    primaries: &SourceChromaticities,
    gray: bool,
) -> Option<ColorProfile> {
    let exponent = 1.0 / gamma.into_value();
    if !(0.2..=5.0).contains(&exponent) {
        return None;
    }
    if gray {
        let mut profile = ColorProfile::new_gray_with_gamma(exponent);
        profile.cicp = None;
        return Some(profile);
    }
    let point = |(x, y): (ScaledFloat, ScaledFloat)| (x.into_value(), y.into_value());
    let all = [
        point(primaries.white),
        point(primaries.red),
        point(primaries.green),
        point(primaries.blue),
    ];
    let sound = |&(x, y): &(f32, f32)| (0.0..=1.0).contains(&x) && (0.01..=1.0).contains(&y);
    if !all.iter().all(sound) {
        return None;
    }
    let [white, red, green, blue] = all;
    let chromaticity = |(x, y): (f32, f32)| Chromaticity { x, y };
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    let white = XyY {
        x: white.0.into(),
        y: white.1.into(),
        yb: 1.0,
    };
    profile.update_rgb_colorimetry(
        white,
        ColorPrimaries {
            red: chromaticity(red),
            green: chromaticity(green),
            blue: chromaticity(blue),
        },
    );
    let curve = ToneReprCurve::Parametric(vec![exponent]);
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    Some(profile)
}
