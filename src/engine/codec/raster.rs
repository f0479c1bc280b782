//! Formats that are read by the `image` crate's decoders.

use std::io::Cursor;

#[cfg(feature = "bmp")]
use image::codecs::bmp::BmpDecoder;
#[cfg(feature = "ico")]
use image::codecs::ico::IcoDecoder;
#[cfg(feature = "tiff")]
use image::codecs::tiff::TiffDecoder;
use image::error::LimitErrorKind;
use image::metadata::Orientation as Turn;
use image::{DynamicImage, ImageDecoder, ImageError};

use super::{Codec, EncodeOptions, Wanted, Writes};
use crate::engine::{
    Frames, Limits, Orientation, Picture, Pixels, Probe, RenderError, Still, dynamic,
};
use crate::recipe::Format;

/// A codec whose decoder is one of the `image` crate.
macro_rules! reader {
    ($(#[$docs:meta])* $name:ident, $decoder:ident, $recognizes:expr) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Codec for $name {
            fn format(&self) -> Format {
                Format::$name
            }

            fn recognizes(&self, source: &[u8]) -> bool {
                let recognizes: fn(&[u8]) -> bool = $recognizes;
                recognizes(source)
            }

            fn probe(&self, source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
                let mut decoder = $decoder::new(Cursor::new(source)).map_err(damage)?;
                Ok(probe(Format::$name, &mut decoder))
            }

            fn decode<'a>(
                &self,
                source: &'a [u8],
                _wanted: &Wanted,
                limits: &Limits,
            ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
                let mut decoder = $decoder::new(Cursor::new(source)).map_err(damage)?;
                limits.check_source(&probe(Format::$name, &mut decoder))?;
                Ok(Box::new(Still::new(picture(decoder, limits)?)))
            }

            fn writes(&self) -> Writes {
                Writes::Nothing
            }

            fn encode(&self, _: &Pixels, _: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
                Err(RenderError::unsupported(format!(
                    "{} is not written",
                    self.format()
                )))
            }
        }
    };
}

#[cfg(feature = "tiff")]
reader! {
    /// TIFF: reads the first page, of 8 or 16 bits a sample or of floating point, in grey, RGB, CMYK or with a palette,
    /// compressed in the usual ways; 16 bits are rounded to 8. It is not written.
    Tiff, TiffDecoder, |source| {
        let marks: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
        marks.iter().any(|mark| source.starts_with(mark))
    }
}

#[cfg(feature = "bmp")]
reader! {
    /// BMP: reads it. It is not written.
    Bmp, BmpDecoder, |source| {
        // The header after that of the file has one of these lengths.
        source.starts_with(b"BM")
            && matches!(source.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
    }
}

#[cfg(feature = "ico")]
reader! {
    /// ICO: reads the largest image in it. It is not written.
    Ico, IcoDecoder, |source| {
        matches!(source, [0, 0, 1, 0, low, high, _, _, _, 0, ..] if low | high != 0)
    }
}

fn probe(format: Format, decoder: &mut impl ImageDecoder) -> Probe {
    let (width, height) = decoder.dimensions();
    let mut probe = Probe::new(format, width, height);
    let turn = decoder.orientation().unwrap_or(Turn::NoTransforms);
    probe.orientation = Orientation::from_tag(turn.to_exif().into());
    probe
}

fn picture(mut decoder: impl ImageDecoder, limits: &Limits) -> Result<Picture, RenderError> {
    /// The bytes of a pixel while it is decoded: at most four samples of 32 bits, twice.
    const MEMORY: u64 = 32;

    let mut own = image::Limits::no_limits();
    own.max_image_width = Some(limits.max_source_width);
    own.max_image_height = Some(limits.max_source_height);
    own.max_alloc = Some(limits.max_source_pixels.saturating_mul(MEMORY));
    decoder.set_limits(own).map_err(damage)?;
    let profile = decoder.icc_profile().unwrap_or_default();
    let image = DynamicImage::from_decoder(decoder).map_err(damage)?;
    Ok(dynamic::picture(image)?.with_profile(profile))
}

fn damage(error: ImageError) -> RenderError {
    match error {
        ImageError::Unsupported(_) => {
            RenderError::unsupported("the source is of a kind of its format that is not read")
        }
        ImageError::Limits(error)
            if matches!(
                error.kind(),
                LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory
            ) =>
        {
            RenderError::too_large("the source needs too much memory")
        }
        error => RenderError::corrupt(format!("reading an image: {error}")),
    }
}
