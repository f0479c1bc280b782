use std::io::Cursor;

use image_webp::{UpsamplingMethod, WebPDecoder};

use super::*;

/// FNV-1a, of 64 bits.
fn sum(planes: &[Vec<u8>; 3]) -> u64 {
    planes
        .iter()
        .flatten()
        .fold(0xCBF2_9CE4_8422_2325, |sum, &byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
}

/// Red, green and blue as libwebp makes them of the studio range, a sample of chroma for four pixels.
fn rgb([luma, cb, cr]: &[Vec<u8>; 3], width: usize) -> Vec<u8> {
    let times = |sample: u8, factor: i32| (i32::from(sample) * factor) >> 8;
    let mut pixels = Vec::new();
    for (i, &y) in luma.iter().enumerate() {
        let at = i / width / 2 * width.div_ceil(2) + i % width / 2;
        let (u, v) = (cb[at], cr[at]);
        let y = times(y, 19_077);
        let sums = [
            y + times(v, 26_149) - 14_234,
            y - times(u, 6_419) - times(v, 13_320) + 8_708,
            y + times(u, 33_050) - 17_685,
        ];
        pixels.extend(sums.map(|sum| u8::try_from((sum >> 6).clamp(0, 255)).unwrap()));
    }
    pixels
}

/// The pixels by `image-webp`.
fn others(file: &[u8]) -> Vec<u8> {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
    decoder.set_lossy_upsampling(UpsamplingMethod::Simple);
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    pixels
}

#[test]
fn planes_are_those_of_libwebp() {
    // The sums of what `dwebp -yuv` writes.
    let rows = [
        ("smallest", 1, 1, 0x0162_C617_F1F1_3649),
        ("flat", 40, 35, 0xD609_4D51_671E_116D),
        ("odd", 33, 17, 0xAC90_0617_47D5_A114),
        ("worst", 64, 48, 0xCD2B_C209_F12D_D2E0),
        ("best", 24, 20, 0x21C5_6DDD_8952_0EF8),
        ("unfiltered", 40, 24, 0xBF2C_69B7_0269_4D9B),
        ("simple", 40, 40, 0x7B4E_16DF_7CFA_F28C),
        ("sharp", 40, 40, 0x746E_D055_4D8B_3FB4),
        ("simple_sharp", 36, 30, 0xF8D8_4988_E27F_587B),
        ("two_partitions", 20, 70, 0x1F95_AA19_1B87_5549),
        ("eight_partitions", 18, 200, 0xFFA9_F7A3_0DFD_8BE2),
        ("noise", 20, 20, 0x6AAC_C1CB_8BA4_8B61),
    ];
    for ((name, file), (row, width, height, expected)) in FILES.into_iter().zip(rows) {
        assert_eq!(name, row);
        let payload = payload(file);
        assert_eq!(size(payload), (width, height), "{name}");
        let planes = studio(payload).unwrap();
        assert_eq!(sum(&planes), expected, "{name}");
        assert!(rgb(&planes, width as usize) == others(file), "{name}");
    }
}

#[test]
fn files_are_of_all_kinds() {
    let headers = FILES.map(|(_, file)| Header::read(payload(file)).unwrap());
    let has = |what: fn(&Header<'_>) -> bool| headers.iter().any(what);
    for filter in [
        filter::Filter::None,
        filter::Filter::Simple,
        filter::Filter::Normal,
    ] {
        assert!(headers.iter().any(|header| header.filter == filter));
    }
    assert!(has(|header| header.partitions.len() == 1));
    for partitions in [2, 4, 8] {
        assert!(
            headers
                .iter()
                .any(|header| header.partitions.len() == partitions)
        );
    }
    assert!(has(|header| header.segments.is_some()));
    assert!(has(|header| header.segments.is_none()));
    assert!(has(|header| header.skip.is_some()));
    assert!(has(|header| header.strengths[0] != header.strengths[3]));
}

#[test]
fn planes_become_those_of_jfif() {
    for (name, file) in FILES {
        let payload = payload(file);
        let size = size(payload);
        let planar = decode(payload, size).unwrap();
        assert_eq!((planar.width(), planar.height()), size, "{name}");
        let [cb, cr] = planar.chroma().unwrap();
        let half = (size.0.div_ceil(2), size.1.div_ceil(2));
        assert_eq!((cb.width(), cb.height()), half, "{name}");
        let mut expected = studio(payload).unwrap();
        range::luma(&mut expected[0]);
        range::chroma(&mut expected[1]);
        range::chroma(&mut expected[2]);
        let planes = [planar.luma().data(), cb.data(), cr.data()];
        assert!(planes == expected.each_ref().map(Vec::as_slice), "{name}");
    }
}

/// Pictures of all kinds by libwebp's encoder.
#[cfg(feature = "webp")]
mod encoded {
    use imgward_libwebp::{Config, Packed, Pixels};
    use proptest::prelude::*;

    use super::*;

    /// Something with edges, slopes and noise.
    fn scene(width: u32, height: u32, seed: u32) -> Vec<u8> {
        let mut noise = seed | 1;
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let tile = (x / (3 + seed % 7) + y / (2 + seed % 5)) * 61 % 200;
                let fine = (noise >> 24) >> (seed % 8);
                for sample in [tile + fine, x * 5 + fine, y * 7 + tile / 2] {
                    pixels.push(u8::try_from(sample.min(255)).unwrap());
                }
            }
        }
        pixels
    }

    fn check(width: u32, height: u32, seed: u32, config: &Config) {
        let data = scene(width, height, seed);
        let packed = Packed {
            data: &data,
            stride: width as usize * 3,
        };
        let file = imgward_libwebp::encode(width, height, Pixels::Rgb(packed), config).unwrap();
        let planes = studio(payload(&file)).unwrap();
        let pixels = rgb(&planes, width as usize);
        assert!(
            pixels == others(&file),
            "{width}x{height} {seed} {config:?}"
        );
    }

    #[test]
    fn all_sizes_are_read_alike() {
        for side in 1..=40 {
            for (width, height) in [(side, 41 - side), (side, side), (side, 1), (1, side)] {
                check(width, height, side, &Config::default());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn all_settings_are_read_alike(
            (width, height) in (1_u32..70, 1_u32..70),
            seed: u32,
            quality in 0_u8..=100,
            method in 0_u8..=6,
            filter_strength in 0_u8..=100,
            spatial_noise_shaping in 0_u8..=100,
            segments in 1_u8..=4,
        ) {
            let mut config = Config::default();
            config.quality = quality.into();
            config.method = method;
            config.filter_strength = filter_strength;
            config.spatial_noise_shaping = spatial_noise_shaping;
            config.segments = segments;
            check(width, height, seed, &config);
        }
    }
}
