//! What an image request asks for, in one vocabulary for all dialects: no pixels, no URLs.

use std::fmt;

/// A parsed request: which images to load, and what to make of them.
///
/// [`DialectLayer`](crate::dialect::DialectLayer) puts it into the request's extensions as an `Arc<ImageRequest>`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ImageRequest {
    /// The names of the images, as the origin knows them: the main one first.
    pub sources: Vec<Box<str>>,
    /// What to make of them.
    pub recipe: Recipe,
}

impl ImageRequest {
    /// A request for one image.
    pub fn new(source: impl Into<Box<str>>, recipe: Recipe) -> Self {
        Self {
            sources: vec![source.into()],
            recipe,
        }
    }
}

/// What to make of an image. The steps run in the order of the fields; the default does nothing but re-encode.
///
/// The source is upright before the first step: its orientation is applied.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Recipe {
    /// Cut a part out of the source.
    pub crop: Option<Crop>,
    /// Change the size.
    pub resize: Option<Resize>,
    /// Mirror left and right.
    pub flip_horizontal: bool,
    /// Mirror top and bottom.
    pub flip_vertical: bool,
    /// The format to write. `None`: the source's, where it can be written.
    pub format: Option<Format>,
    /// The quality to encode with, from 1 to 100; what is outside that counts as the nearest. `None`: the engine's for the
    /// format.
    pub quality: Option<u8>,
}

/// A part of an image, by its edges, measured from the top left.
///
/// What lies outside the image is left out; a part without a pixel means the whole image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// The left edge.
    pub left: f64,
    /// The top edge.
    pub top: f64,
    /// The right edge, not itself part of the crop.
    pub right: f64,
    /// The bottom edge, not itself part of the crop.
    pub bottom: f64,
    /// What the edges are measured in.
    pub unit: Unit,
    /// Whether the right and bottom edges stay one pixel short of the image's own, where 0 stands for just that: imagor's
    /// rule. Otherwise the image's own edges are the limit.
    pub one_short: bool,
}

/// What a length is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Pixels.
    Pixels,
    /// Fractions of the image's width or height, from 0 to 1.
    Fraction,
}

/// A change of size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// The width of the box in pixels. `None`, or 0: whatever the height and the image's ratio make it.
    pub width: Option<u32>,
    /// The height of the box in pixels. `None`, or 0: whatever the width and the image's ratio make it.
    pub height: Option<u32>,
    /// How the image fills the box.
    pub mode: ResizeMode,
    /// Whether the image may become larger than it is. Where it may not, [`Force`](ResizeMode::Force) does nothing unless
    /// the box is smaller both ways.
    pub enlarge: bool,
    /// Whether the box is turned by 90 degrees where one of image and box is wider than high, and the other is not.
    pub adaptive: bool,
    /// Which part is kept, where width is cut off.
    pub horizontal: Align,
    /// Which part is kept, where height is cut off.
    pub vertical: Align,
}

/// How an image fills a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResizeMode {
    /// Covers the box; what sticks out is cut off. The ratio is kept.
    Fill,
    /// Fits into the box. The ratio is kept, nothing is cut off.
    Fit,
    /// Covers the box, and sticks out. The ratio is kept, nothing is cut off.
    Cover,
    /// Becomes exactly the box. The ratio is not kept.
    Force,
}

/// Where along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// The left or the top.
    Start,
    /// The middle.
    #[default]
    Center,
    /// The right or the bottom.
    End,
}

/// An image format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// AVIF.
    Avif,
    /// GIF.
    Gif,
}

impl Format {
    /// Every format that a recipe can ask for. Which of them can be read and written is for the engine's codecs to say.
    pub const ALL: &[Self] = &[Self::Jpeg, Self::Png, Self::WebP, Self::Avif, Self::Gif];

    /// The usual file name extension, without a dot: `jpeg`, `png`, `webp`, `avif`, `gif`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Gif => "gif",
        }
    }

    /// The media type: `image/jpeg` and so on.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
