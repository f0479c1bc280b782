use super::*;
use crate::engine::ops::decode;

#[test]
fn curves_of_all_kinds_are_read() {
    let table = |size: u16| {
        let value = |at: u16| decode(f64::from(at) / f64::from(size - 1)) * 65535.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let values = (0..size).map(|at| value(at).round() as u16).collect();
        ToneReprCurve::Lut(values)
    };
    #[expect(clippy::cast_possible_truncation)]
    let parametric = |numbers: &[f64]| {
        ToneReprCurve::Parametric(numbers.iter().map(|&number| number as f32).collect())
    };
    let (a, b) = (1.0 / 1.055, 0.055 / 1.055);
    let (c, d) = (1.0 / 12.92, 0.04045);
    for (curve, is) in [
        (table(1024), true),
        (table(4096), true),
        (table(256), true),
        (table(3), false),
        (ToneReprCurve::Lut(vec![]), false),
        (ToneReprCurve::Lut(vec![563]), false),
        (parametric(&[2.4, a, b, c, d]), true),
        (parametric(&[2.4, a, b, c, d, 0.0, 0.0]), true),
        (parametric(&[2.4, a, b, c, d, 0.05, 0.0]), false),
        (parametric(&[2.2]), false),
        (parametric(&[2.4, a, b]), false),
        (parametric(&[2.4, f64::NAN, b, c, d]), false),
        (parametric(&[]), false),
    ] {
        assert_eq!(is_srgb_curve(&curve), is, "{curve:?}");
    }
}
