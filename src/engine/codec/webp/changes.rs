//! What of a picture differs from the one before it.

use std::ops::Range;

/// The side of a block in pixels: what libwebp makes even where all of it is transparent.
const BLOCK: usize = 8;

type Pixel = [u8; 4];

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// When two pixels are the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likeness {
    /// By how much the colours of opaque pixels may differ.
    pub(super) tolerance: u8,
    /// Whether the colours of transparent pixels count.
    pub(super) exact: bool,
}

impl Likeness {
    fn of(self, old: Pixel, new: Pixel) -> bool {
        let close = |(a, b): (u8, u8)| a.abs_diff(b) <= self.tolerance;
        old == new
            || match (old[3], new[3]) {
                (0, 0) => !self.exact,
                (u8::MAX, u8::MAX) => old.into_iter().zip(new).all(close),
                _ => false,
            }
    }
}

/// Two pictures of the same size, one after the other: red, green, blue and alpha.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    width: usize,
    old: &'a [Pixel],
    new: &'a [Pixel],
    likeness: Likeness,
}

impl<'a> Pair<'a> {
    pub(super) fn new(width: usize, old: &'a [u8], new: &'a [u8], likeness: Likeness) -> Self {
        let ((old, _), (new, _)) = (old.as_chunks(), new.as_chunks());
        Self {
            width,
            old,
            new,
            likeness,
        }
    }

    /// The smallest rectangle with all changes in it of which x and y are even, or `None` if there are none.
    pub(super) fn bounds(&self) -> Option<Area> {
        let (mut left, mut right) = (self.width, 0);
        let (mut top, mut bottom) = (None, 0);
        let rows = self.old.chunks(self.width).zip(self.new.chunks(self.width));
        for (y, (old, new)) in rows.enumerate() {
            if old == new {
                continue;
            }
            let mut changed = old
                .iter()
                .zip(new)
                .map(|(&old, &new)| !self.likeness.of(old, new));
            let Some(first) = changed.clone().position(|changed| changed) else {
                continue;
            };
            let last = changed.rposition(|changed| changed).unwrap_or(first);
            (left, right) = (left.min(first), right.max(last));
            top = top.or(Some(y));
            bottom = y;
        }
        let (x, y) = (left / 2 * 2, top? / 2 * 2);
        Some(Area {
            x,
            y,
            width: right + 1 - x,
            height: bottom + 1 - y,
        })
    }

    /// The rows of an area, old and new.
    fn rows(self, area: Area) -> impl Iterator<Item = (&'a [Pixel], &'a [Pixel])> {
        let part = move |row: &'a [Pixel]| row.get(area.range_x()).unwrap_or_default();
        let (old, new) = (self.old.chunks(self.width), self.new.chunks(self.width));
        let rows = old.zip(new).skip(area.y).take(area.height);
        rows.map(move |(old, new)| (part(old), part(new)))
    }
}

impl Area {
    fn range_x(self) -> Range<usize> {
        self.x..self.x + self.width
    }
}

/// Which blocks of an area have changed.
pub(super) struct Blocks<'a> {
    pair: Pair<'a>,
    area: Area,
    columns: usize,
    changed: Vec<bool>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(pair: Pair<'a>, area: Area) -> Self {
        let columns = area.width.div_ceil(BLOCK);
        let mut changed = vec![false; columns * area.height.div_ceil(BLOCK)];
        for (y, (old, new)) in pair.rows(area).enumerate() {
            let flags = changed.iter_mut().skip(y / BLOCK * columns);
            let blocks = old.chunks(BLOCK).zip(new.chunks(BLOCK));
            for (flag, (old, new)) in flags.zip(blocks) {
                let alike = |(&old, &new)| pair.likeness.of(old, new);
                *flag = *flag || (old != new && !old.iter().zip(new).all(alike));
            }
        }
        Self {
            pair,
            area,
            columns,
            changed,
        }
    }

    /// Whether a good part of the area is as it was, and all that is not is opaque now: then what has not changed can be
    /// transparent.
    pub(super) fn can_show_through(&self) -> bool {
        let unchanged = self.changed.iter().filter(|&&changed| !changed).count();
        unchanged * 4 >= self.changed.len()
            && self
                .parts()
                .all(|part| !part.changed || part.new.iter().all(|pixel| pixel[3] == u8::MAX))
    }

    /// The new pixels of the area, transparent in the blocks that have not changed or, if `closely`, wherever they are as
    /// they were.
    pub(super) fn masked(&self, closely: bool) -> Vec<u8> {
        let mut masked = Vec::with_capacity(self.area.width * self.area.height * 4);
        for part in self.parts() {
            if !part.changed {
                masked.resize(masked.len() + part.new.len() * 4, 0);
            } else if closely {
                let pixels = part.new.iter().zip(part.old);
                let pixels = pixels.map(|(new, old)| if new == old { [0; 4] } else { *new });
                masked.extend(pixels.flatten());
            } else {
                masked.extend_from_slice(part.new.as_flattened());
            }
        }
        masked
    }

    /// The rows of the blocks, from left to right in each row of the area.
    fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        let rows = self.pair.rows(self.area).enumerate();
        rows.flat_map(move |(y, (old, new))| {
            let flags = self.changed.iter().skip(y / BLOCK * self.columns);
            let blocks = old.chunks(BLOCK).zip(new.chunks(BLOCK));
            let parts = flags.zip(blocks);
            parts.map(|(&changed, (old, new))| Part { changed, old, new })
        })
    }

    /// Where the new pixels are, in bytes of the whole picture: those of the blocks that have changed, or those of `all`.
    pub(super) fn spans(&self, all: bool) -> Vec<Range<usize>> {
        let Area {
            x,
            y,
            width,
            height,
        } = self.area;
        let blocks = (0..height).flat_map(|line| (0..self.columns).map(move |at| (line, at)));
        let spans = blocks
            .zip(self.parts())
            .filter(|(_, part)| all || part.changed);
        let spans = spans.map(|((line, at), part)| {
            let begin = (y + line) * self.pair.width + x + at * BLOCK;
            debug_assert!(at * BLOCK + part.new.len() <= width);
            begin * 4..(begin + part.new.len()) * 4
        });
        spans.collect()
    }
}

/// A row of a block.
struct Part<'a> {
    changed: bool,
    old: &'a [Pixel],
    new: &'a [Pixel],
}
