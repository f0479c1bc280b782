//! Files, read back by another's decoder.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::*;

/// The planes of a file, as large as the image.
fn decoded(file: &[u8], gray: bool) -> (u32, u32, Vec<Vec<u8>>) {
    let space = if gray {
        ColorSpace::Luma
    } else {
        ColorSpace::YCbCr
    };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(1 << 16)
        .set_max_height(1 << 16)
        .jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    let samples = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    let count = if gray { 1 } else { 3 };
    let planes = (0..count)
        .map(|plane| samples.iter().skip(plane).step_by(count).copied().collect())
        .collect();
    (info.width.into(), info.height.into(), planes)
}

/// The mean squared difference.
fn error(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    squares.sum::<f64>() / a.len() as f64
}

fn image(width: u32, height: u32, ratios: (u32, u32)) -> Planar {
    let chroma = |seed| waves(width, height, seed);
    let small = |seed| {
        ops::fit_chroma(&chroma(seed), (width, height), ratios)
            .unwrap()
            .into_owned()
    };
    Planar::new(waves(width, height, 0), small(1), small(2)).unwrap()
}

#[test]
fn every_size_and_sampling_comes_back() {
    for (width, height) in (1..=20).flat_map(|w| (1..=20).map(move |h| (w, h))) {
        for ratios in [(1, 1), (2, 2)] {
            let image = image(width, height, ratios);
            let full =
                ops::fit_chroma(&image.chroma().unwrap()[1], (width, height), (1, 1)).unwrap();
            let file =
                |progressive| encode(&image, &options(100, Some(ratios), progressive)).unwrap();
            let baseline = decoded(&file(false), false);
            let what = format!("{width} by {height}, {ratios:?}");
            assert_eq!((baseline.0, baseline.1), (width, height), "{what}");
            assert!(error(&baseline.2[0], image.luma().data()) < 0.6, "{what}");
            // How chroma is interpolated at the edges is the decoder's choice.
            let bound = if ratios == (1, 1) { 0.6 } else { 60.0 };
            let off = error(&baseline.2[2], full.data());
            assert!(off < bound, "{what}: {off}");
            assert_eq!(decoded(&file(true), false), baseline, "{what}");
        }
        let gray = Planar::gray(waves(width, height, 3));
        for progressive in [false, true] {
            let file = encode(&gray, &options(100, None, progressive)).unwrap();
            let (w, h, planes) = decoded(&file, true);
            assert_eq!((w, h), (width, height));
            assert!(
                error(&planes[0], gray.luma().data()) < 0.6,
                "{width} by {height}"
            );
        }
    }
}

#[test]
fn noise_comes_back_at_every_quality() {
    let image = Planar::new(noise(40, 24, 1), noise(40, 24, 2), noise(40, 24, 3)).unwrap();
    let mut last = f64::INFINITY;
    for quality in [1, 2, 5, 10, 25, 50, 75, 90, 95, 100] {
        let file =
            |progressive| encode(&image, &options(quality, Some((1, 1)), progressive)).unwrap();
        let (_, _, planes) = decoded(&file(false), false);
        assert_eq!(decoded(&file(true), false).2, planes, "{quality}");
        let error = error(&planes[0], image.luma().data());
        assert!(error <= last, "{quality}: {error} after {last}");
        last = error;
    }
    assert!(last < 0.5, "{last}");
}

#[test]
fn progressive_files_of_long_runs_come_back() {
    // Flat but for a speck now and then: more blocks end at once than a symbol can count.
    let mut data = vec![90; 1024 * 2056];
    for speck in (0..data.len()).step_by(1_500_123) {
        data[speck] = 200;
    }
    let image = Planar::gray(Plane::new(1024, 2056, data).unwrap());
    let file = |progressive| encode(&image, &options(80, None, progressive)).unwrap();
    assert_eq!(decoded(&file(true), true), decoded(&file(false), true));
}

#[test]
fn the_longest_sides_are_written() {
    for (width, height) in [(65_535, 1), (1, 65_535)] {
        let image = image(width, height, (2, 2));
        for progressive in [false, true] {
            let file = encode(&image, &options(50, Some((2, 2)), progressive)).unwrap();
            let (w, h, planes) = decoded(&file, false);
            assert_eq!((w, h), (width, height));
            assert!(error(&planes[0], image.luma().data()) < 20.0);
        }
    }
    let image = Planar::gray(Plane::new(65_536, 1, vec![0; 65_536]).unwrap());
    assert!(encode(&image, &JpegOptions::new(80)).is_err());
}

#[test]
fn chroma_is_sampled_as_asked() {
    // The sampling factors of the luma, by what there is and what is asked for.
    let rows = [
        (80, None, (1, 1), 0x22),
        (89, None, (1, 1), 0x22),
        (90, None, (1, 1), 0x11),
        (90, None, (2, 2), 0x22),
        (90, None, (2, 1), 0x21),
        (90, None, (4, 4), 0x22),
        (80, Some((1, 1)), (2, 2), 0x11),
        (95, Some((2, 2)), (4, 1), 0x22),
    ];
    for (quality, chroma, ratios, factors) in rows {
        let file = encode(&image(50, 30, ratios), &options(quality, chroma, false)).unwrap();
        let frame = file
            .windows(2)
            .position(|bytes| bytes == [0xFF, 0xC0])
            .unwrap();
        assert_eq!(file[frame + 11], factors, "{quality} {chroma:?} {ratios:?}");
        decoded(&file, false);
    }
}

#[test]
fn metadata_is_embedded() {
    let icc: Vec<u8> = (0..200_000u32).map(|at| (at % 251) as u8).collect();
    let options = JpegOptions {
        icc: Some(&icc),
        exif: Some(b"II*\0\x08\0\0\0\0\0\0\0\0\0"),
        xmp: Some(b"<x:xmpmeta/>"),
        ..JpegOptions::new(80)
    };
    let file = encode(&image(9, 9, (1, 1)), &options).unwrap();
    let mut decoder = JpegDecoder::new(ZCursor::new(&file));
    decoder.decode_headers().unwrap();
    assert_eq!(decoder.icc_profile().as_deref(), options.icc);
    assert_eq!(decoder.exif().map(Vec::as_slice), options.exif);
    let xmp = options.xmp.unwrap();
    assert!(file.windows(xmp.len()).any(|bytes| bytes == xmp));
    let long = vec![0; 70_000];
    let too_long = JpegOptions {
        exif: Some(&long),
        ..JpegOptions::new(80)
    };
    assert!(encode(&image(9, 9, (1, 1)), &too_long).is_err());
    let long = vec![0; 20_000_000];
    let too_long = JpegOptions {
        icc: Some(&long),
        ..JpegOptions::new(80)
    };
    assert!(encode(&image(9, 9, (1, 1)), &too_long).is_err());
}
