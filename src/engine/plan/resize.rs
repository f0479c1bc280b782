//! The size that an image is scaled to, and how much of that is kept.
//!
//! The rules are imagor's, whose rounding is libvips': to the nearest, a half up.
//!
//! 1. The image is scaled, with its ratio kept unless the mode is [`Force`](ResizeMode::Force), by the least factor that
//!    covers the box, or the greatest that fits into it. An axis without a length does not count.
//! 2. With [`Fill`](ResizeMode::Fill), what sticks out of the box is cut off: where the image may not be enlarged, it
//!    may be smaller than the box in one axis, and still stick out in the other.
//! 3. A scaled image below the least width or height is scaled up to it, whatever the box; what then sticks out of the
//!    box is cut off.
//! 4. No side becomes shorter than a pixel.

use super::Size;
use super::length::{exact, whole};
use crate::recipe::{Length, Resize, ResizeMode};

/// The size of the whole scaled image, and of the part of it that is kept.
pub(super) fn resize(image: Size, source: Size, resize: &Resize) -> (Size, Size) {
    let Some(target) = Target::of(image, source, resize) else {
        let grown = grown(image, resize);
        return (grown, grown);
    };
    let scaled = target.fill(image, resize.enlarge);
    let grown = grown(scaled, resize);
    if target.mode == ResizeMode::Fill || grown != scaled {
        let kept = |length: Option<u32>, whole: u32| length.map_or(whole, |l| l.min(whole));
        let kept = Size::new(
            kept(target.width, grown.width),
            kept(target.height, grown.height),
        );
        (grown, kept)
    } else {
        (grown, grown)
    }
}

/// As large as the least width and height want it.
fn grown(scaled: Size, resize: &Resize) -> Size {
    let (width, height) = (
        resize.min_width.unwrap_or(0),
        resize.min_height.unwrap_or(0),
    );
    if scaled.width >= width && scaled.height >= height {
        return scaled;
    }
    let by_width =
        u64::from(width) * u64::from(scaled.height) >= u64::from(height) * u64::from(scaled.width);
    if by_width {
        Size::new(width, scale(scaled.height, width, scaled.width))
    } else {
        Size::new(scale(scaled.width, height, scaled.height), height)
    }
}

/// Which side of the box the scaled image is bound by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Inside,
    Outside,
}

/// The box of a resize, of which one length at least is given.
struct Target {
    width: Option<u32>,
    height: Option<u32>,
    mode: ResizeMode,
}

impl Target {
    fn of(image: Size, source: Size, resize: &Resize) -> Option<Self> {
        let zoomed = resize.zoom.iter().any(|zoom| (zoom - 1.0).abs() > 1e-9);
        let given = |length: Option<Length>, of: u32| {
            let length = exact(length?, of);
            (length > 0.0).then_some(length)
        };
        let (mut width, mut height) = (
            given(resize.width, image.width),
            given(resize.height, image.height),
        );
        if width.is_none() && height.is_none() && zoomed {
            (width, height) = (Some(image.width.into()), Some(image.height.into()));
        }
        let [across, down] = resize.zoom;
        let whole = |length: f64| {
            if resize.truncate {
                whole(length)
            } else {
                whole(length.round()).max(1)
            }
        };
        let width = width.map(|width| whole(width * across));
        let height = height.map(|height| whole(height * down));
        let nothing_left = width == Some(0) || height == Some(0);
        if width.is_none() && height.is_none() || nothing_left {
            return None;
        }
        // A length that is not given counts as none here; and a square is not wide.
        let wide_box = width.unwrap_or(0) > height.unwrap_or(0);
        let wide_image = image.width > image.height;
        let mut target = Self {
            width,
            height,
            mode: match resize.mode {
                ResizeMode::Auto if wide_box == wide_image => ResizeMode::Fill,
                ResizeMode::Auto => ResizeMode::Fit,
                mode => mode,
            },
        };
        if resize.adaptive && wide_box != wide_image {
            std::mem::swap(&mut target.width, &mut target.height);
        }
        if resize.shrink_box && !resize.enlarge {
            target.shrink(image);
        }
        if resize.within_source {
            target.shrink(source);
        }
        Some(target)
    }

    /// Shrinks a box that is larger than the image to fit into it. (With one length there is no ratio to keep.)
    fn shrink(&mut self, image: Size) {
        if let (Some(width), Some(height)) = (self.width, self.height) {
            let shrunk = shrunk(Size::new(width, height), image);
            (self.width, self.height) = (Some(shrunk.width), Some(shrunk.height));
        }
    }

    /// The size of `image`, scaled to the box.
    fn fill(&self, image: Size, enlarge: bool) -> Size {
        match self.mode {
            ResizeMode::Fit => self.scaled(image, enlarge, Bound::Inside),
            ResizeMode::Force => {
                let whole = self.scaled(image, true, Bound::Outside);
                let forced = Size::new(
                    self.width.unwrap_or(whole.width),
                    self.height.unwrap_or(whole.height),
                );
                let smaller = forced.width < image.width && forced.height < image.height;
                if enlarge || smaller { forced } else { image }
            }
            ResizeMode::Fill | ResizeMode::Cover | ResizeMode::Auto => {
                self.scaled(image, enlarge, Bound::Outside)
            }
        }
    }

    /// The size of `image`, scaled with its ratio kept so that it touches the box.
    fn scaled(&self, image: Size, enlarge: bool, bound: Bound) -> Size {
        let wider = |width: u32, height: u32| {
            u64::from(image.width) * u64::from(height) > u64::from(width) * u64::from(image.height)
        };
        let by_width = match (self.width, self.height) {
            (Some(width), Some(height)) => wider(width, height) == (bound == Bound::Inside),
            (width, _) => width.is_some(),
        };
        let (to, from) = if by_width {
            (self.width.unwrap_or(1), image.width)
        } else {
            (self.height.unwrap_or(1), image.height)
        };
        if to > from && !enlarge {
            return image;
        }
        let scale = |length| {
            if to == from {
                length
            } else {
                scale(length, to, from)
            }
        };
        Size::new(
            if by_width { to } else { scale(image.width) },
            if by_width { scale(image.height) } else { to },
        )
    }
}

/// A box that is larger than the image, shrunk to fit into it, with its ratio kept.
pub(super) fn shrunk(frame: Size, image: Size) -> Size {
    let Size { width, height } = frame;
    if width <= image.width && height <= image.height {
        return frame;
    }
    let by_width =
        u64::from(width) * u64::from(image.height) >= u64::from(height) * u64::from(image.width);
    if by_width {
        Size::new(image.width, scale(height, image.width, width))
    } else {
        Size::new(scale(width, image.height, height), image.height)
    }
}

/// `length * to / from`, to the nearest, a half up; at least 1.
pub(super) fn scale(length: u32, to: u32, from: u32) -> u32 {
    let (length, to, from) = (u128::from(length), u128::from(to), u128::from(from).max(1));
    let scaled = (2 * length * to + from) / (2 * from);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}
