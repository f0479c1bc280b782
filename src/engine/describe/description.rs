use crate::engine::{Engine, Interrupt, MetadataBlocks, Orientation, Picture, RenderError, ops};
use crate::recipe::{Format, Recipe};

/// What [`Engine::render`] would make, without the file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Description {
    /// The format that would be written.
    pub format: Format,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// How many frames there would be: 1 unless it would be animated.
    pub frames: u32,
    /// How the pixels of the source are stored. Those of the result are upright.
    pub orientation: Orientation,
    /// How many samples a pixel has: 1 or 3, and one more for alpha.
    pub samples: u8,
    /// Whether one of them is alpha.
    pub alpha: bool,
    /// What the source carries beside its pixels.
    pub metadata: MetadataBlocks,
    /// The picture, in sRGB; of an animation, the first frame.
    pub picture: Picture,
}

impl Engine {
    /// Tells what [`render`](Self::render) would make of `sources`. All is done but the encoding.
    pub fn describe(
        &self,
        sources: &[&[u8]],
        recipe: &Recipe,
        interrupt: &Interrupt,
    ) -> Result<Description, RenderError> {
        let unencoded = self.unencoded(sources, recipe, interrupt)?;
        let picture = ops::to_srgb(ops::packed(unencoded.pixels)?)?;
        let layout = picture.layout();
        Ok(Description {
            format: unencoded.format,
            width: picture.width(),
            height: picture.height(),
            frames: unencoded.frames,
            orientation: unencoded.orientation,
            samples: u8::try_from(layout.samples()).unwrap_or(u8::MAX),
            alpha: layout.has_alpha(),
            metadata: unencoded.metadata,
            picture,
        })
    }
}
