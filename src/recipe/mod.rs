//! What an image request asks for, in one vocabulary for all dialects: no pixels, no URLs.
//!
//! A [`Recipe`] is how to read the source ([`Input`]), what to do with it ([`Step`]s, in their order), and how to write
//! what comes out ([`Output`]). The default does nothing but re-encode.
//!
//! ```
//! use imgward::recipe::{Format, Recipe, Resize, ResizeMode, Step};
//!
//! let mut recipe = Recipe::default();
//! recipe.steps.push(Step::Resize(Resize::to(300, 200, ResizeMode::Fit)));
//! recipe.steps.push(Step::Blur { sigma: 1.5 });
//! recipe.output.format = Some(Format::WebP);
//! ```

mod answer;
mod color;
mod expression;
mod filter;
mod format;
mod geometry;
pub(crate) mod key;
mod overlay;

pub use self::answer::{Answer, Blank, Checksum, Description, Digest, Fact, Words};
pub use self::color::{Backdrop, Color};
pub use self::expression::{
    Choice, Comparator, Comparison, Computed, Condition, Expression, Operator, Property, Term,
    Variable,
};
pub use self::filter::{
    Border, Distortion, Gradient, Modulation, ReplaceColor, RoundCorners, Shadow, Sharpen,
    UnsharpMask,
};
pub use self::format::Format;
pub use self::geometry::{
    Align, Crop, Extend, Extract, Factors, Focus, Gravity, Kernel, Length, Resize, ResizeMode,
    Rotate, Trim, TrimColor, Unit,
};
pub use self::overlay::{Blend, Content, Overlay, Position, Text, TextAlign, TextWrap};

/// A parsed request: which images to load, and what to make of them.
///
/// [`DialectLayer`](crate::dialect::DialectLayer) puts it into the request's extensions as an `Arc<ImageRequest>`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ImageRequest {
    /// The names of the images, as the origin knows them: the main one first, unless the input is [`blank`](Input::blank), then
    /// those that overlays name by their place here.
    pub sources: Vec<Box<str>>,
    /// The image to take for the main one where the origin has not got that, or fails. What is made of it is stored by nobody.
    pub fallback: Option<Box<str>>,
    /// What to make of them.
    pub recipe: Recipe,
    /// The name under which the answer is to be saved, instead of shown. Empty: the source's.
    pub attachment: Option<Box<str>>,
    /// How long the answer may be kept, in seconds, instead of what the service is set to. 0: it may not.
    pub max_age: Option<u64>,
    /// That the client's hints have a say in the size, and what the answer says of it.
    pub client_hints: Option<ClientHints>,
}

impl ImageRequest {
    /// A request for one image.
    pub fn new(source: impl Into<Box<str>>, recipe: Recipe) -> Self {
        Self {
            sources: vec![source.into()],
            recipe,
            ..Self::default()
        }
    }
}

/// What an answer says where hints of the client (`Sec-CH-Width`, `Sec-CH-DPR`) had a say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClientHints {
    /// How many pixels of the image there are to one of the page: `Content-DPR`. `None`: it is not said.
    pub content_dpr: Option<f64>,
}

/// What to make of an image. See the [module](self) for an example.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Recipe {
    /// How the source is read.
    pub input: Input,
    /// What is done with it, in this order.
    pub steps: Vec<Step>,
    /// How the result is written.
    pub output: Output,
}

/// How a source is read.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// How the source is made upright before the first step.
    pub orient: Orient,
    /// Of an animation, the frame to make a still picture of; of a document, the page. The first is 0; what is past the last
    /// means the last. `None`: all frames, where the output can be animated.
    pub page: Option<u32>,
    /// The most frames that are read of an animation. `None`: as many as the engine's limits allow.
    pub max_frames: Option<u32>,
    /// The resolution that a vector image is drawn at, in dots per inch. `None`: the size that is needed.
    pub density: Option<f64>,
    /// A picture to begin with instead of a source.
    pub blank: Option<Blank>,
    /// What the bytes of the source have to come to; where they do not, it is corrupt.
    pub checksum: Option<Checksum>,
}

/// How a source is made upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Orient {
    /// As its orientation says.
    #[default]
    Exif,
    /// Not at all: the pixels are taken as they are stored.
    Stored,
    /// By this many quarter turns clockwise, instead of what its orientation says.
    Turns(u8),
}

/// One thing to do with an image. Lengths are those of the image as it is when the step's turn comes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// Cut away borders of one colour.
    Trim(Trim),
    /// Cut a part out, by its edges.
    Crop(Crop),
    /// Cut a part out, by its size and place.
    Extract(Extract),
    /// Change the size.
    Resize(Resize),
    /// Put the image onto a larger canvas.
    Extend(Extend),
    /// Mirror.
    Flip {
        /// Left and right are swapped.
        horizontal: bool,
        /// Top and bottom are swapped.
        vertical: bool,
    },
    /// Turn.
    Rotate(Rotate),
    /// Lay the image on a background; it is opaque afterwards.
    Flatten(Backdrop),
    /// Blur by a Gaussian.
    Blur {
        /// Its standard deviation in pixels. 0 and less does nothing.
        sigma: f64,
    },
    /// Sharpen lightness, flat and jagged areas by different amounts.
    Sharpen(Sharpen),
    /// Sharpen by an unsharp mask.
    UnsharpMask(UnsharpMask),
    /// Replace each pixel by the median of its neighbourhood.
    Median {
        /// The side of the neighbourhood in pixels, 1 to 15.
        size: u32,
    },
    /// Make squares of one colour.
    Pixelate {
        /// The side of a square in pixels. 1 and less does nothing.
        size: u32,
        /// Whether the image grows to whole squares: imagor's rule. Otherwise those at the right and at the bottom are cut.
        whole: bool,
    },
    /// Add to red, green and blue, in percent of the full range.
    Rgb {
        /// To red, -100 to 100.
        red: f64,
        /// To green, -100 to 100.
        green: f64,
        /// To blue, -100 to 100.
        blue: f64,
    },
    /// Stretch (above 0) or squeeze (below) the tones around the middle, -100 to 100.
    Contrast(f64),
    /// Change lightness, chroma and hue in `LCh`.
    Modulate(Modulation),
    /// Take the colour away.
    Grayscale,
    /// Invert red, green and blue.
    Negate,
    /// Keep the lightness, and take hue and chroma from a colour.
    Tint(Color),
    /// Mix with a colour: 0 leaves the image, 1 leaves only the colour.
    Colorize {
        /// The colour.
        color: Color,
        /// How much of it, 0 to 1.
        amount: f64,
    },
    /// Raise red, green and blue, from 0 to 1, to the power of `1 / gamma`.
    Gamma(f64),
    /// Stretch the lightness to the full range.
    Normalize,
    /// Make pixels whose lightness reaches this value white, and the others black.
    Threshold(u8),
    /// Multiply alpha: 0 to 1.
    Opacity(f64),
    /// Replace a colour.
    ReplaceColor(ReplaceColor),
    /// Cut off the corners along ellipses.
    RoundCorners(RoundCorners),
    /// Draw a border around the image; it grows by it.
    Border(Border),
    /// Draw a shadow behind what is not transparent.
    Shadow(Shadow),
    /// Draw a linear gradient over the image.
    Gradient(Gradient),
    /// Move the corners, or bend along an arc.
    Distort(Distortion),
    /// Draw something over the image.
    Overlay(Box<Overlay>),
    /// Do steps whose lengths depend on sizes.
    Computed(Box<Computed>),
    /// Do one list of steps or another.
    If(Box<Choice>),
}

/// How a result is written.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in a dialect"
)]
pub struct Output {
    /// What is answered with: the image, unless said otherwise.
    pub answer: Answer,
    /// The format to write. `None`: the source's, where it can be written.
    pub format: Option<Format>,
    /// The format to write where `format` is `None` and the source's cannot be written. `None`: PNG.
    pub otherwise: Option<Format>,
    /// Whether no `format` means the source's even where the service chooses one by what the client accepts.
    pub keep_format: bool,
    /// The quality to encode with, from 1 to 100; what is outside that counts as the nearest. `None`: the engine's for the
    /// format.
    pub quality: Option<u8>,
    /// Qualities for formats, for when `quality` says none. The first of a format counts.
    pub format_quality: Vec<(Format, u8)>,
    /// Whether to encode without loss, where the format can.
    pub lossless: bool,
    /// The most bytes that the file should have: the quality is lowered until they suffice, or until it is the least. Not for
    /// animations.
    pub max_bytes: Option<u64>,
    /// The least likeness to the picture that is encoded, in SSIMULACRA2 (90: not to be told apart; 70: good; 50: fair): the
    /// lowest quality that reaches it is taken. Of a picture of more than half a million pixels, tiles are compared that are
    /// spread over it. Not for animations.
    pub likeness: Option<f64>,
    /// The qualities between which one is looked for, by `max_bytes` and by `likeness`. `None`: 10 and 100.
    pub quality_range: Option<(u8, u8)>,
    /// Whether to write a progressive file, where the format has such (of those in the library: JPEG). `None`: not, but for
    /// `progressive_jpeg`.
    pub progressive: Option<bool>,
    /// Whether a JPEG is progressive where `progressive` leaves that open, whichever format the source has.
    pub progressive_jpeg: bool,
    /// Of a PNG, the most colours, 2 to 256: the picture is reduced to a palette. `None`: all of them.
    pub colors: Option<u16>,
    /// How hard to try for fewer bytes, from 0 (fast) to 9. `None`: the engine's for the format.
    pub effort: Option<u8>,
    /// What is kept of the source's metadata.
    pub metadata: Metadata,
    /// Whether the source's colour profile is kept, and the pixels as they are in it, instead of a conversion to sRGB.
    pub keep_profile: bool,
}

/// What is kept of the metadata of a source. Its orientation never is: the pixels are upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metadata {
    /// None.
    #[default]
    Strip,
    /// Who made it, and whose it is.
    Copyright,
    /// All: EXIF and XMP.
    Keep,
}
