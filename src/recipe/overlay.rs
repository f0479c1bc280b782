use super::{Color, Expression, Length, Step};

/// Something that is drawn over an image. What lies outside the image is left out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Overlay {
    /// What it is.
    pub content: Content,
    /// What is done with it first.
    pub steps: Vec<Step>,
    /// The box that it then has to fit into, growing if need be, in fractions of the image's width and height.
    pub fit: Option<(f64, f64)>,
    /// Where it is along the width.
    pub x: Position,
    /// Where it is along the height.
    pub y: Position,
    /// What its alpha is multiplied by, 0 to 1.
    pub opacity: f64,
    /// How its colours meet those of the image.
    pub blend: Blend,
    /// Whether a place that leaves the image is moved back into it, as far as the overlay fits; its left and top edges come
    /// first.
    pub inside: bool,
    /// What [`Length::Computed`] means in its content and in its place, in pixels. For its place, the current size is that
    /// of the overlay as it is drawn; for its content, that of the image.
    pub lengths: Vec<Expression>,
}

impl Overlay {
    /// In the middle, opaque.
    pub fn new(content: Content) -> Self {
        Self {
            content,
            steps: Vec::new(),
            fit: None,
            x: Position::Center(Length::default()),
            y: Position::Center(Length::default()),
            opacity: 1.0,
            blend: Blend::Normal,
            inside: false,
            lengths: Vec::new(),
        }
    }
}

/// What an overlay shows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// An image, by its place among the sources. The first, 0, is the main one.
    Source(usize),
    /// A text.
    Text(Text),
    /// A rectangle of one colour.
    Canvas {
        /// Its width.
        width: Length,
        /// Its height.
        height: Length,
        /// Its colour.
        color: Color,
    },
}

/// Where an overlay is along an axis. Lengths may be negative.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Position {
    /// So far from the left or the top.
    Start(Length),
    /// So far to the right of the middle, or below it.
    Center(Length),
    /// So far from the right or the bottom, towards the middle.
    End(Length),
    /// Again and again, from the left or the top on, with so much between.
    Repeat(Length),
}

/// How colours meet, by the names of the [W3C](https://www.w3.org/TR/compositing-1/).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blend {
    /// The overlay's.
    #[default]
    Normal,
    /// Their product.
    Multiply,
    /// The inverse of the inverses' product.
    Screen,
    /// Multiply or screen, by the image's colour.
    Overlay,
    /// The darker.
    Darken,
    /// The lighter.
    Lighten,
    /// The image brightened to show the overlay.
    ColorDodge,
    /// The image darkened to show the overlay.
    ColorBurn,
    /// Multiply or screen, by the overlay's colour.
    HardLight,
    /// The same, softer.
    SoftLight,
    /// The distance of both.
    Difference,
    /// The same, with less contrast.
    Exclusion,
    /// Their sum.
    Add,
    /// The image, where the overlay is.
    Mask,
    /// The image, where the overlay is not.
    MaskOut,
}

/// A text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// The text; `\n` ends a line.
    pub text: Box<str>,
    /// The family of the font, and what to look for where it is missing, from the engine's fonts; empty: its first.
    pub family: Box<str>,
    /// The height of the font (em) in pixels.
    pub size: f64,
    /// Its colour.
    pub color: Color,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// A line through it.
    pub strikethrough: bool,
    /// Where lines end. `None`: where the text says.
    pub width: Option<Length>,
    /// What a line may be broken at.
    pub wrap: TextWrap,
    /// How lines lie next to each other.
    pub align: TextAlign,
    /// From line to line, as a multiple of `size`. 0: as the font says.
    pub line_height: f64,
    /// What is seen behind it.
    pub background: Color,
    /// Between text and edge, in pixels: top, right, bottom, left.
    pub padding: [u32; 4],
    /// The radius of the background's corners in pixels.
    pub radius: u32,
}

impl Text {
    /// A text in black, 20 pixels high.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self {
            text: text.into(),
            family: "".into(),
            size: 20.0,
            color: Color::BLACK,
            bold: false,
            italic: false,
            strikethrough: false,
            width: None,
            wrap: TextWrap::Word,
            align: TextAlign::Start,
            line_height: 0.0,
            background: Color::TRANSPARENT,
            padding: [0; 4],
            radius: 0,
        }
    }
}

/// How the lines of a text lie next to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextAlign {
    /// At the beginning.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// At the end.
    End,
    /// From edge to edge.
    Justify,
}

/// What a line may be broken at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextWrap {
    /// Between words.
    #[default]
    Word,
    /// Anywhere.
    Char,
    /// Between words, and where a word is too long for a line, anywhere.
    WordChar,
    /// Nothing: lines end where the text says, and a longer one sticks out of its width.
    Never,
}
