/// A colour in sRGB, with alpha that is not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// 255 is opaque.
    pub alpha: u8,
}

impl Color {
    /// Opaque black.
    pub const BLACK: Self = Self::opaque(0, 0, 0);
    /// Opaque white.
    pub const WHITE: Self = Self::opaque(255, 255, 255);
    /// Nothing.
    pub const TRANSPARENT: Self = Self {
        red: 0,
        green: 0,
        blue: 0,
        alpha: 0,
    };

    /// An opaque colour.
    pub const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self {
            red,
            green,
            blue,
            alpha: 255,
        }
    }
}

/// What is seen where an image is not.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Backdrop {
    /// A colour, which may be transparent.
    Color(Color),
    /// The mean colour of the image.
    Average,
    /// The colour that most of the image has.
    Dominant,
    /// The image itself, stretched to the canvas and blurred.
    Blurred {
        /// The standard deviation of the blur in pixels.
        sigma: f64,
        /// Added to red, green and blue, -255 to 255.
        brightness: i16,
    },
    /// A gradient of the image's dominant colours, between its corners.
    DominantGradient {
        /// 2 or 4 colours.
        colors: u8,
    },
}

impl Default for Backdrop {
    fn default() -> Self {
        Self::Color(Color::BLACK)
    }
}
