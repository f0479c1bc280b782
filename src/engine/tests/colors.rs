//! Profiles, against their matrices and curves in double precision.

use moxcms::{
    ColorProfile, DataColorSpace, LutDataType, LutStore, LutType, LutWarehouse, Matrix3d,
    ProfileClass,
};

use super::*;

fn encoded(profile: &ColorProfile) -> Vec<u8> {
    profile.encode().unwrap()
}

fn gray_of(profile: &ColorProfile) -> ColorProfile {
    let mut gray = ColorProfile::new_gray_with_gamma(2.2);
    gray.gray_trc.clone_from(&profile.green_trc);
    gray
}

fn converted(layout: Layout, data: &[u8], profile: &[u8]) -> Vec<u8> {
    let width = u32::try_from(data.len() / layout.samples()).unwrap();
    let picture = Picture::new(width, 1, layout, data.to_vec()).unwrap();
    let picture = ops::to_srgb(picture.with_profile(Some(profile.to_vec()))).unwrap();
    assert!(picture.profile().is_none());
    picture.data().to_vec()
}

#[test]
fn srgb_is_told_from_what_it_is_not() {
    let srgb = ColorProfile::new_srgb();
    let mut linear = ColorProfile::new_srgb();
    linear.red_trc = Some(moxcms::ToneReprCurve::Lut(vec![]));
    let mut tables = print_profile();
    tables.color_space = DataColorSpace::Rgb;
    for (name, profile, is) in [
        ("sRGB", &srgb, true),
        ("its greys", &gray_of(&srgb), true),
        ("red without its curve", &linear, false),
        ("Display P3", &ColorProfile::new_display_p3(), false),
        ("Adobe RGB", &ColorProfile::new_adobe_rgb(), false),
        ("ProPhoto", &ColorProfile::new_pro_photo_rgb(), false),
        ("BT.2020", &ColorProfile::new_bt2020(), false),
        ("DCI-P3", &ColorProfile::new_dci_p3(), false),
        ("gamma 2.2", &ColorProfile::new_gray_with_gamma(2.2), false),
        ("tables", &tables, false),
        ("CMYK", &print_profile(), false),
    ] {
        assert_eq!(ops::is_srgb(&encoded(profile)), is, "{name}");
    }
    for broken in [&[][..], b"no profile", &encoded(&srgb)[..200]] {
        assert!(!ops::is_srgb(broken));
    }
}

#[test]
fn a_matrix_profile_is_its_matrix_and_curve() {
    // Adobe RGB: its own primaries, the white of sRGB, a gamma of 563/256.
    const TO_XYZ: [[f64; 3]; 3] = [
        [0.576_669_0, 0.185_558_2, 0.188_228_6],
        [0.297_345_0, 0.627_363_6, 0.075_291_5],
        [0.027_031_4, 0.070_688_9, 0.991_337_5],
    ];
    const TO_SRGB: [[f64; 3]; 3] = [
        [3.240_454_2, -1.537_138_5, -0.498_531_4],
        [-0.969_266_0, 1.876_010_8, 0.041_556_0],
        [0.055_643_4, -0.204_025_9, 1.057_225_2],
    ];
    let times =
        |matrix: [[f64; 3]; 3], [a, b, c]: [f64; 3]| matrix.map(|[x, y, z]| x * a + y * b + z * c);
    let profile = encoded(&ColorProfile::new_adobe_rgb());
    let data: Vec<u8> = (0_u8..=251).collect();
    let data: Vec<u8> = data.iter().map(|value| value.wrapping_mul(91)).collect();
    let actual = converted(Layout::Rgb, &data, &profile);
    for (pixel, actual) in data.chunks_exact(3).zip(actual.chunks_exact(3)) {
        let light = [0, 1, 2].map(|at: usize| (f64::from(pixel[at]) / 255.0).powf(563.0 / 256.0));
        let light = times(TO_SRGB, times(TO_XYZ, light));
        for (light, actual) in light.into_iter().zip(actual) {
            let expected = sample(ops::encode(light.clamp(0.0, 1.0)) * 255.0);
            assert!(
                actual.abs_diff(expected) <= 2,
                "{pixel:?}: {actual}, {expected}"
            );
        }
    }
}

#[test]
fn profiles_are_applied_channel_by_channel() {
    let mut swapped = ColorProfile::new_srgb();
    let (red, green) = (swapped.red_colorant, swapped.green_colorant);
    (swapped.red_colorant, swapped.green_colorant) = (green, red);
    swapped.cicp = None;
    let profile = encoded(&swapped);
    let data = [200, 10, 60, 200, 0, 255, 128, 17, 255, 255, 255, 255];
    let expected = [10, 200, 60, 200, 255, 0, 128, 17, 255, 255, 255, 255];
    let near = |a: &[u8], b: &[u8]| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1);
    // Twice: the second time the transform is one that was kept, and must not be taken for another layout.
    for _ in 0..2 {
        assert!(near(&converted(Layout::Rgba, &data, &profile), &expected));
        assert!(near(
            &converted(Layout::Rgb, &data[..3], &profile),
            &expected[..3]
        ));
        let p3 = encoded(&ColorProfile::new_display_p3());
        assert!(!near(&converted(Layout::Rgba, &data, &p3), &expected));
    }
}

/// A printer whose cyan is red, whose magenta is green, whose yellow is blue, and whose every mixture is black.
fn print_profile() -> ColorProfile {
    // L in 0 to 100, a and b around 128.
    let lab = |l: f64, a: f64, b: f64| {
        [l * 2.55, a + 128.0, b + 128.0].map(|value| u16::from(sample(value)) << 8)
    };
    let clut = (0..16).flat_map(|inks| match inks {
        0 => lab(100.0, 0.0, 0.0),
        8 => lab(54.3, 80.8, 69.9),
        4 => lab(87.8, -79.3, 81.0),
        2 => lab(29.6, 68.3, -112.0),
        _ => lab(0.0, 0.0, 0.0),
    });
    let line = |channels: usize| LutStore::Store16([0, u16::MAX].repeat(channels));
    let table = LutDataType {
        num_input_channels: 4,
        num_output_channels: 3,
        num_clut_grid_points: 2,
        matrix: Matrix3d::IDENTITY,
        num_input_table_entries: 2,
        num_output_table_entries: 2,
        input_table: line(4),
        clut_table: LutStore::Store16(clut.collect()),
        output_table: line(3),
        lut_type: LutType::Lut16,
    };
    let mut profile = ColorProfile::default();
    profile.profile_class = ProfileClass::OutputDevice;
    profile.color_space = DataColorSpace::Cmyk;
    profile.pcs = DataColorSpace::Lab;
    profile.lut_a_to_b_perceptual = Some(LutWarehouse::Lut(table));
    profile
}

#[test]
fn print_colors_go_through_their_profile() {
    let profile = encoded(&print_profile());
    let samples = [
        [0, 0, 0, 0],
        [255, 0, 0, 0],
        [0, 255, 0, 0],
        [0, 0, 255, 0],
        [0, 0, 0, 255],
    ];
    let expected = [
        [255, 255, 255],
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [0, 0, 0],
    ];
    for inverted in [false, true] {
        let samples = samples.as_flattened().iter();
        let samples = samples.map(|&value: &u8| if inverted { !value } else { value });
        let picture = ops::cmyk_to_rgb(5, 1, samples.collect(), inverted, Some(&profile)).unwrap();
        for (actual, expected) in picture.data().iter().zip(expected.as_flattened()) {
            assert!(actual.abs_diff(*expected) <= 12, "{:?}", picture.data());
        }
    }
}

#[test]
fn print_colors_without_a_profile_are_what_light_the_inks_leave() {
    let samples: Vec<u8> = (0_u8..=255).map(|value| value.wrapping_mul(57)).collect();
    let rgb = encoded(&ColorProfile::new_srgb());
    for profile in [None, Some(&b"no profile"[..]), Some(&rgb)] {
        for inverted in [false, true] {
            let picture = ops::cmyk_to_rgb(8, 8, samples.clone(), inverted, profile).unwrap();
            assert_eq!(picture.layout(), Layout::Rgb);
            for (pixel, actual) in samples.chunks(4).zip(picture.data().chunks(3)) {
                let ink = |at: usize| {
                    let value = f64::from(pixel[at]) / 255.0;
                    if inverted { 1.0 - value } else { value }
                };
                for (at, actual) in actual.iter().enumerate() {
                    assert_eq!(*actual, sample(255.0 * (1.0 - ink(at)) * (1.0 - ink(3))));
                }
            }
        }
    }
    for wrong in [0, 3, 255] {
        let error = ops::cmyk_to_rgb(8, 8, vec![0; wrong], false, None).unwrap_err();
        assert_eq!(error.kind(), RenderErrorKind::Internal);
    }
}

#[test]
fn damaged_profiles_are_ignored() {
    let data = [200, 10, 60, 200, 0, 255, 128, 17];
    let mut state = 7_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for profile in [
        encoded(&ColorProfile::new_display_p3()),
        encoded(&ColorProfile::new_gray_with_gamma(1.8)),
        encoded(&print_profile()),
    ] {
        for round in 0..300 {
            let mut damaged = profile.clone();
            for _ in 0..=round % 4 {
                let at = next() as usize % damaged.len();
                // Headers and tag tables are where it hurts most.
                let at = if round % 2 == 0 { at % 300 } else { at };
                let byte = damaged.get_mut(at).unwrap();
                *byte = [0, 255, 1, 128, u8::try_from(next() & 255).unwrap()][round % 5];
            }
            damaged.truncate(
                damaged.len()
                    - if round % 7 == 0 {
                        next() as usize % 90
                    } else {
                        0
                    },
            );
            ops::is_srgb(&damaged);
            converted(Layout::Rgba, &data, &damaged);
            converted(Layout::Gray, &data, &damaged);
            ops::cmyk_to_rgb(2, 1, data.to_vec(), true, Some(&damaged)).unwrap();
        }
    }
    let mut long = encoded(&ColorProfile::new_display_p3());
    long.resize(5 << 20, 0);
    assert_eq!(converted(Layout::Rgba, &data, &long), data);
}
