/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Size {
    pub(in crate::engine) width: u32,
    pub(in crate::engine) height: u32,
}

impl Size {
    pub(in crate::engine) const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    pub(in crate::engine) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(in crate::engine) fn turned(self) -> Self {
        Self::new(self.height, self.width)
    }
}

/// A part of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Area {
    pub(in crate::engine) left: u32,
    pub(in crate::engine) top: u32,
    pub(in crate::engine) width: u32,
    pub(in crate::engine) height: u32,
}

impl Area {
    pub(in crate::engine) fn whole(size: Size) -> Self {
        Self {
            left: 0,
            top: 0,
            width: size.width,
            height: size.height,
        }
    }

    pub(in crate::engine) fn size(self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The pixels that are in both, if any are.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        let along = |start: u32, length: u32, other_start: u32, other_length: u32| {
            let first = start.max(other_start);
            let end = (start + length).min(other_start + other_length);
            (first < end).then(|| (first, end - first))
        };
        let (left, width) = along(self.left, self.width, other.left, other.width)?;
        let (top, height) = along(self.top, self.height, other.top, other.height)?;
        Some(Self {
            left,
            top,
            width,
            height,
        })
    }
}
