//! A recipe as the unsigned target of a URL in each dialect.
//!
//! All of them mean: trim, turn, mirror, size, filters, canvas, corners, text. A dialect that has another order is told
//! what comes to the same: the sides of a box that is turned later are swapped. Filters are each dialect's own, so that
//! their strengths are near to each other, and not the same. What a dialect cannot say is named, not left out in silence.

use imgward::recipe::Align;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::settings::{Fit, Keep, SIDES, Settings};

mod imagekit;
mod imagor;
mod imgproxy;
mod ipx;

/// What stands for itself in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PLAIN_OR_SLASH: &AsciiSet = &PLAIN.remove(b'/');

/// How far a sample may be from the colour of a border that is trimmed.
const TRIM_TOLERANCE: u32 = 10;

/// A grammar of URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    Imagor,
    ImageKit,
    Imgproxy,
    Ipx,
}

impl Grammar {
    pub(super) const ALL: [Self; 4] = [Self::Imagor, Self::ImageKit, Self::Imgproxy, Self::Ipx];

    /// Its name in paths and in the configuration.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Imagor => "imagor",
            Self::ImageKit => "imagekit",
            Self::Imgproxy => "imgproxy",
            Self::Ipx => "ipx",
        }
    }

    /// Writes a URL's path and query below the mount, without a leading slash.
    pub(super) fn print(self, settings: &Settings, image: &str) -> Printed {
        match self {
            Self::Imagor => imagor::print(settings, image),
            Self::ImageKit => imagekit::print(settings, image),
            Self::Imgproxy => imgproxy::print(settings, image),
            Self::Ipx => ipx::print(settings, image),
        }
    }
}

/// An unsigned target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) target: String,
    /// What of the recipe the dialect has no words for.
    pub(super) left_out: Vec<&'static str>,
}

fn left_out_unless_zero<const N: usize>(
    left_out: &mut Vec<&'static str>,
    filters: [(&'static str, f64); N],
) {
    let named = filters.iter().filter(|(_, value)| *value != 0.0);
    left_out.extend(named.map(|(name, _)| *name));
}

impl Settings {
    fn sized(&self) -> bool {
        self.width > 0 || self.height > 0
    }

    /// Whether something is cut off, so that it matters what is kept.
    fn cuts(&self) -> bool {
        self.fit == Fit::Fill && self.width > 0 && self.height > 0
    }

    fn pads(&self) -> bool {
        self.fit == Fit::Pad && self.sized()
    }
}

/// What to mirror before the turn, so that it comes to the mirror after it.
fn before_turn(settings: &Settings) -> [bool; 2] {
    let [across, down] = settings.mirror;
    if settings.turns % 2 == 1 {
        [down, across]
    } else {
        [across, down]
    }
}

/// Where what is kept lies before anything is turned or mirrored, in parts of the width and the height.
fn before_all(settings: &Settings) -> [f64; 2] {
    let [mut x, mut y] = match settings.keep {
        Keep::Side(x, y) => [part(x), part(y)],
        Keep::Point(x, y) => [x, y],
        Keep::Smart => [0.5, 0.5],
    };
    let [across, down] = settings.mirror;
    if across {
        x = 1.0 - x;
    }
    if down {
        y = 1.0 - y;
    }
    match settings.turns {
        1 => [y, 1.0 - x],
        2 => [1.0 - x, 1.0 - y],
        3 => [1.0 - y, x],
        _ => [x, y],
    }
}

fn part(align: Align) -> f64 {
    match align {
        Align::Start => 0.0,
        Align::Center => 0.5,
        Align::End => 1.0,
    }
}

/// The word for the start, the middle or the end.
fn word(part: f64, [start, middle, end]: [&'static str; 3]) -> &'static str {
    if part < 0.25 {
        start
    } else if part > 0.75 {
        end
    } else {
        middle
    }
}

fn side_name(x: Align, y: Align) -> &'static str {
    let side = SIDES.iter().find(|(_, side)| *side == (x, y));
    side.map_or("center", |(name, _)| name)
}

/// Three places at most, and none that says nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
