//! Bytes to bytes: decodes an image, does what a [`Recipe`](crate::recipe::Recipe) says, and encodes the result. Synchronous, with no HTTP.
//!
//! 1. The format of a source is told by its first bytes, never by a name. [`Codecs::new`] reads and writes JPEG, PNG, GIF and
//!    WebP (lossless), all in Rust; features add AVIF, lossy WebP, and more formats that are only read. What a codec makes of
//!    its format is in its own documentation.
//! 2. Everything that can be refused is refused before a pixel is decoded: an output format that is not written, a source
//!    or an output beyond the [`Limits`]. Memory is taken after that. Only what lies behind a trim is known later.
//! 3. The source is made upright by its EXIF orientation (an invalid one means that it is), and then the
//!    [steps](crate::recipe::Step) are done in their order. Whoever is asked for a small image decodes a large JPEG small.
//! 4. Images are resized in linear light unless the recipe or [`Engine::linear`] says otherwise. Transparent pixels have no
//!    colour.
//! 5. The output is in sRGB, with 8 bits a sample, unless the recipe keeps the profile: an ICC profile in the source is
//!    converted from, and a broken one ignored. It carries no metadata unless the recipe keeps it.
//! 6. Where the output format has no transparency, the image is laid on black.
//! 7. An animation stays one where the output format has animations, frame by frame: GIF, PNG, and WebP with the feature
//!    `webp`. Elsewhere its first frame is the image, or the one that the recipe names. Trims and smart crops are not done to
//!    frames, since each would come out otherwise; a search for a quality is not either.
//! 8. A PNG or WebP that lacks part of its pixels is corrupt. A JPEG that ends early keeps what there is of it, and a GIF
//!    the frames that are whole.
//!
//! # Deployment
//!
//! Codecs read hostile bytes. Run the engine where a panic costs one request: on a thread of a pool, within
//! [`catch_unwind`](std::panic::catch_unwind). [`Engine::needs`] tells how much memory an image will take, before it does:
//! that of the source's pixels, as large as they have to be decoded, and of the output's.
//!
//! ```
//! use imgward::engine::{Engine, RenderErrorKind};
//! use imgward::recipe::{Format, Recipe};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::default();
//! let mut photo = Vec::new();
//! image::RgbImage::from_pixel(60, 40, image::Rgb([200, 100, 50]))
//!     .write_to(&mut std::io::Cursor::new(&mut photo), image::ImageFormat::Png)?;
//!
//! let mut recipe = Recipe::default();
//! recipe.output.format = Some(Format::Jpeg);
//! let rendered = engine.render(&[&photo], &recipe)?;
//! assert_eq!(rendered.format, Format::Jpeg);
//! assert_eq!((rendered.width, rendered.height), (60, 40));
//!
//! // By its name this could be a photo; by its bytes it is not.
//! let error = engine.render(&[b"<html>not found</html>"], &recipe).unwrap_err();
//! assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
//! # Ok(())
//! # }
//! ```

mod codec;
pub mod describe;
#[cfg(any(feature = "bmp", feature = "ico", feature = "image", feature = "tiff"))]
mod dynamic;
mod encode;
mod error;
#[cfg(feature = "text")]
mod fonts;
mod frame;
mod interrupt;
mod limits;
mod metadata;
mod ops;
mod orientation;
mod picture;
mod plan;
mod planar;
mod probe;
mod render;
mod run;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

#[cfg(feature = "avif")]
pub use self::codec::Avif;
#[cfg(feature = "bmp")]
pub use self::codec::Bmp;
#[cfg(feature = "ico")]
pub use self::codec::Ico;
#[cfg(feature = "jxl")]
pub use self::codec::Jxl;
#[cfg(feature = "webp")]
pub use self::codec::LossyWebP;
#[cfg(feature = "svg")]
pub use self::codec::Svg;
#[cfg(feature = "tiff")]
pub use self::codec::Tiff;
pub use self::codec::{
    Codec, Codecs, EncodeOptions, Gif, Jpeg, MetadataBlocks, Png, Wanted, WebP, Writes,
};
pub use self::error::{RenderError, RenderErrorKind};
#[cfg(feature = "text")]
pub use self::fonts::{FontError, Fonts};
pub use self::frame::{Frame, Frames, Pixels, Still};
pub use self::interrupt::Interrupt;
pub use self::limits::Limits;
pub use self::orientation::Orientation;
pub use self::picture::{Layout, Picture};
pub use self::planar::{Planar, Plane};
pub use self::probe::Probe;
pub use self::render::{Decoded, Needs};
use crate::recipe::Format;

/// Makes images out of images. See the [module](self) for the rules.
#[derive(Clone, Debug)]
pub struct Engine {
    codecs: Codecs,
    limits: Limits,
    quality: Vec<(Format, u8)>,
    linear: bool,
    #[cfg(feature = "text")]
    fonts: Fonts,
}

impl Engine {
    /// An engine with these codecs, the default limits, and the qualities 80 for JPEG, 79 for WebP and 50 for AVIF.
    pub fn new(codecs: Codecs) -> Self {
        Self {
            codecs,
            limits: Limits::default(),
            quality: vec![(Format::Jpeg, 80), (Format::WebP, 79), (Format::Avif, 50)],
            linear: true,
            #[cfg(feature = "text")]
            fonts: Fonts::new(),
        }
    }

    /// Sets how large images may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the quality, from 1 to 100, of the images of a format whose recipe names none. What is outside that counts as
    /// the nearest.
    pub fn quality(mut self, format: Format, quality: u8) -> Self {
        self.quality.retain(|&(other, _)| other != format);
        self.quality.push((format, quality));
        self
    }

    /// Sets whether images whose recipe does not say are resized in linear light: as light adds up in a lens, so that fine
    /// bright detail does not darken. On by default; off, encoded values are weighted, as libvips does.
    pub fn linear(mut self, linear: bool) -> Self {
        self.linear = linear;
        self
    }

    /// Sets the fonts of texts; [`Fonts::new`] by default.
    #[cfg(feature = "text")]
    pub fn fonts(mut self, fonts: Fonts) -> Self {
        self.fonts = fonts;
        self
    }

    /// Whether images of a format can be written.
    pub fn can_encode(&self, format: Format) -> bool {
        self.codecs.can_encode(format)
    }

    /// All that has a say in what comes out.
    #[cfg(feature = "cache")]
    pub(crate) fn write_key(&self, sink: &mut crate::recipe::key::Sink) {
        use crate::recipe::key::WriteKey as _;
        let Self {
            codecs,
            limits,
            quality,
            linear,
            #[cfg(feature = "text")]
            fonts,
        } = self;
        codecs.write_key(sink);
        // How large an SVG is drawn at most, and what is remembered to be too large.
        limits.write_key(sink);
        let mut quality = quality.clone();
        quality.sort_unstable();
        quality.write_key(sink);
        linear.write_key(sink);
        #[cfg(feature = "text")]
        fonts.write_key(sink);
    }

    /// Reads the header of a source. What is over the limits is refused already here.
    pub fn probe(&self, source: &[u8]) -> Result<Probe, RenderError> {
        let (_, probe) = probe::probe(&self.codecs, source, &self.limits)?;
        Ok(probe)
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Codecs::new())
    }
}

/// An image that was made.
#[derive(Clone)]
#[non_exhaustive]
pub struct Rendered {
    /// The file.
    pub bytes: Bytes,
    /// Its media type: that of the format or, where the image is [described](crate::recipe::Answer::Description),
    /// `application/json`.
    pub media_type: &'static str,
    /// Its format; what is described has this one, or would.
    pub format: Format,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How many frames it has: 1 unless it is animated.
    pub frames: u32,
    /// How long it took.
    pub timings: Timings,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("bytes", &self.bytes.len())
            .field("media_type", &self.media_type)
            .field("format", &self.format)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("frames", &self.frames)
            .field("timings", &self.timings)
            .finish()
    }
}

/// How long the steps took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// Decoding the source.
    pub decode: Duration,
    /// What the recipe says.
    pub process: Duration,
    /// Encoding the output: all attempts, where a quality is searched for.
    pub encode: Duration,
}

#[cfg(test)]
mod tests;
