//! Formats that other crates read whole: what they are told by, what their pixels are, and what damage does.

use std::sync::Arc;

use super::png::seen;
use super::*;

/// A codec, and files of its format that it reads, with what is to be seen of them.
type Case = (Arc<dyn Codec>, Vec<(Vec<u8>, RgbaImage, u8)>);

fn cases() -> Vec<Case> {
    vec![
        (Arc::new(Tiff), tiffs()),
        (Arc::new(Bmp), bmps()),
        (Arc::new(Ico), icos()),
        (Arc::new(Jxl), jxls()),
    ]
}

fn tiffs() -> Vec<(Vec<u8>, RgbaImage, u8)> {
    let (opaque, see_through) = (scene(7, 5), DynamicImage::from(glass(7, 5)));
    let rgb = DynamicImage::from(DynamicImage::from(opaque.clone()).to_rgb8());
    let gray = DynamicImage::from(rgb.to_luma8());
    vec![
        (file(&rgb, ImageFormat::Tiff), opaque.clone(), 0),
        (file(&rgb.to_rgb16().into(), ImageFormat::Tiff), opaque, 0),
        (file(&gray, ImageFormat::Tiff), gray.to_rgba8(), 0),
        (file(&see_through, ImageFormat::Tiff), glass(7, 5), 0),
    ]
}

fn bmps() -> Vec<(Vec<u8>, RgbaImage, u8)> {
    let opaque = scene(7, 5);
    let rgb = DynamicImage::from(DynamicImage::from(opaque.clone()).to_rgb8());
    let gray = DynamicImage::from(rgb.to_luma8());
    vec![
        (file(&rgb, ImageFormat::Bmp), opaque, 0),
        (file(&gray, ImageFormat::Bmp), gray.to_rgba8(), 0),
        (file(&glass(7, 5).into(), ImageFormat::Bmp), glass(7, 5), 0),
    ]
}

fn icos() -> Vec<(Vec<u8>, RgbaImage, u8)> {
    use image::codecs::ico::{IcoEncoder, IcoFrame};

    let mut several = Vec::new();
    let frames = [3, 9, 5].map(|side| {
        let image = glass(side, side);
        IcoFrame::as_png(&image, side, side, image::ExtendedColorType::Rgba8).unwrap()
    });
    IcoEncoder::new(&mut several)
        .encode_images(&frames)
        .unwrap();
    vec![
        (file(&glass(7, 5).into(), ImageFormat::Ico), glass(7, 5), 0),
        (several, glass(9, 9), 0),
    ]
}

fn jxls() -> Vec<(Vec<u8>, RgbaImage, u8)> {
    // Written by libjxl's cjxl of the pictures that stand beside them.
    let rgb = b"\xFF\x0A\x20\x40\x10\x50\x5C\x08\x08\x02\x01\x00\xC8\x00\x4B\x18\x9B\xED\x4E\x41\x41\x00\x54\x88\x8C\x31\xC2\x07\x10\xB9\xBD\x05\x01\x50\x48\x80\x65\x59\x43\x2C\x96\x20\x84\x62\x9E\x10\x32\xE5\xB2\xC4\x08\x83\x18\xB9\xF7\x5C\xE7\xCF\xFB\xAA\x02\x57\xAC\x2A";
    let rgba = b"\xFF\x0A\x20\x40\xB0\xA0\xB8\x10\x08\x08\x10\x00\xFC\x00\x4B\x38\x68\x98\xC2\x83\xF7\x15\x14\x04\x40\x8D\xC8\x18\x23\x1C\x79\x00\x31\xD5\x6D\x9E\x00\x59\xEC\x81\x96\x45\x8C\x60\x09\x42\x48\x85\x1F\x21\x13\xEF\x6D\x8C\x71\xC8\x9F\x7B\xCF\xBD\xEE\xB4\xAF\xAA\x0F\x89\xAA\x4A\xF6\xF4\xBF\xF9\xE6\x0B\xCE\x91\x01";
    let gray = b"\xFF\x0A\x20\x40\x10\x14\x17\x02\x08\x02\x01\x00\x80\x00\x4B\x18\x8B\x15\x52\x4C\x0A\xB9\xAB\x02\x99\x21\xE7\x31\x3F\x91\x7C\x48\x06\x41\xF6\xFD\xAC\x67\xF6\x26\xB9\x4A\x0C\xD2\x34\x2F";
    let lossy = b"\xFF\x0A\x20\x40\x90\x50\x5C\x08\x00\x12\x88\x02\x00\x38\x01\x55\xDC\x12\x00\x00\x15\x2A\xA3\x8C\x1B\xBC\x9C\xEB\xF9\xF2\x43\x87\xC5\xB4\x8D\xEB\x0C\x6D\xB5\x6D\x61\x49\xA2\xC8\x38\x36\x49\x27\x70\x48\x12\x8B\xC0\xC6\x65\x10\x03\x30\x00\x98\xB9\x86\x4E\x56\xB4\x92\x44\x42\xB0\x6E\xDB\x45\x41\xF4\x55\xA8\xFA\xFD\x9E\x75\xCB\x10\xD1\x34\x80\x08\x80\xE9\xC7\x0A\x67\x50\x76";
    let luma = DynamicImage::from(scene(7, 5)).to_rgb8();
    let luma = RgbaImage::from_fn(7, 5, |x, y| {
        let [r, g, b] = luma.get_pixel(x, y).0.map(u32::from);
        let gray = u8::try_from((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16).unwrap();
        Rgba([gray, gray, gray, 255])
    });
    vec![
        (rgb.to_vec(), scene(7, 5), 0),
        (rgba.to_vec(), glass(7, 5), 0),
        (gray.to_vec(), luma, 0),
        (lossy.to_vec(), scene(7, 5), 22),
    ]
}

fn first_frame(codec: &dyn Codec, source: &[u8]) -> Result<RgbaImage, RenderError> {
    let limits = Limits {
        max_source_pixels: 100_000,
        ..Limits::default()
    };
    let probe = codec.probe(source, &limits)?;
    limits.check_source(&probe)?;
    let mut frames = codec.decode(source, &Wanted::default(), &limits)?;
    let image = seen(&frames.next_frame()?.unwrap().pixels);
    assert_eq!(image.dimensions(), (probe.width, probe.height));
    Ok(image)
}

#[test]
fn they_are_read_by_their_bytes() {
    for (codec, files) in cases() {
        for (index, (source, expected, tolerance)) in files.iter().enumerate() {
            let case = format!("{codec:?} {index}");
            assert!(codec.recognizes(source), "{case}");
            let others = cases();
            let others = others
                .iter()
                .filter(|(other, _)| other.format() != codec.format());
            assert!(
                !others
                    .into_iter()
                    .any(|(other, _)| other.recognizes(source)),
                "{case}"
            );
            let image = first_frame(&*codec, source).unwrap();
            assert!(max_error(&image, expected) <= *tolerance, "{case}");
            assert_eq!(codec.writes(), Writes::Nothing);
        }
        assert!(!codec.recognizes(b""));
        assert!(!codec.recognizes(b"BM is the beginning of a text, too"));
        assert!(!codec.recognizes(&[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]));
    }
}

#[test]
fn a_file_cut_off_is_corrupt_or_whole() {
    for (codec, files) in cases() {
        for (index, (source, expected, tolerance)) in files.iter().enumerate() {
            for length in 0..source.len() {
                match first_frame(&*codec, &source[..length]) {
                    Ok(image) => assert!(
                        max_error(&image, expected) <= *tolerance,
                        "{codec:?} {index} at {length}"
                    ),
                    Err(error) => {
                        assert_ne!(error.kind(), RenderErrorKind::Internal, "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn damaged_bytes_do_no_harm() {
    for (codec, files) in cases() {
        for (source, ..) in files {
            for at in 0..source.len().min(400) {
                for value in [0, 0x7F, 0xFF, source[at] ^ 1] {
                    let mut source = source.clone();
                    source[at] = value;
                    if let Err(error) = first_frame(&*codec, &source) {
                        assert_ne!(error.kind(), RenderErrorKind::Internal, "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn row_71_a_directory_that_is_its_own_next_one_is_corrupt() {
    let mut looping = tiffs().remove(0).0;
    // The directory that the first one names as the next is itself.
    let directory = u32::from_le_bytes(looping[4..8].try_into().unwrap());
    let at = directory as usize;
    let entries = usize::from(u16::from_le_bytes(looping[at..at + 2].try_into().unwrap()));
    looping[at + 2 + 12 * entries..][..4].copy_from_slice(&directory.to_le_bytes());
    let error = first_frame(&Tiff, &looping).unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::ImageCorrupt);
}

#[test]
fn a_bitmap_over_the_limits_is_refused_by_its_header() {
    let mut source = bmps().remove(0).0;
    source[18..22].copy_from_slice(&50_000_u32.to_le_bytes());
    source[22..26].copy_from_slice(&50_000_u32.to_le_bytes());
    let engine = Engine::new(Codecs::new().with(Bmp));
    let error = engine.render(&[&source], &Recipe::default()).unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
}

#[test]
fn pictures_convert_both_ways() {
    let (opaque, see_through) = (scene(7, 5), glass(7, 5));
    let color = DynamicImage::from(opaque.clone());
    let images: [DynamicImage; 4] = [
        color.to_luma8().into(),
        DynamicImage::from(see_through.clone())
            .to_luma_alpha8()
            .into(),
        color.to_rgb8().into(),
        see_through.into(),
    ];
    for image in images {
        let picture = Picture::try_from(image.clone()).unwrap();
        assert_eq!(
            picture.layout().samples(),
            usize::from(image.color().channel_count())
        );
        assert_eq!(DynamicImage::from(picture), image);
    }
    let wide = DynamicImage::from(color.to_rgb16());
    let picture = Picture::try_from(wide).unwrap();
    assert_eq!(seen(&picture.into()), opaque);
    assert!(Picture::try_from(DynamicImage::new_rgb8(0, 3)).is_err());
}
