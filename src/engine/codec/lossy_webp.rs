use webp::{Encoder, WebPConfig};

use super::webp::{MAX_SIDE, WebP, too_long};
use super::{Codec, EncodeOptions, Wanted};
use crate::engine::{Frames, Layout, Limits, Pixels, Probe, RenderError, ops};
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

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        WebP.decode(source, wanted, limits)
    }

    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        let (width, height) = (picture.width(), picture.height());
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(too_long());
        }
        let packed = ops::as_packed(picture)?;
        let color = ops::colored(&packed)?;
        let encoder = match color.layout() {
            Layout::Rgba => Encoder::from_rgba(color.data(), width, height),
            _ => Encoder::from_rgb(color.data(), width, height),
        };
        let mut config = WebPConfig::new()
            .map_err(|()| RenderError::internal("libwebp is of another version than its header"))?;
        config.quality = f32::from(options.quality);
        config.method = 4;
        let bytes = encoder
            .encode_advanced(&config)
            .map_err(|error| RenderError::internal(format!("writing a WebP: {error:?}")))?;
        Ok(bytes.to_vec())
    }
}
