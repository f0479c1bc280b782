//! Which lossy files become planes.

use super::super::chunks::Chunks;
use super::super::encode::{WebPOptions, encode_picture};
use super::super::frames::file_of;
use super::super::mux::Metadata;
use super::*;
use crate::engine::codec::{Codec, Wanted, WebP};
use crate::engine::{Limits, Pixels, RenderError, RenderErrorKind};

fn lossy(layout: Layout) -> Vec<u8> {
    let options = WebPOptions {
        metadata: Metadata {
            icc: Some(b"a profile"),
            ..Metadata::default()
        },
        ..WebPOptions::default()
    };
    encode_picture(&scene(50, 31, layout), &options).unwrap()
}

fn read(file: &[u8]) -> Result<Pixels, RenderError> {
    let mut frames = WebP.decode(file, &Wanted::default(), &Limits::default())?;
    Ok(frames.next_frame()?.unwrap().pixels)
}

#[test]
fn opaque_pixels_are_planes() {
    for layout in [Layout::Rgb, Layout::Gray] {
        let file = lossy(layout);
        let pixels = read(&file).unwrap();
        assert!(matches!(pixels, Pixels::Planar(_)), "{layout:?}");
        assert_eq!((pixels.width(), pixels.height()), (50, 31));
        assert_eq!(pixels.profile(), Some(&b"a profile"[..]));
        let rgb = crate::engine::ops::as_packed(&pixels).unwrap().into_owned();
        let (_, _, expected) = decoded(&file);
        let expected: Vec<u8> = expected
            .chunks_exact(4)
            .flat_map(|rgba| rgba[..3].to_vec())
            .collect();
        let psnr = psnr(rgb.data(), &expected);
        assert!(psnr > 40.0, "{layout:?}: {psnr}");
    }
}

#[test]
fn pixels_with_alpha_are_not() {
    let file = lossy(Layout::Rgba);
    assert!(Chunks::of_file(&file).any(|chunk| chunk.kind == *b"ALPH"));
    let pixels = read(&file).unwrap();
    assert!(matches!(&pixels, Pixels::Packed(picture) if picture.layout() == Layout::Rgba));
}

#[test]
fn a_file_without_all_of_its_pixels_is_corrupt() {
    let file = lossy(Layout::Rgb);
    let payload = Chunks::of_file(&file)
        .find(|chunk| chunk.kind == *b"VP8 ")
        .unwrap()
        .payload;
    let plain = file_of(&[Some((*b"VP8 ", payload))]);
    assert!(read(&plain).is_ok());
    for file in [&file, &plain] {
        // The last byte may be none but padding.
        for length in 30..file.len() - 1 {
            let error = read(&file[..length]).unwrap_err();
            assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt, "{length}");
        }
    }
}
