//! One file a format.

#[cfg(feature = "avif")]
mod avif;
mod canvas;
mod gif;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod palette;
mod png;
#[cfg(any(feature = "bmp", feature = "ico", feature = "tiff"))]
mod raster;
#[cfg(feature = "svg")]
mod svg;
mod webp;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "avif")]
pub use self::avif::Avif;
pub use self::gif::Gif;
pub use self::jpeg::Jpeg;
#[cfg(feature = "jxl")]
pub use self::jxl::Jxl;
pub use self::png::Png;
#[cfg(feature = "bmp")]
pub use self::raster::Bmp;
#[cfg(feature = "ico")]
pub use self::raster::Ico;
#[cfg(feature = "tiff")]
pub use self::raster::Tiff;
#[cfg(feature = "svg")]
pub use self::svg::Svg;
#[cfg(feature = "webp")]
pub use self::webp::LossyWebP;
pub use self::webp::WebP;

use super::{Frames, Limits, Pixels, Probe, RenderError};
use crate::recipe::Format;

/// Reads and writes images of one format.
///
/// The bytes come from the network: an implementation bounds its memory by the header and the limits, and answers damage
/// with an error. Whether a picture that lacks pixels is an error is for the format to say, but a wrong picture is never
/// an answer.
pub trait Codec: fmt::Debug + Send + Sync + 'static {
    /// The format.
    fn format(&self) -> Format;

    /// Whether these bytes begin like a file of the format. Never its name.
    fn recognizes(&self, source: &[u8]) -> bool;

    /// Reads the header. Pixels are not decoded, nor memory taken for them.
    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError>;

    /// Decodes the pixels as they are stored, that is, not turned. The engine calls this only where `probe` was within the
    /// limits; the pictures have the size that `probe` told, or that [`Wanted`] lets them have.
    ///
    /// A format without animations gives [`Still`](super::Still).
    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError>;

    /// The fraction of its size that a picture is decoded at where it will be [scaled](Wanted::scale) to `scale`: memory is
    /// planned by it. All of it by default.
    fn decoded_scale(&self, scale: f64) -> f64 {
        let _ = scale;
        1.0
    }

    /// The blocks of metadata in a source. None by default.
    fn metadata(&self, source: &[u8], limits: &Limits) -> Result<MetadataBlocks, RenderError> {
        let _ = (source, limits);
        Ok(MetadataBlocks::default())
    }

    /// What is written: still pictures by default.
    fn writes(&self) -> Writes {
        Writes::Still
    }

    /// Whether [`encode`](Self::encode) makes a sample of chroma of two by two pixels, so that more is not needed.
    fn halves_chroma(&self, options: &EncodeOptions) -> bool {
        let _ = options;
        false
    }

    /// Encodes a picture, in sRGB unless it has a profile. A format without qualities does not look at them.
    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError>;

    /// Encodes an animation. What does not [write](Self::writes) any is not asked.
    fn encode_animation(
        &self,
        frames: &mut dyn Frames,
        options: &EncodeOptions,
    ) -> Result<Vec<u8>, RenderError> {
        let _ = (frames, options);
        Err(RenderError::internal(format!(
            "{} is not written with several frames",
            self.format()
        )))
    }
}

/// What a codec writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Nothing.
    Nothing,
    /// Still pictures.
    Still,
    /// Still pictures and animations.
    Animations,
}

/// How much of a source has to be decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Wanted {
    /// The fraction of its size that the picture will be scaled to, above 0; 1 or more where all of it is needed. A codec
    /// may give a picture that is smaller than stored by the same factor both ways, and large enough to be scaled down
    /// to that with no loss to be seen. A vector image is drawn at this scale.
    pub scale: f64,
    /// The first frame, or page, from 0.
    pub first: u32,
    /// The most frames, from there on.
    pub frames: u32,
    /// The resolution that a vector image is drawn at, in dots per inch. `None`: such that its lengths, in CSS pixels, are
    /// pixels.
    pub density: Option<f64>,
    /// Whether the picture will be scaled in linear light: where a codec gives a smaller one, light is what it may add up.
    pub linear: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            scale: 1.0,
            first: 0,
            frames: u32::MAX,
            density: None,
            linear: false,
        }
    }
}

/// How to encode.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EncodeOptions {
    /// From 1 to 100.
    pub quality: u8,
    /// Without loss, where the format can.
    pub lossless: bool,
    /// A progressive or interlaced file, where the codec can.
    pub progressive: bool,
    /// The most colours, 2 to 256, where the format has a palette.
    pub colors: Option<u16>,
    /// How hard to try for fewer bytes, from 0 (fast) to 9. `None`: the format's own default.
    pub effort: Option<u8>,
    /// How often an animation is seen. 0: for ever.
    pub loops: u32,
    /// What the file carries beside the pixels. A profile is that of the pixels instead.
    pub metadata: MetadataBlocks,
}

impl EncodeOptions {
    /// Lossy, in this quality, with nothing beside the pixels.
    pub fn new(quality: u8) -> Self {
        Self {
            quality: quality.clamp(1, 100),
            lossless: false,
            progressive: false,
            colors: None,
            effort: None,
            loops: 0,
            metadata: MetadataBlocks::default(),
        }
    }
}

/// What a file carries beside its pixels, each as in TIFF (EXIF, without a mark in front) or RDF/XML (XMP).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataBlocks {
    /// A TIFF structure.
    pub exif: Option<Vec<u8>>,
    /// An XMP packet.
    pub xmp: Option<Vec<u8>>,
}

/// The codecs of an [`Engine`](super::Engine), one a format.
///
/// ```
/// use imgward::engine::Codecs;
/// use imgward::recipe::Format;
///
/// let codecs = Codecs::new();
/// assert!(codecs.can_encode(Format::WebP));
/// assert!(!codecs.can_encode(Format::Svg));
/// ```
#[derive(Clone, Debug)]
pub struct Codecs {
    codecs: Vec<Arc<dyn Codec>>,
}

impl Codecs {
    /// JPEG, PNG, GIF, and WebP that is read in all its kinds but written lossless: all in Rust.
    pub fn new() -> Self {
        Self {
            codecs: vec![Arc::new(Jpeg), Arc::new(Png), Arc::new(Gif), Arc::new(WebP)],
        }
    }

    /// Adds a codec, in the place of the one that there was for its format. The features `bmp`, `ico`, `jxl`, `svg`, `tiff`
    /// and `webp` bring `Bmp`, `Ico`, `Jxl`, `Svg`, `Tiff` and `LossyWebP`.
    pub fn with(mut self, codec: impl Codec) -> Self {
        self.codecs.retain(|other| other.format() != codec.format());
        self.codecs.push(Arc::new(codec));
        self
    }

    /// Which there are, by what their `Debug` says: their options are in it.
    #[cfg(feature = "cache")]
    pub(crate) fn write_key(&self, sink: &mut crate::recipe::key::Sink) {
        use crate::recipe::key::WriteKey as _;
        let mut codecs: Vec<_> = self.codecs.iter().collect();
        codecs.sort_by_key(|codec| codec.format());
        for codec in codecs {
            codec.format().write_key(sink);
            format!("{codec:?}").as_str().write_key(sink);
        }
    }

    /// Whether images of a format can be written.
    pub fn can_encode(&self, format: Format) -> bool {
        self.encoder(format).is_some()
    }

    pub(super) fn encoder(&self, format: Format) -> Option<&dyn Codec> {
        self.codecs
            .iter()
            .map(|codec| &**codec)
            .find(|codec| codec.format() == format && codec.writes() != Writes::Nothing)
    }

    /// What reads a format.
    #[cfg(feature = "likeness")]
    pub(super) fn for_format(&self, format: Format) -> Option<&dyn Codec> {
        self.codecs
            .iter()
            .map(|codec| &**codec)
            .find(|codec| codec.format() == format)
    }

    pub(super) fn for_source(&self, source: &[u8]) -> Option<&dyn Codec> {
        self.codecs
            .iter()
            .map(|codec| &**codec)
            .find(|codec| codec.recognizes(source))
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self::new()
    }
}
