//! One file a format.

#[cfg(feature = "avif")]
mod avif;
mod jpeg;
#[cfg(feature = "webp")]
mod lossy_webp;
mod png;
mod webp;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "avif")]
pub use self::avif::Avif;
pub use self::jpeg::Jpeg;
#[cfg(feature = "webp")]
pub use self::lossy_webp::LossyWebP;
pub use self::png::Png;
pub use self::webp::WebP;

use super::{Limits, Picture, Probe, RenderError};
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
    /// limits; the picture has the size that `probe` told.
    fn decode(&self, source: &[u8], limits: &Limits) -> Result<Picture, RenderError>;

    /// Whether [`encode`](Self::encode) does anything.
    fn can_encode(&self) -> bool {
        true
    }

    /// Encodes a picture in sRGB, with no metadata. A format without qualities does not look at `quality`, which is from 1
    /// to 100.
    fn encode(&self, picture: &Picture, quality: u8) -> Result<Vec<u8>, RenderError>;
}

/// The codecs of an [`Engine`](super::Engine), one a format.
///
/// ```
/// use imgward::engine::Codecs;
/// use imgward::recipe::Format;
///
/// let codecs = Codecs::new();
/// assert!(codecs.can_encode(Format::WebP));
/// assert!(!codecs.can_encode(Format::Avif));
/// ```
#[derive(Clone, Debug)]
pub struct Codecs {
    codecs: Vec<Arc<dyn Codec>>,
}

impl Codecs {
    /// JPEG, PNG, and WebP that is read in all its kinds but written lossless: all in Rust.
    pub fn new() -> Self {
        Self {
            codecs: vec![Arc::new(Jpeg), Arc::new(Png), Arc::new(WebP)],
        }
    }

    /// Adds a codec, in the place of the one that there was for its format.
    pub fn with(mut self, codec: impl Codec) -> Self {
        self.codecs.retain(|other| other.format() != codec.format());
        self.codecs.push(Arc::new(codec));
        self
    }

    /// Whether images of a format can be written.
    pub fn can_encode(&self, format: Format) -> bool {
        self.encoder(format).is_some()
    }

    pub(super) fn encoder(&self, format: Format) -> Option<&dyn Codec> {
        self.codecs
            .iter()
            .map(|codec| &**codec)
            .find(|codec| codec.format() == format && codec.can_encode())
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
