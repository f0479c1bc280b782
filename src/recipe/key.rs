//! What of a request decides what is made, as bytes: requests that are equal have the same, others have others.
//!
//! Each value says where it ends (a tag before a choice, a length before a list), so that no two run into each other.
//! Every field is named here, so that one that is added cannot be forgotten; by these names two requests are told apart
//! for people ([`difference`]).

mod difference;

pub(crate) use self::difference::{alike, difference};
use super::{
    Align, Answer, Backdrop, Blank, Blend, Border, Checksum, Choice, ClientHints, Color,
    Comparator, Comparison, Computed, Condition, Content, Crop, Description, Digest, Distortion,
    Expression, Extend, Extract, Fact, Factors, Focus, Format, Gradient, Gravity, ImageRequest,
    Input, Kernel, Length, Metadata, Modulation, Operator, Orient, Output, Overlay, Position,
    Property, Recipe, ReplaceColor, Resize, ResizeMode, Rotate, RoundCorners, Shadow, Sharpen,
    Step, Term, Text, TextAlign, TextWrap, Trim, TrimColor, Unit, UnsharpMask, Variable, Words,
};

/// Takes the bytes of a key, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    bytes: Vec<u8>,
    /// Numbers that may be fractions, where they are to be apart from the bytes.
    numbers: Option<Vec<f64>>,
}

impl Sink {
    /// With room for most requests.
    #[cfg(feature = "cache")]
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(640),
            numbers: None,
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn number(&mut self, number: f64) {
        match &mut self.numbers {
            Some(numbers) => numbers.push(number),
            None => self.bytes(&number.to_bits().to_le_bytes()),
        }
    }

    /// All that was written.
    #[cfg(any(feature = "cache", test))]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A value that is part of a key.
pub(crate) trait WriteKey {
    fn write_key(&self, sink: &mut Sink);

    /// The fields that it has, or the variant that it is and what that holds; in lists, those of all elements.
    fn parts<'a>(&'a self, _parts: &mut Vec<Part<'a>>) {}
}

/// A field of a structure, or a variant of a choice.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    /// `Resize.width`, or `ResizeMode::Fit`.
    pub(crate) name: &'static str,
    pub(crate) value: &'a dyn WriteKey,
}

/// What a variant without values holds.
impl WriteKey for () {
    fn write_key(&self, _sink: &mut Sink) {}
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl WriteKey for $number {
            fn write_key(&self, sink: &mut Sink) {
                sink.bytes(&self.to_le_bytes());
            }
        }
    )+};
}

numbers!(u8, u16, u32, u64, i16);

impl WriteKey for usize {
    fn write_key(&self, sink: &mut Sink) {
        (*self as u64).write_key(sink);
    }
}

impl WriteKey for bool {
    fn write_key(&self, sink: &mut Sink) {
        u8::from(*self).write_key(sink);
    }
}

impl WriteKey for f64 {
    fn write_key(&self, sink: &mut Sink) {
        // -0 is 0.
        sink.number(*self + 0.0);
    }
}

impl WriteKey for str {
    fn write_key(&self, sink: &mut Sink) {
        self.len().write_key(sink);
        sink.bytes(self.as_bytes());
    }
}

impl<T: WriteKey + ?Sized> WriteKey for Box<T> {
    fn write_key(&self, sink: &mut Sink) {
        (**self).write_key(sink);
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        (**self).parts(parts);
    }
}

impl<T: WriteKey> WriteKey for Option<T> {
    fn write_key(&self, sink: &mut Sink) {
        self.is_some().write_key(sink);
        if let Some(value) = self {
            value.write_key(sink);
        }
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        if let Some(value) = self {
            value.parts(parts);
        }
    }
}

impl<T: WriteKey> WriteKey for Vec<T> {
    fn write_key(&self, sink: &mut Sink) {
        self.len().write_key(sink);
        for value in self {
            value.write_key(sink);
        }
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        for value in self {
            value.parts(parts);
        }
    }
}

impl<T: WriteKey, const N: usize> WriteKey for [T; N] {
    fn write_key(&self, sink: &mut Sink) {
        for value in self {
            value.write_key(sink);
        }
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        for value in self {
            value.parts(parts);
        }
    }
}

impl<T: WriteKey, U: WriteKey> WriteKey for (T, U) {
    fn write_key(&self, sink: &mut Sink) {
        self.0.write_key(sink);
        self.1.write_key(sink);
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        self.0.parts(parts);
        self.1.parts(parts);
    }
}

impl WriteKey for [u8] {
    fn write_key(&self, sink: &mut Sink) {
        self.len().write_key(sink);
        sink.bytes(self);
    }
}

/// What is said of an image is no part of it: those that differ in nothing else are one.
impl WriteKey for ClientHints {
    fn write_key(&self, _sink: &mut Sink) {
        let Self { content_dpr: _ } = self;
    }
}

impl WriteKey for Expression {
    fn write_key(&self, sink: &mut Sink) {
        self.terms().len().write_key(sink);
        for term in self.terms() {
            term.write_key(sink);
        }
    }

    fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
        for term in self.terms() {
            term.parts(parts);
        }
    }
}

/// All fields of a structure, in this order.
macro_rules! structures {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {
    $(
        impl WriteKey for $name {
            fn write_key(&self, sink: &mut Sink) {
                let Self { $($field),+ } = self;
                $($field.write_key(sink);)+
            }

            fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
                let Self { $($field),+ } = self;
                $(parts.push(Part {
                    name: concat!(stringify!($name), ".", stringify!($field)),
                    value: $field,
                });)+
            }
        }
    )+

        /// The name of every field.
        #[cfg(test)]
        pub(crate) const FIELDS: &[&str] = &[
            $($(concat!(stringify!($name), ".", stringify!($field))),+),+
        ];
    };
}

/// The tag of a variant, and then what it holds.
macro_rules! choices {
    ($($name:ident { $($tag:literal $variant:ident $(($($value:ident),+))? $({$($field:ident),+})?),+ $(,)? })+) => {
    $(
        impl WriteKey for $name {
            fn write_key(&self, sink: &mut Sink) {
                match self {
                    $(Self::$variant $(($($value),+))? $({$($field),+})? => {
                        sink.bytes(&[$tag]);
                        $($($value.write_key(sink);)+)?
                        $($($field.write_key(sink);)+)?
                    })+
                }
            }

            fn parts<'a>(&'a self, parts: &mut Vec<Part<'a>>) {
                match self {
                    $(Self::$variant $(($($value),+))? $({$($field),+})? => {
                        parts.push(Part {
                            name: concat!(stringify!($name), "::", stringify!($variant)),
                            value: &(),
                        });
                        $($(parts.push(Part {
                            name: concat!(stringify!($name), "::", stringify!($variant), "(", stringify!($value), ")"),
                            value: $value,
                        });)+)?
                        $($(parts.push(Part {
                            name: concat!(stringify!($name), "::", stringify!($variant), ".", stringify!($field)),
                            value: $field,
                        });)+)?
                    })+
                }
            }
        }
    )+

        /// The name of every variant.
        #[cfg(test)]
        pub(crate) const VARIANTS: &[&str] = &[
            $($(concat!(stringify!($name), "::", stringify!($variant))),+),+
        ];
    };
}

structures! {
    ImageRequest { sources, fallback, recipe, attachment, max_age, client_hints }
    Recipe { input, steps, output }
    Input { orient, page, max_frames, density, blank, checksum }
    Blank { width, height, color }
    Checksum { digest, value }
    Description { words, facts }
    Output {
        answer, format, otherwise, keep_format, quality, format_quality, lossless, max_bytes, likeness, quality_range, progressive, progressive_jpeg, colors,
        effort, metadata, keep_profile,
    }
    Color { red, green, blue, alpha }
    Crop { left, top, right, bottom, unit, one_short }
    Extract { width, height, gravity, inside }
    Focus { left, top, right, bottom, unit }
    Resize {
        width, height, min_width, min_height, zoom, mode, enlarge, shrink_box, within_source, adaptive, gravity, kernel,
        linear, truncate, factors,
    }
    Factors { pixel_ratio, extended }
    Extend {
        width, height, within_source, ratio, gravity, inside, at_pixel_ratio, left, top, right, bottom, backdrop, flatten,
    }
    Computed { lengths, steps }
    Choice { condition, then, otherwise }
    Condition { any }
    Comparison { left, comparator, right }
    Rotate { degrees, background }
    Trim { tolerance, color, crop, equal_horizontal, equal_vertical }
    Sharpen { sigma, flat, jagged, threshold, max_brighten, max_darken }
    UnsharpMask { radius, sigma, amount, threshold }
    Modulation { lightness, saturation, hue }
    ReplaceColor { to, tolerance, from }
    RoundCorners { radii, background }
    Border { width, color }
    Shadow { sigma, opacity, x, y }
    Gradient { degrees, from, to, stop }
    Overlay { content, steps, fit, x, y, opacity, blend, inside, lengths }
    Text {
        text, family, size, color, bold, italic, strikethrough, width, wrap, align, line_height, background, padding, radius,
    }
}

choices! {
    Step {
        0 Trim(trim),
        1 Crop(crop),
        2 Extract(extract),
        3 Resize(resize),
        4 Extend(extend),
        5 Flip { horizontal, vertical },
        6 Rotate(rotate),
        7 Flatten(backdrop),
        8 Blur { sigma },
        9 Sharpen(sharpen),
        10 UnsharpMask(mask),
        11 Median { size },
        12 Pixelate { size, whole },
        13 Rgb { red, green, blue },
        14 Contrast(amount),
        15 Modulate(modulation),
        16 Grayscale,
        17 Negate,
        18 Tint(color),
        19 Colorize { color, amount },
        20 Gamma(gamma),
        21 Normalize,
        22 Threshold(lightness),
        23 Opacity(factor),
        24 ReplaceColor(colors),
        25 RoundCorners(corners),
        26 Border(border),
        27 Shadow(shadow),
        28 Gradient(gradient),
        29 Distort(distortion),
        30 Overlay(overlay),
        31 Computed(computed),
        32 If(choice),
    }
    Answer { 0 Image, 1 Original, 2 OriginalOf(formats), 3 Description(description), 4 Document(text) }
    Words { 0 Imagor, 1 Imgproxy }
    Fact {
        0 Format,
        1 Bytes,
        2 Dimensions,
        3 Orientation,
        4 Frames,
        5 Samples,
        6 SampleFormat,
        7 ColorSpace,
        8 Alpha,
        9 Exif,
        10 Average,
        11 Palette(colors),
        12 BlurHash(x, y),
        13 ThumbHash,
        14 Digest(digest),
    }
    Digest { 0 Sha1, 1 Sha256, 2 Sha512 }
    Orient { 0 Exif, 1 Stored, 2 Turns(turns) }
    Metadata { 0 Strip, 1 Copyright, 2 Keep }
    Format { 0 Jpeg, 1 Png, 2 WebP, 3 Avif, 4 Gif, 5 Jxl, 6 Tiff, 7 Bmp, 8 Ico, 9 Svg }
    Backdrop {
        0 Color(color),
        1 Average,
        2 Dominant,
        3 Blurred { sigma, brightness },
        4 DominantGradient { colors },
    }
    Distortion { 0 Perspective(corners), 1 Arc(degrees) }
    Length { 0 Pixels(pixels), 1 Fraction(fraction), 2 Computed(index) }
    Term { 0 Number(number), 1 Variable(variable), 2 Operator(operator) }
    Variable { 0 Initial(property), 1 Current(property), 2 Base(property) }
    Property { 0 Width, 1 Height, 2 Ratio }
    Operator { 0 Add, 1 Subtract, 2 Multiply, 3 Divide, 4 Remainder, 5 Power, 6 Min, 7 Max }
    Comparator { 0 Equal, 1 NotEqual, 2 Less, 3 LessOrEqual, 4 Greater, 5 GreaterOrEqual }
    Unit { 0 Pixels, 1 Fraction }
    Align { 0 Start, 1 Center, 2 End }
    Gravity {
        0 Anchor { horizontal, vertical, x, y },
        1 Point { x, y },
        2 Focus(areas),
        3 Smart,
    }
    ResizeMode { 0 Fill, 1 Fit, 2 Cover, 3 Force, 4 Auto }
    Kernel { 0 Nearest, 1 Box, 2 Linear, 3 Cubic, 4 Mitchell, 5 Lanczos2, 6 Lanczos3 }
    TrimColor { 0 TopLeft, 1 BottomRight, 2 Color(color) }
    Content { 0 Source(index), 1 Text(text), 2 Canvas { width, height, color } }
    Position { 0 Start(length), 1 Center(length), 2 End(length), 3 Repeat(length) }
    Blend {
        0 Normal, 1 Multiply, 2 Screen, 3 Overlay, 4 Darken, 5 Lighten, 6 ColorDodge, 7 ColorBurn, 8 HardLight,
        9 SoftLight, 10 Difference, 11 Exclusion, 12 Add, 13 Mask, 14 MaskOut,
    }
    TextAlign { 0 Start, 1 Center, 2 End, 3 Justify }
    TextWrap { 0 Word, 1 Char, 2 WordChar, 3 Never }
}

#[cfg(test)]
mod tests;
