//! What of a picture differs from the one before it, in blocks.

/// The side of a block in pixels. Even, as the place of a frame has to be.
pub(super) const BLOCK: usize = 8;

type Pixel = [u8; 4];

/// The blocks of a canvas that have changed.
pub(super) struct Changes {
    width: usize,
    height: usize,
    columns: usize,
    changed: Vec<bool>,
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Changes {
    /// The changes between pictures of `width` pixels a row, each four bytes. Opaque pixels whose colours differ by no more
    /// than `tolerance` count as the same; so do transparent ones, unless their colours are to be `exact`.
    pub(super) fn between(
        old: &[u8],
        new: &[u8],
        width: usize,
        tolerance: u8,
        exact: bool,
    ) -> Self {
        let stride = width * 4;
        let columns = width.div_ceil(BLOCK);
        let mut changed = Vec::with_capacity(columns * (new.len() / stride).div_ceil(BLOCK));
        let bands = old.chunks(stride * BLOCK).zip(new.chunks(stride * BLOCK));
        for (old, new) in bands {
            let first = changed.len();
            changed.resize(first + columns, false);
            let Some(flags) = changed.get_mut(first..) else {
                continue;
            };
            for (old, new) in old.chunks(stride).zip(new.chunks(stride)) {
                if old == new {
                    continue;
                }
                let blocks = old.chunks(BLOCK * 4).zip(new.chunks(BLOCK * 4));
                for (flag, (old, new)) in flags.iter_mut().zip(blocks) {
                    *flag = *flag || (old != new && !alike(old, new, tolerance, exact));
                }
            }
        }
        Self {
            width,
            height: new.len() / stride,
            columns,
            changed,
        }
    }

    /// The smallest rectangle of blocks that has all changes in it, or `None` if there are none.
    pub(super) fn bounds(&self) -> Option<Area> {
        let rows = || self.changed.chunks(self.columns);
        let is_changed = |&changed: &bool| changed;
        let top = rows().position(|row| row.iter().any(is_changed))?;
        let bottom = rows().rposition(|row| row.iter().any(is_changed))?;
        let left = rows()
            .filter_map(|row| row.iter().position(is_changed))
            .min()?;
        let right = rows()
            .filter_map(|row| row.iter().rposition(is_changed))
            .max()?;
        let (x, y) = (left * BLOCK, top * BLOCK);
        Some(Area {
            x,
            y,
            width: ((right + 1) * BLOCK).min(self.width) - x,
            height: ((bottom + 1) * BLOCK).min(self.height) - y,
        })
    }

    /// Whether the block with this pixel has changed.
    pub(super) fn at(&self, x: usize, y: usize) -> bool {
        let index = y / BLOCK * self.columns + x / BLOCK;
        self.changed.get(index).copied().unwrap_or(true)
    }

    /// Whether a good part of the area is as it was.
    pub(super) fn leaves_much(&self, area: Area) -> bool {
        let blocks = area.width.div_ceil(BLOCK) * area.height.div_ceil(BLOCK);
        let changed = self.changed.iter().filter(|&&changed| changed).count();
        (blocks - changed.min(blocks)) * 4 >= blocks
    }

    /// Whether all that has changed is opaque now, in a picture of the canvas.
    pub(super) fn is_opaque(&self, picture: &[u8]) -> bool {
        let rows = picture.chunks(self.width * 4).enumerate();
        rows.flat_map(|(y, row)| row.chunks(BLOCK * 4).enumerate().map(move |at| (y, at)))
            .filter(|&(y, (column, _))| self.at(column * BLOCK, y))
            .all(|(_, (_, block))| block.iter().skip(3).step_by(4).all(|&a| a == u8::MAX))
    }

    /// The pixels of an area, transparent where they may stay as they are: in the blocks that have not changed or, `closely`,
    /// where they equal those of the canvas. Both are given from the first pixel of the area, in rows of the canvas' width.
    pub(super) fn masked(&self, new: &[u8], old: &[u8], area: Area, closely: bool) -> Vec<u8> {
        let stride = self.width * 4;
        let mut masked = Vec::with_capacity(area.width * area.height * 4);
        let rows = new.chunks(stride).zip(old.chunks(stride));
        for (y, (new, old)) in (area.y..).zip(rows) {
            let row = |from| area_row(from, area.width);
            let blocks = row(new).chunks(BLOCK).zip(row(old).chunks(BLOCK));
            for (x, (new, old)) in (area.x..).step_by(BLOCK).zip(blocks) {
                if !self.at(x, y) {
                    masked.resize(masked.len() + new.len() * 4, 0);
                } else if closely {
                    let pixels = new.iter().zip(old);
                    let pixels = pixels.map(|(new, old)| if new == old { [0; 4] } else { *new });
                    masked.extend(pixels.flatten());
                } else {
                    masked.extend_from_slice(new.as_flattened());
                }
            }
        }
        masked
    }
}

fn area_row(row: &[u8], width: usize) -> &[Pixel] {
    let (pixels, _) = row.as_chunks();
    pixels.get(..width).unwrap_or(pixels)
}

fn alike(old: &[u8], new: &[u8], tolerance: u8, exact: bool) -> bool {
    let (old, _) = old.as_chunks::<4>();
    let (new, _) = new.as_chunks::<4>();
    old.iter().zip(new).all(|(old, new)| {
        let close = || {
            old.iter()
                .zip(new)
                .all(|(&a, &b)| a.abs_diff(b) <= tolerance)
        };
        match (old[3], new[3]) {
            (0, 0) => !exact || old == new,
            (u8::MAX, u8::MAX) => close(),
            _ => old == new,
        }
    })
}
