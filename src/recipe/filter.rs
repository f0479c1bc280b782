use super::{Color, Length};

/// Sharpening of lightness alone (L of CIELAB), as libvips does it: where the difference to a blurred copy is small, it is
/// multiplied by `flat`, else by `jagged`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sharpen {
    /// The standard deviation of the blur in pixels.
    pub sigma: f64,
    /// The factor for flat areas.
    pub flat: f64,
    /// The factor for jagged areas.
    pub jagged: f64,
    /// From which difference on, in units of L from 0 to 100, an area is jagged.
    pub threshold: f64,
    /// The most brightening, in units of L.
    pub max_brighten: f64,
    /// The most darkening, in units of L.
    pub max_darken: f64,
}

impl Sharpen {
    /// By this blur, with libvips' defaults for the rest: 0, 3, 2, 10 and 20.
    pub const fn by(sigma: f64) -> Self {
        Self {
            sigma,
            flat: 0.0,
            jagged: 3.0,
            threshold: 2.0,
            max_brighten: 10.0,
            max_darken: 20.0,
        }
    }
}

/// An unsharp mask: the difference to a blurred copy is added, multiplied by `amount`, where it reaches `threshold`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnsharpMask {
    /// The radius of the blur's window in pixels. 0: as `sigma` needs.
    pub radius: f64,
    /// The standard deviation of the blur in pixels.
    pub sigma: f64,
    /// The factor.
    pub amount: f64,
    /// A fraction of the full range, 0 to 1.
    pub threshold: f64,
}

/// A change of colour in `LCh` (the polar form of CIELAB).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modulation {
    /// What lightness is multiplied by.
    pub lightness: f64,
    /// What chroma is multiplied by.
    pub saturation: f64,
    /// What is added to the hue, in degrees.
    pub hue: f64,
}

impl Default for Modulation {
    fn default() -> Self {
        Self {
            lightness: 1.0,
            saturation: 1.0,
            hue: 0.0,
        }
    }
}

/// Replacing a colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplaceColor {
    /// The new colour.
    pub to: Color,
    /// How far from the old colour a pixel may be, in percent of the farthest, 0 to 100.
    pub tolerance: f64,
    /// The old colour. `None`: the dominant one.
    pub from: Option<Color>,
}

/// Round corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundCorners {
    /// Horizontal and vertical radius of each corner: top left, top right, bottom right, bottom left. Those that do not fit
    /// the image are scaled down together, as in CSS.
    pub radii: [(Length, Length); 4],
    /// What is seen in the corners, and wherever else the image is not opaque. `None`: nothing.
    pub background: Option<Color>,
}

/// A border.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Border {
    /// How wide it is.
    pub width: Length,
    /// Its colour.
    pub color: Color,
}

/// A black shadow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// The standard deviation of its blur in pixels.
    pub sigma: f64,
    /// How opaque it is, 0 to 1.
    pub opacity: f64,
    /// How far it is moved to the right, in fractions of the image's width.
    pub x: f64,
    /// How far it is moved down, in fractions of the image's height.
    pub y: f64,
}

/// A linear gradient over the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    /// Where it goes, in degrees clockwise: 0 is up, 90 to the right.
    pub degrees: f64,
    /// The colour that it begins with.
    pub from: Color,
    /// The colour that it ends with.
    pub to: Color,
    /// Where along its way it has ended. Pixels, or a fraction.
    pub stop: Length,
}

/// Moving the pixels of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Distortion {
    /// To where the corners go, in pixels: top left, top right, bottom right, bottom left.
    Perspective([(f64, f64); 4]),
    /// Along an arc of so many degrees, -360 to 360.
    Arc(f64),
}
