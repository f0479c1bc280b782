use super::*;

/// Gradients and an edge.
fn scene(width: u32, height: u32, layout: Layout) -> Picture {
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let ramp = |at: u32, of: u32| u8::try_from(at * 200 / of.max(2)).unwrap() + 20;
            let edge = if 2 * (x + y) > width + height {
                220
            } else {
                40
            };
            let rgba = [ramp(x, width), ramp(y, height), edge, 255 - ramp(y, height)];
            match layout {
                Layout::Gray => data.push(rgba[0]),
                Layout::GrayAlpha => data.extend([rgba[0], rgba[3]]),
                Layout::Rgb => data.extend(&rgba[..3]),
                Layout::Rgba => data.extend(rgba),
            }
        }
    }
    Picture::new(width, height, layout, data).expect("the bytes are as many as the pixels")
}

/// The peak signal-to-noise ratio in dB.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    let mean = squares.sum::<f64>() / f64::from(u32::try_from(a.len()).unwrap());
    if mean == 0.0 {
        return f64::INFINITY;
    }
    10.0 * (255.0 * 255.0 / mean).log10()
}

#[test]
fn pictures_survive() {
    use Layout::{Gray, GrayAlpha, Rgb, Rgba};

    let table = [
        (64, 48, Rgb, 50, 26.0),
        (64, 48, Rgb, 85, 30.0),
        (64, 48, Rgb, 95, 40.0),
        (64, 48, Rgba, 85, 30.0),
        (64, 48, Gray, 80, 40.0),
        (64, 48, GrayAlpha, 80, 40.0),
        (65, 33, Rgb, 85, 30.0),
        (33, 65, Rgba, 90, 36.0),
        (1, 1, Rgb, 80, 30.0),
        (1, 1, Gray, 80, 30.0),
        (2, 1, Rgba, 95, 30.0),
        (1, 7, Rgb, 80, 18.0),
        (7, 1, Rgb, 95, 20.0),
        (3, 3, GrayAlpha, 80, 22.0),
        (17, 200, Rgb, 80, 30.0),
    ];
    for (width, height, layout, quality, least) in table {
        let name = format!("{width} by {height} {layout:?} at {quality}");
        let picture = scene(width, height, layout);
        let options = AvifOptions {
            quality,
            ..AvifOptions::default()
        };
        let bytes = encode_picture(&picture, &options).expect("it encodes");
        assert!(Avif.recognizes(&bytes));
        let back = upright(&bytes);
        assert_eq!((back.width(), back.height()), (width, height), "{name}");
        assert_eq!(back.layout(), layout, "{name}");
        let found = psnr(picture.data(), back.data());
        assert!(found >= least, "{name}: {found} dB");
    }
}

#[test]
fn planes_survive_as_they_are() {
    let plane = |width: u32, height: u32, from: u32| {
        let data = (0..width * height).map(|at| u8::try_from(from + at % width * 2).unwrap());
        Plane::new(width, height, data.collect()).expect("the bytes are as many as the samples")
    };
    let options = AvifOptions {
        quality: 90,
        ..AvifOptions::default()
    };
    // The chroma's size, and that which is written.
    let table = [
        (Some((20, 15)), Some((20, 15))),
        (Some((40, 30)), Some((40, 30))),
        (Some((20, 30)), Some((20, 15))),
        (Some((10, 30)), Some((20, 15))),
        (None, None),
    ];
    for (chroma, expected) in table {
        let luma = plane(40, 30, 60);
        let planar = match chroma {
            Some((width, height)) => Planar::new(
                luma.clone(),
                plane(width, height, 90),
                plane(width, height, 120),
            )
            .expect("the chroma belongs to the luma"),
            None => Planar::gray(luma.clone()),
        };
        let bytes = encode_planar(&planar, &options).expect("it encodes");
        let back = decode_planar(&bytes, &limits()).expect("it decodes");
        let back = back.expect("it is planar");
        let size = back.chroma().map(|[cb, _]| (cb.width(), cb.height()));
        assert_eq!(size, expected, "{chroma:?}");
        let found = psnr(luma.data(), back.luma().data());
        assert!(found > 40.0, "{chroma:?}: {found} dB");
        if chroma == expected {
            for (a, b) in planar
                .chroma()
                .into_iter()
                .flatten()
                .zip(back.chroma().into_iter().flatten())
            {
                let found = psnr(a.data(), b.data());
                assert!(found > 38.0, "{chroma:?}: {found} dB");
            }
        }
    }
}

#[test]
fn a_higher_quality_makes_a_longer_file() {
    let picture = scene(96, 64, Layout::Rgb);
    let mut before = 0;
    for quality in [20, 50, 75, 89] {
        let options = AvifOptions {
            quality,
            ..AvifOptions::default()
        };
        let length = encode_picture(&picture, &options)
            .expect("it encodes")
            .len();
        assert!(length > before, "{quality}: {length}");
        before = length;
    }
}

#[test]
fn metadata_is_carried() {
    let picture = scene(8, 8, Layout::Rgba);
    let options = AvifOptions {
        icc: Some(b"no profile, but carried"),
        exif: Some(b"MM\0*exif"),
        ..AvifOptions::default()
    };
    let bytes = encode_picture(&picture, &options).expect("it encodes");
    let back = decode(&bytes, &limits()).expect("it decodes");
    assert_eq!(back.profile(), options.icc);
    assert_eq!(back.layout(), Layout::Rgba);
    let tiff = bytes.windows(8).any(|window| window == b"MM\0*exif");
    assert!(tiff);
}
