use super::WebP;
use super::encode::{WebPOptions, encode_picture};
use crate::engine::codec::Codec;
use crate::engine::{Limits, Picture, Probe, RenderError};
use crate::recipe::Format;

/// WebP that is written lossy, by libwebp (C), and read as [`WebP`] does.
///
/// ```
/// use imgward::engine::{Codecs, Engine, LossyWebP};
///
/// let engine = Engine::new(Codecs::new().with(LossyWebP));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LossyWebP;

impl Codec for LossyWebP {
    fn format(&self) -> Format {
        WebP.format()
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        WebP.recognizes(source)
    }

    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        WebP.probe(source, limits)
    }

    fn decode(&self, source: &[u8], limits: &Limits) -> Result<Picture, RenderError> {
        WebP.decode(source, limits)
    }

    fn encode(&self, picture: &Picture, quality: u8) -> Result<Vec<u8>, RenderError> {
        let options = WebPOptions {
            quality,
            ..WebPOptions::default()
        };
        encode_picture(picture, &options)
    }
}
