use super::{Backdrop, Color};

/// A length along an axis of the image.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Length {
    /// Pixels.
    Pixels(f64),
    /// A fraction of the image's width or height.
    Fraction(f64),
    /// One of the lengths of the [`Computed`](super::Computed) or the [`Overlay`](super::Overlay) that this is in, by its
    /// place. Elsewhere it is 0.
    Computed(u8),
}

impl Default for Length {
    fn default() -> Self {
        Self::Pixels(0.0)
    }
}

impl From<u32> for Length {
    fn from(pixels: u32) -> Self {
        Self::Pixels(pixels.into())
    }
}

/// What a length is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Pixels.
    Pixels,
    /// Fractions of the image's width or height, from 0 to 1.
    Fraction,
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

/// A part of an image, by its size and place. What lies outside the image is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// The width. `None`, or 0: the image's.
    pub width: Option<Length>,
    /// The height. `None`, or 0: the image's.
    pub height: Option<Length>,
    /// Where it is.
    pub gravity: Gravity,
    /// Whether a place that leaves the image is moved back into it. Otherwise what sticks out is left out.
    pub inside: bool,
}

/// Which part of an image matters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Gravity {
    /// A side, a corner or the middle.
    Anchor {
        /// Along the width.
        horizontal: Align,
        /// Along the height.
        vertical: Align,
        /// From there: to the right; from [`End`](Align::End) to the left.
        x: Length,
        /// From there: down; from [`End`](Align::End) up.
        y: Length,
    },
    /// A point that comes to the middle, as far as the image goes; measured from the top left.
    Point {
        /// To the right.
        x: Length,
        /// Down.
        y: Length,
    },
    /// The middle of some areas of the upright source, weighted by their size.
    Focus(Vec<Focus>),
    /// Whatever draws the eye.
    Smart,
}

impl Gravity {
    /// A side, a corner or the middle.
    pub const fn anchor(horizontal: Align, vertical: Align) -> Self {
        Self::Anchor {
            horizontal,
            vertical,
            x: Length::Pixels(0.0),
            y: Length::Pixels(0.0),
        }
    }
}

impl Default for Gravity {
    fn default() -> Self {
        Self::anchor(Align::Center, Align::Center)
    }
}

/// An area of the upright source, before any step, that matters. One whose edges are in the wrong order does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Focus {
    /// The left edge.
    pub left: f64,
    /// The top edge.
    pub top: f64,
    /// The right edge.
    pub right: f64,
    /// The bottom edge.
    pub bottom: f64,
    /// What the edges are measured in.
    pub unit: Unit,
}

/// A change of size.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in a dialect"
)]
pub struct Resize {
    /// The width of the box. `None`, or 0: whatever the height and the image's ratio make it.
    pub width: Option<Length>,
    /// The height of the box. `None`, or 0: whatever the width and the image's ratio make it.
    pub height: Option<Length>,
    /// The least width of the scaled image: it is scaled up to that, with its ratio kept.
    pub min_width: Option<u32>,
    /// The least height of the scaled image: it is scaled up to that, with its ratio kept.
    pub min_height: Option<u32>,
    /// What the lengths of the box are multiplied by (those of the image, where the box has none): a zoom, or the device's
    /// pixel ratio. Horizontal and vertical.
    pub zoom: [f64; 2],
    /// How the image fills the box.
    pub mode: ResizeMode,
    /// Whether the image may become larger than it is. Where it may not, [`Force`](ResizeMode::Force) does nothing unless
    /// the box is smaller both ways.
    pub enlarge: bool,
    /// Where the image may not be enlarged: whether a box that is larger than it is shrunk, with its own ratio kept, to fit
    /// into it.
    pub shrink_box: bool,
    /// Whether a box that is larger than the upright source, as it is before any step, is shrunk, with its own ratio kept,
    /// to fit into that. It holds where the image may be enlarged too.
    pub within_source: bool,
    /// Whether the box is turned by 90 degrees where one of image and box is wider than high, and the other is not.
    pub adaptive: bool,
    /// Which part is kept where something is cut off.
    pub gravity: Gravity,
    /// How pixels are weighted.
    pub kernel: Kernel,
    /// Whether pixels are weighted by light instead of by their encoded values. `None`: as the engine is set.
    pub linear: Option<bool>,
    /// Whether lengths that are not whole are cut off instead of rounded; where nothing is left of one, the image keeps its
    /// size.
    pub truncate: bool,
    /// That the size comes of factors, and is rounded last, instead of a box that is rounded first. `None`: of the box.
    pub factors: Option<Factors>,
}

/// Sizing by factors: imgproxy's rule.
///
/// Where the image may not be enlarged, factors above 1 are lowered together until none is; so is the pixel ratio.
/// Whatever the mode, what sticks out of the box is cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// The pixels of the device to one of the page: the box, the least sizes and distances in pixels are multiplied by it.
    pub pixel_ratio: f64,
    /// Whether a box that is larger than the image is left at its size, because the image is going to be put onto a canvas
    /// of it. Otherwise the pixel ratio makes up for what the box has been shrunk by.
    pub extended: bool,
}

impl Resize {
    /// To a box of so many pixels (0: not given), around the middle; it may not enlarge under [`Fit`](ResizeMode::Fit),
    /// and may under the other modes.
    pub fn to(width: u32, height: u32, mode: ResizeMode) -> Self {
        Self {
            width: (width > 0).then(|| width.into()),
            height: (height > 0).then(|| height.into()),
            min_width: None,
            min_height: None,
            zoom: [1.0, 1.0],
            mode,
            enlarge: mode != ResizeMode::Fit,
            shrink_box: false,
            within_source: false,
            adaptive: false,
            gravity: Gravity::default(),
            kernel: Kernel::default(),
            linear: None,
            truncate: false,
            factors: None,
        }
    }
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
    /// [`Fill`](Self::Fill) where both or neither of image and box are wider than high, else [`Fit`](Self::Fit).
    Auto,
}

/// How the pixels of a source are weighted in a pixel of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// The nearest pixel alone.
    Nearest,
    /// The mean of those that a new pixel covers.
    Box,
    /// A triangle: bilinear where the image grows.
    Linear,
    /// Catmull and Rom's cubic.
    Cubic,
    /// Mitchell and Netravali's cubic.
    Mitchell,
    /// A windowed sinc with two lobes.
    Lanczos2,
    /// A windowed sinc with three lobes.
    #[default]
    Lanczos3,
}

/// A larger canvas.
///
/// The canvas is the box or, along an axis without a length, the image; and then the margins around it. An image that is
/// larger than the box is cut.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in a dialect"
)]
pub struct Extend {
    /// The width of the box. `None`, or 0: the image's.
    pub width: Option<Length>,
    /// The height of the box. `None`, or 0: the image's.
    pub height: Option<Length>,
    /// Whether a box that is larger than the upright source is shrunk as that of a [`Resize`].
    pub within_source: bool,
    /// The box is the least one of this ratio (width, height) around the image, instead of the lengths.
    pub ratio: Option<(f64, f64)>,
    /// Where the image is in the box.
    pub gravity: Gravity,
    /// Whether a place that leaves the box is moved back into it. Otherwise what sticks out is left out.
    pub inside: bool,
    /// Whether lengths in pixels are multiplied by the pixel ratio that the last resize by [`Factors`] came to.
    pub at_pixel_ratio: bool,
    /// The left margin.
    pub left: Length,
    /// The top margin.
    pub top: Length,
    /// The right margin.
    pub right: Length,
    /// The bottom margin.
    pub bottom: Length,
    /// What is seen beside the image.
    pub backdrop: Backdrop,
    /// Whether the image is laid on the backdrop where it is not opaque.
    pub flatten: bool,
}

/// A turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotate {
    /// By how much, clockwise, in degrees. Multiples of 90 move pixels; by others the image grows to hold itself, to the
    /// nearest pixel.
    pub degrees: f64,
    /// What is seen in the corners.
    pub background: Color,
}

/// Cutting away borders: all that is farther out than the outermost pixels that differ from the border's colour.
///
/// As with libvips, noise is not looked at: what counts is the median of the 3 by 3 pixels around each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trim {
    /// How far a sample may be from the border's colour, 0 to 255.
    pub tolerance: f64,
    /// What colour the border has.
    pub color: TrimColor,
    /// A part of the image that is cut out too: what is left is in both.
    pub crop: Option<Crop>,
    /// Cut as much at the left as at the right: the lesser of both.
    pub equal_horizontal: bool,
    /// Cut as much at the top as at the bottom: the lesser of both.
    pub equal_vertical: bool,
}

/// The colour of a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrimColor {
    /// That of the pixel at the top left.
    TopLeft,
    /// That of the pixel at the bottom right.
    BottomRight,
    /// A colour; alpha counts.
    Color(Color),
}
